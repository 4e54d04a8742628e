"""What electricity costs, as it is typed: a price, its currency, and hours with another price."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication, QRegularExpression, Qt, Signal, Slot
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from landfall.core.costs.tariff import Tariff, TariffWindow, overlapping
from landfall.core.provenance import days_old
from landfall.core.settings import Settings
from landfall.gui import grown
from landfall.gui.allowed import allow
from landfall.gui.dates import when
from landfall.gui.format import plain_number, whole
from landfall.gui.settings.tariff_words import (
    day_choices,
    days_words,
    free_window,
    hour_words,
)
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.layout import button, clear, column, holder, icon_button, label, row
from landfall.gui.widgets.number_edit import NumberEdit
from landfall.gui.widgets.setting_field import NumberField

MOST_PER_KWH = 100_000.0
"""Some currencies are counted in thousands."""

COMMON = ("USD", "EUR", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "CAD", "AUD", "JPY", "CNY")
"""Currencies that are suggested; any other may be typed."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("TariffEditor", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Electricity:
    """The rate that holds where the user has typed none.

    Attributes:
        as_of: ISO date of the rate; "" where nobody says.
    """

    usd_per_kwh: float
    source: str
    as_of: str = ""

    def described(self) -> str:
        """The rate with its source, its day and how old that is: it is the price of a year."""
        said = _tr("Empty: {0} USD/kWh, {1}").format(plain_number(self.usd_per_kwh), self.source)
        age = days_old(self.as_of, datetime.now(UTC).date().isoformat())
        if age is None:
            return said
        age = max(0, age)  # a clock that was set back makes nothing younger than new
        old = _tr("one day old") if age == 1 else _tr("{0} days old").format(whole(age))
        return f"{said}, {when(self.as_of)}, {old}"


class TariffEditor(QWidget):
    """The price with its currency, the rate of that currency, and hours with another price.

    Signals:
        entered: What the settings are to hold now: fields of `Settings` and their values.
        removed: Hours were removed; the tariff as it was before.
    """

    entered = Signal(object)
    removed = Signal(object)

    def __init__(self, default: Electricity | None) -> None:
        super().__init__()
        self._tariff: Tariff | None = None
        self._rows: list[WindowRow] = []
        self.price = self._price_field(default)
        self.currency = self._currency_edit()
        self.rate = NumberField(
            self.tr("In dollars"), "", unit=self.tr("USD"), high=MOST_PER_KWH, digits=6, empty=""
        )
        self.rate.edit.setObjectName("setting-currency_usd_rate")
        self.rate.entered.connect(self._on_rate)
        self.rate.reset_asked.connect(self._on_no_rate)
        self.problem = label("", Text.CAPTION, tone="danger", wrap=True)
        self.problem.setObjectName("tariff-problem")
        self.add = button(self.tr("Add hours with another price"), "quiet", icon="plus")
        self.add.setObjectName("tariff-add")
        self.add.clicked.connect(self._on_add)
        self._windows = column(spacing=Space.XS)
        self._place = holder(self._windows)
        more = row(self.add, None, margins=(0, 0, 0, 6))
        self.setLayout(column(self.price, self.rate, self._place, self.problem, more, spacing=0))
        self.problem.hide()
        self.rate.hide()
        self._place.hide()

    def _price_field(self, default: Electricity | None) -> NumberField:
        field = NumberField(
            self.tr("Electricity"),
            default.described() if default else self.tr("What a kilowatt-hour costs you"),
            unit=self.tr("/ kWh"),
            high=MOST_PER_KWH,
            digits=4,
            empty=plain_number(default.usd_per_kwh) if default else "",
        )
        field.edit.setObjectName("setting-electricity")
        field.entered.connect(self._on_price)
        field.reset_asked.connect(self._on_reset)
        return field

    def _currency_edit(self) -> QLineEdit:
        edit = QLineEdit("USD")
        edit.setObjectName("setting-currency")
        edit.setAccessibleName(self.tr("Currency of your electricity"))
        edit.setAccessibleDescription(self.tr("Three letters, as in EUR"))
        grown.fix_width(edit, 56)
        edit.setMaxLength(3)
        letters = QRegularExpression("[A-Za-z]{0,3}")
        edit.setValidator(QRegularExpressionValidator(letters, edit))
        completer = QCompleter(list(COMMON), edit)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        edit.setCompleter(completer)
        edit.editingFinished.connect(self._on_currency)
        self.price.add_control(edit)
        return edit

    # What is shown

    def show_settings(self, settings: Settings) -> None:
        """Show the tariff as it is stored; nothing is emitted."""
        tariff = settings.electricity
        stays_wrong = bool(self.problem.text()) and tariff == self._tariff
        self._tariff = tariff
        self.price.show_stored(tariff.price_per_kwh if tariff else None)
        self.price.set_changed(tariff is not None)
        self._show_rate(settings)
        self._show_windows(tariff.windows if tariff else ())
        if stays_wrong:
            return
        if tariff is not None:
            self.currency.setText(tariff.currency)
        self._say("")

    def _show_rate(self, settings: Settings) -> None:
        tariff, as_of = settings.electricity, settings.currency_usd_date
        foreign = tariff is not None and tariff.currency != "USD"
        self.rate.setVisible(foreign)
        self.rate.show_stored(settings.currency_usd_rate)
        self.rate.set_changed(settings.currency_usd_rate is not None)
        if tariff is None or not foreign:
            return
        name = self.tr("Dollars for one {0}").format(tariff.currency)
        asks = self.tr("Verdicts are in dollars: without a rate they do not use your price.")
        said = self.tr("As of {0}. Verdicts are reckoned with it.").format(as_of)
        self.rate.set_words(name, said if settings.currency_usd_rate is not None else asks)

    def _show_windows(self, windows: tuple[TariffWindow, ...]) -> None:
        if windows != tuple(each.hours for each in self._rows):
            clear(self._windows)
            self._rows = [self._row(window, i) for i, window in enumerate(windows)]
            for each in self._rows:
                self._windows.addWidget(each)
        currency = self._tariff.currency if self._tariff else ""
        for each in self._rows:
            each.show_currency(currency)
        self._place.setVisible(bool(windows))
        room = self._tariff is not None and free_window(self._tariff) is not None
        allow(self.add, "" if room else self._why_not())

    def _why_not(self) -> str:
        if self._tariff is None:
            return self.tr("Type the usual price first.")
        return self.tr("Every hour has another price already.")

    def _row(self, window: TariffWindow, number: int) -> WindowRow:
        made = WindowRow(window, number + 1)
        made.changed.connect(self._on_windows)
        made.remove.clicked.connect(partial(self._on_removed, made))
        return made

    def _say(self, problem: str) -> None:
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    # What is changed

    def _enter(self, **changes: Any) -> None:
        self.entered.emit(changes)

    @Slot(object)
    def _on_price(self, price: float | None) -> None:
        if price is None and self._tariff is not None and self._tariff.windows:
            self.price.set_value(self._tariff.price_per_kwh)
            self._say(self.tr("Hours with another price need a usual price. Remove them first."))
        elif price is None:
            self._enter(electricity=None)
        elif self._tariff is None:
            code = self.currency.text().upper()
            code = code if re.fullmatch("[A-Z]{3}", code) else "USD"
            self._enter(electricity=Tariff(price_per_kwh=price, currency=code))
        else:
            self._enter(electricity=replace(self._tariff, price_per_kwh=price))

    @Slot()
    def _on_reset(self) -> None:
        was = self._tariff
        self._enter(electricity=None)
        if was is not None and was.windows:
            self.removed.emit(was)

    @Slot()
    def _on_currency(self) -> None:
        code = self.currency.text().upper()
        if not re.fullmatch("[A-Z]{3}", code):
            self._say(self.tr("A currency has three letters, as in EUR."))
            return
        self.currency.setText(code)
        self._say("")
        if self._tariff is not None and code != self._tariff.currency:
            # A rate belongs to its currency.
            tariff = replace(self._tariff, currency=code)
            self._enter(electricity=tariff, currency_usd_rate=None, currency_usd_date="")

    @Slot(object)
    def _on_rate(self, rate: float | None) -> None:
        if rate == 0:
            self.rate.set_problem(self.tr("A rate is more than 0."))
            return
        as_of = datetime.now(UTC).date().isoformat() if rate is not None else ""
        self._enter(currency_usd_rate=rate, currency_usd_date=as_of)

    @Slot()
    def _on_no_rate(self) -> None:
        self._on_rate(None)

    @Slot()
    def _on_add(self) -> None:
        if self._tariff is None:
            return
        window = free_window(self._tariff)
        if window is not None:
            windows = (*self._tariff.windows, window)
            self._enter(electricity=replace(self._tariff, windows=windows))
            self._rows[-1].price.edit.setFocus()
            self._rows[-1].price.edit.selectAll()

    @Slot()
    def _on_windows(self) -> None:
        """Some hours were changed: they hold as soon as all of them can."""
        if self._tariff is None:
            return
        windows = [each.entered() for each in self._rows]
        made = [window for window in windows if window is not None]
        if len(made) < len(windows):
            return
        clash = overlapping(made)
        if clash is not None:
            self._rows[clash[1]].say(
                self.tr("These hours overlap those of line {0}.").format(clash[0] + 1)
            )
            return
        for each, window in zip(self._rows, made, strict=True):
            each.hours = window
        self._enter(electricity=replace(self._tariff, windows=tuple(made)))

    def _on_removed(self, gone: WindowRow) -> None:
        was = self._tariff
        if was is None:
            return
        windows = tuple(each.hours for each in self._rows if each is not gone)
        self._enter(electricity=replace(was, windows=windows))
        self.add.setFocus()
        self.removed.emit(was)


class WindowRow(QWidget):
    """Hours of some days with a price of their own.

    Attributes:
        hours: As they are stored.

    Signals:
        changed: Something else is chosen or typed.
    """

    changed = Signal()

    def __init__(self, window: TariffWindow, number: int) -> None:
        super().__init__()
        self.hours = window
        self._days = day_choices(window.weekdays)
        name = self.tr("Hours {0}").format(number)
        self.first = Choice(
            self.tr("{0}: from").format(name), [hour_words(hour) for hour in range(24)], width=78
        )
        self.last = Choice(
            self.tr("{0}: until").format(name),
            [hour_words(hour) for hour in range(1, 25)],
            width=78,
        )
        days = [days_words(each) for each in self._days]
        self.days = Choice(self.tr("{0}: days").format(name), days, width=112)
        self.price = NumberEdit(self.tr("Price"), low=0.0, high=MOST_PER_KWH, digits=4, bare=True)
        self.price.edit.setAccessibleName(self.tr("{0}: price of a kWh").format(name))
        grown.fix_width(self.price.edit, 88)
        self.remove = icon_button("trash", self.tr("Remove {0}").format(name))
        self.problem = label("", Text.CAPTION, tone="danger", wrap=True)
        for key, control in self._named().items():
            control.setObjectName(f"tariff-{number}-{key}")
        self._build()
        self._fill()
        for choice in (self.first, self.last, self.days):
            choice.activated.connect(self._on_changed)
        self.price.edit.editingFinished.connect(self._on_changed)

    def _named(self) -> dict[str, QWidget]:
        return {
            "from": self.first,
            "until": self.last,
            "days": self.days,
            "price": self.price.edit,
            "remove": self.remove,
        }

    def _build(self) -> None:
        fields = row(
            self._captioned(self.tr("From"), self.first),
            self._captioned(self.tr("Until"), self.last),
            self._captioned(self.tr("Days"), self.days),
            None,
            self.price,
            self._captioned("", self.remove),
            spacing=Space.S,
        )
        self.setLayout(column(fields, self.problem, spacing=2, margins=(0, 0, 0, 6)))
        self.problem.hide()

    def _captioned(self, caption: str, control: QWidget) -> QWidget:
        return holder(column(label(caption, Text.CAPTION, tone="text_2"), control, spacing=2))

    def _fill(self) -> None:
        self.first.setCurrentIndex(self.hours.from_hour)
        self.last.setCurrentIndex((self.hours.to_hour or 24) - 1)
        self.days.setCurrentIndex(self._days.index(self.hours.weekdays))
        self.price.set_value(self.hours.price_per_kwh)

    def show_currency(self, currency: str) -> None:
        """The unit of the price."""
        self.price.set_caption(self.tr("{0} / kWh").format(currency))

    def entered(self) -> TariffWindow | None:
        """The hours as they are chosen, or None where they cannot be; that is said."""
        first, last = self.first.currentIndex(), self.last.currentIndex() + 1
        if first == last % 24 and not (first == 0 and last == 24):
            self.say(self.tr("They begin and end at the same hour."))
            return None
        if self.price.value is None:
            self.say(self.price.problem)
            return None
        self.say("")
        return TariffWindow(
            from_hour=first,
            to_hour=last,
            price_per_kwh=self.price.value,
            weekdays=self._days[self.days.currentIndex()],
        )

    def say(self, problem: str) -> None:
        """What is wrong with it, or nothing."""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    @Slot()
    def _on_changed(self) -> None:
        self.changed.emit()
