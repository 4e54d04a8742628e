"""Sliders over the inputs of a workload: another verdict at once, nothing saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from landfall.core.provenance import middle
from landfall.core.verdict.what_if import STEPS, Knob, monthly_bills
from landfall.gui import grown, theme
from landfall.gui.allowed import allow
from landfall.gui.format import money, percent
from landfall.gui.theme import Space
from landfall.gui.widgets.controls import SliderField
from landfall.gui.widgets.disclosure import Disclosure
from landfall.gui.widgets.layout import Card, button, icon_button, label
from landfall.gui.widgets.verdict_chip import verdict_word
from landfall.gui.workloads.words import input_word, value_text

if TYPE_CHECKING:
    from landfall.services.verdict.decided import Decided

_FINE = 10
"""Slider positions of a step of a knob: smooth under the mouse, a step under an arrow key."""

_TWO_COLUMNS = 640
_AT_ONCE = 6
"""Sliders that stand at once; the other assumptions are folded away below them."""


def _tr(words: str) -> str:
    return QCoreApplication.translate("what_if", words)


def knob_words(knob: Knob, position: int) -> str:
    """The value at a position; of a bill that follows the volume its share of what it would be."""
    value = knob.value(position)
    if knob.follows and position:
        share = value / knob.now - 1
        return _tr("{0} of it").format(f"{'+' if share > 0 else ''}{percent(share)}")
    return value_text(knob.path, value)


def differs(base: Decided, now: Decided) -> str:
    """What another verdict differs in from the saved one: where it runs, and the saving."""
    words = _tr("the verdict stays: {0}").format(verdict_word(now.verdict.option.value))
    if now.verdict.option is not base.verdict.option:
        words = _tr("the verdict turns from {0} to {1}").format(
            verdict_word(base.verdict.option.value), verdict_word(now.verdict.option.value)
        )
    before, after = middle(base.verdict.saving), middle(now.verdict.saving)
    if before is None or after is None:
        return words
    if round(before, 2) == round(after, 2) == 0:
        return _tr("{0}; nothing is saved, as before").format(words)
    saving = _tr("{0}; saving a month {1}, it was {2}")
    return saving.format(words, money(after), money(before))


class _Sliders(QWidget):
    """Some sliders in one or two columns."""

    def __init__(self, fields: Sequence[SliderField]) -> None:
        super().__init__()
        self._fields = tuple(fields)
        self._columns = 0
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.XL)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(0, 1)
        self.setLayout(self._grid)
        self._place()

    def _place(self) -> None:
        """Two columns where both have room for their names."""
        columns = 2 if self.width() >= theme.roomy(_TWO_COLUMNS) else 1
        if columns == self._columns:
            return
        self._columns = columns
        for index, field in enumerate(self._fields):
            self._grid.addWidget(field, index // columns, index % columns)
        self._grid.setColumnStretch(1, columns - 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()
        super().resizeEvent(event)


class WhatIfCard(Card):
    """One slider a knob, in two columns.

    Signals:
        moved: Another set of values: what `values` says.
        keep_asked: The values should go into the workload's editor.
        close_asked: Put away what if: the button that opens it is pushed down by it.
    """

    moved = Signal()
    keep_asked = Signal()
    close_asked = Signal()

    def __init__(self) -> None:
        self._reset = button(self.tr("Reset"), "link")
        self._reset.setObjectName("reset-what-if")
        self._keep = button(self.tr("Edit with these values"), "link")
        self._keep.setObjectName("keep-what-if")
        close = icon_button("cross", self.tr("Close What if"))
        close.setObjectName("close-what-if")
        super().__init__(self.tr("What if"), self._keep, self._reset, close, note=" ")
        self.setObjectName("what-if-card")
        self.setAccessibleName(self.tr("What if"))
        self._knobs: tuple[Knob, ...] = ()
        self._fields: dict[str, SliderField] = {}
        self._sliders: tuple[QWidget, ...] = ()
        self._differs = label("", tone="text_2", wrap=True)
        self._differs.setObjectName("what-if-differs")
        self.body.setSpacing(Space.S)
        self.add(self._differs)
        self._reset.clicked.connect(self.reset)
        self._keep.clicked.connect(self.keep_asked)
        close.clicked.connect(self.close_asked)

    @property
    def values(self) -> dict[Knob, float]:
        """The knobs that were moved, and where to."""
        return {
            knob: knob.value(self._position(knob)) for knob in self._knobs if self._position(knob)
        }

    def set_knobs(self, knobs: Sequence[Knob]) -> None:
        """Offer these, all at their present values."""
        self._knobs = tuple(knobs)
        for old in self._sliders:
            self.body.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._fields = {}
        for knob in self._knobs:
            field = SliderField(
                input_word(knob.path),
                knob_words(knob, 0),
                low=-STEPS * _FINE,
                high=STEPS * _FINE,
                value=0,
                width=0,
            )
            field.slider.setObjectName(f"what-if-{knob.path}")
            field.slider.setSingleStep(_FINE)
            field.slider.setPageStep(_FINE * 10)
            field.changed.connect(partial(self._on_moved, knob))
            self._fields[knob.path] = field
        widest = max((f.title.sizeHint().width() for f in self._fields.values()), default=0)
        for field in self._fields.values():
            grown.least_width(field.title, ceil(widest / theme.times()))
        fields = tuple(self._fields.values())
        more = fields[_AT_ONCE:]
        parts: list[QWidget] = [_Sliders(fields[:_AT_ONCE])]
        if more:
            names = ", ".join(input_word(knob.path) for knob in self._knobs[_AT_ONCE:])
            fold = Disclosure(self.tr("More assumptions"), "", partial(_Sliders, more))
            fold.setObjectName("what-if-more")
            fold.setToolTip(names)
            parts.append(fold)
        self._sliders = tuple(parts)
        for place, part in enumerate(parts):
            self.body.insertWidget(1 + place, part)
        self._tell()

    def _position(self, knob: Knob) -> int:
        return round(self._fields[knob.path].slider.value() / _FINE)

    def _on_moved(self, knob: Knob, _position: int) -> None:
        self._fields[knob.path].show_value(knob_words(knob, self._position(knob)))
        self._tell()
        self.moved.emit()

    @Slot()
    def reset(self) -> None:
        """Back to what is saved."""
        for field in self._fields.values():
            field.slider.setValue(0)

    def _tell(self) -> None:
        moved = bool(self.values)
        still = self.tr("Move a slider first: these are the saved values.")
        for one in (self._reset, self._keep):
            allow(one, "" if moved else still)
        if self.note is not None:
            said = self.tr("the verdict above follows; nothing is saved")
            self.note.setText(said if moved else self.tr("move a slider: the verdict follows"))
        if not moved:
            self._differs.setText("")
            self._show_bills({})
        self._differs.setVisible(moved)

    def _show_bills(self, now: Mapping[str, float | None]) -> None:
        """What the bills are now: an untouched one follows the volume, and would say the old."""
        for knob in self._knobs:
            if knob.follows and not self._position(knob):
                value = now.get(knob.path)
                said = knob_words(knob, 0) if value is None else value_text(knob.path, value)
                self._fields[knob.path].show_value(said)

    def show_difference(self, base: Decided, now: Decided) -> None:
        """Say which inputs differ from what is saved, and what that does."""
        moved = "; ".join(
            self.tr("{0}: {1} instead of {2}").format(
                input_word(knob.path),
                knob_words(knob, self._position(knob)),
                value_text(knob.path, knob.now),
            )
            for knob in self.values
        )
        self._show_bills({path: middle(bill) for path, bill in monthly_bills(now.facts)})
        said = differs(base, now)
        self._differs.setText(self.tr("{0}. {1}.").format(moved, said[:1].upper() + said[1:]))
