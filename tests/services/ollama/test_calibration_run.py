"""A calibration on twin and real servers: what it runs, keeps, leaves out and refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from landfall.core.errors import BadInput, ModelNotFound, OllamaUnavailable, Unavailable
from landfall.core.fit.fit import Fit
from landfall.core.fit.memory import FitRequest, KvType
from landfall.core.machine.hardware import HardwareProfile, MemoryBudget
from landfall.core.models.architecture import ModelSpec
from landfall.core.provenance import Figure
from landfall.core.run import long_wait
from landfall.core.run.long_wait import GoesOn, LongWait
from landfall.core.settings import Settings
from landfall.core.speed.calibration_run import Surroundings, machine_key
from landfall.core.speed.speed import decode_rate
from landfall.services import hardware
from landfall.services.history.history import History
from landfall.services.models import shipped_catalogue
from landfall.services.ollama.client import Ollama
from landfall.services.run.conditions import ServerLook
from landfall.services.speed import calibration, calibration_run
from landfall.services.speed.calibration_run import (
    Busy,
    Calibrated,
    CalibrationEvent,
    Skipped,
    Step,
    calibrate,
)
from tests.fakes.ollama_faults import Fault
from tests.fakes.ollama_twin import Twin
from tests.fakes.real_ollama import Live

IDLE = Surroundings(busy_share=0.0)


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
def profile() -> HardwareProfile:
    found = asyncio.run(hardware.detect(Settings()))
    return shipped_catalogue.load().enriched(found)


async def run(
    client: Ollama,
    history: History,
    profile: HardwareProfile,
    *models: str,
    cache: Path,
    around: Surroundings = IDLE,
) -> list[CalibrationEvent]:
    events = calibrate(
        client,
        history,
        profile=profile,
        cache=cache,
        models=models,
        seconds=3.0,
        look=lambda: around,
    )
    async with aclosing(events):
        return [event async for event in events]


async def test_that_a_model_that_does_not_begin_is_told_of_while_it_is_waited_for(
    twin: Twin,
    history: History,
    profile: HardwareProfile,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(long_wait, "FIRST_SECONDS", 0.1)
    twin.faults.append(Fault("stall", after=0, seconds=2.0))
    async with Ollama(twin.url) as client:
        events = await run(client, history, profile, "tiny-story", cache=tmp_path)
    waiting, *more = (one for one in events if isinstance(one, LongWait))
    assert waiting.model == "tiny-story:latest"
    assert isinstance(events[0], Step)
    assert events[1] is waiting, "it stands with the load"
    assert events[2 + len(more)] == GoesOn(model="tiny-story:latest")
    assert any(isinstance(one, Calibrated) for one in events)


async def test_that_a_model_is_measured_beside_its_prediction_and_kept(
    live: Live, client: Ollama, history: History, profile: HardwareProfile, tmp_path: Path
) -> None:
    events = await run(client, history, profile, "tiny-story", cache=tmp_path)
    assert [e.doing for e in events if isinstance(e, Step)][:2] == ["load", "measure"]
    (point,) = [e.point for e in events if isinstance(e, Calibrated)]
    assert point.model == "tiny-story:latest"
    assert point.engine == f"Ollama {live.version}"
    assert point.machine == machine_key(profile)
    assert point.decode_tok_s
    assert point.decode_tok_s > 0
    assert point.decode_predicted_tok_s
    assert point.conditions["context"] == 2048
    assert point.conditions["runs"] >= 1
    assert await history.calibration_points() == (point,)
    assert calibration.attached(profile, [point]).calibration is not None


@pytest.mark.parametrize(("told", "kind"), [({"kv_type": "q8_0"}, KvType.Q8_0), ({}, KvType.F16)])
async def test_that_a_run_is_held_against_the_cache_that_the_server_has(
    told: dict[str, str],
    kind: KvType,
    twin: Twin,
    history: History,
    profile: HardwareProfile,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[FitRequest] = []

    async def of_server(*_: object, **__: object) -> ServerLook:
        return ServerLook(told=told)

    def predicted(
        spec: ModelSpec, placed: Fit, profile: HardwareProfile, budget: MemoryBudget
    ) -> Figure:
        asked.append(placed.request)
        return decode_rate(spec, placed, profile, budget)

    monkeypatch.setattr(calibration_run, "of_server", of_server)
    monkeypatch.setattr(calibration_run, "decode_rate", predicted)
    async with Ollama(twin.url) as client:
        events = await run(client, history, profile, "tiny-story", cache=tmp_path)
    (point,) = (event.point for event in events if isinstance(event, Calibrated))
    assert [one.kv_type for one in asked] == [kind]
    assert point.conditions.get("kv_type") == told.get("kv_type")


async def test_that_a_busy_machine_is_said_first_and_its_runs_do_not_count(
    client: Ollama, history: History, profile: HardwareProfile, tmp_path: Path
) -> None:
    busy = Surroundings(busy_share=0.95)
    events = await run(client, history, profile, "tiny-story", cache=tmp_path, around=busy)
    assert isinstance(events[0], Busy)
    points = await history.calibration_points()
    assert len(points) == 1
    assert calibration.attached(profile, points).calibration is None


async def test_that_without_a_name_models_that_write_text_are_chosen(
    client: Ollama, history: History, profile: HardwareProfile, tmp_path: Path
) -> None:
    events = await run(client, history, profile, cache=tmp_path)
    chosen = {event.model for event in events if isinstance(event, Step)}
    assert 1 <= len(chosen) <= 3
    assert not any("bert" in name or "embed" in name for name in chosen)
    assert all(isinstance(event, Step | Calibrated) for event in events)


async def test_that_a_model_that_is_not_there_or_in_a_cloud_is_refused(
    client: Ollama, history: History, profile: HardwareProfile, tmp_path: Path
) -> None:
    with pytest.raises(ModelNotFound):
        await run(client, history, profile, "no-such-model", cache=tmp_path)
    with pytest.raises(BadInput) as refused:
        await run(client, history, profile, "glm-5:cloud", cache=tmp_path)
    assert refused.value.field == "models"


async def test_that_another_machine_is_not_calibrated_from_here(
    history: History, profile: HardwareProfile, tmp_path: Path
) -> None:
    async with Ollama("http://192.0.2.7:11434") as client:
        with pytest.raises(Unavailable, match="another machine"):
            await run(client, history, profile, cache=tmp_path)


async def test_that_a_model_that_fails_is_left_out_with_its_reason(
    twin: Twin, history: History, profile: HardwareProfile, tmp_path: Path
) -> None:
    twin.faults.append(Fault("refuse", text="model requires more system memory (52 GiB)"))
    async with Ollama(twin.url) as client:
        events = await run(client, history, profile, "tiny-story", cache=tmp_path)
    (skipped,) = [event for event in events if isinstance(event, Skipped)]
    assert skipped.reason
    assert await history.calibration_points() == ()


async def test_that_a_server_that_goes_away_ends_it(
    twin: Twin, history: History, profile: HardwareProfile, tmp_path: Path
) -> None:
    async with Ollama(twin.url) as client:
        events = calibrate(
            client,
            history,
            profile=profile,
            cache=tmp_path,
            models=("tiny-story",),
            look=lambda: IDLE,
        )
        async with aclosing(events):
            assert isinstance(await anext(events), Step)
            await twin.server.stop()
            with pytest.raises(OllamaUnavailable):
                await anext(events)
