"""A part that is folded away until it is wanted, and made only then."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.theme import Space, Text
from landfall.gui.widgets.layout import button, column, hairline, label, row


class Disclosure(QWidget):
    """A title with a chevron; the body appears below it.

    Signals:
        opened: The body was made and is shown.
    """

    opened = Signal()

    def __init__(self, title: str, note: str, make: Callable[[], QWidget]) -> None:
        super().__init__()
        self._make = make
        self._body: QWidget | None = None
        self._title = title
        self._button = button(title, "quiet", icon="right")
        self._button.setObjectName("disclosure")
        self._button.setCheckable(True)
        self._button.setAccessibleName(title)
        self._button.setAccessibleDescription(note)
        self._button.toggled.connect(self._on_toggled)
        head = row(self._button)
        head.addWidget(label(note, Text.CAPTION, tone="text_3", wrap=True), 1)
        self._layout = column(hairline(), head, spacing=Space.XS)
        self.setLayout(self._layout)

    @property
    def body(self) -> QWidget | None:
        """What is folded away, or None while it was never opened."""
        return self._body

    @property
    def is_open(self) -> bool:
        """Whether the body is shown."""
        return self._button.isChecked()

    def open(self) -> None:
        """Show the body."""
        self._button.setChecked(True)

    @Slot(bool)
    def _on_toggled(self, on: bool) -> None:
        self._button.set_icon("down" if on else "right")
        if on and self._body is None:
            self._body = self._make()
            self._layout.addWidget(self._body)
        if self._body is not None:
            self._body.setVisible(on)
        if on:
            self.opened.emit()
