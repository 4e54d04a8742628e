"""The currency in which amounts are shown beside dollars, and its rate with the day of it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDate, QRegularExpression, Signal, Slot
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QLineEdit, QWidget

from landfall.core.costs.currency import USD, Currency, shown_currency
from landfall.core.provenance import Unknown
from landfall.gui import grown
from landfall.gui.allowed import allow
from landfall.gui.dates import when
from landfall.gui.format import whole
from landfall.gui.theme import Text
from landfall.gui.translated import translated
from landfall.gui.widgets.date_field import DateField
from landfall.gui.widgets.layout import column, label
from landfall.gui.widgets.setting_field import NumberField, SettingField

if TYPE_CHECKING:
    from landfall.core.settings import Settings

MOST = 1e6


class CurrencyEditor(QWidget):
    """The currency, its rate and the day of the rate. No rate is guessed or fetched.

    Signals:
        entered: What the settings are to hold now: fields of `Settings` and their values.
    """

    entered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._settings: Settings | None = None
        self.code = QLineEdit()
        self.code.setObjectName("setting-shown_currency")
        self.code.setMaxLength(3)
        grown.fix_width(self.code, 56)
        self.code.setPlaceholderText(USD)
        letters = QRegularExpression("[A-Za-z]{0,3}")
        self.code.setValidator(QRegularExpressionValidator(letters, self.code))
        self.code.editingFinished.connect(self._on_code)
        self.field = SettingField(
            self.tr("Show amounts in"),
            self.tr("Beside dollars. Empty: the currency of your electricity, else dollars alone"),
            self.code,
        )
        self.field.reset_asked.connect(self._on_reset)
        self.rate = NumberField(self.tr("In dollars"), "", unit=USD, high=MOST, digits=6, empty="")
        self.rate.edit.setObjectName("setting-shown_rate")
        self.rate.entered.connect(self._on_rate)
        self.rate.reset_asked.connect(self._on_no_rate)
        today = QDate.currentDate()
        self.day = DateField(self.tr("Day of the rate"), today, latest=today)
        self.day.setObjectName("setting-currency_usd_date")
        self.day.userDateChanged.connect(self._on_day)
        self.rate.add_control(self.day)
        self.said = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.said.setObjectName("currency-said")
        self.said.setContentsMargins(0, 0, 0, 6)
        self.setLayout(column(self.field, self.rate, self.said, spacing=0))
        self.rate.hide()
        self.said.hide()

    # What is shown

    def show_settings(self, settings: Settings) -> None:
        """Show what is stored; nothing is emitted."""
        same = self._settings is not None and settings.currency == self._settings.currency
        self._settings = settings
        self.field.set_changed(bool(settings.currency))
        if not same or not self.field.problem.text():
            self.code.setText(settings.currency)
            self.field.set_problem("")
        known = shown_currency(settings)
        tariff, code = settings.electricity, settings.currency
        # Where the electricity bill is in another currency than dollars, its editor has the rate.
        of_bill = tariff.currency if tariff is not None else USD
        self.rate.setVisible(code not in {"", USD} and of_bill == USD)
        self.rate.set_words(self.tr("Dollars for one {0}").format(code), "")
        self.rate.show_stored(settings.currency_usd_rate)
        self.rate.set_changed(settings.currency_usd_rate is not None)
        self._show_day(settings)
        self._say(known)

    def _show_day(self, settings: Settings) -> None:
        today = QDate.currentDate()
        day = QDate.fromString(settings.currency_usd_date, "yyyy-MM-dd")
        self.day.blockSignals(True)
        self.day.setMaximumDate(today)
        self.day.setDate(day if day.isValid() else today)
        self.day.blockSignals(False)
        has_rate = settings.currency_usd_rate is not None
        allow(self.day, "" if has_rate else self.tr("Type the rate first."))

    def _say(self, known: Currency | Unknown | None) -> None:
        self.said.setVisible(known is not None)
        match known:
            case None:
                return
            case Unknown(reason=reason):
                self.said.set_tone("caution")
                words = self.tr("Amounts stay in dollars: {0}.")
                self.said.setText(words.format(translated(reason)))
            case Currency():
                today = datetime.now(UTC).date()
                days, stale = known.age_days(today), known.is_stale(today)
                self.said.set_tone("caution" if stale else "text_2")
                self.said.setText(self._age(known.as_of, days, stale=stale))

    def _age(self, as_of: date, days: int, *, stale: bool) -> str:
        dated = self.tr("The rate is of {0}").format(when(as_of.isoformat()))
        if not days:
            return self.tr("{0}.").format(dated)
        old = self.tr("one day old") if days == 1 else self.tr("{0} days old").format(whole(days))
        if stale:
            return self.tr("{0}, {1}: type a newer one.").format(dated, old)
        return self.tr("{0}, {1}.").format(dated, old)

    # What is changed

    @Slot()
    def _on_code(self) -> None:
        code = self.code.text().upper()
        if self._settings is None or code == self._settings.currency:
            return
        if code and not re.fullmatch("[A-Z]{3}", code):
            self.field.set_problem(self.tr("A currency has three letters, as in EUR."))
            return
        self._change(code)

    @Slot()
    def _on_reset(self) -> None:
        self._change("")

    def _change(self, code: str) -> None:
        changes: dict[str, Any] = {"currency": code}
        tariff = self._settings.electricity if self._settings is not None else None
        of_bill = tariff.currency if tariff is not None else USD
        if of_bill == USD:
            # A rate belongs to its currency; that of the electricity bill stays with the bill.
            changes |= {"currency_usd_rate": None, "currency_usd_date": ""}
        self.entered.emit(changes)

    @Slot(object)
    def _on_rate(self, rate: float | None) -> None:
        if rate == 0:
            self.rate.set_problem(self.tr("A rate is more than 0."))
            return
        today = QDate.currentDate().toString("yyyy-MM-dd")
        self.entered.emit(
            {"currency_usd_rate": rate, "currency_usd_date": today if rate is not None else ""}
        )

    @Slot()
    def _on_no_rate(self) -> None:
        self._on_rate(None)

    @Slot(QDate)
    def _on_day(self, day: QDate) -> None:
        if self._settings is not None and self._settings.currency_usd_rate is not None:
            self.entered.emit({"currency_usd_date": day.toString("yyyy-MM-dd")})
