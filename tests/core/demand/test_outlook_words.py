"""An outlook in sentences, and as a document."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.demand.forecast import Day
from landfall.core.demand.outlook import Outlook, Sufficiency
from landfall.core.demand.outlook_words import gap_words, outlook_json, words
from tests.core.demand.round_days import VARIABLE, told

BARE = Outlook(source="usage", predictability=VARIABLE, sufficiency=Sufficiency.ENOUGH)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"error_7_days": 0.1},
            "the volume is variable: totals of 7 days were forecast within 10 %",
        ),
        (
            {"error_7_days": 0.1, "error_28_days": 0.2},
            "the volume is variable: totals of 7 days were forecast within 10 %, of 28 days "
            "within 20 %",
        ),
        ({"reasons": ("a", "b")}, "the volume is variable: a; b"),
        ({"observed_days": 1}, "1 day was observed: enough for a week ahead"),
        (
            {"observed_days": 9, "missing_days": 1},
            "9 days were observed, 1 between them has no log: enough for a week ahead",
        ),
        (
            {"observed_days": 9, "missing_days": 2, "zero_days": 3},
            "9 days were observed, 2 between them have no log, 3 had no work: enough for a week "
            "ahead",
        ),
        ({"growth_per_month": 0.1, "growth_is_sure": True}, "it grows by 10 % a month"),
        ({"growth_per_month": -0.1, "growth_is_sure": True}, "it shrinks by 10 % a month"),
        (
            {"growth_per_month": 0.1},
            "it neither grows nor shrinks beyond what the weeks vary",
        ),
        ({"peak_to_mean": 2.55}, "the largest day has 2.5 times the mean day"),
        (
            {"busiest_hour": 9, "peak_to_mean_hour": 3.0, "peak_to_mean": 2.0},
            "busiest from 9:00 to 10:00, 3.0 times the mean hour; the largest day has 2.0 times "
            "the mean day",
        ),
    ],
)
def test_that_what_is_known_is_said(changes: dict[str, object], said: str) -> None:
    assert said in words(replace(BARE, **changes))  # type: ignore[arg-type]


def test_that_what_is_not_known_is_not_said() -> None:
    assert words(BARE) == ("the volume is variable", "enough for a week ahead")
    lone = replace(BARE, busiest_hour=9)
    assert len(words(lone)) == 2
    assert len(words(replace(BARE, source="stated", growth_per_month=0.0))) == 2
    assert gap_words(0, 3) == gap_words(3, 0) == ""
    assert "are 75 % of what is said" in gap_words(3, 1)


def test_that_weekdays_are_told_where_they_explain_three_tenths() -> None:
    factors = (1.0, 2.0, 1.0, 1.0, 1.0, 0.5, 0.5)

    def season(**changes: object) -> str:
        base = replace(BARE, weekday_factors=factors, weekly_strength=0.3, adi=1.31)
        found = words(replace(base, **changes))  # type: ignore[arg-type]
        return found[2] if len(found) > 2 else ""

    assert season() == (
        "Tuesday is the busiest weekday (2.0 times the mean), Saturday the quietest (0.5 times)"
    )
    assert season(weekly_strength=0.29) == "weekdays are much alike"
    assert season(weekday_factors=(*factors[:6], 0.049)) == "nobody works on Sunday"
    assert "busiest weekday" in season(weekday_factors=(*factors[:6], 0.05))
    assert season(weekday_factors=(*factors[:6], None)) == ""
    assert season(weekly_strength=None) == ""
    assert season(adi=None).startswith("Tuesday")
    rare = replace(BARE, weekday_factors=factors, weekly_strength=0.3, adi=1.32)
    assert "work came on 5 of 9 days" in words(replace(rare, observed_days=9, zero_days=4))
    assert "work came on 9 of 9 days" in words(replace(rare, observed_days=9))


def test_that_the_document_names_every_field() -> None:
    series: list[Day] = [float(10 * (at % 7)) for at in range(84)]
    found = told(series)
    document = outlook_json(found)
    assert document["class"] == found.predictability.value
    assert document["sufficiency"] == "long"
    assert document["days"] == 84
    assert document["zero_days"] == 12
    assert document["missing_days"] == 0
    assert document["error"] == found.error_7_days
    assert document["error_28_days"] == found.error_28_days
    assert document["best_baseline"] == found.baseline
    assert document["peak"] == {
        "day_to_mean": found.peak_to_mean,
        "hour_to_mean": None,
        "hour": None,
    }
    assert document["weekday_factors"] == list(found.weekday_factors)
    assert document["closed_weekdays"] == ["Monday"]
    assert document["words"] == list(words(found))
