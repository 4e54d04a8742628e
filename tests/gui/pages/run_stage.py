"""The Run page on a backstage."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from landfall.gui.pages.run_page import RunPage
from landfall.services.history.records import RunRecord
from tests.gui.pages.backstage import Backstage


def run_page(backstage: Backstage, qtbot: QtBot) -> RunPage:
    """With what stands behind it now, not shown yet."""
    page = RunPage(
        backstage.state,
        backstage.tasks,
        backstage.messages,
        backstage.lookout,
        host=backstage.host,
        runs=backstage.runs,
        cloud=backstage.cloud,
    )
    qtbot.addWidget(page)
    page.resize(1080, 800)
    return page


def show(page: RunPage, qtbot: QtBot) -> None:
    """Until its chart, which comes late, is there."""
    page.show()
    qtbot.waitUntil(lambda: page.chart.slot.chart is not None, timeout=10_000)


def runs_of(backstage: Backstage) -> tuple[RunRecord, ...]:
    """What is kept in the history."""
    kept: tuple[RunRecord, ...] = backstage.run(backstage.history.runs())
    return kept
