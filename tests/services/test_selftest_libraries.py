"""The self-test imports every library that the program imports somewhere, however late."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from landfall.bootstrap import selftest, selftest_parts

APP = Path(selftest_parts.__file__).parents[1]
LATE = re.compile(r'(?:import_module|\blate)\(\s*"([\w.]+)"\s*\)')


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_that_no_library_is_forgotten() -> None:
    found: set[str] = set()
    for path in APP.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found |= {*imported(ast.parse(text)), *LATE.findall(text)}
    wanted = {name.partition(".")[0] for name in found} - set(sys.stdlib_module_names)
    known = {name.partition(".")[0] for name in selftest_parts.LIBRARIES}
    assert wanted - known - {"landfall"} == set()
    assert {"genai_prices", "PySide6", "pynvml"} <= wanted


@pytest.mark.parametrize("stated", [None, "E:\\Letters"])
def test_that_offscreen_windows_is_told_where_its_fonts_are(
    monkeypatch: pytest.MonkeyPatch, stated: str | None
) -> None:
    surroundings = {"SYSTEMROOT": "D:\\Windows"}
    surroundings |= {"QT_QPA_FONTDIR": stated} if stated else {}
    monkeypatch.setattr(os, "environ", surroundings)
    monkeypatch.setattr(sys, "platform", "win32")
    selftest._set_surroundings()
    assert surroundings["QT_QPA_PLATFORM"] == "offscreen"
    assert surroundings["QT_QPA_FONTDIR"] == (stated or os.path.join("D:\\Windows", "Fonts"))
