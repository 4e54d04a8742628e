"""A server that answers, a provider on loopback, and a history."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from landfall.core.quality.sets import QualityPrompt
from landfall.services.cloud.budget import Consent
from landfall.services.history import owner
from landfall.services.history.records import SavedWorkload
from landfall.services.quality.events import QualityEvent, QualityOver
from landfall.services.quality.gate_report import QualityReport
from landfall.services.quality.plan import QualityPlan
from landfall.services.quality.records import QualityRun
from landfall.services.quality.running import resume_quality, run_quality
from landfall.services.run.runs import Runs
from tests.fakes.asked_places import PAID, SMALL, AskedPlaces, asked_places

WORKLOAD = """\
# Mine.
[workload]
name = "{name}"
task = "classification"
[volume]
calls_per_day = 10
[tokens]
input = 10
output = 10
[privacy]
class = "{lock}"
[today]
provider = "openai"
model = "m-1"
[candidates]
local = ["small:latest"]
"""


def prompts(*expected: str | None, **more: Any) -> tuple[QualityPrompt, ...]:
    """One prompt for each expected answer."""
    return tuple(
        QualityPrompt(place=place, prompt=f"Question {place}?", expected=one, **more)
        for place, one in enumerate(expected)
    )


def plan(*expected: str | None, **more: Any) -> QualityPlan:
    """The small model against the paid one, by exact match."""
    values: dict[str, Any] = {
        "prompts": prompts(*expected),
        "metric": "exact",
        "margin": 0.05,
        "local": SMALL,
        "incumbent": PAID,
        "num_predict": 20,
        "context": 2048,
    }
    return QualityPlan(**values | more)


class World:
    """What a quality run needs."""

    def __init__(self, places: AskedPlaces) -> None:
        self.history, self.twin = places.history, places.twin
        self.api, self.access = places.api, places.access
        self.runs = Runs(self.history)

    async def run(self, asked: QualityPlan, *, usd_max: float = 1.0) -> list[QualityEvent]:
        events = run_quality(
            self.runs,
            lambda: self.access,
            asked,
            server_url=self.twin.url,
            consent=Consent(usd_max=usd_max),
            pauses_seconds=(0.0,),
        )
        async with aclosing(events):
            return [event async for event in events]

    async def resume(self, uid: str, *, usd_max: float = 1.0) -> list[QualityEvent]:
        events = resume_quality(
            self.runs,
            lambda: self.access,
            uid,
            server_url=self.twin.url,
            consent=Consent(usd_max=usd_max),
            pauses_seconds=(0.0,),
        )
        async with aclosing(events):
            return [event async for event in events]

    async def only(self) -> QualityRun:
        """The one run that is kept."""
        (record,) = await self.history.quality.runs()
        return await self.history.quality.get(record.uid)

    @property
    def chats(self) -> int:
        """Answers that the local server was asked for."""
        return sum(one.path == "/api/chat" for one in self.twin.server.requests)

    async def save(self, name: str = "Mine", lock: str = "none") -> None:
        text = WORKLOAD.format(name=name, lock=lock)
        await self.history.save_workload(SavedWorkload(name=name, toml=text))


def over(events: Sequence[QualityEvent]) -> QualityReport:
    """What it came to."""
    last = events[-1]
    assert isinstance(last, QualityOver)
    return last.report


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with asked_places(tmp_path) as places:
        yield World(places)


OTHER_PROGRAM = """
import sqlite3, sys
from landfall.services.history.owner import this_program
print(this_program(sqlite3.connect(sys.argv[1])), flush=True)
input()
"""


@contextmanager
def another_program(history: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """One that runs until it is killed, and what it is called as an owner."""
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_PROGRAM, history],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(owner.__file__).parents[3])},
        text=True,
    ) as child:
        assert child.stdout is not None
        try:
            yield child, child.stdout.readline().strip()
        finally:
            child.kill()
