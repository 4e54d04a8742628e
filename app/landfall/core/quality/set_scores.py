"""How one side did over a whole set: what stands beside the gate and the trivial baselines."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean

from landfall.core.provenance import Unknown
from landfall.core.quality.answers import f1_of, label_pairs
from landfall.core.quality.differences import differences, mean_interval
from landfall.core.quality.paired_tests import Z_TWO_SIDED_95, wilson
from landfall.core.quality.scoring import NO_RULES, PLAIN, Metric, Options, Rules, score

DRAWS = 400
"""Of the bootstrap of macro-F1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetScore:
    """A score over a set.

    Attributes:
        value: Share right, mean score, or macro-F1, as the metric says.
        low, high: Two-sided 95 %: Wilson's of a share, Student's t and bootstrap of a mean, a
            percentile bootstrap of macro-F1. Prompts count as independent.
        prompts: How many answers were scored; unscored: how many could not be.
    """

    value: float
    low: float
    high: float
    prompts: int
    unscored: int


def set_score(
    metric: Metric,
    answers: Sequence[tuple[str, str | None]],
    options: Options = PLAIN,
    *,
    seed: int = 0,
    rules: Rules = NO_RULES,
) -> SetScore | Unknown:
    """The score of one side's answers, each with what was expected.

    Unknown where the metric scores none of them: people or a judge compare, and give no score.
    """
    scored = [
        (score(metric, told, right, options, rules), told, right or "") for told, right in answers
    ]
    known = [(value, told, right) for value, told, right in scored if isinstance(value, float)]
    if not known:
        return Unknown("no answer can be scored by itself")
    values = [value for value, _, _ in known]
    if metric.id == "macro_f1":
        mean, low, high = _macro_f1([(told, right) for _, told, right in known], seed)
    elif metric.binary:
        mean = fmean(values)
        low, high = wilson(sum(values), len(values))
    else:
        mean = fmean(values)
        places = range(len(values))
        spread = differences(places, [""] * len(values), values)
        low, high = mean_interval(spread, Z_TWO_SIDED_95, design_effect=1.0, seed=seed)
        low = max(0.0, low)
    return SetScore(
        value=mean, low=low, high=high, prompts=len(values), unscored=len(scored) - len(values)
    )


def _macro_f1(answers: Sequence[tuple[str, str]], seed: int) -> tuple[float, float, float]:
    pairs = label_pairs([told for told, _ in answers], [right for _, right in answers])
    chance = random.Random(seed)
    drawn = sorted(f1_of(chance.choices(pairs, k=len(pairs))) for _ in range(DRAWS))
    tail = 1 - NormalDist().cdf(Z_TWO_SIDED_95)
    last = DRAWS - 1
    return f1_of(pairs), drawn[int(tail * last)], drawn[round((1 - tail) * last)]
