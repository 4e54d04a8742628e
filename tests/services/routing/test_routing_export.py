"""From decided workloads to a folder of routes: what is planned, written, refused, checked."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import socket
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from landfall.core.errors import BadInput, DiskFull, Unavailable
from landfall.core.hosts.hosts import (
    Host,
    HostKind,
    HostModel,
    HostReading,
    HostState,
    Stand,
    Standing,
)
from landfall.core.routing.findings import Severity
from landfall.core.settings import Settings
from landfall.services.history.history import History
from landfall.services.hosts.looking import Asking
from landfall.services.keys.key_store import SessionKeys
from landfall.services.keys.secret import Secret
from landfall.services.routing import engine, exporting, gathering, kept, linting, writing
from tests.core.routing.test_routing_planning import KEEPS_UP, decided, toml
from tests.fakes.closed_folder import closed
from tests.fakes.ollama_twin import Twin
from tests.fakes.routes import BOX
from tests.fakes.routes import plan as an_offices_plan
from tests.fakes.speakers import speaker

NOW = datetime(2026, 11, 26, 10, tzinfo=UTC)
HERE = "http://127.0.0.1:11434"
MODELS = ("qwen3:8b", "nomic-embed-text:latest", "qwen3:4b")
PRIVATE = 'class = "local_only"'


# Hosts -----------------------------------------------------------------------------------------


def reading(one: Host, **values: Any) -> HostReading:
    base: dict[str, Any] = {
        "state": HostState.ANSWERS,
        "stand": Stand(standing=Standing.THIS_MACHINE, words="this machine"),
        "version": "0.24.0",
        "models": (HostModel(name="qwen3:8b"), HostModel(name="far:cloud", remote=True)),
    }
    return HostReading(host=one, **{**base, **values})


async def test_that_the_present_server_comes_first_under_the_name_it_is_kept_by() -> None:
    kept = (
        Host(name="desk", url="http://localhost:11434", kind=HostKind.OLLAMA),
        Host(name="box", url="http://10.0.0.5:11434", kind=HostKind.OLLAMA),
        Host(name="other", url="http://10.0.0.6:11434", kind=HostKind.OLLAMA),
    )
    tokens: list[Secret | None] = []

    async def look(one: Host, asking: Asking) -> HostReading:
        tokens.append(asking.token)
        gone = HostState.GONE if one.name == "box" else HostState.ANSWERS
        return reading(one, state=gone, version="0.17.2", fingerprint=one.url[-9:])

    found = await gathering.hosts_at_hand(Settings(hosts=kept), {}, SessionKeys(), look=look)
    assert tokens == [None] * 3
    assert [one.host.name for one in found] == ["desk", "box", "other"]
    assert found[0].present
    assert not found[0].pins
    assert found[0].forwards("far:cloud")
    assert found[1].answers is False


def kept_at(present: str, url: str) -> bool:
    """Whether the server in use is taken for the one that is kept at this address."""
    settings = Settings(hosts=(Host(name="box", url=url, kind=HostKind.OLLAMA),))
    return gathering.present_host(settings, {"OLLAMA_HOST": present}).name == "box"


def test_that_two_servers_behind_one_door_are_two_and_one_is_one_by_any_name_of_it() -> None:
    assert not kept_at("http://office.lan:80/a", "http://office.lan:80/b")
    assert kept_at("http://office.lan:80/a", "http://office.lan:80/a")
    assert kept_at("http://Office.LAN:11434", "http://office.lan:11434")
    assert not kept_at("http://office.lan:11434", "http://office.lan:11435")
    name = socket.gethostname().lower()
    assert kept_at("http://127.0.0.1:11434", f"http://{name}:11434")


async def test_that_nobody_is_asked_where_no_look_is_wanted() -> None:
    (found,) = await gathering.unasked(Settings(), {"OLLAMA_HOST": "127.0.0.1:9"})
    assert found.host.url == "http://127.0.0.1:9"
    assert found.standing is Standing.THIS_MACHINE
    assert found.answers is None


async def test_that_a_closed_port_is_a_host_that_does_not_answer() -> None:
    (found,) = await gathering.hosts_at_hand(
        Settings(), {"OLLAMA_HOST": "127.0.0.1:9"}, SessionKeys()
    )
    assert found.answers is False
    assert not found.token


def below(folder: Path) -> list[str]:
    """Everything in a folder, but for the settings of the test."""
    return sorted(str(one) for one in folder.rglob("*") if "landfall-home" not in str(one))


# The folder ------------------------------------------------------------------------------------


async def test_that_an_export_is_written_whole_and_passes_its_check(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "routes"
    written = await writing.write(an_offices_plan(), out)
    assert {one.name for one in out.iterdir()} == set(written.names)
    assert {"gateway.yaml", "private.yaml", "guard.py", "start.sh", ".env.example"} <= set(
        written.names
    )
    assert [one.severity for one in written.findings] in ([], [Severity.NOTE])
    assert (out / "start.sh").stat().st_mode & 0o111
    assert below(out.parent)[0] == str(out)
    assert len(below(out.parent)) == 1 + len(written.names)


@pytest.mark.parametrize("kind", ["file", "full", "link"])
async def test_that_what_is_there_is_never_written_over(tmp_path: Path, kind: str) -> None:
    out = tmp_path / "routes"
    if kind == "file":
        out.write_text("mine")
    elif kind == "full":
        out.mkdir()
        (out / "mine").write_text("mine")
    else:
        (tmp_path / "real").mkdir()
        out.symlink_to(tmp_path / "real")
    before = below(tmp_path)
    with pytest.raises(BadInput, match="nothing was written") as refused:
        await writing.write(an_offices_plan(), out)
    assert refused.value.field == "--out"
    assert below(tmp_path) == before


async def test_that_an_empty_folder_is_taken(tmp_path: Path) -> None:
    out = tmp_path / "routes"
    out.mkdir()
    await writing.write(an_offices_plan(), out)
    assert (out / "gateway.yaml").exists()


def test_that_a_folder_in_which_a_shell_stands_stays_that_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "routes"
    out.mkdir()
    monkeypatch.chdir(out)
    written = asyncio.run(writing.write(an_offices_plan(), Path()))
    assert {one.name for one in Path().iterdir()} == set(written.names)
    assert os.access("start.sh", os.X_OK)


async def test_that_files_which_cannot_all_be_moved_are_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "routes"
    out.mkdir()
    move = shutil.move

    def broken(source: Path, target: Path) -> Any:
        if target.name == "private.yaml":
            raise OSError(errno.ENOSPC, "No space left on device")
        return move(source, target)

    monkeypatch.setattr(shutil, "move", broken)
    with pytest.raises(DiskFull):
        await writing.write(an_offices_plan(), out)
    assert below(tmp_path) == [str(out)]


async def test_that_routes_which_would_leak_are_not_written(tmp_path: Path) -> None:
    made = an_offices_plan()
    away = replace(made.aliases[2].deployments[0], api_base="http://8.8.8.8:11434")
    leaking = replace(
        made, aliases=(*made.aliases[:2], replace(made.aliases[2], deployments=(away,)))
    )
    with pytest.raises(writing.RoutesRefused, match="outside your network") as refused:
        await writing.write(leaking, tmp_path / "deep" / "er" / "routes")
    assert refused.value.findings[0].id == "private_address"
    assert below(tmp_path) == []
    assert (await writing.checked(leaking))[0].severity is Severity.LEAK


async def test_that_a_plan_without_an_alias_says_why(tmp_path: Path) -> None:
    empty = replace(an_offices_plan(), aliases=())
    with pytest.raises(writing.RoutesRefused, match="Nowhere: nothing here can run it"):
        await writing.write(empty, tmp_path / "routes")


async def test_that_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(Unavailable, match="could not be saved"):
        await writing.write(an_offices_plan(), blocker / "routes")


# The check of a folder -------------------------------------------------------------------------


async def test_that_a_file_changed_by_hand_is_checked_with_its_line(tmp_path: Path) -> None:
    out = tmp_path / "routes"
    await writing.write(an_offices_plan(), out)
    gateway = out / "gateway.yaml"
    text = gateway.read_text().replace(
        "  fallbacks:\n", "  default_fallbacks: [frontier]\n  fallbacks:\n"
    )
    gateway.write_text(text)
    (first, *_) = await linting.lint_folder(out)
    assert first.id == "spreading_fallbacks"
    assert first.line is not None
    assert "default_fallbacks" in text.splitlines()[first.line - 1]


async def test_that_a_name_is_judged_by_where_it_leads(tmp_path: Path) -> None:
    out = tmp_path / "routes"
    await writing.write(an_offices_plan(), out)
    for name in ("gateway.yaml", "private.yaml", "guard.py"):
        path = out / name
        path.write_text(path.read_text().replace("127.0.0.1", "localhost.lan"))

    async def outside(_name: str) -> Sequence[str]:
        return ("127.0.0.1", "8.8.8.8")

    async def inside(_name: str) -> Sequence[str]:
        return ("127.0.0.1",)

    ids = {one.id for one in await linting.lint_folder(out, resolve=outside)}
    assert "private_address" in ids
    ids = {one.id for one in await linting.lint_folder(out, resolve=inside)}
    assert "private_address" not in ids


BOMB = "a0: &a0 [1, 1]\n" + "".join(
    f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 30)
)
"""A file of a kilobyte that stands for more values than there are atoms in a drop."""


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("gateway.yaml", "a: [", "is no YAML"),
        ("gateway.yaml", "- a\n", "holds no settings"),
        ("gateway.yaml", "a: &a [*a]\n", "holds too much"),
        ("gateway.yaml", BOMB, "holds too much"),
        ("gateway.yaml", "a: 1\n---\na: 2\n", "is no YAML"),
        ("gateway.yaml", "a:\n\tb: 1\n", "is no YAML"),
        ("gateway.yaml", "? [a]\n: 1\n", "is no YAML"),
        ("gateway.yaml", "", "holds no settings"),
        ("gateway.yaml", "[" * 5000, "is no YAML"),
        ("gateway.yaml", "a: !!python/object:os.system {}", "is no YAML"),
        ("landfall-routing.json", "{", "is no JSON"),
        ("guard.py", "\udcff", "cannot be read"),
    ],
)
async def test_that_files_that_cannot_be_read_are_told(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    out = tmp_path / "routes"
    await writing.write(an_offices_plan(), out)
    (out / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadInput, match=words):
        await linting.lint_folder(out)


async def test_that_files_as_editors_leave_them_pass_and_a_second_key_does_not(
    tmp_path: Path,
) -> None:
    out = tmp_path / "routes"
    await writing.write(an_offices_plan(), out)
    before = await linting.lint_folder(out)
    for one in out.iterdir():
        text = one.read_text().replace("\n", "\r\n")
        one.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert await linting.lint_folder(out) == before
    gateway = out / "gateway.yaml"
    text = gateway.read_text(encoding="utf-8-sig")
    gateway.write_text(text + "router_settings: {num_retries: 1}\n")
    (twice,) = [one for one in await linting.lint_folder(out) if one.id == "key_twice"]
    assert (twice.path, twice.line) == ("router_settings", len(text.splitlines()) + 1)


async def test_that_what_an_anchor_carries_is_seen(tmp_path: Path) -> None:
    out = tmp_path / "routes"
    await writing.write(an_offices_plan(), out)
    gateway = out / "gateway.yaml"
    text = gateway.read_text()
    away = "environment_variables: &away {base_url: 'https://8.8.8.8'}\n"
    assert '      api_base: "http://127.0.0.1:11434"\n' in text
    gateway.write_text(
        away
        + text.replace(
            '      api_base: "http://127.0.0.1:11434"\n',
            '      <<: *away\n      api_base: "http://127.0.0.1:11434"\n',
        )
    )
    ids = {one.id for one in await linting.lint_folder(out)}
    assert {"private_address", "environment"} <= ids
    assert "key_twice" not in ids


async def test_that_a_log_which_was_changed_is_found(tmp_path: Path) -> None:
    out = tmp_path / "routes"
    await writing.write(an_offices_plan(), out)
    log = out / "spend_lines.py"
    log.write_text(log.read_text().replace("request_id call_type", "request_id messages call_type"))
    assert (await linting.lint_folder(out))[0].id == "callback_changed"


async def test_that_no_folder_and_endless_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is no folder"):
        await linting.lint_folder(tmp_path / "none")
    (tmp_path / "gateway.yaml").write_bytes(b" " * (linting.MOST_BYTES + 1))
    with pytest.raises(BadInput, match="too big"):
        await linting.lint_folder(tmp_path)
    (tmp_path / "gateway.yaml").unlink()
    assert [one.id for one in await linting.lint_folder(tmp_path)] == ["no_gateway"]


async def test_that_a_folder_that_may_not_be_looked_into_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "service" / "routes"
    out.mkdir(parents=True)
    closed(monkeypatch, tmp_path / "service")
    with pytest.raises(BadInput, match="may not be looked into"):
        await linting.lint_folder(out)
    with pytest.raises(BadInput, match="cannot be looked into"):
        writing.assert_free(out)
    closed(monkeypatch, out)
    with pytest.raises(BadInput):
        await linting.lint_folder(out)


async def test_that_the_window_gets_a_plan_with_its_check_and_a_new_folder(tmp_path: Path) -> None:
    settings = Settings(ollama_url="http://127.0.0.1:9")
    found = await exporting.preview(await decided(toml("Mail", quotes=KEEPS_UP)), settings)
    assert found.findings == ()
    history = History(tmp_path / "history.db")
    await history.open()
    try:
        written = await exporting.export(found.plan, tmp_path / "routes", history)
        remembered = await history.transact(kept.exports)
    finally:
        await history.close()
    assert [one.directory for one in remembered] == [str(tmp_path / "routes")]
    assert written.unkept == ""
    loaded = yaml.safe_load((written.directory / "gateway.yaml").read_text())
    assert loaded["model_list"][0]["model_name"] == "mail"
    empty = await exporting.preview([], settings)
    assert empty.plan.aliases == ()


async def test_that_a_stub_is_found_where_its_server_is_asked(tmp_path: Path) -> None:
    stub = speaker("qwen3:8b", ("No",), remote_host="https://cloud.example", remote_model="big")
    twin = Twin(tmp_path / "twin", no_cloud=False)
    twin.recorded_models[stub.name.short] = stub
    out = tmp_path / "routes"
    await writing.write(an_offices_plan(), out)
    async with twin:
        for name in ("gateway.yaml", "private.yaml", "guard.py"):
            path = out / name
            path.write_text(path.read_text().replace(HERE, twin.url).replace(BOX, twin.url))
        asked = await linting.lint_folder(out, look=True)
        unasked = await linting.lint_folder(out)
    assert "cloud_model" in {one.id for one in asked if one.severity is Severity.LEAK}
    assert "cloud_model" not in {one.id for one in unasked}


async def test_that_an_export_that_cannot_be_remembered_stands_all_the_same(
    tmp_path: Path,
) -> None:
    unopened = await exporting.export(an_offices_plan(), tmp_path / "one", None)
    assert unopened.unkept == ""

    class Full(History):
        async def transact(self, work: Any) -> Any:
            raise DiskFull("The disk is full.", "Free some.")

    told = await exporting.export(an_offices_plan(), tmp_path / "two", Full(tmp_path / "h.db"))
    assert told.unkept == "The disk is full. Free some."
    assert (tmp_path / "two" / "gateway.yaml").exists()


async def test_that_a_full_disk_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DiskFull):
            await writing.write(an_offices_plan(), tmp_path / "deep" / "routes")
    assert below(tmp_path) == []


async def test_that_a_broken_resource_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    engine.engine.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(engine.resources, "read_json", lambda _name: {"name": "LiteLLM"})
        with pytest.raises(BadInput, match="cannot be used"):
            engine.engine()
    assert engine.engine().name == "LiteLLM"
