"""The currency of amounts, its rate and the age of that, as the settings show them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QDate
from pytestqt.qtbot import QtBot

from landfall.core.costs.tariff import Tariff
from landfall.core.settings import Settings
from landfall.gui.settings.currency_editor import CurrencyEditor
from tests.gui.conftest import settle


@pytest.fixture
def editor(qtbot: QtBot) -> CurrencyEditor:
    made = CurrencyEditor()
    qtbot.addWidget(made)
    made.show()
    return made


def days_ago(days: int) -> str:
    return (datetime.now(UTC).date() - timedelta(days=days)).isoformat()


def changes(editor: CurrencyEditor) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    editor.entered.connect(told.append)
    return told


def test_that_dollars_need_no_rate(editor: CurrencyEditor) -> None:
    editor.show_settings(Settings())
    settle()
    assert not editor.rate.isVisible()
    assert not editor.said.isVisible()


def test_that_without_a_rate_amounts_stay_in_dollars(editor: CurrencyEditor) -> None:
    editor.show_settings(Settings(currency="EUR"))
    settle()
    assert editor.rate.isVisible()
    assert not editor.day.isEnabled()
    assert "Amounts stay in dollars: what 1 EUR is in USD was not said." in editor.said.text()


@pytest.mark.parametrize(
    ("days", "says", "tone"),
    [(0, "The rate is of", "text_2"), (1, "one day old", "text_2"), (99, "newer one", "caution")],
)
def test_that_the_age_of_a_rate_is_said(
    editor: CurrencyEditor, days: int, says: str, tone: str
) -> None:
    known = Settings(currency="EUR", currency_usd_rate=1.08, currency_usd_date=days_ago(days))
    editor.show_settings(known)
    assert says in editor.said.text()
    assert editor.said.tone == tone
    assert editor.day.date().toString("yyyy-MM-dd") == days_ago(days)


def test_that_another_currency_forgets_the_rate_of_the_one_before(editor: CurrencyEditor) -> None:
    told = changes(editor)
    editor.show_settings(
        Settings(currency="EUR", currency_usd_rate=1.08, currency_usd_date=days_ago(1))
    )
    editor.code.setText("chf")
    editor.code.editingFinished.emit()
    assert told == [{"currency": "CHF", "currency_usd_rate": None, "currency_usd_date": ""}]
    editor.field.reset_asked.emit()
    assert told[-1]["currency"] == ""


def test_that_the_rate_of_the_electricity_bill_stays_with_it(editor: CurrencyEditor) -> None:
    told = changes(editor)
    bill = Settings(
        electricity=Tariff(price_per_kwh=0.3, currency="EUR"),
        currency_usd_rate=1.08,
        currency_usd_date=days_ago(1),
    )
    editor.show_settings(bill)
    settle()
    assert not editor.rate.isVisible()
    editor.code.setText("CHF")
    editor.code.editingFinished.emit()
    assert told == [{"currency": "CHF"}]
    editor.show_settings(replace(bill, currency="CHF"))
    assert "the rate that was typed is that of EUR" in editor.said.text()


def test_that_a_rate_is_dated_and_its_day_can_be_changed(editor: CurrencyEditor) -> None:
    told = changes(editor)
    editor.show_settings(Settings(currency="EUR"))
    editor.rate.entered.emit(1.1)
    today = QDate.currentDate().toString("yyyy-MM-dd")
    assert told == [{"currency_usd_rate": 1.1, "currency_usd_date": today}]
    editor.show_settings(Settings(currency="EUR", currency_usd_rate=1.1, currency_usd_date=today))
    editor.day.setDate(QDate.currentDate().addDays(-3))
    assert told[-1] == {"currency_usd_date": days_ago(3)}
    editor.rate.reset_asked.emit()
    assert told[-1] == {"currency_usd_rate": None, "currency_usd_date": ""}


def test_that_what_is_no_currency_and_no_rate_is_said_at_the_field(editor: CurrencyEditor) -> None:
    told = changes(editor)
    editor.show_settings(Settings(currency="EUR"))
    editor.code.setText("EU")
    editor.code.editingFinished.emit()
    assert "three letters" in editor.field.problem.text()
    editor.rate.entered.emit(0.0)
    assert "more than 0" in editor.rate.problem.text()
    assert told == []
