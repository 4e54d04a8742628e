"""Imports one file, or reads it in a plain loop, and prints what that took as JSON.

python usage_import_child.py import|save|csv|json FILE FOLDER
"""

from __future__ import annotations

import asyncio
import csv
import json
import resource
import sys
import time
from pathlib import Path

from landfall.core.settings import Settings
from landfall.services.history.history import History
from landfall.services.pricing.prices import Prices
from landfall.services.usage.importing import import_usage
from landfall.services.usage.imports import FileSource, Progress


def own_peak_bytes() -> int:
    """The most memory that this process held. On Linux the kernel is asked for the image alone:
    `ru_maxrss` goes on from the process that started it, which may have been larger."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text(encoding="ascii").partition("VmHWM:")[2].split()[0]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


async def imported(file: Path, folder: Path, *, keep: bool) -> dict[str, float]:
    """The whole way: read, told apart, priced, added up, proposed; kept where that is asked."""
    history = History(folder / "history.db")
    await history.open()
    told: list[Progress] = []
    found = await import_usage(
        history,
        [FileSource(path=file)],
        prices=Prices(Settings()),
        keep=keep,
        on_progress=told.append,
    )
    await history.close()
    return {"rows": found.files[0].kept, "progress": len(told)}


def plain(file: Path, *, is_csv: bool) -> dict[str, float]:
    """The least that reading can cost in this language."""
    rows = tokens = 0
    with file.open(encoding="utf-8", newline="") as text:
        if is_csv:
            for row in csv.DictReader(text):
                rows += 1
                tokens += int(row["output_tokens"])
        else:
            for line in text:
                rows += 1
                tokens += json.loads(line)["completion_tokens"]
    return {"rows": rows, "tokens": tokens}


def main(what: str, file: Path, folder: Path) -> None:
    """Do it and say what it took."""
    began, cpu = time.perf_counter(), time.process_time()
    if what in {"csv", "json"}:
        found = plain(file, is_csv=what == "csv")
    else:
        found = asyncio.run(imported(file, folder, keep=what == "save"))
    found["seconds"] = time.perf_counter() - began
    found["cpu_seconds"] = time.process_time() - cpu
    found["peak_bytes"] = own_peak_bytes()
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
