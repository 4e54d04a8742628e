"""Imports on demand from several threads at once."""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from landfall import services
from landfall.services.late_imports import late

SLOW = """
import threading
import landfall_test_shared as shared
shared.order.append((__name__, "begins"))
threading.Event().wait(0.05)
shared.order.append((__name__, "ends"))
"""
SHARED = "landfall_test_shared"
NAMES = [f"landfall_test_slow_{n}" for n in range(3)]


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / f"{SHARED}.py").write_text("order = []\n")
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text(SLOW)
    for name in (SHARED, *NAMES):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("modules")
def test_that_one_import_ends_before_the_next_begins() -> None:
    threads = [
        threading.Thread(target=late, args=(name,), name=f"importing {name}") for name in NAMES
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    order = late(SHARED).order
    assert len(order) == 2 * len(NAMES)
    for (begun, begins), (ended, ends) in zip(order[::2], order[1::2], strict=True):
        assert (begun, begins, ends) == (ended, "begins", "ends")


@pytest.mark.usefixtures("modules")
def test_that_what_is_there_waits_for_no_other_import() -> None:
    shared = late(SHARED)
    thread = threading.Thread(target=late, args=(NAMES[0],), name="importing")
    thread.start()
    while not shared.order:
        threading.Event().wait(0.001)
    assert late(SHARED).order == [(NAMES[0], "begins")]
    assert late(NAMES[0]).shared.order[-1] == (NAMES[0], "ends"), "what is on its way comes whole"
    thread.join()


def of_the_loop(function: ast.AST) -> Iterator[ast.AST]:
    """What runs in the thread of the loop; functions inside may be for another one."""
    for inner in ast.iter_child_nodes(function):
        if not isinstance(inner, ast.FunctionDef | ast.Lambda):
            yield inner
            yield from of_the_loop(inner)


def test_that_no_service_imports_late_in_the_thread_of_a_loop() -> None:
    found = [
        f"{file.name}:{call.lineno}"
        for file in sorted(Path(services.__path__[0]).rglob("*.py"))
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(function, ast.AsyncFunctionDef)
        for call in of_the_loop(function)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "late"
    ]
    assert not found, "say `await in_thread(late, ...)`"
