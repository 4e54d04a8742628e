"""A verdict in five lines: what and how sure, why, the money, what would flip it, what next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from landfall.core.dollars import usd
from landfall.core.percent import percent, signed_percent
from landfall.core.provenance import Unknown, band, middle
from landfall.core.verdict.options import OptionLine
from landfall.core.verdict.table_words import Missing, Reason
from landfall.core.verdict.verdict import Flip, Verdict
from landfall.core.workload.privacy import Option

NAMES = {
    Option.CLOUD_FRONTIER: "stay with the cloud model",
    Option.HOSTED_OPEN: "use a hosted open-weight model",
    Option.RENT_GPU: "rent a GPU by the hour",
    Option.LOCAL_THIS_MACHINE: "run it on this machine",
    Option.LOCAL_BUY: "buy a machine for it",
    Option.HYBRID: "run the steady part here, let the rest overflow",
    Option.LOCAL_REQUIRED_NOT_FEASIBLE: "it must stay local, and nothing local can do it",
}
"""What a verdict says to do."""

_DECIDING: dict[Option, tuple[str, ...]] = {
    Option.CLOUD_FRONTIER: ("F1", "E0", "H5", "S25", "S48", "S7", "S6", "AP7", "E4"),
    Option.HOSTED_OPEN: ("S25", "S48", "S7", "S6", "E4", "S27", "F1", "E0"),
    Option.RENT_GPU: ("E3",),
    Option.LOCAL_THIS_MACHINE: ("E2", "H2", "H1", "H1r"),
    Option.LOCAL_BUY: ("S7", "H2", "H1", "H1r"),
    Option.HYBRID: ("E5",),
    Option.LOCAL_REQUIRED_NOT_FEASIBLE: ("H3", "H4", "H5", "H6", "H7", "H8", "H1", "H2"),
}
"""Which reason carries a verdict, the first that it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The five lines, and the pieces of the first.

    Attributes:
        workload: Its name.
        option: The verdict; `name` says it in words.
        sureness: "high (0.97)", with "provisional" where something is missing.
        reason: The deciding rule and its words.
        money: Before, after, and the next best alternative.
        flips: What would change it.
        next_step: What to do, or to watch.
    """

    workload: str
    option: Option
    name: str
    sureness: str
    reason: str
    money: str
    flips: str
    next_step: str

    @property
    def lines(self) -> tuple[str, str, str, str, str]:
        """The card as it is printed; the first line names the verdict as JSON does."""
        first = f"{self.workload}: {self.name} [{self.option.value}]. Confidence: {self.sureness}."
        return first, self.reason, self.money, self.flips, self.next_step


def card(verdict: Verdict, hosts: Sequence[str] = ()) -> Card:
    """The five lines of a verdict.

    Args:
        hosts: On which the workload runs in place of this machine, as people call them.
    """
    name = NAMES[verdict.option]
    if hosts and verdict.option is Option.LOCAL_THIS_MACHINE:
        name = f"run it on {', '.join(hosts)}"
    sureness = _sureness(verdict)
    if verdict.provisional:
        sureness += ", provisional"
    return Card(
        workload=verdict.workload,
        option=verdict.option,
        name=name,
        sureness=sureness,
        reason=_reason(verdict),
        money=_money(verdict),
        flips=_flips(verdict),
        next_step=_next_step(verdict),
    )


def _sureness(verdict: Verdict) -> str:
    share = verdict.confidence.p_best
    if verdict.bar is None:
        # No draw of what is not sure moves a rule: a share of them would say nothing.
        return "decided by rules, not by cost"
    return verdict.confidence.word + (f" ({percent(share)})" if share is not None else "")


def deciding(verdict: Verdict) -> Reason | None:
    """The reason that carries the verdict."""
    for name in _DECIDING[verdict.option]:
        found = next((one for one in verdict.reasons if one.rule == name), None)
        if found is not None:
            return found
    return verdict.reasons[-1] if verdict.reasons else None


def _reason(verdict: Verdict) -> str:
    reason = deciding(verdict)
    if reason is None:
        return "No rule speaks against where it runs today."
    text = reason.text
    if not reason.met:
        text = f"no hardware is worth buying: {reason.text}"
        line = verdict.line(verdict.option)
        cost = middle(line.usd_month) if line else None
        if verdict.option is Option.HOSTED_OPEN and cost is not None:
            text = f"a hosted open-weight model does it for {usd(cost)} a month, and {text}"
    return f"Because {text} ({reason.rule})." if reason.rule else f"Because {text}."


def _money(verdict: Verdict) -> str:
    chosen = verdict.line(verdict.option)
    if chosen is None:
        return "Nothing can run it as it stands, so it costs nothing and does nothing."
    cost = middle(chosen.usd_month)
    if cost is None:
        why = chosen.usd_month.reason if isinstance(chosen.usd_month, Unknown) else ""
        why = why.rstrip(".?")  # some ask whether another name is meant
        return f"What it costs is not known: {why}."
    today = verdict.line(Option.CLOUD_FRONTIER)
    before = middle(today.usd_month) if today else None
    text = f"{usd(cost)} a month"
    if verdict.option is not Option.CLOUD_FRONTIER and before is not None:
        text = f"{usd(before)} → {usd(cost)} a month{_saved(verdict)}"
    return f"{text}; {_next_best(verdict)}."


def _saved(verdict: Verdict) -> str:
    ends = band(verdict.saving)
    if ends is None:
        return ""
    low, mid, high = ends
    if mid < 0:
        return f", {usd(-mid)} more"
    spread = f" ({usd(low)} to {usd(high)})" if low != high else ""
    return f", saving {usd(mid)}{spread}"


def _next_best(verdict: Verdict) -> str:
    best = next_best(verdict)
    if best is None:
        return "no other open option has a known cost"
    cost = middle(best.usd_month) or 0.0
    own = _cost_of(verdict, verdict.option)
    if own is not None and cost < own and best.why_not:
        return f"{best.option.value} would cost {usd(cost)}: {best.why_not}"
    return f"the nearest alternative is {best.option.value} at {usd(cost)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCall:
    """Two options between which a verdict is too close to call.

    Attributes:
        first, second: The likeliest to be best, over all drawn worlds.
        both_cheaper: Than today's bill: keeping what runs today would be the dearest choice.
        keeps_today: One of the two is what runs today: keeping it loses little.
    """

    first: Option
    second: Option
    both_cheaper: bool
    keeps_today: bool


def close_call(verdict: Verdict) -> CloseCall | None:
    """Between what a verdict is too close to call; None where it is not."""
    worlds = verdict.worlds
    if verdict.confidence.word != "low" or worlds is None or len(worlds.p_best) < 2:
        return None
    first, second = sorted(worlds.p_best, key=lambda one: -worlds.p_best[one])[:2]
    today = _cost_of(verdict, Option.CLOUD_FRONTIER)
    costs = [_cost_of(verdict, one) for one in (first, second)]
    return CloseCall(
        first=first,
        second=second,
        both_cheaper=today is not None and all(c is not None and c < today for c in costs),
        keeps_today=Option.CLOUD_FRONTIER in (first, second),
    )


def _cost_of(verdict: Verdict, option: Option) -> float | None:
    line = verdict.line(option)
    return None if line is None else middle(line.usd_month)


def next_best(verdict: Verdict) -> OptionLine | None:
    """The cheapest open option besides the verdict, or None."""
    others = [
        line
        for line in verdict.options
        if line.option is not verdict.option
        and line.feasible
        and middle(line.usd_month) is not None
    ]
    return min(others, key=lambda line: middle(line.usd_month) or 0.0, default=None)


def _flips(verdict: Verdict) -> str:
    told = likely(verdict)
    if not told and (unknown := may_flip_once_known(verdict)):
        return f"Nothing that is known would flip it; not known yet: {', '.join(unknown)}."
    if not verdict.flips:
        return "Nothing that the file can state would flip it."
    if not told:
        return "No single input but a privacy rule would flip it."
    return f"Flips: {'; '.join(flip_text(flip) for flip in told[:2])}."


def likely(verdict: Verdict) -> tuple[Flip, ...]:
    """The flips without those of a privacy rule that does not hold: it turns nearly everything, and
    whoever has none is in no doubt about it."""
    return tuple(
        flip
        for flip in verdict.flips
        if (flip.input, flip.now) not in (("privacy.class", "none"), ("privacy.offline", False))
    )


def flip_text(flip: Flip) -> str:
    """A flip in words: which input, from where to where, and what then."""
    now = _value(flip.now)
    move = f" ({signed_percent(flip.relative)})" if flip.relative is not None else ""
    return f"{flip.input} {now} → {_value(flip.at)}{move} gives {flip.verdict_then.value}"


def _value(value: float | str | bool | None) -> str:
    if value is None:
        return "not stated"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else f"{value:,.6g}"


def _next_step(verdict: Verdict) -> str:
    if verdict.leaks:
        steps = ", ".join(dict.fromkeys(leak.step for leak in verdict.leaks))
        return f"Next: not yet private, bring these steps inside: {steps}."
    idle = idle_gate_usd_month(verdict)
    if idle is not None:
        return f"Next: nothing to change, {_idle_text(idle)}; {_again(verdict)}."
    if verdict.missing:
        first = telling(verdict)
        return f"Next: find out {first.field} ({first.reason})."
    close = close_call(verdict)
    if close is not None:
        return f"Next: {_close_text(verdict, close)}."
    return f"Next: {_carry_out(verdict)}."


def _carry_out(verdict: Verdict) -> str:
    """The move itself, by the names of what it takes, and what to heed. On an old price or beside
    an unpriced host nothing is moved."""
    warning = verdict.warnings[0] if verdict.warnings else None
    said = f"{warning.text} ({warning.rule})" if warning else ""
    if warning is not None and warning.rule == "AP7":
        return f"name a hosted candidate to look at its price (candidates.hosted): {said}"
    if warning is not None and warning.rule == "S51":
        return said
    move = f"{_move(verdict)}; {_again(verdict)}"
    return f"{move}; watch out: {said}" if said else move


def _again(verdict: Verdict) -> str:
    return f"look again on {verdict.expires_on}"


def _move(verdict: Verdict) -> str:
    means = verdict.means
    model = means.model or "the local candidate"
    hosted = means.hosted or "the hosted candidate"
    at = f" at {means.provider}" if means.provider else ""
    match verdict.option:
        case Option.LOCAL_THIS_MACHINE:
            return f"get {model} and point the calls at it"
        case Option.HOSTED_OPEN:
            return f"set up {hosted}{at} and move the calls there"
        case Option.HYBRID:
            over = f"{hosted}{at}" if verdict.bar is Option.HOSTED_OPEN else "today's model"
            return f"let {model} take the steady part and {over} what overflows"
        case Option.RENT_GPU:
            return f"rent {means.rented or 'a GPU'} by the hour with {model} and add it as a host"
        case Option.LOCAL_BUY:
            return f"get an offer for {means.bought or 'the machine'} and state its price"
        case Option.LOCAL_REQUIRED_NOT_FEASIBLE:
            return _way_out(verdict)
        case _:
            return "nothing to change"


def _way_out(verdict: Verdict) -> str:
    """What would make possible what must stay and cannot run."""
    if verdict.details.would_hold:
        return f"weigh the cheapest listed hardware that would do it ({verdict.details.would_hold})"
    if any(reason.rule == "H6" for reason in verdict.reasons):
        return "let the calls wait, take a smaller model, or weigh a faster machine"
    return "find a smaller model that passes the gate, or hardware that holds this one"


_GATES = ("quality.gate", "quality.gate_hosted")
LEAST_WORTH_USD_MONTH = 10.0
"""Worth less than this a month a quality gate is not worth the hours that its prompts take."""


def idle_gate_usd_month(verdict: Verdict) -> float | None:
    """What a gate that nobody has run would be worth at most, where that is not worth the trouble
    and nothing else is missing; None elsewhere."""
    worlds = verdict.worlds
    regret = None if worlds is None else worlds.regret_usd_month
    asked = {one.field for one in verdict.missing}
    if regret is None or regret >= LEAST_WORTH_USD_MONTH or not asked or asked - set(_GATES):
        return None
    return regret


def may_flip_once_known(verdict: Verdict) -> tuple[str, ...]:
    """Inputs that nobody knows yet and that may change the verdict; none where a gate that was
    never run would save too little."""
    if idle_gate_usd_month(verdict) is not None:
        return ()
    return tuple(dict.fromkeys(one.field for one in verdict.missing))


def _idle_text(worth: float) -> str:
    if worth < 1:
        return "a candidate that passed the quality gate would save too little"
    return f"to know whether a candidate passes the quality gate is worth {usd(worth)} a month"


def telling(verdict: Verdict) -> Missing:
    """Of what is missing the part that takes most of the doubt away, else the first.

    Where the local candidate's gate would lead to the hosted one, which follows it as long as it
    has none of its own, the hosted one is what has to be tried.
    """
    worlds = verdict.worlds
    path = worlds.measure.path if worlds is not None and worlds.measure is not None else ""
    local, hosted = _GATES
    leads = {(flip.input, flip.at): flip.verdict_then for flip in verdict.flips}
    if path in (local, "") and leads.get((local, "pass")) is Option.HOSTED_OPEN:
        path = hosted
    found = next((one for one in verdict.missing if one.field == path), None)
    return found or verdict.missing[0]


def _close_text(verdict: Verdict, close: CloseCall) -> str:
    said = f"too close to call between {close.first.value} and {close.second.value}"
    if close.both_cheaper:
        said = f"{said}, and both cost less than today"
    elif close.keeps_today:
        said = f"{said}: keep what runs today until more is known"
    measure = verdict.worlds.measure if verdict.worlds else None
    return said if measure is None else f"{said}; find out {measure.path} first ({measure.why})"
