"""A field for a key: what is typed is never shown, and forgotten as soon as it is handed on."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from landfall.gui.allowed import allow
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.layout import button, column, label, row

_HINTS = (
    Qt.InputMethodHint.ImhHiddenText
    | Qt.InputMethodHint.ImhSensitiveData
    | Qt.InputMethodHint.ImhNoPredictiveText
    | Qt.InputMethodHint.ImhNoAutoUppercase
)


class KeyEditor(QWidget):
    """Field, what is wrong with the last try, and its two buttons.

    Signals:
        entered: A key was given. The receiver hands it on and keeps it nowhere.
        cancelled: Nothing is to be stored.
    """

    entered = Signal(str)
    cancelled = Signal()

    def __init__(self, *, prefix: str = "key") -> None:
        """Make it.

        Args:
            prefix: Begins the names of its parts: there may be two on a card.
        """
        super().__init__()
        self.setObjectName(f"{prefix}-editor")
        self._title = label("", Text.MEDIUM, wrap=True)
        self.field = QLineEdit()
        self.field.setObjectName(f"{prefix}-field")
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setInputMethodHints(_HINTS)
        self.field.setPlaceholderText(self.tr("Paste the key"))
        self.problem = label("", Text.CAPTION, tone="danger", wrap=True)
        self.problem.setObjectName(f"{prefix}-problem")
        self.problem.hide()
        self._hint = label(
            self.tr("Kept in the system keyring only, and sent to the provider to be checked."),
            Text.CAPTION,
            tone="text_2",
            wrap=True,
        )
        self.store = button(self.tr("Store and check"), "primary")
        self.store.setObjectName(f"{prefix}-store")
        self.cancel = button(self.tr("Cancel"))
        self.cancel.setObjectName(f"{prefix}-cancel")
        self.setLayout(
            column(
                self._title,
                self.field,
                self.problem,
                self._hint,
                row(self.store, self.cancel, None),
                spacing=Space.XS + 2,
            )
        )
        self.field.returnPressed.connect(self._on_store)
        self.field.textChanged.connect(self._on_edited)
        self.store.clicked.connect(self._on_store)
        self.cancel.clicked.connect(self._on_cancel)
        self._on_edited("")

    def begin(self, name: str, *, hint: str = "") -> None:
        """Ask for a key of somebody.

        Args:
            name: Whose key.
            hint: Where it goes, instead of the keyring.
        """
        self.forget()
        self._title.setText(self.tr("Key of {0}").format(name))
        self.field.setAccessibleName(self.tr("Key of {0}").format(name))
        if hint:
            self._hint.setText(hint)
        self.set_problem("")
        self.set_busy(False)

    def set_problem(self, text: str) -> None:
        """Say at the field why the last try was not taken."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.field.setAccessibleDescription(text)

    def set_busy(self, busy: bool) -> None:
        """While the key is being stored nothing can be typed."""
        allow(self.field, self.tr("Storing…") if busy else "")
        self.store.setText(self.tr("Storing…") if busy else self.tr("Store and check"))
        self._on_edited(self.field.text())

    def forget(self) -> None:
        """Empty the field; setting a text also drops what could be undone."""
        self.field.setText("")

    @Slot(str)
    def _on_edited(self, text: str) -> None:
        empty = "" if text.strip() else self.tr("Paste a key first.")
        allow(self.store, empty if self.field.isEnabled() else self.tr("Storing…"))

    @Slot()
    def _on_store(self) -> None:
        text = self.field.text()
        self.forget()
        if text.strip():
            self.entered.emit(text)

    @Slot()
    def _on_cancel(self) -> None:
        self.forget()
        self.set_problem("")
        self.cancelled.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._on_cancel()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self.forget()
        super().hideEvent(event)
