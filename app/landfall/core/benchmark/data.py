"""Plans and results of benchmarks as plain data, and back: what a database or a file can hold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from landfall.core.benchmark.benchmark import BenchmarkResult, BenchPlan
from landfall.core.errors import BadInput
from landfall.core.provenance import Estimated, Figure, Measured, Unknown

T = TypeVar("T")


def as_data(value: Any) -> Any:
    """Values of `core.benchmark.benchmark` as dicts, lists, texts and numbers."""
    match value:
        case Measured(value=number, at=at, where=where):
            return {"value": number, "at": at, "where": where}
        case Estimated(low=low, mid=mid, high=high, formula=formula):
            return {"low": low, "mid": mid, "high": high, "formula": formula}
        case Unknown(reason=reason):
            return {"reason": reason}
        case Enum():
            return value.value
        case Mapping():
            return {str(key): as_data(item) for key, item in value.items()}
        case str():
            return value
        case Sequence():
            return [as_data(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: as_data(getattr(value, one.name)) for one in fields(value)}
    return value


def plan_of(data: Mapping[str, Any]) -> BenchPlan:
    """A plan as it was.

    Raises:
        BadInput: the data are none, or of another version.
    """
    try:
        return _made(BenchPlan, data)
    except (TypeError, ValueError) as error:
        raise BadInput(f"This is no plan of a benchmark: {error}.", field="plan") from error


def result_of(data: Mapping[str, Any]) -> BenchmarkResult:
    """A result as it was.

    Raises:
        BadInput: the data are none, or of another version.
    """
    try:
        return _made(BenchmarkResult, data)
    except (TypeError, ValueError) as error:
        raise BadInput(f"This is no result of a benchmark: {error}.", field="result") from error


# Every value is checked against the annotation of its field: a file of somebody else's may hold
# anything, and a rate that is a text would fail only where it is shown.


def _made(kind: type[T], data: Any) -> T:
    """A value of a dataclass."""
    if not isinstance(data, Mapping):
        raise TypeError(f"{kind.__name__} is not an object")
    hashable: Any = kind
    kinds = _kinds(hashable)
    if unknown := sorted(data.keys() - kinds.keys()):
        raise ValueError(f"{kind.__name__} has no {unknown[0]}")
    return kind(**{name: _typed(kinds[name], value, name) for name, value in data.items()})


@cache
def _kinds(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _typed(kind: Any, value: Any, name: str) -> Any:
    if kind == Figure:
        return _figure(value, name)
    given = get_args(kind)
    origin = get_origin(kind)
    if origin is tuple:
        return _items(given, value, name)
    if origin is Mapping:
        return _mapping(given[1], value, name)
    if given:  # a value, or None
        return None if value is None else _typed(given[0], value, name)
    if is_dataclass(kind) and isinstance(kind, type):
        return _made(kind, value)
    if issubclass(kind, Enum):
        return kind(value)
    return _simple(kind, value, name)


def _simple(kind: type, value: Any, name: str) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is float and is_number and math.isfinite(value):
        return float(value)
    if kind is not float and type(value) is kind:
        return value
    raise TypeError(f"{name} is not of the kind {kind.__name__}")


def _items(kinds: tuple[Any, ...], value: Any, name: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError(f"{name} is not a list")
    each = kinds[:1] * len(value) if kinds[-1] is Ellipsis else kinds
    return tuple(_typed(kind, item, name) for kind, item in zip(each, value, strict=True))


def _mapping(kind: Any, value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} is not an object")
    return {key: item if kind is Any else _typed(kind, item, name) for key, item in value.items()}


def _figure(data: Any, name: str) -> Figure:
    if not isinstance(data, Mapping):
        raise TypeError(f"{name} is no figure")
    if "reason" in data:
        return _made(Unknown, data)
    return _made(Estimated, data) if "mid" in data else _made(Measured, data)
