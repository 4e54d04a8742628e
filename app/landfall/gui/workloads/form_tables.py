"""Parts of the workload form that hold tables: steps, hosted candidates, pairs of answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QStringListModel, Qt, Signal, Slot
from PySide6.QtWidgets import QCompleter, QGridLayout, QLineEdit, QWidget

from landfall.core.workload.file import PAIR_NAMES
from landfall.core.workload.workload import StepName, Where
from landfall.gui import grown
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.layout import button, column, holder, icon_button, label, row
from landfall.gui.workloads.form_fields import as_number, written
from landfall.gui.workloads.words import step_word


class TableEditor(QWidget):
    """Rows that may be added and removed; a problem is said below them.

    Signals:
        edited: The user changed something.
    """

    edited = Signal()

    def __init__(self, name: str, add: str) -> None:
        super().__init__()
        self.touched = False
        self.setObjectName(name)
        self._rows: list[QWidget] = []
        self._lines = column(spacing=Space.XS)
        self._add = button(add, "link", icon="plus")
        self._add.setObjectName(f"add-{name}")
        self._add.clicked.connect(self._on_add)
        self._problem = label("", Text.CAPTION, tone="danger", wrap=True)
        self._problem.setObjectName(f"problem-{name}")
        self._problem.hide()
        bottom = row(self._add, None)
        self.setLayout(column(self._lines, self._problem, bottom, spacing=Space.XS))

    @property
    def problem(self) -> str:
        """What is said to be wrong, or ""."""
        return self._problem.text()

    def set_problem(self, text: str) -> None:
        """Say what is wrong, or nothing."""
        self._problem.setText(text)
        self._problem.setVisible(bool(text))

    def tables(self) -> tuple[Mapping[str, Any], ...]:
        """What the rows say."""
        return tuple(self.read(one) for one in self._rows)

    def set_tables(self, tables: Sequence[Mapping[str, Any]]) -> None:
        """Show these rows."""
        for one in list(self._rows):
            self._take(one)
        for table in tables:
            self._append(table)

    def make(self, table: Mapping[str, Any]) -> Sequence[QWidget]:
        """The controls of a row."""
        raise NotImplementedError

    def read(self, line: QWidget) -> Mapping[str, Any]:
        """What a row says."""
        raise NotImplementedError

    def _append(self, table: Mapping[str, Any]) -> QWidget:
        line = holder(row(spacing=Space.S))
        layout = line.layout()
        assert layout is not None
        for control in self.make(table):
            layout.addWidget(control)
        remove = icon_button("cross", self.tr("Remove this row"))
        remove.clicked.connect(partial(self._on_remove, line))
        layout.addWidget(remove)
        self._rows.append(line)
        self._lines.addWidget(line)
        return line

    def _take(self, line: QWidget) -> None:
        self._rows.remove(line)
        self._lines.removeWidget(line)
        line.hide()
        line.deleteLater()

    @Slot()
    def _on_add(self) -> None:
        line = self._append({})
        first = line.findChild(QWidget)
        if first is not None:
            first.setFocus()
        self._on_edited()

    def _on_remove(self, line: QWidget) -> None:
        self._take(line)
        self._on_edited()

    @Slot()
    def _on_edited(self) -> None:
        self.touched = True
        self.edited.emit()

    def _text(self, name: str, text: str, hint: str) -> QLineEdit:
        edit = QLineEdit(text)
        edit.setObjectName(name)
        edit.setPlaceholderText(hint)
        edit.setAccessibleName(hint)
        edit.textEdited.connect(self._on_edited)
        return edit


class StepsEditor(TableEditor):
    """The pipeline: each step and where its text goes."""

    def __init__(self) -> None:
        super().__init__("steps", self.tr("Add a step"))

    def make(self, table: Mapping[str, Any]) -> Sequence[QWidget]:
        """Name, place, address."""
        name = Choice(self.tr("Step"), [step_word(one.value) for one in StepName])
        name.setCurrentIndex(_index(StepName, table.get("name", StepName.GENERATE)))
        where = Choice(self.tr("Where it runs"), list(self._places()), width=180)
        where.setCurrentIndex(_index(Where, table.get("where", Where.VERDICT)))
        for choice in (name, where):
            choice.activated.connect(self._on_edited)
        name.setObjectName("step-name")
        where.setObjectName("step-where")
        host = self._text("step-host", str(table.get("host", "")), self.tr("address, if any"))
        return name, where, host

    def read(self, line: QWidget) -> Mapping[str, Any]:
        """A step; an address is left out where none is given."""
        name, where = (_child(line, Choice, one).currentIndex() for one in _STEP)
        host = _child(line, QLineEdit, "step-host").text().strip()
        table = {"name": list(StepName)[name].value, "where": list(Where)[where].value}
        return table | ({"host": host} if host else {})

    def _places(self) -> tuple[str, ...]:
        return (
            self.tr("on this machine"),
            self.tr("in your network"),
            self.tr("in the cloud"),
            self.tr("wherever the verdict says"),
        )


_STEP = ("step-name", "step-where")


class HostedEditor(TableEditor):
    """Open-weight models at a provider."""

    def __init__(self) -> None:
        super().__init__("hosted", self.tr("Add a hosted candidate"))
        self._models: Mapping[str, tuple[str, ...]] = {}
        self._providers = QStringListModel(self)

    def offer(self, models: Mapping[str, tuple[str, ...]]) -> None:
        """Suggest providers and their models."""
        self._models = models
        self._providers.setStringList(list(models))

    def make(self, table: Mapping[str, Any]) -> Sequence[QWidget]:
        """Provider and model."""
        provider = self._text("provider", str(table.get("provider", "")), self.tr("provider"))
        grown.most_width(provider, 180)
        model = self._text("model", str(table.get("model", "")), self.tr("model at the provider"))
        provider.setCompleter(_completer(self._providers, provider))
        names = QStringListModel(model)
        model.setCompleter(_completer(names, model))
        provider.textChanged.connect(partial(self._on_provider, names))
        self._on_provider(names, provider.text())
        return provider, model

    def _on_provider(self, names: QStringListModel, provider: str) -> None:
        names.setStringList(list(self._models.get(provider.strip().lower(), ())))

    def read(self, line: QWidget) -> Mapping[str, Any]:
        """A candidate."""
        return {one: _child(line, QLineEdit, one).text().strip() for one in ("provider", "model")}


class PairsEditor(QWidget):
    """Counts of prompts that one, both or neither answered well, for two candidates.

    Signals:
        edited: The user changed something.
    """

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.touched = False
        self._edits: dict[str, dict[str, QLineEdit]] = {}
        self._problem = label("", Text.CAPTION, tone="danger", wrap=True)
        self._problem.setObjectName("problem-pairs")
        self._problem.hide()
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.S)
        grid.setVerticalSpacing(Space.XS)
        for i, words in enumerate(self._heads(), 1):
            grid.addWidget(label(words, Text.CAPTION, tone="text_2"), 0, i)
        for j, (table, words) in enumerate(self._tables(), 1):
            grid.addWidget(label(words, Text.MEDIUM), j, 0)
            self._edits[table] = {}
            for i, name in enumerate(PAIR_NAMES, 1):
                edit = QLineEdit()
                edit.setObjectName(f"{table}.{name}")
                edit.setAccessibleName(f"{words}: {self._heads()[i - 1]}")
                edit.setAlignment(Qt.AlignmentFlag.AlignRight)
                edit.textEdited.connect(self._on_edited)
                self._edits[table][name] = edit
                grid.addWidget(edit, j, i)
        note = self.tr("Instead of a gate: prompts answered well. The gate is computed from them.")
        hint = label(note, Text.CAPTION, tone="text_3", wrap=True)
        self.setLayout(column(hint, grid, self._problem, spacing=Space.XS))

    def _heads(self) -> tuple[str, ...]:
        return (
            self.tr("candidate only"),
            self.tr("today's model only"),
            self.tr("both"),
            self.tr("neither"),
        )

    def _tables(self) -> tuple[tuple[str, str], ...]:
        return (
            ("pairs", self.tr("Local candidate")),
            ("pairs_hosted", self.tr("Hosted candidate")),
        )

    @property
    def problem(self) -> str:
        """What is said to be wrong, or ""."""
        return self._problem.text()

    def set_problem(self, text: str) -> None:
        """Say what is wrong, or nothing."""
        self._problem.setText(text)
        self._problem.setVisible(bool(text))

    def counts(self, table: str) -> dict[str, Any]:
        """The counts that are given, by name."""
        edits = self._edits[table]
        return {name: as_number(e.text().strip()) for name, e in edits.items() if e.text().strip()}

    def set_counts(self, table: str, counts: Mapping[str, Any]) -> None:
        """Show these."""
        for name, edit in self._edits[table].items():
            edit.setText(written(counts.get(name)))

    @Slot()
    def _on_edited(self) -> None:
        self.touched = True
        self.edited.emit()


def _index(words: type[StepName] | type[Where], value: object) -> int:
    known = [one.value for one in words]
    return known.index(str(value)) if str(value) in known else 0


_T = TypeVar("_T", bound=QWidget)


def _child(line: QWidget, kind: type[_T], name: str) -> _T:
    found = line.findChild(kind, name)
    assert found is not None
    return found


def _completer(names: QStringListModel, parent: QWidget) -> QCompleter:
    completer = QCompleter(names, parent)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    return completer
