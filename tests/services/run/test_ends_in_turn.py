"""Answers that end together are kept one after another."""

from __future__ import annotations

import asyncio
from time import perf_counter

import pytest

from landfall.services.run.ends_in_turn import EndsInTurn

BREATH_SECONDS = 0.02


async def test_that_works_never_overlap_and_keep_their_order() -> None:
    ends = EndsInTurn(BREATH_SECONDS)
    said: list[str] = []

    async def work(name: str) -> None:
        async with ends.turn():
            said.append(f"{name} begins")
            await asyncio.sleep(0.005)
            said.append(f"{name} ends")

    await asyncio.gather(*(work(name) for name in "abc"))
    assert said == [f"{name} {what}" for name in "abc" for what in ("begins", "ends")]


async def test_that_there_is_a_breath_between_them_and_none_before_the_first() -> None:
    ends = EndsInTurn(BREATH_SECONDS)
    asked_at = perf_counter()
    begun: list[float] = []

    async def work() -> None:
        async with ends.turn():
            begun.append(perf_counter() - asked_at)

    await asyncio.gather(*(work() for _ in range(3)))
    assert begun[0] < BREATH_SECONDS
    assert begun[1] - begun[0] >= BREATH_SECONDS * 0.9
    assert begun[2] - begun[1] >= BREATH_SECONDS * 0.9


async def test_that_one_who_is_cancelled_while_waiting_lets_the_others_go_on() -> None:
    ends = EndsInTurn(BREATH_SECONDS)
    async with ends.turn():
        waiting = asyncio.create_task(_enter(ends))
        await asyncio.sleep(0)
        waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait_for(_enter(ends), timeout=1.0)


async def _enter(ends: EndsInTurn) -> None:
    async with ends.turn():
        pass
