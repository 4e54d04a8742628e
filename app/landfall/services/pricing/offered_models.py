"""What providers themselves list for the user's keys, kept so that prices can be held against it.

A provider's own list knows better than any price table whether a model is still served. It is
asked for only when the user asks; this is what it said last, with the day. A list belongs to a key:
with the key it goes.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from landfall.core import json_text
from landfall.services import paths, whole_file

if TYPE_CHECKING:
    from landfall.services.cloud.provider import HostedModel

SCHEMA = 1
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedModels:
    """What one provider lists.

    Attributes:
        on: The day on which it was asked.
        retires: Each model by its lower-case id, with the day on which the provider says it stops
            serving it, or None.
    """

    on: date
    retires: Mapping[str, date | None]


def load(file: Path | None = None) -> Mapping[str, OfferedModels]:
    """What is known, by provider; empty where nothing was asked or the file cannot be used."""
    file = file or paths.of_user().offered_models
    try:
        stamp = file.stat()
    except OSError:
        return {}
    return _load(file, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=2)
def _load(file: Path, _mtime_ns: int, _size: int) -> Mapping[str, OfferedModels]:
    try:
        return MappingProxyType(
            {name: _offered(entry) for name, entry in _read(file)["providers"].items()}
        )
    except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
        _log.warning("The kept lists of models cannot be used: %s", type(error).__name__)
        return {}


def _read(file: Path) -> dict[str, Any]:
    document: dict[str, Any] = json_text.read(file.read_text(encoding="utf-8"))
    if document["schema"] != SCHEMA:
        raise ValueError("of another version of the program")
    return document


def _offered(entry: Mapping[str, Any]) -> OfferedModels:
    return OfferedModels(
        on=date.fromisoformat(entry["on"]),
        retires={name: _day(retires) for name, retires in entry["models"].items()},
    )


def _day(text: str | None) -> date | None:
    """The day of what a provider says, as a date or a time; None where it says neither."""
    try:
        return datetime.fromisoformat(text).date() if text else None
    except ValueError:
        return None


def keep(
    provider: str, models: Iterable[HostedModel], *, on: date, file: Path | None = None
) -> None:
    """Keep what a provider listed; an empty list tells nothing and is not kept.

    Raises:
        DiskFull, Unavailable: it cannot be written.
    """
    listed = {model.id.lower(): model.retires for model in models}
    if listed:
        _change(provider, {"on": on.isoformat(), "models": listed}, file)


def forget(provider: str, *, file: Path | None = None) -> None:
    """Forget what a provider listed for a key that is no longer the one in use.

    Raises:
        DiskFull, Unavailable: the file cannot be written.
    """
    if provider in load(file):
        _change(provider, None, file)


def _change(provider: str, entry: dict[str, Any] | None, file: Path | None) -> None:
    file = file or paths.of_user().offered_models
    try:
        document = _read(file)
    except (OSError, KeyError, TypeError, ValueError):
        document = {"schema": SCHEMA, "providers": {}}
    document["providers"].pop(provider, None)
    if entry is not None:
        document["providers"][provider] = entry
    whole_file.replaced(file, json.dumps(document), what="The list of models")
