"""What benchmarks come to, worked out by hand: every default, bound and share."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from landfall.core.benchmark import benchmark, probe, summary
from landfall.core.benchmark.benchmark import (
    BenchKind,
    BenchmarkResult,
    BenchPlan,
    BenchPrompt,
    Level,
    PartResult,
    Spread,
    Sustained,
)
from landfall.core.benchmark.comparison import (
    Difference,
    Doubt,
    Noise,
    Observed,
    apart,
    counted,
    difference,
    difference_of_alike,
    differing,
    ends,
    rank_sum_chance,
    untold,
)
from landfall.core.benchmark.duration import ModelSpeed, benchmark_seconds, slows_after_seconds
from landfall.core.benchmark.probe import Call, Plan, Summary, call_of, gives_up, summarise
from landfall.core.errors import BadInput
from landfall.core.provenance import Estimated, Figure, Measured, Unknown
from landfall.core.run.metrics import RunMetrics
from tests.core.benchmark.test_summary import ELSEWHERE, metered, run

# ---------------------------------------------------------------- plans


def test_that_a_plan_asks_for_the_usual_where_nothing_is_said() -> None:
    assert BenchPrompt(name="n", text="t").num_predict == 256
    plan = BenchPlan(prompts=())
    assert (plan.repetitions, plan.warm_up, plan.answer_seconds) == (3, True, 10.0)
    assert (plan.context, plan.seed, plan.temperature, plan.repeat_penalty) == (8192, 42, 0.0, 1.0)
    assert (plan.concurrency, plan.level_seconds, plan.ttft_target_seconds) == ((), 15.0, 2.0)
    assert (plan.sustained_seconds, plan.cold_load, plan.num_thread) == (0.0, True, None)
    assert (plan.batches, plan.batch_seconds) == ((1, 32), 5.0)
    assert benchmark.BUSY_SHARE == 0.5
    made = BenchmarkResult(
        kind=BenchKind.CHAT,
        model="m",
        digest=None,
        engine=None,
        host="h",
        place="local",
        conditions={},
    )
    assert (made.parts, made.loads, made.sustained, made.sweep) == ((), None, None, None)
    assert (made.embedding, made.notes) == ((), ())


def test_that_noise_is_the_way_between_the_ends_over_the_middle() -> None:
    assert Spread(median=4.0, low=3.0, high=5.0, count=2).noise_share == 0.5
    assert Spread(median=4.0, low=3.0, high=5.0, count=1).noise_share is None
    assert Spread(median=0.0, low=-1.0, high=1.0, count=2).noise_share is None


@pytest.mark.parametrize(
    ("drop", "noise", "slowed"),
    [(0.2, 0.1, True), (0.1, 0.1, False), (None, 0.1, None), (0.2, None, None)],
)
def test_that_a_machine_slowed_down_by_more_than_the_noise(
    drop: float | None, noise: float | None, *, slowed: bool | None
) -> None:
    told = Sustained(seconds=1, points=(), drop_share=drop, throttled=None, noise_share=noise)
    assert told.slowed is slowed


# ---------------------------------------------------------------- how long it takes

KNOWN = ModelSpeed(
    model="m",
    kind=BenchKind.CHAT,
    decode_tok_s=Estimated(10, 20, 40, ""),
    prefill_tok_s=Estimated(100, 200, 400, ""),
    load_seconds=Estimated(1, 2, 3, ""),
)
ONE = BenchPlan(prompts=(BenchPrompt(name="p", text="x" * 400),))


def seconds(plan: BenchPlan, *speeds: ModelSpeed, **more: Any) -> tuple[float, float]:
    found = benchmark_seconds(plan, speeds or (KNOWN,), **more)
    assert isinstance(found, Estimated)
    assert found.mid == pytest.approx(math.sqrt(found.low * found.high))
    return found.low, found.high


# A hundred tokens are read in 0.25 to 1 s; 256 tokens take 6.4 s at the quick end, where an answer
# lasts ten and may end after 0.3 of it, and 25.6 s at the slow end. Pauses are 0.3 and 2 s.
QUICK, SLOW = 0.25 + 3.0 + 0.3, 1.0 + 25.6 + 2.0


def near(low: float, high: float) -> Any:
    return pytest.approx((low, high))


def test_that_answers_pauses_and_the_load_are_added_up() -> None:
    assert seconds(ONE) == near(1 + 4 * QUICK, 3 + 4 * SLOW)
    assert seconds(replace(ONE, warm_up=False)) == near(1 + 3 * QUICK, 3 + 3 * SLOW)
    assert seconds(ONE, metered=True) == near(31 + 4 * QUICK, 143 + 4 * SLOW)
    both = seconds(ONE, KNOWN, KNOWN, metered=True)
    assert both == near(2 * (31 + 4 * QUICK), 2 * (143 + 4 * SLOW))
    longer = replace(ONE, answer_seconds=100.0)
    assert seconds(longer) == near(1 + 4 * (QUICK + 27), 3 + 4 * (SLOW + 74.4))


def test_that_a_sweep_ends_with_one_answer_or_with_as_many_as_there_were() -> None:
    plan = replace(ONE, concurrency=(1, 4), sustained_seconds=60.0)
    expected = near(1 + 6 * QUICK + 60 + 30, 3 + 4 * SLOW + 60 + 30 + 5 * SLOW)
    assert seconds(plan) == expected
    nothing = BenchPlan(prompts=(), sustained_seconds=60.0, concurrency=(4,))
    assert seconds(nothing) == near(61, 63)


def test_that_a_warm_up_is_the_first_prompt() -> None:
    two = replace(ONE, prompts=(*ONE.prompts, BenchPrompt(name="q", text="")))
    short = near(1 + 4 * QUICK + 3 * (QUICK - 0.25), 3 + 4 * SLOW + 3 * (SLOW - 1))
    assert seconds(two) == short


def test_that_a_rate_of_reading_that_is_not_known_is_20_to_200_of_writing() -> None:
    expected = near(1 + 4 * (3.3 + 100 / 8000), 3 + 4 * (27.6 + 100 / 200))
    unknown: tuple[Figure, ...] = (Unknown(""), Estimated(0, 1, 2, ""))
    for figure in unknown:
        assert seconds(ONE, replace(KNOWN, prefill_tok_s=figure)) == expected


def test_that_a_model_in_memory_may_need_no_load() -> None:
    warm = replace(ONE, cold_load=False)
    assert seconds(warm) == near(4 * QUICK, 3 + 4 * SLOW)
    hidden = replace(KNOWN, load_seconds=Unknown(""))
    assert seconds(ONE, hidden) == near(4 * QUICK, 4 * SLOW)


def test_that_an_unknown_speed_makes_the_time_unknown_but_of_embedding() -> None:
    for figure in (Unknown(""), Estimated(0, 1, 2, "")):
        found = benchmark_seconds(ONE, [KNOWN, replace(KNOWN, model="z", decode_tok_s=figure)])
        assert found == Unknown("the speed of z is not known yet")
    assert isinstance(benchmark_seconds(ONE, []), Unknown)
    vectors = replace(KNOWN, kind=BenchKind.EMBEDDING, decode_tok_s=Unknown(""))
    # Two sizes, four rounds each of five seconds and a pause.
    assert seconds(ONE, vectors) == near(1 + 8 * 5.3, 3 + 8 * 7)
    cold = replace(ONE, warm_up=False, batches=(7,), batch_seconds=1.0, cold_load=False)
    assert seconds(cold, vectors) == near(3 * 1.3, 3 + 3 * 3)


def slowing(*rates: float, slowed: bool = True) -> float | None:
    points = tuple((10.0 * (at + 1), rate) for at, rate in enumerate(rates))
    return slows_after_seconds(
        Sustained(
            seconds=1.0,
            points=points,
            drop_share=0.5 if slowed else 0.0,
            throttled=None,
            noise_share=0.1,
        )
    )


def test_that_it_is_slow_from_the_answer_after_which_all_are_nearer_to_the_end() -> None:
    # Thirds of 100 and 50: below 75 is slow.
    assert slowing(100, 100, 100, 60, 50, 50) == 40
    assert slowing(100, 100, 60, 100, 50, 50) == 50
    assert slowing(100, 100, 75, 75, 50, 50) == 30
    assert slowing(100, 100, 75.1, 50, 50, 50) == 40
    assert slowing(100, 70, 50) == 20
    assert slowing(100, 100, 100, 60, 50, 50, slowed=False) is None
    assert slowing(100, 50) is None


# ---------------------------------------------------------------- probes


def test_that_a_probe_has_bounds() -> None:
    assert (Plan().calls, Plan().max_tokens, Plan().asked) == (10, 96, 11)
    for good in (1, 100):
        assert Plan(calls=good).asked == good + 1
    for bad in (0, 101):
        with pytest.raises(BadInput) as caught:
            Plan(calls=bad)
        assert caught.value.field == "calls"
    for good in (16, 4096):
        assert Plan(max_tokens=good).max_tokens == good
    for bad in (15, 4097):
        with pytest.raises(BadInput) as caught:
            Plan(max_tokens=bad)
        assert caught.value.field == "max_tokens"


def test_that_a_call_has_what_was_measured_of_it() -> None:
    metrics = RunMetrics(
        ttft_seconds=1.0,
        client_decode_tok_s=20.0,
        total_seconds=3.0,
        prompt_tokens=4,
        output_tokens=5,
        complete=True,
    )
    found = call_of(2, metrics, cost_usd=0.5)
    assert found == Call(
        number=2,
        ttft_seconds=1.0,
        tok_s=20.0,
        total_seconds=3.0,
        input_tokens=4,
        output_tokens=5,
        cost_usd=0.5,
    )
    assert (found.measured, found.estimated, found.failure) == (True, (), "")
    assert replace(found, number=0).measured is False
    assert replace(found, number=1).measured is True
    mute = call_of(1, replace(metrics, ttft_seconds=None), cost_usd=None)
    assert mute.failure == "it answered without any text"
    cut = call_of(
        1, replace(metrics, complete=False, reasons=(("done_reason", "cut"),)), cost_usd=None
    )
    assert (cut.failure, cut.tok_s, cut.measured) == ("cut", None, False)
    rough = call_of(1, metrics, cost_usd=None, tokens_estimated=True, cost_estimated=True)
    assert rough.estimated == ("tok_s", "input_tokens", "output_tokens")
    priced = call_of(1, metrics, cost_usd=1.0, cost_estimated=True)
    assert priced.estimated == ("cost_usd",)
    assert untold_of(Call(number=1)) == (None, None, None, None, None, None, False, False, "")


def untold_of(call: Call) -> tuple[object, ...]:
    return (
        call.ttft_seconds,
        call.tok_s,
        call.total_seconds,
        call.input_tokens,
        call.output_tokens,
        call.cost_usd,
        call.tokens_estimated,
        call.cost_estimated,
        call.failure,
    )


def test_that_a_probe_comes_to_the_percentiles_of_what_counts() -> None:
    calls = [
        Call(number=0, ttft_seconds=99.0, tok_s=1.0, cost_usd=1.0, failure="cold"),
        Call(number=1, ttft_seconds=1.0, tok_s=10.0, cost_usd=2.0),
        Call(number=2, ttft_seconds=3.0, tok_s=30.0),
        Call(number=3, ttft_seconds=50.0, failure="cut"),
        Call(number=4, failure="cut"),
        Call(number=5, failure="late", cost_usd=0.5),
    ]
    assert summarise(calls) == Summary(
        measured=2,
        failed=3,
        ttft_p50_seconds=2.0,
        ttft_p95_seconds=pytest.approx(2.9),  # type: ignore[arg-type]
        tok_s_p50=20.0,
        tok_s_p95=pytest.approx(11.0),  # type: ignore[arg-type]
        cost_usd=3.5,
        unpriced=1,
        failures=(("cut", 2), ("late", 1)),
    )
    assert summarise([]).cost_usd is None
    rough = [replace(calls[1], tokens_estimated=True, cost_estimated=True)]
    assert summarise(rough).estimated == ("tok_s_p50", "tok_s_p95", "cost_usd")
    warm = [replace(calls[1], number=0, tokens_estimated=True, cost_estimated=True)]
    assert summarise(warm).estimated == ("cost_usd",)


def test_that_twenty_calls_are_firm_and_three_failures_the_end() -> None:
    call = Call(number=1)
    assert not summarise([call] * 19).firm
    assert summarise([call] * 20).firm
    bad = Call(number=1, failure="x")
    assert gives_up([call, bad, bad, bad])
    assert not gives_up([bad, bad])
    assert not gives_up([bad, bad, bad, call])
    assert not gives_up([bad, call, bad, bad])
    assert (probe.CALLS, probe.ANSWER_TOKENS) == (10, 96)


# ---------------------------------------------------------------- two sides


def side(*values: float, shown: float | None = None, error: float | None = 0.0) -> Observed:
    middle = sorted(values)[len(values) // 2] if shown is None else shown
    return Observed(value=middle, repeated=values, error_share=error)


def test_that_a_difference_has_both_values_and_what_lies_between() -> None:
    found = difference(side(1, 2, 3), side(4, 6, 8, 10))
    assert found == Difference(
        first=2,
        second=8,
        change=6,
        ratio=4,
        noise=Noise.BEYOND,
        doubt=Doubt.NONE,
        chance=2 / 35,
        counts=(3, 4),
    )
    turned = difference(side(4, 6, 8, 10), side(1, 2, 3))
    assert (turned.first, turned.second, turned.change, turned.counts) == (8, 2, -6, (4, 3))
    assert counted(3, 5) == Difference(
        first=3, second=5, change=2, ratio=5 / 3, noise=Noise.EXACT, counts=(1, 1)
    )
    assert counted(None, 5).doubt is Doubt.MISSING
    assert counted(None, 5).counts == (0, 1)
    assert apart(1.0, 2.0) == Difference(
        first=1.0, second=2.0, change=None, ratio=None, noise=Noise.UNKNOWN, doubt=Doubt.APART
    )
    assert apart(None, 2.0).doubt is apart(2.0, None).doubt is Doubt.MISSING


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [(4.0, 2.0, 0.5), (0.0, 2.0, None), (4.0, 0.0, 0.0), (-4.0, 2.0, None), (-4.0, -2.0, 0.5)],
)
def test_that_a_ratio_has_a_meaning_on_one_side_of_nothing(
    first: float, second: float, ratio: float | None
) -> None:
    assert counted(first, second).ratio == ratio
    assert counted(first, second).change == second - first


@pytest.mark.parametrize(
    ("first", "second", "doubt"),
    [
        (side(1), side(2), Doubt.ONE_EACH),
        (side(1, 1), side(2, 2, 2), Doubt.FEW),
        (side(1), side(2, 2, 2), Doubt.FEW),
        (side(1, 2, 4), side(3, 5, 6), Doubt.NOISE),
        (side(1, 2, 3), side(4, 5, 6), Doubt.NONE),
        (Observed(value=None), side(1, 2, 3), Doubt.MISSING),
        (side(1, 2, 3), Observed(value=None), Doubt.MISSING),
    ],
)
def test_that_a_difference_says_why_it_may_be_none(
    first: Observed, second: Observed, doubt: Doubt
) -> None:
    assert difference(first, second).doubt is doubt
    assert difference(second, first).doubt is doubt


def test_that_a_difference_within_the_error_of_both_meters_is_none() -> None:
    first, second = side(99, 100, 101, error=0.08), side(119, 120, 121, error=0.1)
    # 8 of the first and 12 of the second are exactly what lies between them.
    within = difference(first, second)
    assert (within.noise, within.doubt, within.chance) == (Noise.WITHIN, Doubt.METER, 0.1)
    assert (within.first, within.second) == (100, 120)
    beyond = difference(first, replace(second, value=120.5))
    assert (beyond.noise, beyond.doubt) == (Noise.BEYOND, Doubt.NONE)
    for unknown in (
        (replace(first, error_share=None), second),
        (first, replace(second, error_share=None)),
    ):
        found = difference(*unknown)
        assert (found.noise, found.doubt, found.chance) == (
            Noise.UNKNOWN,
            Doubt.METER_UNKNOWN,
            0.1,
        )
        assert (found.first, found.second) == (100, 120)
    below = side(-101, -100, -99, error=0.08), side(-121, -120, -119, error=0.1)
    assert difference(*below).doubt is Doubt.METER


def test_that_two_runs_are_judged_by_how_far_others_lie_apart() -> None:
    one, other = Observed(value=10.0), Observed(value=15.0)
    assert difference_of_alike(one, other, [1, 2]).doubt is Doubt.ONE_EACH
    assert difference_of_alike(one, other, [1, 2, 6]).doubt is Doubt.NOISE
    found = difference_of_alike(one, other, [1, 2, 5.9])
    assert (found.noise, found.chance, found.counts) == (Noise.BEYOND, None, (1, 1))
    assert difference_of_alike(other, one, [1, 2, 5.9]).noise is Noise.BEYOND
    assert difference_of_alike(other, one, [6, 2, 1]).noise is Noise.WITHIN
    assert difference_of_alike(one, Observed(value=None), [1, 2, 3]).doubt is Doubt.MISSING


def kept(low: float, median: float, high: float, count: int = 3) -> Observed:
    spread = Spread(median=median, low=low, high=high, count=count)
    return Observed(value=median, spread=spread)


def test_that_ends_that_do_not_overlap_are_the_test_at_its_extreme() -> None:
    found = difference(kept(1, 2, 3), kept(4, 5, 6))
    assert (found.noise, found.chance) == (Noise.BEYOND, 2 / 20)
    assert difference(kept(4, 5, 6), kept(1, 2, 3, 4)).chance == 2 / 35
    touching = difference(kept(1, 2, 4), kept(4, 5, 6))
    assert (touching.noise, touching.chance) == (Noise.WITHIN, None)
    assert difference(kept(4, 5, 6), kept(1, 2, 4)).chance is None
    mixed = difference(side(1, 2, 3), kept(4, 5, 6))
    assert mixed.chance == 0.1
    assert ends(side(3, 1, 2)) == Spread(median=2, low=1, high=3, count=3)
    assert ends(Observed(value=1.0)) is None
    assert Observed(value=1.0, spread=Spread(median=1, low=1, high=1, count=7)).count == 7


def test_that_a_value_that_differs_the_other_way_than_its_middle_is_noise() -> None:
    odd = difference(side(1, 2, 3, shown=9.0), side(4, 5, 6))
    assert (odd.noise, odd.doubt) == (Noise.WITHIN, Doubt.NOISE)
    flat = difference(side(1, 2, 3, shown=4.5), side(4, 5, 6))
    assert flat.noise is Noise.BEYOND


def test_that_the_first_ten_of_each_side_are_looked_at() -> None:
    low, high = tuple(range(10)), tuple(range(100, 110))
    expected = 2 / math.comb(20, 10)
    assert difference(side(*low), side(*high)).chance == expected
    assert difference(side(*low, 999), side(*high)).chance == expected
    assert difference(side(*low), side(*high, -999)).chance == expected
    nine = difference(side(*low[:9]), side(*high)).chance
    assert nine == 2 / math.comb(19, 9)


def test_that_chance_counts_every_way_of_dealing_the_values_out() -> None:
    # Of twenty ways 1, 2, 4 against 3, 5, 6 has two as far on each side.
    assert rank_sum_chance([1, 2, 4], [3, 5, 6]) == 4 / 20
    assert rank_sum_chance([1, 2], [3]) == 2 / 3
    assert rank_sum_chance([1, 1], [1, 1]) == 1
    assert rank_sum_chance([1, 1, 2], [2, 3, 3]) == 4 / 20
    for empty in (([], [1]), ([1], [])):
        with pytest.raises(ValueError, match="both sides"):
            rank_sum_chance(*empty)  # type: ignore[arg-type]


def test_that_conditions_differ_by_more_than_rounding() -> None:
    first: dict[str, object] = {"a": 1.0, "b": "x", "c": None, "d": 5, "e": 0.0, "f": True}
    second: dict[str, object] = {"a": 1.0 + 5e-10, "b": "x", "c": 1, "d": "x", "e": 5e-10, "g": 1}
    assert differing(first, second) == ("d",)
    assert differing({"a": 1.0, "e": 0.0}, {"a": 1.0 + 5e-9, "e": 5e-9}) == ("a", "e")
    assert differing({"d": "x"}, {"d": 5}) == ("d",)
    assert untold(first, second) == ("c", "f", "g")


# ---------------------------------------------------------------- what runs come to


def test_that_a_part_has_the_middle_of_its_whole_answers() -> None:
    runs = [
        run(
            at,
            load_seconds=float(at),
            prefill_tok_s=10.0 * at,
            decode_tok_s=100.0 * at,
            inter_token_p95_seconds=None,
            prompt_tokens=at,
            output_tokens=2 * at,
            energy=metered(4.0, net=2.0),
            reasons={"inter_token_p95_seconds": "one piece"},
        )
        for at in (1, 2, 6)
    ]
    broken = replace(run(9), complete=False)
    found = summary.part("p", [*runs, broken])
    assert (found.name, found.runs, found.failed) == ("p", (1, 2, 6), 1)
    assert (found.prompt_tokens, found.output_tokens) == (2, 4)
    assert found.load_seconds == Spread(median=2, low=1, high=6, count=3)
    assert found.prefill_tok_s == Spread(median=20, low=10, high=60, count=3)
    assert found.decode_tok_s == Spread(median=200, low=100, high=600, count=3)
    assert found.ttft_seconds == Spread(median=1, low=1, high=1, count=3)
    assert found.reasons == {"inter_token_p95_seconds": "one piece"}
    gross, net = found.gross_joules_per_token, found.net_joules_per_token
    assert isinstance(gross, Measured)
    assert isinstance(net, Measured)
    assert (gross.value, net.value) == (12 / 18, 6 / 18)
    quiet = summary.part("p", [run(1, load_seconds=None)])
    assert quiet.reasons["load_seconds"] == "the server did not say"
    none = summary.part("p", [replace(broken, why=""), replace(broken, why="it fell"), broken])
    assert none.reasons["ttft_seconds"] == "no answer came to its end: it fell"
    assert summary.part("p", [broken]).reasons["ttft_seconds"] == "no answer came to its end"
    assert (none.prompt_tokens, none.runs, none.failed) == (None, (), 3)
    assert isinstance(none, PartResult)


def test_that_energy_counts_where_every_source_told_it() -> None:
    whole = metered(4.0)
    half = replace(
        whole, parts=(*whole.parts, replace(whole.parts[0], source="b", gross_joules=None))
    )
    assert not summary._metered(half, net=False)
    assert summary._metered(whole, net=False)
    assert not summary._metered(whole, net=True)
    assert not summary._metered(ELSEWHERE, net=False)


def test_that_a_level_has_the_percentiles_and_what_all_made_together() -> None:
    runs = [
        run(1, sent_at=1.0, ended_at=11.0, ttft_seconds=1.0, decode_tok_s=10.0, output_tokens=100),
        run(2, sent_at=3.0, ended_at=21.0, ttft_seconds=3.0, decode_tok_s=30.0, output_tokens=300),
        replace(run(3, sent_at=0.0, ended_at=99.0), complete=False),
        run(4, sent_at=None, ended_at=None, ttft_seconds=None, decode_tok_s=None, first_at=None),
    ]
    found = summary.level(3, runs)
    assert found == Level(
        concurrency=3,
        answers=3,
        failed=1,
        at_once=3,
        ttft_p50_seconds=2.0,
        ttft_p95_seconds=pytest.approx(2.9),  # type: ignore[arg-type]
        decode_tok_s=20.0,
        throughput_tok_s=600 / 20,
        gross_joules_per_token=Unknown("the answer came from another machine"),
    )
    assert summary.level(1, []).throughput_tok_s is None
    for odd in (run(sent_at=None), run(ended_at=None), run(sent_at=11.0), run(sent_at=12.0)):
        assert summary.level(1, [odd]).throughput_tok_s is None
    assert summary.level(1, [run(output_tokens=None)]).throughput_tok_s == 0


def together(*spans: tuple[float | None, float | None]) -> int | None:
    return summary.at_once([run(first_at=a, ended_at=b) for a, b in spans])


def test_that_answers_are_at_once_where_they_overlap_by_more_than_ten_milliseconds() -> None:
    assert together((0, 1), (0.98, 2)) == 2
    assert together((0, 1), (0.995, 2)) == 1
    assert together((0, 1), (2, 3), (0.5, 2.5)) == 2
    assert together((0, 4), (1, 4), (2, 4), (3, 4)) == 4
    # What lasts no longer than both edges was not written for a while.
    assert together((0, 0.01)) is None
    assert together((0, 0.02)) == 1
    assert together((None, 1), (0, None)) is None
    assert together() is None


def level(concurrency: int, wait: float | None, **more: Any) -> Level:
    told: dict[str, Any] = {"answers": 20, "failed": 0, "at_once": concurrency} | more
    return Level(
        concurrency=concurrency,
        ttft_p50_seconds=wait,
        ttft_p95_seconds=wait,
        decode_tok_s=None,
        throughput_tok_s=None,
        gross_joules_per_token=Unknown(""),
        **told,
    )


def swept(*levels: Level, parallel: int | None = None) -> tuple[int | None, str]:
    found = summary.sweep(levels, ttft_target_seconds=2.0, parallel=parallel)
    assert [one.concurrency for one in found.levels] == sorted(one.concurrency for one in levels)
    assert found.ttft_target_seconds == 2.0
    return found.people, found.reason


def test_that_those_are_served_who_wait_no_longer_than_the_target() -> None:
    assert swept(level(4, 2.5), level(1, 1.0), level(2, 2.0)) == (
        2,
        "with 4 at once 5 of 100 waited longer than 2.5 s (limit 2 s)",
    )
    assert swept(level(1, 1.0), level(2, 2.0)) == (
        2,
        "with 2 at once 95 of 100 waited at most 2 s; more at once was not tried",
    )
    # What comes after the first that was too slow does not count.
    assert swept(level(1, 1.0), level(2, 2.1), level(4, 1.0))[0] == 1
    assert swept(level(1, 3.0))[0] == 0
    assert swept(level(1, 1.0), level(2, 1.0, failed=3)) == (
        1,
        "with 2 at once 3 of 23 answers broke off",
    )
    assert swept(level(1, 1.0), level(2, None)) == (1, "with 2 at once no text came")
    assert swept(level(1, None)) == (None, "no answer came to its end")
    assert swept(level(1, None, failed=1, answers=0))[0] == 0
    assert swept() == (None, "no answer came to its end")


def test_that_few_answers_and_a_server_that_queues_are_said() -> None:
    few = swept(level(1, 1.0, answers=19), level(2, 1.0, answers=1), level(4, 1.0, answers=20))[1]
    assert "of under 20 answers (19 with 1, 1 with 2 at once) this is nearly the slowest" in few
    assert "under 20" not in swept(level(1, 1.0, answers=20), level(2, 1.0, answers=0))[1]
    queued = swept(level(1, 1.0), level(4, 1.0, at_once=2))[1]
    assert "this server answers 2 at a time" in queued
    alone = swept(level(1, 1.0), level(4, 1.0, at_once=1))[1]
    assert "answers one at a time" in alone
    assert "at a time" not in swept(level(1, 1.0), level(4, 1.0))[1]
    assert "at a time" not in swept(level(4, 1.0, at_once=None))[1]
    assert "answers 3 at a time" in swept(level(4, 1.0), parallel=3)[1]
    assert "at a time" not in swept(level(4, 1.0, at_once=1), parallel=4)[1]


def held(*rates: float, noise: float | None = None, throttled: bool | None = None) -> Sustained:
    points = [(10.0 * (at + 1), rate) for at, rate in enumerate(rates)]
    return summary.sustained(points, noise_share=noise, throttled=throttled, reasons=["hot"])


def test_that_the_speed_held_by_the_medians_of_its_first_and_last_third() -> None:
    found = held(100, 80, 7, 7, 50, 40, noise=0.25, throttled=True)
    # 10 and 20 of 60 seconds against 50 and 60: 90 and 45.
    assert found == Sustained(
        seconds=60.0,
        points=((10, 100), (20, 80), (30, 7), (40, 7), (50, 50), (60, 40)),
        drop_share=0.5,
        throttled=True,
        noise_share=0.25,
        reasons=("hot",),
    )
    # Without repetitions the first third says how far answers lie apart: 20 of 90.
    assert held(100, 80, 7, 7, 50, 40).noise_share == pytest.approx(20 / 90)
    few = held(100, 80, 50, 50, 40)
    assert few.drop_share is None
    assert few.reasons == ("hot", "5 answers are too few to compare the beginning with the end")
    assert held(0, 0, 1, 1, 1, 1).drop_share is None
    assert held(100, 100, 1, 1, 0, 0).drop_share == 1
    assert (held().seconds, held().noise_share) == (0, None)


def test_that_vectors_are_told_by_the_second_and_by_the_request() -> None:
    runs = [
        run(1, sent_at=0.0, ended_at=2.0, texts=10, requests=4, prompt_tokens=100,
            energy=metered(5.0, net=2.5)),
        run(2, sent_at=1.0, ended_at=5.0, texts=30, requests=0, prompt_tokens=400,
            energy=metered(15.0, net=7.5)),
    ]  # fmt: skip
    broken = [
        replace(run(3), complete=False),
        run(4, sent_at=None),
        run(5, ended_at=None),
        run(6, sent_at=20.0),
        run(7, sent_at=11.0),
    ]
    found = summary.embedding(8, [*runs, *broken])
    assert (found.batch, found.runs, found.failed, found.texts) == (8, (1, 2), 5, 40)
    assert found.tokens == 500
    assert found.texts_per_s == Spread(median=6.25, low=5, high=7.5, count=2)
    assert found.tokens_per_s == Spread(median=75, low=50, high=100, count=2)
    assert found.request_seconds == Spread(median=2.25, low=0.5, high=4, count=2)
    gross, net = found.gross_joules_per_1000_texts, found.net_joules_per_1000_texts
    assert isinstance(gross, Measured)
    assert isinstance(net, Measured)
    assert (gross.value, net.value) == (500, 250)
    assert found.reasons == {}
    uncounted = summary.embedding(8, [runs[0], replace(runs[1], prompt_tokens=None)])
    assert (uncounted.tokens, uncounted.tokens_per_s) == (None, None)
    assert uncounted.reasons == {"tokens_per_s": "the server did not say"}
    nothing = summary.embedding(8, [])
    assert (nothing.tokens, nothing.texts) == (None, 0)
    assert len(nothing.reasons) == 5
