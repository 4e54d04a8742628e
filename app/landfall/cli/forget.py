"""`landfall forget`: what is kept for this user, and how all of it is removed."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import closing

from landfall.cli.piped import typed_line
from landfall.cli.session import Command, Session
from landfall.core.errors import BadInput, KeyringUnavailable, Unavailable
from landfall.core.sizes import file_size
from landfall.services import cloud
from landfall.services.hosts import tokens
from landfall.services.installation import kept_files
from landfall.services.installation.kept_files import Kept
from landfall.services.keys.system_keyring import SystemKeyring

MOST_SHOWN = 8
"""Files of one kind; a cache has many."""

UNKNOWN_HOSTS = "Keys of hosts that the settings name are not found so, and stay in the keyring."


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "Models on the disk are the server's: `landfall rm MODEL` deletes one. Files that you"
        " exported stay."
    )
    parser.add_argument(
        "--everything",
        action="store_true",
        help="delete the files and the keys; without it they are only listed",
    )
    parser.add_argument("--yes", action="store_true", help="without being asked")


async def run(args: argparse.Namespace, session: Session) -> int:
    """List it, or delete it."""
    found = await asyncio.to_thread(kept_files.kept, session.paths)
    with closing(SystemKeyring()) as store:
        entries, trouble = await _entries(session, store)
        if session.unread:
            session.say(f"{session.unread} {UNKNOWN_HOSTS}")
        if not args.everything:
            _show(session, found, entries, trouble)
            return 0
        await _agree(args, session, found, entries, trouble)
        for entry in entries:
            await store.remove(entry)
    left = await asyncio.to_thread(kept_files.remove, session.paths, found)
    if session.json:
        session.document(
            {**_document(found, entries, trouble), "left": [str(path) for path in left]}
        )
    else:
        session.line("All of it is deleted." if entries or found else "Nothing was kept.")
        for path in left:
            session.line(f"Not Landfall's, and left: {path}")
    return 0


async def _entries(session: Session, store: SystemKeyring) -> tuple[tuple[str, ...], str]:
    """Entries of the keyring that are there, and why they cannot be told, or ""."""
    providers = [row.entry(kind) for row in cloud.rows() for kind in ("inference", "usage")]
    hosts = [tokens.entry_of(host.url) for host in session.settings.hosts]
    found = []
    try:
        for entry in dict.fromkeys((*providers, *hosts)):
            if await store.get(entry) is not None:
                found.append(entry)
    except KeyringUnavailable as error:
        return (), error.message
    return tuple(found), ""


async def _agree(
    args: argparse.Namespace,
    session: Session,
    found: tuple[Kept, ...],
    entries: tuple[str, ...],
    trouble: str,
) -> None:
    """Nothing may use the files, and the user has to say so.

    Raises:
        Unavailable: the window is open, or the user does not agree.
        BadInput: nobody can be asked.
    """
    pid = await asyncio.to_thread(kept_files.window_pid, session.paths)
    if pid is not None:
        raise Unavailable(f"The window of Landfall is open (process {pid}).", "Close it first.")
    if trouble:
        session.say(f"Keys stay where they are: {trouble}")
    if args.yes or not (found or entries):
        return
    if session.json or sys.stdin is None or not sys.stdin.isatty():
        raise BadInput("Nobody can be asked whether all may go.", "Say --yes.", field="--yes")
    _show(session, found, entries, "")
    session.say("Delete all of this? It cannot be undone. [y/N]")
    if (await typed_line(sys.stdin)).lower() not in ("y", "yes"):
        raise Unavailable("Nothing was deleted: you did not agree.")


def _show(
    session: Session, found: tuple[Kept, ...], entries: tuple[str, ...], trouble: str
) -> None:
    if session.json:
        session.document(_document(found, entries, trouble))
        return
    if trouble and not found:
        session.line("No files are kept.")
    for one in found:
        session.line(f"{one.what}: {file_size(one.size_bytes)}")
        for path in one.files[:MOST_SHOWN]:
            session.line(f"  {path}")
        if len(one.files) > MOST_SHOWN:
            session.line(f"  and {len(one.files) - MOST_SHOWN} more")
    for entry in entries:
        session.line(f"key in the system keyring: {entry}")
    if trouble:
        session.line(f"Keys: {trouble}")
    if not (found or entries or trouble):
        session.line("Nothing is kept.")


def _document(found: tuple[Kept, ...], entries: tuple[str, ...], trouble: str) -> dict[str, object]:
    files = [
        {"what": one.what, "size_bytes": one.size_bytes, "files": [str(path) for path in one.files]}
        for one in found
    ]
    return {"kept": files, "keys": None if trouble else list(entries), "keys_reason": trouble}


COMMANDS = (Command(name="forget", add_arguments=_add_arguments, run=run, needs_settings=False),)
