"""Keys of a file and names of JSON in words, each value with the unit of its key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.reporting import (
    portfolio,
    words,
)
from landfall.core.reporting.blocks import Table
from landfall.core.settings import Thresholds
from landfall.services.reports.subjects import thresholds
from tests.core.reporting.cases import AROUND


def test_that_keys_of_a_file_and_names_of_json_are_put_in_words() -> None:
    assert words.plain("find out volume.calls_per_day first") == "find out “calls a day” first"
    assert words.plain("too close between HOSTED_OPEN and HYBRID") == (
        "too close between a hosted open model and a split"
    )
    assert words.sentence("") == ""
    assert words.sentence("qwen3:8b failed.") == "qwen3:8b failed."
    assert words.value_text("electricity.usd_per_kwh", 0.17) == "$0.170"
    assert words.value_text("candidates.local", ()) == "not stated"
    assert words.value_text("volume.hourly_calls", (1.0, 20.0)) == "1, 20"
    assert words.value_text("candidates.needs", frozenset({"tools", "json"})) == "json, tools"
    assert words.value_text("quotes.machine.fits", True) == "yes"
    assert words.value_text("any", object()).startswith("<object")
    assert words.move(None) == ""
    assert words.move(15.0) == "16 times"
    assert words.input_name("some.other_key") == "other key"


def test_that_a_question_keeps_its_sign_and_gets_no_full_stop() -> None:
    assert words.sentence("no table knows it. Perhaps x?") == "No table knows it. Perhaps x?"


def test_that_every_threshold_has_a_name_and_its_unit() -> None:
    listed = thresholds(Thresholds())
    assert {one.name for one in listed} == set(words.THRESHOLDS)
    (table,) = [
        block
        for section in portfolio.tail(replace(AROUND, thresholds=listed))
        for block in section.blocks
        if isinstance(block, Table) and block.caption == "Where the rules turned"
    ]
    said = {row[0].text: row[1].text for row in table.rows}
    assert said["Hardware from a bill of"] == "$1,000 a month"
    assert said["Worth moving from a share of"] == "20 % of the bar"
    assert said["A price is stale after"] == "45 days"


def test_that_a_price_names_the_provider_as_it_calls_itself() -> None:
    assert words.priced("gpt-5.5 at openai", {"openai": "OpenAI"}) == "gpt-5.5 at OpenAI"
    assert words.priced("Quadro RTX 6000", {}) == "Quadro RTX 6000"


def test_that_a_machine_without_a_name_is_this_one() -> None:
    assert [words.in_sentence(one) for one in ("", "This machine", "RTX 4090")] == [
        "this machine", "this machine", "RTX 4090",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("quotes.hosted_open_usd_month", 120.0, "$120"),
        ("buy.price", 1500, "$1,500"),
        ("organisation.hourly_rate", 80.0, "$80"),
        ("machine.resale", 400.0, "$400"),
        ("quality.margin", 0.03, "3 %"),
        ("quotes.machine.absorbed_share", 0.62, "62 %"),
        ("quotes.machine.peak_utilisation", 1.4, "140 %"),
        ("volume.growth_per_month", 0.05, "5 %"),
        ("latency.p95_seconds", 4.0, "4.0 s"),
        ("tokens.input", 900, "900 tokens"),
        ("buy.setup_hours", 5.0, "5 h"),
        ("buy.months", 36, "36 months"),
        ("volume.calls_per_day", 20_000.0, "20,000"),
        ("workload.task", "open_ended", "open ended"),
        ("machine.on_anyway", False, "no"),
        ("candidates.needs", ("long_context", "tools"), "long context, tools"),
        ("privacy.approved_vendors", ("a_b", "c"), "a_b, c"),
        ("today.model", "", "not stated"),
        ("today.model", None, "not stated"),
    ],
)
def test_that_a_value_has_the_unit_of_its_key(path: str, value: object, said: str) -> None:
    assert words.value_text(path, value) == said


def test_that_a_move_is_told_in_parts_or_in_times() -> None:
    assert [words.move(one) for one in (0.5, -0.25, 9.9, 10.0, -1.0, 0.0)] == [
        "+50 %", "−25 %", "+990 %", "11 times", "−100 %", "0 %",
    ]  # fmt: skip
