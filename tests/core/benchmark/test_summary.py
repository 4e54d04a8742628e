"""What the runs of a benchmark come to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.benchmark import summary
from landfall.core.benchmark.benchmark import Level, Spread
from landfall.core.benchmark.summary import BenchRun
from landfall.core.energy.energy import Energy, Grade, RunEnergy, unmetered
from landfall.core.energy.power import Scope
from landfall.core.provenance import Figure, Measured, Unknown

ELSEWHERE = unmetered("the answer came from another machine")


def metered(joules: float, *, net: float | None = None, seconds: float = 10.0) -> RunEnergy:
    part = Energy(
        source="NVML",
        scope=Scope.GPU,
        seconds=seconds,
        gross_joules=joules,
        net_joules=net,
        grade=Grade.GOOD if seconds >= 5 else Grade.TOO_SHORT,
        error_share=0.05,
    )
    gross: Figure = Measured(joules, "", "NVML") if seconds >= 1 else Unknown("too short")
    known: Figure = Unknown("the idle draw was not measured")
    if net is not None:
        known = Measured(net, "", "NVML")
    return replace(ELSEWHERE, gross=gross, net=known, parts=(part,))


def run(row: int = 1, **fields: object) -> BenchRun:
    values: dict[str, object] = {
        "complete": True,
        "energy": ELSEWHERE,
        "sent_at": 0.0,
        "first_at": 1.0,
        "ended_at": 11.0,
        "ttft_seconds": 1.0,
        "decode_tok_s": 20.0,
        "prompt_tokens": 100,
        "output_tokens": 200,
    }
    return BenchRun(row=row, **(values | fields))  # type: ignore[arg-type]


BROKEN = BenchRun(row=0, complete=False, energy=ELSEWHERE, why="The server died.")


# Repetitions


def test_that_repetitions_are_told_by_the_middle_one_and_the_ends() -> None:
    part = summary.part("short", [run(n, decode_tok_s=rate) for n, rate in enumerate((9, 30, 10))])
    assert part.decode_tok_s == Spread(median=10, low=9, high=30, count=3)
    assert part.decode_tok_s.noise_share == pytest.approx(2.1)
    assert part.runs == (0, 1, 2)
    assert (part.prompt_tokens, part.output_tokens) == (100, 200)


def test_that_joules_a_token_are_all_joules_over_all_tokens_and_no_mean_of_ratios() -> None:
    part = summary.part(
        "short",
        [
            run(output_tokens=100, energy=metered(100.0, net=50.0)),
            run(output_tokens=900, energy=metered(300.0, net=150.0)),
        ],
    )
    assert isinstance(part.gross_joules_per_token, Measured)
    assert part.gross_joules_per_token.value == pytest.approx(0.4)
    assert isinstance(part.net_joules_per_token, Measured)
    assert part.net_joules_per_token.value == pytest.approx(0.2)


def test_that_runs_too_short_by_themselves_are_measured_together() -> None:
    short = metered(30.0, net=10.0, seconds=0.6)
    part = summary.part("short", [run(output_tokens=30, energy=short) for _ in range(3)])
    assert isinstance(part.gross_joules_per_token, Measured)
    assert part.gross_joules_per_token.value == pytest.approx(1.0)
    alone = summary.part("short", [run(energy=short)])
    assert isinstance(alone.gross_joules_per_token, Unknown)
    assert "too short" in alone.reasons["gross_joules_per_token"]


def test_that_a_repetition_that_was_not_metered_costs_itself_and_not_the_others() -> None:
    part = summary.part("short", [run(energy=metered(100.0)), run(energy=ELSEWHERE)])
    assert isinstance(part.gross_joules_per_token, Measured)
    assert part.gross_joules_per_token.value == pytest.approx(0.5)
    assert part.reasons["net_joules_per_token"] == "the idle draw was not measured"


def test_that_what_was_never_metered_says_why_and_is_no_zero() -> None:
    part = summary.part("short", [run()])
    for name in ("gross_joules_per_token", "net_joules_per_token"):
        assert isinstance(getattr(part, name), Unknown)
        assert part.reasons[name] == "the answer came from another machine"


def test_that_energy_without_a_reason_is_missing_all_the_same() -> None:
    odd = replace(ELSEWHERE, gross=Measured(1.0, "", ""), net=Measured(1.0, "", ""))
    part = summary.part("short", [run(energy=odd)])
    assert part.reasons["gross_joules_per_token"] == "the energy of a run is missing"


def test_that_what_broke_off_is_counted_and_in_no_figure() -> None:
    part = summary.part("short", [run(decode_tok_s=20.0), BROKEN])
    assert part.failed == 1
    assert part.decode_tok_s == Spread(median=20.0, low=20.0, high=20.0, count=1)
    assert part.runs == (1,)


def test_that_where_all_broke_off_the_last_one_says_why() -> None:
    part = summary.part("short", [BROKEN, BROKEN])
    assert part.runs == ()
    assert part.reasons["decode_tok_s"] == "no answer came to its end: The server died."
    assert part.reasons["gross_joules_per_token"] == summary.NO_ANSWER
    assert summary.part("short", []).reasons["ttft_seconds"] == summary.NO_ANSWER


def test_that_a_figure_no_run_has_is_explained_by_the_runs() -> None:
    part = summary.part("short", [run(reasons={"prefill_tok_s": "it was held already"})])
    assert part.prefill_tok_s is None
    assert part.reasons["prefill_tok_s"] == "it was held already"
    assert part.reasons["load_seconds"] == "the server did not say"


# Several at once


def test_that_the_throughput_is_all_tokens_over_the_time_of_the_level() -> None:
    level = summary.level(
        2,
        [
            run(sent_at=0.0, ended_at=10.0, energy=metered(100.0)),
            run(sent_at=1.0, ended_at=20.0, energy=metered(300.0)),
            BROKEN,
        ],
    )
    assert (level.answers, level.failed) == (2, 1)
    assert level.throughput_tok_s == pytest.approx(400 / 20)
    assert isinstance(level.gross_joules_per_token, Measured)
    assert level.gross_joules_per_token.value == pytest.approx(1.0)


def test_that_one_answer_without_energy_voids_that_of_all_at_the_same_time() -> None:
    level = summary.level(2, [run(energy=metered(100.0)), run()])
    assert isinstance(level.gross_joules_per_token, Unknown)


def test_that_a_level_without_an_answer_has_no_figures() -> None:
    level = summary.level(1, [BROKEN])
    assert level.throughput_tok_s is None
    assert level.ttft_p95_seconds is None
    assert level.at_once is None


def test_that_answers_one_after_the_other_are_never_at_once() -> None:
    queued = [run(first_at=float(n), ended_at=n + 1.002) for n in range(8)]
    assert summary.at_once(queued) == 1
    together = [run(first_at=0.1 * n, ended_at=5.0) for n in range(8)]
    assert summary.at_once(together) == 8
    assert summary.at_once([run(first_at=None), run(first_at=1.0, ended_at=1.001)]) is None


def level(
    at: int,
    p95: float | None,
    *,
    failed: int = 0,
    at_once: int | None = None,
    answers: int = 20,
) -> Level:
    nothing = Unknown("not metered")
    return Level(
        concurrency=at,
        answers=answers,
        failed=failed,
        at_once=at if at_once is None else at_once,
        ttft_p50_seconds=p95,
        ttft_p95_seconds=p95,
        decode_tok_s=10.0,
        throughput_tok_s=10.0,
        gross_joules_per_token=nothing,
    )


def test_that_people_served_are_those_before_the_first_level_that_was_too_slow() -> None:
    levels = [level(8, 1.0), level(1, 0.2), level(4, 3.0), level(2, 0.5)]
    found = summary.sweep(levels, ttft_target_seconds=2.0)
    assert found.people == 2, "what is quick again after a slow level does not count"
    assert found.reason == "with 4 at once 5 of 100 waited longer than 3 s (limit 2 s)"
    assert [one.concurrency for one in found.levels] == [1, 2, 4, 8]


@given(
    st.lists(st.floats(min_value=0.01, max_value=10.0), min_size=1, max_size=8),
    st.floats(min_value=0.01, max_value=10.0),
)
def test_that_people_served_is_a_number_that_was_tried_or_nobody(
    waits: list[float], target: float
) -> None:
    levels = [level(2**n, wait) for n, wait in enumerate(waits)]
    found = summary.sweep(levels, ttft_target_seconds=target)
    assert found.people in {0, *(one.concurrency for one in levels)}
    assert all(
        one.ttft_p95_seconds is not None and one.ttft_p95_seconds <= target
        for one in levels
        if one.concurrency <= (found.people or 0)
    )


def test_that_more_than_was_tried_is_not_promised() -> None:
    found = summary.sweep([level(1, 0.1), level(2, 0.2)], ttft_target_seconds=1.0)
    assert found.people == 2
    assert "more at once was not tried" in found.reason


def test_that_a_wait_of_95_of_100_by_a_few_answers_is_said_to_be_the_slowest() -> None:
    levels = [level(1, 0.1, answers=4), level(2, 0.2, answers=19), level(4, 0.3)]
    reason = summary.sweep(levels, ttft_target_seconds=1.0).reason
    said = "of under 20 answers (4 with 1, 19 with 2 at once) this is nearly the slowest"
    assert reason.endswith(said)
    assert "nearly" not in summary.sweep([level(1, 0.1)], ttft_target_seconds=1.0).reason


def test_that_nobody_is_served_where_one_waits_too_long() -> None:
    assert summary.sweep([level(1, 9.0)], ttft_target_seconds=1.0).people == 0


def test_that_answers_that_break_off_serve_nobody() -> None:
    found = summary.sweep([level(1, 0.1), level(2, 0.1, failed=1)], ttft_target_seconds=1.0)
    assert found.people == 1
    assert found.reason == "with 2 at once 1 of 21 answers broke off"
    silent = summary.sweep([level(1, 0.1), level(2, None)], ttft_target_seconds=1.0)
    assert silent.reason == "with 2 at once no text came"


def test_that_a_sweep_in_which_nothing_came_is_unknown() -> None:
    found = summary.sweep([level(1, None)], ttft_target_seconds=1.0)
    assert found.people is None
    assert found.reason == summary.NO_ANSWER
    assert summary.sweep([], ttft_target_seconds=1.0).people is None


def test_that_a_server_that_answers_one_at_a_time_is_named_with_what_to_do() -> None:
    queued = [level(1, 0.1), level(4, 0.2, at_once=1)]
    found = summary.sweep(queued, ttft_target_seconds=1.0)
    assert "this server answers one at a time" in found.reason
    assert "OLLAMA_NUM_PARALLEL" in found.reason
    two = summary.sweep(
        [level(1, 0.1), level(4, 0.2, at_once=4)], ttft_target_seconds=1, parallel=2
    )
    assert "this server answers 2 at a time" in two.reason
    four = summary.sweep(queued, ttft_target_seconds=1, parallel=4)
    assert "at a time" not in four.reason, "what its process says counts more than what was seen"


# One after the other


def points(*rates: float) -> list[tuple[float, float]]:
    return [(10.0 * (n + 1), rate) for n, rate in enumerate(rates)]


def test_that_a_machine_that_slows_down_beyond_the_noise_is_found_out() -> None:
    found = summary.sustained(
        points(20, 20, 19, 17, 16, 16, 14, 14, 14), noise_share=0.05, throttled=None
    )
    assert found.drop_share == pytest.approx(0.3)
    assert found.slowed
    assert found.seconds == 90.0


def test_that_a_drop_within_the_noise_is_none() -> None:
    found = summary.sustained(points(20, 20, 20, 19, 19, 19), noise_share=0.08, throttled=False)
    assert found.drop_share == pytest.approx(0.05)
    assert found.slowed is False


def test_that_without_repetitions_the_noise_is_that_of_the_first_third() -> None:
    found = summary.sustained(points(20, 22, 20, 20, 20, 20), noise_share=None, throttled=False)
    assert found.noise_share == pytest.approx(2 / 21)


def test_that_too_few_answers_tell_nothing() -> None:
    found = summary.sustained(
        points(20, 19), noise_share=0.1, throttled=True, reasons=("it is hot",)
    )
    assert found.drop_share is None
    assert found.slowed is None
    assert found.reasons == (
        "it is hot",
        "2 answers are too few to compare the beginning with the end",
    )
    assert summary.sustained([], noise_share=None, throttled=None).seconds == 0.0


# Embeddings


def embedded(**fields: object) -> BenchRun:
    values: dict[str, object] = {
        "first_at": None,
        "ended_at": 5.0,
        "texts": 320,
        "requests": 10,
        "prompt_tokens": 32_000,
        "output_tokens": None,
    }
    return run(**(values | fields))


def test_that_texts_and_tokens_a_second_are_those_of_whole_repetitions() -> None:
    found = summary.embedding(
        32, [embedded(energy=metered(640.0, net=320.0)), embedded(texts=160), BROKEN]
    )
    assert (found.texts, found.tokens, found.failed) == (480, 64_000, 1)
    assert found.texts_per_s == Spread(median=48, low=32, high=64, count=2)
    assert found.tokens_per_s == Spread(median=6400, low=6400, high=6400, count=2)
    assert found.request_seconds == Spread(median=0.5, low=0.5, high=0.5, count=2)
    assert isinstance(found.gross_joules_per_1000_texts, Measured)
    assert found.gross_joules_per_1000_texts.value == pytest.approx(2000.0)
    assert isinstance(found.net_joules_per_1000_texts, Measured)
    assert found.net_joules_per_1000_texts.value == pytest.approx(1000.0)


def test_that_a_server_that_counts_no_tokens_has_no_token_rate() -> None:
    found = summary.embedding(1, [embedded(prompt_tokens=None)])
    assert found.tokens is None
    assert found.tokens_per_s is None
    assert found.reasons["tokens_per_s"] == "the server did not say"
    assert found.texts_per_s is not None


def test_that_embeddings_that_all_broke_off_say_why() -> None:
    found = summary.embedding(1, [BROKEN, run(sent_at=None)])
    assert found.texts_per_s is None
    assert "The server died." in found.reasons["texts_per_s"]
    assert found.reasons["gross_joules_per_1000_texts"] == summary.NO_ANSWER
