"""The history of this user, for as long as a command needs it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from landfall.cli.session import Session
from landfall.services.history.history import History


@asynccontextmanager
async def opened(session: Session) -> AsyncIterator[History]:
    """The history, open for the block; it is made where there is none.

    Raises:
        AppError: it cannot be opened, see `Database.open`.
    """
    session.paths.make()
    history = History(session.paths.database)
    await history.open()
    try:
        yield history
    finally:
        await history.close()
