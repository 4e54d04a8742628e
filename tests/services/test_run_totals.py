from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.provenance import Measured, Unknown, middle
from landfall.services.records import RunRecord
from landfall.services.run_totals import totals

RUN = RunRecord(
    started_at="2026-01-01T00:00:00+00:00",
    place="local",
    host="http://127.0.0.1:11434",
    model="tiny",
    state="done",
    prompt="Why?",
    prompt_tokens=100,
    output_tokens=10,
    gross_joules=50.0,
)
PAID = replace(RUN, place="cloud", gross_joules=None, cost_usd=0.02)


def test_own_machines_and_the_cloud_are_added_apart() -> None:
    sums = totals([RUN, replace(RUN, place="network", gross_joules=None), PAID])
    assert middle(sums.tokens_in.figure) == 200
    assert middle(sums.tokens_out.figure) == 20
    assert middle(sums.joules.figure) == 50.0
    assert middle(sums.usd.figure) == pytest.approx(0.02)


def test_a_part_that_is_unknown_is_counted_and_not_taken_for_nothing() -> None:
    sums = totals([RUN, replace(RUN, gross_joules=None), replace(RUN, output_tokens=None)])
    assert (sums.joules.runs, sums.joules.missing) == (3, 1)
    assert (sums.tokens_out.runs, sums.tokens_out.missing) == (3, 1)
    assert middle(sums.joules.figure) == 100.0


def test_where_nothing_is_known_the_sum_is_unknown() -> None:
    sums = totals([replace(RUN, gross_joules=None), replace(PAID, cost_usd=None)])
    assert isinstance(sums.joules.figure, Unknown)
    assert isinstance(sums.usd.figure, Unknown)
    assert (sums.usd.runs, sums.usd.missing) == (1, 1)


def test_nobody_paid_is_a_known_zero() -> None:
    assert totals([RUN]).usd.figure == Measured(0.0, "", "no paid run")


def test_a_run_that_has_not_ended_does_not_count() -> None:
    assert totals([replace(RUN, state="running", output_tokens=None)]).tokens_out.runs == 0
