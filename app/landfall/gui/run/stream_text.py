"""A Markdown text that grows: what is finished is laid out once, only the rest again and again."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSizeF, Qt, QUrl, Slot
from PySide6.QtGui import (
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextTable,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser

from landfall.gui import theme
from landfall.gui.run.markdown_blocks import MarkdownBlocks
from landfall.gui.theme import Text

_FEATURES = (
    QTextDocument.MarkdownFeature.MarkdownDialectGitHub
    | QTextDocument.MarkdownFeature.MarkdownNoHTML
)
_FENCE = QTextFormat.Property.BlockCodeFence
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
        cursor, changed_at = QTextCursor(self.document()), self._rest_at
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
        # Apart: within the edit the document does not know its new tables yet.
        cursor.beginEditBlock()
        _shape(self.document(), changed_at)
        cursor.endEditBlock()
        # An empty document is one line high, too: the first line changes no size and tells nobody.
        self._on_size(self.document().size())

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Nothing: a text must not read files or reach the network."""
        return None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The size of the event is that of the viewport.
        if self.lineWrapColumnOrWidth() != event.size().width():
            self.setLineWrapColumnOrWidth(event.size().width())

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


def _shape(document: QTextDocument, start: int) -> None:
    """Code and tables in our own look: the import gives them only a font and a grey relief."""
    block = document.findBlock(start)
    table_end = -1
    while block.isValid():
        if _is_code(block):
            _shape_code(block)
        elif block.position() > table_end:
            table = QTextCursor(block).currentTable()
            if table is not None:
                _shape_table(table)
                table_end = table.lastPosition()
        block = block.next()


def _is_code(block: QTextBlock) -> bool:
    return block.isValid() and block.blockFormat().hasProperty(_FENCE)


def _shape_code(block: QTextBlock) -> None:
    form = block.blockFormat()
    form.setBackground(theme.color("sunken"))
    form.setLeftMargin(8)
    form.setNonBreakableLines(False)
    form.setTopMargin(0 if _is_code(block.previous()) else 6)
    form.setBottomMargin(0 if _is_code(block.next()) else 6)
    QTextCursor(block).setBlockFormat(form)


def _shape_table(table: QTextTable) -> None:
    form = table.format().toTableFormat()
    form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    form.setBorderBrush(theme.color("border_strong"))
    form.setBorderCollapse(True)
    form.setCellPadding(4)
    form.setTopMargin(4)
    table.setFormat(form)
