"""What holds where nothing is stated: never 0, never a pass, never a machine."""

from __future__ import annotations

from landfall.core.demand.forecast import Predictability
from landfall.core.provenance import Stated, Unknown
from landfall.core.quality.paired_tests import GateResult
from landfall.core.verdict.facts import NOT_STATED, REMOTE_FIELD, Facts, HostFacts, Variant
from landfall.core.verdict.options import OptionLine
from landfall.core.verdict.scene import Draw, Slopes, Spread
from landfall.core.verdict.table_numbers import EXTREMES, NO_HOST, HostNumbers
from landfall.core.verdict.table_words import Reason, Ruling
from landfall.core.verdict.together import Displaced, Tenant
from landfall.core.verdict.turning import Path
from landfall.core.verdict.what_if import Knob
from landfall.core.verdict.world import OnHosts, Priced, World
from landfall.core.workload.privacy import NO_LOCK, Option
from landfall.core.workload.workload import Motive, Task
from tests.core.verdict.test_assembling import ASSUMPTIONS
from tests.core.verdict.test_turning import LIMITS, billed

HERE, BUY, RENT = Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY, Option.RENT_GPU


def test_that_of_a_machine_nothing_is_known_until_it_is() -> None:
    bare = HostFacts(option=HERE)
    assert (bare.machine, bare.model, bare.count, bare.notes) == ("", "", 1, ())
    for name in ("fits", "context_ok", "licence_ok", "capability_ok", "late", "lateness"):
        assert getattr(bare, name) is None
    assert (bare.misses_window, bare.strain) == (None, None)
    for name in (
        *("usd_month", "opex_usd_month", "price_usd", "peak_utilisation"),
        *("absorbed_share", "absorbed_token_share", "token_share"),
    ):
        assert getattr(bare, name) == NOT_STATED == Unknown("not stated")
    tables = {HERE: "quotes.machine", BUY: "quotes.buy", RENT: "quotes.buy"}
    for option, table in tables.items():
        assert HostFacts(option=option).table == table
    noted = HostFacts(option=HERE, notes=(("H3", "small"),))
    assert (noted.note("H3", "?"), noted.note("H4", "?")) == ("small", "?")
    calls, tokens = Stated(0.3, "t"), Stated(0.4, "t")
    assert HostFacts(option=HERE, absorbed_share=calls).token_share is calls
    both = HostFacts(option=HERE, absorbed_share=calls, absorbed_token_share=tokens)
    assert both.token_share is tokens
    assert Variant(name="x", usd_month=calls, feasible=None).why_not == ""


def test_that_facts_without_a_statement_pass_nothing() -> None:
    bare = Facts(task=Task.CHAT)
    assert (bare.gate, bare.gate_hosted) == (GateResult.UNMEASURED, GateResult.UNMEASURED)
    assert bare.predictability is Predictability.UNKNOWN
    assert (bare.hosted_allowed, bare.hosted_offered) == (True, True)
    assert (bare.critical, bare.startup, bare.motive) == (False, False, Motive.NONE)
    assert (bare.lock, bare.leaks, bare.growth) == (NO_LOCK, (), 1.0)
    assert bare.growing == frozenset()
    for name in ("history_days", "calls_per_day", "organisation", "machine", "buy", "rented"):
        assert getattr(bare, name) is None
    assert (bare.total_ai_bill_usd_month, bare.local_infrastructure, bare.outlook) == (
        None,
        None,
        None,
    )
    assert bare.frontier == bare.hosted == bare.rent == NOT_STATED
    assert set(REMOTE_FIELD) == {Option.CLOUD_FRONTIER, Option.HOSTED_OPEN, RENT}


def test_that_a_world_in_the_middle_differs_in_nothing() -> None:
    assert tuple(Draw()) == (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, None, None)
    assert tuple(Slopes()) == (0.0, 0.0, 0.0, 0.0, 0.0)
    spread = Spread(volume=0.1, own=0.1, buy=0.1, care=None, residual=None, years=1.0)
    assert spread.own_usd == spread.buy_usd == spread.rent_usd == (0.0, 0.0)
    assert tuple(NO_HOST) == (None,) * 6 + (1.0, False)
    # It costs nothing and is idle, it costs nothing and overflows, it is not there.
    assert (
        HostNumbers(0.0, 0.0, 1.0, 0.0, 0.0),
        HostNumbers(0.0, 2.0, 1.0, 0.0, 0.0),
        HostNumbers(None, 2.0, 1.0, 0.0, 0.0),
    ) == EXTREMES
    assert Path(billed, LIMITS, False, HERE).straight is False


def test_that_an_empty_world_knows_why_it_is_empty() -> None:
    bare = World()
    assert bare.machine is bare.purchase is bare.frontier is bare.assumptions is None
    assert bare.series is bare.usage is bare.on is None
    assert (bare.purchase_count, bare.hourly_rate_usd) == (1, 80.0)
    assert (bare.purchases, bare.rentals, bare.cards, bare.candidates, bare.hosted) == ((),) * 5
    for figure in (bare.machine_usd, bare.purchase_usd, bare.usd_per_kwh):
        assert isinstance(figure, Unknown)
        assert figure.reason
    assert bare.measured == bare.serves == bare.energy == bare.probes == {}
    hosts = OnHosts(names=("a", "b"), described=True)
    assert (hosts.count, hosts.elsewhere, hosts.slots) == (2, True, {})
    assert isinstance(hosts.network_seconds, Unknown)
    assert ASSUMPTIONS.established_factor == Stated(1.0, "nothing is assumed")
    assert Priced(provider="p", model="m", row=None).token_ratio is None


def test_that_lines_and_tenants_begin_with_nothing() -> None:
    line = OptionLine(option=HERE, usd_month=NOT_STATED, feasible=None, why_not="x")
    assert line.rule == ""
    ruling = Ruling(option=HERE, reasons=())
    assert (ruling.missing, ruling.bar, ruling.host) == ((), None, None)
    assert (ruling.strained, ruling.weighed_purchase, ruling.economics) == (False,) * 3
    reason = Reason("H1", "x")
    assert (reason.met, reason.excludes) == (True, None)
    bare = Tenant(workload="A", option=HERE)
    assert (bare.machine, bare.model, bare.need_bytes, bare.budget_bytes) == ("", "", None, None)
    assert (bare.weights_bytes, bare.busy, bare.waits, bare.locked) == (0, (), False, False)
    assert bare.before == bare.after == bare.elsewhere == Unknown("not known")
    assert bare.capital == Stated(0.0, "nothing is bought")
    gone = Displaced(workload="A", rule="H3", text="x", usd_month=NOT_STATED)
    assert gone.locked is False
    assert Knob(path="x", now=1.0).follows is False
