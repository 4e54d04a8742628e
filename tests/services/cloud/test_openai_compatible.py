from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from itertools import pairwise

import pytest

from landfall.core.errors import ModelNotFound, NetworkUnavailable, ServerRefused
from landfall.core.events import Aborted, Ended, Piece, RunEvent, Sent, Usage
from landfall.services import cloud
from landfall.services.cloud.openai_compatible import request_body, usage_of
from landfall.services.cloud.provider import ChatOptions, Message, Provider
from landfall.services.keys.secret import Secret
from tests.fakes import cloud_api
from tests.fakes.cloud_api import CUT, DONE, CloudApi, openai_chunk, openai_end, openai_usage
from tests.services.cloud.conftest import ANSWER, CHECK, ask

At = Callable[..., Provider]


def text(events: list[RunEvent], *, thinking: bool = False) -> str:
    return "".join(e.text for e in events if isinstance(e, Piece) and e.thinking == thinking)


async def test_an_answer_streams_with_times_and_ends_with_its_usage(
    at: At, openai: CloudApi
) -> None:
    events = await ask(at("openai", openai), openai.key)
    assert isinstance(events[0], Sent)
    assert text(events) == "Hello"
    end = events[-1]
    assert isinstance(end, Ended)
    assert end.done_reason == "stop"
    assert end.usage == Usage(input_tokens=9, output_tokens=2)
    times = [event.at for event in events]
    assert all(a <= b for a, b in pairwise(times))


def test_the_request_asks_for_what_the_row_says_and_nothing_else() -> None:
    asked = [Message("user", "Say hello")]
    warm = ChatOptions(max_tokens=7, temperature=0.5)
    assert request_body(cloud.find("openai"), "m-1", asked, warm) == {
        "model": "m-1",
        "messages": [{"role": "user", "content": "Say hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_completion_tokens": 7,
        "temperature": 0.5,
    }
    mistral = request_body(cloud.find("mistral"), "m-1", asked, ChatOptions(max_tokens=7, seed=3))
    assert "stream_options" not in mistral
    assert (mistral["max_tokens"], mistral["seed"]) == (7, 3)


async def test_a_server_on_this_machine_gets_the_limit_by_its_first_name(
    at: At, openai: CloudApi
) -> None:
    await ask(at("openai", openai), openai.key, max_tokens=7)
    (request,) = openai.requests
    assert request.json["max_tokens"] == 7
    assert "max_completion_tokens" not in request.json
    assert request.headers["authorization"] == f"Bearer {openai.key}"


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_reasoning_is_kept_apart_from_the_answer(
    at: At, openai: CloudApi, field: str
) -> None:
    chunks = [openai_chunk(**{field: "hm"}), openai_chunk(content="4"), openai_end(), DONE]
    openai.script.append(cloud_api.stream(chunks))
    events = await ask(at("custom", openai), openai.key)
    assert (text(events, thinking=True), text(events)) == ("hm", "4")


async def test_content_in_parts_is_understood(at: At, openai: CloudApi) -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": "4"},
    ]
    openai.script.append(cloud_api.stream([openai_chunk(content=parts), openai_end(), DONE]))
    events = await ask(at("mistral", openai), openai.key)
    assert (text(events, thinking=True), text(events)) == ("hm", "4")


async def test_groqs_own_place_for_the_usage_is_read(at: At, openai: CloudApi) -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6}
    last = cloud_api.data(
        {"choices": [{"delta": {}, "finish_reason": "length"}], "x_groq": {"usage": usage}}
    )
    openai.script.append(cloud_api.stream([openai_chunk(content="x"), last, DONE]))
    end = (await ask(at("groq", openai), openai.key))[-1]
    assert isinstance(end, Ended)
    assert (end.done_reason, end.usage) == ("length", Usage(input_tokens=5, output_tokens=1))


async def test_no_usage_is_no_usage_and_not_zero(at: At, openai: CloudApi) -> None:
    openai.script.append(cloud_api.stream([openai_chunk(content="x"), openai_end(), DONE]))
    end = (await ask(at("custom", openai), openai.key))[-1]
    assert isinstance(end, Ended)
    assert end.usage is None


@pytest.mark.parametrize(
    ("usage", "meant"),
    [
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "total_tokens": 15,
                "prompt_tokens_details": {"cached_tokens": 4},
                "completion_tokens_details": {"reasoning_tokens": 3},
                "cost": 0.00012,
            },
            Usage(
                input_tokens=10,
                cached_input_tokens=4,
                output_tokens=5,
                reasoning_tokens=3,
                cost_usd=0.00012,
            ),
        ),
        # Reasoning that is only in the total is billed as output.
        (
            {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 40},
            Usage(input_tokens=10, output_tokens=30),
        ),
        (
            {"prompt_tokens": 10, "completion_tokens": 5, "prompt_cache_hit_tokens": 8},
            Usage(input_tokens=10, cached_input_tokens=8, output_tokens=5),
        ),
        (
            {"prompt_tokens": "10", "completion_tokens": -1, "cost": True},
            Usage(),
        ),
    ],
)
def test_the_dialects_of_usage(usage: dict[str, object], meant: Usage) -> None:
    assert usage_of(usage) == meant


async def test_a_stream_that_is_cut_keeps_what_came_and_is_no_result(
    at: At, openai: CloudApi
) -> None:
    openai.script.append(cloud_api.stream([openai_chunk(content="Hel"), CUT]))
    events = await ask(at("openai", openai), openai.key)
    assert text(events) == "Hel"
    assert isinstance(events[-1], Aborted)


async def test_a_stream_that_ends_early_without_a_cut_is_no_result_either(
    at: At, openai: CloudApi
) -> None:
    openai.script.append(cloud_api.stream([openai_chunk(content="Hel")]))
    assert isinstance((await ask(at("openai", openai), openai.key))[-1], Aborted)


async def test_a_reason_without_done_is_whole(at: At, openai: CloudApi) -> None:
    openai.script.append(
        cloud_api.stream([openai_chunk(content="Hi"), openai_end(), openai_usage()])
    )
    end = (await ask(at("custom", openai), openai.key))[-1]
    assert isinstance(end, Ended)
    assert end.usage is not None


async def test_an_error_inside_the_stream_is_said(at: At, openai: CloudApi) -> None:
    error = cloud_api.data({"error": {"message": "model overloaded", "code": 502}})
    openai.script.append(cloud_api.stream([openai_chunk(content="Hel"), error]))
    with pytest.raises(ServerRefused, match="model overloaded") as raised:
        await ask(at("openrouter", openai), openai.key)
    assert raised.value.status is None


async def test_text_that_only_speaks_of_an_error_is_text(at: At, openai: CloudApi) -> None:
    openai.script.append(
        cloud_api.stream([openai_chunk(content='{"error": "x"}'), openai_end(), DONE])
    )
    assert text(await ask(at("openai", openai), openai.key)) == '{"error": "x"}'


async def test_an_error_with_a_success_status_is_said(at: At, openai: CloudApi) -> None:
    openai.script.append(cloud_api.as_json({"error": {"message": "no such deployment"}}))
    with pytest.raises(ServerRefused, match="no such deployment"):
        await ask(at("custom", openai), openai.key)


async def test_a_web_page_instead_of_a_stream_is_said(at: At, openai: CloudApi) -> None:
    openai.script.append(cloud_api.page())
    with pytest.raises(NetworkUnavailable, match="a web page"):
        await ask(at("openai", openai), openai.key)


async def test_a_model_that_is_unknown_is_told_from_a_wrong_address(
    at: At, openai: CloudApi
) -> None:
    openai.script.append(cloud_api.refuse(404, "no", code="model_not_found"))
    with pytest.raises(ModelNotFound, match="'m-9'"):
        await ask(at("openai", openai), openai.key, model="m-9")


async def test_a_host_that_ignores_the_limit_is_stopped(at: At, openai: CloudApi) -> None:
    endless = [openai_chunk(content="x")] * 500
    openai.script.append(cloud_api.stream([*endless, openai_end(), DONE]))
    events = await ask(at("custom", openai), openai.key, max_tokens=10)
    assert isinstance(events[-1], Aborted)
    assert "10 tokens" in events[-1].reason
    assert len(events) < 100


async def test_stopping_closes_the_connection(at: At, openai: CloudApi) -> None:
    openai.script.append(cloud_api.stream([openai_chunk(content="x"), 30.0]))
    answer = at("openai", openai).chat(
        Secret(openai.key),
        model="m-1",
        messages=[Message("user", "x")],
        options=ChatOptions(max_tokens=5),
        purpose=ANSWER,
    )
    async with aclosing(answer) as events:
        async for event in events:
            if isinstance(event, Piece):
                break
    await asyncio.wait_for(openai.closed_by_client.wait(), 2)


async def test_cancelling_closes_the_connection(at: At, openai: CloudApi) -> None:
    openai.script.append(cloud_api.stream([30.0]))
    task = asyncio.create_task(ask(at("openai", openai), openai.key))
    await asyncio.wait_for(openai.asked.wait(), 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(openai.closed_by_client.wait(), 2)


async def test_models_are_listed_in_every_shape(at: At, openai: CloudApi) -> None:
    openai.script.append(
        cloud_api.as_json(
            [{"id": "a/b", "display_name": "B", "context_length": 8192}, {"id": ""}, "junk"]
        )
    )
    openai.script.append(
        cloud_api.as_json(
            {"data": [{"id": "models/g-1"}, {"id": "o", "shutdown_date": 1796083200}]}
        )
    )
    provider = at("together", openai)
    (only,) = await provider.list_models(Secret(openai.key), purpose=CHECK)
    assert (only.id, only.name, only.context) == ("a/b", "B", 8192)
    first, second = await provider.list_models(Secret(openai.key), purpose=CHECK)
    assert (first.id, second.retires) == ("g-1", "2026-12-01")
