"""What each target made of all prompts, a row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.provenance import Estimated, Measured, Unknown
from landfall.core.quality.votes import tally
from landfall.gui.format import joined, shown, whole
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Plain, Title
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable

if TYPE_CHECKING:
    from landfall.core.provenance import Figure
    from landfall.core.quality.votes import Standing
    from landfall.core.side_by_side.figures import Amount, TargetSummary
    from landfall.gui.format import Shown
    from landfall.gui.side_by_side.targets import Asked
    from landfall.gui.widgets.cells import Row
    from landfall.services.side_by_side.kept import SideBySide


def _tr(text: str) -> str:
    return QCoreApplication.translate("side by side", text)


class SummaryTable(DataTable):
    """In the place of the columns while the figures over all prompts are looked at."""

    def __init__(self) -> None:
        columns = (
            Column(_tr("Target")),
            Column(_tr("First token"), 122, right=True),
            Column(_tr("Decode"), 122, right=True),
            Column(_tr("Cost"), 112, right=True),
            Column(_tr("Energy"), 112, right=True),
            Column(_tr("Votes won"), 92, right=True),
        )
        super().__init__(columns, _tr("Figures over all prompts"), scrolls=True)
        self.setObjectName("side-summary-table")

    def show_kept(self, side: SideBySide, asked: Sequence[Asked]) -> None:
        """The figures of this comparison."""
        counted = tally(side.votes)
        rows = []
        for one in side.summaries():
            target = side.plan.targets[one.target]
            standing = next((s for s in counted.standings if s.target.is_same(target)), None)
            rows.append(_row(one, asked[one.target], standing))
        self.set_rows(rows)


def _row(one: TargetSummary, asked: Asked, standing: Standing | None) -> Row:
    icon = asked.icon
    cost = _figure(one.cost_usd, computed=True)
    if asked.host is not None:
        cost = Unknown(_tr("the electricity of {0} is not measured").format(asked.where))
    elif not asked.leaves:
        cost = Unknown(_tr("nobody sends a bill for it; it draws power"))
    answers = _tr("{0} of {1} answers")
    came = answers.format(whole(one.answers), whole(one.answers + one.failed))
    return (
        Title(asked.model, f"{came}, {asked.where}", icon=icon, note=asked.label),
        _with_p95(one),
        _with_tokens(one),
        shown(cost, Unit.USD),
        shown(_figure(one.gross_joules), Unit.JOULES),
        _votes(standing),
    )


def _with_tokens(one: TargetSummary) -> Shown:
    """The rate, and below it how many tokens all answers have."""
    tokens = one.output_tokens.value
    detail = "" if tokens is None else _tr("{0} tokens").format(whole(round(tokens)))
    return _detailed(shown(_figure(one.decode_tok_s), Unit.TOKENS_PER_SECOND), detail)


def _with_p95(one: TargetSummary) -> Shown:
    """The median, and below it what 95 of 100 answers did not exceed."""
    p95 = _figure(one.ttft_p95_seconds)
    below = shown(p95, Unit.SECONDS)
    detail = (
        "" if isinstance(p95, Unknown) else _tr("p95 {0}").format(joined(below.value, below.unit))
    )
    return _detailed(shown(_figure(one.ttft_p50_seconds), Unit.SECONDS), detail)


def _detailed(made: Shown, detail: str) -> Shown:
    return replace(made, detail=detail, spoken=f"{made.spoken}. {detail}".strip(" ."))


def _figure(amount: Amount, *, computed: bool = False) -> Figure:
    """A figure over several answers; it says of how many it is not known."""
    if amount.value is None:
        return Unknown(amount.reason)
    where = _tr("over all prompts")
    if amount.missing:
        where = _tr("not known of {0} answers: {1}")
        if amount.missing == 1:
            where = _tr("not known of one answer: {1}")
        where = where.format(whole(amount.missing), translated(amount.reason))
    if computed:
        return Estimated(amount.value, amount.value, amount.value, where)
    return Measured(amount.value, "", where)


def _votes(standing: Standing | None) -> Plain:
    if standing is None:
        return Plain(_tr("no vote"), tone="text_3", right=True, sort=-1.0)
    words = _tr("{0} of {1}").format(whole(standing.wins), whole(standing.votes))
    ties = _tr("tied {0}").format(whole(standing.ties)) if standing.ties else ""
    return Plain(words, ties, right=True, sort=standing.win_share)
