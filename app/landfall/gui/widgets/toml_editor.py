"""A text editor for a workload file: line numbers, and the line of an error marked."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QTextEdit, QWidget

from landfall.gui import theme
from landfall.gui.theme import Space, Text

_HEIGHT = 520


class _Numbers(QWidget):
    def __init__(self, editor: TomlEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        return QSize(self._editor.numbers_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._editor.paint_numbers(self, event.rect())


class TomlEditor(QPlainTextEdit):
    """Monospace, does not wrap; Tab leaves it, so that the keyboard is never caught."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("toml")
        self.setAccessibleName(self.tr("The workload as TOML"))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        expanding = QSizePolicy.Policy.Expanding
        self.setSizePolicy(expanding, expanding)
        self._wrong_line: int | None = None
        self._numbers = _Numbers(self)
        self.blockCountChanged.connect(self._on_count)
        self.updateRequest.connect(self._on_update)
        theme.theme().changed.connect(self._on_theme)
        self._on_theme()

    def mark(self, line: int | None) -> None:
        """Mark a line, the first being 1, and go there; None marks none."""
        self._wrong_line = line
        self._show_mark()
        if line is not None:
            block = self.document().findBlockByNumber(line - 1)
            if block.isValid():
                self.setTextCursor(QTextCursor(block))
                self.centerCursor()

    @property
    def marked_line(self) -> int | None:
        """The line that is marked, or None."""
        return self._wrong_line

    def _show_mark(self) -> None:
        marks = []
        block = self.document().findBlockByNumber((self._wrong_line or 0) - 1)
        if self._wrong_line is not None and block.isValid():
            mark = QTextEdit.ExtraSelection()
            mark.format.setBackground(theme.color("danger_soft"))
            whole = QTextFormat.Property.FullWidthSelection
            mark.format.setProperty(whole, True)
            mark.cursor = QTextCursor(block)
            marks.append(mark)
        self.setExtraSelections(marks)
        self._numbers.update()

    def sizeHint(self) -> QSize:
        return QSize(600, _HEIGHT)

    # Line numbers

    def numbers_width(self) -> int:
        """Room for the largest line number."""
        digits = max(2, len(str(self.blockCount())))
        return self.fontMetrics().horizontalAdvance("9") * digits + 2 * Space.S

    def paint_numbers(self, on: QWidget, area: QRect) -> None:
        """Paint the numbers of the visible lines; a wrong one in danger, with a mark beside it."""
        p = QPainter(on)
        p.fillRect(area, theme.color("sunken"))
        p.setFont(self.font())
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        right = Qt.AlignmentFlag.AlignRight
        while block.isValid() and top <= area.bottom():
            height = self.blockBoundingRect(block).height()
            number = block.blockNumber() + 1
            wrong = number == self._wrong_line
            p.setPen(theme.color("danger" if wrong else "text_3"))
            text = f"\u2717{number}" if wrong else str(number)
            p.drawText(0, round(top), on.width() - Space.S, round(height), right, text)
            block, top = block.next(), top + height

    @Slot()
    def _on_count(self) -> None:
        self.setViewportMargins(self.numbers_width(), 0, 0, 0)

    @Slot(QRect, int)
    def _on_update(self, area: QRect, moved: int) -> None:
        if moved:
            self._numbers.scroll(0, moved)
        else:
            self._numbers.update(0, area.y(), self._numbers.width(), area.height())

    @Slot()
    def _on_theme(self) -> None:
        self.setFont(theme.font(Text.MONO))
        self._on_count()
        self._show_mark()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._numbers.setGeometry(
            QRect(inside.left(), inside.top(), self.numbers_width(), inside.height())
        )
