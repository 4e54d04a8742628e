"""Every number that enters a bill, a load or a verdict says where it comes from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import landfall

ROOT = Path(landfall.__file__).parent
FOLDERS = ("core/costs", "core/demand", "core/verdict")
SHARES = (
    "services/power",
    "core/energy/wall.py",
    "core/models/catalogue.py",
    "services/models/model_rows.py",
)
_ORDERS = frozenset({"core/costs/subscriptions.py:_ORDER"})
"""An order of words, no quantity."""


def _modules(places: tuple[str, ...]) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from sorted(path.glob("*.py")) if path.is_dir() else [path]


def _is_text(node: ast.stmt | None) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    else:
        return []
    numbers = [
        one.value
        for one in ast.walk(node)
        if isinstance(one, ast.Constant)
        and isinstance(one.value, int | float)
        and not isinstance(one.value, bool)
    ]
    found = [one.id for one in ast.walk(targets[0]) if isinstance(one, ast.Name)]
    return found if numbers else []


def _silent(path: Path, ends: str = "") -> list[str]:
    """Constants of a module that neither they nor the group they stand in explain.

    A group is assignments that follow one another; a text behind it or a comment before it speaks
    for all of it.
    """
    text = path.read_text(encoding="utf-8")
    body, lines = ast.parse(text).body, text.splitlines()
    found = []
    for at, node in enumerate(body):
        names = [name for name in _names(node) if name.endswith(ends)]
        if not names:
            continue
        last = at
        while last + 1 < len(body) and _names(body[last + 1]):
            last += 1
        first = at
        while first > 0 and _names(body[first - 1]):
            first -= 1
        behind = body[last + 1] if last + 1 < len(body) else None
        before = lines[body[first].lineno - 2].strip() if body[first].lineno > 1 else ""
        if not _is_text(behind) and not before.startswith("#"):
            found += [f"{path.relative_to(ROOT).as_posix()}:{name}" for name in names]
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_that_every_number_of_bills_loads_and_verdicts_says_what_it_is(folder: str) -> None:
    silent = [name for path in _modules((folder,)) for name in _silent(path)]
    assert [name for name in silent if name not in _ORDERS] == []


def test_that_every_band_that_is_assumed_says_why_it_is_so_wide() -> None:
    ends = ("_SHARE", "_SPREAD", "_EFFICIENCY")
    assert [name for path in _modules(SHARES) for end in ends for name in _silent(path, end)] == []
