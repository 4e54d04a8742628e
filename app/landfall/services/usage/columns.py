"""What the columns of a CSV file mean: what was remembered or is proposed, tried on the file."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from landfall.core.errors import BadInput
from landfall.services import usage_files
from landfall.services.threads import in_thread
from landfall.services.usage_files import mapping as mappings

if TYPE_CHECKING:
    from pathlib import Path

    from landfall.core.usage.rows import Read
    from landfall.services.history.history import History
    from landfall.services.usage_files.mapping import ColumnMapping

PREVIEW_ROWS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns of a file.

    Attributes:
        rows: The first ones, as they are written.
        mapping: What they mean, as far as it is known.
        remembered: Whether that was said before, for a file with the same header.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    mapping: ColumnMapping
    remembered: bool


async def columns_of(history: History, path: Path) -> Columns:
    """Look at a file.

    Raises:
        BadInput: it is no text, or has no columns. Unavailable: it cannot be read.
    """
    seen = await in_thread(usage_files.look, path)
    if not seen.header:
        raise BadInput(
            f"{path} has no columns.", "Only a CSV file has columns to name.", file=str(path)
        )
    kept = await history.usage.mapping(mappings.header_key(seen.header))
    known = mappings.loads(kept) if kept is not None else None
    return Columns(
        header=seen.header,
        rows=seen.rows,
        mapping=known or mappings.propose(seen.header, seen.rows),
        remembered=known is not None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A mapping, and the first rows of a file as it understands them."""

    mapping: ColumnMapping
    reads: tuple[Read, ...]


async def tried(path: Path, mapping: ColumnMapping) -> Tried:
    """The first rows of a file as this mapping understands them.

    Raises:
        BadInput: the mapping does not fit. Unavailable: the file cannot be read.
    """
    return await in_thread(_tried, path, mapping)


def _tried(path: Path, mapping: ColumnMapping) -> Tried:
    with usage_files.open_usage(path, mapping=mapping) as file:
        return Tried(mapping=mapping, reads=tuple(islice(file, PREVIEW_ROWS)))
