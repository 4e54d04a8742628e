"""The decision table: which option a workload's facts lead to, and by which rules.

Stages in order, the first match decides and a later stage never undoes an earlier one: hard rules
(privacy, fit, quality), the defaults, the economics. The rules paraphrase a published decision
guide of May 2026; their ids (H1, S27, E4 ...) are stable names.
"""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.demand.forecast import Predictability
from landfall.core.dollars import usd
from landfall.core.percent import percent
from landfall.core.provenance import middle
from landfall.core.quality.paired_tests import GateResult
from landfall.core.settings import Thresholds
from landfall.core.verdict.facts import REMOTE_FIELD, Facts, HostFacts
from landfall.core.verdict.table_record import TableRecord
from landfall.core.verdict.table_words import (
    Ruling,
    at_least,
    below,
    busiest,
    cannot_alone,
    exclusions,
    hybrid_usd,
    model_out,
    rent_out,
    too_slow_rented,
    unpriced_hosted,
)
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Task

FRONTIER_TASKS = frozenset(
    {
        Task.COMPLEX_REASONING,
        Task.NOVEL,
        Task.CREATIVE,
        Task.LONG_AGENTIC,
        Task.USER_FACING_ANALYTIC,
    }
)
"""F1: tasks that stay with a frontier model until a candidate has passed its gate."""


def rule(facts: Facts, limits: Thresholds) -> Ruling:
    """Go through the table for one workload."""
    return _Table(facts, limits).rule()


_LOCAL = Option.LOCAL_THIS_MACHINE
"""Stands for every machine of one's own where the candidate, not the machine, is out."""


@dataclass(slots=True)
class _Table(TableRecord):
    def rule(self) -> Ruling:
        lock = self.facts.lock
        for name in lock.rules:
            self.name(name, lock.says)
        self.name_leaks()
        if {"H1", "H2"} & set(lock.rules):
            return self.local()
        if not self.local_passes and not self.hosted_passes:
            return self.default()
        return self.weigh()

    # What stands open ------------------------------------------------------------------------

    @property
    def local_passes(self) -> bool:
        return self.facts.gate is GateResult.PASS

    @property
    def hosted_stays(self) -> bool:
        """A hosted candidate exists, is allowed, is inside the lock and has not failed."""
        facts = self.facts
        return (
            facts.hosted_allowed
            and facts.hosted_offered
            and Option.HOSTED_OPEN in facts.lock.inside
            and facts.gate_hosted is not GateResult.FAIL
        )

    @property
    def hosted_passes(self) -> bool:
        return self.hosted_stays and self.facts.gate_hosted is GateResult.PASS

    def inside(self, option: Option) -> bool:
        return option in self.facts.lock.inside

    # Under a lock ----------------------------------------------------------------------------

    def local(self) -> Ruling:
        """Only the user's own machines stay, the owned one first; money is not looked at."""
        for host in (self.facts.machine, self.facts.buy):
            if host is None or not self.may_host(host):
                continue
            utilisation = self.value(host.peak_utilisation, f"{host.table}.peak_utilisation")
            if utilisation is not None and at_least(utilisation, 1.0):
                self.name("H6", busiest(host, utilisation), out=host.option)
                continue
            self.need_gate()
            strained = utilisation is not None and not at_least(
                self.limits.utilisation_max, utilisation
            )
            strained = strained or bool(host.late) or bool(host.misses_window)
            return self.ruling(host.option, host=host, strained=strained)
        self.name_what_is_absent()
        return self.ruling(Option.LOCAL_REQUIRED_NOT_FEASIBLE)

    def name_what_is_absent(self) -> None:
        """Why a machine that is not there does not help either."""
        facts = self.facts
        absent = [
            why
            for host, why in ((facts.machine, facts.machine_absent), (facts.buy, facts.buy_absent))
            if host is None
        ]
        if len(absent) == 2 and facts.gate is GateResult.FAIL:
            self.name("H5", "the local candidate failed the quality gate", out=_LOCAL)
        for why in absent:
            self.name("", why, met=False)

    def may_host(self, host: HostFacts) -> bool:
        """Whether no hard rule takes the host out; what is not known is noted."""
        out = exclusions(self.facts, host)
        for name, text in out:
            self.name(name, text, out=host.option)
        if out:
            return False
        for known, key in (
            (host.fits, "fits"),
            (host.context_ok, "context_ok"),
            (host.licence_ok, "licence_ok"),
            (host.capability_ok, "capability_ok"),
        ):
            if known is None:
                self.lack(f"{host.table}.{key}", host.note(key, "not known"))
        return host.fits is not None

    def need_gate(self) -> None:
        if not self.local_passes and self.facts.gate is not GateResult.FAIL:
            self.lack("quality.gate", f"the local candidate is {self.facts.gate.value}")

    # The defaults ----------------------------------------------------------------------------

    def default(self) -> Ruling:
        """No candidate has passed its gate."""
        facts = self.facts
        frontier_task = facts.task in FRONTIER_TASKS
        if facts.gate is GateResult.FAIL:
            self.name("H5", "the local candidate failed the quality gate", out=_LOCAL)
        elif facts.gate_hosted is GateResult.FAIL and facts.hosted_allowed:
            self.name("H5", "the hosted candidate failed its gate", out=Option.HOSTED_OPEN)
        open_gates = {facts.gate} | ({facts.gate_hosted} if self.hosted_stays else set())
        unproven = bool(open_gates & {GateResult.UNMEASURED, GateResult.INCONCLUSIVE})
        if frontier_task:
            task = facts.task.value.replace("_", " ")
            self.name("F1", f"{task} stays with a frontier model until a candidate is proven")
        elif unproven:
            self.name("E0", "cloud until a candidate has passed the quality gate")
        self.need_gate()
        if self.hosted_stays:
            self.lack_hosted_gate()
        return self.fall_back()

    def lack_hosted_gate(self) -> None:
        if self.facts.gate_hosted in (GateResult.UNMEASURED, GateResult.INCONCLUSIVE):
            state = self.facts.gate_hosted.value
            self.lack("quality.gate_hosted", f"the hosted candidate is {state}")

    def fall_back(self) -> Ruling:
        """The frontier if it is inside, else the hosted candidate, else the local rules."""
        if self.inside(Option.CLOUD_FRONTIER):
            return self.ruling(Option.CLOUD_FRONTIER)
        if self.hosted_stays:
            return self.ruling(Option.HOSTED_OPEN)
        self.name("H1", "nothing inside the rule is left: only local stays")
        return self.local()

    def need_history(self) -> None:
        """Without four weeks of history whatever money says is provisional."""
        days, least = self.facts.history_days, self.limits.history_min_days
        if days is None:
            self.lack("volume.history_days", "not stated")
        elif days < least:
            self.lack("volume.history_days", f"{days} of {least} days observed")

    # The economics ---------------------------------------------------------------------------

    def weigh(self) -> Ruling:
        self.economics = True
        facts = self.facts
        self.need_history()
        if not self.local_passes:
            self.name("H5", f"the local model is not proven: {facts.gate.value}", out=_LOCAL)
            self.need_gate()
        if facts.hosted_allowed and facts.gate_hosted is GateResult.FAIL:
            self.name("H5", "the hosted candidate failed its gate", out=Option.HOSTED_OPEN)
        bar = self.bar()
        if bar is None:
            self.name("H1", "nothing inside the rule is left: only local stays")
            return self.local()
        price = self.value(facts.remote(bar), REMOTE_FIELD[bar])
        return (
            self.owned(bar, price)
            or self.purchase(bar, price)
            or self.rented(bar, price)
            or self.stay(bar)
        )

    def bar(self) -> Option | None:
        """E1: the cheapest remote option that is allowed and proven; None where there is none."""
        facts = self.facts
        frontier = middle(facts.frontier) if self.inside(Option.CLOUD_FRONTIER) else None
        hosted = middle(facts.hosted) if self.hosted_passes else None
        if hosted is not None:
            text = f"a hosted open-weight model was looked at first: {usd(hosted)} a month"
            self.name("S27", text)
        if self.hosted_passes:
            self.value(facts.hosted, REMOTE_FIELD[Option.HOSTED_OPEN])
        elif self.hosted_stays:
            self.lack_hosted_gate()
        if self.inside(Option.CLOUD_FRONTIER):
            self.value(facts.frontier, REMOTE_FIELD[Option.CLOUD_FRONTIER])
            cheaper = hosted is not None and (frontier is None or hosted < frontier)
            return Option.HOSTED_OPEN if cheaper else Option.CLOUD_FRONTIER
        if self.hosted_passes:
            return Option.HOSTED_OPEN
        if self.inside(Option.RENT_GPU) and self.local_passes and not rent_out(facts)[0]:
            return Option.RENT_GPU
        return Option.HOSTED_OPEN if self.hosted_stays else None

    def saves_enough(self, cost: float, bar: float) -> bool:
        saving = bar - cost
        return at_least(saving, self.limits.saving_min_usd_month) and at_least(
            saving, self.limits.saving_min_share * bar
        )

    def full(self, host: HostFacts, utilisation: float) -> bool:
        """Whether the busiest hour, the latency target or the batch window asks for overflow."""
        over = not at_least(self.limits.utilisation_max, utilisation)
        return over or bool(host.late) or bool(host.misses_window)

    def owned(self, bar: Option, price: float | None) -> Ruling | None:
        """E2 and E5: a machine that is owned already costs only what the workload adds."""
        host = self.facts.machine
        if host is None or not self.local_passes or not self.may_host(host):
            return None
        cost = self.value(host.usd_month, f"{host.table}.marginal_usd_month")
        utilisation = self.value(host.peak_utilisation, f"{host.table}.peak_utilisation")
        if cost is None or utilisation is None or price is None:
            return None
        if not self.full(host, utilisation):
            if not self.saves_enough(cost, price):
                return None
            text = f"the owned machine adds {usd(cost)} a month against {usd(price)} outside"
            self.name("E2", text)
            return self.ruling(Option.LOCAL_THIS_MACHINE, bar=bar, host=host)
        self.value(host.absorbed_share, f"{host.table}.absorbed_share")
        split = hybrid_usd(host, price)
        if split is not None and self.saves_enough(split, price):
            text = f"steady work here, overflow to the cloud: {usd(split)} against {usd(price)}"
            self.name("E5", text)
            return self.ruling(Option.HYBRID, bar=bar, host=host)
        if cannot_alone(host):
            self.name("H6", busiest(host, utilisation), out=host.option)
        return None

    def purchase(self, bar: Option, price: float | None) -> Ruling | None:
        """E4: hardware is bought only for a steady, proven, large bill that it pays back."""
        self.weighed_purchase = True
        host = self.facts.buy
        conditions = (self.forecast_holds(), self.bill_is_large(price), self.may_buy())
        offered = host is not None and self.local_passes and self.may_host(host)
        if not offered:
            self.name("", self.no_hardware(host), met=False)
        if host is None or not offered or not all(conditions) or price is None:
            return None
        if not self.pays(host, bar, price):
            return None
        utilisation = self.value(host.peak_utilisation, f"{host.table}.peak_utilisation")
        if utilisation is None:
            return None
        hybrid = self.full(host, utilisation)
        split = hybrid_usd(host, price)
        if hybrid and split is not None and not self.saves_enough(split, price):
            text = f"it cannot keep up, and with the overflow it costs {usd(split)} a month"
            self.name("E5", text, met=False)
            if cannot_alone(host):
                self.name("H6", busiest(host, utilisation), out=host.option)
            return None
        for name, text in (
            ("S6", "the volume is observed, steady and can be forecast"),
            ("S7", f"the bill of {usd(price)} a month is large enough for hardware"),
            ("S8", "an open-weight model has passed the quality gate"),
        ):
            self.name(name, text)
        if hybrid:
            self.name("E5", f"the busiest hour needs {percent(utilisation)}: the rest overflows")
            if split is None:
                self.value(host.absorbed_share, f"{host.table}.absorbed_share")
        return self.ruling(Option.HYBRID if hybrid else Option.LOCAL_BUY, bar=bar, host=host)

    def forecast_holds(self) -> bool:
        """S6: predictable, observed long enough, and more than a trickle."""
        facts, limits = self.facts, self.limits
        short = []
        if facts.predictability is not Predictability.PREDICTABLE:
            short.append(f"the volume is {facts.predictability.value}")
        if facts.history_days is None:
            short.append("no observed days are stated")
        elif facts.history_days < limits.history_min_days:
            short.append(f"{facts.history_days} of {limits.history_min_days} days observed")
        if facts.calls_per_day is None:
            self.lack("volume.calls_per_day", "not stated")
            short.append("the calls a day are not stated")
        elif at_least(limits.premature_calls_per_day, facts.calls_per_day):
            short.append(f"{facts.calls_per_day:g} calls a day are too few")
        if short:
            self.name("S6", "; ".join(short), met=False)
        return not short

    def bill_is_large(self, price: float | None) -> bool:
        """S7: tested on the cheapest proven remote price."""
        least = self.limits.local_bill_min_usd_month
        if price is None:
            return False
        if at_least(price, least):
            return True
        self.name(
            "S7", f"{usd(price)} a month is below {usd(least)}, too little for hardware", met=False
        )
        return False

    def may_buy(self) -> bool:
        if self.facts.startup:
            self.name("S48", "startups stay in the cloud", met=False)
        return not self.facts.startup

    def no_hardware(self, host: HostFacts | None) -> str:
        if host is None:
            return f"no hardware option: {self.facts.buy_absent}"
        return "no hardware option: no proven local model runs on it"

    def pays(self, host: HostFacts, bar: Option, price: float) -> bool:
        """The rest of E4: hosted was priced (AP7), the TCO saves, it is paid back in time."""
        if unpriced_hosted(self.facts):
            self.name("AP7", "hosted open-weight is not priced: that comes first", met=False)
            return False
        tco = self.value(host.usd_month, f"{host.table}.tco_usd_month")
        opex = self.value(host.opex_usd_month, f"{host.table}.opex_usd_month")
        cost = self.value(host.price_usd, f"{host.table}.price")
        if tco is None or opex is None or cost is None:
            return False
        bill = self.facts.over_life(bar, price)
        if not self.saves_enough(tco, bill):
            self.name("E4", f"it would cost {usd(tco)} a month against {usd(bill)}", met=False)
            return False
        longest = self.limits.payback_max_months
        if price <= opex or not at_least(longest * (price - opex), cost):
            text = f"{usd(cost)} is not paid back within {longest:g} months"
            self.name("E4", text, met=False)
            return False
        return True

    def rented(self, bar: Option, price: float | None) -> Ruling | None:
        """E3: the local candidate on a rented GPU, for the hours really used."""
        facts = self.facts
        if bar is Option.RENT_GPU or not self.inside(Option.RENT_GPU):
            return None
        if not self.local_passes or facts.startup or model_out(facts):
            return None
        cost = self.value(facts.rent, REMOTE_FIELD[Option.RENT_GPU])
        if cost is None or price is None:
            return None
        share = 1 - self.limits.saving_min_share
        least = self.limits.saving_min_usd_month
        if not below(cost, share * price) or not at_least(price - cost, least):
            return None
        slow = too_slow_rented(facts)
        if slow:
            self.name("H6", slow, out=Option.RENT_GPU)
            return None
        self.name("E3", f"renting by the hour costs {usd(cost)} a month against {usd(price)}")
        return self.ruling(Option.RENT_GPU, bar=bar)

    def stay(self, bar: Option) -> Ruling:
        hard = self.facts.predictability is Predictability.UNPREDICTABLE
        if hard and bar is not Option.RENT_GPU:
            self.name("S25", "what is hard to predict stays in the cloud")
        return self.ruling(bar, bar=bar)
