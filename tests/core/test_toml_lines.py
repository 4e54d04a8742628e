"""The line of every key, against texts made with known lines."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from landfall.core.toml_lines import line_of, lines_of_keys

TEXT = '''a.b = """x
y"""
[[s]]
n = [ 1, # a comment ] with a bracket
 {q = 1, "z w" = {r = [
 5]}}]
[s.t]
v = 1979-05-27T07:32:00Z
[[s]]
n = '}'
w = "\\"#"  # the end
'''


def test_that_headers_inline_tables_and_multi_line_values_are_followed() -> None:
    lines = lines_of_keys(TEXT)
    assert lines["a.b"] == 1
    assert lines["s[0]"] == 3
    assert lines["s[0].n[1].q"] == 5
    assert lines["s[0].n[1].z w.r[0]"] == 6
    assert lines["s[0].t.v"] == 8
    assert lines["s[1].n"] == 10
    assert lines["s[1].w"] == 11


def test_that_a_missing_key_stands_where_its_table_stands() -> None:
    lines = lines_of_keys(TEXT)
    assert line_of("s[1].missing", lines) == 9
    assert line_of("s[0].n[1].missing", lines) == 5
    assert line_of("nowhere", lines) is None


def test_that_windows_line_ends_count_once() -> None:
    assert lines_of_keys("a = 1\r\nb = 2\r\n") == {"a": 1, "b": 2}


keys = st.sampled_from(["a", "b-c", "d_e", "'f g'", '"h.i"'])
scalars = st.sampled_from(
    ["1", "-2.5e3", "true", '"t]e#x,t}"', "'l[i=t'", '"""m\nn"""', "[1, 2]", "[\n 1,\n 2,\n]", "{}"]
)
pairs = st.lists(st.tuples(keys, scalars), max_size=4, unique_by=lambda pair: pair[0])


def bare(key: str) -> str:
    return key.strip("'\"")


@given(tables=st.lists(st.tuples(pairs, st.booleans()), max_size=5))
def test_that_every_key_of_any_text_is_found_on_its_line(
    tables: list[tuple[list[tuple[str, str]], bool]],
) -> None:
    text = ""
    expected: dict[str, int] = {}
    for number, (body, inline) in enumerate(tables):
        text += "# a comment\n\n[[t]]\n"
        for key, value in body:
            line = text.count("\n") + 1
            path = f"t[{number}].{bare(key)}"
            if inline and "\n" not in value:
                text += f"{key} = {{ inner = {value} }} # {{\n"
                expected[f"{path}.inner"] = line
            else:
                text += f"{key} = {value}\n"
            expected[path] = line
    tomllib.loads(text)
    lines = lines_of_keys(text)
    assert {path: lines[path] for path in expected} == expected


def paths(value: Any, prefix: str = "") -> set[str]:
    if isinstance(value, dict):
        found = set()
        for name, inner in value.items():
            path = f"{prefix}.{name}" if prefix else name
            found |= {path} | paths(inner, path)
        return found
    if isinstance(value, list):
        return {
            path
            for at, inner in enumerate(value)
            for path in {f"{prefix}[{at}]"} | paths(inner, f"{prefix}[{at}]")
        }
    return set()


def test_that_no_key_of_the_reader_is_missed() -> None:
    assert paths(tomllib.loads(TEXT)) <= set(lines_of_keys(TEXT))


def test_that_every_path_has_its_line_and_there_is_no_other() -> None:
    text = """\
# first
top = 1

[a.b]  # a table below one that is only named
c.d = [[1], {e = 2, f = {}}, "x]"]
g = '''
]
'''

[[list]]
[[list.inner]]
x = 1
[[list.inner]]
y = { z = [
  # a comment, with "commas"
  1,
  2,
] }
[[list]]
[list.named]
w = ""
"quoted . key" = true
"""
    assert set(paths(tomllib.loads(text))) <= set(lines_of_keys(text))
    assert lines_of_keys(text) == {
        "top": 2,
        "a": 4,
        "a.b": 4,
        "a.b.c": 5,
        "a.b.c.d": 5,
        "a.b.c.d[0]": 5,
        "a.b.c.d[0][0]": 5,
        "a.b.c.d[1]": 5,
        "a.b.c.d[1].e": 5,
        "a.b.c.d[1].f": 5,
        "a.b.c.d[2]": 5,
        "a.b.g": 6,
        "list": 10,
        "list[0]": 10,
        "list[0].inner": 11,
        "list[0].inner[0]": 11,
        "list[0].inner[0].x": 12,
        "list[0].inner[1]": 13,
        "list[0].inner[1].y": 14,
        "list[0].inner[1].y.z": 14,
        "list[0].inner[1].y.z[0]": 16,
        "list[0].inner[1].y.z[1]": 17,
        "list[1]": 19,
        "list[1].named": 20,
        "list[1].named.w": 21,
        "list[1].named.quoted . key": 22,
    }


def test_that_text_of_a_key_may_hold_what_ends_one() -> None:
    assert lines_of_keys('a = """x\\""""""\nb = 1\n') == {"a": 1, "b": 2}
    assert lines_of_keys('\'q\' . "r\\"s" = 1\nt = 2') == {"q": 1, 'q.r\\"s': 1, "t": 2}
    assert lines_of_keys("a = [ , ]\nb = []\nc = {}\nd = 1") == {"a": 1, "b": 2, "c": 3, "d": 4}
    assert lines_of_keys("") == {}
    assert lines_of_keys("a = [1,\n2") == {"a": 1, "a[0]": 1, "a[1]": 2}


def test_that_the_nearest_table_around_a_key_is_its_line() -> None:
    lines = {"a": 1, "a.b[0]": 3, "c[1]": 7}
    assert line_of("a.b[0].x.y", lines) == 3
    assert line_of("a.b[1].x", lines) == 1
    assert line_of("a.z", lines) == 1
    assert line_of("c[1]", lines) == 7
    assert line_of("c[2]", lines) is None
    assert line_of("x", lines) is None
    assert line_of("", lines) is None
    assert line_of("b", {"": 9}) is None


def test_that_brackets_in_a_comment_before_the_first_key_open_nothing() -> None:
    assert lines_of_keys("# [not an array\na = 1\n") == {"a": 2}
    assert lines_of_keys("\n\n[t]\na = 1") == {"t": 3, "t.a": 4}


def test_that_a_closing_bracket_is_stepped_over_alone() -> None:
    assert lines_of_keys("a = {b = [1]}\nc = 2") == {"a": 1, "a.b": 1, "a.b[0]": 1, "c": 2}
    assert lines_of_keys("a = [[1],[2]]\n[t]") == {
        "a": 1, "a[0]": 1, "a[0][0]": 1, "a[1]": 1, "a[1][0]": 1, "t": 2,
    }  # fmt: skip
