"""The server in use: the one that was found, or a child of ours."""

from __future__ import annotations

import os
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from landfall.core.errors import AppError, BadInput, OllamaUnavailable
from landfall.core.hosts.runtime import InstalledModel, LoadedModel, Runtime, RuntimeState
from landfall.core.settings import Settings
from landfall.services.late_imports import late
from landfall.services.ollama import address, listing, server, who_listens
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.services.keys.secret import Secret
    from landfall.services.ollama.child import Child
    from landfall.services.ollama.client import Ollama

ANSWER_SECONDS = 30.0
"""Listing reads the disk, which may be busy."""

TokenOf = Callable[[str, Settings], Awaitable["Secret | None"]]
"""The token that may be shown to the server at an address under these settings, or None.

Raises AppError where one is kept and cannot be had or may not travel there."""

_ANSWERS = (RuntimeState.RUNNING, RuntimeState.REMOTE)
_SILENT = (RuntimeState.STOPPED, RuntimeState.ABSENT)


class Host:
    """Holds the client of the server in use and the child that we started, if any.

    What a window at rest asks, it asks without a client, which is no light load; it is made when
    somebody wants it.
    """

    def __init__(self, token_of: TokenOf | None = None) -> None:
        """Know no server yet.

        Args:
            token_of: The token that is kept for an address under these settings, or None.
        """
        self._one_client = threading.Lock()
        self._token_of = token_of
        self._token: Secret | None = None
        self._url: str | None = None
        self._other = ""
        self._client: Ollama | None = None
        self._child: Child | None = None

    @property
    def client(self) -> Ollama:
        """The client of the server that answered last, made when it is first wanted.

        From any thread: the window's may ask while the loop's finds another server.

        Raises:
            OllamaUnavailable: none has answered.
        """
        with self._one_client:
            if self._client is None:
                make = late("landfall.services.ollama.client").Ollama
                self._client = make(self._answering(), token=self._token)
            client: Ollama = self._client
        return client

    async def leave(self, name: str) -> None:
        """Speak with no Ollama until the next look: a host of another kind is in use instead.

        Args:
            name: Of that host.
        """
        await self._turn_to(None, None)
        self._other = name

    def _answering(self) -> str:
        if self._url is None and self._other:
            raise OllamaUnavailable(
                f"{self._other} is no Ollama.", "Choose an Ollama server for this."
            )
        if self._url is None:
            raise OllamaUnavailable("No Ollama answers.", "Start it on the Machine page.")
        return self._url

    async def look(self, settings: Settings, *, own: str | None = None) -> Runtime:
        """Find out what stands at the address in force, or whether our child still lives.

        Args:
            own: Where the Ollama of this machine is sought by the settings, where these settings
                have the address of a chosen host in its place; None where they have it.

        Raises:
            BadInput: the address in the settings or in OLLAMA_HOST is none.
        """
        token, trouble = await self._shown(settings)
        found = await server.find(settings, token=token)
        kept = [one for one in settings.hosts if address.same_server(one.url, found.url)]
        found = replace(
            found,
            name=kept[0].name if kept else "",
            warnings=(*found.warnings, *trouble),
        )
        if kept and found.state in _SILENT and not _is_ours(found, settings, own):
            # A tunnel or a second server: somebody else starts it, whatever is installed here.
            found = replace(found, state=RuntimeState.REMOTE, warnings=trouble)
        ours = self._child
        if ours is not None and ours.alive and found.state is RuntimeState.STOPPED:
            found = replace(
                found,
                state=RuntimeState.RUNNING,
                url=ours.url,
                version=ours.version,
                warnings=(),
                name="",
                ours=True,
            )
        await self._use(found, token)
        return found

    async def _shown(self, settings: Settings) -> tuple[Secret | None, tuple[str, ...]]:
        """The token that the server in force is shown, and why there is none where one may be."""
        if self._token_of is None or not settings.hosts:
            return None, ()
        url = address.chosen(settings.ollama_url, os.environ).url
        try:
            return await self._token_of(url, settings), ()
        except AppError as error:
            return None, (str(error),)

    async def start(self, settings: Settings, *, own: str | None = None) -> Runtime:
        """Start `ollama serve` where it is installed and stopped; it ends with the program.

        Args:
            own: As in `look`.

        Raises:
            OllamaUnavailable: it is not installed, or does not start.
        """
        found = await self.look(settings, own=own)
        if found.state is not RuntimeState.STOPPED:
            return found
        if found.executable is None:
            raise OllamaUnavailable("Ollama is not installed here.", server.INSTALL_HINT)
        self._child = await _start(found.executable)
        return await self.look(settings, own=own)

    async def models(self) -> tuple[tuple[InstalledModel, ...], tuple[LoadedModel, ...]]:
        """What the server has on its disk and in its memory.

        Raises:
            OllamaUnavailable: it does not answer.
        """
        url = self._answering()
        if not who_listens.is_short(url):
            client = await in_thread(lambda: self.client)
            return await client.tags(), await client.ps()
        http = await who_listens.asker(url, answer_seconds=ANSWER_SECONDS, token=self._token)
        return await listing.tags(http), await listing.ps(http)

    async def close(self) -> None:
        """Close the client and stop the child; a server that was found goes on."""
        await self._turn_to(None, None)
        if self._child is not None:
            await self._child.stop()
            self._child = None

    async def _use(self, found: Runtime, token: Secret | None) -> None:
        self._other = ""
        answers = found.state in _ANSWERS and found.version is not None
        await self._turn_to(found.url.rstrip("/") if answers else None, token)

    async def _turn_to(self, url: str | None, token: Secret | None) -> None:
        with self._one_client:
            if (url, token) == (self._url, self._token):
                return
            client, self._client = self._client, None
            self._url, self._token = url, token
        if client is not None:
            await client.aclose()


async def _start(executable: str) -> Child:
    module = await in_thread(late, "landfall.services.ollama.child")
    child: Child = await module.start(executable)
    return child


def _is_ours(found: Runtime, settings: Settings, own: str | None) -> bool:
    """Whether a silent server at the address of a kept host is the one of this machine: it stands
    where that is sought without a host. By an address that the user typed it is ours to start
    where it is installed, and no news where it is not."""
    if address.same_server(found.url, address.without_setting()):
        return True
    typed = settings.ollama_url if own is None else own
    if found.state is not RuntimeState.STOPPED or not typed:
        return False
    try:
        return address.same_server(found.url, address.parsed(typed, field="settings"))
    except BadInput:
        return False
