"""What a key of a workload file may change."""

from __future__ import annotations

import pytest

from landfall.core.verdict.parts import Part, touches

FRONTIER, HOSTED, RENT, OWNED, BUY = Part
BILLS, REST = {FRONTIER, HOSTED}, {RENT, OWNED, BUY}


@pytest.mark.parametrize(
    ("paths", "parts"),
    [
        (("volume.history_days", "volume.predictability", "quality.gate"), set()),
        (("quality.gate_hosted", "quality.margin", "organisation.kind"), set()),
        (("organisation.hosted_allowed",), set()),
        (("volume.batch_window_hours", "tokens.context_p99", "latency.p95_seconds"), REST),
        (("organisation.pue", "organisation.hourly_rate", "machine.available"), REST),
        (("organisation.ops_hours_per_month", "organisation.local_infrastructure"), REST),
        (("privacy.class", "privacy.offline"), {HOSTED, RENT}),
        (("today.batch_share", "today.retry_share", "today.token_ratio"), BILLS),
        (("quotes.cloud_frontier_usd_month",), {FRONTIER}),
        (("quotes.hosted_open_usd_month",), {HOSTED}),
        (("quotes.rent_gpu_usd_month",), {RENT}),
        (("machine.on_anyway", "machine.resale", "quotes.machine.fits"), {OWNED}),
        (("buy.price", "buy.consider", "quotes.buy.fits", "quotes.buy.price"), {BUY}),
        (("volume.calls_per_day", "tokens.input", "candidates.local", "nothing"), set(Part)),
    ],
)
def test_that_a_key_touches_its_parts(paths: tuple[str, ...], parts: set[Part]) -> None:
    for path in paths:
        assert touches(path) == parts, path
