"""What stands in the columns for a prompt: who, what of it, and whether it can be voted on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from landfall.gui.side_by_side.answer import Answer, Stage, answer_of

if TYPE_CHECKING:
    from landfall.core.quality.votes import Vote
    from landfall.gui.side_by_side.session import SideSession
    from landfall.gui.side_by_side.targets import Asked
    from landfall.services.side_by_side.blind import BlindPrompt
    from landfall.services.side_by_side.kept import SideBySide


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPrompt:
    """The columns of a prompt from the left.

    Attributes:
        columns: Who answered, None while that is hidden, and the answer.
        figures: Whether speed, cost and watts may be told.
        veiled: Whether the texts are held back, because not all are there.
        places: For each column its place in a vote; None for one that cannot be voted for.
        vote: The vote on it, or None.
        can_vote: Whether one can be cast now.
    """

    columns: tuple[tuple[Asked | None, Answer], ...]
    figures: bool
    veiled: bool = False
    places: tuple[int | None, ...]
    vote: Vote | None = None
    can_vote: bool = False

    @property
    def hidden(self) -> bool:
        """Whether it is not told who is who."""
        return any(asked is None for asked, _ in self.columns)


def shown_prompt(session: SideSession, prompt: int) -> ShownPrompt:
    """What may be shown of a prompt now."""
    order, kept = session.order, session.kept
    assert order is not None, "a prompt is shown of what was asked"
    if order.plan.blind and kept is None:
        told = session.blind.get(prompt)
        return _veiled(len(order.asked)) if told is None else _blind(session, told)
    if order.plan.blind and kept is not None:
        return _kept(session, kept, prompt)
    answers = session.answers_to(prompt)
    columns = tuple(zip(order.asked, answers, strict=True))
    return _votable(session, kept, prompt, columns, tuple(range(len(columns))))


def _veiled(count: int) -> ShownPrompt:
    columns = tuple((None, Answer()) for _ in range(count))
    return ShownPrompt(columns=columns, figures=False, veiled=True, places=(None,) * count)


def _blind(session: SideSession, told: BlindPrompt) -> ShownPrompt:
    """Texts in an order of their own; with names once there is a vote, and figures at the end."""
    order = session.order
    assert order is not None, "a blind answer was asked for"
    names: tuple[Asked | None, ...] = (None,) * len(told.answers)
    if told.targets is not None:
        names = tuple(order.asked[order.plan.targets.index(one)] for one in told.targets)
    return ShownPrompt(
        columns=tuple(zip(names, (_text(text) for text in told.answers), strict=True)),
        figures=False,
        places=tuple(range(len(told.answers))),
        vote=told.vote,
        can_vote=can_be_voted_on(session, told.prompt),
    )


def _text(text: str) -> Answer:
    made = Answer()
    made.parts, made.stage, made.version = [text], Stage.DONE, 1
    return made


def _kept(session: SideSession, kept: SideBySide, prompt: int) -> ShownPrompt:
    """All of it with names, in the order in which it was voted on; what failed stands behind."""
    assert session.order is not None, "it was asked for"
    found = {one.target: one for one in kept.of_prompt(prompt)}
    order = kept.order(prompt)
    rest = tuple(n for n in range(len(session.order.asked)) if n not in order)
    targets = (*order, *rest)
    columns = tuple((session.order.asked[n], answer_of(found.get(n))) for n in targets)
    return _votable(session, kept, prompt, columns, targets)


def _votable(
    session: SideSession,
    kept: SideBySide | None,
    prompt: int,
    columns: tuple[tuple[Asked | None, Answer], ...],
    targets: tuple[int, ...],
) -> ShownPrompt:
    order = kept.order(prompt) if kept is not None else ()
    vote = kept.vote_on(prompt) if kept is not None else None
    places = tuple(order.index(n) if n in order else None for n in targets)
    return ShownPrompt(
        columns=columns,
        figures=True,
        places=places,
        vote=vote,
        can_vote=can_be_voted_on(session, prompt),
    )


def can_be_voted_on(session: SideSession, prompt: int) -> bool:
    """Whether a vote on a prompt can be cast now, and was not."""
    order, kept = session.order, session.kept
    if order is None or session.running:
        return False
    if kept is not None:
        return kept.vote_on(prompt) is None and len(kept.order(prompt)) > 1
    told = session.blind.get(prompt)
    return told is not None and told.can_vote and told.vote is None
