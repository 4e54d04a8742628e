"""A comparison as it may be shown before the vote: texts in an order of their own, and no names.

Nothing here tells who is who: no model, host, rate, time, cost, watt, token count, thinking or
wording of an error, and no order in which answers came.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from landfall.core.quality.votes import Vote
from landfall.core.side_by_side.side_by_side import Target
from landfall.services.history.history import History
from landfall.services.side_by_side import kept as side_by_sides_kept
from landfall.services.side_by_side.kept import SideBySide


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindPrompt:
    """One prompt with its answers.

    Attributes:
        prompt: Its place in the comparison.
        text: What was asked.
        answers: The whole answers in the order in which they are shown; a vote names places in it.
            Targets that gave none are not among them; empty while one is still to come.
        targets: Who gave them, in that order; None before the vote.
        vote: The vote on it, or None.
    """

    prompt: int
    text: str
    answers: tuple[str, ...]
    targets: tuple[Target, ...] | None = None
    vote: Vote | None = None

    @property
    def can_vote(self) -> bool:
        """Whether there is something to choose from."""
        return len(self.answers) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindView:
    """A comparison of which some names are still hidden.

    Attributes:
        id: Its row, for `vote`. uid: its name.
        waiting: Prompts that can be voted on and are not.
    """

    id: int
    uid: str
    started_at: str
    state: str
    workload: str | None
    targets: int
    prompts: tuple[BlindPrompt, ...]

    @property
    def waiting(self) -> int:
        """How many prompts still wait for a vote."""
        return sum(one.can_vote and one.targets is None for one in self.prompts)


View = SideBySide | BlindView


def view_of(side: SideBySide) -> View:
    """A comparison as it may be shown: with names once none is hidden."""
    if side.is_open:
        return side
    record = side.record
    return BlindView(
        id=record.id,
        uid=record.uid,
        started_at=record.started_at,
        state=record.state,
        workload=side.plan.workload,
        targets=len(side.plan.targets),
        prompts=tuple(blind_prompt(side, number) for number in range(len(side.plan.prompts))),
    )


def blind_prompt(side: SideBySide, prompt: int) -> BlindPrompt:
    """One prompt as it may be shown."""
    # Not one answer before the last: who is first is soon known.
    order = side.order(prompt) if side.is_over(prompt) else ()
    texts = {a.target: a.run.answer for a in side.of_prompt(prompt) if a.run is not None}
    return BlindPrompt(
        prompt=prompt,
        text=side.plan.prompts[prompt].text,
        answers=tuple(texts[target] for target in order),
        targets=None if side.hidden(prompt) else tuple(side.plan.targets[t] for t in order),
        vote=side.vote_on(prompt),
    )


async def view(history: History, row: int) -> View | None:
    """One comparison as it may be shown; None where it is gone."""
    side = await history.side_by_side(row)
    return None if side is None else view_of(side)


async def vote(history: History, row: int, *, prompt: int, best: Collection[int]) -> View:
    """Keep a judgement on the answers to a prompt; the comparison with what may be shown then.

    Args:
        best: Places in the order in which the answers are shown (`BlindPrompt.answers`, or
            `SideBySide.order`): of the best one, of several that are equally good, or of none
            where no answer is good.

    Raises:
        BadInput: there is no such comparison, or there are no such answers to choose from.
    """
    chosen = tuple(best)
    await history.transact(lambda c: side_by_sides_kept.vote(c, row, prompt=prompt, best=chosen))
    found = await view(history, row)
    assert found is not None, "it was voted on a moment ago"
    return found


async def reveal(history: History, row: int) -> View | None:
    """Show the names although not every prompt has its vote; votes from here on are not blind."""
    await history.transact(lambda c: side_by_sides_kept.reveal(c, row))
    return await view(history, row)
