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
    QRectF,
    QSettings,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QMainWindow, QStackedWidget, QWidget

from landfall.gui import paint, tab_order, theme
from landfall.gui.colours import Role
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.feedback import Banner, Toast
from landfall.gui.widgets.layout import Glyph, Swap, button, column, holder, label, row
from landfall.gui.widgets.rows import NavItem, RowButton
from landfall.services.installation import named_files

if TYPE_CHECKING:
    from landfall.core.hosts.runtime import Runtime
    from landfall.gui.app_state import AppState
    from landfall.gui.coming_page import ComingPage
    from landfall.gui.messages import Action, Messages
    from landfall.gui.page import Page

PAGES = ("home", "machine", "models", "run", "cloud", "workloads", "history", "settings")
PageFactory = Callable[[str], "Page | None"]
"""Makes a page, or says with None that it comes: then `on_page_can_be_made` follows."""

_GEOMETRY = "window/geometry"


class Sidebar(QFrame):
    """Brand, the eight pages, and the line of the host at the bottom.

    Signals:
        chosen: The name of the page that the user wants.
    """

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.items = {name: NavItem(name, text) for name, text in self._words().items()}
        self.host = HostLine()
        brand = row(
            Glyph("landfall", "accent", size=22),
            label(self.tr("Landfall"), Text.HEADING),
            None,
            spacing=9,
            margins=(10, 2, 0, 12),
        )
        layout = column(brand, spacing=2, margins=(Space.M, Space.L, Space.M, Space.M))
        for name in PAGES[:-1]:
            layout.addWidget(self.items[name])
        layout.addStretch(1)
        layout.addWidget(self.items[PAGES[-1]])
        layout.addSpacing(Space.S)
        layout.addWidget(self.host)
        self.setLayout(layout)
        for name, item in self.items.items():
            item.setObjectName(f"nav-{name}")
            item.clicked.connect(partial(self.chosen.emit, name))
        self.host.clicked.connect(partial(self.chosen.emit, "machine"))
        theme.theme().changed.connect(self._resize)
        self._resize()

    @Slot()
    def _resize(self) -> None:
        """As wide as its longest word needs: larger text takes more room."""
        needed = max(item.needed_width() for item in self.items.values())
        self.setFixedWidth(max(200, needed + 2 * Space.M))
        self.update()

    def _words(self) -> dict[str, str]:
        return {
            "home": self.tr("Home"),
            "machine": self.tr("Machine"),
            "models": self.tr("Models"),
            "run": self.tr("Run"),
            "cloud": self.tr("Cloud"),
            "workloads": self.tr("Workloads"),
            "history": self.tr("History"),
            "settings": self.tr("Settings"),
        }

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        box = QRectF(self.rect())
        paint.fill(p, box, theme.color("sidebar"))
        paint.fill(p, box.adjusted(box.width() - 1, 0, 0, 0), theme.color("border"))


class HostLine(RowButton):
    """Which host runs the models and whether it answers; leads to the Machine page."""

    def __init__(self) -> None:
        super().__init__("")
        self.setObjectName("host-line")
        self._mark = Glyph("todo", "text_3", size=18)
        self._name = label("", Text.CAPTION_STRONG, wrap=True)
        self._fact = label("", Text.CAPTION, tone="text_2", wrap=True)
        layout = row(spacing=10, margins=(11, 4, 4, 4))
        layout.addLayout(column(self._mark, None))
        layout.addLayout(column(self._name, self._fact, spacing=0), 1)
        self.setLayout(layout)
        self.show_runtimes(None)

    def show_runtimes(
        self, runtimes: tuple[Runtime, ...] | None, *, starting: bool = False
    ) -> None:
        """The first is the one in use; None while it is looked for."""
        first = runtimes[0] if runtimes else None
        # A kept host is called by its name, wherever it stands.
        here = first.name if first and first.name else self.tr("This machine")
        if runtimes is None:
            self._say(here, self.tr("Looking for Ollama"), icon="todo", role="text_3")
        elif first is None or first.state == "absent":
            self._say(here, self.tr("Ollama is not installed"), icon="fail", role="danger")
        elif first.state != "stopped":
            self._say_which(first, here if first.state == "running" or first.name else "")
        elif starting:
            self._say(here, self.tr("Ollama is starting"), icon="todo", role="accent")
        else:
            self._say(here, self.tr("Ollama is stopped"), icon="skip", role="caution")

    def _say_which(self, found: Runtime, name: str) -> None:
        name, version = name or _host(found.url), translated(found.words)
        if found.version is None:
            self._say(name, self.tr("Does not answer"), icon="fail", role="danger")
        elif found.warnings:
            words = self.tr("{0}, see warnings").format(version)
            self._say(name, words, icon="warn", role="caution")
        else:
            self._say(name, version, icon="ok", role="good")

    def _say(self, name: str, fact: str, *, icon: str, role: Role) -> None:
        self._mark.show_icon(icon, role)
        self._name.setText(name)
        self._fact.setText(fact)
        self.setAccessibleName(f"{name}: {fact}")


def _host(url: str) -> str:
    return url.split("://", 1)[-1].rstrip("/")


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
        if detail:
            page.open_at(detail)
        page.setFocus()
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
            self.resize(1280, 800)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._storage is not None:
            self._storage.setValue(_GEOMETRY, self.saveGeometry())
        self.closing.emit()
        super().closeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if self._painted and event.type() == QEvent.Type.FontChange:
            theme.theme().refresh_fonts()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.first_painted.emit)
