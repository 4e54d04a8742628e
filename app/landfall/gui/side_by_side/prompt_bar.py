"""Which prompt of a set is looked at: its number, its first words, back and forth, the summary."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.gui.allowed import allow
from landfall.gui.format import whole
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.layout import button, icon_button, label, row


class PromptBar(QWidget):
    """Above the columns.

    Signals:
        history_asked, export_asked: What to do with what came.
        chosen: The number of the prompt to look at.
        summary_wanted: The figures over all prompts are wanted, or the answers again.
    """

    history_asked = Signal()
    export_asked = Signal()
    chosen = Signal(int)
    summary_wanted = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("prompt-bar")
        self._number, self._of, self._text = 0, 0, ""
        self.back = icon_button("left", self.tr("Previous prompt"))
        self.back.setObjectName("prompt-back")
        self.forth = icon_button("right", self.tr("Next prompt"))
        self.forth.setObjectName("prompt-forth")
        self.count = label("", Text.STRONG)
        self.count.setObjectName("prompt-count")
        self.words = label("", tone="text_2")
        self.words.setObjectName("prompt-words")
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.summary = button(self.tr("Summary"))
        self.summary.setObjectName("side-summary")
        self.summary.setCheckable(True)
        self.summary.setToolTip(self.tr("Figures of each target over all prompts"))
        line = row(self.back, self.forth, self.count, spacing=Space.XS)
        line.addSpacing(Space.S)
        line.addWidget(self.words, 1)
        self.history = button(self.tr("Open in History"))
        self.history.setObjectName("side-history")
        self.history.clicked.connect(self.history_asked)
        self.export = icon_button("export", self.tr("Export\u2026"))
        self.export.setObjectName("side-export")
        self.export.clicked.connect(self.export_asked)
        for one in (self.summary, self.history, self.export):
            line.addWidget(one)
        self.setLayout(line)
        self.setMinimumHeight(32)
        self.back.clicked.connect(self._on_back)
        self.forth.clicked.connect(self._on_forth)
        self.summary.toggled.connect(self.summary_wanted)

    def show_prompt(self, number: int, *, of: int, text: str) -> None:
        """Look at this prompt, from 0."""
        self._number, self._of, self._text = number, of, " ".join(text.split())
        for one in (self.back, self.forth):
            one.setVisible(of > 1)
        allow(self.back, "" if number > 0 else self.tr("This is the first prompt."))
        allow(self.forth, "" if number + 1 < of else self.tr("This is the last prompt."))
        words = self.tr("Prompt {0} of {1}").format(whole(number + 1), whole(of))
        self.count.setText(words if of > 1 else self.tr("Prompt"))
        self.words.setToolTip(text[:1000])
        self.words.setAccessibleName(f"{words}: {text[:200]}")
        self._elide()

    def offer(self, *, history: bool, results: bool) -> None:
        """What can be done with what came.

        Args:
            history: Whether it is in the history.
            results: Whether it is over and all may be told: then it can be summed up and exported.
        """
        self.history.setVisible(history)
        for one in (self.summary, self.export):
            one.setVisible(results)
        if not results:
            self.summary.setChecked(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._elide()

    def _elide(self) -> None:
        metrics = QFontMetrics(self.words.font())
        room = max(self.words.width() - 2, 0)
        self.words.setText(metrics.elidedText(self._text, Qt.TextElideMode.ElideRight, room))

    @Slot()
    def _on_back(self) -> None:
        self.chosen.emit(self._number - 1)

    @Slot()
    def _on_forth(self) -> None:
        self.chosen.emit(self._number + 1)
