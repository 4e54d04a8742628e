"""`landfall price`: its document, its table and its exit codes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from landfall.cli.main import main


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = main(["price", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_that_the_document_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--input", "900", "--cached", "600", "--output", "120", "--at", "2026-11-25")
    code, found = ask(capsys, "openai", "gpt-5.5", *words)
    assert code == 0
    assert set(found) == {
        "provider",
        "model",
        "at",
        "usd",
        "parts",
        "source",
        "as_of",
        "age_days",
        "notes",
    }
    assert found["at"] == "2026-11-25T12:00:00+00:00"
    assert found["usd"] == 0.0084
    assert sum(part["tokens"] for part in found["parts"]) == 1620
    assert sum(part["usd"] for part in found["parts"]) == pytest.approx(found["usd"])
    assert (found["as_of"], found["age_days"]) == ("2026-11-09", 16)


def test_that_a_long_prompt_and_a_batch_change_the_rate(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("--output", "0", "--at", "2026-11-25", "--batch")
    _, short = ask(capsys, "openai", "gpt-5.5", "--input", "272000", *words)
    _, long = ask(capsys, "openai", "gpt-5.5", "--input", "1", "--cached", "272000", *words)
    assert short["parts"][0]["usd_per_mtok"] == 2.5
    assert long["parts"][0]["usd_per_mtok"] == 5


def test_that_the_hour_of_the_call_counts(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("deepseek", "deepseek-flash", "--input", "1000000", "--output", "0", "--at")
    _, noon = ask(capsys, *words, "2026-11-25")
    _, peak = ask(capsys, *words, "2026-11-25T02:00:00Z")
    assert (noon["usd"], peak["usd"]) == (0.15, 0.3)


def test_that_an_unknown_model_is_null_with_a_note_and_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, found = ask(capsys, "openai", "gpt-99", "--input", "1", "--output", "1")
    assert code == 1
    assert found["usd"] is None
    assert found["parts"] == []
    assert "gpt-5" in found["notes"][0]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("nobody", "m", "--input", "1", "--output", "1"), "provider"),
        (("openai", "gpt-5.5", "--input", "1", "--output", "1", "--at", "yesterday"), "--at"),
        (("openai", "gpt-5.5", "--input", "1e3", "--output", "1"), "--input"),
        (("openai", "gpt-5.5", "--input", "1", "--output", "1000000000000000"), "--output"),
        (("openai", "gpt-5.5", "--input", "1", "--output", "1", "--cached", "nan"), "--cached"),
    ],
)
def test_that_bad_input_is_2_and_names_its_field(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], field: str
) -> None:
    code, found = ask(capsys, *words)
    assert code == 2
    assert found["error"]["kind"] == "bad_input"
    assert found["error"]["field"] == field


def test_that_people_get_a_table_with_source_age_and_notes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("openai", "gpt-4", "--input", "1500", "--output", "100", "--at", "2027-03-01")
    assert main(["price", *words]) == 0
    text = capsys.readouterr().out
    assert "gpt-4" in text
    assert "112 days old" in text
    assert "Retired on 2026-10-23" in text
    assert main(["price", "openai", "gpt-99", "--input", "1", "--output", "1"]) == 1
    assert "price unknown" in capsys.readouterr().out


def test_that_without_a_date_a_call_costs_what_it_costs_now(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, found = ask(capsys, "anthropic", "claude-opus-4-7", "--input", "10", "--output", "0")
    assert code == 0
    assert found["at"].endswith("+00:00")
