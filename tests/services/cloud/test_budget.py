from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.errors import BudgetExceeded, DiskFull, KeyRefused, NetworkUnavailable
from landfall.core.events import Ended, Piece, RunEvent, Usage
from landfall.core.settings import Settings
from landfall.services.cloud.budget import (
    Budget,
    Consent,
    cost_usd,
    prompt_tokens_max,
    worst_case,
)
from landfall.services.cloud.provider import ChatOptions, Message, Provider
from landfall.services.history.history import History
from landfall.services.keys.secret import Secret
from landfall.services.pricing.prices import Prices
from landfall.services.run.paid_calls import PaidCall, Reserved
from tests.fakes import cloud_api
from tests.fakes.cloud_api import CUT, DONE, CloudApi, openai_chunk, openai_end
from tests.services.cloud.conftest import ANSWER

At = Callable[..., Provider]
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HELLO = [Message("user", "Say hello")]
PRICES = Prices(
    Settings(
        prices=MappingProxyType(
            {"openai/m-1": MappingProxyType({"input": 1000.0, "output": 2000.0, "cached": 100.0})}
        )
    )
)
"""USD per million tokens, large so that a short prompt costs something visible."""


@dataclass
class Ledger:
    """As the history counts, in memory."""

    spent: float = 0.0
    calls: list[PaidCall] = field(default_factory=list)
    settled: dict[int, float] = field(default_factory=dict)

    async def reserve(self, call: PaidCall, *, cap_usd: float | None) -> Reserved:
        day = call.at[:10]
        counted = sum(
            self.settled.get(row, one.most_usd)
            for row, one in enumerate(self.calls)
            if one.at >= day
        )
        before = max(self.spent, counted)
        if cap_usd is not None and before + call.most_usd > cap_usd:
            return Reserved(row=None, before_usd=before)
        self.calls.append(call)
        return Reserved(row=len(self.calls) - 1, before_usd=before)

    async def settle(self, row: int, *, usd: float) -> None:
        self.settled[row] = usd


def budget(cap: float | None, ledger: Ledger | None = None) -> Budget:
    return Budget(PRICES, ledger or Ledger(), day_cap_usd=cap, now=lambda: NOON)


async def run(
    door: Budget,
    provider: Provider,
    key: str,
    *,
    consent: Consent = Consent(usd_max=10.0),  # noqa: B008
    model: str = "m-1",
    max_tokens: int = 100,
) -> list[RunEvent]:
    answer = door.run(
        provider,
        Secret(key),
        model=model,
        messages=HELLO,
        options=ChatOptions(max_tokens=max_tokens),
        purpose=ANSWER,
        consent=consent,
    )
    async with aclosing(answer) as events:
        return [event async for event in events]


WORST = (9 + 32) * 1000 / 1e6 + 100 * 2000 / 1e6
"""Nine bytes and two allowances of prompt, a hundred tokens of answer."""


@given(st.lists(st.text(max_size=40), max_size=4))
def test_no_prompt_has_more_tokens_than_its_bound(texts: list[str]) -> None:
    bound = prompt_tokens_max([Message("user", text) for text in texts])
    # The finest tokenizer there is: one token a byte, and a handful around each message.
    assert bound >= sum(len(text.encode()) for text in texts) + 8 * len(texts)


def test_the_worst_case_is_the_longest_prompt_and_the_longest_answer() -> None:
    ceiling = worst_case(PRICES, "openai", model="m-1", messages=HELLO, max_tokens=100, at=NOON)
    assert ceiling.usd == pytest.approx(WORST)
    assert ceiling.quote.source == "stated: prices.openai/m-1"


def test_a_model_without_a_price_has_no_ceiling() -> None:
    ceiling = worst_case(PRICES, "custom", model="m", messages=HELLO, max_tokens=100, at=NOON)
    assert ceiling.usd is None
    assert ceiling.quote.notes


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        (Usage(input_tokens=1000, output_tokens=10), 1.02),
        (Usage(input_tokens=1000, cached_input_tokens=400, output_tokens=10), 0.66),
        (Usage(input_tokens=1000, output_tokens=10, cost_usd=0.5), 0.5),
        (Usage(input_tokens=1000), None),
        (None, None),
    ],
)
def test_what_an_answer_cost(usage: Usage | None, usd: float | None) -> None:
    cost, why = cost_usd(PRICES, "openai", model="m-1", usage=usage, at=NOON)
    assert cost == pytest.approx(usd) if usd is not None else cost is None
    assert why


async def test_an_answer_within_consent_and_cap_runs(at: At, openai: CloudApi) -> None:
    ledger = Ledger()
    events = await run(budget(1.0, ledger), at("openai", openai), openai.key)
    assert isinstance(events[-1], Ended)
    assert [call.at for call in ledger.calls] == ["2026-11-25T12:00:00+00:00"]
    assert ledger.settled == {0: pytest.approx(9 * 1000 / 1e6 + 2 * 2000 / 1e6)}


async def test_more_than_was_agreed_to_is_not_sent(at: At, openai: CloudApi) -> None:
    consent = Consent(usd_max=WORST - 0.001)
    with pytest.raises(BudgetExceeded, match="agreed were"):
        await run(budget(None), at("openai", openai), openai.key, consent=consent)
    assert openai.requests == []


async def test_more_than_the_day_has_left_is_not_sent(at: At, openai: CloudApi) -> None:
    door = budget(1.0, Ledger(spent=1.0 - WORST + 0.001))
    with pytest.raises(BudgetExceeded, match=r"today's cap of 1\.00 USD"):
        await run(door, at("openai", openai), openai.key)
    assert openai.requests == []


async def test_the_real_cost_of_an_answer_counts_and_not_its_worst_case(
    at: At, openai: CloudApi
) -> None:
    # Nine tokens in, two out: 0.013 USD, of at most 0.241.
    door = budget(WORST + 0.02)
    await run(door, at("openai", openai), openai.key)
    await run(door, at("openai", openai), openai.key)
    with pytest.raises(BudgetExceeded):
        await run(door, at("openai", openai), openai.key)


async def test_an_answer_that_broke_off_counts_with_its_worst_case(
    at: At, openai: CloudApi
) -> None:
    openai.script.append(cloud_api.stream([openai_chunk(content="x"), CUT]))
    door = budget(WORST + 0.02)
    await run(door, at("openai", openai), openai.key)
    with pytest.raises(BudgetExceeded):
        await run(door, at("openai", openai), openai.key)


async def test_a_connection_that_dies_before_the_answer_counts_with_its_worst_case(
    at: At, openai: CloudApi
) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    ledger = Ledger()
    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        dying = replace_url(openai, f"http://127.0.0.1:{port}/v1")
        with pytest.raises(NetworkUnavailable) as caught:
            await run(budget(1.0, ledger), at("openai", dying), openai.key)
    assert caught.value.may_have_arrived
    assert ledger.settled == {0: pytest.approx(WORST)}
    with pytest.raises(NetworkUnavailable) as caught:
        await run(budget(1.0, ledger), at("openai", dying), openai.key)
    assert not caught.value.may_have_arrived, "nobody listens"
    assert ledger.settled[1] == 0.0


def replace_url(api: CloudApi, url: str) -> CloudApi:
    moved = CloudApi(api.protocol, api.key)
    moved.url = url
    return moved


async def test_an_answer_without_usage_counts_with_its_worst_case(at: At, openai: CloudApi) -> None:
    openai.script.append(cloud_api.stream([openai_chunk(content="x"), openai_end(), DONE]))
    door = budget(WORST + 0.02)
    await run(door, at("openai", openai), openai.key)
    with pytest.raises(BudgetExceeded):
        await run(door, at("openai", openai), openai.key)


async def test_a_refusal_costs_nothing(at: At, openai: CloudApi) -> None:
    door = budget(WORST + 0.001)
    with pytest.raises(KeyRefused):
        await run(door, at("openai", openai), "sk-wrong-0123456789abcdef")
    assert isinstance((await run(door, at("openai", openai), openai.key))[-1], Ended)


async def test_what_the_ledger_has_of_our_own_answers_is_not_counted_twice(
    at: At, openai: CloudApi
) -> None:
    ledger = Ledger()
    door = budget(WORST + 0.02, ledger)
    await run(door, at("openai", openai), openai.key)
    ledger.spent = 0.013
    assert isinstance((await run(door, at("openai", openai), openai.key))[-1], Ended)


async def test_a_new_day_has_a_new_cap(at: At, openai: CloudApi) -> None:
    now = [NOON]
    door = Budget(PRICES, Ledger(), day_cap_usd=WORST + 0.001, now=lambda: now[0])
    await run(door, at("openai", openai), openai.key)
    with pytest.raises(BudgetExceeded):
        await run(door, at("openai", openai), openai.key)
    now[0] = datetime(2026, 11, 26, 0, 1, tzinfo=UTC)
    assert isinstance((await run(door, at("openai", openai), openai.key))[-1], Ended)


async def test_two_answers_at_once_cannot_both_take_the_last_cent(at: At, openai: CloudApi) -> None:
    door = budget(WORST * 1.5)
    provider = at("openai", openai)
    results = await asyncio.gather(
        *(run(door, provider, openai.key) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(result, BudgetExceeded) for result in results) == 2
    assert len(openai.requests) == 1


async def test_stopping_gives_back_what_was_reserved(at: At, openai: CloudApi) -> None:
    openai.script.append(cloud_api.stream([openai_chunk(content="x"), 30.0]))
    door = budget(2 * WORST + 0.001)
    answer = door.run(
        at("openai", openai),
        Secret(openai.key),
        model="m-1",
        messages=HELLO,
        options=ChatOptions(max_tokens=100),
        purpose=ANSWER,
        consent=Consent(usd_max=1.0),
    )
    async with aclosing(answer) as events:
        async for event in events:
            if isinstance(event, Piece):
                break
    # It counts once, with its worst case; the reservation does not stay on top.
    assert isinstance((await run(door, at("openai", openai), openai.key))[-1], Ended)


async def test_stopping_before_the_first_byte_counts_with_the_worst_case(
    at: At, openai: CloudApi
) -> None:
    openai.script.append(cloud_api.Reply(after_seconds=30.0))
    ledger = Ledger()
    going = asyncio.create_task(run(budget(1.0, ledger), at("openai", openai), openai.key))
    await asyncio.wait_for(openai.asked.wait(), 20)
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    assert ledger.settled == {0: pytest.approx(WORST)}


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Path]:
    path = tmp_path / "history.db"
    async with kept(path):
        yield path


@asynccontextmanager
async def kept(path: Path) -> AsyncIterator[History]:
    history = History(path)
    await history.open()
    try:
        yield history
    finally:
        await history.close()


async def test_doors_that_know_nothing_of_each_other_share_the_day(
    at: At, openai: CloudApi, file: Path
) -> None:
    """A page makes a door for every answer, and the command line is another program."""
    provider = at("openai", openai)
    async with kept(file) as window, kept(file) as command:
        doors = [
            Budget(PRICES, ledger, day_cap_usd=WORST * 1.5, now=lambda: NOON)
            for ledger in (window, window, command, command)
        ]
        results = await asyncio.gather(
            *(run(door, provider, openai.key) for door in doors), return_exceptions=True
        )
        refused = [result for result in results if isinstance(result, BudgetExceeded)]
        assert len(refused) == 3
        assert len(openai.requests) == 1
        # What came back from the reservation can be spent.
        assert await window.counted_usd("2026-11-25") == pytest.approx(0.013)
        await run(doors[3], provider, openai.key)


async def test_an_answer_that_a_crash_cut_counts_with_its_worst_case_ever_after(
    at: At, openai: CloudApi, file: Path
) -> None:
    call = PaidCall(at=NOON.isoformat(), provider="openai", model="m-1", most_usd=0.9)
    async with kept(file) as history:
        assert (await history.reserve(call, cap_usd=1.0)).row is not None
    async with kept(file) as history:
        door = Budget(PRICES, history, day_cap_usd=1.0, now=lambda: NOON)
        with pytest.raises(BudgetExceeded, match=r"has 0\.1 USD left"):
            await run(door, at("openai", openai), openai.key)
        assert await history.counted_usd("2026-11-25") == pytest.approx(0.9)
    assert openai.requests == []


async def test_a_ledger_that_cannot_be_written_after_the_answer_costs_no_answer(
    at: At, openai: CloudApi
) -> None:
    class Full(Ledger):
        async def settle(self, row: int, *, usd: float) -> None:
            raise DiskFull("The disk is full.", "Free some space.")

    ledger = Full()
    events = await run(budget(WORST * 1.5, ledger), at("openai", openai), openai.key)
    assert isinstance(events[-1], Ended)
    with pytest.raises(BudgetExceeded):
        await run(budget(WORST * 1.5, ledger), at("openai", openai), openai.key)


async def test_an_unknown_price_needs_its_own_consent(at: At, openai: CloudApi) -> None:
    provider = at("custom", openai)
    with pytest.raises(BudgetExceeded, match="No price is known"):
        await run(budget(5.0), provider, openai.key)
    assert openai.requests == []
    events = await run(budget(5.0), provider, openai.key, consent=Consent(unpriced=True))
    assert isinstance(events[-1], Ended)
