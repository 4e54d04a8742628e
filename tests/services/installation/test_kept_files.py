from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from landfall.core.errors import Unavailable
from landfall.services.installation.kept_files import kept, remove, window_pid
from landfall.services.paths import Paths
from tests.services.old_homes import HOMES, put


@pytest.fixture
def places(tmp_path: Path) -> Paths:
    home = tmp_path / "home"
    return Paths(
        settings=home / "settings.toml",
        database=home / "history.db",
        logs=home / "logs",
        cache=home / "cache",
    )


def fill(places: Paths) -> list[str]:
    """A file of every kind; their names."""
    put(HOMES[0], places.database.parent)
    places.make()
    home = places.database.parent
    names = [
        "history.v1.bak",
        "history.v1.bak.part",
        "history.damaged-20261126-100000.db",
        "history.damaged-20261126-100000.db-wal",
        "history.lock",
        "quality.lock",
        "prices.json",
        "offered_models.json",
        "announced.json",
        "settings.broken.toml",
        ".landfall-0011223344556677.part",
        "window.lock",
        "window.line",
        "logs/landfall.log",
        "cache/headers/hf.co/sha256-ab.json",
    ]
    for name in names:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(b"12345")
    return sorted(str(p.relative_to(home)) for p in home.rglob("*") if p.is_file())


def test_that_every_file_is_told_once_with_its_kind_and_size(places: Paths) -> None:
    names = fill(places)
    found = kept(places)
    told = [path for one in found for path in one.files]
    assert sorted(str(path.relative_to(places.database.parent)) for path in told) == names
    assert [one.what for one in found] == [
        "history",
        "copies of the history",
        "prices and models of providers",
        "newest version announced",
        "settings",
        "your machines",
        "files half written",
        "cache",
        "logs",
        "lock of the window",
    ]
    assert found[1].size_bytes == 4 * 5
    assert found[0].size_bytes == sum(path.stat().st_size for path in found[0].files)


def test_that_what_was_half_written_is_found_in_both_folders(tmp_path: Path) -> None:
    config, data = tmp_path / "config", tmp_path / "data"
    places = Paths(
        settings=config / "settings.toml",
        database=data / "history.db",
        logs=tmp_path / "logs",
        cache=tmp_path / "cache",
    )
    places.make()
    for folder in (config, data):
        (folder / ".landfall-00.part").write_bytes(b"x")
    (found,) = kept(places)
    assert (found.what, len(found.files)) == ("files half written", 2)
    assert remove(places, (found,)) == ()
    assert list(tmp_path.glob("*")) == [tmp_path / "landfall-home"]


def test_that_all_of_it_is_deleted_with_its_folders(places: Paths) -> None:
    fill(places)
    assert remove(places, kept(places)) == ()
    assert not places.database.parent.exists()
    assert kept(places) == ()


def test_that_what_is_not_the_programs_stays_and_is_told(places: Paths) -> None:
    fill(places)
    mine = places.database.parent / "my-export.json"
    mine.write_text("{}")
    elsewhere = places.database.parent.parent / "elsewhere.json"
    elsewhere.write_text("{}")
    (places.cache / "link.json").symlink_to(elsewhere)
    assert remove(places, kept(places)) == (mine,)
    assert list(places.database.parent.iterdir()) == [mine]
    assert elsewhere.exists()


def test_that_a_cache_that_leads_elsewhere_is_not_followed(places: Paths, tmp_path: Path) -> None:
    places.database.parent.mkdir()
    (tmp_path / "big").mkdir()
    (tmp_path / "big" / "precious").write_text("x")
    places.cache.symlink_to(tmp_path / "big")
    assert kept(places) == ()
    assert remove(places, kept(places)) == (places.cache,)
    assert (tmp_path / "big" / "precious").exists()


def test_that_a_file_that_cannot_be_deleted_is_named(
    places: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(places)
    found = kept(places)

    def busy(_self: Path, *, missing_ok: bool = False) -> None:
        assert missing_ok
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "unlink", busy)
    with pytest.raises(Unavailable, match=r"history\.db cannot be deleted: in use"):
        remove(places, found)


@pytest.mark.parametrize("text", ["", "x\nlandfall\n", "-5\n", "9999999999\n", "9" * 5000])
def test_that_a_lock_that_names_no_process_holds_nothing(places: Paths, text: str) -> None:
    assert window_pid(places) is None
    places.database.parent.mkdir()
    places.lock.write_text(text)
    assert window_pid(places) is None


def test_that_a_window_that_is_open_is_known_and_one_that_was_killed_is_not(places: Paths) -> None:
    places.database.parent.mkdir()
    lock = places.lock
    lock.write_text(f"{os.getpid()}\nlandfall\nhost\n")
    assert window_pid(places) == os.getpid()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    lock.write_text(f"{gone.pid}\nlandfall\nhost\n")
    assert window_pid(places) is None
