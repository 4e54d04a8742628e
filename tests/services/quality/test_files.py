"""Files of prompts: one prompt a line where a text file names no column."""

from __future__ import annotations

from pathlib import Path

import pytest

from landfall.core.quality.sets import Columns, read_set
from landfall.services.quality import files


async def prompts_of(path: Path, columns: Columns | None = None) -> list[tuple[int, str]]:
    lines = await files.lines_of(path)
    meant = columns or await files.columns_of(None, lines)
    found = read_set(files.as_rows(path, lines, meant), meant)
    return [(one.line, one.prompt) for one in found.prompts]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
async def test_that_a_text_file_has_one_prompt_on_each_line(mark: str, tmp_path: Path) -> None:
    path = tmp_path / "p.TXT"
    text = f'{mark}Hello, how are you?\r\n\r\n  Say "hi"; please \r\nGrüße\u2028dich'
    path.write_text(text, encoding="utf-8", newline="")
    assert await prompts_of(path) == [
        (1, "Hello, how are you?"),
        (3, 'Say "hi"; please'),
        (4, "Grüße\u2028dich"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "column"),
    [
        ("p.txt", '{"prompt": "a"}\n', "prompt"),
        ("p.txt", "prompt,expected\na,b\n", "prompt"),
        ("p.txt", "Frage;Antwort\na;b\n", "frage"),
        ("p.csv", "prompt\na\n", "prompt"),
    ],
)
async def test_that_rows_and_tables_are_read_as_they_are(
    name: str, text: str, column: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert [prompt for _, prompt in await prompts_of(path, Columns(prompt=column))] == ["a"]


@pytest.mark.parametrize("first", ["[INST] Hello [/INST]", "{name}, hello", "[1, 2]", "{"])
async def test_that_a_prompt_that_begins_with_a_bracket_makes_no_json_of_a_text_file(
    first: str, tmp_path: Path
) -> None:
    path = tmp_path / "p.txt"
    path.write_text(f"\n{first}\n[INST] More\n", encoding="utf-8")
    assert await prompts_of(path) == [(2, first), (3, "[INST] More")]


async def test_that_only_a_text_file_is_read_by_lines(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("one\ntwo\n", encoding="utf-8")
    assert await prompts_of(path) == []
