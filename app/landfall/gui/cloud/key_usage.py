"""The second key of a provider, which reads what was used and billed and never runs a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.allowed import allow
from landfall.gui.cloud.key_editor import KeyEditor
from landfall.gui.cloud.key_removal import confirm_removal
from landfall.gui.cloud.view import usage_key_status
from landfall.gui.outside import open_page
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import button, column, label, row

if TYPE_CHECKING:
    from landfall.gui.cloud.view import ProviderLook
    from landfall.services.cloud.provider import ProviderRow


class UsageKeySection(QWidget):
    """Shown only for a provider that has such a key.

    Signals:
        entered: A key was typed, for this provider.
        check_asked, remove_asked: Of this provider; removing was confirmed.
    """

    entered = Signal(object, str)
    check_asked = Signal(object)
    remove_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("usage-key")
        self._look: ProviderLook | None = None
        self._checking = ""
        self._key_goes = ""
        self._title = label("", Text.MEDIUM)
        self._pages = button(self.tr("Get one"), "link")
        self._pages.setObjectName("open-usage-keys-page")
        self._what = label("", Text.CAPTION, tone="text_2", wrap=True)
        self._line = StateLine(State.TODO, "", padding=0, keeps_detail=True)
        self._line.setObjectName("usage-key-line")
        self._note = label("", Text.CAPTION, tone="text_2", wrap=True)
        self._note.setObjectName("usage-key-note")
        self.add_key = button("")
        self.add_key.setObjectName("add-usage-key")
        self.check = button(self.tr("Check"))
        self.check.setObjectName("check-usage-key")
        self.check.setToolTip(self.tr("Asks for one day of usage; costs nothing."))
        self.remove = button(self.tr("Remove…"), "destructive")
        self.remove.setObjectName("remove-usage-key")
        self.editor = KeyEditor(prefix="usage-key")
        self.editor.hide()
        self._buttons = QWidget()
        self._buttons.setLayout(row(self.check, self.add_key, self.remove, None))
        head = row(self._title, None, self._pages)
        head.setContentsMargins(0, 0, -Space.S, 0)
        body = (head, self._what, self._line, self._note, self._buttons, self.editor)
        self.setLayout(column(*body, spacing=Space.S))
        self._note.hide()
        self._pages.clicked.connect(self.on_pages)
        self.add_key.clicked.connect(self.on_add)
        self.check.clicked.connect(self.on_check)
        self.remove.clicked.connect(self.on_remove)
        self.editor.entered.connect(self.on_entered)
        self.editor.cancelled.connect(self.close_editor)

    # What is shown

    def set_look(self, look: ProviderLook, *, key_goes: str = "") -> None:
        """Show the key of a provider; nothing where it has none of this kind."""
        before, self._look = self._look, look
        provider = look.standing.row
        if before is None or before.standing.row.id != provider.id:
            self.close_editor()
            self.set_note("")
        self._key_goes = key_goes
        key = provider.usage_key
        self.setVisible(key is not None)
        if key is None or provider.usage is None:
            return
        name = self.tr("Key for usage ({0})").format(key.name)
        self._title.setText(name)
        self.setAccessibleName(name)
        self._pages.setToolTip(key.keys_page)
        self._pages.setAccessibleName(self.tr("Open {0}").format(key.keys_page))
        words = self.tr("Reads what was used and billed. It never runs a model. {0}")
        self._what.setText(words.format(translated(provider.usage.notes)))
        self._show_state()

    def _show_state(self) -> None:
        look = self._look
        assert look is not None
        status = usage_key_status(look, checking=self._checking == look.standing.row.id)
        masked = look.key.usage_masked if look.key is not None else None
        said = [text for text in (masked, status.sub) if text]
        self._line.show_line(status.state, status.text, ", ".join(said))
        unknown = look.key.problem if look.key is not None else ""
        checking = self.tr("A key is being checked.") if self._checking else ""
        asking = self.tr("Asking the keyring") if look.key is None else ""
        why_not = asking or translated(unknown) or checking
        self.add_key.setText(self.tr("Replace…") if masked else self.tr("Add key…"))
        self.add_key.setAccessibleName(
            self.tr("Key for usage of {0}").format(look.standing.row.name)
        )
        allow(self.add_key, why_not)
        for control in (self.check, self.remove):
            control.setVisible(masked is not None)
            allow(control, why_not)
        self.remove.setAccessibleName(
            self.tr("Remove the key for usage of {0}").format(look.standing.row.name)
        )

    def set_checking(self, provider: str) -> None:
        """While the key of this provider is checked nothing can be changed; "" is none."""
        self._checking = provider
        if self._look is not None and self._look.standing.row.usage_key is not None:
            self._show_state()

    def set_note(self, text: str) -> None:
        """What the last answer about the key told."""
        self._note.setText(text)
        self._note.setVisible(bool(text))

    def shows(self, provider: ProviderRow) -> bool:
        """Whether it is this provider's key that can be seen."""
        return self._look is not None and self._look.standing.row.id == provider.id

    # What is done

    @Slot()
    def on_add(self) -> None:
        """Open the field."""
        if self._look is not None and self._look.standing.row.usage_key is not None:
            provider = self._look.standing.row
            key = self._look.standing.row.usage_key
            name = f"{provider.name} ({key.name})"
            self.editor.begin(name, hint=self._key_goes)
            self._buttons.hide()
            self.editor.show()
            self.editor.field.setFocus()

    @Slot()
    def close_editor(self) -> None:
        """Nothing is typed, or it was taken."""
        if self.editor.isVisibleTo(self):
            self.add_key.setFocus()
        self.editor.forget()
        self.editor.hide()
        self._buttons.show()

    @Slot(str)
    def on_entered(self, typed: str) -> None:
        """Hand the key on; it is kept nowhere here."""
        if self._look is not None:
            self.editor.set_problem("")
            self.editor.set_busy(True)
            self.entered.emit(self._look.standing.row, typed)

    @Slot()
    def on_check(self) -> None:
        """Ask whether it is taken."""
        if self._look is not None:
            self.check_asked.emit(self._look.standing.row)

    @Slot()
    def on_pages(self) -> None:
        """Open the provider's page of such keys in the browser."""
        key = self._look.standing.row.usage_key if self._look is not None else None
        if key is not None:
            open_page(key.keys_page, self)

    @Slot()
    def on_remove(self) -> None:
        """Confirm first: a key cannot be had back."""
        if self._look is None:
            return
        name = self._look.standing.row.name
        question = self.tr("Remove the key for usage of {0} from the keyring?").format(name)
        confirm_removal(self, question, name="confirm-remove-usage", then=self._on_confirmed)

    @Slot()
    def _on_confirmed(self) -> None:
        if self._look is not None:
            self.remove_asked.emit(self._look.standing.row)
