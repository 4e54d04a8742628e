"""A control of a form with its name above it and what is wrong with it below."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from landfall.gui.theme import Space, Text
from landfall.gui.widgets.layout import column, label, row


class NamedField(QWidget):
    """The problem is said at the control, and spoken as its description."""

    def __init__(self, name: str, control: QWidget, *beside: QWidget, hint: str = "") -> None:
        super().__init__()
        self.control, self._hint = control, hint
        control.setAccessibleName(name)
        self.hint = label(hint, Text.CAPTION, tone="text_3", wrap=True)
        self.problem = label("", Text.CAPTION, tone="danger", wrap=True)
        self.problem.setObjectName(f"{control.objectName()}-problem")
        line = row()
        line.addWidget(control, 1)
        for other in beside:
            line.addWidget(other)
        parts = (label(name, Text.MEDIUM), line, self.problem, self.hint)
        self.setLayout(column(*parts, spacing=Space.XS))
        self.set_problem("")

    def set_problem(self, words: str) -> None:
        """Say what is wrong, or nothing; the hint gives way."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        self.hint.setVisible(bool(self.hint.text()) and not words)
        self.control.setAccessibleDescription(words or self.hint.text())

    def set_hint(self, words: str) -> None:
        """What there is to know of it."""
        self.hint.setText(words)
        self.set_problem(self.problem.text())
