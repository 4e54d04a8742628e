"""The window: sidebar, one page at a time, one banner above it, a toast over it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6 import QtCore
from PySide6.QtCore import (
    QByteArray,
    QEvent,
    QMimeData,
    QSettings,
    QSize,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QPaintEvent,
)
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QWidget

from landfall.gui import tab_order, theme
from landfall.gui.before_paint import finish_layouts, is_paint_request
from landfall.gui.sidebar import PAGES, Sidebar
from landfall.gui.theme import Space
from landfall.gui.widgets.feedback import Banner, Toast
from landfall.gui.widgets.layout import Swap, button, column, holder, row
from landfall.services.installation import named_files

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.coming_page import ComingPage
    from landfall.gui.messages import Action, Messages
    from landfall.gui.page import Page

PageFactory = Callable[[str], "Page | None"]
"""Makes a page, or says with None that it comes: then `on_page_can_be_made` follows."""

_GEOMETRY = "window/geometry"
_SIZE = QSize(1280, 800)
"""At the first start, where the screen has room for it."""
_FRAME = QSize(0, 40)
"""That the system draws around the window: its title bar is as high as that."""


def dropped_files(dragged: QMimeData) -> tuple[str, ...]:
    """The workload files that are dragged; none where anything else is among it."""
    return named_files.workloads([url.toLocalFile() for url in dragged.urls()])


class MainWindow(QMainWindow):
    """Shows pages; makes each when it is first opened.

    Signals:
        first_painted: Once, one turn of the event loop after the first frame.
        page_made: A page was opened for the first time; its name.
        closing: The user closes the window; work has to end.
        about_asked: The user wants to know what program this is.
        files_dropped: Paths of workload files that were dropped on the window.
    """

    first_painted = Signal()
    page_made = Signal(str)
    closing = Signal()
    about_asked = Signal()
    files_dropped = Signal(object)

    def __init__(
        self,
        state: AppState,
        messages: Messages,
        *,
        page_factory: PageFactory,
        storage: QSettings | None = None,
    ) -> None:
        super().__init__()
        self._state, self._messages = state, messages
        self._page_factory, self._storage = page_factory, storage
        self._made: dict[str, Page] = {}
        self._coming: ComingPage | None = None
        self._wanted = ("", "")
        self._painted = False
        self._toast: Toast | None = None
        self.setWindowTitle("Landfall")
        self.setMinimumSize(1024, 640)
        self.setAcceptDrops(True)
        self._build()
        self._connect()
        self._restore_geometry()

    def _build(self) -> None:
        self.sidebar = Sidebar()
        self.stack = QStackedWidget()
        self.banner = Swap()
        self.banner.hide()
        self._banner_frame = row(self.banner, margins=(Space.PAGE, Space.L, Space.PAGE, 0))
        self._banner_place = holder(self._banner_frame)
        self._banner_place.hide()
        right = column(self._banner_place, spacing=0)
        right.addWidget(self.stack, 1)
        whole = QWidget()
        layout = row(self.sidebar, spacing=0)
        layout.addLayout(right, 1)
        whole.setLayout(layout)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        self.sidebar.chosen.connect(self.open_page)
        self._state.runtimes_changed.connect(self.on_runtimes)
        self._state.models_changed.connect(self.on_counts)
        self._state.workloads_changed.connect(self.on_counts)
        self._messages.notice_changed.connect(self.on_notice)
        self._messages.toast_asked.connect(self.on_toast)
        self._messages.bug_found.connect(self.on_bug)
        self._messages.jump_asked.connect(self.open_page)
        theme.when_complete(self._complete)

    @Slot()
    def _complete(self) -> None:
        # Only now: what it needs of Qt would hold up the first frame.
        keys = import_module("landfall.gui.shortcuts")
        bind = partial(keys.bind, context=keys.EVERYWHERE)
        for name, shortcut in zip(PAGES, bind("pages", self), strict=True):
            shortcut.activated.connect(partial(self.open_page, name))
        bind("about", self, self.about_asked.emit)
        bind("shortcuts", self, self.on_shortcuts)
        bind("quit", self, self.close)

    @Slot()
    def on_shortcuts(self) -> None:
        """Show what the keys do."""
        import_module("landfall.gui.about.shortcuts_dialog").ShortcutsDialog(self).open()

    @property
    def page_name(self) -> str:
        """The name of the page that is shown, or "" while it comes."""
        shown = self.stack.currentWidget()
        return next((name for name, page in self._made.items() if page is shown), "")

    def page(self, name: str) -> Page | None:
        """A page that was opened before, or None."""
        return self._made.get(name)

    @Slot(str)
    @Slot(str, str)
    def open_page(self, name: str, detail: str = "") -> None:
        """Show a page; it is made when it is opened for the first time."""
        page = self._made.get(name) or self._page_factory(name)
        self._wanted = (name, detail)
        self.sidebar.items[name].setChecked(True)
        if page is None:
            self._show_that_it_comes(name)
            return
        fresh = name not in self._made
        if fresh:
            self._made[name] = page
            page.jump.connect(self.open_page)
            self.stack.addWidget(page)
        self.stack.setCurrentWidget(page)
        page.refresh()
        # Before what is wanted of it, which may have a field where the keyboard goes on.
        page.setFocus()
        if detail:
            page.open_at(detail)
        if fresh:
            self.page_made.emit(name)

    @Slot(str)
    def on_page_can_be_made(self, name: str) -> None:
        """What the page needs is there. It is opened unless the user went elsewhere meanwhile."""
        wanted, detail = self._wanted
        if name == wanted and name not in self._made:
            self.open_page(name, detail)

    def _show_that_it_comes(self, name: str) -> None:
        if self._coming is None:
            make: type[ComingPage] = import_module("landfall.gui.coming_page").ComingPage
            self._coming = make()
            self.stack.addWidget(self._coming)
        self._coming.announce(self.sidebar.items[name].text())
        self.stack.setCurrentWidget(self._coming)
        self._coming.setFocus()

    @Slot()
    def on_runtimes(self) -> None:
        """Ollama was found, started, stopped or lost."""
        self.sidebar.host.show_runtimes(self._state.runtimes, starting=self._state.starting)

    @Slot()
    def on_counts(self) -> None:
        """Counts beside the words of the sidebar; unknown is no count."""
        for name, things in (
            ("models", self._state.installed),
            ("workloads", self._state.workloads),
        ):
            self.sidebar.items[name].set_note(str(len(things)) if things else "")

    @Slot()
    def on_notice(self) -> None:
        """Show the worst notice, or none."""
        notice = self._messages.worst
        shown = notice is not None
        if notice is not None:
            actions = []
            if notice.action is not None:
                act = button(notice.action.text)
                act.clicked.connect(partial(self._on_action, notice.key, notice.action))
                actions.append(act)
            banner = Banner(notice.tone, notice.title, notice.text, *actions, closable=True)
            banner.dismissed.connect(partial(self._messages.dismiss, notice.key))
            self.banner.hold(banner)
        self.banner.setVisible(shown)
        self._banner_place.setVisible(shown)

    def _on_action(self, key: str, action: Action) -> None:
        self._messages.dismiss(key)
        action.run()

    @Slot(str, object)
    def on_toast(self, text: str, undo: Action | None) -> None:
        """Show what was done; a newer toast replaces an older one."""
        if self._toast is not None:
            self._toast.close_now()
        self._toast = Toast(self.stack, text, action=undo.text if undo else "")
        self._toast.destroyed.connect(self._on_toast_gone)
        if undo is not None:
            self._toast.undone.connect(undo.run)
        self._toast.show()
        self._toast.raise_()

    @Slot()
    def _on_toast_gone(self) -> None:
        self._toast = None

    @Slot(str)
    def on_bug(self, trace: str) -> None:
        """Offer the report; the window goes on."""
        # Imported here: a window without a bug does not pay for its dialog.
        report = import_module("landfall.gui.bug_report").BugReport(trace, self)
        report.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        report.open()

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab goes as the window is read; Qt goes by when widgets were made."""
        whole = self.centralWidget()
        ring = tab_order.stops(whole) if whole is not None else []
        stop = tab_order.step(ring, QApplication.focusWidget(), forward=next)
        if stop is None:
            return super().focusNextPrevChild(next)
        reason = QtCore.Qt.FocusReason
        stop.setFocus(reason.TabFocusReason if next else reason.BacktabFocusReason)
        return True

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = dropped_files(event.mimeData())
        if files:
            event.acceptProposedAction()
            self.files_dropped.emit(files)

    def _restore_geometry(self) -> None:
        saved = self._storage.value(_GEOMETRY) if self._storage is not None else None
        if not (isinstance(saved, QByteArray) and self.restoreGeometry(saved)):
            # Qt asks for what it is told, also where a small screen would hide the lower edge.
            rooms = [one.availableSize() - _FRAME for one in QGuiApplication.screens()]
            self.resize(_SIZE.boundedTo(rooms[0]) if rooms else _SIZE)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._storage is not None:
            self._storage.setValue(_GEOMETRY, self.saveGeometry())
        self.closing.emit()
        super().closeEvent(event)

    def event(self, event: QEvent) -> bool:
        if is_paint_request(event):
            finish_layouts()
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        # Also before the first frame; but then not for what Qt says of its own.
        if event.type() == QEvent.Type.FontChange and theme.theme().has_another_font:
            theme.theme().refresh_fonts()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.first_painted.emit)
