"""Where the program keeps its things, also where the surroundings say nonsense."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from landfall.core.errors import Unavailable
from landfall.services import paths

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG folders")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("LANDFALL_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_that_the_folders_are_below_the_home(home: Path) -> None:
    found = paths.of_user()
    assert found.settings == home / ".config" / "Landfall" / "settings.toml"
    assert found.database == home / ".local" / "share" / "Landfall" / "history.db"


def test_that_relative_base_folders_count_as_unset(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    whole = paths.of_user()
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, "relative")
    assert paths.of_user() == whole
    assert os.environ["XDG_DATA_HOME"] == "relative"
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    assert paths.of_user().database == home / "data" / "Landfall" / "history.db"


def test_that_landfall_home_is_read_as_a_shell_does_and_made_whole(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("LANDFALL_HOME", " ~/mine ")
    assert paths.of_user().settings == home / "mine" / "settings.toml"
    monkeypatch.chdir(home)
    monkeypatch.setenv("LANDFALL_HOME", "there")
    assert paths.of_user().cache == home / "there" / "cache"


def test_that_a_home_of_nobody_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDFALL_HOME", "~no-such-user/x")
    with pytest.raises(Unavailable, match="~no-such-user/x") as caught:
        paths.of_user()
    assert "LANDFALL_HOME" in caught.value.hint


@pytest.mark.parametrize("newer", [True, False], ids=["raises", "leaves the ~"])
def test_that_an_unknown_home_is_said_whichever_way_it_shows(
    monkeypatch: pytest.MonkeyPatch, newer: bool
) -> None:
    def homeless(*_words: object, **_more: object) -> str:
        if newer:
            raise RuntimeError("could not determine the home directory")
        return "~/.config/Landfall"

    monkeypatch.setattr("platformdirs.user_config_dir", homeless)
    with pytest.raises(Unavailable, match="does not say which folder ~"):
        paths.of_user()


def test_that_a_path_whose_home_is_not_known_stays_as_it_stands(home: Path) -> None:
    assert paths.expanded("~/a.toml") == home / "a.toml"
    assert paths.expanded("~no-such-user/a.toml") == Path("~no-such-user/a.toml")


def test_that_nothing_can_be_kept_nowhere() -> None:
    with pytest.raises(OSError, match="directory"):
        (paths.nowhere().settings / "x").write_text("")


def test_that_no_folder_is_made_for_logs_and_half_written_files_go(tmp_path: Path) -> None:
    root = tmp_path / "all"
    places = paths.Paths(
        settings=root / "c" / "settings.toml",
        database=root / "d" / "history.db",
        logs=root / "logs",
        cache=root / "cache",
    )
    (root / "d").mkdir(parents=True)
    left = root / "d" / ".landfall-0123456789abcdef.part"
    left.write_text("half")
    os.utime(left, (1.0, 1.0))
    places.make()
    assert sorted(path.name for path in root.iterdir()) == ["c", "cache", "d"]
    assert not left.exists()
