"""All figures of an answer at once, and the edges at which one of them is void."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.events import Aborted, Counters, Ended, Piece, RunEvent, Sent, Usage
from landfall.core.run.chart_table import ChartPoints, table
from landfall.core.run.metrics import RunMetrics, measure, percentile
from landfall.core.run.phases import Phase, PhaseKind, PhaseLine, kept_phases, phase_at, phases
from landfall.core.run.token_estimate import completed, figure

COUNTERS = Counters(
    total_seconds=9.0,
    load_seconds=0.5,
    prompt_tokens=300,
    prompt_seconds=2.0,
    output_tokens=8,
    output_seconds=2.0,
)


def test_that_every_figure_of_an_answer_is_what_its_events_say() -> None:
    events: list[RunEvent] = [
        Sent(10.0),
        Piece(12.0, ""),  # without text it is no piece
        Piece(13.0, "a", thinking=True),
        Piece(13.25, "b"),
        Piece(14.0, "c"),
        Piece(15.0, "d"),
        Ended(16.0, "length", COUNTERS),
    ]
    assert measure(events) == RunMetrics(
        load_seconds=0.5,
        ttft_seconds=3.0,
        first_answer_seconds=3.25,
        total_seconds=6.0,
        prefill_tok_s=150.0,
        decode_tok_s=4.0,
        # Eight are counted, the end is one of them: six after the first in two seconds.
        client_decode_tok_s=3.0,
        prompt_tokens=300,
        output_tokens=8,
        thinking_tokens=None,
        thinking_pieces=1,
        answer_pieces=3,
        inter_token_p50_seconds=0.75,
        inter_token_p95_seconds=pytest.approx(0.975),  # type: ignore[arg-type]
        inter_token_p99_seconds=pytest.approx(0.995),  # type: ignore[arg-type]
        done_reason="length",
        complete=True,
        reasons=(("thinking_tokens", "the server does not count thinking apart"),),
    )


def test_that_nothing_is_known_of_nothing() -> None:
    nothing = RunMetrics()
    assert nothing.complete is False
    assert (nothing.thinking_pieces, nothing.answer_pieces, nothing.reasons) == (0, 0, ())
    assert nothing.reason("ttft_seconds") == ""
    found = measure([])
    assert found.total_seconds is None
    assert found.reason("total_seconds") == "the answer did not come to its end"
    assert found.reason("ttft_seconds") == "no text came"


def test_that_an_answer_that_broke_off_says_why_and_how_long_it_took() -> None:
    found = measure([Sent(10.0), Piece(11.0, "a"), Aborted(12.5, "cut")])
    assert (found.total_seconds, found.complete, found.done_reason) == (2.5, False, None)
    assert found.reason("load_seconds") == found.reason("prompt_tokens") == "cut"
    assert found.reason("client_decode_tok_s") == "the text came in one piece"
    assert found.reason("inter_token_p95_seconds") == "fewer than two pieces came"
    assert found.reason("thinking_tokens") == "the server does not count thinking apart"


def pieces(*stamps: float, thinking: bool = False) -> list[RunEvent]:
    return [Sent(0.0), *(Piece(at, "x", thinking) for at in stamps)]


def test_that_pieces_count_where_nobody_counted_and_never_fewer_than_came() -> None:
    bare = [*pieces(1.0, 1.5, 2.0), Ended(3.0, "stop")]
    assert measure(bare).client_decode_tok_s == 2.0
    fewer = [*pieces(1.0, 1.5, 2.0), Ended(3.0, "stop", None, Usage(output_tokens=2))]
    assert measure(fewer).client_decode_tok_s == 2.0
    more = [*pieces(1.0, 1.5, 2.0), Ended(3.0, "stop", None, Usage(output_tokens=6))]
    assert measure(more).client_decode_tok_s == 4.0
    two = [*pieces(1.0, 1.5), Ended(3.0, "stop")]
    assert measure(two).client_decode_tok_s == 2.0


def test_that_thinking_that_is_seen_came_like_the_rest() -> None:
    usage = Usage(output_tokens=7, reasoning_tokens=3)
    seen = [Sent(0.0), Piece(1.0, "x", thinking=True), Piece(2.0, "y"), Ended(3.0, "", None, usage)]
    assert measure(seen).client_decode_tok_s == 5.0
    hidden = [*pieces(1.0, 2.0), Ended(3.0, "", None, usage)]
    # Of seven three were hidden, and one is the end: two after the first.
    assert measure(hidden).client_decode_tok_s == 2.0
    assert measure(seen).thinking_tokens == measure(hidden).thinking_tokens == 3


def test_that_the_servers_own_counts_stand_above_what_is_billed() -> None:
    both = [*pieces(1.0), Ended(3.0, "", COUNTERS, Usage(input_tokens=1, output_tokens=2))]
    assert (measure(both).prompt_tokens, measure(both).output_tokens) == (300, 8)
    zero = replace(COUNTERS, output_tokens=0, prompt_tokens=0)
    none = measure([*pieces(1.0), Ended(3.0, "", zero, Usage(output_tokens=2))])
    assert (none.output_tokens, none.decode_tok_s, none.prefill_tok_s) == (0, None, None)


@pytest.mark.parametrize(
    ("prompt_tokens", "prompt_seconds", "known"),
    [
        # A step of decode is a quarter of a second: two of them and a millisecond a pass.
        (300, 0.501, False),
        (300, 0.502, True),
        (2048, 0.502, True),
        (2049, 0.502, False),
        (2049, 1.001, False),
        (2049, 1.002, True),
        (4097, 1.501, False),
        (4097, 1.502, True),
        # One token is read in one pass whatever the cache holds.
        (1, 0.1, True),
        (2, 0.1, False),
    ],
)
def test_that_a_prompt_read_in_less_than_its_passes_may_have_been_held(
    prompt_tokens: int, prompt_seconds: float, *, known: bool
) -> None:
    counters = replace(COUNTERS, prompt_tokens=prompt_tokens, prompt_seconds=prompt_seconds)
    found = measure([*pieces(1.0), Ended(3.0, "", counters)])
    assert (found.prefill_tok_s is not None) is known


@pytest.mark.parametrize("output_tokens", [None, 0, 1])
def test_that_without_a_step_of_decode_nothing_looks_held(output_tokens: int | None) -> None:
    counters = replace(COUNTERS, output_tokens=output_tokens, prompt_seconds=0.1)
    found = measure([*pieces(1.0), Ended(3.0, "", counters)])
    assert found.prefill_tok_s == pytest.approx(3000)
    two = replace(counters, output_tokens=2)
    assert measure([*pieces(1.0), Ended(3.0, "", two)]).prefill_tok_s is None


def test_that_a_percentile_is_interpolated_and_ends_at_the_last() -> None:
    assert percentile([30.0, 10.0, 20.0], 0.5) == 20.0
    assert percentile([10.0, 20.0, 40.0], 0.25) == 15.0
    assert percentile([10.0, 20.0, 40.0], 0.75) == 30.0
    assert percentile([10.0, 20.0, 40.0], 1.0) == 40.0
    assert percentile([10.0, 20.0, 40.0], 0.0) == 10.0


# ---------------------------------------------------------------- phases


def told(found: tuple[Phase, ...]) -> list[tuple[str, float, float]]:
    return [(one.kind.value, one.start_seconds, one.end_seconds) for one in found]


def test_that_a_run_is_a_wait_and_then_its_turns() -> None:
    events: list[RunEvent] = [
        Piece(9.0, "before it was sent"),
        Sent(10.0),
        Piece(14.0, "a", thinking=True),
        Piece(15.0, "b", thinking=True),
        Piece(16.0, "c"),
        Ended(19.0, "stop", Counters(load_seconds=1.0, prompt_seconds=2.0)),
    ]
    assert told(phases(events)) == [
        ("load", 0, 1),
        ("waiting", 1, 2),
        ("prefill", 2, 4),
        ("think", 4, 6),
        ("decode", 6, 9),
    ]
    assert phases(events)[-1].seconds == 3
    assert told(phases(events[:3])) == [("waiting", 0, 4)]
    assert phases(events[:1]) == ()
    cut = [*events[:5], Aborted(19.0, "cut")]
    assert told(phases(cut)) == [("waiting", 0, 4), ("think", 4, 6), ("decode", 6, 9)]


def test_that_a_turn_is_told_when_it_begins() -> None:
    line = PhaseLine(10.0)
    assert told(line.until(12.0)) == [("waiting", 0, 2)]
    assert line.add([Piece(11.0, "a")]) is True
    assert line.add([Piece(12.0, "b")]) is False
    assert line.add([]) is False
    assert line.add([Piece(13.0, "c"), Piece(14.0, "d", thinking=True)]) is True
    assert told(line.until(15.0))[1:] == [("decode", 1, 4), ("think", 4, 5)]
    # A stamp from before the sending is one of its moment.
    early = PhaseLine(10.0)
    early.add([Piece(9.0, "a")])
    assert told(early.until(12.0)) == [("decode", 0, 2)]
    assert early.until(9.0) == ()


def test_that_load_and_prefill_never_reach_beyond_the_wait() -> None:
    def wait(load: float | None, prompt: float | None) -> list[tuple[str, float, float]]:
        return told(
            kept_phases(
                load_seconds=load,
                prompt_seconds=prompt,
                ttft_seconds=4.0,
                first_answer_seconds=4.0,
                total_seconds=4.0,
            )
        )

    assert wait(None, 1.0) == [("waiting", 0, 3), ("prefill", 3, 4)]
    assert wait(5.0, 1.0) == [("load", 0, 3), ("prefill", 3, 4)]
    assert wait(1.0, 9.0) == [("prefill", 0, 4)]
    assert wait(1.0, 3.0) == [("load", 0, 1), ("prefill", 1, 4)]


def test_that_a_run_of_the_past_has_the_phases_of_the_times_that_are_kept() -> None:
    def kept(first: float | None, answer: float | None, total: float | None) -> object:
        return told(
            kept_phases(
                load_seconds=0.0,
                prompt_seconds=1.0,
                ttft_seconds=first,
                first_answer_seconds=answer,
                total_seconds=total,
            )
        )

    assert kept(2.0, 3.0, 5.0) == [
        ("waiting", 0, 1),
        ("prefill", 1, 2),
        ("think", 2, 3),
        ("decode", 3, 5),
    ]
    assert kept(2.0, 3.0, None) == []
    # No text came; thinking alone came; times that contradict one another are cut.
    assert kept(None, None, 5.0) == [("waiting", 0, 4), ("prefill", 4, 5)]
    assert kept(2.0, None, 5.0)[2:] == [("think", 2, 5)]  # type: ignore[index]
    assert kept(7.0, 9.0, 5.0) == [("waiting", 0, 4), ("prefill", 4, 5)]
    assert kept(2.0, 1.0, 5.0)[2:] == [("decode", 2, 5)]  # type: ignore[index]


def test_that_a_moment_lies_in_the_phase_that_began_last() -> None:
    found = (
        Phase(kind=PhaseKind.LOAD, start_seconds=1, end_seconds=2),
        Phase(kind=PhaseKind.DECODE, start_seconds=2, end_seconds=3),
        Phase(kind=PhaseKind.IDLE, start_seconds=5, end_seconds=6),
    )
    places = {0.5: None, 1: 0, 1.5: 0, 2: 1, 3: 1, 4: None, 5: 2, 6: 2, 6.5: None}
    for at, place in places.items():
        assert phase_at(found, at) == (None if place is None else found[place]), at
    assert phase_at((), 1) is None


def test_that_a_table_has_a_line_a_time_and_a_column_a_curve() -> None:
    loading = Phase(kind=PhaseKind.LOAD, start_seconds=0, end_seconds=1)
    writing = Phase(kind=PhaseKind.DECODE, start_seconds=1, end_seconds=3)
    points = ChartPoints(
        rates=[("a", [(1.0, 5.0), (2.0, 6.125)]), ("b", [(2.0, 7.0)])],
        watts=[(0.5, 80.0), (1.0, None)],
        scope="GPU board",
        phases={"a": [loading, writing], "b": []},
    )
    assert table(points) == [
        ["seconds", "tok/s of a", "tok/s of b", "watts, GPU board", "phase"],
        ["0.5000", "", "", "80.00", "load"],
        ["1.0000", "5.00", "", "", "decode"],
        ["2.0000", "6.12", "7.00", "", "decode"],
    ]
    two = replace(points, watts=[], phases={"a": [writing], "b": [loading]})
    assert table(two)[0] == ["seconds", "tok/s of a", "tok/s of b", "phase of a", "phase of b"]
    assert table(two)[1] == ["1.0000", "5.00", "", "decode", "load"]
    assert table(replace(points, scope=""))[0][3] == "watts"


# ---------------------------------------------------------------- estimates


def test_that_missing_counts_are_estimated_by_bytes_and_pieces() -> None:
    came = [Piece(1.0, "abcd"), Piece(2.0, "efghi")]
    # Nine bytes are three tokens; prompts of 4 and 5 bytes are 1 + 4 and 2 + 4.
    found = completed(None, prompt=["abcd", "abcde"], pieces=came)
    assert found == Usage(input_tokens=11, output_tokens=3, estimated=True)
    # Never fewer than pieces came.
    single = [Piece(1.0, "a")] * 5
    assert completed(None, prompt=[], pieces=single).output_tokens == 5
    half = Usage(output_tokens=7, cost_usd=1.0)
    assert completed(half, prompt=["abcd"], pieces=came) == replace(
        half, input_tokens=5, estimated=True
    )
    other = Usage(input_tokens=7)
    assert completed(other, prompt=["abcd"], pieces=came).input_tokens == 7
    whole = Usage(input_tokens=1, output_tokens=0)
    assert completed(whole, prompt=["abcd"], pieces=came) is whole


def test_that_an_estimate_has_a_band_of_seven_to_fourteen_tenths() -> None:
    found = figure(100.0)
    assert (found.low, found.mid, found.high) == pytest.approx((70, 100, 140))
