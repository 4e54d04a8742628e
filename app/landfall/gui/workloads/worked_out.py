"""What the evidence of a workload asks for and a thread works out: asked, and given back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from landfall.core.errors import AppError

if TYPE_CHECKING:
    from landfall.core.provenance import Unknown
    from landfall.core.verdict.over_volume import BreakEvenCurves
    from landfall.core.verdict.swings import InputSwing
    from landfall.core.workload.privacy_check import PrivacyCheck
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.gui.workloads.detail import WorkloadDetail
    from landfall.services.verdict.decided import Decided
    from landfall.services.verdict.known_names import Known
    from landfall.services.verdict.portfolio import Portfolio


class WorkedOut(QObject):
    """Serves the detail that is shown; what comes after it was left is dropped."""

    def __init__(
        self,
        portfolio: Portfolio,
        *,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        parent: QObject,
    ) -> None:
        """Make it.

        Args:
            portfolio: Works the answers out.
            state: Has the settings of now.
            tasks, messages: Run, and say what failed.
            parent: Owns it.
        """
        super().__init__(parent)
        self._portfolio, self._state = portfolio, state
        self._tasks, self._messages = tasks, messages
        self._detail: WorkloadDetail | None = None

    def serve(self, detail: WorkloadDetail) -> None:
        """Answer this one from now on."""
        self._detail = detail
        detail.flips_wanted.connect(self._find_flips)
        detail.curves_wanted.connect(self._find_curves)
        detail.swings_wanted.connect(self._find_swings)
        detail.machine_wanted.connect(self._weigh_machine)
        detail.check_wanted.connect(self._check_privacy)
        detail.names_wanted.connect(self._find_names)

    def forget(self) -> None:
        """Nothing is shown that could take an answer."""
        self._detail = None

    @Slot(object)
    def _find_flips(self, decided: Decided) -> None:
        task = self._tasks.run(self._portfolio.flips_of(decided, decided.loaded.workload))
        task.succeeded.connect(partial(self._on_flips, decided))
        task.failed.connect(self._messages.fail)

    def _on_flips(self, asked: Decided, found: Decided) -> None:
        if self._detail is not None:
            self._detail.add_flips(asked, found)

    @Slot(object)
    def _find_curves(self, decided: Decided) -> None:
        task = self._tasks.run(self._portfolio.break_even(decided))
        task.succeeded.connect(self._on_curves)
        task.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_curves(self, answer: tuple[Decided, BreakEvenCurves | Unknown]) -> None:
        if self._detail is not None:
            self._detail.show_curves(*answer)

    @Slot(object)
    def _find_swings(self, decided: Decided) -> None:
        task = self._tasks.run(self._portfolio.swings_of(decided))
        task.succeeded.connect(self._on_swings)
        task.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_swings(self, answer: tuple[Decided, tuple[InputSwing, ...]]) -> None:
        if self._detail is not None:
            self._detail.show_swings(*answer)

    @Slot(object)
    def _check_privacy(self, decided: Decided) -> None:
        task = self._tasks.run(self._portfolio.check_privacy(decided, self._state.settings))
        task.succeeded.connect(self._on_checked)
        task.failed.connect(self._on_unchecked)

    @Slot(object)
    def _on_checked(self, answer: tuple[Decided, PrivacyCheck]) -> None:
        if self._detail is not None:
            self._detail.show_check(answer)

    @Slot(object)
    def _on_unchecked(self, error: Exception) -> None:
        if self._detail is not None:
            self._detail.show_check(None)
        self._messages.fail(error)

    @Slot(object, str, bool, object, str)
    def _weigh_machine(
        self, decided: Decided, name: str, owned: bool, price: float | None, day: str
    ) -> None:
        task = self._tasks.run(
            self._portfolio.on_machine(decided, name, owned=owned, price_usd=price, as_of=day)
        )
        task.succeeded.connect(self._on_machine)
        task.failed.connect(self._on_no_machine)

    @Slot(object)
    def _on_machine(self, answer: tuple[Decided, Decided]) -> None:
        if self._detail is not None:
            self._detail.show_machine(*answer)

    @Slot(object)
    def _on_no_machine(self, error: Exception) -> None:
        if isinstance(error, AppError) and self._detail is not None:
            self._detail.refuse_machine(error)
        else:
            self._messages.fail(error)

    @Slot()
    def _find_names(self) -> None:
        task = self._tasks.run(self._portfolio.known(self._state.settings))
        task.succeeded.connect(self._on_names)
        task.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_names(self, known: Known) -> None:
        if self._detail is not None:
            self._detail.offer_machines(known.machines)
