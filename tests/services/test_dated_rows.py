"""Every row of the data that decides an answer has a source and a day, and no day is to come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from landfall.core.provenance import Published
from landfall.core.settings import Settings, Thresholds
from landfall.services import resources
from landfall.services.machine.machine_rows import read_machines
from landfall.services.models.model_rows import read_models

_DAY = re.compile(r"\d{4}-\d\d(-\d\d)?")

LISTS = (
    ("electricity.json", "rows"),
    ("purchases.json", "rows"),
    ("purchases.json", "assumptions"),
    ("rentals.json", "rows"),
    ("subscriptions.json", "plans"),
    ("thresholds.json", "thresholds"),
    ("thresholds.json", "assumptions"),
    ("hardware.json", "rows"),
    ("models.json", "rows"),
    *(
        ("prices_overlay.json", part)
        for part in ("price_tables", "providers", "spellings", "rows", "batch", "retirements")
    ),
)


def _rows(name: str, part: str) -> Iterator[dict[str, Any]]:
    yield from resources.read_json(name)[part]


@pytest.mark.parametrize(("name", "part"), LISTS, ids=str)
def test_that_each_row_says_who_says_so_and_of_which_day(name: str, part: str) -> None:
    today = datetime.now(UTC).date().isoformat()
    for row in _rows(name, part):
        source = row.get("source") or row.get("arch_source")
        day = row.get("as_of") or row.get("date")
        assert source, row
        assert isinstance(day, str), row
        assert _DAY.fullmatch(day), row
        assert day <= today, row


def test_that_the_fitted_constants_of_speed_say_what_they_were_fitted_to() -> None:
    document = resources.read_json("speed.json")
    assert _DAY.fullmatch(document["as_of"])
    assert "published" in document["source"]


def test_that_a_model_that_has_a_size_or_a_score_says_whose() -> None:
    for row in _rows("models.json", "rows"):
        assert row["size_gb"] is None or row["size_source"], row["tag"]
        assert not row["quality"] or row["quality_source"], row["tag"]


def test_that_a_price_of_hardware_says_whose() -> None:
    for row in _rows("hardware.json", "rows"):
        assert row["launch_price_usd"] is None or row["price_source"], row["name"]


def test_that_each_default_of_a_threshold_is_that_of_its_dated_row() -> None:
    rows = {row["name"]: row for row in _rows("thresholds.json", "thresholds")}
    assert set(rows) == {one.name for one in fields(Thresholds)}
    for one in fields(Thresholds):
        assert getattr(Settings().thresholds, one.name) == rows[one.name]["value"]


def test_that_an_assumption_lies_within_its_band() -> None:
    for name in ("purchases.json", "thresholds.json"):
        for row in _rows(name, "assumptions"):
            assert row["low"] <= row["mid"] <= row["high"], row["name"]


def test_that_no_figure_of_hardware_is_published_by_a_source_that_was_recalled() -> None:
    rows = {row["name"]: row for row in _rows("hardware.json", "rows")}
    machines, problems = read_machines(resources.read_json("hardware.json"))
    assert not problems
    for machine in machines:
        said = f"{rows[machine.name]['source']} {rows[machine.name]['price_source'] or ''}"
        assert bool(machine.recalled) is ("recalled" in said), machine.name
        for field in ("bandwidth_bytes_per_s", "fp16_flops", "launch_price_usd"):
            figure = machine.figure(field)
            if isinstance(figure, Published):
                assert not figure.source.startswith("recalled"), (machine.name, field)


def test_that_a_model_says_of_what_nobody_was_read_for() -> None:
    rows = {row["tag"]: row for row in _rows("models.json", "rows")}
    cards, problems = read_models(resources.read_json("models.json"))
    assert not problems
    for card in cards:
        row = rows[card.tag]
        assert card.size_recalled is ("recalled" in (row["size_source"] or "")), card.tag
        assert card.architecture_recalled is ("recalled" in row["arch_source"]), card.tag
        if "NOT verified" in row["arch_source"]:
            assert not card.architecture.known, card.tag


def test_that_what_was_recalled_is_read_of_its_own_field_and_not_of_the_words_of_a_source() -> None:
    document = resources.read_json("hardware.json")
    first = document["rows"][0]
    first["source"] = "recalled, as it is said"
    machines, _ = read_machines(document)
    assert machines[0].recalled == frozenset()
    first["recalled"] = ["tdp_watts", "launch_price_usd"]
    machines, _ = read_machines(document)
    assert machines[0].recalled == {"tdp_watts", "launch_price_usd"}
    first["recalled"] = ["bus"]
    _, problems = read_machines(document)
    assert (problems[0].field, "'bus'" in problems[0].message) == ("rows[0].recalled", True)
