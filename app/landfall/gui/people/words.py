"""What is said of people who are served."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from landfall.core.demand.arrangements import Arrangement
from landfall.core.demand.people import GROWS, Bound, Crowd
from landfall.core.provenance import Estimated, Figure, Unknown, band
from landfall.gui.format import EN_DASH, Shown, duration, percent, shown, whole
from landfall.gui.people.people_chart import Line, PeoplePicture, legible
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Cell, Plain, Title
from landfall.gui.widgets.feedback import State
from landfall.services.people.people_asked import PeopleFound


def _tr(text: str) -> str:
    return QCoreApplication.translate("people", text)


def unread() -> Shown:
    """Before anything was answered."""
    return shown(Unknown(_tr("not reckoned yet")), Unit.COUNT)


def sentence(found: PeopleFound) -> str:
    """The answer in one sentence."""
    answer, question = found.answer, found.question
    served = answer.pooled.served
    where = machines_words(question.where, question.machines)
    if isinstance(served, Unknown):
        return _tr("How many people {0} serves on {1} is unknown: {2}.").format(
            question.model, where, translated(served.reason)
        )
    ends = band(served)
    assert ends is not None
    low, mid, high = (round(one) for one in ends)
    if high == 0:
        said = _tr("{0} on {1} serves nobody").format(question.model, where)
    else:
        said = _serves(question.model, where, mid)
        if low < high:
            said = f"{said} ({whole(low)}{EN_DASH}{whole(high)})"
    target = question.demand.target_seconds
    if target is not None:
        said = _tr("{0} if 19 of 20 answers are to be whole within {1}").format(
            said, duration(target)
        )
    return f"{said}. {bound_words(answer.pooled, question.demand.most_busy)}".strip()


def _serves(model: str, where: str, people: int) -> str:
    if people == 1:
        return _tr("{0} on {1} serves about one person").format(model, where)
    return _tr("{0} on {1} serves about {2} people").format(model, where, whole(people))


def _people(count: int) -> str:
    return _tr("one person") if count == 1 else _tr("{0} people").format(whole(count))


def machines_words(where: str, count: int) -> str:
    """ "this machine", "3 machines like this machine"."""
    if count == 1:
        return where
    return _tr("{0} machines like {1}").format(whole(count), where)


def bound_words(crowd: Crowd, most_busy: float) -> str:
    """What holds it there."""
    match crowd.bound:
        case Bound.BUSY:
            said = _tr("With more, over {0} of the slots would be busy.")
            return said.format(percent(most_busy))
        case Bound.TARGET:
            return _tr("With more, answers come too late.")
        case Bound.TOO_SLOW:
            return _tr("Even where nobody else asks, more than one in 20 takes longer.")
        case None:
            return ""


def origin_line(found: PeopleFound) -> tuple[State, str, str]:
    """What the speed rests on: state, title, detail."""
    basis = translated(found.answer.machines[0].basis)
    if isinstance(found.answer.pooled.served, Unknown):
        return State.FAILED, _tr("Not known"), translated(found.answer.pooled.served.reason)
    if found.swept:
        return State.DONE, _tr("From a measured sweep"), basis
    if found.measured:
        more = _tr("Several calls at once were not measured.")
        return State.PARTIAL, _tr("From one call at a time"), f"{basis}. {more}"
    return State.PARTIAL, _tr("Predicted, not measured"), _tr("Measure it to narrow the band.")


def figures(found: PeopleFound) -> dict[str, Shown]:
    """By their keys."""
    answer = found.answer
    needed: Figure = Unknown(_tr("no number of machines is in time"))
    if isinstance(answer.pooled.served, Unknown):
        needed = answer.pooled.served
    elif answer.needed is not None:
        count = float(answer.needed)
        needed = Estimated(count, count, count, _tr("queue formula, one queue for all"))
    return {
        "served": shown(answer.pooled.served, Unit.COUNT),
        "p95": _p95(answer.pooled),
        "busy": shown(answer.pooled.utilisation, Unit.SHARE),
        "needed": _needed(found, needed),
    }


def _needed(found: PeopleFound, needed: Figure) -> Shown:
    """Where no number of them is enough, that is said below the word."""
    told = shown(needed, Unit.COUNT)
    known = not isinstance(found.answer.pooled.served, Unknown)
    hopeless = known and isinstance(needed, Unknown)
    return replace(told, detail=_tr("none is in time")) if hopeless else told


def _p95(crowd: Crowd) -> Shown:
    """Where a queue only grows, that is said below the word."""
    told = shown(crowd.p95, Unit.SECONDS)
    return replace(told, detail=_tr("the queue grows")) if crowd.p95 is GROWS else told


def table_rows(found: PeopleFound) -> list[tuple[Cell, ...]]:
    """Pooled, split, ten times: who is served, how late, how much overflows."""
    answer, people = found.answer, found.question.demand.people
    crowds = [(_arrangement(Arrangement.POOLED), answer.pooled, people)]
    if found.question.machines > 1:
        crowds += [
            (_arrangement(one.arrangement), one, people)
            for one in (answer.by_person, answer.by_chance)
        ]
    ten = answer.grown_needed
    machines = _tr("no number is enough") if ten is None else _needs(ten)
    if isinstance(answer.pooled.served, Unknown):
        machines = ""
    crowds.append(((_tr("Ten times the people"), machines), answer.grown, people * 10))
    return [_row(Title(*name), crowd, many) for name, crowd, many in crowds]


def _needs(count: int) -> str:
    if count == 1:
        return _tr("one machine is enough")
    return _tr("{0} machines are enough").format(whole(count))


def _arrangement(one: Arrangement) -> tuple[str, str]:
    match one:
        case Arrangement.POOLED:
            return _tr("Pooled"), _tr("one queue before all slots")
        case Arrangement.BY_PERSON:
            return _tr("Split by person"), _tr("a fixed machine for each")
        case Arrangement.BY_CHANCE:
            return _tr("Split by chance"), _tr("any machine for each call")


def _row(title: Title, crowd: Crowd, people: int) -> tuple[Cell, ...]:
    return (
        title,
        shown(crowd.served, Unit.COUNT),
        Plain(whole(people), right=True),
        _p95(crowd),
        shown(crowd.utilisation, Unit.SHARE),
        shown(crowd.overflow, Unit.SHARE),
    )


def slots_words(found: PeopleFound) -> str:
    """What other numbers at once would do, where they were measured."""
    said = []
    for one, people in found.by_slots:
        ends = band(people)
        if ends is not None:
            said.append(
                _tr("{0} at once: {1}").format(whole(one.service.slots), whole(round(ends[1])))
            )
    if len(said) < 2:
        return ""
    return _tr("People served by one machine with other slots: {0}.").format(", ".join(said))


def picture(found: PeopleFound) -> PeoplePicture | None:
    """The chart; None where nothing is known."""
    answer, question = found.answer, found.question
    lines = legible(
        [
            Line(
                name=_line_name(one.machines, split=one.arrangement is not Arrangement.POOLED),
                points=one.points,
                low=one.low,
                high=one.high,
                asked=one.machines == question.machines and one.arrangement is Arrangement.POOLED,
                split=one.arrangement is not Arrangement.POOLED,
            )
            for one in found.curves
        ]
    )
    if not lines:
        return None
    target = question.demand.target_seconds
    ends = band(answer.pooled.p95)
    return PeoplePicture(
        lines=lines,
        target=target,
        target_words="" if target is None else _tr("target {0}").format(duration(target)),
        people=float(question.demand.people),
        people_words=_people(question.demand.people),
        seconds=None if ends is None else ends[1],
        said=f"{_tr('Slowest of twenty answers against people.')} {sentence(found)}",
    )


def _line_name(machines: int, *, split: bool) -> str:
    if split:
        return _tr("{0} machines, split").format(whole(machines))
    if machines == 1:
        return _tr("1 machine")
    return _tr("{0} machines").format(whole(machines))
