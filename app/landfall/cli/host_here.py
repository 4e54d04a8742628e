"""`--host NAME_OR_URL`: speaks with a kept host, or with whoever is at an address."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

from landfall.cli.session import Session
from landfall.core.errors import BadInput
from landfall.core.hosts import Host, HostKind
from landfall.services.hosts import tokens
from landfall.services.hosts.naming import found
from landfall.services.system_keyring import SystemKeyring


async def speak_with(text: str, session: Session) -> Host:
    """The host that is meant; from now on the session's Ollama is the one there.

    Raises:
        BadInput: it is no host, no Ollama, or its token may not travel there.
        KeyringUnavailable: its token cannot be asked for.
    """
    host = found(text, session.settings)
    if host.kind is not HostKind.OLLAMA:
        raise BadInput(
            f"{host.name} is an OpenAI-compatible server: this is done with an Ollama.",
            "Name one, or an address such as box.lan:11434.",
            field="--host",
        )
    if host in session.settings.hosts:
        with closing(SystemKeyring()) as keys:
            session.token = await tokens.sendable(host, session.settings, keys)
    session.settings = replace(session.settings, ollama_url=host.url)
    return host
