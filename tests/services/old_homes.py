"""What older versions left on a disk: their histories, and whole homes with all that they kept.

`tests/data/history_v*.db` are one file a schema, with a row in (nearly) every table. The homes of
`tests/data/homes` were written by old programs themselves, used through their own commands and
their own window, and cut off by a kill: their last row is in SQLite's log alone. See
`packaging/release_fixture.py`.
"""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "data"
HOMES = sorted(path.name.removesuffix(".tar.xz") for path in (DATA / "homes").glob("*.tar.xz"))
FILES = sorted(path.stem for path in DATA.glob("history_v*.db"))
ALL = (*FILES, *HOMES)

Row = dict[str, Any]
Tables = dict[str, list[Row]]


def put(name: str, home: Path) -> Path:
    """Lay an old history, or a whole home, into a folder; the path of the history."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / "history.db"
    if name in HOMES:
        with tarfile.open(DATA / "homes" / f"{name}.tar.xz") as packed:
            packed.extractall(home, filter="data")
    else:
        shutil.copy(DATA / f"{name}.db", path)
    return path


def schema_of(path: Path) -> int:
    """How many migrations the file had."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def tables(path: Path) -> Tables:
    """Every row of every table, by SQLite alone, as the program that wrote them would see them."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            row["name"]: sorted(
                (dict(one) for one in connection.execute(f'SELECT * FROM "{row["name"]}"')),
                key=repr,
            )
            for row in names
        }
