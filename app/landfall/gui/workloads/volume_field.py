"""The calls a day: typed, or reckoned from people and what each of them asks."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLineEdit

from landfall.core.workload.origins import Origin
from landfall.core.workload.presets import people_times_calls
from landfall.gui import grown
from landfall.gui.tab_order import keyboard_is_at
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.layout import button, holder, label, row
from landfall.gui.workloads.fields import Field
from landfall.gui.workloads.form_fields import TextField, as_number

_RECKONED = re.compile(r"([\d.e+-]+) people x ([\d.e+-]+) calls$")
_NARROW = 64


class VolumeField(TextField):
    """A number, and below it two that make it."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._more = button(self.tr("People \u00d7 calls"), "link")
        self._more.setObjectName("people-times-calls")
        self._more.setAccessibleName(self.tr("Reckon the calls a day from people"))
        self._more.clicked.connect(self._on_more)
        self._people = self._part("people", self.tr("People"))
        self._calls = self._part("calls-each", self.tr("Calls of each in a day"))
        self._parts = holder(
            row(
                self._people,
                label(self.tr("people \u00d7"), Text.CAPTION, tone="text_2"),
                self._calls,
                label(self.tr("calls each"), Text.CAPTION, tone="text_2"),
                None,
                spacing=Space.XS,
            )
        )
        self.below.addLayout(row(self._more, None))
        self.below.addWidget(self._parts)
        self._parts.hide()

    def _part(self, name: str, said: str) -> QLineEdit:
        edit = QLineEdit()
        edit.setObjectName(name)
        edit.setAccessibleName(said)
        grown.fix_width(edit, _NARROW)
        edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        edit.textEdited.connect(self._on_part)
        return edit

    @Slot()
    def _on_more(self) -> None:
        self._parts.show()
        self._more.hide()
        self._people.setFocus()

    @Slot()
    def _on_part(self) -> None:
        """Both are there: their product is the volume, and says what it comes from."""
        people, calls = _part_of(self._people), _part_of(self._calls)
        if people is not None and calls is not None:
            origin = people_times_calls(people, calls)
            self.set_value(origin.value)
            self.set_origin(origin)
            self._on_edited()
        elif self.origin is not None and _RECKONED.match(self.origin.source):
            # The volume stays, and is no product of what stands there now.
            self.set_origin(None)
            self._on_edited()

    def set_origin(self, origin: Origin | None) -> None:
        """Where its value came from: people and calls are shown where it was those."""
        super().set_origin(origin)
        told = _RECKONED.match(origin.source) if origin is not None else None
        if told is None or any(map(keyboard_is_at, (self._people, self._calls))):
            return
        self._people.setText(told[1])
        self._calls.setText(told[2])
        self._parts.show()
        self._more.hide()


def _part_of(edit: QLineEdit) -> float | None:
    """The number in a part; None, and the part is framed as wrong, where it is none."""
    text = edit.text().strip()
    value = as_number(text)
    number = None if isinstance(value, str) or value < 0 else value
    edit.setProperty("wrong", bool(text) and number is None)
    # Rules by property are matched when a widget is polished.
    edit.style().unpolish(edit)
    edit.style().polish(edit)
    return number
