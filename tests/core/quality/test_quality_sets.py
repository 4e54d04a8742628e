"""Prompt sets: what is read, what is left out and why, and how a sample is drawn."""

from __future__ import annotations

import csv
import io
import itertools
import json
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.quality import sets
from landfall.core.quality.sets import (
    Columns,
    QualitySet,
    _at,
    is_jsonl,
    likely_columns,
    names_in,
    read_csv,
    read_jsonl,
    read_set,
    sample,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


def lines_of(rows: list[object]) -> list[str]:
    return [json.dumps(row) + "\n" for row in rows]


def prompts_of(found: QualitySet) -> list[str]:
    return [one.prompt for one in found.prompts]


def reasons_of(found: QualitySet) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.reason) for one in found.problems]


def test_that_json_lines_give_their_prompts_with_line_and_place() -> None:
    found = read_jsonl(
        lines_of(
            [
                {"prompt": "a", "expected": "x", "incumbent": "y", "cluster": "c"},
                {"prompt": "b", "expected": 3, "incumbent": "", "cluster": None},
                {"prompt": "c", "expected": {"b": 1, "a": [True]}, "cluster": 7},
            ]
        )
    )
    assert [(one.place, one.line) for one in found.prompts] == [(0, 1), (1, 2), (2, 3)]
    assert [one.expected for one in found.prompts] == ["x", "3", '{"a": [true], "b": 1}']
    assert [one.incumbent for one in found.prompts] == ["y", None, None]
    assert [one.cluster for one in found.prompts] == ["c", "", "7"]
    assert not found.has_incumbent
    assert not found.problems


def test_that_broken_lines_are_said_and_the_others_kept() -> None:
    lines = [
        '\ufeff{"prompt": "first"}\n',
        "\n",
        '{"prompt": "cut off\n',
        '["a list"]\n',
        '{"prompt": 5}\n',
        '{"prompt": "   "}\n',
        '{"other": "x"}\n',
        '{"prompt": "\\ud800"}\n',
        '{"prompt": "last"}',
    ]
    found = read_jsonl(lines)
    assert prompts_of(found) == ["first", "last"]
    assert reasons_of(found) == [
        (3, "", "is not JSON from character 12 on"),
        (4, "", "is not one object; write one object on each line"),
        (5, "prompt", "is not text; name the value inside it, as in messages.0.content"),
        (6, "prompt", "is empty"),
        (7, "prompt", "is missing"),
        (8, "prompt", "holds half a character (a lone surrogate)"),
    ]
    assert (found.refused, found.duplicates) == (6, 0)


def test_that_what_no_parser_takes_is_a_problem_and_no_crash() -> None:
    deep = '{"prompt": ' + "[" * 100_000
    huge = '{"prompt": ' + "9" * 5000 + "}"
    found = read_jsonl([deep, huge, '{"prompt": "good"}'])
    assert prompts_of(found) == ["good"]
    assert found.refused == 2


def test_that_a_path_reaches_into_nested_rows() -> None:
    rows: list[object] = [
        {
            "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}],
            "a.b": "dotted",
            "meta": {"label": "L", "empty": {}},
        }
    ]
    columns = Columns(prompt="messages.-1.content", expected="meta.label", cluster="a.b")
    [one] = read_jsonl(lines_of(rows), columns).prompts
    assert (one.prompt, one.expected, one.cluster, one.incumbent) == ("u", "L", "dotted", None)
    for path in ("messages.2.content", "messages.x", "messages", "meta.label.more", "meta.no"):
        assert not read_jsonl(lines_of(rows), Columns(prompt=path)).prompts
    assert read_jsonl(lines_of([{"p": ["only"]}]), Columns(prompt="p.0")).prompts
    assert not read_jsonl(lines_of(rows), Columns(prompt="")).prompts
    assert names_in(lines_of([{"a": {"b": {"c": {"d": {"e": 1}}}}, "f": "g"}])) == ("a.b.c.d", "f")


def test_that_prompts_that_stand_twice_are_taken_once_and_said() -> None:
    found = read_jsonl(
        lines_of(
            [
                {"prompt": "same  text", "expected": "1"},
                {"prompt": " same text\n", "expected": "1"},
                {"prompt": "same text", "expected": "2"},
            ]
        )
    )
    assert prompts_of(found) == ["same  text"]
    assert found.duplicates == 2
    assert found.refused == 0
    assert [reason for _, _, reason in reasons_of(found)] == [
        "the same prompt as in line 1",
        "the same prompt as in line 1, with another expected answer",
    ]


def test_that_csv_is_read_with_semicolons_quotes_and_a_byte_order_mark() -> None:
    lines = ["\ufeffPrompt;expected\n", '"one\n', 'two; three";x\n', "\n", "plain;\n"]
    found = read_csv(lines)
    assert [(one.prompt, one.expected, one.line) for one in found.prompts] == [
        ("one\ntwo; three", "x", 2),
        ("plain", None, 5),
    ]


def test_that_a_broken_csv_line_gives_up_that_line_alone() -> None:
    lines = [
        "prompt,expected\n",
        "good,1\n",
        "too,many,cells\n",
        '"never closed,1\n',
        "few\n",
        "after,2\n",
    ]
    found = read_csv(lines)
    assert prompts_of(found) == ["good", "after"]
    assert [(one.line, one.reason) for one in found.problems] == [
        (3, "has 3 cells where the header has 2"),
        (4, "is broken CSV: unexpected end of data"),
        (5, "has 1 cells where the header has 2"),
    ]


def test_that_a_broken_header_is_said() -> None:
    assert read_csv(['"prompt,expected\n', "a,b\n"]).refused
    assert not read_csv(['"prompt,expected\n', "a,b\n"]).prompts
    assert read_csv([]) == QualitySet(prompts=())


def test_that_a_missing_column_is_said_with_those_that_there_are() -> None:
    found = read_csv(["question,b,c,d,e,f,g,h,i\n", "x,1,2,3,4,5,6,7,8\n"])
    assert reasons_of(found) == [
        (1, "prompt", "there is no such column; the file has: question, b, c, d, e, f, g, h, ...")
    ]
    [one] = read_csv(["question\n", "x\n"], Columns(prompt="QUESTION")).prompts
    assert one.prompt == "x"


def test_that_limits_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sets, "MOST_PROMPTS", 2)
    monkeypatch.setattr(sets, "MOST_PROBLEMS", 1)
    monkeypatch.setattr(sets, "LONGEST_PROMPT", 5)
    rows = [{"prompt": "too long"}, {"prompt": ""}, *({"prompt": f"p{n}"} for n in range(3))]
    found = read_jsonl(lines_of(list(rows)))
    assert prompts_of(found) == ["p0", "p1"]
    assert found.truncated
    assert found.refused == 2
    assert reasons_of(found) == [(1, "prompt", "is longer than 5 characters")]
    assert not read_jsonl(lines_of(list(rows[:4]))).truncated


def test_that_the_kind_of_a_file_is_told_by_its_first_text() -> None:
    assert is_jsonl(["\ufeff", "\n", ' {"a": 1}\n'])
    assert not is_jsonl(["prompt,expected\n"])
    assert not is_jsonl([])
    assert is_jsonl(["cut off\n", '{"a": 1}\n', '{"a": 2}\n'])
    assert not is_jsonl(["prompt\n", '{"a": 1}\n'])
    assert prompts_of(read_set(['{"prompt": "j"}'])) == ["j"]
    assert prompts_of(read_set(["prompt\n", "c\n"])) == ["c"]


def test_that_a_file_offers_its_names_and_the_usual_ones_are_found() -> None:
    rows: list[object] = [{"input": "a", "meta": {"label": "b"}, "messages": [{"content": "c"}]}]
    names = names_in([*lines_of(rows), "broken"])
    assert names == ("input", "meta.label", "messages.0.content")
    found = likely_columns(names)
    assert (found.prompt, found.expected, found.cluster) == ("input", "", "")
    offered = names_in(["Question,Expected_Output,doc_id\n"])
    assert likely_columns(offered) == Columns(
        prompt="Question", expected="Expected_Output", incumbent="", cluster="doc_id"
    )


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=20))
def test_that_what_a_csv_writer_wrote_is_read_back(rows: list[tuple[str, str]]) -> None:
    kept = io.StringIO(newline="")
    csv.writer(kept).writerows([("prompt", "expected"), *rows])
    found = read_csv(io.StringIO(kept.getvalue(), newline="").readlines())
    wanted = {sets.key_of(text) for text, _ in rows if text.strip()}
    assert {sets.key_of(one) for one in prompts_of(found)} == wanted
    told = [row for row in rows if any(cell.strip() for cell in row)]
    assert len(found.prompts) + found.duplicates + found.refused == len(told)


@given(st.lists(st.text(max_size=60), max_size=20))
def test_that_no_text_makes_a_reader_fail(lines: list[str]) -> None:
    for found in (read_jsonl(lines), read_csv(lines), read_set(lines)):
        assert [one.place for one in found.prompts] == list(range(len(found.prompts)))
        assert len({sets.key_of(one.prompt) for one in found.prompts}) == len(found.prompts)
    assert isinstance(names_in(lines), tuple)


def many(labels: str, clusters: int = 0) -> QualitySet:
    return read_jsonl(
        lines_of(
            [
                {"prompt": f"p{n}", "expected": label, "cluster": n % clusters if clusters else ""}
                for n, label in enumerate(labels)
            ]
        )
    )


def test_that_a_sample_keeps_the_shares_of_the_labels_at_every_beginning() -> None:
    found = many("a" * 800 + "b" * 150 + "c" * 50)
    drawn = sample(found, 100, seed=3)
    assert drawn.spread_by == "expected"
    assert len(drawn.prompts) == 100
    for size in (20, 40, 100):
        counts = Counter(one.expected for one in drawn.prompts[:size])
        assert abs(counts["a"] - size * 0.8) <= 1.5
        assert abs(counts["b"] - size * 0.15) <= 1.5


def test_that_a_larger_sample_begins_with_the_smaller_one() -> None:
    found = many("ab" * 100, clusters=10)
    small, large = sample(found, 30, seed=1), sample(found, 100, seed=1)
    assert small.spread_by == "cluster and expected"
    assert large.prompts[:30] == small.prompts
    assert sample(found, 30, seed=2).prompts != small.prompts
    counts = Counter(one.cluster for one in large.prompts)
    assert set(counts.values()) == {10}


def test_that_a_sample_is_not_the_beginning_of_the_file() -> None:
    drawn = sample(read_jsonl(lines_of([{"prompt": f"p{n}"} for n in range(100)])), 50, seed=5)
    places = [one.place for one in drawn.prompts]
    assert drawn.spread_by == ""
    assert len(set(places)) == 50
    assert places != sorted(places)
    assert max(places) >= 50


def test_that_every_prompt_is_drawn_equally_often() -> None:
    found = many("a" * 30 + "b" * 10)
    counts = Counter(
        one.place for seed in range(400) for one in sample(found, 10, seed=seed).prompts
    )
    assert len(counts) == 40
    assert min(counts.values()) > 60
    assert max(counts.values()) < 140


def test_that_answers_of_their_own_kind_are_no_labels() -> None:
    rows: list[object] = [{"prompt": f"p{n}", "expected": f"text {n}"} for n in range(40)]
    assert sample(read_jsonl(lines_of(rows)), 10, seed=1).spread_by == ""


def test_that_nothing_is_drawn_from_nothing() -> None:
    with pytest.raises(BadInput, match="no prompt") as caught:
        sample(read_jsonl(['{"x": 1}']), 5, seed=1)
    assert (caught.value.line, caught.value.hint, caught.value.field) == (1, "is missing", "prompt")
    with pytest.raises(BadInput, match="no prompt") as caught:
        sample(read_jsonl([]), 5, seed=1)
    assert caught.value.hint == "Write one on each line."
    with pytest.raises(BadInput, match="at least one"):
        sample(many("ab"), 0, seed=1)


def test_that_half_a_character_in_any_column_is_said_and_not_kept() -> None:
    rows = [
        '{"prompt": "a", "expected": "\\ud800"}\n',
        '{"prompt": "b", "incumbent": "x\\udfff"}\n',
        '{"prompt": "c", "cluster": "\\udc00"}\n',
        '{"prompt": "d", "\\ud800": "a column"}\n',
    ]
    found = read_jsonl(rows)
    assert prompts_of(found) == ["d"]
    half = "holds half a character (a lone surrogate)"
    assert reasons_of(found) == [
        (1, "expected", half),
        (2, "incumbent", half),
        (3, "cluster", half),
    ]
    assert names_in(rows) == ("prompt", "expected", "incumbent", "cluster")


def test_that_a_table_of_broken_lines_alone_is_read_in_one_pass() -> None:
    lines = ["prompt,expected\n", *['"a"b,c\n'] * 40_000]
    began = time.process_time()
    found = read_csv(lines)
    assert time.process_time() - began < 1.5
    assert (len(found.prompts), found.refused) == (0, 40_000)


def test_that_a_place_of_a_list_is_counted_from_either_end_and_not_beyond() -> None:
    row = {"a": ["x", "y", {"b": 1}], "a.b": "whole"}
    assert _at(row, "a.0") == "x"
    assert _at(row, "a.-3") == "x"
    assert _at(row, "a.2.b") == 1
    assert _at(row, "a.3") is None
    assert _at(row, "a.-4") is None
    assert _at(row, "a.b") == "whole"
    assert _at(row, "a.x") is None
    assert _at(row, "") is None


# At the edges ------------------------------------------------------------------------------------


def test_that_the_limits_of_a_set_are_those_that_are_said() -> None:
    assert (sets.MOST_PROMPTS, sets.LONGEST_PROMPT) == (100_000, 400_000)
    assert (sets.MOST_PROBLEMS, sets.MOST_LABELS) == (200, 50)
    rows: list[object] = [{"prompt": "x" * 400_000}, {"prompt": "y" * 400_001}]
    found = read_jsonl(lines_of(rows))
    assert [len(one) for one in prompts_of(found)] == [400_000]
    assert reasons_of(found) == [(2, "prompt", "is longer than 400,000 characters")]
    many = read_jsonl(lines_of([{"prompt": ""}] * 203))
    assert (len(many.problems), many.refused) == (200, 203)


def test_that_a_set_has_its_incumbent_where_every_prompt_has_one() -> None:
    both: list[object] = [{"prompt": "a", "incumbent": "x"}, {"prompt": "b", "incumbent": "y"}]
    assert read_jsonl(lines_of(both)).has_incumbent
    assert not read_jsonl(lines_of([*both, {"prompt": "c"}])).has_incumbent
    assert not read_jsonl([]).has_incumbent


@pytest.mark.parametrize(
    ("lines", "jsonl"),
    [
        (['{"a": 1}', "b", "c"], True),
        (['["a"]'], True),
        (["a", '{"a": 1}'], False),  # half of them is not most
        (["a", '{"a": 1}', "[1]"], True),
        (["  \t\ufeff{", "b"], True),
        (["\n", "", "a,b"], False),
        ([*["a"] * 25, *["{"] * 25, *["{"] * 50], False),  # the first fifty tell
        ([*["a"] * 24, *["{"] * 26], True),
    ],
)
def test_that_most_of_the_first_lines_tell_the_kind_of_a_file(
    lines: list[str], jsonl: bool
) -> None:
    assert is_jsonl(lines) is jsonl


def test_that_names_are_taken_from_the_first_rows_and_not_too_deep() -> None:
    rows: list[object] = [{f"n{n}": {"x": n}} for n in range(60)]
    assert names_in(lines_of(rows)) == tuple(f"n{n}.x" for n in range(50))
    deep = {"a": {"b": {"c": {"d": {"e": 1}}}}, "l": list(range(12)), "o": {}}
    assert names_in(lines_of([deep])) == ("a.b.c.d", *(f"l.{n}" for n in range(8)))
    broken = ["no json", *lines_of([{"a": 1}, {"b": 1}])]
    assert names_in(broken) == ("a", "b")
    assert names_in(['{"b": 1}', "no json"]) == ("b",)
    assert names_in(["\ufeffA;b\n", "1;2\n"]) == ("A", "b")


def test_that_usual_names_are_found_in_the_order_in_which_they_are_usual() -> None:
    found = likely_columns(["Text", "INPUT", "label", "target", "Response", "group", "source"])
    assert found == Columns(
        prompt="INPUT", expected="target", incumbent="Response", cluster="group"
    )
    # Of two spellings the first of the file is taken.
    assert likely_columns(["Prompt", "prompt"]).prompt == "Prompt"
    assert likely_columns([]) == Columns(prompt="", expected="", incumbent="", cluster="")


def test_that_columns_are_found_whatever_their_case_and_the_first_of_two_counts() -> None:
    found = read_csv(["Prompt,PROMPT,Expected\n", "a,b,c\n"], Columns(prompt=" prompt "))
    assert [(one.prompt, one.expected) for one in found.prompts] == [("a", "c")]
    lost = read_csv(["a,b\n", "1,2\n"])
    assert (lost.refused, lost.prompts) == (1, ())
    assert reasons_of(lost) == [(1, "prompt", "there is no such column; the file has: a, b")]
    eight = read_csv(["a,b,c,d,e,f,g,h\n"])
    assert eight.problems[0].reason.endswith("a, b, c, d, e, f, g, h")


def test_that_a_sample_is_spread_by_what_differs() -> None:
    def spread_by(rows: list[tuple[str, str]]) -> str:
        told: list[object] = [
            {"prompt": f"p{n}", "expected": label, "cluster": cluster}
            for n, (label, cluster) in enumerate(rows)
        ]
        return sample(read_jsonl(lines_of(told)), 2, seed=0).spread_by

    assert spread_by([("a", ""), ("b", ""), ("a", ""), ("b", "")]) == "expected"
    assert spread_by([("a", ""), ("b", ""), ("a", "")]) == ""  # two labels of three are none
    assert spread_by([("a", "")] * 4) == ""
    assert spread_by([("a", "x"), ("a", "y")]) == "cluster"
    assert spread_by([("a", "x"), ("b", "y"), ("a", "x"), ("b", "y")]) == "cluster and expected"
    long, longer = "a" * 60, "b" * 61
    assert spread_by([(long, ""), ("b", "")] * 2) == "expected"
    assert spread_by([(longer, ""), ("b", "")] * 2) == ""
    fifty = [(f"l{n}", "") for n in range(50)]
    assert spread_by(fifty * 2) == "expected"
    assert spread_by([*fifty, ("more", "")] * 2) == ""


def test_that_a_stratum_stands_evenly_in_a_sample() -> None:
    found = many("a" * 90 + "b" * 10)
    for seed in range(6):
        places = [
            n for n, one in enumerate(sample(found, 100, seed=seed).prompts) if one.expected == "b"
        ]
        # One of ten in each tenth, but for where the tenth begins.
        gaps = [after - before for before, after in itertools.pairwise(places)]
        assert all(7 <= gap <= 13 for gap in gaps)


def test_that_an_empty_answer_says_nothing_and_other_values_are_json() -> None:
    rows: list[object] = [
        {"prompt": "a", "expected": " ", "incumbent": 0, "cluster": " "},
        {"prompt": "b", "expected": False, "incumbent": {"b": "ü", "a": None}, "cluster": [1]},
    ]
    first, second = read_jsonl(lines_of(rows)).prompts
    assert (first.expected, first.incumbent, first.cluster) == (None, "0", "")
    assert second.expected == "false"
    assert second.incumbent == '{"a": null, "b": "ü"}'
    assert second.cluster == "[1]"


def test_that_prompts_are_one_where_only_their_spaces_differ() -> None:
    assert sets.key_of(" a\n b\t") == sets.key_of("a b")
    assert sets.key_of("e\u0301") == sets.key_of("é")
    assert sets.key_of("A") != sets.key_of("a")


def test_that_a_path_needs_what_it_leads_through() -> None:
    row = {"a": {"b": None, "c": ["x"]}, "d": "text", "": "empty"}
    for path, value in (
        ("a.b", None),
        ("a.c.0", "x"),
        ("a.c.00", "x"),
        ("a.c.-1", "x"),
        ("a.c.1", None),
        ("a.c", ["x"]),
        ("d.x", None),
        ("x.y", None),
        ("a.", None),
    ):
        assert _at(row, path) == value, path


def test_that_a_sample_may_be_of_one() -> None:
    assert len(sample(many("abab"), 1, seed=0).prompts) == 1
    assert len(sample(many("abab"), 99, seed=0).prompts) == 4
