"""`bench` against twin and real servers: what is printed, kept and refused."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from landfall.cli import bench
from landfall.core.run import long_wait
from landfall.services.benchmark.plan import standard_plan
from landfall.services.history.history import History
from landfall.services.history.records import BenchmarkRecord, EgressEntry
from landfall.services.paths import of_user
from tests.cli.test_models_and_run import ROOT, Shell, live, shell, twin
from tests.fakes.ollama_faults import Fault
from tests.fakes.ollama_twin import Twin
from tests.services.ollama.conftest import Live, real_server, tiny

__all__ = ["live", "real_server", "shell", "tiny", "twin"]  # fixtures

QUICK = ("--repeat", "2", "--num-predict", "16", "--context", "600", "--threads", "1")
RUN_KEYS = {
    "load_seconds",
    "ttft_seconds",
    "prefill_tok_s",
    "decode_tok_s",
    "prompt_tokens",
    "output_tokens",
    "done_reason",
    "energy",
}


@pytest.fixture(autouse=True)
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = partial(standard_plan, level_seconds=0.2, batch_seconds=0.1)
    monkeypatch.setattr(bench, "standard_plan", plan)


async def _kept() -> tuple[tuple[BenchmarkRecord, ...], tuple[EgressEntry, ...]]:
    history = History(of_user().database)
    await history.open()
    try:
        return await history.benchmarks(), await history.egress()
    finally:
        await history.close()


def kept() -> tuple[BenchmarkRecord, ...]:
    return asyncio.run(_kept())[0]


def test_that_the_document_is_as_the_contract_says(live: Live, shell: Shell) -> None:
    document = shell.json("bench", "tiny-story", *QUICK)
    assert set(document) >= {
        "model",
        "digest",
        "engine",
        "host",
        "conditions",
        "runs",
        "summary",
    }
    assert document["model"] == "tiny-story:latest"
    assert document["engine"] == {"name": "Ollama", "version": live.version}
    assert document["host"] == live.url
    assert document["state"] == "done"
    assert document["conditions"]["context_given"] == 600
    parts = document["summary"]["parts"]
    assert len(document["runs"]) == 2 * len(parts)
    for run in document["runs"]:
        assert set(run) >= RUN_KEYS
        assert set(run["energy"]) == {"gross_joules", "net_joules", "scope", "reason"}
        assert run["decode_tok_s"] > 0
        for name in RUN_KEYS:
            assert run[name] is not None or run["reasons"][name]
    for part in parts:
        assert part["decode_tok_s"]["count"] == 2
        for name, value in part.items():
            assert value is not None or part["reasons"][name]
    (record,) = kept()
    assert (record.state, record.model) == ("done", "tiny-story:latest")


def test_that_people_get_tables_and_the_steps_on_stderr(twin: Twin, shell: Shell) -> None:
    out, err = shell.text("bench", "tiny-story", *QUICK, "--concurrency", "1,2", "--sustained", "1")
    assert out.startswith("tiny-story:latest, F16, Ollama ")
    for words in (
        "Load:",
        "PROMPT",
        "DECODE tok/s",
        "AT ONCE",
        "served at once",
        "Without a pause",
    ):
        assert words in out
    assert "NET J/tok" not in out, "a column without a figure is left out"
    assert all(len(line) <= 110 for line in out.splitlines() if "  " in line)
    steps = [line for line in err.splitlines() if " of " in line]
    assert steps[0].startswith("1 of ")
    first, last = steps[-1].split(":")[0].split(" of ")
    assert first == last


def test_that_a_wait_for_an_answer_is_told_of(
    twin: Twin, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_wait, "FIRST_SECONDS", 0.2)
    twin.faults.append(Fault("stall", after=0, seconds=2.0))
    _, steps = shell.text("bench", "tiny-story", *QUICK)
    assert "tiny-story:latest has not begun to answer for more than 0 s." in steps


def test_that_an_embedding_model_and_a_chat_model_go_in_one_call(live: Live, shell: Shell) -> None:
    chat, embedder = shell.json("bench", "tiny-story", "tiny-embedder", *QUICK, "--repeat", "1")
    assert chat["summary"]["kind"] == "chat"
    assert embedder["summary"]["kind"] == "embedding"
    for row in embedder["summary"]["embedding"]:
        assert row["texts_per_s"]["median"] > 0
    out, _ = shell.text("bench", "tiny-embedder", *QUICK, "--repeat", "1")
    assert "TEXTS/s" in out


def test_that_prompts_of_the_user_are_asked(twin: Twin, shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text('{"prompt": "Why is the sky blue?", "num_predict": 7}\n', encoding="utf-8")
    document = shell.json("bench", "tiny-story", *QUICK, "--prompts", str(file))
    assert [part["name"] for part in document["summary"]["parts"]] == ["line 1"]
    assert [run["output_tokens"] for run in document["runs"]] == [7, 7]


def test_that_a_wrong_file_of_prompts_is_named(twin: Twin, shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text('{"prompt": "a"}\n{"prompt": 3}\n', encoding="utf-8")
    error = shell.json("bench", "tiny-story", "--prompts", str(file), exits=2)["error"]
    assert (error["file"], error["line"], error["field"]) == (str(file), 2, "prompt")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--concurrency", "0"), "concurrency"),
        (("--concurrency", "1,,2"), "concurrency"),
        (("--concurrency", "many"), "concurrency"),
        (("--repeat", "0"), "repeat"),
        (("--p95", "soon"), "p95"),
        (("--sustained", "nan"), "sustained"),
        (("--context", "8q"), "context"),
        (("--context", "64"), "context"),
        (("--num-predict", "-1"), "num_predict"),
        (("--threads", "x"), "threads"),
        (("--host", "http://a b"), "host"),
        (("glm-5:cloud",), "model"),
    ],
)
def test_that_nonsense_is_named(
    twin: Twin, shell: Shell, words: tuple[str, ...], field: str
) -> None:
    assert shell.json("bench", "tiny-story", *words, exits=2)["error"]["field"] == field
    assert not of_user().database.exists() or kept() == ()


def test_that_a_model_that_is_not_there_and_a_server_that_is_gone_are_told_apart(
    twin: Twin, shell: Shell
) -> None:
    assert shell.json("bench", "no-such", exits=1)["error"]["kind"] == "model_not_found"
    gone = shell.json("bench", "tiny-story", "--host", "127.0.0.1:1", exits=3)
    assert gone["error"]["kind"] == "ollama_unavailable"


def test_that_a_host_may_be_named(
    twin: Twin, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:1")
    document = shell.json("bench", "tiny-story", *QUICK, "--host", twin.url)
    assert (document["host"], document["place"]) == (twin.url, "local")


def test_that_what_goes_to_another_machine_is_said_and_has_no_watts_of_ours(
    twin: Twin, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = ("cli.bench", "services.benchmark.target", "services.run.conditions")
    for module in (*modules, "services.models.load_check"):
        monkeypatch.setattr(f"landfall.{module}.is_this_machine", lambda _: False)
    out, err = shell.text("bench", "tiny-story", *QUICK)
    assert f"leave this machine for {twin.url.removeprefix('http://')}" in err
    assert f"at {twin.url}" in out
    benchmarks, egress = asyncio.run(_kept())
    assert benchmarks[0].place == "network"
    assert [(entry.why, entry.outcome) for entry in egress] == [("benchmark", "answered")]


def test_that_a_part_without_an_answer_is_exit_code_1(
    twin: Twin, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 0

    def next_fault(_: Twin, path: str) -> Fault | None:
        nonlocal count
        count += path == "/api/chat"
        return Fault("error", text="crashed") if path == "/api/chat" and count in (3, 4) else None

    monkeypatch.setattr(Twin, "_next_fault", next_fault)
    document = shell.json("bench", "tiny-story", *QUICK, exits=1)
    short = document["summary"]["parts"][0]
    assert (short["runs"], short["failed"]) == ([], 2)
    assert "Crashed" in short["reasons"]["decode_tok_s"]


@pytest.mark.parametrize("wants_json", [True, False])
def test_that_a_server_that_goes_away_leaves_one_document_and_what_was_measured(
    twin: Twin, shell: Shell, monkeypatch: pytest.MonkeyPatch, wants_json: bool
) -> None:
    count = 0

    def next_fault(_: Twin, path: str) -> Fault | None:
        nonlocal count
        count += path == "/api/chat"
        broken = path == "/api/chat" and count > 4
        return Fault("error", text="llama runner crashed") if broken else None

    monkeypatch.setattr(Twin, "_next_fault", next_fault)
    words = ("bench", "tiny-story", *QUICK, "--repeat", "3")
    if wants_json:
        document = shell.json(*words, exits=1)
        assert document["state"] == "aborted"
        assert "crashed" in document["error"]["message"]
        assert len(document["runs"]) == 2
    else:
        out, err = shell.text(*words, exits=1)
        assert "short" in out
        assert "kept in the history" in err
    assert kept()[0].state == "aborted"


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("wants_json", [True, False])
def test_that_ctrl_c_keeps_and_shows_what_was_measured(
    twin: Twin, tmp_path: Path, wants_json: bool
) -> None:
    twin.pace.token_seconds = 0.01
    words = [sys.executable, "-m", "landfall", "bench", "tiny-count", *QUICK]
    process = subprocess.Popen(
        [*words, *(["--json"] if wants_json else [])],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "app", "OLLAMA_HOST": twin.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []
    assert process.stderr is not None
    assert process.stdout is not None
    for line in process.stderr:
        said.append(line)
        if sum("medium prompt" in one for one in said) == 2:  # the first of two has ended
            process.send_signal(signal.SIGINT)
            break
    out, err = process.stdout.read(), process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    assert process.wait(timeout=20) == 130, err
    assert "kept in the history" in err
    (record,) = kept()
    assert record.state == "aborted"
    if wants_json:
        document: dict[str, Any] = json.loads(out)
        assert document["state"] == "aborted"
        parts = document["summary"]["parts"]
        assert [(part["name"], len(part["runs"])) for part in parts] == [
            ("short", 2),
            ("medium", 1),
        ]
        assert any("Of 2 repetitions of the medium" in one for one in document["summary"]["notes"])
        assert document["conditions"]["context"] == 600
    else:
        assert "short" in out
        assert "Of 2 repetitions of the medium prompt 1 came to an end" in out
