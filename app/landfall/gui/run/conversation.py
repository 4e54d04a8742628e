"""The conversation on the Run page: who is asked, what was said, and the prompt below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget

from landfall.gui.run.chat_view import ChatView
from landfall.gui.run.cloud_chooser import CloudChooser
from landfall.gui.run.order import Hosted, Local, Order
from landfall.gui.run.place import RunPlace
from landfall.gui.run.prompt_form import PromptForm
from landfall.gui.run.remote_line import RemoteLine
from landfall.gui.widgets.layout import Card, hairline

if TYPE_CHECKING:
    from landfall.gui.run.targets import LocalTarget

LEAST_HEIGHT = 220
ALONE_HEIGHT = 320
"""Where the measurements stand below it and not beside."""


class Conversation(Card):
    """A card; what stands in it is told by the page.

    Attributes:
        chooser: Of a provider and its model. place: What stands there while there is no answer.
        remote: Whether a model in a cloud may be asked. chat: What was said. form: The prompt.
    """

    def __init__(self, chooser: CloudChooser, place: RunPlace, *, context: int) -> None:
        super().__init__()
        self.chooser, self.place = chooser, place
        chooser.hide()
        self.remote = RemoteLine()
        self.chat = ChatView()
        self._stack = QStackedWidget()
        self._stack.addWidget(place)
        self._stack.addWidget(self.chat)
        self._stack.setMinimumHeight(LEAST_HEIGHT)
        self.form = PromptForm(context)
        self.add(chooser, self.remote)
        self.body.addWidget(self._stack, 1)
        self.add(hairline(), self.form)

    def stand_alone(self, alone: bool) -> None:
        """Whether nothing stands beside it: then it is higher."""
        self._stack.setMinimumHeight(ALONE_HEIGHT if alone else LEAST_HEIGHT)

    def show_place(self, *, here: bool, any_model: bool) -> None:
        """What was said, or what stands in its place."""
        if self.chat.answers:
            self._stack.setCurrentWidget(self.chat)
        else:
            self._stack.setCurrentWidget(self.place)
            self.place.show_for(here=here, any_model=any_model)

    def order_local(self, question: str, target: LocalTarget | None) -> Order:
        """What would be sent now to a model of the server in use, or of another host."""
        local = None
        if target is not None:
            allowed = self.remote.allows(target)
            local = Local(target.model, allow_remote=allowed, host=target.host)
        return self._order(question, local=local)

    def order_hosted(self, question: str) -> Order:
        """What would be sent now to the provider that is chosen."""
        row = self.chooser.row
        return self._order(
            question, hosted=Hosted(row, self.chooser.model_name) if row is not None else None
        )

    def _order(
        self, question: str, *, local: Local | None = None, hosted: Hosted | None = None
    ) -> Order:
        return Order(
            question=question,
            system=self.form.system_text,
            parameters=self.form.parameters,
            local=local,
            hosted=hosted,
        )
