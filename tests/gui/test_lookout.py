"""What the window looks at, and what it hands on."""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from landfall.core.hosts.runtime import LoadedModel, Runtime, RuntimeState
from landfall.core.machine.hardware import GIB, HardwareProfile
from landfall.core.settings import Settings
from landfall.core.speed.calibration import Calibration, CalibrationPoint
from landfall.core.speed.calibration_run import machine_key
from landfall.gui.machine.facts import facts
from landfall.gui.widgets.cells import Row, spoken
from landfall.services import apart
from landfall.services.models import shipped_catalogue
from landfall.services.verdict.rounds import Round, Rounds
from tests.gui.pages.backstage import Backstage
from tests.gui.pages.conftest import backstage

__all__ = ["backstage"]  # a fixture


def test_that_verdicts_count_what_loaded_models_hold_as_free(
    backstage: Backstage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[HardwareProfile | None] = []
    glances: list[bool] = []

    async def as_they_come(
        _self: Rounds,
        _settings: Settings,
        machine: HardwareProfile | None,
        _checked: frozenset[str],
        *,
        glance: bool,
    ) -> AsyncGenerator[Round]:
        glances.append(glance)
        asked.append(machine)
        nothing = apart.packed(())
        yield Round(
            saved=(), lines=(), verdicts=(), sealed=zlib.compress(nothing), sealed_sums=nothing
        )

    monkeypatch.setattr(Rounds, "as_they_come", as_they_come)
    backstage.start()
    whole = shipped_catalogue.load().what_if("RTX 4090")
    busy = replace(
        whole.accelerators[0], memory_free_bytes=4 * GIB, usable_bytes=3 * GIB, source="NVML"
    )
    loaded = LoadedModel(
        name="x",
        digest="aa",
        size_bytes=20 * GIB,
        gpu_bytes=20 * GIB,
        context=8192,
        expires_at="2026-12-01T00:00:00Z",
    )
    backstage.state.set_profile(replace(whole, accelerators=(busy,)))
    backstage.state.set_models((), (loaded,))
    backstage.lookout.workloads()
    qtbot.waitUntil(lambda: len(asked) == 1)
    machine = asked[0]
    assert machine is not None
    assert machine.accelerators[0].usable_bytes == 23 * GIB
    backstage.state.set_models((), ())
    backstage.lookout.workloads()
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert asked[1] == backstage.state.profile
    # Once there is something to look at, nothing comes at a glance any more.
    assert glances == [True, False]


def test_that_the_machine_says_how_it_was_calibrated_until_another_version_answers(
    backstage: Backstage, qtbot: QtBot
) -> None:
    backstage.start()
    backstage.lookout.machine()
    qtbot.waitUntil(lambda: backstage.state.profile is not None)
    profile = backstage.state.profile
    assert profile is not None
    engine = f"Ollama {backstage.twin.version}"
    point = CalibrationPoint(
        at="2026-11-26T08:00:00+00:00",
        machine=machine_key(profile),
        engine=engine,
        model="qwen3:8b",
        decode_tok_s=60.0,
        decode_predicted_tok_s=80.0,
    )
    backstage.run(backstage.history.keep_calibration(point, host=backstage.twin.url))
    backstage.lookout.calibration()
    qtbot.waitUntil(lambda: _calibration(backstage) is not None)
    told = [text_of(row) for row in facts(_profile(backstage))]
    assert any("measured over predicted" in row and "\u00d7 0.75" in row for row in told)
    assert any(engine in row for row in told)
    assert not any("Prefill" in row for row in told), "nothing of that was measured"
    backstage.twin.version = "0.99.0"
    backstage.lookout.ollama()
    qtbot.waitUntil(lambda: _calibration(backstage) is None)


def _profile(backstage: Backstage) -> HardwareProfile:
    profile = backstage.state.profile
    assert profile is not None
    return profile


def _calibration(backstage: Backstage) -> Calibration | None:
    return _profile(backstage).calibration


def text_of(row: Row) -> str:
    return " | ".join(spoken(cell) for cell in row)


def test_that_a_server_started_here_is_said_with_its_address(
    backstage: Backstage, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    said: list[str] = []
    backstage.messages.toast_asked.connect(lambda text, _undo: said.append(text))
    up = Runtime(
        kind="ollama",
        state=RuntimeState.RUNNING,
        url="http://127.0.0.1:32779",
        version="0.32.15",
        ours=True,
    )

    async def start(_settings: Settings, *, own: str) -> Runtime:
        return up

    monkeypatch.setattr(backstage.host, "start", start)
    backstage.lookout.start_ollama()
    qtbot.waitUntil(lambda: bool(said))
    assert said == ["Ollama answers at http://127.0.0.1:32779, a free port, and ends with Landfall"]
