"""A plan as LiteLLM's configuration: gateway.yaml for all, private.yaml for what may not leave."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from landfall.core.percent import percent
from landfall.core.provenance import Unknown, band, middle, provenance
from landfall.core.routing import guard_text
from landfall.core.routing.deploying import BUDGET_DAYS
from landfall.core.routing.plan import Deployment, Place, RoutedAlias, RoutingPlan
from landfall.core.routing.yaml_text import comment, flow, pair, scalar

GATEWAY, PRIVATE = "gateway.yaml", "private.yaml"
_NEVER_COOLED = 1_000_000
_COOLDOWN_SECONDS = 30
_ALLOWED_FAILS = 2


def gateway(plan: RoutingPlan, callbacks: Sequence[str]) -> str:
    """The configuration of the proxy that serves every alias.

    Args:
        callbacks: Besides the guard, as the router names them: "spend_lines.writer".
    """
    lines = [
        f"# Made by Landfall on {plan.made_at[:10]}. The form was checked with {plan.engine}"
        f" {plan.engine_version}.",
        "# Keys stand in the environment alone. After a change by hand:"
        " landfall export litellm --check .",
        "model_list:",
    ]
    for one in plan.aliases:
        lines += _alias(one)
    lines += _router(plan.aliases, whole=True)
    lines += _litellm(callbacks, guarded=bool(plan.private))
    lines += _general(sealed=False)
    return "\n".join(lines) + "\n"


def private(plan: RoutingPlan, callbacks: Sequence[str]) -> str:
    """The configuration of a second proxy, which knows no deployment outside the own network and
    is started without any cloud key: nothing of it could leave even if the first one failed."""
    lines = [
        f"# Made by Landfall on {plan.made_at[:10]}: private aliases alone. Started by"
        " `./start.sh private`,",
        "# on loopback, with an environment that holds no key of a provider.",
        "model_list:",
    ]
    for one in plan.sealed:
        lines += _alias(one)
    lines += _router(plan.sealed, whole=False)
    lines += _litellm(callbacks, guarded=True)
    lines += _general(sealed=True)
    return "\n".join(lines) + "\n"


# Aliases ---------------------------------------------------------------------------------------


def _alias(one: RoutedAlias) -> Iterator[str]:
    step = f", step {one.step}" if one.step else ""
    lock = f" Private: {one.lock}." if one.private else ""
    yield from comment(f"---- {one.workload}{step}: {one.option.value}.{lock}", 2)
    if one.overflow:
        yield from comment(_share_says(one), 2)
    elif one.slots:
        says = f"{one.slots} at once on own machines; more of them wait there, none is refused."
        yield from comment(says, 2)
    for note in one.notes:
        yield from comment(note, 2)
    for each in one.deployments:
        yield from _deployment(one.alias, one, each, limited=bool(one.overflow))
    for each in one.overflow:
        yield from _deployment(one.overflow_alias, one, each, limited=False)


def _share_says(one: RoutedAlias) -> str:
    if isinstance(one.local_share, Unknown):
        return f"What share stays here is not known: {one.local_share.reason}."
    low, mid, high = band(one.local_share) or (0.0, 0.0, 0.0)
    spread = f" ({percent(low)} to {percent(high)})" if low != high else ""
    return (
        f"Expected to stay here: {percent(mid, 1)}{spread} of the calls, with {one.slots} at once;"
        f" the rest goes to {one.overflow_alias} ({provenance(one.local_share)})."
    )


def _deployment(group: str, one: RoutedAlias, each: Deployment, *, limited: bool) -> Iterator[str]:
    yield f"  - model_name: {scalar(group)}"
    yield "    litellm_params:"
    says = f"on {each.host}" if each.host else ""
    yield pair("model", each.target, 6, says=says)
    if each.api_base:
        yield pair("api_base", each.api_base, 6)
    elif each.api_base_variable:
        yield pair("api_base", f"os.environ/{each.api_base_variable}", 6)
    if each.key_variable:
        yield pair("api_key", f"os.environ/{each.key_variable}", 6)
    if limited and each.slots and each.place is Place.OWN:
        says = f"more get a 429 at once and overflow; {each.slots_says}"
        yield pair("max_parallel_requests", each.slots, 6, says=says)
    yield pair("timeout", math.ceil(each.timeout_seconds), 6, says="seconds, a cold model too")
    yield from _costs(each)
    if each.budget_usd is not None:
        yield from comment(
            f"A soft cap: {each.budget_says}. The call that crosses it is still served, the sum is"
            " this process's own and is forgotten when it ends; then calls are refused.",
            6,
        )
        whole = each.budget_usd.is_integer()
        yield pair("max_budget", int(each.budget_usd) if whole else each.budget_usd, 6)
        yield pair("budget_duration", f"{BUDGET_DAYS}d", 6)
    tag = flow((f"workload:{one.alias}",))
    yield f"      tags: {tag}  # for the cost reports, never for a route"
    mode = ", mode: embedding" if one.embedding else ""
    yield f"    model_info: {{id: {scalar(each.id)}{mode}}}"


def _costs(each: Deployment) -> Iterator[str]:
    """What is not known is left out and said once; reports show 0 for it."""
    named = (("input", each.input_usd_per_token), ("output", each.output_usd_per_token))
    unknown = [(name, usd) for name, usd in named if isinstance(usd, Unknown)]
    for name, usd in named:
        mid = middle(usd)
        if mid is not None:
            yield pair(f"{name}_cost_per_token", mid, 6, says=f"USD, {provenance(usd)}")
    if unknown:
        what = " and ".join(f"{name}_cost_per_token" for name, _ in unknown)
        why = unknown[0][1].reason.partition(". ")[0]
        yield from comment(f"Without {what}, reports show 0: {why}.", 6)


# Settings --------------------------------------------------------------------------------------


def _router(aliases: Sequence[RoutedAlias], *, whole: bool) -> Iterator[str]:
    yield "router_settings:"
    yield pair("routing_strategy", "least-busy", 2, says="pools the servers of an alias")
    yield pair("num_retries", 1, 2)
    yield pair("allowed_fails", _ALLOWED_FAILS, 2)
    if whole:
        yield from comment(
            "A full server answers 429: that is no failure, and must not take it out of the pool.",
            2,
        )
        yield f"  allowed_fails_policy: {{RateLimitErrorAllowedFails: {_NEVER_COOLED}}}"
    yield pair("cooldown_time", _COOLDOWN_SECONDS, 2, says="seconds without calls after that")
    yield pair("enable_tag_filtering", False, 2, says="tags are for costs; they never choose")
    rows: list[tuple[str, tuple[str, ...]]] = []
    for one in aliases:
        if one.overflow:
            rows.append((one.alias, (one.overflow_alias,)))
        if one.private:
            rows += [(one.overflow_alias, ())] if one.overflow else [(one.alias, ())]
    if not rows:
        yield "  fallbacks: []"
        return
    if any(one.private for one in aliases):
        yield from comment(
            "[] is no way out: it blocks a default that somebody adds later. Never add"
            " default_fallbacks, context_window_fallbacks or content_policy_fallbacks here.",
            2,
        )
    yield "  fallbacks:"
    for alias, targets in rows:
        yield f"    - {scalar(alias)}: {flow(targets)}"


def _litellm(callbacks: Sequence[str], *, guarded: bool) -> Iterator[str]:
    named = (*((guard_text.CALLBACK,) if guarded else ()), *callbacks)
    yield "litellm_settings:"
    if named:
        yield f"  callbacks: {flow(named)}"
    yield pair("drop_params", True, 2, says="what a model does not know is left out")
    yield pair("turn_off_message_logging", True, 2, says="no text in any log")
    yield pair("telemetry", False, 2)


def _general(*, sealed: bool) -> Iterator[str]:
    yield "general_settings:"
    yield pair("master_key", "os.environ/LITELLM_MASTER_KEY", 2)
    yield pair("store_prompts_in_spend_logs", False, 2)
    yield pair("store_model_in_db", False, 2, says="this file alone says what there is")
    if sealed:
        yield pair("disable_spend_logs", True, 2)
