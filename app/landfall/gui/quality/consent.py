"""What it costs at most and where the prompts go: shown before the first word leaves."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from landfall.gui.quality.words import Consent
from landfall.gui.theme import Text
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, button, label, row


class ConsentCard(Card):
    """Escape declines.

    Signals:
        agreed: It may begin. declined: it may not.
    """

    agreed = Signal()
    declined = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("gate-consent")
        self.title = StateLine(State.TODO, "", padding=0)
        self.title.title.set_style(Text.STRONG)
        self.lines = label("", tone="text_2", wrap=True)
        self.lines.setObjectName("gate-consent-lines")
        self.yes = button("", "primary")
        self.yes.setObjectName("gate-agree")
        self.no = button(self.tr("Cancel"))
        self.no.setObjectName("gate-decline")
        self.yes.clicked.connect(self._on_yes)
        self.no.clicked.connect(self._on_no)
        self.add(self.title, self.lines, row(None, self.no, self.yes))
        self.hide()

    def ask(self, consent: Consent) -> None:
        """Show what is asked; the button that agrees has the focus."""
        state = State.PARTIAL if consent.grave else State.DONE
        self.title.show_line(state, consent.title)
        self.lines.setText("\n".join(consent.lines))
        self.lines.setVisible(bool(consent.lines))
        self.yes.setText(consent.agree)
        self.setAccessibleName(" ".join((consent.title, *consent.lines)))
        self.show()
        self.yes.setFocus(Qt.FocusReason.OtherFocusReason)

    def _close(self) -> None:
        """The focus stays near: Qt would give that of a hidden button to any other widget."""
        around = self.parentWidget()
        if around is not None and self.isAncestorOf(QApplication.focusWidget() or around):
            around.setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()

    @Slot()
    def _on_yes(self) -> None:
        self._close()
        self.agreed.emit()

    @Slot()
    def _on_no(self) -> None:
        self._close()
        self.declined.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._on_no()
        else:
            super().keyPressEvent(event)
