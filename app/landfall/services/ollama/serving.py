"""A server that answers, for as long as a command needs one."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from landfall.core.errors import OllamaUnavailable
from landfall.core.hosts.runtime import Runtime, RuntimeState
from landfall.core.settings import Settings
from landfall.services.keys.secret import Secret
from landfall.services.ollama import address, child
from landfall.services.ollama.server import INSTALL_HINT, look


@asynccontextmanager
async def serving(
    settings: Settings,
    *,
    environment: Mapping[str, str] = os.environ,
    token: Secret | None = None,
) -> AsyncIterator[Runtime]:
    """A server that answers: the one found, or a child for as long as the block lasts.

    At an address that the user gave nothing is started.

    Raises:
        BadInput: the address given is none.
        OllamaUnavailable: none answers, and none may or can be started.
    """
    where = address.chosen(settings.ollama_url, environment)
    found, error = await look(where, environment, token=token)
    if error is None:
        yield found
    elif found.state is RuntimeState.STOPPED and found.executable and not where.given:
        async with child.running(found.executable, environment=environment) as ours:
            yield replace(found, state=RuntimeState.RUNNING, url=ours.url, version=ours.version)
    elif found.state is RuntimeState.ABSENT and not where.given:
        raise OllamaUnavailable("Ollama is not installed here.", INSTALL_HINT) from error
    else:
        raise error
