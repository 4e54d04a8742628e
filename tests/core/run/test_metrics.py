from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.events import Aborted, Counters, Ended, Piece, RunEvent, Sent, Usage
from landfall.core.run.metrics import FIGURES, RunMetrics, measure, percentile

COUNTERS = Counters(
    total_seconds=3.0,
    load_seconds=0.5,
    prompt_tokens=200,
    prompt_seconds=1.0,
    output_tokens=5,
    output_seconds=0.4,
)


def answer(counters: Counters | None = COUNTERS, usage: Usage | None = None) -> list[RunEvent]:
    """Four pieces, 0.1 s apart, 1.5 s after the sending; the server counts the end as a token."""
    pieces = [Piece(11.5 + 0.1 * k, f"w{k} ") for k in range(4)]
    return [Sent(10.0), *pieces, Ended(11.9, "stop", counters, usage)]


def test_that_rates_are_the_servers_counts_over_its_own_durations() -> None:
    metrics = measure(answer())
    assert metrics.prefill_tok_s == pytest.approx(200.0)
    assert metrics.decode_tok_s == pytest.approx(12.5)
    assert metrics.load_seconds == 0.5
    assert (metrics.prompt_tokens, metrics.output_tokens) == (200, 5)
    assert metrics.done_reason == "stop"
    assert metrics.complete


def test_that_waiting_times_are_those_of_the_socket() -> None:
    metrics = measure(answer())
    assert metrics.ttft_seconds == pytest.approx(1.5)
    assert metrics.total_seconds == pytest.approx(1.9)
    assert metrics.inter_token_p50_seconds == pytest.approx(0.1)
    # Four tokens came in 0.3 s, three of them after the first.
    assert metrics.client_decode_tok_s == pytest.approx(10.0)


def test_that_thinking_is_not_the_answer() -> None:
    events = [
        Sent(0.0),
        Piece(1.0, "hm", thinking=True),
        Piece(2.0, "yes", thinking=True),
        Piece(3.0, "42"),
        Ended(3.1, "stop", COUNTERS),
    ]
    metrics = measure(events)
    assert metrics.ttft_seconds == 1.0
    assert metrics.first_answer_seconds == 3.0
    assert (metrics.thinking_pieces, metrics.answer_pieces) == (2, 1)
    assert metrics.thinking_tokens is None
    assert "apart" in metrics.reason("thinking_tokens")


def test_that_thinking_is_zero_only_where_nothing_was_thought() -> None:
    assert measure(answer()).thinking_tokens == 0
    assert measure(answer(usage=Usage(reasoning_tokens=7))).thinking_tokens == 7
    assert measure([Sent(0.0)]).thinking_tokens is None


def test_that_hidden_thinking_does_not_speed_up_what_arrived() -> None:
    plain = measure(answer(counters=None, usage=Usage(output_tokens=5)))
    hidden = measure(answer(counters=None, usage=Usage(output_tokens=105, reasoning_tokens=100)))
    assert hidden.client_decode_tok_s == plain.client_decode_tok_s


@pytest.mark.parametrize("prompt_seconds", [0.01, 0.16])
def test_that_a_prompt_that_took_one_pass_has_no_prefill_rate(prompt_seconds: float) -> None:
    counters = dataclasses.replace(COUNTERS, prompt_seconds=prompt_seconds)
    metrics = measure(answer(counters))
    assert metrics.prefill_tok_s is None
    assert "cache" in metrics.reason("prefill_tok_s")
    cold = measure(answer(counters), prompt_cache="cold")
    assert cold.prefill_tok_s == pytest.approx(200 / prompt_seconds)


def test_that_a_prompt_read_faster_than_its_forward_passes_has_no_prefill_rate() -> None:
    # A prompt of 4,098 tokens that was held, on an H200: 12.4 ms, 2.9 steps of its decode.
    held = dataclasses.replace(
        COUNTERS, prompt_tokens=4098, prompt_seconds=0.0124, output_tokens=1200, output_seconds=5.16
    )
    metrics = measure(answer(held))
    assert metrics.prefill_tok_s is None
    assert "cache" in metrics.reason("prefill_tok_s")
    read = dataclasses.replace(held, prompt_seconds=0.3465)
    assert measure(answer(read)).prefill_tok_s == pytest.approx(4098 / 0.3465)


def test_that_a_known_cache_hit_voids_the_prefill_rate() -> None:
    metrics = measure(answer(), prompt_cache="hit")
    assert metrics.prefill_tok_s is None
    assert metrics.reason("prefill_tok_s")
    assert metrics.decode_tok_s is not None


def test_that_one_token_has_no_decode_rate() -> None:
    counters = dataclasses.replace(COUNTERS, output_tokens=1, output_seconds=1e-6)
    metrics = measure([Sent(0.0), Piece(1.0, "x"), Ended(1.0, "length", counters)])
    assert metrics.decode_tok_s is None
    assert metrics.reason("decode_tok_s") == "one token has no rate"
    assert metrics.client_decode_tok_s is None


@pytest.mark.parametrize("end", [Aborted(12.0, "the server fell silent"), None])
def test_that_a_stream_without_its_end_is_no_result(end: Aborted | None) -> None:
    events = answer()[:-1] + ([end] if end else [])
    metrics = measure(events)
    assert not metrics.complete
    for field in ("decode_tok_s", "prefill_tok_s", "output_tokens", "done_reason"):
        assert getattr(metrics, field) is None
        assert metrics.reason(field)
    # What a person waited for is true all the same.
    assert metrics.ttft_seconds == pytest.approx(1.5)


def test_that_a_provider_without_counters_still_counts_tokens() -> None:
    metrics = measure(answer(counters=None, usage=Usage(input_tokens=9, output_tokens=4)))
    assert (metrics.prompt_tokens, metrics.output_tokens) == (9, 4)
    assert metrics.decode_tok_s is None
    assert metrics.reason("decode_tok_s") == "the server did not say"


def test_that_pieces_in_one_read_have_no_rate() -> None:
    metrics = measure([Sent(0.0), Piece(1.0, "a"), Piece(1.0, "b"), Ended(1.0, "stop", COUNTERS)])
    assert metrics.client_decode_tok_s is None
    assert metrics.inter_token_p50_seconds == 0.0


def test_that_json_carries_every_figure_and_why_it_is_missing() -> None:
    document = measure([Sent(0.0)]).as_json()
    assert set(FIGURES) <= set(document)
    assert set(document["reasons"]) == {name for name in FIGURES if document[name] is None}
    assert document["complete"] is False


def test_that_a_percentile_of_nothing_is_unknown() -> None:
    assert percentile([], 0.5) is None
    assert percentile([3.0], 0.99) == 3.0
    assert percentile([0.0, 10.0], 0.95) == pytest.approx(9.5)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_that_a_percentile_lies_between_the_smallest_and_the_largest(
    values: list[float], share: float
) -> None:
    found = percentile(values, share)
    assert found is not None
    assert min(values) <= found <= max(values) * (1 + 1e-12)


EVENTS = st.lists(
    st.one_of(
        st.builds(Sent, st.floats(0, 10)),
        st.builds(Piece, st.floats(10, 20), st.text(max_size=3), st.booleans()),
        st.builds(Aborted, st.floats(20, 30), st.just("cut")),
        st.builds(
            Ended,
            st.floats(20, 30),
            st.just("stop"),
            st.builds(
                Counters,
                prompt_tokens=st.one_of(st.none(), st.integers(0, 9)),
                prompt_seconds=st.one_of(st.none(), st.floats(0, 9)),
                output_tokens=st.one_of(st.none(), st.integers(0, 9)),
                output_seconds=st.one_of(st.none(), st.floats(0, 9)),
            ),
        ),
    ),
    max_size=8,
)


@given(EVENTS, st.sampled_from(["cold", "unknown", "hit"]))
def test_that_every_missing_figure_has_its_reason_and_no_other(
    events: list[RunEvent], cache: str
) -> None:
    metrics: RunMetrics = measure(events, prompt_cache=cache)  # type: ignore[arg-type]
    missing = {name for name in FIGURES if getattr(metrics, name) is None}
    assert {name for name, reason in metrics.reasons if reason} == missing


def test_that_gaps_between_pieces_are_told_at_three_places() -> None:
    pieces = [Piece(at * (at + 1) / 200, f"w{at} ") for at in range(1, 102)]
    metrics = measure([Sent(0.0), *pieces, Ended(60.0, "stop", COUNTERS)])
    # Gaps of 0.02, 0.03 … 1.01 s.
    assert metrics.inter_token_p50_seconds == pytest.approx(0.515, abs=0.006)
    assert metrics.inter_token_p95_seconds == pytest.approx(0.96, abs=0.01)
    assert metrics.inter_token_p99_seconds == pytest.approx(1.0, abs=0.011)
    assert metrics.inter_token_p99_seconds > (metrics.inter_token_p95_seconds or 0.0)
