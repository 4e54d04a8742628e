"""Brings workload files that a start, a desktop or a drop names to the page that reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from landfall.services.late_imports import late

if TYPE_CHECKING:
    from landfall.gui.main_window import MainWindow
    from landfall.gui.pages.workloads_page import WorkloadsPage

_PAGE = "workloads"


class OpenedFiles(QObject):
    """Keeps the files until the Workloads page is there, which may be made for them."""

    def __init__(self, window: MainWindow, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._files: tuple[str, ...] = ()
        window.page_made.connect(self.on_page_made)

    def show(self, files: tuple[str, ...]) -> None:
        """Show workload files on the Workloads page."""
        self._files += files
        self._window.open_page(_PAGE)
        self.on_page_made(_PAGE)

    @Slot(str)
    def on_page_made(self, made: str) -> None:
        """Hand over the files that are to be shown, when the page for them is there."""
        page = self._window.page(_PAGE) if self._files else None
        if made == _PAGE and page is not None:
            workloads: type[WorkloadsPage] = late("landfall.gui.pages.workloads_page").WorkloadsPage
            assert isinstance(page, workloads)
            files, self._files = self._files, ()
            page.open_files(files)
