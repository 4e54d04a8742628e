"""Machines of which options are made: owned, bought or rented, one or several that are the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from landfall.core.demand.strain import Strain
from landfall.core.machine.hardware import HardwareProfile
from landfall.core.provenance import Figure, Unknown, middle
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import NO_QUOTES, HostQuotes, Workload

MOST_OFFERS = 3
"""Of the listed hardware that holds a candidate, so many of the cheapest are compared."""
MOST_MACHINES = 8
"""More of a kind are no longer what somebody buys from a list."""
MOST_RENTED = 256
"""More than these are no rent by the hour but a contract for a part of a data centre."""
NO_PRICE = Unknown("no price is listed for it")

Notes = tuple[tuple[str, str], ...]
"""What was found of a machine, in words: rule or key to text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A machine, or several.

    Attributes:
        which: Under which its ability is kept.
        profile: Of one, or None with `absent`.
        usd: Listed price of all of them, or of an hour of one.
        held: None where it is computed; False where nothing listed holds the candidate.
    """

    option: Option
    which: str
    profile: HardwareProfile | None
    absent: str = ""
    usd: Figure = NO_PRICE
    count: int = 1
    held: bool | None = None

    @property
    def name(self) -> str:
        """As people say it; several that are bought with their number, as in `buy.machine`."""
        if self.profile is None:
            return ""
        bought = self.option is Option.LOCAL_BUY and self.count > 1
        return f"{self.count} boxes of {self.profile.name}" if bought else self.profile.name


def answering_in_time(least: int, late: Callable[[int], bool], *, most: int) -> int:
    """The fewest of a kind, from `least` on, that answer in time.

    `least` again where not even `most` do: then waiting is not the trouble, and more of them would
    not help.

    Args:
        least: What their work takes of them.
        late: Whether so many answer later than the target; more of them are never later.
        most: More are not looked at.
    """
    if least >= most or not late(least) or late(most):
        return least
    slow, enough, step = least, most, 1
    while enough - slow > 1:  # mostly one more does: look near the least first
        count = slow + min(step, (enough - slow) // 2)
        if late(count):
            slow, step = count, 2 * step
        else:
            enough, step = count, most
    return enough


@dataclass(frozen=True, slots=True)
class InTime:
    """Of the seconds of a call and the fewest of a machine: how many answer within the target, by
    the same waits as H6.

    Attributes:
        strain: The work on one of them, with its target.
        most: More are not looked at.
    """

    strain: Strain
    most: int
    _late: dict[tuple[float, int], bool] = field(default_factory=dict)

    def __call__(self, seconds: float, least: int) -> int:
        """See `answering_in_time`."""
        return answering_in_time(least, partial(self._late_at, seconds), most=self.most)

    def late(self, count: int) -> bool:
        """Whether so many answer later than the target, with a mean call as it is."""
        return self._late_at(middle(self.strain.service.seconds) or 0.0, count)

    def _late_at(self, seconds: float, count: int) -> bool:
        found = self._late.get((seconds, count))
        if found is None:
            late = self.strain.lateness_at(seconds, self.strain.service.slots * count)
            found = self._late[seconds, count] = (late or 0.0) > 0
        return found


def price_of(place: Place) -> float:
    """Its listed price in USD; infinite where there is none, so that it is the dearest."""
    usd = middle(place.usd)
    return float("inf") if usd is None else usd


def quotes_of(option: Option, workload: Workload) -> HostQuotes:
    """What the user quotes of a machine; nothing of a rented one."""
    match option:
        case Option.LOCAL_THIS_MACHINE:
            return workload.quotes.machine
        case Option.LOCAL_BUY:
            return workload.quotes.buy
        case _:
            return NO_QUOTES


_RULE_OF = {"fits": "H3", "context_ok": "H4", "capability_ok": "H7", "licence_ok": "H8"}


def not_quoted(quotes: HostQuotes, notes: Notes) -> Notes:
    """The notes without those on what the user quotes: they say why something else was found."""
    quoted = {key for key in _RULE_OF if getattr(quotes, key) is not None}
    quoted |= {_RULE_OF[key] for key in quoted}
    return tuple(note for note in notes if note[0] not in quoted)
