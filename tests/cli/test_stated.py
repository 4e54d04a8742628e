"""An empty argument is a variable that is not set: never all, never here, never the folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landfall.cli.commands import COMMANDS
from landfall.cli.main import main

EMPTY = [
    (("verdict", ""), "file"),
    (("verdict", "--machine", ""), "machine"),
    (("import", " "), "file"),
    (("import", "usage.csv", "", "--save"), "file"),
    (("import", "usage.csv", "--workload", ""), "workload"),
    (("gate", "", "--local", "m"), "file"),
    (("gate", "f", "--local", "m", "--schema", ""), "schema"),
    (("gate", "f", "--local", "m", "--workload", ""), "workload"),
    (("gate", "f", "--local", "m", "--against="), "against"),
    (("bench", "m", "--prompts", ""), "prompts"),
    (("bench", ""), "model"),
    (("compare", "--prompts", "", "--target", "m"), "prompts"),
    (("compare", "Why?", "--target", "m", "--out", ""), "out"),
    (("compare", "Why?", "--target", "m", "--workload", ""), "workload"),
    (("people", "m", "--trace", ""), "trace"),
    (("export", "litellm", "", "--out", "d"), "file"),
    (("export", "litellm", "--out", ""), "out"),
    (("export", "litellm", "--check", ""), "check"),
    (("export", "report", "", "--out", "r.html"), "file"),
    (("export", "report", "--out", ""), "out"),
    (("export", "history", "--out", ""), "out"),
    (("fit", " "), "model"),
    (("fit", "qwen3:8b", "--machine", ""), "machine"),
    (("list", "--host", ""), "host"),
    (("rm", "qwen3:8b", "--host="), "host"),
    (("rm", ""), "model"),
    (("update", ""), "model"),
    (("run", "", "Hello"), "model"),
    (("price", "openai", "", "--input", "1", "--output", "1"), "model"),
    (("price", "openai", "gpt-5.5", "--input", "1", "--output", "1", "--at", ""), "at"),
    (("key", "check", "openai", "--base-url", ""), "base_url"),
]


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, str | None]:
    assert main([*words, "--json"]) == 2
    error: dict[str, str | None] = json.loads(capsys.readouterr().out)["error"]
    return error


@pytest.mark.parametrize(("words", "field"), EMPTY, ids=[" ".join(words) for words, _ in EMPTY])
def test_that_an_argument_that_is_empty_is_refused_by_its_name(
    words: tuple[str, ...],
    field: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert refused(capsys, *words)["field"] == field
    assert not list(here.iterdir())


def test_that_a_text_that_may_be_empty_may_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["machines", "--search", "", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) > 100


@pytest.mark.parametrize("name", COMMANDS)
def test_that_no_default_of_a_command_is_taken_for_something_empty(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main([name, "--no-such-option"])
    assert "it is empty" not in capsys.readouterr().err
