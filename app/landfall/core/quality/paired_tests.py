"""Whether a candidate answers the user's prompts as well as today's model, within a margin.

The gate is a paired non-inferiority test: both models answer the same prompts, each answer is right
or wrong. Only prompts on which exactly one of them is right say anything about the difference.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from landfall.core.errors import BadInput

Z_ONE_SIDED_95 = NormalDist().inv_cdf(0.95)
Z_TWO_SIDED_95 = NormalDist().inv_cdf(0.975)
Z_POWER_80 = NormalDist().inv_cdf(0.80)
Z_OF_LOOKS = {1: Z_ONE_SIDED_95, 2: 1.91, 3: 2.06}
"""Critical value where the same gate is read several times while prompts come in: two looks (50,
150) and three looks (30, 100, 300), each keeping false passes at 5 % (simulated)."""
MOST_PROMPTS = 100_000
"""A gate that would need more prompts than this will not be decided by prompts."""
_LEAST_ROOM = 1e-9
"""What differs by less is the same: no number of prompts tells it apart."""


class GateResult(StrEnum):
    """What the gate says; "unmeasured" is for whoever has run nothing."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    UNMEASURED = "unmeasured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Prompts by who answered them right.

    Attributes:
        local_only: Only the candidate was right.
        cloud_only: Only today's model was right.
        both: Both were right.
        neither: Neither was right.
        looks: How often the gate is read while they come in; 1 for a set that was run as a whole.
    """

    local_only: int
    cloud_only: int
    both: int
    neither: int
    looks: int = 1

    def __post_init__(self) -> None:
        for name in ("local_only", "cloud_only", "both", "neither"):
            if getattr(self, name) < 0:
                raise BadInput(f"A count of prompts cannot be negative: {name}.", field=name)

    @property
    def prompts(self) -> int:
        """All prompts."""
        return self.local_only + self.cloud_only + self.both + self.neither

    @property
    def difference(self) -> float:
        """Share right of the candidate less that of today's model, or 0 without a prompt."""
        return (self.local_only - self.cloud_only) / self.prompts if self.prompts else 0.0

    @property
    def disagreement(self) -> float:
        """Share of prompts on which exactly one was right, or 0 without a prompt."""
        return (self.local_only + self.cloud_only) / self.prompts if self.prompts else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The answer of the gate. Differences are shares: -0.03 is three points worse.

    Attributes:
        result: PASS where the whole interval is above -margin, FAIL where it is below, else
            INCONCLUSIVE.
        low: Lower one-sided limit of the difference (Tango's score interval).
        high: Upper one-sided limit.
        more_prompts: How many more would probably decide it; 0 where it is decided; None where no
            practical number would.
        provable_loss: With this many prompts and no disagreement at all, the smallest loss that
            could be ruled out.
        mcnemar_p: Two-sided exact p: shown, never used ("not significant" is not "equal").
    """

    result: GateResult
    margin: float
    difference: float
    low: float
    high: float
    prompts: int
    more_prompts: int | None
    provable_loss: float
    mcnemar_p: float


def gate(pairs: Pairs, margin: float, *, looks: int = 1) -> Gate:
    """Paired non-inferiority of the candidate, one-sided at 95 %.

    Args:
        pairs: Counts of the prompts.
        margin: The largest loss that is acceptable, as a share: 0 < margin < 1.
        looks: How many times the gate will be read while prompts come in.

    Raises:
        BadInput: the margin is not a share, or there is no look.
    """
    check_margin(margin)
    z = critical_value(looks)
    low, high = tango_interval(pairs, z=z)
    if pairs.prompts and low > -margin:
        result = GateResult.PASS
    elif pairs.prompts and high < -margin:
        result = GateResult.FAIL
    else:
        result = GateResult.INCONCLUSIVE
    decided = result is not GateResult.INCONCLUSIVE
    return Gate(
        result=result,
        margin=margin,
        difference=pairs.difference,
        low=low,
        high=high,
        prompts=pairs.prompts,
        more_prompts=0 if decided else more_prompts(pairs, margin, z=z),
        provable_loss=provable_loss(pairs.prompts, z),
        mcnemar_p=mcnemar_exact(pairs.local_only, pairs.cloud_only),
    )


def provable_loss(prompts: float, z: float) -> float:
    """The smallest loss that so many prompts without any disagreement rule out (Tango): a share."""
    return z * z / (prompts + z * z)


def check_margin(margin: float) -> None:
    """Refuse a margin that is no share.

    Raises:
        BadInput: it is not between 0 and 1.
    """
    if not 0 < margin < 1:
        raise BadInput(
            f"A margin of {margin:g} is not a share between 0 and 1.",
            "Write three points as 0.03.",
            field="margin",
        )


def critical_value(looks: int) -> float:
    """The z at each of several looks; beyond three looks the 5 % are split evenly (Bonferroni)."""
    if looks < 1:
        raise BadInput("A gate is read at least once.", field="looks")
    return Z_OF_LOOKS.get(looks) or NormalDist().inv_cdf(1 - 0.05 / looks)


def wilson(successes: float, trials: float, *, z: float = Z_TWO_SIDED_95) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson, 1927); (0, 1) where nothing was tried."""
    if trials <= 0:
        return 0.0, 1.0
    share = successes / trials
    z2 = z * z
    middle = share + z2 / (2 * trials)
    half = z * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    width = 1 + z2 / trials
    low = 0.0 if successes <= 0 else max(0.0, (middle - half) / width)
    high = 1.0 if successes >= trials else min(1.0, (middle + half) / width)
    return low, high


def _tango_score(won: float, lost: float, n: float, delta: float) -> float:
    """Tango's score statistic of the hypothesis that the difference is `delta` (Tango, 1998)."""
    a = 2.0 * n
    b = -won - lost + (2 * n - won + lost) * delta
    c = -lost * delta * (1 - delta)
    q21 = (math.sqrt(max(0.0, b * b - 4 * a * c)) - b) / (2 * a)
    variance = n * (2 * q21 + delta * (1 - delta))
    numerator = won - lost - n * delta
    if variance <= 0:
        return 0.0 if numerator == 0 else math.copysign(math.inf, numerator)
    return numerator / math.sqrt(variance)


def tango_interval(pairs: Pairs, *, z: float = Z_TWO_SIDED_95) -> tuple[float, float]:
    """Tango's score interval of the paired difference; (-1, 1) without a prompt."""
    return tango_of(pairs.local_only, pairs.cloud_only, pairs.prompts, z=z)


def tango_of(won: float, lost: float, n: float, *, z: float) -> tuple[float, float]:
    """Tango's interval of counts that need not be whole: an effective number of prompts."""
    if n <= 0:
        return -1.0, 1.0
    middle = (won - lost) / n
    low = _bisect(lambda delta: _tango_score(won, lost, n, delta) - z, -1.0, middle)
    high = _bisect(lambda delta: _tango_score(won, lost, n, delta) + z, middle, 1.0)
    return low, high


def _bisect(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function crosses zero between two points, or the nearer end."""
    for _ in range(80):
        middle = (low + high) / 2
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def newcombe_interval(pairs: Pairs, *, z: float = Z_TWO_SIDED_95) -> tuple[float, float]:
    """Newcombe's interval of the paired difference (method 10 of Newcombe, 1998).

    Two Wilson intervals put together with the correlation of the pairs, continuity-corrected.
    """
    n = pairs.prompts
    if not n:
        return -1.0, 1.0
    first = pairs.both + pairs.local_only
    second = pairs.both + pairs.cloud_only
    share1, share2 = first / n, second / n
    low1, high1 = wilson(first, n, z=z)
    low2, high2 = wilson(second, n, z=z)
    phi = _phi(pairs)
    down1, up1 = share1 - low1, high1 - share1
    down2, up2 = share2 - low2, high2 - share2
    below = math.sqrt(max(0.0, down1**2 - 2 * phi * down1 * up2 + up2**2))
    above = math.sqrt(max(0.0, up1**2 - 2 * phi * up1 * down2 + down2**2))
    return pairs.difference - below, pairs.difference + above


def _phi(pairs: Pairs) -> float:
    a, b, c, d = pairs.both, pairs.local_only, pairs.cloud_only, pairs.neither
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    if not margins:
        return 0.0
    product = a * d - b * c
    if product > 0:
        corrected = max(product - pairs.prompts / 2, 0.0)
        return corrected / math.sqrt(margins)
    return product / math.sqrt(margins)


def mcnemar_exact(local_only: int, cloud_only: int) -> float:
    """Two-sided exact p that both win equally often where they differ; 1 without a difference."""
    return sign_test(local_only, cloud_only)


def sign_test(first: int, second: int) -> float:
    """Two-sided exact p that two outcomes are equally likely; ties are left out by the caller."""
    n = first + second
    if not n:
        return 1.0
    tail = sum(math.comb(n, k) for k in range(min(first, second) + 1))
    return min(1.0, tail / (1 << (n - 1)))


def prompts_needed(
    disagreement: float,
    margin: float,
    *,
    difference: float = 0.0,
    z: float = Z_ONE_SIDED_95,
    z_power: float = Z_POWER_80,
) -> int | None:
    """Prompts for 80 % power of the gate; None where it cannot be decided that way.

    n = (z_a + z_b)^2 (psi - delta^2) / (margin + delta)^2, psi being the share of prompts on which
    exactly one model is right and delta the true difference. At least as many as without any
    disagreement.
    """
    check_margin(margin)
    room = margin + difference
    if room < _LEAST_ROOM:
        return None
    spread = max(0.0, disagreement - difference * difference)
    n = math.ceil((z + z_power) ** 2 * spread / (room * room))
    return max(n, prompts_needed_without_disagreement(margin, z=z))


def prompts_needed_without_disagreement(margin: float, *, z: float = Z_ONE_SIDED_95) -> int:
    """Prompts below which not even identical answers pass: z^2 (1 - margin) / margin."""
    check_margin(margin)
    return math.floor(z * z * (1 - margin) / max(margin, _LEAST_ROOM)) + 1


def more_prompts(pairs: Pairs, margin: float, *, z: float = Z_ONE_SIDED_95) -> int | None:
    """Prompts still missing for a decision; None where no practical number would bring one.

    The two are taken to be truly equal as long as the interval allows it, else to differ as
    observed; prompts are taken to disagree as often as so far.
    """
    low, high = tango_interval(pairs, z=z)
    truth = 0.0 if low <= 0 <= high else pairs.difference
    room = margin + truth
    if room >= _LEAST_ROOM:
        needed = prompts_needed(pairs.disagreement, margin, difference=truth, z=z)
    elif room <= -_LEAST_ROOM:
        spread = max(0.0, pairs.disagreement - truth * truth)
        needed = math.ceil((z + Z_POWER_80) ** 2 * spread / (room * room))
    else:
        needed = None
    if needed is None or needed > MOST_PROMPTS:
        return None
    return max(1, needed - pairs.prompts)


def rogan_gladen(observed: float, sensitivity: float, *, specificity: float) -> float:
    """The true share behind one that an imperfect judge saw (Rogan and Gladen, 1978).

    Args:
        observed: Share that the judge called right.
        sensitivity: How often it calls a right answer right.
        specificity: How often it calls a wrong answer wrong.

    Raises:
        BadInput: the judge is no better than chance, so that nothing can be corrected.
    """
    skill = sensitivity + specificity - 1
    if skill <= 0:
        raise BadInput(
            "A judge that is right no more often than chance cannot be corrected for.",
            "Calibrate another judge on answers labelled by people.",
        )
    return min(1.0, max(0.0, (observed + specificity - 1) / skill))
