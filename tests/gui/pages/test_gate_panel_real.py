"""The panel with a real Ollama: the counts that it shows are those that the models' text makes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from landfall.services import hardware
from landfall.services.ollama.client import Ollama
from landfall.services.quality.gate_report import report_of
from tests.fakes.real_ollama import Live, fill
from tests.fakes.tiny_models import CONCLUSION, TinyModel
from tests.gui.pages.backstage import Backstage
from tests.gui.pages.gate_stage import GateStage
from tests.gui.pages.workloads_stage import rtx_4090
from tests.services.ollama.conftest import real_server, tiny

__all__ = ["real_server", "tiny"]  # fixtures

pytestmark = pytest.mark.real_ollama

PROMPTS = 5
LOCAL, TODAY = "tiny-story", "tiny-thinker"
CELLS = ("both", "local_only", "cloud_only", "both", "neither")


@pytest.fixture
def stage(
    backstage: Backstage, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> GateStage:
    monkeypatch.setattr(hardware, "detect", rtx_4090)
    backstage.start(server=False)
    return GateStage(backstage, tmp_path, qtbot)


async def filled(url: str, models: Mapping[str, TinyModel]) -> None:
    async with Ollama(url) as client:
        await fill(client, models)


def done(stage: GateStage) -> int:
    progress = stage.session.progress
    return 0 if progress is None else progress.done


def test_that_a_gate_on_tiny_models_stopped_on_the_way_shows_the_true_counts(
    stage: GateStage, real_server: Live, tiny: Mapping[str, TinyModel]
) -> None:
    stage.backstage.run(filled(real_server.url, tiny))
    stage.backstage.connect(real_server.url)
    expected = {
        "local_only": tiny[LOCAL].text,
        "cloud_only": CONCLUSION,
        "both": [CONCLUSION, tiny[LOCAL].text],
        "neither": "None of the two says this.",
    }
    cells = [CELLS[number % len(CELLS)] for number in range(PROMPTS)]
    rows = [
        {"prompt": f"Question {number}?", "expected": expected[cell]}
        for number, cell in enumerate(cells)
    ]
    stage.open()
    stage.open_gate()
    stage.read("".join(f"{json.dumps(row)}\n" for row in rows))
    setup = stage.setup
    setup.measure.choice.setCurrentIndex(setup.measure.choice.findData("exact"))
    setup.measure.longest.edit.setText("200")
    setup.measure.context.edit.setText("2048")
    setup.candidate.want(LOCAL)
    stage.against_here(TODAY)
    stage.quote()
    stage.press("gate-agree")
    stage.qtbot.waitUntil(lambda: done(stage) >= 2, timeout=300_000)
    stage.press("gate-stop")
    stage.result()
    assert stage.only().record.state == "aborted"
    stage.line("gate-step-resume").triggered.emit()
    stage.wait(stage.panel.consent.isVisible)
    stage.panel.consent.yes.click()
    stage.qtbot.waitUntil(lambda: stage.session.running, timeout=20_000)
    stage.qtbot.waitUntil(lambda: not stage.session.busy, timeout=300_000)
    stage.wait(lambda: stage.shows("gate-step-use"))
    run = stage.only()
    assert len({(one.place, one.side) for one in run.answers}) == len(run.answers) == 2 * PROMPTS
    (candidate,) = report_of(run).candidates
    truth, pairs = Counter(cells), candidate.reading.pairs
    assert pairs is not None
    assert {cell: getattr(pairs, cell) for cell in set(CELLS)} == dict(truth)
    table = stage.line("gate-counts-local")
    shown = [table.table.rows[row][1].text for row in range(4)]
    assert shown == [str(truth[cell]) for cell in ("both", "local_only", "cloud_only", "neither")]
    assert candidate.digest
    assert candidate.digest[:12] in stage.words()
