"""The past: runs with samples, pulls, workloads with verdicts, and what left the machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from landfall.core.speed.calibration import CalibrationPoint
from landfall.services.benchmark import kept as benchmarks_kept
from landfall.services.history import (
    calibration_points,
    egress_kept,
    key_times,
    loads_kept,
    probes_kept,
    pulls_kept,
    row_owners,
    workloads_kept,
)
from landfall.services.history.list_places import stand_above
from landfall.services.history.probes_kept import ProbeRecord
from landfall.services.history.records import (
    BenchmarkRecord,
    EgressEntry,
    KeptVerdict,
    LoadRecord,
    PullRecord,
    SavedWorkload,
    WorkloadDraft,
)
from landfall.services.history.run_history import RunHistory
from landfall.services.late_imports import late
from landfall.services.run import paid_calls
from landfall.services.run.paid_calls import PaidCall, Reserved
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.core.quality.measured import QualityResult
    from landfall.core.quality.votes import Vote
    from landfall.core.routing.reading_back import Split
    from landfall.core.usage.series import Local, SeriesSummary
    from landfall.services.history.imports_kept import Content
    from landfall.services.hosts.seen_kept import HostSeen
    from landfall.services.quality.history import QualityHistory
    from landfall.services.side_by_side.kept import SideBySide
    from landfall.services.usage.history import UsageHistory

_SIDE_BY_SIDES = "landfall.services.side_by_side.kept"
_DRAFTS = "landfall.services.history.drafts_kept"
_HOSTS = "landfall.services.hosts.seen_kept"


class Adding(Protocol):
    """What `imports_kept.add` is, which few starts need."""

    def __call__(
        self, connection: sqlite3.Connection, files: Sequence[Content], *, keep: bool
    ) -> tuple[int, ...]:
        """Add what is new."""
        ...


class History(RunHistory):
    """Typed access to the database. Each method is one transaction."""

    async def mark_interrupted(self) -> int:
        """What still says "running" was cut by a crash or a kill: say so. Returns how many.

        Meant for the start. While another program has the history open, only what names a program
        that is gone: the rest may be that one's.
        """
        presence = self._presence
        if presence is None:
            return await self._database.run(partial(_mark_interrupted, alone=True))

        def work(connection: sqlite3.Connection) -> int:
            with presence.looking() as alone:
                return _mark_interrupted(connection, alone=alone)

        return await self._database.run(work)

    @property
    def usage(self) -> UsageHistory:
        """What was used at providers."""
        # Imported late: few starts ask for it.
        made: UsageHistory = late("landfall.services.usage.history").UsageHistory(self.transact)
        return made

    @property
    def quality(self) -> QualityHistory:
        """Quality runs on the user's own prompts."""
        made: QualityHistory = late("landfall.services.quality.history").QualityHistory(
            self.transact
        )
        return made

    async def add_imported(self, files: Sequence[Content], *, keep: bool) -> tuple[int, ...]:
        """Add what files hold and this does not, all or nothing; how many rows of each were new.

        Args:
            keep: False only looks.
        """

        def work(connection: sqlite3.Connection) -> tuple[int, ...]:
            add: Adding = late("landfall.services.history.imports_kept").add
            return add(connection, files, keep=keep)

        return await self._database.run(work)

    # Benchmarks

    async def add_benchmark(self, benchmark: BenchmarkRecord) -> int:
        """Store a benchmark when it begins; returns its id."""
        return await self._database.run(
            lambda c: stand_above(c, "benchmarks", benchmarks_kept.insert(c, benchmark))
        )

    async def finish_benchmark(self, benchmark: BenchmarkRecord) -> None:
        """Store what came of a benchmark, or of its parts so far."""
        await self._database.run(lambda c: benchmarks_kept.update(c, benchmark))

    async def benchmarks(self, *, limit: int = 500) -> tuple[BenchmarkRecord, ...]:
        """The latest benchmarks, newest first."""
        return await self._listed(lambda c: benchmarks_kept.rows(c, limit))

    # Side by side

    async def side_by_side(self, row: int) -> SideBySide | None:
        """One comparison with its answers and votes, names and all; None where it is gone."""
        kept = await in_thread(late, _SIDE_BY_SIDES)
        found: SideBySide | None = await self.transact(lambda c: kept.whole(c, row))
        return found

    async def votes(self, workload: str | None = None) -> tuple[Vote, ...]:
        """All votes, or those of one workload, in the order cast."""
        if not await self.transact(lambda c: c.execute("SELECT 1 FROM votes LIMIT 1").fetchone()):
            return ()  # what reads them stays out of a program in which nobody votes
        kept = await in_thread(late, "landfall.services.side_by_side.votes_kept")
        found: tuple[Vote, ...] = await self.transact(lambda c: kept.rows(c, workload))
        return found

    async def quality_results(self) -> tuple[QualityResult, ...]:
        """What whole quality runs say of their workloads' candidates."""
        any_ = "SELECT 1 FROM quality_runs WHERE state = 'done' LIMIT 1"
        if not await self.transact(lambda c: c.execute(any_).fetchone()):
            return ()  # what reads them stays out of a program in which nobody ran one
        module = await in_thread(late, "landfall.services.quality.results")
        await in_thread(late, "landfall.services.quality.history")
        results: tuple[QualityResult, ...] = module.results_of(await self.quality.runs())
        return results

    async def assigned_usage(self, local: Local) -> Mapping[str, SeriesSummary]:
        """What the usage says that was assigned to workloads, as `UsageHistory.summaries` tells."""
        any_ = "SELECT 1 FROM usage_buckets WHERE workload != '' LIMIT 1"
        if not await self.transact(lambda c: c.execute(any_).fetchone()):
            return {}  # what reads it stays out of a program in which nobody assigned any
        await in_thread(late, "landfall.services.usage.history")
        found: Mapping[str, SeriesSummary] = await self.usage.summaries(local=local)
        return found

    async def routed_splits(self) -> Mapping[str, tuple[Split, ...]]:
        """Workload to what routers logged of the aliases that were exported for it."""
        any_ = (
            "SELECT 1 FROM routing_exports WHERE EXISTS"
            " (SELECT 1 FROM usage_buckets WHERE alias != '') LIMIT 1"
        )
        if not await self.transact(lambda c: c.execute(any_).fetchone()):
            return {}  # what reads them stays out of a program in which nothing was exported
        module = await in_thread(late, "landfall.services.routing.reading_back")
        found: Mapping[str, tuple[Split, ...]] = await self.transact(module.by_workload)
        return found

    # Probes

    async def add_probe(self, probe: ProbeRecord) -> int:
        """Store a cloud probe when it begins; returns its id."""
        return await self._database.run(lambda c: probes_kept.insert(c, probe))

    async def keep_probe(self, probe: ProbeRecord) -> None:
        """Store what came of a probe, or of its calls so far."""
        await self._database.run(lambda c: probes_kept.update(c, probe))

    async def probes(self, *, limit: int = 500) -> tuple[ProbeRecord, ...]:
        """The latest probes, newest first."""
        return await self._listed(lambda c: probes_kept.rows(c, limit))

    async def latest_probes(self) -> tuple[ProbeRecord, ...]:
        """The newest whole probe of each model at each host, newest first."""
        return await self._database.run(probes_kept.newest_of_each)

    # Calibration

    async def keep_calibration(self, point: CalibrationPoint, *, host: str) -> None:
        """Keep what a calibration measured of a model, and what was predicted for it."""
        await self._database.run(lambda c: calibration_points.insert(c, point, host))

    async def calibration_points(self) -> tuple[CalibrationPoint, ...]:
        """Every point, oldest first."""
        return await self._database.run(calibration_points.rows)

    async def forget_calibration(self, machine: str) -> int:
        """Drop the points of a machine, as `machine_key` names it; how many there were."""
        return await self._database.run(lambda c: calibration_points.delete(c, machine))

    # Loads

    async def add_load(self, load: LoadRecord) -> int:
        """Store what was predicted and measured of a load; returns its id."""
        return await self._database.run(lambda c: loads_kept.insert(c, load))

    async def keep_load(self, load: LoadRecord) -> None:
        """As `add_load`; where that fails now, it is tried again while this is open."""
        await self._late.do(lambda c: loads_kept.insert(c, load))

    async def loads(self, *, limit: int = 500) -> tuple[LoadRecord, ...]:
        """The latest loads, newest first."""
        return await self._database.run(lambda c: loads_kept.rows(c, limit))

    # Pulls

    async def save_pull(self, pull: PullRecord) -> None:
        """Store where a download is."""
        await self._database.run(lambda c: pulls_kept.save(c, pull))

    async def unfinished_pulls(self) -> tuple[PullRecord, ...]:
        """Downloads that did not come to their end, newest first."""
        return await self._listed(pulls_kept.unfinished)

    async def forget_pull(self, host: str, model: str) -> None:
        """Drop a download from the list; its bytes on disk are the server's business."""
        await self._database.run(lambda c: pulls_kept.forget(c, host, model))

    # Workloads and verdicts

    async def workloads(self) -> tuple[SavedWorkload, ...]:
        """The saved workloads in the user's order."""
        return await self._database.run(workloads_kept.rows)

    async def save_workload(self, workload: SavedWorkload, *, was: str | None = None) -> None:
        """Store a workload; `was` is its name before, where it was renamed.

        Raises:
            BadInput: another workload already has the new name.
        """
        await self._database.run(lambda c: workloads_kept.save(c, workload, was or workload.name))

    async def delete_workload(self, name: str) -> None:
        """Remove a workload and its verdicts."""
        await self._database.run(lambda c: workloads_kept.delete(c, name))

    async def seed_samples(self, samples: Iterable[SavedWorkload]) -> bool:
        """Put the sample workloads in, once in the life of the file. False if that was done."""
        kept = tuple(samples)
        return await self._database.run(lambda c: workloads_kept.seed(c, kept))

    async def has_had_samples(self) -> bool:
        """Whether the sample workloads were ever put in."""
        return await self._database.run(workloads_kept.is_seeded)

    async def keep_verdicts(self, verdicts: Iterable[KeptVerdict]) -> None:
        """Keep a verdict that names another option than the last one kept, or that renews it."""
        decided = tuple(verdicts)
        await self._database.run(lambda c: workloads_kept.keep_verdicts(c, decided))

    async def last_verdicts(self) -> tuple[KeptVerdict, ...]:
        """The latest kept verdict of each workload that has one."""
        return await self._database.run(workloads_kept.last_verdicts)

    # Half typed

    async def workload_drafts(self) -> tuple[WorkloadDraft, ...]:
        """Workloads that were being typed, the latest first."""
        look = "SELECT 1 FROM workload_drafts LIMIT 1"
        if not await self.transact(lambda c: c.execute(look).fetchone()):
            return ()  # what reads them stays out of a program in which nothing is left half typed
        kept = await in_thread(late, _DRAFTS)
        found: tuple[WorkloadDraft, ...] = await self.transact(kept.rows)
        return found

    async def keep_workload_draft(self, draft: WorkloadDraft) -> None:
        """Keep what is typed by now."""
        kept = await in_thread(late, _DRAFTS)
        await self.transact(lambda c: kept.keep(c, draft))

    async def forget_workload_draft(self, key: str) -> None:
        """Drop a draft: it was saved, or is not wanted."""
        kept = await in_thread(late, _DRAFTS)
        await self.transact(lambda c: kept.forget(c, key))

    # Hosts

    async def hosts_seen(self) -> tuple[HostSeen, ...]:
        """When each host that was ever asked last answered, and since when it is silent."""
        look = "SELECT 1 FROM hosts_seen LIMIT 1"
        if not await self.transact(lambda c: c.execute(look).fetchone()):
            return ()  # what reads them stays out of a program in which none is kept
        kept = await in_thread(late, _HOSTS)
        found: tuple[HostSeen, ...] = await self.transact(kept.rows)
        return found

    async def keep_hosts_seen(self, seen: Iterable[HostSeen]) -> None:
        """Keep what hosts said last."""
        told = tuple(seen)
        kept = await in_thread(late, _HOSTS)
        await self.transact(lambda c: kept.save(c, told))

    async def forget_host(self, url: str) -> None:
        """Drop what is kept of an address."""
        kept = await in_thread(late, _HOSTS)
        await self.transact(lambda c: kept.forget(c, url))

    # What left

    async def record_egress(self, entry: EgressEntry) -> int:
        """Add a line to the egress log, before anything is sent; returns its row."""
        return await self._database.run(lambda c: egress_kept.insert(c, entry))

    async def finish_egress(self, row: int, *, received_bytes: int, outcome: str) -> None:
        """Say how an exchange ended."""
        await self._database.run(
            lambda c: egress_kept.finish(c, row, received_bytes=received_bytes, outcome=outcome)
        )

    async def egress(self, *, limit: int = 500) -> tuple[EgressEntry, ...]:
        """The latest lines of the egress log, newest first."""
        return await self._database.run(lambda c: egress_kept.rows(c, limit))

    async def note_key_stored(self, entry: str, at: str) -> None:
        """A key was put into this entry of the keyring; see `key_times`."""
        await self.transact(lambda c: key_times.note(c, entry, at))

    async def keys_stored(self) -> Mapping[str, str]:
        """When a key was put into each entry of the keyring, where that is known."""
        return await self._database.run(key_times.all_noted)

    async def spent_usd(self, since: str) -> float:
        """What paid runs are known to have cost since an ISO time."""
        return await self._database.run(lambda c: egress_kept.spent_usd(c, since))

    async def counted_usd(self, day: str) -> float:
        """What the daily cap counts since an ISO date; see `paid_calls.counted_usd`."""
        return await self._database.run(lambda c: paid_calls.counted_usd(c, day))

    async def reserve(self, call: PaidCall, *, cap_usd: float | None) -> Reserved:
        """Set the most of a paid call aside before it is sent; see `paid_calls.reserve`."""
        return await self._database.run(lambda c: paid_calls.reserve(c, call, cap_usd=cap_usd))

    async def settle(self, row: int, *, usd: float) -> None:
        """Say what a paid call came to."""
        await self._database.run(lambda c: paid_calls.settle(c, row, usd))


def _mark_interrupted(connection: sqlite3.Connection, *, alone: bool) -> int:
    quality = 0
    if connection.execute("SELECT 1 FROM quality_runs WHERE state = 'running'").fetchone():
        quality = late("landfall.services.quality.kept").mark_interrupted(connection)
    return quality + row_owners.mark_cut(connection, alone=alone)
