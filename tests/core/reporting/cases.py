"""Cases whose figures are typed, and how their tables are read."""

from __future__ import annotations

from dataclasses import replace

from landfall.core.costs.horizon import Against, Horizon, Outlay, Point
from landfall.core.demand.forecast import Predictability
from landfall.core.provenance import Estimated, Published, Stated, Unknown
from landfall.core.reporting.blocks import (
    Table,
)
from landfall.core.reporting.subject import (
    Around,
    Subject,
)
from landfall.core.usage.series import SeriesSummary
from landfall.core.verdict.details import Detail, Details, known
from landfall.core.verdict.options import OptionLine
from landfall.core.verdict.worlds import MeasureNext, Worlds
from landfall.core.workload.privacy import Option

AROUND = Around(as_of="2026-11-26", version="0", providers={"openai": "OpenAI"})


def head(table: Table) -> list[tuple[str, bool, float]]:
    return [(one.title, one.right, one.share) for one in table.columns]


def tables(found: object) -> list[Table]:
    return [one for one in found.blocks if isinstance(one, Table)]  # type: ignore[attr-defined]


BAND = Estimated(90.0, 120.0, 160.0, "a formula")

NOT_LOOKED_AT = Unknown("not looked at")


def line(
    option: Option, usd: object, *, open_: bool | None = True, why: str = "", rule: str = ""
) -> OptionLine:
    return OptionLine(option=option, usd_month=usd, feasible=open_, why_not=why, rule=rule)  # type: ignore[arg-type]


def with_options(split: Subject, details: Details | None = None) -> Subject:
    """Every option once: chosen, open at a known and at an unknown price, and out."""
    lines = (
        line(Option.CLOUD_FRONTIER, Published(300.0, "a list", "2026-11-01"), why="$180 more"),
        line(Option.RENT_GPU, Unknown("no price"), open_=None, why="cost not known: no price"),
        line(Option.HOSTED_OPEN, Stated(200.0, "typed"), why="H2: $80 more"),
        line(Option.LOCAL_THIS_MACHINE, BAND, open_=False, why="it cannot keep up", rule="H6"),
        line(Option.LOCAL_BUY, Unknown("nothing to buy"), open_=False),
        line(Option.HYBRID, BAND),
    )
    details = details or Details(
        of={
            Option.HYBRID: Detail(latency_p95_s=NOT_LOOKED_AT, assumes=("it waits", "one shift")),
            Option.CLOUD_FRONTIER: Detail(latency_p95_s=Unknown("never probed"), assumes=("x",)),
            Option.HOSTED_OPEN: Detail(latency_p95_s=Estimated(2.0, 3.0, 4.0, "a formula")),
        }
    )
    verdict = replace(
        split.verdict, options=lines, behind=known(details), bar=Option.HOSTED_OPEN, local_share=0.4
    )
    return replace(split, verdict=verdict)


def horizon(hours: Point) -> Horizon:
    nothing = Unknown("nobody knows")
    outlay = Outlay(
        machine="a box",
        price_usd=Stated(3000.0, "typed"),
        residual_share=nothing,
        months=nothing,
        opex_usd_month=nothing,
        fixed_usd_month=nothing,
        usd_per_call=nothing,
        calls_per_day=Stated(100.0, "typed"),
        most_calls_per_day=nothing,
        yearly_rate=0.0,
        yearly_decline=nothing,
        growth_per_month=0.0,
    )
    cloud = Against(
        option=Option.CLOUD_FRONTIER,
        bill_usd_month=nothing,
        payback_months=Point(Stated(4.0, "typed")),
        payback_months_falling=Point(Unknown("never: it falls too fast"), never=True),
        npv_usd=Stated(-500.0, "typed"),
        decline_that_ends_it=nothing,
        breakeven_calls_per_day=Point(Estimated(1.0, 2.0, 3.0, "f")),
        within_reach=True,
    )
    far = replace(cloud, option=Option.HOSTED_OPEN, within_reach=False)
    lost = replace(
        far,
        option=Option.RENT_GPU,
        breakeven_calls_per_day=Point(Unknown("never: at no volume"), never=True),
    )
    return Horizon(outlay=outlay, against=(cloud, far, lost), rent_or_buy_hours=hours)


def typed(value: float) -> Stated:
    return Stated(value, "typed")


MEASURE = MeasureNext(path="tokens.output", why="it swings most", regret_left_usd_month=4.0)

WORLDS = Worlds(
    draws=2000,
    p_best={},
    saving_mean=None,
    saving_p05=None,
    saving_p95=None,
    regret_usd_month=30.0,
    measure=MEASURE,
)

DOUBT = (
    "What would reduce doubt most: tokens out. It swings most. Being wrong then costs $4.00 a month"
    " in the mean, of $30 now."
)


def summary(reasons: tuple[str, ...]) -> SeriesSummary:
    return SeriesSummary(
        calls_per_day=120.0, history_days=40, predictability=Predictability.PREDICTABLE,
        input=None, cached_input=None, output=None, reasons=reasons,
    )  # fmt: skip


def texts(found: object) -> str:
    return repr(found)
