"""Modules that the program imports by name: no analysis of its bytecode finds them."""

from __future__ import annotations

import ast
import importlib.metadata
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path

from packaging.requirements import Requirement

_CALLS = {"import_module", "late"}
_NOT_MEANT = {"example"}  # it lies beside pynvml


def of_source(folder: Path) -> list[str]:
    """The names in calls of `import_module("name")` and `late("name")` below a folder of ours.

    Names that are put together at run time are of our own package, which is collected whole.
    """
    found = set[str]()
    for file in folder.rglob("*.py"):
        found.update(_named(ast.parse(file.read_text(encoding="utf-8"))))
    return sorted(found)


def _named(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = getattr(node.func, "attr", getattr(node.func, "id", None))
        word = node.args[0]
        if called in _CALLS and isinstance(word, ast.Constant) and isinstance(word.value, str):
            yield word.value


def of_dependencies(dependencies: list[str]) -> list[str]:
    """The modules and packages that the requirements of a project bring to its importers.

    Some lists of what a package brings hold names that cannot be imported: `_sodium` lies inside of
    `nacl`, `Shiboken` is a folder without modules.
    """
    wanted = {_plain(Requirement(one).name) for one in dependencies}
    brought = importlib.metadata.packages_distributions()
    return sorted(
        module
        for module, distributions in brought.items()
        if module not in _NOT_MEANT
        and wanted & {_plain(one) for one in distributions}
        and PathFinder.find_spec(module) is not None
    )


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
