"""JSON of others is read in one place, and whatever is wrong with it is one kind of error."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

import landfall
from landfall.core import json_text

APP = Path(landfall.__file__).parent

HOSTILE = {
    "nested without end": "[" * 100_000,
    "tables without end": '{"a":' * 100_000,
    "a number of 5,000 digits": "9" * 5_000,
    "half a document": '{"a": [1',
    "no text at all": b"\xff\xfe\xfd",
    "nothing": "",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("read", [json_text.read, json_text.read_answer])
def test_that_whatever_is_wrong_is_one_kind_of_error(read: object, text: str | bytes) -> None:
    with pytest.raises(json.JSONDecodeError):
        read(text)  # type: ignore[operator]


def test_that_a_sound_text_is_read_as_the_standard_library_reads_it() -> None:
    text = '{"a": [1, 2.5, null, true, "\\ud83d\\ude00"], "b": {"c": -0.0}}'
    assert json_text.read(text) == json_text.read_answer(text) == json.loads(text)


def test_that_half_a_sign_in_an_answer_is_a_question_mark_wherever_it_stands() -> None:
    text = '{"a\\ud800": ["\\udc00", {"b": "x\\uD83Dy"}]}'
    assert json_text.read_answer(text) == {"a?": ["?", {"b": "x?y"}]}
    assert json_text.read_answer(text.encode()) == {"a?": ["?", {"b": "x?y"}]}


def test_that_what_is_too_much_names_no_line_that_would_be_wrong() -> None:
    with pytest.raises(json_text.TooMuch) as caught:
        json_text.read("\n\n" + "[" * 100_000)
    assert str(caught.value) == "It nests too deeply"


def test_that_a_refused_constant_is_the_same_kind_of_error() -> None:
    def refuse(name: str) -> None:
        raise ValueError(name)

    with pytest.raises(json.JSONDecodeError):
        json_text.read("[NaN]", parse_constant=refuse)


def test_that_nothing_else_in_the_program_reads_json_or_toml_by_itself() -> None:
    """A reader of its own forgets one of the ways in which a text can be wrong."""
    allowed = {
        "core/json_text.py": {"json.loads"},
        "core/toml_text.py": {"tomllib.loads"},
        "core/workload/file.py": {"tomllib.loads"},  # names the key of a number that is too large
        "services/installation/licences.py": {"tomllib.loads"},  # of this program
        "bootstrap/selftest_parts.py": {"tomllib.loads"},  # of its own resources
    }
    found: dict[str, set[str]] = {}
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                name = ast.unparse(node.func)
                if name in {"json.loads", "json.load", "tomllib.loads", "tomllib.load"}:
                    found.setdefault(path.relative_to(APP).as_posix(), set()).add(name)
    assert found == allowed


def test_that_what_is_wrong_is_named() -> None:
    with pytest.raises(json.JSONDecodeError, match="It is not text from byte 3 on"):
        json_text.read(b'"ab\xff"')
    with pytest.raises(json_text.TooMuch, match="A number in it cannot be read"):
        json_text.read("9" * 5_000)
    with pytest.raises(json.JSONDecodeError) as caught:
        json_text.read('{\n"a": x}')
    assert (caught.value.lineno, caught.value.colno) == (2, 6)


def test_that_numbers_and_constants_are_made_by_whoever_asks() -> None:
    assert json_text.read("[1.5, 2]", parse_float=str) == ["1.5", 2]
    assert json_text.read("[NaN]", parse_constant=lambda name: f"<{name}>") == ["<NaN>"]
    told = json_text.read_answer('[0.1, -Infinity, "\\udfff"]', parse_float=str,
                                 parse_constant=str)  # fmt: skip
    assert told == ["0.1", "-Infinity", "?"]


def test_that_a_whole_sign_stays_one_beside_half_of_one() -> None:
    text = '["\\ud83d\\ude00", "\\uD800", {"\\udbff": 1, "n": null}]'
    assert json_text.read_answer(text) == ["😀", "?", {"?": 1, "n": None}]
    # The letters u, d and 8 alone are no escape of half a sign.
    assert json_text.read_answer('"ud800 \\ud7ff \\ue000"') == "ud800 \ud7ff \ue000"


def test_that_an_answer_that_nests_too_deeply_for_a_second_look_is_too_much() -> None:
    deep = '["\\ud800", ' + "[" * 400 + "]" * 400 + "]"
    found = json_text.read_answer(deep)
    assert found[0] == "?"
