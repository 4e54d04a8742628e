"""Commands with `--host`: each server gets its own token and no other, and nothing is mixed up."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from landfall.cli.main import main
from landfall.core.errors import PrivacyBlocked
from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.settings import Settings
from landfall.core.workload.workload import Privacy, PrivacyClass, Task, Workload
from landfall.services.hosts import privacy_door, tokens
from landfall.services.ollama.client import Ollama
from landfall.services.paths import of_user
from landfall.services.settings import settings_store
from tests.cli.test_models_and_run import RegistryThread, registry
from tests.fakes.cloud_api import serving
from tests.fakes.keyrings import MemoryKeyring
from tests.fakes.model_servers import TOKEN
from tests.fakes.ollama_thread import TwinThread
from tests.fakes.real_ollama import REAL, fill, serving_real
from tests.fakes.tiny_models import TinyModel
from tests.services.ollama.conftest import tiny

__all__ = ["registry", "tiny"]  # fixtures

OTHER_TOKEN = "sk-local-PLANTED-other-9876543210"


@dataclass(slots=True)
class Shell:
    """The command line with its outputs caught; no token may be in them."""

    capsys: pytest.CaptureFixture[str]

    def json(self, *words: str, exits: int = 0) -> Any:
        return json.loads(self.text(*words, "--json", exits=exits)[0])

    def text(self, *words: str, exits: int = 0) -> tuple[str, str]:
        assert main(list(words)) == exits
        seen = self.capsys.readouterr()
        for token in (TOKEN, OTHER_TOKEN):
            assert token not in seen.out + seen.err
        return seen.out, seen.err


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@dataclass(slots=True)
class Two:
    """Two servers with a token each, kept as "studio" and "attic"; `here` is a third, without."""

    studio: TwinThread
    attic: TwinThread
    here: TwinThread


def keep(*hosts: Host) -> None:
    paths = of_user()
    paths.make()
    settings_store.save(paths.settings, Settings(hosts=hosts))


@pytest.fixture
def two(
    tmp_path: Path,
    tiny: Mapping[str, TinyModel],
    memory: MemoryKeyring,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Two]:
    with (
        TwinThread(tmp_path / "studio") as studio,
        TwinThread(tmp_path / "attic") as attic,
        TwinThread(tmp_path / "here") as here,
    ):
        for server, name in ((studio, "tiny-story"), (attic, "tiny-story"), (here, "tiny-story")):
            server.call(_fill(server.twin.url, {name: tiny[name]}))
        kept = []
        for name, server, token in (("studio", studio, TOKEN), ("attic", attic, OTHER_TOKEN)):
            server.twin.token = token
            host = Host(name=name, url=server.twin.url, kind=HostKind.OLLAMA)
            memory.entries["Landfall", tokens.entry_of(host.url)] = token
            kept.append(host)
        keep(*kept)
        monkeypatch.setenv("OLLAMA_HOST", here.twin.url)
        yield Two(studio, attic, here)
    _assert_nowhere(tmp_path)


async def _fill(url: str, models: Mapping[str, TinyModel]) -> None:
    async with Ollama(url) as client:
        await fill(client, models)


def _assert_nowhere(folder: Path) -> None:
    """No file that Landfall wrote holds a token."""
    paths = of_user()
    written = [paths.settings, paths.database, *paths.logs.glob("*")]
    for file in (*written, paths.database.with_name(paths.database.name + "-wal")):
        if file.is_file():
            held = file.read_bytes()
            assert TOKEN.encode() not in held
            assert OTHER_TOKEN.encode() not in held


def test_that_models_of_a_host_are_listed_with_its_token(shell: Shell, two: Two) -> None:
    assert [one["name"] for one in shell.json("list", "--host", "studio")] == ["tiny-story:latest"]
    out, _ = shell.text("list", "--host", "Studio")
    assert "Studio" in out
    assert shell.json("ps", "--host", "studio") == []
    refused = shell.json("list", "--host", two.studio.twin.url + "0", exits=2)
    assert refused["error"]["field"] == "host"


def test_that_an_unkept_address_gets_no_token(
    shell: Shell, two: Two, memory: MemoryKeyring
) -> None:
    keep()
    shell.json("list", "--host", two.studio.twin.url, exits=1)
    assert memory.calls == []


def test_that_a_model_is_deleted_on_the_host_that_was_named_and_on_no_other(
    shell: Shell, two: Two
) -> None:
    out, _ = shell.text("rm", "tiny-story", "--host", "attic")
    assert out == "tiny-story:latest is deleted on attic.\n"
    assert shell.json("list", "--host", "attic") == []
    assert len(shell.json("list", "--host", "studio")) == 1
    assert len(shell.json("list")) == 1


def test_that_an_answer_of_a_host_is_kept_under_its_address(shell: Shell, two: Two) -> None:
    answer = shell.json("run", "tiny-story", "Hi", "--host", "studio", "--num-predict", "4")
    assert answer["host"] == two.studio.twin.url
    with sqlite3.connect(of_user().database) as connection:
        assert connection.execute("SELECT host FROM runs").fetchall() == [(two.studio.twin.url,)]


def test_that_a_benchmark_of_a_host_is_its_own(shell: Shell, two: Two) -> None:
    quick = ("--repeat", "1", "--num-predict", "4", "--no-cold")
    document = shell.json("bench", "tiny-story", *quick, "--host", "attic")
    assert document["host"] == two.attic.twin.url


def test_that_hosts_are_compared_by_their_names_each_with_its_own_token(
    shell: Shell, two: Two
) -> None:
    words = ("--target", "tiny-story@studio", "--target", "tiny-story@attic")
    document = shell.json("compare", "Hi", *words, "--num-predict", "4", "--context", "512")
    urls = [one["url"] for one in document["plan"]["targets"]]
    assert urls == [two.studio.twin.url, two.attic.twin.url]
    assert all(answer["complete"] for answer in document["answers"])
    unknown = ("--target", "tiny-story@studoi")
    refused = shell.json("compare", "Hi", *unknown, exits=2)["error"]
    assert (refused["field"], "studio" in refused["hint"]) == ("target", True)


def test_that_fit_on_a_host_needs_its_machine_described(shell: Shell, two: Two) -> None:
    refused = shell.json("fit", "qwen3:8b", "--host", "studio", exits=2)["error"]
    assert refused["field"] == "host"
    assert "What memory studio has is not known" in refused["message"]
    machines = of_user().machines
    machines.write_text('[[machine]]\nname = "Studio"\nlike = "RTX 4090"\n', encoding="utf-8")
    document = shell.json("fit", "qwen3:8b", "--host", "studio")
    assert document["machine"] == "Studio"


@pytest.fixture
def lmstudio(memory: MemoryKeyring) -> Iterator[Host]:
    """A server of the other protocol that asks for a token, on a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="openai-compatible")
    thread.start()
    api = serving("openai", TOKEN)
    served = asyncio.run_coroutine_threadsafe(api.__aenter__(), loop).result(10)
    host = Host(name="lmstudio", url=served.url.removesuffix("/v1"), kind=HostKind.OPENAI)
    memory.entries["Landfall", tokens.entry_of(host.url)] = TOKEN
    keep(host)
    yield host
    asyncio.run_coroutine_threadsafe(api.__aexit__(None, None, None), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_that_an_openai_compatible_host_lists_and_runs_and_no_more(
    shell: Shell, lmstudio: Host
) -> None:
    answer = shell.json("run", "gpt-5.5", "Hi", "--host", "lmstudio")
    assert (answer["text"], answer["host"]) == ("Hello", lmstudio.url)
    assert answer["energy"]["gross_joules"] is None
    assert answer["engine"]["name"] == "OpenAI-compatible"
    out, _ = shell.text("list", "--host", "lmstudio")
    assert "m-1" in out
    assert "managed with its own means" in out
    for command in (("pull", "qwen3:8b"), ("rm", "qwen3:8b"), ("bench", "gpt-5.5")):
        _, err = shell.text(*command, "--host", "lmstudio", exits=2)
        assert "managed with the server's own means" in err
    shell.text("run", "gpt-5.5", "Hi", "--host", "lmstudio", "--context", "4096", exits=2)


# ---------------------------------------------------------------- privacy


def locked(**more: Any) -> Workload:
    privacy = Privacy(privacy_class=PrivacyClass.LOCAL_ONLY, **more)
    return Workload(name="letters", task=Task.SUMMARY, privacy=privacy)


@pytest.mark.parametrize(
    ("addresses", "offline", "inside"),
    [
        (["127.0.0.1"], True, True),
        (["192.168.1.9"], False, True),
        (["192.168.1.9"], True, False),
        (["8.8.4.4"], False, False),
        (["192.168.1.9", "8.8.4.4"], False, False),
        ([], False, False),
    ],
)
async def test_that_the_address_of_the_moment_decides_and_not_the_name(
    addresses: list[str], offline: bool, inside: bool
) -> None:
    async def resolve(_name: str) -> list[str]:
        return addresses

    workload = locked(offline=offline)
    call = privacy_door.assert_inside_now(workload, "http://localhost:11434", resolve)
    if inside:
        await call
    else:
        with pytest.raises(PrivacyBlocked, match="Nothing was sent"):
            await call
    await privacy_door.assert_inside_now(None, "http://8.8.4.4", resolve)


async def test_that_a_name_that_leads_elsewhere_is_not_measured_by_this_machine() -> None:
    async def away(_name: str) -> list[str]:
        return ["192.168.1.9"]

    assert await privacy_door.place_of("http://localhost:11434", away) == "network"
    assert await privacy_door.place_of("http://127.0.0.1:11434") == "local"


# ---------------------------------------------------------------- a real second server


@pytest.mark.real_ollama
@pytest.mark.skipif(REAL is None, reason="no ollama executable is on PATH")
@pytest.mark.usefixtures("memory")
def test_that_a_real_second_server_is_filled_listed_run_and_emptied(
    shell: Shell,
    tiny: Mapping[str, TinyModel],
    registry: RegistryThread,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    with serving_real(tmp_path / "first") as first, serving_real(tmp_path / "second") as second:
        monkeypatch.setenv("OLLAMA_HOST", first.url)
        keep(Host(name="second", url=second.url, kind=HostKind.OLLAMA))
        name = registry.add(tiny["tiny-story"])
        shell.text("pull", name, "--insecure", "--host", "second")
        assert shell.json("list") == []
        assert [one["name"] for one in shell.json("list", "--host", "second")] == [name]
        words = ("--num-predict", "4", "--context", "512", "--seed", "1")
        answer = shell.json("run", name, "Hi", *words, "--host", "second")
        assert answer["host"] == second.url
        assert (
            shell.json("update", name, "--insecure", "--host", "second")[0]["result"] == "current"
        )
        shell.text("rm", name, "--host", "second")
        assert shell.json("list", "--host", "second") == []
