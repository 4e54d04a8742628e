"""A million rows of usage through their readers, held against plain loops over the same file.

    python -m pytest tests/benchmarks/test_usage_import.py --benchmark-only -n 0 -s

Each reading is a process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks.goals import Goals

ROWS = 1_000_000
MOST_SECONDS = 15
MOST_MIB = 300
"""For a whole import; reading is the larger part of it."""

_CHILD = """
import csv, json, resource, sys, time
from pathlib import Path
path, how = Path(sys.argv[1]), sys.argv[2]
rows = told = 0
began, used = time.perf_counter(), time.process_time()
if how == "reader":
    from landfall.services.usage_files import open_usage
    began, used = time.perf_counter(), time.process_time()
    def on_bytes(read):
        global told
        told += 1
    with open_usage(path, on_bytes=on_bytes) as file:
        for read in file:
            rows += 1
        assert file.problems == 0, file.problems
elif how == "csv":
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            rows += 1
else:
    with path.open() as file:
        for line in file:
            json.loads(line)
            rows += 1
if sys.platform == "linux":  # `ru_maxrss` goes on from the process that started this one
    status = Path("/proc/self/status").read_text()
    peak_bytes = int(status.partition("VmHWM:")[2].split()[0]) << 10
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_bytes = peak if sys.platform == "darwin" else peak << 10
print(json.dumps({
    "rows": rows, "told": told,
    "wall_seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - used,
    "peak_mib": peak_bytes / (1 << 20),
}))
"""


def requests() -> Iterator[dict[str, Any]]:
    """A month of requests, as a busy shop sends them."""
    chance = random.Random(6)
    for number in range(ROWS):
        second = number * 2_592_000 // ROWS
        day, rest = divmod(second, 86_400)
        yield {
            "at": f"2026-09-{day + 1:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}",
            "name": f"{number:024x}",
            "milliseconds": number % 1000,
            "input": chance.randint(200, 9000),
            "cached": chance.randint(0, 200),
            "output": chance.randint(1, 900),
            "cost": chance.random() / 100,
        }


def csv_file(path: Path) -> None:
    """The richest of the common files: OpenRouter's activity, 24 columns a request."""
    with path.open("w") as file:
        file.write(
            "generation_id,created_at,cost_total,cost_web_search,cost_cache,cost_file_processing,"
            "byok_usage_inference,tokens_prompt,tokens_completion,tokens_reasoning,tokens_cached,"
            "model_permaslug,provider_name,variant,cancelled,streamed,user,finish_reason_raw,"
            "finish_reason_normalized,generation_time_ms,time_to_first_token_ms,api_key_disabled,"
            "api_key_name,app_name\n"
        )
        for each in requests():
            file.write(
                f"gen-{each['name']},{each['at'].replace('T', ' ')}.{each['milliseconds']:03},"
                f"{each['cost']:.8f},0,0,0,0,{each['input']},{each['output']},0,{each['cached']},"
                "deepseek/deepseek-v4-0813,Chutes,standard,false,true,,stop,stop,"
                f"{each['output'] * 11},{each['input'] // 30},false,shop key,shop\n"
            )


def jsonl_file(path: Path) -> None:
    """Logs of Claude Code: half a kilobyte a message, of which a tenth is usage."""
    text = "word " * 20
    with path.open("w") as file:
        for each in requests():
            file.write(
                f'{{"parentUuid":"{each["name"]}","isSidechain":false,"userType":"external",'
                '"cwd":"/home/me/shop","sessionId":"9f8b","version":"2.1.0","type":"assistant",'
                f'"timestamp":"{each["at"]}.{each["milliseconds"]:03}Z",'
                f'"requestId":"req_{each["name"]}","message":{{"id":"msg_{each["name"]}",'
                '"type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929",'
                f'"content":[{{"type":"text","text":"{text}"}}],"usage":'
                f'{{"input_tokens":{each["cached"]},"output_tokens":{each["output"]},'
                f'"cache_read_input_tokens":{each["input"]},"cache_creation_input_tokens":300,'
                '"cache_creation":{"ephemeral_5m_input_tokens":300,"ephemeral_1h_input_tokens":0},'
                '"service_tier":"standard"}}}\n'
            )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("usage")
    paths = {"csv": folder / "activity.csv", "json": folder / "session.jsonl"}
    csv_file(paths["csv"])
    jsonl_file(paths["json"])
    return paths


def measured(path: Path, how: str) -> dict[str, float]:
    """What reading took, in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path), how],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": "app", "PATH": "/usr/bin"},
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_that_a_million_rows_are_read_in_seconds_and_little_memory(
    kind: str, files: dict[str, Path], benchmark: BenchmarkFixture, goals: Goals
) -> None:
    plain = measured(files[kind], kind)
    runs: list[dict[str, float]] = []

    def read() -> None:
        runs.append(measured(files[kind], "reader"))

    benchmark.pedantic(read, rounds=1)
    best = min(runs, key=lambda run: run["cpu_seconds"])
    benchmark.extra_info.update(best, plain_cpu_seconds=plain["cpu_seconds"])
    assert best["rows"] == plain["rows"] == ROWS
    assert best["told"] > 50
    peer = ("plain loop, s", plain["cpu_seconds"])
    goals.most("CPU, s", best["cpu_seconds"], MOST_SECONDS, peer=peer)
    goals.most("peak of memory, MiB", best["peak_mib"], MOST_MIB)
