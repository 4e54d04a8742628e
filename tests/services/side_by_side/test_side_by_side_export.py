"""A comparison as a file: nothing is made up, and no text of others is run by who opens it."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

from landfall.core.errors import BadInput
from landfall.core.quality.votes import Vote
from landfall.core.side_by_side.side_by_side import Plan, Prompt, Target
from landfall.services.history.records import RunRecord
from landfall.services.side_by_side.export import export_side_by_side
from landfall.services.side_by_side.kept import SideAnswer, SideBySide, SideRecord

HERE, PAID = Target(model="small:latest"), Target(provider="openai", model="m-1")


def run(**more: object) -> RunRecord:
    values: dict[str, object] = {
        "uid": "u1",
        "started_at": "2026-11-26T10:00:00+00:00",
        "place": "local",
        "host": "h",
        "model": "small:latest",
        "prompt": "+Why?",
        "state": "done",
        "answer": "=SUM(1)\n```\n# Not a heading",
        "energy_reason": "no sensor | here",
        "cost_note": "no provider's price: see the energy",
        "output_tokens": 7,
        "ttft_seconds": 0.5,
    }
    return RunRecord(**values | more)  # type: ignore[arg-type]


def side(**more: object) -> SideBySide:
    plan = Plan(
        prompts=(Prompt(name="1", text="+Why?"),),
        targets=(HERE, PAID),
        **more,  # type: ignore[arg-type]
    )
    votes = tuple(
        Vote(uid=uid, voted_at="t", blind=blind, targets=(HERE, PAID), best=best)
        for uid, blind, best in (("a", True, (0,)), ("b", False, ()))
    )
    return SideBySide(
        record=SideRecord(uid="s", started_at="2026-11-26T10:00:00+00:00", state="done", plan=plan),
        answers=(
            SideAnswer(target=0, prompt=0, run=run()),
            SideAnswer(target=1, prompt=0, error="No key of OpenAI is stored."),
        ),
        votes=() if plan.blind else votes,
    )


async def test_that_json_holds_every_answer_its_reasons_and_the_votes(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    assert await export_side_by_side(path, side()) == 2
    told = json.loads(path.read_text())["side_by_side"]
    here, paid = told["answers"]
    assert (here["name"], here["output_tokens"], here["cost_usd"]) == ("small:latest", 7, None)
    assert here["reasons"]["gross_joules"] == "no sensor | here"
    assert (paid["complete"], paid["text"], paid["output_tokens"]) == (False, None, None)
    assert paid["why_not"] == "No key of OpenAI is stored."
    assert [(vote["blind"], vote["best"]) for vote in told["votes"]] == [
        (True, ["small:latest"]),
        (False, []),
    ]
    assert told["tally"]["blind"]["standings"][0]["wins"] == 1
    assert told["tally"]["named"]["none_good"] == 1
    assert told["summary"][1]["cost_usd"] == {
        "value": None,
        "missing": 1,
        "reason": "No key of OpenAI is stored.",
        "estimated": 0,
    }


async def test_that_a_spreadsheet_runs_nothing_and_sees_no_zero_for_unknown(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    await export_side_by_side(path, side())
    with path.open(encoding="utf-8-sig", newline="") as file:
        here, paid = csv.DictReader(file)
    assert here["prompt_text"] == "'+Why?"
    assert here["answer"].startswith("'=SUM(1)")
    assert (here["blind_votes"], here["named_votes"]) == ("1", "0")
    assert (here["ttft_seconds"], here["cost_usd"]) == ("0.5", "")
    assert (paid["complete"], paid["output_tokens"], paid["answer"]) == ("no", "", "")


async def test_that_markdown_keeps_texts_in_fences_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "out.md"
    await export_side_by_side(path, side())
    text = path.read_text()
    assert "````text\n=SUM(1)\n```\n# Not a heading\n````" in text
    assert "| small:latest | 1 of 1 | 0.50 |" in text
    assert "no sensor \\| here" in text
    assert "No whole answer: No key of OpenAI is stored." in text
    assert "Voted best (blind): small:latest" in text
    assert "Voted best (with the names shown): none is good" in text


async def test_that_a_file_of_another_kind_and_hidden_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="CSV, JSON or Markdown"):
        await export_side_by_side(tmp_path / "out.txt", side())
    whole = tuple(SideAnswer(target=n, prompt=0, run=run(uid=f"u{n}")) for n in range(2))
    hidden = side(blind=True)
    hidden = SideBySide(record=hidden.record, answers=whole, votes=())
    with pytest.raises(BadInput, match="Not every prompt has its vote"):
        await export_side_by_side(tmp_path / "out.md", hidden)
    assert not [name for name in os.listdir(tmp_path) if "out" in name]
