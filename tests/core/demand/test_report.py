"""The load of a machine for a reader: one line, and every number of the document."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.demand.day_pattern import DayPattern
from landfall.core.demand.report import HostLoad, load_json, load_line
from landfall.core.demand.serving import ASSUMED
from landfall.core.demand.strain import Strain
from tests.core.demand.round_loads import HOURLY, PLAIN, strain


def report(one: Strain, machine: str = "box") -> HostLoad:
    return HostLoad(machine=machine, model="m", strain=one, most_busy=0.8)


def test_that_a_line_says_what_is_known() -> None:
    assert load_line(report(strain())) == (
        "In the busiest hour (about 9:00) box is 50 % busy, 19 of 20 answers within 15 s, "
        "28.9 % of all calls overflow if none may wait."
    )
    assert "box is 190 % busy" in load_line(report(strain(seconds=9.5)))
    assert "box is asked for 2.0 times" in load_line(report(strain(seconds=10.0)))
    bursts = replace(PLAIN, pattern=DayPattern(busy=2.0, classes=((2.0, 0.5),)))
    line = load_line(report(strain(bursts, 10.0)))
    assert "(a busy day's calls within eight hours)" in line
    batch = load_line(report(strain(bursts, 10.0, window_hours=8.0)))
    assert batch.startswith("In its window box is 56 % busy, a busy day's work takes 4.4 h of 8 h")
    assert "a day's work takes" in load_line(report(strain(PLAIN, 10.0, window_hours=8.0)))


def test_that_a_document_has_every_number() -> None:
    found = load_json(report(strain(slots=2)))
    assert found["machine"] == "box"
    assert found["model"] == "m"
    assert (found["slots"], found["slots_reason"], found["how"]) == (2, ASSUMED, "formulas")
    assert (found["replayed_calls"], found["replayed_days"], found["queue"]) == (0, 0, 3)
    assert found["busiest_hour"] == {"hour": 9, "calls": 720.0, "assumed": False}
    assert found["queue_wait_seconds"] == pytest.approx(3 * 2.5 / 2)
    assert found["overflow_share"] == pytest.approx(1 - found["absorbed_share"]["mid"])
    assert (found["batch"], found["people"], found["people_measured"]) == (None, 38, None)
    assert found["growth"]["machines"] == 4
    assert found["hours"][9]["calls"] == 720.0
    bare = load_json(report(strain(replace(PLAIN, calls_per_day=None))))
    assert bare["busiest_hour"] == {"hour": None, "calls": None, "assumed": True}
    assert set(bare["reasons"]) >= {"utilisation", "p95_seconds"}
    idle = load_json(report(strain(replace(HOURLY, hourly_calls=(0.0,) * 24))))
    assert idle["busiest_hour"]["hour"] is None
