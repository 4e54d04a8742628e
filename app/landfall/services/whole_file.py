"""Files of the user that are replaced whole: a crash leaves the old one or the new one."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from landfall.core.errors import DiskFull, Unavailable


def beside(path: Path, text: str) -> Path:
    """The new file, written to the disk beside the old one; the caller renames it over that.

    Raises:
        OSError: it cannot be written; the old one is untouched.
    """
    fresh = path.with_suffix(".new")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with fresh.open("wb") as out:
        out.write(text.encode())
        out.flush()
        os.fsync(out.fileno())
    return fresh


def replaced(path: Path, text: str, *, what: str) -> None:
    """Write a file whole, in place of the one that is there.

    Args:
        what: "The settings", for the words of an error.

    Raises:
        DiskFull, Unavailable: it cannot be written; the old one is untouched.
    """
    try:
        beside(path, text).replace(path)
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
