"""What stands behind a verdict's options beside their money; `detailing` makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from landfall.core.costs.horizon import Horizon
from landfall.core.provenance import Figure, Stated, Unknown
from landfall.core.verdict.facts import Variant
from landfall.core.workload.privacy import Option

NOT_LOOKED_AT = Unknown("not looked at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """What stands behind one option.

    Attributes:
        latency_p95_s: Within this, nineteen of twenty answers are there in the busiest hour.
        assumes: What its figures rest on, in short sentences.
        variants: Ways to have it, the line's own among them; none where there is one way only.
    """

    latency_p95_s: Figure = NOT_LOOKED_AT
    assumes: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What keeps a machine from work that must stay local.

    Attributes:
        option: LOCAL_THIS_MACHINE or LOCAL_BUY.
        machine: Its name, or "" where there is none.
        rule: Id of the rule; "" where there is no machine at all.
        text: What is missing, with figures where they are known.
    """

    option: Option
    machine: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What stands behind all options of a verdict.

    Attributes:
        of: Each option's own.
        marginal_usd_month: What the work adds to the cost of the owned machine: this decides.
        average_usd_month: What the owned machine costs in all, were it bought for this alone.
        purchase: What a purchase is worth over its life; None where none is considered.
        gap: Where the work must stay local and cannot: what is missing, machine by machine.
        would_hold: The cheapest listed hardware that would do it then, with its price; "" if none.
    """

    of: Mapping[Option, Detail] = field(default_factory=dict)
    marginal_usd_month: Figure = NOT_LOOKED_AT
    average_usd_month: Figure = NOT_LOOKED_AT
    purchase: Horizon | None = None
    gap: tuple[Gap, ...] = ()
    would_hold: str = ""


def quoted(figure: Stated) -> tuple[str, ...]:
    """What a figure rests on that the user states."""
    return (f"as you state it ({figure.where})",)


class Behind:
    """Details that are made out when they are first asked for: of two hundred workloads that are
    decided anew, one is looked at."""

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], Details]) -> None:
        self._make = make
        self._made: Details | None = None

    def __reduce__(self) -> tuple[Callable[[Details], Behind], tuple[Details]]:
        """Made out where they are sent from, which knows the machines."""
        return known, (self.details,)

    @property
    def details(self) -> Details:
        """What they are."""
        if self._made is None:
            self._made = self._make()
        return self._made


def known(details: Details) -> Behind:
    """Details that are made out already."""
    return Behind(lambda: details)


NOTHING_BEHIND = known(Details())
