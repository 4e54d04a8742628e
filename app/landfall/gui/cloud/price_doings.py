"""What is done about prices when the user asks: fetch them anew, go back, type one in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from landfall.core.errors import AppError, BadInput
from landfall.gui.cloud.view import said
from landfall.gui.dates import when
from landfall.services.paths import of_user
from landfall.services.pricing import tables as price_tables
from landfall.services.pricing import typed as typed_prices
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.core.settings import Settings
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.gui.preferences import Preferences
    from landfall.gui.tasks import TaskRunner
    from landfall.services.cloud.access import CloudAccess
    from landfall.services.pricing.bundled import PriceTable
    from landfall.services.pricing.refresh import Refreshed


class PriceDoings(QObject):
    """Changes prices, and tells what came of it.

    Signals:
        started: A table is being fetched.
        ended: What came of it in words, and whether the new table is in use.
        table_changed: Another table is in use.
        not_taken: A typed price cannot be; the field and why.
    """

    started = Signal()
    ended = Signal(str, bool)
    table_changed = Signal()
    not_taken = Signal(str, str)

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        *,
        cloud: Callable[[], CloudAccess],
        preferences: Preferences,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._app, self._tasks, self._messages = state, tasks, messages
        self._cloud, self._preferences = cloud, preferences
        self._busy = False

    @property
    def settings(self) -> Settings:
        """As they are now."""
        return self._app.settings

    def table(self) -> PriceTable:
        """The table in use; it was read before."""
        return self._cloud().prices.table

    @Slot()
    def refresh(self) -> None:
        """Fetch the table once."""
        if self._busy:
            return
        self._busy = True
        self.started.emit()
        work = self._tasks.run(self._cloud().refresh_prices())
        work.succeeded.connect(self._on_refreshed)
        work.failed.connect(self._on_failed)

    @Slot(object)
    def _on_refreshed(self, done: Refreshed) -> None:
        self._busy = False
        if done.error is not None:
            self.ended.emit(self._failure(done, done.error), False)
            return
        text = self.tr("{0} prices changed, {1} models are new, {2} are gone.").format(
            done.changed, done.added, done.gone
        )
        self.ended.emit(text, True)
        self.table_changed.emit()

    def _failure(self, done: Refreshed, error: AppError) -> str:
        as_of = done.table.as_of
        dated = when(as_of.isoformat()) if as_of else self.tr("an unknown date")
        head = self.tr("Refresh failed, showing data of {0}.").format(dated)
        return f"{head} {said(error)}"

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        self._busy = False
        self.ended.emit("", False)
        self._messages.fail(error)

    @Slot()
    def go_back(self) -> None:
        """Use the table that came with the program."""
        work = self._tasks.run(in_thread(price_tables.forget, of_user().prices))
        work.succeeded.connect(self._on_back)
        work.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_back(self, _removed: bool) -> None:
        self.ended.emit("", True)
        self.table_changed.emit()

    def typed(self, provider: str, model: str) -> Mapping[str, float] | None:
        """The user's own price of a model."""
        return typed_prices.typed_price(self.settings, provider, model)

    def keep(self, provider: str, model: str, usd: Mapping[str, float | None]) -> bool:
        """Take a typed price; False where it cannot be one."""
        try:
            changed = typed_prices.with_price(self.settings, provider, model, usd)
        except BadInput as error:
            self.not_taken.emit(error.field, said(error))
            return False
        self._preferences.change(changed)
        return True

    def remove(self, provider: str, model: str) -> None:
        """The tables hold again for a model."""
        self._preferences.change(typed_prices.without_price(self.settings, provider, model))
