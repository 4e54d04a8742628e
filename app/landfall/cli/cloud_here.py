"""The user's providers and the way out to them, for as long as a command needs them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, closing
from dataclasses import dataclass

from landfall.cli.history import opened
from landfall.cli.session import Session
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.transport import Transport
from landfall.services.history.history import History
from landfall.services.keys.system_keyring import SystemKeyring


@dataclass(frozen=True, slots=True)
class CloudHere:
    """What reaches providers, and where what comes of it is kept."""

    access: CloudAccess
    history: History


@asynccontextmanager
async def reached(session: Session) -> AsyncIterator[CloudHere]:
    """Keys, prices and the way out; every request is in the egress log of the history."""
    async with opened(session) as history, providers(session, history) as access:
        yield CloudHere(access, history)


@asynccontextmanager
async def providers(session: Session, history: History) -> AsyncIterator[CloudAccess]:
    """As `reached`, for who has the history open already."""
    with closing(SystemKeyring()) as keys:
        async with aclosing(Transport(history)) as transport:
            yield CloudAccess(session.settings, keys=keys, transport=transport, history=history)


@asynccontextmanager
async def way_out(session: Session) -> AsyncIterator[Transport]:
    """The way out alone: what needs no key opens no keyring."""
    async with opened(session) as history, aclosing(Transport(history)) as transport:
        yield transport
