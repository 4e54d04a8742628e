"""Prices on the Cloud page: fetched anew when asked, gone back on, typed over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.errors import DiskFull
from landfall.core.pricing.pricing import Quote
from landfall.gui.dates import when
from landfall.gui.page import PageState
from landfall.gui.pages.cloud_page import CloudPage
from landfall.gui.widgets.cells import spoken
from landfall.gui.widgets.feedback import Skeleton
from landfall.gui.widgets.tables import DataTable
from landfall.services import paths
from landfall.services.pricing import refresh as price_refresh
from landfall.services.pricing import tables as price_tables
from landfall.services.pricing.bundled import PriceTable
from tests.fakes import price_tables as made
from tests.fakes.cloud_api import Reply, as_json
from tests.gui.conftest import settle
from tests.gui.pages.cloud_stage import CloudStage
from tests.gui.still import watched

Open = Callable[[], CloudPage]
OLD = when("2026-11-09")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, stage: CloudStage) -> PriceTable:
    """The installed table is a small one, and the published one is at the test's server."""
    table = made.table()
    monkeypatch.setattr(price_tables, "installed", lambda _overlay: table)
    url = f"{stage.api.url}/prices/data.json"
    monkeypatch.setattr(price_refresh, "refresh", partial(price_refresh.refresh, url=url))
    return table


@pytest.fixture
def opened(stage: CloudStage, qtbot: QtBot) -> Open:
    def open_() -> CloudPage:
        page = stage.page()
        qtbot.addWidget(page)
        page.resize(1080, 1400)
        page.show()
        page.open_at("prices")
        qtbot.waitUntil(lambda: page.state is not PageState.LOADING, timeout=10_000)
        qtbot.waitUntil(lambda: page.findChild(DataTable, "prices") is not None, timeout=10_000)
        qtbot.waitUntil(page.prices_tab.editor.isVisible, timeout=10_000)
        settle()
        return page

    return open_


def test_that_what_a_call_costs_does_not_move_when_prices_come(
    stage: CloudStage, qtbot: QtBot
) -> None:
    page = stage.page()
    qtbot.addWidget(page)
    page.resize(1080, 1400)
    page.open_at("prices")
    page.show()
    with watched(page) as moves:
        qtbot.waitUntil(page.prices_tab.check.isVisible, timeout=10_000)
    assert [one for one in moves.told if one.startswith("price-check:")] == []


def text_of(page: QWidget, name: str) -> str:
    label = page.findChild(QLabel, name)
    assert label is not None, name
    return label.text().replace("\u00a0", " ") if label.isVisible() else ""


def button(page: QWidget, name: str) -> QPushButton:
    found = page.findChild(QPushButton, name)
    assert found is not None, name
    return found


def field(page: QWidget, name: str) -> QLineEdit:
    found = page.findChild(QLineEdit, name)
    assert found is not None, name
    return found


def price_line(page: QWidget, model: str) -> str:
    table = page.findChild(DataTable, "prices")
    assert table is not None
    line = next(row for row in table.table.rows if spoken(row[0]).startswith(model))
    return " | ".join(spoken(cell) for cell in line).replace("\u00a0", " ")


def type_into(page: QWidget, qtbot: QtBot, name: str, text: str) -> None:
    edit = field(page, name)
    edit.clear()
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Qt.Key.Key_Return)


def test_that_opening_the_page_fetches_no_prices(
    stage: CloudStage, opened: Open, small: PriceTable
) -> None:
    page = opened()
    assert stage.api.requests == []
    assert text_of(page, "price-table") == f"Price table of {OLD}, which came with Landfall."
    assert not button(page, "bundled-prices").isVisible()
    assert text_of(page, "refresh-outcome") == ""


def test_that_prices_are_fetched_once_when_asked_and_one_can_go_back(
    stage: CloudStage, opened: Open, small: PriceTable, qtbot: QtBot
) -> None:
    page = opened()
    assert "$1.00" in price_line(page, "m-0")
    stage.api.script.append(as_json(made.document(10, usd=4.0)))
    button(page, "refresh-prices").click()
    assert not button(page, "refresh-prices").isEnabled()
    assert text_of(page, "refresh-outcome") == "Fetching prices\u2026"
    qtbot.waitUntil(lambda: "$4.00" in price_line(page, "m-0"), timeout=10_000)
    today = when(datetime.now(UTC).date().isoformat())
    assert text_of(page, "price-table") == f"Price table fetched on {today}."
    assert text_of(page, "refresh-outcome") == ("90 prices changed, 0 models are new, 0 are gone.")
    assert button(page, "refresh-prices").isEnabled()
    assert len(stage.api.requests) == 1
    (line,) = stage.run(stage.history.egress(limit=10))
    assert (line.why, line.outcome) == ("price refresh", "200")
    back = button(page, "bundled-prices")
    assert back.isVisible()
    back.click()
    qtbot.waitUntil(lambda: "$1.00" in price_line(page, "m-0"), timeout=10_000)
    assert not back.isVisible()
    assert not paths.of_user().prices.exists()


def test_that_a_refresh_that_fails_says_of_which_date_the_prices_are(
    stage: CloudStage, opened: Open, small: PriceTable, qtbot: QtBot
) -> None:
    page = opened()
    stage.api.script.append(Reply(200, [b"<html>"], {"content-type": "text/html"}))
    button(page, "refresh-prices").click()
    button(page, "refresh-prices").click()
    outcome = partial(text_of, page, "refresh-outcome")
    qtbot.waitUntil(lambda: "failed" in outcome(), timeout=10_000)
    assert outcome().startswith(f"Refresh failed, showing data of {OLD}.")
    assert "web page" in outcome()
    assert "Check the connection" in outcome()
    assert "$1.00" in price_line(page, "m-0")
    assert button(page, "refresh-prices").isEnabled()
    assert len(stage.api.requests) == 1


def test_that_a_disk_that_is_full_is_said_and_nothing_is_lost(
    stage: CloudStage,
    opened: Open,
    small: PriceTable,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = opened()

    def full(*_args: object) -> None:
        raise DiskFull("The prices could not be saved.", "Check the disk.")

    monkeypatch.setattr(price_tables, "keep", full)
    stage.api.script.append(as_json(made.document(10, usd=4.0)))
    button(page, "refresh-prices").click()
    qtbot.waitUntil(lambda: "could not be saved" in text_of(page, "refresh-outcome"))
    assert "$1.00" in price_line(page, "m-0")


def test_that_a_typed_price_holds_is_shown_as_stated_and_can_be_removed(
    stage: CloudStage, opened: Open, small: PriceTable, qtbot: QtBot
) -> None:
    page = opened()
    page.prices_tab.check.choose("m-3")
    assert field(page, "typed-model").text() == "m-3"
    assert field(page, "typed-input").text() == "4"
    assert not button(page, "remove-price").isVisible()
    check = page.prices_tab.check
    qtbot.waitUntil(lambda: bool(check.bill.table.rows), timeout=10_000)
    before = check.total.text
    type_into(page, qtbot, "typed-input", "0.75")
    type_into(page, qtbot, "typed-batch_input", "0.25")
    type_into(page, qtbot, "typed-output", "")
    button(page, "keep-price").click()
    qtbot.waitUntil(lambda: "$0.75" in price_line(page, "m-3"), timeout=10_000)
    assert dict(stage.state.settings.prices["openai/m-3"]) == {"input": 0.75, "batch_input": 0.25}
    line = price_line(page, "m-3")
    assert "stated" in line
    assert "$0.25" in line
    qtbot.waitUntil(lambda: check.total.text != before, timeout=10_000)
    qtbot.waitUntil(lambda: button(page, "remove-price").isVisible(), timeout=10_000)
    assert text_of(page, "typed-state") == "Your price holds."
    button(page, "remove-price").click()
    qtbot.waitUntil(lambda: "$4.00" in price_line(page, "m-3"), timeout=10_000)
    assert stage.state.settings.prices == {}


def test_that_a_bill_without_parts_is_asked_anew_and_nothing_waits_for_ever(
    stage: CloudStage, opened: Open, small: PriceTable, qtbot: QtBot
) -> None:
    page = opened()
    check = page.prices_tab.check
    quotes: list[Quote] = []
    page.prices_tab._desk.quoted.connect(quotes.append)
    check.on_changed()
    qtbot.waitUntil(lambda: bool(quotes), timeout=10_000)
    check.set_quote(replace(quotes[0], parts=(), usd=None), stale_days=45)
    names = [check.model.itemText(i) for i in range(check.model.count())]
    with qtbot.waitSignal(check.asked):
        check.set_models(names)
    assert not [one for one in check.findChildren(Skeleton) if one.isVisible()]


def test_that_a_model_that_no_table_knows_can_be_given_a_price(
    stage: CloudStage, opened: Open, small: PriceTable, qtbot: QtBot
) -> None:
    page = opened()
    type_into(page, qtbot, "typed-model", "our-tuned-model")
    button(page, "keep-price").click()

    def listed() -> bool:
        table = page.findChild(DataTable, "prices")
        assert table is not None
        return any(spoken(row[0]).startswith("our-tuned-model") for row in table.table.rows)

    qtbot.waitUntil(listed, timeout=10_000)
    # It is the one that the form is about from now on, and the one that can be removed.
    qtbot.waitUntil(lambda: text_of(page, "typed-state") == "Your price holds.", timeout=10_000)
    assert field(page, "typed-model").text() == "our-tuned-model"
    button(page, "remove-price").click()
    assert stage.state.settings.prices == {}


def test_that_a_price_that_is_no_number_stores_none_in_its_place(
    stage: CloudStage, opened: Open, small: PriceTable, qtbot: QtBot
) -> None:
    page = opened()
    page.prices_tab.check.choose("m-3")
    for typed in ("12.5abc", "-3", "inf", "0.0000001"):
        type_into(page, qtbot, "typed-input", typed)
        button(page, "keep-price").click()
        assert stage.state.settings.prices == {}
        assert field(page, "typed-input").text() == typed
        assert page.prices_tab.editor.fields["input"].problem.text()
    type_into(page, qtbot, "typed-input", "12.5")
    button(page, "keep-price").click()
    assert stage.state.settings.prices["openai/m-3"]["input"] == 12.5


def test_that_what_is_no_price_is_said_at_its_field(
    stage: CloudStage, opened: Open, small: PriceTable, qtbot: QtBot
) -> None:
    page = opened()
    editor = page.prices_tab.editor
    type_into(page, qtbot, "typed-model", "")
    button(page, "keep-price").click()
    assert "No model is named." in text_of(page, "typed-problem")
    editor.show_model("m", typed=None, listed=None)
    button(page, "keep-price").click()
    assert "No price is typed." in editor.fields["input"].problem.text()
    assert stage.state.settings == replace(stage.state.settings, prices={})
