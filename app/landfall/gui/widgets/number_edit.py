"""A number with its caption above; empty may mean something."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from landfall.gui import grown
from landfall.gui.theme import Text
from landfall.gui.typed_numbers import typed_number
from landfall.gui.widgets.layout import column, label


class NumberEdit(QWidget):
    """Takes what is typed at once; `problem` says what is wrong with it.

    low, high: the least and the largest value. digits: decimals at most. empty: what an empty field
    means, shown in it; None where it may not be empty. bare: no zeros at the end of decimals.

    Signals:
        changed: Something else is typed now.
    """

    changed = Signal()

    def __init__(
        self,
        name: str,
        *,
        low: float,
        high: float,
        digits: int = 0,
        empty: str | None = None,
        bare: bool = False,
    ) -> None:
        super().__init__()
        self._bare = bare
        self._name, self._low, self._high = name, low, high
        self._digits, self._empty = digits, empty
        self.value: float | None = None
        self.problem = ""
        self.edit = QLineEdit()
        self.edit.setAccessibleName(name)
        self.edit.setPlaceholderText(empty or "")
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        grown.least_width(self.edit, 64)
        self.edit.textChanged.connect(self._on_text)
        self._caption = label(name, Text.CAPTION, tone="text_2")
        self.setLayout(column(self._caption, self.edit, spacing=2))

    def set_caption(self, text: str) -> None:
        """Another caption, where it depends on something else; the name in problems stays."""
        self._caption.setText(text)

    def set_value(self, value: float | None) -> None:
        """Show a value."""
        self.edit.setText("" if value is None else self._written(value))

    def _written(self, value: float) -> str:
        text = _locale().toString(float(value), "f", self._digits)
        point = _locale().decimalPoint()
        return text.rstrip("0").rstrip(point) if self._bare and point in text else text

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self.value, self.problem = self._read(text.strip())
        self.edit.setProperty("wrong", "true" if self.problem else "false")
        self.edit.style().unpolish(self.edit)
        self.edit.style().polish(self.edit)
        self.edit.setToolTip(self.problem)
        self.edit.setAccessibleDescription(self.problem)
        self.changed.emit()

    def _read(self, text: str) -> tuple[float | None, str]:
        if not text:
            missing = self.tr("{0}: a number is needed.").format(self._name)
            return None, "" if self._empty is not None else missing
        value = typed_number(text)
        if value is None or (not self._digits and value != int(value)):
            return None, self.tr("{0}: {1} is not a number that fits here.").format(
                self._name, text
            )
        if not self._low <= value <= self._high:
            ends = self._written(self._low), self._written(self._high)
            return None, self.tr("{0}: between {1} and {2}.").format(self._name, *ends)
        return value, ""


def _locale() -> QLocale:
    """The user's numbers, without groups: what is shown can be typed again."""
    locale = QLocale()
    locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    return locale
