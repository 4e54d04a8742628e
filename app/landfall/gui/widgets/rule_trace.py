"""The rules behind a verdict, in the order they ran."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from landfall.gui import theme
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.feedback import State, state_word
from landfall.gui.widgets.layout import (
    Glyph,
    label,
)

_BESIDE_LETTERS = 70
"""Width in letters from which what a rule saw stands beside its name."""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule that ran: its id, whether it was met, its name, the numbers it saw, what turns it."""

    rule: str
    state: State
    title: str
    detail: str = ""
    turns: str = ""


class RuleTrace(QWidget):
    """Each rule in the order it ran: met, not met, or not looked at.

    Its numbers stand beside its name, and below it where there is no room.
    """

    def __init__(self, rules: Sequence[RuleLine]) -> None:
        super().__init__()
        self._rules = tuple(rules)
        self._details = tuple(label("", tone="text_2", wrap=True) for _ in rules)
        self._beside: bool | None = None
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(0)
        centre = Qt.AlignmentFlag.AlignVCenter
        for i, line in enumerate(rules):
            skipped = line.state is State.SKIPPED
            cells: tuple[QWidget, ...] = (
                Glyph(line.state.icon, line.state.role, size=16),
                label(line.rule, Text.MONO, tone="text_3"),
                label(line.title, Text.MEDIUM, tone="text_2" if skipped else "text"),
            )
            for j, cell in enumerate(cells):
                cell.setMinimumHeight(30 if j else 16)
                cell.setToolTip(line.turns)
                self._grid.addWidget(cell, 2 * i, j, centre)
            cells[2].setAccessibleDescription(line.turns)
        self.setLayout(self._grid)
        self._place()
        self.rewrite(rules)

    def _place(self) -> None:
        """Room is counted in letters, so that larger text goes below sooner."""
        letters = self.width() / QFontMetrics(theme.font(Text.BODY)).averageCharWidth()
        beside = letters >= _BESIDE_LETTERS
        if beside is self._beside:
            return
        self._beside = beside
        for i, detail in enumerate(self._details):
            detail.setMinimumHeight(30 if beside else 0)
            self._grid.addWidget(detail, 2 * i + (not beside), 3 if beside else 2)
        self._grid.setColumnStretch(2, 0 if beside else 1)
        self._grid.setColumnStretch(3, 1 if beside else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()
        super().resizeEvent(event)

    def fits(self, rules: Sequence[RuleLine]) -> bool:
        """Whether only the numbers in the details differ from what is shown."""

        def heads(lines: Sequence[RuleLine]) -> list[tuple[str, State, str]]:
            return [(line.rule, line.state, line.title) for line in lines]

        return heads(rules) == heads(self._rules)

    def rewrite(self, rules: Sequence[RuleLine]) -> None:
        """Show other details of the same rules."""
        self._rules = tuple(rules)
        for detail, line in zip(self._details, rules, strict=True):
            detail.setText(line.detail)
        self.setAccessibleName(
            ". ".join(f"{r.rule} {state_word(r.state)}: {r.title} {r.detail}" for r in rules)
        )
