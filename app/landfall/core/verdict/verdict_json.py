"""A verdict as JSON: the document of the command line, which history keeps as well."""

from __future__ import annotations

from typing import Any

from landfall.core.costs import horizon
from landfall.core.demand.outlook_words import outlook_json
from landfall.core.demand.report import load_json
from landfall.core.provenance import Figure, Unknown, as_json, provenance
from landfall.core.verdict.details import Detail, Details
from landfall.core.verdict.options import OptionLine
from landfall.core.verdict.verdict import Beaten, Flip, Verdict, reason_text
from landfall.core.verdict.worlds import worlds_json
from landfall.core.workload.privacy import names_of


def to_json(verdict: Verdict) -> dict[str, Any]:
    """The document of the command line's contract. `missing` names what makes it provisional."""
    saving = verdict.saving
    return {
        "workload": verdict.workload,
        "verdict": verdict.option.value,
        "provisional": verdict.provisional,
        "confidence": {"word": verdict.confidence.word, "p_best": verdict.confidence.p_best},
        "reasons": [
            {"rule": reason.rule, "text": reason_text(reason)}
            for reason in verdict.reasons
            if reason.rule
        ],
        "warnings": [{"rule": one.rule, "text": one.text} for one in verdict.warnings],
        "options": [_option(line) for line in verdict.options],
        "local_share": verdict.local_share,
        "local_share_reason": verdict.local_share_reason,
        "saving_usd_month": as_json(saving),
        "saving_reason": provenance(saving) if isinstance(saving, Unknown) else "",
        "flips": [_flip(flip) for flip in verdict.flips],
        "leaks": list(names_of(verdict.leaks)),
        "missing": [{"field": one.field, "reason": one.reason} for one in verdict.missing],
        "beat": [_beaten(one) for one in verdict.beat],
        "as_of": verdict.as_of,
        "expires_on": verdict.expires_on,
        "option_details": [
            {"kind": line.option.value, "rule": line.rule} | _detail(verdict.detail(line.option))
            for line in verdict.options
        ],
        "forecast": None if verdict.outlook is None else outlook_json(verdict.outlook),
        "load": None if verdict.load is None else load_json(verdict.load),
        "worlds": None if verdict.worlds is None else worlds_json(verdict.worlds),
        **details_json(verdict.details),
    }


def details_json(details: Details) -> dict[str, Any]:
    """The blocks that a verdict's document carries beside those of the contract."""
    return {
        "owned": {
            "marginal_usd_month": as_json(details.marginal_usd_month),
            "marginal_reason": _reason(details.marginal_usd_month),
            "average_usd_month": as_json(details.average_usd_month),
            "average_reason": _reason(details.average_usd_month),
        },
        "purchase": horizon.as_json(details.purchase) if details.purchase else None,
        "gap": [
            {"kind": one.option.value, "machine": one.machine, "rule": one.rule, "text": one.text}
            for one in details.gap
        ],
        "would_hold": details.would_hold,
    }


def _option(line: OptionLine) -> dict[str, Any]:
    return {
        "kind": line.option.value,
        "usd_month": as_json(line.usd_month),
        "feasible": line.feasible,
        "why_not": line.why_not,
    }


def _flip(flip: Flip) -> dict[str, Any]:
    return {
        "input": flip.input,
        "now": flip.now,
        "at": flip.at,
        "relative": flip.relative,
        "verdict_then": flip.verdict_then.value,
    }


def _beaten(one: Beaten) -> dict[str, Any]:
    return {
        "kind": one.option.value,
        "more_usd_month": as_json(one.more_usd_month),
        "why": one.why,
    }


def _detail(detail: Detail) -> dict[str, Any]:
    """What stands behind one option; beside `options`, whose entries have a fixed shape."""
    return {
        "latency_p95_s": as_json(detail.latency_p95_s),
        "latency_reason": _reason(detail.latency_p95_s),
        "assumes": list(detail.assumes),
        "variants": [
            {
                "name": one.name,
                "usd_month": as_json(one.usd_month),
                "feasible": one.feasible,
                "why_not": one.why_not,
            }
            for one in detail.variants
        ],
    }


def _reason(figure: Figure) -> str:
    return figure.reason if isinstance(figure, Unknown) else ""
