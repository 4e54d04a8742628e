"""What a report is made from: decided workloads with what stands beside them. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from landfall.core.provenance import Unknown
from landfall.core.settings import Thresholds
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.facts import Facts
from landfall.core.verdict.over_volume import BreakEvenCurves
from landfall.core.verdict.swings import InputSwing
from landfall.core.verdict.together import Together
from landfall.core.verdict.verdict import Verdict
from landfall.core.verdict.world import Priced, World
from landfall.core.workload.workload import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class InputOrigin:
    """Who said a value of the workload: a source that the program itself wrote down.

    Attributes:
        source: "imported usage of 2026-11-20".
        same: Whether the value is still what the source said.
    """

    source: str
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Something that was measured, with what held while it was.

    Attributes:
        what: "Speed of qwen3:8b here".
        values: (name, value with its unit).
        conditions: (name, value): model, digest, quantization, engine, context, scope of watts.
        at: ISO time, UTC.
    """

    what: str
    values: tuple[tuple[str, str], ...]
    conditions: tuple[tuple[str, str], ...]
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One decided workload.

    Attributes:
        origins: Key path to who said its value, where the file names a source.
        hosted: The hosted candidate that is priced, or None.
        swings: What each input does to the saving, the widest first.
        curves: The bills over the volume, or why there are none.
        stale: Why the verdict that was kept is to be checked again.
        notes: What the decision guide says beside the verdict.
        sample: Whether it came with the program: its numbers are invented.
        measured: What was measured and counts, with its conditions.
        prompts: Those of the quality run, where they were asked for.
    """

    workload: Workload
    verdict: Verdict
    facts: Facts
    world: World
    limits: Thresholds
    origins: Mapping[str, InputOrigin] = field(default_factory=dict)
    hosted: Priced | None = None
    swings: tuple[InputSwing, ...] = ()
    curves: BreakEvenCurves | Unknown = field(default_factory=lambda: Unknown("not looked at"))
    stale: tuple[Caution, ...] = ()
    notes: tuple[Caution, ...] = ()
    sample: bool = False
    measured: tuple[Measurement, ...] = ()
    prompts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A workload without a verdict, and why."""

    name: str
    problem: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """What a rule asks for, and what would turn it."""

    says: str
    turns: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A threshold with its default and where that comes from.

    Attributes:
        value: The one that was used. default: the program's.
        unit, rules, reason, source, date: As the guide says of it; the date is ISO to the month.
    """

    name: str
    value: float
    default: float
    unit: str
    rules: str
    reason: str
    source: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What all workloads of a report share.

    Attributes:
        as_of: ISO date of the decisions.
        version: Of the program.
        rules: Id to its words. providers: id to the provider's own name.
        dated: Data that come with the program: (what, ISO date).
        together: All of them together, where there are several.
        with_prompts: Whether prompts were asked for.
    """

    as_of: str
    version: str
    rules: Mapping[str, RuleText] = field(default_factory=dict)
    thresholds: tuple[Threshold, ...] = ()
    providers: Mapping[str, str] = field(default_factory=dict)
    dated: tuple[tuple[str, str], ...] = ()
    together: Together | None = None
    with_prompts: bool = False
