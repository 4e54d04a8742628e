"""Files of real usage, whatever wrote them: read row by row, their format found by content.

To add a format: one file with a `Format`, one line in `_ALL` (which is also the order in which
they are tried), and a test. A reader knows nothing of the others. No text of a prompt or an
answer leaves a reader, not even in a `Problem`.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path

from landfall.core.errors import BadInput
from landfall.services.usage_files import (
    anthropic,
    claude_code,
    fireworks,
    generic,
    helicone,
    langfuse,
    litellm,
    mapping,
    openai,
    openrouter,
    otel,
)
from landfall.services.usage_files.formats import Format, Sample
from landfall.services.usage_files.lines import OnBytes, TextFile
from landfall.services.usage_files.mapping import ColumnMapping
from landfall.services.usage_files.opening import (
    MOST_PROBLEMS,
    Looked,
    UsageFile,
    looked_at,
    open_file,
    open_folder,
)

_ALL: tuple[Format, ...] = (
    openai.USAGE,
    openai.COST,
    anthropic.USAGE,
    anthropic.COST,
    openrouter.FORMAT,
    claude_code.FORMAT,
    litellm.FORMAT,
    langfuse.FORMAT,
    otel.FORMAT,
    fireworks.FORMAT,
    helicone.FORMAT,
    generic.FORMAT,
)

FORMATS: dict[str, str] = {each.id: each.name for each in _ALL}
"""Ids and names, in the order in which formats are tried."""

__all__ = [
    "FORMATS",
    "MOST_PROBLEMS",
    "ColumnMapping",
    "Sample",
    "UsageFile",
    "detect",
    "look",
    "open_usage",
]


def open_usage(
    path: Path,
    *,
    format: str | None = None,
    mapping: ColumnMapping | None = None,
    on_bytes: OnBytes | None = None,
) -> UsageFile:
    """Open a source of usage: a file, or a folder of Claude Code's logs.

    Args:
        format: One of `FORMATS`; None finds it by content.
        mapping: What the columns of a CSV file mean; it is then read by them, whatever it is.
        on_bytes: Told the bytes read after each block, also where no row comes of them; what it
            raises ends the reading and goes through: that is how a reading is cancelled.

    Raises:
        BadInput: it is no usage file that is known, not of the given format, or the mapping does
            not fit it; `field` names what the mapping lacks.
        Unavailable: it cannot be read.
    """
    if format is not None and format not in FORMATS:
        raise BadInput(
            f"There is no format “{format[:40]}”.",
            f"Known are: {', '.join(FORMATS)}.",
            field="--format",
        )
    if os.path.isdir(path):  # says no, too, where this user may not look: opening it says why
        wanted = [each for each in _ALL if format in {None, each.id}]
        return open_folder(path, wanted, on_bytes)
    return open_file(path, partial(_chosen, path, format, mapping), on_bytes)


def _chosen(path: Path, wanted: str | None, given: ColumnMapping | None, found: Looked) -> Format:
    if given is not None or (wanted == generic.ID and found.delimiter):
        if not found.delimiter or not found.sample.header:
            raise _unknown(path, "has no columns")
        meant = _meant(found, given)
        mapping.checked(meant, found.sample.header)
        return replace(generic.FORMAT, rows=partial(generic.rows_by, meant))
    for each in _ALL:
        readable = each.rows if found.delimiter else each.records
        if wanted in {None, each.id} and readable is not None and each.matches(found.sample):
            return each
    if wanted is not None:
        raise _unknown(path, f"is no file of {FORMATS[wanted]}")
    raise _unknown(path, "is no usage file of a known format")


def _meant(found: Looked, given: ColumnMapping | None) -> ColumnMapping:
    """What the columns mean. Where only the way of writing is told, their names say the rest."""
    if given is not None and given.columns:
        return given
    proposed = mapping.propose(found.sample.header, found.sample.rows)
    if given is None:
        return proposed
    includes = given.input_includes_cached or proposed.input_includes_cached
    return replace(given, columns=proposed.columns, input_includes_cached=includes)


def detect(path: Path) -> str:
    """The id of the format of a file or a folder.

    Raises:
        BadInput: it is no usage file that is known.
        Unavailable: it cannot be read.
    """
    with open_usage(path) as found:
        return found.format


def look(path: Path) -> Sample:
    """The begin of a file, of a known format or not: its header and first rows, for a mapping.

    Raises:
        BadInput: it is no text. Unavailable: it cannot be read.
    """
    file = TextFile(path)
    try:
        return looked_at(file).sample
    finally:
        file.close()


def _unknown(path: Path, what: str) -> BadInput:
    return BadInput(
        f"{path} {what}.",
        f"Known are: {', '.join(FORMATS.values())}; for another CSV file say what its columns are.",
        file=str(path),
    )
