"""Rows of the workloads that usage suggests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.demand.forecast import Predictability
from landfall.core.usage.proposal import Grouping, Proposal, Said, Served, weekdays_off
from landfall.core.usage.workloads import merged, renamed, split
from landfall.core.workload.workload import Task
from landfall.gui.format import money, plain, whole
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Cell, Plain, Row, Status, Title
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.table_model import Column
from landfall.gui.workloads.words import task_word

if TYPE_CHECKING:
    from collections.abc import Sequence


def _tr(text: str) -> str:
    return QCoreApplication.translate("usage", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A proposal, and whether it becomes a workload."""

    proposal: Proposal
    taken: bool = True


Lines = tuple[Line, ...]


def lines_of(proposals: Sequence[Proposal]) -> Lines:
    """All of them taken, but for those that nobody called."""
    return tuple(Line(proposal=one, taken=bool(one.tokens or one.calls)) for one in proposals)


def with_name(lines: Lines, index: int, name: str) -> Lines:
    """One under another name."""
    return _with(lines, index, renamed(lines[index].proposal, name))


def with_task(lines: Lines, index: int, task: Task) -> Lines:
    """One with another kind of work."""
    return _with(lines, index, replace(lines[index].proposal, task=task))


def _with(lines: Lines, index: int, proposal: Proposal) -> Lines:
    return tuple(
        replace(line, proposal=proposal) if i == index else line for i, line in enumerate(lines)
    )


def turned(lines: Lines, chosen: Sequence[int], *, taken: bool) -> Lines:
    """Some of them taken or left out."""
    return tuple(
        replace(line, taken=taken) if i in chosen else line for i, line in enumerate(lines)
    )


def put_together(lines: Lines, chosen: Sequence[int]) -> Lines:
    """Some of them as one, in the place of the first."""
    one = Line(proposal=merged([lines[i].proposal for i in chosen]))
    return tuple(
        one if i == chosen[0] else line
        for i, line in enumerate(lines)
        if i == chosen[0] or i not in chosen
    )


def told_apart(lines: Lines, index: int) -> Lines:
    """One as its parts."""
    parts = [Line(proposal=part) for part in split(lines[index].proposal)]
    return (*lines[:index], *parts, *lines[index + 1 :])


def names_that_clash(lines: Lines) -> tuple[str, ...]:
    """Names that more than one of those that are taken have."""
    names = [line.proposal.name for line in lines if line.taken]
    return tuple(name for name in dict.fromkeys(names) if names.count(name) > 1)


def days_off(lines: Lines) -> tuple[int, ...]:
    """Days of the week, 0 is Monday, that count as days of nothing in a mean that is shown."""
    return tuple(sorted({at for line in lines for at in weekdays_off(line.proposal.days)}))


# Words


def grouping_words() -> tuple[tuple[Grouping, str], ...]:
    """By what usage can become workloads."""
    return (
        (Grouping.MODEL, _tr("By model")),
        (Grouping.KEY, _tr("By key")),
        (Grouping.PROJECT, _tr("By project")),
        (Grouping.TAG, _tr("By tag")),
        (Grouping.HOURS, _tr("By hours")),
    )


def proposal_columns() -> tuple[Column, ...]:
    """Of the list of proposals."""
    return (
        Column(_tr("Workload")),
        Column(_tr("Task"), 112),
        Column(_tr("Calls a day"), 108, right=True),
        Column(_tr("Tokens a call"), 186, right=True),
        Column(_tr("Volume"), 116),
        Column(_tr("Cost"), 104, right=True),
        Column(_tr("Becomes"), 134),
    )


def proposal_row(line: Line, names: frozenset[str]) -> Row:
    """One proposal; `names` are those of the workloads that are there."""
    proposal, said = line.proposal, line.proposal.said()
    calls: Cell = _unknown()
    if said.calls_per_day is not None:
        calls = Plain(plain(said.calls_per_day, Unit.COUNT), right=True)
    return (
        Title(proposal.name, _made_of(proposal)),
        Plain(task_word(proposal.task)),
        calls,
        _tokens(said.input, said.cached_input, said.output),
        Plain(predictability_word(said.predictability), _days(said)),
        _billed(proposal),
        _becomes(line, names),
    )


def _unknown() -> Plain:
    return Plain(_tr("not told"), tone="text_3", right=True)


def _made_of(proposal: Proposal) -> str:
    main = proposal.main
    where = {
        Served.LOCAL: _tr("on your machines"),
        Served.CLOUD: main.provider,
        Served.UNKNOWN: _tr("provider not told"),
    }[main.served]
    words = f"{main.model or _tr('no model told')}, {where}"
    if len(proposal.parts) > 1:
        words = _tr("{0} and {1} more").format(words, len(proposal.parts) - 1)
    return words


def _tokens(fresh: float | None, cached: float | None, out: float | None) -> Plain:
    if fresh is None or out is None:
        return _unknown()
    written = plain(fresh, Unit.COUNT)
    words = _tr("{0} in, fresh").format(written) if cached else _tr("{0} in").format(written)
    below = _tr("{0} out").format(plain(out, Unit.COUNT))
    if cached:
        below = _tr("{0}, {1} cached").format(below, plain(cached, Unit.COUNT))
    return Plain(words, below, right=True)


def _days(said: Said) -> str:
    days = said.history_days
    if said.missing_days:
        return _tr("{0} of {1} days").format(whole(days), whole(days + said.missing_days))
    return _tr("one day") if days == 1 else _tr("{0} days").format(whole(days))


def _billed(proposal: Proposal) -> Plain:
    if proposal.billed_usd is not None:
        return Plain(money(proposal.billed_usd), right=True)
    if proposal.recomputed_usd is not None:
        return Plain(f"~{money(proposal.recomputed_usd)}", _tr("from tokens"), right=True)
    return _unknown()


def _becomes(line: Line, names: frozenset[str]) -> Status:
    if not line.taken:
        return Status(State.SKIPPED, _tr("left out"))
    if line.proposal.name in names:
        return Status(State.DONE, _tr("updated"), _tr("is there already"))
    return Status(State.DONE, _tr("a workload"))


def predictability_word(of: Predictability) -> str:
    """How steady the volume is."""
    return {
        Predictability.PREDICTABLE: _tr("predictable"),
        Predictability.VARIABLE: _tr("variable"),
        Predictability.UNPREDICTABLE: _tr("unpredictable"),
        Predictability.UNKNOWN: _tr("not known yet"),
    }[of]
