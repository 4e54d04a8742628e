"""What the Cloud page knows of providers, keys and prices, and the work that finds it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from landfall.core.errors import AppError, BadInput, KeyRefused, KeyringUnavailable
from landfall.gui.cloud.asked import Answer, Work, answered
from landfall.gui.cloud.view import ProviderLook, accepted_words, balance_words, said
from landfall.gui.hints import failure_words
from landfall.gui.translated import translated
from landfall.services.cloud import price_list, rows
from landfall.services.cloud.standing import Standing, Standings, standings
from landfall.services.cloud.usage import BALANCES, fetch_balance
from landfall.services.history.records import now_iso
from landfall.services.pricing.prices import ProviderName
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.core.pricing.call_shape import CallShape
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.gui.preferences import Preferences
    from landfall.gui.tasks import TaskRunner
    from landfall.services.cloud.access import CloudAccess, KeyState
    from landfall.services.cloud.price_list import ListedModel, PriceAge
    from landfall.services.cloud.provider import HostedModel, ProviderRow
    from landfall.services.history.history import History

Models = tuple["ListedModel", ...]


class CloudDesk(QObject):
    """Holds values and tells when they change; a key passes through and is kept nowhere.

    Attributes:
        found: The providers, or None while they are read. failure: Why they could not be.
        keys: By provider, or None while the keyring is asked. key_trouble: Why it cannot be used.
        names: Everyone with prices, or None while they are read. price_trouble: Why not.
        notes: What the last answer about a key told, by provider.
        checking, listing: Providers that are being asked.

    Signals:
        changed: Providers, keys or notes.
        prices_changed: Prices of a provider, or that there are none.
        quoted: The price of a call.
        key_taken: A key was stored, of this provider.
        key_not_taken: One was not, of this provider, and why.
        key_refused: A provider refused its key, and what it said.
        address_not_taken: An address of this provider cannot be used, and why.
    """

    changed = Signal()
    prices_changed = Signal()
    quoted = Signal(object)
    key_taken = Signal(str)
    key_not_taken = Signal(str, str)
    key_refused = Signal(str, str)
    address_not_taken = Signal(str, str)

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        *,
        cloud: Callable[[], CloudAccess],
        preferences: Preferences,
        history: History,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._app, self._tasks, self._messages = state, tasks, messages
        self._cloud, self._preferences, self._history = cloud, preferences, history
        self.found: Standings | None = None
        self.failure = ""
        self.keys: dict[str, KeyState] | None = None
        self.key_trouble = ""
        self.names: tuple[ProviderName, ...] | None = None
        self.price_trouble = ""
        self.notes: dict[str, str] = {}
        self.checking: set[str] = set()
        self.listing: set[str] = set()
        self._settings = state.settings
        self._lists: dict[str, Models] = {}
        self._hosted: dict[str, tuple[HostedModel, ...]] = {}
        self._stored_at: dict[str, str] = {}
        self._quotes = 0

    # What is known

    @property
    def stale_days(self) -> int:
        """From when on a price is stale."""
        return self._app.settings.thresholds.price_stale_days

    def look(self, name: str) -> ProviderLook | None:
        """All that is known of a provider."""
        found = next((s for s in self._providers() if s.row.id == name), None)
        return None if found is None else self._look(found)

    def looks(self) -> tuple[ProviderLook, ...]:
        """All that is known of every provider."""
        return tuple(self._look(standing) for standing in self._providers())

    def models(self, name: str) -> Models | None:
        """The models of a provider with their prices; None while they are not read."""
        return self._lists.get(name)

    def age(self, name: str) -> PriceAge | None:
        """How old the prices of a provider are."""
        return price_list.age(self._lists.get(name, ()), today=datetime.now(UTC).date())

    def _providers(self) -> tuple[Standing, ...]:
        return self.found.providers if self.found is not None else ()

    def _look(self, standing: Standing) -> ProviderLook:
        name = standing.row.id
        check = standing.check
        if check is not None and check.at < self._stored_at.get(name, ""):
            # It was a check of the key that was there before.
            standing = replace(standing, check=None)
        return ProviderLook(
            standing=standing,
            key=self.keys.get(name) if self.keys is not None else None,
            checking=name in self.checking,
            age=self.age(name),
            priced=name in self._lists,
            stale_days=self.stale_days,
        )

    # Finding out

    @property
    def access(self) -> CloudAccess:
        """Keys, providers and prices under the settings of now."""
        return self._cloud()

    def ask(self, about: Any, work: Work, then: Callable[..., None]) -> None:
        """Have some work done; `then` gets an `Answer`."""
        task = self._tasks.run(answered(about, work))
        task.succeeded.connect(then)
        task.failed.connect(self._on_bug)

    @Slot(object)
    def _on_bug(self, error: BaseException) -> None:
        self._messages.fail(error)
        self.checking.clear()
        self.listing.clear()
        self.changed.emit()

    def load(self) -> None:
        """Read everything anew, as the settings are now."""
        self._settings = self._app.settings
        self.look_back()
        self.ask_keyring()
        self.read_prices()

    def catch_up(self) -> None:
        """Read what other settings, runs and checks have changed; a theme changes nothing here."""
        before, now = self._settings, self._app.settings
        self._settings = now
        self.look_back()
        if before.base_urls != now.base_urls:
            self.ask_keyring()
        if (before.prices, before.thresholds) != (now.prices, now.thresholds):
            self.read_prices()

    def look_back(self) -> None:
        """Read the history: checks, runs, what was spent."""
        work = self._tasks.run(standings(self._cloud(), self._history))
        work.succeeded.connect(self._on_found)
        work.failed.connect(self._on_not_found)

    @Slot(object)
    def _on_found(self, found: Standings) -> None:
        self.found, self.failure = found, ""
        self.changed.emit()

    @Slot(object)
    def _on_not_found(self, error: BaseException) -> None:
        self.failure = said(error) if isinstance(error, AppError) else str(error)
        self._messages.fail(error)
        self.changed.emit()

    def ask_keyring(self) -> None:
        """Ask which keys are stored; a keyring that is locked may show its prompt."""
        work = self._tasks.run(self._cloud().states())
        work.succeeded.connect(self._on_keys)
        work.failed.connect(self._on_no_keys)

    @Slot(object)
    def _on_keys(self, states: tuple[KeyState, ...]) -> None:
        self.keys = {state.row.id: state for state in states}
        self.key_trouble = next(
            (translated(state.problem) for state in states if state.problem), ""
        )
        self.changed.emit()

    @Slot(object)
    def _on_no_keys(self, error: BaseException) -> None:
        self.keys = {}
        self._on_not_found(error)

    def read_prices(self) -> None:
        """Read the prices of the providers that can be called, and who else has prices."""
        work = self._tasks.run(in_thread(_all_prices, self._cloud(), dict(self._hosted)))
        work.succeeded.connect(self._on_prices)
        work.failed.connect(self._on_no_prices)

    @Slot(object)
    def _on_prices(self, read: tuple[tuple[ProviderName, ...], dict[str, Models]]) -> None:
        self.names, self._lists = read
        self.price_trouble = ""
        self.prices_changed.emit()
        self.changed.emit()

    @Slot(object)
    def _on_no_prices(self, error: BaseException) -> None:
        self.price_trouble = said(error) if isinstance(error, AppError) else str(error)
        if not isinstance(error, AppError):
            self._messages.fail(error)
        self.prices_changed.emit()
        self.changed.emit()

    def want_prices(self, name: str) -> None:
        """Read the prices of a provider that were not read yet."""
        if name in self._lists or self.names is None:
            return
        prices, now = self._cloud().prices, datetime.now(UTC)
        self.ask(name, partial(in_thread, price_list.listed, prices, name, at=now), self._on_list)

    @Slot(object)
    def _on_list(self, answer: Answer) -> None:
        if answer.error is not None:
            self._on_no_prices(answer.error)
            return
        self._lists[answer.about] = answer.value
        self.prices_changed.emit()

    def quote(self, provider: str, model: str, shape: CallShape) -> None:
        """Ask for the price of a call; only the last one asked for is told."""
        self._quotes += 1
        prices, now = self._cloud().prices, datetime.now(UTC)
        work = partial(in_thread, prices.quote, provider, model, shape, at=now)
        self.ask(self._quotes, work, self._on_quote)

    @Slot(object)
    def _on_quote(self, answer: Answer) -> None:
        if answer.error is not None:
            self._messages.fail(answer.error)
        elif answer.about == self._quotes:
            self.quoted.emit(answer.value)

    # Keys

    def store(self, row: ProviderRow, typed: str) -> None:
        """Put a key into the keyring, then have it checked."""
        self.ask(row, partial(self._cloud().store, row, typed), self._on_stored)

    @Slot(object)
    def _on_stored(self, answer: Answer) -> None:
        row: ProviderRow = answer.about
        if answer.error is not None:
            instead = self._right_place(answer.error)
            self.key_not_taken.emit(row.id, said(answer.error, instead=instead))
            self._note_keyring(answer.error)
            self.changed.emit()
            return
        self.keys = {**(self.keys or {}), row.id: answer.value}
        self.key_trouble = ""
        self._stored_at[row.id] = now_iso()
        self._hosted.pop(row.id, None)
        self.key_taken.emit(row.id)
        self.check(row)

    def _right_place(self, error: AppError) -> str:
        if "--usage" in error.hint:
            return self.tr("Enter it at that provider, as its key for usage.")
        return self.tr("Choose that provider in the list and enter it there.")

    def check(self, row: ProviderRow) -> None:
        """Ask the provider whether it takes the stored key."""
        if row.id in self.checking:
            return
        self.checking.add(row.id)
        self.notes.pop(row.id, None)
        self.changed.emit()
        self.ask(row, partial(self._cloud().check, row), self._on_checked)

    @Slot(object)
    def _on_checked(self, answer: Answer) -> None:
        row: ProviderRow = answer.about
        self.checking.discard(row.id)
        if answer.error is None:
            self.notes[row.id] = accepted_words(answer.value)
            self._messages.dismiss(notice_key(row))
            if row.id in BALANCES:
                self.ask(row, partial(fetch_balance, self._cloud(), row), self._on_balance)
        else:
            self._on_refusal(row, answer.error)
        self.changed.emit()
        self.look_back()

    @Slot(object)
    def _on_balance(self, answer: Answer) -> None:
        """What is left stands beside the key that was checked; where it is not told, nothing."""
        row: ProviderRow = answer.about
        if answer.error is None and row.id in self.notes:
            self.notes[row.id] += f" {balance_words(answer.value)}"
            self.changed.emit()

    def _on_refusal(self, row: ProviderRow, error: AppError) -> None:
        self.notes[row.id] = said(error)
        self._note_keyring(error)
        if isinstance(error, KeyRefused):
            self.key_refused.emit(row.id, translated(error.message))

    def _note_keyring(self, error: AppError) -> None:
        if isinstance(error, KeyringUnavailable):
            self.key_trouble = failure_words(error)

    def remove(self, row: ProviderRow) -> None:
        """Take a key out of the keyring."""
        self.ask(row, partial(self._cloud().remove, row), self._on_removed)

    @Slot(object)
    def _on_removed(self, answer: Answer) -> None:
        row: ProviderRow = answer.about
        if answer.error is not None:
            self._messages.fail(answer.error)
            return
        self.notes.pop(row.id, None)
        self._hosted.pop(row.id, None)
        self._messages.dismiss(notice_key(row))
        self._messages.toast(self.tr("The key of {0} is removed").format(row.name))
        self.ask_keyring()
        self.read_prices()

    # What a provider offers, and where it is

    def list_models(self, row: ProviderRow) -> None:
        """Ask the provider which models the stored key may use."""
        if row.id in self.listing:
            return
        self.listing.add(row.id)
        self.changed.emit()
        self.ask(row, partial(self._cloud().models, row), self._on_listed)

    @Slot(object)
    def _on_listed(self, answer: Answer) -> None:
        row: ProviderRow = answer.about
        self.listing.discard(row.id)
        if answer.error is None:
            self._hosted[row.id] = answer.value
            count = len(answer.value)
            self.notes[row.id] = self.tr("{0} lists {1} models.").format(row.name, count)
            self.read_prices()
        else:
            self._on_refusal(row, answer.error)
        self.changed.emit()

    def move(self, row: ProviderRow, typed: str, *, plain_http: bool = False) -> None:
        """Reach a provider at another address; nothing typed is its own.

        Args:
            plain_http: The user was warned that the key can be read on the way, and agreed.
        """
        try:
            settings = self._cloud().with_address(row, typed, plain_http=plain_http)
        except BadInput as error:
            instead = self.tr("Use https, or allow plain http for a host in your own network.")
            self.address_not_taken.emit(row.id, said(error, instead=instead))
            return
        self._hosted.pop(row.id, None)
        self.notes.pop(row.id, None)
        self._preferences.change(settings)


def notice_key(row: ProviderRow) -> str:
    """Of the banner about a provider's key."""
    return f"key-{row.id}"


def _all_prices(
    access: CloudAccess, hosted: dict[str, Any]
) -> tuple[tuple[ProviderName, ...], dict[str, Models]]:
    """Everyone with prices, and the models of those that can be called. Runs on a thread."""
    now = datetime.now(UTC)
    prices = access.prices
    return prices.providers(), {
        row.id: price_list.listed(prices, row.id, at=now, hosted=hosted.get(row.id))
        for row in rows()
    }
