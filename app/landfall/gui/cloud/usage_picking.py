"""Which files of usage are meant: chosen in a dialog, or dropped on a widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget


def choose_files(parent: QWidget, then: Callable[[Sequence[str]], None]) -> QFileDialog:
    """Ask for files of usage, whatever their names end in: their content tells."""
    title = QCoreApplication.translate("usage", "Import usage")
    kinds = QCoreApplication.translate(
        "usage", "Usage files (*.csv *.json *.jsonl *.ndjson *.tsv *.gz);;All files (*)"
    )
    dialog = QFileDialog(parent, title, "", kinds)
    dialog.setObjectName("usage-file-dialog")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.filesSelected.connect(then)
    dialog.open()
    return dialog


def dropped_paths(event: QDropEvent) -> list[str]:
    """Files and folders that are held over a widget; empty where it is something else."""
    urls = event.mimeData().urls() if event.mimeData().hasUrls() else []
    return [url.toLocalFile() for url in urls if url.isLocalFile()]
