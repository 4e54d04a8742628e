"""Two keys go through all of the program, good days and bad, and are then looked for everywhere.

They are stored, checked, used for paid answers and echoed by a provider in its errors; the program
crashes with one of them in the message, exports and reports; then every file that was written,
everything that was printed and shown, and every process that ran is searched: as text, in base64,
in hexadecimal, and inside what the database holds. The stand-in for the system's keyring is the one
place where they are to be found.
"""

from __future__ import annotations

import base64
import secrets
import sqlite3
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import keyring
import pytest

from landfall.core.errors import AppError
from landfall.core.settings import Settings
from landfall.services import cloud
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.budget import Consent
from landfall.services.cloud.transport import Transport
from landfall.services.egress import Purpose
from landfall.services.history.history import History
from landfall.services.keys.system_keyring import SystemKeyring
from landfall.services.run.answering import Ask, Turn
from landfall.services.run.runs import Runs
from landfall.services.settings import settings_store
from tests.end_to_end.process import Ran, landfall
from tests.end_to_end.test_keys import processes_that_show
from tests.end_to_end.window import landfall_window
from tests.fakes.cloud_api import (
    CUT,
    CloudApi,
    Reply,
    as_json,
    data,
    openai_answer,
    page,
    refuse,
    serving,
    stream,
)
from tests.fakes.keyrings import FileKeyring
from tests.services.ollama.test_child import stand_in

ASK = Ask(turns=(Turn("user", "Say hello"),), context=2048, num_predict=20)


@dataclass(frozen=True)
class Planted:
    """Keys that no other test and no other run of this one knows."""

    key: str
    admin: str

    @property
    def both(self) -> tuple[str, str]:
        return self.key, self.admin


class Place:
    """Where the program lives in this test, and what it has said so far."""

    def __init__(self, folder: Path, api: CloudApi, planted: Planted) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.folder, self.api, self.planted = folder, api, planted
        self.keyring = folder.parent / f"{folder.name}-keyring.json"
        self.said: list[str] = []

    @property
    def variables(self) -> dict[str, str]:
        return {
            "OPENAI_BASE_URL": self.api.url,
            "PYTHON_KEYRING_BACKEND": "tests.fakes.keyrings.FileKeyring",
            "PYTHONPATH": f"{Path.cwd() / 'app'}:{Path.cwd()}",
            "LANDFALL_TEST_KEYRING": str(self.keyring),
            "HOME": str(self.folder),
        }

    async def command(self, *words: str, stdin: str = "", code: int = 0) -> Ran:
        ran = await landfall(*words, home=self.home, stdin=stdin, **self.variables)
        self.said += [ran.out, ran.err]
        assert ran.code == code, (words, ran)
        return ran


@pytest.fixture
def planted() -> Planted:
    return Planted(
        key=f"sk-proj-PLANTED-{secrets.token_hex(16)}",
        admin=f"sk-admin-PLANTED-{secrets.token_hex(16)}",
    )


@pytest.fixture
async def place(tmp_path: Path, planted: Planted) -> AsyncIterator[Place]:
    folder = tmp_path / "everything"
    folder.mkdir()
    async with serving("openai", planted.key) as api:
        yield Place(folder, api, planted)


def echoes(planted: Planted) -> list[Reply]:
    """What a careless provider answers: the key in every place where it may stand."""
    said = f"Bad key {planted.key} ({planted.admin})"
    plain = {"content-type": "text/plain"}
    return [
        refuse(401, said),
        refuse(402, said),
        refuse(403, said),
        refuse(404, said),
        refuse(418, said, x_request=planted.key),
        refuse(429, said, retry_after="90"),
        Reply(400, [said.encode()], plain),
        as_json({"error": {"message": said}}),
        as_json({"error": said}),
        page(),
        stream([*openai_answer("Hel")[:2], data({"error": {"message": said}})]),
        stream([*openai_answer("Hel")[:2], CUT]),
    ]


async def keys_are_stored_and_checked(place: Place) -> None:
    key, admin = place.planted.both
    await place.command("key", "set", "openai", stdin=key)
    await place.command("key", "set", "openai", "--usage", stdin=admin, code=0)
    await place.command("key", "set", "openai", stdin=admin, code=2)
    await place.command("key", "set", "openai", "--usage", stdin=key, code=2)
    await place.command("key", "set", "anthropic", stdin=key, code=2)
    await place.command("key", "set", "openai", stdin=f"{key}\nsecond line", code=2)
    await place.command("key", "check", "openai")
    # The server knows the first key alone, and repeats the other in its answer.
    await place.command("key", "check", "openai", "--usage", code=1)
    for reply in echoes(place.planted)[:3]:
        place.api.script.append(reply)
        await place.command(
            "key", "check", "openai", "--json", code=3 if reply.status == 402 else 1
        )
    await place.command("key", "list")


@asynccontextmanager
async def cloud_side(place: Place) -> AsyncIterator[tuple[CloudAccess, History]]:
    """As the window holds it."""
    before = keyring.get_keyring()
    keyring.set_keyring(FileKeyring())
    history = History(place.home / "history.db")
    await history.open()
    settings = replace(
        Settings(),
        base_urls=MappingProxyType({"openai": place.api.url}),
        prices=MappingProxyType({"openai/m-1": MappingProxyType({"input": 1.0, "output": 1.0})}),
    )
    settings_store.save(place.home / "settings.toml", settings)
    try:
        with closing(SystemKeyring()) as keys:
            async with aclosing(Transport(history)) as transport:
                yield (
                    CloudAccess(
                        settings, keys=keys, transport=transport, history=history, environment={}
                    ),
                    history,
                )
    finally:
        await history.close()
        keyring.set_keyring(before)


async def answers_are_paid_for(place: Place) -> int:
    """One that ends well, and one for each way to fail; how many."""
    row = cloud.find("openai")
    async with cloud_side(place) as (access, history):
        for reply in (None, *echoes(place.planted)):
            if reply is not None:
                place.api.script.append(reply)
            target = await access.target(
                row, "m-1", consent=Consent(usd_max=1.0), purpose=Purpose(why="answer")
            )
            try:
                async for update in Runs(history).stream(target, ASK):
                    place.said.append(repr(update))
            except AppError as error:
                place.said.append(f"{error!r} {error} {error.__cause__!r} {error.__context__!r}")
        place.said += [repr(state) for state in await access.states()]
        place.said.append(repr(await access.usage_key(row)))
        return len(await history.runs())


async def the_window_is_used_and_crashes(place: Place) -> list[str]:
    """Keys are checked, a child is started, a mistake happens; which processes show a key."""
    key, admin = place.planted.both
    program = stand_in(place.folder, before=f'echo "$@" > {place.folder}/arguments')
    own = {"PATH": f"{program.parent}:/usr/bin:/bin"}
    async with landfall_window(place.home, **place.variables | own) as window:
        told = await window.on("home", "partial", "ready", seconds=60)
        if "Ollama is stopped" in told:
            await window.click("HomePage", "Start Ollama")
            await window.on("home", "partial", "ready", text=r"Ollama \d", seconds=60)
        await window.open("cloud", "ready", "partial")
        await window.do("pick", "providers", text="^OpenAI")
        place.api.script.append(Reply(200, [0.3, b'{"data": []}']))
        await window.click("check-key")
        shown = [*processes_that_show(key), *processes_that_show(admin)]
        await window.see("key-note", "takes the key")
        place.api.script.append(echoes(place.planted)[0])
        await window.click("check-key")
        await window.do("see", "MainWindow", text="refused the key")
        await window.do("crash", text=f"cannot send {key} nor {admin}")
        report = await window.see("BugReport", "cannot send … nor …")
        assert "RuntimeError" in report
        await window.click("BugReport", "Copy report")
        await window.click("BugReport", "Close")
        for name in ("history", "settings", "machine"):
            await window.open(name)
        await window.do("close")
        assert await window.ended(15) == 0
    place.said += [window.said, window.printed]
    return shown


async def everything_is_exported(place: Place) -> None:
    for name in ("all.json", "runs.csv"):
        out = str(place.home / name)
        await place.command("export", "history", "--out", out, "--samples", code=0)
    # Of the samples, on a machine with room for them.
    routes = ("--machine", "RTX 4090", "--out", str(place.home / "routes"))
    await place.command("export", "litellm", *routes, code=0)
    for name in ("report.html", "report.md", "report.pdf"):
        out = str(place.home / name)
        await place.command("export", "report", "--with-prompts", "--out", out, code=0)
    # What is wrong with this machine is not the matter here.
    for words in (("doctor", "--json"), ("detect", "--json")):
        ran = await landfall(*words, home=place.home, **place.variables)
        place.said += [ran.out, ran.err]


def forms(key: str) -> Iterator[bytes]:
    """How a key may stand somewhere: as it is, in two bytes a letter, in base64, in hexadecimal."""
    raw = key.encode()
    yield raw
    yield key.encode("utf-16-le")
    yield raw.hex().encode()
    yield raw[::-1]
    for before in range(3):
        # In base64 a text looks different at each offset; its edges depend on what surrounds it.
        yield base64.b64encode(b"x" * before + raw)[4:-4]
        yield base64.urlsafe_b64encode(b"x" * before + raw)[4:-4]
    # The end of a key is shown in a mask; its heart nowhere.
    yield raw[12:-4]


def found_in(content: bytes, planted: Planted) -> bool:
    return any(form in content for key in planted.both for form in forms(key))


def content_of(path: Path) -> Iterator[bytes]:
    """A file as it is, and where it is a database also what its rows hold."""
    raw = path.read_bytes()
    yield raw
    if not raw.startswith(b"SQLite format 3"):
        return
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        yield "\n".join(connection.iterdump()).encode()
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                for value in row:
                    if isinstance(value, bytes):
                        with suppress(zlib.error):
                            yield zlib.decompress(value)


async def test_two_keys_go_through_everything_and_are_found_nowhere(
    place: Place,
    planted: Planted,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    monkeypatch.setenv("LANDFALL_TEST_KEYRING", str(place.keyring))
    await keys_are_stored_and_checked(place)
    runs = await answers_are_paid_for(place)
    shown = await the_window_is_used_and_crashes(place)
    await everything_is_exported(place)
    await place.command("key", "remove", "openai", "--usage")

    assert runs == 1 + len(echoes(planted))
    assert shown == []
    # They were really there, and really sent.
    assert planted.key in place.keyring.read_text()
    assert planted.admin not in place.keyring.read_text()
    sent = {request.headers["authorization"] for request in place.api.requests}
    assert sent == {f"Bearer {planted.key}", f"Bearer {planted.admin}"}

    files = [path for path in place.folder.rglob("*") if path.is_file()]
    names = {path.name for path in files}
    reports = {"report.html", "report.md", "report.pdf"}
    assert {"history.db", "settings.toml", "all.json", "runs.csv", *reports} <= names
    hits = [
        str(path)
        for path in files
        if any(found_in(content, planted) for content in content_of(path))
    ]
    assert hits == []
    assert not [said for said in place.said if found_in(said.encode(), planted)]
    assert not found_in(caplog.text.encode(), planted)


def test_the_search_finds_a_key_in_each_of_its_forms(tmp_path: Path, planted: Planted) -> None:
    raw = planted.key.encode()
    hidden = [
        raw,
        raw.hex().encode(),
        base64.b64encode(b"Authorization: Bearer " + raw + b"\n"),
        base64.b64encode(b":" + raw),
        planted.admin.encode("utf-16-le"),
    ]
    assert all(found_in(b"before " + content + b" after", planted) for content in hidden)
    path = tmp_path / "history.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE kept (content BLOB)")
        connection.execute("INSERT INTO kept VALUES (?)", (zlib.compress(raw),))
    assert any(found_in(content, planted) for content in content_of(path))
    assert not found_in(f"sk-pro…{planted.key[-4:]}".encode(), planted)
