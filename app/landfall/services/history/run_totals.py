"""What the days of the history come to: tokens, energy, money; in all, by what, and over time.

A part that is unknown is said, never taken for 0. Nothing is cut off below zero: where a tariff
pays for electricity that is used, that is a negative cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from landfall.core.provenance import Estimated, Figure, Measured, Unknown, middle
from landfall.services.history.records import DayTotal

MOST_DAYS = 100
"""More days than these are shown as weeks, and more weeks as months."""

_NO_RUN = "no run on a machine of yours"
_TARIFF = "metered energy x your tariff of that hour"


class By(StrEnum):
    """Along what totals are told apart."""

    MODEL = "model"
    WORKLOAD = "workload"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A sum over runs.

    Attributes:
        figure: The sum of what is known; unknown where nothing is.
        runs: Over how many runs it should go.
        missing: Of those, how many it lacks.
    """

    figure: Figure
    runs: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Of the days given, deleted runs included.

    Attributes:
        name: What it is the sum of: a model, a workload ("" for none), a day; "" for all.
        runs: On machines of the user and in the cloud.
        tokens_in: Prompt tokens, tokens_out: tokens of answers, on machines of the user.
        cloud_in, cloud_out: The same at providers.
        joules: Gross energy of the parts that were metered, on machines of the user.
        electricity: Its cost by currency, the largest first; empty where none is known.
        electricity_runs: Over how many runs it should go; `electricity_missing` of them lack it.
        usd: What providers charge.
    """

    name: str
    runs: int
    tokens_in: Total
    tokens_out: Total
    cloud_in: Total
    cloud_out: Total
    joules: Total
    electricity: tuple[tuple[str, Figure], ...]
    electricity_runs: int
    electricity_missing: int
    usd: Total


def totals(days: Iterable[DayTotal], name: str = "") -> Totals:
    """Add them up."""
    given = list(days)
    own = [day for day in given if day.place != "cloud"]
    paid = [day for day in given if day.place == "cloud"]
    return Totals(
        name=name,
        runs=sum(day.runs for day in given),
        tokens_in=_sum(own, _prompt, _tokens_missing, _NO_RUN, of_none=0.0),
        tokens_out=_sum(own, _output, _tokens_missing, _NO_RUN, of_none=0.0),
        cloud_in=_sum(paid, _prompt, _tokens_missing, "no run in the cloud", of_none=0.0),
        cloud_out=_sum(paid, _output, _tokens_missing, "no run in the cloud", of_none=0.0),
        joules=_sum(own, _joules, _joules_missing, "no run was metered"),
        electricity=_electricity(own),
        electricity_runs=sum(day.runs for day in own),
        electricity_missing=sum(day.missing_cost for day in own),
        # Where nobody was asked no token came, and nothing was spent: that is known.
        usd=_reckoned(_sum(paid, _usd, _cost_missing, "no answer has a known cost", of_none=0.0)),
    )


def _reckoned(total: Total) -> Total:
    """Money is what a provider said, else tokens by a price, as for one run: nothing counts it."""
    figure = total.figure
    if not isinstance(figure, Measured) or not total.runs:
        return total
    value, how = figure.value, f"tokens x price, or as the provider says: {figure.where}"
    return replace(total, figure=Estimated(value, value, value, how))


def _runs(number: int) -> str:
    return "one run" if number == 1 else f"{number} runs"


def together(own: Total, cloud: Total) -> Total:
    """The same of machines of the user and of providers, as one sum."""
    if not cloud.runs:
        return own
    if not own.runs:
        return cloud
    known = [value for part in (own, cloud) if (value := middle(part.figure)) is not None]
    runs, missing = own.runs + cloud.runs, own.missing + cloud.missing
    figure: Figure = Unknown("no run has it")
    if known:
        figure = Measured(sum(known), "", _runs(runs - missing))
    return Total(figure=figure, runs=runs, missing=missing)


def totals_by(days: Iterable[DayTotal], by: By) -> tuple[Totals, ...]:
    """A sum a model or workload, the one with the most runs first; or a day, the latest first."""
    parts: dict[str, list[DayTotal]] = defaultdict(list)
    for day in days:
        parts[getattr(day, by) or ""].append(day)
    sums = [totals(part, name) for name, part in parts.items()]
    if by is By.DAY:
        return tuple(sorted(sums, key=_name, reverse=True))
    return tuple(sorted(sums, key=_by_runs))


def _name(of: Totals) -> str:
    return of.name


def _by_runs(of: Totals) -> tuple[int, str]:
    return -of.runs, of.name


# What is added


def _prompt(day: DayTotal) -> float | None:
    return day.prompt_tokens


def _output(day: DayTotal) -> float | None:
    return day.output_tokens


def _joules(day: DayTotal) -> float | None:
    return day.joules


def _usd(day: DayTotal) -> float | None:
    return day.cost_usd


def _tokens_missing(day: DayTotal) -> int:
    return day.missing_tokens


def _joules_missing(day: DayTotal) -> int:
    return day.missing_joules


def _cost_missing(day: DayTotal) -> int:
    return day.missing_cost


def _sum(
    days: Sequence[DayTotal],
    value_of: Callable[[DayTotal], float | None],
    missing_of: Callable[[DayTotal], int],
    why: str,
    *,
    of_none: float | None = None,
) -> Total:
    known = [value for day in days if (value := value_of(day)) is not None]
    runs, missing = sum(day.runs for day in days), sum(missing_of(day) for day in days)
    figure: Figure = Unknown(why)
    if known:
        figure = Measured(float(sum(known)), "", _runs(runs - missing))
    elif not days and of_none is not None:
        figure = Measured(of_none, "", "no run")
    return Total(figure=figure, runs=runs, missing=missing)


def _electricity(days: Sequence[DayTotal]) -> tuple[tuple[str, Figure], ...]:
    sums: dict[str, float] = defaultdict(float)
    for day in days:
        if day.electricity_currency and day.electricity_cost is not None:
            sums[day.electricity_currency] += day.electricity_cost
    largest = sorted(sums.items(), key=_by_amount)
    return tuple((code, Estimated(cost, cost, cost, _TARIFF)) for code, cost in largest)


def _by_amount(item: tuple[str, float]) -> tuple[float, str]:
    return -abs(item[1]), item[0]


# Over time


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What is shown over time.

    Attributes:
        kind: "tokens_out", "tokens_in", "joules", "electricity" or "usd".
        currency: ISO 4217 code, of electricity alone.
    """

    kind: str
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A day, a week or a month of a chart.

    Attributes:
        begin, end: First and last day, ISO.
        own: On machines of the user; None where nothing is known or nothing ran.
        cloud: The same at providers.
        runs: That the measure should cover; of those `missing` are not in it.
    """

    begin: str
    end: str
    own: float | None
    cloud: float | None
    runs: int
    missing: int


def over_time(
    days: Sequence[DayTotal], measure: Measure, *, begin: str, end: str
) -> tuple[Step, ...]:
    """Every day from `begin` to `end`, weeks or months where those are too many; empty ones too.

    Args:
        begin, end: ISO days; both are in it.
    """
    steps = _steps(date.fromisoformat(begin), date.fromisoformat(end))
    of_step: list[list[DayTotal]] = [[] for _ in steps]
    place = {}
    for i, (first, last) in enumerate(steps):
        for n in range((last - first).days + 1):
            place[(first + timedelta(days=n)).isoformat()] = i
    for day in days:
        if (at := place.get(day.day)) is not None:
            of_step[at].append(day)
    return tuple(
        _step(first, last, part, measure)
        for (first, last), part in zip(steps, of_step, strict=True)
    )


def _steps(begin: date, end: date) -> list[tuple[date, date]]:
    """Days; weeks from Monday; months: the shortest of which there are not too many."""
    number = (end - begin).days + 1
    steps: list[tuple[date, date]] = []
    first = begin
    while first <= end:
        if number <= MOST_DAYS:
            last = first
        elif number <= MOST_DAYS * 7:
            last = first + timedelta(days=6 - first.weekday())
        else:
            last = (first.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        steps.append((first, min(last, end)))
        first = last + timedelta(days=1)
    return steps


def _step(begin: date, end: date, days: Sequence[DayTotal], measure: Measure) -> Step:
    own, cloud = 0.0, 0.0
    knows_own = knows_cloud = False
    runs = missing = 0
    for day in days:
        covers, value, lacks = _part(day, measure)
        if not covers:
            continue
        runs += day.runs
        missing += lacks
        if value is None:
            continue
        if day.place == "cloud":
            cloud, knows_cloud = cloud + value, True
        else:
            own, knows_own = own + value, True
    return Step(
        begin=begin.isoformat(),
        end=end.isoformat(),
        own=own if knows_own else None,
        cloud=cloud if knows_cloud else None,
        runs=runs,
        missing=missing,
    )


def _part(day: DayTotal, measure: Measure) -> tuple[bool, float | None, int]:
    """Whether a measure covers these runs, what it is of them, and how many it lacks."""
    is_cloud = day.place == "cloud"
    match measure.kind:
        case "tokens_in":
            return True, day.prompt_tokens, day.missing_tokens
        case "tokens_out":
            return True, day.output_tokens, day.missing_tokens
        case "joules":
            return not is_cloud, day.joules, day.missing_joules
        case "usd":
            return is_cloud, day.cost_usd, day.missing_cost
        case _:
            # Runs without a known cost have no currency: each currency lacks them.
            of_it = day.electricity_currency in (measure.currency, None)
            return not is_cloud and of_it, day.electricity_cost, day.missing_cost
