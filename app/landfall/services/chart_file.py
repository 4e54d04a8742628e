"""A chart as a file of the user: a picture that is encoded off the window's thread, or a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

from landfall.core.run.chart_table import ChartPoints, table
from landfall.services import whole_file
from landfall.services.threads import in_thread
from landfall.services.whole_file import not_saved


async def write_chart(path: Path, content: Callable[[], bytes]) -> str:
    """Write what `content` makes, which is called on a thread; the name of the file.

    The file is the old one or the whole new one, whatever happens meanwhile.

    Raises:
        DiskFull, Unavailable: it cannot be written.
    """
    await in_thread(_write, path, content)
    return path.name


def as_csv(points: ChartPoints) -> bytes:
    """The table as CSV with a byte order mark, by which a spreadsheet knows UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(table(points))
    return out.getvalue().encode("utf-8-sig")


def _write(path: Path, content: Callable[[], bytes]) -> None:
    made = content()
    try:
        whole_file.write(path, made)
    except OSError as error:
        raise not_saved("The chart", path, error) from error
