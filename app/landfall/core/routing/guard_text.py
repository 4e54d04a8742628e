"""The guard: a callback of the router that keeps private aliases where they belong.

Measured on LiteLLM 1.106.2 (`private` has no fallback on the server): a client that sends
`fallbacks: ["frontier"]` in its body gets an answer from the cloud, in both forms of the list;
`disable_fallbacks: true` in the body stops it. So the guard takes such keys out before the call is
routed, keeps the router from any deployment that is not listed when one is chosen, and looks once
more at the address when the call is about to be sent. Each of the three alone would do.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from landfall.core.routing.plan import RoutingPlan

FILE = "guard.py"
CALLBACK = "guard.local_only"

Named = Mapping[str, str]
"""Another name, in lower case, to the private alias that it reaches."""

Listed = Mapping[str, Mapping[str, str]]
"""Private alias to its deployments: id to address. "" is the address of a provider of its own."""

_HEAD = '''"""Keeps private aliases where they belong, whatever a client asks for.

Made by Landfall. Each configuration beside it names it under litellm_settings.callbacks.
Change the table, not the code: `landfall export litellm --check` compares both with the files.
"""

import re
from contextvars import ContextVar

import litellm
from fastapi import HTTPException
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy.proxy_server import app

# Private alias to its deployments: id to address. "" is a provider that its rule allows.
PRIVATE = {
'''

_BODY = '''}

# Other names by which a client may reach one of them: what the router takes for a model too.
ALSO = {
%(also)s}

# What a client may say about a private call. Whatever else it sends is taken out: fallbacks in any
# form, addresses, keys, settings of the router, and what later versions may add.
SAYS = frozenset(
    """
    model messages input prompt suffix system stream stream_options temperature top_p top_k min_p
    max_tokens max_completion_tokens max_output_tokens stop stop_sequences seed n frequency_penalty
    presence_penalty repeat_penalty logit_bias logprobs top_logprobs response_format text tools
    tool_choice parallel_tool_calls functions function_call reasoning reasoning_effort thinking
    instructions encoding_format dimensions user metadata num_ctx keep_alive format think
    """.split()
)

# Taken out even where the router no longer tells what the client sent and what it added.
NEVER = (
    "fallbacks context_window_fallbacks content_policy_fallbacks context_window_fallback_dict "
    "default_fallbacks router_settings_override user_config model_list mock_testing_fallbacks "
    "mock_testing_context_fallbacks mock_testing_content_policy_fallbacks mock_response "
    "api_base base_url api_key api_version api_type custom_llm_provider organization "
    "extra_headers extra_body extra_query headers specific_deployment model_group_alias tags "
    "fastest_response guardrails callbacks success_callback failure_callback cache"
).split()

# Ways to ask that end at one of the alias's deployments. Files, batches, assistants, rerankers,
# pass-through and everything else is refused for a private alias.
WAYS = frozenset(
    "acompletion completion atext_completion text_completion aembedding embedding embeddings "
    "aresponses responses anthropic_messages".split()
)

# What is served beside private aliases: to ask a model, and to look whether the proxy is well. All
# else is not: what is put into assistants, files or a provider's own interface goes out whatever it
# holds, some of them ask no callback, and what manages keys and models opens ways of its own.
ASKED = re.compile(
    "(/v1)?/(chat/completions|completions|embeddings|responses|messages|messages/count_tokens)"
    "|/(engines|openai/deployments)/.+/(chat/completions|completions|embeddings)"
)
LOOKED_AT = re.compile("|/health(/[a-z_-]+)?|(/v1)?/models(/[^/:]+)?|(/v1)?/model/info|/metrics")

# Parts of a message that are no text, and what the address of one begins with.
PART = re.compile("(input_)?(image|file|audio|video|document)")
ADDRESS = re.compile("[a-z][a-z0-9+.-]*://", re.IGNORECASE)

_asked = ContextVar("private_alias_asked_for", default=None)


def _refuse(why):
    return HTTPException(status_code=403, detail={"error": f"Kept by the privacy guard: {why}"})


def _alias(name):
    name = str(name).strip().casefold()
    return ALSO.get(name) or next((one for one in PRIVATE if one.casefold() == name), None)


def _names(data):
    found = []
    for key in ("model", "models", "target_model_names", "model_group"):
        value = data.get(key)
        for each in value if isinstance(value, (list, tuple, set)) else [value]:
            if each is not None:
                found += [part for part in str(each).split(",") if part.strip()]
    return found


def _body(data):
    """What the client sent, before names were exchanged by a key, a path or a query."""
    told = data.get("proxy_server_request")
    told = told.get("body") if isinstance(told, dict) else None
    return told if isinstance(told, dict) else {}


def _addressed(part):
    if isinstance(part, dict):
        return any(map(_addressed, part.values()))
    if isinstance(part, list):
        return any(map(_addressed, part))
    return isinstance(part, str) and ADDRESS.match(part.strip()) is not None


def _fetched(value):
    """Whether a message holds a picture or a file by its address, which somebody would fetch: the
    address itself can hold words."""
    if isinstance(value, list):
        return any(map(_fetched, value))
    if not isinstance(value, dict):
        return False
    if PART.match(str(value.get("type"))) and _addressed(value):
        return True
    return any(_fetched(value.get(key)) for key in ("content", "output"))


def _mute(data):
    """Take out the logs that a client or its key named: they are set up before any callback is
    asked, and send what they get to an address of the environment."""
    log = data.get("litellm_logging_obj")
    for name in list(vars(log)) if log is not None else ():
        if name.startswith("dynamic_") and name.endswith("_callbacks"):
            setattr(log, name, None)


def _strip(data):
    told = _body(data)
    for key in [key for key in data if key in told and key not in SAYS]:
        del data[key]
    for place in (data, data.get("metadata"), data.get("litellm_metadata")):
        for key in NEVER if isinstance(place, dict) else ():
            place.pop(key, None)


def _listed(alias, deployment):
    info = deployment.get("model_info") or {}
    params = deployment.get("litellm_params") or {}
    address = PRIVATE[alias].get(info.get("id"))
    return address is not None and address == _address(params)


def _address(params):
    """Where a call goes: `base_url` stands above `api_base`."""
    return str(params.get("base_url") or params.get("api_base") or "").rstrip("/")


class LocalOnly(CustomLogger):
    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        names, told = _names(data), _names(_body(data))
        alias = next(filter(None, map(_alias, names + told)), None)
        _asked.set(alias)
        if alias is None:
            return data
        _mute(data)
        if len(names) > 1 or any(_alias(name) != alias for name in names + told):
            raise _refuse(f"{alias} is asked for alone, by one name")
        if call_type not in WAYS:
            raise _refuse(f"{alias} is not asked for in this way ({call_type})")
        if any(_fetched(data.get(key)) for key in ("messages", "input", "prompt", "system")):
            raise _refuse(f"{alias} takes pictures and files as data, not by their address")
        for tool in data.get("tools") or ():
            kind = tool.get("type", "function") if isinstance(tool, dict) else None
            if kind not in ("function", "custom"):
                raise _refuse(f"{alias} calls no tools that others run")
        _strip(data)
        data["disable_fallbacks"] = alias not in OVERFLOWS
        return data

    async def async_filter_deployments(
        self, model, healthy_deployments, messages, request_kwargs=None, parent_otel_span=None
    ):
        alias = _asked.get() or _alias(model)
        if alias is None or not isinstance(healthy_deployments, list):
            return healthy_deployments
        return [one for one in healthy_deployments if _listed(alias, one)]

    async def async_pre_call_deployment_hook(self, kwargs, call_type):
        found = kwargs.get("litellm_metadata") or kwargs.get("metadata") or {}
        group = found.get("model_group") if isinstance(found, dict) else None
        alias = _asked.get() or (_alias(group) if group else None)
        if alias is None:
            return None
        address = _address(kwargs)
        if litellm.api_base or address not in PRIVATE[alias].values():
            raise _refuse(f"{alias} may not be sent to {address or 'an address that is not named'}")
        return None


class Gate:
    """Stands before everything that the proxy serves."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        kind, path = scope["type"], scope.get("path", "").rstrip("/")
        wanted = {"POST": ASKED, "GET": LOOKED_AT, "HEAD": LOOKED_AT}.get(scope.get("method"))
        if kind == "lifespan" or (kind == "http" and wanted and wanted.fullmatch(path)):
            await self.app(scope, receive, send)
        elif kind == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            body = b'{"error": "Kept by the privacy guard: not served beside private aliases"}'
            head = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 403, "headers": head})
            await send({"type": "http.response.body", "body": body})


if app.middleware_stack is None:
    app.add_middleware(Gate)
else:  # the proxy reads its configuration while it starts
    app.middleware_stack = Gate(app.middleware_stack)

local_only = LocalOnly()
'''


def listed(plan: RoutingPlan) -> dict[str, dict[str, str]]:
    """What the guard of a plan lists; the overflow of an alias counts as the alias."""
    return {
        one.alias: {d.id: d.api_base for d in (*one.deployments, *one.overflow)}
        for one in plan.private
    }


def also(plan: RoutingPlan) -> dict[str, str]:
    """Other names of private aliases, in lower case: overflow groups, deployments by their id and
    by the model behind them, all of which the router takes for a model."""
    found: dict[str, str] = {}
    for one in plan.private:
        if one.overflow:
            found[one.overflow_alias.casefold()] = one.alias
        for each in (*one.deployments, *one.overflow):
            found.setdefault(each.id.casefold(), one.alias)
            found.setdefault(each.target.casefold(), one.alias)
    return found


def overflows(plan: RoutingPlan) -> tuple[str, ...]:
    """Private aliases with an overflow inside their lock."""
    return tuple(one.alias for one in plan.private if one.overflow)


def text(private: Listed, also_named: Named, overflow: tuple[str, ...]) -> str:
    """The file."""
    rows = []
    for alias, deployments in private.items():
        inner = ", ".join(f"{_q(name)}: {_q(base)}" for name, base in deployments.items())
        rows.append(f"    {_q(alias)}: {{{inner}}},\n")
    names = "".join(f"    {_q(name)}: {_q(alias)},\n" for name, alias in also_named.items())
    split = _BODY.index("# What a client may say")
    table = "".join(f"    {_q(alias)},\n" for alias in overflow)
    middle = (
        "# Private aliases whose rule allows a provider, which is asked where they are full.\n"
        f"OVERFLOWS = frozenset([\n{table}])\n\n"
    )
    body = _BODY[:split].replace("%(also)s", names) + middle + _BODY[split:]
    return _HEAD + "".join(rows) + body


def _q(value: str) -> str:
    """A literal of Python in double quotes."""
    plain = value.isprintable() and '"' not in value and "\\" not in value
    return f'"{value}"' if plain else repr(value)


def tables(source: str) -> tuple[Listed, Named, tuple[str, ...]] | None:
    """What a guard lists: private aliases, other names, those with an overflow; None where the
    text is no guard. Nothing of it is run."""
    try:
        tree = ast.parse(source)
        found = {
            target.id: ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and target.id in ("PRIVATE", "ALSO")
        }
        found["OVERFLOWS"] = _overflows_of(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # the last where its parser finds it nested too deep
    private, named = found.get("PRIVATE"), found.get("ALSO")
    if not isinstance(private, dict) or not isinstance(named, dict):
        return None
    if not all(isinstance(one, dict) for one in private.values()):
        return None
    return private, named, found["OVERFLOWS"]


def _overflows_of(tree: ast.Module) -> tuple[str, ...]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id == "OVERFLOWS" and node.value.args:
                return tuple(ast.literal_eval(node.value.args[0]))
    return ()


def is_unchanged(source: str) -> bool:
    """Whether its code is that of this version, whatever its tables list."""
    found = tables(source)
    return found is not None and text(*found) == source.replace("\r\n", "\n")
