"""What the history tells for a decision: rates and energy here, how soon clouds answer."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from statistics import median

from landfall.core.benchmark.probe import calls_of
from landfall.core.hosts.hosts import Host
from landfall.core.models.catalogue import ModelCard, find
from landfall.core.provenance import Figure, Measured, Unknown, middle
from landfall.core.verdict.world import MeasuredEnergy, Probed
from landfall.services.history.probes_kept import ProbeRecord
from landfall.services.history.records import BenchmarkRecord, RunRecord
from landfall.services.ollama import address

LATEST = 5
"""So many of the latest runs of a model stand for its energy: one may have been disturbed."""
_USABLE = ("good", "rough")
SAME_SECONDS = 60
"""So long two addresses are taken for one server, or not: this machine's change seldom, and are
asked for thousands of runs."""


def speeds(
    runs: Iterable[RunRecord], cards: Sequence[ModelCard]
) -> Mapping[str, tuple[Figure, Figure]]:
    """Prefill and decode rates out of finished local runs, the latest of each model."""
    return _speeds((run for run in runs if run.place == "local"), cards, "this machine")


def speeds_on(
    runs: Sequence[RunRecord], cards: Sequence[ModelCard], hosts: Sequence[Host]
) -> Mapping[str, tuple[Figure, Figure]]:
    """As `speeds`, of the runs on these hosts alone; of several the one that writes slowest counts,
    since any of them may get the next call."""
    found: dict[str, tuple[Figure, Figure]] = {}
    for host in hosts:
        there = [run for run in runs if ran_on(run, host)]
        for tag, rates in _speeds(there, cards, host.name).items():
            known = found.get(tag)
            if known is None or (middle(rates[1]) or 0.0) < (middle(known[1]) or 0.0):
                found[tag] = rates
    return found


def ran_on(kept: RunRecord | BenchmarkRecord, host: Host) -> bool:
    """Whether a kept run or benchmark was made by the server at a host's address."""
    return kept.place != "cloud" and was_at(kept.host, host)


def was_at(url: str, host: Host) -> bool:
    """Whether what is kept of an address is of a host, by whichever of its names it was asked."""
    if url.rstrip("/").lower() == host.url.lower():
        return True
    return _same_server(url, host.url, int(time.monotonic() // SAME_SECONDS))


@lru_cache(maxsize=1024)
def _same_server(one: str, other: str, _when: int) -> bool:
    try:
        return address.same_server(one, other)
    except ValueError:  # what was imported may have anything for an address
        return False


def network_seconds(runs: Iterable[RunRecord], hosts: Sequence[Host]) -> Figure:
    """What an answer of these hosts is on its way: first token here less loading and reading there.

    The median of the latest runs of which the server told both; on several hosts of all together.
    """
    ways: list[float] = []
    newest = ""
    for run in sorted(runs, key=_begun, reverse=True):
        whole = run.state == "done" and any(ran_on(run, host) for host in hosts)
        way = _way(run) if whole else None
        if way is not None and len(ways) < LATEST:
            newest = newest or run.started_at
            ways.append(way)
    if not ways:
        return Unknown("no kept run there tells it")
    return Measured(median(ways), newest, f"{len(ways)} runs: first token less the server's time")


def _way(run: RunRecord) -> float | None:
    if run.ttft_seconds is None or not run.prefill_tok_s or run.prompt_tokens is None:
        return None
    there = (run.load_seconds or 0.0) + run.prompt_tokens / run.prefill_tok_s
    return max(0.0, run.ttft_seconds - there)


def _speeds(
    runs: Iterable[RunRecord], cards: Sequence[ModelCard], on: str
) -> Mapping[str, tuple[Figure, Figure]]:
    found: dict[str, tuple[Figure, Figure]] = {}
    for run in sorted(runs, key=lambda one: one.started_at):
        card = find(run.model, cards)
        if card is None or run.state != "done" or not run.decode_tok_s:
            continue
        where = f"a run of {run.model} on {on}"
        prefill: Figure = Unknown("not measured")
        if run.prefill_tok_s:
            prefill = Measured(run.prefill_tok_s, run.started_at, where)
        found[card.tag] = (prefill, Measured(run.decode_tok_s, run.started_at, where))
    return found


def energy(runs: Iterable[RunRecord], cards: Sequence[ModelCard]) -> Mapping[str, MeasuredEnergy]:
    """Joules a token above idle out of finished local runs: the median of the latest of a model.

    The parts of a run's gross energy less what the machine would have drawn in their time anyway,
    so that idle draw is counted by whoever causes it, and once. Runs that shared the machine with
    others, or whose parts were too short for the sensor, do not count.
    """
    found: dict[str, list[RunRecord]] = {}
    for run in sorted(runs, key=_begun, reverse=True):
        usable = run.state == "done" and run.place == "local" and not run.shared_with
        if not usable or run.energy_grade not in _USABLE or run.idle_watts is None:
            continue
        card = find(run.model, cards)
        if card is not None and (_decode(run) is not None or _prefill(run) is not None):
            found.setdefault(card.tag, []).append(run)
    return {tag: _of(those[:LATEST]) for tag, those in found.items()}


def _begun(run: RunRecord) -> str:
    return run.started_at


def _of(runs: Sequence[RunRecord]) -> MeasuredEnergy:
    scope = runs[0].energy_scope or "scope not told"
    same = [run for run in runs if run.energy_scope == runs[0].energy_scope]
    return MeasuredEnergy(
        prefill_joules=_median([_prefill(run) for run in same], runs[0], "prompts"),
        decode_joules=_median([_decode(run) for run in same], runs[0], "answers"),
        scope=scope,
    )


def _median(values: Sequence[float | None], newest: RunRecord, what: str) -> Figure:
    known = [value for value in values if value is not None]
    if not known:
        return Unknown(f"no run told the energy of its {what} apart")
    where = f"{len(known)} runs of {newest.model} on this machine, {what}"
    return Measured(median(known), newest.started_at, where)


def _prefill(run: RunRecord) -> float | None:
    return _above_idle(run.prefill_joules, run.prompt_tokens, run.prefill_tok_s, run.idle_watts)


def _decode(run: RunRecord) -> float | None:
    return _above_idle(run.decode_joules, run.output_tokens, run.decode_tok_s, run.idle_watts)


def _above_idle(
    joules: float | None, tokens: int | None, tok_s: float | None, idle_watts: float | None
) -> float | None:
    if joules is None or not tokens or not tok_s or idle_watts is None:
        return None
    return max(0.0, joules / tokens - idle_watts / tok_s)


def probed(records: Iterable[ProbeRecord]) -> Mapping[tuple[str, str], Probed]:
    """Provider and model, in lower case, to the newest whole probe of it."""
    found: dict[tuple[str, str], Probed] = {}
    for record in sorted(records, key=_probed_at):
        calls = tuple(
            (call.ttft_seconds, call.tok_s)
            for call in calls_of(record.result)
            if call.measured and call.ttft_seconds is not None and call.tok_s
        )
        if record.state == "done" and calls:
            key = (record.provider.lower(), record.model.lower())
            found[key] = Probed(at=record.started_at, calls=calls)
    return found


def _probed_at(record: ProbeRecord) -> str:
    return record.started_at
