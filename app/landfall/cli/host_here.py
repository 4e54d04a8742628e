"""`--host NAME_OR_URL`: speaks with a kept host, or with whoever is at an address."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import replace

from landfall.cli.session import Session
from landfall.core.hosts.hosts import Host
from landfall.services.hosts import tokens
from landfall.services.hosts.naming import found
from landfall.services.hosts.opening import assert_ollama
from landfall.services.keys.secret import Secret
from landfall.services.keys.system_keyring import SystemKeyring


def add_host(parser: argparse.ArgumentParser) -> None:
    """`--host NAME_OR_URL`."""
    parser.add_argument("--host", metavar="NAME_OR_URL", help="a kept host, or an address")


async def speak_with(text: str, session: Session) -> Host:
    """The host that is meant; from now on the session's Ollama is the one there.

    Raises:
        BadInput: it is no host, no Ollama, or its token may not travel there.
    """
    host = found(text, session.settings)
    assert_ollama(host)
    session.token = await token_of(host, session)
    session.settings = replace(session.settings, ollama_url=host.url)
    return host


async def token_of(host: Host, session: Session) -> Secret | None:
    """The token of a kept host; an address that is not kept has none.

    Where the keyring cannot be asked that is said, and the host is spoken with without one.

    Raises:
        BadInput: it may not travel there.
    """
    if host not in session.settings.hosts:
        return None
    with closing(SystemKeyring()) as keys:
        token, problem = await tokens.at_hand(host, session.settings, keys)
    if problem:
        session.say(f"{host.name} is asked without a token: {problem}")
    return token
