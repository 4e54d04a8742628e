"""The values of a report's charts, as those of the window are, free of any way to draw them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from landfall.core.workload.privacy import Option


class Place(StrEnum):
    """Where work runs: what the colour of a bar or a line says beside its name."""

    HERE = "here"
    FRONTIER = "frontier"
    HOSTED = "hosted"
    RENT = "rent"
    BUY = "buy"


PLACES = {
    Option.CLOUD_FRONTIER: Place.FRONTIER,
    Option.HOSTED_OPEN: Place.HOSTED,
    Option.RENT_GPU: Place.RENT,
    Option.LOCAL_THIS_MACHINE: Place.HERE,
    Option.LOCAL_BUY: Place.BUY,
    Option.HYBRID: Place.HERE,
    Option.LOCAL_REQUIRED_NOT_FEASIBLE: Place.HERE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CostBar:
    """An option's bill a month.

    Attributes:
        low, mid, high: USD a month; all 0 where it is out or not known.
        amount: In words, with its band.
        out: Why it is out or not known, or "".
        kept: Share of the bar in its own colour; the rest is in that of `overflow`.
    """

    name: str
    place: Place
    chosen: bool
    low: float = 0.0
    mid: float = 0.0
    high: float = 0.0
    amount: str = ""
    out: str = ""
    kept: float = 1.0
    overflow: Place | None = None


@dataclass(frozen=True, slots=True)
class CostChart:
    """Every option's bill, the verdict first."""

    bars: tuple[CostBar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """An option's bill over the volume; `usd_month` at each volume of the chart."""

    name: str
    place: Place
    usd_month: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEvenChart:
    """Bills over the volume.

    Attributes:
        volume: Calls a day, ascending.
        local: Running here. low, high: its band.
        now, now_usd: Where the user stands, and what is paid there.
        crossing: Volume from which running here is cheaper; None where it never is, or always.
        crossing_text: In words, with its range.
    """

    volume: tuple[float, ...]
    local: CostLine
    low: tuple[float, ...]
    high: tuple[float, ...]
    others: tuple[CostLine, ...]
    now: float
    now_usd: float
    crossing: float | None
    crossing_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SwingBar:
    """The saving at both ends of one input's usual doubt, USD a month.

    Attributes:
        low, high: The saving at `low_label` and `high_label`, the ends of the input.
        flip: The saving where the verdict flips between them; None where it does not.
    """

    name: str
    low: float
    high: float
    low_label: str
    high_label: str
    flip: float | None


@dataclass(frozen=True, slots=True)
class TornadoChart:
    """What each input does to the saving, the widest first. saving_now: USD a month."""

    swings: tuple[SwingBar, ...]
    saving_now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursChart:
    """The load of each hour.

    Attributes:
        loads: Share of the slots that is busy, of the hours from 0 to 23.
        limit: Up to which share it is comfortable.
        slots: How many calls are served at once.
        assumed: Whether the hours are assumed and not stated or observed.
    """

    loads: tuple[float, ...]
    limit: float
    slots: int
    assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A candidate against today's model, in points; negative is worse.

    Attributes:
        result: What the gate says, in a word.
        words: The interval in words, and what it rests on.
        low, middle, high: None where nothing is known of it.
        expected: Believed of such models, not measured.
    """

    name: str
    result: str
    words: str
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    expected: bool = False


@dataclass(frozen=True, slots=True)
class MarginChart:
    """Intervals against the largest loss that is acceptable, in points."""

    intervals: tuple[Interval, ...]
    margin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the pipeline.

    Attributes:
        place: Where it runs, in words.
        host: Where its text goes if it leaves, or "".
        stuck: It must run here and cannot.
    """

    name: str
    model: str
    place: str
    leaves: bool
    host: str = ""
    stuck: bool = False


@dataclass(frozen=True, slots=True)
class PipelineChart:
    """The steps in their order; `lock` names the privacy rule, or is ""."""

    steps: tuple[Step, ...]
    lock: str


Chart = CostChart | BreakEvenChart | TornadoChart | HoursChart | MarginChart | PipelineChart
