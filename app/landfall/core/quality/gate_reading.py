"""What the gate says of a run: the numbers, and the sentence for people."""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.quality.paired_tests import GateResult, Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReading:
    """What the gate says now. Differences are shares: -0.03 is three points worse.

    Attributes:
        state: PASS or FAIL only where no label that is missing could change it.
        prompts: That count: both models answered.
        unlabelled: Of them, still without a label and not alike.
        pairs: By who was right, of the labelled ones; None where scores are graded. Prompts with
            answers alike and no truth count as "both".
        difference: Mean score of the candidate less that of today's model; unlabelled prompts are
            taken to fall as the labelled ones that differ. None where nothing is labelled.
        low: Lower one-sided limit, as if every missing label went against the candidate.
        high: Upper one-sided limit, as if every one went for it.
        margin, looks: As asked.
        more_prompts: How many more would probably decide it; 0 where they would not help: it is
            decided, or labels are what is missing; None where no practical number would.
        provable_loss: The smallest loss that as many prompts without any difference rule out.
        mcnemar_p: Two-sided exact p of the labelled ones: shown, never used. None if graded.
        newcombe: A second interval of the labelled ones (two-sided 95 %), shown beside. None if
            graded.
        method: "tango" or "bootstrap", with "clustered " before it where prompts share clusters.
        clusters: How many; 0 where every prompt stands for itself.
        effective_prompts: Independent prompts that say as much as these clustered ones do.
        reason: Why a state is not PASS or FAIL although its interval would allow it, or "".
    """

    state: GateResult
    prompts: int
    unlabelled: int
    pairs: Pairs | None
    difference: float | None
    low: float
    high: float
    margin: float
    looks: int
    more_prompts: int | None
    provable_loss: float
    mcnemar_p: float | None
    newcombe: tuple[float, float] | None
    method: str
    clusters: int
    effective_prompts: float
    reason: str = ""

    @property
    def says(self) -> str:
        """The state and what it rests on, one or two sentences for people."""
        return _says(self)


def _says(reading: GateReading) -> str:
    limit = f"limit {points(reading.margin)}"
    asked = f"{reading.prompts:,} {'prompt' if reading.prompts == 1 else 'prompts'}"
    if reading.state is GateResult.PASS:
        if reading.low >= 0:
            return f"Passes: no loss on {asked} ({limit})."
        return f"Passes: a loss above {points(-reading.low)} is ruled out by {asked} ({limit})."
    if reading.state is GateResult.FAIL:
        return f"Fails: at least {points(-reading.high)} worse on {asked} ({limit})."
    low, high = signed_points(reading.low), signed_points(reading.high)
    parts = [f"Not decided: between {low} and {high} on {asked}."]
    if reading.reason:
        parts.append(f"{reading.reason[:1].upper()}{reading.reason[1:]}.")
    if reading.unlabelled:
        parts.append(f"Answers still to be compared: {reading.unlabelled:,}.")
    if reading.more_prompts is None:
        parts.append("No practical number of prompts would decide it.")
    elif reading.more_prompts:
        parts.append(f"About {reading.more_prompts:,} more would probably decide it.")
    if reading.provable_loss >= reading.margin and reading.prompts:
        least = points(reading.provable_loss)
        parts.append(f"{asked} can only rule out a loss above {least}.")
    return " ".join(parts)


def points(share: float) -> str:
    """A share as points, two digits: "3 points"."""
    return f"{_two_digits(100 * share):g} points"


def signed_points(share: float) -> str:
    """A difference as points, with its sign: "−1.6 points"."""
    return f"{_two_digits(100 * share):+g} points".replace("-", "−")


def _two_digits(value: float) -> float:
    return float(f"{value:.2g}")
