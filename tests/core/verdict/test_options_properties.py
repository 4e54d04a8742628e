"""Whatever a workload states within its limits: no cost is below nothing, or no number."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.provenance import Figure, band
from landfall.core.verdict.verdict import Verdict
from landfall.core.verdict.verdict_json import to_json
from landfall.core.workload.workload import (
    Machine,
    OrganisationFacts,
    Purchase,
    Quotes,
    Today,
    Tokens,
    Volume,
    Workload,
)
from tests.core.verdict.test_assembling import WORLD
from tests.core.verdict.test_details import LISTED, PASSED, verdict

MAYBE = st.none() | st.just(0.0)
HOURS = st.just(()) | st.lists(st.floats(0, 1e6), min_size=24, max_size=24).filter(any).map(tuple)


def draw_workload(draw: Any) -> Workload:
    """A workload with any numbers that a file may hold."""
    volume = Volume(
        calls_per_day=draw(MAYBE | st.floats(0, 1e9)),
        history_days=draw(st.none() | st.integers(0, 1000)),
        hourly_calls=draw(HOURS),
        growth_per_month=draw(st.floats(-0.99, 10.0)),
        batch_window_hours=draw(st.none() | st.floats(0.01, 744.0)),
    )
    tokens = Tokens(
        input=draw(MAYBE | st.floats(0, 1e8)),
        cached_input=draw(MAYBE | st.floats(0, 1e8)),
        output=draw(MAYBE | st.floats(0, 1e8)),
        context_p99=draw(st.none() | st.integers(1, 10**8)),
    )
    purchase = Purchase(
        consider=True,
        machine=draw(st.sampled_from(["", "RTX 4090"])),
        residual_share=draw(st.none() | st.floats(0, 1)),
        months=draw(st.none() | st.integers(1, 600)),
        setup_hours=draw(MAYBE | st.floats(0, 1e5)),
        yearly_rate=draw(MAYBE | st.floats(0, 1)),
        price_decline=draw(MAYBE | st.floats(0, 0.999)),
    )
    return replace(
        PASSED,
        volume=volume,
        tokens=tokens,
        p95_seconds=draw(st.none() | st.floats(0.01, 86_400)),
        buy=purchase,
        machine=Machine(
            on_anyway=draw(st.booleans()),
            resale_usd=draw(MAYBE | st.floats(0, 1e9)),
            resale_later_usd=draw(MAYBE | st.floats(0, 1e9)),
        ),
        organisation=OrganisationFacts(
            ops_hours_per_month=draw(MAYBE | st.floats(0, 1e4)),
            pue=draw(st.none() | st.floats(1, 5)),
            local_infrastructure=draw(st.none() | st.booleans()),
        ),
        today=Today(
            provider="openai",
            model="m",
            batch_share=draw(st.floats(0, 1)),
            retry_share=draw(st.floats(0, 1)),
            token_ratio=draw(st.none() | st.floats(0.1, 10)),
        ),
        quotes=Quotes(
            cloud_frontier_usd_month=draw(MAYBE | st.floats(0, 1e9)),
            hosted_open_usd_month=draw(MAYBE | st.floats(0, 1e9)),
        ),
    )


def costs(found: Verdict) -> list[Figure]:
    """Every figure that is money spent."""
    lines = [line.usd_month for line in found.options]
    variants = [
        one.usd_month for line in found.options for one in found.detail(line.option).variants
    ]
    return [*lines, *variants, found.details.marginal_usd_month, found.details.average_usd_month]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_that_no_input_gives_a_cost_below_nothing_or_no_number(data: st.DataObject) -> None:
    workload = draw_workload(data.draw)
    world = data.draw(st.sampled_from([WORLD, LISTED]))
    found = verdict(workload, world)
    json.dumps(to_json(found), allow_nan=False)
    for figure in costs(found):
        ends = band(figure)
        assert ends is None or ends[1] >= 0, figure
