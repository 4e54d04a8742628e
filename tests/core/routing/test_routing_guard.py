"""The generated guard, run as the router runs it, with stand-ins for the router's own modules."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from types import ModuleType
from typing import Any

import pytest

from landfall.core.routing import guard_text
from tests.fakes.routes import HERE, plan, texts


class Refused(Exception):
    """As the web framework's."""

    def __init__(self, *, status_code: int, detail: dict[str, str]) -> None:
        super().__init__(detail["error"])
        self.status_code = status_code


class Web:
    """The proxy's application, before it has started."""

    middleware_stack = None

    def add_middleware(self, made: Any) -> None:
        """Nothing is served here."""


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> Any:
    litellm, fastapi = ModuleType("litellm"), ModuleType("fastapi")
    logger, server = ModuleType("custom_logger"), ModuleType("proxy_server")
    litellm.api_base = None  # type: ignore[attr-defined]
    fastapi.HTTPException = Refused  # type: ignore[attr-defined]
    logger.CustomLogger = type("CustomLogger", (), {})  # type: ignore[attr-defined]
    server.app = Web()  # type: ignore[attr-defined]
    for name, module in (
        ("litellm", litellm),
        ("fastapi", fastapi),
        ("litellm.integrations", ModuleType("integrations")),
        ("litellm.integrations.custom_logger", logger),
        ("litellm.proxy", ModuleType("proxy")),
        ("litellm.proxy.proxy_server", server),
    ):
        monkeypatch.setitem(sys.modules, name, module)
    made = ModuleType("guard")
    exec(compile(texts()["guard.py"], "guard.py", "exec"), made.__dict__)
    made.router = litellm  # type: ignore[attr-defined]
    return made


def asked(guard: Any, data: dict[str, Any], *, way: str = "acompletion") -> dict[str, Any]:
    """What the router gets to see of a request."""
    body = dict(data)
    whole = {**data, "proxy_server_request": {"body": body}, "litellm_call_id": "1"}
    found: dict[str, Any] = asyncio.run(
        guard.local_only.async_pre_call_hook(None, None, whole, way)
    )
    return found


ESCAPES: tuple[dict[str, Any], ...] = (
    {"fallbacks": ["frontier"]},
    {"fallbacks": [{"private-notes": ["frontier"]}]},
    {"context_window_fallbacks": [{"private-notes": ["frontier"]}]},
    {"content_policy_fallbacks": [{"private-notes": ["frontier"]}]},
    {"router_settings_override": {"fallbacks": [{"private-notes": ["frontier"]}]}},
    {"user_config": {"model_list": []}},
    {"mock_testing_fallbacks": True},
    {"api_base": "https://evil.example"},
    {"base_url": "https://evil.example"},
    {"api_key": "x"},
    {"extra_body": {"fallbacks": ["frontier"]}},
    {"extra_headers": {"Host": "evil.example"}},
    {"tags": ["cloud"]},
    {"something_of_a_later_version": "frontier"},
)


@pytest.mark.parametrize("escape", ESCAPES, ids=lambda one: next(iter(one)))
@pytest.mark.parametrize("name", ["private-notes", " Private-Notes ", "private-notes-own-1"])
def test_that_nothing_a_client_adds_to_a_private_call_is_left(
    guard: Any, escape: dict[str, Any], name: str
) -> None:
    left = asked(guard, {"model": name, "messages": [1], "temperature": 0.5, **escape})
    assert not set(escape) & set(left)
    assert left["messages"] == [1]
    assert left["temperature"] == 0.5
    assert left["litellm_call_id"] == "1"
    assert left["disable_fallbacks"] is True


def test_that_metadata_keeps_what_it_says_and_loses_a_way_out(guard: Any) -> None:
    metadata = {"fallbacks": ["frontier"], "tags": ["cloud"], "session": "7"}
    left = asked(guard, {"model": "private-notes", "metadata": metadata})
    assert left["metadata"] == {"session": "7"}


def test_that_public_calls_pass_as_they_are(guard: Any) -> None:
    data = {"model": "steady", "fallbacks": ["frontier"]}
    left = asked(guard, data)
    assert left["fallbacks"] == ["frontier"]
    assert "disable_fallbacks" not in left


@pytest.mark.parametrize(
    "data",
    [
        {"model": "private-notes,frontier"},
        {"model": ["private-notes", "frontier"]},
        {"model": "private-notes", "models": ["frontier"]},
        {"model": "frontier", "target_model_names": "private-notes"},
        {"model": "private-notes", "tools": [{"type": "web_search"}]},
        {"model": "private-notes", "tools": ["web_search"]},
    ],
)
def test_that_lists_of_models_and_tools_of_others_are_refused(
    guard: Any, data: dict[str, Any]
) -> None:
    with pytest.raises(Refused, match="privacy guard"):
        asked(guard, data)


@pytest.mark.parametrize("way", ["pass_through_endpoint", "acreate_batch", "rerank", "arerank"])
def test_that_other_ways_to_ask_are_refused(guard: Any, way: str) -> None:
    with pytest.raises(Refused) as refused:
        asked(guard, {"model": "private-notes"}, way=way)
    assert refused.value.status_code == 403


def test_that_tools_of_the_client_itself_pass(guard: Any) -> None:
    tools = [{"type": "function", "function": {"name": "look"}}, {"name": "older form"}]
    assert asked(guard, {"model": "private-notes", "tools": tools})["tools"] == tools


@pytest.mark.parametrize(
    ("routed", "body"),
    [
        # A key's aliases, a path and a query put another model in the place of the one asked for.
        ({"model": "frontier"}, {"model": "private-notes"}),
        ({"model": "private-notes"}, {"model": "frontier"}),
        ({"model": "frontier"}, {"model": "private-notes-own-1"}),
        ({"model": "private-notes-embed"}, {"model": "private-notes"}),
    ],
)
def test_that_a_name_that_was_exchanged_before_is_refused(
    guard: Any, routed: dict[str, Any], body: dict[str, Any]
) -> None:
    data = {**routed, "proxy_server_request": {"body": body}}
    with pytest.raises(Refused, match="by one name"):
        asyncio.run(guard.local_only.async_pre_call_hook(None, None, data, "acompletion"))


def test_that_two_spellings_of_one_alias_are_one_name(guard: Any) -> None:
    data = {"model": "private-notes", "proxy_server_request": {"body": {"model": "Private-Notes"}}}
    asyncio.run(guard.local_only.async_pre_call_hook(None, None, data, "acompletion"))
    assert data["model"] == "private-notes"


class Log:
    """As the router sets one up from a body, before any callback is asked."""

    def __init__(self) -> None:
        self.dynamic_success_callbacks = ["langsmith"]
        self.dynamic_async_failure_callbacks = ["langsmith"]
        self.call_id = "1"


@pytest.mark.parametrize("way", ["acompletion", "pass_through_endpoint"])
def test_that_logs_which_a_client_names_get_nothing_of_a_private_call(guard: Any, way: str) -> None:
    log = Log()
    data = {"model": "private-notes", "litellm_logging_obj": log}
    with suppress(Refused):
        asyncio.run(guard.local_only.async_pre_call_hook(None, None, data, way))
    assert log.dynamic_success_callbacks is None
    assert log.dynamic_async_failure_callbacks is None
    assert log.call_id == "1"


def test_that_logs_of_public_calls_stay(guard: Any) -> None:
    log = Log()
    data = {"model": "frontier", "litellm_logging_obj": log}
    asyncio.run(guard.local_only.async_pre_call_hook(None, None, data, "acompletion"))
    assert log.dynamic_success_callbacks == ["langsmith"]


FAR = "https://pictures.example/words.png"


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": FAR},
        {"type": "image_url", "image_url": {"url": f" {FAR}"}},
        {"type": "input_image", "image_url": FAR},
        {"type": "image", "source": {"type": "url", "url": FAR}},
        {"type": "document", "source": {"type": "url", "url": FAR}},
        {"type": "file", "file": {"file_id": "gs://bucket/words"}},
        {"type": "video_url", "video_url": {"url": FAR.upper()}},
        {"type": "tool_result", "content": [{"type": "image", "source": {"url": FAR}}]},
    ],
)
@pytest.mark.parametrize("key", ["messages", "input"])
def test_that_nothing_is_fetched_for_a_private_call(
    guard: Any, part: dict[str, Any], key: str
) -> None:
    content = [{"type": "text", "text": "See:"}, part]
    with pytest.raises(Refused, match="not by their address"):
        asked(guard, {"model": "private-notes", key: [{"role": "user", "content": content}]})


def test_that_pictures_as_data_and_addresses_in_a_text_pass(guard: Any) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    text = {"type": "text", "text": FAR}
    call = {"type": "function", "function": {"name": "open", "arguments": FAR}}
    messages = [
        {"role": "user", "content": [text, picture]},
        {"role": "assistant", "content": FAR, "tool_calls": [call], "annotations": [{"url": FAR}]},
    ]
    assert asked(guard, {"model": "private-notes", "messages": messages})["messages"] == messages


def test_that_a_rule_with_a_vendor_keeps_the_fallback_of_the_file(guard: Any) -> None:
    left = asked(guard, {"model": "patients", "fallbacks": ["frontier"]})
    assert "fallbacks" not in left
    assert left["disable_fallbacks"] is False


def deployment(name: str, base: str | None) -> dict[str, Any]:
    return {"model_info": {"id": name}, "litellm_params": {"api_base": base}}


def kept(guard: Any, model: str, deployments: Any, *, first: str = "") -> Any:
    """What the router may choose from, after a request for `first`."""

    async def both() -> Any:
        if first:
            await guard.local_only.async_pre_call_hook(None, None, {"model": first}, "acompletion")
        return await guard.local_only.async_filter_deployments(model, deployments, None)

    return asyncio.run(both())


def test_that_only_listed_deployments_are_left_to_choose_from(guard: Any) -> None:
    own = deployment("private-notes-own-1", f"{HERE}/")
    moved = deployment("private-notes-own-1", "http://evil.example:11434")
    cloud = deployment("frontier-openai", None)
    assert kept(guard, "private-notes", [own, moved, cloud]) == [own]
    assert kept(guard, "frontier", [cloud]) == [cloud]
    # Wherever a fallback would lead a private call, nothing is there.
    assert kept(guard, "frontier", [cloud], first="private-notes") == []
    assert kept(guard, "private-notes", {"one": 1}) == {"one": 1}


def test_that_a_vendor_of_the_rule_is_left(guard: Any) -> None:
    vendor = deployment("patients-overflow-openai", None)
    other = deployment("frontier-openai", None)
    assert kept(guard, "patients-overflow", [vendor, other], first="patients") == [vendor]


def sent(guard: Any, kwargs: dict[str, Any]) -> Any:
    return asyncio.run(guard.local_only.async_pre_call_deployment_hook(kwargs, None))


def test_that_the_address_is_looked_at_once_more_when_a_call_is_sent(guard: Any) -> None:
    group = {"model_group": "private-notes"}
    assert sent(guard, {"api_base": HERE, "metadata": group}) is None
    assert sent(guard, {"metadata": {"model_group": "frontier"}}) is None
    assert sent(guard, {"metadata": "text"}) is None
    with pytest.raises(Refused, match=r"evil\.example"):
        sent(guard, {"api_base": "http://evil.example", "litellm_metadata": group})
    with pytest.raises(Refused, match="not named"):
        sent(guard, {"metadata": group})
    guard.router.api_base = "http://proxy.example"
    with pytest.raises(Refused):
        sent(guard, {"api_base": HERE, "metadata": group})


# The door ---------------------------------------------------------------------------------------


def let_in(guard: Any, path: str, *, method: str | None = "POST", kind: str = "http") -> bool:
    """Whether the proxy gets to see a request."""
    seen, said = [], []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    async def send(message: Any) -> None:
        said.append(message)

    scope = {"type": kind, "path": path} | ({"method": method} if method else {})
    asyncio.run(guard.Gate(app)(scope, None, send))
    assert bool(seen) != bool(said)
    return bool(seen)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/chat/completions",
        "/chat/completions/",
        "/v1/completions",
        "/embeddings",
        "/v1/responses",
        "/v1/messages",
        "/v1/messages/count_tokens",
        "/engines/private-notes/chat/completions",
        "/openai/deployments/private-notes/embeddings",
    ],
)
def test_that_models_are_asked(guard: Any, path: str) -> None:
    assert let_in(guard, path)
    assert not let_in(guard, path, method="PUT")


@pytest.mark.parametrize(
    "path",
    [
        "/anthropic/v1/messages",
        "/openai/v1/responses",
        "/gemini/v1beta/models/private-notes:generateContent",
        "/v1beta/models/private-notes:generateContent",
        "/models/private-notes:generateContent",
        "/bedrock/model/private-notes/converse",
        "/v1/files",
        "/V1/Files",
        "//v1/files",
        "/openai/v1/files",
        "/v1/responses/compact",
        "/v1/audio/transcriptions",
        "/mcp/",
        "/key/generate",
        "/model/new",
        "/config/update",
        "/utils/transform_request",
        "/out/v1/chat/completions",
        "/v1/chat/completions/../../files",
    ],
)
def test_that_no_other_door_is_open(guard: Any, path: str) -> None:
    assert not let_in(guard, path)
    assert not let_in(guard, path, method="GET")


@pytest.mark.parametrize(
    "path", ["/", "/health", "/health/liveliness", "/v1/models", "/model/info", "/metrics/"]
)
def test_that_the_proxy_can_be_looked_at(guard: Any, path: str) -> None:
    assert let_in(guard, path, method="GET")


def test_that_no_socket_is_opened_and_the_start_is_let_through(guard: Any) -> None:
    assert not let_in(guard, "/v1/responses", method=None, kind="websocket")
    assert let_in(guard, "", method=None, kind="lifespan")


# Reading it back --------------------------------------------------------------------------------


def test_that_the_tables_are_read_back_without_running_anything() -> None:
    source = texts()["guard.py"]
    found = guard_text.tables(source)
    assert found is not None
    private, also, overflows = found
    assert private == guard_text.listed(plan())
    assert also["ollama_chat/qwen3:8b"] == "private-notes"
    assert also["patients-overflow"] == "patients"
    assert overflows == ("patients",)
    assert guard_text.is_unchanged(source.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    "source",
    [
        "not python (",
        "PRIVATE = {}",
        "PRIVATE = print(1)\nALSO = {}",
        'PRIVATE = {"a": 1}\nALSO = {}',
        "x = 1",
        "x = " + "-" * 20_000 + "1",
    ],
)
def test_that_what_is_no_guard_is_told(source: str) -> None:
    assert guard_text.tables(source) is None
    assert not guard_text.is_unchanged(source)


def test_that_names_with_quotes_stay_names() -> None:
    source = guard_text.text({'a"b': {"c": "d\\e"}}, {}, ())
    found = guard_text.tables(source)
    assert found is not None
    assert found[0] == {'a"b': {"c": "d\\e"}}
