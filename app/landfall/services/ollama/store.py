"""Where the server that answers keeps its models."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from landfall.core.errors import AppError
from landfall.core.hosts.runtime import RuntimeState
from landfall.core.settings import Settings
from landfall.services.ollama import address, listing, server, who_listens

ANSWER_SECONDS = 2.0
"""So long a server may take to say it. What stands at an address may answer anything, and a look at
the machine does not wait for it: then the usual folder stands."""


async def folder(settings: Settings, *, environment: Mapping[str, str] = os.environ) -> Path | None:
    """A folder of this machine, or None: no server answers, it has no model, or it is elsewhere."""
    try:
        where = address.chosen(settings.ollama_url, environment)
        if not address.is_this_machine(where.url):
            return None
        async with asyncio.timeout(ANSWER_SECONDS):
            found, _ = await server.look(where, environment)
            if found.state is not RuntimeState.RUNNING:
                return None
            # Without the client that stays: a look at the machine would bring all of it in.
            http = await who_listens.asker(where.url)
            try:
                return await listing.models_folder(http)
            finally:
                await http.aclose()
    except (AppError, TimeoutError):
        return None
