"""Where the server that answers keeps its models."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from landfall.core.errors import AppError
from landfall.core.hosts.runtime import RuntimeState
from landfall.core.settings import Settings
from landfall.services.ollama import server
from landfall.services.ollama.address import is_this_machine
from landfall.services.ollama.client import Ollama


async def folder(settings: Settings, *, environment: Mapping[str, str] = os.environ) -> Path | None:
    """A folder of this machine, or None: no server answers, it has no model, or it is elsewhere."""
    try:
        found = await server.find(settings, environment=environment)
        if found.state is not RuntimeState.RUNNING or not is_this_machine(found.url):
            return None
        async with Ollama(found.url) as client:
            return await client.models_folder()
    except AppError:
        return None
