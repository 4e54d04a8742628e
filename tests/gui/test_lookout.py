"""What the window looks at, and what it hands on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from landfall.core.hardware import GIB, HardwareProfile
from landfall.core.runtime import LoadedModel
from landfall.core.settings import Settings
from landfall.services import catalogue
from landfall.services.rounds import Round, Rounds
from tests.gui.pages.backstage import Backstage
from tests.gui.pages.conftest import backstage

__all__ = ["backstage"]  # a fixture


def test_that_verdicts_count_what_loaded_models_hold_as_free(
    backstage: Backstage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[HardwareProfile | None] = []

    async def decide(
        _self: Rounds, _settings: Settings, *, machine: HardwareProfile | None = None
    ) -> Round:
        asked.append(machine)
        return Round(saved=(), lines=(), verdicts=(), sealed=b"")

    monkeypatch.setattr(Rounds, "decide", decide)
    backstage.start()
    whole = catalogue.load().what_if("RTX 4090")
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
