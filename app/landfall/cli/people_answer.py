"""What `people` says: a sentence, a table of arrangements, ten times the load, a replay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from landfall.cli.session import Session
from landfall.core.demand.arrangements import Arrangement
from landfall.core.demand.crowd_replay import Replay
from landfall.core.demand.people import GROWS, MEASURE_IT, Answer, Bound, Crowd, ServingMachine
from landfall.core.demand.replaying import SHORT_QUEUE
from landfall.core.percent import percent
from landfall.core.provenance import Figure, Unknown, as_json, band
from landfall.services.people.call_traces import CallTrace

ARRANGEMENTS = {
    Arrangement.POOLED: "pooled: one queue",
    Arrangement.BY_PERSON: "split: a fixed machine each",
    Arrangement.BY_CHANCE: "split: a machine by chance",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleAnswer:
    """All that is said.

    Attributes:
        people_stated: Whether the number of people was typed.
        taken: What nobody stated, clauses.
        by_slots: Of one machine: each number at once that was measured, and the people it serves.
        unswept: Names of machines that were never measured with several at once.
        replays: How many times the calls, and what became of them.
    """

    model: str
    answer: Answer
    people_stated: bool
    taken: tuple[str, ...]
    by_slots: tuple[tuple[ServingMachine, Figure], ...]
    unswept: tuple[str, ...]
    trace: CallTrace | None
    replays: tuple[tuple[float, Replay], ...]

    # For people ------------------------------------------------------------------------------

    def show(self, session: Session) -> None:
        """Print it."""
        session.prose(self.sentence())
        session.line()
        self._machines(session)
        session.line()
        self._arrangements(session)
        if len(self.by_slots) > 1:
            session.line()
            session.table(
                ("at once", "people", "a call, s"),
                [
                    (str(one.service.slots), shown(people, 0), shown(one.service.seconds))
                    for one, people in self.by_slots
                ],
                right="at once,people,a call, s",
            )
        session.line()
        for line in self._further():
            session.prose(line, hanging=2)
        if self.trace is not None:
            session.line()
            self._replay(session, self.trace)

    def sentence(self) -> str:
        """The answer in one sentence."""
        found = self.answer
        demand, served = found.profile, found.pooled.served
        where = _where(found.machines)
        if isinstance(served, Unknown):
            return f"How many people {self.model} serves on {where} is unknown: {served.reason}."
        verb = "serves" if len(found.machines) == 1 else "together serve"
        ends = band(served)
        many = "no" if ends is not None and ends[2] == 0 else shown(served, 0)
        ask = f"who each ask {demand.calls_per_hour:g} times an hour"
        within = ""
        if demand.target_seconds is not None:
            within = f", 19 of 20 answers being whole within {demand.target_seconds:g} s"
        return (
            f"{self.model}: {where} {verb} {many} people {ask}{within}. "
            f"{_bound(found.pooled, demand.most_busy)}"
        )

    def _machines(self, session: Session) -> None:
        found = self.answer
        rows: dict[tuple[str, ...], int] = {}
        for one, alone in zip(found.machines, found.alone, strict=True):
            cells = (
                one.name,
                str(one.service.slots),
                shown(one.service.seconds),
                shown(alone, 0),
                one.basis or _reason(one.service.seconds),
            )
            rows[cells] = rows.get(cells, 0) + 1
        session.table(
            ("machine", "at once", "a call, s", "alone serves", "origin"),
            [(_times(name, many), *rest) for (name, *rest), many in rows.items()],
            right="at once,a call, s,alone serves",
        )

    def _arrangements(self, session: Session) -> None:
        found = self.answer
        people = found.profile.people
        crowds = [found.pooled]
        if len(found.machines) > 1:
            crowds += [found.by_person, found.by_chance]
        rows = [_row(ARRANGEMENTS[one.arrangement], one, people) for one in crowds]
        rows.append(_row("ten times", found.grown, people * 10))
        head = (
            "arrangement", "serves", "people", "busy", "mean wait, s", "p95, s", "late",
            "overflow", f"with {SHORT_QUEUE} waiting",
        )  # fmt: skip
        session.table(head, rows, right=",".join(head[1:3] + head[3:]))

    def _further(self) -> list[str]:
        found = self.answer
        profile = found.profile
        lines = [
            _needed(profile.people, found.needed, found.needed_like),
            _needed(profile.people * 10, found.grown_needed, found.needed_like),
        ]
        if isinstance(found.pooled.served, Unknown):
            lines = []
        aside = [one.name for one in found.machines if one.name not in found.pooled.used]
        if aside and found.pooled.used:
            names = ", ".join(dict.fromkeys(aside))
            lines.append(f"{names} stands aside: with its calls more answers would come too late.")
        lines.append(
            "Overflow is the share of calls that find no free slot where such calls go elsewhere "
            "at once."
        )
        if any(one.service.slots > 1 for one in found.machines):
            lines.append(
                "A call counts as slow as with every slot busy: where few are, answers come sooner "
                "than said."
            )
        if self.taken:
            lines.append(f"Taken, since not stated: {'; '.join(self.taken)}.")
        measure = MEASURE_IT.format(self.model)
        lines += [
            f"With several calls at once {name} was never measured; {measure}."
            for name in self.unswept
        ]
        return lines

    def _replay(self, session: Session, trace: CallTrace) -> None:
        if not self.replays:
            session.prose("The trace is not replayed: the seconds of a call are unknown.")
            return
        count = len(trace.calls.at)
        calls = "1 call" if count == 1 else f"{count:,} calls"
        drawn = "" if trace.calls.timed else " Moments are drawn within their hours."
        sizes = "" if trace.calls.sized else " Lengths are drawn about their mean."
        session.prose(
            f"Replayed: {calls} over {_lasting(trace.calls.span_seconds)} of {trace.name}."
            f"{drawn}{sizes}"
        )
        rows = [
            (
                "ten times, pooled" if times > 1 else ARRANGEMENTS[one.arrangement],
                percent(one.utilisation, 1),
                _seconds(one.mean_wait_seconds),
                _seconds(one.p95_wait_seconds),
                _seconds(one.p95_seconds),
                "" if one.late is None else percent(one.late, 1),
                percent(one.overflow, 1),
                percent(one.overflow_queued, 1),
            )
            for times, one in self.replays
        ]
        head = (
            "replay", "busy", "mean wait, s", "p95 wait, s", "p95, s", "late", "overflow",
            f"with {SHORT_QUEUE} waiting",
        )  # fmt: skip
        session.table(head, rows, right=",".join(head[1:]))

    # For scripts -----------------------------------------------------------------------------

    def document(self) -> dict[str, Any]:
        """The JSON document."""
        found = self.answer
        return {
            "model": self.model,
            "demand": self._demand_document(),
            "machines": [
                {
                    "name": one.name,
                    "slots": one.service.slots,
                    "slots_origin": one.service.says,
                    "call_seconds": as_json(one.service.seconds),
                    "people": as_json(alone),
                    "measured_at": one.measured_at or None,
                    "basis": one.basis,
                    "reason": _reason(one.service.seconds),
                }
                for one, alone in zip(found.machines, found.alone, strict=True)
            ],
            "people_served": as_json(found.pooled.served),
            "enough": found.enough,
            "pooled": _crowd(found.pooled),
            "split_by_person": _crowd(found.by_person),
            "split_by_chance": _crowd(found.by_chance),
            "ten_times": _crowd(found.grown),
            "machines_needed": found.needed,
            "machines_needed_ten_times": found.grown_needed,
            "machines_needed_like": found.needed_like,
            "by_slots": [
                {"slots": one.service.slots, "people": as_json(people)}
                for one, people in self.by_slots
            ],
            "replay": None if self.trace is None else self._replay_document(self.trace),
        }

    def _demand_document(self) -> dict[str, Any]:
        profile = self.answer.profile
        return {
            "people": profile.people,
            "people_stated": self.people_stated,
            "calls_per_hour": profile.calls_per_hour,
            "input_tokens": profile.input_tokens,
            "output_tokens": profile.output_tokens,
            "spread": profile.spread,
            "gap_cs2": profile.gap_cs2,
            "target_seconds": profile.target_seconds,
            "most_busy": profile.most_busy,
            "taken": list(self.taken),
        }

    def _replay_document(self, trace: CallTrace) -> dict[str, Any]:
        return {
            "source": trace.name,
            "calls": len(trace.calls.at),
            "span_seconds": trace.calls.span_seconds,
            "moments_told": trace.calls.timed,
            "sizes_told": trace.calls.sized,
            "arrangements": [
                {
                    "arrangement": one.arrangement.value,
                    "times": times,
                    "utilisation": one.utilisation,
                    "mean_wait_seconds": one.mean_wait_seconds,
                    "p95_wait_seconds": one.p95_wait_seconds,
                    "p95_seconds": one.p95_seconds,
                    "late_share": one.late,
                    "overflow_share": one.overflow,
                    "overflow_share_queued": one.overflow_queued,
                }
                for times, one in self.replays
            ],
        }


def _crowd(one: Crowd) -> dict[str, Any]:
    figures = {
        "people_served": one.served,
        "utilisation": one.utilisation,
        "mean_wait_seconds": one.mean_wait,
        "p95_seconds": one.p95,
        "late_share": one.late,
        "overflow_share": one.overflow,
        "overflow_share_queued": one.overflow_queued,
    }
    return {
        **{name: as_json(figure) for name, figure in figures.items()},
        "reasons": {name: _reason(one) for name, one in figures.items() if _reason(one)},
        "bound": one.bound,
        "machines_used": list(one.used),
    }


def _reason(figure: Figure) -> str:
    return figure.reason if isinstance(figure, Unknown) else ""


def _where(machines: tuple[ServingMachine, ...]) -> str:
    counted: dict[str, int] = {}
    for one in machines:
        counted[one.name] = counted.get(one.name, 0) + 1
    names = [_times(name, many) for name, many in counted.items()]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _times(name: str, many: int) -> str:
    return name if many == 1 else f"{many} x {name}"


def _bound(one: Crowd, most_busy: float) -> str:
    match one.bound:
        case Bound.BUSY:
            return f"With more, over {percent(most_busy)} of the slots would be busy."
        case Bound.TARGET:
            return "With more, answers come too late."
        case Bound.TOO_SLOW:
            return "Even where nobody else asks, more than one in 20 takes longer."
        case None:
            return ""


def _needed(people: int, count: int | None, like: str) -> str:
    who = "1 person" if people == 1 else f"{people:,} people"
    if count is None:
        return f"{who}: no number of machines like {like} serves them in time."
    machines = f"one machine like {like}" if count == 1 else f"{count:,} machines like {like}"
    return f"{who} {'takes' if people == 1 else 'take'} {machines}, pooled."


def _row(name: str, one: Crowd, people: int) -> tuple[str, ...]:
    return (
        name,
        shown(one.served, 0),
        f"{people:,}",
        _percent(one.utilisation),
        shown(one.mean_wait),
        shown(one.p95),
        _percent(one.late),
        _percent(one.overflow),
        _percent(one.overflow_queued),
    )


def _percent(figure: Figure) -> str:
    ends = band(figure)
    return "unknown" if ends is None else percent(ends[1], 1)


def shown(figure: Figure, digits: int | None = None) -> str:
    """A figure with its band, where it has one: "38 (27 to 51)"."""
    ends = band(figure)
    if ends is None:
        assert isinstance(figure, Unknown)
        return "grows" if figure is GROWS else "unknown"
    low, mid, high = (_seconds(one) if digits is None else f"{one:,.{digits}f}" for one in ends)
    return mid if low == mid == high else f"{mid} ({low} to {high})"


_LASTING = ((86_400.0, "days"), (3600.0, "hours"), (60.0, "minutes"))


def _lasting(seconds: float) -> str:
    """How long a trace is, in the largest unit of which it has two."""
    for each, name in _LASTING:
        if seconds >= 2 * each:
            return f"{seconds / each:,.1f} {name}"
    return f"{_seconds(seconds)} s"


def _seconds(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
