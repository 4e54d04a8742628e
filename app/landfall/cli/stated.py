"""What is stated by an argument is not empty.

An empty word is a variable of a script that is not set. Taken for an option that was left out it
would mean all models, this machine, no privacy rule; taken for a path, the current folder.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def stated(word: str) -> str:
    """A word as it was typed: what arguments without a type of their own are made of.

    Raises:
        ArgumentTypeError: there is nothing in it.
    """
    if not word.strip():
        raise argparse.ArgumentTypeError("it is empty")
    return word


def stated_path(word: str) -> Path:
    """A path as it was typed.

    Raises:
        ArgumentTypeError: there is nothing in it.
    """
    return Path(stated(word))
