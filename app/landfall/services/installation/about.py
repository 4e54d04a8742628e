"""What this copy of the program is: its version, how it was built, and how old its data are."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from landfall import __version__
from landfall.services import resources
from landfall.services.installation.frozen import is_frozen
from landfall.services.late_imports import late

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATES = ("as_of", "date", "checked")
_PARTS = (
    ("models", "models.json"),
    ("hardware", "hardware.json"),
    ("rentals", "rentals.json"),
    ("purchases", "purchases.json"),
    ("electricity", "electricity.json"),
    ("subscriptions", "subscriptions.json"),
    ("thresholds", "thresholds.json"),
)
PRICES = "prices"
PACKAGED_BY = "packaged_by"
"""The resource that says, in one line, who updates this copy: "deb"."""
_MAX_MARK = 40


class Build(StrEnum):
    """How this copy came to be. One of a package manager is named by `About.packaged_by`."""

    SOURCE = "source"
    WHEEL = "wheel"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataDate:
    """How old one part of the data is.

    Attributes:
        part: "models", "hardware", "prices" and so on.
        newest: The latest day that a fact in it bears, or None where none is dated.
    """

    part: str
    newest: date | None

    def age_days(self, today: date) -> int | None:
        """Days since then; None where no date is known."""
        return (today - self.newest).days if self.newest else None

    def is_stale(self, today: date, *, stale_days: int) -> bool:
        """Whether it is older than what counts as fresh. Without a date it does."""
        age = self.age_days(today)
        return age is None or age > stale_days


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """This copy.

    Attributes:
        packaged_by: Who updates it ("deb"), or "".
        system: Kind and release of the operating system, and the processor's kind.
    """

    version: str
    build: Build
    packaged_by: str
    python: str
    system: str

    @property
    def built_as(self) -> str:
        """How it was built, in a word: "deb", "source", "wheel" or "frozen"."""
        return self.packaged_by or self.build.value


def packaged_by() -> str:
    """Who updates this copy, or ""."""
    if not (resources.folder() / PACKAGED_BY).is_file():
        return ""
    line = resources.read_text(PACKAGED_BY).strip().partition("\n")[0]
    return "".join(letter for letter in line[:_MAX_MARK] if letter.isprintable()) or "package"


def this_copy() -> About:
    """What is known without looking far. A bundle unpacked from an archive is `FROZEN`."""
    return About(
        version=__version__,
        build=_build(),
        packaged_by=packaged_by(),
        python=platform.python_version(),
        system=" ".join((platform.system(), platform.release(), platform.machine())).strip(),
    )


def built_as() -> str:
    """How this copy was built, in a word; see `About.built_as`."""
    return this_copy().built_as


def _build() -> Build:
    if is_frozen():
        return Build.FROZEN
    inside = resources.folder().is_relative_to(Path(__file__).resolve().parents[2])
    return Build.WHEEL if inside else Build.SOURCE


def data_dates(prices: Path | None = None) -> tuple[DataDate, ...]:
    """The age of every part of the data. Reads them all: on a thread.

    Args:
        prices: The price table that the user had fetched; where it is kept by default.

    Raises:
        BadInput: a resource is broken, which means a broken installation.
    """
    parts = [DataDate(part=part, newest=_newest(name)) for part, name in _PARTS]
    parts.insert(2, DataDate(part=PRICES, newest=_prices(prices)))
    return tuple(parts)


@cache
def _newest(name: str) -> date | None:
    return newest_day(resources.read_json(name))


def newest_day(document: Any) -> date | None:
    """The latest day under the keys that date a fact, however deep; None where there is none."""
    return max(_days(document), default=None)


def _days(value: Any) -> Iterator[date]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _DATES and isinstance(inner, str) and _DAY.fullmatch(inner):
                yield date.fromisoformat(inner)
            else:
                yield from _days(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _days(inner)


def _prices(file: Path | None) -> date | None:
    """Of the table in use: the installed one, or the one that the user had fetched."""
    tables = late("landfall.services.pricing.tables")
    overlay = late("landfall.services.pricing.overlay").load()
    as_of: date | None = tables.current(overlay, file=file).as_of
    return as_of


def report(about: About, *more: str, dates: tuple[DataDate, ...] = ()) -> str:
    """What a report of a fault should begin with; no names of people, machines or folders.

    Args:
        about: The copy.
        more: Lines of the caller, such as the versions of Qt.
        dates: How old the data are.
    """
    lines = [
        f"Landfall {about.version} ({about.built_as})",
        f"Python {about.python}",
        *more,
        about.system,
    ]
    known = [f"{one.part} {one.newest or 'undated'}" for one in dates]
    return "\n".join([*lines, f"Data: {', '.join(known)}"] if known else lines) + "\n"
