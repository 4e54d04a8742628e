"""The verdict on one workload: where it should run, why, how sure, and what that is worth.

`decide` is the whole of it: the decision table on the facts, what every option costs beside it, the
warnings, the money. It may say no: savings may be negative, and "nowhere" is an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from landfall.core.demand.outlook import Outlook
from landfall.core.demand.report import HostLoad
from landfall.core.provenance import Figure, Unknown, middle
from landfall.core.settings import Thresholds
from landfall.core.verdict.cautions import Caution, expires_on, warnings_of
from landfall.core.verdict.decision_table import rule
from landfall.core.verdict.details import NOTHING_BEHIND, Behind, Detail, Details
from landfall.core.verdict.facts import NOT_STATED, Facts
from landfall.core.verdict.options import OptionLine, difference, option_lines
from landfall.core.verdict.table_words import Missing, Reason, Ruling
from landfall.core.verdict.worlds import Worlds
from landfall.core.workload.privacy import Leak, Option


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """What would change the verdict.

    Attributes:
        input: Path of the key in the workload file.
        now: Its value, or None where it has none.
        at: The first value at which `verdict_then` holds.
        relative: (at - now) / now; None where that says nothing.
        verdict_then: The other verdict.
    """

    input: str
    now: float | str | bool | None
    at: float | str | bool
    relative: float | None
    verdict_then: Option


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """How sure: "high", "medium" or "low", and the share of plausible worlds with this verdict."""

    word: str
    p_best: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beaten:
    """An open option that the verdict was preferred to.

    Attributes:
        more_usd_month: What it would cost more than the verdict; negative where it is cheaper and
            something else spoke against it.
        why: In words.
    """

    option: Option
    more_usd_month: Figure
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What the options are made of, by name; "" where there is none or it is not known.

    Attributes:
        model: The local candidate that was looked at.
        bought, rented: The machine that might be bought, and the board that might be rented.
        hosted, provider: The hosted candidate with the lowest bill, and who serves it.
    """

    model: str = ""
    bought: str = ""
    rented: str = ""
    hosted: str = ""
    provider: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer for one workload.

    Attributes:
        workload: Its name.
        option: Where it should run.
        provisional: Something that may change it is not known; `missing` says what.
        local_share: Of the calls; None where it is not known or nothing can run.
        local_share_reason: Why that is not known; nothing where it is.
        saving: USD a month against what it costs today (the frontier bill); may be negative.
        bar: The option that had to be beaten; None where money was not looked at.
        beat: Every other open option, the nearest in money first.
        as_of: ISO date of the decision.
        expires_on: ISO date from which it is to be looked at again, whatever changed till then.
        outlook: The forecast of its volume.
        load: What it asks of the machine of the verdict, else of the owned one, else of the one
            that might be bought; None where there is none.
        worlds: What draws of everything doubted say of it; None where none were made.
        means: What the options are made of, by name.
        behind: What stands behind the options, once it is asked for: see `details`.
    """

    workload: str
    option: Option
    provisional: bool
    confidence: Confidence
    reasons: tuple[Reason, ...]
    warnings: tuple[Caution, ...]
    options: tuple[OptionLine, ...]
    local_share: float | None
    saving: Figure
    flips: tuple[Flip, ...]
    leaks: tuple[Leak, ...]
    missing: tuple[Missing, ...]
    bar: Option | None
    as_of: str
    local_share_reason: str = ""
    beat: tuple[Beaten, ...] = ()
    expires_on: str = ""
    outlook: Outlook | None = None
    load: HostLoad | None = None
    worlds: Worlds | None = None
    means: Means = Means()
    behind: Behind = field(default=NOTHING_BEHIND, compare=False, repr=False)

    @property
    def details(self) -> Details:
        """What stands behind the options: a purchase over its life, what is missing."""
        return self.behind.details

    def detail(self, option: Option) -> Detail:
        """What stands behind one option; nothing where it was not looked at."""
        return self.details.of.get(option, _NO_DETAIL)

    def line(self, option: Option) -> OptionLine | None:
        """The line of an option, or None where it was no option at all."""
        return next((line for line in self.options if line.option is option), None)


_NO_DETAIL = Detail()
UNDECIDED = Confidence(word="low", p_best=None)


def decide(
    workload: str,
    facts: Facts,
    *,
    limits: Thresholds,
    as_of: str,
    confidence: Confidence = UNDECIDED,
    flips: tuple[Flip, ...] = (),
    worlds: Worlds | None = None,
    detail: Callable[[Ruling], Details] | None = None,
) -> Verdict:
    """The verdict on a workload.

    Args:
        workload: Its name.
        facts: What is known of it.
        limits: Where the rules turn.
        as_of: ISO date of today.
        confidence: From `sensitivity.confidence`.
        flips: From `sensitivity.flips`.
        worlds: From `worlds.drawn`.
        detail: Makes what stands behind the options, from where the table leads.
    """
    ruling = rule(facts, limits)
    options = option_lines(facts, ruling, limits)
    return Verdict(
        workload=workload,
        option=ruling.option,
        provisional=ruling.provisional,
        confidence=confidence,
        reasons=ruling.reasons,
        warnings=warnings_of(facts, ruling, limits, as_of),
        options=options,
        local_share=_local_share(ruling),
        local_share_reason=_share_reason(ruling),
        saving=_saving(facts, options, ruling.option),
        flips=flips,
        leaks=facts.leaks,
        missing=ruling.missing,
        bar=ruling.bar,
        as_of=as_of,
        beat=_beat(options, ruling.option),
        expires_on=expires_on(as_of, limits),
        worlds=worlds,
        behind=NOTHING_BEHIND if detail is None else Behind(partial(detail, ruling)),
        outlook=facts.outlook,
        load=_load(facts, ruling, limits),
        means=_means(facts, ruling),
    )


def _means(facts: Facts, ruling: Ruling) -> Means:
    rented = facts.rented if ruling.option is Option.RENT_GPU else None
    host = ruling.host or rented or facts.machine or facts.buy or facts.rented
    return Means(
        model=host.model if host else "",
        bought=facts.buy.machine if facts.buy else "",
        rented=facts.rented.machine if facts.rented else "",
        hosted=facts.hosted_model,
        provider=facts.hosted_provider,
    )


def _load(facts: Facts, ruling: Ruling, limits: Thresholds) -> HostLoad | None:
    host = ruling.host or facts.machine or facts.buy
    if host is None or host.strain is None:
        return None
    return HostLoad(
        machine=host.machine,
        model=host.model,
        strain=host.strain,
        most_busy=limits.utilisation_max,
    )


def _beat(options: tuple[OptionLine, ...], chosen: Option) -> tuple[Beaten, ...]:
    """What the verdict was preferred to, and by how much; what is not known comes last."""
    mine = next((line for line in options if line.option is chosen), None)
    if mine is None:
        return ()
    others = [
        Beaten(
            option=line.option,
            more_usd_month=difference(line.usd_month, mine.usd_month),
            why=line.why_not,
        )
        for line in options
        if line.option is not chosen and line.feasible
    ]
    return tuple(sorted(others, key=_nearness))


def _nearness(one: Beaten) -> tuple[bool, float]:
    more = middle(one.more_usd_month)
    return more is None, abs(more or 0.0)


def _local_share(ruling: Ruling) -> float | None:
    match ruling.option:
        case Option.LOCAL_THIS_MACHINE | Option.LOCAL_BUY:
            return 1.0
        case Option.HYBRID:
            return middle(ruling.host.absorbed_share) if ruling.host else None
        case Option.LOCAL_REQUIRED_NOT_FEASIBLE:
            return None
        case Option.CLOUD_FRONTIER | Option.HOSTED_OPEN | Option.RENT_GPU:
            return 0.0


def _share_reason(ruling: Ruling) -> str:
    """Why the share of calls that stay here is not known, or nothing."""
    if ruling.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE:
        return "nothing can run it"
    share = ruling.host.absorbed_share if ruling.host else NOT_STATED
    if ruling.option is not Option.HYBRID or not isinstance(share, Unknown):
        return ""
    return f"which share of the calls it takes is not known (absorbed_share): {share.reason}"


def _saving(facts: Facts, options: tuple[OptionLine, ...], chosen: Option) -> Figure:
    line = next((line for line in options if line.option is chosen), None)
    if line is None:
        return Unknown("nothing can run it")
    return difference(facts.frontier, line.usd_month)


def reason_text(reason: Reason) -> str:
    """A reason for people; what was looked at and does not hold says so."""
    return reason.text if reason.met else f"not met: {reason.text}"
