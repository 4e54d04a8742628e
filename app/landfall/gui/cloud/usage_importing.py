"""One import of usage: looked at first, and kept only when the user says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from landfall.core.errors import AppError, BadInput
from landfall.services.usage.importing import import_usage
from landfall.services.usage.imports import FileSource, ReadSource

if TYPE_CHECKING:
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.history.history import History
    from landfall.services.pricing.prices import Prices
    from landfall.services.usage.imports import Progress, Source, SourceImport, UsageImport
    from landfall.services.usage_files.mapping import ColumnMapping

PROGRESS_MS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A source, and what the user says about it.

    Attributes:
        refusal: Why it cannot be read; None where it can, or where it was not tried yet.
        found: What came of it, once it was read.
    """

    source: Source
    refusal: BadInput | None = None
    found: SourceImport | None = None

    @property
    def name(self) -> str:
        """Path, or id of the provider."""
        return str(self.source.path) if isinstance(self.source, FileSource) else self.source.name


class _Latest:
    """How far an import is: written by the io thread, read by the window."""

    def __init__(self) -> None:
        self.progress: Progress | None = None

    def note(self, progress: Progress) -> None:
        """So far."""
        self.progress = progress


class UsageImporting(QObject):
    """Reads what was chosen, one reading at a time; another choice begins anew.

    Attributes:
        outcome: What came of all that can be read; None while that is not known.
        failure: Why it could not be done: a full disk, a history that is locked.

    Signals:
        changed: The choices, what came of them, or whether it is busy.
        progressed: How far it is: a `Progress`.
        broken: A bug ended it: an exception.
        kept: It is in the history now: a `UsageImport`.
    """

    changed = Signal()
    progressed = Signal(object)
    broken = Signal(object)
    kept = Signal(object)

    def __init__(
        self,
        tasks: TaskRunner,
        history: History,
        *,
        prices: Callable[[], Prices],
        parent: QObject,
    ) -> None:
        """Make it; nothing is read before `look`."""
        super().__init__(parent)
        self._tasks, self._history, self._prices = tasks, history, prices
        self._task: Task | None = None
        self._keeping = False
        self._looks_again = False
        self._latest = _Latest()
        self.choices: tuple[Choice, ...] = ()
        self.outcome: UsageImport | None = None
        self.failure: AppError | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(PROGRESS_MS)
        self._clock.timeout.connect(self._on_clock)

    @property
    def busy(self) -> bool:
        """Whether something is being read."""
        return self._task is not None

    @property
    def keeping(self) -> bool:
        """Whether it is being read to be kept."""
        return self._keeping

    # What is chosen

    def add(self, sources: Sequence[Source]) -> None:
        """Look at these too; what is chosen already is not chosen twice."""
        there = {choice.name for choice in self.choices}
        fresh = [Choice(source=one) for one in sources if Choice(source=one).name not in there]
        if fresh:
            self._choose((*self.choices, *fresh))

    def leave_out(self, index: int) -> None:
        """Do without one."""
        self._choose(tuple(one for i, one in enumerate(self.choices) if i != index))

    def read_as(
        self, index: int, *, format: str | None, mapping: ColumnMapping | None = None
    ) -> None:
        """Read one as this format, None by its content; or by what its columns mean."""
        choice = self.choices[index]
        if not isinstance(choice.source, FileSource):
            return
        source = replace(choice.source, format=format, mapping=mapping)
        changed = Choice(source=source)
        self._choose(tuple(changed if i == index else one for i, one in enumerate(self.choices)))

    def _choose(self, choices: tuple[Choice, ...]) -> None:
        self.choices, self.outcome = choices, None
        self.look()

    # Reading

    @Slot()
    def look(self) -> None:
        """Read everything that can be read, and keep nothing."""
        if self.busy:
            self._looks_again = True
            self.stop()
            return
        self._begin(keep=False)

    @Slot()
    def keep(self) -> None:
        """Read it again and keep what is new: all of it or nothing."""
        if not self.busy:
            self._begin(keep=True)

    @Slot()
    def stop(self) -> None:
        """Give up what is being read; nothing of it is kept."""
        if self._task is not None:
            self._task.cancel()

    def _begin(self, *, keep: bool) -> None:
        sources = [choice.source for choice in self.choices if choice.refusal is None]
        self._keeping = keep and bool(sources)
        self.failure = None
        if not sources:
            self.outcome = None
            self.changed.emit()
            return
        self._latest = _Latest()
        work = import_usage(
            self._history,
            sources,
            prices=self._prices(),
            keep=keep,
            groupings=(),
            on_progress=self._latest.note,
        )
        self._task = self._tasks.run(work)
        self._task.succeeded.connect(self._on_outcome)
        self._task.failed.connect(self._on_failed)
        self._task.finished.connect(self._on_finished)
        self._clock.start()
        self.changed.emit()

    @Slot()
    def _on_clock(self) -> None:
        if self._latest.progress is not None:
            self.progressed.emit(self._latest.progress)

    @Slot(object)
    def _on_outcome(self, outcome: UsageImport) -> None:
        found = iter(outcome.files)
        self.choices = tuple(
            replace(one, found=next(found, None)) if one.refusal is None else one
            for one in self.choices
        )
        self.outcome = outcome
        if self._keeping:
            self.kept.emit(outcome)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        refused = self._refused(error)
        if refused is not None and isinstance(error, BadInput):
            self.choices = tuple(
                replace(one, refusal=error, found=None) if i == refused else one
                for i, one in enumerate(self.choices)
            )
            self._looks_again = True
        elif isinstance(error, AppError):
            self.failure = error
        else:
            self.broken.emit(error)

    def _refused(self, error: Exception) -> int | None:
        """Which of the choices the error is about; None where it is about none alone."""
        if not isinstance(error, BadInput):
            return None
        readable = [i for i, one in enumerate(self.choices) if one.refusal is None]
        named = [i for i in readable if _is_of(error, self.choices[i])]
        if len(readable) == 1:
            return readable[0]
        return named[0] if named else None

    @Slot()
    def _on_finished(self) -> None:
        self._task = None
        self._clock.stop()
        if self._looks_again:
            self._looks_again = False
            self._begin(keep=False)
            return
        self.changed.emit()


def _is_of(error: BadInput, choice: Choice) -> bool:
    """Whether it names the file, or one in the folder, that was chosen."""
    if not error.file or not isinstance(choice.source, FileSource):
        return False
    named = Path(error.file)
    return named == choice.source.path or choice.source.path in named.parents


def usable(choices: Sequence[Choice]) -> bool:
    """Whether any of them can be read."""
    return any(choice.refusal is None for choice in choices)


def is_provider(choice: Choice) -> bool:
    """Whether it is a provider, and no file."""
    return isinstance(choice.source, ReadSource)
