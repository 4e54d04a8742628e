"""What the history tells for a decision: energy a token above idle, and probes of clouds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landfall.core.benchmark.probe import Call, result_data
from landfall.core.provenance import Measured, Unknown, middle
from landfall.services.history.probes_kept import ProbeRecord
from landfall.services.history.records import RunRecord
from landfall.services.models import shipped_catalogue
from landfall.services.run.measured_here import energy, probed

CARDS = shipped_catalogue.load().models


def run(at: str = "2026-11-02T00:00:00+00:00", **change: Any) -> RunRecord:
    """900 tokens read at 900 a second, 100 written at 50: 1 s and 2 s, 20 W idle."""
    plain = RunRecord(
        started_at=at,
        place="local",
        host="localhost",
        model="qwen3:8b",
        state="done",
        prompt="p",
        prompt_tokens=900,
        output_tokens=100,
        prefill_tok_s=900.0,
        decode_tok_s=50.0,
        prefill_joules=335.0,
        decode_joules=320.0,
        idle_watts=20.0,
        energy_scope="GPU board",
        energy_grade="good",
    )
    return replace(plain, **change)


def test_that_idle_draw_is_taken_out_of_both_parts() -> None:
    found = energy([run()], CARDS)["qwen3:8b"]
    assert middle(found.prefill_joules) == pytest.approx((335 - 20) / 900)
    assert middle(found.decode_joules) == pytest.approx((320 - 40) / 100)
    assert found.scope == "GPU board"
    assert isinstance(found.decode_joules, Measured)
    assert found.decode_joules.at == "2026-11-02T00:00:00+00:00"


def test_that_the_median_of_the_latest_runs_of_one_scope_counts() -> None:
    runs = [
        run(f"2026-11-{day:02d}T00:00:00+00:00", decode_joules=240.0 + 10 * day)
        for day in range(1, 10)
    ]
    wall = run("2026-11-08T12:00:00+00:00", energy_scope="wall", decode_joules=9000.0)
    found = energy([*runs, wall], CARDS)["qwen3:8b"]
    # Of the five latest the one at the plug is left out: days 9, 8, 7, 6.
    assert middle(found.decode_joules) == pytest.approx((240 + 75 - 40) / 100)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "aborted"},
        {"place": "cloud"},
        {"shared_with": 1},
        {"energy_grade": "too_short"},
        {"idle_watts": None},
        {"model": "nobody-knows-it:1b"},
        {"prefill_joules": None, "decode_joules": None},
        {"prefill_joules": None, "output_tokens": 0},
        {"prefill_joules": None, "decode_tok_s": None},
    ],
)
def test_that_a_run_that_tells_no_energy_is_passed_over(change: dict[str, Any]) -> None:
    assert energy([run(**change)], CARDS) == {}


def test_that_a_part_that_no_run_told_apart_is_unknown_and_never_below_nothing() -> None:
    found = energy([run(prefill_joules=None, decode_joules=1.0, energy_scope=None)], CARDS)
    one = found["qwen3:8b"]
    assert isinstance(one.prefill_joules, Unknown)
    assert middle(one.decode_joules) == 0
    assert one.scope == "scope not told"


def probe(at: str, calls: list[Call], **change: Any) -> ProbeRecord:
    plain = ProbeRecord(
        started_at=at,
        state="done",
        provider="OpenAI",
        host="api.openai.com",
        model="gpt-5.5",
        result=result_data(calls),
    )
    return replace(plain, **change)


def test_that_the_newest_whole_probe_of_a_model_counts_without_its_warm_up() -> None:
    warm = Call(number=0, ttft_seconds=9.0, tok_s=1.0)
    first = Call(number=1, ttft_seconds=0.5, tok_s=80.0)
    failed = Call(number=2, failure="it did not answer")
    old = probe("2026-11-01T00:00:00+00:00", [warm, replace(first, ttft_seconds=5.0)])
    new = probe("2026-11-20T00:00:00+00:00", [warm, first, failed])
    cut = probe("2026-11-21T00:00:00+00:00", [first], state="interrupted")
    empty = probe("2026-11-22T00:00:00+00:00", [failed])
    found = probed([new, old, cut, empty])
    assert found["openai", "gpt-5.5"].calls == ((0.5, 80.0),)
    assert found["openai", "gpt-5.5"].at == "2026-11-20T00:00:00+00:00"
    assert probed([]) == {}
