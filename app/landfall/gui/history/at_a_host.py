"""What the answers of this machine would have cost at a host, less their electricity: per model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Slot

from landfall.core.provenance import Estimated, Figure, Unknown
from landfall.gui.format import Shown, shown, whole
from landfall.gui.translated import all_translated
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Plain, Row, Title
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable
from landfall.services.late_imports import late
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.core.settings import Settings
    from landfall.gui.history.asked import Asked
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.history.history import History
    from landfall.services.history.records import RunRecord
    from landfall.services.usage.counterfactual import LocalModel


def _tr(text: str) -> str:
    return QCoreApplication.translate("history", text)


class HostCard(Card):
    """Asks before it reads all runs and the table of prices; then it follows what is asked for."""

    def __init__(
        self,
        tasks: TaskRunner,
        messages: Messages,
        history: History,
        settings: Callable[[], Settings],
    ) -> None:
        super().__init__(_tr("Against a host"))
        self._tasks, self._messages = tasks, messages
        self._history, self._settings = history, settings
        self._wanted: Callable[[RunRecord], bool] = _all
        self._task: Task | None = None
        self._is_open = False
        self.setObjectName("against-a-host")
        self.line = StateLine(State.TODO, "")
        self.line.setObjectName("host-saving")
        self.line.triggered.connect(self.open)
        self.table = DataTable(_columns(), _tr("Against a host"))
        self.table.setObjectName("host-saving-table")
        self.add(self.line, self.table)
        self._offer()

    def ask(self, asked: Asked, first_day: str) -> None:
        """Other runs are wanted: those of a model, a workload, from a day on."""
        self._wanted = partial(_is_wanted, asked, first_day)
        if self._is_open:
            self.open()

    @Slot()
    def open(self) -> None:
        """Work it out for what is asked for now."""
        self._is_open = True
        if self._task is not None:
            self._task.cancel()
        self.line.show_line(State.RUNNING, _tr("Pricing the answers that are kept"))
        task = self._tasks.run(_priced(self._history, self._settings(), self._wanted))
        task.succeeded.connect(self.on_priced)
        task.failed.connect(self.on_failed)
        self._task = task

    @Slot(object)
    def on_priced(self, found: Sequence[LocalModel]) -> None:
        """It is worked out."""
        self._task = None
        self.table.set_rows([host_row(one) for one in found])
        self.table.setVisible(bool(found))
        if not found:
            self.line.show_line(State.SKIPPED, _tr("No answer of this machine is among them."))
            return
        self.line.show_line(State.DONE, *_sum_words(found))

    @Slot(object)
    def on_failed(self, error: Exception) -> None:
        """It could not be worked out."""
        self._task = None
        self._messages.fail(error)
        self._offer()

    def _offer(self) -> None:
        self._is_open = False
        self.table.hide()
        self.line.show_line(
            State.TODO,
            _tr("Did this machine save anything?"),
            _tr(
                "Each answer at the price of its own day and tokens at the cheapest host of the"
                " same weights, less its electricity. It may be a loss."
            ),
            action=_tr("Work it out"),
        )


def _columns() -> tuple[Column, ...]:
    return (
        Column(_tr("Model")),
        Column(_tr("Answers"), 90, right=True),
        Column(_tr("At the host"), 130, right=True),
        Column(_tr("Electricity"), 130, right=True),
        Column(_tr("Saved"), 130, right=True),
    )


def host_row(one: LocalModel) -> Row:
    """One model: what its answers cost here and would have cost there. A loss is called one."""
    found = one.found
    why = "; ".join(all_translated(found.reasons)) or _tr("no answer could be priced")
    at = why if one.hosted is None else f"{one.hosted.model}, {one.hosted.provider}"
    there = _figure(found.cloud_usd, _tr("its tokens at the price of each day"), why)
    unmeasured = _tr("the electricity of {0} of {1} answers is not known in dollars").format(
        whole(found.unmeasured), whole(found.counted)
    )
    lacks = unmeasured if found.unmeasured else why
    here = _figure(
        found.electricity_usd if not found.unmeasured else None,
        _tr("metered energy at the tariff of its hour"),
        lacks,
    )
    saved = _figure(
        found.saved_usd, _tr("what the host would have charged, less the electricity"), lacks
    )
    return (
        Title(one.model, at),
        Plain(whole(found.counted), right=True),
        shown(there, Unit.USD),
        shown(here, Unit.USD),
        _saved_shown(saved),
    )


def _saved_shown(saved: Figure) -> Shown:
    seen = shown(saved, Unit.USD)
    if isinstance(saved, Estimated) and saved.mid < 0:
        loss = _tr("a loss")
        return replace(seen, detail=loss, spoken=f"{seen.spoken}, {loss}")
    return seen


def _figure(usd: float | None, formula: str, why: str) -> Figure:
    return Unknown(why) if usd is None else Estimated(usd, usd, usd, formula)


def _sum_words(found: Sequence[LocalModel]) -> tuple[str, str]:
    """What was saved in all, and what it leaves out."""
    known = [one.found.saved_usd for one in found if one.found.saved_usd is not None]
    detail = _tr(
        "Of the runs that are kept, deleted ones not among them. What the machine cost to buy is"
        " not in it."
    )
    if not known:
        return _tr("What was saved is not known"), detail
    usd = sum(known)
    text = shown(Estimated(usd, usd, usd, ""), Unit.USD).value
    words = _tr("{0} saved") if usd >= 0 else _tr("{0}: a loss")
    out = words.format(text)
    if len(known) < len(found):
        lacks = _tr("{0} of {1} models lack a price or their electricity").format(
            whole(len(found) - len(known)), whole(len(found))
        )
        out = f"{out}; {lacks}"
    return out, detail


def _all(_run: RunRecord) -> bool:
    return True


def _is_wanted(asked: Asked, first_day: str, run: RunRecord) -> bool:
    wanted = asked.belongs(place=run.place, model=run.model, workload=run.workload)
    return wanted and run.started_at[:10] >= first_day


async def _priced(
    history: History, settings: Settings, wanted: Callable[[RunRecord], bool]
) -> tuple[LocalModel, ...]:
    """The table of prices comes in on a thread: it is large."""
    prices = await in_thread(late, "landfall.services.pricing.prices")
    usage = await in_thread(late, "landfall.services.usage.counterfactual")
    table = await in_thread(prices.Prices, settings)
    found: tuple[LocalModel, ...] = await usage.local_models(
        history, table, settings, at=datetime.now(UTC), wanted=wanted
    )
    return found
