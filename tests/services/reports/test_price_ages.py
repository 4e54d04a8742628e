"""Electricity, rented hours and hardware have prices of a day too, and an old one is said to be."""

from __future__ import annotations

from landfall.core.costs.tariff import Tariff
from landfall.core.provenance import Estimated, published_on
from landfall.core.reporting.blocks import Table
from landfall.core.settings import Settings
from landfall.core.verdict.rate_dates import rate_dates
from landfall.core.workload.privacy import Option
from landfall.services.machine import known_machines
from landfall.services.reports.writing import made
from landfall.services.verdict import hardware_offers, rates, standing_verdicts
from landfall.services.verdict.decided import Decided
from tests.services.reports.conftest import asked_of


def _of(decided: list[Decided], option: Option) -> Decided:
    return next(one for one in decided if one.verdict.option is option)


def _said(decided: Decided) -> list[str]:
    return [one.text for one in standing_verdicts.notes(decided) if one.rule == "S51"]


def test_that_the_price_of_electricity_behind_a_machine_is_said_to_be_old(
    every_kind: list[Decided],
) -> None:
    said = _said(_of(every_kind, Option.LOCAL_THIS_MACHINE))
    assert "a kWh of electricity: the price is of 2025-12-31, 330 days old" in said[0]
    assert "(EIA" in said[0]


def test_that_a_price_that_no_open_option_rests_on_is_not_mentioned(
    every_kind: list[Decided],
) -> None:
    # It states its rent, has no machine and considers no purchase.
    stated = _of(every_kind, Option.RENT_GPU)
    assert rate_dates(stated.facts, stated.verdict, stated.assembler.world) == ()
    assert _said(stated) == []


def test_that_a_price_ages_by_the_day_of_its_newest_listing() -> None:
    rent = rates.rent_usd_per_hour("H100 SXM")
    assert isinstance(rent, Estimated)
    assert published_on(rent) == "2026-11-09"
    assert published_on(rates.purchase_usd("RTX 4090")) == "2026-08-31"


def test_that_the_listed_price_of_a_machine_says_who_lists_it_and_of_which_day() -> None:
    listed = hardware_offers.listed_usd(known_machines.what_if("RTX 4090"))
    assert isinstance(listed, Estimated)
    assert listed.as_of == "2026-08-31"
    assert "BestValueGPU" in listed.formula


def test_that_a_price_that_the_user_typed_has_no_age_of_ours() -> None:
    typed = Settings(electricity=Tariff(price_per_kwh=0.31))
    assert published_on(rates.electricity(typed)) == ""


async def test_that_a_report_lists_them_among_its_data_and_says_their_age(
    every_kind: list[Decided],
) -> None:
    found = await made(asked_of(every_kind))
    tables = [one for one in found.blocks() if isinstance(one, Table)]
    data = next(one for one in tables if one.caption.startswith("Data that the program"))
    days = {row[0].text: row[1].text for row in data.rows}
    assert any(what.startswith("a kWh of electricity: EIA") for what in days)
    sources = [
        row[2].text for one in tables for row in one.rows if row[0].text == "Electricity, a kWh"
    ]
    assert sources
    assert all(text.endswith("2025-12-31, 330 days old.") for text in sources)
