"""The verdict and its reasons."""

from __future__ import annotations

from landfall.core.reporting.blocks import (
    Block,
    CardBlock,
    Cell,
    Column,
    Items,
    Mark,
    Paragraph,
    Section,
    Table,
)
from landfall.core.reporting.numbers import percent
from landfall.core.reporting.subject import Around, Subject
from landfall.core.reporting.words import (
    PLACE_WORDS,
    VERDICTS,
    capital,
    input_name,
    move,
    plain,
    sentence,
    value_text,
)
from landfall.core.verdict.card import card, likely, may_flip_once_known
from landfall.core.verdict.table_words import Reason
from landfall.core.verdict.verdict import Flip, Verdict
from landfall.core.workload.privacy import Option

_FLIPS = 3
_NOTHING_FLIPS = "nothing that a workload states would flip it"
_WARNINGS = 4
_REASONS = 6
_ALWAYS = (
    "H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8", "F1", "E0", "E2", "E3", "E4", "E5", "S6", "S7",
    "S25", "S27", "S48",
)  # fmt: skip
"""Rules of the table; those that it does not name took nothing out, or were not come to."""


def verdict_section(subject: Subject) -> Section:
    """The card in its five lines, and what has to be heeded before all else."""
    blocks: list[Block] = [card_block(subject)]
    listed = warnings(subject)
    if listed:
        shown = listed[:_WARNINGS]
        more = len(listed) - len(shown)
        if more:
            shown = (*shown, f"{more} more among the evidence.")
        blocks.append(Items(shown, warning=True))
    return Section("Verdict", tuple(blocks))


def warnings(subject: Subject) -> tuple[str, ...]:
    """What is to be heeded: why the verdict may no longer stand, and what speaks against it."""
    listed = (*subject.stale, *subject.verdict.warnings)
    return tuple(dict.fromkeys(f"{sentence(one.text)} ({one.rule})" for one in listed))


def card_block(subject: Subject) -> CardBlock:
    """Verdict, because, money, flips if, next: always these five, in this order."""
    verdict = subject.verdict
    told = card(verdict)
    flips = [flip_clause(one) for one in first_flips(verdict, _FLIPS)]
    unknown = ", ".join(input_name(one) for one in may_flip_once_known(verdict))
    if unknown:
        none = f"nothing that is known; not known yet: {unknown}"
    else:
        none = "no single input but a privacy rule" if verdict.flips else _NOTHING_FLIPS
    return CardBlock(
        option=verdict.option.value,
        sureness=sureness(verdict),
        provisional=verdict.provisional,
        lines=(
            ("Verdict", f"{headline(subject)}. {sureness(verdict)}."),
            ("Because", sentence(told.reason.removeprefix("Because "))),
            ("Money", sentence(told.money)),
            ("Flips if", "; ".join(flips) or none),
            ("Next", sentence(told.next_step.removeprefix("Next: "))),
        ),
    )


def headline(subject: Subject) -> str:
    """The verdict as an instruction."""
    verdict, today = subject.verdict, subject.workload.today.model
    if verdict.option is Option.CLOUD_FRONTIER and today:
        return f"Stay with {today}"
    if verdict.option is Option.HYBRID and verdict.local_share is not None:
        return f"Split: {percent(verdict.local_share)} of the calls here, the rest outside"
    return VERDICTS[verdict.option]


def sureness(verdict: Verdict) -> str:
    """How sure it is, with what that says."""
    share, word = verdict.confidence.p_best, verdict.confidence.word
    if verdict.bar is None:
        text = "Decided by rules, not by cost"
    elif share is None or verdict.worlds is None:
        text = f"Confidence {word}"
    else:
        draws = f"{verdict.worlds.draws:,} simulations"
        text = f"Confidence {word}: the same in {percent(share)} of {draws}"
    return f"{text}; provisional" if verdict.provisional else text


def first_flips(verdict: Verdict, most: int) -> list[Flip]:
    """The likeliest flips, each input once."""
    seen: dict[str, Flip] = {}
    for flip in likely(verdict):
        seen.setdefault(flip.input, flip)
    return list(seen.values())[:most]


def flip_clause(flip: Flip) -> str:
    """A flip as a clause: what has to change, to where, and what holds then."""
    name, then = input_name(flip.input), PLACE_WORDS[flip.verdict_then]
    at = value_text(flip.input, flip.at)
    if flip.relative is None:
        return f"{name} is {at} instead of {value_text(flip.input, flip.now)} → {then}"
    way = "up" if flip.relative > 0 else "down"
    return f"{name} goes {way} to {at} ({move(flip.relative)}) → {then}"


# Why ---------------------------------------------------------------------------------------------


def reasons_in_short(subject: Subject) -> Section:
    """What decided, in a line each, for the page that comes first."""
    said = [
        f"{one.rule}: {sentence(one.text)}"
        if one.met
        else f"{one.rule}, not met: {plain(one.text)}."
        for one in subject.verdict.reasons
        if one.rule
    ]
    if not said:
        said = ["No rule speaks against where it runs today."]
    return Section("Why", (Items(tuple(said[:_REASONS])),))


def reasons_section(subject: Subject, around: Around) -> Section:
    """Every rule that was named, met or not, and those that took nothing out."""
    verdict = subject.verdict
    rows = [_reason_row(one, around) for one in verdict.reasons]
    rows += [
        (
            Cell("?", None),
            Cell("Missing", strong=True),
            Cell(sentence(one.reason), Mark.UNKNOWN, capital(input_name(one.field))),
        )
        for one in verdict.missing
    ]
    columns = (
        Column("Rule", share=0.5),
        Column("Outcome", share=0.8),
        Column("What was found", share=5),
    )
    blocks: list[Block] = []
    if rows:
        caption = "Rules in the order in which they were looked at"
        blocks.append(Table(caption=caption, columns=columns, rows=tuple(rows)))
    named = {one.rule for one in verdict.reasons}
    silent = [one for one in _ALWAYS if one not in named]
    if silent:
        said = (
            f"Not named above, so they took nothing out or were not come to: {', '.join(silent)}."
        )
        blocks.append(Paragraph(said, quiet=True))
    return Section("Why", tuple(blocks))


def _reason_row(reason: Reason, around: Around) -> tuple[Cell, ...]:
    known = around.rules.get(reason.rule)
    turns = f"Turns with: {known.turns}." if known is not None and known.turns else ""
    outcome = "not met" if not reason.met else "takes out" if reason.excludes else "met"
    return (
        Cell(reason.rule or "–", strong=True),
        Cell(outcome, strong=reason.met),
        Cell(sentence(reason.text), detail=turns),
    )
