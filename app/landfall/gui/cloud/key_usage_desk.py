"""Stores, checks and removes the keys that read usage, and says at their place what came of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from landfall.core.errors import AppError
from landfall.gui.cloud.desk import Answer, Work, answered
from landfall.gui.cloud.view import accepted_words, said

if TYPE_CHECKING:
    from landfall.gui.cloud.desk import CloudDesk
    from landfall.gui.cloud.key_usage import UsageKeySection
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.cloud.access import CloudAccess
    from landfall.services.cloud.provider import ProviderRow


class UsageKeyDesk(QObject):
    """Between the section of the card and the keyring; a key passes through and is kept nowhere."""

    def __init__(
        self,
        section: UsageKeySection,
        desk: CloudDesk,
        tasks: TaskRunner,
        messages: Messages,
        *,
        cloud: Callable[[], CloudAccess],
        parent: QObject,
    ) -> None:
        """Join them.

        Args:
            section: Shows the key of the chosen provider.
            desk: Reads keys and checks anew after each change.
            tasks: Runs the work. messages: Takes what is a bug.
            cloud: Keys and providers under the settings of now.
        """
        super().__init__(parent)
        self._section, self._desk = section, desk
        self._tasks, self._messages, self._cloud = tasks, messages, cloud
        section.entered.connect(self.on_entered)
        section.check_asked.connect(self.on_check)
        section.remove_asked.connect(self.on_remove)

    def _ask(self, row: ProviderRow, work: Work, then: Callable[[Answer], None]) -> None:
        task = self._tasks.run(answered(row, work))
        task.succeeded.connect(then)
        task.failed.connect(self._on_bug)

    @Slot(object)
    def _on_bug(self, error: BaseException) -> None:
        self._messages.fail(error)
        self._section.editor.set_busy(False)
        self._section.set_checking("")

    @Slot(object, str)
    def on_entered(self, row: ProviderRow, typed: str) -> None:
        """Into the keyring with it, and then have it checked."""
        work = partial(self._cloud().store, row, typed, kind="usage")
        self._ask(row, work, self._on_stored)

    @Slot(object)
    def _on_stored(self, answer: Answer) -> None:
        row: ProviderRow = answer.about
        here = self._section.shows(row)
        if answer.error is not None:
            if here:
                self._section.editor.set_busy(False)
                self._section.editor.set_problem(said(answer.error, instead=self._place(answer)))
                self._section.editor.field.setFocus()
            return
        if here:
            self._section.close_editor()
        self._desk.ask_keyring()
        self.on_check(row)

    def _place(self, answer: Answer) -> str:
        """Where a key belongs that was pasted here."""
        error: AppError | None = answer.error
        if error is not None and f"key set {answer.about.id}`" in error.hint:
            return self.tr("Enter it as the key that runs models, above.")
        return self.tr("Choose that provider in the list and enter it there.")

    @Slot(object)
    def on_check(self, row: ProviderRow) -> None:
        """Ask with the cheapest request."""
        self._section.set_checking(row.id)
        self._ask(row, partial(self._cloud().check, row, kind="usage"), self._on_checked)

    @Slot(object)
    def _on_checked(self, answer: Answer) -> None:
        self._section.set_checking("")
        if self._section.shows(answer.about):
            instead = self.tr("Store another one.")
            error = answer.error
            told = accepted_words(answer.value) if error is None else said(error, instead=instead)
            self._section.set_note(told)
        self._desk.look_back()

    @Slot(object)
    def on_remove(self, row: ProviderRow) -> None:
        """Take it out of the keyring."""
        self._ask(row, partial(self._cloud().remove, row, kind="usage"), self._on_removed)

    @Slot(object)
    def _on_removed(self, answer: Answer) -> None:
        if answer.error is not None:
            self._messages.fail(answer.error)
            return
        if self._section.shows(answer.about):
            self._section.set_note("")
        name = answer.about.name
        self._messages.toast(self.tr("The key for usage of {0} is removed").format(name))
        self._desk.ask_keyring()
