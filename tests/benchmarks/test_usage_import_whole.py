"""A million rows of usage, from the file to sums, prices and proposals, looked at and kept.

The limits are those of a machine that does nothing else: where it does, the seconds of its
processor count, which the wall cannot be faster than.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks.goals import Goals

ROWS = 1_000_000
MOST_SECONDS = 15.0
MOST_BYTES = 300e6
CHILD = Path(__file__).with_name("usage_import_child.py")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def moments() -> Iterator[tuple[int, datetime]]:
    return ((at, BEGIN + timedelta(seconds=11 * at)) for at in range(ROWS))


def write_csv(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(
            "date,provider,model,requests,input_tokens,cached_input_tokens,output_tokens,cost\n"
        )
        for at, moment in moments():
            model = "gpt-5" if at % 3 == 0 else "gpt-5-mini"
            file.write(
                f"{moment:%Y-%m-%dT%H:%M:%SZ},openai,{model},1,{1000 + at % 977},{at % 13},"
                f"{50 + at % 101},{at % 7 / 1000:.4f}\n"
            )


def write_jsonl(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for at, moment in moments():
            file.write(
                f'{{"request_id": "req-{at}", "call_type": "acompletion", "spend": 0.001,'
                f' "prompt_tokens": {1000 + at % 977}, "completion_tokens": {50 + at % 101},'
                f' "startTime": "{moment:%Y-%m-%dT%H:%M:%S}Z",'
                f' "endTime": "{moment + timedelta(seconds=2):%Y-%m-%dT%H:%M:%S}Z",'
                f' "model": "gpt-5-mini", "custom_llm_provider": "openai",'
                f' "user": "u{at % 5}", "metadata": {{}}, "status": "success"}}\n'
            )


def child(what: str, file: Path, folder: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, str(CHILD), what, str(file), str(folder)],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("kind", ["csv", "json"])
@pytest.mark.parametrize("what", ["import", "save"])
def test_that_a_million_rows_are_imported_in_time_and_room(
    benchmark: BenchmarkFixture, goals: Goals, tmp_path: Path, kind: str, what: str
) -> None:
    file = tmp_path / f"usage.{kind}"
    (write_csv if kind == "csv" else write_jsonl)(file)
    plain = child(kind, file, tmp_path)
    found = benchmark.pedantic(child, args=(what, file, tmp_path), rounds=1)
    benchmark.extra_info.update(
        plain_seconds=plain["cpu_seconds"],
        times_plain=found["cpu_seconds"] / plain["cpu_seconds"],
        cpu_seconds=found["cpu_seconds"],
        peak_mb=found["peak_bytes"] / 1e6,
    )
    assert found["rows"] == plain["rows"] == ROWS
    assert found["progress"] >= 100
    peer = ("plain loop, s", plain["cpu_seconds"])
    goals.most("CPU, s", found["cpu_seconds"], MOST_SECONDS, peer=peer)
    goals.most("peak of memory, MB", found["peak_bytes"] / 1e6, MOST_BYTES / 1e6)
