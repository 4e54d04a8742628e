"""Figures, rows and bars of imported usage; what no source tells is unknown and never 0."""

from __future__ import annotations

import pytest

from landfall.core.usage.buckets import UsageTotals
from landfall.core.usage.sums import By, Measure, UsageStep, UsageSum
from landfall.gui.cloud.usage_words import (
    SUM_KEYS,
    bars_of,
    difference,
    difference_words,
    figures,
    import_row,
    is_far_off,
    kept_cell,
    measure_word,
    name_of,
    period,
    problem_cell,
    recomputed,
    sum_columns,
    sum_row,
    tick_words,
    value_words,
)
from landfall.gui.format import Origin
from landfall.gui.widgets.cells import Plain, Status, Title, spoken
from landfall.services.usage.kept import KeptImport

NOTHING = UsageTotals()


def plainly(words: str) -> str:
    return words.replace("\u00a0", " ").replace("\u202f", " ")


def told(of: UsageTotals) -> dict[str, str]:
    return {one.key: plainly(one.shown.value) for one in figures(of)}


def test_that_what_no_source_tells_is_unknown() -> None:
    assert set(told(NOTHING).values()) == {"unknown"}
    none = UsageTotals(
        calls=0, input_tokens=0, output_tokens=0, billed_usd=0.0, recomputed_usd=0.0, rows=1
    )
    assert "unknown" not in told(none).values()
    assert difference(NOTHING).note == "nothing is imported"
    assert difference(UsageTotals(rows=3)).note == "it needs a bill and prices"
    assert "no price" in recomputed(NOTHING).note


def test_that_a_bill_is_measured_and_what_is_reckoned_is_an_estimate() -> None:
    of = UsageTotals(calls=1200, billed_usd=30.0, recomputed_usd=24.0, rows=10, unpriced_rows=3)
    shown = {one.key: one.shown for one in figures(of)}
    assert shown["billed"].origin is Origin.MEASURED
    assert shown["recomputed"].origin is Origin.ESTIMATED
    assert (shown["calls"].value, shown["calls"].sort) == ("1,200", 1200)
    assert shown["recomputed"].detail == "lacks 3 of 10 rows"
    assert shown["recomputed"].spoken.endswith("lacks 3 of 10 rows")
    assert (shown["difference"].sort, plainly(shown["difference"].detail)) == (
        6.0,
        "20 % of the bill",
    )
    assert recomputed(UsageTotals(recomputed_usd=24.0)).detail == ""
    free = UsageTotals(billed_usd=0.0, recomputed_usd=1.0)
    assert "bill" not in difference(free).detail, "there is no share of nothing"


def test_that_tokens_of_a_cache_stand_beside_fresh_ones() -> None:
    of = UsageTotals(input_tokens=5e6, cached_input_tokens=2e6, cache_write_tokens=1e6)
    shown = next(one.shown for one in figures(of) if one.key == "input")
    assert plainly(shown.detail) == "fresh, 2.0 M read from a cache, 1.0 M written to one"
    assert plainly(shown.spoken).endswith(plainly(shown.detail))
    bare = next(one.shown for one in figures(UsageTotals(input_tokens=5.0)) if one.key == "input")
    assert "fresh" not in bare.detail


@pytest.mark.parametrize(
    ("billed", "reckoned", "words"),
    [
        (None, None, ""),
        (5.0, None, ""),
        (None, 5.0, "The tokens come to $5.00."),
        (5.0, 5.0, "The bill comes to $5.00."),
        (30.0, 24.0, "The bill of $30 is $6.00 more than its tokens come to ($24)."),
        (24.0, 30.0, "The bill of $24 is $6.00 less than its tokens come to ($30)."),
    ],
)
def test_that_a_difference_is_said_in_one_sentence(
    billed: float | None, reckoned: float | None, words: str
) -> None:
    assert difference_words(UsageTotals(billed_usd=billed, recomputed_usd=reckoned)) == words


@pytest.mark.parametrize(
    ("billed", "reckoned", "far"),
    [
        (None, 9.0, False),
        (9.0, None, False),
        (100.0, 94.9, True),
        (100.0, 95.0, False),
        (100.0, 105.5, True),
        (0.0, 0.01, False),
        (0.0, 0.02, True),
        (-100.0, -94.0, True),
    ],
)
def test_that_only_more_than_a_rounding_is_far_off(
    billed: float | None, reckoned: float | None, far: bool
) -> None:
    assert is_far_off(UsageTotals(billed_usd=billed, recomputed_usd=reckoned)) is far


def sum_of(name: str = "gpt", provider: str = "openai", days: int = 3, **more: float) -> UsageSum:
    totals = UsageTotals(**more)  # type: ignore[arg-type]
    return UsageSum(name=name, provider=provider, days=days, totals=totals)


@pytest.mark.parametrize("by", list(By))
def test_that_a_row_has_a_cell_and_an_order_for_each_column(by: By) -> None:
    row = sum_row(sum_of("2026-11-20"), by)
    assert len(row) == len(sum_columns(by)) == len(SUM_KEYS)
    assert name_of(sum_of("2022-11-20"), by) == ("20 Nov 2022" if by is By.DAY else "2022-11-20")
    if by is not By.DAY:
        assert name_of(sum_of(""), by) == f"No {by.value} told"


def test_that_columns_of_figures_stand_at_the_right_and_are_named() -> None:
    first, *others = sum_columns(By.MODEL)
    assert (first.title, first.right) == ("Model", False)
    assert [(one.title, one.right) for one in others] == [
        (title, True)
        for title in ("Calls", "Tokens in", "Tokens out", "Billed", "Recomputed", "Difference")
    ]


def test_that_columns_are_put_in_order_by_their_own_figures() -> None:
    of = sum_of(calls=1.0, input_tokens=2.0, output_tokens=3.0, billed_usd=9.0, recomputed_usd=4.0)
    assert [key(of) for key in SUM_KEYS] == ["gpt", 1.0, 2.0, 3.0, 9.0, 4.0, 5.0]
    assert [key(sum_of()) for key in SUM_KEYS][1:] == [None] * 6


def test_that_below_a_name_stands_whose_it_is_and_for_how_long() -> None:
    def below(of: UsageSum, by: By = By.MODEL) -> str:
        title = sum_row(of, by)[0]
        assert isinstance(title, Title)
        return title.sub

    assert below(sum_of()) == "openai, 3 days"
    assert below(sum_of(days=1)) == "openai, one day"
    assert below(sum_of(provider="", days=1)) == "one day"
    assert below(sum_of("2026-11-20"), By.DAY) == "openai"
    cached = sum_row(sum_of(input_tokens=5e6, cached_input_tokens=2e6), By.MODEL)[2]
    assert plainly(cached.detail) == "+ 2.0 M cached"  # type: ignore[union-attr]


def step(begin: str, end: str, logged: int, **more: object) -> UsageStep:
    values = {"own": None, "cloud": None, "lacks": False} | more
    return UsageStep(begin=begin, end=end, logged_days=logged, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("of", "words", "absent"),
    [
        (step("2022-11-20", "2022-11-20", 0), "20 Nov 2022: no log", True),
        (step("2022-11-20", "2022-11-20", 1), "20 Nov 2022: unknown", False),
        (step("2022-11-20", "2022-11-20", 1, idle_days=1), "20 Nov 2022: nothing used", False),
        (step("2022-11-20", "2022-11-20", 1, own=0.0), "20 Nov 2022: 0 on your machines", False),
        (
            step("2022-11-20", "2022-11-20", 1, own=2.0, cloud=3.0, lacks=True),
            "20 Nov 2022: 2 on your machines, 3 at providers, a part is not told",
            False,
        ),
        (
            step("2022-11-20", "2022-11-26", 4, cloud=3.0),
            "20 Nov 2022 to 26 Nov 2022: 3 at providers, 4 of 7 days have a log",
            False,
        ),
        (
            step("2022-11-20", "2022-11-26", 7, cloud=3.0),
            "20 Nov 2022 to 26 Nov 2022: 3 at providers",
            False,
        ),
        (step("2022-11-20", "2022-11-26", 0), "20 Nov 2022 to 26 Nov 2022: no log", True),
    ],
)
def test_that_a_bar_says_its_time_and_what_is_known_of_it(
    of: UsageStep, words: str, absent: bool
) -> None:
    (bar,) = bars_of((of,), Measure.REQUESTS)
    assert (plainly(bar.spoken), bar.absent) == (words, absent)
    assert (bar.own, bar.cloud, bar.lacks, bar.label) == (
        of.own,
        of.cloud,
        of.lacks,
        "20 Nov 2022",
    )


def test_that_each_measure_has_its_word_and_its_unit() -> None:
    assert len({measure_word(one) for one in Measure}) == len(Measure)
    values = {one: plainly(value_words(1500.0, one)) for one in Measure}
    assert values[Measure.BILLED] == values[Measure.RECOMPUTED] == "$1,500"
    assert values[Measure.REQUESTS] == "1,500"
    assert values[Measure.INPUT] == values[Measure.OUTPUT] == "1.5 k tokens"


@pytest.mark.parametrize(
    ("measure", "value", "apart", "words"),
    [
        (Measure.BILLED, 0, 1.0, "0"),
        (Measure.BILLED, 5.0, 1.0, "$5"),
        (Measure.RECOMPUTED, 0.5, 0.5, "$0.50"),
        (Measure.BILLED, 0.005, 0.005, "$0.0050"),
        (Measure.REQUESTS, 2e6, 1e6, "2.0M"),
        (Measure.INPUT, 500.0, 100.0, "500"),
    ],
)
def test_that_a_tick_is_as_exact_as_its_axis(
    measure: Measure, value: float, apart: float, words: str
) -> None:
    assert plainly(tick_words(measure)(value, apart)).replace(" ", "") == words


def imported(**more: object) -> KeptImport:
    values: dict[str, object] = {
        "uid": "u",
        "imported_at": "2022-11-20T08:00:00+00:00",
        "source": "file",
        "name": "/home/me/usage.csv",
        "format": "csv-of-mine",
        "rows": 10,
        "kept": 8,
        "skipped": 2,
    }
    return KeptImport(**values | more)  # type: ignore[arg-type]


def test_that_an_import_names_its_file_without_its_folder_and_a_provider_as_it_is() -> None:
    title, time, rows, kept, problems = import_row(imported())
    assert isinstance(title, Title)
    assert (title.text, title.note) == ("usage.csv", "/home/me/usage.csv")
    assert title.sub == "csv-of-mine, imported 20 Nov 2022"
    assert [spoken(cell) for cell in (time, rows)] == ["no time told", "10"]
    assert spoken(kept).startswith("8")
    assert spoken(problems) == "none"
    provider = import_row(imported(source="provider", name="a/b"))[0]
    assert isinstance(provider, Title)
    assert provider.text == "a/b"


@pytest.mark.parametrize(
    ("rows", "kept", "skipped", "words", "below"),
    [
        (10, 10, 0, "10", ""),
        (10, 8, 2, "8", "2 were there"),
        (10, 0, 10, "nothing new", "all were there"),
        (10, 0, 4, "nothing new", "4 were there"),
        (0, 0, 0, "0", ""),
    ],
)
def test_that_it_says_how_much_is_new(
    rows: int, kept: int, skipped: int, words: str, below: str
) -> None:
    cell = kept_cell(rows, kept, skipped)
    assert (cell.text, cell.sub, cell.sort) == (words, below, kept)


def test_that_it_says_how_much_could_not_be_used_and_from_when_it_is() -> None:
    assert isinstance(problem_cell(0), Plain)
    one, many = problem_cell(1), problem_cell(1200)
    assert isinstance(one, Status)
    assert isinstance(many, Status)
    assert (one.text, many.text) == ("one row", "1,200 rows")
    assert period(None, None) == period("2022-11-20", None) == "no time told"
    assert period("2022-11-20T01:00", "2022-11-20T23:00") == "20 Nov 2022"
    assert period("2022-11-20T01:00", "2022-11-26") == "20 Nov 2022 to 26 Nov 2022"
