"""What a decided workload asks of the machine that it shares."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from landfall.core.provenance import Unknown, middle
from landfall.core.settings import Settings
from landfall.core.verdict.tenants import busy_hours, tenant
from landfall.core.verdict.together import Tenant
from landfall.core.workload.privacy import Option
from landfall.services.verdict import standing_verdicts
from landfall.services.verdict.decided import Decided
from landfall.services.verdict.deciding import Decider
from landfall.services.verdict.workload_files import from_text

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TEXT = """
[workload]
name = "{name}"
task = "classification"
[volume]
calls_per_day = {calls}
history_days = 90
predictability = "predictable"
{volume}
[tokens]
input = 900
output = 100
context_p99 = 4096
[candidates]
local = ["{model}"]
[quality]
gate = "pass"
[quotes]
cloud_frontier_usd_month = 900.0
{more}
"""


async def decided(
    name: str = "A",
    *,
    calls: int = 2000,
    model: str = "qwen3:8b",
    volume: str = "",
    more: str = "",
    machine: str = "RTX 4090",
) -> Decided:
    text = TEXT.format(name=name, calls=calls, model=model, volume=volume, more=more)
    decider = Decider.on(machine, Settings(), now=NOW)
    return await decider.decide(from_text(text), with_flips=False)


def of(one: Decided) -> Tenant:
    return tenant(one.loaded.workload, one.facts, one.verdict, one.assembler)


async def test_that_it_brings_its_hours_its_memory_and_what_it_costs_elsewhere() -> None:
    one = await decided()
    found = of(one)
    assert one.verdict.option is Option.LOCAL_THIS_MACHINE
    assert (found.machine, found.model) == ("RTX 4090", "qwen3:8b")
    assert found.need_bytes is not None
    assert found.budget_bytes is not None
    assert 5e9 < found.weights_bytes < found.need_bytes < found.budget_bytes
    assert len(found.busy) == 24
    assert found.busy[0] == 0.0
    assert one.facts.machine is not None
    assert max(found.busy) == pytest.approx(middle(one.facts.machine.peak_utilisation), rel=1e-6)
    assert middle(found.elsewhere) == 900.0
    assert not found.locked


async def test_that_two_workloads_with_large_models_do_not_lie_in_one_memory() -> None:
    both = [await decided("one", model="qwen3:14b"), await decided("two", model="gemma3:27b")]
    assert [one.verdict.option for one in both] == [Option.LOCAL_THIS_MACHINE] * 2
    sums = standing_verdicts.all_together(both, Settings().thresholds)
    assert [(one.workload, one.rule) for one in sums.displaced] in (
        [("two", "H3")],
        [("one", "H3")],
    )
    assert middle(sums.bill_after) > 900.0  # type: ignore[operator]


async def test_that_a_profile_by_the_hour_is_kept() -> None:
    profile = f"hourly_calls = {[0] * 12 + [300] + [0] * 11}"
    found = of(await decided(volume=profile))
    assert [hour for hour, share in enumerate(found.busy) if share] == [12]


async def test_that_a_stated_peak_stands_above_what_is_computed() -> None:
    found = of(await decided(more="[quotes.machine]\npeak_utilisation = 0.5\n"))
    assert max(found.busy) == pytest.approx(0.5)


async def test_that_work_that_may_wait_is_spread_over_the_day() -> None:
    found = of(await decided(volume="batch_window_hours = 8"))
    assert found.waits
    assert len(set(found.busy)) == 1
    stated = of(
        await decided(
            volume="batch_window_hours = 6",
            more="[quotes.machine]\npeak_utilisation = 0.4\n",
        )
    )
    assert stated.busy[0] == pytest.approx(0.1)


async def test_that_a_hybrid_takes_only_what_it_absorbs() -> None:
    quotes = "[quotes.machine]\npeak_utilisation = 1.5\nabsorbed_share = 0.6\n"
    one = await decided(more=f"{quotes}marginal_usd_month = 20.0\n")
    assert one.verdict.option is Option.HYBRID
    assert max(of(one).busy) == pytest.approx(0.6)


async def test_that_what_runs_elsewhere_asks_for_no_machine() -> None:
    one = await decided(calls=10)
    cloud = replace(one.verdict, option=Option.CLOUD_FRONTIER)
    found = tenant(one.loaded.workload, one.facts, cloud, one.assembler)
    assert (found.machine, found.busy) == ("", ())
    nowhere = replace(one.verdict, option=Option.LOCAL_REQUIRED_NOT_FEASIBLE)
    blocked = tenant(one.loaded.workload, one.facts, nowhere, one.assembler)
    assert isinstance(blocked.after, Unknown)


async def test_that_a_lock_has_nowhere_to_go_and_quotes_alone_have_no_memory() -> None:
    locked = of(await decided(more='[privacy]\nclass = "nda"\n'))
    assert locked.locked
    assert isinstance(locked.elsewhere, Unknown)
    strange = of(
        await decided(
            model="nobody/knows-it:7b",
            more="[quotes.machine]\nfits = true\ncontext_ok = true\nlicence_ok = true\n"
            "capability_ok = true\nmarginal_usd_month = 20.0\npeak_utilisation = 0.3\n",
        )
    )
    assert strange.need_bytes is None
    assert max(strange.busy) == pytest.approx(0.3)


async def test_that_a_purchase_says_what_is_paid_once() -> None:
    quotes = (
        "[organisation]\nhosted_allowed = false\n[buy]\nconsider = true\nmachine = 'RTX 5090'\n"
        "price = 3000.0\n[machine]\navailable = false\n"
    )
    text = TEXT.format(name="A", calls=20_000, model="qwen3:8b", volume="", more=quotes).replace(
        "900.0", "9000.0"
    )
    one = await Decider(Settings(), now=NOW).decide(from_text(text), with_flips=False)
    assert one.verdict.option in (Option.LOCAL_BUY, Option.HYBRID)
    found = of(one)
    capital, after = middle(found.capital), middle(found.after)
    assert capital is not None
    assert after is not None
    assert 0 < capital < after + 9000.0


async def test_that_without_a_volume_no_hour_is_known() -> None:
    one = await decided()
    load = replace(one.assembler.load(one.loaded.workload), calls_per_day=None, hourly_calls=())
    assert one.facts.machine is not None
    assert busy_hours(one.loaded.workload, load, one.facts.machine) == ()
    known = one.assembler.load(one.loaded.workload)
    dark = replace(one.facts.machine, strain=None, peak_utilisation=Unknown("?"))
    assert busy_hours(one.loaded.workload, known, dark) == ()
