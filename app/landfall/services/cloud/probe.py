"""Probes a provider's model with small calls, one after another, within what was agreed to."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from landfall.core.benchmark import probe
from landfall.core.benchmark.probe import Call, Plan, Summary
from landfall.core.errors import AppError, Interrupted, NetworkUnavailable, ServerRefused
from landfall.core.events import Ended, RunEvent
from landfall.core.run.metrics import measure
from landfall.core.run.token_estimate import ESTIMATED
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.budget import Ceiling, Consent
from landfall.services.cloud.provider import ProviderRow
from landfall.services.egress import Purpose
from landfall.services.history.history import History
from landfall.services.history.probes_kept import ProbeRecord
from landfall.services.history.records import new_uid, now_iso
from landfall.services.run.answering import Ask, Turn
from landfall.services.run.targets import CloudTarget
from landfall.services.threads import to_its_end

WHY = "probe"
"""As the egress log has it."""

TRIED_AGAIN = (ServerRefused, NetworkUnavailable, Interrupted)
"""What one call may end with while the next may succeed. A refused key, an unknown model and a cap
that is reached end the probe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MostItCosts:
    """What a probe costs at most, to be told before it is run.

    Attributes:
        usd: All calls together, the warm-up included; None where no price is known.
        each: Of one call, with the price behind it.
    """

    usd: float | None
    each: Ceiling


@dataclass(frozen=True, slots=True)
class Made:
    """One call is over; what all calls so far come to."""

    call: Call
    so_far: Summary


@dataclass(frozen=True, slots=True)
class Probed:
    """The probe is over and kept."""

    record: ProbeRecord
    summary: Summary


ProbeUpdate = Made | Probed


def most_it_costs(access: CloudAccess, row: ProviderRow, model: str, plan: Plan) -> MostItCosts:
    """What it costs at most: every call as long as it may become."""
    each = access.ceiling(row, model, ask=_ask(plan))
    return MostItCosts(usd=None if each.usd is None else each.usd * plan.asked, each=each)


async def run_probe(
    access: CloudAccess,
    history: History,
    row: ProviderRow,
    *,
    model: str,
    plan: Plan,
    consent: Consent,
) -> AsyncGenerator[ProbeUpdate, None]:
    """Make the calls; tell each as it ends, then what is kept.

    What came before a stop or a failure is kept as aborted, with what it cost.

    Args:
        consent: To the whole probe: `usd_max` is of all calls together.

    Raises:
        KeyMissing, KeyRefused, ModelNotFound: no call can succeed.
        BudgetExceeded: the worst case is more than was agreed to, or than the day has left.
        ServerRefused, NetworkUnavailable, Interrupted: several calls in a row ended so.
    """
    target = await access.target(
        row,
        model,
        consent=replace(consent, usd_max=consent.usd_max / plan.asked),
        purpose=Purpose(why=WHY),
    )
    record = ProbeRecord(
        uid=new_uid(),
        started_at=now_iso(),
        provider=row.id,
        host=target.host,
        model=model,
        plan=probe.as_data(plan),
    )
    record = replace(record, id=await history.add_probe(record))
    calls: list[Call] = []
    state = "aborted"
    try:
        for number in range(plan.asked):
            call, error = await _one(target, _ask(plan), number)
            calls.append(call)
            yield Made(call, probe.summarise(calls))
            if error is not None and probe.gives_up(calls):
                raise error
            await history.keep_probe(replace(record, result=probe.result_data(calls)))
        state = "done"
    finally:
        record = replace(record, state=state, result=probe.result_data(calls))
        # What was paid for is kept although the probe was stopped.
        await to_its_end(history.keep_probe(record))
    yield Probed(record, probe.summarise(calls))


async def _one(target: CloudTarget, ask: Ask, number: int) -> tuple[Call, AppError | None]:
    """One call, or its failure."""
    events: list[RunEvent] = []
    try:
        async with aclosing(target.events(ask)) as answer:
            async for event in answer:
                events.append(event)
    except TRIED_AGAIN as error:
        return Call(number=number, failure=error.message.rstrip(".")), error
    return _measured(target, events, number), None


def _measured(target: CloudTarget, events: Sequence[RunEvent], number: int) -> Call:
    end = events[-1] if events else None
    if not isinstance(end, Ended):
        return probe.call_of(number, measure(events), cost_usd=None)
    cost = target.cost(end)
    return probe.call_of(
        number,
        measure(events),
        cost_usd=cost.usd,
        tokens_estimated=end.usage is not None and end.usage.estimated,
        cost_estimated=(cost.note or "").startswith(ESTIMATED),
    )


def _ask(plan: Plan) -> Ask:
    return Ask(turns=(Turn("user", plan.prompt),), context=0, num_predict=plan.max_tokens)
