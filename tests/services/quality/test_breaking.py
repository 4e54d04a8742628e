"""Quality runs whose world changes on the way: deleted, locked, or begun twice."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from landfall.core.errors import AppError, BadInput, Unavailable
from landfall.services.cloud.budget import Consent
from landfall.services.quality.events import (
    QualityBegun,
    QualityEvent,
    QualityFailed,
    QualityProgress,
)
from landfall.services.quality.export import export_prompts
from landfall.services.quality.plan import QualityPlan
from landfall.services.quality.running import resume_quality, run_quality
from tests.fakes.asked_places import OTHER
from tests.fakes.cloud_api import refuse
from tests.services.quality.conftest import World, over, plan, prompts

Change = Callable[[str], Awaitable[object]]


def begun(world: World, asked: QualityPlan) -> AsyncGenerator[QualityEvent, None]:
    return run_quality(
        world.runs,
        lambda: world.access,
        asked,
        server_url=world.twin.url,
        consent=Consent(usd_max=1.0),
        pauses_seconds=(0.0,),
    )


def resumed(world: World, uid: str) -> AsyncGenerator[QualityEvent, None]:
    return resume_quality(
        world.runs,
        lambda: world.access,
        uid,
        server_url=world.twin.url,
        consent=Consent(usd_max=1.0),
        pauses_seconds=(0.0,),
    )


async def changed_on_the_way(
    world: World, asked: QualityPlan, change: Change, *, after: int = 3
) -> list[QualityEvent]:
    """Run it, and change the world once some answers are there."""
    uid = ""
    told: list[QualityEvent] = []
    async with aclosing(begun(world, asked)) as events:
        async for event in events:
            told.append(event)
            if isinstance(event, QualityBegun):
                uid = event.uid
            if isinstance(event, QualityProgress) and event.done == after:
                await change(uid)
    return told


async def test_that_a_lock_set_on_the_way_lets_no_further_prompt_out(world: World) -> None:
    await world.save()
    asked = plan(*["Hello"] * 30, workload="Mine")
    sent: list[int] = []

    async def lock(_: str) -> None:
        await world.save(lock="nda")
        sent.append(len(world.api.requests))

    told = await changed_on_the_way(world, asked, lock)
    # One may be under way while the lock is stored.
    assert len(world.api.requests) <= sent[0] + 1
    failed = [one for one in told if isinstance(one, QualityFailed)]
    assert {one.side for one in failed} == {"incumbent"}


async def test_that_a_run_goes_on_where_its_workload_is_deleted_on_the_way(world: World) -> None:
    await world.save(lock="nda")
    asked = plan(*["Hello"] * 6, workload="Mine", incumbent=OTHER)

    async def delete(_: str) -> None:
        await world.history.delete_workload("Mine")

    report = over(await changed_on_the_way(world, asked, delete))
    assert report.answered == {"local": 6, "incumbent": 6}


async def test_that_a_run_deleted_on_the_way_ends_and_says_so(world: World) -> None:
    asked = plan(*["Hello"] * 30)
    with pytest.raises(BadInput, match="not kept any more"):
        await changed_on_the_way(world, asked, world.history.quality.delete)
    assert await world.history.quality.runs() == ()
    assert len(world.api.requests) < 30
    assert [one.state for one in await world.history.runs() if one.state == "running"] == []


async def test_that_one_run_is_not_resumed_twice_at_once(world: World) -> None:
    world.api.default = refuse(400, "Not today.")
    await world.run(plan(*["Hello"] * 10))
    uid = (await world.only()).record.uid
    world.api.default = None
    before = len(world.api.requests)

    async def all_of(events: AsyncGenerator[QualityEvent, None]) -> str:
        try:
            async with aclosing(events):
                async for _ in events:
                    pass
        except AppError as error:
            return str(error)
        return "over"

    told = await asyncio.gather(*(all_of(resumed(world, uid)) for _ in range(2)))
    assert sorted(one == "over" for one in told) == [False, True], told
    assert len(world.api.requests) == before + 10


async def test_that_too_many_requests_and_a_wrong_key_end_a_run_that_can_be_resumed(
    world: World,
) -> None:
    for status in (429, 401):
        world.api.default = refuse(status, "No.", retry_after="0")
        report = over(await asyncio.wait_for(world.run(plan(*["Hello"] * 4)), 20))
        assert report.answered["local"] == 4
        assert report.errors["incumbent"] == 4
        (record, *_) = await world.history.quality.unfinished()
        world.api.default = None
        assert over(await world.resume(record.uid)).errors["incumbent"] == 0


async def test_that_a_set_for_a_folder_that_takes_nothing_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_all(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "open", refuse_all)
    monkeypatch.setattr(Path, "unlink", refuse_all)
    with pytest.raises(Unavailable, match="Read-only file system"):
        await export_prompts(tmp_path / "set.jsonl", prompts("a"), "jsonl", title="Mine")
