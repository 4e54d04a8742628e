"""The words for a person in what Python writes: texts with numbered holes, one for each choice."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import lru_cache


@lru_cache(maxsize=1)
def nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """All that stands in a module; several rules look at one module after the other."""
    return tuple(ast.walk(tree))


_CONTROL = re.compile(r"[\x00-\x1f]")
_ONE_WORD = re.compile(r"(?:^|[ (])(?:[a-z]|\b[A-Z](?=[a-z]+:? \{))[a-z]+(?:[ ).,;:]|$)")
"""A value with a word beside it: "{0} tokens", " since {0}", "Because {0}"."""
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_NO_PROSE = re.compile(
    r"^\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|PRAGMA|BEGIN|WITH|FROM|WHERE|ORDER|AND|"
    r"LEFT|JOIN|GROUP|VALUES|ATTACH|VACUUM|REPLACE|COALESCE|SUM)\b|^\{?\w+\}?\[| WHERE | AS \{"
)


Names = dict[str, ast.expr]
_MOST_VARIANTS = 12


def chosen_names(tree: ast.Module) -> dict[int, Names]:
    """For each text with holes the names of its function that are given a value only once."""
    found: dict[int, Names] = {}
    for function in nodes(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        inside = list(ast.walk(function))
        stored = Counter(
            node.id
            for node in inside
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        )
        names = {
            target.id: node.value
            for node in inside
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and stored[target.id] == 1
        }
        found |= {id(node): names for node in inside if isinstance(node, ast.JoinedStr)}
    return found


def variants(node: ast.AST, names: Names) -> list[str]:
    """A text with its holes; one for each word that the program chooses between."""
    if not isinstance(node, ast.JoinedStr):
        text = template(node)
        return [] if text is None else [text]
    if any(isinstance(value, ast.Constant) and "{" in str(value.value) for value in node.values):
        return [text] if (text := template(node)) is not None else []
    texts = _expanded(node, names)
    # "because: {}" where nothing may be known of it: without, it is never said.
    whole = [text for text in texts if not text.endswith((": ", ": .", " of "))]
    return [_numbered(text) for text in whole or texts]


def _expanded(node: ast.expr, names: Names) -> list[str]:
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=body, orelse=orelse):
            return [*_expanded(body, names), *_expanded(orelse, names)]
        case ast.JoinedStr(values=values):
            texts = [""]
            for value in values:
                pieces = _choice(value, names)
                if len(texts) * len(pieces) > _MOST_VARIANTS:
                    pieces = ["{}"]
                texts = [text + piece for text in texts for piece in pieces]
            return texts
    return ["{}"]


def _choice(value: ast.expr, names: Names) -> list[str]:
    """What may stand in a hole: words that are chosen between, else "{}"."""
    if not isinstance(value, ast.FormattedValue):
        return _expanded(value, names)
    inner = value.value
    if isinstance(inner, ast.Name):
        inner = names.get(inner.id, inner)
    if value.format_spec is None and isinstance(inner, ast.IfExp):
        pieces = list(dict.fromkeys(_expanded(inner, names)))
        if any(not piece or _LETTERS.search(piece) for piece in pieces):
            return pieces
    return ["{}"]


def _numbered(text: str) -> str:
    first, *rest = text.split("{}")
    return first + "".join(f"{{{hole}}}{part}" for hole, part in enumerate(rest))


def template(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            holes = 0
            text = ""
            for value in values:
                if isinstance(value, ast.Constant):
                    text += str(value.value)
                else:
                    text += f"{{{holes}}}"
                    holes += 1
            return text
    return None


def is_prose(text: str) -> bool:
    """Whether a text of core or services is words for a person: two words at least, no code."""
    if _NO_PROSE.search(text) or _CONTROL.search(text) or " " not in text.strip():
        return False
    plain = re.sub(r"\{\w*\}", " ", text)
    words = len(_LETTERS.findall(plain))
    return words >= 2 or (words == 1 and plain != text and bool(_ONE_WORD.search(text)))
