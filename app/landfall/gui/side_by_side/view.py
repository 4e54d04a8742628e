"""The same prompts at several targets: who is asked, the columns, the vote, the prompt below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from landfall.core.errors import AppError, BadInput
from landfall.core.side_by_side.side_by_side import Plan, Prompt, Target
from landfall.gui.hints import error_words
from landfall.gui.page import PageState
from landfall.gui.run.place import answers
from landfall.gui.run.prompt_form import PromptForm
from landfall.gui.run.reasons import no_watts
from landfall.gui.run.targets import targets_of
from landfall.gui.side_by_side.ask_bar import AskBar
from landfall.gui.side_by_side.chips import TargetChips
from landfall.gui.side_by_side.columns import AnswerColumns
from landfall.gui.side_by_side.export import SideExport
from landfall.gui.side_by_side.picker import TargetPicker
from landfall.gui.side_by_side.prompt_bar import PromptBar
from landfall.gui.side_by_side.prompt_file import PromptFile
from landfall.gui.side_by_side.session import SideOrder, SideSession
from landfall.gui.side_by_side.stage import SideStage
from landfall.gui.side_by_side.targets import Asked, asked_here
from landfall.gui.side_by_side.words import asked_words
from landfall.gui.tab_order import keyboard_is_at
from landfall.gui.theme import Space
from landfall.gui.widgets.feedback import EmptyState
from landfall.gui.widgets.layout import Card, button, column
from landfall.services.ollama import address

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from landfall.core.hosts.hosts import Host as Kept
    from landfall.core.hosts.hosts import HostReading
    from landfall.core.hosts.runtime import Runtime
    from landfall.gui.app_state import AppState
    from landfall.gui.hosts.desk import HostsBehind
    from landfall.gui.messages import Messages
    from landfall.gui.run.targets import LocalTarget
    from landfall.gui.tasks import TaskRunner
    from landfall.services.ollama.server_in_use import Host
    from landfall.services.run.asking import Access
    from landfall.services.run.runs import Runs


class SideBySideView(QWidget):
    """Stands in the place of the conversation; what is under way goes on without being looked at.

    Signals:
        jump: Another page is wanted: its name, and what to show there.
        changed: Something began, ended or is chosen.
        ended: All answers are over; whether a local model was among those asked.
    """

    jump = Signal(str, str)
    changed = Signal()
    ended = Signal(bool)

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        *,
        host: Host,
        runs: Runs,
        cloud: Access,
        hosts: Callable[[], HostsBehind] | None = None,
    ) -> None:
        super().__init__()
        self._hosts = hosts
        self.setObjectName("side-by-side-view")
        self._app, self._tasks, self._messages = state, tasks, messages
        self._cloud = cloud
        self._busy = ""
        self._picker: TargetPicker | None = None
        self.session = SideSession(
            state, tasks, messages, host=host, runs=runs, cloud=cloud, parent=self
        )
        self.file = PromptFile(tasks, messages, self)
        self.export = SideExport(tasks, messages, self)
        self._build()
        self._connect()
        self.refresh()

    def _build(self) -> None:
        self.chips = TargetChips()
        self.prompt_bar = PromptBar()
        self.columns = AnswerColumns()
        self.stage = SideStage(
            self.session,
            self.columns,
            self.prompt_bar,
            why_no_watts=self._why_no_watts,
        )
        self.place = QStackedWidget()
        self.place.addWidget(self._nothing())
        self.place.addWidget(self.stage)
        self.ask = AskBar()
        self.form = PromptForm(self._app.settings.context_length)
        self.form.set_started(False)
        below = Card().add(self.ask, self.form)
        layout = column(self.chips, spacing=Space.M)
        layout.addWidget(self.place, 1)
        layout.addWidget(below)
        self.setLayout(layout)

    def _nothing(self) -> QWidget:
        add = button(self.tr("Add target\u2026"), icon="plus")
        add.setObjectName("add-first-target")
        add.clicked.connect(self.on_add)
        return EmptyState(
            "split",
            self.tr("Ask several at once"),
            self.tr(
                "The same prompt, or a set of them, goes to every target. Their answers come beside"
                " each other, with first token, speed, cost and watts."
            ),
            add,
            footnote=self.tr("What it may cost at most is said first, and asked."),
        )

    def _connect(self) -> None:
        self.chips.add_asked.connect(self.on_add)
        self.chips.changed.connect(self._on_choice)
        self._app.host_changed.connect(self._on_host)
        self.ask.changed.connect(self._on_choice)
        self.ask.file_wanted.connect(self.file.ask)
        self.file.was_read.connect(self._on_file_read)
        self.ask.file_dropped.connect(self._on_file_dropped)
        self.form.prompt.textChanged.connect(self._on_prompt)
        self.form.send_asked.connect(self.on_send)
        self.form.stop_asked.connect(self.session.stop)
        self.form.agreed.connect(self.session.agree)
        self.form.declined.connect(self.session.decline)
        self.session.consent_asked.connect(self.form.ask_consent)
        self.session.changed.connect(self._on_session)
        self.session.began.connect(self._on_began)
        self.session.ended.connect(self._on_ended)
        self.prompt_bar.history_asked.connect(self._on_history)
        self.prompt_bar.export_asked.connect(self._on_export)
        for changed in (
            self._app.runtimes_changed,
            self._app.models_changed,
            self._app.profile_changed,
            self._app.workloads_changed,
        ):
            changed.connect(self._on_world)
        self.form.add_keys(self)

    # What the page tells

    def open_for(self, target: LocalTarget | None, question: str) -> None:
        """It is shown: with the model that is chosen on the page, and the prompt typed there."""
        if not self.chips.asked and target is not None:
            self.chips.hold(asked_here(target))
        if question and not self.form.question:
            self.form.prompt.setPlainText(question)
        self.refresh()

    def block(self, why: str) -> None:
        """Why nothing may be asked now, or "": a benchmark is under way."""
        if why != self._busy:
            self._busy = why
            self._show()

    def refresh(self) -> None:
        """The server, its models, the sensors or the workloads may be others now."""
        self.ask.offer([one.name for one in self._app.workloads or ()])
        self._show()

    @property
    def sentence(self) -> str:
        """What the page says of it."""
        if self.session.running:
            return self.tr("Running. Escape stops it")
        words = asked_words(prompts=len(self.prompts), targets=len(self.chips.asked))
        if self.session.row:
            return self.tr("{0}; the last is saved in History").format(words)
        return words

    @property
    def where(self) -> PageState:
        """In which state the page is while this stands on it: failed where nobody answered."""
        if self.stage.failed:
            return PageState.FAILED
        return PageState.READY if self.chips.asked else PageState.EMPTY

    @Slot()
    def _on_world(self) -> None:
        if self.isVisible():
            self.refresh()

    @property
    def _runtime(self) -> Runtime | None:
        return self._app.runtimes[0] if self._app.runtimes else None

    def _why_no_watts(self) -> str:
        return no_watts(self._runtime, self._app.power_sources)

    # Who is asked

    @Slot()
    def on_add(self) -> None:
        """Another target is wanted."""
        if self._picker is not None:
            self._picker.raise_()
            return
        local = targets_of(self._app)
        picker = TargetPicker(
            self._tasks,
            self._cloud,
            local=local,
            chosen=self.chips.asked,
            hosts=self._other_hosts(),
            look=self._look,
            parent=self,
        )
        picker.picked.connect(self._on_picked)
        picker.keys_wanted.connect(self._on_keys_wanted)
        picker.finished.connect(self._on_picker_closed)
        self._picker = picker
        picker.open()

    def _other_hosts(self) -> tuple[Kept, ...]:
        """The kept hosts that are not the server in use."""
        if self._hosts is None:
            return ()
        url = self._runtime.url if self._runtime is not None else ""
        kept = self._app.settings.hosts
        return tuple(host for host in kept if not address.same_server(host.url, url))

    def _look(self, host: Kept) -> Coroutine[Any, Any, HostReading]:
        assert self._hosts is not None, "no host is offered without"
        return self._hosts().looked_at(host, self._app.settings)

    @Slot()
    def _on_host(self) -> None:
        """Another server is spoken with: models of the one before are not on it."""
        for asked in self.chips.asked:
            if asked.row is None and asked.host is None:
                self.chips.drop(asked.key)

    @Slot(object)
    def _on_picked(self, asked: Asked) -> None:
        self.chips.hold(asked)

    @Slot()
    def _on_keys_wanted(self) -> None:
        self.jump.emit("cloud", "")

    @Slot()
    def _on_picker_closed(self) -> None:
        self._picker = None
        # Not every window system gives the input back by itself.
        self.window().activateWindow()
        self.form.prompt.setFocus(Qt.FocusReason.OtherFocusReason)

    # What is asked

    @Slot()
    def _on_file_read(self) -> None:
        self.ask.show_file(self.file.name)
        self.form.hold_prompt("\n".join(one.text for one in self.file.prompts))
        self._show()

    @Slot()
    def _on_file_dropped(self) -> None:
        self.file.drop()
        self.ask.show_file("")
        self.form.hold_prompt(None)
        self.form.prompt.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show()

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """What would be asked: of a file, a line each, or what is typed as one."""
        if self.file.prompts:
            return self.file.prompts
        typed = self.form.question
        if not self.ask.lines.isChecked():
            return (Prompt(name="1", text=typed),) if typed else ()
        lines = [line.strip() for line in typed.splitlines() if line.strip()]
        return tuple(Prompt(name=str(i), text=text) for i, text in enumerate(lines, start=1))

    def order(self) -> SideOrder:
        """What would be sent now.

        Raises:
            BadInput: it cannot be asked like that; says why.
        """
        asked, how = self.chips.asked, self.form.parameters
        plan = Plan(
            prompts=self.prompts,
            targets=tuple(_target(one) for one in asked),
            system=self.form.system_text,
            context=how.context,
            num_predict=how.num_predict,
            temperature=how.temperature,
            seed=how.seed,
            workload=self.ask.workload_name,
            blind=self.ask.blind.isChecked(),
        )
        return SideOrder(plan, asked)

    def _why_not(self) -> str:
        """Why nothing can be asked now, or ""."""
        if self._busy or self.session.busy:
            return self._busy or self.session.busy
        ours = any(one.row is None and one.host is None for one in self.chips.asked)
        if ours and not answers(self._runtime):
            return self.tr("No Ollama answers.")
        if not self.prompts:
            return ""  # the form says it
        try:
            self.order()
        except BadInput as error:
            return error_words(error)
        return ""

    @Slot()
    def on_send(self) -> None:
        """Ask what is typed of whom is chosen."""
        try:
            self.session.ask(self.order())
        except AppError as error:
            self._messages.tell(error)

    # Showing

    @Slot()
    def _on_prompt(self) -> None:
        self._show()
        self.changed.emit()

    @Slot()
    def _on_choice(self) -> None:
        self.columns.prepare(len(self.chips.asked))
        self._show()
        self.changed.emit()

    @Slot()
    def _on_session(self) -> None:
        self._show()
        self.changed.emit()

    @Slot()
    def _on_began(self) -> None:
        self.place.setCurrentWidget(self.stage)
        self.form.stop.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(bool)
    def _on_ended(self, was_local: bool) -> None:
        self.ended.emit(was_local)

    @Slot()
    def _on_history(self) -> None:
        self.jump.emit("history", "runs")

    @Slot()
    def _on_export(self) -> None:
        if self.session.kept is not None:
            self.export.ask(self.session.kept)

    def _show(self) -> None:
        """Everything that follows from what is chosen and what runs."""
        busy = self._busy or self.session.busy
        self.chips.block(busy)
        self.ask.block(busy)
        self.form.block("" if self.session.running else self._why_not())
        # Hidden, Stop would give the focus to whatever stands next; here keys cast a vote.
        held = keyboard_is_at(self.form.stop)
        if held and not self.session.running and not self.stage.take_focus():
            self.form.prompt.setFocus(Qt.FocusReason.OtherFocusReason)
        self.form.set_running(self.session.running)
        if self.session.order is None:
            self.place.setCurrentIndex(0)


def _target(asked: Asked) -> Target:
    if asked.row is not None:
        return Target(provider=asked.row.id, model=asked.model)
    if asked.host is not None:
        return Target(model=asked.model, url=asked.host.url)
    return Target(model=asked.model, allow_remote=asked.leaves)
