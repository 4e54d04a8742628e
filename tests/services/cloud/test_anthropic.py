from __future__ import annotations

from collections.abc import Callable

import pytest

from landfall.core.errors import ServerRefused
from landfall.core.events import Aborted, Ended, Piece, Usage
from landfall.services.cloud.anthropic import usage_of
from landfall.services.cloud.provider import Message, Provider
from landfall.services.keys.secret import Secret
from tests.fakes import cloud_api
from tests.fakes.cloud_api import CloudApi, anthropic_answer, event
from tests.services.cloud.conftest import CHECK, ask

At = Callable[..., Provider]


async def test_an_answer_streams_with_thinking_apart_and_its_usage(
    at: At, anthropic: CloudApi
) -> None:
    anthropic.script.append(cloud_api.stream(anthropic_answer("Hel", "lo", thinking=["hm"])))
    events = await ask(at("anthropic", anthropic), anthropic.key)
    pieces = [(e.text, e.thinking) for e in events if isinstance(e, Piece)]
    assert pieces == [("hm", True), ("Hel", False), ("lo", False)]
    end = events[-1]
    assert isinstance(end, Ended)
    assert end.done_reason == "stop"
    # What was read from the cache is part of the input.
    assert end.usage == Usage(input_tokens=9, cached_input_tokens=2, output_tokens=3)


async def test_the_system_text_stands_beside_the_turns_and_the_key_in_its_own_header(
    at: At, anthropic: CloudApi
) -> None:
    messages = [Message("system", "Be brief."), Message("user", "Hi")]
    await ask(at("anthropic", anthropic), anthropic.key, messages=messages, options={"seed": 1})
    request = anthropic.requests[0]
    assert request.path == "/v1/messages"
    assert request.json == {
        "model": "m-1",
        "messages": [{"role": "user", "content": "Hi"}],
        "system": "Be brief.",
        "max_tokens": 100,
        "stream": True,
    }
    assert request.headers["x-api-key"] == anthropic.key
    assert request.headers["anthropic-version"] == "2023-06-01"
    assert "authorization" not in request.headers


async def test_the_limit_is_named_as_everywhere(at: At, anthropic: CloudApi) -> None:
    chunks = anthropic_answer("Hel")
    chunks[-2] = event("message_delta", delta={"stop_reason": "max_tokens"}, usage={})
    anthropic.script.append(cloud_api.stream(chunks))
    end = (await ask(at("anthropic", anthropic), anthropic.key))[-1]
    assert isinstance(end, Ended)
    assert end.done_reason == "length"


async def test_a_stream_without_message_stop_is_no_result(at: At, anthropic: CloudApi) -> None:
    anthropic.script.append(cloud_api.stream(anthropic_answer("Hel", "lo")[:-1]))
    assert isinstance((await ask(at("anthropic", anthropic), anthropic.key))[-1], Aborted)


async def test_an_error_event_is_said(at: At, anthropic: CloudApi) -> None:
    error = event("error", error={"type": "overloaded_error", "message": "Overloaded"})
    anthropic.script.append(cloud_api.stream([*anthropic_answer("Hel")[:3], error]))
    with pytest.raises(ServerRefused, match="Overloaded"):
        await ask(at("anthropic", anthropic), anthropic.key)


async def test_the_list_of_models_is_read_page_by_page(at: At, anthropic: CloudApi) -> None:
    model = {"id": "c-1", "display_name": "C 1", "retires_at": "2027-01-01T00:00:00Z"}
    anthropic.script += [
        cloud_api.as_json({"data": [model], "has_more": True, "last_id": "c-1"}),
        cloud_api.as_json({"data": [{"id": "c-2"}], "has_more": False, "last_id": "c-2"}),
    ]
    provider = at("anthropic", anthropic)
    models = await provider.list_models(Secret(anthropic.key), purpose=CHECK)
    assert [(m.id, m.name, m.retires) for m in models] == [
        ("c-1", "C 1", "2027-01-01T00:00:00Z"),
        ("c-2", "c-2", None),
    ]
    assert anthropic.requests[1].path == "/v1/models?limit=1000&after_id=c-1"


def test_no_count_is_unknown_and_not_zero() -> None:
    assert usage_of({"cache_read_input_tokens": 5}) == Usage(cached_input_tokens=5)
