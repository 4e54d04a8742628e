"""The providers: who they are, the key of the chosen one, and what was spent today."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.allowed import allow
from landfall.gui.cloud.desk import CloudDesk, notice_key
from landfall.gui.cloud.key_removal import confirm_removal
from landfall.gui.cloud.key_trouble import KeyTrouble
from landfall.gui.cloud.key_usage_desk import UsageKeyDesk
from landfall.gui.cloud.provider import ProviderCard
from landfall.gui.cloud.provider_list import ProviderList
from landfall.gui.cloud.view import spent_words
from landfall.gui.messages import Action, Notice
from landfall.gui.page import PageState
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.feedback import Skeleton
from landfall.gui.widgets.layout import Card, Swap, button, column, holder, label
from landfall.gui.widgets.two_parts import SideBySide

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.services.cloud.provider import ProviderRow

SIDE = 316
FIRST = "openai"


class ProvidersTab(QWidget):
    """Providers at the left, the chosen one at the right.

    Attributes:
        session_only: Whether keys are kept in memory, because the user does without a keyring.

    Signals:
        chosen: Another provider is looked at, by its id.
        changed: What is shown, or where it stands, is another now.
        jump: Another page is wanted, as of `Page`.
    """

    chosen = Signal(str)
    changed = Signal()
    jump = Signal(str, str)

    def __init__(
        self,
        desk: CloudDesk,
        state: AppState,
        messages: Messages,
        *,
        keep_for_session: Callable[[], None] | None = None,
    ) -> None:
        """Make it; `keep_for_session` as of `CloudPage`."""
        super().__init__()
        self._desk, self._app, self._messages = desk, state, messages
        self._keep_for_session = keep_for_session
        self.session_only = False
        self._chosen = FIRST
        self._asked_for_key = ""
        self._build()
        self._usage_keys = UsageKeyDesk(self.card.usage, desk, messages, parent=self)
        self._connect()

    # Building

    def _build(self) -> None:
        self.trouble = KeyTrouble(offers_session=self._keep_for_session is not None)
        self.trouble.setObjectName("key-trouble")
        self.providers = ProviderList()
        self.card = ProviderCard()
        self.card.setObjectName("provider-card")
        allow(self.card, self.tr("Asking the keyring"))
        self._right = holder(column(self.card, self._spent_card(), spacing=Space.L))
        # What the card says and how high it is depends on the provider.
        self._side = Swap(Card().add(Skeleton(120, 180, 240, 200, 240, 160)).fill())
        both = SideBySide(self.providers, self._side, side_width=SIDE)
        self.setLayout(column(self.trouble, both, None, spacing=Space.L))

    def _spent_card(self) -> Card:
        cap = button(self.tr("Change the cap"), "link")
        cap.setObjectName("change-cap")
        cap.clicked.connect(self.on_cap)
        self.spent = label("", Text.BODY, wrap=True)
        self.spent.setObjectName("spent-today")
        self._spent_detail = label("", Text.CAPTION, tone="text_3", wrap=True)
        card = Card(self.tr("Paid answers"), cap)
        card.body.setSpacing(Space.XS)
        return card.add(self.spent, self._spent_detail)

    def _connect(self) -> None:
        desk, card = self._desk, self.card
        desk.changed.connect(self.on_changed)
        desk.key_taken.connect(self.on_key_taken)
        desk.key_not_taken.connect(self.on_key_not_taken)
        desk.key_refused.connect(self.on_key_refused)
        desk.address_not_taken.connect(self.on_address_not_taken)
        self.providers.chosen.connect(self.on_provider)
        self.providers.try_again_asked.connect(desk.load)
        card.key_entered.connect(self.on_key_entered)
        card.check_asked.connect(self.on_check)
        card.remove_asked.connect(self.on_remove)
        card.models_asked.connect(self.on_models)
        card.address_entered.connect(self.on_address)
        card.plain_http_allowed.connect(self.on_plain_http)
        self.trouble.try_again_asked.connect(self.on_try_again)
        self.trouble.session_asked.connect(self.on_session_keys)

    def show_provider(self, name: str, *, ask_for_key: bool) -> None:
        """Show a provider, by its id, and ask for its key at once where that is wanted."""
        self._asked_for_key = name if ask_for_key else ""
        self.on_provider(name)
        self._fill_card()

    def ask_for_usage_key(self, name: str) -> None:
        """Show a provider, and ask for the key that reads its usage, its own or the usual one."""
        look = self._desk.look(name)
        has_own = look is not None and look.standing.row.usage_key is not None
        self.show_provider(name, ask_for_key=not has_own)
        if has_own:
            self.card.usage.on_add()

    # What is shown

    @Slot()
    def on_changed(self) -> None:
        """Providers, keys or checks are others now."""
        desk = self._desk
        self._side.setVisible(desk.found is not None or not desk.failure)
        # Where the providers cannot be read, the keyring is not asked at all.
        self.trouble.setVisible(desk.found is not None or not desk.failure)
        if desk.found is None:
            if desk.failure:
                self.providers.show_failure(desk.failure)
            self.changed.emit()
            return
        looks = desk.looks()
        self.providers.set_looks(looks, chosen=self._chosen)
        self._fill_card()
        if desk.keys is not None:
            usable = [look for look in looks if look.key is not None and look.key.usable]
            refused = [look.standing.row.name for look in usable if look.refused]
            self.trouble.show_keys(
                trouble=desk.key_trouble,
                usable=len(usable) - len(refused),
                refused=refused,
                of=len(looks),
                in_memory=self.session_only,
            )
        spent = spent_words(desk.found.spending, self._app.settings.daily_budget_usd)
        self.spent.setText(spent[0])
        self._spent_detail.setText(spent[1])
        self._spent_detail.setVisible(bool(spent[1]))
        self.changed.emit()

    @property
    def state(self) -> PageState:
        """Where it stands."""
        desk = self._desk
        if desk.failure and desk.found is None:
            return PageState.FAILED
        if desk.found is None or desk.keys is None:
            return PageState.LOADING
        if desk.key_trouble or desk.price_trouble or desk.failure:
            return PageState.PARTIAL
        looks = desk.looks()
        usable = [look for look in looks if look.key is not None and look.key.usable]
        if not any(look.standing.address is not None for look in usable):
            return PageState.EMPTY
        return PageState.READY

    def _fill_card(self) -> None:
        look = self._desk.look(self._chosen)
        allow(self.card, "" if look is not None else self.tr("Asking the keyring"))
        if look is not None:
            self._side.hold(self._right)
            name = self._chosen
            note = self._desk.notes.get(name, "")
            self.card.set_look(look, note=note, listing=name in self._desk.listing)
            if self._asked_for_key == name and look.key is not None:
                self._asked_for_key = ""
                self.card.ask_for_key()

    # What is chosen

    @Slot(str)
    def on_provider(self, name: str) -> None:
        """Another provider, by its id."""
        if name == self._chosen:
            return
        self._chosen = name
        self.providers.choose(name)
        if self._desk.found is not None:
            self._fill_card()
        self.chosen.emit(name)

    def _row(self) -> ProviderRow | None:
        look = self._desk.look(self._chosen)
        return look.standing.row if look is not None else None

    # Keys

    @Slot(str)
    def on_key_entered(self, typed: str) -> None:
        """A key was typed: into the keyring with it."""
        provider = self._row()
        if provider is not None:
            self.card.editor.set_problem("")
            self.card.editor.set_busy(True)
            self._desk.store(provider, typed)

    @Slot(str)
    def on_key_taken(self, name: str) -> None:
        """It is stored."""
        if name == self._chosen:
            # The focus leaves the field before it goes, and not for the next field below.
            self.providers.take_focus()
            self.card.key_was_taken()

    @Slot(str, str)
    def on_key_not_taken(self, name: str, why: str) -> None:
        """It is not stored: say so at the field."""
        if name == self._chosen:
            self.card.editor.set_busy(False)
            self.card.editor.set_problem(why)
            self.card.editor.field.setFocus()

    @Slot(str, str)
    def on_key_refused(self, name: str, why: str) -> None:
        """The provider says no: the way to a new key."""
        look = self._desk.look(name)
        if look is None:
            return
        self._messages.show(
            Notice(
                key=notice_key(look.standing.row),
                tone="caution",
                title=self.tr("{0} refused the key").format(look.standing.row.name),
                text=self.tr("{0} It may have been revoked.").format(why),
                action=Action(
                    self.tr("Enter a new key"),
                    partial(self._messages.jump_asked.emit, "cloud", f"key:{name}"),
                ),
            )
        )

    @Slot()
    def on_check(self) -> None:
        """Ask whether the key is taken."""
        provider = self._row()
        if provider is not None:
            self._desk.check(provider)

    @Slot()
    def on_remove(self) -> None:
        """Confirm first: a key cannot be had back."""
        provider = self._row()
        if provider is None:
            return
        question = self.tr("Remove the key of {0} from the keyring?").format(provider.name)
        confirm_removal(self, question, name="confirm-remove", then=self._on_remove_confirmed)

    @Slot()
    def _on_remove_confirmed(self) -> None:
        provider = self._row()
        if provider is not None:
            self._desk.remove(provider)

    @Slot()
    def on_try_again(self) -> None:
        """Ask the keyring again."""
        self._desk.keys = None
        self._desk.ask_keyring()
        self.on_changed()

    @Slot()
    def on_session_keys(self) -> None:
        """The user does without a keyring."""
        if self._keep_for_session is not None:
            self._keep_for_session()
            self.session_only = True
            self.card.key_goes = self.tr(
                "Kept in memory until Landfall ends, and sent to the provider to be checked."
            )
            self._desk.ask_keyring()

    # Addresses, models, the cap

    @Slot()
    def on_models(self) -> None:
        """Ask what the provider offers."""
        provider = self._row()
        if provider is not None:
            self._desk.list_models(provider)

    @Slot(str)
    def on_address(self, typed: str) -> None:
        """Reach it elsewhere."""
        provider = self._row()
        if provider is not None:
            self._desk.move(provider, typed)

    @Slot(str)
    def on_plain_http(self, typed: str) -> None:
        """Reach it elsewhere unencrypted: that was warned of and agreed to."""
        provider = self._row()
        if provider is not None:
            self._desk.move(provider, typed, plain_http=True)

    @Slot(str, str)
    def on_address_not_taken(self, name: str, why: str) -> None:
        """Say it at the field."""
        if name == self._chosen:
            self.card.set_address_problem(why)

    @Slot()
    def on_cap(self) -> None:
        """The cap is a setting."""
        self.jump.emit("settings", "daily_budget_usd")
