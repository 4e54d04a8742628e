"""`list`, `ps`, `pull`, `rm`, `update` and `run`, against twin and real servers."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from landfall.cli.main import main
from landfall.core.errors import BadInput
from landfall.core.run import long_wait
from landfall.core.settings import Settings
from landfall.services.history import database
from landfall.services.history.history import History
from landfall.services.ollama import address
from landfall.services.ollama import registry as registry_names
from landfall.services.ollama.client import Ollama
from landfall.services.paths import of_user
from tests.fakes import model_registry
from tests.fakes.ollama_faults import Fault
from tests.fakes.ollama_recordings import NEW, OLD
from tests.fakes.ollama_thread import TwinThread
from tests.fakes.ollama_twin import Twin
from tests.fakes.tiny_models import STORY, TinyModel, cut, write_speaker
from tests.services.ollama.conftest import Live, fill, real_server, tiny

__all__ = ["real_server", "tiny"]  # fixtures

ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Shell:
    """The command line with its outputs caught."""

    capsys: pytest.CaptureFixture[str]

    def json(self, *words: str, exits: int = 0) -> Any:
        assert main([*words, "--json"]) == exits
        return json.loads(self.capsys.readouterr().out)

    def text(self, *words: str, exits: int = 0) -> tuple[str, str]:
        assert main(list(words)) == exits
        seen = self.capsys.readouterr()
        return seen.out, seen.err


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture(
    params=[
        pytest.param(OLD, id="twin-0.24"),
        pytest.param(NEW, id="twin-0.32"),
        pytest.param("real", marks=pytest.mark.real_ollama),
    ]
)
def live(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    tiny: Mapping[str, TinyModel],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Live]:
    """Each server in turn, named by OLLAMA_HOST."""
    if request.param == "real":
        server: Live = request.getfixturevalue("real_server")
        monkeypatch.setenv("OLLAMA_HOST", server.url)
        asyncio.run(_fill(server.url, tiny))
        yield server
        return
    with TwinThread(tmp_path / "models", request.param) as thread:
        monkeypatch.setenv("OLLAMA_HOST", thread.twin.url)
        asyncio.run(_fill(thread.twin.url, tiny))
        yield Live(thread.twin.url, thread.twin.version, thread.twin.folder, thread.twin)


@pytest.fixture
def twin(
    tmp_path: Path, tiny: Mapping[str, TinyModel], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Twin]:
    with TwinThread(tmp_path / "models") as thread:
        monkeypatch.setenv("OLLAMA_HOST", thread.twin.url)
        asyncio.run(_fill(thread.twin.url, tiny))
        yield thread.twin


async def _fill(url: str, tiny: Mapping[str, TinyModel]) -> None:
    async with Ollama(url) as client:
        await fill(client, tiny)


async def _unload(url: str, *models: str) -> None:
    async with Ollama(url) as client:
        for model in models:
            if await client.loaded(model):
                await client.unload(model)


# list, ps, rm


def test_that_list_says_what_the_server_says(live: Live, shell: Shell) -> None:
    listed = {model["name"]: model for model in shell.json("list")}
    story = listed["tiny-story:latest"]
    assert set(story) == {
        "name",
        "digest",
        "size_bytes",
        "modified_at",
        "family",
        "parameter_size",
        "quantization",
        "remote",
    }
    assert story["remote"] is False
    assert story["size_bytes"] > 1_000_000
    out, _ = shell.text("list")
    assert "tiny-story:latest" in out
    assert all(len(line) <= 120 for line in out.splitlines())


@pytest.mark.parametrize("command", [("fit", "llama3.2:1b"), ("recommend",)])
def test_that_what_is_in_memory_counts_as_free(
    command: tuple[str, ...], live: Live, shell: Shell
) -> None:
    shell.text("run", "tiny-story", "hi", "--threads", "1", "--context", "2048")
    reasons = shell.json(*command)["reasons"]
    assert any(reason.startswith("in memory now: tiny-story:latest;") for reason in reasons)
    on_another = shell.json(*command, "--machine", "RTX 4090")["reasons"]
    assert not any("in memory now" in reason for reason in on_another)


def test_that_ps_shows_what_is_in_memory(live: Live, shell: Shell) -> None:
    shell.text("run", "tiny-story", "hi", "--threads", "1", "--context", "2048")
    loaded = {model["name"]: model for model in shell.json("ps")}
    entry = loaded["tiny-story:latest"]
    told = {"name", "digest", "size_bytes", "gpu_bytes", "context", "expires_at"}
    checked = {"predicted_bytes", "process_bytes", "process_kind", "predicted_process_bytes"}
    assert set(entry) == told | checked | {"reasons"}
    assert entry["context"] == 2048
    assert isinstance(entry["predicted_bytes"], int)
    assert isinstance(entry["predicted_process_bytes"], int)
    if live.twin is None:
        assert abs(entry["predicted_bytes"] - entry["size_bytes"]) < 4 << 20
        assert abs(entry["predicted_process_bytes"] - entry["process_bytes"]) < 40 << 20
    else:
        assert entry["process_bytes"] is None
        # Which reason depends on what else runs on this machine.
        assert any("process_bytes not known: " in why for why in entry["reasons"])
    out, _ = shell.text("ps")
    assert "100% CPU" in out
    assert "PREDICTED" in out


def test_that_a_context_beyond_the_trained_one_is_said_to_be_clamped(
    live: Live, shell: Shell
) -> None:
    _, said = shell.text("run", "tiny-story", "hi", "--threads", "1", "--context", "16384")
    assert "16,384 tokens of context were asked for and 4,096 given" in said
    assert "trained for no more" in said


def test_that_a_server_without_models_says_what_to_do(
    tmp_path: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TwinThread(tmp_path / "none") as thread:
        monkeypatch.setenv("OLLAMA_HOST", thread.twin.url)
        assert shell.json("list") == []
        assert shell.json("ps") == []
        assert "landfall pull" in shell.text("list")[0]
        assert "No model" in shell.text("ps")[0]


def test_that_fit_knows_what_the_server_has_wherever_its_models_lie(
    live: Live, shell: Shell
) -> None:
    fit = shell.json("fit", "tiny-story", "--context", "512")
    (size,) = (m["size_bytes"] for m in shell.json("list") if m["name"] == "tiny-story:latest")
    assert 0 < fit["memory"]["weights_bytes"] < size
    assert any("installed" in reason for reason in fit["reasons"])
    there = shell.json("fit", "tiny-story", "--context", "512", "--machine", "RTX 4090")
    assert there["memory"]["kv_cache_bytes"] == fit["memory"]["kv_cache_bytes"]


def test_that_rm_deletes(live: Live, shell: Shell) -> None:
    asyncio.run(_copy(live.url))
    assert shell.json("rm", "tiny-copy") == {"model": "tiny-copy:latest", "deleted": True}
    assert "tiny-copy:latest" not in {model["name"] for model in shell.json("list")}
    error = shell.json("rm", "tiny-copy", exits=1)["error"]
    assert error["kind"] == "model_not_found"


async def _copy(url: str) -> None:
    async with Ollama(url) as client:
        await client.copy("tiny-story", "tiny-copy")


# run


def test_that_run_streams_the_answer_and_one_line_of_measurements(live: Live, shell: Shell) -> None:
    out, _ = shell.text("run", "tiny-story", "Tell me.", "--threads", "1", "--temperature", "0")
    answer, _, line = out.rstrip("\n").rpartition("\n")
    assert answer == STORY
    assert line.startswith("[")
    assert "tok/s" in line
    assert "51 out" in line


def test_that_run_as_json_is_one_document(live: Live, shell: Shell) -> None:
    asyncio.run(_unload(live.url, "tiny-story"))
    run = shell.json("run", "tiny-story", "Tell me more.", "--threads", "1", "--context", "2k")
    assert run["model"] == "tiny-story"
    assert run["text"] == STORY
    assert run["done_reason"] == "stop"
    assert run["output_tokens"] == 51
    assert run["decode_tok_s"] > 0
    assert run["prefill_tok_s"] > 0
    assert run["ttft_seconds"] > 0
    assert run["load_seconds"] > 0
    assert run["complete"] is True
    assert set(run["energy"]) >= {"gross_joules", "net_joules", "scope", "reason"}
    assert run["engine"] == {"name": "Ollama", "version": live.version}
    assert run["conditions"]["context"] == 2048
    assert len(run["digest"]) == 64


def test_that_a_run_is_kept_in_the_history(live: Live, shell: Shell) -> None:
    shell.json("run", "tiny-story", "Remember this.", "--threads", "1")
    kept = asyncio.run(_runs())
    assert [(run.prompt, run.answer, run.state) for run in kept] == [
        ("Remember this.", STORY, "done")
    ]


def test_that_an_answer_that_finds_no_room_is_shown_and_said(
    twin: Twin,
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    shell.json("run", "tiny-story", "First.")

    def nearly_full(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # as many as there are

    monkeypatch.setattr(database, "_write_through", nearly_full)
    out, err = shell.text("run", "tiny-story", "Why? " * 9000)
    assert STORY.splitlines()[0] in out
    assert "This answer is not in the history: The disk of" in err
    assert [record.name for record in caplog.records if record.levelno >= logging.ERROR] == [
        "landfall.services.history.late_writes"
    ]
    caplog.clear()


async def _runs() -> tuple[Any, ...]:
    history = History(of_user().database)
    await history.open()
    try:
        return await history.runs()
    finally:
        await history.close()


def test_that_num_predict_ends_an_answer(live: Live, shell: Shell) -> None:
    run = shell.json("run", "tiny-count", "go", "--num-predict", "5", "--threads", "1")
    assert run["text"] == "001 002 003 004 005 "
    assert run["done_reason"] == "length"


def test_that_one_token_has_no_rate(live: Live, shell: Shell) -> None:
    run = shell.json("run", "tiny-count", "go", "--num-predict", "1", "--threads", "1")
    assert run["decode_tok_s"] is None
    assert run["reasons"]["decode_tok_s"]


def test_that_thinking_is_apart_from_the_answer(live: Live, shell: Shell) -> None:
    run = shell.json("run", "tiny-thinker", "why?", "--threads", "1")
    assert "ketch" in run["thinking"]
    assert "ketch" not in run["text"]


def test_that_the_prompt_may_come_from_stdin(
    twin: Twin, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    monkeypatch.setattr(sys, "stdin", io.StringIO("from a pipe"))
    shell.text("run", "tiny-story")
    sent = [r.json() for r in twin.server.requests if r.path == "/api/chat"][-1]
    assert sent["messages"] == [{"role": "user", "content": "from a pipe"}]
    monkeypatch.setattr(sys, "stdin", io.StringIO(" \n"))
    assert shell.json("run", "tiny-story", exits=2)["error"]["field"] == "prompt"


def test_that_a_missing_model_is_told(live: Live, shell: Shell) -> None:
    error = shell.json("run", "nope", "hi", exits=1)["error"]
    assert error["kind"] == "model_not_found"
    assert "landfall pull nope" in error["hint"]


def test_that_a_cloud_model_is_refused_before_anything_is_sent(twin: Twin, shell: Shell) -> None:
    secret = "the recipe of the house"
    error = shell.json("run", "gpt-oss:120b-cloud", secret, exits=1)["error"]
    assert error["kind"] == "privacy_blocked"
    assert all(secret.encode() not in request.body for request in twin.server.requests)


def test_that_what_may_leave_is_said_and_written_down(twin: Twin, shell: Shell) -> None:
    assert main(["run", "gpt-oss:120b-cloud", "hello", "--allow-cloud"]) == 1  # it is switched off
    seen = shell.capsys.readouterr()
    assert "leaves this machine for ollama.com" in seen.err
    log = asyncio.run(_egress())
    assert [(entry.host, entry.sent_bytes) for entry in log] == [("ollama.com", 5)]


async def _egress() -> tuple[Any, ...]:
    history = History(of_user().database)
    await history.open()
    try:
        return await history.egress()
    finally:
        await history.close()


def test_that_an_answer_without_an_end_is_no_result(twin: Twin, shell: Shell) -> None:
    twin.faults.append(Fault("no_done", after=4))
    run = shell.json("run", "tiny-story", "hi", exits=1)
    assert run["text"] == STORY[:16]
    assert run["done_reason"] is None
    assert run["decode_tok_s"] is None
    assert run["reasons"]["decode_tok_s"]


def test_that_a_server_that_dies_in_an_answer_is_told(twin: Twin, shell: Shell) -> None:
    twin.faults.append(Fault("cut", after=4))
    assert shell.json("run", "tiny-story", "hi", exits=1)["error"]["kind"] == "interrupted"
    twin.faults.append(Fault("refuse", text="cudaMalloc failed: out of memory"))
    assert shell.json("run", "tiny-story", "hi", exits=1)["error"]["kind"] == "out_of_memory"


def test_that_a_second_run_of_a_prompt_has_no_prefill_rate(twin: Twin, shell: Shell) -> None:
    prompt = "word " * 100
    assert shell.json("run", "tiny-story", prompt)["prefill_tok_s"] is not None
    again = shell.json("run", "tiny-story", prompt)
    assert again["prefill_tok_s"] is None
    assert "cache" in again["reasons"]["prefill_tok_s"]


@pytest.mark.parametrize(
    "words", [["list"], ["ps"], ["run", "x", "hi"], ["rm", "x"], ["pull", "x"]]
)
def test_that_nothing_is_started_at_an_address_that_was_given(
    words: list[str], shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "ollama"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\nsleep 9\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{_closed_port()}")
    error = shell.json(*words, exits=3)["error"]
    assert error["kind"] == "ollama_unavailable"
    assert error["hint"]
    assert not (tmp_path / "started").exists()


def test_that_without_ollama_the_way_to_it_is_told(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(address, "DEFAULT_URL", f"http://127.0.0.1:{_closed_port()}")
    error = shell.json("list", exits=3)["error"]
    assert "ollama.com/download" in error["hint"]


def _closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def test_that_ctrl_c_stops_the_server_within_half_a_second(twin: Twin) -> None:
    twin.pace.token_seconds = 0.02
    process = subprocess.Popen(
        [sys.executable, "-m", "landfall", "run", "tiny-count", "go"],
        env=os.environ | {"PYTHONPATH": str(ROOT / "app")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        # It is streamed piece by piece, and flushed: the first words are here long before the end.
        assert process.stdout.read(8) == b"001 002 "
        begun = time.perf_counter()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 130
        path, at = twin.server.departures[0]
        assert path == "/api/chat"
        assert at - begun < 0.5
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


# pull, update


@pytest.fixture
def fresh(tmp_path: Path) -> TinyModel:
    """A model that no server has."""
    pieces = cut(f"Newly written for {tmp_path.name}, and nowhere else to be found.")
    path = tmp_path / "tiny-fresh.gguf"
    write_speaker(path, pieces=pieces)
    return TinyModel("tiny-fresh", path, "".join(pieces), pieces)


@dataclass(slots=True)
class RegistryThread:
    """A registry on the loop of a thread, so that the command line has its own."""

    registry: model_registry.Registry

    def add(self, model: TinyModel, *, data: bytes = b"") -> str:
        return self.registry.add(model.name, data or model.path.read_bytes())


@pytest.fixture
def registry() -> Iterator[RegistryThread]:
    import threading

    loop = asyncio.new_event_loop()
    opened = model_registry.Registry()
    stop = asyncio.Event()
    ready = threading.Event()

    async def serve() -> None:
        async with model_registry.serving(opened):
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), name="registry")
    thread.start()
    assert ready.wait(10)
    yield RegistryThread(opened)
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


def test_that_pull_shows_progress_and_says_what_came(
    live: Live, shell: Shell, registry: RegistryThread, fresh: TinyModel
) -> None:
    name = registry.add(fresh)
    assert main(["pull", name, "--insecure", "--json"]) == 0
    seen = shell.capsys.readouterr()
    pulled = json.loads(seen.out)
    assert pulled["model"] == name
    assert pulled["size_bytes"] > fresh.path.stat().st_size
    assert len(pulled["digest"]) == 64
    assert "reading the manifest" in seen.err
    assert "done" in seen.err
    shell.json("rm", name)


def test_that_pull_says_why_it_did_not(live: Live, shell: Shell, registry: RegistryThread) -> None:
    missing = f"{registry.registry.address}/library/nope"
    error = shell.json("pull", missing, "--insecure", exits=1)["error"]
    assert error["kind"] == "model_not_found"
    error = shell.json("pull", "bad name", exits=2)["error"]
    assert error["kind"] == "bad_input"
    error = shell.json("pull", f"127.0.0.1:{_closed_port()}/library/x", "--insecure", exits=3)
    assert error["error"]["kind"] == "network_unavailable"


def test_that_plain_http_is_asked_of_no_registry_outside_the_own_network(
    twin: Twin, shell: Shell
) -> None:
    for words in (("pull", "qwen3:0.6b"), ("pull", "1.1.1.1/a/b"), ("update", "tiny-story")):
        error = shell.json(*words, "--insecure", exits=2)["error"]
        assert (error["kind"], error["field"]) == ("bad_input", "insecure")
        assert "is not in your own network" in error["message"]
    assert not [one for one in twin.server.requests if one.path == "/api/pull"]
    # Of all models those of public registries are asked as ever, by https.
    shell.json("update", "--insecure", exits=3)
    asked = [one.json() for one in twin.server.requests if one.path == "/api/pull"]
    assert len(asked) == 4
    assert not any(body["insecure"] for body in asked)


def test_that_one_name_that_cannot_be_one_ends_no_update_of_all(
    twin: Twin, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = registry_names.may_be_plain

    def refused(name: str) -> bool:
        if name.startswith("tiny-story"):
            raise BadInput("It cannot be a name.")
        return real(name)

    monkeypatch.setattr(registry_names, "may_be_plain", refused)
    shell.json("update", "--insecure", exits=1)
    assert len([one for one in twin.server.requests if one.path == "/api/pull"]) == 3


def test_that_pull_checks_the_disk_first(
    twin: Twin,
    shell: Shell,
    registry: RegistryThread,
    fresh: TinyModel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import shutil
    from types import SimpleNamespace

    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1000))
    error = shell.json("pull", registry.add(fresh), "--insecure", exits=1)["error"]
    assert error["kind"] == "disk_full"
    assert all(request.path != "/api/pull" for request in twin.server.requests)


def test_that_update_pulls_what_has_changed_and_only_that(
    live: Live, shell: Shell, registry: RegistryThread, fresh: TinyModel, tmp_path: Path
) -> None:
    name = registry.add(fresh)
    shell.json("pull", name, "--insecure")
    (row,) = shell.json("update", name, "--insecure")
    assert row["result"] == "current"
    other = tmp_path / "other.gguf"
    write_speaker(other, pieces=cut("Another edition of the same name, a little longer."))
    registry.add(fresh, data=other.read_bytes())
    (row,) = shell.json("update", name, "--insecure")
    assert row["result"] == "updated"
    assert row["before"] != row["after"]
    shell.json("rm", name)
    assert shell.json("update", name, exits=1)["error"]["kind"] == "model_not_found"


def test_that_an_update_that_fails_does_not_stop_the_others(
    twin: Twin, shell: Shell, registry: RegistryThread, fresh: TinyModel
) -> None:
    name = registry.add(fresh)
    shell.json("pull", name, "--insecure")
    for model in ("tiny-story", "tiny-count", "tiny-thinker", "tiny-embedder"):
        shell.json("rm", model)
    twin.faults.append(Fault("error", path="/api/pull", after=1, text="digest mismatch"))
    (row,) = shell.json("update", "--insecure", exits=1)
    assert row["result"] == "failed"
    assert row["reason"]


def test_that_an_update_without_a_network_says_that_it_is_not_there(
    twin: Twin, shell: Shell
) -> None:
    twin.faults.append(
        Fault("error", path="/api/pull", text="dial tcp: lookup registry.ollama.ai: no such host")
    )
    (row,) = shell.json("update", "tiny-story", exits=3)
    assert row["result"] == "failed"


def test_that_an_answer_that_does_not_begin_is_told_of_while_it_is_waited_for(
    twin: Twin, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_wait, "FIRST_SECONDS", 0.2)
    twin.faults.append(Fault("stall", after=0, seconds=2.0))
    out, err = shell.text("run", "tiny-story", "hi", "--num-predict", "8")
    assert "tiny-story:latest has not begun to answer for more than 0 s. It may be" in err
    assert "until Ollama is started again." in err
    assert "not begun" not in out
    twin.faults.append(Fault("stall", after=0, seconds=2.0))
    assert shell.json("run", "tiny-story", "hi", "--num-predict", "8")["text"]


def test_that_a_wait_within_an_answer_is_told_on_a_line_of_its_own(
    twin: Twin, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_wait, "FIRST_SECONDS", 0.2)
    twin.faults.append(Fault("stall", after=1, seconds=2.0))
    _, err = shell.text("run", "tiny-story", "hi", "--num-predict", "8")
    assert "\n\nNothing more of the answer of tiny-story:latest has come" in f"\n{err}"


def test_that_defaults_are_those_of_the_settings(twin: Twin, shell: Shell) -> None:
    shell.json("run", "tiny-story", "hi")
    sent = [r.json() for r in twin.server.requests if r.path == "/api/chat"][-1]
    assert sent["options"]["num_ctx"] == Settings().context_length
