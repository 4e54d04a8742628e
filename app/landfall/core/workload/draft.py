"""A workload while it is written: every key with what was typed, right or wrong.

A form fills a draft, `workload_writer.to_text` makes a file of it, and `workload_file.parse` says
what is wrong and at which key: the rules of a workload stand in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from landfall.core.quality.gate import Pairs
from landfall.core.workload.file import PAIR_NAMES
from landfall.core.workload.keys import KEYS, get
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
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Mapping[str, Any], ...] = ()
    hosted: tuple[Mapping[str, Any], ...] = ()
    pairs: Mapping[str, Any] = field(default_factory=dict)
    pairs_hosted: Mapping[str, Any] = field(default_factory=dict)


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


def _counts(pairs: Pairs | None) -> dict[str, int]:
    if pairs is None:
        return {}
    counts = {name: getattr(pairs, name) for name in PAIR_NAMES}
    return counts if pairs.looks == 1 else counts | {"looks": pairs.looks}
