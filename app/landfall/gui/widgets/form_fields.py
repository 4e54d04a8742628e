"""Fields of a form: a name, a control, a unit, and below them what follows or what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QLocale, QStringListModel, Qt, Signal, Slot
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from landfall.core.workload.keys import Kind
from landfall.gui.theme import Text
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.layout import column, label, row
from landfall.gui.workloads.fields import Field, choices, default_of


class FormField(QWidget):
    """A field above its hint; a problem takes the hint's place.

    Signals:
        edited: The value was changed by the user.
    """

    edited = Signal()

    def __init__(self, field: Field, control: QWidget) -> None:
        super().__init__()
        self.field, self.control = field, control
        self.touched = False
        control.setObjectName(f"field-{field.path}")
        said = f"{field.name}, {field.unit}" if field.unit else field.name
        control.setAccessibleName(said)
        control.setAccessibleDescription(field.hint)
        self._hint = label(field.hint, Text.CAPTION, tone="text_3", wrap=True)
        self._problem = label("", Text.CAPTION, tone="danger", wrap=True)
        self._problem.setObjectName(f"problem-{field.path}")
        self._problem.hide()
        head = row(label(field.name, Text.MEDIUM), None)
        if field.unit:
            head.addWidget(label(field.unit, Text.CAPTION, tone="text_3"))
        self.setLayout(column(head, control, self._hint, self._problem, None, spacing=3))
        # Only now: a label without a parent that is made visible is a window of its own.
        self._hint.setVisible(bool(field.hint))

    @property
    def problem(self) -> str:
        """What is said to be wrong, or ""."""
        return self._problem.text()

    def set_problem(self, text: str) -> None:
        """Say what is wrong, or nothing."""
        self._problem.setText(text)
        self._problem.setVisible(bool(text))
        self._hint.setVisible(bool(self.field.hint) and not text)
        self.control.setProperty("wrong", bool(text))
        # Rules by property are matched when a widget is polished.
        self.control.style().unpolish(self.control)
        self.control.style().polish(self.control)

    def value(self) -> Any:
        """What was typed: None where nothing is stated."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value; nothing is emitted."""
        raise NotImplementedError

    def offer(self, names: Sequence[str]) -> None:
        """Suggest these while it is typed."""

    @Slot()
    def _on_edited(self) -> None:
        self.touched = True
        self.edited.emit()


class TextField(FormField):
    """Text, a number, or several with commas between, by the kind of the key."""

    def __init__(self, field: Field) -> None:
        self._edit = QLineEdit()
        super().__init__(field, self._edit)
        self._edit.setPlaceholderText(field.empty)
        self._edit.textEdited.connect(self._on_edited)
        self._names = QStringListModel(self)

    def offer(self, names: Sequence[str]) -> None:
        """Suggest these while it is typed: any that hold what was typed."""
        if self._edit.completer() is None:
            completer = QCompleter(self._names, self)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.activated.connect(self._on_edited)
            self._edit.setCompleter(completer)
        self._names.setStringList(list(names))

    def value(self) -> Any:
        """A number where it is one, else the text as it was typed."""
        text = self._edit.text().strip()
        if not text:
            return None
        match self.field.kind:
            case Kind.NUMBER | Kind.WHOLE:
                return as_number(text)
            case Kind.TEXTS | Kind.CHOICES:
                return tuple(part.strip() for part in text.split(",") if part.strip())
            case Kind.HOURS:
                return tuple(as_number(part.strip()) for part in text.split(",") if part.strip())
            case _:
                return text

    def set_value(self, value: Any) -> None:
        """Show a value."""
        self._edit.setText(written(value))
        self._edit.setCursorPosition(0)


class ChoiceField(FormField):
    """One of a few words."""

    def __init__(self, field: Field) -> None:
        self._values, words = zip(*choices(field.path), strict=True)
        self._choice = Choice(field.name, words)
        super().__init__(field, self._choice)
        self._choice.activated.connect(self._on_edited)
        self._choice.setCurrentIndex(self._index(default_of(field.path)))

    def value(self) -> Any:
        """The chosen value; None where it is what holds anyway."""
        chosen = self._values[self._choice.currentIndex()]
        if self.field.path != "workload.task" and chosen == default_of(self.field.path):
            return None
        return chosen

    def set_value(self, value: Any) -> None:
        """Show a value; None shows what holds where nothing is stated."""
        self._choice.setCurrentIndex(
            self._index(default_of(self.field.path) if value is None else value)
        )

    def _index(self, value: Any) -> int:
        return self._values.index(value) if value in self._values else 0


def field_widget(field: Field) -> FormField:
    """The widget for a field by the kind of its key."""
    few = field.kind in (Kind.CHOICE, Kind.FLAG)
    return ChoiceField(field) if few else TextField(field)


def as_number(text: str) -> float | int | str:
    """A number as the user's locale writes it, or as a program does; else the text."""
    value, ok = QLocale().toDouble(text)
    if not ok:
        value, ok = QLocale.c().toDouble(text)
    if not ok:
        return text
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def written(value: Any) -> str:
    """A value as it would be typed."""
    if value is None:
        return ""
    if isinstance(value, tuple | frozenset | list):
        items = sorted(value) if isinstance(value, frozenset) else value
        return ", ".join(written(item) for item in items)
    if isinstance(value, float):
        locale = QLocale()
        locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
        return locale.toString(value, "g", 15)
    return str(value)
