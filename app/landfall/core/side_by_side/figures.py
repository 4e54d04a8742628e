"""What came of the same prompts at several models: figures of each answer, and of each model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from landfall.core.run.metrics import percentile
from landfall.core.side_by_side.side_by_side import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFigures:
    """What is known of one answer; None is not known.

    Attributes:
        reasons: Why a figure is not known, by its name.
        estimated: Names of figures that rest on an estimate of tokens, which nobody counted.
    """

    target: int
    prompt: int
    complete: bool
    ttft_seconds: float | None = None
    decode_tok_s: float | None = None
    total_seconds: float | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    gross_joules: float | None = None
    net_joules: float | None = None
    electricity_cost: float | None = None
    reasons: Mapping[str, str]
    estimated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A figure over several answers.

    Attributes:
        value: Over the answers of which it is known; None where it is known of none.
        missing: Of how many answers it is not known; a sum is then that of the others.
        reason: Why it is not, of the first of them, or "".
        estimated: Of how many answers it rests on an estimate.
    """

    value: float | None
    missing: int = 0
    reason: str = ""
    estimated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSummary:
    """What one target made of all prompts.

    Times and rates are over whole answers; sums of tokens, money and energy are over all, since
    what broke off was used too.

    Attributes:
        answers: That came to their end; `failed` did not, or were never begun.
    """

    target: int
    answers: int
    failed: int
    ttft_p50_seconds: Amount
    ttft_p95_seconds: Amount
    decode_tok_s: Amount
    total_seconds: Amount
    prompt_tokens: Amount
    output_tokens: Amount
    cost_usd: Amount
    gross_joules: Amount
    net_joules: Amount
    electricity_cost: Amount


NO_ANSWER = "no answer came"


def summaries(plan: Plan, answers: Iterable[AnswerFigures]) -> tuple[TargetSummary, ...]:
    """One for each target of the plan, in its order."""
    of: dict[int, list[AnswerFigures]] = defaultdict(list)
    for answer in answers:
        of[answer.target].append(answer)
    return tuple(_summary(n, of[n], len(plan.prompts)) for n in range(len(plan.targets)))


def _summary(target: int, answers: Sequence[AnswerFigures], asked: int) -> TargetSummary:
    whole = [answer for answer in answers if answer.complete]
    return TargetSummary(
        target=target,
        answers=len(whole),
        failed=asked - len(whole),
        ttft_p50_seconds=_share(whole, "ttft_seconds", 0.50),
        ttft_p95_seconds=_share(whole, "ttft_seconds", 0.95),
        decode_tok_s=_share(whole, "decode_tok_s", 0.50),
        total_seconds=_share(whole, "total_seconds", 0.50),
        prompt_tokens=_sum(answers, "prompt_tokens"),
        output_tokens=_sum(answers, "output_tokens"),
        cost_usd=_sum(answers, "cost_usd"),
        gross_joules=_sum(answers, "gross_joules"),
        net_joules=_sum(answers, "net_joules"),
        electricity_cost=_sum(answers, "electricity_cost"),
    )


def _share(answers: Sequence[AnswerFigures], field: str, share: float) -> Amount:
    known = _known(answers, field)
    return _amount(answers, field, percentile(known, share))


def _sum(answers: Sequence[AnswerFigures], field: str) -> Amount:
    known = _known(answers, field)
    return _amount(answers, field, sum(known) if known else None)


def _known(answers: Sequence[AnswerFigures], field: str) -> list[float]:
    values = (getattr(answer, field) for answer in answers)
    return [value for value in values if value is not None]


def _amount(answers: Sequence[AnswerFigures], field: str, value: float | None) -> Amount:
    lacking = [answer for answer in answers if getattr(answer, field) is None]
    reason = "" if answers else NO_ANSWER
    if lacking:
        reason = lacking[0].reasons.get(field) or "not known"
    estimated = sum(field in answer.estimated for answer in answers)
    return Amount(value=value, missing=len(lacking), reason=reason, estimated=estimated)
