"""Files of the user that are replaced whole: a crash leaves the old one or the new one.

What a kill left half written lies beside the file under a name of ours. It is taken away when a
file is written there again, once it is too old to be under way.
"""

from __future__ import annotations

import errno
import os
import time
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE

from landfall.core.errors import DiskFull, Unavailable

LEFT_SECONDS = 3600.0
"""A file that nothing was written to for so long is no longer under way."""


def new_name(path: Path) -> Path:
    """A name beside a file that no file of the user has: what is under way never takes one's place.

    Beside what a symbolic link leads to, so that it can be renamed there.
    """
    target = Path(os.path.realpath(path))
    sweep(target.parent)
    return target.with_name(f".landfall-{os.urandom(8).hex()}.part")


def sweep(folder: Path) -> None:
    """Take away what a kill left half written in a folder."""
    before = time.time() - LEFT_SECONDS
    with suppress(OSError):
        for one in folder.glob(f".landfall-{'?' * 16}.part"):
            with suppress(OSError):
                if one.lstat().st_mtime < before:
                    one.unlink()


def beside(path: Path, text: str) -> Path:
    """The new file, written to the disk beside the old one; the caller puts it in its place.

    Raises:
        OSError: it cannot be written; the old one is untouched, and nothing new is left.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _written(path, text.encode())


def _written(path: Path, data: bytes) -> Path:
    fresh = new_name(path)
    try:
        with fresh.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    except OSError:
        dropped(fresh)
        raise
    return fresh


def dropped(fresh: Path) -> None:
    """Take what was under way away, if it is there."""
    with suppress(OSError):
        fresh.unlink()


def put(fresh: Path, path: Path, *, overwrite: bool = True) -> None:
    """A file that was written under `new_name` gets its name; on an error it is taken away.

    Where the name is a symbolic link, what it leads to is replaced and the link stays. Who may read
    the old file may read the new one, and nobody else.

    Args:
        overwrite: Whether a file that is there may be replaced.

    Raises:
        FileExistsError: it is there, and may not be replaced.
        OSError: it cannot be done, or there is a device, a pipe or a folder of that name.
    """
    try:
        target = Path(os.path.realpath(path))
        if os.path.lexists(target):
            if not target.is_file():
                raise OSError(errno.EINVAL, "It is no regular file")
            if overwrite:
                fresh.chmod(S_IMODE(target.stat().st_mode))
        if overwrite:
            fresh.replace(target)
        else:
            _linked(fresh, target)
    finally:
        dropped(fresh)


def _linked(fresh: Path, target: Path) -> None:
    """Under its name, unless that came to be there meanwhile."""
    try:
        os.link(fresh, target)
    except FileExistsError:
        raise
    except OSError:
        # No links on this file system: only a name that is there by now is seen.
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        fresh.replace(target)


def write(path: Path, data: bytes, *, overwrite: bool = True) -> None:
    """A file whole, or as it was.

    Raises:
        FileExistsError: it is there, and may not be replaced.
        OSError: it cannot be written; the old one is untouched, and nothing new is left.
    """
    put(_written(path, data), path, overwrite=overwrite)


def replaced(path: Path, text: str, *, what: str) -> None:
    """Write a file whole, in place of the one that is there.

    Args:
        what: "The settings", for the words of an error.

    Raises:
        DiskFull, Unavailable: it cannot be written; the old one is untouched.
    """
    try:
        put(beside(path, text), path)
    except OSError as error:
        raise not_saved(what, path, error) from error


def not_saved(what: str, path: Path, error: OSError) -> DiskFull | Unavailable:
    """That something could not be saved, and what to do.

    Args:
        what: "The settings".
    """
    kind = DiskFull if error.errno == errno.ENOSPC else Unavailable
    return kind(
        f"{what} could not be saved to {path}: {error.strerror}.",
        "Check the disk and the folder's permissions.",
    )
