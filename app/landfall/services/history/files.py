"""Whether a file is one that a history was exported to, told by its begin."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from landfall.services.history.export import headings
from landfall.services.history.records import CountedRun, DayTotal
from landfall.services.history.whole_export import RATE_COLUMNS, SAMPLE_COLUMNS

HEAD_BYTES = 1 << 16

_JSON = re.compile(r'\s*\{\s*"(schema|exported_at|runs|benchmarks|counted_runs)"\s*:')
_TABLES = (
    frozenset({"run_uid", *SAMPLE_COLUMNS}),
    frozenset({"run_uid", *RATE_COLUMNS}),
    frozenset({"started_at", "prompt", "answer"}),
    frozenset({"started_at", "plan", "result"}),
    frozenset(headings(CountedRun)),
    frozenset(headings(DayTotal)),
)
"""Columns that a table of a history has at least."""


def is_export(path: Path) -> bool:
    """Whether `importing` is the one to read it; what cannot be read is left to others."""
    try:
        if not path.is_file():
            return False  # opening a pipe would wait for ever for someone to write
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except (OSError, ValueError):
        return False
    text = head.decode("utf-8-sig", "replace")
    if _JSON.match(text):
        return True
    first = text.partition("\n")[0].strip("\r")
    names = frozenset(next(csv.reader([first]), [])) if "\0" not in first else frozenset()
    return any(table <= names for table in _TABLES)
