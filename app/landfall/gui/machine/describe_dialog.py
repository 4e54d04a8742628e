"""Type in a machine that no catalogue has, or correct one that was typed in before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale, Qt, Signal, Slot
from PySide6.QtWidgets import QCompleter, QGridLayout, QLineEdit, QWidget

from landfall.core.errors import AppError, BadInput
from landfall.core.machine.hardware import AcceleratorKind, Vendor
from landfall.core.machine.machine_names import MAX_CARDS, find
from landfall.core.machine.user_machines import NUMBERS
from landfall.gui.allowed import allow
from landfall.gui.machine.machine_list import words_of
from landfall.gui.theme import Space, Text
from landfall.gui.typed_numbers import typed_number
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.layout import button, column, label, row
from landfall.services import paths
from landfall.services.machine import user_machines
from landfall.services.models import shipped_catalogue


def _tr(text: str) -> str:
    return QCoreApplication.translate("machine", text)


@dataclass(frozen=True, slots=True)
class _Key:
    """A field of the form: its key, name, unit, and a word of help."""

    key: str
    name: str
    unit: str = ""
    hint: str = ""


def _keys() -> tuple[_Key, ...]:
    return (
        _Key("name", _tr("Name"), hint=_tr("As you will ask for it.")),
        _Key(
            "like", _tr("Like"), hint=_tr("A known machine to start from; it fills what is empty.")
        ),
        _Key("vendor", _tr("Maker")),
        _Key("kind", _tr("Its memory")),
        _Key("memory_gib", _tr("Memory of a card"), "GiB"),
        _Key("bandwidth_gb_s", _tr("Memory bandwidth"), "GB/s"),
        _Key("count", _tr("Cards")),
        _Key("tdp_watts", _tr("Power limit of a card"), "W"),
        _Key("fp16_tflops", _tr("Half precision"), "TFLOPS"),
        _Key("fp32_tflops", _tr("Single precision"), "TFLOPS"),
        _Key("ram_gib", _tr("Main memory"), "GiB"),
        _Key("ram_gb_s", _tr("Main memory bandwidth"), "GB/s"),
        _Key("price_usd", _tr("Price of it all"), "USD"),
        _Key("date", _tr("Price as of"), hint=_tr("A day, such as 2026-11-26.")),
    )


class _Field(QWidget):
    """A name, a control, a unit; a problem takes the place of the help."""

    def __init__(self, key: _Key, control: QWidget) -> None:
        super().__init__()
        self.key, self.control = key, control
        control.setObjectName(f"own-{key.key}")
        control.setAccessibleName(f"{key.name}, {key.unit}" if key.unit else key.name)
        control.setAccessibleDescription(key.hint)
        head = row(label(key.name, Text.MEDIUM), None)
        if key.unit:
            head.addWidget(label(key.unit, Text.CAPTION, tone="text_3"))
        self._hint = label(key.hint, Text.CAPTION, tone="text_3", wrap=True)
        self._problem = label("", Text.CAPTION, tone="danger", wrap=True)
        self._problem.setObjectName(f"own-problem-{key.key}")
        self.setLayout(column(head, control, self._hint, self._problem, None, spacing=3))
        self.say("")

    def say(self, problem: str) -> None:
        """What is wrong, or nothing."""
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self._hint.setVisible(bool(self.key.hint) and not problem)
        self.control.setProperty("wrong", bool(problem))
        # Rules by property are matched when a widget is polished.
        self.control.style().unpolish(self.control)
        self.control.style().polish(self.control)

    def value(self) -> Any:
        """What was typed or chosen; None where nothing is said."""
        if isinstance(self.control, Choice):
            return self.control.currentData()
        text = self.control.text().strip() if isinstance(self.control, QLineEdit) else ""
        return (_number(text) if self.key.key in NUMBERS else text) if text else None

    def set_value(self, value: Any) -> None:
        """Show a value."""
        if isinstance(self.control, Choice):
            self.control.setCurrentIndex(max(0, self.control.findData(value)))
        elif isinstance(self.control, QLineEdit):
            self.control.setText(_written(value))


class DescribeMachine(Dialog):
    """Shown with `open()`; it keeps the machine itself, so that what is wrong is said in place.

    Signals:
        saved: The name of the machine that was kept.
    """

    saved = Signal(str)

    def __init__(self, parent: QWidget, fields: Mapping[str, Any] | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("describe-machine")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._before = "" if fields is None else str(fields.get("name", ""))
        self._rows = shipped_catalogue.load().machines
        self._fields = {key.key: _Field(key, self._control(key.key)) for key in _keys()}
        self._problem = label("", Text.CAPTION, tone="danger", wrap=True)
        self._problem.setObjectName("own-problem")
        self._problem.hide()
        self.save = button(self.tr("Keep and ask about it"), "primary")
        self.save.setObjectName("own-save")
        self.setWindowTitle(self.tr("Change {0}").format(self._before) if fields else _title())
        self._build()
        self.save.clicked.connect(self.on_save)
        like = self._fields["like"].control
        assert isinstance(like, QLineEdit)
        like.textChanged.connect(self._on_like)
        for name, value in (fields or {}).items():
            if name in self._fields:
                self._fields[name].set_value(value)
        self._on_like(like.text())

    def _control(self, key: str) -> QWidget:
        if key == "vendor":
            return _choice(self.tr("Maker"), _makers())
        if key == "kind":
            return _choice(self.tr("Its memory"), _kinds())
        if key == "count":
            return _choice(self.tr("Cards"), [(str(n), n) for n in range(1, MAX_CARDS + 1)])
        edit = QLineEdit()
        if key == "like":
            completer = QCompleter([row.name for row in self._rows], edit)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            edit.setCompleter(completer)
        return edit

    def _build(self) -> None:
        cancel = button(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        self.save.setDefault(True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.M)
        for place, field in enumerate(self._fields.values()):
            grid.addWidget(field, place // 2, place % 2)
        for side in (0, 1):
            grid.setColumnStretch(side, 1)
        words = self.tr(
            "What you say here is marked as yours wherever it is used. It is kept in {0}."
        ).format(paths.of_user().machines)
        margins = (Space.XL, Space.XL, Space.XL, Space.XL)
        self.setLayout(
            column(
                label(words, Text.CAPTION, tone="text_2", wrap=True),
                grid,
                self._problem,
                row(None, cancel, self.save),
                spacing=Space.L,
                margins=margins,
            )
        )
        self.set_least_width(600)
        QWidget.setTabOrder(cancel, self.save)

    @Slot(str)
    def _on_like(self, text: str) -> None:
        """The figures of the row to start from stand in the empty fields, greyed."""
        try:
            machine = find(text, self._rows)[0] if text.strip() else None
        except BadInput:
            machine = None
        for key, rule in NUMBERS.items():
            edit = self._fields[key].control
            value = getattr(machine, rule.field, None)
            if isinstance(edit, QLineEdit):
                edit.setPlaceholderText("" if value is None else _written(value / rule.factor))
        taken = self.tr("It is that of the machine to start from.") if machine is not None else ""
        for key in ("vendor", "kind"):
            allow(self._fields[key].control, taken)
        if machine is not None:
            self._fields["vendor"].set_value(machine.vendor.value)
            self._fields["kind"].set_value(machine.kind.value)

    def typed(self) -> dict[str, Any]:
        """The fields that say something, as the file holds them."""
        found = {key: field.value() for key, field in self._fields.items()}
        if found.get("like"):
            found["vendor"] = found["kind"] = None
        if found.get("count") == 1:
            found["count"] = None
        return {key: value for key, value in found.items() if value is not None}

    @Slot()
    def on_save(self) -> None:
        """Keep it, or say in place what is wrong."""
        for field in self._fields.values():
            field.say("")
        self._say("")
        file, typed = paths.of_user().machines, self.typed()
        try:
            if self._before:
                made = user_machines.change(file, self._before, typed, self._rows)
            else:
                made = user_machines.add(file, typed, self._rows)
        except AppError as error:
            self._show(error)
            return
        self.accept()
        self.saved.emit(made.name)

    def _show(self, error: AppError) -> None:
        field = self._fields.get(error.field) if isinstance(error, BadInput) else None
        if field is None:
            self._say(self._in_words(error))
            return
        field.say(self._in_words(error))
        field.control.setFocus()

    def _in_words(self, error: AppError) -> str:
        """The file's keys by the names that stand above the fields."""
        words = words_of(error)
        for key, field in self._fields.items():
            if "_" in key or words.lower().startswith(f"{key} "):
                words = re.sub(rf"\b{key}\b", field.key.name, words, flags=re.IGNORECASE)
        return words

    def _say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))


def _number(text: str) -> float | str:
    """A number as the user's locale writes it, or as a program does; else the text."""
    value = typed_number(text)
    if value is None:
        return text
    return int(value) if value.is_integer() else value


def _written(value: Any) -> str:
    """A value as it would be typed."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    locale = QLocale()
    locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    return locale.toString(float(value), "g", 12)


def _title() -> str:
    return _tr("Type in a machine")


def _choice(name: str, items: list[tuple[str, Any]]) -> Choice:
    made = Choice(name, ())
    for words, value in items:
        made.addItem(words, value)
    return made


def _makers() -> list[tuple[str, Any]]:
    names = {Vendor.OTHER: _tr("Another"), Vendor.NVIDIA: "NVIDIA", Vendor.AMD: "AMD"}
    return [(names.get(maker, maker.value.capitalize()), maker.value) for maker in Vendor]


def _kinds() -> list[tuple[str, Any]]:
    return [
        (_tr("On a card of its own"), AcceleratorKind.DISCRETE.value),
        (_tr("Unified with main memory"), AcceleratorKind.UNIFIED.value),
        (_tr("Integrated, takes of main memory"), AcceleratorKind.INTEGRATED.value),
    ]
