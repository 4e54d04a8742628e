"""What is changed in a source, and what is not."""

from __future__ import annotations

import ast

import pytest

from tests.mutation.operators import count, mutated, places


def changes(source: str) -> list[tuple[str, str]]:
    return [(one.before, one.after) for one in places(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = b + c", [("b + c", "b - c")]),
        ("a = b < c", [("b < c", "b <= c"), ("b < c", "b >= c")]),
        ("a = b is None", [("b is None", "b is not None")]),
        ("a = b in c", [("b in c", "b not in c")]),
        ("a = b == 'x'", [("b == 'x'", "b != 'x'"), ("b == 'x'", "b == 'x~'")]),
        ("a = b and c", [("b and c", "b or c")]),
        ("a = not b", [("not b", "b")]),
        ("a = b if c else d", [("b if c else d", "b if not c else d")]),
        ("a = [b for b in c if b]", [("for b in c if b", "for b in c if not b")]),
        ("a = 2.5", [("2.5", "3.5"), ("2.5", "1.5")]),
        ("a = True", [("True", "False")]),
        ("a = max(b)", [("max(b)", "min(b)")]),
        ("a = f(b, c)", [("f(b, c)", "f(c, b)")]),
        ("a.b = c", [("a.b = c", "pass")]),
        ("a += b", [("a += b", "pass"), ("a += b", "a -= b")]),
        ("f()", [("f()", "pass")]),
        ("def f():\n    return False", [("False", "True")]),
        ("if a:\n    b = c", [("if a: b = c", "if not a: b = c")]),
        ("def f(a=False):\n    return a", [("False", "True"), ("return a", "return None")]),
    ],
)
def test_that_a_place_is_changed(source: str, expected: list[tuple[str, str]]) -> None:
    found = [(before.strip(), after.strip()) for before, after in changes(source)]
    assert [(b, " ".join(a.split())) for b, a in found] == expected


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring."""',
        "import a",
        "__slots__ = (1, 2)",
        "a: Literal[1]",
        "a: int | None",
        "A = TypeVar('A', bound=1)",
        "A = int | None",
        "a = 'a text' + b",
        "a = f'{b:.2f}'",
        "if TYPE_CHECKING:\n    a = 1",
        "class A(Protocol):\n    b = 1",
        "@overload\ndef f(a=1):\n    return a",
        "@lru_cache(maxsize=1)\ndef f(): ...",
        "assert_never(a)",
        "for a in zip(b, c, strict=True): ...",
        "a = isinstance(b, c)",
        "a = f(b, b)",
        "a = f('wrong', f'do {b}')",
        "def f():\n    return None",
        "a = 1e30",
    ],
)
def test_that_what_means_nothing_is_left_alone(source: str) -> None:
    assert changes(source) == []


def test_that_each_mutant_is_the_source_with_one_change() -> None:
    source = "def f(a, b=1):\n    if a < b and not a:\n        return max(a, b) + 2\n    f(a, b)\n"
    found = places(source)
    assert count(source) == len(found)
    texts = {ast.unparse(mutated(source, one.index)) for one in found}
    assert len(texts) == len(found)
    assert ast.unparse(ast.parse(source)) not in texts
    with pytest.raises(IndexError):
        mutated(source, len(found))


def test_that_only_wanted_places_are_given() -> None:
    source = "a = 1 + 2"
    assert places(source, {1}) == [places(source)[1]]


def test_that_a_place_knows_its_function_and_what_binds_it() -> None:
    source = "class A:\n    b = 1\n    @c\n    def f(self, d=2):\n        return e\nG = 3\n"
    by_line = {one.line: one for one in places(source)}
    assert by_line[2].names == {"A", "b"}
    assert by_line[2].function is None
    assert by_line[4].names == {"A", "f"}  # the default is made where the class is
    assert by_line[4].function is None
    assert list(by_line[4].lines) == [5]
    assert by_line[5].function == ("A.f", 3)  # Python counts from the decorator
    assert by_line[6].names == {"G"}
