"""The left of the window: the brand, the pages, and which host runs the models."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame

from landfall.gui import paint, theme
from landfall.gui.colours import Role
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.layout import Glyph, column, label, row
from landfall.gui.widgets.rows import NavItem, RowButton

if TYPE_CHECKING:
    from landfall.core.hosts.runtime import Runtime

PAGES = ("home", "machine", "models", "run", "cloud", "workloads", "history", "settings")
"""In the order of the sidebar, and of their keys."""


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
