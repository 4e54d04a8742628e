"""Rules on what nobody has looked at: beside private aliases only settings that are known to be
harmless pass, or those that another rule looks at.

LiteLLM takes far more than a list of bad settings could name: whatever stands under
`litellm_settings` becomes an attribute of the library, whatever stands under `litellm_params` a
parameter of the call (`silent_model` sends each call to a second model, `completion_model` every
call to one; litellm 1.106.12, proxy_server.py, router.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from landfall.core.routing.findings import Document, Entry, Finding, Severity
from landfall.core.routing.lint_private import Private


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ROUTER = _words(
    """
    routing_strategy routing_strategy_args num_retries max_fallbacks timeout stream_timeout
    fallbacks default_fallbacks context_window_fallbacks content_policy_fallbacks model_group_alias
    enable_tag_filtering tag_filtering_match_any retry_after retry_policy model_group_retry_policy
    allowed_fails allowed_fails_policy cooldown_time disable_cooldowns set_verbose
    default_max_parallel_requests default_priority polling_interval client_ttl
    enable_pre_call_checks provider_budget_config ignore_invalid_deployments
    router_general_settings enable_weighted_failover enable_health_check_routing
    health_check_staleness_threshold health_check_ignore_transient_errors
    background_health_check_model_groups redis_port redis_password redis_db
    """
)
LIBRARY = _words(
    """
    callbacks success_callback failure_callback audit_log_callbacks drop_params modify_params
    turn_off_message_logging telemetry request_timeout num_retries set_verbose json_logs max_budget
    budget_duration fallbacks default_fallbacks context_window_fallbacks content_policy_fallbacks
    allowed_fails cooldown_time redact_user_api_key_info redact_messages_in_exceptions
    suppress_debug_info disable_token_counter force_ipv4
    """
)
PROXY = _words(
    """
    master_key disable_spend_logs disable_error_logs disable_master_key_return disable_reset_budget
    max_parallel_requests global_max_parallel_requests max_request_size_mb max_response_size_mb
    background_health_checks health_check_interval health_check_details allowed_ips allowed_routes
    admin_only_routes enforce_user_param always_include_stream_usage litellm_key_header_name
    disable_retry_on_max_parallel_request_limit_error database_connection_pool_limit database_url
    proxy_batch_write_at
    """
)
PARAMETERS = _words(
    """
    model api_base base_url api_key timeout stream_timeout max_parallel_requests rpm tpm weight
    order tags max_budget budget_duration num_ctx num_predict keep_alive temperature top_p top_k
    min_p seed stop max_tokens max_completion_tokens num_retries max_retries drop_params think
    reasoning_effort mock_response
    """
)
FACTS = _words(
    """
    id mode base_model max_tokens max_input_tokens max_output_tokens description db_model
    litellm_provider
    """
)
_PLAIN = {"router_settings": ROUTER, "litellm_settings": LIBRARY, "general_settings": PROXY}
SECTIONS = frozenset({"model_list", "environment_variables", *_PLAIN})
_HINT = "Take it out, or serve private aliases from private.yaml alone."


def findings(
    document: Document, private: Private, *, elsewhere: Mapping[str, Mapping[str, str]]
) -> Iterator[Finding]:
    """Settings of one file that no rule knows; none where nothing is private.

    Args:
        elsewhere: Settings that another rule looks at, by their section; "" is the top.
    """
    if not private:
        return
    for section, plain in _PLAIN.items():
        known = plain | set(elsewhere.get(section, ()))
        yield from _of(document, document.part(section), known, section)
    yield from _of(document, document.value, SECTIONS | set(elsewhere.get("", ())), "")


def entry_findings(entry: Entry, looked_at: tuple[str, ...]) -> Iterator[Finding]:
    """Parameters of a private deployment that no rule knows."""
    for key, value in entry.params.items():
        if key not in PARAMETERS and key not in looked_at and not _costs(key) and value:
            yield _unknown(entry.document, f"{entry.path}.litellm_params.{key}")
    for key, value in entry.info.items():
        fact = key in FACTS or _costs(key) or str(key).startswith(("supports_", "health_check_"))
        if not fact and value:
            yield _unknown(entry.document, f"{entry.path}.model_info.{key}")


def _of(
    document: Document, part: Mapping[Any, Any], known: frozenset[str], section: str
) -> Iterator[Finding]:
    for key, value in part.items():
        if key not in known and value:
            yield _unknown(document, f"{section}.{key}" if section else str(key))


def _costs(key: object) -> bool:
    return "_cost_per_" in str(key)


def _unknown(document: Document, where: str) -> Finding:
    text = f"{where} is not known to be harmless beside private aliases."
    return document.found("unvetted", Severity.LEAK, text, path=where, hint=_HINT)
