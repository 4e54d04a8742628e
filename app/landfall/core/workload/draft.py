"""A workload while it is written: every key with what was typed, right or wrong.

A form fills a draft, `writer.to_text` makes a file of it, and `file.parse` says
what is wrong and at which key: the rules of a workload stand in one place.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from landfall.core import toml_text
from landfall.core.quality.paired_tests import Pairs
from landfall.core.workload.file import PAIR_NAMES, parse
from landfall.core.workload.keys import KEYS, Kind, get
from landfall.core.workload.origins import Origin, origins_of
from landfall.core.workload.workload import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was typed.

    Attributes:
        values: Path of a key to its value; what is not there is not stated. A number that could
            not be read stands as the text that was typed.
        steps: Tables with name, where, host.
        hosted: Tables with provider, model, token_ratio.
        pairs, pairs_hosted: Counts by name; empty where none are given.
        origins: Path of a key to who said a value of it; what is not there was typed.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Mapping[str, Any], ...] = ()
    hosted: tuple[Mapping[str, Any], ...] = ()
    pairs: Mapping[str, Any] = field(default_factory=dict)
    pairs_hosted: Mapping[str, Any] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)


def draft_of(workload: Workload) -> Draft:
    """What a workload states; what it leaves to estimates stays open."""
    plain = Workload(name="", task=workload.task)
    return Draft(
        values={
            key.path: get(workload, key)
            for key in KEYS
            if key.name == "task" or get(workload, key) != get(plain, key)
        },
        steps=tuple(
            {"name": step.name, "where": step.where} | ({"host": step.host} if step.host else {})
            for step in workload.steps
        ),
        hosted=tuple(
            {"provider": one.provider, "model": one.model}
            | ({} if one.token_ratio is None else {"token_ratio": one.token_ratio})
            for one in workload.candidates.hosted
        ),
        pairs=_counts(workload.quality.pairs),
        pairs_hosted=_counts(workload.quality.pairs_hosted),
    )


def draft_in(text: str) -> Draft:
    """What a right file states, and who said it.

    Raises:
        BadInput: the file is wrong.
    """
    return replace(draft_of(parse(text)), origins=origins_of(text))


def half_typed(text: str) -> Draft | None:
    """What a text states that `to_text` wrote, right or wrong; None where a form cannot show it.

    For what was never finished: a number that could not be read comes back as it was typed.
    """
    try:
        table = toml_text.read(text)
    except tomllib.TOMLDecodeError:
        return None
    values = {key.path: _of_kind(key.kind, _at(table, key.path)) for key in KEYS}
    steps, hosted = _tables(table.get("steps")), _tables(_at(table, "candidates.hosted"))
    pairs = [_at(table, f"quality.{name}") for name in ("pairs", "pairs_hosted")]
    return Draft(
        values={path: value for path, value in values.items() if value is not None},
        steps=steps,
        hosted=hosted,
        pairs=pairs[0] if isinstance(pairs[0], dict) else {},
        pairs_hosted=pairs[1] if isinstance(pairs[1], dict) else {},
        origins=origins_of(text),
    )


def _at(table: Any, path: str) -> Any:
    for name in path.split("."):
        table = table.get(name) if isinstance(table, dict) else None
    return table


def _of_kind(kind: Kind, value: Any) -> Any:
    if isinstance(value, dict):
        return None
    if isinstance(value, list):
        return tuple(value) if kind in (Kind.TEXTS, Kind.CHOICES, Kind.HOURS) else None
    return value


def _tables(value: Any) -> tuple[Mapping[str, Any], ...]:
    items = value if isinstance(value, list) else []
    return tuple(one for one in items if isinstance(one, dict))


def _counts(pairs: Pairs | None) -> dict[str, int]:
    if pairs is None:
        return {}
    counts = {name: getattr(pairs, name) for name in PAIR_NAMES}
    return counts if pairs.looks == 1 else counts | {"looks": pairs.looks}
