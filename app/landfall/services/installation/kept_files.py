"""Every file that the program keeps for this user, and how all of them are removed.

Only what the program names itself: what a user put into the same folder stays, and so does the
folder then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from landfall.core.errors import Unavailable
from landfall.services.history import owner
from landfall.services.paths import Paths

_MOST_DIGITS = 9
"""Of the number of a process; systems keep them below 2**31, and more are not even asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Files of one kind.

    Attributes:
        what: "history", for people.
    """

    what: str
    files: tuple[Path, ...]
    size_bytes: int


def kept(paths: Paths) -> tuple[Kept, ...]:
    """What there is, by kind; kinds of which nothing is there are left out."""
    data, config = paths.database.parent, paths.settings.parent
    name = paths.database.stem
    kinds = {
        "history": _found(data, (f"{name}.db", f"{name}.db-*", f"{name}.lock", owner.FILE)),
        "copies of the history": _found(
            data, (f"{name}.v*.bak", f"{name}.v*.bak[-.]*", f"{name}.damaged-*")
        ),
        "prices and models of providers": _found(
            data, (paths.prices.name, paths.offered_models.name)
        ),
        "newest version announced": _found(data, (paths.announced.name,)),
        "settings": _found(config, ("settings*.toml", paths.window.name)),
        "your machines": _found(config, (paths.machines.name,)),
        "files half written": tuple(
            path
            for folder in dict.fromkeys((config, data))
            for path in _found(folder, (".landfall-*.part",))
        ),
        "cache": _below(paths.cache),
        "logs": _below(paths.logs),
        # The line beside it is where a later start asks the window to come forward.
        "lock of the window": _found(data, (paths.lock.name, f"{paths.lock.stem}.line")),
    }
    return tuple(
        Kept(what=what, files=files, size_bytes=sum(map(_size_bytes, files)))
        for what, files in kinds.items()
        if files
    )


def _found(folder: Path, patterns: Iterable[str]) -> tuple[Path, ...]:
    paths = {path for one in patterns for path in folder.glob(one) if not path.is_dir()}
    return tuple(sorted(paths))


def _below(folder: Path) -> tuple[Path, ...]:
    if folder.is_symlink():
        return ()
    return tuple(sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file()))


def _size_bytes(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0  # gone meanwhile


def window_pid(paths: Paths) -> int | None:
    """The process whose window is open on these files, or None.

    Qt's lock file names it in its first line; one of a process that is gone counts for nothing.
    """
    try:
        first = paths.lock.read_text(encoding="utf-8").split("\n")[0]
    except (OSError, UnicodeDecodeError):
        return None
    if not (first.isascii() and first.isdecimal() and len(first) <= _MOST_DIGITS):
        return None
    psutil = import_module("psutil")
    return int(first) if psutil.pid_exists(int(first)) else None


def remove(paths: Paths, found: Iterable[Kept]) -> tuple[Path, ...]:
    """Delete the files, and the folders that are empty then; what is left in those that are not.

    Raises:
        Unavailable: a file cannot be deleted; those before it are gone.
    """
    for one in found:
        for path in one.files:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise Unavailable(
                    f"{path} cannot be deleted: {error.strerror or error}.",
                    "Close what uses it, and run this again.",
                ) from error
    return tuple(_left(paths))


def _left(paths: Paths) -> Iterator[Path]:
    """Delete the folders that are empty; what is still in the others."""
    for folder in (paths.cache, paths.logs):
        for inner in sorted(folder.rglob("*"), reverse=True):
            _rmdir(inner)
        _rmdir(folder)
    for folder in dict.fromkeys((paths.settings.parent, paths.database.parent)):
        _rmdir(folder)
        if folder.is_dir():
            yield from sorted(folder.iterdir())


def _rmdir(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
