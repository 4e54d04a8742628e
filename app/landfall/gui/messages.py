"""The one way to tell the user something: banners, toasts, and the report of a bug.

An AppError is expected: a banner says what happened and what to do, with a button for it. Anything
else is a bug: it is logged with its traceback and a dialog offers it as text, once a traceback.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from PySide6 import QtCore
from PySide6.QtCore import QObject, Signal, Slot

from landfall.core.errors import AppError
from landfall.gui.hints import hint_words, message_words, place_words

if TYPE_CHECKING:
    from types import TracebackType

logger = logging.getLogger(__name__)

Tone = Literal["accent", "caution", "danger"]
_GRAVITY: dict[Tone, int] = {"accent": 0, "caution": 1, "danger": 2}


@dataclass(frozen=True, slots=True)
class Action:
    """A button: its words, and what it does."""

    text: str
    run: Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A banner. A later notice of the same key replaces it; `tone` says how bad it is."""

    key: str
    tone: Tone
    title: str
    text: str = ""
    action: Action | None = None


class Messages(QObject):
    """Everything that is said passes here; the window shows it, a test double can record it.

    Signals:
        notice_changed: Another notice (or none) is the worst now: `worst`.
        toast_asked: A text and an Action or None.
        jump_asked: A page and a detail, from a banner's button.
        bug_found: The text of a traceback that was not reported before.
    """

    notice_changed = Signal()
    toast_asked = Signal(str, object)
    jump_asked = Signal(str, str)
    bug_found = Signal(str)
    _bug_uncaught = Signal(str)
    _expected_uncaught = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_waiting_for_uncaught = False
        self._notices: dict[str, Notice] = {}
        self._reported: set[str] = set()

    @property
    def worst(self) -> Notice | None:
        """The banner to show: never two on a page, the worse one, of equals the newest."""
        notices = list(self._notices.values())
        return max(reversed(notices), key=lambda n: _GRAVITY[n.tone]) if notices else None

    @Slot(object)
    def fail(self, error: BaseException) -> None:
        """Slot for `Task.failed`: an expected error becomes a banner, any other a bug report."""
        if isinstance(error, AppError):
            self.tell(error)
        else:
            self.report_bug(error)

    def tell(
        self, error: AppError, *, action: Action | None = None, key: str = "", tone: Tone = "danger"
    ) -> None:
        """Show an expected error; without an action the kind's own page is offered."""
        self.show(
            Notice(
                key=key or error.kind,
                tone=tone,
                title=message_words(error),
                text=". ".join(filter(None, (place_words(error), hint_words(error)))),
                action=action or self._usual_action(error.kind),
            )
        )

    def show(self, notice: Notice) -> None:
        """Show a banner, or keep it behind a worse one."""
        self._notices.pop(notice.key, None)
        self._notices[notice.key] = notice
        self.notice_changed.emit()

    def dismiss(self, key: str) -> None:
        """It was dealt with, or the user closed it."""
        if self._notices.pop(key, None) is not None:
            self.notice_changed.emit()

    def toast(self, text: str, *, undo: Action | None = None) -> None:
        """Say what was done. Never for errors, never the only place of a fact."""
        self.toast_asked.emit(text, undo)

    def report_bug(self, error: BaseException) -> None:
        """Log it with its traceback; offer the report once for each traceback."""
        self._report("".join(traceback.format_exception(error)))

    def on_uncaught(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        """`sys.excepthook` of the window: an exception that nobody caught, also in a slot.

        It may come out of the painting of a widget. Nothing is shown before that has ended, and the
        frames let go of their painter: Python keeps the last traceback, and Qt ends the process
        where a painter is open when the next one begins or when its widget goes.
        """
        text = "".join(traceback.format_exception(kind, error, trace))
        _let_go(error, trace)
        self._wait_for_uncaught()
        if issubclass(kind, AppError) and isinstance(error, AppError):
            self._expected_uncaught.emit(error)
            return
        fresh = self._logged(text)
        if fresh:
            self._bug_uncaught.emit(fresh)

    def _wait_for_uncaught(self) -> None:
        # Not when this is made: what it needs of Qt would hold up the first frame.
        if not self._is_waiting_for_uncaught:
            self._is_waiting_for_uncaught = True
            later = QtCore.Qt.ConnectionType.QueuedConnection
            self._bug_uncaught.connect(self.bug_found, later)
            self._expected_uncaught.connect(self.tell, later)

    def _report(self, text: str) -> None:
        fresh = self._logged(text)
        if fresh:
            self.bug_found.emit(fresh)

    def _logged(self, text: str) -> str:
        """The text to be reported, or "" where it was before."""
        # A traceback quotes messages of every library that was on the way. Imported here: a window
        # without a bug does without.
        text = import_module("landfall.services.keys.secret").scrubbed(text)
        logger.error("a bug:\n%s", text)
        if text in self._reported:
            return ""
        self._reported.add(text)
        return text

    def _usual_action(self, kind: str) -> Action | None:
        words = {
            "ollama_unavailable": (self.tr("Show machine"), self._to_machine),
            "key_missing": (self.tr("Enter a key"), self._to_cloud),
            "key_refused": (self.tr("Enter a new key"), self._to_cloud),
            "keyring_unavailable": (self.tr("Show providers"), self._to_cloud),
            "disk_full": (self.tr("Free space"), self._to_installed),
            "out_of_memory": (self.tr("Show what is loaded"), self._to_loaded),
        }.get(kind)
        return Action(*words) if words else None

    def _to_machine(self) -> None:
        self.jump_asked.emit("machine", "")

    def _to_cloud(self) -> None:
        self.jump_asked.emit("cloud", "")

    def _to_installed(self) -> None:
        self.jump_asked.emit("models", "installed")

    def _to_loaded(self) -> None:
        self.jump_asked.emit("models", "running")


def _let_go(error: BaseException, trace: TracebackType | None) -> None:
    """Frames that ended let go of what they held, also those of errors that led to this one."""
    traceback.clear_frames(trace)
    waiting, known = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) not in known:
            known.add(id(one))
            traceback.clear_frames(one.__traceback__)
            waiting += [led for led in (one.__cause__, one.__context__) if led is not None]
