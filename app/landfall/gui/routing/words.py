"""What the window says of routes. Values in, values out: no widget is made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.provenance import middle
from landfall.core.routing.findings import Finding, Severity
from landfall.core.routing.plan import LeftOut, RoutedAlias, RoutingPlan
from landfall.gui.format import percent, whole
from landfall.gui.translated import translated
from landfall.gui.widgets.cells import Plain, Row, Title
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.table_model import Column
from landfall.gui.workloads.words import sentence, without_keys

if TYPE_CHECKING:
    from landfall.services.verdict.decided import Entry

_PROVISIONAL = re.compile("The verdict is provisional: ")
_LACKED = re.compile(r" \([a-z]+\.[a-z_.]+\)(?=[;.])")


def _tr(words: str) -> str:
    return QCoreApplication.translate("routing_words", words)


def columns() -> tuple[Column, ...]:
    """Of the table of aliases."""
    return (
        Column(_tr("Alias"), 220),
        Column(_tr("Goes to")),
        Column(_tr("Overflow"), 140),
        Column(_tr("Stays here"), 90, right=True),
    )


def alias_row(one: RoutedAlias) -> Row:
    """One alias: its name above the workload's, what answers, what takes the rest."""
    name = _owner(one)
    whose = _tr("{0}, private").format(name) if one.private else name
    goes = [
        _tr("{0} on {1}").format(d.model, d.host) if d.host else d.target for d in one.deployments
    ]
    over = [d.target for d in one.overflow]
    nothing = _tr("no way out") if one.private else "\u2013"
    share = middle(one.local_share)
    stays = _tr("not known") if share is None else percent(share)
    return (
        Title(one.alias, whose),
        Plain(", ".join(goes)),
        Plain(", ".join(over) or nothing),
        Plain(stays, right=True),
    )


def left_out(plan: RoutingPlan) -> list[str]:
    """What gets no alias, and why."""
    return [
        _tr("{0}: no alias, {1}.").format(_owner(one), without_keys(translated(one.reason)))
        for one in plan.left_out
    ]


def without_verdict(entries: Sequence[Entry]) -> list[str]:
    """Workloads that cannot be routed because they have no verdict, and why."""
    return [
        _tr("{0}: no alias, it has no verdict. {1}").format(one.saved.name, one.problem)
        for one in entries
        if one.problem is not None
    ]


def _owner(one: RoutedAlias | LeftOut) -> str:
    if not one.step:
        return one.workload
    return _tr("{0}, step {1}").format(one.workload, one.step)


def notes(plan: RoutingPlan) -> list[str]:
    """What the user should know, each sentence once, with the aliases that it is about."""
    about: dict[str, list[str]] = {}
    for one in plan.aliases:
        for note in one.notes:
            # Without the keys of a workload file that the command line adds in brackets: what a
            # verdict lacks is a sentence that is known in the language only without them.
            bare = _LACKED.sub("", note) if _PROVISIONAL.match(note) else note
            about.setdefault(sentence(translated(bare)), []).append(one.alias)
    return [f"{', '.join(aliases)}: {note}" for note, aliases in about.items()]


def verdict_of(findings: Sequence[Finding], unconfirmed: Sequence[str]) -> tuple[State, str, str]:
    """What the check found: a state, a title, and the first things in words.

    Args:
        unconfirmed: Aliases whose model was not seen on its server: no fault of the files, and no
            route that works either.
    """
    wrong = [one for one in findings if one.severity is not Severity.NOTE]
    if wrong:
        title = _tr("The check found {0} that leaks or does not work").format(whole(len(wrong)))
        return (
            State.FAILED,
            title,
            "\n".join(f"{translated(one.text)} {translated(one.hint)}".strip() for one in wrong),
        )
    said = "\n".join(f"{translated(one.text)} {translated(one.hint)}".strip() for one in findings)
    if unconfirmed:
        names = ", ".join(unconfirmed)
        title = _tr("Nothing leaks; not seen to work yet: {0}").format(names)
        return State.PARTIAL, title, said
    return State.DONE, _tr("The check found nothing that leaks or does not work"), said
