"""Runs as rows of History, those of a benchmark and of embedding models among them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.provenance import Measured, Unknown
from landfall.gui.benchmark.words import unknown_words
from landfall.gui.format import shown
from landfall.gui.history.comparison_words import names_words
from landfall.gui.history.run_rows import run_row
from landfall.gui.host_names import keep_names
from landfall.gui.run.words import facts, heading
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import spoken
from landfall.services.history.records import RunRecord

ANSWER = RunRecord(
    started_at="2026-11-26T10:00:00+00:00",
    place="local",
    host="http://127.0.0.1:11434",
    model="qwen3:8b",
    prompt="Why?",
    state="done",
    prompt_tokens=1416,
    output_tokens=256,
    decode_tok_s=3037.0,
    gross_joules=512.0,
    benchmark=1,
    part="sweep 4",
)
VECTORS = replace(ANSWER, prompt_tokens=99_878, output_tokens=0, decode_tok_s=None, part="embed 32")


def cells(run: RunRecord) -> list[str]:
    return [spoken(cell).replace("\u00a0", " ") for cell in run_row(run)]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("sweep 4", "benchmark, 4 at once"),
        ("embed 32", "benchmark, embeddings, by 32"),
        ("warm_up", "benchmark, warm-up"),
        ("long", "benchmark, long"),
        ("poem 7", "benchmark, poem 7"),
    ],
)
def test_that_the_part_of_a_benchmark_is_told_in_words(part: str, words: str) -> None:
    assert words in cells(replace(ANSWER, part=part))[0]


def test_that_an_embedding_model_has_texts_and_joules_but_no_rate_of_text() -> None:
    _, _, _, tokens, decode, energy = cells(VECTORS)
    assert tokens == "99,878 in"
    assert decode == "no text"
    assert energy.startswith("512 J")


def test_that_an_answer_of_a_benchmark_keeps_rate_and_joules_per_token() -> None:
    _, _, _, tokens, decode, energy = cells(ANSWER)
    assert tokens == "1,416 / 256"
    assert decode.startswith("3,037 tok/s")
    assert energy.startswith("2.00 J/token")


def test_that_a_missing_figure_says_which_rows_it_is_missing_of() -> None:
    captions = {"prefill": "Prefill", "net": "Energy, net"}
    rate, watts = Unit.TOKENS_PER_SECOND, Unit.JOULES_PER_TOKEN
    sleeps, held = Unknown("the sensor sleeps"), Unknown("it was held")
    rows = [
        ("Short", {"prefill": shown(held, rate), "net": shown(sleeps, watts)}),
        ("Long", {"prefill": shown(Measured(9.0, "", ""), rate), "net": shown(sleeps, watts)}),
    ]
    assert unknown_words(rows, captions) == (
        "Prefill unknown (Short): it was held",
        "Energy, net unknown: the sensor sleeps",
    )


def test_that_a_run_on_a_kept_host_of_this_machine_is_said_with_its_name() -> None:
    """A second server here, or a tunnel: "this machine" alone would not tell which."""
    there = replace(ANSWER, host="http://127.0.0.1:11921")
    keep_names((Host(name="Rack 1", url="http://127.0.0.1:11921", kind=HostKind.OLLAMA),))
    try:
        assert cells(there)[2].startswith("Rack 1")
        assert cells(ANSWER)[2].startswith("this machine")
        assert dict(facts(there))["Served by"].startswith("Rack 1")
    finally:
        keep_names(())


def test_that_a_run_is_headed_by_the_context_it_was_given_and_not_by_the_one_asked_for() -> None:
    clamped = replace(ANSWER, conditions={"context": 8192, "context_given": 4096})
    assert heading(clamped).startswith("qwen3:8b at 4,096, ")
    asked = replace(ANSWER, conditions={"context": 8192})
    assert heading(asked).startswith("qwen3:8b at 8,192, ")


def test_that_two_runs_of_one_minute_are_told_apart_by_their_seconds() -> None:
    later = replace(ANSWER, started_at="2026-11-26T10:00:21+00:00")
    said = names_words(ANSWER, later)
    assert ":00:00" in said
    assert ":00:21" in said
    other_day = names_words(ANSWER, replace(ANSWER, started_at="2026-11-25T10:00:21+00:00"))
    assert ":00:" not in other_day
