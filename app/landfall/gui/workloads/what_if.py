"""Sliders over the inputs of a workload: another verdict at once, nothing saved."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout

from landfall.core.verdict.what_if import STEPS, Knob
from landfall.gui.format import percent
from landfall.gui.theme import Space
from landfall.gui.widgets.controls import SliderField
from landfall.gui.widgets.layout import Card, button, clear
from landfall.gui.workloads.words import input_word, value_text

_FINE = 10
"""Slider positions of a step of a knob: smooth under the mouse, a step under an arrow key."""

_TWO_COLUMNS = 640


class WhatIfCard(Card):
    """One slider a knob, in two columns.

    Signals:
        moved: Another set of values: what `values` says.
        keep_asked: The values should go into the workload's editor.
    """

    moved = Signal()
    keep_asked = Signal()

    def __init__(self) -> None:
        self._reset = button(self.tr("Reset"), "link")
        self._reset.setObjectName("reset-what-if")
        self._keep = button(self.tr("Edit with these values"), "link")
        self._keep.setObjectName("keep-what-if")
        super().__init__(self.tr("What if"), self._keep, self._reset, note=" ")
        self.setObjectName("what-if-card")
        self.setAccessibleName(self.tr("What if"))
        self._knobs: tuple[Knob, ...] = ()
        self._fields: dict[str, SliderField] = {}
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.XL)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(0, 1)
        self.body.setSpacing(Space.S)
        self.add(self._grid)
        self._reset.clicked.connect(self.reset)
        self._keep.clicked.connect(self.keep_asked)

    @property
    def values(self) -> dict[Knob, float]:
        """The knobs that were moved, and where to."""
        return {
            knob: knob.value(self._position(knob)) for knob in self._knobs if self._position(knob)
        }

    def set_knobs(self, knobs: Sequence[Knob]) -> None:
        """Offer these, all at their present values."""
        self._knobs = tuple(knobs)
        clear(self._grid)
        self._fields = {}
        for knob in self._knobs:
            field = SliderField(
                input_word(knob.path),
                self._words(knob, 0),
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
            field.title.setMinimumWidth(widest)
        self._place()
        self._tell()

    def _place(self) -> None:
        """Two columns where both have room for their names."""
        columns = 2 if self.width() >= _TWO_COLUMNS else 1
        for index, field in enumerate(self._fields.values()):
            self._grid.addWidget(field, index // columns, index % columns)
        self._grid.setColumnStretch(1, columns - 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()
        super().resizeEvent(event)

    def _position(self, knob: Knob) -> int:
        return round(self._fields[knob.path].slider.value() / _FINE)

    def _on_moved(self, knob: Knob, _position: int) -> None:
        self._fields[knob.path].show_value(self._words(knob, self._position(knob)))
        self._tell()
        self.moved.emit()

    @Slot()
    def reset(self) -> None:
        """Back to what is saved."""
        for field in self._fields.values():
            field.slider.setValue(0)

    def _tell(self) -> None:
        moved = bool(self.values)
        self._reset.setEnabled(moved)
        self._keep.setEnabled(moved)
        still = self.tr("Move a slider first: these are the saved values.")
        for one in (self._reset, self._keep):
            one.setToolTip("" if moved else still)
        if self.note is not None:
            said = self.tr("the verdict above follows; nothing is saved")
            self.note.setText(said if moved else self.tr("move a slider: the verdict follows"))

    def _words(self, knob: Knob, position: int) -> str:
        value = knob.value(position)
        text = value_text(knob.path, value)
        if knob.follows and position:
            share = value / knob.now - 1
            return self.tr("{0} of it").format(f"{'+' if share > 0 else ''}{percent(share)}")
        return text
