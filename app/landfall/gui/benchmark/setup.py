"""The card on which a benchmark is put together: what is measured, how long it takes, where it
goes, and why it cannot begin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QTimer, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from landfall.core.benchmark.benchmark import kind_of
from landfall.core.benchmark.duration import ModelSpeed, benchmark_seconds
from landfall.core.errors import AppError
from landfall.core.models.model_names import is_cloud_name
from landfall.core.provenance import Figure, Unknown
from landfall.gui.allowed import allow
from landfall.gui.benchmark.form import BenchmarkForm, Candidate
from landfall.gui.benchmark.outcome import BenchOrder
from landfall.gui.format import shown
from landfall.gui.hints import file_failure_words
from landfall.gui.host_names import host_words
from landfall.gui.run.place import answers, no_answer_words, remedy_words
from landfall.gui.run.reasons import is_remote, needs_ollama
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, button, column, hairline, holder, label, row
from landfall.gui.widgets.numbers import FigureLabel, OriginLegend
from landfall.services.benchmark.plan import prompts_of_file
from landfall.services.benchmark.speeds import known_speeds
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.core.benchmark.benchmark import BenchPrompt
    from landfall.core.hosts.runtime import InstalledModel, Runtime
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.history.history import History

ESTIMATE_MS = 150
"""After a choice the known speeds are read so much later: a row of clicks asks once."""


class BenchmarkSetup(Card):
    """Gives an order when it is asked to start.

    Signals:
        start_asked: A BenchOrder.
    """

    start_asked = Signal(object)

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        *,
        history: History,
        cache: Path,
    ) -> None:
        super().__init__(self.tr("Benchmark"), OriginLegend())
        self.setObjectName("benchmark-setup")
        self._app, self._tasks, self._messages = state, tasks, messages
        self._history, self._cache = history, cache
        self._speeds: tuple[ModelSpeed, ...] = ()
        self._asked_for: tuple[object, ...] = ()
        self._reading: Task | None = None
        self._busy = ""
        self._picker: QFileDialog | None = None
        self._opening: Task | None = None
        self._opens = Path()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(ESTIMATE_MS)
        self._later.timeout.connect(self._read_speeds)
        self.form = BenchmarkForm(state.settings.context_length)
        self.add(self.form, hairline(), self._begin_row())
        self.form.changed.connect(self._on_form)
        self.form.file_wanted.connect(self._on_file_wanted)
        self.start.clicked.connect(self._on_start)

    def _begin_row(self) -> QWidget:
        nothing = shown(Unknown(self.tr("nothing is chosen yet")), Unit.SECONDS)
        self.time = FigureLabel(self.tr("Takes about"), nothing, style=Text.HEADING)
        self.time.setObjectName("benchmark-time")
        self.where = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.where.setObjectName("benchmark-where")
        self.why = StateLine(State.PARTIAL, "", padding=0)
        self.why.setObjectName("benchmark-why")
        self.start = button(self.tr("Start"), "primary", icon="play")
        self.start.setObjectName("benchmark-start")
        words = column(self.why, self.where, spacing=Space.XS)
        line = row(self.time, spacing=Space.XL)
        line.addLayout(words, 1)
        line.addWidget(self.start)
        return holder(line)

    # What can be chosen

    @property
    def _runtime(self) -> Runtime | None:
        return self._app.runtimes[0] if self._app.runtimes else None

    def open_for(self, *, model: str, prompt: str) -> None:
        """It is shown: with the model and the prompt of the page."""
        self.form.set_typed(prompt)
        self.refresh(model)

    def refresh(self, model: str = "") -> None:
        """Show what can be measured now."""
        there = answers(self._runtime)
        installed = (self._app.installed or ()) if there else ()
        none = "" if there else no_answer_words(self._runtime)
        self.form.offer([_candidate(one) for one in installed], first=model, none=none)
        self._on_form()

    def block(self, why: str) -> None:
        """Why nothing may run now, or ""."""
        if why != self._busy:
            self._busy = why
            self._show()

    def _why_not(self) -> str:
        """Why nothing can be measured now, or ""."""
        if not answers(self._runtime):
            return f"{no_answer_words(self._runtime)} {remedy_words(self._runtime)}"
        if why := needs_ollama(self._runtime):
            return why
        if self._app.installed is None:
            return self.tr("The models are being looked for.")
        return self._busy or self.form.problem

    def _show(self) -> None:
        why = self._why_not()
        self.why.setVisible(bool(why))
        self.why.show_line(State.PARTIAL, why)
        allow(self.start, why, tip=self.tr("Measure what is chosen"))
        self._show_time()

    def _where(self) -> str:
        runtime = self._runtime
        if runtime is None or not answers(runtime):
            return ""
        if is_remote(runtime):
            words = self.tr(
                "The prompts go to {0} on your network and are listed in History. Its watts are"
                " not measured here."
            )
            return words.format(host_words(runtime.url))
        return self.tr("Nothing leaves this machine. Let nothing else run meanwhile.")

    # How long it takes

    @Slot()
    def _on_form(self) -> None:
        wanted = self._speed_key()
        if wanted != self._asked_for:
            self._later.start()
        self._show()

    def _speed_key(self) -> tuple[object, ...]:
        runtime = self._runtime
        names = tuple(one.name for one in self.form.chosen)
        return (names, self.form.context.value, runtime.url if runtime else "")

    @Slot()
    def _read_speeds(self) -> None:
        runtime, chosen = self._runtime, {one.name for one in self.form.chosen}
        if runtime is None or not chosen or self._reading is not None:
            return
        self._asked_for = self._speed_key()
        models = [model for model in self._app.installed or () if model.name in chosen]
        self._reading = self._tasks.run(
            known_speeds(
                self._history,
                models,
                host=runtime.url,
                context=int(self.form.context.value or 0),
                profile=None if is_remote(runtime) else self._app.profile,
                cache=self._cache,
            )
        )
        self._reading.succeeded.connect(self._on_speeds)
        self._reading.failed.connect(self._messages.fail)
        self._reading.finished.connect(self._on_read)

    @Slot(object)
    def _on_speeds(self, speeds: tuple[ModelSpeed, ...]) -> None:
        self._speeds = speeds
        self._show_time()

    @Slot()
    def _on_read(self) -> None:
        self._reading = None
        if self._speed_key() != self._asked_for:
            self._read_speeds()

    def _show_time(self) -> None:
        seconds = self._seconds()
        self.time.set_shown(shown(seconds, Unit.SECONDS))
        words = self.tr("How long it takes is not known: {0}.")
        why = words.format(translated(seconds.reason)) if isinstance(seconds, Unknown) else ""
        if why and not self._why_not():
            self.where.setText(f"{self._where()} {why}")
        else:
            self.where.setText(self._where())

    def _seconds(self) -> Figure:
        if self.form.problem:
            return Unknown(self.form.problem)
        speeds = {speed.model: speed for speed in self._speeds}
        names = [one.name for one in self.form.chosen]
        if any(name not in speeds for name in names):
            return Unknown(self.tr("what is known of the models is being read"))
        sensors = self._app.power_sources or ()
        metered = not is_remote(self._runtime) and any(one.available for one in sensors)
        known = [speeds[name] for name in names]
        return benchmark_seconds(self.form.plan(), known, metered=metered)

    # Prompts of a file

    @Slot()
    def _on_file_wanted(self) -> None:
        if self._picker is not None:
            self._picker.raise_()
            return
        filters = self.tr("Prompts (*.txt *.jsonl);;All files (*)")
        picker = QFileDialog(self, self.tr("Prompts"), "", filters)
        picker.setObjectName("benchmark-file-dialog")
        picker.setFileMode(QFileDialog.FileMode.ExistingFile)
        picker.fileSelected.connect(self.on_file)
        picker.finished.connect(self._on_picked)
        self._picker = picker
        picker.open()

    @Slot(int)
    def _on_picked(self, _result: int) -> None:
        if self._picker is not None:
            self._picker.deleteLater()
            self._picker = None

    @Slot(str)
    def on_file(self, file: str) -> None:
        """Read the prompts of this file."""
        path = Path(file)
        if self._opening is not None:
            self._opening.cancel()
        self._opens = path
        self._opening = self._tasks.run(in_thread(_opened, path))
        self._opening.succeeded.connect(self._on_prompts)
        self._opening.failed.connect(self._on_no_prompts)

    @Slot(object)
    def _on_prompts(self, opened: tuple[Path, tuple[BenchPrompt, ...]]) -> None:
        path, prompts = opened
        if path == self._opens:  # no other file was chosen since
            self._opening = None
            self.form.set_file(path, prompts)

    @Slot(object)
    def _on_no_prompts(self, error: BaseException) -> None:
        self._opening = None
        if isinstance(error, AppError):
            self.form.refuse_file(file_failure_words(error))
        else:
            self._messages.fail(error)

    @Slot()
    def _on_start(self) -> None:
        runtime = self._runtime
        if runtime is None or self._why_not():
            return
        self.start_asked.emit(
            BenchOrder(
                models=tuple((one.name, one.kind) for one in self.form.chosen),
                plan=self.form.plan(),
                host=runtime.url,
                place="network" if is_remote(runtime) else "local",
            )
        )


def _opened(path: Path) -> tuple[Path, tuple[BenchPrompt, ...]]:
    return path, prompts_of_file(path)


def _candidate(model: InstalledModel) -> Candidate:
    refused = ""
    if model.remote or is_cloud_name(model.name):
        refused = QCoreApplication.translate(
            "benchmark", "answers in a cloud, whose speed is not this machine's"
        )
    return Candidate(name=model.name, kind=kind_of(model.capabilities), refused=refused)
