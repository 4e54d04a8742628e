"""Quality runs as they are kept: values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from landfall.core.quality.gate import Label
from landfall.services.history.runs_kept import WholeRun
from landfall.services.quality.plan import MAY_BE_CHARGED, Candidate, QualityPlan, Side

YOU = "you"
"""The `by` of a label of a person; a judge's is "judge:" and its model's name."""

JUDGE = "judge:"


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRecord:
    """A quality run without its prompts, answers and labels, for a list.

    Attributes:
        id: Row number, 0 before it is stored. uid: its name, for `--resume`.
        started_at, changed_at: ISO 8601, UTC.
        state: "running", "done", "aborted" (stopped) or "interrupted" (the program died).
        plan: As plain data, see `QualityPlan.as_json`; with `MAY_BE_CHARGED`, where there are any.
        result: What the gate said at its last look, see `report.QualityReport.as_json`; None before
            the first.
        prompts: How many the set has. asked: answers asked for; answered: that came.
    """

    id: int = 0
    uid: str
    started_at: str
    changed_at: str
    state: str = "running"
    title: str
    workload: str | None
    plan: Mapping[str, Any]
    result: Mapping[str, Any] | None = None
    prompts: int = 0
    asked: int = 0
    answered: int = 0

    @property
    def can_resume(self) -> bool:
        """Whether answers are missing and nobody is known to be asking for them."""
        return self.state != "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityAnswer:
    """One answer of a quality run.

    Attributes:
        answered_at: ISO 8601, UTC.
        text: The answer; None where it did not come, and `error` says why.
        done_reason: "stop", or "length" where it was cut.
        seconds: From sending to the end.
        usd: What the provider charges; None where nobody does or it is not known.
        run: The uid of the run that it is in the history; "" for a recorded answer, and for one
            that failed and cannot be charged for.
    """

    place: int
    side: Side
    answered_at: str
    text: str | None = None
    done_reason: str | None = None
    error: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    seconds: float | None = None
    usd: float | None = None
    run: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityLabel:
    """What somebody said of two answers that differ.

    Attributes:
        id: Row number, 0 before it is stored.
        side: Which candidate was held against today's model.
        by: `YOU`, or `JUDGE` and the judge's name.
        swapped: Whether the candidate's answer stood second.
        label: Which is right, or better: `LOCAL` is the candidate's, whichever it is.
        labelled_at: ISO 8601, UTC.
        run: The uid of the run in which a judge said it, or "".
    """

    id: int = 0
    place: int
    side: Candidate
    by: str
    swapped: bool
    label: Label
    labelled_at: str
    run: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRun:
    """A quality run with all that came of it. Names are in it: labelling goes through `labelling`.

    Attributes:
        answers: By place, then side; those that are still to come are not in it.
        labels: In the order in which they were given.
    """

    record: QualityRecord
    plan: QualityPlan
    answers: tuple[QualityAnswer, ...]
    labels: tuple[QualityLabel, ...]

    @property
    def may_be_charged(self) -> tuple[str, ...]:
        """The uids of runs that may be charged for and of which nothing came, a judge's too.

        Not of answers on their way: while the run goes on they may still come.
        """
        came = {one.run for one in self.answers if one.text is not None}
        cut = [one.run for one in self.answers if one.error is not None and self._is_paid(one)]
        kept: list[str] = [*self.record.plan.get(MAY_BE_CHARGED, ())]
        if self.record.state == "running":
            came |= {one.run for one in self.answers if one.error is None}
        return tuple(one for one in dict.fromkeys((*kept, *cut)) if one and one not in came)

    def _is_paid(self, answer: QualityAnswer) -> bool:
        target = self.plan.target_of(answer.side)
        return target is not None and target.paid

    def missing(self) -> tuple[tuple[int, Side], ...]:
        """What is still to be asked for, in the plan's order: what failed is asked again."""
        there = {(one.place, one.side) for one in self.answers if one.text is not None}
        return tuple(
            (place, side)
            for place in self.plan.order
            for side in self.plan.asked
            if (place, side) not in there
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeQualityRun:
    """A quality run that was taken out, for `put_back`; `runs`: its answers and judgements."""

    run: QualityRun
    runs: tuple[WholeRun, ...]
