"""Plans and results of benchmarks as plain data, and back: what a database or a file can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from landfall.core.benchmark import (
    BenchKind,
    BenchmarkResult,
    BenchPlan,
    BenchPrompt,
    EmbeddingResult,
    Level,
    Loads,
    PartResult,
    Spread,
    Sustained,
    Sweep,
)
from landfall.core.errors import BadInput
from landfall.core.provenance import Estimated, Figure, Measured, Unknown


def as_data(value: Any) -> Any:
    """Values of `core.benchmark` as dicts, lists, texts and numbers."""
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
        return BenchPlan(
            **{
                **data,
                "prompts": tuple(BenchPrompt(**prompt) for prompt in data["prompts"]),
                "concurrency": tuple(data["concurrency"]),
                "batches": tuple(data["batches"]),
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"This is no plan of a benchmark: {error}.", field="plan") from error


def result_of(data: Mapping[str, Any]) -> BenchmarkResult:
    """A result as it was.

    Raises:
        BadInput: the data are none, or of another version.
    """
    try:
        return _result(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(f"This is no result of a benchmark: {error}.", field="result") from error


def _result(data: Mapping[str, Any]) -> BenchmarkResult:
    return BenchmarkResult(
        **{
            **data,
            "kind": BenchKind(data["kind"]),
            "parts": tuple(_part(one) for one in data["parts"]),
            "loads": Loads(**data["loads"]) if data["loads"] else None,
            "sustained": _sustained(data["sustained"]) if data["sustained"] else None,
            "sweep": _sweep(data["sweep"]) if data["sweep"] else None,
            "embedding": tuple(_embedding(one) for one in data["embedding"]),
            "notes": tuple(data["notes"]),
        }
    )


def _part(data: Mapping[str, Any]) -> PartResult:
    return PartResult(**_figures(data) | {"runs": tuple(data["runs"])})


def _embedding(data: Mapping[str, Any]) -> EmbeddingResult:
    return EmbeddingResult(**_figures(data) | {"runs": tuple(data["runs"])})


def _level(data: Mapping[str, Any]) -> Level:
    return Level(**_figures(data))


def _sweep(data: Mapping[str, Any]) -> Sweep:
    return Sweep(**{**data, "levels": tuple(_level(one) for one in data["levels"])})


def _sustained(data: Mapping[str, Any]) -> Sustained:
    points = tuple((float(at), float(rate)) for at, rate in data["points"])
    return Sustained(**{**data, "points": points, "reasons": tuple(data["reasons"])})


def _figures(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with joules as figures and repetitions as spreads."""
    return {name: _field(name, value) for name, value in data.items()}


def _field(name: str, value: Any) -> Any:
    if "joules" in name:
        return _figure(value)
    if isinstance(value, Mapping) and "median" in value:
        return Spread(**value)
    return value


def _figure(data: Mapping[str, Any]) -> Figure:
    if "reason" in data:
        return Unknown(str(data["reason"]))
    if "mid" in data:
        return Estimated(**data)
    return Measured(**data)
