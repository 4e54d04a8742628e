"""The history of this user, for as long as a command needs it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from landfall.cli.session import Session
from landfall.core.errors import AppError, DatabaseTooNew, DiskFull, Unavailable
from landfall.services.history.database import MEMORY, DatabaseDamaged
from landfall.services.history.history import History

_MARKED = "The history calls them interrupted."


@asynccontextmanager
async def opened(session: Session) -> AsyncIterator[History]:
    """The history, open for the block; it is made where there is none.

    What a kill cut is marked, as the window does at its start.

    Raises:
        AppError: it cannot be opened, see `Database.open`.
    """
    history = History(session.paths.database)
    await _open(history, session)
    try:
        yield history
    finally:
        await history.close()


@asynccontextmanager
async def opened_to_read(session: Session) -> AsyncIterator[tuple[History, AppError | None]]:
    """As `opened`, for what needs to keep nothing; with why nothing is kept, or None.

    What cannot be written is read into memory, and what is done there is forgotten.

    Raises:
        AppError: it cannot be read either, is damaged or of a newer version.
    """
    history = History(session.paths.database)
    trouble: AppError | None = None
    try:
        await _open(history, session)
    except (DatabaseDamaged, DatabaseTooNew):
        raise
    except (Unavailable, DiskFull) as error:
        trouble = error
        await history.reopen(MEMORY, filled_from=session.paths.database)
    try:
        yield history, trouble
    finally:
        await history.close()


async def _open(history: History, session: Session) -> None:
    session.paths.make()
    await history.open()
    if cut := await history.mark_interrupted():
        session.say(f"Runs and pulls that were cut before their end: {cut}. {_MARKED}")


def forgetful(trouble: AppError | None, session: Session, *, sends: bool) -> None:
    """Before something is measured: say that it is not kept, and why.

    Args:
        sends: Whether it leaves this machine.

    Raises:
        AppError: what leaves cannot be written down; then it does not leave.
    """
    if trouble is None:
        return
    if sends:
        raise trouble
    session.say(f"Nothing of this is kept. {trouble}")
