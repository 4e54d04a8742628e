"""Gathers what is known beside a workload (machine, catalogue, prices, rates) and decides."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from landfall.core.catalog import ModelCard, Task, find
from landfall.core.errors import BadInput
from landfall.core.figures import combined
from landfall.core.fit import FitKind, FitRequest
from landfall.core.hardware import HardwareProfile, memory_budget
from landfall.core.model_names import is_cloud_name
from landfall.core.pricing import CallShape
from landfall.core.provenance import Estimated, Figure, Measured, Stated, Unknown, middle
from landfall.core.quality.measured import QualityResult, Standing, measured_of
from landfall.core.quality.votes import NO_VOTES, Vote, pairs_of
from landfall.core.recommend import price, recommend
from landfall.core.settings import Settings
from landfall.core.toml_lines import line_of, lines_of_keys
from landfall.core.verdict.ability import DEFAULT_CONTEXT, context_of
from landfall.core.verdict.evidence import Assembler
from landfall.core.verdict.world import Assumptions, Priced, World
from landfall.core.workload.workload import HostQuotes, Workload
from landfall.services import (
    catalogue,
    hardware,
    known_machines,
    rates,
    resources,
)
from landfall.services.catalogue import Catalogue
from landfall.services.decided import Decided, judge
from landfall.services.pricing.prices import Prices
from landfall.services.quality_run.results import standings_of
from landfall.services.records import RunRecord
from landfall.services.workload_files import LoadedWorkload

_MACHINE_WORDS = ("workstation", "server", "desktop", "laptop", "box", "pc", "rig")
_SHAPE = CallShape(uncached_tokens=1000, output_tokens=100)


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
        self._standings = dict(standings_of(self._runs) if standings is None else standings)
        self._look = look or partial(hardware.detect, settings)
        self._catalogue = catalogue.load()
        self._prices = Prices(settings)

    @classmethod
    def on(
        cls,
        name: str,
        settings: Settings,
        *,
        now: datetime,
        votes: Sequence[Vote] = (),
        results: Sequence[QualityResult] = (),
    ) -> Decider:
        """Decides as if a machine of the catalogue were owned.

        Raises:
            BadInput: the catalogue has no machine of that name.
        """
        profile = known_machines.what_if(name)
        return cls(settings, now=now, machine=profile, votes=votes, results=results)

    async def decide(self, loaded: LoadedWorkload, *, with_flips: bool = True) -> Decided:
        """The verdict on one workload.

        Raises:
            BadInput: its machine is in no catalogue.
        """
        machine = await self._owned(loaded)
        return await asyncio.to_thread(self._decide, loaded, machine, with_flips=with_flips)

    async def decide_all(self, loaded: Iterable[LoadedWorkload]) -> tuple[Decided, ...]:
        """The verdicts, in the order of the workloads."""
        return tuple([await self.decide(one) for one in loaded])

    def _decide(
        self, loaded: LoadedWorkload, machine: HardwareProfile | None, *, with_flips: bool
    ) -> Decided:
        workload = loaded.workload
        assembler = Assembler(self.world(loaded, machine))
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
            loaded=loaded, verdict=verdict, facts=facts, assembler=assembler, limits=limits
        )

    # The machine -----------------------------------------------------------------------------

    async def _owned(self, loaded: LoadedWorkload) -> HardwareProfile | None:
        workload = loaded.workload
        if not workload.machine.available:
            return None
        if workload.machine.name and not self._what_if:
            return self._named(loaded, workload.machine.name, "machine.name")
        if self._machine is None and not quoted_whole(workload.quotes.machine):
            found = self._detected or await self._look()
            self._machine = self._catalogue.enriched(found)
        return self._machine

    def _named(self, loaded: LoadedWorkload, name: str, path: str) -> HardwareProfile:
        try:
            return known_machines.what_if(name)
        except BadInput as error:
            raise BadInput(
                error.message,
                error.hint,
                file=loaded.file,
                line=line_of(path, lines_of_keys(loaded.text)),
                field=path,
            ) from error

    # The world -------------------------------------------------------------------------------

    def world(self, loaded: LoadedWorkload, machine: HardwareProfile | None) -> World:
        """What is known apart from the workload."""
        workload = loaded.workload
        names = workload.candidates.local or self._proposed(workload, machine)
        bought, bought_absent = self._bought(workload)
        rented = self._rented(workload, names)
        return World(
            machine=machine,
            purchase=bought,
            purchase_absent=bought_absent,
            purchase_usd=listed_usd(bought),
            rented=rented[0] if rented else None,
            rent_usd_per_hour=rented[1] if rented else Unknown("no rental price is listed"),
            cards=self._catalogue.models,
            candidates=names,
            frontier=self._today(workload),
            hosted=tuple(
                self._priced(one.provider, one.model) for one in workload.candidates.hosted
            ),
            usd_per_kwh=rates.electricity(self._settings),
            hourly_rate_usd=self._settings.hourly_rate_usd,
            assumptions=assumptions(),
            series=loaded.series,
            voted=pairs_of(self._votes, workload) if self._votes else NO_VOTES,
            quality=measured_of(self._results, workload, self._standings),
            measured=self._measured(machine),
        )

    def _measured(self, machine: HardwareProfile | None) -> Mapping[str, tuple[Figure, Figure]]:
        """What was measured here; a machine of the catalogue has measured nothing."""
        here = machine is not None and machine is self._machine and not self._what_if
        return measured(self._runs, self._catalogue.models) if here else {}

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
        return self._priced(today.provider, today.model)

    def _priced(self, provider: str, model: str) -> Priced:
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

    def _bought(self, workload: Workload) -> tuple[HardwareProfile | None, str]:
        name = workload.buy.machine
        if not name:
            return None, "no machine to buy is named (buy.machine)"
        words = name.split()
        plain = " ".join(word for word in words if word.lower() not in _MACHINE_WORDS)
        for candidate in (name, plain):
            try:
                return known_machines.what_if(candidate), ""
            except BadInput as error:
                why = f"{error.message} {error.hint}"
        return None, why

    def _rented(
        self, workload: Workload, names: Sequence[str]
    ) -> tuple[HardwareProfile, Figure] | None:
        """The cheapest listed GPU that holds the local candidate whole."""
        card = _first_card(names, self._catalogue)
        if card is None or workload.quotes.rent_gpu_usd_month is not None:
            return None
        trained = card.architecture.context_trained or DEFAULT_CONTEXT
        request = FitRequest(context=min(context_of(workload), trained))
        best: tuple[float, HardwareProfile, Figure] | None = None
        for board in sorted({row.hardware for row in rates.load().rentals if row.hardware}):
            usd = rates.rent_usd_per_hour(board)
            cost = middle(usd)
            if cost is None or (best is not None and cost >= best[0]):
                continue
            profile = self._catalogue.what_if(board)
            if price(card, profile, memory_budget(profile), request).fit.kind is FitKind.GPU:
                best = (cost, profile, usd)
        return None if best is None else (best[1], best[2])


def quoted_whole(quotes: HostQuotes) -> bool:
    """Whether everything that the decision asks of the owned machine is quoted."""
    known = (quotes.fits, quotes.context_ok, quotes.licence_ok, quotes.capability_ok)
    numbers = (quotes.marginal_usd_month, quotes.peak_utilisation)
    return all(value is not None for value in (*known, *numbers))


def _first_card(names: Sequence[str], known: Catalogue) -> ModelCard | None:
    local = (name for name in names if not is_cloud_name(name))
    return next((card for name in local if (card := find(name, known.models))), None)


def listed_usd(profile: HardwareProfile | None) -> Figure:
    """The listed price of a machine, with a computer round it where a bare card is sold."""
    if profile is None or not profile.accelerators:
        return Unknown("not stated (buy.price)")
    if isinstance(profile.price_usd, Stated):
        return profile.price_usd
    counts = Counter(one.catalogue_name or one.name for one in profile.accelerators)
    boards = [rates.purchase_usd(name) for name in counts]
    for name, board in zip(counts, boards, strict=True):
        if isinstance(board, Unknown):
            return Unknown(f"no price is listed for {name} (buy.price)")
    host: Figure = Stated(0.0, "nothing else has to be bought")
    if any(rates.needs_host(name) for name in counts):
        host = rates.assumption("host_usd")
    if isinstance(host, Unknown):
        return Unknown(f"no price is listed for a computer round {profile.name} (buy.price)")

    def together(*usd: float) -> float:
        cards = zip(counts.values(), usd, strict=False)  # the last figure is the computer's
        return sum(count * one for count, one in cards) + usd[-1]

    return combined(together, (*boards, host), f"listed: {' + '.join(counts)}")


def measured(
    runs: Iterable[RunRecord], cards: Sequence[ModelCard]
) -> Mapping[str, tuple[Figure, Figure]]:
    """Prefill and decode rates out of finished local runs, the latest of each model."""
    found: dict[str, tuple[Figure, Figure]] = {}
    for run in sorted(runs, key=lambda one: one.started_at):
        card = find(run.model, cards)
        usable = run.state == "done" and run.place == "local" and run.decode_tok_s
        if card is None or not usable or run.decode_tok_s is None:
            continue
        where = f"a run of {run.model} on this machine"
        prefill: Figure = Unknown("not measured")
        if run.prefill_tok_s:
            prefill = Measured(run.prefill_tok_s, run.started_at, where)
        found[card.tag] = (prefill, Measured(run.decode_tok_s, run.started_at, where))
    return found


def assumptions() -> Assumptions:
    """The dated assumptions about owning and renting hardware."""
    rows: dict[str, Any] = {
        row["name"]: row for row in resources.read_json("thresholds.json")["assumptions"]
    }

    def own(name: str) -> Figure:
        row = rows[name]
        source = f"{row['source']} ({row['as_of']})"
        return Estimated(row["low"], row["mid"], row["high"], source)

    return Assumptions(
        residual_share=rates.assumption("residual_share"),
        months=rates.assumption("months"),
        ops_hours_per_month=rates.assumption("ops_hours_per_month"),
        setup_hours=rates.assumption("setup_hours"),
        owned_ops_share=own("owned_ops_share"),
        no_infrastructure_factor=own("no_infrastructure_factor"),
        idle_watts=own("idle_watts"),
        rent_start_hours=own("rent_start_hours"),
    )
