"""Any workload file whatever through the whole verdict, from its text to what is said of it."""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.provenance import band
from landfall.core.settings import Settings
from landfall.core.verdict.card import card
from landfall.core.verdict.notes import notes_of
from landfall.core.verdict.over_volume import break_even_curves
from landfall.core.verdict.swings import swings
from landfall.core.verdict.verdict_json import to_json
from landfall.core.verdict.what_if import knobs
from landfall.core.workload.keys import BY_PATH, KEYS, Key, Kind
from landfall.services.verdict.decided import Decided
from landfall.services.verdict.deciding import Decider
from landfall.services.verdict.workload_files import from_text

Values = Mapping[str, Any]
HARD = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
KNOWN = {
    "workload.name": ["any", "\u00e9t\u00e9 \u2603"],
    "today.provider": ["openai", "anthropic", "deepinfra", "nobody"],
    "today.model": ["gpt-5.5", "claude-opus-4-5", "no-such-model"],
    "candidates.local": ["qwen3:8b", "llama3.3:70b", "nomic-embed-text", "gpt-oss:120b", "no:1b"],
    "machine.name": ["RTX 4090", "M4 Max 64GB", "no such machine"],
    "machine.host": ["http://127.0.0.1:11434", "10.0.0.5:11434", "studio"],
    "machine.hosts": ["http://127.0.0.1:11434", "10.0.0.5:11434", "203.0.113.9:11434", "rack"],
    "buy.machine": ["RTX 4090 workstation", "RTX 4090", "RTX 3090", "no such machine"],
    "buy.price_as_of": ["2026-11-01", "2019-01-01", "2031-01-01", "yesterday"],
    "privacy.region": ["eu", "us"],
    "privacy.in_region": ["openai", "together"],
    "privacy.approved_vendors": ["openai", "together"],
    "quality.metric": ["exact", "f1"],
}
"""Texts by path: some are known to the program, some are not."""
LEFT_OUT = {"volume.series"}
"""A file beside the workload."""
WRONG = st.sampled_from([-1, -1e-300, 1e300, math.nan, math.inf, "5 s", True, [], 10**400])


def numbers(key: Key) -> st.SearchStrategy[float | int]:
    """The ends of what makes sense, what is usual, and anything between."""
    if key.kind is Kind.WHOLE:
        low, high = int(key.low), int(key.high)
        small = st.integers(low, min(high, low + 400))
        return st.sampled_from([low, high]) | small | st.integers(low, high)
    ends = {"exclude_min": key.above, "exclude_max": key.below}
    usual = st.floats(key.low, min(key.high, key.low + 2000.0), **ends)
    return usual | st.floats(key.low, key.high, **ends)


def values(key: Key) -> st.SearchStrategy[Any]:
    match key.kind:
        case Kind.NUMBER | Kind.WHOLE:
            return numbers(key)
        case Kind.FLAG:
            return st.booleans()
        case Kind.CHOICE | Kind.CHOICES:
            assert key.choices is not None
            words = st.sampled_from([one.value for one in key.choices])
            return words if key.kind is Kind.CHOICE else st.lists(words, max_size=3, unique=True)
        case Kind.TEXT:
            return st.sampled_from(KNOWN[key.path])
        case Kind.TEXTS:
            return st.lists(st.sampled_from(KNOWN[key.path]), max_size=3, unique=True)
        case Kind.HOURS:
            return st.lists(st.floats(0.0, 1e6), min_size=24, max_size=24)


ORDINARY = {
    "volume.calls_per_day": 20_000.0,
    "volume.history_days": 90,
    "volume.predictability": "predictable",
    "tokens.input": 900.0,
    "tokens.cached_input": 600.0,
    "tokens.output": 120.0,
    "today.provider": "openai",
    "today.model": "gpt-5.5",
    "candidates.local": ["qwen3:8b"],
    "quality.gate": "pass",
    "organisation.kind": "established",
    "buy.consider": True,
    "buy.machine": "RTX 4090 workstation",
}
"""Half of the files begin with these, so that more than today's cloud is open."""
OPEN = [key for key in KEYS if key.path not in LEFT_OUT]
PAIRS = ("quality.pairs", "quality.pairs_hosted")
counts = st.fixed_dictionaries(
    {name: st.integers(0, 300) for name in ("local_only", "cloud_only", "both", "neither")}
)
steps = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["embed", "retrieve", "rerank", "generate"]),
            "where": st.sampled_from(["local", "cloud"]),
        }
    ),
    max_size=4,
    unique_by=lambda one: one["name"],
)
hosted = st.lists(
    st.fixed_dictionaries(
        {
            "provider": st.just("together"),
            "model": st.sampled_from(["Qwen/Qwen3-235B-A22B-Instruct-2507", "no/such"]),
        }
    ),
    max_size=2,
)


@st.composite
def files(draw: st.DrawFn) -> dict[str, Any]:
    """Keys and their values; at times one is wrong."""
    named = draw(st.sets(st.sampled_from([key.path for key in OPEN]), max_size=len(OPEN)))
    found = dict(ORDINARY) if draw(st.booleans()) else {}
    found |= {path: draw(values(BY_PATH[path])) for path in sorted(named)}
    for path in ("workload.name", "workload.task"):
        found[path] = draw(values(BY_PATH[path]))
    for path in PAIRS:
        if draw(st.integers(0, 3)) == 0:
            found[path] = draw(counts)
    found["steps"], found["candidates.hosted"] = draw(steps), draw(hosted)
    if draw(st.integers(0, 5)) == 0:
        found[draw(st.sampled_from(sorted(named or {"tokens.input"})))] = draw(WRONG)
    return found


def as_toml(found: Values) -> str:
    tables: dict[str, list[str]] = {}
    arrays = []
    for path, value in found.items():
        if isinstance(value, dict):
            tables.setdefault(path, []).extend(f"{name} = {one}" for name, one in value.items())
        elif path in ("steps", "candidates.hosted"):
            arrays += [
                "\n".join([f"[[{path}]]", *(f"{name} = {_word(one)}" for name, one in row.items())])
                for row in value
            ]
        else:
            section, _, name = path.rpartition(".")
            tables.setdefault(section, []).append(f"{name} = {_word(value)}")
    written = ["\n".join([f"[{section}]", *lines]) for section, lines in tables.items()]
    return "schema = 1\n" + "\n".join([*written, *arrays]) + "\n"


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


@lru_cache(maxsize=1)
def decider() -> Decider:
    return Decider.on("RTX 4090", Settings(), now=datetime(2026, 11, 26, tzinfo=UTC))


def decided(found: Values) -> Decided | None:
    """The verdict, once what the reader complains of was taken out; None where that is no key."""
    left = dict(found)
    while True:
        try:
            return asyncio.run(decider().decide(from_text(as_toml(left))))
        except BadInput as error:
            complaint = error
        assert complaint.message
        assert complaint.hint
        if left.pop(_of(complaint.field, left), None) is None:
            return None


def _of(field: str, left: Values) -> str:
    """The key that a complaint names, or the list in which it is."""
    plain = re.sub(r"\[.*", "", field)
    inside = (path for path in left if plain == path or plain.startswith(f"{path}."))
    return next(inside, "")


def numbers_in(whole: Any) -> Iterator[float]:
    """Every number of a value, however deep."""
    if isinstance(whole, float):
        yield whole
    elif is_dataclass(whole):
        for field in fields(whole):
            yield from numbers_in(getattr(whole, field.name))
    elif isinstance(whole, Mapping):
        for one in whole.values():
            yield from numbers_in(one)
    elif isinstance(whole, list | tuple):
        for one in whole:
            yield from numbers_in(one)


def check_words(said: str) -> None:
    assert not re.search(r"\b(nan|inf|None)\b", said), said
    assert "Unknown(" not in said


@HARD
@given(found=files())
@example(found={"workload.name": "any", "workload.task": "chat", "tokens.input": math.nan})
def test_that_any_file_has_a_verdict_or_is_told_what_is_wrong_with_it(found: Values) -> None:
    one = decided(found)
    event("no verdict" if one is None else one.verdict.option.value)
    if one is None:
        return
    verdict, workload = one.verdict, one.loaded.workload
    told = json.dumps(to_json(verdict), allow_nan=False)
    check_words(told.replace('"none"', ""))
    for line in verdict.options:
        variants = verdict.detail(line.option).variants
        for figure in (line.usd_month, *(variant.usd_month for variant in variants)):
            ends = band(figure)
            assert ends is None or 0 <= ends[0] <= ends[1] <= ends[2] < math.inf, line
    assert all(math.isfinite(number) for number in numbers_in(verdict))
    shown = card(verdict)
    for part in fields(shown):
        check_words(str(getattr(shown, part.name)))
    for note in notes_of(workload, one.facts, verdict, one.assembler.world, one.limits):
        check_words(note.text)
    curves = break_even_curves(workload, one.facts, one.assembler)
    bars = swings(workload, one.assembler, one.limits, verdict.option, flips=verdict.flips)
    sliders = knobs(workload, one.facts, one.assembler)
    for answer in (curves, bars, sliders):
        assert all(math.isfinite(number) for number in numbers_in(answer)), answer
