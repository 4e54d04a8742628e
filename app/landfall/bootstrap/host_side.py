"""What answers the window about hosts: looks, watches, and tokens. It comes in with their page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from landfall.core.errors import AppError, KeyringUnavailable
from landfall.core.hosts.hosts import Host, HostKind, HostReading, HostState
from landfall.core.settings import Settings
from landfall.services.history.history import History
from landfall.services.hosts import in_workloads, locks, looking, tokens, watching
from landfall.services.hosts.line import HostProblem
from landfall.services.hosts.looking import Asking
from landfall.services.hosts.seen import HostsSeen
from landfall.services.hosts.watching import Rhythm
from landfall.services.keys.key_store import KeyStore
from landfall.services.keys.secret import Secret, clean

logger = logging.getLogger(__name__)

KEYRING_SECONDS = 0.3
"""So long the keyring is waited for; one that asks its user first answers beside the looks."""

GATHER_SECONDS = 0.5
TOGETHER_SECONDS = 0.02


class HostSide:
    """One for the life of the window; its coroutines run on the io loop.

    Args:
        keys: The store of keys in use now.
        rhythm: How often hosts are asked while they are watched; None is as usual.
    """

    def __init__(
        self, history: History, keys: Callable[[], KeyStore], *, rhythm: Rhythm | None = None
    ) -> None:
        self._history, self._keys, self._rhythm = history, keys, rhythm
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """Why the keyring could not be asked for tokens when the last watch began, or ""."""
        return self._trouble

    async def watched(
        self, hosts: Sequence[Host], settings: Settings
    ) -> AsyncGenerator[HostReading, None]:
        """The reading of each host as it comes, for as long as this is iterated."""
        locked = await self._locked(settings)
        self._trouble = "The keyring has not answered yet. It may wait to be unlocked."
        with_tokens = asyncio.create_task(self._with_tokens(hosts, settings, locked))
        try:
            await asyncio.wait({with_tokens}, timeout=KEYRING_SECONDS)
            known = with_tokens.done()
            watch = watching.watched(
                hosts,
                asking=with_tokens.result()
                if known
                else tokens.without_tokens(hosts, settings, locked=locked),
                later=None if known else with_tokens,
                seen=await self._seen(),
                rhythm=self._rhythm,
            )
            async with aclosing(watch) as readings:
                async for reading in _gathered(readings):
                    yield reading
        finally:
            await _given_up(with_tokens)

    async def _with_tokens(
        self, hosts: Sequence[Host], settings: Settings, locked: Mapping[str, tuple[str, ...]]
    ) -> Mapping[str, Asking]:
        told, self._trouble = await tokens.askings(hosts, settings, self._keys(), locked=locked)
        return told

    async def _locked(self, settings: Settings) -> Mapping[str, tuple[str, ...]]:
        """A history that cannot be read was told of when it was opened; hosts are asked anyway."""
        try:
            return await locks.locked_on(settings, self._history)
        except AppError as error:
            logger.warning("which workloads are locked is not known: %s", error)
            return {}

    async def _seen(self) -> HostsSeen | None:
        """A history that cannot be read was told of when it was opened; hosts are asked anyway."""
        try:
            return await HostsSeen.opened(self._history)
        except AppError as error:
            logger.warning("what hosts said before is not known: %s", error)
            return None

    async def looked_at(
        self,
        host: Host,
        settings: Settings,
        *,
        typed: str = "",
        find_kind: bool = False,
        without_stored: bool = False,
    ) -> HostReading:
        """One look, as `gui.hosts.desk.HostsBehind` has it."""
        token = clean(typed) if typed else None
        locked = (await self._locked(settings)).get(host.name, ())
        asking = Asking(token=token, plain_http_hosts=settings.plain_http_hosts, locked=locked)
        if token is not None or without_stored:
            return await _look(host, asking, find_kind=find_kind)
        stored = asyncio.create_task(self._stored(host))
        try:
            await asyncio.wait({stored}, timeout=KEYRING_SECONDS)
            if not stored.done():
                reading = await _look(host, asking, find_kind=find_kind)
                if reading.state is not HostState.REFUSED:
                    return reading
            return await _look(host, replace(asking, token=await stored), find_kind=find_kind)
        finally:
            await _given_up(stored)

    async def _stored(self, host: Host) -> Secret | None:
        try:
            return await tokens.of(host, self._keys())
        except KeyringUnavailable:
            return None  # the reading says that a token is asked for, where one is

    async def stored_token(self, url: str) -> Secret | None:
        """The token for an address, or None.

        Raises:
            KeyringUnavailable: the keyring cannot be asked.
        """
        return await self._keys().get(tokens.entry_of(url))

    async def keep_token(self, url: str, token: Secret | str) -> None:
        """Store a token, as typed or as it was taken out.

        Raises:
            BadInput: it can be none.
            KeyringUnavailable: there is no keyring that keeps it.
        """
        secret = clean(token) if isinstance(token, str) else token
        await self._keys().store(tokens.entry_of(url), secret)

    async def forget(self, url: str) -> None:
        """Keep nothing any more of what an address said."""
        await self._history.forget_host(url)

    async def naming(self, name: str) -> tuple[str, ...]:
        """The saved workloads that name a host."""
        return await in_workloads.naming(name, self._history)

    async def follow(self, before: str, after: str) -> tuple[str, ...]:
        """Write a host's new name into the saved workloads that name it; which they are."""
        return await in_workloads.follow(before, after, self._history)

    async def take_token(self, url: str) -> Secret | None:
        """Take the token for an address out of the store, or None where there is none.

        Raises:
            KeyringUnavailable: the keyring cannot be asked.
        """
        secret = await self.stored_token(url)
        if secret is not None:
            await self._keys().remove(tokens.entry_of(url))
        return secret


async def _gathered(readings: AsyncGenerator[HostReading, None]) -> AsyncGenerator[HostReading]:
    """The same readings; those that follow one of them soon come together a little later.

    To wake the window costs more than to tell it: fifty hosts wake it twice a second, not five
    times. The first comes at once.
    """
    clock = asyncio.get_running_loop().time
    told_at, together_until = -GATHER_SECONDS, 0.0
    async for reading in readings:
        if clock() > together_until:
            await asyncio.sleep(max(0.0, told_at + GATHER_SECONDS - clock()))
            told_at = clock()
            together_until = told_at + TOGETHER_SECONDS
        yield reading


async def _given_up(task: asyncio.Task[Any]) -> None:
    """End what nobody waits for any more, and hear out what it raised."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _look(host: Host, asking: Asking, *, find_kind: bool) -> HostReading:
    if find_kind:
        host = replace(host, kind=await _kind_at(host, asking))
    return await looking.looked_at(host, asking)


async def _kind_at(host: Host, asking: Asking) -> HostKind:
    """Where it cannot be found out, the look that follows says why."""
    try:
        return await looking.kind_at(host.url, asking)
    except HostProblem:
        return host.kind
