"""The decision guide behind the rules, in words: its items with what is dated, rules with what
turns them, thresholds with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from landfall.services import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideItem:
    """One item of the guide of May 2026.

    Attributes:
        id: S1 to S51.
        kind: "rule", "threshold", "fact", "category", "antipattern", "example" or "system".
        says: What the guide says, in our words.
        now: Where it is dated or wants a word, kindly; "" where it holds.
    """

    id: str
    kind: str
    says: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWords:
    """A rule of the decision table.

    Attributes:
        stage: "hard", "default", "economics" or "warning".
        says: What it asks for.
        turns: What would turn it.
    """

    id: str
    stage: str
    says: str
    turns: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdSource:
    """Where the default of a threshold comes from.

    Attributes:
        name: In `core.settings.Thresholds`.
        value: The default. unit: of it.
        rule: Which rules turn on it.
        reason, source, date: Why, who says so, and when (ISO, to the month).
    """

    name: str
    value: float
    unit: str
    rule: str
    reason: str
    source: str
    date: str


@lru_cache(maxsize=1)
def items() -> Mapping[str, GuideItem]:
    """The guide's items by id."""
    rows = resources.read_json("guide.json")["items"]
    return {row["id"]: GuideItem(**row) for row in rows}


@lru_cache(maxsize=1)
def rules() -> Mapping[str, RuleWords]:
    """The rules of the table by id."""
    rows = resources.read_json("rules.json")["rules"]
    return {row["id"]: RuleWords(**row) for row in rows}


@lru_cache(maxsize=1)
def thresholds() -> Mapping[str, ThresholdSource]:
    """Where the rules turn by default, by name, each with its source and date."""
    rows = resources.read_json("thresholds.json")["thresholds"]
    return {row["name"]: ThresholdSource(**row) for row in rows}
