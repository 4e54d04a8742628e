"""Makes what stands behind a verdict: latencies, assumptions, variants, what is missing.

Apart from the facts, which a search for flips assembles thousands of times: this is made once for
what is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.demand.load import Load
from landfall.core.dollars import usd
from landfall.core.percent import percent, signed_percent
from landfall.core.provenance import Figure, Stated, Unknown, middle
from landfall.core.settings import Thresholds
from landfall.core.verdict import latency
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.details import Detail, Details, Gap, quoted
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.options import host_out
from landfall.core.verdict.places import price_of
from landfall.core.verdict.purchase_detail import bought_of
from landfall.core.verdict.rate_dates import costs_each
from landfall.core.verdict.table_words import Ruling, strained
from landfall.core.verdict.world import Probed, hourly
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Workload


def details(
    workload: Workload, facts: Facts, assembler: Assembler, ruling: Ruling, limits: Thresholds
) -> Details:
    """Everything that is shown behind the verdict on a workload.

    Args:
        workload: As stated.
        facts: Of it, in the assembler's world.
        ruling: Where the table leads.
        limits: Where the rules turn.
    """
    load = assembler.load(workload)
    maker = _Maker(workload, facts, assembler, load)
    bought = bought_of(workload, facts, assembler, load)
    nowhere = ruling.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE
    return Details(
        of={
            Option.CLOUD_FRONTIER: maker.frontier(),
            Option.HOSTED_OPEN: maker.hosted(),
            Option.RENT_GPU: maker.rented(),
            Option.LOCAL_THIS_MACHINE: maker.owned(),
            Option.LOCAL_BUY: Detail(latency_p95_s=Unknown(facts.buy_absent))
            if bought is None
            else bought.detail(maker.volume()),
            Option.HYBRID: maker.split(ruling, limits),
        },
        marginal_usd_month=maker.marginal(),
        average_usd_month=maker.average(),
        purchase=None if bought is None else bought.horizon(),
        gap=maker.gap() if nowhere else (),
        would_hold=maker.would_hold() if nowhere else "",
    )


@dataclass(frozen=True, slots=True)
class _Maker:
    workload: Workload
    facts: Facts
    assembler: Assembler
    load: Load

    # What every option assumes ---------------------------------------------------------------

    @property
    def batch(self) -> bool:
        return self.workload.volume.batch_window_hours is not None

    def volume(self) -> tuple[str, ...]:
        calls, grows = self.load.calls_per_day, self.workload.volume.growth_per_month
        if calls is None:
            return ()
        if not grows:
            return (f"{calls:,.0f} calls a day, next month as now",)
        return (f"{calls:,.0f} calls a day next month, {signed_percent(grows)} on now",)

    def billed(self, ratio: float | None) -> tuple[str, ...]:
        today = self.workload.today
        said = [*self.volume()]
        if today.batch_share:
            said.append(
                f"{percent(today.batch_share)} of the calls at the price of those that may wait"
            )
        if self.load.cached:
            said.append("cached input at the provider's price for it")
        if today.retry_share:
            said.append(f"{percent(today.retry_share)} of the calls are made again")
        if ratio is None:
            said.append(
                "the provider counts tokens as the workload does; it may count a quarter more"
            )
        else:
            said.append(f"the provider counts {ratio:g} tokens for one of the workload")
        return tuple(said)

    # Remote ----------------------------------------------------------------------------------

    def frontier(self) -> Detail:
        if isinstance(self.facts.frontier, Stated):
            return Detail(latency_p95_s=self.probed_today(), assumes=quoted(self.facts.frontier))
        return Detail(
            latency_p95_s=self.probed_today(), assumes=self.billed(self.workload.today.token_ratio)
        )

    def probed_today(self) -> Figure:
        today = self.workload.today
        return self.probe(today.provider, today.model)

    def hosted(self) -> Detail:
        figure = self.facts.hosted
        _, priced = self.assembler.hosted(self.workload, self.load)
        candidates = self.workload.candidates.hosted
        chosen = priced or (self.assembler.world.hosted[0] if self.assembler.world.hosted else None)
        if chosen is None or not candidates:
            said = quoted(figure) if isinstance(figure, Stated) else ()
            return Detail(latency_p95_s=Unknown("no hosted candidate is named"), assumes=said)
        assumes = quoted(figure) if isinstance(figure, Stated) else self.billed(chosen.token_ratio)
        return Detail(latency_p95_s=self.probe(chosen.provider, chosen.model), assumes=assumes)

    def probe(self, provider: str, model: str) -> Figure:
        if not model:
            return Unknown("today.provider and today.model are not stated")
        probes = self.assembler.world.probes
        found: Probed | None = probes.get((provider.lower(), model.lower()))
        name = f"{model} at {provider}"
        return latency.of_probe(found, name, self.load.writes, batch=self.batch)

    def rented(self) -> Detail:
        host, figure = self.facts.rented, self.facts.rent
        if host is None:
            said = quoted(figure) if isinstance(figure, Stated) else ()
            return Detail(latency_p95_s=Unknown("no rented GPU is looked at"), assumes=said)
        many = f"{host.count} of them in the busiest hour" if host.count > 1 else "one of it"
        return Detail(
            latency_p95_s=latency.of_host(host),
            assumes=(
                *self.volume(),
                f"{host.model} on a rented {host.machine}, {many}",
                *self.hour(host),
                "on demand it is started when a call comes and stopped a quarter of an hour after"
                " the last one; the call that wakes it waits for the start",
                "care takes as many hours as for a machine of your own",
            ),
            variants=self.facts.rent_variants,
        )

    def hour(self, host: HostFacts) -> tuple[str, ...]:
        listed = hourly(host.machine, self.assembler.world)
        if listed is None or listed.profile.name != host.machine:
            return ()
        return costs_each(f"an hour of {host.machine}", listed.usd)

    # Own machines ----------------------------------------------------------------------------

    def owned(self) -> Detail:
        host = self.facts.machine
        if host is None:
            return Detail(latency_p95_s=Unknown(self.facts.machine_absent))
        if isinstance(host.usd_month, Stated):
            said = quoted(host.usd_month)
        else:
            said = (*self.volume(), *self.owned_costs(host))
        return Detail(latency_p95_s=latency.of_host(host), assumes=said)

    def owned_costs(self, host: HostFacts) -> tuple[str, ...]:
        machine, world = self.workload.machine, self.assembler.world
        rates = "measured" if host.model in world.measured else "predicted"
        energy = world.energy.get(host.model)
        joules = f"energy measured ({energy.scope})" if energy else self.unmeasured_energy()
        there = self.on_hosts()
        idle = (
            "it is on anyway: only what work adds counts"
            if machine.on_anyway
            else "it would be off without this work: its idle draw counts too"
        )
        sold = (
            "its purchase price is spent and does not count"
            if machine.resale_usd is None
            else "selling it is a real alternative: what it loses in a year counts"
        )
        power = costs_each("a kWh of electricity", world.usd_per_kwh)
        return (f"rates of {host.model} {rates}, {joules}", *power, *there, idle, sold)

    def unmeasured_energy(self) -> str:
        """Where the watts are from that nobody measured."""
        machine = self.assembler.world.machine
        boards = machine.accelerators if machine is not None else ()
        if boards and all(one.power_limit_watts is not None for one in boards):
            return "energy from the board's limit"
        return "energy from the range of such parts"

    def on_hosts(self) -> tuple[str, ...]:
        """On which hosts it runs, how far they are, and that nothing here measures their draw."""
        on = self.assembler.world.on
        if on is None:
            return ()
        many = f"{on.count} hosts share the calls: " if on.count > 1 else "it runs on "
        said = [f"{many}{', '.join(on.names)}"]
        way = on.network_seconds
        if isinstance(way, Unknown):
            said.append(f"what the network takes is not known: {way.reason}")
        else:
            said.append(f"the network takes {middle(way) or 0.0:.3g} s of each answer")
        if on.elsewhere:
            said.append("no sensor of this machine measures their draw")
        return tuple(said)

    # A split ---------------------------------------------------------------------------------

    def split(self, ruling: Ruling, limits: Thresholds) -> Detail:
        host = ruling.host if ruling.option is Option.HYBRID else None
        host = host or strained(self.facts, limits)
        bar = ruling.bar
        if host is None or bar is None:
            return Detail(latency_p95_s=Unknown("nothing overflows"))
        share = middle(host.token_share)
        there = {
            Option.CLOUD_FRONTIER: self.frontier,
            Option.HOSTED_OPEN: self.hosted,
            Option.RENT_GPU: self.rented,
        }[bar]().latency_p95_s
        said = [*self.volume()]
        if share is not None:
            said.append(
                f"{percent(share)} of the tokens stay here, {percent(1 - share)} go to {bar.value}"
            )
        said.append("what finds no slot free goes elsewhere at once")
        return Detail(latency_p95_s=latency.of_split(host, there), assumes=tuple(said))

    # Money -----------------------------------------------------------------------------------

    def marginal(self) -> Figure:
        host = self.facts.machine
        return Unknown(self.facts.machine_absent) if host is None else host.usd_month

    def average(self) -> Figure:
        if self.facts.machine is None:
            return Unknown(self.facts.machine_absent)
        return self.assembler.bills(self.assembler.at_hand(), self.workload, self.load).average()

    # What is missing -------------------------------------------------------------------------

    def gap(self) -> tuple[Gap, ...]:
        facts = self.facts
        found: list[Gap] = []
        for option, host, absent in (
            (Option.LOCAL_THIS_MACHINE, facts.machine, facts.machine_absent),
            (Option.LOCAL_BUY, facts.buy, facts.buy_absent),
        ):
            if host is None:
                found.append(Gap(option=option, machine="", rule="", text=absent))
                continue
            out = host_out(facts, host)
            if host.fits is None and not out:
                out = (("H3", host.note("fits", "whether it fits is not known")),)
            found += [
                Gap(option=option, machine=host.machine, rule=name, text=text) for name, text in out
            ]
        return tuple(found)

    def would_hold(self) -> str:
        offers = self.assembler.offers(self.workload, self.load)
        if not offers:
            return ""
        best = min(offers, key=price_of)
        return f"{best.name}, {usd(price_of(best))}"
