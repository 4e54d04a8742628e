"""Side by side in words and figures: of a column, of the whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.energy.energy import mean_watts
from landfall.core.provenance import Measured, Unknown
from landfall.gui.format import Shown, duration, joined, money, shown, whole
from landfall.gui.run.words import (
    Meter,
    ending,
    energy_per_token,
    joules_of,
    live_meters,
    meters,
    not_yet,
)
from landfall.gui.scope_words import scope_words
from landfall.gui.side_by_side.answer import Stage
from landfall.gui.side_by_side.targets import MOST_TARGETS
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.widgets.feedback import State

if TYPE_CHECKING:
    from landfall.core.provenance import Figure
    from landfall.gui.side_by_side.answer import Answer
    from landfall.gui.side_by_side.session import SideOrder, SideSession
    from landfall.gui.side_by_side.shown import ShownPrompt
    from landfall.gui.side_by_side.targets import Asked
    from landfall.services.side_by_side.kept import SideBySide

KEYS = ("ttft", "decode", "tokens")
"""What every column has; then cost of a provider, watts of this machine."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("side by side", text)


def letter(position: int) -> str:
    """The name of an answer whose maker is not told: "Answer A"."""
    assert 0 <= position < MOST_TARGETS
    return _tr("Answer {0}").format(chr(ord("A") + position))


def column_meters(answer: Answer, asked: Asked, *, no_watts: str) -> tuple[Meter, ...]:
    """The four figures of a column, while the answer comes and after.

    Args:
        no_watts: Why this machine has no watts, or "".
    """
    record, energy = answer.record, answer.energy
    if record is not None and answer.complete:
        joules = energy.gross if energy is not None else None
        told = {one.key: one for one in meters(record, answer.metrics, joules)}
    elif answer.stage is Stage.WAITING:
        told = {one.key: replace(one, shown=_later()) for one in _live(answer, asked)}
    else:
        told = {one.key: one for one in _live(answer, asked)}
    common = tuple(_bare(told[key]) for key in KEYS)
    if asked.billed:
        return (*common, _bare(told["cost"]))
    if asked.host is not None:
        no_watts = _tr("the electricity of {0} is not measured").format(asked.where)
    return (*common, Meter("watts", _tr("Power"), _watts(answer, no_watts)))


def _live(answer: Answer, asked: Asked) -> tuple[Meter, ...]:
    return live_meters(
        cloud=asked.billed,
        ttft_seconds=answer.ttft_seconds,
        tok_s=answer.tok_s,
        pieces=answer.pieces,
        broken=answer.stage.over,
    )


def _later() -> Shown:
    return not_yet(_tr("waiting"), _tr("its turn has not come yet"))


def _bare(meter: Meter) -> Meter:
    """Without the line below, for which a column has no room; ears and mouse are told it."""
    return replace(meter, shown=replace(meter.shown, detail=""))


def _watts(answer: Answer, no_watts: str) -> Shown:
    record = answer.record
    figure: Figure
    if record is not None:
        joules = answer.energy.gross if answer.energy is not None else joules_of(record)
        figure = mean_watts(joules, record.total_seconds)
    elif answer.watts is not None:
        figure = Measured(answer.watts, "", scope_words(answer.scopes))
    elif no_watts or answer.stage.over:
        figure = Unknown(no_watts or _tr("the sensors were not read meanwhile"))
    else:
        return not_yet(_tr("later"), _tr("told once the sensors are read"))
    return replace(shown(figure, Unit.WATTS), detail="")


def footnote(answer: Answer) -> str:
    """How an answer ended: below its text."""
    record, parts = answer.record, []
    if answer.stage is Stage.STOPPED:
        reason = (
            translated(answer.metrics.reason("done_reason")) if answer.metrics is not None else ""
        )
        parts.append(reason or _tr("Stopped"))
    if record is None:
        return ", ".join(parts)
    if record.total_seconds is not None:
        parts.append(duration(record.total_seconds))
    if record.place != "cloud" and record.gross_joules is not None:
        joules = answer.energy.gross if answer.energy is not None else None
        per_token = shown(energy_per_token(record, joules), Unit.JOULES_PER_TOKEN)
        parts.append(joined(per_token.value, per_token.unit))
    if record.done_reason in ("length", "max_tokens"):
        parts.append(ending(record))
    if answer.trouble:
        parts.append(_tr("not saved yet: {0}").format(answer.trouble))
    return ", ".join(parts)


def outcome(side: SideBySide, order: SideOrder, session: SideSession) -> tuple[State, str, str]:
    """How the whole ended: its mark, its words, and what it cost."""
    of = order.plan.answers
    came = sum(one.complete for one in side.answers)
    spent = [one.cost_usd for one in side.summaries() if order.asked[one.target].billed]
    known = [one.value for one in spent if one.value is not None]
    detail = _spent(sum(known) if known else None, sum(one.missing for one in spent))
    if session.stopped:
        words = _tr("Stopped by you, {0} of {1} answers came")
        return State.PARTIAL, words.format(whole(came), whole(of)), detail
    if not came:
        return State.FAILED, _tr("Nobody answered"), detail
    if came < of:
        words = _tr("{0} of {1} answers came").format(whole(came), whole(of))
        return State.PARTIAL, words, detail
    few = {1: _tr("The answer came"), 2: _tr("Both answers came")}
    words = few.get(of) or _tr("All {0} answers came").format(whole(of))
    return State.DONE, words, detail


def _spent(usd: float | None, unpriced: int) -> str:
    """What the answers cost together, and how many of them have no known cost."""
    parts = []
    if usd is not None:
        parts.append(_tr("{0} at providers").format(money(usd)))
    if unpriced:
        parts.append(_tr("{0} without a known cost").format(whole(unpriced)))
    return ", ".join(parts)


def asked_words(*, prompts: int, targets: int) -> str:
    """How much would be asked: "12 prompts x 3 targets: 36 answers"."""
    if not targets:
        return _tr("The same prompt for all, measured and kept in History")
    of = _tr("one target") if targets == 1 else _tr("{0} targets").format(whole(targets))
    if prompts <= 1:
        return _tr("One prompt, {0}").format(of)
    words = _tr("{0} prompts, {1}: {2} answers")
    return words.format(whole(prompts), of, whole(prompts * targets))


def vote_words(shown_: ShownPrompt, *, workload: str | None) -> str:
    """What was voted, and what it counts for."""
    vote = shown_.vote
    if vote is None:
        return ""
    names = ", ".join(
        asked.model
        for (asked, _), place in zip(shown_.columns, shown_.places, strict=True)
        if asked is not None and place in vote.best
    )
    if vote.none_good:
        words = _tr("You found none of them good.")
    elif vote.tie:
        words = _tr("You found these equally good: {0}.").format(names)
    else:
        words = _tr("You found {0} best.").format(names)
    if not vote.blind:
        return f"{words} {_tr('The names were shown, so it is no evidence of quality.')}"
    if workload is not None:
        return f"{words} {_tr('It counts for {0}.').format(workload)}"
    return f"{words} {_tr('It is kept without a workload.')}"
