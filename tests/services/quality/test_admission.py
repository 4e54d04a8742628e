"""What forbids a quality run says so before a word leaves, and what is asked is what is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from landfall.core.errors import BadInput, ModelNotFound, PrivacyBlocked
from landfall.core.side_by_side.side_by_side import Target
from landfall.core.workload.workload import Privacy, PrivacyClass, Task, Today, Workload
from landfall.services.cloud.budget import Consent
from landfall.services.quality.admission import admitted, assert_provider_inside
from landfall.services.side_by_side.asker import Asker, asking
from tests.fakes.asked_places import OTHER, PAID, SMALL
from tests.fakes.speakers import speaker
from tests.services.quality.conftest import World, plan

STUB = Target(model="stub:latest", allow_remote=True)
"""A model whose server passes the text on."""


def under(privacy: Privacy) -> Workload:
    return Workload(name="Mine", task=Task.CHAT, privacy=privacy)


LOCKED = under(Privacy(privacy_class=PrivacyClass.LOCAL_ONLY))


@asynccontextmanager
async def asker_of(
    world: World, targets: Sequence[Target], workload: Workload | None = None
) -> AsyncIterator[Asker]:
    async with asking(
        world.runs,
        lambda: world.access,
        targets,
        server_url=world.twin.url,
        consent=Consent(usd_max=1.0),
        workload=workload,
        why="test",
    ) as asker:
        yield asker


async def sent_nothing(world: World) -> bool:
    """No prompt went anywhere, whatever was asked about models."""
    return not (world.chats or world.api.requests or await world.history.egress())


def digest_of(world: World, model: str) -> str:
    return world.twin.recorded_models[model].digest


async def test_that_a_plan_comes_back_with_what_its_server_holds(world: World) -> None:
    asked = plan("x", local=Target(model="SMALL"), incumbent=PAID)
    async with asker_of(world, [SMALL, PAID]) as asker:
        told = await admitted(asker, asked)
    assert told.local_digest == digest_of(world, "small:latest")
    assert told.local_quantization == "Q4_K_M"
    assert replace(told, local_digest="", local_quantization="") == asked
    assert await sent_nothing(world)


async def test_that_a_name_is_told_from_another_one(world: World) -> None:
    async with asker_of(world, [OTHER, PAID]) as asker:
        told = await admitted(asker, plan("x", local=OTHER))
    assert told.local_digest == digest_of(world, "other:latest")


async def test_that_a_run_is_not_resumed_with_another_model_of_the_same_name(world: World) -> None:
    begun = plan("x", local_digest="a" * 64)
    async with asker_of(world, [SMALL, PAID]) as asker:
        with pytest.raises(BadInput, match="small:latest is not the model any more") as caught:
            await admitted(asker, begun)
        assert caught.value.field == "local"
        same = plan("x", local_digest=digest_of(world, "small:latest"))
        assert (await admitted(asker, same)).local_digest == same.local_digest
        untouched = await admitted(asker, begun, sides=["incumbent"])
    assert untouched is begun, "the local model is not asked any more"
    assert await sent_nothing(world)


async def test_that_a_model_of_a_cloud_has_no_file_here_to_be_held_to(world: World) -> None:
    asked = plan("x", local=STUB, local_digest="a" * 64)
    async with asker_of(world, [STUB, PAID]) as asker:
        assert await admitted(asker, asked) is asked


async def test_that_a_plan_without_a_local_model_asks_no_server_for_one(world: World) -> None:
    asked = plan("x", local=None, hosted=PAID, incumbent=Target(provider="openai", model="m-2"))
    async with asker_of(world, [PAID]) as asker:
        assert await admitted(asker, asked) is asked
    assert world.twin.server.requests == []


async def test_that_a_model_that_is_not_there_is_said_before_anything_is_asked(
    world: World,
) -> None:
    gone = Target(model="gone:latest")
    async with asker_of(world, [gone, PAID]) as asker:
        with pytest.raises(ModelNotFound):
            await admitted(asker, plan("x", local=gone))
    assert await sent_nothing(world)


async def test_that_an_unknown_quantization_is_none(world: World) -> None:
    bare = replace(speaker("bare:latest", ("Hi",)), details={})
    world.twin.recorded_models[bare.name.short] = bare
    asked = plan("x", local=Target(model="bare:latest"))
    async with asker_of(world, [SMALL, PAID]) as asker:
        assert (await admitted(asker, asked)).local_quantization == ""


@pytest.mark.parametrize("side", ["local", "hosted", "incumbent"])
async def test_that_a_rule_forbids_each_side_but_not_one_that_is_not_asked(
    world: World, side: str
) -> None:
    sides = {
        "local": {"local": STUB, "incumbent": OTHER},
        "hosted": {"local": SMALL, "hosted": PAID, "incumbent": OTHER},
        "incumbent": {"local": SMALL, "incumbent": PAID},
    }[side]
    asked = plan("x", **sides)
    async with asker_of(world, list(sides.values()), LOCKED) as asker:
        with pytest.raises(PrivacyBlocked, match="Mine"):
            await admitted(asker, asked)
        with pytest.raises(PrivacyBlocked):
            await admitted(asker, asked, sides=[side])  # type: ignore[list-item]
        others = [one for one in asked.asked if one != side]
        await admitted(asker, asked, sides=others)
    assert await sent_nothing(world)


async def test_that_a_model_of_a_cloud_is_asked_only_where_that_was_allowed(world: World) -> None:
    shut = replace(STUB, allow_remote=False)
    async with asker_of(world, [STUB, PAID]) as asker:
        with pytest.raises(PrivacyBlocked):
            await admitted(asker, plan("x", local=shut))
        with pytest.raises(PrivacyBlocked):
            await admitted(asker, plan("x", incumbent=shut))
        await admitted(asker, plan("x", incumbent=STUB))
    assert await sent_nothing(world)


async def test_that_a_vendor_inside_the_rule_is_not_asked_at_an_address_that_was_moved(
    world: World,
) -> None:
    inside = under(Privacy(privacy_class=PrivacyClass.PHI, approved_vendors=("openai",)))
    with pytest.raises(PrivacyBlocked, match="moved its address"):
        await assert_provider_inside(world.access, inside, PAID)
    await assert_provider_inside(world.access, None, PAID)
    await assert_provider_inside(world.access, under(Privacy()), PAID)
    assert await sent_nothing(world)


async def test_that_the_model_asked_is_the_one_that_the_rule_is_read_for(world: World) -> None:
    """A region names today's model as inside: it is refused for its address, others outright."""
    rule = Privacy(privacy_class=PrivacyClass.REGION, region="EU", in_region=("CLOUD_FRONTIER",))
    inside = replace(under(rule), today=Today(provider="openai", model="m-1"))
    with pytest.raises(PrivacyBlocked, match="moved its address"):
        await assert_provider_inside(world.access, inside, PAID)
    with pytest.raises(PrivacyBlocked, match="is outside"):
        await assert_provider_inside(world.access, inside, replace(PAID, model="m-2"))


async def test_that_a_provider_that_does_not_exist_is_refused(world: World) -> None:
    nobody = Target(provider="nobody", model="m-1")
    with pytest.raises(BadInput, match="nobody"):
        await assert_provider_inside(world.access, None, nobody)
