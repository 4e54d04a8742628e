"""The form of a workload: a first part of a minute, the rest folded away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QWidget

from landfall.core.workload.draft import Draft
from landfall.core.workload.origins import PRESET
from landfall.core.workload.presets import preset_of
from landfall.core.workload.workload import Task
from landfall.gui.theme import Space
from landfall.gui.translated import translated
from landfall.gui.typed_numbers import digits_only
from landfall.gui.widgets.disclosure import Disclosure
from landfall.gui.widgets.layout import Card, column, holder, label
from landfall.gui.workloads.fields import Field, Section, first_section, more_sections
from landfall.gui.workloads.form_fields import FormField, field_widget
from landfall.gui.workloads.form_tables import HostedEditor, PairsEditor, StepsEditor

if TYPE_CHECKING:
    from landfall.core.errors import BadInput
    from landfall.services.verdict.known_names import Known

_OF_NUMBERS = ("without", "quotes")
"""Words of the advice on a number that is written as text."""
_OF_TOML = ("[", "=", "{", '"quotes"')
"""What the reader's advice has in it where it is about the file and not about the value."""
_EXTRAS = {
    "steps": "steps",
    "candidates.hosted": "hosted",
    "quality.pairs": "pairs",
    "quality.pairs_hosted": "pairs",
}
"""Paths of keys that stand in a table editor."""


class WorkloadForm(QWidget):
    """Fills a Draft. It checks nothing: the file's reader does, and `show_problem` shows it.

    Signals:
        edited: The user changed something.
    """

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._draft = Draft()
        self._known: Known | None = None
        self._fields: dict[str, FormField] = {}
        self._steps: StepsEditor | None = None
        self._hosted: HostedEditor | None = None
        self._pairs: PairsEditor | None = None
        first = first_section()
        self._sections = {section.key: section for section in more_sections()}
        self._folded: dict[str, Disclosure] = {}
        card = Card(first.title, note=first.note)
        card.add(self._grid(first.fields))
        more = Card(self.tr("More"), note=self.tr("each makes the verdict firmer"))
        more.body.setSpacing(Space.XS)
        for key, section in self._sections.items():
            folded = Disclosure(section.title, section.note, partial(self._make_section, section))
            folded.setObjectName(f"section-{key}")
            self._folded[key] = folded
            more.add(folded)
        self.setLayout(column(card, more, spacing=Space.L))

    # Building

    def _grid(self, fields: tuple[Field, ...]) -> QWidget:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.XL)
        grid.setVerticalSpacing(Space.M)
        for column_index in (0, 1):
            grid.setColumnStretch(column_index, 1)
        for index, field in enumerate(fields):
            widget = field_widget(field)
            widget.set_origin(self._draft.origins.get(field.path))
            widget.set_value(self._draft.values.get(field.path))
            widget.edited.connect(partial(self._on_edited, widget))
            self._fields[field.path] = widget
            grid.addWidget(widget, index // 2, index % 2)
        self._offer()
        return holder(grid)

    def _make_section(self, section: Section) -> QWidget:
        parts = column(spacing=Space.M, margins=(Space.M, 0, 0, Space.M))
        if section.fields:
            parts.addWidget(self._grid(section.fields))
        make: dict[str, Callable[[], QWidget]] = {
            "steps": self._make_steps,
            "hosted": self._make_hosted,
            "pairs": self._make_pairs,
        }
        if section.extra:
            parts.addWidget(make[section.extra]())
        return holder(parts)

    def _make_steps(self) -> QWidget:
        self._steps = StepsEditor()
        self._steps.set_tables(self._draft.steps)
        self._steps.edited.connect(self.edited)
        words = self.tr("Without steps: one generate step, wherever the verdict puts it.")
        note = label(words, tone="text_2", wrap=True)
        return holder(column(note, self._steps))

    def _make_hosted(self) -> QWidget:
        self._hosted = HostedEditor()
        if self._known is not None:
            self._hosted.offer(self._known.models)
        self._hosted.set_tables(self._draft.hosted)
        self._hosted.edited.connect(self.edited)
        return self._hosted

    def _make_pairs(self) -> QWidget:
        self._pairs = PairsEditor()
        self._pairs.set_counts("pairs", self._draft.pairs)
        self._pairs.set_counts("pairs_hosted", self._draft.pairs_hosted)
        self._pairs.edited.connect(self.edited)
        return self._pairs

    # Values

    def set_draft(self, draft: Draft) -> None:
        """Show a draft."""
        self._draft = draft
        for path, widget in self._fields.items():
            widget.set_origin(draft.origins.get(path))
            widget.set_value(draft.values.get(path))
            widget.touched = False
        if self._steps is not None:
            self._steps.set_tables(draft.steps)
        if self._hosted is not None:
            self._hosted.set_tables(draft.hosted)
        if self._pairs is not None:
            self._pairs.set_counts("pairs", draft.pairs)
            self._pairs.set_counts("pairs_hosted", draft.pairs_hosted)
        self.clear_problems()
        self._offer()

    def draft(self) -> Draft:
        """What is typed; what was never unfolded is as it came."""
        values, origins = dict(self._draft.values), dict(self._draft.origins)
        for path, widget in self._fields.items():
            value = widget.value()
            if widget.origin is not None:
                origins[path] = widget.origin
            if value is None:
                values.pop(path, None)
            else:
                values[path] = value
        d, pairs = self._draft, self._pairs
        return Draft(
            values=values,
            steps=d.steps if self._steps is None else self._steps.tables(),
            hosted=d.hosted if self._hosted is None else self._hosted.tables(),
            pairs=d.pairs if pairs is None else pairs.counts("pairs"),
            pairs_hosted=d.pairs_hosted if pairs is None else pairs.counts("pairs_hosted"),
            origins={path: one for path, one in origins.items() if path in values},
        )

    # Suggestions

    def offer(self, known: Known) -> None:
        """Suggest these names while they are typed."""
        self._known = known
        if self._hosted is not None:
            self._hosted.offer(known.models)
        self._offer()

    def _offer(self) -> None:
        if self._known is None:
            return
        provider = self._fields.get("today.provider")
        chosen = str(provider.value() or "").lower() if provider is not None else ""
        names = {
            "providers": tuple(self._known.models),
            "models": self._known.models.get(chosen, ()),
            "local": self._known.local,
            "machines": self._known.machines,
        }
        for widget in self._fields.values():
            if widget.field.suggests:
                widget.offer(names[widget.field.suggests])

    # Problems

    def clear_problems(self) -> None:
        """Nothing is wrong, as far as is known."""
        for widget in self._fields.values():
            if widget.problem:
                widget.set_problem("")
        for extra in (self._steps, self._hosted, self._pairs):
            if extra is not None:
                extra.set_problem("")

    def reveal(self, path: str) -> QWidget | None:
        """Unfold the section of a key and go to its field; None where the form has none."""
        bare = _bare(path)
        for key, section in self._sections.items():
            named = any(field.path == bare for field in section.fields)
            if named or (section.extra and _EXTRAS.get(bare) == section.extra):
                self._folded[key].open()
        found = self._place_of(bare)
        if isinstance(found, FormField):
            found.control.setFocus()
        elif found is not None:
            found.setFocus()
        return found

    def words(self, error: BadInput) -> str:
        """The reader's words, with the field's name for the key; advice on TOML is left out."""
        is_of_the_file = any(sign in error.hint for sign in _OF_TOML)
        hint = "" if is_of_the_file else translated(error.hint)
        if all(word in error.hint for word in _OF_NUMBERS):
            # A field has none to leave away; what was typed is a number with a unit or a sign.
            hint = self.tr("Write digits only, as in {0}.").format(digits_only())
        message = f"{translated(error.message)} {hint}".strip()
        for section in (first_section(), *self._sections.values()):
            for field in section.fields:
                message = message.replace(f"`{field.path}`", f"\u201c{field.name}\u201d")
        return message

    def show_problem(self, path: str, text: str) -> QWidget | None:
        """Say at its field what is wrong; None where the form has no such field."""
        found = self.reveal(path)
        self._say(found, text)
        return found

    def hint_problem(self, path: str, text: str) -> None:
        """Say it only where the user has typed already."""
        found = self._place_of(_bare(path))
        if found is not None and getattr(found, "touched", False):
            self._say(found, text)

    @staticmethod
    def _say(found: QWidget | None, text: str) -> None:
        if isinstance(found, FormField | StepsEditor | HostedEditor | PairsEditor):
            found.set_problem(text)

    def _place_of(self, bare: str) -> QWidget | None:
        extras: dict[str, QWidget | None] = {
            "steps": self._steps,
            "hosted": self._hosted,
            "pairs": self._pairs,
        }
        extra = _EXTRAS.get(bare)
        return extras[extra] if extra else self._fields.get(bare)

    def _on_edited(self, widget: FormField) -> None:
        if widget.field.path == "today.provider":
            self._offer()
        if widget.field.path == "workload.task":
            self.fill_usual()
        self.edited.emit()

    def fill_usual(self) -> None:
        """What is usual of the chosen task, where nothing else is known; it may be set back to."""
        task = Task(str(self._fields["workload.task"].value()))
        for path, origin in preset_of(task).items():
            widget = self._fields[path]
            known = widget.origin
            if known is not None and not known.source.startswith(PRESET):
                continue  # something observed says more
            takes = widget.value() is None or widget.is_as_told
            widget.set_origin(origin)
            if takes:
                widget.set_value(origin.value)

    @Slot()
    def focus_first(self) -> None:
        """Begin with the name."""
        self._fields["workload.name"].control.setFocus()


def _bare(path: str) -> str:
    """A path of the form out of one of the file: "candidates.local[0]" is "candidates.local"."""
    bare = path.partition("[")[0]
    for whole in ("quality.pairs_hosted", "quality.pairs"):
        if bare == whole or bare.startswith(f"{whole}."):
            return whole
    return bare
