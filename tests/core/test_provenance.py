from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from landfall.core import provenance
from landfall.core.provenance import Estimated, Figure, Measured, Published, Stated, Unknown

numbers = st.floats(min_value=-1e12, max_value=1e12)
figures: st.SearchStrategy[Figure] = st.one_of(
    st.builds(Measured, numbers, st.just("2026-11-25"), st.just("NVML")),
    st.builds(Published, numbers, st.just("a page"), st.just("2026-11-01")),
    st.builds(Stated, numbers, st.just("settings")),
    st.lists(numbers, min_size=3, max_size=3).map(
        lambda v: Estimated(*sorted(v), formula="roofline")
    ),
    st.just(Unknown("no sensor")),
)


@given(figures)
def test_only_the_unknown_has_no_value_no_band_and_no_document(figure: Figure) -> None:
    nothing = isinstance(figure, Unknown)
    assert (provenance.middle(figure) is None) == nothing
    assert (provenance.band(figure) is None) == nothing
    assert (provenance.as_json(figure) is None) == nothing


@given(figures)
def test_the_band_holds_the_middle(figure: Figure) -> None:
    ends = provenance.band(figure)
    if ends is not None:
        low, mid, high = ends
        assert low <= mid <= high
        assert mid == provenance.middle(figure)


@given(figures, st.floats(min_value=-1e3, max_value=1e3))
def test_scaling_keeps_the_origin_and_the_order_of_the_band(figure: Figure, factor: float) -> None:
    scaled = provenance.scaled(figure, factor)
    assert type(scaled) is type(figure)
    assert provenance.provenance(scaled) == provenance.provenance(figure)
    ends = provenance.band(scaled)
    if ends is not None:
        assert ends[0] <= ends[2]


def test_each_origin_says_where_it_comes_from() -> None:
    said = [
        provenance.provenance(figure)
        for figure in (
            Measured(1, "2026-11-25T10:00:00Z", "NVML"),
            Measured(1, "", "NVML"),
            Estimated(1, 2, 3, "bytes / bandwidth"),
            Published(1, "a page", "2026-11-01"),
            Stated(1, "quotes.rent_gpu_usd_month"),
            Unknown("no sensor"),
        )
    ]
    assert said == [
        "measured: NVML, 2026-11-25T10:00:00Z",
        "measured: NVML",
        "estimated: bytes / bandwidth",
        "published: a page, 2026-11-01",
        "stated: quotes.rent_gpu_usd_month",
        "unknown: no sensor",
    ]


SURE = (Measured(2.0, "2026-11-25", "NVML"), Published(2.0, "p", "2026-11-01"), Stated(2.0, "s"))


def test_that_a_single_value_is_its_own_band() -> None:
    for figure in SURE:
        assert provenance.band(figure) == (2.0, 2.0, 2.0)
        assert provenance.middle(figure) == 2.0
    assert provenance.band(Estimated(1.0, 2.0, 4.0, "f")) == (1.0, 2.0, 4.0)
    assert provenance.as_json(Estimated(1.0, 2.0, 4.0, "f")) == {
        "low": 1.0,
        "mid": 2.0,
        "high": 4.0,
        "provenance": "estimated: f",
    }


def test_that_a_change_keeps_all_that_is_said_of_a_figure() -> None:
    def half(value: float) -> float:
        return value / -2

    assert provenance.mapped(SURE[0], half) == Measured(-1.0, "2026-11-25", "NVML")
    assert provenance.mapped(SURE[1], half) == Published(-1.0, "p", "2026-11-01")
    assert provenance.mapped(Stated(2.0, "s", "2026-01-01"), half) == Stated(
        -1.0, "s", "2026-01-01"
    )
    # What falls turns the ends of a band round.
    assert provenance.mapped(Estimated(2.0, 6.0, 8.0, "f", "2026-02-02"), half) == Estimated(
        -4.0, -3.0, -1.0, "f", "2026-02-02"
    )
    assert provenance.scaled(Estimated(1.0, 2.0, 4.0, "f"), 3) == Estimated(3.0, 6.0, 12.0, "f")
    unknown = Unknown("no")
    assert provenance.mapped(unknown, half) is unknown


def test_that_a_price_tells_the_day_on_which_it_was_so() -> None:
    assert provenance.published_on(SURE[1]) == "2026-11-01"
    assert provenance.published_on(Estimated(1, 2, 3, "f", "2026-02-02")) == "2026-02-02"
    assert provenance.published_on(Stated(1, "s", "2026-03-03")) == "2026-03-03"
    assert provenance.published_on(Stated(1, "s")) == ""
    assert provenance.published_on(SURE[0]) == ""
    assert provenance.published_on(Unknown("no")) == ""
    assert provenance.provenance(Stated(1, "s", "2026-03-03")) == "stated: s, 2026-03-03"


def test_that_the_age_of_a_day_is_counted_in_days() -> None:
    assert provenance.days_old("2026-10-12", "2026-11-26") == 45
    assert provenance.days_old("2026-11-27T23:00:00Z", "2026-11-26T01:00:00Z") == -1
    assert provenance.days_old("soon", "2026-11-26") is None
    assert provenance.days_old("2026-11-26", "") is None
    assert provenance.STALE_AFTER_DAYS == 45
