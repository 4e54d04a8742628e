"""One answer from its beginning to its end: streamed, metered, measured, kept.

Reached through `Runs.stream`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from landfall.core.energy.energy import Grade, RunEnergy, unmetered
from landfall.core.errors import AppError
from landfall.core.events import Aborted, Ended, Piece, PowerSample, RunEvent, Sent
from landfall.core.run.long_wait import LongWait
from landfall.core.run.metrics import RunMetrics, measure
from landfall.core.run.token_estimate import ESTIMATED
from landfall.services.history.records import RunRecord, new_uid, now_iso
from landfall.services.history.run_energy_kept import (
    ELSEWHERE,
    NOT_LOOKED,
    OVER_AN_INTERFACE,
    energy_and_cost,
    with_energy,
)
from landfall.services.ollama.address import is_this_machine
from landfall.services.run.answering import (
    STOPPED,
    Ask,
    Begun,
    Cost,
    Facts,
    Kept,
    RunUpdate,
    Target,
)
from landfall.services.run.keeping import RunKeeping
from landfall.services.run.merged_stream import Flow
from landfall.services.run.runs import Runs
from landfall.services.run.watch import RunWatch

if TYPE_CHECKING:
    from landfall.services.run.metering import Metering

NOT_METERED_YET = "the program ended before its energy was reckoned"


async def stream(
    runs: Runs,
    target: Target,
    ask: Ask,
    *,
    benchmark: int | None,
    part: str | None,
    begun: Begun | None,
) -> AsyncGenerator[RunUpdate, None]:
    """As `Runs.stream`."""
    keeping = RunKeeping(runs.history)
    # A provider's name costs no question, and is that of who refuses or breaks off, too.
    known = await target.facts() if target.place == "cloud" else Facts()
    beginning = await _begin(keeping, _beginning(target, ask, benchmark, part, known), begun)
    power = runs.power if target.place == "local" else None
    watch = power.begin(target.model) if power is not None else RunWatch(target.model)
    log = _Log(watch, keeping)
    done: _Done | None = None
    kept: Kept | None = None
    try:
        metered = power.samples() if power is not None else None
        answering = Flow(
            target.events(ask), metered, model=target.model, in_memory=target.in_memory
        )
        async with answering as flow:
            async with aclosing(flow.answer()) as updates:
                async for update in updates:
                    log.take(update)
                    yield update
            if power is not None:
                power.finish(watch)
            async with runs.ends.turn():
                done = await _keep(target, beginning, log, power)
            if log.ended is not None and power is not None:
                async with aclosing(_settling(flow, power, watch)) as readings:
                    async for sample in readings:
                        log.take(sample)
                        yield sample
                if runs.idle_seconds:
                    await power.idle_soon(target.model, seconds=runs.idle_seconds)
        async with runs.ends.turn() if power is not None else nullcontext():
            kept = await _charge(runs, done, log, power)
    except AppError as error:
        log.cut(error.message)
        raise
    except (asyncio.CancelledError, GeneratorExit):
        log.cut(STOPPED)
        raise
    finally:
        if power is not None:
            power.finish(watch)
        if kept is None:
            # Out of turn: who is cancelled may be cancelled again, and would not live to see it.
            done = done or await _keep(target, beginning, log, power)
            kept = await _charge(runs, done, log, power)
    yield kept


async def _begin(keeping: RunKeeping, run: RunRecord, begun: Begun | None) -> RunRecord:
    """Store that it goes on, and tell whoever keeps it too: where that fails nothing is asked."""
    run = await keeping.begin(run)
    if begun is not None:
        try:
            await begun(run.uid)
        except BaseException as error:
            why = error.message if isinstance(error, AppError) else STOPPED
            await keeping.charged(replace(run, state="aborted", done_reason=why))
            raise
    return run


async def _keep(target: Target, begun: RunRecord, log: _Log, power: Metering | None) -> _Done:
    """Store the answer; of its energy that it is not known yet."""
    facts = await _facts(target) if log.ended else Facts()
    metrics = measure(log.events, prompt_cache=facts.prompt_cache)
    cost = target.cost(log.ended) if log.ended else Cost(usd=None, note=log.why)
    record = replace(
        begun,
        digest=facts.digest,
        engine=facts.engine or begun.engine,
        state="done" if log.ended else "aborted",
        answer=log.text(thinking=False),
        thinking=log.text(thinking=True),
        done_reason=metrics.done_reason or log.why or None,
        **_measured(metrics),
        energy_grade=str(Grade.MISSING),
        energy_reason=NOT_METERED_YET if power is not None else _unmeasured(target),
        cost_usd=cost.usd,
        cost_note=cost.note,
        conditions={
            **begun.conditions,
            **facts.conditions,
            **_rate_source(metrics),
            **_pieces(metrics),
            **_voided(metrics),
            **_tokens(log.ended),
        },
    )
    record = await log.keeping.answered(record, log.events, facts.load)
    return _Done(record, metrics)


def _unmeasured(target: Target) -> str:
    """Why the sensors of this machine do not measure an answer."""
    if target.place == "local":
        return NOT_LOOKED
    here = target.place == "cloud" and is_this_machine(f"http://{target.host}")
    return OVER_AN_INTERFACE if here else ELSEWHERE


async def _charge(runs: Runs, done: _Done, log: _Log, power: Metering | None) -> Kept:
    """Store the energy of an answer, its cost, and the readings it rests on."""
    record, metrics = done
    if power is None:
        return _kept(done, log, unmetered(record.energy_reason or ELSEWHERE))
    spent, cost = energy_and_cost(
        power,
        log.watch,
        ended=log.ended,
        output_tokens=metrics.output_tokens,
        gpu_share=record.conditions.get("gpu_share"),
        tariff=runs.tariff,
        calibration=runs.calibration,
    )
    record = with_energy(record, spent, cost)
    await log.keeping.charged(record)
    return _kept(_Done(record, metrics), log, spent)


def _beginning(
    target: Target, ask: Ask, benchmark: int | None, part: str | None, known: Facts
) -> RunRecord:
    return RunRecord(
        uid=new_uid(),
        started_at=now_iso(),
        place=target.place,
        host=target.host,
        model=target.model,
        engine=known.engine,
        workload=ask.workload,
        prompt=ask.question,
        benchmark=benchmark,
        part=part,
        conditions={"context": ask.context, "num_predict": ask.num_predict},
    )


class _Done(NamedTuple):
    """An answer that is stored, its energy apart."""

    record: RunRecord
    metrics: RunMetrics


def _kept(done: _Done, log: _Log, spent: RunEnergy) -> Kept:
    return Kept(record=done.record, metrics=done.metrics, energy=spent, trouble=log.keeping.trouble)


async def _settling(
    flow: Flow, power: Metering, watch: RunWatch
) -> AsyncGenerator[PowerSample, None]:
    """Readings until every sensor has seen the end."""
    if power.settled(watch):
        return
    async with aclosing(flow.readings()) as readings:
        async for sample in readings:
            yield sample
            if power.settled(watch):
                return


_KEPT = (
    "prompt_tokens",
    "output_tokens",
    "thinking_tokens",
    "load_seconds",
    "ttft_seconds",
    "first_answer_seconds",
    "total_seconds",
    "prefill_tok_s",
    "decode_tok_s",
    "client_decode_tok_s",
    "inter_token_p50_seconds",
    "inter_token_p95_seconds",
    "inter_token_p99_seconds",
)


def _measured(metrics: RunMetrics) -> dict[str, Any]:
    """What is kept of the measurements: the server's counters and the clock here, side by side.

    The decode rate of a provider that counts no time is that of the text as it arrived; an answer
    without an end is no result and has none.
    """
    rate = metrics.decode_tok_s or (metrics.client_decode_tok_s if metrics.complete else None)
    return {name: getattr(metrics, name) for name in _KEPT} | {"decode_tok_s": rate}


def _voided(metrics: RunMetrics) -> dict[str, str]:
    """Why there is no rate of reading a prompt whose tokens were counted, for the details."""
    if not metrics.output_tokens or not metrics.prompt_tokens or metrics.prefill_tok_s is not None:
        return {}
    return {"prefill_reason": metrics.reason("prefill_tok_s")}


def _tokens(ended: Ended | None) -> dict[str, str]:
    """Whether the token counts are estimates, which nothing that is kept may hide."""
    usage = ended.usage if ended is not None else None
    return {"tokens": ESTIMATED} if usage is not None and usage.estimated else {}


def _rate_source(metrics: RunMetrics) -> dict[str, str]:
    """Whose clock gave the decode rate: the server's counters, or the arrival of the pieces."""
    if metrics.decode_tok_s is not None:
        return {"decode_rate": "server counters"}
    arrived = metrics.complete and metrics.client_decode_tok_s is not None
    return {"decode_rate": "arrival of the text"} if arrived else {}


def _pieces(metrics: RunMetrics) -> dict[str, int]:
    """How many pieces were thinking, where any was: an Ollama server does not count it apart."""
    if not metrics.thinking_pieces:
        return {}
    return {
        "thinking_pieces": metrics.thinking_pieces,
        "answer_pieces": metrics.answer_pieces,
    }


async def _facts(target: Target) -> Facts:
    """A server that dies right after its answer costs the facts, not the answer."""
    try:
        return await target.facts()
    except AppError:
        return Facts()


class _Log:
    """What has happened so far."""

    def __init__(self, watch: RunWatch, keeping: RunKeeping) -> None:
        self.watch, self.keeping = watch, keeping
        self.events: list[RunEvent] = []
        self.ended: Ended | None = None
        self.why = ""

    def take(self, update: RunEvent | PowerSample | LongWait) -> None:
        if isinstance(update, LongWait):
            return  # it is no part of the answer
        self.keeping.take(update)
        if isinstance(update, PowerSample):
            self.watch.samples.append(update)
            return
        self.events.append(update)
        match update:
            case Sent(at=at):
                self.watch.sent(at)
            case Piece(at=at):
                self.watch.token(at)
            case Ended(at=at):
                self.ended = update
                self.watch.ended(at)
            case Aborted(at=at, reason=reason):
                self.why = reason
                self.watch.ended(at)

    def cut(self, why: str) -> None:
        """It ended before its end, and a run that ended already stays ended."""
        if self.ended is None and not self.why:
            self.why = why
            at = self.events[-1].at if self.events else 0.0
            self.events.append(Aborted(at, why))

    def text(self, *, thinking: bool) -> str:
        return "".join(
            e.text for e in self.events if isinstance(e, Piece) and e.thinking is thinking
        )
