"""Every way known to make a router send a private request elsewhere, each tried and accounted for.

The list is that of what LiteLLM reads from a client (its documentation and the source of 1.106.12):
fields of a body, headers, names, other interfaces, and hosts that fail in each way there is.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx

from tests.litellm_proxy import byways, socket_message
from tests.litellm_proxy.asking import SECRET, Names, Trick, chat
from tests.litellm_proxy.engine import Engine
from tests.litellm_proxy.upstreams import Cloud, HostState, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What became of a trick.

    Attributes:
        status: Of the answer; 0 where the connection broke or nothing came.
        arrived: "host", "cloud", both or "nowhere": where the private text came.
        leaked_bytes: Of requests outside that hold it.
    """

    trick: Trick
    status: int
    arrived: str
    leaked_bytes: int


def tricks(names: Names) -> Iterator[Trick]:
    """All of them."""
    yield from _of_hosts(names)
    yield from _of_bodies(names)
    yield from _of_names(names)
    yield from _of_headers(names)
    yield from _of_interfaces(names)
    yield from _of_administration(names)
    yield from byways.tricks(names)


def _of_hosts(names: Names) -> Iterator[Trick]:
    for state in HostState:
        yield Trick(kind=f"plain, host {state}", body=chat(names.private), host=state)
        streamed = chat(names.private, stream=True)
        yield Trick(kind=f"streamed, host {state}", body=streamed, host=state)


def _of_bodies(names: Names) -> Iterator[Trick]:
    private, frontier = names.private, names.frontier
    mapped = [{private: [frontier]}]
    own = [{"model": frontier, "messages": [{"role": "user", "content": SECRET}]}]
    for form, value in (("list", [frontier]), ("dict", mapped), ("with messages", own)):
        for state in (HostState.DOWN, HostState.BUSY, HostState.BROKEN):
            body = chat(private, fallbacks=value)
            yield Trick(kind=f"fallbacks ({form}), host {state}", body=body, host=state)
        yield Trick(
            kind=f"fallbacks ({form}), streamed", body=chat(private, fallbacks=value, stream=True)
        )
    yield Trick(
        kind="fallbacks and timeout, host breaks off",
        body=chat(private, fallbacks=[frontier], timeout=1.0),
        host=HostState.HANGS,
    )
    for name, state in (
        ("context_window_fallbacks", HostState.TOO_LONG),
        ("content_policy_fallbacks", HostState.UNSEEMLY),
    ):
        for form, value in (("list", [frontier]), ("dict", mapped)):
            yield Trick(kind=f"{name} ({form})", body=chat(private, **{name: value}), host=state)
    yield Trick(
        kind="fallbacks, context exceeded",
        body=chat(private, fallbacks=[frontier]),
        host=HostState.TOO_LONG,
    )
    for name in ("mock_testing_fallbacks", "mock_testing_context_fallbacks"):
        which = "context_window_fallbacks" if "context" in name else "fallbacks"
        body = chat(private, **{name: True, which: mapped})
        yield Trick(kind=name, body=body, host=HostState.ANSWERS)
    override = {"fallbacks": mapped, "context_window_fallbacks": mapped}
    yield Trick(
        kind="router_settings_override", body=chat(private, router_settings_override=override)
    )
    config = {
        "model_list": [
            {
                "model_name": private,
                "litellm_params": {
                    "model": "openai/gpt-5.5",
                    "api_key": "os.environ/OPENAI_API_KEY",
                    "api_base": f"{names.cloud_url}/v1",
                },
            }
        ]
    }
    yield Trick(kind="user_config", body=chat(private, user_config=config))
    yield Trick(kind="model_list", body=chat(private, model_list=config["model_list"]))
    yield from _of_fields(names, mapped)


def _of_fields(names: Names, mapped: list[dict[str, list[str]]]) -> Iterator[Trick]:
    private, frontier = names.private, names.frontier
    outside = f"{names.cloud_url}/v1"
    fields: dict[str, dict[str, Any]] = {
        "metadata.fallbacks": {"metadata": {"fallbacks": mapped}},
        "litellm_metadata.fallbacks": {"litellm_metadata": {"fallbacks": [frontier]}},
        "metadata.model_group": {"metadata": {"model_group": frontier}, "fallbacks": [frontier]},
        "tags": {"tags": ["cloud"], "metadata": {"tags": ["cloud"]}},
        "api_base": {"api_base": outside},
        "api_base and api_key": {"api_base": outside, "api_key": "sk-of-the-client"},
        "base_url": {"base_url": outside},
        "api_key": {"api_key": "sk-of-the-client", "fallbacks": [frontier]},
        "custom_llm_provider": {"custom_llm_provider": "openai"},
        "extra_body": {"extra_body": {"fallbacks": [frontier], "model": frontier}},
        "extra_headers": {"extra_headers": {"host": "api.openai.com"}},
        "litellm_params": {"litellm_params": {"api_base": outside, "fallbacks": [frontier]}},
        "litellm_credential_name": {"litellm_credential_name": "cloud", "fallbacks": [frontier]},
        "num_retries and max_fallbacks": {"fallbacks": [frontier], "max_fallbacks": 9},
        "disable_fallbacks false": {"fallbacks": [frontier], "disable_fallbacks": False},
        "specific_deployment": {"specific_deployment": True, "fallbacks": [frontier]},
        "model_info": {"model_info": {"id": "cloud-frontier"}},
        "provider_specific_header": {
            "provider_specific_header": {
                "custom_llm_provider": "ollama_chat",
                "extra_headers": {"x-way": "out"},
            },
            "fallbacks": [frontier],
        },
        "silent_model": {"silent_model": frontier},
        "fallback_depth": {"fallbacks": [frontier], "fallback_depth": 0, "attempted_targets": []},
        "logging to elsewhere": {
            "success_callback": ["langfuse"],
            "callbacks": ["langfuse"],
            "langfuse_host": names.cloud_url,
            "langfuse_public_key": "pk",
            "langfuse_secret_key": "sk",
        },
        "tools of a server elsewhere": {
            "tools": [
                {
                    "type": "mcp",
                    "server_label": "x",
                    "server_url": f"{names.cloud_url}/mcp?q={SECRET}",
                    "require_approval": "never",
                }
            ]
        },
    }
    for kind, more in fields.items():
        yield Trick(kind=kind, body=chat(private, **more))
        if "fallbacks" not in json.dumps(more):
            yield Trick(
                kind=f"{kind}, host answers", body=chat(private, **more), host=HostState.ANSWERS
            )
    picture = {"url": f"{names.cloud_url}/picture.png?q={SECRET}"}
    content = [{"type": "text", "text": SECRET}, {"type": "image_url", "image_url": picture}]
    for state in (HostState.ANSWERS, HostState.DOWN):
        body = {"model": private, "messages": [{"role": "user", "content": content}]}
        yield Trick(kind=f"picture to fetch elsewhere, host {state}", body=body, host=state)


def _of_names(names: Names) -> Iterator[Trick]:
    private, frontier = names.private, names.frontier
    for model in (f"{private},{frontier}", f"{frontier},{private}", f"{private} , {frontier}"):
        for state in (HostState.DOWN, HostState.ANSWERS):
            yield Trick(kind=f"model {model!r}, host {state}", body=chat(model), host=state)
        yield Trick(kind=f"model {model!r}, streamed", body=chat(model, stream=True))
        body = chat(model, fastest_response=True)
        yield Trick(kind=f"model {model!r}, fastest_response", body=body)
    yield Trick(kind="model as an array", body=chat([private, frontier]))
    yield Trick(kind="models beside model", body=chat(private, models=[frontier]))
    for model in (
        private.upper(),
        f" {private}",
        f"{private} ",
        f"{private}\n",
        f"{private}\u200b",
        f"openai/{private}",
        f"anthropic/{private}",
        f"{private}:latest",
        f"{private}/",
        names.deployment,
    ):
        body = chat(model, fallbacks=[frontier])
        yield Trick(kind=f"model {model!r} with fallbacks", body=body)
    for model in (f"{private.upper()},{frontier}", f"{names.deployment},{frontier}"):
        yield Trick(kind=f"model {model!r}", body=chat(model))


def _of_headers(names: Names) -> Iterator[Trick]:
    private, frontier = names.private, names.frontier
    for headers in (
        {"x-litellm-tags": "cloud"},
        {"x-litellm-model": frontier},
        {"x-litellm-fallbacks": frontier},
        {"x-litellm-api-base": names.cloud_url},
        {"x-litellm-num-retries": "3", "x-litellm-timeout": "5"},
        {"x-litellm-disable-callbacks": "guard,LocalOnly,local_only,custom_callback_class"},
        {"x-litellm-spend-logs-metadata": json.dumps({"fallbacks": [frontier]})},
        {"x-api-key": "sk-of-the-client"},
        {"x-litellm-enable-message-redaction": "false", "litellm-disable-message-redaction": "1"},
    ):
        named = ", ".join(headers)
        yield Trick(kind=f"header {named}", body=chat(private), headers=headers)
        body = chat(private, fallbacks=[frontier])
        yield Trick(kind=f"header {named}, with fallbacks", body=body, headers=headers)


def _of_interfaces(names: Names) -> Iterator[Trick]:
    private, frontier, embedding = names.private, names.frontier, names.embedding
    back: dict[str, Any] = {"fallbacks": [frontier]}
    asked = [{"role": "user", "content": SECRET}]
    google = {"contents": [{"role": "user", "parts": [{"text": SECRET}]}]}
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("/v1/responses", {"model": private, "input": SECRET}),
        ("/v1/messages", {"model": private, "messages": asked, "max_tokens": 20}),
        ("/v1/completions", {"model": private, "prompt": SECRET}),
        (f"/engines/{private}/chat/completions", {"messages": asked}),
        (f"/openai/deployments/{private}/chat/completions", {"messages": asked}),
        (f"/v1beta/models/{private}:generateContent", google),
        (f"/v1beta/models/{private}:streamGenerateContent", google),
    ]
    for path, body in bodies:
        yield Trick(kind=path, path=path, body=body)
        yield Trick(kind=f"{path}, with fallbacks", path=path, body={**body, **back})
        yield Trick(kind=f"{path}, host answers", path=path, body=body, host=HostState.ANSWERS)
        streamed = {**body, **back, "stream": True}
        yield Trick(kind=f"{path}, streamed, with fallbacks", path=path, body=streamed)
        if "deployments" in path or "engines" in path:
            other = {**body, "model": frontier}
            yield Trick(kind=f"{path}, model frontier in the body", path=path, body=other)
    for path, body in (
        ("/v1/embeddings", {"model": embedding, "input": [SECRET]}),
        ("/v1/embeddings", {"model": private, "input": SECRET}),
        ("/v1/rerank", {"model": private, "query": SECRET, "documents": [SECRET]}),
        ("/v1/moderations", {"model": private, "input": SECRET}),
        ("/v1/images/generations", {"model": private, "prompt": SECRET}),
        ("/v1/audio/speech", {"model": private, "input": SECRET, "voice": "alloy"}),
        ("/v1/messages/count_tokens", {"model": private, "messages": asked}),
        ("/utils/token_counter", {"model": private, "messages": asked, "call_endpoint": True}),
        ("/v1/search", {"model": private, "query": SECRET}),
        ("/v1/videos", {"model": private, "prompt": SECRET}),
        ("/v1/fine_tuning/jobs", {"model": private, "training_file": SECRET}),
        ("/v1/assistants", {"model": private, "instructions": SECRET}),
        ("/v1/batches", _batch(private)),
        ("/v1/vector_stores", {"model": private, "name": SECRET}),
    ):
        kind = f"{path} of {body['model']}"
        yield Trick(kind=kind, path=path, body=body)
        yield Trick(kind=f"{kind}, with fallbacks", path=path, body={**body, **back})
        yield Trick(
            kind=f"{kind}, provider named",
            path=path,
            body={**body, **back, "custom_llm_provider": "openai"},
            host=HostState.ANSWERS,
        )
    yield from _of_passing_through(names)


def _batch(model: str) -> dict[str, Any]:
    return {
        "model": model,
        "input_file_id": "file-1",
        "endpoint": "/v1/chat/completions",
        "completion_window": "24h",
        "metadata": {"what": SECRET},
    }


def _of_passing_through(names: Names) -> Iterator[Trick]:
    private = names.private
    for path in (
        "/anthropic/v1/messages",
        "/openai/v1/chat/completions",
        "/openai_passthrough/v1/chat/completions",
        "/openai/v1/responses",
        "/cohere/v1/chat",
        "/mistral/v1/chat/completions",
        "/gemini/v1beta/models/x:generateContent",
        "/vllm/v1/chat/completions",
    ):
        body = {**chat(private, max_tokens=20), "input": SECRET}
        yield Trick(kind=f"passed through {path}", path=path, body=body)
    line = {
        "custom_id": "1",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": chat(private),
    }
    file = ("in.jsonl", json.dumps(line) + "\n", "application/jsonl")
    for kind, form in (
        ("a file of a batch", {}),
        ("a file of a batch, provider named", {"custom_llm_provider": "openai"}),
        ("a file of a batch, alias named", {"target_model_names": private}),
        ("a file of a batch, model named", {"model": private}),
    ):
        files = {"file": file, "purpose": (None, "batch")}
        files |= {name: (None, value) for name, value in form.items()}
        yield Trick(kind=kind, path="/v1/files", files=files)
    thread = {"messages": [{"role": "user", "content": SECRET}]}
    yield Trick(kind="a thread", path="/v1/threads", body=thread, names_alias=False)
    yield Trick(
        kind="a message of a thread",
        path="/v1/threads/thread_1/messages",
        body={"role": "user", "content": SECRET},
        names_alias=False,
    )


def _of_administration(names: Names) -> Iterator[Trick]:
    private = names.private
    params = {"model": "openai/gpt-5.5", "api_base": f"{names.cloud_url}/v1", "api_key": "sk-x"}
    for path, body in (
        ("/model/new", {"model_name": private, "litellm_params": params}),
        ("/config/update", {"router_settings": {"fallbacks": [{private: [names.frontier]}]}}),
        ("/fallback", {"model": private, "fallback_models": [names.frontier]}),
        (
            "/config/field/update",
            {"field_name": "pass_through_endpoints", "field_value": [], "config_type": "general"},
        ),
        ("/config/pass_through_endpoint", {"path": "/out", "target": names.cloud_url}),
        ("/health/test_connection", {"litellm_params": params, "mode": "chat"}),
    ):
        yield Trick(kind=f"{path}", path=path, body=body)
        yield Trick(kind=f"plain, after {path}", body=chat(private))
        yield Trick(
            kind=f"plain, after {path}, host answers", body=chat(private), host=HostState.ANSWERS
        )


@dataclass(frozen=True, slots=True)
class Account:
    """What became of all tricks.

    Attributes:
        ways_out: Addresses beyond this machine that were asked for: what would have been sent
            there is not seen, for it is encrypted and was refused.
    """

    rows: tuple[Tried, ...]
    ways_out: tuple[str, ...]

    @property
    def leaks(self) -> tuple[Tried, ...]:
        """Those of which private text was outside."""
        return tuple(row for row in self.rows if row.leaked_bytes)


AT_ONCE = 12


def tried(engine: Engine, world: World, wanted: Sequence[Trick]) -> Account:
    """Tricks on a proxy, some at once where their hosts do the same; what comes late is
    counted too."""
    numbered = list(enumerate(wanted))
    answered: dict[int, int] = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for state in HostState:
            world.set(state)
            group = [(number, one) for number, one in numbered if one.host is state]
            if not group:
                continue
            statuses = pool.map(partial(_status, engine), *zip(*group, strict=True))
            answered |= zip((number for number, _ in group), statuses, strict=True)
    world.set(HostState.ANSWERS)
    rows = tuple(_accounted(one, number, answered[number], world) for number, one in numbered)
    asked = [request for request in world.cloud.requests if request.method == "CONNECT"]
    ways = {request.headers.get("host", request.path) for request in asked}
    return Account(rows, tuple(sorted(ways)))


def _canary(number: int) -> str:
    return f"privatewords{number:04d}end"


def _status(engine: Engine, number: int, trick: Trick) -> int:
    try:
        return _ask(engine, trick, _canary(number))
    except httpx.TransportError:
        return 0


def _ask(engine: Engine, trick: Trick, canary: str) -> int:
    path = trick.path.replace(SECRET, canary)
    headers = {name: value.replace(SECRET, canary) for name, value in trick.headers.items()}
    if trick.files is not None:
        files = {name: _filled(part, canary) for name, part in trick.files.items()}
        return engine.client.post(path, files=files, headers=headers).status_code
    if trick.form is not None:
        form = {name: value.replace(SECRET, canary) for name, value in trick.form.items()}
        return engine.client.post(path, data=form, headers=headers).status_code
    text = json.dumps(trick.body).replace(SECRET, canary)
    if trick.socket:
        return socket_message.sent(engine.url, path, text, headers)
    # Read to its end, as a client of a stream does.
    headers = {"Content-Type": "application/json", **headers}
    return engine.client.request(
        trick.method, path, content=text.encode(), headers=headers
    ).status_code


def _filled(part: Sequence[Any], canary: str) -> tuple[Any, ...]:
    return tuple(one.replace(SECRET, canary) if isinstance(one, str) else one for one in part)


def _accounted(trick: Trick, number: int, status: int, world: World) -> Tried:
    word = _canary(number)
    outside = leaked_bytes(world.cloud, word)
    inside = any(word.encode() in r.body for host in world.hosts for r in host.server.requests)
    where = [name for name, is_there in (("host", inside), ("cloud", bool(outside))) if is_there]
    return Tried(
        trick=trick,
        status=status,
        arrived=" and ".join(where) or "nowhere",
        leaked_bytes=outside,
    )


def leaked_bytes(cloud: Cloud, canary: str) -> int:
    """Bytes of all requests outside that hold a text, in clear or in base64."""
    clear = canary.encode()
    # Where it may begin within a group of three, without the ends, which its neighbours change.
    coded = [base64.b64encode(b"x" * shift + clear)[4:-4] for shift in range(3)]
    return sum(
        len(text)
        for text in map(cloud.bytes_of, list(cloud.requests))
        if clear in text or any(each in text for each in coded)
    )


def table(title: str, account: Account) -> str:
    """For people: what was sent, where it arrived, how many private bytes were outside."""
    rows = account.rows
    wide = max(len(row.trick.kind) for row in rows)
    lines = [title, f"{'request':<{wide}}  answer  private bytes out  arrived"]
    for row in rows:
        status = row.status or "none"
        told = f"{row.trick.kind:<{wide}}  {status:>6}  {row.leaked_bytes:>17}  {row.arrived}"
        lines.append(told)
    held = sum(row.leaked_bytes for row in account.leaks)
    lines.append(
        f"{len(rows)} requests, {len(account.leaks)} of them leaked, {held} private bytes outside;"
        f" other addresses asked for: {', '.join(account.ways_out) or 'none'}"
    )
    return "\n".join(lines)
