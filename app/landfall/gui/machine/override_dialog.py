"""Correct a field of the machine: which one, what was detected, what it really is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from landfall.core.errors import BadInput
from landfall.core.machine import overrides
from landfall.gui.allowed import allow
from landfall.gui.hints import error_words
from landfall.gui.machine.corrections import Correctable, correctables
from landfall.gui.theme import Space, Text
from landfall.gui.typed_numbers import digits_only, typed_number
from landfall.gui.widgets.apart import Apart
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.layout import button, column, holder, label, row

if TYPE_CHECKING:
    from landfall.core.machine.hardware import HardwareProfile


class OverrideDialog(Dialog):
    """Shown with `open()`.

    Signals:
        changed: All corrections as they shall be now: path to value.
    """

    changed = Signal(object)

    def __init__(
        self, profile: HardwareProfile, current: Mapping[str, Any], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Correct this machine"))
        self.setObjectName("override-dialog")
        self._current = dict(current)
        self._fields = correctables(profile)
        names = [field.words for field in self._fields]
        self.field = Choice(self.tr("What to correct"), names, width=320)
        self.field.setObjectName("override-field")
        self.value = QLineEdit()
        self.value.setObjectName("override-value")
        self.value.setAccessibleName(self.tr("Its true value"))
        self._unit = label("", Text.BODY, tone="text_2")
        self._detected = label("", Text.CAPTION, tone="text_2", wrap=True)
        self._problem = label("", Text.CAPTION, tone="danger", wrap=True)
        self._problem.hide()
        self.save = button(self.tr("Save"), "primary")
        self.save.setObjectName("override-save")
        self.back = button(self.tr("Back to what was detected"))
        self.back.setObjectName("override-reset")
        self._build()
        self.field.currentIndexChanged.connect(self.on_field)
        self.save.clicked.connect(self.on_save)
        self.back.clicked.connect(self.on_back)
        self.on_field(0)

    def _build(self) -> None:
        cancel = button(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        self.save.setDefault(True)
        margins = (Space.XL, Space.XL, Space.XL, Space.XL)
        layout = column(spacing=Space.M, margins=margins)
        layout.addWidget(
            label(
                self.tr(
                    "Fit, speed and verdicts reckon with what you say here, and mark it as yours."
                ),
                wrap=True,
            )
        )
        layout.addWidget(self.field)
        layout.addLayout(row(self.value, self._unit))
        layout.addWidget(self._detected)
        layout.addWidget(self._problem)
        layout.addWidget(Apart(self.back, holder(row(cancel, self.save))))
        self.setLayout(layout)
        self.set_least_width(460)

    @property
    def chosen(self) -> Correctable:
        """The field that is shown."""
        return self._fields[self.field.currentIndex()]

    @Slot(int)
    def on_field(self, index: int) -> None:
        """Another field was chosen."""
        one = self._fields[index]
        self.value.setText(one.now)
        self._unit.setText(one.unit)
        known = one.now or self.tr("unknown")
        self._detected.setText(
            self.tr("Now: {0} {1}").format(known, one.unit if one.now else "").strip()
        )
        found = "" if one.path in self._current else self.tr("This field was not corrected")
        allow(self.back, found)
        self._say("")

    @Slot()
    def on_save(self) -> None:
        """Take the value on, if it is one; what was left as it was found is no correction."""
        one = self.chosen
        if self.value.text().strip() == one.now and one.path not in self._current:
            self.accept()
            return
        try:
            value = self._typed(one)
            overrides.check({one.path: value})
        except BadInput as error:
            self._say(error_words(error))
            return
        self.changed.emit({**self._current, one.path: value})
        self.accept()

    @Slot()
    def on_back(self) -> None:
        """Forget the correction of this field."""
        self._current.pop(self.chosen.path, None)
        self.changed.emit(dict(self._current))
        self.accept()

    def _typed(self, one: Correctable) -> Any:
        text = self.value.text().strip()
        if one.factor is None:
            return text
        number = typed_number(text)
        if number is None:
            words = self.tr("This is not a number. Write digits only, as in {0}.")
            raise BadInput(words.format(digits_only()), field=one.path)
        scaled = number * one.factor
        return round(scaled) if one.whole else scaled

    def _say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
