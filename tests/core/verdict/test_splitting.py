"""A machine of which a part overflows: its month by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.provenance import Stated, Unknown
from landfall.core.verdict.splitting import split_part
from landfall.core.workload.workload import OrganisationFacts
from tests.core.verdict.test_assembling import WORK, sure
from tests.core.verdict.test_bills import DAYS, POWER, made


def test_that_a_split_does_not_pay_the_electricity_of_what_is_sent_away() -> None:
    month = made().marginal()
    whole = POWER + 24
    kept = split_part(made(), month, Stated(0.25, "kept"))
    assert kept * whole == pytest.approx(POWER / 4 + 24)
    assert split_part(made(), month, Stated(1.0, "kept")) == pytest.approx(1.0)
    # Of 24 s only 7,200 of 8,000 calls are worked on: a quarter of 8,000 are 2,000 of these.
    slow = made(seconds=sure(24.0))
    worked = 7200 * 200 * 24 / 3.6e6 * 0.2 * DAYS
    part = split_part(slow, slow.marginal(), Stated(0.25, "kept"))
    assert part * (worked + 24) == pytest.approx(worked * 2000 / 7200 + 24)
    room = replace(WORK, organisation=OrganisationFacts(pue=1.5))
    part = split_part(made(room), made(room).marginal(), Stated(0.25, "kept"))
    assert part * (1.5 * POWER + 24) == pytest.approx(1.5 * POWER / 4 + 24)


def test_that_a_quoted_month_is_that_of_the_split() -> None:
    kept = Stated(0.25, "kept")
    assert split_part(made(), Stated(20.0, "quotes.machine.marginal_usd_month"), kept) == 1.0
    for unknown in ({"seconds": Unknown("?")}, {"able": None}):
        assert split_part(made(**unknown), sure(20.0), kept) == 1.0
    assert split_part(made(), Unknown("?"), kept) == 1.0
    assert split_part(made(), sure(20.0), Unknown("?")) == 1.0
