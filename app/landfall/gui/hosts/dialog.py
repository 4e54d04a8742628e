"""Add a host, or change one: name, address, kind, token, and a look before it is kept."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from landfall.core.errors import BadInput
from landfall.core.hosts.host_names import is_loopback
from landfall.core.hosts.hosts import Host, HostState, Standing
from landfall.gui import theme
from landfall.gui.allowed import allow
from landfall.gui.hints import failure_words
from landfall.gui.hosts.form import HostForm
from landfall.gui.hosts.told import answer_title, answer_words, heeds
from landfall.gui.hosts.words import Listed
from landfall.gui.theme import Space
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Button, button, clear, column, holder, row
from landfall.services.hosts import addresses, keeping, tokens
from landfall.services.keys.key_store import NoKeyring

if TYPE_CHECKING:
    from landfall.core.hosts.hosts import HostReading
    from landfall.core.settings import Settings
    from landfall.gui.hosts.desk import HostDesk
    from landfall.gui.hosts.field import NamedField
    from landfall.gui.tasks import Task
    from landfall.services.keys.secret import Secret


class _Then(Enum):
    """What follows a look."""

    NOTHING = "nothing"
    KEEP = "keep"


class HostDialog(Dialog):
    """Shown with `open()`. Nothing is asked before the user says so.

    Signals:
        kept: The host as it is in the settings now.
    """

    kept = Signal(object)

    def __init__(self, desk: HostDesk, host: Host | None, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("host-dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Edit a host") if host else self.tr("Add a host"))
        self._desk, self._host = desk, host
        self._looking: Task | None = None
        self._storing: Task | None = None
        self._then = _Then.NOTHING
        self.reading: HostReading | None = None
        self._stored: Secret | None = None
        self._drop_stored = False
        self._wrong: NamedField | None = None
        self.form = form = HostForm()
        self.name, self.address, self.look = form.name, form.address, form.look
        self.kind, self.token, self.agree = form.kind, form.token, form.agree
        self.remove_token = form.remove_token
        form.edited.connect(self.on_typed)
        form.look.clicked.connect(self.on_look)
        form.remove_token.clicked.connect(self.on_remove_token)
        self._make_buttons()
        self._build()
        if host is not None:
            self.form.fill(host)
            asking = desk.ask(desk.behind.stored_token(host.url))
            asking.succeeded.connect(self._on_stored_known)
            asking.failed.connect(self._on_no_keyring)
        self.on_typed()
        self.name.setFocus()

    # Building

    def _make_buttons(self) -> None:
        self.save = button(self.tr("Save"), "primary")
        self.save.setObjectName("host-save")
        self.save.clicked.connect(self.on_save)
        self.save.setDefault(True)
        self.cancel: Button = button(self.tr("Cancel"))
        self.cancel.setObjectName("host-cancel")
        self.cancel.clicked.connect(self.reject)
        self.line = StateLine(State.TODO, self.tr("Not looked at yet"), padding=0)
        self.line.setObjectName("host-answer")
        self._heeds = column(spacing=0)

    def _build(self) -> None:
        form = column(self.form, self.line, self._heeds, None)
        form.setSpacing(Space.M)
        form.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.M)
        area = self._area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(holder(form))
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        end = row(None, self.cancel, self.save, margins=(Space.XL, 0, Space.XL, Space.XL))
        layout = column(spacing=Space.S)
        layout.addWidget(area, 1)
        layout.addLayout(end)
        self.setLayout(layout)
        self.set_least_width(560)
        room = self.screen().availableSize()
        width, height = round(theme.roomy(600)), round(theme.roomy(540))
        self.resize(min(width, room.width()), min(height, room.height() * 9 // 10))

    # What was typed

    @Slot()
    def on_typed(self) -> None:
        """Something is another now: what was said of it before does not hold."""
        self.form.say_nothing()
        if self._looking is None and self._storing is None:
            self._show_untested()
        self._show_token()
        self._show_look()

    def _show_look(self) -> None:
        """Whether it can be looked at, or that it is."""
        why = "" if self.address.text().strip() else self.tr("Enter an address first.")
        if self._looking is not None:
            why = self.tr("It is being asked.")
        allow(self.look, why)

    def _show_untested(self) -> None:
        reading = self.reading
        host = self.form.typed_or_none()
        if reading is not None and host is not None and reading.host.url == host.url:
            return
        self.reading = None
        clear(self._heeds)
        self.line.show_line(State.TODO, self.tr("Not looked at yet"))

    # The token

    @Slot(object)
    def _on_stored_known(self, token: Secret | None) -> None:
        self._stored = token
        self.on_typed()

    @Slot(object)
    def _on_no_keyring(self, error: Exception) -> None:
        if not isinstance(error, NoKeyring):  # one that is not there holds no token
            self.form.token_field.set_problem(failure_words(error))

    @property
    def _has_token(self) -> bool:
        kept = self._stored is not None and not self._drop_stored and self._same_origin()
        return bool(self.form.typed_token) or kept

    def _same_origin(self) -> bool:
        host = self.form.typed_or_none()
        before = self._host
        return before is not None and (
            host is None or addresses.origin(host.url) == addresses.origin(before.url)
        )

    def _show_token(self) -> None:
        self.form.show_token(
            self._stored,
            dropped=self._drop_stored,
            moved=not self._same_origin(),
            exposed=self._exposed(),
        )

    def _exposed(self) -> str:
        """Host and port to which a token would go readable; "" where it would not."""
        host = self.form.typed_or_none()
        if host is None or not self._has_token or not host.url.startswith("http:"):
            return ""
        stands_here = self.reading is not None and self.reading.standing is Standing.THIS_MACHINE
        if is_loopback(addresses.host_of(host.url)) or stands_here:
            return ""
        place = addresses.origin(host.url).partition("://")[2]
        return "" if place in self._desk.settings.plain_http_hosts else place

    @Slot()
    def on_remove_token(self) -> None:
        """The stored token goes with Save, not before."""
        self._drop_stored = True
        self.token.setFocus()
        self.on_typed()

    # Looking

    @Slot()
    def on_look(self) -> None:
        """Ask what answers there, once."""
        self._look(_Then.NOTHING)

    def _look(self, then: _Then) -> None:
        if self._looking is not None:
            return
        try:
            host = self.form.typed()
        except BadInput as error:
            self._say(error)
            return
        self._then = then
        clear(self._heeds)
        self.line.show_line(State.RUNNING, self.tr("Asking {0}").format(host.url))
        self._looking = self._desk.ask(
            self._desk.behind.looked_at(
                host,
                self._agreed(host),
                typed=self.form.typed_token,
                find_kind=self.form.chosen_kind is None,
                without_stored=self._drop_stored,
            )
        )
        self._show_look()
        self._looking.succeeded.connect(self._on_reading)
        self._looking.failed.connect(self._on_failed)
        self._looking.finished.connect(self._on_looked)

    def _agreed(self, host: Host) -> Settings:
        settings = self._desk.settings
        if self.form.agreed:
            settings = tokens.with_agreed(settings, host)
        return settings

    @Slot(object)
    def _on_reading(self, reading: HostReading) -> None:
        self.reading = reading
        answers = reading.state is HostState.ANSWERS
        if answers:
            self.form.set_kind(reading.host.kind)
            state = State.PARTIAL if reading.warnings else State.DONE
            self.line.show_line(state, answer_title(reading), answer_words(reading))
        for place, heed in enumerate(heeds(Listed(host=reading.host, reading=reading))):
            if place == 0 and not answers:
                self.line.show_line(heed.state, heed.title, heed.detail)
            else:
                self._heeds.addWidget(StateLine(heed.state, heed.title, heed.detail, padding=2))
        QTimer.singleShot(0, self._show_answer)

    @Slot()
    def _show_answer(self) -> None:
        """What the look found is in sight, also where the form is longer than the window."""
        self._area.ensureWidgetVisible(self.line, 0, self.height() // 3)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._then = _Then.NOTHING
        self.line.show_line(
            State.FAILED, self.tr("It could not be looked at"), failure_words(error)
        )
        if isinstance(error, BadInput):
            self._say(error)

    @Slot()
    def _on_looked(self) -> None:
        self._looking = None
        then, self._then = self._then, _Then.NOTHING
        self._show_token()
        self._show_look()
        if then is _Then.NOTHING:
            return
        if self.form.chosen_kind is None:
            self.form.kind_field.set_problem(
                self.tr("It could not be found out now. Choose it, and it can be saved.")
            )
            self.kind.setFocus()
        else:
            self.on_save()

    # Keeping

    @Slot()
    def on_save(self) -> None:
        """Keep it, whether it answers now or not; what is wrong is said at its field."""
        if self._storing is not None or self._looking is not None:
            return
        try:
            host = self._checked()
        except BadInput as error:
            self._say(error)
            return
        if self.form.chosen_kind is None:
            self._look(_Then.KEEP)
            return
        typed = self.form.typed_token
        if not (typed or self._drop_stored or self._moved(host)):
            self._keep(host)
            return
        allow(self.save, self.tr("The token is being stored."))
        self._storing = self._desk.ask(self._store(host, typed))
        self._storing.succeeded.connect(self._on_stored)
        self._storing.failed.connect(self._on_not_stored)
        self._storing.finished.connect(self._on_storing_ended)

    def _checked(self) -> Host:
        """What was typed, as it can be kept.

        Raises:
            BadInput: the name is taken or none, the address is none or is kept under another
                name, or a token would go where nobody agreed to it.
        """
        others = [one for one in self._desk.kept if one != self._host]
        name = keeping.checked_name(self.name.text(), others)  # as it is read, from the top
        host = replace(self.form.typed(), name=name)
        if self._host is None or host.url != self._host.url:
            keeping.free_address(host.url, others)
        if self.form.typed_token and self._exposed() and not self.agree.isChecked():
            raise BadInput(
                self.tr("The token would be readable on the way."),
                self.tr("Agree to it below, use https, or leave it empty."),
                field="key",
            )
        return host

    def _moved(self, host: Host) -> bool:
        """Whether a stored token is left behind."""
        before = self._host
        return (
            before is not None
            and self._stored is not None
            and addresses.origin(before.url) != addresses.origin(host.url)
        )

    async def _store(self, host: Host, typed: str) -> Host:
        """What is to be forgotten goes first, then the new one comes."""
        behind, before = self._desk.behind, self._host
        left = [one for one in self._desk.kept if one != before]
        if before is not None and (self._drop_stored or self._moved(host)):
            origin = addresses.origin(before.url)
            if all(addresses.origin(one.url) != origin for one in left):
                await behind.take_token(before.url)
        if typed:
            await behind.keep_token(host.url, typed)
        return host

    @Slot(object)
    def _on_stored(self, host: Host) -> None:
        self._keep(host)
        self._desk.token_changed()

    @Slot(object)
    def _on_not_stored(self, error: Exception) -> None:
        self.form.token_field.set_problem(failure_words(error))
        self.token.setFocus()
        self._wrong = self.form.token_field
        self._show_wrong()

    @Slot()
    def _on_storing_ended(self) -> None:
        self._storing = None
        allow(self.save)

    def _keep(self, host: Host) -> None:
        settings = self._agreed(host)
        self._desk.keep(host, instead_of=self._host, settings=settings)
        self.token.setText("")
        self.kept.emit(host)
        self.accept()

    def _say(self, error: BadInput) -> None:
        self._wrong = self.form.say(error)
        QTimer.singleShot(0, self._show_wrong)

    @Slot()
    def _show_wrong(self) -> None:
        """What is wrong is in sight, also where the form is longer than the window."""
        if self._wrong is not None:
            self._area.ensureWidgetVisible(self._wrong)

    def done(self, result: int) -> None:
        """However it is closed: a look under way is given up, and what was typed is forgotten."""
        self._then = _Then.NOTHING
        if self._looking is not None:
            self._looking.cancel()
        self.token.setText("")
        super().done(result)
