"""The table of rules at its thresholds: what just meets one, and what just misses it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.provenance import Stated, Unknown, middle
from landfall.core.quality.paired_tests import GateResult
from landfall.core.settings import Thresholds
from landfall.core.verdict.decision_table import rule
from landfall.core.verdict.facts import Facts
from landfall.core.verdict.options import _remote_out
from landfall.core.verdict.table_words import Ruling, busiest, cannot_alone
from landfall.core.verdict.verdict import _beat
from landfall.core.workload.privacy import Option
from tests.core.verdict.test_verdict import bought, case, host

LIMITS = Thresholds()


def reason(ruling: Ruling, name: str) -> tuple[str, bool] | None:
    return next(((one.text, one.met) for one in ruling.reasons if one.rule == name), None)


def forecast(facts: Facts) -> str | None:
    found = reason(rule(facts, LIMITS), "S6")
    return None if found is None or found[1] else found[0]


def test_that_a_forecast_needs_its_days_and_one_less_is_too_few() -> None:
    least = LIMITS.history_min_days
    facts = case("D8")
    assert rule(replace(facts, history_days=least), LIMITS).option is Option.LOCAL_BUY
    assert forecast(replace(facts, history_days=least)) is None
    assert forecast(replace(facts, history_days=least - 1)) == (
        f"{least - 1} of {least} days observed"
    )
    assert forecast(replace(facts, history_days=None)) == "no observed days are stated"


def test_that_a_volume_that_is_not_stated_is_named_and_a_trickle_is_too_little() -> None:
    facts = case("D8")
    unstated = rule(replace(facts, calls_per_day=None), LIMITS)
    assert reason(unstated, "S6") == ("the calls a day are not stated", False)
    assert "volume.calls_per_day" in {one.field for one in unstated.missing}
    most = LIMITS.premature_calls_per_day
    assert forecast(replace(facts, calls_per_day=most)) == f"{most:g} calls a day are too few"
    assert forecast(replace(facts, calls_per_day=most + 1)) is None
    assert rule(facts, LIMITS).missing == ()


@pytest.mark.parametrize(
    ("peak", "late", "window", "alone"),
    [
        (0.99, False, False, True),
        (1.0, False, False, False),
        (0.5, True, False, False),
        (0.5, False, True, False),
        (0.5, None, None, True),
    ],
)
def test_that_a_host_that_is_full_late_or_slow_cannot_do_it_alone(
    peak: float, late: bool | None, window: bool | None, alone: bool
) -> None:
    one = replace(
        host(case("D12")), peak_utilisation=Stated(peak, "t"), late=late, misses_window=window
    )
    assert cannot_alone(one) == (not alone)


def test_that_the_busiest_hour_is_told_by_what_is_wrong_with_it() -> None:
    one = replace(host(case("D12")), late=False, misses_window=False)
    assert "needs 140 % of what" in busiest(one, 1.4)
    assert "needs 2.0 times what" in busiest(one, 2.0)
    assert "needs 199 % of what" in busiest(one, 1.99)
    late = replace(one, late=True)
    assert "later than the target" in busiest(late, 0.99)
    assert "needs 100 % of what" in busiest(late, 1.0)
    assert "needs 50 % of what" in busiest(one, 0.5)
    missed = replace(late, misses_window=True)
    assert "does not clear the batch window" in busiest(missed, 0.5)


def test_that_a_purchase_needs_a_bill_that_is_large_enough() -> None:
    facts = case("D8")
    least = LIMITS.local_bill_min_usd_month
    assert bought(facts)
    for usd, large in ((least + 1, True), (least - 1, False)):
        told = replace(facts, frontier=Stated(usd, "t"), hosted=Stated(usd, "t"))
        found = reason(rule(told, LIMITS), "S7")
        assert found is not None
        assert found[1] == large


def test_that_a_hosted_and_a_rented_candidate_that_failed_are_out_by_h5() -> None:
    facts = replace(
        case("D8"), hosted_allowed=True, hosted_offered=True, gate_hosted=GateResult.FAIL
    )
    assert _remote_out(facts, Option.HOSTED_OPEN) == ("H5", "the hosted candidate failed its gate")
    passes = replace(facts, gate_hosted=GateResult.PASS)
    assert _remote_out(passes, Option.HOSTED_OPEN) is None
    failed = replace(facts, gate=GateResult.FAIL)
    assert (_remote_out(failed, Option.RENT_GPU) or ("", ""))[0] == "H5"
    assert _remote_out(replace(facts, gate=GateResult.PASS), Option.CLOUD_FRONTIER) is None
    nobody = replace(facts, hosted_offered=False, gate_hosted=GateResult.PASS)
    assert (_remote_out(nobody, Option.HOSTED_OPEN) or ("", ""))[1].startswith("no hosted")


def test_that_what_a_verdict_beat_is_told_by_how_much_the_nearest_first() -> None:
    from tests.core.verdict.test_verdict import decided

    verdict = decided(case("D8"))
    mine = verdict.line(verdict.option)
    assert mine is not None
    lines = tuple(
        replace(mine, option=option, usd_month=figure, feasible=feasible)
        for option, figure, feasible in (
            (verdict.option, Stated(100.0, "t"), True),
            (Option.CLOUD_FRONTIER, Stated(150.0, "t"), True),
            (Option.HOSTED_OPEN, Stated(120.0, "t"), True),
            (Option.RENT_GPU, Unknown("x"), True),
            (Option.HYBRID, Stated(101.0, "t"), False),
        )
    )
    found = _beat(lines, verdict.option)
    assert [one.option for one in found] == [
        Option.HOSTED_OPEN, Option.CLOUD_FRONTIER, Option.RENT_GPU,
    ]  # fmt: skip
    assert [middle(one.more_usd_month) for one in found] == [20.0, 50.0, None]
    assert _beat(lines[1:], verdict.option) == ()
