"""Rules on the settings of the router, of the library and of the proxy."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from landfall.core.routing import guard_text, lint_plain
from landfall.core.routing.findings import Document, Documents, Finding, Severity, entries
from landfall.core.routing.lint_private import Private

_FALLBACKS = ("fallbacks", "context_window_fallbacks", "content_policy_fallbacks")
_SPREADING = ("default_fallbacks", "context_window_fallbacks", "content_policy_fallbacks")
_SECTIONS = ("router_settings", "litellm_settings")
"""Fallbacks are taken from either."""

_OPENING = {
    "general_settings": {
        "pass_through_endpoints": "sends what it is given to an address of its own, past the guard",
        "allow_client_side_credentials": "lets a client say where its call goes",
        "store_model_in_db": "lets deployments be added that no file tells of",
        "store_prompts_in_spend_logs": "writes prompts and answers into the log of costs",
        "forward_client_headers_to_llm_api": "hands on what a client says of itself",
        "dangerously_allow_mock_testing_request_params": "lets a client play that a server failed",
        "enable_loadbalancing_on_batch_endpoints": "sends files to any deployment of a batch",
        "infer_model_from_keys": "adds every model of the providers whose keys are there",
        "custom_auth": "runs code of its own on every call",
        "completion_model": "sends every call to one model, whatever it asked for",
        "embedding_model": "sends every call to one model, whatever it asked for",
        "alerting": "sends what hangs or fails to another service, with its text",
    },
    "litellm_settings": {
        "api_base": "is the address of every Ollama deployment, before its own",
        "model_alias_map": "turns names into others before the guard",
        "enable_loadbalancing_on_batch_endpoints": "sends files to any deployment of a batch",
        "cache": "keeps questions and answers, and gives them to whoever asks the same",
        "callback_settings": "sets up a log that may take text along",
        "service_callback": "sends what happens to another service",
        "post_call_rules": "runs code of its own on every answer",
        "pre_call_rules": "runs code of its own on every call",
        "default_team_settings": "sends logs of a team to another service",
        "s3_callback_params": "keeps calls in a store elsewhere",
        "store_audit_logs": "keeps what was asked of the proxy's administration",
        "model_group_alias": "turns names into others",
        "use_litellm_proxy": "sends every call to another proxy",
        "log_raw_request_response": "writes the text of calls to the log",
    },
    "router_settings": {
        "default_litellm_params": "adds parameters to every deployment",
        "plugins": "runs code of its own where a deployment is chosen",
        "guardrail_list": "sends text to a guardrail of its own",
        "search_tools": "lets a call search elsewhere",
        "assistants_config": "sends threads to a provider",
        "cache_responses": "keeps questions and answers, and gives them to whoever asks the same",
        "redis_url": "keeps state, and answers where they are cached, on another server",
        "redis_host": "keeps state, and answers where they are cached, on another server",
        "routing_groups": "groups aliases anew",
    },
    "": {
        "include": "adds files that this check does not see",
        "guardrails": "sends text to a guardrail of its own",
        "mcp_servers": "lets a call use tools elsewhere",
        "mcp_tools": "lets a call use tools of its own",
        "search_tools": "lets a call search elsewhere",
        "vector_store_registry": "sends text to a store of vectors",
        "credential_list": "gives deployments addresses that are not written beside them",
        "files_settings": "sends files to a provider",
        "finetune_settings": "sends files to a provider",
        "agents": "sends text to agents elsewhere",
        "callback_settings": "sets up a log that may take text along",
    },
}
"""Settings that open a way past the guard, or keep text. Read in litellm 1.106.12."""

_NOTED = frozenset({"store_audit_logs", "redis_url", "redis_host", "routing_groups"})
_OWN_CALLBACKS = frozenset({guard_text.CALLBACK, "spend_lines.writer"})
_CALLBACK_KEYS = ("callbacks", "success_callback", "failure_callback", "audit_log_callbacks")


def findings(document: Document, documents: Documents, private: Private) -> Iterator[Finding]:
    """What is wrong with the settings of one file."""
    yield from _unknown_keys(document, documents)
    yield from lint_plain.findings(document, private, elsewhere=_OPENING)
    yield from _fallbacks(document, private)
    yield from _aliases(document, private)
    yield from _tags(document, private)
    yield from _opening(document, private)
    yield from _callbacks(document, documents, private)
    yield from _logging(document, private)
    yield from _environment(document, documents, private)
    yield from _door(document)


def _unknown_keys(document: Document, documents: Documents) -> Iterator[Finding]:
    """A key that is none is ignored without a word (1.106.2): a mistyped `fallbacks` is no
    fallback."""
    engine = documents.engine
    known = {"router_settings": engine.router_keys, "": engine.top_keys}
    for section, keys in known.items():
        part = document.part(section) if section else document.value
        for key in part:
            if not keys or key in keys:
                continue
            near = difflib.get_close_matches(str(key), keys, n=1)
            where = f"{section}.{key}" if section else str(key)
            yield document.found(
                "unknown_key",
                Severity.BROKEN,
                f"{where} is no setting of {engine.name} {engine.version}: it is ignored.",
                path=where,
                hint=f"Did you mean {near[0]}?" if near else "Take it out.",
            )


# Fallbacks -------------------------------------------------------------------------------------


def _fallbacks(document: Document, private: Private) -> Iterator[Finding]:
    """`default_fallbacks` takes every alias without an entry of its own, for errors of context
    too; an explicit `[]` blocks it, a target that does not exist does not (1.106.2)."""
    known = {entry.alias for entry in entries(document)}
    here = [alias for alias in private.aliases if alias in known]
    blocked: set[str] = set()
    for section in _SECTIONS:
        part = document.part(section)
        for key in _SPREADING:
            if part.get(key) and here:
                yield document.found(
                    "spreading_fallbacks",
                    Severity.LEAK,
                    f"{key} takes calls of every alias, of {here[0]} too.",
                    path=f"{section}.{key}",
                    hint="Name the fallback of each alias under fallbacks.",
                )
        for row in _rows(document, section):
            if row.path.startswith(f"{section}.fallbacks") and row.targets == []:
                blocked.add(row.alias)
            yield from _row(document, row, known, private)
    for alias in here:
        if alias not in blocked and private.sealed(alias):
            yield document.found(
                "no_empty_fallback",
                Severity.LEAK,
                f"{alias} is private and has no `[]` of its own: a default that somebody adds later"
                " takes its calls.",
                path="router_settings.fallbacks",
                hint=f"Add `- {alias}: []` to router_settings.fallbacks.",
            )


def _rows(document: Document, section: str) -> Iterator[_Row]:
    """Each row of each list of fallbacks."""
    part = document.part(section)
    for key in _FALLBACKS:
        rows = part.get(key)
        for number, row in enumerate(rows if isinstance(rows, list) else []):
            path = f"{section}.{key}[{number}]"
            if not isinstance(row, Mapping):
                yield _Row(path, "", None)
                continue
            for alias, targets in row.items():
                yield _Row(path, str(alias), targets if isinstance(targets, list) else None)
        if rows is not None and not isinstance(rows, list):
            yield _Row(f"{section}.{key}", "", None)


class _Row(NamedTuple):
    """A row of a list of fallbacks; `targets` is None where it is no list."""

    path: str
    alias: str
    targets: list[Any] | None


def _row(document: Document, row: _Row, known: set[str], private: Private) -> Iterator[Finding]:
    path, alias, targets = row
    if targets is None:
        text = "This is no list of fallbacks: it is ignored."
        yield document.found("no_list", Severity.BROKEN, text, path=path)
        return
    if alias == "*" and targets:
        yield document.found(
            "spreading_fallbacks",
            Severity.LEAK if private else Severity.NOTE,
            "The fallback of `*` takes calls of every alias.",
            path=path,
            hint="Name the fallback of each alias.",
        )
    elif alias not in known:
        text = f"There is no alias {alias} to fall back from."
        yield document.found("no_alias", Severity.BROKEN, text, path=path)
    for target in targets:
        name = str(target.get("model") if isinstance(target, Mapping) else target)
        if name not in known:
            yield document.found(
                "no_target",
                Severity.LEAK if alias in private else Severity.BROKEN,
                f"{alias} falls back to {name}, which does not exist: it falls on to the default.",
                path=path,
                hint="Name an alias of this file.",
            )
        elif alias in private and not _may_fall(alias, name, private):
            yield document.found(
                "private_fallback",
                Severity.LEAK,
                f"{alias} is private and falls back to {name}.",
                path=path,
                hint=f"Write `{alias}: []`.",
            )


def _may_fall(alias: str, target: str, private: Private) -> bool:
    """To an alias that is bound as much: one that lets nothing out, or its own overflow."""
    if target not in private:
        return False
    return private.sealed(target) or private.aliases[target] <= private.aliases[alias]


# Other ways from one alias to another ----------------------------------------------------------


def _aliases(document: Document, private: Private) -> Iterator[Finding]:
    """A name that stands for another is exchanged where the guard may not see it."""
    for section in _SECTIONS:
        table = document.part(section).get("model_group_alias")
        for name, told in table.items() if isinstance(table, Mapping) else ():
            target = told.get("model") if isinstance(told, Mapping) else told
            touched = private.near(str(name)) or private.near(str(target))
            if touched:
                yield document.found(
                    "private_renamed",
                    Severity.LEAK,
                    f"model_group_alias makes {name} of {target}: {touched} is private, and the"
                    " guard looks at the name that was asked for.",
                    path=f"{section}.model_group_alias.{name}",
                    hint="Take it out.",
                )


def _tags(document: Document, private: Private) -> Iterator[Finding]:
    """Without a tag a call goes to any deployment; an unknown one is a 401; where the tagged
    deployment is down it falls to the default (1.106.2)."""
    if document.part("router_settings").get("enable_tag_filtering"):
        yield document.found(
            "tag_filtering",
            Severity.LEAK if private else Severity.NOTE,
            "Tags choose deployments: a call that leaves its tag out goes to any of them.",
            path="router_settings.enable_tag_filtering",
            hint="Use tags for costs alone, and aliases for routes.",
        )


# Settings that open a way ----------------------------------------------------------------------


def _opening(document: Document, private: Private) -> Iterator[Finding]:
    for section, settings in _OPENING.items():
        part = document.part(section) if section else document.value
        for key, why in settings.items():
            if not part.get(key):
                continue
            bad = private and key not in _NOTED and not _harmless(section, key, part[key])
            where = f"{section}.{key}" if section else key
            yield document.found(
                "opening",
                Severity.LEAK if bad else Severity.NOTE,
                f"{where} {why}.",
                path=where,
                hint="Take it out, or serve private aliases from private.yaml alone.",
            )
    general = document.part("router_settings").get("router_general_settings")
    if isinstance(general, Mapping) and general.get("pass_through_all_models"):
        yield document.found(
            "opening",
            Severity.LEAK if private else Severity.NOTE,
            "pass_through_all_models sends every name that is not listed to its provider.",
            path="router_settings.router_general_settings.pass_through_all_models",
            hint="Take it out.",
        )


def _harmless(section: str, key: str, value: object) -> bool:
    """Default parameters that only time or retry a call."""
    if (section, key) == ("router_settings", "default_litellm_params"):
        plain = {"timeout", "stream_timeout", "max_retries", "num_retries"}
        return isinstance(value, Mapping) and set(value) <= plain
    return key == "model_group_alias"  # looked at by `_aliases`


def _callbacks(document: Document, documents: Documents, private: Private) -> Iterator[Finding]:
    part = document.part("litellm_settings")
    quiet = documents.engine.quiet_callbacks | _OWN_CALLBACKS
    for key in _CALLBACK_KEYS:
        told = part.get(key)
        for name in told if isinstance(told, list) else [told] if told else []:
            if str(name) not in quiet:
                yield document.found(
                    "callback",
                    Severity.LEAK if private else Severity.NOTE,
                    f"{key} names {name}, which may keep or send the text of calls.",
                    path=f"litellm_settings.{key}",
                    hint="Take it out; `spend_lines` keeps what calls cost, and no text.",
                )


def _logging(document: Document, private: Private) -> Iterator[Finding]:
    part = document.part("litellm_settings")
    if private and part.get("turn_off_message_logging") is not True:
        yield document.found(
            "message_logging",
            Severity.LEAK,
            "turn_off_message_logging is not true: callbacks and logs get the text of calls.",
            path="litellm_settings.turn_off_message_logging",
            hint="Write `turn_off_message_logging: true` under litellm_settings.",
        )
    for section, key in (("litellm_settings", "set_verbose"), ("router_settings", "set_verbose")):
        if document.part(section).get(key):
            yield document.found(
                "verbose",
                Severity.LEAK if private else Severity.NOTE,
                f"{section}.{key} writes the text of calls to the log.",
                path=f"{section}.{key}",
                hint="Take it out.",
            )


def _environment(document: Document, documents: Documents, private: Private) -> Iterator[Finding]:
    """The file may set variables of the environment, which stand above much else in it: any of
    hundreds moves calls or keeps their text."""
    for name in document.part("environment_variables"):
        if private and str(name) not in documents.engine.variables:
            yield document.found(
                "environment",
                Severity.LEAK,
                f"environment_variables sets {name}, which may move or keep calls.",
                path=f"environment_variables.{name}",
                hint="Take it out.",
            )


def _door(document: Document) -> Iterator[Finding]:
    if not document.part("general_settings").get("master_key"):
        yield document.found(
            "open_door",
            Severity.BROKEN,
            "There is no master_key: whoever reaches the port spends your money and reads on.",
            path="general_settings.master_key",
            hint="Write `master_key: os.environ/LITELLM_MASTER_KEY` under general_settings.",
        )
