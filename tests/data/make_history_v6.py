"""Makes `history_v6.db`: the fifth schema brought up to date, with a host and an export in it.

    PYTHONPATH=app python tests/data/make_history_v6.py

Only for as long as the sixth schema was not released; after that the file never changes.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from landfall.services.history.history import History

HERE = Path(__file__).parent
AT = "2026-11-26T10:00:00+00:00"


async def make(path: Path) -> None:
    """Write the file."""
    shutil.copy(HERE / "history_v5.db", path)
    history = History(path)
    await history.open()
    await history.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO hosts_seen VALUES ('http://192.168.1.20:11434', 'ollama', ?, NULL, '{}')",
            (AT,),
        )
        connection.execute(
            "INSERT INTO routing_exports VALUES (1, 'export-1', ?, 'litellm', '/srv/proxy', '{}')",
            (AT,),
        )
        connection.execute(
            "INSERT INTO routing_aliases VALUES (1, 'gpt-5-mini', 'gpt-5-mini', 'HYBRID', 0.7)"
        )
        connection.commit()
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("VACUUM")
    for rest in HERE.glob("history_v6.v*.bak"):
        rest.unlink()


if __name__ == "__main__":
    asyncio.run(make(HERE / "history_v6.db"))
