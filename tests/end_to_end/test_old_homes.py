"""A home of an older version, or of a newer one, in the real program: commands and window."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from landfall import __version__
from landfall.services.history.database_versions import SCHEMA_BY
from landfall.services.history.migrations import MIGRATIONS
from tests.end_to_end.process import landfall
from tests.end_to_end.window import landfall_window
from tests.services.old_homes import HOMES, put, schema_of, tables

NOBODY = "http://127.0.0.1:9"
HOST = {"OLLAMA_HOST": NOBODY, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
NEWEST = len(MIGRATIONS)
PAGES = ("machine", "models", "run", "cloud", "workloads", "settings", "history")
ENDS = (HOMES[0], HOMES[-1])
"""The oldest and the newest: of those between, each upgrade is tried in tests of the services."""
BRIEFLY = ("usage", "verdict")
"""What is asked of those between: what their schemas added is behind it."""
ASKED = (
    ("detect", "--json"),
    ("machines", "--json"),
    ("usage", "list", "--json"),
    ("hosts", "--no-look", "--json"),
    ("verdict", "--json"),
    ("price", "openai", "gpt-5-mini", "--input", "1000", "--output", "10", "--json"),
)


@pytest.mark.parametrize("name", HOMES)
async def test_that_commands_answer_from_the_home_of_an_older_version(
    name: str, home: Path, tmp_path: Path
) -> None:
    before = tables(put(name, tmp_path / "before"))
    path = put(name, home)
    schema = schema_of(put(name, tmp_path / "other"))
    out = home / "all.json"
    ran = await landfall("export", "history", "--out", str(out), "--json", home=home, **HOST)
    assert ran.code == 0, ran.err
    rows = {one["kind"]: one["rows"] for one in ran.document["files"]}
    assert rows["runs"] == len(before["runs"]) == len(json.loads(out.read_text())["runs"])
    assert schema_of(path) == NEWEST
    assert path.with_name(f"history.v{schema}.bak").exists() == (schema < NEWEST)
    for words in ASKED if name in ENDS else [one for one in ASKED if one[0] in BRIEFLY]:
        ran = await landfall(*words, home=home, **HOST)
        assert ran.code in (0, 1), (words, ran.err)
        assert "Traceback" not in ran.err
        if words[0] == "hosts":
            hosts = tomllib.loads((home / "settings.toml").read_text()).get("hosts", [])
            assert [one["name"] for one in ran.document] == [host["name"] for host in hosts]
            continue
        assert ran.document
        if words[0] == "usage":
            assert len(ran.document["imports"]) == len(before.get("usage_imports", ()))
        if words[0] == "verdict":
            own = [one for one in before["workloads"] if not one.get("sample")]
            assert len(ran.document) == len(own or before["workloads"])


async def test_that_two_commands_may_meet_an_old_history_at_once(
    home: Path, tmp_path: Path
) -> None:
    before = tables(put("schema-1", tmp_path / "before"))
    path = put("schema-1", home)
    both = [
        landfall("export", "history", "--out", str(home / f"{n}.json"), home=home, **HOST)
        for n in range(2)
    ]
    for ran in await asyncio.gather(*both):
        assert ran.code == 0, ran.err
    assert schema_of(path) == NEWEST
    assert tables(path.with_name("history.v1.bak")) == before


@pytest.mark.parametrize("name", ENDS)
async def test_that_the_window_opens_on_the_home_of_an_older_version(name: str, home: Path) -> None:
    path = put(name, home)
    async with landfall_window(home, **HOST) as window:
        await window.on("home", "partial", "ready", seconds=60)
        # The version of before was killed in an answer: nothing else is to be said.
        await window.see("Banner", "in the middle of its work")
        for page in PAGES:
            await window.open(page)
        await window.do("pick", "runs-table", text="Once more")
        await window.close()
    assert schema_of(path) == NEWEST


def newer(path: Path) -> None:
    """As version 99.1.0 would leave it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (SCHEMA_BY, "99.1.0"))
        connection.execute(f"PRAGMA user_version = {NEWEST + 1}")


@pytest.fixture
async def of_newer(home: Path) -> Path:
    """A home that began with an old version and was then used with one that is newer than this."""
    put("schema-4", home)
    ran = await landfall("usage", "list", home=home, **HOST)
    assert ran.code == 0, ran.err
    newer(home / "history.db")
    return home


def kept(home: Path) -> dict[str, bytes]:
    """What must not change."""
    return {path.name: path.read_bytes() for path in home.glob("history*")}


async def test_that_commands_refuse_the_history_of_a_newer_version_with_words(
    of_newer: Path,
) -> None:
    before = kept(of_newer)
    assert sorted(before) == ["history.db", "history.lock", "history.v4.bak"]
    ran = await landfall("usage", "list", home=of_newer, **HOST)
    assert ran.code == 3
    told = " ".join(ran.err.split())
    assert "was written by Landfall 99.1.0" in told
    assert f"({__version__}) opens schemas up to {NEWEST}" in told
    assert "rename history.v4.bak to history.db" in told
    ran = await landfall("export", "history", "--out", "x.json", "--json", home=of_newer, **HOST)
    assert (ran.code, ran.document["error"]["kind"]) == (3, "database_too_new")
    assert not (of_newer / "x.json").exists()
    ran = await landfall("detect", "--json", home=of_newer, **HOST)
    assert ran.code == 0
    assert kept(of_newer) == before


async def test_that_the_copy_named_in_the_refusal_can_be_put_back(of_newer: Path) -> None:
    (of_newer / "history.db").rename(of_newer / "newer.db")
    (of_newer / "history.v4.bak").rename(of_newer / "history.db")
    ran = await landfall("usage", "list", "--json", home=of_newer, **HOST)
    assert ran.code == 0, ran.err
    assert len(ran.document["imports"]) == 2


async def test_that_the_window_says_that_the_history_is_of_a_newer_version_and_works_without(
    of_newer: Path,
) -> None:
    before = kept(of_newer)
    async with landfall_window(of_newer, **HOST) as window:
        await window.on("home", "partial", "ready", seconds=60)
        told = await window.see("Banner", "99.1.0")
        assert "history.v4.bak" in told
        assert "forgets at its end" in told
        for page in PAGES:
            await window.open(page)
        await window.close()
    assert kept(of_newer) == before


SETTINGS = '# Written by Landfall 99.1.0\nschema = 2\ntheme = "dark"\nfuture = [1]\n'


async def test_that_commands_refuse_settings_of_a_newer_version_with_words(home: Path) -> None:
    settings = home / "settings.toml"
    settings.write_text(SETTINGS)
    for words in (("detect",), ("verdict",), ("hosts", "add", "box", NOBODY)):
        ran = await landfall(*words, home=home, **HOST)
        assert ran.code == 3, words
        assert "was written by Landfall 99.1.0" in ran.err
        assert "Install Landfall 99.1.0 or a newer one" in ran.err
    ran = await landfall("detect", "--json", home=home, **HOST)
    assert ran.document["error"]["kind"] == "settings_too_new"
    assert (await landfall("--version", home=home, **HOST)).code == 0
    assert settings.read_text() == SETTINGS


async def test_that_the_window_leaves_settings_of_a_newer_version_alone(home: Path) -> None:
    settings = home / "settings.toml"
    settings.write_text(SETTINGS)
    (home / "window.ini").write_text("[window]\ngeometry=@Future(1 2 3)\nscheme=sepia\n")
    async with landfall_window(home, **HOST) as window:
        await window.on("home", "partial", "ready", seconds=60)
        assert "99.1.0" in await window.see("Banner", "settings.toml")
        await window.open("settings")
        await window.click("setting-theme", "Light")
        assert re.search("was left as it is", await window.see("Banner"))
        await window.close()
    assert settings.read_text() == SETTINGS
    assert not (home / "settings.broken.toml").exists()
