"""Finds every text of the program that a person reads in the window, with the context it stands in.

Two kinds. What `gui` says stands in `self.tr("...")`, whose context is the class, or in a function
of a module that calls `QCoreApplication.translate("context", text)`. What `core` and `services`
say is English by design, for the command line, JSON, exports and the history: their sentences, with
numbered holes where values are put in, are the context `SENTENCES`, by which the window knows them
again (`landfall.gui.sentences`).
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from prose import chosen_names, is_prose, nodes, template, variants

SENTENCES = "sentences"
SPOKEN_ROOTS = ("core", "services", "bootstrap")
WORDS = {
    "core/demand/outlook.py": (
        *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    ),
    "core/demand/forecast.py": ("predictable", "variable", "unpredictable", "unknown"),
    "core/quality/priors.py": ("low", "medium", "high"),
    "core/verdict/verdict.py": ("provisional",),
    "core/verdict/decision_table.py": (
        *("complex reasoning", "novel", "creative", "long agentic", "user facing analytic"),
    ),
    "core/quality/paired_tests.py": ("pass", "fail", "inconclusive", "unmeasured"),
    "services/benchmark/plan.py": ("short", "medium", "long"),
    "services/hardware/host.py": ("processor", "memory", "disk"),
}
"""Single words that are put into a sentence as a value, by the module that says them."""
RESOURCE_TEXTS = {
    "providers.json": ("notes",),
    "rules.json": ("turns",),
    "subscriptions.json": ("notes",),
    "thresholds.json": ("source",),
}
"""Keys of resources whose sentences the window shows."""
NOT_SHOWN = (
    # Written into files whose language is English, or asked of a model.
    "core/reporting/",
    "core/routing/folder_text.py",
    "core/models/layers.py",  # names of architectures
    "core/models/recurrent.py",
    "core/quality/exports.py",
    "services/quality/judging.py",  # what a judge is asked
    "services/side_by_side/export.py",
    "services/reports/",
    "services/installation/kept_files.py",  # said by `landfall forget` alone
    "services/history/migrations/",
    "services/history/list_places.py",  # names among the facts of the history, and SQL
    "services/history/row_owners.py",
    "bootstrap/selftest",
)
"""Below app/landfall: modules of `SPOKEN_ROOTS` whose texts no window shows."""


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """One text: its context, the English, and the file in which it stands."""

    context: str
    text: str
    file: str


class NotTranslatable(Exception):
    """A text is put together before it is translated, or translated before a language is chosen."""


def find(package: Path) -> list[Source]:
    """Every text below app/landfall, sorted, each once a context.

    Raises:
        NotTranslatable: says file and line.
    """
    found: dict[tuple[str, str], Source] = {}
    for name, tree in _modules(package):
        sources: Iterable[Source]
        if name.startswith("gui/"):
            sources = (*_of_window(tree, name), *_values_of_window(tree, name))
        elif name.startswith(SPOKEN_ROOTS) and not name.startswith(NOT_SHOWN):
            # What puts the window together speaks with `self.tr` too.
            sources = (*_of_window(tree, name), *_sentences(tree, name))
        else:
            continue
        for source in sources:
            found.setdefault((source.context, source.text), source)
    for source in _of_resources(package.parents[1] / "resources"):
        found.setdefault((source.context, source.text), source)
    for name, words in WORDS.items():
        for word in words if (package / name).is_file() else ():
            found.setdefault((SENTENCES, word), Source(SENTENCES, word, name))
    return sorted(found.values())


def _of_resources(folder: Path) -> Iterator[Source]:
    for name, wanted in RESOURCE_TEXTS.items():
        if not (folder / name).is_file():
            continue
        for text in _values_of(json.loads((folder / name).read_text(encoding="utf-8")), wanted):
            # Several sentences are known one by one, as the window joins them.
            for sentence in re.split(r"(?<=[.]) (?=[A-Z])", text):
                if is_prose(sentence):
                    yield Source(SENTENCES, sentence, f"resources/{name}")


def _values_of(document: object, wanted: tuple[str, ...], key: str = "") -> Iterator[str]:
    """The texts of some keys of a JSON document, however deep."""
    if isinstance(document, dict):
        for name, one in document.items():
            yield from _values_of(one, wanted, name)
    elif isinstance(document, list):
        for one in document:
            yield from _values_of(one, wanted, key)
    elif isinstance(document, str) and key in wanted:
        yield document


def untranslated(package: Path) -> list[str]:
    """Words of the window that are not translated: file, line and words."""
    return [
        f"{name}:{node.lineno}: {text!r} is shown and not translated"
        for name, tree in _modules(package, below="gui")
        for node, text in _bare(tree, name)
    ]


def _modules(package: Path, *, below: str = "") -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((package / below).rglob("*.py")):
        name = path.relative_to(package).as_posix()
        yield name, ast.parse(path.read_text(encoding="utf-8"))


_SAYING = (
    *("AppError", "BadInput", "DiskFull", "Unavailable", "NetworkUnavailable", "OllamaUnavailable"),
    *("Unknown", "Estimated", "Measured", "Published", "Stated"),
)
"""Values of core that carry English words, also where the window makes them."""
_SILENT_CALLS = ("setObjectName", "setStyleSheet", "compile", "Signal", "import_module", "late")
_SILENT_ERRORS = ("AssertionError", "LookupError", "OSError", "PermissionError", "RuntimeError",
                  "TypeError", "ValueError", "KeyError")  # fmt: skip
_NOT_WORDS = frozenset(
    {
        *("side by side", "quality run"),  # keys of tasks
        # Values that are kept.
        *("server counters", "stated by the provider", "at once ", "plain http", "quality judge"),
        # Pieces of the core's words that are looked for, and shown in the window's language.
        "an address of a tailnet or behind a carrier's translation",
        *("reachable on this link alone", "the name also leads nearer"),
        *("AA Intelligence Index", "AA Index", "Sample portfolio: ", "Page | None", "key set {0}`"),
        "Qt {0}",  # a name
    }
)
_NOT_SENTENCES = frozenset(
    {
        "unknown error",  # looked for in what the system says
        # Looked for in what the parser of TOML says.
        r"(.*?)( \(at (?:line (\d+), column \d+|end of document)\))?",
        r"Cannot declare (\(.+\)) twice",
        "Cannot overwrite a value",
        r"Cannot (?:mutate immutable|redefine) namespace (\(.+\))",
        r"\[(?:Errno|WinError) (-?\d+)\] *",
        # Patterns of a modelfile.
        r"^FROM (.+[/\\]sha256-[0-9a-f]+)$",
        r"^FROM .*[/\\]blobs[/\\]sha256-([0-9a-f]{64})",
    }
)
"""Of the core and the services."""
_NOT_SHOWN_MODULES = (
    "gui/reports/",  # a report is English
    "gui/bug_report.py",
    "gui/machine/facts.py",  # its text is for a message to others
    "gui/hints.py",
)


def _values_of_window(tree: ast.Module, name: str) -> Iterator[Source]:
    """English words that the window itself puts into a value of core."""
    pieces = _pieces(tree)
    for node in _said_in(tree, _SAYING):
        if id(node) in pieces:
            continue
        text = template(node)
        if text is not None and is_prose(text):
            yield Source(SENTENCES, text, name)


def _bare(tree: ast.Module, name: str) -> Iterator[tuple[ast.expr, str]]:
    if name.startswith(_NOT_SHOWN_MODULES):
        return
    contexts = _translating_functions(tree)
    known = _silent(tree) | {
        id(node) for node in _said_in(tree, (*_SAYING, *_SILENT_CALLS, *_SILENT_ERRORS))
    }
    for scope, call in _calls(tree):
        context, _ = _asked(call, scope, contexts)
        if context is not None:
            known |= {id(part) for part in ast.walk(call)}
    known |= _pieces(tree)
    for node in nodes(tree):
        if id(node) in known or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        text = template(node)
        if text and is_prose(text) and text not in _NOT_WORDS and not _MARKUP.search(text):
            yield node, text


def _said_in(tree: ast.Module, names: tuple[str, ...]) -> Iterator[ast.expr]:
    for node in nodes(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else None
            name = function.id if isinstance(function, ast.Name) else name
            if name in names:
                for part in ast.walk(node):
                    if isinstance(part, ast.Constant | ast.JoinedStr):
                        yield part


def _pieces(tree: ast.Module) -> set[int]:
    """The pieces of texts with holes: the whole counts."""
    return {
        id(piece)
        for node in nodes(tree)
        if isinstance(node, ast.JoinedStr)
        for piece in node.values
    }


_MARKUP = re.compile(r"<\w+ |text-decoration|\*\.\w+\)|^\{\d\}:|^`|:\{0\}$")


def _of_window(tree: ast.Module, name: str) -> Iterator[Source]:
    contexts = _translating_functions(tree)
    for scope, call in _calls(tree):
        context, argument = _asked(call, scope, contexts)
        if context is None or argument is None:
            continue
        where = f"{name}:{call.lineno}"
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            if _is_inside_own_function(call, scope, contexts):
                continue
            raise NotTranslatable(f"{where}: only a text written out can be translated.")
        if scope.function is None:
            raise NotTranslatable(f"{where}: translated on import, before a language is chosen.")
        yield Source(context, argument.value, name)


@dataclass(frozen=True, slots=True)
class _Scope:
    class_name: str
    function: str | None


def _calls(tree: ast.Module) -> Iterator[tuple[_Scope, ast.Call]]:
    def walk(node: ast.AST, scope: _Scope) -> Iterator[tuple[_Scope, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            inner = scope
            if isinstance(child, ast.ClassDef):
                inner = _Scope(child.name, scope.function)
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                inner = _Scope(scope.class_name, child.name)
            if isinstance(child, ast.Call):
                yield inner, child
            yield from walk(child, inner)

    return walk(tree, _Scope("", None))


def _translating_functions(tree: ast.Module) -> dict[str, str]:
    """Functions of the module that only translate, by name, with their context."""
    contexts = {}
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        match node.body[-1]:
            case ast.Return(
                value=ast.Call(
                    func=ast.Attribute(attr="translate"),
                    args=[ast.Constant(value=str(context)), ast.Name(id=text)],
                )
            ) if text == node.args.args[0].arg:
                contexts[node.name] = context
    return contexts


def _asked(
    call: ast.Call, scope: _Scope, contexts: dict[str, str]
) -> tuple[str | None, ast.expr | None]:
    match call:
        case ast.Call(func=ast.Attribute(attr="tr"), args=[argument, *_]):
            return scope.class_name or None, argument
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="QCoreApplication"), attr="translate"),
            args=[ast.Constant(value=str(context)), argument, *_],
        ):
            return context, argument
        case ast.Call(func=ast.Name(id=name), args=[argument, *_]) if name in contexts:
            return contexts[name], argument
    return None, None


def _is_inside_own_function(call: ast.Call, scope: _Scope, contexts: dict[str, str]) -> bool:
    return scope.function in contexts and isinstance(call.func, ast.Attribute)


def _sentences(tree: ast.Module, name: str) -> Iterator[Source]:
    silent = _silent(tree) | _pieces(tree)
    chosen = chosen_names(tree)
    for node in nodes(tree):
        if id(node) in silent:
            continue
        for text in variants(node, chosen.get(id(node), {})):
            if is_prose(text) and text not in _NOT_SENTENCES:
                yield Source(SENTENCES, text, name)


def _silent(tree: ast.Module) -> set[int]:
    """Docstrings and lone strings, keys, and what is written to a log."""
    found: set[int] = set()
    for node in nodes(tree):
        match node:
            case ast.Expr(value=ast.Constant() as text):
                found.add(id(text))
            case ast.Assert(msg=ast.expr() as text):
                found |= {id(part) for part in ast.walk(text)}
            case (
                ast.Call(func=ast.Attribute(value=ast.Name(id="_log" | "log" | "logger")))
                | ast.Call(func=ast.Attribute(attr="tr"))
            ):
                found |= {id(part) for part in ast.walk(node)}
    return found
