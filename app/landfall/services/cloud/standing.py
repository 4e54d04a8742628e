"""Where each provider stands: its address, its last key check, its last run, what was spent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from landfall.core.benchmark.probe import calls_of
from landfall.core.errors import BadInput
from landfall.services import cloud
from landfall.services.cloud.access import WHY_CHECK, CloudAccess
from landfall.services.cloud.address import Address
from landfall.services.cloud.provider import KeyCheck, KeyKind, ProviderRow
from landfall.services.history.history import History
from landfall.services.history.records import EgressEntry, RunRecord
from landfall.services.threads import in_thread

CHECKS_MAX = 5000
"""Lines of the egress log that are looked through for checks."""

PROBES_MAX = 50
"""The latest probes, among which are all of a day."""


class CheckOutcome(Enum):
    """What a key check came to."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCheck:
    """A key check of the past.

    Attributes:
        at: ISO 8601, UTC.
        outcome: What it means. said: What the log has: a status, or the kind of a failure.
    """

    at: str
    outcome: CheckOutcome
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A provider, without its key.

    Attributes:
        address: Where it is reached, or None; `problem` says why not.
        check: The last one at this address, or None. usage_check: The same of the usage key.
        run: The last whole answer from this address, or None.
    """

    row: ProviderRow
    address: Address | None
    problem: str = ""
    check: LastCheck | None = None
    usage_check: LastCheck | None = None
    run: RunRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Paid answers of this day (UTC), calls of probes among them.

    Attributes:
        usd: Of those whose cost is known. answers: How many there were.
        unpriced: Of how many the cost is not known.
        counted_usd: What the daily cap counts: also the most that open and cut answers may cost.
    """

    usd: float
    answers: int
    unpriced: int
    counted_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """All providers in the order in which they are offered, and what was spent today."""

    providers: tuple[Standing, ...]
    spending: Spending


async def standings(
    access: CloudAccess, history: History, *, now: datetime | None = None
) -> Standings:
    """Where each provider stands, from the settings and the history alone: nothing is sent.

    Raises:
        BadInput: the list of providers is broken.
    """
    rows = await in_thread(cloud.rows)
    runs = [run for run in await history.latest_runs() if run.place == "cloud"]
    log = await history.egress(limit=CHECKS_MAX)
    stored = await history.keys_stored()
    return Standings(
        providers=tuple(_standing(access, row, runs=runs, log=log, stored=stored) for row in rows),
        spending=await spending(history, now=now or datetime.now(UTC)),
    )


def _standing(
    access: CloudAccess,
    row: ProviderRow,
    *,
    runs: Iterable[RunRecord],
    log: Iterable[EgressEntry],
    stored: Mapping[str, str],
) -> Standing:
    try:
        where = access.address(row)
    except BadInput as error:
        return Standing(row=row, address=None, problem=error.message)
    return Standing(
        row=row,
        address=where,
        check=last_check(log, row, host=where.host, stored=stored),
        usage_check=last_check(log, row, host=where.host, kind="usage", stored=stored),
        run=next((run for run in runs if run.host == where.host and run.state == "done"), None),
    )


def last_check(
    log: Iterable[EgressEntry],
    row: ProviderRow,
    *,
    host: str,
    kind: KeyKind = "inference",
    stored: Mapping[str, str],
) -> LastCheck | None:
    """The newest check of a key at a host in a log that has the newest line first.

    Args:
        stored: When a key was put into each entry of the keyring, where that is known: what was
            said before was said of another key.
    """
    since = stored.get(row.entry(kind), "")
    wanted = row.usage_key.check if kind == "usage" and row.usage_key is not None else row.check
    for entry in log:
        if entry.why == WHY_CHECK[kind] and entry.host == host:
            if entry.at < since:
                return None
            return LastCheck(
                at=entry.at, outcome=outcome(entry.outcome, wanted), said=entry.outcome
            )
    return None


def outcome(said: str, check: KeyCheck) -> CheckOutcome:
    """What the outcome of a check in the egress log means for the key."""
    if not said.isdigit():
        return CheckOutcome.UNCLEAR
    status = int(said)
    if 200 <= status < 300 or status in check.accepted_statuses:
        return CheckOutcome.ACCEPTED
    return CheckOutcome.REFUSED if status in (401, 403) else CheckOutcome.UNCLEAR


async def spending(history: History, *, now: datetime) -> Spending:
    """What was spent on this day, UTC."""
    day = now.date().isoformat()
    usd = await history.spent_usd(day)
    costs = [run.cost_usd for run in await history.cloud_runs_since(day)]
    for probe in await history.probes(limit=PROBES_MAX):
        if probe.started_at >= day:
            answered = [call for call in calls_of(probe.result) if not call.failure]
            costs += [call.cost_usd for call in answered]
            usd += sum(call.cost_usd or 0.0 for call in answered)
    return Spending(
        usd=usd,
        answers=len(costs),
        unpriced=sum(cost is None for cost in costs),
        counted_usd=await history.counted_usd(day),
    )
