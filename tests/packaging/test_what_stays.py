"""The page that says where things are names every file and folder that the program has."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest
from platformdirs import macos, unix

from landfall.services import paths

PAGE = Path(__file__).parents[2] / "packaging" / "handbook" / "what_stays.md"


def test_that_the_page_names_every_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LANDFALL_HOME", str(tmp_path))
    text = PAGE.read_text(encoding="utf-8")
    places = paths.of_user()
    for path in (
        places.settings,
        places.machines,
        places.window,
        places.database,
        places.prices,
        places.offered_models,
        places.announced,
        places.lock,
    ):
        assert f"`{path.name}`" in text


@pytest.mark.parametrize("system", [unix.Unix, macos.MacOS])
def test_that_the_page_names_every_folder(
    system: type[unix.Unix | macos.MacOS], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        monkeypatch.delenv(f"XDG_{name}_HOME", raising=False)
    monkeypatch.delenv("LANDFALL_HOME", raising=False)
    monkeypatch.setattr(platformdirs, "PlatformDirs", system)
    text = PAGE.read_text(encoding="utf-8")
    places = paths.of_user()
    home = str(Path.home())
    for folder in (places.settings.parent, places.database.parent, places.cache, places.logs):
        assert f"`{str(folder).replace(home, '~')}`" in text
