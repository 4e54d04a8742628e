"""`landfall compare`: what is asked first, what is printed, and its exit codes."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import pty
from pathlib import Path

import pytest

from landfall.cli import compare
from landfall.core.errors import AppError, BadInput, BudgetExceeded
from landfall.core.run import long_wait
from landfall.services import paths
from landfall.services.history.history import History
from tests.cli.paid_here import KEY, here, memory, openai
from tests.cli.shell import Shell
from tests.cli.test_models_and_run import Shell as Program
from tests.cli.test_models_and_run import shell, twin
from tests.fakes.cloud_api import CloudApi
from tests.fakes.kept_sides import side_by_sides
from tests.fakes.ollama_faults import Fault
from tests.fakes.ollama_twin import Twin
from tests.services.ollama.conftest import Live, live, real_server, tiny

__all__ = ["here", "live", "memory", "openai", "real_server", "shell", "tiny", "twin"]  # fixtures

STORY, PAID = "tiny-story", "openai:gpt-5.5"
SETTINGS = ("--num-predict", "8", "--seed", "1", "--context", "2048")


@pytest.fixture
def landfall(monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(compare.COMMANDS[0], monkeypatch)


async def test_that_one_prompt_shows_every_answer_and_a_table(
    here: Live, openai: CloudApi, landfall: Shell
) -> None:
    targets = ("--target", STORY, "--target", PAID)
    assert await landfall("Hi", *targets, "--max-usd", "0.01", *SETTINGS) == 0
    head, _, rest = landfall.out.partition("--- openai:gpt-5.5\n")
    assert head.startswith("--- tiny-story:latest\n")
    assert rest.startswith("Hello\n")
    table = rest.partition("MODEL")[2]
    assert table.count("1 of 1") == 2
    why = "nothing tells what an answer over a provider's interface takes here"
    assert f"openai:gpt-5.5, joules: {why}" in table
    assert "openai:gpt-5.5: at most 0.0" in landfall.err
    assert "2 of 2" in landfall.err
    assert KEY not in landfall.out + landfall.err
    body = openai.requests[0].json
    assert (body["seed"], body["messages"]) == (1, [{"role": "user", "content": "Hi"}])


@pytest.mark.parametrize(
    ("after", "says"),
    [
        (0, "tiny-story:latest has not begun to answer for more than 0 s. It may be"),
        (1, "Nothing more of the answer of tiny-story:latest has come for more than 0 s."),
    ],
)
def test_that_a_wait_for_an_answer_is_told_of(
    after: int, says: str, twin: Twin, shell: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_wait, "FIRST_SECONDS", 0.2)
    twin.faults.append(Fault("stall", after=after, seconds=2.0))
    targets = ("--target", STORY, "--target", "tiny-thinker")
    out, err = shell.text("compare", "Hi", *targets, *SETTINGS)
    # A line of its own, before what comes next; nothing of it among the answers.
    lines = err.splitlines()
    told = next(place for place, line in enumerate(lines) if line.startswith(says))
    assert told < lines.index("2 of 2")
    assert "--- tiny-story:latest" in out
    assert "more than 0 s" not in out
    twin.faults.append(Fault("stall", after=after, seconds=2.0))
    assert len(shell.json("compare", "Hi", *targets, *SETTINGS)["summary"]) == 2


async def test_that_a_file_of_prompts_is_run_and_kept_and_written(
    here: Live, openai: CloudApi, landfall: Shell, tmp_path: Path
) -> None:
    prompts, out = tmp_path / "p.jsonl", tmp_path / "o.json"
    prompts.write_text('{"prompt": "One?"}\n{"prompt": "Two?", "num_predict": 3}\n')
    words = ("--prompts", str(prompts), "--target", STORY, "--target", PAID, "--yes")
    assert await landfall(*words, "--out", str(out), *SETTINGS, as_json=True) == 0
    told = landfall.document
    assert [one["answers"] for one in told["summary"]] == [2, 2]
    assert told["ceiling_usd"] > told["summary"][1]["cost_usd"]["value"] > 0
    written = json.loads(out.read_text())["side_by_side"]
    assert written["uid"] == told["uid"]
    limits = [request.json["max_tokens"] for request in openai.requests]
    assert limits == [8, 3]
    history = History(paths.of_user().database)
    await history.open()
    (record,) = await side_by_sides(history)
    assert (record.uid, record.state) == (told["uid"], "done")
    await history.close()


@pytest.mark.parametrize(
    ("words", "refusal"), [((), BadInput), (("--max-usd", "0.000001"), BudgetExceeded)]
)
async def test_that_nothing_is_sent_without_consent(
    words: tuple[str, ...],
    refusal: type[AppError],
    openai: CloudApi,
    landfall: Shell,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    with pytest.raises(refusal):
        await landfall("Hi", "--target", PAID, *words)
    assert openai.requests == []
    assert "at most" in landfall.err


@pytest.mark.parametrize(("typed", "asked"), [(b"yes\n", 1), (b"no\n", 0)])
async def test_that_the_terminal_is_asked(
    typed: bytes,
    asked: int,
    openai: CloudApi,
    landfall: Shell,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "r", encoding="utf-8") as terminal:
        answering = asyncio.create_task(landfall("Hi", "--target", PAID, stdin=terminal))
        os.write(ours, typed)
        if asked:
            assert await answering == 0
        else:
            with pytest.raises(BudgetExceeded, match="did not agree"):
                await answering
    os.close(ours)
    assert len(openai.requests) == asked


async def test_that_a_model_without_a_price_has_to_be_allowed(
    openai: CloudApi, landfall: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    words = ("Hi", "--target", "openai:nobody-knows", "--yes")
    with pytest.raises(BudgetExceeded, match="No price is known"):
        await landfall(*words)
    assert await landfall(*words, "--unpriced", as_json=True) == 0
    cost = landfall.document["summary"][0]["cost_usd"]
    assert cost["value"] is None
    assert cost["reason"]


async def test_that_what_fails_is_told_and_ends_with_1_or_what_was_needed(
    here: Live, landfall: Shell
) -> None:
    gone = ("--target", "gone:1b")
    assert await landfall("Hi", "--target", STORY, *gone, *SETTINGS) == 1
    assert "gone:1b, prompt 1: Model 'gone:1b' not found" in landfall.err
    assert "0 of 1" in landfall.out
    nowhere = ("--target", "tiny-story@http://127.0.0.1:9")
    assert await landfall("Hi", *nowhere, *SETTINGS) == 3


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("Hi", "--prompts", "x", "--target", "a"), "--prompts"),
        (("--target", "a"), "prompt"),
        (("--prompts", "/nowhere", "--target", "a"), "prompts"),
        (("Hi", "--target", "openai:"), "target"),
        (("Hi", "--target", "openai:a", "--target", "openai:a"), "targets"),
        (("Hi", "--target", "a@ftp://x", "--target", "openai:b"), "--target"),
    ],
)
async def test_that_bad_arguments_name_their_field(
    words: tuple[str, ...], field: str, landfall: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    with pytest.raises(BadInput) as wrong:
        await landfall(*words)
    assert wrong.value.field == field


async def test_that_an_amount_and_a_temperature_are_numbers() -> None:
    parser = argparse.ArgumentParser(exit_on_error=False)
    compare.COMMANDS[0].add_arguments(parser)
    for words in (("--max-usd", "-1"), ("--max-usd", "x"), ("--temperature", "9")):
        with pytest.raises(argparse.ArgumentError):
            parser.parse_args(["--target", "a", *words])
