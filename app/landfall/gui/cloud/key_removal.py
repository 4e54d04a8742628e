"""Asks before a key is taken out of the keyring: it cannot be had back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMessageBox, QWidget


def _tr(text: str) -> str:
    return QCoreApplication.translate("key_removal", text)


def confirm_removal(over: QWidget, question: str, *, name: str, then: Callable[[], object]) -> None:
    """Ask, with what follows from it; `then` is a slot that is called where the user agrees.

    Args:
        name: Of the box.
    """
    box = QMessageBox(over)
    box.setObjectName(name)
    box.setWindowTitle(_tr("Remove the key"))
    box.setText(question)
    box.setInformativeText(_tr("It stays valid at the provider. Landfall cannot bring it back."))
    remove = box.addButton(_tr("Remove key"), QMessageBox.ButtonRole.DestructiveRole)
    keep = box.addButton(_tr("Keep"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    box.finished.connect(box.deleteLater)
    remove.clicked.connect(then)
    box.open()
