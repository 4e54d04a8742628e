"""What the program has imported when its first frame is on the screen."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.test_first_paint import start

HEAVY = (
    "anthropic",
    "asyncio",
    "httpx",
    "keyring",
    "numpy",
    "ollama",
    "openai",
    "pydantic",
    "pyqtgraph",
    "PySide6.QtNetwork",
    "socket",
    "sqlite3",
    "ssl",
    "tomllib",
)


def test_nothing_heavy_comes_before_the_first_frame(tmp_path: Path) -> None:
    found = start("landfall", tmp_path)
    assert [name for name in HEAVY if name in found["modules"]] == []
    assert not found["qt"], "the first frame touched the Qt namespace: 15 ms"
