"""Dated facts that ship with the program: models, hardware, prices, thresholds."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from landfall.core import json_text
from landfall.core.errors import BadInput

Parsed = TypeVar("Parsed")

_PACKAGE = Path(__file__).resolve().parents[1]
_INSTALLED = _PACKAGE / "resources"
_CHECKOUT = _PACKAGE.parents[1] / "resources"


def folder() -> Path:
    """The folder of the resources: inside an installed package, or beside `app/` in a checkout."""
    return _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT


def read_text(name: str) -> str:
    """The text of a resource, by its path below the folder ("samples/triage.toml").

    Raises:
        BadInput: it is missing or not text, which means a broken installation.
    """
    path = folder() / name
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"The resource {name} of this installation cannot be read: {error}.",
            "Install Landfall again.",
            file=str(path),
        ) from error


@cache
def read_json(name: str) -> Any:
    """The value of a JSON resource; read once.

    Raises:
        BadInput: it is missing or broken.
    """
    try:
        return json_text.read(read_text(name))
    except json.JSONDecodeError as error:
        raise BadInput(
            f"The resource {name} is not JSON: {error.msg}.",
            "Install Landfall again.",
            file=str(folder() / name),
            line=error.lineno,
        ) from error


def parsed(name: str, parse: Callable[[Any], Parsed]) -> Parsed:
    """What the rows of a JSON resource say.

    Args:
        parse: Raises KeyError, TypeError or ValueError where a row misses a field or has a wrong
            one, which means a broken installation.

    Raises:
        BadInput: it is missing or broken.
    """
    try:
        return parse(read_json(name))
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(
            f"The resource {name} has a broken row: {error!r}.",
            "Install Landfall again.",
            file=str(folder() / name),
        ) from error
