"""A file of prompts, opened: what it offers, and what is read of it once a column is named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from landfall.core.quality.sets import Columns
from landfall.services.history.history import History
from landfall.services.quality.opening import open_set

PROSE = "Hello, how are you?\nWrite a poem\nSay hi, then bye, then nothing\n"
TABLE = "Frage;Antwort\nWas ist rot?;Blut\nWas ist blau?;Himmel\n"


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    history = History(tmp_path / "h.db")
    await history.open()
    yield history
    await history.close()


async def test_that_a_text_file_of_prompts_stays_one_once_a_column_is_named(
    history: History, tmp_path: Path
) -> None:
    path = tmp_path / "p.txt"
    path.write_text(PROSE, encoding="utf-8")
    first = await open_set(history, path)
    assert first.names == ("prompt",)
    named = await open_set(history, path, replace(first.columns, expected="", cluster="own"))
    assert [one.prompt for one in named.found.prompts] == PROSE.splitlines()
    assert named.names == ("prompt",)
    assert (await open_set(history, path)).columns == named.columns
    other = tmp_path / "other.jsonl"
    other.write_text('{"prompt": "a"}\n', encoding="utf-8")
    assert (await open_set(history, other)).columns.cluster == ""


async def test_that_a_table_by_unusual_names_in_a_text_file_can_be_named(
    history: History, tmp_path: Path
) -> None:
    path = tmp_path / "p.txt"
    path.write_text(TABLE, encoding="utf-8")
    first = await open_set(history, path)
    assert first.names == ("prompt", "Frage", "Antwort")
    assert len(first.found.prompts) == 3
    meant = Columns(prompt="Frage", expected="Antwort", incumbent="", cluster="")
    named = await open_set(history, path, meant)
    assert [(one.prompt, one.expected) for one in named.found.prompts] == [
        ("Was ist rot?", "Blut"),
        ("Was ist blau?", "Himmel"),
    ]
    assert named.names == first.names
    assert (await open_set(history, path)).found.prompts == named.found.prompts
    back = await open_set(history, path, replace(meant, prompt="prompt"))
    assert len(back.found.prompts) == 3


async def test_that_only_its_own_columns_are_offered_of_a_table(
    history: History, tmp_path: Path
) -> None:
    for name, text in (("p.txt", "question;answer\na;b\n"), ("p.csv", TABLE)):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        found = await open_set(history, path)
        assert found.names == tuple(text.splitlines()[0].split(";"))
