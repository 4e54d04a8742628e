"""What is left of what was agreed to, while answers are asked for and stopped."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from landfall.services.cloud.budget import Consent
from landfall.services.run.answering import Ask, Turn
from landfall.services.run.runs import Runs
from landfall.services.side_by_side.asker import Asker, asking
from tests.fakes.asked_places import PAID, asked_places
from tests.fakes.cloud_api import Reply, refuse


async def ask_once(asker: Asker) -> None:
    async def begun(_uid: str) -> None:
        return

    ask = Ask(turns=(Turn("user", "Hello"),), num_predict=20, context=2048)
    async for _ in asker.asked(PAID, ask, begun=begun):
        pass


async def test_that_an_answer_stopped_before_its_first_byte_keeps_its_worst_case_set_aside(
    tmp_path: Path,
) -> None:
    async with (
        asked_places(tmp_path) as places,
        asking(
            Runs(places.history),
            lambda: places.access,
            [PAID],
            server_url=places.twin.url,
            consent=Consent(usd_max=1.0),
            workload=None,
            why="test",
        ) as asker,
    ):
        places.api.default = refuse(400, "Not today.")
        await asyncio.gather(ask_once(asker), return_exceptions=True)
        assert asker.left_usd == pytest.approx(1.0), "a refusal costs nothing"
        places.api.asked.clear()
        places.api.default = Reply(after_seconds=30.0)
        going = asyncio.create_task(ask_once(asker))
        await asyncio.wait_for(places.api.asked.wait(), 20)
        set_aside = asker.left_usd
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
        assert asker.left_usd == set_aside < 1.0
