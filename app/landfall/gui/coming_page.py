"""What stands in the place of a page while the modules that it needs come in."""

from __future__ import annotations

from landfall.gui.page import Page
from landfall.gui.widgets.feedback import Skeleton
from landfall.gui.widgets.layout import Card


class ComingPage(Page):
    """The title of the page that comes, over grey bars."""

    def __init__(self) -> None:
        super().__init__("")
        self.body.addWidget(Card().add(Skeleton(260, 420, 380, 300)))
        self.body.addStretch(1)

    def announce(self, title: str) -> None:
        """Say which page comes."""
        self.header.title.setText(title)
        self.setAccessibleName(title)
