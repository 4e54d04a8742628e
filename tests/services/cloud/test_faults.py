"""What can go wrong with a paid answer, in both protocols: what is told, kept, counted and asked.

A table: each fault is sent by a real server on loopback, and the answer goes the way of the window,
through keys, budget and history.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import pytest

from landfall.core.errors import (
    AppError,
    KeyMissing,
    KeyRefused,
    ModelNotFound,
    NetworkUnavailable,
    ServerRefused,
)
from landfall.core.settings import Settings
from landfall.services import cloud
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.budget import Consent
from landfall.services.cloud.transport import Transport
from landfall.services.egress import Purpose
from landfall.services.history.history import History
from landfall.services.history.records import RunRecord
from landfall.services.keys.key_store import SessionKeys
from landfall.services.keys.secret import Secret
from landfall.services.run.answering import Ask, Kept, Turn
from landfall.services.run.runs import Runs
from tests.fakes.cloud_api import (
    CUT,
    DONE,
    Chunk,
    CloudApi,
    Reply,
    anthropic_answer,
    as_json,
    data,
    event,
    openai_answer,
    openai_chunk,
    openai_end,
    page,
    redirect,
    serving,
    stream,
)

Protocol = Literal["openai", "anthropic"]
PROTOCOLS: tuple[Protocol, ...] = ("openai", "anthropic")
KEYS = {"openai": "sk-proj-PLANTED-0123456789abc", "anthropic": "sk-ant-api03-PLANTED-0123456789"}
RATES = MappingProxyType({"input": 1.0, "output": 1.0})
ASK = Ask(turns=(Turn("user", "Say hello"),), context=2048, num_predict=20)
DAY = "2026"


def error(protocol: Protocol, status: int, message: str, **headers: str) -> Reply:
    """A refusal as this protocol writes it; it repeats the key."""
    said = f"{message} {KEYS[protocol]}"
    inner: dict[str, Any] = {"message": said, "type": "some_error"}
    if protocol == "anthropic":
        return as_json({"type": "error", "error": inner}, status, **headers)
    return as_json({"error": inner | {"code": None}}, status, **headers)


def begun(protocol: Protocol) -> list[Chunk]:
    """The start of an answer: one word."""
    return openai_answer("Hel")[:2] if protocol == "openai" else anthropic_answer("Hel")[:5]


def error_inside(protocol: Protocol) -> Reply:
    inner = {"message": f"Too busy {KEYS[protocol]}", "type": "overloaded_error"}
    last = data({"error": inner}) if protocol == "openai" else event("error", error=inner)
    return stream([*begun(protocol), last])


def without_usage(protocol: Protocol) -> Reply:
    if protocol == "openai":
        return stream([openai_chunk(content="Hel"), openai_chunk(content="lo"), openai_end(), DONE])
    words = ({"type": "text_delta", "text": text} for text in ("Hel", "lo"))
    return stream(
        [
            event("message_start", message={"role": "assistant"}),
            *(event("content_block_delta", index=0, delta=delta) for delta in words),
            event("message_delta", delta={"stop_reason": "end_turn"}),
            event("message_stop"),
        ]
    )


@dataclass(frozen=True)
class Fault:
    """What the server does, and what must come of it.

    Attributes:
        reply: Its answer, each time it is asked.
        raises: Of which kind the error is; None where the answer just does not end.
        says: What the message contains. hint: What the user can do.
        asked: How often the server is asked: more than once only where nothing can have been paid.
        text: What of the answer is kept.
        paid: Whether the worst case counts against the day, for the provider may bill it.
    """

    reply: Callable[[Protocol], Reply]
    raises: type[AppError] | None
    says: str
    hint: str = ""
    asked: int = 1
    text: str = ""
    paid: bool = False


def refused(status: int, *, headers: dict[str, str] | None = None) -> Callable[[Protocol], Reply]:
    return lambda protocol: error(protocol, status, "because", **headers or {})


FAULTS = {
    "401": Fault(refused(401), KeyRefused, "refuses the key: because …", "Store a new one"),
    "402": Fault(refused(402), ServerRefused, "no credit left: because", "Add credit"),
    "403": Fault(refused(403), KeyRefused, "refuses this to the key (403)", "what the key may do"),
    "404": Fault(refused(404), ModelNotFound, "knows no model 'm-1'", "may have been retired"),
    "408": Fault(refused(408), ServerRefused, "not get the request in time", "later", asked=3),
    "429": Fault(refused(429), ServerRefused, "asked too often (429)", "later", asked=3),
    "429, soon": Fault(
        refused(429, headers={"retry_after": "7"}), ServerRefused, "too often", "in 7 s", asked=3
    ),
    "429, late": Fault(
        refused(429, headers={"retry_after": "90"}), ServerRefused, "too often", "in 90 seconds"
    ),
    "500": Fault(refused(500), ServerRefused, "a problem of its own (500)", "later", asked=3),
    "529": Fault(refused(529), ServerRefused, "is overloaded (529)", "later", asked=3),
    "page": Fault(lambda _: page(), NetworkUnavailable, "a web page", "a log-in first", paid=True),
    "page, 503": Fault(lambda _: page(503), ServerRefused, "of its own (503)", "later", asked=3),
    "redirect": Fault(
        lambda _: redirect("https://elsewhere.example/v1"),
        NetworkUnavailable,
        "points to elsewhere.example; the key was not sent there",
        "Correct the base address",
    ),
    "stops": Fault(
        lambda protocol: stream(begun(protocol)),
        None,
        "the stream ended before the answer did",
        text="Hel",
        paid=True,
    ),
    "cut": Fault(
        lambda protocol: stream([*begun(protocol), CUT]),
        None,
        "closed the connection in the middle of the answer",
        text="Hel",
        paid=True,
    ),
    "nothing": Fault(
        lambda _: stream([]), None, "answer began: the prompt may be longer", paid=True
    ),
    "garbage": Fault(
        lambda _: stream([b"\x00\x01 lorem\nipsum\n\n"]),
        None,
        "what came is not the stream of an answer",
        paid=True,
    ),
    "garbage in events": Fault(
        lambda _: stream([b"data: lorem\n\n", b"data: [1]\n\n"]),
        None,
        "what came is not the stream of an answer",
        paid=True,
    ),
    "stops before a word": Fault(
        lambda protocol: stream(begun(protocol)[:1]),
        None,
        "the stream ended before the answer began",
        paid=True,
    ),
    "error inside": Fault(
        error_inside, ServerRefused, "broke off with an error: Too busy", "later", 1, "Hel", True
    ),
}


class Side:
    """The cloud side of the program for one provider, without a window."""

    def __init__(self, api: CloudApi, access: CloudAccess, history: History) -> None:
        self.api, self.access, self.history = api, access, history

    async def ask(self) -> tuple[Kept | None, AppError | None]:
        """One paid answer: what was kept of it, or why not."""
        target = await self.access.target(
            cloud.find(self.api.protocol),
            "m-1",
            consent=Consent(usd_max=1.0),
            purpose=Purpose(why="answer"),
        )
        try:
            updates = [update async for update in Runs(self.history).stream(target, ASK)]
        except AppError as failed:
            return None, failed
        kept = updates[-1]
        assert isinstance(kept, Kept)
        return kept, None

    async def run(self) -> RunRecord:
        (found,) = await self.history.runs()
        return found


@pytest.fixture(params=PROTOCOLS)
async def side(
    request: pytest.FixtureRequest, tmp_path: Path, pauses: list[float]
) -> AsyncIterator[Side]:
    protocol: Protocol = request.param

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(serving(protocol, KEYS[protocol]))
        history = History(tmp_path / "history.db")
        await history.open()
        stack.push_async_callback(history.close)
        transport = await stack.enter_async_context(aclosing(Transport(history, sleep=sleep)))
        keys = SessionKeys()
        await keys.store(protocol, Secret(KEYS[protocol]))
        settings = replace(
            Settings(),
            base_urls=MappingProxyType({protocol: api.url}),
            prices=MappingProxyType({f"{protocol}/m-1": RATES}),
        )
        access = CloudAccess(
            settings, keys=keys, transport=transport, history=history, environment={}
        )
        yield Side(api, access, history)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_each_fault_is_told_kept_counted_and_not_asked_for_twice_in_vain(
    side: Side, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    key = KEYS[side.api.protocol]
    side.api.script.extend([fault.reply(side.api.protocol)] * 3)
    kept, failed = await side.ask()
    run = await side.run()
    if fault.raises is None:
        assert kept is not None
        assert not kept.metrics.complete
        told, hint = kept.metrics.reason("done_reason"), ""
    else:
        assert isinstance(failed, fault.raises)
        told, hint = failed.message, failed.hint
    assert fault.says in told
    assert fault.hint in hint
    assert len(side.api.requests) == fault.asked
    assert (run.state, run.answer) == ("aborted", fault.text)
    assert fault.says in (run.done_reason or "")
    assert run.cost_usd is None
    counted = await side.history.counted_usd(DAY)
    assert (counted > 0) is fault.paid
    lines = await side.history.egress()
    assert len(lines) == fault.asked
    assert key not in told + hint + repr(run) + repr(lines) + caplog.text


async def test_an_answer_whose_tokens_nobody_told_is_whole_and_marked_estimated(side: Side) -> None:
    side.api.script.append(without_usage(side.api.protocol))
    kept, _ = await side.ask()
    assert kept is not None
    assert kept.metrics.complete
    run = await side.run()
    assert (run.state, run.answer, run.output_tokens) == ("done", "Hello", 2)
    assert run.conditions["tokens"] == "estimated"
    assert run.cost_usd == pytest.approx((run.prompt_tokens or 0) * 1e-6 + 2e-6)
    assert (run.cost_note or "").startswith("estimated tokens")
    # The cap counts the most it can have cost, not the estimate.
    assert await side.history.counted_usd(DAY) > run.cost_usd


async def test_an_answer_whose_tokens_were_told_is_not_marked(side: Side) -> None:
    kept, _ = await side.ask()
    assert kept is not None
    assert "tokens" not in (await side.run()).conditions


async def test_a_stored_key_with_a_newline_is_said_and_no_byte_leaves(side: Side) -> None:
    broken = Secret(f"{KEYS[side.api.protocol]}\nX-Other: 1")
    await side.access._keys.store(side.api.protocol, broken)
    _, failed = await side.ask()
    assert isinstance(failed, KeyMissing)
    assert "more than one line" in failed.message
    assert f"landfall key set {side.api.protocol}" in failed.hint
    assert "PLANTED" not in str(failed)
    assert side.api.requests == []
    assert await side.history.counted_usd(DAY) == 0


FIRST_WORDS: Sequence[str] = ("stops", "cut", "error inside")


@pytest.mark.parametrize("name", FIRST_WORDS)
async def test_what_came_before_a_fault_is_kept_with_its_first_token(side: Side, name: str) -> None:
    side.api.script.append(FAULTS[name].reply(side.api.protocol))
    await side.ask()
    run = await side.run()
    assert run.ttft_seconds is not None
    assert run.ttft_seconds > 0
    assert run.decode_tok_s is None
