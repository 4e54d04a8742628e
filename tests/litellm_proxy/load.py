"""Calls that come at random, as those of many people do, and where each was answered."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass

import httpx

from tests.litellm_proxy.engine import MASTER_KEY, Engine


@dataclass(frozen=True, slots=True)
class Call:
    """One answered call.

    Attributes:
        here: Whether a host of the own answered; None where nobody did.
        seconds: From the question to the whole answer.
    """

    status: int
    here: bool | None
    seconds: float


async def poisson(
    engine: Engine, model: str, *, calls: int, per_second: float, seed: int
) -> list[Call]:
    """So many calls at exponential distances, each at its time whatever the others do."""
    chance = random.Random(seed)
    headers = {"Authorization": f"Bearer {MASTER_KEY}"}
    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(
        base_url=engine.url, headers=headers, timeout=60, limits=limits, trust_env=False
    ) as client:
        tasks, at, began = [], 0.0, time.perf_counter()
        for number in range(calls):
            at += chance.expovariate(per_second)
            await asyncio.sleep(max(0.0, began + at - time.perf_counter()))
            tasks.append(asyncio.create_task(_ask(client, model, number)))
        return list(await asyncio.gather(*tasks))


async def _ask(client: httpx.AsyncClient, model: str, number: int) -> Call:
    began = time.perf_counter()
    body = {"model": model, "messages": [{"role": "user", "content": f"call {number}"}]}
    answer = await client.post("/v1/chat/completions", json=body)
    here = None
    if answer.status_code == 200:
        here = answer.json()["choices"][0]["message"]["content"] == "from the host"
    return Call(answer.status_code, here, time.perf_counter() - began)
