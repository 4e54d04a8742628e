"""Why what was billed and what the tokens come to by price are not the same."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from landfall.core.dollars import in_usd
from landfall.core.pricing.generation import undated
from landfall.core.usage.buckets import UsageBucket
from landfall.core.usage.rows import CostRow

AGREES_SHARE = 0.005
"""Nearer than this they agree: providers round each line of a bill."""

AGREES_USD = 0.005
"""Half a cent: bills are written in cents."""
MOST_NAMES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelBill:
    """One model of one provider.

    Attributes:
        billed_usd: Of its usage rows, and of cost rows that name it.
        unpriced_rows: Rows of which no price is known.
    """

    provider: str
    model: str
    rows: int = 0
    billed_usd: float | None = None
    recomputed_usd: float | None = None
    unpriced_rows: int = 0

    @property
    def difference_usd(self) -> float | None:
        """Billed less recomputed; None where either is not known."""
        if self.billed_usd is None or self.recomputed_usd is None:
            return None
        return self.billed_usd - self.recomputed_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageBill:
    """What was billed against what the tokens come to.

    Attributes:
        models: The dearest first.
        other_usd: Of cost rows that name no model; None where there is none.
        credit_usd: What cost rows take off, negative; None where none does.
        why_unpriced: By model, why no price is known; some of them.
    """

    billed_usd: float | None = None
    recomputed_usd: float | None = None
    models: tuple[ModelBill, ...] = ()
    other_usd: float | None = None
    credit_usd: float | None = None
    bill_days: frozenset[str] = frozenset()
    usage_days: frozenset[str] = frozenset()
    why_unpriced: Mapping[str, str] = field(default_factory=dict)

    @property
    def difference_usd(self) -> float | None:
        """Billed less recomputed; None where either is not known."""
        if self.billed_usd is None or self.recomputed_usd is None:
            return None
        return self.billed_usd - self.recomputed_usd

    @property
    def lacks_provider(self) -> bool:
        """Whether a model has no price since no provider is named for it."""
        return any(one.unpriced_rows and not one.provider for one in self.models)


@dataclass(slots=True)
class _Sums:
    """Of one model, while it is added up."""

    rows: int = 0
    unpriced_rows: int = 0
    billed_usd: float | None = None
    recomputed_usd: float | None = None

    def add(self, bucket: UsageBucket) -> None:
        self.rows += bucket.rows
        self.unpriced_rows += bucket.unpriced_rows
        self.billed_usd = _plus(self.billed_usd, bucket.billed_usd)
        self.recomputed_usd = _plus(self.recomputed_usd, bucket.recomputed_usd)


def bill_of(
    buckets: Iterable[UsageBucket],
    costs: Iterable[CostRow] = (),
    *,
    why_unpriced: Mapping[str, str] | None = None,
) -> UsageBill:
    """Hold the bill against the tokens, model by model."""
    sums = defaultdict[tuple[str, str], _Sums](_Sums)
    usage_days, bill_days = set[str](), set[str]()
    for bucket in buckets:
        if bucket.is_idle:
            continue
        sums[bucket.provider, bucket.model].add(bucket)
        usage_days.add(bucket.day)
        if bucket.billed_usd is not None:
            bill_days.add(bucket.day)
    other: float | None = None
    credit: float | None = None
    for cost in costs:
        bill_days.add(cost.at[:10])
        if cost.billed_usd < 0:
            credit = _plus(credit, cost.billed_usd)
        if cost.model:
            one = sums[cost.provider, cost.model]
            one.billed_usd = _plus(one.billed_usd, cost.billed_usd)
        else:
            other = _plus(other, cost.billed_usd)
    return UsageBill(
        billed_usd=_total([*(one.billed_usd for one in sums.values()), other]),
        recomputed_usd=_total(one.recomputed_usd for one in sums.values()),
        models=_models(sums),
        other_usd=other,
        credit_usd=credit,
        bill_days=frozenset(bill_days),
        usage_days=frozenset(usage_days),
        why_unpriced=why_unpriced or {},
    )


def _models(sums: Mapping[tuple[str, str], _Sums]) -> tuple[ModelBill, ...]:
    listed = (
        ModelBill(
            provider=provider,
            model=model,
            rows=one.rows,
            billed_usd=one.billed_usd,
            recomputed_usd=one.recomputed_usd,
            unpriced_rows=one.unpriced_rows,
        )
        for (provider, model), one in sums.items()
    )
    return tuple(sorted(listed, key=_dearest))


def _total(amounts: Iterable[float | None]) -> float | None:
    """The sum of what is known; None where nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return math.fsum(known) if known else None


def _dearest(one: ModelBill) -> tuple[float, str]:
    return -max(one.billed_usd or 0.0, one.recomputed_usd or 0.0), one.model


def _plus(one: float | None, other: float | None) -> float | None:
    if other is None:
        return one
    return other if one is None else one + other


def reasons(bill: UsageBill, written: Callable[[float], str] = in_usd) -> tuple[str, ...]:
    """What is behind the difference, as far as the sources tell.

    A reason names its share in USD where that is known. What is left has no known reason, and that
    is said.

    Args:
        written: How amounts are written, as those are that stand beside the reasons.
    """
    return (*_of_difference(bill, written), *_of_names(bill))


def _of_difference(bill: UsageBill, written: Callable[[float], str]) -> tuple[str, ...]:
    said = [*_unpriced(bill)]
    difference = bill.difference_usd
    if bill.billed_usd is None:
        if bill.recomputed_usd is None:
            return tuple(said)
        said.append("The sources name no billed amount: the sum is by tokens and prices alone.")
        return tuple(said)
    if difference is None:
        return tuple(said)
    if agrees(difference, bill.billed_usd):
        said.append("Bill and tokens agree.")
        return tuple(said)
    explained = math.fsum(_known_shares(bill, said, written))
    rest = difference - explained
    if not agrees(rest, bill.billed_usd):
        said.append(
            f"{written(abs(rest))} {'more' if rest > 0 else 'less'} have no reason in the sources:"
            " discounts, prices that were agreed on, and what is charged besides tokens are not in"
            " them."
        )
    return tuple(said)


def _known_shares(
    bill: UsageBill, said: list[str], written: Callable[[float], str]
) -> Iterable[float]:
    """Shares of the difference with a known reason, which is said."""
    if bill.other_usd:
        said.append(f"{written(bill.other_usd)} of the bill name no model.")
        yield bill.other_usd
    alone = [one for one in bill.models if one.billed_usd and one.recomputed_usd is None]
    untold = [one for one in alone if not one.unpriced_rows]
    if untold:
        usd = math.fsum(one.billed_usd or 0.0 for one in untold)
        said.append(f"{written(usd)} are billed for {_names(untold)}, of which no usage is told.")
        yield usd
    unpriced = [one for one in alone if one.unpriced_rows]
    if unpriced:
        usd = math.fsum(one.billed_usd or 0.0 for one in unpriced)
        said.append(f"{written(usd)} are billed for {_names(unpriced)}, without a known price.")
        yield usd
    unbilled = [one for one in bill.models if one.recomputed_usd and one.billed_usd is None]
    if unbilled and bill.other_usd is None:
        usd = math.fsum(one.recomputed_usd or 0.0 for one in unbilled)
        said.append(
            f"{written(usd)} are what the tokens of {_names(unbilled)} come to, which no bill"
            " names."
        )
        yield -usd
    if bill.credit_usd:
        said.append(f"Credits take {written(-bill.credit_usd)} off the bill.")
        yield 0.0 if bill.other_usd else bill.credit_usd
    without = len(bill.bill_days - bill.usage_days)
    if without and bill.usage_days:
        said.append(f"{_days(without)} a bill without usage.")
    without = len(bill.usage_days - bill.bill_days)
    if without:
        said.append(f"{_days(without)} usage without a bill.")


def _of_names(bill: UsageBill) -> Iterable[str]:
    """Models that stand here twice, under a plain name and under that of a dated version.

    Which version a plain name meant on a day only the provider knows: they are not added up.
    """
    listed = {(one.provider, one.model) for one in bill.models}
    for one in bill.models:
        plain = undated(one.model)
        if plain != one.model and (one.provider, plain) in listed:
            yield (
                f"{one.model} is {plain} in the version of a date: they stand apart, as the sources"
                " name them."
            )


def _unpriced(bill: UsageBill) -> Iterable[str]:
    unpriced = [one for one in bill.models if one.unpriced_rows]
    rows = sum(one.unpriced_rows for one in unpriced)
    if rows:
        names = _names(unpriced)
        # What is kept no longer knows why; of one without a provider it can be seen.
        nobody = [f"no provider is named for {one.model!r}" for one in unpriced if not one.provider]
        whys = list(dict.fromkeys(bill.why_unpriced.values() or nobody))[:MOST_NAMES]
        # Two sentences, each whole: in another language the reasons do not stand at the end.
        if whys:
            yield (
                f"No price is known for {rows} row{'' if rows == 1 else 's'} of {names}:"
                f" {'; '.join(whys)}."
            )
        else:
            yield f"No price is known for {rows} row{'' if rows == 1 else 's'} of {names}."


def _names(models: Iterable[ModelBill]) -> str:
    names = list(dict.fromkeys(one.model or "no model" for one in models))
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def agrees(difference: float, billed: float) -> bool:
    """Whether a bill and what its tokens come to, in USD, are apart by no more than rounding."""
    return abs(difference) <= max(AGREES_USD, AGREES_SHARE * abs(billed))


def _days(count: int) -> str:
    return "1 day has" if count == 1 else f"{count} days have"
