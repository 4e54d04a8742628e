"""Is there a newer version? What was heard last, and the button that asks."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from landfall.core.announcement import Standing
from landfall.core.errors import AppError, NotGenuine
from landfall.gui.about import words
from landfall.gui.allowed import allow
from landfall.gui.hints import hint_words, message_words
from landfall.gui.theme import Space
from landfall.gui.widgets.feedback import Banner, State, StateLine, Tone
from landfall.gui.widgets.layout import Swap, button, column, row
from landfall.services.installation.updates import News

if TYPE_CHECKING:
    from landfall.gui.about.desk import AboutDesk
    from landfall.gui.widgets.layout import Button


class UpdatesPart(QWidget):
    """A line with a button; what asks for a look of the user stands below it."""

    def __init__(self, desk: AboutDesk) -> None:
        super().__init__()
        self._desk = desk
        self.line = StateLine(State.TODO, "", padding=0)
        self.line.setObjectName("about-updates")
        self.check = button(self.tr("Check for updates"), icon="retry")
        self.check.setObjectName("about-check")
        self.check.clicked.connect(desk.ask)
        if desk.channel.packaged_by:
            self.check.hide()
        self.banner = Swap()
        self.banner.setObjectName("about-news")
        self.banner.hide()
        head = row(spacing=Space.M)
        head.addWidget(self.line, 1)
        head.addWidget(self.check)
        self.setLayout(column(head, self.banner, spacing=Space.M))
        desk.heard.connect(self.on_heard)
        self.on_heard()

    @Slot()
    def on_heard(self) -> None:
        """Say what is known now."""
        asking = self.tr("It is being asked.") if self._desk.is_asking else ""
        nobody = self.tr("Nobody can be asked.")
        allow(self.check, asking if self._desk.channel.is_open else nobody)
        self.banner.setVisible(self._show_banner())
        if not self._desk.channel.is_open:
            self.line.show_line(State.SKIPPED, *words.nobody_to_ask(self._desk.channel))
        elif self._desk.is_asking:
            self.line.show_line(State.RUNNING, self.tr("Looking for a newer version"))
        else:
            self._show_outcome(self._desk.news)

    def _show_outcome(self, news: News | AppError | None) -> None:
        match news:
            case None:
                asked = words.what_is_asked(self._desk.channel)
                self.line.show_line(State.TODO, self.tr("Not looked for yet"), asked)
            case NotGenuine():
                self.line.show_line(State.FAILED, self.tr("Nothing of what came is believed"))
            case AppError():
                message, hint = message_words(news), hint_words(news)
                self.line.show_line(State.FAILED, message, hint)
            case _:
                title = words.news_title(news, self._desk.copy.version)
                said = news.standing in {Standing.CURRENT, Standing.OLDER}
                state = State.PARTIAL if news.standing is Standing.REPLAYED else State.DONE
                self.line.show_line(state, title if said else self.tr("Looked for just now"))

    def _show_banner(self) -> bool:
        """Show what asks for a look, and whether there is such a thing."""
        news = None if self._desk.is_asking else self._desk.news
        releases = self._desk.channel.page
        match news:
            case NotGenuine():
                actions = self._links(releases, self.tr("Page of releases"))
                message, hint = message_words(news), hint_words(news)
                self.banner.hold(Banner("danger", message, hint, *actions))
            case News(standing=Standing.NEWER):
                actions = self._links(news.announcement.page, self.tr("Open its page"))
                self._hold(news, *actions)
            case News(standing=Standing.REPLAYED):
                self._hold(news, *self._links(releases, self.tr("Page of releases")))
            case _:
                return False
        return True

    def _hold(self, news: News, *actions: Button) -> None:
        tone: Tone = "accent" if news.standing is Standing.NEWER else "caution"
        title = words.news_title(news, self._desk.copy.version)
        self.banner.hold(Banner(tone, title, words.news_detail(news), *actions))

    def _links(self, address: str, text: str) -> tuple[Button, ...]:
        if not address:
            return ()
        link = button(text)
        link.setObjectName("about-page")
        link.setToolTip(address)
        link.setAccessibleDescription(address)
        link.clicked.connect(partial(self._desk.show_page, address))
        return (link,)
