"""Files of prompts on disk, and what their columns mean, remembered by their names."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from landfall.core import json_text
from landfall.core.quality.set_rows import BOM
from landfall.core.quality.sets import Columns, likely_columns, names_in
from landfall.services.history.history import History
from landfall.services.paths import expanded
from landfall.services.threads import in_thread
from landfall.services.verdict.workload_files import read_text

MOST_BYTES = 256 << 20


async def lines_of(path: Path) -> tuple[str, ...]:
    """The lines of a file with their ends.

    Raises:
        BadInput: it is missing, a folder, too big or not UTF-8.
    """
    return await in_thread(_lines, path)


def _lines(path: Path) -> tuple[str, ...]:
    text = read_text(expanded(path), str(path), MOST_BYTES)
    # Not `splitlines`, which ends a line at characters that a prompt may hold (U+2028).
    return tuple(io.StringIO(text, newline=""))


def as_rows(path: Path, lines: Sequence[str], columns: Columns) -> Sequence[str]:
    """The lines as rows with a prompt, where a text file has one on each line, as `bench` and
    `compare` take them too; as they are where they are JSON lines or a table with its column.

    Args:
        columns: What the columns would mean.
    """
    if path.suffix.lower() != ".txt" or _begins_with_an_object(lines):
        return lines
    if columns.prompt.lower() in {name.lower() for name in names_in(lines)}:
        return lines
    told = (line.lstrip(BOM).strip() for line in lines)
    return [json.dumps({"prompt": line}) if line else "" for line in told]


def _begins_with_an_object(lines: Sequence[str]) -> bool:
    """Whether the first line with text is one of JSON lines: a prompt too may begin with a bracket
    ("[INST] …") or a brace."""
    told = (line.lstrip(BOM).strip() for line in lines)
    first = next((line for line in told if line), "")
    try:
        return isinstance(json_text.read(first), dict)
    except ValueError:
        return False


async def columns_of(history: History | None, lines: Sequence[str]) -> Columns:
    """What the columns of a file mean: as was remembered for these names, else as they sound."""
    names = await in_thread(names_in, lines)
    if history is not None:
        kept = await history.usage.mapping(_key(names))
        if kept is not None:
            return Columns(**json_text.read(kept))
    found = likely_columns(names)
    return found if found.prompt else Columns()


async def remember(history: History, lines: Sequence[str], columns: Columns) -> None:
    """Keep what the columns of files with these names mean."""
    names = await in_thread(names_in, lines)
    await history.usage.save_mapping(_key(names), json.dumps(asdict(columns)))


def _key(names: Sequence[str]) -> str:
    """Apart from those of usage files, which may have the same columns and mean others."""
    return hashlib.sha256("\0".join(("prompts", *names)).encode()).hexdigest()
