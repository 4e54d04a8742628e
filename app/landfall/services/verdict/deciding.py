"""Gathers what is known beside a workload (machine, catalogue, prices, rates) and decides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property, partial

from landfall.core.demand.serving import Serves
from landfall.core.errors import BadInput
from landfall.core.fit.recommend import recommend
from landfall.core.hosts.hosts import Host
from landfall.core.machine import machines
from landfall.core.machine.hardware import HardwareProfile
from landfall.core.models.catalogue import Task
from landfall.core.pricing.call_shape import CallShape
from landfall.core.provenance import Figure
from landfall.core.quality.measured import QualityResult, Standing, measured_of
from landfall.core.quality.votes import NO_VOTES, Vote, pairs_of
from landfall.core.settings import Settings
from landfall.core.toml_lines import line_of, lines_of_keys
from landfall.core.verdict.ability import Ability, context_of
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.verdict import decide
from landfall.core.verdict.world import Assumptions, MeasuredEnergy, Priced, Probed, World
from landfall.core.workload.on_hosts import placed
from landfall.core.workload.workload import Workload
from landfall.services import hardware
from landfall.services.history.records import RunRecord
from landfall.services.late_imports import late
from landfall.services.machine import known_machines
from landfall.services.models import shipped_catalogue
from landfall.services.ollama.address import is_this_machine
from landfall.services.pricing.prices import Prices
from landfall.services.quality.results import standings_of
from landfall.services.run import measured_here
from landfall.services.verdict import hardware_offers, rates
from landfall.services.verdict.decided import Decided, judge
from landfall.services.verdict.deciding_on_hosts import KnownThere, hosts_of, known_there
from landfall.services.verdict.known_past import NO_PAST, Past
from landfall.services.verdict.owning_assumptions import assumptions
from landfall.services.verdict.to_buy import Bought, bought_of
from landfall.services.verdict.workload_files import LoadedWorkload

_MOST_ABILITIES = 5000
"""Machines with a candidate at a context, each of about a kilobyte, that are remembered."""
_SHAPE = CallShape(uncached_tokens=1000, output_tokens=100)
"""Of the call whose price row is looked up: no bill is reckoned with it, rows have tiers."""


class Decider:
    """Decides on workloads of one user on one machine.

    Args:
        settings: Thresholds, electricity price, hourly rate, typed prices.
        machine: A machine of the catalogue taken as owned, whatever a workload names; or None.
        detected: This machine as it was detected, or None to detect it when a workload needs it.
        runs: Kept runs; their rates replace predicted ones of the same model on this machine.
        votes: Kept votes; those cast blind are quality evidence of the workload they belong to.
        results: Of quality runs; they come before votes.
        standings: What the models of such results are now, by the name of their target: a result
            of another file, quantization or way of asking no longer counts. By default what the
            runs tell.
        past: What else the history knows: how the server here served, what usage was assigned.
        look: Finds out about this machine where `detected` does not tell; by default the hardware
            alone, without what a server holds of it and without a calibration.
        now: The time of the decision, with a time zone.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        now: datetime,
        machine: HardwareProfile | None = None,
        detected: HardwareProfile | None = None,
        runs: Sequence[RunRecord] = (),
        votes: Sequence[Vote] = (),
        results: Sequence[QualityResult] = (),
        standings: Mapping[str, Standing] | None = None,
        past: Past = NO_PAST,
        look: Callable[[], Awaitable[HardwareProfile]] | None = None,
    ) -> None:
        self._settings = settings
        self._now = now
        self._detected = detected
        self._machine = machine
        self._what_if = machine is not None
        self._runs = tuple(runs)
        self._votes = tuple(votes)
        self._results = tuple(results)
        self._past = past
        self._standings = dict(self._known_standings() if standings is None else standings)
        self._look = look or partial(hardware.detect, settings)
        self._catalogue = shipped_catalogue.load()
        self._prices = Prices(settings)
        self._abilities: dict[object, dict[tuple[object, ...], Ability]] = {}
        self._priced_once: dict[tuple[str, str], Priced] = {}
        self._bought_once: dict[str, Bought] = {}

    def _known_standings(self) -> Mapping[str, Standing]:
        return standings_of(
            self._runs,
            benchmarks=self._past.benchmarks,
            loads=self._past.loads,
            results=self._results,
        )

    @classmethod
    def on(
        cls,
        name: str,
        settings: Settings,
        *,
        now: datetime,
        votes: Sequence[Vote] = (),
        results: Sequence[QualityResult] = (),
        past: Past = NO_PAST,
    ) -> Decider:
        """Decides as if a machine of the catalogue were owned.

        Raises:
            BadInput: the catalogue has no machine of that name.
        """
        profile = known_machines.what_if(name)
        return cls(settings, now=now, machine=profile, votes=votes, results=results, past=past)

    async def decide(self, loaded: LoadedWorkload, *, with_flips: bool = True) -> Decided:
        """The verdict on one workload.

        Raises:
            BadInput: its machine is in no catalogue.
        """
        hosts = self._hosts(loaded)
        machine = await self._owned(loaded, hosts)
        return await asyncio.to_thread(
            self._decide, loaded, machine, _elsewhere(hosts), with_flips=with_flips
        )

    async def glance(self, loaded: LoadedWorkload) -> Decided:
        """The verdict without how sure it is and what would flip it: some milliseconds.

        Raises:
            BadInput: its machine is in no catalogue.
        """
        hosts = self._hosts(loaded)
        machine = await self._owned(loaded, hosts)
        return await asyncio.to_thread(self._glance, loaded, machine, _elsewhere(hosts))

    async def decide_all(self, loaded: Iterable[LoadedWorkload]) -> tuple[Decided, ...]:
        """The verdicts, in the order of the workloads."""
        return tuple([await self.decide(one) for one in loaded])

    def _decide(
        self,
        loaded: LoadedWorkload,
        machine: HardwareProfile | None,
        urls: tuple[str, ...],
        *,
        with_flips: bool,
    ) -> Decided:
        workload = placed(loaded.workload, urls)
        assembler = self._assembler(self.world(loaded, machine))
        facts = assembler.facts(workload)
        limits = self._settings.thresholds
        verdict = judge(
            workload,
            facts,
            assembler,
            limits=limits,
            as_of=self._now.date().isoformat(),
            with_flips=with_flips,
        )
        return Decided(
            loaded=loaded,
            verdict=verdict,
            facts=facts,
            assembler=assembler,
            limits=limits,
            urls=urls,
        )

    def _glance(
        self, loaded: LoadedWorkload, machine: HardwareProfile | None, urls: tuple[str, ...]
    ) -> Decided:
        assembler = self._assembler(self.world(loaded, machine))
        facts, limits = assembler.facts(placed(loaded.workload, urls)), self._settings.thresholds
        as_of = self._now.date().isoformat()
        verdict = decide(loaded.workload.name, facts, limits=limits, as_of=as_of)
        return Decided(
            loaded=loaded,
            verdict=verdict,
            facts=facts,
            assembler=assembler,
            limits=limits,
            urls=urls,
        )

    def _assembler(self, world: World) -> Assembler:
        """Workloads on the same machine that would buy the same know what it can do together."""
        hosts = world.on.names if world.on is not None else ()
        key = (world.machine, world.purchase, self._is_here(world.machine), hosts)
        able = self._abilities.setdefault(key, {})
        if len(able) > _MOST_ABILITIES:
            able = self._abilities[key] = {}
        return Assembler(world, able)

    # The machine -----------------------------------------------------------------------------

    def _hosts(self, loaded: LoadedWorkload) -> tuple[Host, ...]:
        """The hosts on which it runs; none where the machine is a supposed one."""
        if self._what_if or not loaded.workload.machine.named_hosts:
            return ()
        try:
            return hosts_of(loaded.workload, self._settings)
        except BadInput as error:
            path = "machine.host" if loaded.workload.machine.host else "machine.hosts"
            raise _at(error, loaded, path) from error

    async def _owned(self, loaded: LoadedWorkload, hosts: Sequence[Host]) -> HardwareProfile | None:
        workload = loaded.workload
        if not workload.machine.available:
            return None
        if any(not is_this_machine(host.url) for host in hosts):
            return await asyncio.to_thread(self._of_hosts, loaded, hosts)
        if workload.machine.name and not self._what_if:
            return self._named(loaded, workload.machine.name, "machine.name")
        if self._machine is None and not workload.quotes.machine.says_all_of_owned:
            found = self._detected or await self._look()
            self._machine = self._catalogue.enriched(found)
        return self._machine

    def _named(self, loaded: LoadedWorkload, name: str, path: str) -> HardwareProfile:
        try:
            return known_machines.what_if(name)
        except BadInput as error:
            raise _at(error, loaded, path) from error

    def _of_hosts(self, loaded: LoadedWorkload, hosts: Sequence[Host]) -> HardwareProfile:
        """The machine that the hosts are: the named one, one of the user's own that is called like
        the first, else one of which nothing is known but the name."""
        called = ", ".join(host.name for host in hosts)
        own = known_machines.own_name(hosts[0].name)
        if loaded.workload.machine.name or own is not None:
            profile = self._named(loaded, loaded.workload.machine.name or own or "", "machine.name")
            return replace(profile, name=f"{called} ({profile.name})")
        return machines.nothing_known(called)

    # The world -------------------------------------------------------------------------------

    def world(self, loaded: LoadedWorkload, machine: HardwareProfile | None) -> World:
        """What is known apart from the workload."""
        workload = loaded.workload
        here = self._is_here(machine)
        bought = self._bought(workload)
        known = self._known(workload, machine, here=here)
        return World(
            machine=machine,
            machine_usd=hardware_offers.listed_usd(machine),
            purchase=bought.profile,
            purchase_absent=bought.absent,
            purchase_usd=bought.usd,
            purchase_count=bought.count,
            purchases=hardware_offers.purchases(),
            rentals=hardware_offers.rentals(),
            cards=self._catalogue.models,
            candidates=workload.candidates.local or self._proposed(workload, machine),
            frontier=self._today(workload),
            hosted=tuple(
                replace(self._priced(one.provider, one.model), token_ratio=one.token_ratio)
                for one in workload.candidates.hosted
            ),
            usd_per_kwh=rates.electricity(self._settings),
            hourly_rate_usd=self._settings.hourly_rate_usd,
            assumptions=self._assumptions,
            series=loaded.series,
            usage=self._past.usage.get(workload.name),
            voted=pairs_of(self._votes, workload) if self._votes else NO_VOTES,
            quality=measured_of(self._results, workload, self._standings),
            on=known.on,
            measured=known.measured,
            energy=known.energy,
            serves=known.serves,
            probes=self._probes,
        )

    def _known(
        self, workload: Workload, machine: HardwareProfile | None, *, here: bool
    ) -> KnownThere:
        """What was measured on the machine, or on the hosts in its place and nowhere else."""
        if not self._what_if and machine is not None and workload.machine.named_hosts:
            hosts = hosts_of(workload, self._settings)
            described = bool(machine.ram.total_bytes or machine.accelerators)
            cards = self._catalogue.models
            return known_there(hosts, self._runs, self._past, cards, described=described)
        if not here:
            return KnownThere()
        return KnownThere(measured=self._speeds, energy=self._energy, serves=self._serves)

    # The same for every workload: made once for hundreds of them.

    @cached_property
    def _speeds(self) -> Mapping[str, tuple[Figure, Figure]]:
        return measured_here.speeds(self._runs, self._catalogue.models)

    @cached_property
    def _energy(self) -> Mapping[str, MeasuredEnergy]:
        return measured_here.energy(self._runs, self._catalogue.models)

    @cached_property
    def _serves(self) -> Mapping[str, Serves]:
        if not self._past.benchmarks and not self._past.loads:
            return {}  # what reads benchmarks stays out
        module = late("landfall.services.benchmark.serves")
        known: Mapping[str, Serves] = module.known_serves(self._past, self._catalogue.models)
        return known

    @cached_property
    def _probes(self) -> Mapping[tuple[str, str], Probed]:
        return measured_here.probed(self._past.probes)

    @cached_property
    def _assumptions(self) -> Assumptions:
        return assumptions()

    def _bought(self, workload: Workload) -> Bought:
        """As `bought_of`, which asks for nothing else than the name."""
        name = workload.buy.machine
        if name not in self._bought_once:
            self._bought_once[name] = bought_of(workload)
        return self._bought_once[name]

    def _is_here(self, machine: HardwareProfile | None) -> bool:
        """Whether what was measured was measured on it; on one of the catalogue nothing was."""
        return machine is not None and machine is self._machine and not self._what_if

    def _proposed(self, workload: Workload, machine: HardwareProfile | None) -> tuple[str, ...]:
        """The best catalogue model for the task where the workload names none."""
        if machine is None:
            return ()
        known = {one.value: one for one in Task}
        task = known.get(workload.task.value, Task.CHAT)
        context = min(context_of(workload), 1 << 20)
        found = recommend(self._catalogue.models, machine, task=task, context=context)
        return tuple(one.card.tag for one in found.models[:1])

    def _today(self, workload: Workload) -> Priced | None:
        today = workload.today
        if not today.provider or not today.model:
            return None
        priced = self._priced(today.provider, today.model)
        return replace(priced, token_ratio=today.token_ratio)

    def _priced(self, provider: str, model: str) -> Priced:
        """The row at the time of the decision; where there is none, looking for what was meant
        takes ten milliseconds."""
        key = (provider, model)
        if key not in self._priced_once:
            self._priced_once[key] = self._quoted(provider, model)
        return self._priced_once[key]

    def _quoted(self, provider: str, model: str) -> Priced:
        quote = self._prices.quote(provider, model, _SHAPE, at=self._now)
        if quote.row is None:
            reason = " ".join(quote.notes) or f"no price is known for {model} at {provider}"
            return Priced(provider=provider, model=model, row=None, reason=reason)
        if quote.retired:
            since = f" since {quote.row.retired_on}" if quote.row.retired_on else ""
            reason = f"{model} is retired at {provider}{since}: nobody can be sent to it"
            return Priced(provider=provider, model=model, row=None, reason=reason)
        if quote.row.offered is False:
            day = quote.row.offered_on
            reason = f"{provider} did not list {model} for your key on {day}: it is not to be had"
            return Priced(provider=provider, model=model, row=None, reason=reason)
        return Priced(provider=provider, model=model, row=quote.row)


def _elsewhere(hosts: Iterable[Host]) -> tuple[str, ...]:
    """Addresses of the hosts that are other machines."""
    return tuple(host.url for host in hosts if not is_this_machine(host.url))


def _at(error: BadInput, loaded: LoadedWorkload, path: str) -> BadInput:
    """The same with the place in the workload's text."""
    line = line_of(path, lines_of_keys(loaded.text))
    return BadInput(error.message, error.hint, file=loaded.file, line=line, field=path)
