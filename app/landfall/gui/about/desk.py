"""Asks for news of versions, when the user says so or once a day, and opens "About"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QApplication

from landfall.core.announcement import Standing
from landfall.core.errors import AppError, NotGenuine
from landfall.gui.about import words
from landfall.gui.messages import Action, Notice
from landfall.gui.outside import open_page
from landfall.services.installation import about, updates
from landfall.services.late_imports import late
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QDialog, QWidget

    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.egress import EgressLog
    from landfall.services.installation.updates import Channel, News
    from landfall.services.paths import Paths

NOTICE = "newer_version"


class AboutDesk(QObject):
    """One for the life of the window; asks at most one thing at a time.

    Attributes:
        copy: What this copy is. channel: where it hears of newer ones.
        news: What was heard last, an error of it, or None while nothing was asked.

    Signals:
        heard: `news` or `is_asking` is another.
    """

    heard = Signal()

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        *,
        log: EgressLog,
        paths: Paths,
        window: Callable[[], QWidget | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.state, self.tasks, self._messages = state, tasks, messages
        self._log, self.paths, self._window = log, paths, window
        self.copy = about.this_copy()
        self.channel = _channel(messages)
        self.news: News | AppError | None = None
        self._task: Task | None = None
        self._by_itself = False

    @property
    def is_asking(self) -> bool:
        """Whether an answer is waited for."""
        return self._task is not None

    @Slot()
    def open(self) -> None:
        """Show what this program is."""
        dialog: QDialog = late("landfall.gui.about.about_dialog").AboutDialog(self, self._window())
        dialog.open()

    @Slot()
    def ask(self) -> None:
        """Look for a newer version now."""
        self._ask(by_itself=False)

    def ask_if_due(self) -> None:
        """Look for one by itself, where that was switched on and a day has gone."""
        if not (self.state.settings.check_updates and self.channel.is_open):
            return
        looking = self.tasks.run(in_thread(updates.is_due, self.paths.announced))
        looking.succeeded.connect(self._on_due)
        looking.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_due(self, due: bool) -> None:
        if due:
            self._ask(by_itself=True)

    def _ask(self, *, by_itself: bool) -> None:
        if self._task is not None or not self.channel.is_open:
            return
        self._by_itself = by_itself
        self._task = self.tasks.run(
            updates.check(self._log, self.paths.announced, asked=self.channel)
        )
        self._task.succeeded.connect(self._on_news)
        self._task.failed.connect(self._on_failed)
        self._task.finished.connect(self._on_finished)
        self.heard.emit()

    @Slot(object)
    def _on_news(self, news: News) -> None:
        self.news = news
        if not self._by_itself or news.standing in {Standing.CURRENT, Standing.OLDER}:
            return
        self._messages.show(
            Notice(
                key=NOTICE,
                tone="accent" if news.standing is Standing.NEWER else "caution",
                title=words.news_title(news, self.copy.version),
                text=words.news_detail(news),
                action=Action(self.tr("About"), self.open),
            )
        )

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        """What failed by itself is said where it is looked up; what was forged is said at once."""
        if not isinstance(error, AppError):
            self._messages.fail(error)
            return
        self.news = error
        if self._by_itself and isinstance(error, NotGenuine):
            self._messages.tell(error)

    @Slot()
    def _on_finished(self) -> None:
        self._task = None
        self.heard.emit()

    @Slot(str)
    def show_page(self, address: str) -> None:
        """Open a page in the browser of the system."""
        open_page(address, QApplication.activeWindow() or self._window())


def _channel(messages: Messages) -> Channel:
    """What this build was given; one that is broken asks nobody."""
    try:
        return updates.channel()
    except AppError as error:
        messages.tell(error)
        return updates.Channel()
