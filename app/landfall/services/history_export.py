"""Runs, benchmarks, totals and the egress log as a file: CSV for a spreadsheet, JSON for a program.

What is not known is an empty cell or null, never 0. Keys are in neither table.
"""

from __future__ import annotations

import csv
import errno
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from landfall.core.errors import BadInput, DiskFull, Unavailable
from landfall.services.records import (
    BenchmarkRecord,
    DayTotal,
    EgressEntry,
    RunRecord,
    now_iso,
)
from landfall.services.threads import in_thread

SCHEMA = 1
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")

Exported = (
    Sequence[RunRecord] | Sequence[EgressEntry] | Sequence[BenchmarkRecord] | Sequence[DayTotal]
)
_KINDS: dict[type, str] = {EgressEntry: "egress", BenchmarkRecord: "benchmarks", DayTotal: "totals"}


async def export(path: Path, rows: Exported) -> int:
    """Write the rows in the order given; the ending of the name says how. Returns how many.

    The file is the old one or the whole new one, whatever happens meanwhile.

    Raises:
        BadInput: the name ends neither in .csv nor in .json.
        DiskFull, Unavailable: it cannot be written.
    """
    write = {".csv": as_csv, ".json": as_json}.get(path.suffix.lower())
    if write is None:
        raise BadInput(
            f"{path.name} is neither a CSV nor a JSON file.",
            "Let the name end in .csv or .json.",
            file=str(path),
        )
    await in_thread(_write, path, write, rows)
    return len(rows)


def as_csv(rows: Exported) -> str:
    """A heading and a line a row. What a spreadsheet would take for a formula gets a `'` before it:
    prompts and answers are texts of others."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    if rows:
        names = [field.name for field in fields(rows[0])]
        writer.writerow(names)
        for row in rows:
            writer.writerow([_cell(getattr(row, name)) for name in names])
    return out.getvalue()


def as_json(rows: Exported) -> str:
    """An object with the rows under what they are."""
    kind = _KINDS.get(type(rows[0]), "runs") if rows else "runs"
    document = {
        "schema": SCHEMA,
        "exported_at": now_iso(),
        kind: [{f.name: _plain(getattr(row, f.name)) for f in fields(row)} for row in rows],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case Mapping():
            return json.dumps(dict(value), ensure_ascii=False)
        case str():
            return f"'{value}" if value.startswith(_FORMULA_BEGINS) else value
        case _:
            return str(value)


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _write(path: Path, text_of: Any, rows: Exported) -> None:
    fresh = path.with_name(f".{path.name}.new")
    try:
        # A spreadsheet takes UTF-8 for what it is only with a byte order mark.
        encoding = "utf-8-sig" if path.suffix.lower() == ".csv" else "utf-8"
        with fresh.open("w", encoding=encoding, newline="") as out:
            out.write(text_of(rows))
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        kind = DiskFull if error.errno == errno.ENOSPC else Unavailable
        raise kind(
            f"{path} could not be written: {error.strerror}.",
            "Choose another folder, or free space there.",
        ) from error
