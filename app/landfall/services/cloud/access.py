"""The user's providers: which have a key, what they offer, and a paid answer with consent."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from urllib.parse import urlsplit

from landfall.core.errors import AppError, BadInput, KeyMissing, KeyringUnavailable
from landfall.core.hosts.host_names import is_loopback
from landfall.core.settings import Settings
from landfall.services import cloud, paths
from landfall.services.cloud import adapters, address
from landfall.services.cloud.address import Address
from landfall.services.cloud.budget import Budget, Ceiling, Consent, worst_case
from landfall.services.cloud.provider import Accepted, HostedModel, KeyKind, Provider, ProviderRow
from landfall.services.cloud.transport import Transport
from landfall.services.egress import Purpose
from landfall.services.history.history import History
from landfall.services.history.records import now_iso
from landfall.services.keys.key_store import KeyStore
from landfall.services.keys.secret import Secret, clean
from landfall.services.pricing import offered_models
from landfall.services.pricing import refresh as price_refresh
from landfall.services.pricing.prices import Prices
from landfall.services.pricing.refresh import Refreshed
from landfall.services.run.answering import Ask
from landfall.services.run.targets import CLOUD_ANSWER_TOKENS, CloudTarget, messages_of
from landfall.services.threads import in_thread

logger = logging.getLogger(__name__)

WHY_CHECK: Mapping[KeyKind, str] = MappingProxyType(
    {"inference": "key check", "usage": "usage key check"}
)
"""Why a check is sent, as the egress log has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyState:
    """A provider and its key as they may be shown.

    Attributes:
        masked: The key with its middle left out, or None where none is stored.
        usage_masked: The same of the key that reads usage, where the provider has such a one.
        problem: Why the keyring could not be asked, or "".
        needs_key: False for a server on this machine that the user named: it may take none.
    """

    row: ProviderRow
    masked: str | None
    problem: str = ""
    needs_key: bool = True
    usage_masked: str | None = None

    @property
    def usable(self) -> bool:
        """Whether it can be asked as things stand."""
        return self.masked is not None or not self.needs_key


def with_plain_http(settings: Settings, host: str) -> Settings:
    """The settings with one more host to which keys may go unencrypted; "" changes nothing."""
    if not host or host in settings.plain_http_hosts:
        return settings
    return replace(settings, plain_http_hosts=(*settings.plain_http_hosts, host))


async def note_stored(history: History, row: ProviderRow, kind: KeyKind) -> None:
    """A key was stored: what was said of the one before does not hold of it. A history that cannot
    be written keeps no checks either."""
    try:
        await history.note_key_stored(row.entry(kind), now_iso())
    except AppError as error:
        logger.warning("that a key was stored is not kept: %s", error)


class CloudAccess:
    """Keys, providers and prices joined, for one set of settings."""

    def __init__(
        self,
        settings: Settings,
        *,
        keys: KeyStore,
        transport: Transport,
        history: History,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._transport = transport
        self._environment = environment
        self._history = history
        self.prices = Prices(settings)
        self.budget = Budget(self.prices, history, day_cap_usd=settings.daily_budget_usd)

    async def states(self) -> tuple[KeyState, ...]:
        """Every provider and whether its key is stored; a keyring that fails is said once each."""
        states = []
        problem = ""
        for row in cloud.rows():
            masked, usage_masked = None, None
            if not problem:
                try:
                    masked = await self._masked(row, "inference")
                    usage_masked = await self._masked(row, "usage") if row.usage_key else None
                except KeyringUnavailable as error:
                    problem = str(error)
            states.append(self._state(row, masked, usage_masked, problem=problem))
        return tuple(states)

    async def store(self, row: ProviderRow, typed: str, *, kind: KeyKind = "inference") -> KeyState:
        """Put a key into the keyring.

        Raises:
            BadInput: it is empty, for the other use, or another provider's.
            KeyringUnavailable: there is none, it forgets or it cannot be unlocked.
        """
        secret = clean(typed)
        cloud.assert_right_field(secret, row, kind=kind, moved=self._moved(row))
        await self._keys.store(row.entry(kind), secret)
        await note_stored(self._history, row, kind)
        if kind == "inference":
            # What was listed was listed for another key.
            await in_thread(offered_models.forget, row.id)
        return self._state(
            row,
            await self._masked(row, "inference"),
            await self._masked(row, "usage") if row.usage_key else None,
        )

    async def remove(self, row: ProviderRow, *, kind: KeyKind = "inference") -> bool:
        """Take a key out of the keyring; False where there was none."""
        removed = await self._keys.remove(row.entry(kind))
        if kind == "inference":
            await in_thread(offered_models.forget, row.id)
        return removed

    async def check(self, row: ProviderRow, *, kind: KeyKind = "inference") -> Accepted:
        """Ask the provider with the cheapest request whether it takes the stored key.

        Raises:
            KeyMissing, KeyRefused, NetworkUnavailable: see `Provider.check`.
        """
        key = await (self._key(row) if kind == "inference" else self.usage_key(row))
        return await self.provider(row).check(key, purpose=Purpose(why=WHY_CHECK[kind]), kind=kind)

    async def usage_key(self, row: ProviderRow) -> Secret:
        """The key that reads usage of a provider: its own, or the usual one where that does.

        For `Outgoing(..., kind="usage")` alone; it never runs models.

        Raises:
            BadInput: the provider tells no usage to a key.
            KeyMissing: it is not stored.
            KeyringUnavailable: the keyring cannot be asked.
        """
        if row.usage is None:
            raise BadInput(
                f"{row.name} tells no usage to a key.",
                "Import a file that it exports.",
                field="provider",
            )
        if row.usage.key is None:
            kind: KeyKind = "inference"
            named, flag = "key", ""
        else:
            kind, named, flag = "usage", row.usage.key.name, " --usage"
        secret = await self._keys.get(row.entry(kind))
        if secret is None:
            raise KeyMissing(
                f"No {named} of {row.name} is stored, which its usage is read with.",
                f"Store one with `landfall key set {row.id}{flag}`, or on the Cloud page.",
            )
        return secret

    async def models(self, row: ProviderRow) -> tuple[HostedModel, ...]:
        """The models that the stored key may use."""
        key = await self._key(row)
        listed = await self.provider(row).list_models(key, purpose=Purpose(why="model list"))
        if not self.address(row).moved:
            # Prices are held against it: what a provider does not list is not recommended.
            await in_thread(offered_models.keep, row.id, listed, on=datetime.now(UTC).date())
        return listed

    async def refresh_prices(self) -> Refreshed:
        """Fetch the price table anew, once: see `services.pricing.refresh.refresh`."""
        return await price_refresh.refresh(self._transport, paths.of_user().prices)

    def ceiling(self, row: ProviderRow, model: str, *, ask: Ask) -> Ceiling:
        """What an answer would cost at most, to be told before it is asked for."""
        return worst_case(
            self.prices,
            row.id,
            model=model,
            messages=messages_of(ask),
            max_tokens=ask.num_predict or CLOUD_ANSWER_TOKENS,
            at=datetime.now(UTC),
        )

    async def target(
        self, row: ProviderRow, model: str, *, consent: Consent, purpose: Purpose
    ) -> CloudTarget:
        """A model to run, within what was agreed to.

        Raises:
            KeyMissing: no key is stored.
        """
        return CloudTarget(
            self.provider(row),
            await self._key(row),
            model=model,
            budget=self.budget,
            quotes=self.prices,
            consent=consent,
            purpose=purpose,
        )

    def provider(self, row: ProviderRow) -> Provider:
        """The provider at the address in force.

        Raises:
            BadInput: its address cannot be used, or there is none.
        """
        return adapters.provider(row, self.address(row), self._transport)

    def address(self, row: ProviderRow) -> Address:
        """Where a provider is reached as things stand, and who said so.

        Raises:
            BadInput: its address cannot be used, or there is none.
        """
        return cloud.address_of(row, settings=self._settings, environment=self._environment)

    def with_address(self, row: ProviderRow, typed: str, *, plain_http: bool = False) -> Settings:
        """The settings with another address of a provider; nothing typed is its own address.

        Args:
            plain_http: The user was warned that the key can be read on the way, and agreed: that is
                remembered for this host.

        Raises:
            BadInput: what was typed cannot be used.
        """
        urls = dict(self._settings.base_urls)
        urls.pop(row.id, None)
        if typed.strip():
            urls[row.id] = address.parse(
                typed,
                field="base_urls",
                plain_http=plain_http,
                plain_http_hosts=self._settings.plain_http_hosts,
                path_if_none=row.moved_path,
            )
        settings = replace(self._settings, base_urls=MappingProxyType(urls))
        host = address.readable_host(typed) if plain_http and typed.strip() else ""
        return with_plain_http(settings, host)

    @property
    def transport(self) -> Transport:
        """The way out to every provider."""
        return self._transport

    async def inference_key(self, row: ProviderRow) -> Secret | None:
        """The key that runs models; None where the provider needs none.

        Raises:
            KeyMissing, KeyringUnavailable: it cannot be had.
        """
        return await self._key(row)

    async def _masked(self, row: ProviderRow, kind: KeyKind) -> str | None:
        secret = await self._keys.get(row.entry(kind))
        return secret.masked if secret else None

    def _state(
        self, row: ProviderRow, masked: str | None, usage_masked: str | None, *, problem: str = ""
    ) -> KeyState:
        return KeyState(
            row=row,
            masked=masked,
            usage_masked=usage_masked,
            problem=problem,
            needs_key=self._needs_key(row),
        )

    def _moved(self, row: ProviderRow) -> bool:
        if not row.base_url and row.id not in self._settings.base_urls:
            return True
        return self.address(row).moved

    def _needs_key(self, row: ProviderRow) -> bool:
        """A server of the user's own on this machine may be open; a keyring may be missing."""
        if row.id != cloud.CUSTOM:
            return True
        try:
            where = self.address(row)
        except BadInput:
            return True
        return not is_loopback(urlsplit(where.url).hostname or "")

    async def _key(self, row: ProviderRow) -> Secret | None:
        try:
            secret = await self._keys.get(row.id)
        except KeyringUnavailable:
            if self._needs_key(row):
                raise
            return None
        if secret is None and self._needs_key(row):
            raise KeyMissing(
                f"No key of {row.name} is stored.",
                f"Store one with `landfall key set {row.id}`, or on the Cloud page.",
            )
        return secret
