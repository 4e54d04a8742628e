"""What is known of the speed of providers, and the work that measures it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from landfall.core.errors import AppError
from landfall.services import cloud as providers
from landfall.services.cloud.probe import Made, most_it_costs, run_probe
from landfall.services.threads import in_thread
from landfall.services.verdict.here_and_there import here_and_there

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from landfall.core.benchmark.probe import HereAndThere, Plan
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.cloud.access import CloudAccess
    from landfall.services.cloud.budget import Consent
    from landfall.services.cloud.probe import MostItCosts, ProbeUpdate
    from landfall.services.history.history import History


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model of a provider, and how it would be probed."""

    provider: str
    model: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class Priced:
    """What `wanted` costs at most, or why that cannot be said."""

    wanted: Wanted
    most: MostItCosts | None
    trouble: AppError | None = None


class ProbeDesk(QObject):
    """Reads, asks for ceilings, runs one probe at a time.

    Attributes:
        found: What the chart shows, or None while it is read.
        running: What is being probed, or None.

    Signals:
        changed: `found` is another now.
        models_known: Of a provider, by its id: names of models with a price.
        priced: A `Priced` for the last question.
        call_made: A call is over: `Made`.
        ended: The probe is over: its `Probed`, or None where it was stopped.
        failed: It ended early: the AppError.
    """

    changed = Signal()
    models_known = Signal(str, object)
    priced = Signal(object)
    call_made = Signal(object)
    ended = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        tasks: TaskRunner,
        messages: Messages,
        history: History,
        *,
        cloud: Callable[[], CloudAccess],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._messages, self._history = tasks, messages, history
        self._cloud = cloud
        self.found: HereAndThere | None = None
        self.running: Wanted | None = None
        self._task: Task | None = None
        self._asked: Wanted | None = None
        self._last: Any = None

    def load(self) -> None:
        """Read what was measured."""
        self._start(self._read(), self._on_read)

    async def _read(self) -> HereAndThere:
        access = await in_thread(self._cloud)
        return await here_and_there(self._history, access.prices, at=datetime.now(UTC))

    @Slot(object)
    def _on_read(self, found: HereAndThere) -> None:
        self.found = found
        self.changed.emit()

    def ask_models(self, provider: str) -> None:
        """Names of the models of a provider that have a price."""
        self._start(self._models(provider), self._on_models)

    async def _models(self, provider: str) -> tuple[str, tuple[str, ...]]:
        access = await in_thread(self._cloud)
        at = datetime.now(UTC)

        def served() -> tuple[str, ...]:
            prices = access.prices
            rows = ((name, prices.row(provider, name, at=at)) for name in prices.models(provider))
            gone = at.date()
            return tuple(
                name
                for name, row in rows
                if row is not None and not (row.retired_on and row.retired_on <= gone)
            )

        return provider, await in_thread(served)

    @Slot(object)
    def _on_models(self, value: tuple[str, tuple[str, ...]]) -> None:
        self.models_known.emit(*value)

    def ask_price(self, wanted: Wanted) -> None:
        """What this would cost at most; only the last question is answered."""
        self._asked = wanted
        self._start(self._price(wanted), self._on_priced)

    async def _price(self, wanted: Wanted) -> Priced:
        try:
            access = await in_thread(self._cloud)
            row = providers.find(wanted.provider)
            most = await in_thread(most_it_costs, access, row, wanted.model, wanted.plan)
        except AppError as error:
            return Priced(wanted, None, error)
        return Priced(wanted, most)

    @Slot(object)
    def _on_priced(self, priced: Priced) -> None:
        if priced.wanted == self._asked:
            self.priced.emit(priced)

    # Probing

    def start(self, wanted: Wanted, consent: Consent) -> None:
        """Make the calls; nothing happens while others are made."""
        if self.running is not None:
            return
        self.running, self._last = wanted, None
        self._task = self._tasks.stream(self._probe(wanted, consent))
        self._task.progressed.connect(self._on_progress)
        self._task.failed.connect(self._on_failed)
        self._task.finished.connect(self._on_finished)

    async def _probe(self, wanted: Wanted, consent: Consent) -> AsyncGenerator[ProbeUpdate, None]:
        access = await in_thread(self._cloud)
        updates = run_probe(
            access,
            self._history,
            providers.find(wanted.provider),
            model=wanted.model,
            plan=wanted.plan,
            consent=consent,
        )
        try:
            async for update in updates:
                yield update
        finally:
            await updates.aclose()

    def stop(self) -> None:
        """Keep what came."""
        if self._task is not None:
            self._task.cancel()

    @Slot(object)
    def _on_progress(self, batch: list[ProbeUpdate]) -> None:
        for update in batch:
            if isinstance(update, Made):
                self.call_made.emit(update)
            else:
                self._last = update

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        if isinstance(error, AppError):
            self._last = error
        else:
            self._messages.fail(error)

    @Slot()
    def _on_finished(self) -> None:
        last, self.running, self._task = self._last, None, None
        if isinstance(last, AppError):
            self.failed.emit(last)
        else:
            self.ended.emit(last)
        self.load()

    def _start(self, work: Coroutine[Any, Any, Any], then: Callable[..., None]) -> None:
        task = self._tasks.run(work)
        task.succeeded.connect(then)
        task.failed.connect(self._on_trouble)

    @Slot(object)
    def _on_trouble(self, error: BaseException) -> None:
        self._messages.fail(error)
