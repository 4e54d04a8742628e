"""Fields of a form: a name, a control, a unit, and below them what follows or what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QLocale, QStringListModel, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QSizePolicy, QWidget

from landfall.core.workload.keys import Kind
from landfall.core.workload.origins import Origin, same
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.typed_numbers import typed_list, typed_number
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.layout import column, icon_button, label, row
from landfall.gui.workloads.field_choices import choices, default_of
from landfall.gui.workloads.fields import Field, left_open
from landfall.services.late_imports import late


class FormField(QWidget):
    """A field above its hint; a problem takes the hint's place. Beside its name stands where its
    value came from, and behind it the way back to what its source said.

    Attributes:
        below: A place under the control for what belongs to it.

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
        self._hint = label(field.hint, Text.CAPTION, tone="text_3", wrap=True)
        self._problem = label("", Text.CAPTION, tone="danger", wrap=True)
        self._problem.setObjectName(f"problem-{field.path}")
        self._problem.hide()
        self._origin: Origin | None = None
        self._told = label("", Text.CAPTION, tone="text_3")
        self._source = ""
        self._told.setObjectName(f"origin-{field.path}")
        self._reset = icon_button("undo", self.tr("Back to what its source said"))
        self._reset.setObjectName(f"reset-{field.path}")
        self._reset.clicked.connect(self._on_reset)
        self._reset.hide()
        head = row(label(field.name, Text.MEDIUM))
        if field.unit:
            head.addWidget(label(field.unit, Text.CAPTION, tone="text_3"))
        # As wide as is left: what does not fit is in the tooltip, and never widens the page.
        self._told.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._told.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self._told, 1)
        line = row(spacing=Space.XS)
        line.addWidget(control, 1)
        line.addWidget(self._reset)
        self.below = column(spacing=2)
        parts = (head, line, self.below, self._hint, self._problem, None)
        self.setLayout(column(*parts, spacing=3))
        # Only now: a label without a parent that is made visible is a window of its own.
        self._hint.setVisible(bool(field.hint))

    # Where it came from

    @property
    def origin(self) -> Origin | None:
        """Who said a value of it, or None where nobody but the user did."""
        return self._origin

    @property
    def is_as_told(self) -> bool:
        """Whether it holds what its source said."""
        return self._origin is not None and same(self._origin.value, self.value())

    def set_origin(self, origin: Origin | None) -> None:
        """Where its value came from; None where it was typed."""
        self._origin = origin
        self.tell_origin()

    def tell_origin(self) -> None:
        """Say where what it holds now came from."""
        value, origin = self.value(), self._origin
        told = self.tr("typed")
        if self.field.path in ("workload.name", "workload.task"):
            told = ""
        elif value is None or value == default_of(self.field.path):
            told = left_open(self.field.path)
        elif origin is not None and self.is_as_told:
            told = translated(origin.source)
        is_way_back = origin is not None and not self.is_as_told
        self._source = told.partition(" (")[0]  # who counted a preset is for the tooltip
        self._elide()
        self._told.setToolTip(told)
        self._reset.setVisible(is_way_back)
        said = [self.field.hint, told]
        if origin is not None and is_way_back:
            words = self.tr("Back to {0}: {1}").format(
                written(origin.value), translated(origin.source)
            )
            self._reset.setToolTip(words)
            self._reset.setAccessibleName(words)
            said.append(words)
        self.control.setAccessibleDescription(". ".join(one for one in said if one))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        width, metrics = self._told.width(), self._told.fontMetrics()
        told = metrics.elidedText(self._source, Qt.TextElideMode.ElideRight, width)
        self._told.setText(told)

    @Slot()
    def _on_reset(self) -> None:
        if self._origin is not None:
            self.set_value(self._origin.value)
            self.control.setFocus()
            self._on_edited()

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
        self.tell_origin()
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
        if self._origin is not None and text == written(self._origin.value):
            return self._origin.value  # all of its digits, of which fifteen are shown
        match self.field.kind:
            case Kind.NUMBER | Kind.WHOLE:
                return as_number(text)
            case Kind.TEXTS | Kind.CHOICES:
                return tuple(part.strip() for part in text.split(",") if part.strip())
            case Kind.HOURS:
                return tuple(as_number(part) for part in typed_list(text))
            case _:
                return text

    def set_value(self, value: Any) -> None:
        """Show a value."""
        self._edit.setText(written(value))
        self._edit.setCursorPosition(0)
        self.tell_origin()


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
        self.tell_origin()

    def _index(self, value: Any) -> int:
        return self._values.index(value) if value in self._values else 0


def field_widget(field: Field) -> FormField:
    """The widget for a field by the kind of its key."""
    few = field.kind in (Kind.CHOICE, Kind.FLAG)
    if few:
        return ChoiceField(field)
    if field.path == "volume.calls_per_day":
        made: FormField = late("landfall.gui.workloads.volume_field").VolumeField(field)
        return made
    return TextField(field)


def as_number(text: str) -> float | int | str:
    """A number as the user's locale writes it, or as a program does; else the text."""
    value = typed_number(text)
    if value is None:
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
