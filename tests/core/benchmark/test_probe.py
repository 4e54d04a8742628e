"""A probe's plan, its calls and what they come to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.benchmark.probe import (
    FIRM_FROM,
    Call,
    Here,
    HereAndThere,
    Plan,
    as_data,
    call_of,
    calls_of,
    gives_up,
    result_data,
    summarise,
)
from landfall.core.errors import BadInput
from landfall.core.events import Aborted, Ended, Piece, RunEvent, Sent, Usage
from landfall.core.provenance import Unknown
from landfall.core.run.metrics import measure


def test_that_the_warm_up_is_paid_for_and_not_measured() -> None:
    assert Plan(calls=10).asked == 11
    slow = Call(number=0, ttft_seconds=9.0, tok_s=1.0, cost_usd=0.5)
    fast = Call(number=1, ttft_seconds=0.2, tok_s=100.0, cost_usd=0.25)
    found = summarise([slow, fast])
    assert (found.measured, found.ttft_p50_seconds, found.tok_s_p50) == (1, 0.2, 100.0)
    assert found.cost_usd == 0.75


def test_that_p95_is_the_bad_end_of_a_wait_and_of_a_rate() -> None:
    calls = [Call(number=n, ttft_seconds=n / 10, tok_s=float(n)) for n in range(1, 22)]
    found = summarise(calls)
    assert found.ttft_p95_seconds == pytest.approx(2.0)
    assert found.tok_s_p95 == pytest.approx(2.0)
    assert (found.ttft_p50_seconds, found.tok_s_p50) == (pytest.approx(1.1), 11.0)
    assert found.firm


@given(
    st.lists(
        st.tuples(st.floats(0.01, 60), st.floats(0.1, 5000), st.booleans()),
        min_size=1,
        max_size=40,
    )
)
def test_that_percentiles_lie_within_what_was_seen(rows: list[tuple[float, float, bool]]) -> None:
    calls = [
        Call(number=n, ttft_seconds=wait, tok_s=rate, failure="no" if failed else "")
        for n, (wait, rate, failed) in enumerate(rows)
    ]
    found = summarise(calls)
    counted = [call for call in calls if call.measured]
    assert found.measured == len(counted)
    assert found.measured + found.failed == len(calls) - 1
    assert found.firm is (len(counted) >= FIRM_FROM)
    if not counted:
        assert (found.ttft_p50_seconds, found.tok_s_p95) == (None, None)
        return
    waits = sorted(call.ttft_seconds or 0 for call in counted)
    rates = sorted(call.tok_s or 0 for call in counted)
    assert found.ttft_p50_seconds is not None
    assert found.ttft_p95_seconds is not None
    assert waits[0] - 1e-9 <= found.ttft_p50_seconds <= found.ttft_p95_seconds + 1e-9
    assert found.tok_s_p50 is not None
    assert found.tok_s_p95 is not None
    assert rates[0] - 1e-9 <= found.tok_s_p95 <= found.tok_s_p50 + 1e-9


def test_that_failures_are_counted_by_reason_and_cost_nobody_knows_is_said() -> None:
    found = summarise(
        [
            Call(number=0, cost_usd=None),
            Call(number=1, failure="busy"),
            Call(number=2, failure="busy"),
            Call(number=3, failure="cut"),
            Call(number=4, ttft_seconds=1.0, tok_s=2.0, cost_usd=None),
        ]
    )
    assert found.failures == (("busy", 2), ("cut", 1))
    assert (found.measured, found.failed, found.unpriced, found.cost_usd) == (1, 3, 2, None)


def test_that_nothing_made_has_no_figures() -> None:
    found = summarise([])
    assert (found.measured, found.failed, found.cost_usd, found.tok_s_p50) == (0, 0, None, None)


def answer(*events: RunEvent) -> Call:
    return call_of(1, measure([Sent(0.0), *events]), cost_usd=0.1)


def test_that_a_call_is_measured_from_sending_to_its_first_and_last_text() -> None:
    usage = Usage(input_tokens=20, output_tokens=12)
    call = answer(Piece(0.5, "one"), Piece(1.5, ", two"), Ended(1.6, "stop", usage=usage))
    assert (call.ttft_seconds, call.tok_s, call.failure) == (0.5, 10.0, "")
    assert (call.input_tokens, call.output_tokens, call.cost_usd) == (20, 12, 0.1)


def test_that_an_answer_without_its_end_or_without_text_is_a_failure() -> None:
    cut = answer(Piece(0.5, "one"), Aborted(0.6, "the stream ended before the answer did"))
    assert cut.failure == "the stream ended before the answer did"
    assert cut.tok_s is None
    silent = answer(Ended(0.6, "length", usage=Usage(input_tokens=5, output_tokens=96)))
    assert silent.failure == "it answered without any text"
    assert not silent.measured


def test_that_three_failures_in_a_row_end_a_probe() -> None:
    no, yes = Call(number=1, failure="no"), Call(number=2)
    assert not gives_up([no, no])
    assert not gives_up([no, no, yes, no, no])
    assert gives_up([yes, no, no, no])


@pytest.mark.parametrize("calls", [0, 101, -1])
def test_that_a_plan_with_too_few_or_too_many_calls_is_bad_input(calls: int) -> None:
    with pytest.raises(BadInput, match="1 to 100") as caught:
        Plan(calls=calls)
    assert caught.value.field == "calls"


@pytest.mark.parametrize("tokens", [0, 15, 4097])
def test_that_an_answer_too_short_for_a_rate_is_bad_input(tokens: int) -> None:
    with pytest.raises(BadInput, match="16 to 4096"):
        Plan(max_tokens=tokens)


def test_that_calls_come_back_out_of_what_is_kept() -> None:
    calls = (Call(number=0), Call(number=1, ttft_seconds=0.5, failure="x", cost_usd=0.25))
    kept = result_data(calls)
    assert calls_of(kept) == calls
    assert kept["cost_usd"] == 0.25
    assert kept["summary"]["failures"] == [["x", 1]]
    assert calls_of(None) == ()
    assert as_data(Plan(calls=3))["calls"] == 3


def test_that_a_chart_of_nothing_knows_it() -> None:
    assert HereAndThere().is_empty
    unknown = Unknown("never run")
    one = Here(
        model="m", tok_s=unknown, watts=unknown, watts_scope="", ttft_seconds=unknown, runs=0
    )
    assert not HereAndThere(here=(one,)).is_empty


def test_that_figures_of_tokens_which_nobody_counted_are_named_as_estimated() -> None:
    counted = Call(number=1, tok_s=50.0, input_tokens=9, output_tokens=20, cost_usd=0.1)
    guessed = replace(counted, number=2, tokens_estimated=True, cost_estimated=True)
    assert counted.estimated == ()
    assert guessed.estimated == ("tok_s", "input_tokens", "output_tokens", "cost_usd")
    assert summarise([counted]).estimated == ()
    both = summarise([counted, guessed])
    assert both.estimated == ("tok_s_p50", "tok_s_p95", "cost_usd")
    assert calls_of(result_data([guessed])) == (guessed,)


def test_that_a_cost_which_the_provider_states_is_no_estimate_though_its_tokens_are() -> None:
    stated = Call(number=1, tok_s=50.0, cost_usd=0.1, tokens_estimated=True)
    assert stated.estimated == ("tok_s",)
    assert summarise([stated]).estimated == ("tok_s_p50", "tok_s_p95")


def test_that_the_warm_up_makes_the_cost_an_estimate_and_not_the_speed() -> None:
    first = Call(number=0, tok_s=9.0, cost_usd=0.1, tokens_estimated=True, cost_estimated=True)
    assert summarise([first, Call(number=1, tok_s=50.0, cost_usd=0.1)]).estimated == ("cost_usd",)


def test_that_what_is_not_known_is_not_estimated() -> None:
    assert Call(number=1, tokens_estimated=True, cost_estimated=True).estimated == ()
