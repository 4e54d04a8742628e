"""Kind D: a decision out of facts that are all given, by the real table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from landfall.core.demand.forecast import Predictability
from landfall.core.provenance import Figure, Stated, Unknown
from landfall.core.quality.paired_tests import GateResult
from landfall.core.settings import Thresholds
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.table_words import Reason, exclusions
from landfall.core.verdict.verdict import Verdict, decide
from landfall.core.workload.privacy import REMOTE, Leak, Lock, Option
from landfall.core.workload.workload import Motive, Organisation, Task

LABELS = {
    ("S27", True): "S27 hosted open-weight checked",
    ("S6", False): "not met: S6 volume/predictability",
    ("S7", False): "not met: S7 bill",
    ("S48", False): "not met: S48 startup",
    ("S25", True): "S25 hard to predict -> cloud",
    ("E0", True): "E0 default cloud until a gate passes",
    ("E2", True): "E2 owned machine: marginal cost wins",
    ("E3", True): "E3 rent by the hour",
    ("F1", True): "F1 frontier class, open model not proven",
    ("H1r", True): "H1r region",
}
EXCLUSIONS = {
    "H3": "H3 fit",
    "H4": "H4 context",
    "H5": "H5 quality",
    "H6": "H6 capacity",
    "H7": "H7 capability",
    "H8": "H8 licence",
}
ONLY_IN_BLOCKED = {"H3", "H4", "H6", "H7", "H8"}
SAYS_ALL = {"AP2", "AP3", "AP7", "AP8", "AP9", "H6", "S51"}
"""Warnings that the cases name by their id alone."""


def decision(inputs: Mapping[str, Any]) -> dict[str, Any]:
    facts = facts_of(inputs)
    verdict = decide("case", facts, limits=Thresholds(), as_of="2026-11-23")
    return {
        "verdict": verdict.option.value,
        "rules": rules(verdict, facts),
        "warnings": [
            one.rule if one.rule in SAYS_ALL else warning(one.rule, one.text)
            for one in verdict.warnings
        ],
    }


def warning(rule: str, text: str) -> str:
    if rule == "AP5":
        return "AP5 startup: default cloud"
    return text if rule == "S39" else f"{rule} {text}"


def rules(verdict: Verdict, facts: Facts) -> list[str]:
    named = [label(reason, verdict) for reason in verdict.reasons]
    found = [one for one in dict.fromkeys(named) if one]
    if verdict.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE:
        blocked = ";".join(
            f"{name}={blocked_by(facts, host, verdict)}"
            for name, host in (("local_buy", facts.buy), ("local_now", facts.machine))
        )
        found = [one for one in found if not one.startswith("H5")]
        found.append(f"BLOCKED:{blocked}")
    return found


def label(reason: Reason, verdict: Verdict) -> str:
    if not reason.rule:
        return "not met: no hardware option" if verdict.bar else ""
    if reason.rule in ONLY_IN_BLOCKED or reason.excludes is Option.HOSTED_OPEN:
        return ""
    if reason.rule == "H5":
        return "H5 local model not proven" if verdict.bar else "H5 quality gate failed"
    if reason.rule == "E5" and reason.met and any(r.rule == "S6" for r in verdict.reasons):
        return "E5"
    if reason.rule == "E5" and reason.met:
        return "E5 hybrid: steady local, overflow cloud"
    plain = reason.rule if reason.met else f"not met: {reason.rule}"
    return LABELS.get((reason.rule, reason.met), plain)


def blocked_by(facts: Facts, host: HostFacts | None, verdict: Verdict) -> str:
    if facts.gate is GateResult.FAIL:
        return EXCLUSIONS["H5"]
    if host is None:
        return "not offered"
    out = exclusions(facts, host)
    if out:
        return EXCLUSIONS[out[0][0]]
    named = {r.rule for r in verdict.reasons if r.excludes is host.option}
    return EXCLUSIONS["H6"] if "H6" in named else "unknown"


def facts_of(inputs: Mapping[str, Any]) -> Facts:
    gate = GateResult(str(inputs.get("gate", "unmeasured")).lower())
    hosted = inputs.get("gate_hosted")
    cost = inputs.get("cost") or {}
    organisation = inputs.get("org")
    return Facts(
        task=Task(inputs["task"]),
        gate=gate,
        gate_hosted=GateResult(str(hosted).lower()) if hosted else gate,
        predictability=Predictability(inputs.get("predictable", "unknown")),
        history_days=inputs.get("history_days"),
        calls_per_day=inputs.get("calls_day"),
        organisation=Organisation(organisation) if organisation else None,
        hosted_allowed=inputs.get("hosted_allowed", True),
        lock=lock(inputs),
        leaks=leaks(inputs),
        frontier=figure(cost, "cloud_frontier"),
        hosted=figure(cost, "hosted_open"),
        rent=figure(cost, "rent_gpu"),
        machine=host(inputs.get("local_now"), Option.LOCAL_THIS_MACHINE, "marginal_month"),
        buy=host(inputs.get("local_buy"), Option.LOCAL_BUY, "tco_month"),
        motive=Motive(inputs.get("motive") or ""),
        critical=inputs.get("critical", False),
        total_ai_bill_usd_month=inputs.get("total_ai_bill"),
        local_infrastructure=inputs.get("local_infrastructure"),
    )


def figure(table: Mapping[str, Any], key: str) -> Figure:
    value = table.get(key)
    return Unknown("not given") if value is None else Stated(value, key)


def host(given: Mapping[str, Any] | None, option: Option, money: str) -> HostFacts | None:
    if given is None:
        return None
    return HostFacts(
        option=option,
        fits=given.get("fits"),
        context_ok=given.get("ctx_ok"),
        licence_ok=given.get("licence_ok"),
        capability_ok=given.get("capability_ok"),
        usd_month=figure(given, money),
        opex_usd_month=figure(given, "opex_month"),
        price_usd=figure(given, "capex"),
        peak_utilisation=figure(given, "rho_peak"),
        absorbed_share=figure(given, "absorbed"),
    )


def lock(inputs: Mapping[str, Any]) -> Lock:
    privacy = inputs.get("privacy") or "none"
    rules: list[str] = []
    inside = frozenset(REMOTE)
    if privacy in ("region", "approved_vendors"):
        marks = {
            Option.CLOUD_FRONTIER: "frontier_in_region",
            Option.HOSTED_OPEN: "hosted_in_region",
            Option.RENT_GPU: "rent_in_region",
        }
        inside = frozenset(option for option, mark in marks.items() if inputs.get(mark))
        rules += ["H1r"] if inside else ["H1r", "H1"]
    elif privacy != "none":
        inside = frozenset()
        rules.append("H1")
    if inputs.get("offline"):
        inside = frozenset()
        rules.append("H2")
    return Lock(rules=tuple(rules), inside=inside)


def leaks(inputs: Mapping[str, Any]) -> tuple[Leak, ...]:
    if not lock(inputs).locked:
        return ()
    steps = (step.split(":") for step in inputs.get("steps", ()))
    return tuple(
        Leak(step=name, where=where, host="", why="it runs in the cloud")
        for name, where in steps
        if where == "cloud"
    )


KINDS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {"D": decision}
