"""What `landfall verdict` prints behind the options."""

from __future__ import annotations

from dataclasses import replace

from landfall.cli.verdict_details import detail_lines, latency
from landfall.core.provenance import Estimated, Stated, Unknown
from landfall.core.quality.paired_tests import GateResult
from landfall.core.workload.workload import (
    Candidates,
    Machine,
    Purchase,
    Quality,
    Quotes,
    Workload,
)
from tests.core.verdict.test_assembling import WORLD, sure
from tests.core.verdict.test_details import LISTED, LOCKED, PASSED, verdict


def printed(workload: Workload = PASSED, **world: object) -> str:
    known = replace(WORLD, **world)  # type: ignore[arg-type]
    return "\n".join(detail_lines(verdict(workload, known)))


def test_that_variants_purchases_and_both_costs_of_a_machine_are_printed() -> None:
    text = printed(machine_usd=sure(3600.0))
    assert "RENT_GPU as on demand: RTX 4090: $" in text
    assert "RENT_GPU as always on: RTX 4090: $" in text
    assert "is what the machine costs in all" in text
    assert "RTX 4090 against CLOUD_FRONTIER: paid back in " in text
    assert "cheaper from " in text
    assert "busy hours a month" in text
    assert "costs in all" not in printed()


def test_that_never_is_printed_as_never() -> None:
    cheap = replace(PASSED, quotes=Quotes(hosted_open_usd_month=2.0, rent_gpu_usd_month=30.0))
    text = printed(cheap)
    assert "against HOSTED_OPEN: paid back never, with falling prices never" in text
    assert "cheaper at no volume" in text
    small = replace(PASSED, buy=replace(PASSED.buy, price_usd=900_000.0))
    assert "more than it serves: never" in printed(small)
    assert "by the hour: never: it would take" in printed(small)


def test_that_what_is_not_known_is_printed_so() -> None:
    text = printed(purchase_usd=Unknown("not listed"))
    assert "paid back at a time not known" in text
    assert "present value not known" in text
    assert "against renting by the hour" not in text


def test_that_what_is_missing_and_what_would_do_are_printed() -> None:
    away = replace(LOCKED, machine=Machine(available=False), buy=Purchase(consider=False))
    text = "\n".join(detail_lines(verdict(away, LISTED)))
    assert "missing: LOCAL_BUY: no purchase is considered" in text
    assert "would do it: RTX 4090, $3,000" in text
    failed = replace(LOCKED, quality=Quality(gate=GateResult.FAIL))
    assert "missing: RTX 4090: H5: " in printed(failed)


def test_that_seconds_stand_with_their_band() -> None:
    assert latency(Unknown("never probed")) == "not known"
    assert latency(Stated(2.0, "a test")) == "2.0 s"
    assert latency(Estimated(1.0, 2.0, 3.0, "a test")) == "2.0 s (1.0–3.0 s)"
    long = Estimated(40.0, 154.1, 1641.0, "a test")
    assert latency(long) == "2 min 34 s (0.7–27 min)"


def test_that_one_variant_alone_is_no_choice() -> None:
    lone = replace(PASSED, candidates=Candidates(local=("small:8b",)))
    assert "LOCAL_BUY as" not in printed(lone)
