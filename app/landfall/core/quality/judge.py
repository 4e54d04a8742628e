"""A model that compares answers in the place of people, and what its errors do to the gate.

A judge reads every two answers twice, in both orders; only what it says both times counts as a
preference. What it says is held against labels by people, and the gate is corrected by them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from landfall.core.errors import BadInput
from landfall.core.provenance import Unknown
from landfall.core.quality.gate import Label
from landfall.core.quality.gate_reading import GateReading
from landfall.core.quality.paired_tests import (
    Z_TWO_SIDED_95,
    GateResult,
    rogan_gladen,
    sign_test,
    wilson,
)

FEWEST_LABELS = 30
"""Labels by people below which a judge decides nothing; 100 are better."""
_PREFERENCES = (Label.LOCAL, Label.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """What a judge said of the answers to one prompt, in both orders.

    Attributes:
        place: The place of the prompt in its set.
        local_first: When the candidate's answer stood first; names are never shown.
        local_second: When it stood second.
    """

    place: int
    local_first: Label
    local_second: Label

    @property
    def label(self) -> Label:
        """What it said both times; a tie where it said two things."""
        return self.local_first if self.is_consistent else Label.BOTH

    @property
    def is_consistent(self) -> bool:
        """Whether the order made no difference."""
        return self.local_first is self.local_second


@dataclass(frozen=True, slots=True, kw_only=True)
class Bias:
    """How much the order of the answers decides what a judge says.

    Attributes:
        ballots: Prompts judged in both orders.
        consistent: On how many it said the same both times.
        for_first, for_second: On how many it preferred whichever stood first, or second.
        p: Two-sided exact p that it favours neither place.
    """

    ballots: int
    consistent: int
    for_first: int
    for_second: int
    p: float


def bias_of(ballots: Iterable[Ballot]) -> Bias:
    """Add up what the order did."""
    cast = tuple(ballots)
    sides = [(one.local_first, one.local_second) for one in cast]
    first = sides.count((Label.LOCAL, Label.OTHER))
    second = sides.count((Label.OTHER, Label.LOCAL))
    consistent = sum(one.is_consistent for one in cast)
    return Bias(
        ballots=len(cast),
        consistent=consistent,
        for_first=first,
        for_second=second,
        p=sign_test(first, second),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A judge against people, over prompts that both labelled.

    Attributes:
        labels: How many.
        agree, opposite: Where a person preferred one answer, the judge preferred it, or the other.
        decisive: Where a person preferred one.
        right_kept, right: Where a person found the candidate as good or better, how often the judge
            did too (its sensitivity), of how many.
        wrong_kept, wrong: Where a person found it worse, how often the judge did too (its
            specificity), of how many.
    """

    labels: int
    agree: int
    opposite: int
    decisive: int
    right_kept: int
    right: int
    wrong_kept: int
    wrong: int

    @property
    def skill(self) -> float | None:
        """Agreement less opposition over what people prefer: 1 is perfect, 0 is chance.

        By as much a judge shrinks a difference: it is sensitivity plus specificity less 1 of the
        correction by Rogan and Gladen, whose share cancels in a difference.
        """
        return (self.agree - self.opposite) / self.decisive if self.decisive else None

    @property
    def skill_interval(self) -> tuple[float, float]:
        """95 % interval of the skill: Wilson's of (1 + skill) / 2, a tie being half of each."""
        ties = self.decisive - self.agree - self.opposite
        low, high = wilson(self.agree + ties / 2, self.decisive)
        return 2 * low - 1, 2 * high - 1


def calibrated(labels: Iterable[tuple[Label, Label]]) -> Calibration:
    """A judge against people: of each prompt the person's label and the judge's."""
    both = tuple(labels)
    preferred = [(person, judge) for person, judge in both if person in _PREFERENCES]
    right = [judge for person, judge in both if person is not Label.OTHER]
    wrong = [judge for person, judge in both if person is Label.OTHER]
    return Calibration(
        labels=len(both),
        agree=sum(person is judge for person, judge in preferred),
        opposite=sum(judge in _PREFERENCES and person is not judge for person, judge in preferred),
        decisive=len(preferred),
        right_kept=sum(judge is not Label.OTHER for judge in right),
        right=len(right),
        wrong_kept=wrong.count(Label.OTHER),
        wrong=len(wrong),
    )


def corrected(reading: GateReading, calibration: Calibration) -> GateReading:
    """The gate over a judge's labels, corrected for the judge's errors.

    A judge that errs shrinks the difference towards 0, and with it the loss: uncorrected it passes
    too easily. Difference and limits are divided by its skill, each limit by the end of the skill's
    interval that makes it worse. Without FEWEST_LABELS labels by people nothing is decided.
    """
    if calibration.labels < FEWEST_LABELS or calibration.skill is None:
        missing = max(1, FEWEST_LABELS - calibration.labels)
        reason = f"the judge is not calibrated: {missing} more of its pairs need a person's label"
        return replace(reading, state=GateResult.INCONCLUSIVE, more_prompts=0, reason=reason)
    least, most = calibration.skill_interval
    if least <= 0:
        reason = "the judge agrees with people hardly more often than chance"
        return replace(
            reading,
            state=GateResult.INCONCLUSIVE,
            difference=None,
            low=-1.0,
            high=1.0,
            more_prompts=None,
            reason=reason,
        )
    low = max(-1.0, reading.low / (least if reading.low < 0 else most))
    high = min(1.0, reading.high / (most if reading.high < 0 else least))
    state = _state(low, high, reading)
    difference = reading.difference
    return replace(
        reading,
        state=state,
        difference=None if difference is None else _share(difference / calibration.skill),
        low=low,
        high=high,
        more_prompts=_more(state, reading, calibration.skill),
        method=f"{reading.method}, judge corrected",
    )


def _share(value: float) -> float:
    return max(-1.0, min(1.0, value))


def _state(low: float, high: float, reading: GateReading) -> GateResult:
    if reading.reason:
        return reading.state
    if low > -reading.margin:
        return GateResult.PASS
    return GateResult.FAIL if high < -reading.margin else GateResult.INCONCLUSIVE


def _more(state: GateResult, reading: GateReading, skill: float) -> int | None:
    """A judge of half the skill needs four times the prompts."""
    if state is not GateResult.INCONCLUSIVE or reading.more_prompts is None:
        return 0 if state is not GateResult.INCONCLUSIVE else None
    total = (reading.prompts + reading.more_prompts) / skill**2
    return max(1, math.ceil(total) - reading.prompts) if not reading.unlabelled else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedShare:
    """A share that a judge saw, and the one behind it with its 95 % interval."""

    seen: float
    share: float
    low: float
    high: float


def as_good_share(as_good: int, prompts: int, calibration: Calibration) -> CorrectedShare | Unknown:
    """On how many prompts the candidate is as good or better, corrected for the judge's errors.

    The estimate is that of Rogan and Gladen (1978), the interval that of Lang and Reiczigel (2014),
    which holds the errors of the calibration too.
    """
    if not prompts or not calibration.right or not calibration.wrong:
        return Unknown("people's labels of both kinds are needed to know how often the judge errs")
    sensitivity = calibration.right_kept / calibration.right
    specificity = calibration.wrong_kept / calibration.wrong
    try:
        share = rogan_gladen(as_good / prompts, sensitivity, specificity=specificity)
    except BadInput as error:
        return Unknown(error.message)
    low, high = _lang_reiczigel(as_good / prompts, prompts, calibration)
    return CorrectedShare(seen=as_good / prompts, share=share, low=low, high=high)


def _lang_reiczigel(seen: float, prompts: int, rates: Calibration) -> tuple[float, float]:
    z = Z_TWO_SIDED_95
    n = prompts + z * z
    apparent = (prompts * seen + z * z / 2) / n
    sensitivity = (rates.right_kept + 1) / (rates.right + 2)
    specificity = (rates.wrong_kept + 1) / (rates.wrong + 2)
    skill = sensitivity + specificity - 1
    if skill <= 0:
        return 0.0, 1.0
    share = (apparent + specificity - 1) / skill
    of_right = sensitivity * (1 - sensitivity) / (rates.right + 2)
    of_wrong = specificity * (1 - specificity) / (rates.wrong + 2)
    shift = 2 * z * z * (share * of_right - (1 - share) * of_wrong)
    # Interval and shift take the share as it comes out, also a little outside 0 to 1.
    variance = apparent * (1 - apparent) / n + share**2 * of_right + (1 - share) ** 2 * of_wrong
    half = z * math.sqrt(variance) / skill
    middle = share + shift
    return max(0.0, min(1.0, middle - half)), min(1.0, max(0.0, middle + half))
