"""What the program has imported when its first frame is on the screen."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.test_first_paint import start

HEAVY = (
    "landfall.core.provenance",
    "landfall.gui.sentences",
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
    assert not found["icons"], "the first frame made a QIcon: 2 ms"
    assert not found["styles"], "the first frame made a QStyle: 7 ms"
    assert found["style"] == "fusion"


def test_the_first_frame_has_the_scheme_of_the_last_one(tmp_path: Path) -> None:
    home = tmp_path / "landfall"
    home.mkdir()
    assert not start("landfall", tmp_path)["dark"]
    (home / "window.ini").write_text("[window]\nscheme=dark\n", encoding="utf-8")
    assert start("landfall", tmp_path)["dark"]
