"""Dated prices of electricity, rented GPUs and hardware."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import pytest

from landfall.core.costs.tariff import Tariff, TariffWindow
from landfall.core.errors import BadInput
from landfall.core.provenance import Estimated, Published, Stated, Unknown
from landfall.core.settings import Settings
from landfall.services import resources
from landfall.services.verdict import rates
from landfall.services.verdict.owning_assumptions import assumptions


def test_that_the_users_electricity_price_wins() -> None:
    mine = Settings(electricity=Tariff(price_per_kwh=0.31))
    assert rates.electricity(mine) == Stated(0.31, "electricity")


def test_that_without_one_a_dated_price_stands_in() -> None:
    found = rates.electricity(Settings())
    assert isinstance(found, Published)
    assert found.value == 0.17
    assert found.date == "2025-12-31"
    # Nobody of us read it at its publisher: who quotes it is said with it.
    assert found.source.startswith(
        "EIA, Electric Power Monthly, table 5.6.A, as quoted by sunkcost, US, 2025"
    )


def test_that_no_price_of_electricity_hides_who_quotes_it() -> None:
    assert all(", as quoted by " in row.source for row in rates.load().electricity)


def test_that_a_price_in_euro_is_not_taken_for_dollars() -> None:
    found = rates.electricity(Settings(), region="DE")
    assert isinstance(found, Unknown)
    assert "0.384 EUR" in found.reason
    assert isinstance(rates.electricity(Settings(), region="XX"), Unknown)
    assert isinstance(rates.electricity(Settings(), region="IE"), Published)


def test_that_a_rent_over_many_hosts_is_a_range() -> None:
    found = rates.rent_usd_per_hour("H100 SXM")
    assert isinstance(found, Estimated)
    assert found.low == 2.4024
    assert found.low < found.mid < found.high
    assert "RunPod" in found.formula
    assert "2026-11-09" in found.formula


def test_that_terms_are_chosen_and_one_listing_is_published() -> None:
    spot = rates.rent_usd_per_hour("RTX PRO 6000 Blackwell Server", terms=("spot",))
    assert isinstance(spot, Published)
    assert (spot.value, spot.date) == (1.48, "2026-08-26")
    assert isinstance(rates.rent_usd_per_hour("RTX 2060"), Unknown)


def test_that_used_and_new_are_told_apart_and_seen_together() -> None:
    used = rates.purchase_usd("RTX 4090", condition="used")
    assert isinstance(used, Published)
    assert used.value == 2200
    both = rates.purchase_usd("RTX 4090")
    assert isinstance(both, Estimated)
    assert (both.low, both.high) == (2200, 2755)
    assert both.low < both.mid < both.high
    assert isinstance(rates.purchase_usd("RTX 2060"), Unknown)


def test_that_a_bare_card_needs_a_computer_round_it() -> None:
    assert rates.needs_host("RTX 4090") is True
    assert rates.needs_host("DGX Spark (GB10)") is False
    assert rates.needs_host("RTX 2060") is None


def test_that_a_listed_draw_at_rest_is_read_with_its_source() -> None:
    found = rates.idle_watts("DGX Spark (GB10)")
    assert isinstance(found, Published)
    assert (found.value, found.date) == (5.0, "2026-09-03")
    assert found.source.startswith("NVIDIA DGX Spark 128 GB: sunkcost")
    assert rates.idle_watts("RTX 4090") is None
    assert assumptions().listed_idle_watts == {"DGX Spark (GB10)": found}


def test_that_two_listed_draws_are_a_range_and_a_bare_board_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    documents = {
        name: deepcopy(resources.read_json(f"{name}.json"))  # others read the same document
        for name in ("electricity", "rentals", "purchases")
    }
    rows = documents["purchases"]["rows"]
    for row in rows:
        if row["item"] == "ASUS Ascent GX10 128 GB":
            row["idle_watts"] = 35
        if row["item"] == "RTX 5090 32 GB (new street)":
            row["idle_watts"] = 20
    monkeypatch.setattr(rates, "load", lambda: rates.parse(**documents))
    found = rates.idle_watts("DGX Spark (GB10)")
    assert isinstance(found, Estimated)
    assert (found.low, found.mid, found.high) == (5.0, 20.0, 35.0)
    assert "ASUS Ascent GX10 128 GB, 2026-06-30" in found.formula
    assert rates.idle_watts("RTX 5090") is None


@pytest.mark.parametrize(
    "name",
    [
        "residual_share",
        "months",
        "ops_hours_per_month",
        "setup_hours",
        "host_usd",
        "yearly_price_decline",
    ],
)
def test_that_what_is_assumed_has_a_band_and_a_source(name: str) -> None:
    found = rates.assumption(name)
    assert isinstance(found, Estimated)
    assert found.low <= found.mid <= found.high
    assert "2026" in found.formula
    assert isinstance(rates.assumption("luck"), Unknown)


def test_that_every_row_has_source_date_and_a_known_board() -> None:
    catalogue = str(resources.read_json("hardware.json"))
    loaded = rates.load()
    rows = (*loaded.electricity, *loaded.rentals, *loaded.purchases)
    assert len(rows) > 90
    for row in rows:
        assert row.source
        assert date(2025, 1, 1) < row.as_of <= date(2026, 11, 26)
    for row in (*loaded.rentals, *loaded.purchases):
        assert row.hardware is None or f"'{row.hardware}'" in catalogue


def test_that_every_price_is_positive() -> None:
    loaded = rates.load()
    assert all(row.per_kwh > 0 for row in loaded.electricity)
    assert all(row.usd_per_gpu_hour > 0 for row in loaded.rentals)
    assert all(0 < row.usd_low <= row.usd_high for row in loaded.purchases)


def test_that_a_broken_row_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "read_json", lambda name: {"rows": [{"region": "US"}]})
    rates.load.cache_clear()
    with pytest.raises(BadInput, match="broken row"):
        rates.load()
    rates.load.cache_clear()


def test_that_a_tariff_by_the_hour_counts_with_the_mean_of_its_week() -> None:
    night = TariffWindow(from_hour=0, to_hour=12, price_per_kwh=0.1)
    mine = Settings(electricity=Tariff(price_per_kwh=0.3, windows=(night,)))
    found = rates.electricity(mine)
    assert isinstance(found, Stated)
    assert found.value == pytest.approx(0.2)
    assert "mean of a week" in found.where


def test_that_another_currency_is_unknown_without_a_rate_and_never_one_to_one() -> None:
    euro = Tariff(price_per_kwh=0.30, currency="EUR")
    assert isinstance(rates.electricity(Settings(electricity=euro)), Unknown)
    undated = Settings(electricity=euro, currency_usd_rate=1.1)
    assert isinstance(rates.electricity(undated), Unknown)
    dated = Settings(electricity=euro, currency_usd_rate=1.1, currency_usd_date="2026-11-20")
    found = rates.electricity(dated)
    assert isinstance(found, Stated)
    assert found.value == pytest.approx(0.33)
    assert "EUR x 1.1 USD as of 2026-11-20" in found.where
