"""Labels for answers that differ: blind, in an order of their own, with undo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from landfall.core.errors import BadInput
from landfall.core.quality.gate import Label
from landfall.services.history.history import History
from landfall.services.history.records import now_iso
from landfall.services.quality.gate_report import report_of
from landfall.services.quality.pairing import open_pairs
from landfall.services.quality.plan import Candidate
from landfall.services.quality.records import YOU, QualityLabel, QualityRun
from landfall.services.threads import in_thread

Choice = Literal["first", "second", "both", "neither"]
"""What the one who labels says of the two answers as they stand."""

CHOICES: tuple[Choice, ...] = ("first", "second", "both", "neither")


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindPair:
    """Two answers that differ, as they may be shown: nothing here tells who gave which.

    Attributes:
        place: Of the prompt in the set. side: which candidate is in it, one of the two.
        prompt: What was asked. expected: the right answer, where the set has one.
        first, second: The answers in the order in which they are shown.
        done: Pairs that have their label; of: all that need one so far.
    """

    place: int
    side: Candidate
    prompt: str
    expected: str | None
    first: str
    second: str
    done: int
    of: int


async def to_label(
    history: History, uid: str, *, skipped: frozenset[tuple[int, Candidate]] = frozenset()
) -> BlindPair | None:
    """The next pair that needs a label; None where none does now.

    Args:
        skipped: Pairs, by place and side, that are left for later; they come again when no other
            is left, in the order in which they were asked.

    Raises:
        BadInput: there is no such run.
    """
    return await in_thread(next_pair, await history.quality.get(uid), skipped=skipped)


def next_pair(
    run: QualityRun, *, skipped: frozenset[tuple[int, Candidate]] = frozenset()
) -> BlindPair | None:
    """As `to_label`, of a run at hand."""
    waiting, labelled = open_pairs(run)
    if not waiting:
        return None
    place, side = next((one for one in waiting if one not in skipped), waiting[0])
    prompt = run.plan.by_place()[place]
    texts = {(a.place, a.side): a.text or "" for a in run.answers}
    first, second = texts[place, side], texts[place, "incumbent"]
    if run.plan.is_swapped(place, side):
        first, second = second, first
    return BlindPair(
        place=place,
        side=side,
        prompt=prompt.prompt,
        expected=prompt.expected,
        first=first,
        second=second,
        done=labelled,
        of=labelled + len(waiting),
    )


async def label(history: History, uid: str, pair: BlindPair, choice: Choice) -> BlindPair | None:
    """Keep what was said of a pair; the next one, or None.

    Raises:
        BadInput: there is no such run, or the choice is none.
    """
    run = await history.quality.get(uid)
    kept = QualityLabel(
        place=pair.place,
        side=pair.side,
        by=YOU,
        swapped=run.plan.is_swapped(pair.place, pair.side),
        label=label_of(choice, swapped=run.plan.is_swapped(pair.place, pair.side)),
        labelled_at=now_iso(),
    )
    await history.quality.add_label(uid, kept)
    return await in_thread(next_pair, await read_again(history, uid))


async def undo(history: History, uid: str) -> BlindPair | None:
    """Take your latest label back; the pair that it was on, or None where there was none."""
    taken = await history.quality.undo(uid)
    if taken is None:
        return None
    run = await read_again(history, uid)
    waiting, _ = await in_thread(open_pairs, run)
    others = frozenset(one for one in waiting if one != (taken.place, taken.side))
    return await in_thread(next_pair, run, skipped=others)


async def read_again(history: History, uid: str) -> QualityRun:
    """Store what the gate says with the labels that there are now; the run."""
    run = await history.quality.get(uid)
    report = await in_thread(report_of, run)
    await history.quality.keep_result(run.record.id, report.as_json())
    return run


def label_of(choice: Choice, *, swapped: bool) -> Label:
    """Whose answer was meant, where the candidate's stood second if `swapped`.

    Raises:
        BadInput: the choice is none.
    """
    match choice:
        case "both":
            return Label.BOTH
        case "neither":
            return Label.NEITHER
        case "first":
            return Label.OTHER if swapped else Label.LOCAL
        case "second":
            return Label.LOCAL if swapped else Label.OTHER
        case _:
            raise BadInput(f"{choice!r} is no choice.", f"Say {', '.join(CHOICES)}.", field="label")
