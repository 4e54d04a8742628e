"""What stands on the tab of prices stays where it is when answers come."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from landfall.gui.before_paint import finish_layouts
from landfall.gui.pages.cloud_page import CloudPage
from tests.gui.conftest import settle
from tests.gui.pages.cloud_stage import CloudStage
from tests.gui.still import watched

Open = Callable[[int], CloudPage]


@pytest.fixture
def opened(stage: CloudStage, qtbot: QtBot) -> Open:
    def open_(width: int) -> CloudPage:
        page = stage.page()
        qtbot.addWidget(page)
        page.resize(width, 1400)
        page.open_at("prices")
        page.show()
        qtbot.waitUntil(page.prices_tab.check.isVisible, timeout=10_000)
        settle()
        finish_layouts()
        return page

    return open_


def places(page: CloudPage) -> dict[str, int]:
    """Upper edges of what can be seen of the tab."""
    tab = page.prices_tab
    parts: dict[str, QWidget] = {
        "prices": tab.prices,
        "call": tab.check,
        "words": tab.check.notes,
        "plans": tab.plans,
        "volume": tab.plans.calls,
        "table": tab.plans.table,
        "own": tab.editor,
    }
    return {
        name: part.mapTo(page.widget(), QPoint(0, 0)).y()
        for name, part in parts.items()
        if part.isVisible()
    }


def answered(page: CloudPage, qtbot: QtBot) -> None:
    tab = page.prices_tab
    qtbot.waitUntil(tab.plans.table.isVisible, timeout=10_000)
    qtbot.waitUntil(tab.check.bill.isVisible, timeout=10_000)
    finish_layouts()


@pytest.mark.parametrize("width", [780, 1080])
def test_that_nothing_goes_down_when_the_answers_of_a_call_come(
    opened: Open, qtbot: QtBot, width: int
) -> None:
    page = opened(width)
    before = places(page)
    assert "volume" in before
    assert "own" not in before
    answered(page, qtbot)
    after = places(page)
    assert {name: after[name] for name in before} == before
    assert "own" in after


def test_that_a_bill_with_one_line_more_moves_nothing(opened: Open, qtbot: QtBot) -> None:
    page = opened(1080)
    answered(page, qtbot)
    before, lines = places(page), page.prices_tab.check.bill.table.rowCount()
    cached = page.prices_tab.check.cached
    cached.edit.setText("100")
    cached.edit.editingFinished.emit()
    qtbot.waitUntil(lambda: page.prices_tab.check.bill.table.rowCount() > lines, timeout=10_000)
    finish_layouts()
    assert places(page) == before


def test_that_a_search_and_a_refresh_move_nothing(opened: Open, qtbot: QtBot) -> None:
    page = opened(1080)
    answered(page, qtbot)
    tab, before = page.prices_tab, places(page)
    table = tab.prices.table
    assert table is not None
    tab.prices.search.setText("gpt-4o-mini-t")
    assert table.filter.rowCount() < 4
    tab.refresh_line.on_started()
    finish_layouts()
    assert tab.refresh_line.outcome.isVisible()
    assert places(page) == before


def test_that_nothing_moves_while_it_is_painted(stage: CloudStage, qtbot: QtBot) -> None:
    page = stage.page()
    qtbot.addWidget(page)
    page.resize(1080, 1400)
    page.open_at("prices")
    page.show()
    with watched(page) as moves:
        answered(page, qtbot)
    assert moves.told == []


def test_that_a_price_of_ones_own_can_be_typed_where_no_table_knows_the_provider(
    stage: CloudStage, qtbot: QtBot
) -> None:
    page = stage.page()
    qtbot.addWidget(page)
    page.open_at("prices")
    page.show()
    page.prices_tab.show_provider("nobody")
    qtbot.waitUntil(page.prices_tab.editor.isVisible, timeout=10_000)
