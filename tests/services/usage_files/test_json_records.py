"""JSON is read object by object, each with its line, whatever stands around them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from landfall.core.usage.rows import Problem
from landfall.services.usage_files import json_records
from landfall.services.usage_files.formats import anything
from landfall.services.usage_files.json_records import (
    SPANS,
    is_json,
    is_lines,
    of_document,
    of_lines,
    sampled,
    unwrap,
)


def read(text: str, *, size: int = 10_000) -> list[tuple[int, Any]]:
    """The records of a document that comes in blocks of this size; of a problem its reason."""
    blocks = iter([text[at : at + size] for at in range(0, len(text), size)])
    return [
        (line, one.reason if isinstance(one, Problem) else one) for line, one in of_document(blocks)
    ]


BROKEN = "is no JSON from here on"


@pytest.mark.parametrize("size", [1, 3, 10_000])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (" \n\t", []),
        ('{"a": 1}', [(1, {"a": 1})]),
        ('[{"a": 1},\n {"a": 2}]', [(1, {"a": 1}), (2, {"a": 2})]),
        ("[]", []),
        ("{}", [(1, {})]),
        ('{"a": 1}\n\n{"a": 2},\n{"a": 3}', [(1, {"a": 1}), (3, {"a": 2}), (4, {"a": 3})]),
        ('{"note": "x", "data": [{"a": 1}\n,{"a": 2}]}', [(1, {"a": 1}), (2, {"a": 2})]),
        ('{"items": []}', []),
        ('{"a": 12.5, "data": 3}', [(1, {"a": 12.5, "data": 3})]),
        (f'{{"{SPANS}": [{{"b": 1}}]}}', [(1, {SPANS: [{"b": 1}]})]),
        ('{"a": 1.5e-3,"b": -2E+1, "c": 0.25}', [(1, {"a": 0.0015, "b": -20.0, "c": 0.25})]),
        ("[1, {}]", [(1, "is not a JSON object"), (1, {})]),
        ('{"data": ["x"]}', [(1, "is not a JSON object")]),
        ('["a\\"b", [2]]', [(1, "is not a JSON object")] * 2),
        ('[{"a": 1}\n{"a": 2}]', [(1, {"a": 1}), (2, BROKEN)]),
        ('[{"a": 1}, {"a"', [(1, {"a": 1}), (1, BROKEN)]),
        ('{"a" 1}', [(1, BROKEN)]),
        ('{"a": 1', [(1, BROKEN)]),
        ('{"a": 1 "b": 2}', [(1, BROKEN)]),
        ("\n\nhello", [(3, BROKEN)]),
        ("[{}] x", [(1, {}), (1, BROKEN)]),
        ('[{"a": [[', [(1, BROKEN)]),
    ],
)
def test_that_a_document_is_read_object_by_object(text: str, found: list[Any], size: int) -> None:
    assert read(text, size=size) == found


def test_that_a_number_that_two_blocks_hold_is_one() -> None:
    assert list(of_document(iter(['{"a": 12', '34, "b": tr', "ue}"]))) == [
        (1, {"a": 1234, "b": True})
    ]
    assert [one.reason for _, one in of_document(iter(["[12", "34"])) if isinstance(one, Problem)]


def test_that_too_deep_is_broken_and_not_a_crash() -> None:
    assert read("[" * 100_000)[-1][1] == BROKEN
    assert read('[{"a": ' + "[" * 100_000)[-1][1] == BROKEN


def test_that_a_value_longer_than_any_record_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_records, "LONGEST_LINE", 100)
    taken = 0

    def endless() -> Any:
        nonlocal taken
        yield '[{"a": "'
        while True:
            taken += 1
            yield "x" * 10

    (problem,) = of_document(endless())
    assert isinstance(problem[1], Problem)
    assert problem[1].reason == BROKEN
    assert taken < 100


def test_that_why_a_file_ends_early_is_what_is_told() -> None:
    cut = Problem(line=9, column="", reason="cannot be read any further")
    whole, last = of_document(iter(['[{"a": 1},\n', cut]))
    assert whole == (1, {"a": 1})
    assert isinstance(last[1], Problem)
    assert (last[0], last[1].line, last[1].reason) == (2, 2, "cannot be read any further")


@pytest.mark.parametrize(
    ("head", "whole", "lines"),
    [
        ('{"a": 1}\n{"a": 2}\n', False, True),
        ('{"a": 1}', True, True),
        ('{"a": 1}', False, False),
        ('{"a":\n 1}\n', True, False),
        ('x\ny\n{"a": 1}\n', True, True),
        ('x\n\ny\nz\n{"a": 1}\n', True, False),
        ("[1]\n[2]\n", True, False),
        ("", True, False),
    ],
)
def test_that_lines_are_told_from_a_document(head: str, whole: bool, lines: bool) -> None:
    assert is_lines(head, whole=whole) is lines


def test_that_json_begins_with_an_object_or_a_list() -> None:
    assert [is_json(text) for text in (' \n{"', "[", "a{", "", '"a"')] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_that_a_sample_is_of_whole_objects_and_not_too_many() -> None:
    lines = "\n".join(json.dumps({"a": number}) for number in range(60))
    assert [one["a"] for one in sampled(lines, lines=True, whole=True)] == list(range(50))
    assert sampled('{"a": 1}\n{"a": 2}', lines=True, whole=False) == ({"a": 1},)
    assert sampled('{"a": 1}\n[2]\nx\n{"a": 3}', lines=True, whole=True) == ({"a": 1}, {"a": 3})
    assert sampled('[{"a": 1}, 2, {"a": 3}, {"b', lines=False, whole=False) == (
        {"a": 1},
        {"a": 3},
    )


def test_that_an_object_around_a_list_is_unwrapped_and_others_are_not() -> None:
    inner = [{"a": 1}, {"a": 2}]
    assert unwrap({"object": "list", "data": inner}) == inner
    for record in ({"data": []}, {"data": [1]}, {"data": {"a": 1}}, {"other": inner}):
        assert unwrap(record) == [record]


class Lines:
    """As a file of lines, in blocks with the number of their first line."""

    def __init__(self, *blocks: Any) -> None:
        self._blocks = blocks

    def lines(self) -> Any:
        return iter(self._blocks)


def of(*lines: str, worth: Any = anything, wrapped: bool = False) -> list[tuple[int, Any]]:
    file: Any = Lines((5, list(lines)))
    return [
        (number, one.reason if isinstance(one, Problem) else one)
        for number, one in of_lines(file, worth, wrapped=wrapped)
    ]


def test_that_a_broken_line_harms_no_other() -> None:
    whole = "is not a whole JSON object"
    assert of('{"a": 1}', "", "  ", "{", '{"a": 1} x', "[1]", ' {"a": 2} ', "[" * 100_000) == [
        (5, {"a": 1}),
        (8, whole),
        (9, whole),
        (10, "is not a JSON object"),
        (11, {"a": 2}),
        (12, whole),
    ]


def test_that_lines_that_hold_no_usage_are_looked_at_only_for_their_end() -> None:
    def has_usage(line: str) -> bool:
        return "usage" in line

    assert of('{"usage": 1}', '{"a": nonsense}', '{"a": 1', worth=has_usage) == [
        (5, {"usage": 1}),
        (7, "is not a whole JSON object"),
    ]


def test_that_lines_with_lists_around_records_are_unwrapped_where_they_may_be() -> None:
    line = '{"data": [{"a": 1}, {"a": 2}]}'
    assert of(line, wrapped=True) == [(5, {"a": 1}), (5, {"a": 2})]
    assert of(line) == [(5, json.loads(line))]


def test_that_a_problem_of_the_file_is_passed_on() -> None:
    problem = Problem(line=3, column="", reason="is too long")
    file: Any = Lines(problem, (4, ['{"a": 1}']))
    assert list(of_lines(file, anything)) == [(3, problem), (4, {"a": 1})]
