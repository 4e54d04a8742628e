"""How figures are written."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PySide6.QtCore import QDate, QLocale

from landfall.core.dollars import usd
from landfall.core.durations import duration as core_duration
from landfall.core.provenance import Estimated, Measured, Published, Stated, Unknown
from landfall.gui import no_break
from landfall.gui.format import (
    MINUS,
    NBSP,
    Origin,
    approximately,
    capital,
    duration,
    money,
    number,
    percent,
    plain,
    shown,
    text,
    whole,
)
from landfall.gui.units import Unit

TODAY = QDate(2026, 11, 25)
sizes = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)


@pytest.fixture
def german() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    yield
    QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "$0.00"),
        (6.2, "$6.20"),
        (19.99, "$19.99"),
        (19.999, "$20"),
        (20, "$20"),
        (412.4, "$412"),
        (2224.2, "$2,224"),
        (-4, f"{MINUS}$4.00"),
        (-0.001, f"{MINUS}$0.0010"),
        (0.00019, "$0.00019"),
        (0.01, "$0.01"),
        (1e-7, "$0.00000010"),
    ],
)
def test_money_is_whole_from_twenty_dollars_up_and_never_rounds_to_nothing(
    value: float, written: str
) -> None:
    assert money(value) == written


@given(sizes)
def test_a_loss_keeps_its_minus_sign(value: float) -> None:
    written = money(value)
    assert "-" not in written
    assert written.startswith(MINUS) == (value < 0)


@given(st.floats(min_value=1e-12, max_value=1e9))
def test_no_price_looks_free(value: float) -> None:
    assert any(digit in money(value) for digit in "123456789")


@given(sizes, st.integers(min_value=0, max_value=4))
def test_a_number_reads_back_as_what_it_rounds_to(value: float, digits: int) -> None:
    written = number(value, digits=digits).replace(MINUS, "-").replace(",", "")
    assert math.isclose(float(written), value, rel_tol=1e-9, abs_tol=0.51 * 10**-digits)


def test_half_a_unit_below_zero_keeps_its_sign() -> None:
    assert number(-0.5) == f"{MINUS}1"
    assert number(-0.4) == "0"
    assert money(-0.5, digits=0) == f"{MINUS}$1"


def test_what_is_no_number_is_refused_instead_of_shown() -> None:
    for value in (math.nan, math.inf):
        with pytest.raises(ValueError, match="not a number"):
            number(value)


def test_numbers_follow_the_locale(german: None) -> None:
    assert whole(1008) == "1.008"
    assert money(6.2) == "6,20 $".replace(" ", NBSP)
    assert plain(22.6 * 2**30, Unit.MEMORY_BYTES) == f"22,6{NBSP}GiB"


def test_a_bare_c_locale_still_writes_dollars_and_groups() -> None:
    before = QLocale()
    QLocale.setDefault(QLocale.c())
    try:
        assert money(2224) == "$2,224"
    finally:
        QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 ms"),
        (0.00002, "0.02 ms"),
        (0.0002, "0.2 ms"),
        (0.0048, "4.8 ms"),
        (0.00996, "10 ms"),
        (0.34, "340 ms"),
        (0.9999, "1.0 s"),
        (9.96, "10 s"),
        (59.6, "1 min"),
        (85, "1 min 25 s"),
        (3600, "1 h"),
        (3661, "1 h 1 min"),
        (86399, "23 h 59 min"),
        (273600, "3 d 4 h"),
        (-85, f"{MINUS}1 min 25 s"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float, written: str) -> None:
    assert duration(seconds).replace(NBSP, " ") == written


@given(st.floats(min_value=0, max_value=1e9))
def test_every_duration_can_be_written(seconds: float) -> None:
    assert duration(seconds)


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (74.23, Unit.TOKENS_PER_SECOND, "74.2 tok/s"),
        (812, Unit.TOKENS_PER_SECOND, "812 tok/s"),
        (22.6 * 2**30, Unit.MEMORY_BYTES, "22.6 GiB"),
        (512 * 2**20, Unit.MEMORY_BYTES, "512 MiB"),
        (1023.9 * 2**20, Unit.MEMORY_BYTES, "1.0 GiB"),
        (412e9, Unit.FILE_BYTES, "412 GB"),
        (98e6, Unit.FILE_BYTES, "98 MB"),
        (1008e9, Unit.BYTES_PER_SECOND, "1,008 GB/s"),
        (165.2e12, Unit.FLOPS, "165 TFLOPS"),
        (21.4, Unit.WATTS, "21.4 W"),
        (1234, Unit.WATT_HOURS, "1.23 kWh"),
        (0.5, Unit.WATT_HOURS, "0.5 Wh"),
        (1.234, Unit.JOULES_PER_TOKEN, "1.23 J/token"),
        (4.5e6, Unit.TOKENS, "4.5 M tokens"),
        (812, Unit.TOKENS, "812 tokens"),
        (0.78, Unit.SHARE, "78 %"),
        (3.0, Unit.USD_PER_MTOK, "$3.00 / M"),
        (7, Unit.MONTHS, "7.0 months"),
        (6, Unit.COUNT, "6"),
        (85, Unit.SECONDS, "1 min 25 s"),
        (120, Unit.JOULES, "120 J"),
        (0.31, Unit.USD_PER_KWH, "$0.31 / kWh"),
        (1.89, Unit.USD_PER_HOUR, "$1.89 / h"),
    ],
)
def test_each_unit_has_its_scale(value: float, unit: Unit, written: str) -> None:
    assert plain(value, unit).replace(NBSP, " ") == written


def test_parts_of_a_sum_are_written_as_the_sum() -> None:
    assert plain(512 * 2**20, Unit.MEMORY_BYTES, like=24 * 2**30) == f"0.5{NBSP}GiB"
    assert plain(20 * 2**20, Unit.MEMORY_BYTES, like=24 * 2**30) == f"20{NBSP}MiB"
    assert plain(0, Unit.MEMORY_BYTES, like=24 * 2**30) == f"0.0{NBSP}GiB"


@pytest.mark.parametrize("unit", list(Unit))
def test_every_unit_can_be_shown_in_every_way(unit: Unit) -> None:
    for figure in (
        Measured(1.5, "2026-11-24", "here"),
        Estimated(1, 1.5, 2, "f"),
        Published(1.5, "s", "2026-11-20"),
        Stated(1.5, "settings"),
        Unknown("nobody said"),
    ):
        seen = shown(figure, unit, today=TODAY)
        assert seen.value
        assert seen.spoken


def test_an_estimate_has_a_mark_a_band_and_its_formula() -> None:
    seen = shown(Estimated(54.4, 63.2, 71.1, "roofline"), Unit.TOKENS_PER_SECOND, today=TODAY)
    assert (seen.value, seen.unit, seen.detail) == ("~63", "tok/s", "54\u201371")
    assert seen.origin is Origin.ESTIMATED
    assert "between 54 and 71" in seen.spoken
    assert "roofline" in seen.spoken


def test_a_band_across_zero_uses_a_word_between_its_ends() -> None:
    seen = shown(Estimated(-31, -4, 22, "f"), Unit.USD_MONTH, today=TODAY)
    assert seen.value == approximately(f"{MINUS}$4.00")
    assert seen.value.startswith("~\u200a")
    assert seen.detail == f"{MINUS}31 to 22"


def test_an_estimate_without_width_shows_no_band() -> None:
    assert shown(Estimated(5, 5, 5, "f"), Unit.WATTS, today=TODAY).detail == ""


def test_the_band_of_a_duration_is_in_words_of_time() -> None:
    seen = shown(Estimated(60, 85, 3600, "f"), Unit.SECONDS, today=TODAY)
    assert seen.detail.replace(NBSP, " ") == "1 min\u20131 h"


def test_a_measured_value_says_when_and_where() -> None:
    seen = shown(Measured(74.2, "2026-11-24T10:00:00Z", "16k"), Unit.TOKENS_PER_SECOND, today=TODAY)
    assert (seen.value, seen.detail, seen.note) == ("74.2", "24 Nov", "16k")
    assert seen.sort == 74.2


def test_a_price_older_than_45_days_is_flagged() -> None:
    old = Published(0.1, "list", "2026-10-04")
    seen = shown(old, Unit.USD_PER_MTOK, today=TODAY)
    assert seen.stale
    assert seen.detail == "4 Oct, stale"
    assert not shown(Published(0.1, "list", "2026-10-11"), Unit.USD, today=TODAY).stale


def test_a_data_sheet_does_not_go_stale() -> None:
    sheet = Published(1008e9, "data sheet", "2022-10-12")
    seen = shown(sheet, Unit.BYTES_PER_SECOND, today=TODAY)
    assert not seen.stale
    assert seen.detail == "12 Oct 2022"


def test_unknown_is_a_word_with_a_reason_and_never_a_zero() -> None:
    seen = shown(Unknown("no sensor"), Unit.WATTS, today=TODAY)
    assert (seen.value, seen.unit, seen.sort) == ("unknown", "", None)
    assert seen.spoken == "unknown: no sensor"


def test_a_stated_value_says_who_said_it() -> None:
    seen = shown(Stated(0.31, "settings"), Unit.USD_PER_KWH, today=TODAY)
    assert (seen.detail, seen.origin) == ("as you said", Origin.STATED)


def test_text_joins_number_and_unit_so_that_no_line_breaks_between_them() -> None:
    assert text(Measured(291, "", "NVML"), Unit.WATTS) == f"291{NBSP}W"
    assert text(Unknown(""), Unit.WATTS) == "unknown"


def test_a_percentage_has_a_space_before_its_sign() -> None:
    assert percent(0.385, digits=1) == f"38.5{NBSP}%"


def test_both_ends_of_a_band_of_money_are_written_alike() -> None:
    assert shown(Estimated(11.27, 30, 81, "f"), Unit.USD_MONTH).detail == "11\u201381"
    assert shown(Estimated(5.6, 7, 9.2, "f"), Unit.USD_MONTH).detail == "5.60\u20139.20"


@pytest.mark.parametrize(
    ("said", "as_a_sentence_begins"),
    [
        ("no AMD GPU", "No AMD GPU"),
        ("qwen3:8b fits", "qwen3:8b fits"),
        ("/models is empty", "/models is empty"),
        ("NVML answers", "NVML answers"),
        ("processor", "Processor"),
        ("", ""),
    ],
)
def test_a_capital_is_given_to_words_and_not_to_names(said: str, as_a_sentence_begins: str) -> None:
    assert capital(said) == as_a_sentence_begins


@given(st.floats(min_value=-1e6, max_value=1e6))
def test_that_a_sentence_and_the_figure_beside_it_write_the_same_amount(value: float) -> None:
    # Half a cent is taken up by Qt and to the even neighbour by Python: no figure lies there.
    assume(abs(value * 100 % 1 - 0.5) > 1e-6)
    assume(abs(value) > 1e-7 or value == 0)
    digits = -math.floor(math.log10(abs(value))) + 1 if 0 < abs(value) < 0.01 else 2
    assume(abs(abs(value) * 10**digits % 1 - 0.5) > 1e-6)
    assert money(value) == usd(value)


@pytest.mark.parametrize("seconds", [0.0, 0.0042, 0.34, 4.21, 12.6, 59.7, 154.1, 3700.0, 2e5])
def test_that_a_sentence_and_the_figure_beside_it_write_the_same_time(seconds: float) -> None:
    assert duration(seconds).replace(no_break.NBSP, " ") == core_duration(seconds)


def test_that_a_median_of_old_listings_is_flagged_as_a_price_is() -> None:
    listed = Estimated(1.0, 1.5, 2.0, "median of 3 listings", "2026-05-31")
    seen = shown(listed, Unit.USD_PER_HOUR, today=TODAY)
    assert seen.stale
    assert "stale" in seen.detail
    assert not shown(listed, Unit.USD_PER_HOUR, today=QDate(2026, 6, 1)).stale
    assert not shown(replace(listed, as_of=""), Unit.USD_PER_HOUR, today=TODAY).stale


def test_that_a_price_that_the_user_dated_is_hers_and_ages() -> None:
    seen = shown(Stated(1500.0, "buy.price", "2026-01-05"), Unit.USD, today=TODAY)
    assert seen.origin is Origin.STATED
    assert seen.stale
    assert seen.detail.startswith("as you said")
    assert not shown(Stated(1500.0, "buy.price"), Unit.USD, today=TODAY).stale
