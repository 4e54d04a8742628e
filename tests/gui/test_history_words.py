"""Words of the History page: differences, noise, ticks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.benchmark.comparison import Difference, Doubt, Noise
from landfall.gui.history.comparison_words import (
    condition_name,
    conditions_words,
    difference_cell,
    noise_cell,
    percent_words,
    writes,
)
from landfall.gui.history.listing import in_order
from landfall.gui.history.total_rows import tick_words, value_words
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import spoken
from landfall.services.history.run_totals import Measure

FOUND = Difference(
    first=10.0, second=12.0, change=2.0, ratio=1.2, noise=Noise.BEYOND, chance=0.1, counts=(3, 3)
)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (1.2, "+20 %"),
        (0.952, "\u22124.8 %"),
        (7.3, "7.3 times"),
        (0.0021, "\u221299.8 %"),
        (1e-6, "almost \u2212100 %"),
        (0.0, "\u2212100 %"),
        (None, ""),
    ],
)
def test_a_ratio_is_told_in_percent_or_as_a_multiple(ratio: float | None, words: str) -> None:
    assert plain(percent_words(ratio)) == words


def test_a_difference_has_its_sign_and_its_unit() -> None:
    write = writes(Unit.TOKENS_PER_SECOND)
    assert plain(spoken(difference_cell(FOUND, write))) == "+2.0 tok/s, +20 %"
    less = replace(FOUND, change=-2.0, ratio=0.8)
    assert plain(spoken(difference_cell(less, write))) == "\u22122.0 tok/s, \u221220 %"
    assert spoken(difference_cell(replace(FOUND, change=0.0), write)) == "the same"
    assert spoken(difference_cell(replace(FOUND, change=None), write)) == "not comparable"


@pytest.mark.parametrize("doubt", [doubt for doubt in Doubt if doubt is not Doubt.NONE])
def test_every_doubt_is_told_in_words(doubt: Doubt) -> None:
    cell = spoken(noise_cell(replace(FOUND, noise=Noise.UNKNOWN, doubt=doubt)))
    assert cell.startswith("Cannot tell, ")
    assert len(cell) > len("Cannot tell, ")


def test_more_than_noise_is_told_with_its_chance() -> None:
    assert spoken(noise_cell(FOUND)) == "Yes, by chance once in 10"
    assert spoken(noise_cell(replace(FOUND, chance=None))) == "Yes, further apart than the others"
    within = replace(FOUND, noise=Noise.WITHIN, doubt=Doubt.METER)
    assert spoken(noise_cell(within)) == "No, within the error of the meters"
    assert spoken(noise_cell(replace(FOUND, noise=Noise.EXACT))).startswith("Exact")


def test_conditions_that_differ_and_those_known_of_one_alone_are_named() -> None:
    assert conditions_words((), (), "All the same.") == "All the same."
    assert condition_name("on_battery") == "mains or battery"
    assert condition_name("parallel") == "answers at once"
    said = conditions_words(("engine", "kv_type"), ("power_limit_watts",), "All the same.")
    assert said == "They differ in: engine, KV cache type. Known of one alone: power limit."


@pytest.mark.parametrize(
    ("measure", "value", "step", "tick", "words"),
    [
        (Measure(kind="tokens_out"), 1500.0, 500.0, "1.5k", "1.5 k tokens"),
        (Measure(kind="joules"), 7200.0, 3600.0, "2.0 Wh", "2.0 Wh"),
        (Measure(kind="usd"), 0.5, 0.1, "$0.50", "$0.50"),
        (Measure(kind="electricity", currency="EUR"), 2.0, 1.0, "2", "2.00 EUR"),
        (Measure(kind="electricity", currency="USD"), 0.004, 0.002, "$0.0040", "$0.0040"),
    ],
)
def test_values_over_time_are_told_in_their_unit(
    measure: Measure, value: float, step: float, tick: str, words: str
) -> None:
    assert plain(tick_words(measure)(value, step)) == tick
    assert plain(value_words(measure)(value)) == words
    assert tick_words(measure)(0.0, step) == "0"


def test_that_an_axis_of_tokens_has_no_halves() -> None:
    write = tick_words(Measure(kind="tokens_out"))
    assert [write(tick, 0.5) for tick in (0.0, 0.5, 1.0)] == ["0", "", "1"]


def test_what_is_unknown_comes_last_in_both_orders() -> None:
    def key(item: tuple[str, float | None]) -> float | None:
        return item[1]

    items = [("a", 2.0), ("b", None), ("c", 1.0)]
    assert [name for name, _ in in_order(items, [key], 0, descending=False)] == ["c", "a", "b"]
    assert [name for name, _ in in_order(items, [key], 0, descending=True)] == ["a", "c", "b"]
    assert [name for name, _ in in_order(items, [key], -1, descending=True)] == ["a", "b", "c"]
