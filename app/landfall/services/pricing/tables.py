"""Which edition of the price table holds: the one the user had fetched, else the installed one.

The fetched one is a file beside the history. It is read once for as long as it stays the same, and
one that cannot be read is passed over: prices are then those of the installation, as they say.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import genai_prices

from landfall.core import json_text
from landfall.services import paths, whole_file
from landfall.services.pricing import bundled as prices_bundled
from landfall.services.pricing.bundled import PriceTable
from landfall.services.pricing.overlay import Overlay

SCHEMA = 1
_log = logging.getLogger(__name__)


def current(overlay: Overlay, *, file: Path | None = None) -> PriceTable:
    """The table that holds.

    Args:
        overlay: Knows the dates of installed tables.
        file: The fetched table; where it is kept for this user by default.
    """
    return fetched(file or paths.of_user().prices) or installed(overlay)


def installed(overlay: Overlay) -> PriceTable:
    """The table of the installed package, which nothing changes."""
    return _installed(overlay.table_dates.get(prices_bundled.version()))


@lru_cache(maxsize=4)
def _installed(as_of: date | None) -> PriceTable:
    table = prices_bundled.bundled(as_of=as_of)
    return table if as_of else prices_bundled.bundled(as_of=_installation_date(table))


def _installation_date(table: PriceTable) -> date | None:
    """Date of a table that the overlay does not know: its newest fact when it was installed."""
    try:
        moment = Path(genai_prices.__file__).stat().st_mtime
    except OSError:
        return None
    return table.newest_fact(not_after=datetime.fromtimestamp(moment, tz=UTC).date())


def fetched(file: Path) -> PriceTable | None:
    """The table of a file that `keep` wrote; None where there is none that can be used."""
    try:
        stamp = file.stat()
    except OSError:
        return None
    return _fetched(file, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=2)
def _fetched(file: Path, _mtime_ns: int, _size: int) -> PriceTable | None:
    try:
        return parse(json_text.read(file.read_text(encoding="utf-8")))
    except (OSError, KeyError, OverflowError, TypeError, ValueError) as error:
        _log.warning("The fetched prices in %s cannot be used: %s", file, type(error).__name__)
        return None


def parse(document: Mapping[str, Any]) -> PriceTable:
    """The table of a stored document.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    if document["schema"] != SCHEMA:
        raise ValueError("of another version of the program")
    moment = datetime.fromisoformat(document["fetched_at"]).astimezone(UTC)
    return PriceTable(
        listed=prices_bundled.read(document["providers"]),
        name=f"genai-prices, fetched on {moment.date()}",
        as_of=moment.date(),
        refreshed_at=moment.isoformat(timespec="seconds"),
    )


def as_document(providers: Any, *, url: str, at: datetime) -> dict[str, Any]:
    """What `keep` stores of a table as it was fetched."""
    return {
        "schema": SCHEMA,
        "fetched_at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "url": url,
        "providers": providers,
    }


def keep(document: Mapping[str, Any], file: Path) -> None:
    """Store a fetched table in place of an older one; a crash leaves one or the other.

    Raises:
        DiskFull, Unavailable: it cannot be written; the older one is untouched.
    """
    text = json.dumps(document, separators=(",", ":"))
    whole_file.replaced(file, text, what="The prices")


def forget(file: Path) -> bool:
    """Go back to the installed table; False where nothing was fetched.

    Raises:
        DiskFull, Unavailable: the file cannot be removed.
    """
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise whole_file.not_saved("The prices", file, error) from error
    return True
