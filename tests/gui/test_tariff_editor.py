"""The tariff editor: what is typed holds at once, what cannot hold is said beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.costs.tariff import Tariff, TariffWindow
from landfall.core.settings import Settings
from landfall.gui.settings.tariff_editor import Electricity, TariffEditor
from landfall.gui.settings.tariff_words import (
    days_words,
    free_window,
    money_in,
    tariff_words,
)

NIGHT = TariffWindow(from_hour=22, to_hour=6, price_per_kwh=0.21)
EURO = Tariff(price_per_kwh=0.32, currency="EUR")


class Desk:
    """Settings that the editor shows and changes, as the page does it."""

    def __init__(self, editor: TariffEditor) -> None:
        self.editor = editor
        self.settings = Settings()
        self.removed: list[Tariff] = []
        editor.entered.connect(self.take)
        editor.removed.connect(self.removed.append)
        editor.show_settings(self.settings)

    def take(self, changes: dict[str, object]) -> None:
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]
        self.editor.show_settings(self.settings)

    def show(self, tariff: Tariff | None) -> None:
        self.take({"electricity": tariff})


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    editor = TariffEditor(Electricity(usd_per_kwh=0.17, source="EIA, 2025"))
    qtbot.addWidget(editor)
    editor.resize(480, 400)
    editor.show()
    return Desk(editor)


def test_that_the_rate_that_stands_in_says_how_old_it_is(qapp: QApplication) -> None:
    day = (datetime.now(UTC).date() - timedelta(days=331)).isoformat()
    said = Electricity(usd_per_kwh=0.17, source="EIA, 2025", as_of=day).described()
    assert said.startswith("Empty: 0.17 USD/kWh, EIA, 2025, ")
    assert said.endswith("331 days old")


def test_that_a_rate_of_a_day_to_come_is_no_days_old(qapp: QApplication) -> None:
    day = (datetime.now(UTC).date() + timedelta(days=3)).isoformat()
    said = Electricity(usd_per_kwh=0.17, source="EIA, 2025", as_of=day).described()
    assert said.endswith("0 days old")


Type = Callable[[str, str], None]


@pytest.fixture
def typed(desk: Desk, qtbot: QtBot) -> Type:
    def type_(name: str, text: str) -> None:
        edit = desk.editor.findChild(QLineEdit, name)
        assert edit is not None, name
        edit.setFocus()
        edit.selectAll()
        qtbot.keyClicks(edit, text) if text else edit.clear()
        qtbot.keyClick(edit, Qt.Key.Key_Return)

    return type_


def choose(desk: Desk, name: str, text: str) -> None:
    box = desk.editor.findChild(QComboBox, name)
    assert box is not None, name
    index = box.findText(text)
    assert index >= 0, text
    box.setCurrentIndex(index)
    box.activated.emit(index)


def press(desk: Desk, name: str) -> None:
    found = desk.editor.findChild(QAbstractButton, name)
    assert found is not None, name
    found.click()


def test_that_a_price_holds_at_once_in_the_currency_beside_it(desk: Desk, typed: Type) -> None:
    typed("setting-currency", "eur")
    assert desk.settings.electricity is None
    typed("setting-electricity", "0.32")
    assert desk.settings.electricity == EURO
    typed("setting-electricity", "0.30")
    assert desk.settings.electricity == replace(EURO, price_per_kwh=0.30)
    typed("setting-electricity", "")
    assert desk.settings.electricity is None


def test_that_another_currency_asks_for_its_dollars_and_dates_them(desk: Desk, typed: Type) -> None:
    desk.show(EURO)
    rate = desk.editor.rate
    assert rate.isVisible()
    assert rate.name == "Dollars for one EUR"
    assert "do not use your price" in rate.hint.text()
    typed("setting-currency_usd_rate", "1.08")
    assert desk.settings.currency_usd_rate == 1.08
    assert len(desk.settings.currency_usd_date) == 10
    assert desk.settings.currency_usd_date in rate.hint.text()
    typed("setting-currency_usd_rate", "0")
    assert rate.problem.isVisible()
    assert desk.settings.currency_usd_rate == 1.08
    typed("setting-currency", "CHF")
    assert desk.settings.electricity == replace(EURO, currency="CHF")
    assert desk.settings.currency_usd_rate is None
    assert desk.settings.currency_usd_date == ""
    typed("setting-currency_usd_rate", "1.2")
    rate.reset.click()
    assert desk.settings.currency_usd_rate is None
    typed("setting-currency", "USD")
    assert not rate.isVisible()


@pytest.mark.parametrize("text", ["E", "EU", ""])
def test_that_half_a_currency_is_said_and_changes_nothing(
    desk: Desk, typed: Type, text: str
) -> None:
    desk.show(EURO)
    typed("setting-currency", text)
    desk.editor.currency.editingFinished.emit()
    assert "three letters" in desk.editor.problem.text()
    assert desk.settings.electricity == EURO


def test_that_hours_are_added_changed_and_removed_with_a_way_back(desk: Desk, typed: Type) -> None:
    assert not desk.editor.add.isEnabled()
    desk.show(EURO)
    press(desk, "tariff-add")
    assert desk.settings.electricity == replace(EURO, windows=(replace(NIGHT, price_per_kwh=0.32),))
    typed("tariff-1-price", "0.21")
    choose(desk, "tariff-1-from", "23:00")
    choose(desk, "tariff-1-until", "24:00")
    choose(desk, "tariff-1-days", "Sat and Sun")
    late = TariffWindow(from_hour=23, to_hour=24, price_per_kwh=0.21, weekdays=frozenset({5, 6}))
    assert desk.settings.electricity == replace(EURO, windows=(late,))
    before = desk.settings.electricity
    press(desk, "tariff-1-remove")
    assert desk.settings.electricity == EURO
    assert desk.removed == [before]
    desk.show(desk.removed[0])
    assert desk.settings.electricity == before


def test_that_hours_that_cannot_hold_are_said_beside_them_and_not_stored(
    desk: Desk, typed: Type
) -> None:
    desk.show(replace(EURO, windows=(NIGHT,)))
    stored = desk.settings.electricity
    row = desk.editor._rows[0]
    choose(desk, "tariff-1-until", "22:00")
    assert "same hour" in row.problem.text()
    choose(desk, "tariff-1-until", "06:00")
    assert not row.problem.isVisible()
    typed("tariff-1-price", "cheap")
    assert row.problem.isVisible()
    typed("tariff-1-price", "0.21")
    press(desk, "tariff-add")
    choose(desk, "tariff-2-until", "24:00")
    assert "overlap those of line 1" in desk.editor._rows[1].problem.text()
    assert desk.settings.electricity is not None
    assert stored is not None
    assert desk.settings.electricity.windows[0] == stored.windows[0]


def test_that_the_usual_price_stays_while_hours_have_their_own(desk: Desk, typed: Type) -> None:
    tariff = replace(EURO, windows=(NIGHT,))
    desk.show(tariff)
    typed("setting-electricity", "")
    assert desk.settings.electricity == tariff
    assert "Remove them first" in desk.editor.problem.text()
    desk.editor.price.reset.click()
    assert desk.settings.electricity is None
    assert desk.removed == [tariff]


def test_that_no_hours_can_be_added_where_every_hour_has_another_price(desk: Desk) -> None:
    all_day = TariffWindow(from_hour=0, to_hour=24, price_per_kwh=0.1)
    desk.show(replace(EURO, windows=(all_day,)))
    assert not desk.editor.add.isEnabled()
    assert "Every hour" in desk.editor.add.toolTip()


def test_that_days_of_a_file_that_are_none_of_the_usual_can_stay(desk: Desk) -> None:
    odd = replace(NIGHT, weekdays=frozenset({0, 2}))
    desk.show(replace(EURO, windows=(odd,)))
    assert desk.editor._rows[0].days.currentText() == "Mon, Wed"
    assert desk.editor._rows[0].entered() == odd


def test_that_every_control_has_a_name(desk: Desk) -> None:
    desk.show(replace(EURO, windows=(NIGHT,)))
    for kind in (QLineEdit, QComboBox, QAbstractButton):
        for widget in desk.editor.findChildren(kind):
            assert isinstance(widget, QWidget)
            named = widget.accessibleName() or (
                isinstance(widget, QAbstractButton) and widget.text()
            )
            assert named, widget.objectName()


def test_that_prices_and_money_are_said_in_their_currency() -> None:
    space = "\u00a0"
    assert tariff_words(EURO).replace(space, " ") == "0.32 EUR / kWh"
    both = replace(EURO, windows=(replace(NIGHT, price_per_kwh=0.2125),))
    assert tariff_words(both).replace(space, " ") == "0.2125 to 0.32 EUR / kWh by the hour"
    assert money_in(0.00312, "EUR").replace(space, " ") == "0.0031 EUR"
    assert money_in(12.5, "EUR").replace(space, " ") == "12.50 EUR"
    assert money_in(0.0, "EUR").replace(space, " ") == "0.00 EUR"
    assert money_in(0.5, "USD") == "$0.50"
    assert days_words(frozenset(range(5))) == "Mon to Fri"
    assert free_window(replace(EURO, windows=(NIGHT,))) == TariffWindow(
        from_hour=6, to_hour=7, price_per_kwh=0.32
    )
