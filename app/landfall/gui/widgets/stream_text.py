"""A Markdown text that grows: what is finished is laid out once, only the rest again and again."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSizeF, Qt, QUrl, Slot
from PySide6.QtGui import (
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser

from landfall.gui import theme
from landfall.gui.markdown_blocks import MarkdownBlocks
from landfall.gui.theme import Text

_FEATURES = (
    QTextDocument.MarkdownFeature.MarkdownDialectGitHub
    | QTextDocument.MarkdownFeature.MarkdownNoHTML
)
_STAND_IN = "X\n\n"
"""Put before what is inserted and taken out again: the first block of a fragment takes the form of
the paragraph it lands in, so that a heading or a code block in that place would lose its own."""


class StreamText(QTextBrowser):
    """As high as its text. What a model says is only text here: nothing is loaded or opened."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # With a fixed width a change of the height alone does not lay the whole text out again.
        self.setLineWrapMode(QTextBrowser.LineWrapMode.FixedPixelWidth)
        self.document().setDocumentMargin(0)
        self.document().setDefaultFont(theme.font(Text.BODY))
        self.document().documentLayout().documentSizeChanged.connect(self._on_size)
        self._blocks = MarkdownBlocks()
        self._parts: list[str] = []
        self._rest_at, self._form = 0, QTextBlockFormat()
        self.setFixedHeight(0)
        theme.theme().changed.connect(self._on_theme)

    @property
    def raw(self) -> str:
        """The text as it came."""
        return "".join(self._parts)

    def add(self, text: str) -> None:
        """More text. Call it a few dozen times a second at most, with what came meanwhile."""
        if text:
            self._parts.append(text)
            self._show(self._blocks.add(text))

    def end(self) -> None:
        """Nothing more comes."""
        self._show(self._blocks.end())

    def start_over(self) -> None:
        """Empty again."""
        self._blocks, self._parts = MarkdownBlocks(), []
        self._rest_at, self._form = 0, QTextBlockFormat()
        self.clear()

    def _show(self, finished: str) -> None:
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        cursor.setPosition(self._rest_at)
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        # Where the last finished block is empty, as behind a table, it took the form of what went.
        cursor.setBlockFormat(self._form)
        if finished.strip():
            _insert(cursor, finished)
            self._rest_at, self._form = cursor.position(), cursor.blockFormat()
        if self._blocks.rest.strip():
            _insert(cursor, self._blocks.rest)
        cursor.endEditBlock()

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Nothing: a text must not read files or reach the network."""
        return None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.lineWrapColumnOrWidth() != self.viewport().width():
            self.setLineWrapColumnOrWidth(self.viewport().width())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """It never scrolls: the conversation around it does."""
        event.ignore()

    @Slot(QSizeF)
    def _on_size(self, size: QSizeF) -> None:
        self.setFixedHeight(0 if self.document().isEmpty() else int(size.height() + 0.99))

    @Slot()
    def _on_theme(self) -> None:
        """Links and fonts keep the colours and sizes with which they were laid out: do it again."""
        self.document().setDefaultFont(theme.font(Text.BODY))
        raw, has_ended = self.raw, not self._blocks.rest
        self.start_over()
        self.add(raw)
        if has_ended:
            self.end()


def _insert(cursor: QTextCursor, markdown: str) -> None:
    """Append Markdown at the end; the cursor stands behind it."""
    start = cursor.position()
    first = start == 0
    cursor.insertMarkdown(markdown if first else _STAND_IN + markdown, _FEATURES)
    if not first:
        after = QTextCursor(cursor)
        after.setPosition(start)
        after.deleteChar()
    cursor.movePosition(QTextCursor.MoveOperation.End)
    _shade_code(cursor, start)


def _shade_code(cursor: QTextCursor, start: int) -> None:
    """Code blocks get a ground of their own: the import gives them only their font."""
    block = cursor.document().findBlock(start)
    while block.isValid():
        form = block.blockFormat()
        if form.hasProperty(QTextFormat.Property.BlockCodeFence):
            form.setBackground(theme.color("sunken"))
            form.setLeftMargin(8)
            form.setNonBreakableLines(False)
            inside = QTextCursor(block)
            inside.setBlockFormat(form)
        block = block.next()
