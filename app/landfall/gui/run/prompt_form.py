"""What is asked and how: prompt, system prompt, parameters, Send and Stop, and what it may cost."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from landfall.gui import grown, theme
from landfall.gui.allowed import allow
from landfall.gui.format import number, whole
from landfall.gui.shortcuts import bind
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.feedback import Banner
from landfall.gui.widgets.flow import FlowLayout
from landfall.gui.widgets.layout import Swap, button, column, holder, label, row
from landfall.gui.widgets.number_edit import NumberEdit
from landfall.gui.widgets.two_parts import SideBySide

PROMPT_HEIGHT = 72
SYSTEM_HEIGHT = 56
CONTEXT_MAX = 2_000_000
SEED_MAX = 2_147_483_647
_FOUR_FROM = 420
"""Pixels of width that all parameters have room in beside each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """How an answer is made; None leaves a value to the model.

    Attributes:
        context: Tokens of context, always sent. num_predict: at most so many tokens of answer.
    """

    context: int
    num_predict: int | None = None
    temperature: float | None = None
    seed: int | None = None


class PromptForm(QWidget):
    """Under the conversation.

    Signals:
        send_asked: Send. stop_asked: Stop.
        agreed: The user agrees to what was asked in the bar. declined: or not.
        new_chat_asked: The conversation is to begin anew.
    """

    send_asked = Signal()
    stop_asked = Signal()
    agreed = Signal()
    declined = Signal()
    new_chat_asked = Signal()

    def __init__(self, context: int) -> None:
        super().__init__()
        self._running = False
        self._asking = False
        self._held = False
        self._blocked = ""
        self.context = NumberEdit(self.tr("Context"), low=256, high=CONTEXT_MAX)
        self.num_predict = NumberEdit(
            self.tr("Tokens out, at most"), low=1, high=CONTEXT_MAX, empty=self.tr("no limit")
        )
        self.temperature = NumberEdit(
            self.tr("Temperature"), low=0, high=5, digits=2, empty=self.tr("model's own")
        )
        self.seed = NumberEdit(self.tr("Seed"), low=0, high=SEED_MAX, empty=self.tr("random"))
        self.context.set_value(context)
        self._build()
        self._connect()
        self._refresh()

    # Building

    def _build(self) -> None:
        self.confirm = Swap()
        self.confirm.hide()
        self._build_edits()
        self._build_buttons()
        besides = FlowLayout()
        besides.setSpacing(Space.XS)
        for one in (self.parameters_toggle, self.system_toggle, self.new_chat):
            besides.addWidget(one)
        foot = row(spacing=Space.XS)
        foot.addLayout(besides, 1)
        foot.addWidget(self.stop)
        foot.addWidget(self.send)
        prompt = _of_height(self.prompt, PROMPT_HEIGHT)
        above = (self.confirm, self._system_place, self._parameter_place)
        self.setLayout(column(*above, prompt, foot, spacing=Space.S))

    def _build_edits(self) -> None:
        self.prompt = QPlainTextEdit()
        self.prompt.setTabChangesFocus(True)
        self.prompt.setObjectName("prompt")
        self.prompt.setAccessibleName(self.tr("Prompt"))
        self.prompt.setPlaceholderText(self.tr("Ask something. Ctrl+Enter sends it"))
        self.system = QPlainTextEdit()
        self.system.setObjectName("system-prompt")
        self.system.setAccessibleName(self.tr("System prompt"))
        self.system.setPlaceholderText(self.tr("What holds for the whole conversation"))
        self.system.setTabChangesFocus(True)
        caption = label(self.tr("System prompt"), Text.CAPTION, tone="text_2")
        self._system_place = QWidget()
        system = _of_height(self.system, SYSTEM_HEIGHT)
        self._system_place.setLayout(column(caption, system, spacing=2))
        self._system_place.hide()
        self.context.edit.setObjectName("parameter-context")
        self.num_predict.edit.setObjectName("parameter-num-predict")
        self.temperature.edit.setObjectName("parameter-temperature")
        self.seed.edit.setObjectName("parameter-seed")
        lengths = holder(row(self.context, self.num_predict, spacing=Space.M))
        chances = holder(row(self.temperature, self.seed, spacing=Space.M))
        self._parameter_place = SideBySide(lengths, chances, needs=_FOUR_FROM)
        self._parameter_place.hide()

    def _build_buttons(self) -> None:
        self.parameters_toggle = button("", "quiet")
        self.parameters_toggle.setObjectName("parameters")
        self.parameters_toggle.setCheckable(True)
        self.system_toggle = button(self.tr("System prompt"), "quiet")
        self.system_toggle.setObjectName("system-toggle")
        self.system_toggle.setCheckable(True)
        self.new_chat = button(self.tr("New chat"), "quiet")
        self.new_chat.setObjectName("new-chat")
        self.stop = button(self.tr("Stop"), icon="stop")
        self.stop.setObjectName("stop")
        self.stop.setToolTip(self.tr("Stop and close the connection (Escape)"))
        self.send = button(self.tr("Send"), "primary", icon="send")
        self.send.setObjectName("send")
        theme.theme().text_changed.connect(self._fit_buttons)
        self._fit_buttons()

    @Slot()
    def _fit_buttons(self) -> None:
        """One takes the place of the other: they are of one width."""
        wide = max(self.stop.sizeHint().width(), self.send.sizeHint().width())
        self.stop.setMinimumWidth(wide)
        self.send.setMinimumWidth(wide)

    def _connect(self) -> None:
        self.prompt.textChanged.connect(self._refresh)
        self.send.clicked.connect(self._on_send)
        self.stop.clicked.connect(self.stop_asked)
        self.new_chat.clicked.connect(self.new_chat_asked)
        self.parameters_toggle.toggled.connect(self._parameter_place.setVisible)
        self.system_toggle.toggled.connect(self._system_place.setVisible)
        for field in (self.context, self.num_predict, self.temperature, self.seed):
            field.changed.connect(self._refresh)

    # What it holds

    @property
    def parameters(self) -> Parameters:
        """As they are typed."""
        limit, seed = self.num_predict.value, self.seed.value
        return Parameters(
            context=int(self.context.value or 0),
            num_predict=None if limit is None else int(limit),
            temperature=self.temperature.value,
            seed=None if seed is None else int(seed),
        )

    @property
    def question(self) -> str:
        """The prompt without blank ends."""
        return self.prompt.toPlainText().strip()

    @property
    def system_text(self) -> str:
        """The system prompt, or ""."""
        return self.system.toPlainText().strip()

    # What it shows

    def set_running(self, running: bool) -> None:
        """Whether an answer is under way: then there is Stop."""
        self._running = running
        self._refresh()

    def block(self, reason: str) -> None:
        """Why nothing can be sent now, or ""."""
        self._blocked = reason
        self._refresh()

    def set_started(self, started: bool) -> None:
        """Whether there is a conversation that could be begun anew."""
        self.new_chat.setVisible(started)

    def ask_consent(self, title: str, text: str, agree: str) -> None:
        """Ask in a bar; `agreed` or `declined` follows. Nothing was sent yet."""
        yes = button(agree, "primary")
        yes.setObjectName("agree")
        no = button(self.tr("Cancel"))
        no.setObjectName("decline")
        yes.clicked.connect(self._on_agreed)
        no.clicked.connect(self._on_declined)
        bar = Banner("caution", title, text, no, yes)
        bar.setObjectName("consent")
        self.confirm.hold(bar)
        self.confirm.show()
        self._asking = True
        self.prompt.setReadOnly(True)
        self._refresh()
        yes.setFocus(Qt.FocusReason.OtherFocusReason)

    def hold_prompt(self, text: str | None) -> None:
        """Show what is asked without letting it be typed over, as of a file; None lets go of it."""
        self._held = text is not None
        self.prompt.setPlainText(text or "")
        self.prompt.setReadOnly(self._held)

    def close_bar(self) -> None:
        """The question was dealt with."""
        self._asking = False
        self.prompt.setReadOnly(self._held)
        self.confirm.hold(QWidget())
        self.confirm.hide()
        self._refresh()

    def add_keys(self, place: QWidget) -> list[QShortcut]:
        """Keys that send and stop from anywhere in this widget."""
        return [
            *bind("send", place, self.on_send_key),
            *bind("stop", place, self.on_escape_key),
        ]

    @Slot()
    def on_send_key(self) -> None:
        """Ctrl+Enter: send, or agree where it is asked what an answer may cost."""
        if self._asking:
            self._on_agreed()
        else:
            self._on_send()

    @Slot()
    def on_escape_key(self) -> None:
        """Escape: decline, or stop."""
        if self._asking:
            self._on_declined()
        elif self._running:
            self.stop_asked.emit()

    @Slot()
    def _on_send(self) -> None:
        if self.send.isEnabled() and not self._running and not self._asking:
            self.send_asked.emit()

    @Slot()
    def _on_agreed(self) -> None:
        self.close_bar()
        self.agreed.emit()

    @Slot()
    def _on_declined(self) -> None:
        self.close_bar()
        self.prompt.setFocus(Qt.FocusReason.OtherFocusReason)
        self.declined.emit()

    @Slot()
    def _refresh(self) -> None:
        why = self._why_not()
        allow(self.send, why, tip=self.tr("Send (Ctrl+Enter)"))
        # One goes before the other comes, and both are as wide: the form must not ask for more room
        # even for a moment, which would lay out the whole conversation above it again, twice.
        if self._running:
            self.send.hide()
        self.stop.setVisible(self._running)
        self.send.setVisible(not self._running and not self._asking)
        allow(self.new_chat, self.tr("An answer is under way.") if self._running else "")
        self.parameters_toggle.setText(self._summary())

    def _why_not(self) -> str:
        if self._blocked:
            return self._blocked
        if not self.question:
            return self.tr("There is no prompt yet.")
        fields = (self.context, self.num_predict, self.temperature, self.seed)
        return next((field.problem for field in fields if field.problem), "")

    def _summary(self) -> str:
        """The parameters in a few words, on the button that shows them."""
        value = self.context.value
        words = "?" if value is None else whole(int(value))
        parts = [self.tr("Context {0}").format(words)]
        if self.temperature.value is not None:
            degrees = number(self.temperature.value, digits=1)
            parts.append(self.tr("temp {0}").format(degrees))
        return ", ".join(parts)


def _of_height(edit: QWidget, height: int) -> QWidget:
    """The style sheet sets a least height of its own on inputs; it does not on what holds them."""
    place = holder(column(edit))
    grown.fix_height(place, height)
    return place
