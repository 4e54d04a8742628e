"""Answers of OpenAI-compatible hosts: where they may be asked for, and who measures them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from landfall.core.errors import PrivacyBlocked
from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.workload.workload import Privacy, PrivacyClass, Task, Workload
from landfall.services.egress import Purpose
from landfall.services.history.history import History
from landfall.services.hosts.openai_target import OpenAiServer
from landfall.services.keys.secret import Secret
from landfall.services.run.answering import Ask, Kept, Turn
from landfall.services.run.asking import ask_host
from landfall.services.run.metering import Metering
from landfall.services.run.runs import Runs
from tests.fakes.cloud_api import CloudApi, refuse, serving
from tests.fakes.model_servers import TOKEN
from tests.fakes.power import FakeSource

ASK = Ask(turns=(Turn("user", "Hi"),), context=2048)
HERE, OURS, ELSEWHERE = ["127.0.0.1"], ["192.168.1.9"], ["8.8.4.4"]


class Names:
    """What the name of the host leads to: one entry a look, the last for ever."""

    def __init__(self, *looks: Sequence[str]) -> None:
        self.looks = list(looks)

    async def resolve(self, _name: str) -> Sequence[str]:
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def api() -> AsyncIterator[CloudApi]:
    async with serving("openai", TOKEN) as served:
        yield served


async def answered(
    api: CloudApi,
    history: History,
    names: Names,
    workload: Workload | None = None,
    sensor: FakeSource | None = None,
) -> Kept:
    host = Host(name="rack", url=api.url.removesuffix("/v1"), kind=HostKind.OPENAI)
    runs = Runs(history, power=Metering([sensor or FakeSource(50.0)]))
    purpose = Purpose(why="answer", workload=workload)
    async with OpenAiServer(host, Secret(TOKEN), history, resolve=names.resolve) as server:
        updates = [one async for one in ask_host(runs, server, "m-1", ask=ASK, purpose=purpose)]
    assert isinstance(updates[-1], Kept)
    return updates[-1]


def locked(**more: Any) -> Workload:
    privacy = Privacy(privacy_class=PrivacyClass.LOCAL_ONLY, **more)
    return Workload(name="letters", task=Task.SUMMARY, privacy=privacy)


async def test_that_an_answer_on_this_machine_is_measured_by_its_sensors(
    api: CloudApi, history: History
) -> None:
    sensor = FakeSource(50.0)
    kept = await answered(api, history, Names(HERE), sensor=sensor)
    assert (kept.record.place, kept.record.answer) == ("local", "Hello")
    assert sensor.reads > 0
    assert "another machine" not in (kept.record.energy_reason or "")


async def test_that_an_answer_of_another_machine_is_not_measured(
    api: CloudApi, history: History
) -> None:
    sensor = FakeSource(50.0)
    kept = await answered(api, history, Names(OURS), sensor=sensor)
    assert sensor.reads == 0
    assert kept.record.place == "network"
    assert kept.record.gross_joules is None
    assert "another machine" in (kept.record.energy_reason or "")


@pytest.mark.parametrize(
    ("looks", "offline", "inside"),
    [
        (HERE, False, True),
        (HERE, True, True),
        (OURS, False, True),
        (OURS, True, False),
        (ELSEWHERE, False, False),
        ([*OURS, *ELSEWHERE], False, False),
        ([], False, False),
    ],
)
async def test_that_a_lock_lets_text_go_where_the_host_stands_inside_it(
    api: CloudApi, history: History, looks: list[str], offline: bool, inside: bool
) -> None:
    if inside:
        kept = await answered(api, history, Names(looks), locked(offline=offline))
        assert kept.record.answer == "Hello"
    else:
        with pytest.raises(PrivacyBlocked, match="Nothing was sent"):
            await answered(api, history, Names(looks), locked(offline=offline))
        assert api.requests == []
        assert await history.egress() == ()


async def test_that_a_name_that_leads_elsewhere_meanwhile_is_asked_no_more(
    api: CloudApi, history: History
) -> None:
    # The first look is before the run, the second tells its place, the third is at the door.
    with pytest.raises(PrivacyBlocked, match="Nothing was sent"):
        await answered(api, history, Names(OURS, OURS, ELSEWHERE), locked())
    assert api.requests == []


async def test_that_a_call_that_is_repeated_is_held_against_the_lock_again(
    api: CloudApi, history: History
) -> None:
    api.script.append(refuse(503, "busy", retry_after="0"))
    with pytest.raises(PrivacyBlocked, match="Nothing was sent"):
        await answered(api, history, Names(OURS, OURS, OURS, ELSEWHERE), locked())
    assert len(api.requests) == 1
