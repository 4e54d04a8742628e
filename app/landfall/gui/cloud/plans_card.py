"""Subscriptions beside the bill by the token: which plan holds a volume, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal, Slot

from landfall.core.costs.subscriptions import Fit, PlanMonth
from landfall.core.errors import AppError
from landfall.core.pricing.call_shape import CallShape
from landfall.gui.dates import when
from landfall.gui.format import money, percent, whole
from landfall.gui.hints import hint_words, message_words
from landfall.gui.theme import Text
from landfall.gui.translated import all_translated, translated
from landfall.gui.widgets.apart import Apart
from landfall.gui.widgets.cells import Plain, Row, Status, Title
from landfall.gui.widgets.controls import Switch
from landfall.gui.widgets.feedback import Skeleton, State, StateLine
from landfall.gui.widgets.layout import Card, button, column, holder, label, row
from landfall.gui.widgets.setting_field import NumberField
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable
from landfall.gui.widgets.two_parts import SideBySide
from landfall.services.pricing.plans_beside import Asked, Beside, of_usage, plans_beside

if TYPE_CHECKING:
    from landfall.core.settings import Settings
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.cloud.access import CloudAccess
    from landfall.services.history.history import History

ROW = 44
CALLS, USERS = 200.0, 1.0
"""The form starts with a day of one person who works with a model."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("plans", text)


class PlansCard(Card):
    """Takes the call from the form above it; a volume is typed, or taken from what was used.

    Signals:
        answered: The plans are there, or it is said why not: from now on it is as high.
    """

    answered = Signal()

    def __init__(
        self,
        tasks: TaskRunner,
        messages: Messages,
        history: History,
        *,
        cloud: Callable[[], CloudAccess],
        settings: Callable[[], Settings],
    ) -> None:
        """Make it; nothing is read before a call is shown.

        Args:
            tasks: Runs the work.
            messages: Says what is refused.
            history: What was used.
            cloud: Prices under the settings of now.
            settings: With the plans that the user typed.
        """
        super().__init__(self.tr("Or a subscription"), note=self.tr("flat plans, as published"))
        self._tasks, self._messages, self._history = tasks, messages, history
        self._cloud, self._settings = cloud, settings
        self._provider = self._model = ""
        self._shape: CallShape | None = None
        self._call: tuple[str, str, CallShape] | None = None
        self._from_usage = ""
        self._calls, self._users = CALLS, USERS
        self.calls = self._field(self.tr("Calls a day"), "plan-calls", CALLS)
        self.users = self._field(self.tr("People"), "plan-users", USERS, low=1)
        self.interface = Switch(self.tr("A program calls it"))
        self.interface.setObjectName("plan-interface")
        self.mine = button(self.tr("Take my usage"), icon="history")
        self.mine.setObjectName("plan-usage")
        choose = self.tr("Choose a model above")
        self.line = StateLine(State.TODO, choose, padding=0, keeps_detail=True)
        self.line.setObjectName("plan-line")
        self.table = DataTable(plan_columns(), self.tr("Plans"), row_height=ROW, marks=False)
        self.table.setObjectName("plans")
        self.table.hide()
        self._waiting = Skeleton(520, 460, 500, 440)
        self._build()
        self.calls.entered.connect(self._on_calls)
        self.users.entered.connect(self._on_users)
        self.interface.toggled.connect(self.ask)
        self.mine.clicked.connect(self.on_mine)

    def _field(self, name: str, object_name: str, value: float, *, low: float = 0.0) -> NumberField:
        field = NumberField(name, "", unit="", low=low, high=1e9, digits=0)
        field.edit.setObjectName(object_name)
        field.set_value(value)
        return field

    def _build(self) -> None:
        may_call = row(label(self.tr("A program calls it"), Text.MEDIUM), self.interface)
        form = SideBySide(
            SideBySide(self.calls, self.users, needs=350, level=True),
            Apart(holder(may_call), self.mine),
            needs=760,
            level=True,
        )
        note = label(
            self.tr(
                "Limits that a seller does not publish stay unknown: such a plan is never called"
                " the one that fits. Plans for apps cannot be called by a program."
            ),
            Text.CAPTION,
            tone="text_3",
            wrap=True,
        )
        self.add(form, self.line, note, column(self._waiting, self.table))

    # What is asked

    def show_call(self, provider: str, model: str, shape: CallShape) -> None:
        """Judge the plans by this call."""
        if (provider, model, shape) != self._call:  # else only its price may be another
            self._from_usage = ""
            self._call = provider, model, shape
            self._provider, self._model, self._shape = provider, model, shape
        self.ask()

    @Slot()
    def ask(self) -> None:
        """What do the plans cost at this volume?"""
        if self._shape is None:
            return
        asked = Asked(
            provider=self._provider,
            model=self._model,
            shape=self._shape,
            calls_per_day=self._calls,
            users=round(self._users),
            interface=self.interface.isChecked(),
        )
        task = self._tasks.run(plans_beside(self._settings(), self._cloud().prices, asked))
        task.succeeded.connect(self._on_found)
        task.failed.connect(self._on_failed)

    @Slot(object)
    def _on_calls(self, calls: float) -> None:
        self._calls = calls
        self.ask()

    @Slot(object)
    def _on_users(self, users: float) -> None:
        self._users = users
        self.ask()

    @Slot()
    def on_mine(self) -> None:
        """A day and a call as they were on the mean of what was imported."""
        task = self._tasks.run(of_usage(self._history))
        task.succeeded.connect(self._on_usage)
        task.failed.connect(self._on_failed)

    @Slot(object)
    def _on_usage(self, mean: tuple[float, CallShape] | None) -> None:
        if mean is None:
            said = self.tr("No usage with counted calls is imported")
            self.line.show_line(State.TODO, said, self.tr("Import files on the tab Usage."))
            return
        calls, self._shape = mean
        self._calls = float(round(calls))
        self.calls.set_value(self._calls)
        # The tokens are those of the usage, and the price is not: the model stays the form's.
        words = self.tr("The mean of your usage: {0} tokens a call, at the price of {1}.")
        self._from_usage = words.format(whole(round(self._shape.total_tokens)), self._model)
        self.ask()

    # What is shown

    @Slot(object)
    def _on_found(self, found: Beside) -> None:
        choice = found.plans.choice
        self._waiting.hide()
        self.table.show()
        stale = found.plans.stale
        self.table.set_rows([plan_row(one, stale=one.plan.id in stale) for one in choice.months])
        best = choice.best
        said = verdict_words(found)
        self.line.show_line(State.DONE if best is not None else State.PARTIAL, said, self._detail())
        self.answered.emit()

    def _detail(self) -> str:
        return self._from_usage or self.tr("For the call above: {0}.").format(self._model)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._waiting.hide()
        if isinstance(error, AppError):
            self.line.show_line(State.FAILED, message_words(error), hint_words(error))
        else:
            self._messages.fail(error)
        self.answered.emit()


def plan_columns() -> tuple[Column, ...]:
    """Of the table of plans."""
    return (
        Column(_tr("Plan")),
        Column(_tr("Holds it"), 310),
        Column(_tr("Seats"), 70, right=True),
        Column(_tr("A month"), 132, right=True),
        Column(_tr("As of"), 112),
    )


def plan_row(one: PlanMonth, *, stale: bool) -> Row:
    """A month of one plan."""
    plan = one.plan
    made_for = _tr("for programs too") if plan.interface else _tr("for its apps alone")
    dated = when(plan.as_of.isoformat()) if plan.as_of is not None else _tr("stated by you")
    return (
        Title(
            plan.name,
            f"{plan.seller}, {made_for}",
            note="\n".join((plan.source, *all_translated(plan.notes))),
        ),
        Status(*_fit(one.fit), translated(one.why)),
        Plain(whole(one.seats), right=True, sort=one.seats),
        _month(one),
        Plain(dated, _tr("stale") if stale else "", tone="caution" if stale else "text_2"),
    )


def _month(one: PlanMonth) -> Plain:
    if one.usd is None:
        return Plain(_tr("not to be had"), tone="text_3", right=True)
    more = _tr("{0} for more").format(money(one.overage_usd)) if one.overage_usd else ""
    return Plain(money(one.usd), more, right=True, sort=one.usd)


def _fit(fit: Fit) -> tuple[State, str]:
    return {
        Fit.YES: (State.DONE, _tr("yes")),
        Fit.OVER: (State.PARTIAL, _tr("with more to pay")),
        Fit.UNKNOWN: (State.TODO, _tr("unknown")),
        Fit.NO: (State.FAILED, _tr("no")),
    }[fit]


def verdict_words(found: Beside) -> str:
    """The cheapest plan that holds it against the bill by the token."""
    choice = found.plans.choice
    api = choice.api_usd_month
    by_token = _tr("By the token it is {0} a month.").format(money(api)) if api is not None else ""
    if choice.best is None:
        return f"{_tr('No plan is known to hold this volume.')} {by_token}".strip()
    best, saving = choice.best, choice.saving_usd_month
    name = f"{best.plan.seller} {best.plan.name}"
    if saving is None:
        return _tr("{0} holds it for {1} a month; the price by the token is unknown.").format(
            name, money(best.usd or 0.0)
        )
    words = (
        _tr("{0} saves {1} a month, {2} of the bill by the token of {3}.")
        if saving > 0
        else _tr("By the token it is cheaper: {0} costs {1} more, {2} of {3}.")
    )
    share = percent(abs(saving) / api) if api else _tr("without base")
    return words.format(name, money(abs(saving)), share, money(api or 0.0))
