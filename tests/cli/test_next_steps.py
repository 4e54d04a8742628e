"""An error of a file or an address says what to do about it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landfall.cli.main import main

PROMPTS = {
    "a word in place of a text": '{"prompt": 1}\n',
    "nothing": '{"prompt": " "}\n',
    "half of a character": '{"prompt": "\\ud800"}\n',
    "a length in words": '{"prompt": "a", "num_predict": "many"}\n',
    "no text": "a\0b\n",
    "too long": "a" * (17 << 20),
}


def failed(
    capsys: pytest.CaptureFixture[str], *words: str, code: int = 2
) -> dict[str, str | int | None]:
    assert main([*words, "--json"]) == code
    error: dict[str, str | int | None] = json.loads(capsys.readouterr().out)["error"]
    return error


def test_that_a_home_that_is_a_file_says_where_else_things_may_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    monkeypatch.setenv("LANDFALL_HOME", str(file))
    assert "LANDFALL_HOME" in str(failed(capsys, "verdict", code=3)["hint"])


@pytest.mark.parametrize("what", PROMPTS)
def test_that_prompts_that_cannot_be_asked_say_how_they_are_written(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "prompts.jsonl"
    file.write_text(PROMPTS[what], encoding="utf-8")
    error = failed(capsys, "bench", "m", "--prompts", str(file))
    assert error["file"] == str(file)
    assert error["hint"]


@pytest.mark.parametrize(
    "words",
    [
        ("bench", "m", "--prompts", "gone.txt"),
        ("gate", "gone.jsonl", "--local", "m"),
        ("verdict", "gone.toml"),
        ("usage", "local", "--against", "nobody:m"),
    ],
)
def test_that_what_is_not_there_has_a_next_step(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert failed(capsys, *words)["hint"]
