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
