"""What is named of the house is there: who moves takes mentions and imports along."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import landfall

ROOT = Path(landfall.__file__).parent
PLACES = [ROOT, Path(__file__).parent, Path(__file__).parents[1] / "packaging"]
LAYERS = "core|services|gui|cli|bootstrap"
MENTION = re.compile(rf"`(?:landfall\.)?((?:{LAYERS})(?:\.\w+)+)(?:\([^`]*\))?`")
"""`services.egress.Purpose`, with or without the name of the package before it."""
NEIGHBOUR = re.compile(r"`([a-z]+_[a-z_]+)\.\w+(?:\([^`]*\))?`")
"""`whole_export.export_history`: a module named without its room."""
OTHERS = {"gen_ai", "update_prices"}
"""Names of the same form that are of other people: keys of a standard, a library's module."""


@cache
def _names_of(module: Path) -> set[str]:
    """What a module defines, and what its classes hold: "Egress", "Egress.log"."""
    names: set[str] = set()

    def collect(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            match node:
                case ast.ClassDef():
                    names.add(prefix + node.name)
                    collect(node.body, prefix + node.name + ".")
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    names.add(prefix + node.name)
                case ast.AnnAssign(target=ast.Name(id=name)):
                    names.add(prefix + name)
                case ast.Assign():
                    names.update(prefix + t.id for t in node.targets if isinstance(t, ast.Name))
                case ast.ImportFrom():
                    names.update(prefix + (one.asname or one.name) for one in node.names)
                case ast.If():
                    collect(node.body, prefix)
                    collect(node.orelse, prefix)
                case _:
                    pass

    collect(ast.parse(module.read_text(encoding="utf-8")).body, "")
    return names


def _stands(mention: str) -> bool:
    parts = mention.split(".")
    at = ROOT
    for index, part in enumerate(parts):
        if (at / f"{part}.py").is_file():
            rest = ".".join(parts[index + 1 :])
            return not rest or rest in _names_of(at / f"{part}.py")
        if not (at / part).is_dir():
            rest = ".".join(parts[index:])
            return (at / "__init__.py").is_file() and rest in _names_of(at / "__init__.py")
        at = at / part
    return True


def test_that_every_name_in_a_docstring_or_comment_is_there() -> None:
    gone = [
        f"{file.relative_to(ROOT.parents[1])}: {mention}"
        for place in PLACES
        for file in sorted(place.rglob("*.py"))
        for mention in MENTION.findall(file.read_text(encoding="utf-8"))
        if not _stands(mention)
    ]
    assert gone == []


def test_that_a_module_named_without_its_room_is_there() -> None:
    known = OTHERS | {path.stem for path in ROOT.rglob("*") if path.suffix in ("", ".py")}
    gone = [
        f"{file.relative_to(ROOT)}: {module}"
        for file in sorted(ROOT.rglob("*.py"))
        for module in NEIGHBOUR.findall(file.read_text(encoding="utf-8"))
        if module not in known
    ]
    assert gone == []


def test_that_scripts_import_what_is_there() -> None:
    """They are not type-checked, and some run at a release only."""
    gone = [
        f"{script.name}:{node.lineno}: {node.module}.{one.name}"
        for script in sorted(PLACES[-1].rglob("*.py"))
        for node in ast.walk(ast.parse(script.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("landfall.")
        for one in node.names
        if not _stands(f"{node.module}.{one.name}".removeprefix("landfall."))
    ]
    assert gone == []
