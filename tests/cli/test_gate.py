"""`landfall gate`: what it asks, what it prints, and its exit codes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from landfall.cli import gate
from landfall.core.errors import BadInput, BudgetExceeded, PrivacyBlocked
from landfall.core.run import long_wait
from landfall.core.workload.file import parse
from landfall.services import paths
from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload
from tests.cli.paid_here import KEY, here, memory, openai
from tests.cli.shell import Shell
from tests.cli.test_models_and_run import Shell as Program
from tests.cli.test_models_and_run import shell, twin
from tests.fakes.cloud_api import CUT, CloudApi, openai_answer, stream
from tests.fakes.ollama_faults import Fault
from tests.fakes.ollama_twin import Twin
from tests.fakes.tiny_models import CONCLUSION, TinyModel
from tests.services.ollama.conftest import Live, live, real_server, tiny
from tests.services.quality.conftest import WORKLOAD

__all__ = ["here", "live", "memory", "openai", "real_server", "shell", "tiny", "twin"]  # fixtures

LOCAL = ("--local", "tiny-story", "--context", "2048", "--num-predict", "200")
THINKER = ("--against", "tiny-thinker")
PAID = ("--against", "openai:gpt-5.5")
DOCUMENT = {
    "pairs",
    "pairs_hosted",
    "metric",
    "margin",
    "difference",
    "low",
    "high",
    "gate",
    "more_prompts",
    "cost_usd",
    "unlabelled",
}


@pytest.fixture
def landfall(monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(gate.COMMANDS[0], monkeypatch)


def written(folder: Path, *rows: Mapping[str, Any], name: str = "p.jsonl") -> str:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def questions(*expected: Any) -> list[dict[str, Any]]:
    return [{"prompt": f"Question {n}?", "expected": one} for n, one in enumerate(expected)]


async def saved(name: str, lock: str) -> None:
    places = paths.of_user()
    places.make()
    history = History(places.database)
    await history.open()
    text = WORKLOAD.format(name=name, lock=lock).replace("m-1", "gpt-5.5")
    text = text.replace("small:latest", "tiny-story:latest")
    await history.save_workload(SavedWorkload(name=name, toml=text))
    await history.close()


async def test_that_counts_and_the_gate_are_told_as_the_contract_says(
    here: Live, landfall: Shell, tiny: Mapping[str, TinyModel], tmp_path: Path
) -> None:
    story = tiny["tiny-story"].text
    file = written(tmp_path, *questions(story, story, CONCLUSION, [story, CONCLUSION], "no"))
    assert await landfall(file, *LOCAL, *THINKER, as_json=True) == 1
    told = landfall.document
    assert set(told) >= DOCUMENT
    assert told["pairs"] == {"local_only": 2, "cloud_only": 1, "both": 1, "neither": 1}
    assert (told["gate"], told["metric"], told["margin"]) == ("inconclusive", "exact", 0.03)
    assert (told["pairs_hosted"], told["unlabelled"], told["cost_usd"]) == (None, 0, 0)
    assert told["difference"] == pytest.approx(0.2)
    assert told["low"] < told["difference"] < told["high"]
    assert told["more_prompts"] > 0
    assert {one["name"] for one in told["baselines"]} >= {"majority"}
    assert "10 of 10" in landfall.err

    assert await landfall("--resume", told["uid"]) == 1
    assert "tiny-story:latest against tiny-thinker:latest: INCONCLUSIVE" in landfall.out
    assert "only tiny-story:latest 2, only tiny-thinker:latest 1, both 1" in landfall.out
    assert "Without any model:" in landfall.out
    assert "Answers to come" not in landfall.err


def test_that_a_wait_for_an_answer_is_told_of(
    twin: Twin, shell: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_wait, "FIRST_SECONDS", 0.2)
    file = written(tmp_path, *questions("a", "b"))
    twin.faults.append(Fault("stall", after=0, seconds=2.0))
    out, err = shell.text("gate", file, *LOCAL, *THINKER, exits=1)
    lines = err.splitlines()
    says = "has not begun to answer for more than 0 s. It may be"
    waits = [place for place, line in enumerate(lines) if says in line]
    assert waits
    assert waits[0] < next(place for place, line in enumerate(lines) if line.endswith(" of 4"))
    assert "INCONCLUSIVE" in out
    assert says not in out


def test_that_a_text_file_is_asked_line_by_line(twin: Twin, shell: Program, tmp_path: Path) -> None:
    file = tmp_path / "p.txt"
    file.write_text("One, please?\n\nTwo?\n", encoding="utf-8")
    told = shell.json("gate", str(file), *LOCAL, *THINKER, exits=1)
    assert (told["prompts"], told["metric"], told["unlabelled"]) == (2, "human", 2)


def test_that_a_wait_for_the_judge_is_told_of(
    twin: Twin, shell: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, {"prompt": "One?"})
    uid = shell.json("gate", file, *LOCAL, *THINKER, exits=1)["uid"]
    monkeypatch.setattr(long_wait, "FIRST_SECONDS", 0.2)
    twin.faults.append(Fault("stall", after=0, seconds=2.0))
    _, err = shell.text("gate", "--resume", uid, "--judge", "tiny-count", exits=1)
    assert "tiny-count:latest has not begun to answer for more than 0 s." in err
    assert "judged 2 of 2" in err


async def test_that_a_candidate_that_passes_is_exit_code_0(
    here: Live, landfall: Shell, tiny: Mapping[str, TinyModel], tmp_path: Path
) -> None:
    story = tiny["tiny-story"].text
    rows = [{"prompt": f"{n}?", "expected": story, "incumbent": story} for n in range(12)]
    file = written(tmp_path, *rows)
    words = (file, *LOCAL, "--margin", "0.3", "--looks", "8,12")
    assert await landfall(*words, as_json=True) == 0
    told = landfall.document
    assert (told["gate"], told["prompts"], told["against"]) == ("pass", 12, "recorded answers")
    assert told["looks"] == [8, 12]
    assert await landfall(file, *LOCAL, "--margin", "0.3", "--sample", "9") == 0
    assert "PASS" in landfall.out


async def test_that_a_paid_model_is_asked_within_what_was_agreed_to(
    here: Live, openai: CloudApi, landfall: Shell, tmp_path: Path
) -> None:
    file = written(tmp_path, {"prompt": "One?"}, {"prompt": "Two?"})
    with pytest.raises(BudgetExceeded):
        await landfall(file, *LOCAL, *PAID, "--max-usd", "0.000001")
    assert openai.requests == []
    assert await landfall(file, *LOCAL, *PAID, "--max-usd", "1", as_json=True) == 1
    told = landfall.document
    assert (told["metric"], told["unlabelled"], told["gate"]) == ("human", 2, "inconclusive")
    assert 0 < told["cost_usd"] < 1
    assert "openai:gpt-5.5: at most 0.0" in landfall.err
    assert KEY not in landfall.out + landfall.err
    openai.default = stream(openai_answer("VERDICT: SECOND"))
    judge = ("--judge", "openai:gpt-5", "--yes")
    assert await landfall("--resume", told["uid"], *judge) == 1
    assert "that is itself a leak" in landfall.err
    assert "judged 4 of 4" in landfall.err
    assert await landfall("--resume", told["uid"], *judge) == 1
    assert "the judge is not asked" in landfall.err


async def test_that_answers_that_may_be_charged_for_are_said(
    here: Live, openai: CloudApi, landfall: Shell, tmp_path: Path
) -> None:
    file = written(tmp_path, {"prompt": "One?"}, {"prompt": "Two?"})
    openai.script.append(stream([*openai_answer("Hel", "lo")[:2], CUT]))
    assert await landfall(file, *LOCAL, *PAID, "--max-usd", "1") == 1
    assert len(openai.requests) == 2
    assert "1 answer was cut on the way and may be charged for." in landfall.out
    assert "of unknown price" not in landfall.out, "each answer is told of once"
    uid = landfall.err.partition("The run is ")[2].partition(".")[0]
    assert await landfall("--resume", uid, "--yes", as_json=True) == 1
    told = landfall.document
    assert (sum(told["errors"].values()), told["unpriced"]) == (0, 1)


async def test_that_a_workload_says_against_whom_by_what_and_what_may_leave(
    here: Live, openai: CloudApi, landfall: Shell, tiny: Mapping[str, TinyModel], tmp_path: Path
) -> None:
    file = written(tmp_path, *questions("Hello", "x"))
    await saved("Locked", "nda")
    with pytest.raises(PrivacyBlocked):
        await landfall(file, *LOCAL, "--workload", "Locked", "--yes")
    assert openai.requests == []
    await saved("Open", "none")
    assert await landfall(file, *LOCAL, "--workload", "Open", "--yes", "--save", as_json=True) == 1
    told = landfall.document
    assert (told["against"], told["metric"]) == ("openai:gpt-5.5", "accuracy")
    assert told["pairs"]["cloud_only"] == 1
    history = History(paths.of_user().database)
    await history.open()
    (mine,) = (one for one in await history.workloads() if one.name == "Open")
    await history.close()
    pairs = parse(mine.toml).quality.pairs
    assert pairs is not None
    assert (pairs.cloud_only, pairs.neither) == (1, 1)


async def test_that_a_text_file_has_a_prompt_on_each_line_also_where_a_column_is_typed(
    here: Live, landfall: Shell, tmp_path: Path
) -> None:
    path = tmp_path / "p.txt"
    path.write_text("One, please?\nTwo, please?\n", encoding="utf-8")
    words = ("--column", "cluster=customer")
    await landfall(str(path), *LOCAL, *THINKER, *words, as_json=True)
    assert landfall.document["prompts"] == 2


async def test_that_what_cannot_be_used_of_a_file_is_said_with_its_line(
    here: Live, landfall: Shell, tmp_path: Path
) -> None:
    path = tmp_path / "p.csv"
    path.write_text("frage,soll\nOne?,1\nOne?,2\n,3\nTwo?,4,5\n", encoding="utf-8")
    words = ("--column", "prompt=frage", "--column", "expected=soll")
    assert await landfall(str(path), *LOCAL, *THINKER, *words, as_json=True) == 1
    assert landfall.document["prompts"] == 1
    for line in ("line 3", "line 4", "line 5"):
        assert line in landfall.err
    assert await landfall(str(path), *LOCAL, *THINKER, as_json=True) == 1, "it was remembered"
    assert "is not whole" not in landfall.err


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ((), "file"),
        (("{file}",), "--local"),
        (("{file}", *LOCAL), "against"),
        (("{file}", *LOCAL, *THINKER, "--metric", "best"), "--metric"),
        (("{file}", *LOCAL, *THINKER, "--metric", "exact"), "--metric"),
        (("{file}", *LOCAL, *THINKER, "--margin", "3"), "margin"),
        (("{file}", *LOCAL, *THINKER, "--column", "question=x"), "--column"),
        (("{file}", *LOCAL, *THINKER, "--column", "prompt=x"), "prompt"),
        (("{file}", *LOCAL, *THINKER, "--workload", "None"), "workload"),
        (("{file}", *LOCAL, *THINKER, "--save"), "--save"),
        (("{file}", *LOCAL, *THINKER, "--looks", "5,1"), "looks"),
        (("{file}", *LOCAL, *THINKER, "--sample", "-1"), "sample"),
        (("{file}", *LOCAL, *THINKER, "--metric", "regex", "--pattern", "("), "quality.pattern"),
        (("{file}", *LOCAL, *THINKER, "--metric", "json_schema", "--schema", "{file}"), "--schema"),
        (("{file}", "--export", "word", "x"), "--export"),
        (("{file}", "--resume", "x"), "file"),
        (("--resume", "nothing"), "uid"),
        (("none.jsonl", *LOCAL), ""),
    ],
)
async def test_that_bad_input_says_which_field(
    landfall: Shell, words: tuple[str, ...], field: str, tmp_path: Path
) -> None:
    file = written(tmp_path, {"prompt": "One?"}, {"prompt": "Two?"})
    typed = [word.replace("{file}", file) for word in words]
    with pytest.raises(BadInput) as found:
        await landfall(*typed)
    assert found.value.field == field


async def test_that_a_set_is_exported_without_asking_anybody(
    landfall: Shell, tmp_path: Path
) -> None:
    file = written(tmp_path, *questions("a", "b"))
    out = tmp_path / "promptfooconfig.yaml"
    assert await landfall(file, "--export", "promptfoo", str(out), as_json=True) == 0
    assert landfall.document == {"path": str(out), "kind": "promptfoo", "prompts": 2}
    assert "tests:" in out.read_text()


async def test_that_a_stop_says_how_to_go_on_and_the_next_start_offers_it(
    here: Live, landfall: Shell, tmp_path: Path
) -> None:
    file = written(tmp_path, *questions(*"abcdefgh"))
    task = asyncio.create_task(landfall(file, *LOCAL, *THINKER))
    history = History(paths.of_user().database)
    paths.of_user().make()
    await history.open()
    for _ in range(400):
        await asyncio.sleep(0.02)
        if any(one.answered for one in await history.quality.runs()):
            break
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (record,) = await history.quality.unfinished()
    await history.close()
    assert f"landfall gate --resume {record.uid}" in landfall.err
    assert 0 < record.answered < 16
    out = tmp_path / "half.jsonl"
    assert await landfall("--resume", record.uid, "--export", "jsonl", str(out)) == 1
    again = History(paths.of_user().database)
    await again.open()
    (kept,) = await again.quality.unfinished()
    await again.close()
    # What came to its end just before the stop is taken over.
    assert record.answered <= kept.answered < 16
    assert f"Answers that are missing: {16 - kept.answered}" in landfall.err
    assert "Answers to come" not in landfall.err
    assert len(out.read_text().splitlines()) == 8
    assert await landfall("--resume", record.uid, as_json=True) == 1
    assert landfall.document["answered"] == {"local": 8, "incumbent": 8}
