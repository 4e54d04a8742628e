"""`landfall forget` shows what is kept, and deletes all of it only when that is asked for twice."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backends import fail

from landfall.cli import forget
from landfall.cli.main import main
from landfall.cli.session import Session
from landfall.core.errors import BadInput, Unavailable
from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.settings import Settings
from landfall.services import paths
from landfall.services.hosts import tokens
from landfall.services.keys.system_keyring import SERVICE
from landfall.services.settings import settings_store
from tests.fakes.keyrings import LockedKeyring, MemoryKeyring

BOX = Host(name="box", url="http://192.168.1.20:11434", kind=HostKind.OLLAMA)


def names(folder: Path) -> list[str]:
    """What is in a folder; nothing where there is none."""
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Forget:
    """Runs the command in this process and keeps what it printed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.out = self.err = ""

    async def __call__(self, *words: str, typed: str | None = None, as_json: bool = False) -> int:
        parser = argparse.ArgumentParser()
        forget.COMMANDS[0].add_arguments(parser)
        places = paths.of_user()
        out, err = io.StringIO(), io.StringIO()
        settings = settings_store.load(places.settings)
        session = Session(json=as_json, paths=places, settings=settings, out=out, err=err)
        stdin = io.StringIO() if typed is None else Terminal(f"{typed}\n")
        self._monkeypatch.setattr(sys, "stdin", stdin)

        async def line(_stream: Any) -> str:
            return typed or ""

        self._monkeypatch.setattr(forget, "typed_line", line)
        try:
            return await forget.run(parser.parse_args(words), session)
        finally:
            self.out, self.err = out.getvalue(), err.getvalue()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Forget:
    return Forget(monkeypatch)


@pytest.fixture
def used(memory: MemoryKeyring) -> Path:
    """A home with settings, a cache and keys in the keyring; its folder."""
    places = paths.of_user()
    places.make()
    settings_store.save(places.settings, replace(Settings(), hosts=(BOX,)))
    (places.cache / "headers").mkdir()
    for number in range(12):
        (places.cache / "headers" / f"{number}.json").write_bytes(b"x" * 1024)
    for entry in ("openai", "openai-usage", tokens.entry_of(BOX.url)):
        memory.entries[SERVICE, entry] = "sk-secret-0123456789"
    memory.entries["Another program", "openai"] = "not ours"
    return places.settings.parent


async def test_that_it_lists_files_sizes_and_keys_and_deletes_nothing(
    run: Forget, used: Path, memory: MemoryKeyring
) -> None:
    assert await run() == 0
    assert str(used / "settings.toml") in run.out
    assert "cache: " in run.out
    assert "and 4 more" in run.out
    assert "key in the system keyring: openai-usage" in run.out
    assert f"key in the system keyring: {tokens.entry_of(BOX.url)}" in run.out
    assert "sk-secret" not in run.out
    assert (used / "settings.toml").exists()
    assert len(memory.entries) == 4


async def test_that_everything_goes_with_the_keys_of_this_program_alone(
    run: Forget, used: Path, memory: MemoryKeyring
) -> None:
    assert await run("--everything", "--yes", as_json=True) == 0
    document = json.loads(run.out)
    assert document["keys"] == ["openai", "openai-usage", tokens.entry_of(BOX.url)]
    assert {one["what"]: len(one["files"]) for one in document["kept"]} == {
        "settings": 1,
        "cache": 12,
    }
    assert document["left"] == []
    assert names(used) == []
    assert list(memory.entries) == [("Another program", "openai")]
    assert await run("--everything", "--yes") == 0
    assert run.out == "Nothing was kept.\n"
    assert await run() == 0
    assert run.out == "Nothing is kept.\n"


async def test_that_it_asks_first_and_no_is_no(
    run: Forget, used: Path, memory: MemoryKeyring
) -> None:
    with pytest.raises(Unavailable, match="did not agree"):
        await run("--everything", typed="n")
    assert "cannot be undone" in run.err
    assert (used / "settings.toml").exists()
    assert len(memory.entries) == 4
    (used / "mine.txt").write_text("x")
    assert await run("--everything", typed="y") == 0
    assert f"Not Landfall's, and left: {used / 'mine.txt'}" in run.out
    assert names(used) == ["mine.txt"]


@pytest.mark.parametrize("as_json", [True, False])
async def test_that_where_nobody_can_be_asked_nothing_goes(
    run: Forget, used: Path, memory: MemoryKeyring, as_json: bool
) -> None:
    with pytest.raises(BadInput, match="Nobody can be asked"):
        await run("--everything", as_json=as_json)
    assert (used / "settings.toml").exists()
    assert len(memory.entries) == 4


async def test_that_an_open_window_keeps_its_files(
    run: Forget, used: Path, memory: MemoryKeyring
) -> None:
    paths.of_user().lock.write_text(f"{os.getpid()}\n")
    with pytest.raises(Unavailable, match="window of Landfall is open"):
        await run("--everything", "--yes")
    assert (used / "settings.toml").exists()
    assert len(memory.entries) == 4


async def test_that_a_keyring_that_cannot_be_asked_keeps_its_keys_and_the_files_go(
    run: Forget, used: Path
) -> None:
    keyring.set_keyring(LockedKeyring())
    assert await run() == 0
    assert "Keys: " in run.out
    assert await run("--everything", "--yes") == 0
    assert "Keys stay where they are: " in run.err
    assert names(used) == []


@pytest.mark.parametrize("left", ["broken = [", "unknown = 1", "schema = 99", b"\xff"])
def test_that_settings_which_cannot_be_read_can_be_forgotten(
    used: Path, memory: MemoryKeyring, capsys: pytest.CaptureFixture[str], left: str | bytes
) -> None:
    data = left if isinstance(left, bytes) else left.encode()
    (used / "settings.toml").write_bytes(data)
    assert main(["forget"]) == 0
    assert forget.UNKNOWN_HOSTS in capsys.readouterr().err
    assert main(["forget", "--everything", "--yes"]) == 0
    assert forget.UNKNOWN_HOSTS in capsys.readouterr().err
    assert names(used) == []
    assert sorted(memory.entries) == [
        ("Another program", "openai"),
        (SERVICE, tokens.entry_of(BOX.url)),
    ]


async def test_that_a_system_without_a_keyring_is_told_of_files_as_well(
    run: Forget, memory: MemoryKeyring
) -> None:
    keyring.set_keyring(fail.Keyring())  # `memory` puts back what was there
    assert await run() == 0
    assert run.out.splitlines() == [
        "No files are kept.",
        "Keys: There is no keyring on this system.",
    ]
