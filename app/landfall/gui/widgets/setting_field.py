"""One setting: name and consequence at the left, control, unit and the way back at the right."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QBoxLayout, QLineEdit, QSizePolicy, QWidget

from landfall.gui import grown, theme
from landfall.gui.theme import Space, Text
from landfall.gui.typed_numbers import digits_only, typed_number
from landfall.gui.widgets.layout import column, icon_button, label, row
from landfall.gui.widgets.rearranged import Rearranged

_UNIT = 72
"""Pixels of width that most units of numbers have enough of."""

_WORDS = 110
"""Pixels of width below which a consequence is not read any more beside its control."""

_MARGIN = 6


class SettingField(Rearranged):
    """The frame of a setting. The reset button keeps its place while nothing was changed.

    The controls go below the words where these would have too little room beside them.

    Signals:
        reset_asked: The default is wanted back.
    """

    reset_asked = Signal()

    def __init__(
        self, name: str, hint: str, *controls: QWidget, unit: str = "", resettable: bool = True
    ) -> None:
        super().__init__()
        self.name = name
        self.hint = label(hint, Text.CAPTION, tone="text_2", wrap=True)
        self.problem = label("", Text.CAPTION, tone="danger", wrap=True)
        self.problem.hide()
        self._heading = label(name, Text.MEDIUM, wrap=True)
        self._words = column(self._heading, self.hint, self.problem, spacing=0)
        self._row = layout = row(spacing=Space.S)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._box.setSpacing(Space.S)
        self._box.setContentsMargins(0, _MARGIN, 0, _MARGIN)
        self._box.addLayout(self._words, 1)
        self._box.addLayout(self._row)
        middle = Qt.AlignmentFlag.AlignVCenter
        self.reset = icon_button("undo", self.tr("Reset {0} to its default").format(name))
        self.reset.clicked.connect(self.reset_asked)
        if resettable:
            keep = QSizePolicy(self.reset.sizePolicy())
            keep.setRetainSizeWhenHidden(True)
            self.reset.setSizePolicy(keep)
            layout.addWidget(self.reset, 0, middle)
        self.reset.hide()
        for control in controls:
            control.setAccessibleName(control.accessibleName() or name)
            control.setAccessibleDescription(_described(unit, hint))
            layout.addWidget(control, 0, middle)
        self.unit, self._has_unit = unit, bool(unit)
        if unit:
            self._words_of_unit = label(unit, Text.BODY, tone="text_2")
            layout.addWidget(self._words_of_unit, 0, middle)
            theme.theme().text_changed.connect(self._fit_unit)
            self._fit_unit()
        self.setLayout(self._box)
        # Only now: a label without a parent that is made visible is a window of its own.
        self.hint.setVisible(bool(hint))

    def minimumSizeHint(self) -> QSize:
        width = max(part.minimumSize().width() for part in (self._words, self._row))
        return QSize(width, super().minimumSizeHint().height())

    def _arrange(self) -> None:
        words = self._words.minimumSize().width()
        if self.hint.text():
            words = max(words, theme.grown(_WORDS))
        wide = self.width() >= words + Space.S + self._row.minimumSize().width()
        direction, align = QBoxLayout.Direction, Qt.AlignmentFlag
        wanted = direction.LeftToRight if wide else direction.TopToBottom
        if wanted is not self._box.direction():
            self._box.setDirection(wanted)
            self._box.setAlignment(self._row, align(0) if wide else align.AlignRight)

    def add_control(self, control: QWidget) -> None:
        """One more control, before the unit; it has an accessible name of its own."""
        at = self._row.count() - int(self._has_unit)
        self._row.insertWidget(at, control, 0, Qt.AlignmentFlag.AlignVCenter)

    @Slot()
    def _fit_unit(self) -> None:
        """Numbers of several lines stand below one another: most units are of one width."""
        words = QFontMetrics(theme.font(Text.BODY)).horizontalAdvance(self._words_of_unit.text())
        self._words_of_unit.setFixedWidth(max(_UNIT, words + 1))

    def set_words(self, name: str, hint: str) -> None:
        """Another name and consequence, where they depend on something else that is set."""
        self.name = name
        self._heading.setText(name)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))

    def set_changed(self, changed: bool) -> None:
        """Whether the value differs from its default: then there is a way back."""
        self.reset.setVisible(changed)

    def set_problem(self, text: str) -> None:
        """Say what is wrong with what was typed, or nothing."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))


class NumberField(SettingField):
    """A number as it is typed: taken when the field is left or Enter is pressed, if it is one.

    Signals:
        entered: A new value, or None where the field was emptied and may be.

    Attributes:
        is_wrong: Whether what stands in it is not its value: it was typed and not taken.
    """

    entered = Signal(object)

    def __init__(
        self,
        name: str,
        hint: str,
        *,
        unit: str,
        low: float = 0.0,
        high: float = 1e9,
        digits: int = 2,
        empty: str | None = None,
    ) -> None:
        """Make the field.

        Args:
            name: What it is.
            hint: What follows from it.
            unit: Shown after the number.
            low: The least value. high: The largest.
            digits: Decimals at most.
            empty: What an empty field means, shown in it; None where it may not be empty.
        """
        self.edit = QLineEdit()
        super().__init__(name, hint, self.edit, unit=unit)
        self._low, self._high, self._digits = low, high, digits
        self._value: float | None = None
        self.is_wrong = False
        self._may_be_empty = empty is not None
        grown.fix_width(self.edit, 88)
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.edit.setPlaceholderText(empty or "")
        self.edit.editingFinished.connect(self._on_finished)

    def set_words(self, name: str, hint: str) -> None:
        """Another name and consequence."""
        super().set_words(name, hint)
        self.edit.setAccessibleName(name)
        self.edit.setAccessibleDescription(_described(self.unit, hint))

    def set_value(self, value: float | None) -> None:
        """Show a value; nothing is emitted."""
        self._value = value
        self.is_wrong = False
        self.edit.setText("" if value is None else self._written(value))
        self.set_problem("")

    def show_stored(self, value: float | None) -> None:
        """As `set_value`, but wrong text stays to be mended while the same value is stored."""
        if value != self._value or not self.problem.text():
            self.set_value(value)

    def _written(self, value: float) -> str:
        text = _locale().toString(float(value), "f", self._digits)
        point = _locale().decimalPoint()
        return text.rstrip("0").rstrip(point) if point in text else text

    @Slot()
    def _on_finished(self) -> None:
        text = self.edit.text().strip()
        if not text and self._may_be_empty:
            self._take(None)
            return
        value = typed_number(text)
        problem = self._problem_of(value)
        self.is_wrong = bool(problem)
        if value is None or problem:
            self.set_problem(problem)
        else:
            self._take(round(value, self._digits))

    def _problem_of(self, value: float | None) -> str:
        """Why a number cannot be taken, or ""; None is a text that is no number."""
        if value is None:
            words = self.tr("This is not a number. Write digits only, as in {0}.")
            return words.format(digits_only())
        if not self._low <= value <= self._high:
            ends = self._written(self._low), self._written(self._high)
            return self.tr("Between {0} and {1}.").format(*ends)
        if value and not round(value, self._digits):
            # It would be taken for nothing: a price of 0 is free.
            least = self._written(10**-self._digits)
            return self.tr("Less than can be told from 0 here: {0} is the least.").format(least)
        return ""

    def _take(self, value: float | None) -> None:
        changed = value != self._value
        self.set_value(value)
        if changed:
            self.entered.emit(value)


def _locale() -> QLocale:
    locale = QLocale()
    locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    return locale


def _described(unit: str, hint: str) -> str:
    """What is heard after the name of a field: in what it is counted, then what follows from it."""
    return ". ".join(filter(None, (unit, hint)))
