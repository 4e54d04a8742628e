"""What benchmarks measured beside what they must reach, and all of it as one table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure of one benchmark.

    Attributes:
        benchmark: File and test, with its parameters: "idle: an idle window costs nothing".
        figure: What was measured, with its unit: "CPU, s".
        measured: In that unit.
        bound: What it must not pass, in the same unit.
        way: Whether the bound is the most or the least that it may be.
        peer: What stands beside it, measured in the same run, and what that came to; None where
            there is none.
    """

    benchmark: str
    figure: str
    measured: float
    bound: float
    way: Literal["most", "least"]
    peer: tuple[str, float] | None = None

    @property
    def reached(self) -> bool:
        """Whether the bound was kept."""
        return self.measured <= self.bound if self.way == "most" else self.measured >= self.bound


@dataclass(slots=True)
class Goals:
    """The figures of one benchmark. All are told before one that was missed fails it."""

    benchmark: str
    kept: list[Goal] = field(default_factory=list)

    def most(
        self, figure: str, measured: float, bound: float, *, peer: tuple[str, float] | None = None
    ) -> None:
        """A figure that must not be above the bound."""
        self.kept.append(Goal(self.benchmark, figure, measured, bound, "most", peer))

    def least(
        self, figure: str, measured: float, bound: float, *, peer: tuple[str, float] | None = None
    ) -> None:
        """A figure that must not be below the bound."""
        self.kept.append(Goal(self.benchmark, figure, measured, bound, "least", peer))

    def check(self) -> None:
        """Fail where a goal was missed.

        Raises:
            AssertionError: with each figure that was.
        """
        missed = [one for one in self.kept if not one.reached]
        told = "; ".join(
            f"{one.figure}: {number(one.measured)}, must be at {one.way} {number(one.bound)}"
            for one in missed
        )
        assert not missed, told


def number(value: float) -> str:
    """Three figures that count: 0.0123, 1.5, 985,000."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(goals: list[Goal]) -> str:
    """All figures as a table in Markdown, in the order in which they were told."""
    lines = [
        "| benchmark | figure | measured | goal | beside it | |",
        "|---|---|---:|---:|---|---|",
    ]
    before = ""
    for one in goals:
        name = one.benchmark if one.benchmark != before else ""
        before = one.benchmark
        sign = "≤" if one.way == "most" else "≥"
        peer = f"{one.peer[0]}: {number(one.peer[1])}" if one.peer is not None else ""
        said = "" if one.reached else "**missed**"
        lines.append(
            f"| {name} | {one.figure} | {number(one.measured)} | {sign} {number(one.bound)} |"
            f" {peer} | {said} |"
        )
    return "\n".join(lines)
