"""The bill against the tokens, and local requests against the cloud."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from landfall.core.dollars import usd
from landfall.core.pricing.generation import undated
from landfall.core.pricing.pricing import PriceRow, Rate, Rates
from landfall.core.pricing.row_pricer import RowPricer, row_pricer
from landfall.core.provenance import Unknown
from landfall.core.usage.bill import UsageBill, bill_of, reasons
from landfall.core.usage.buckets import UsageBucket
from landfall.core.usage.counterfactual import LocalRequest, counterfactual
from landfall.core.usage.rows import CostRow

AT = "2026-06-01T09:00:00+00:00"


def bucket(**values: object) -> UsageBucket:
    told: dict[str, object] = {"at": AT, "span_seconds": 3600, "provider": "p", "model": "m"}
    return UsageBucket(**told | values)  # type: ignore[arg-type]


def cost(usd: float, model: str = "", at: str = AT) -> CostRow:
    return CostRow(at=at, provider="p", line_item="x", model=model, billed_usd=usd)


def test_that_a_bill_of_the_same_sum_agrees() -> None:
    bill = bill_of([bucket(billed_usd=1.0, recomputed_usd=1.001)])
    assert reasons(bill) == ("Bill and tokens agree.",)
    (model,) = bill.models
    assert model.difference_usd == pytest.approx(-0.001)
    assert bill.usage_days == bill.bill_days == {"2026-06-01"}


def test_that_without_a_billed_amount_nothing_is_compared() -> None:
    bill = bill_of([bucket(recomputed_usd=1.0)])
    assert bill.difference_usd is None
    assert bill.models[0].difference_usd is None
    assert reasons(bill)[0].startswith("The sources name no billed amount")


def test_that_few_cents_are_told_to_the_hundredth_of_one() -> None:
    bill = bill_of([bucket(billed_usd=0.01, recomputed_usd=0.0013)])
    assert reasons(bill)[0].startswith("0.0087 USD more have no reason in the sources")


def test_that_amounts_are_written_as_those_beside_them() -> None:
    """The window has "$199" where a command has "199.42 USD"; never both in one place."""
    bill = bill_of([bucket(billed_usd=399.42, recomputed_usd=200.0)])
    assert reasons(bill)[0].startswith("199.42 USD more have no reason in the sources")
    assert reasons(bill, usd)[0].startswith("$199 more have no reason in the sources")


def test_that_a_model_under_its_name_and_under_that_of_a_version_is_told_and_not_added_up() -> None:
    dated, other = "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"
    bill = bill_of(
        [
            bucket(model="claude-sonnet-4-5", billed_usd=1.0, recomputed_usd=1.0),
            bucket(model=dated, billed_usd=2.0, recomputed_usd=2.0),
            bucket(model=other, billed_usd=2.0, recomputed_usd=2.0),
        ]
    )
    assert len(bill.models) == 3
    assert reasons(bill) == (
        "Bill and tokens agree.",
        f"{dated} is claude-sonnet-4-5 in the version of a date: they stand apart, as the sources"
        " name them.",
    )


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("claude-opus-4-1@20250805", "claude-opus-4-1"),
        ("gpt-4o-2024-05-13", "gpt-4o"),
        ("gpt-4-0613", "gpt-4"),
        ("gpt-5", "gpt-5"),
        ("claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("2024-05-13", "2024-05-13"),
    ],
)
def test_that_a_date_at_the_end_of_a_name_is_known(name: str, plain: str) -> None:
    assert undated(name) == plain


def test_that_of_nothing_new_nothing_is_said() -> None:
    assert reasons(UsageBill()) == ()


def test_that_models_without_a_price_are_named_with_the_reason() -> None:
    bill = bill_of(
        [
            bucket(billed_usd=2.0, recomputed_usd=2.0),
            *(bucket(model=f"x{at}", billed_usd=1.0, unpriced_rows=3, rows=3) for at in range(6)),
        ],
        why_unpriced={"x0": "no price table knows 'x0' at p"},
    )
    unpriced, billed = reasons(bill)
    assert unpriced == (
        "No price is known for 18 rows of x0, x1, x2, x3 and 2 more:"
        " no price table knows 'x0' at p."
    )
    assert billed.startswith("6.00 USD are billed for x0,")


def test_that_of_kept_usage_without_a_provider_it_is_said_why_it_has_no_price() -> None:
    bill = bill_of([bucket(provider="", model="m", unpriced_rows=3, rows=3)])
    assert bill.lacks_provider
    (said,) = reasons(bill)
    assert said == "No price is known for 3 rows of m: no provider is named for 'm'."
    assert not bill_of([bucket(unpriced_rows=1)]).lacks_provider


def test_that_cost_rows_are_held_against_the_tokens_of_their_model() -> None:
    bill = bill_of(
        [bucket(recomputed_usd=3.0), bucket(model="n", recomputed_usd=4.0)],
        [cost(3.0, "m"), cost(0.5, at="2026-06-02T00:00:00+00:00"), cost(-1.0)],
    )
    assert (bill.billed_usd, bill.recomputed_usd, bill.difference_usd) == (2.5, 7.0, -4.5)
    said = reasons(bill)
    assert "-0.50 USD of the bill name no model." in said
    assert "Credits take 1.00 USD off the bill." in said
    assert "1 day has a bill without usage." in said
    assert said[-1].startswith("4.00 USD less have no reason in the sources")


def test_that_days_are_counted() -> None:
    later = "2026-06-0{}T00:00:00+00:00"
    bill = bill_of(
        [bucket(recomputed_usd=1.0)],
        [cost(9.0, "m"), *(cost(1.0, "m", later.format(at)) for at in (2, 3))],
    )
    assert "2 days have a bill without usage." in reasons(bill)


def test_that_usage_that_no_bill_names_is_said() -> None:
    said = reasons(
        bill_of(
            [
                bucket(billed_usd=5.0, recomputed_usd=5.0),
                bucket(at="2026-06-03T00:00:00+00:00", model="n", recomputed_usd=4.0),
            ]
        )
    )
    assert said == (
        "4.00 USD are what the tokens of n come to, which no bill names.",
        "1 day has usage without a bill.",
    )


def test_that_a_bill_of_a_model_without_usage_is_not_said_to_lack_a_price() -> None:
    said = reasons(bill_of([bucket(model="m-2026", recomputed_usd=7.0)], [cost(5.0, model="m")]))
    assert said[:2] == (
        "5.00 USD are billed for m, of which no usage is told.",
        "7.00 USD are what the tokens of m-2026 come to, which no bill names.",
    )


def test_that_a_bill_without_usage_has_no_difference() -> None:
    bill = bill_of([], [cost(2.0)])
    assert (bill.billed_usd, bill.recomputed_usd) == (2.0, None)
    assert reasons(bill) == ()
    unpriced = bill_of([bucket(billed_usd=1.0, unpriced_rows=1, model="")])
    assert reasons(unpriced) == ("No price is known for 1 row of no model.",)


# Local requests against the cloud

MTOK = 1e6
PRICED = row_pricer(
    PriceRow(
        provider="p",
        model="m",
        rates=Rates(input=Rate(2.0), output=Rate(8.0)),
        source="a test",
        as_of=datetime(2026, 6, 1, tzinfo=UTC).date(),
    )
)


def local(
    tokens_in: float | None = 3, out: float | None = 20, usd: float | None = 0.0
) -> LocalRequest:
    return LocalRequest(at=AT, input_tokens=tokens_in, output_tokens=out, electricity_usd=usd)


def priced(_at: str) -> RowPricer | Unknown:
    return PRICED


def test_that_a_request_of_three_tokens_costs_three_and_the_saving_may_be_negative() -> None:
    found = counterfactual([local(usd=0.001)], priced)
    assert found.cloud_usd == pytest.approx((3 * 2.0 + 20 * 8.0) / MTOK)
    assert found.saved_usd == pytest.approx(0.000166 - 0.001)
    assert found.saved_usd is not None
    assert found.saved_usd < 0


def test_that_electricity_that_was_not_measured_is_not_free() -> None:
    found = counterfactual([local(usd=None), local(usd=0.001)], priced)
    assert (found.counted, found.unmeasured, found.saved_usd) == (2, 1, None)
    assert found.electricity_usd == 0.001


def test_that_requests_without_tokens_or_price_are_left_out_and_said() -> None:
    found = counterfactual([local(None), local(3, None)], priced)
    assert (found.cloud_usd, found.electricity_usd, found.saved_usd) == (None, None, None)
    assert found.reasons == ("2 left out: its tokens were not counted",)
    unknown = counterfactual([local()], lambda _at: Unknown("nobody serves it"))
    assert (unknown.uncounted, unknown.reasons) == (1, ("1 left out: nobody serves it",))
    gap = row_pricer(
        PriceRow(provider="p", model="m", rates=Rates(input=Rate(2.0)), source="a test", as_of=None)
    )
    assert counterfactual([local()], lambda _at: gap).reasons == (
        "1 left out: the price of m has a gap",
    )


def test_that_rows_of_a_model_add_up() -> None:
    bill = bill_of(
        [
            bucket(rows=3, unpriced_rows=1, billed_usd=2.0),
            bucket(rows=4, unpriced_rows=2, recomputed_usd=5.0),
        ]
    )
    (model,) = bill.models
    assert (model.rows, model.unpriced_rows) == (7, 3)
    assert (model.billed_usd, model.recomputed_usd) == (2.0, 5.0)
