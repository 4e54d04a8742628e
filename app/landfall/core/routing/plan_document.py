"""The plan as the file `landfall-routing.json`, which the linter and the spend log are read by."""

from __future__ import annotations

from typing import Any

from landfall.core.provenance import Unknown, as_json, provenance
from landfall.core.routing.plan import Deployment, RoutedAlias, RoutingPlan

FORM = 1
"""Of the document; a change that older readers misread raises it."""


def to_json(plan: RoutingPlan) -> dict[str, Any]:
    """The whole plan; figures with their band and origin, unknown ones as null with a reason."""
    return {
        "form": FORM,
        "engine": plan.engine,
        "engine_version": plan.engine_version,
        "made_at": plan.made_at,
        "aliases": [alias_json(one) for one in plan.aliases],
        "left_out": [
            {"workload": one.workload, "step": one.step, "reason": one.reason}
            for one in plan.left_out
        ],
        "notes": list(plan.notes),
    }


def alias_json(one: RoutedAlias) -> dict[str, Any]:
    """One alias."""
    share = one.local_share
    return {
        "alias": one.alias,
        "workload": one.workload,
        "step": one.step,
        "verdict": one.option.value,
        "private": one.private,
        "sealed": one.sealed,
        "allowed": list(one.allowed),
        "lock": one.lock,
        "embedding": one.embedding,
        "local_share": as_json(share),
        "local_share_reason": provenance(share) if isinstance(share, Unknown) else "",
        "calls_per_day": one.calls_per_day,
        "usd_month": as_json(one.usd_month),
        "deployments": [_deployment_json(d) for d in one.deployments],
        "overflow_alias": one.overflow_alias if one.overflow else "",
        "overflow": [_deployment_json(d) for d in one.overflow],
        "notes": list(one.notes),
    }


def _deployment_json(one: Deployment) -> dict[str, Any]:
    return {
        "id": one.id,
        "place": one.place.value,
        "provider": one.provider,
        "model": one.target,
        "host": one.host,
        "api_base": one.api_base,
        "api_base_variable": one.api_base_variable,
        "key_variable": one.key_variable,
        "slots": one.slots,
        "slots_says": one.slots_says,
        "timeout_seconds": one.timeout_seconds,
        "input_usd_per_token": as_json(one.input_usd_per_token),
        "output_usd_per_token": as_json(one.output_usd_per_token),
        "budget_usd": one.budget_usd,
        "budget_says": one.budget_says,
    }
