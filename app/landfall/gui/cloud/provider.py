"""The chosen provider: its key, its address, what it lists; says what the user wants of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLineEdit, QMessageBox, QWidget

from landfall.core.errors import BadInput
from landfall.gui.allowed import allow
from landfall.gui.cloud.key_editor import KeyEditor
from landfall.gui.cloud.key_usage import UsageKeySection
from landfall.gui.cloud.view import address_words, key_detail, key_status
from landfall.gui.outside import open_page
from landfall.gui.tab_order import keyboard_is_at
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, button, column, hairline, label, row
from landfall.services.cloud.address import readable_host

if TYPE_CHECKING:
    from landfall.gui.cloud.view import ProviderLook


class ProviderCard(Card):
    """Shows one provider.

    Attributes:
        key_goes: Where a key goes, where that is not the keyring.

    Signals:
        key_entered: A key was typed.
        check_asked, remove_asked, models_asked: The buttons.
        address_entered: Another address, or "" for the provider's own.
        plain_http_allowed: Another address, at which the key may be read on the way: agreed to.
    """

    key_entered = Signal(str)
    check_asked = Signal()
    remove_asked = Signal()
    models_asked = Signal()
    address_entered = Signal(str)
    plain_http_allowed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._look: ProviderLook | None = None
        self.key_goes = ""
        self._title = label("", Text.HEADING)
        self._pages = button(self.tr("Get a key"), "link")
        self._pages.setObjectName("open-keys-page")
        self._line = StateLine(State.TODO, "", padding=0, keeps_detail=True)
        self._line.setObjectName("key-line")
        self._note = label("", Text.CAPTION, tone="text_2", wrap=True)
        self._note.setObjectName("key-note")
        self.add_key = button("", "primary", icon="key")
        self.add_key.setObjectName("add-key")
        self.replace_key = button(self.tr("Replace…"))
        self.replace_key.setObjectName("replace-key")
        self.check = button(self.tr("Check"))
        self.check.setObjectName("check-key")
        keeps = self.check.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)
        self.check.setSizePolicy(keeps)
        self.remove = button(self.tr("Remove…"), "destructive")
        self.remove.setObjectName("remove-key")
        self.editor = KeyEditor()
        self.editor.hide()
        self.usage = UsageKeySection()
        self._usage_rule = hairline()
        self._buttons = QWidget()
        self._buttons.setLayout(row(self.add_key, self.check, self.replace_key, self.remove, None))
        self._make_address()
        self.list_models = button(self.tr("Ask which models it offers"))
        self.list_models.setObjectName("list-models")
        self._facts = label("", Text.CAPTION, tone="text_3", wrap=True)
        self._build()
        self._connect()

    def _make_address(self) -> None:
        self.address = QLineEdit()
        self.address.setObjectName("provider-address")
        self.address.setAccessibleName(self.tr("Address"))
        self._address_problem = label("", Text.CAPTION, tone="danger", wrap=True)
        self._address_problem.setObjectName("address-problem")
        self.plain_http = button(self.tr("Allow plain http…"))
        self.plain_http.setObjectName("allow-plain-http")
        self.plain_http.hide()
        self._in_force = label("", Text.CAPTION, tone="text_2", wrap=True)
        self._in_force.setObjectName("address-in-force")

    def _build(self) -> None:
        self.body.setContentsMargins(Space.L, Space.M, Space.L, Space.L)
        head = row(self._title, None, self._pages)
        head.setContentsMargins(0, 0, -Space.S, 0)
        self.add(head, self._line, self._note, self._buttons, self.editor)
        self.add(self._usage_rule, self.usage, hairline())
        self.add(
            column(
                label(self.tr("Address"), Text.MEDIUM),
                self.address,
                self._address_problem,
                row(self.plain_http, None),
                self._in_force,
                spacing=Space.XS,
            ),
            hairline(),
            row(self.list_models, None),
            self._facts,
        )
        self._note.hide()
        self._address_problem.hide()

    def _connect(self) -> None:
        self._pages.clicked.connect(self.on_keys_page)
        self.add_key.clicked.connect(self.ask_for_key)
        self.replace_key.clicked.connect(self.ask_for_key)
        self.check.clicked.connect(self.check_asked)
        self.remove.clicked.connect(self.remove_asked)
        self.list_models.clicked.connect(self.models_asked)
        self.editor.entered.connect(self.key_entered)
        self.editor.cancelled.connect(self.on_cancelled)
        self.address.editingFinished.connect(self.on_address)
        self.plain_http.clicked.connect(self.on_plain_http)

    # What is shown

    def set_look(self, look: ProviderLook, *, note: str = "", listing: bool = False) -> None:
        """Show a provider; a key that is being typed stays where it is the same one."""
        before = self._look
        self._look = look
        changed = before is None or before.standing.row.id != look.standing.row.id
        if changed:
            self._close_editor()
        row_ = look.standing.row
        self._title.setText(row_.name)
        self.setAccessibleName(row_.name)
        self._pages.setVisible(bool(row_.keys_page))
        self._pages.setToolTip(row_.keys_page)
        self._pages.setAccessibleName(self.tr("Open {0}").format(row_.keys_page))
        status = key_status(look)
        self._line.show_line(status.state, status.text, key_detail(look))
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self._facts.setText(translated(row_.notes))
        self._facts.setVisible(bool(row_.notes))
        self._show_address(look, fresh=changed)
        self._show_buttons(look, listing=listing)
        self.usage.set_look(look, key_goes=self.key_goes)
        self._usage_rule.setVisible(row_.usage_key is not None)

    def _show_address(self, look: ProviderLook, *, fresh: bool) -> None:
        standing = look.standing
        where = standing.address
        own = standing.row.base_url
        self.address.setPlaceholderText(own or "https://host/v1")
        typed = where.url if where is not None and where.origin == "settings" else ""
        if fresh or not keyboard_is_at(self.address):
            self.address.setText(typed)
            self.address.setCursorPosition(0)
            self.set_address_problem("")
        self._in_force.setText(address_words(where, translated(standing.problem)))

    def _show_buttons(self, look: ProviderLook, *, listing: bool) -> None:
        key = look.key
        stored = key is not None and key.masked is not None
        refused = key_status(look).state is State.FAILED
        self.add_key.setText(self.tr("New key…") if refused else self.tr("Add key…"))
        # Until then nobody knows which of them stand at its left.
        self.check.setVisible(key is not None)
        self.add_key.setVisible(key is not None and (not stored or refused))
        self.replace_key.setVisible(stored and not refused)
        checking = self.tr("The key is being checked.") if look.checking else ""
        unknown = translated(key.problem) if key is not None else self.tr("Asking the keyring")
        for control in (self.add_key, self.replace_key):
            allow(control, unknown or checking)
        usable = key is not None and key.usable and look.standing.address is not None
        why = "" if usable else self._why_not(look)
        tip = self.tr("Asks with the cheapest request; costs nothing.")
        allow(self.check, why or checking, tip=tip)
        allow(self.list_models, why or (self.tr("It is being asked.") if listing else ""))
        self.list_models.setText(
            self.tr("Asking…") if listing else self.tr("Ask which models it offers")
        )
        self.remove.setVisible(stored)
        allow(self.remove, checking)
        self.remove.setAccessibleName(
            self.tr("Remove the key of {0}").format(look.standing.row.name)
        )

    def _why_not(self, look: ProviderLook) -> str:
        if look.standing.address is None:
            return translated(look.standing.problem)
        if look.key is not None and look.key.problem:
            return translated(look.key.problem)
        return self.tr("Asking the keyring") if look.key is None else self.tr("Store a key first.")

    def set_address_problem(self, text: str) -> None:
        """Say at the field what is wrong with the address."""
        self._address_problem.setText(text)
        self._address_problem.setVisible(bool(text))
        self.plain_http.setVisible(bool(text) and bool(self._readable_host()))
        self.address.setAccessibleDescription(text)

    def _readable_host(self) -> str:
        """To which host the key would go unencrypted; "" where it would not, or that is no host."""
        try:
            return readable_host(self.address.text())
        except BadInput:
            return ""

    # What is done

    @Slot()
    def ask_for_key(self) -> None:
        """Open the field for a key."""
        if self._look is None or not self.add_key.isEnabled():
            return
        self.editor.begin(self._look.standing.row.name, hint=self.key_goes)
        self._buttons.hide()
        self.editor.show()
        self.editor.field.setFocus()

    def key_was_taken(self) -> None:
        """It is stored: the field is done with."""
        self._close_editor()

    def _close_editor(self) -> None:
        self.editor.hide()
        self._buttons.show()

    @Slot()
    def on_cancelled(self) -> None:
        """No key is to be stored."""
        self._close_editor()
        (self.add_key if self.add_key.isVisible() else self.replace_key).setFocus()

    @Slot()
    def on_keys_page(self) -> None:
        """Open the provider's page of keys in the browser."""
        if self._look is not None:
            open_page(self._look.standing.row.keys_page, self)

    @Slot()
    def on_address(self) -> None:
        """Another address was typed."""
        if self._look is None:
            return
        where = self._look.standing.address
        now = where.url if where is not None and where.origin == "settings" else ""
        if self.address.text().strip() != now:
            self.address_entered.emit(self.address.text().strip())

    @Slot()
    def on_plain_http(self) -> None:
        """Warn first: whoever is on the way can read what goes there."""
        host = self._readable_host()
        if not host:
            return
        box = QMessageBox(self)
        box.setObjectName("confirm-plain-http")
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(self.tr("Send unencrypted"))
        box.setText(self.tr("Send the key and what you ask to {0} unencrypted?").format(host))
        box.setInformativeText(
            self.tr(
                "Everyone on the way can read both. Do this only in a network of your own. It is"
                " remembered for this host."
            )
        )
        allow = box.addButton(self.tr("Allow plain http"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(self.tr("Do not send"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        box.finished.connect(box.deleteLater)
        allow.clicked.connect(self._on_plain_http_allowed)
        box.open()

    @Slot()
    def _on_plain_http_allowed(self) -> None:
        self.plain_http_allowed.emit(self.address.text().strip())
