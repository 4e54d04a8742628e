"""Every way to run a workload, side by side: money, whether it is open, why it was not chosen."""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.dollars import usd
from landfall.core.percent import percent
from landfall.core.provenance import (
    Estimated,
    Figure,
    Unknown,
    band,
    middle,
    origin,
)
from landfall.core.quality.paired_tests import GateResult
from landfall.core.settings import Thresholds
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.table_words import (
    Ruling,
    busiest,
    cannot_alone,
    exclusions,
    hybrid_usd,
    rent_out,
    strained,
)
from landfall.core.workload.privacy import REMOTE, Option


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionLine:
    """One way to run the workload.

    Attributes:
        option: Which.
        usd_month: What it costs; Unknown with the reason.
        feasible: False where a hard rule or the lack of it takes it out; None where not known.
        why_not: Why it is not the verdict, or why its money is not known; "" where it is chosen.
        rule: Id of the rule that takes it out; "" where none does, or where it is not offered.
    """

    option: Option
    usd_month: Figure
    feasible: bool | None
    why_not: str
    rule: str = ""


def option_lines(facts: Facts, ruling: Ruling, limits: Thresholds) -> tuple[OptionLine, ...]:
    """Every option with its money, whether it is open, and why it is not the verdict."""
    lines = [_remote_line(facts, ruling, option) for option in REMOTE]
    lines += [
        _host_line(facts, ruling, Option.LOCAL_THIS_MACHINE, facts.machine, facts.machine_absent),
        _host_line(facts, ruling, Option.LOCAL_BUY, facts.buy, facts.buy_absent),
        _hybrid_line(facts, ruling, limits),
    ]
    return tuple(lines)


def _line(
    ruling: Ruling,
    option: Option,
    figure: Figure,
    *,
    feasible: bool | None,
    why: str,
    rule: str = "",
) -> OptionLine:
    if ruling.option is option:
        why = f"cost not known: {figure.reason}" if isinstance(figure, Unknown) else ""
    elif isinstance(figure, Unknown) and figure.reason not in why:
        why = "; ".join(part for part in (why, f"cost not known: {figure.reason}") if part)
    return OptionLine(option=option, usd_month=figure, feasible=feasible, why_not=why, rule=rule)


def _remote_line(facts: Facts, ruling: Ruling, option: Option) -> OptionLine:
    figure = facts.remote(option)
    out = _remote_out(facts, option)
    if out is None:
        why = _dearer(facts, ruling, option)
        return _line(ruling, option, figure, feasible=True, why=why)
    name, text = out
    why = f"{name}: {text}" if name else text
    return _line(ruling, option, figure, feasible=False, why=why, rule=name)


def _remote_out(facts: Facts, option: Option) -> tuple[str, str] | None:
    """The rule and the words that take a remote option out; None where it is open."""
    if option not in facts.lock.inside:
        return ", ".join(facts.lock.rules), "outside the privacy rule"
    if option is Option.HOSTED_OPEN:
        if not facts.hosted_allowed:
            return "", "your rule allows no hosted open-weight model"
        if not facts.hosted_offered:
            return "", "no hosted candidate is named (candidates.hosted)"
        if facts.gate_hosted is GateResult.FAIL:
            return "H5", "the hosted candidate failed its gate"
    if option is Option.RENT_GPU:
        if facts.gate is GateResult.FAIL:
            return "H5", "the local candidate, which would be rented, failed its gate"
        out = rent_out(facts)
        return out if out[0] else None
    return None


def _dearer(facts: Facts, ruling: Ruling, option: Option) -> str:
    """Why an open remote option was not chosen."""
    if option is Option.HOSTED_OPEN and facts.gate_hosted is not GateResult.PASS:
        return f"its gate is {facts.gate_hosted.value}"
    if option is Option.RENT_GPU:
        if facts.gate is not GateResult.PASS:
            return f"its gate is {facts.gate.value}"
        if facts.startup:
            return "S48: startups stay in the cloud"
    cost = middle(facts.remote(option))
    chosen = _cost_of(ruling, facts)
    if cost is None or chosen is None:
        return ""
    return _difference(cost, chosen)


def _difference(cost: float, chosen: float) -> str:
    if cost >= chosen:
        return f"{usd(cost - chosen)} a month more"
    return f"{usd(chosen - cost)} a month less, not enough to change"


def _cost_of(ruling: Ruling, facts: Facts) -> float | None:
    if ruling.option in REMOTE:
        return middle(facts.remote(ruling.option))
    if ruling.host is None:
        return None
    if ruling.option is Option.HYBRID:
        return hybrid_usd(ruling.host, _bar_usd(facts, ruling))
    return middle(ruling.host.usd_month)


def _bar_usd(facts: Facts, ruling: Ruling) -> float | None:
    return middle(facts.remote(ruling.bar)) if ruling.bar else None


def _host_line(
    facts: Facts, ruling: Ruling, option: Option, host: HostFacts | None, absent: str
) -> OptionLine:
    if host is None:
        return OptionLine(option=option, usd_month=Unknown(absent), feasible=False, why_not=absent)
    out = host_out(facts, host, chosen=ruling.option is option)
    if out:
        why = "; ".join(f"{name}: {text}" for name, text in out)
        return _line(ruling, option, host.usd_month, feasible=False, why=why, rule=out[0][0])
    feasible = None if host.fits is None else True
    why = "whether it fits is not known"
    if host.fits is not None:
        why = _passed_over(facts, ruling, option, host)
    return _line(ruling, option, host.usd_month, feasible=feasible, why=why)


def host_out(facts: Facts, host: HostFacts, *, chosen: bool = False) -> tuple[tuple[str, str], ...]:
    """The rules that take a machine out, H6 too unless it was chosen in spite of it."""
    out = exclusions(facts, host)
    if not chosen and cannot_alone(host):
        out += (("H6", busiest(host, middle(host.peak_utilisation) or 0.0)),)
    return out


def _passed_over(facts: Facts, ruling: Ruling, option: Option, host: HostFacts) -> str:
    """Why an own machine that could do it was not chosen."""
    if option is Option.LOCAL_BUY and ruling.weighed_purchase:
        unmet = _unmet(ruling)
        if unmet:
            return unmet
    if ruling.option in (Option.LOCAL_THIS_MACHINE, Option.HYBRID) and ruling.host:
        return "the machine at hand does it" if option is Option.LOCAL_BUY else "its peak overflows"
    if not ruling.economics:
        return "no candidate is proven"
    if facts.gate is not GateResult.PASS:
        return f"the gate of the local candidate is {facts.gate.value}"
    if isinstance(host.peak_utilisation, Unknown):
        return "how busy it would be is not known"
    cost, chosen = middle(host.usd_month), _cost_of(ruling, facts)
    if cost is None or chosen is None:
        return ""
    return _difference(cost, chosen)


def _hybrid_line(facts: Facts, ruling: Ruling, limits: Thresholds) -> OptionLine:
    host = ruling.host if ruling.option is Option.HYBRID else None
    host = host or strained(facts, limits)
    bar = ruling.bar
    if facts.lock.locked and bar is None:
        why = f"{', '.join(facts.lock.rules)}: nothing may overflow"
        return OptionLine(
            option=Option.HYBRID,
            usd_month=Unknown(why),
            feasible=False,
            why_not=why,
            rule=", ".join(facts.lock.rules),
        )
    if host is None or bar is None:
        why = "nothing overflows" if bar else "money was not looked at"
        return OptionLine(option=Option.HYBRID, usd_month=Unknown(why), feasible=False, why_not=why)
    out = exclusions(facts, host)
    why = f"{out[0][0]}: {out[0][1]}" if out else _no_split(facts, ruling, host)
    figure = _hybrid_figure(host, facts.remote(bar))
    name = out[0][0] if out else ""
    return _line(ruling, Option.HYBRID, figure, feasible=not out, why=why, rule=name)


def _no_split(facts: Facts, ruling: Ruling, host: HostFacts) -> str:
    """Why a machine that is too small alone was not chosen for the steady part either."""
    if facts.gate is not GateResult.PASS:
        return f"the gate of the local candidate is {facts.gate.value}"
    if host.option is Option.LOCAL_BUY and ruling.weighed_purchase:
        unmet = _unmet(ruling)
        if unmet:
            return unmet
    if isinstance(host.token_share, Unknown):
        return "how much it takes is not known"
    return "the split saves too little"


def _unmet(ruling: Ruling) -> str:
    """The conditions of a purchase that do not hold."""
    return "; ".join(f"{r.rule}: {r.text}" for r in ruling.reasons if r.rule and not r.met)


def _hybrid_figure(host: HostFacts, bar: Figure) -> Figure:
    for figure in (host.usd_month, host.token_share, bar):
        if isinstance(figure, Unknown):
            return figure
    local, share, cloud = band(host.usd_month), band(host.token_share), band(bar)
    assert local is not None
    assert share is not None
    assert cloud is not None
    part = host.split_part
    return Estimated(
        local[0] * part + (1 - share[2]) * cloud[0],
        local[1] * part + (1 - share[1]) * cloud[1],
        local[2] * part + (1 - share[0]) * cloud[2],
        f"{origin(host.usd_month)} and {percent(1 - share[1])} of {origin(bar)}",
    )


def difference(first: Figure, second: Figure) -> Figure:
    """first - second, with the widest band that both bands allow."""
    left, right = band(first), band(second)
    if left is None or right is None:
        for figure in (first, second):
            if isinstance(figure, Unknown):
                return Unknown(figure.reason)
    assert left is not None
    assert right is not None
    formula = f"{origin(first)} less {origin(second)}"
    if first == second:
        return Estimated(0.0, 0.0, 0.0, formula)
    return Estimated(left[0] - right[2], left[1] - right[1], left[2] - right[0], formula)
