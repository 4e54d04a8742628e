"""In the smallest window, of 1024 pixels, nothing of the page of workloads is cut at the right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QLabel, QWidget
from pytestqt.qtbot import QtBot

from landfall.gui.app_state import AppState
from landfall.gui.messages import Messages
from landfall.gui.page import Page
from landfall.gui.widgets.tables import DataTable
from landfall.gui.workloads.detail import MEASURE, WorkloadDetail
from landfall.services import hardware
from tests.gui.conftest import settle
from tests.gui.pages.backstage import Backstage
from tests.gui.pages.gate_stage import OTHER, SMALL, GateStage, right_every, set_of
from tests.gui.pages.workloads_stage import WorkloadsStage, rtx_4090

CONTENT = 824
"""What the sidebar leaves of 1024 pixels."""
THINNEST = 48
"""Pixels of a column in which a short word can be read."""
KINDS = sorted((Path(__file__).parents[2] / "data/verdicts").glob("*.toml"))


def cut(page: Page) -> list[str]:
    """What can be seen of the page and reaches beyond its right edge, or has no room for its words.

    What scrolls by itself may hold more than can be seen.
    """
    settle()
    edge = page.viewport().width()
    out = []
    for one in page.widget().findChildren(QWidget):
        if not one.isVisible() or _scrolls(one, page):
            continue
        right = one.mapTo(page.viewport(), QPoint(one.width(), 0)).x()
        if right > edge:
            out.append(f"{type(one).__name__} {one.objectName()} ends at {right} of {edge}")
        single = isinstance(one, QLabel | QAbstractButton) and not one.property("wordWrap")
        if single and one.width() < one.minimumSizeHint().width():
            out.append(f"{one.property('text')} has {one.width()}")
        if isinstance(one, DataTable):
            thin = min(one.columnWidth(i) for i in range(len(one.table.columns)))
            if thin < THINNEST:
                out.append(f"a column of {one.accessibleName()} has {thin}")
    return out


def _scrolls(one: QWidget, page: Page) -> bool:
    above = one.parentWidget()
    while above is not None and above is not page:
        if isinstance(above, QAbstractScrollArea):
            return True
        above = above.parentWidget()
    return False


@pytest.fixture
def narrow(
    tmp_path: Path,
    state: AppState,
    messages: Messages,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[WorkloadsStage]:
    monkeypatch.setattr(hardware, "detect", rtx_4090)
    made = WorkloadsStage(tmp_path, state, messages, qtbot)
    yield made
    made.stop()


@pytest.fixture
def gate(
    backstage: Backstage, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> GateStage:
    monkeypatch.setattr(hardware, "detect", rtx_4090)
    backstage.start(SMALL, OTHER)
    return GateStage(backstage, tmp_path, qtbot)


@pytest.mark.parametrize("kind", KINDS, ids=[kind.stem for kind in KINDS])
def test_that_no_verdict_and_no_view_of_its_evidence_is_cut(
    narrow: WorkloadsStage, kind: Path
) -> None:
    narrow.keep((kind.stem, kind.read_text(encoding="utf-8")))
    narrow.open(width=CONTENT)
    narrow.decide()
    settle()
    (detail,) = narrow.page.findChildren(WorkloadDetail)
    for view in range(MEASURE + 1):
        detail.open_evidence(view)
        assert cut(narrow.page) == [], view
    narrow.press("what-if")
    assert cut(narrow.page) == []


def test_that_no_part_of_the_editor_is_cut(narrow: WorkloadsStage) -> None:
    kind = KINDS[0]
    narrow.keep((kind.stem, kind.read_text(encoding="utf-8")))
    narrow.open(width=CONTENT)
    narrow.decide()
    narrow.press("new-workload")
    assert cut(narrow.page) == []
    narrow.press("cancel")
    narrow.press("edit")
    assert cut(narrow.page) == []


def test_that_no_step_of_the_quality_gate_is_cut(gate: GateStage) -> None:
    gate.open().resize(CONTENT, 660)
    gate.open_gate()
    assert cut(gate.page) == []
    gate.read(set_of(30, expected=right_every(10)))
    gate.against_here()
    assert cut(gate.page) == []
    gate.quote()
    assert cut(gate.page) == []
    gate.press("gate-agree")
    gate.result()
    assert cut(gate.page) == []
