"""Arguments that name a file or a folder.

An empty one is a variable of a script that is not set. As a path it would be the current folder,
which is then read, or written into.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def file_name(word: str) -> str:
    """A name as it was typed.

    Raises:
        ArgumentTypeError: there is none.
    """
    if not word.strip():
        raise argparse.ArgumentTypeError("it names nothing")
    return word


def file_path(word: str) -> Path:
    """A path as it was typed.

    Raises:
        ArgumentTypeError: there is none.
    """
    return Path(file_name(word))
