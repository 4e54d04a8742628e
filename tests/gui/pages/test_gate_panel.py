"""The panel of a workload's quality runs: from a file of prompts to a gate that is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QTableView
from pytestqt.qtbot import QtBot

from landfall.core.quality.paired import Label
from landfall.core.workload.file import parse
from landfall.gui import theme
from landfall.gui.quality.who import Place
from landfall.gui.widgets.margin_chart import MarginChart
from landfall.services import hardware
from tests.gui.pages.backstage import Backstage
from tests.gui.pages.gate_stage import JUDGE, OTHER, SMALL, GateStage, right_every, set_of
from tests.gui.pages.workloads_stage import rtx_4090


@pytest.fixture
def stage(
    backstage: Backstage, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[GateStage]:
    monkeypatch.setattr(hardware, "detect", rtx_4090)
    backstage.start(SMALL, OTHER, JUDGE)
    made = GateStage(backstage, tmp_path, qtbot)
    yield made
    page = made.page
    if made.shows("gate-panel"):
        made.session.stop()
        made.wait(lambda: not made.session.busy or not made.session.running)
    page.close()


def test_that_a_set_with_expected_answers_is_asked_scored_and_read(stage: GateStage) -> None:
    stage.open()
    stage.open_gate()
    assert "Choose a file of prompts first." in stage.words()
    stage.read(set_of(60, expected=right_every(10)))
    assert "tickets.jsonl: 60 prompts, with the expected answer." in stage.words()
    assert stage.setup.measure.chosen.id == "accuracy"
    stage.against_here()
    stage.quote()
    said = stage.words()
    assert "Nothing leaves this machine, and nobody is paid" in said
    assert "small: 60 prompts, stays on this machine." in said.replace(":latest", "")
    assert not any(one.path == "/api/chat" for one in stage.backstage.twin.server.requests)
    stage.press("gate-agree")
    stage.result()
    said = stage.words()
    assert "Passes: small:latest against other:latest" in said
    run = stage.only()
    (reading,) = [one.reading for one in _report(stage).candidates]
    assert reading.pairs is not None
    assert (reading.pairs.local_only, reading.pairs.cloud_only) == (54, 6)
    assert (reading.pairs.both, reading.pairs.neither) == (0, 0)
    assert len(run.answers) == 120
    assert stage.visible(MarginChart).accessibleName().startswith("Quality against today")


def _report(stage: GateStage) -> object:
    from landfall.services.quality_run.report import report_of

    return report_of(stage.only())
