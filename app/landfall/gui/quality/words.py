"""What the panel says of a quality run. Values in, values out: no widget is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.errors import AppError, PrivacyBlocked
from landfall.core.quality.gate import look_sizes
from landfall.core.quality.paired_tests import (
    GateResult,
    critical_value,
    prompts_needed_without_disagreement,
    provable_loss,
)
from landfall.gui.dates import when
from landfall.gui.format import MINUS, joined, money, number, whole
from landfall.gui.hints import hint_words, message_words
from landfall.gui.run.words import at_most
from landfall.gui.translated import all_translated, translated
from landfall.gui.widgets.feedback import State

if TYPE_CHECKING:
    from landfall.core.quality.sets import QualitySet
    from landfall.services.quality.plan import QualityPlan, Side
    from landfall.services.quality.quoting import Asking, Quote
    from landfall.services.quality.records import QualityRecord


def _tr(text: str) -> str:
    return QCoreApplication.translate("quality", text)


# A file


def set_words(found: QualitySet) -> str:
    """How many prompts a file has, and what else stands in it."""
    count = len(found.prompts)
    parts = [_tr("One prompt") if count == 1 else _tr("{0} prompts").format(whole(count))]
    for lacks, everywhere, some in (
        (
            sum(one.expected is None for one in found.prompts),
            _tr("with the expected answer"),
            _tr("the expected answer is missing for {0}"),
        ),
        (
            sum(one.incumbent is None for one in found.prompts),
            _tr("with today\u2019s answer"),
            _tr("today\u2019s answer is missing for {0}"),
        ),
    ):
        if not lacks:
            parts.append(everywhere)
        elif lacks < count:
            parts.append(some.format(whole(lacks)))
    return f"{', '.join(parts)}."


def left_out_words(found: QualitySet) -> str:
    """Which lines of a file are not asked, or ""."""
    parts = []
    if found.refused:
        parts.append(_tr("{0} cannot be used").format(whole(found.refused)))
    if found.duplicates:
        parts.append(_tr("{0} stood before").format(whole(found.duplicates)))
    words = _tr("Lines left out: {0}.").format(", ".join(parts)) if parts else ""
    if found.truncated:
        words = f"{words} {_tr('The file goes on; what comes after is not read.')}".strip()
    return words


# What the gate can and cannot tell


def reach_words(prompts: int, margin: float, *, looks: bool) -> str:
    """What so many prompts can rule out at best, and how many the margin needs at least."""
    times = len(look_sizes(prompts)) if looks else 1
    z = critical_value(times)
    least = prompts_needed_without_disagreement(margin, z=z)
    ruled_out = provable_loss(prompts, z)
    said = _tr("{0} prompts can at best rule out a loss above {1}.").format(
        whole(prompts), points(ruled_out)
    )
    if prompts < least:
        more = _tr("For {0} at least {1} are needed, unless the candidate is clearly better.")
        return f"{said} {more.format(points(margin), whole(least))}"
    return said


def looks_words(prompts: int) -> str:
    """When the gate is read on the way, or why it is not."""
    sizes = look_sizes(prompts)
    if len(sizes) == 1:
        return _tr("From 150 prompts on it may end early; so few are read once.")
    early = ", ".join(whole(one) for one in sizes[:-1])
    return _tr("Read after {0} and {1} prompts; each reading asks for a clearer result.").format(
        early, whole(sizes[-1])
    )


def points(share: float) -> str:
    """A share as points: "3 points"."""
    shown = number(100 * share, digits=1)
    return joined(_bare(shown), _tr("points"))


def signed(share: float) -> str:
    """A difference as points with its sign: "+1.2"."""
    written = _bare(number(abs(100 * share), digits=1))
    if written == "0":
        return written
    return f"{MINUS if share < 0 else '+'}{written}"


def _bare(written: str) -> str:
    """Without a zero behind the point, whichever sign the locale writes."""
    return (
        written[:-2] if len(written) > 2 and written[-1] == "0" and written[-2] in ".," else written
    )


# Before anything leaves


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What is asked before a run or a judge begins.

    Attributes:
        title: What it costs at most.
        lines: Who is asked, where it goes and by which price; then what speaks against it.
        agree: Words on the button that agrees.
        grave: Whether something leaves this machine or is paid.
    """

    title: str
    lines: tuple[str, ...]
    agree: str
    grave: bool


def consent_words(quote: Quote) -> Consent:
    """The most that it costs together, who is asked what, and where the prompts go."""
    lines = (*(_asking_line(one) for one in quote.askings), *all_translated(quote.warnings))
    priced = [one for one in quote.askings if one.usd is not None]
    unpriced = [one for one in quote.askings if one.paid and one.usd is None]
    if unpriced:
        names = ", ".join(one.name for one in unpriced)
        title = _tr("What it costs is not known: {0}").format(names)
        if priced:
            title = _tr("At most {0}, and more that is not known: {1}").format(
                at_most(quote.ceiling.usd), names
            )
        agree = _tr("Ask without a known price")
    elif priced:
        title = _tr("It costs at most {0}").format(at_most(quote.ceiling.usd))
        agree = _tr("Pay up to {0}").format(at_most(quote.ceiling.usd))
    elif quote.leaves:
        title = _tr("Your prompts leave this machine; nobody is paid by the answer")
        agree = _tr("Send them")
    else:
        title = _tr("Nothing leaves this machine, and nobody is paid")
        agree = _tr("Begin")
    return Consent(title=title, lines=lines, agree=agree, grave=bool(quote.leaves or unpriced))


def _asking_line(one: Asking) -> str:
    where = _tr("to {0}").format(one.host) if one.host else _tr("stays on this machine")
    times = _tr("{0} times").format(whole(one.answers)) if one.answers > 1 else _tr("once")
    words = _tr("{0}: asked {1}, {2}").format(one.name, times, where)
    if one.usd is not None:
        words = _tr("{0}, at most {1}").format(words, at_most(one.usd))
    if one.note:
        words = f"{words} ({translated(one.note).rstrip('.')})"
    return f"{words}."


def refusal(error: AppError) -> tuple[State, str, str]:
    """How a refusal is shown: its state, what happened, and what to do."""
    state = State.SKIPPED if isinstance(error, PrivacyBlocked) else State.FAILED
    return state, message_words(error), hint_words(error)


# While it goes on


def side_name(plan: QualityPlan, side: Side) -> str:
    """Who answers on a side."""
    target = plan.target_of(side)
    return target.name if target is not None else _tr("Recorded answers")


def cost_words(usd: float, errors: int) -> str:
    """What was charged so far, and what could not be had."""
    paid = _tr("So far {0}.").format(money(usd, digits=4 if 0 < usd < 0.1 else 2))
    if not errors:
        return paid
    failed = _tr("One answer could not be had.")
    if errors > 1:
        failed = _tr("{0} answers could not be had.").format(whole(errors))
    return f"{paid} {failed} {_tr('They are tried again when the run goes on.')}"


# Runs that are kept


def record_words(record: QualityRecord) -> str:
    """When a run was, of what, and how far it came: one line of a list."""
    parts = [when(record.started_at), record.title]
    model = _candidate_name(record)
    if model:
        parts.append(model)
    return ", ".join(part for part in parts if part)


def _candidate_name(record: QualityRecord) -> str:
    for side in ("local", "hosted"):
        kept = record.plan.get(side)
        if kept:
            return str(kept["model"])
    return ""


def how_far(record: QualityRecord) -> str:
    """How many answers a run has."""
    return _tr("{0} of {1} answers are there").format(whole(record.answered), whole(record.asked))


def state_of(record: QualityRecord) -> GateResult:
    """What the gate said at its last look."""
    if record.result is None:
        return GateResult.UNMEASURED
    states = [record.result[side]["state"] for side in ("local", "hosted") if side in record.result]
    return GateResult(states[0]) if states else GateResult.UNMEASURED


def gate_state(result: GateResult) -> State:
    """Its shape and colour."""
    return {
        GateResult.PASS: State.DONE,
        GateResult.FAIL: State.FAILED,
        GateResult.INCONCLUSIVE: State.PARTIAL,
        GateResult.UNMEASURED: State.TODO,
    }[result]
