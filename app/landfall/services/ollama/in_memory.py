"""What a server on this machine holds in memory right now, asked in two short questions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from landfall.core.errors import AppError
from landfall.core.hosts.runtime import LoadedModel, RuntimeState
from landfall.core.settings import Settings
from landfall.services.ollama import address, listing, server, who_listens


@dataclass(frozen=True, slots=True, kw_only=True)
class InMemory:
    """A server that answers on this machine, and the models that it holds."""

    version: str
    loaded: tuple[LoadedModel, ...]


async def seen(
    settings: Settings, *, environment: Mapping[str, str] = os.environ
) -> InMemory | None:
    """What stands at the address in force; None where nothing answers, or on another machine."""
    try:
        found, error = await server.look(
            address.chosen(settings.ollama_url, environment), environment
        )
        if error is not None or found.state is not RuntimeState.RUNNING or found.version is None:
            return None
        http = await who_listens.asker(found.url)
        try:
            return InMemory(version=found.version, loaded=await listing.ps(http))
        finally:
            await http.aclose()
    except AppError:
        return None
