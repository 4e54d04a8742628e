"""Whether a JSON value follows a JSON schema: the rules that answers of models are held against.

A part of JSON Schema (draft 2020-12, core and validation): types, enums, objects, arrays, numbers,
text, the combinations, and references inside the schema. A word that is not known here is said by
`unknown_rules`, never passed over.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sized
from typing import Any

_DEEPEST = 64
_ONLY_WORDS = frozenset(
    {
        "$schema", "$id", "$defs", "definitions", "$comment", "title", "description", "default",
        "examples", "deprecated", "readOnly", "writeOnly", "format", "then", "else",
    }
)  # fmt: skip
"""Words that ask for nothing by themselves; `format` too, an annotation in draft 2020-12."""

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": Mapping,
    "array": list,
    "string": str,
    "number": (int, float),
    "integer": (int, float),
    "boolean": bool,
    "null": type(None),
}


def unknown_rules(schema: Any) -> tuple[str, ...]:
    """The words of a schema that are not checked here, and those with a value they cannot have."""
    return tuple(dict.fromkeys(_unknown(schema, schema, 0)))


def broken_rule(value: Any, schema: Any) -> str:
    """The first rule of the schema that a value breaks, with its place; "" where it follows all.

    The schema is one in which `unknown_rules` finds nothing.
    """
    return _broken(value, schema, _Place(root=schema, path="$", depth=0))


class _Place:
    """Where in the value the check is, and the whole schema for its references."""

    __slots__ = ("depth", "path", "root")

    def __init__(self, *, root: Any, path: str, depth: int) -> None:
        self.root = root
        self.path = path
        self.depth = depth

    def inside(self, step: str = "") -> _Place:
        return _Place(root=self.root, path=self.path + step, depth=self.depth + 1)


def _broken(value: Any, schema: Any, place: _Place) -> str:
    if schema is True:
        return ""
    if schema is False:
        return f"{place.path} is not allowed"
    if place.depth > _DEEPEST:
        return f"{place.path} is nested too deep"
    for word, rule in schema.items():
        check = _RULES.get(word)
        if check is not None and (found := check(rule, value, schema, place)):
            return found if found.startswith("$") else f"{place.path}: {word} {found}"
    return ""


# What a schema may hold


def _unknown(schema: Any, root: Any, depth: int) -> Iterator[str]:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        yield "a schema that is no object"
        return
    if depth > _DEEPEST:
        yield "a schema that is nested too deep"
        return
    for word, rule in schema.items():
        if word in _SCHEMA_OF:
            for inner in _SCHEMA_OF[word](rule):
                yield from _unknown(inner, root, depth + 1)
        elif word not in _RULES and word not in _ONLY_WORDS:
            yield str(word)
        elif word in _VALUE_OF and not _VALUE_OF[word](rule):
            yield f"{word} with such a value"
        elif word == "$ref" and _target(rule, root) is None:
            yield f"$ref to {rule}"


def _is_count(rule: Any) -> bool:
    return isinstance(rule, int) and not isinstance(rule, bool) and rule >= 0


def _is_number(rule: Any) -> bool:
    return isinstance(rule, int | float) and not isinstance(rule, bool)


def _is_positive(rule: Any) -> bool:
    return _is_number(rule) and rule > 0


def _is_pattern(rule: Any) -> bool:
    try:
        return isinstance(rule, str) and bool(re.compile(rule))
    except (re.error, RecursionError, OverflowError):
        return False


def _are_names(rule: Any) -> bool:
    return isinstance(rule, list) and all(isinstance(one, str) for one in rule)


def _are_types(rule: Any) -> bool:
    names = rule if isinstance(rule, list) else [rule]
    return all(isinstance(one, str) and one in _TYPES for one in names)


def _is_list(rule: Any) -> bool:
    return isinstance(rule, list)


def _is_flag(rule: Any) -> bool:
    return isinstance(rule, bool)


def _needs(rule: Any) -> bool:
    return isinstance(rule, Mapping) and all(_are_names(one) for one in rule.values())


_VALUE_OF: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
        _is_count,
    ),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
    "multipleOf": _is_positive,
    "pattern": _is_pattern,
    "required": _are_names,
    "dependentRequired": _needs,
    "type": _are_types,
    "enum": _is_list,
    "uniqueItems": _is_flag,
}


def _itself(rule: Any) -> list[Any]:
    return [rule]


def _members(rule: Any) -> list[Any]:
    return rule if isinstance(rule, list) and rule else [None]


def _named(rule: Any) -> list[Any]:
    return list(rule.values()) if isinstance(rule, Mapping) else [None]


def _by_pattern(rule: Any) -> list[Any]:
    are_patterns = isinstance(rule, Mapping) and all(map(_is_pattern, rule))
    return list(rule.values()) if are_patterns else [None]


_SCHEMA_OF: Mapping[str, Callable[[Any], list[Any]]] = {
    **dict.fromkeys(
        ("items", "additionalProperties", "propertyNames", "not", "if", "then", "else", "contains"),
        _itself,
    ),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _members),
    **dict.fromkeys(("properties", "$defs", "definitions"), _named),
    "patternProperties": _by_pattern,
}
"""The schemas inside a rule; a rule that is none gives None, which is no schema."""


def _target(reference: Any, root: Any) -> Any:
    """The schema that a reference names inside the whole one, or None."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    found = root
    for part in reference[1:].split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return found if reference == "#" or reference.startswith("#/") else None


# The rules: each says what is broken, or ""


def _same(first: Any, second: Any) -> bool:
    """Equal as JSON: 1 is 1.0, and neither is true."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_same, first, second))
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return first.keys() == second.keys() and all(_same(first[k], second[k]) for k in first)
    return bool(first == second)


def _is_of(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name])


def _type(rule: Any, value: Any, _schema: Any, _place: _Place) -> str:
    names = rule if isinstance(rule, list) else [rule]
    return "" if any(_is_of(value, name) for name in names) else f"is {' or '.join(names)}"


def _enum(rule: Any, value: Any, _schema: Any, _place: _Place) -> str:
    return "" if any(_same(value, one) for one in rule) else "does not list it"


def _const(rule: Any, value: Any, _schema: Any, _place: _Place) -> str:
    return "" if _same(value, rule) else "is another"


def _required(rule: Any, value: Any, _schema: Any, _place: _Place) -> str:
    if isinstance(value, Mapping) and (missing := [name for name in rule if name not in value]):
        return f"misses {missing[0]}"
    return ""


def _dependent(rule: Any, value: Any, _schema: Any, _place: _Place) -> str:
    if isinstance(value, Mapping):
        for name, needed in rule.items():
            if name in value and not all(one in value for one in needed):
                return f"misses what {name} needs"
    return ""


def _properties(rule: Any, value: Any, _schema: Any, place: _Place) -> str:
    names = [name for name in rule if isinstance(value, Mapping) and name in value]
    return _first(_broken(value[name], rule[name], place.inside(f".{name}")) for name in names)


def _pattern_properties(rule: Any, value: Any, _schema: Any, place: _Place) -> str:
    if not isinstance(value, Mapping):
        return ""
    return _first(
        _broken(value[name], inner, place.inside(f".{name}"))
        for pattern, inner in rule.items()
        for name in value
        if re.search(pattern, name)
    )


def _additional(rule: Any, value: Any, schema: Any, place: _Place) -> str:
    if not isinstance(value, Mapping):
        return ""
    patterns = schema.get("patternProperties", {})
    others = [
        name
        for name in value
        if name not in schema.get("properties", {})
        and not any(re.search(pattern, name) for pattern in patterns)
    ]
    return _first(_broken(value[name], rule, place.inside(f".{name}")) for name in others)


def _property_names(rule: Any, value: Any, _schema: Any, place: _Place) -> str:
    names = value if isinstance(value, Mapping) else ()
    return _first(_broken(name, rule, place.inside(f".{name}")) for name in names)


def _prefix_items(rule: Any, value: Any, _schema: Any, place: _Place) -> str:
    members = zip(value, rule, strict=False) if isinstance(value, list) else ()
    return _first(
        _broken(one, inner, place.inside(f"[{n}]")) for n, (one, inner) in enumerate(members)
    )


def _items(rule: Any, value: Any, schema: Any, place: _Place) -> str:
    start = len(schema.get("prefixItems", ()))
    members = value[start:] if isinstance(value, list) else ()
    return _first(
        _broken(one, rule, place.inside(f"[{n}]")) for n, one in enumerate(members, start)
    )


def _contains(rule: Any, value: Any, _schema: Any, place: _Place) -> str:
    if not isinstance(value, list):
        return ""
    return "" if any(not _broken(one, rule, place.inside()) for one in value) else "is not met"


def _unique(rule: Any, value: Any, _schema: Any, _place: _Place) -> str:
    if not rule or not isinstance(value, list):
        return ""
    doubled = any(_same(one, other) for n, one in enumerate(value) for other in value[:n])
    return "is broken" if doubled else ""


def _multiple(rule: Any, value: Any, _schema: Any, _place: _Place) -> str:
    if not _is_number(value):
        return ""
    if isinstance(value, int) and isinstance(rule, int):
        return "" if value % rule == 0 else f"is {rule}"
    try:
        ratio = value / rule
        is_whole = math.isclose(ratio, round(ratio), rel_tol=1e-9, abs_tol=0)
    except OverflowError:  # infinite, or longer than any float
        is_whole = False
    return "" if is_whole else f"is {rule}"


def _pattern(rule: Any, value: Any, _schema: Any, _place: _Place) -> str:
    return "is not met" if isinstance(value, str) and not re.search(rule, value) else ""


def _all_of(rule: Any, value: Any, _schema: Any, place: _Place) -> str:
    return _first(_broken(value, inner, place.inside()) for inner in rule)


def _any_of(rule: Any, value: Any, _schema: Any, place: _Place) -> str:
    return "" if any(not _broken(value, inner, place.inside()) for inner in rule) else "is not met"


def _one_of(rule: Any, value: Any, _schema: Any, place: _Place) -> str:
    met = sum(not _broken(value, inner, place.inside()) for inner in rule)
    return "" if met == 1 else f"is met {met} times"


def _not(rule: Any, value: Any, _schema: Any, place: _Place) -> str:
    return "" if _broken(value, rule, place.inside()) else "is met"


def _if(rule: Any, value: Any, schema: Any, place: _Place) -> str:
    branch = "else" if _broken(value, rule, place.inside()) else "then"
    return _broken(value, schema.get(branch, True), place.inside())


def _reference(rule: Any, value: Any, _schema: Any, place: _Place) -> str:
    return _broken(value, _target(rule, place.root), place.inside())


def _first(found: Iterator[str]) -> str:
    return next((one for one in found if one), "")


_Rule = Callable[[Any, Any, Any, _Place], str]


def _limit(of: type[Sized], *, is_most: bool) -> _Rule:
    def check(rule: Any, value: Any, _schema: Any, _place: _Place) -> str:
        if not isinstance(value, of):
            return ""
        return f"is {rule}" if (len(value) > rule if is_most else len(value) < rule) else ""

    return check


def _bound(breaks: Callable[[float, float], bool]) -> _Rule:
    def check(rule: Any, value: Any, _schema: Any, _place: _Place) -> str:
        return f"is {rule}" if _is_number(value) and breaks(value, rule) else ""

    return check


_RULES: Mapping[str, _Rule] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "required": _required,
    "dependentRequired": _dependent,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "propertyNames": _property_names,
    "minProperties": _limit(dict, is_most=False),
    "maxProperties": _limit(dict, is_most=True),
    "prefixItems": _prefix_items,
    "items": _items,
    "contains": _contains,
    "minItems": _limit(list, is_most=False),
    "maxItems": _limit(list, is_most=True),
    "uniqueItems": _unique,
    "minLength": _limit(str, is_most=False),
    "maxLength": _limit(str, is_most=True),
    "pattern": _pattern,
    "minimum": _bound(operator.lt),
    "maximum": _bound(operator.gt),
    "exclusiveMinimum": _bound(operator.le),
    "exclusiveMaximum": _bound(operator.ge),
    "multipleOf": _multiple,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
    "$ref": _reference,
}
