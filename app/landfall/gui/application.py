"""Creates the QApplication, shows the window, and says when it was first painted.

Order matters here: until `first_painted` nothing heavy is imported and no style sheet is parsed.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QSettings, Signal, Slot
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from landfall.gui import language, theme
from landfall.gui.app_state import AppState
from landfall.gui.main_window import MainWindow, PageFactory
from landfall.gui.messages import Messages
from landfall.services.installation import desktop_identity
from landfall.services.late_imports import late

if TYPE_CHECKING:
    from pathlib import Path

    from landfall.core.settings import Settings


_SCHEME = "window/scheme"
_LANGUAGE = "window/language"
_ACCELERATORS = "machine/accelerators"
_MOST_ACCELERATORS = 16
"""More than any machine has that a window is opened on."""
_SCHEMES: dict[str, theme.SchemeChoice] = {"system": "system", "light": "light", "dark": "dark"}


class Desktop(QApplication):
    """Qt's application, which macOS also tells of files that are to be opened.

    They come as events and not as words of the command line, also before there is a window
    (`QFileOpenEvent`). Awaits a Mac: elsewhere no desktop sends such an event.

    Signals:
        file_asked: The path of a file that the desktop wants opened here.
    """

    file_asked = Signal(str)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):
            self.file_asked.emit(event.url().toLocalFile() or event.file())
            return True
        return super().event(event)


class Application(QObject):
    """The program with a window.

    Usage: `application = Application(sys.argv, load_settings, window_file=...)`, connect
    `first_painted`, then `application.open(page_factory)` and `return application.exec()`.

    `window_file` keeps geometry, scheme and language of the window, so that the first frame has
    the right colours and words before the settings are read. Another language holds from the next
    start. It also keeps how many accelerators the machine has, which are looked at for seconds.

    Attributes:
        state: What the window knows. messages: how it speaks. window: after `open`.
        language: What it speaks: "en", "de".

    Signals:
        first_painted: Once; warm modules on a thread and attach services now.
        closing: The window closes.
        files_asked: Paths of workload files that are to be opened: the desktop asks, or they were
            dropped on the window.
    """

    first_painted = Signal()
    closing = Signal()
    files_asked = Signal(object)
    _bug_elsewhere = Signal(object)

    def __init__(
        self,
        arguments: Sequence[str],
        settings: Settings | Callable[[], Settings],
        *,
        window_file: Path | None = None,
    ) -> None:
        desktop_identity.claim_task_bar()
        self.qt = Desktop([*arguments, *theme.IN_STYLE])
        super().__init__()
        self.qt.file_asked.connect(self._on_file_asked)
        self.qt.setApplicationName("Landfall")
        self.qt.setDesktopFileName(desktop_identity.APP_ID)
        self._storage: QSettings | None = None
        if window_file is not None:
            self._storage = QSettings(str(window_file), QSettings.Format.IniFormat, self)
        self.language = language.use(self.qt, self._remembered_language())
        self.theme = theme.install(self.qt, self._remembered_scheme(), complete=False)
        self.state = AppState(settings, self)
        self.state.expected_accelerators = self._remembered_accelerators()
        self.state.profile_changed.connect(self._on_profile)
        self.messages = Messages(self)
        self.window: MainWindow | None = None
        self._speaks_currency = False
        self.state.settings_changed.connect(self._on_settings)
        self._bug_elsewhere.connect(self.messages.report_bug)
        sys.excepthook = self.messages.on_uncaught
        threading.excepthook = self._on_thread_died

    def open(self, page_factory: PageFactory) -> MainWindow:
        """Make the window and show it with Home."""
        window = MainWindow(
            self.state, self.messages, page_factory=page_factory, storage=self._storage
        )
        self.window = window
        window.first_painted.connect(self._on_first_painted)
        window.closing.connect(self.closing)
        window.files_dropped.connect(self.files_asked)
        window.open_page("home")
        window.show()
        return window

    def exec(self) -> int:
        """Run until the window is closed; the exit code."""
        code = self.qt.exec()
        if self._storage is not None:
            self._storage.sync()  # now, and not when the process ends: its home may be gone by then
        return code

    @property
    def owns_clipboard(self) -> bool:
        """Whether what was copied here is still what would be pasted. Qt hands it on as it takes
        the application down; a process that just ends loses it."""
        return self.qt.clipboard().ownsClipboard()

    @Slot()
    def _on_first_painted(self) -> None:
        # Before the threads begin that import: it would wait for them.
        if not desktop_identity.brings_its_icon():
            qt_icons: Any = import_module("landfall.gui.qt_icons")
            self.qt.setWindowIcon(qt_icons.window_icon())
        self.first_painted.emit()
        self.theme.complete()
        self._on_settings()

    @Slot(str)
    def _on_file_asked(self, path: str) -> None:
        self.files_asked.emit((path,))

    @Slot()
    def _on_settings(self) -> None:
        self._speak_currency()
        choice = _SCHEMES[self.state.settings.theme.value]
        if choice != self.theme.choice:
            self.theme.use(choice)
        if self._storage is None:
            return
        if choice != self._remembered_scheme():
            self._storage.setValue(_SCHEME, choice)
        if self.state.settings.language != self._remembered_language():
            self._storage.setValue(_LANGUAGE, self.state.settings.language)

    @Slot()
    def _on_profile(self) -> None:
        profile = self.state.profile
        if profile is None or self._storage is None:
            return
        count = len(profile.accelerators)
        if count != self._remembered_accelerators():
            self._storage.setValue(_ACCELERATORS, count)

    def _speak_currency(self) -> None:
        """Say amounts in the user's currency too; most have none, and a window at rest then does
        without the words for it."""
        if self.state.settings.currency_usd_rate is None and not self._speaks_currency:
            return
        self._speaks_currency = True
        late("landfall.gui.currency_words").use(self.state.settings)

    def _remembered_scheme(self) -> theme.SchemeChoice:
        """What the settings said when the window was last open."""
        kept = self._storage.value(_SCHEME) if self._storage is not None else None
        return _SCHEMES.get(str(kept), "system")

    def _remembered_language(self) -> str:
        kept = self._storage.value(_LANGUAGE) if self._storage is not None else None
        return str(kept or "")

    def _remembered_accelerators(self) -> int:
        """How many the machine had when it was last seen, or one where nobody knows."""
        kept = str(self._storage.value(_ACCELERATORS) if self._storage is not None else "")
        return min(int(kept), _MOST_ACCELERATORS) if kept.isdecimal() else 1

    def _on_thread_died(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._bug_elsewhere.emit(args.exc_value)
