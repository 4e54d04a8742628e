"""An empty name of a file is a variable that is not set, and never the current folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landfall.cli.main import main

NAMED = [
    (("verdict", ""), "FILE"),
    (("import", " "), "FILE"),
    (("import", "usage.csv", "", "--save"), "FILE"),
    (("gate", "", "--local", "m"), "FILE"),
    (("gate", "f", "--local", "m", "--schema", ""), "--schema"),
    (("bench", "m", "--prompts", ""), "--prompts"),
    (("compare", "--prompts", "", "--target", "m"), "--prompts"),
    (("compare", "Why?", "--target", "m", "--out", ""), "--out"),
    (("people", "m", "--trace", ""), "--trace"),
    (("export", "litellm", "", "--out", "d"), "FILE"),
    (("export", "litellm", "--out", ""), "--out"),
    (("export", "litellm", "--check", ""), "--check"),
    (("export", "report", "", "--out", "r.html"), "FILE"),
    (("export", "report", "--out", ""), "--out"),
    (("export", "history", "--out", ""), "--out"),
]


@pytest.mark.parametrize(("words", "field"), NAMED, ids=[" ".join(words) for words, _ in NAMED])
def test_that_a_name_that_is_empty_is_refused_by_its_argument(
    words: tuple[str, ...],
    field: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert main([*words, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["field"] == field
    assert not list(here.iterdir())
