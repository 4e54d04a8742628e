"""The process that holds a model, found by the file it was started with."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from landfall.core.fit.load_check import RunnerFacts
from landfall.core.fit.memory import KvType
from landfall.core.provenance import Unknown
from landfall.services.ollama import runner

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="stands on a shell of POSIX")

URL = "http://127.0.0.1:11434"
BLOB = "sha256-" + "ab" * 32
CHILD = ("--port", "1", "-c", "8192", "-np", "4", "-b", "1024", "-ub", "1024")

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a process of that name with those words, which does nothing."""
    started: list[subprocess.Popen[bytes]] = []
    shell = shutil.which("sh")
    assert shell is not None

    def begin(name: str, *words: str, **settings: str) -> subprocess.Popen[bytes]:
        program = tmp_path / name
        if not program.exists():
            program.symlink_to(shell)
        line = [str(program), "-c", "echo here; read word; true", name, "--model"]
        process = subprocess.Popen(
            [*line, str(tmp_path / BLOB), *words],
            env={"PATH": os.environ["PATH"], **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"here\n"
        started.append(process)
        return process

    yield begin
    for process in started:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()


def found() -> RunnerFacts:
    facts = runner.of_blob(BLOB, URL)
    assert isinstance(facts, RunnerFacts), facts
    return facts


def test_that_llama_server_tells_by_its_words_how_it_runs(start: Start) -> None:
    process = start("llama-server", *CHILD, "--cache-type-k", "q8_0", "--flash-attn", "auto")
    facts = found()
    assert (facts.parallel, facts.batch, facts.kv_type) == (4, 1024, KvType.Q8_0)
    assert facts.flash_attention is None
    assert facts.gpu_layers is None
    assert 0 < facts.held_bytes <= psutil.Process(process.pid).memory_info().rss
    assert facts.memory_bytes > 0
    assert facts.memory_kind == ("PSS" if sys.platform == "linux" else "RSS")


def test_that_what_a_server_was_told_of_gpus_is_seen(start: Start) -> None:
    start("llama-server", *CHILD, "--flash-attn", "off", "-ngl", "0")
    facts = found()
    assert facts.flash_attention is False
    assert facts.gpu_layers == 0
    assert facts.kv_type is KvType.F16


def test_that_an_old_runner_tells_by_its_environment(start: Start) -> None:
    settings = {"OLLAMA_NUM_PARALLEL": "4", "OLLAMA_KV_CACHE_TYPE": "q8_0"}
    start("ollama", "--ollama-engine", **settings)
    facts = found()
    assert (facts.parallel, facts.kv_type, facts.batch) == (4, KvType.Q8_0, None)


@pytest.mark.parametrize(
    ("flash", "kind"), [("1", KvType.Q8_0), ("0", KvType.F16), ("", KvType.F16)]
)
def test_that_the_old_llama_engine_quantises_with_flash_attention_alone(
    start: Start, flash: str, kind: KvType
) -> None:
    start("ollama", OLLAMA_KV_CACHE_TYPE="q8_0", OLLAMA_FLASH_ATTENTION=flash)
    facts = found()
    assert facts.kv_type is kind
    assert facts.parallel == 1


def test_that_a_cache_type_that_is_none_is_the_usual_one(start: Start) -> None:
    start("ollama", OLLAMA_KV_CACHE_TYPE="q99", OLLAMA_FLASH_ATTENTION="1")
    assert found().kv_type is KvType.F16


def test_that_no_process_and_several_are_reasons(start: Start) -> None:
    none = runner.of_blob(BLOB, URL)
    assert isinstance(none, Unknown)
    assert "no process" in none.reason
    start("llama-server", *CHILD)
    start("ollama")
    both = runner.of_blob(BLOB, URL)
    # Neither belongs to a server that listens there.
    assert isinstance(both, Unknown)
    assert "several processes" in both.reason


def test_that_another_program_that_names_the_file_is_no_runner(start: Start) -> None:
    start("bystander", *CHILD)
    assert isinstance(runner.of_blob(BLOB, URL), Unknown)


def test_that_a_process_that_may_not_be_looked_at_is_a_reason(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    start("llama-server", *CHILD)

    def refuse(_process: psutil.Process) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "memory_full_info", refuse)
    monkeypatch.setattr(psutil.Process, "environ", refuse)
    facts = found()
    assert facts.memory_kind == "RSS"
    assert facts.parallel == 4
    monkeypatch.setattr(psutil.Process, "memory_info", refuse)
    hidden = runner.of_blob(BLOB, URL)
    assert isinstance(hidden, Unknown)
    assert "may not be looked at" in hidden.reason


def test_that_a_process_that_the_system_cannot_describe_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(process: psutil.Process) -> str:
        raise OSError("[WinError 87] The parameter is incorrect")

    monkeypatch.setattr(psutil.Process, "name", refuse)
    found = runner.of_blob("sha256-0", "http://127.0.0.1:1")
    assert isinstance(found, Unknown)
    assert "no process with this model" in found.reason


def test_that_an_old_runner_of_another_user_tells_nothing_of_its_setup(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    start("ollama")

    def refuse(_process: psutil.Process) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "environ", refuse)
    facts = found()
    assert facts.parallel is None
    assert facts.kv_type is None
