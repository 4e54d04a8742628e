"""Which answer people found best: what votes add up to, and what they say of a workload's quality.

A vote names the targets whose answers were the best: one, several (a tie between them), or none
(no answer was good). Only a vote that was cast before the names were shown is evidence; others are
kept and counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from landfall.core.errors import BadInput
from landfall.core.quality.paired_tests import GateResult, Pairs, gate, sign_test, wilson
from landfall.core.side_by_side.side_by_side import Target, is_local
from landfall.core.workload.workload import Workload

LOOKS = 3
"""Votes come in one by one, and whoever votes sees the verdict meanwhile: the gate over them is as
strict as one that is read three times, the most for which `quality.Z_OF_LOOKS` is simulated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One judgement on the answers to one prompt.

    Attributes:
        id: Row number, 0 before it is stored. uid: its name in every file.
        voted_at: ISO 8601, UTC.
        side_by_side: The uid of the comparison, which may be deleted meanwhile.
        prompt: Its place in the comparison.
        prompt_key: A digest of the prompt, so that a prompt that was asked again counts once.
        workload: The workload that it is evidence for, or None.
        blind: Whether it was cast before the names were shown.
        targets: Those whose answers were compared; one that gave no answer is not among them.
        best: Places in `targets`; none where no answer was good.
    """

    id: int = 0
    uid: str = ""
    voted_at: str = ""
    side_by_side: str = ""
    prompt: int = 0
    prompt_key: str = ""
    workload: str | None = None
    blind: bool
    targets: tuple[Target, ...]
    best: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.targets) < 2:
            raise BadInput("A vote needs two answers to compare.", field="targets")
        if len(set(self.best)) < len(self.best) or not set(self.best) <= set(
            range(len(self.targets))
        ):
            raise BadInput("A vote names answers that there are, each once.", field="best")

    @property
    def tie(self) -> bool:
        """Whether several answers were equally good, and the best."""
        return len(self.best) > 1

    @property
    def none_good(self) -> bool:
        """Whether no answer was good."""
        return not self.best

    def place_of(self, target: Target) -> int | None:
        """The place of a model among those compared; None where it was not."""
        return next((n for n, one in enumerate(self.targets) if one.is_same(target)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one target fared.

    Attributes:
        wins: Votes that found it best alone; ties: best together with others.
        losses: Another was best. none: no answer was good.
        win_share: Of the votes it was in, with Wilson's 95 % interval.
        win_or_tie_share: The same with ties.
    """

    target: Target
    votes: int
    wins: int
    ties: int
    losses: int
    none: int
    win_share: float
    win_interval: tuple[float, float]
    win_or_tie_share: float
    win_or_tie_interval: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duel:
    """Two targets over the votes that both were in.

    Attributes:
        first_wins: Votes in which only the first was among the best.
        ties: Both were among the best. neither: no answer at all was good.
        open: A third was best and the vote says nothing of these two.
        p: Two-sided exact p of the sign test over the votes that prefer one.
    """

    first: Target
    second: Target
    first_wins: int
    second_wins: int
    ties: int
    neither: int
    open: int
    p: float

    @property
    def votes(self) -> int:
        """The votes that say something of these two."""
        return self.first_wins + self.second_wins + self.ties + self.neither

    def pairs(self) -> Pairs:
        """The first as the candidate, the second as what it is held against."""
        return Pairs(
            local_only=self.first_wins,
            cloud_only=self.second_wins,
            both=self.ties,
            neither=self.neither,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What votes add up to. Targets in the order in which they first appear.

    Attributes:
        votes: How many; `ties` found several best, `none_good` none.
        duels: Each two targets that were compared at least once.
    """

    votes: int
    ties: int
    none_good: int
    standings: tuple[Standing, ...]
    duels: tuple[Duel, ...]


def tally(votes: Iterable[Vote]) -> Tally:
    """Add up the votes given. Blind and other votes are told apart first: see `blind_ones`."""
    cast = tuple(votes)
    targets = _targets(cast)
    duels = (duel(first, second, cast) for first, second in combinations(targets, 2))
    return Tally(
        votes=len(cast),
        ties=sum(vote.tie for vote in cast),
        none_good=sum(vote.none_good for vote in cast),
        standings=tuple(_standing(target, cast) for target in targets),
        duels=tuple(one for one in duels if one.votes + one.open),
    )


def blind_ones(votes: Iterable[Vote]) -> tuple[tuple[Vote, ...], tuple[Vote, ...]]:
    """The votes that were cast blind, and those that were not."""
    cast = tuple(votes)
    return tuple(v for v in cast if v.blind), tuple(v for v in cast if not v.blind)


def _targets(votes: Sequence[Vote]) -> tuple[Target, ...]:
    found: list[Target] = []
    for vote in votes:
        found += [
            target for target in vote.targets if not any(target.is_same(one) for one in found)
        ]
    return tuple(found)


def _standing(target: Target, votes: Sequence[Vote]) -> Standing:
    seen = [(vote, place) for vote in votes if (place := vote.place_of(target)) is not None]
    wins = sum(vote.best == (place,) for vote, place in seen)
    ties = sum(vote.tie and place in vote.best for vote, place in seen)
    none = sum(vote.none_good for vote, _ in seen)
    count = len(seen)
    return Standing(
        target=target,
        votes=count,
        wins=wins,
        ties=ties,
        losses=count - wins - ties - none,
        none=none,
        win_share=wins / count,
        win_interval=wilson(wins, count),
        win_or_tie_share=(wins + ties) / count,
        win_or_tie_interval=wilson(wins + ties, count),
    )


def duel(first: Target, second: Target, votes: Iterable[Vote]) -> Duel:
    """Two targets over the votes that both were in."""
    counts = {"first": 0, "second": 0, "ties": 0, "neither": 0, "open": 0}
    for vote in votes:
        places = vote.place_of(first), vote.place_of(second)
        if None not in places:
            counts[_outcome(vote, places[0] in vote.best, places[1] in vote.best)] += 1
    return Duel(
        first=first,
        second=second,
        first_wins=counts["first"],
        second_wins=counts["second"],
        ties=counts["ties"],
        neither=counts["neither"],
        open=counts["open"],
        p=sign_test(counts["first"], counts["second"]),
    )


def _outcome(vote: Vote, first: bool, second: bool) -> str:
    if first and second:
        return "ties"
    if first or second:
        return "first" if first else "second"
    return "neither" if vote.none_good else "open"


# The quality evidence of a workload


@dataclass(frozen=True, slots=True, kw_only=True)
class VotedPairs:
    """What the votes of a workload say of its candidates against today's model.

    Attributes:
        local: Of the local candidate `local_model`; None where no vote compares it.
        hosted: Of the hosted candidate `hosted_model`.
        hosted_target: The same as a target.
        failed: Local candidates that failed while others may still do, as the workload names them.
        named: Votes that were cast with the names shown: kept, and no evidence.
    """

    local: Pairs | None = None
    hosted: Pairs | None = None
    local_model: str = ""
    hosted_model: str = ""
    hosted_target: Target | None = None
    failed: tuple[str, ...] = ()
    named: int = 0

    def candidates(self, named: tuple[str, ...]) -> tuple[str, ...]:
        """The local candidates of which the votes speak: no machine is weighed with another."""
        if self.local is not None:
            return tuple(name for name in named if name == self.local_model) or named
        return tuple(name for name in named if name not in self.failed)

    @property
    def says(self) -> str:
        """How many blind votes there are on which candidate, in words; "" where there are none."""
        counts = ((self.local_model, self.local), (self.hosted_model, self.hosted))
        told = (
            f"{pairs.prompts} blind {'vote' if pairs.prompts == 1 else 'votes'} on {model}"
            for model, pairs in counts
            if pairs is not None
        )
        return ", ".join(told)


NO_VOTES = VotedPairs()
"""Nobody voted."""


def pairs_of(votes: Iterable[Vote], workload: Workload) -> VotedPairs:
    """Votes as pairs of the gate: the candidate's answer and that of today's model.

    Best, alone or with others, counts as right. Where a third was best a vote says nothing of the
    two and is left out; of several votes on one prompt the latest counts. The gate is per
    candidate: of the candidates that the workload names one stands for a side, the first that
    passes, else the first that has not failed, else the first; where that one was not voted on
    there is no evidence. A side of which the workload states a result is left out: that decides.
    """
    own = [vote for vote in votes if vote.workload == workload.name]
    blind, named = blind_ones(own)
    today = Target(provider=workload.today.provider, model=workload.today.model)
    locals_ = [Target(model=name) for name in workload.candidates.local]
    hosted = [Target(provider=c.provider, model=c.model) for c in workload.candidates.hosted]
    has_local, has_hosted = _stated(workload)
    here = [] if has_local else [one for one in locals_ if is_local(one)]
    local, failed = _standing_for(here, today, blind, workload.margin)
    other, _ = _standing_for([] if has_hosted else hosted, today, blind, workload.margin)
    return VotedPairs(
        local=local.pairs() if local else None,
        hosted=other.pairs() if other else None,
        local_model=local.first.name if local else "",
        hosted_model=other.first.name if other else "",
        hosted_target=other.first if other else None,
        failed=() if local else tuple(one.name for one in failed),
        named=len(named),
    )


def _stated(workload: Workload) -> tuple[bool, bool]:
    """Whether the workload states a result of its local, and of its hosted candidate."""
    quality, untold = workload.quality, (None, GateResult.UNMEASURED)
    return (
        quality.pairs is not None or quality.gate not in untold,
        quality.pairs_hosted is not None or quality.gate_hosted not in untold,
    )


def with_votes(workload: Workload, voted: VotedPairs) -> Workload:
    """The workload with what was voted as its quality evidence, where nothing is stated.

    A vote on the local candidate says nothing of the hosted one: that stays unmeasured. The gate is
    read as often as `LOOKS` says.
    """
    quality = workload.quality
    has_local, has_hosted = _stated(workload)
    if voted.local is not None and not has_local:
        gate_hosted = quality.gate_hosted or GateResult.UNMEASURED
        quality = replace(quality, pairs=replace(voted.local, looks=LOOKS), gate_hosted=gate_hosted)
    if voted.hosted is not None and not has_hosted:
        quality = replace(quality, pairs_hosted=replace(voted.hosted, looks=LOOKS))
    return workload if quality is workload.quality else replace(workload, quality=quality)


def _standing_for(
    candidates: Sequence[Target], today: Target, votes: Sequence[Vote], margin: float
) -> tuple[Duel | None, list[Target]]:
    """The duel of the candidate that stands for a side with today's model, None where nobody voted
    on it; and the candidates that failed."""
    if not today.provider or not candidates:
        return None, []
    duels = [_duel_with(one, today, votes) for one in candidates]
    states = [
        gate(replace(one.pairs(), looks=LOOKS), margin).result if one.votes else None
        for one in duels
    ]
    judged = list(zip(duels, states, strict=True))
    passed = [one for one, state in judged if state is GateResult.PASS]
    open_ = [one for one, state in judged if state is not GateResult.FAIL]
    failed = [one.first for one, state in judged if state is GateResult.FAIL]
    found = (passed or open_ or duels)[0]
    return found if found.votes else None, failed


def _duel_with(candidate: Target, today: Target, votes: Sequence[Vote]) -> Duel:
    both = [v for v in votes if None not in (v.place_of(candidate), v.place_of(today))]
    return duel(candidate, today, _latest_of_each(both))


def _latest_of_each(votes: Sequence[Vote]) -> tuple[Vote, ...]:
    """The latest vote on each prompt: one that was asked again counts once."""
    ordered = sorted(votes, key=_when)
    return tuple(
        {vote.prompt_key or (vote.side_by_side, vote.prompt): vote for vote in ordered}.values()
    )


def _when(vote: Vote) -> tuple[str, int]:
    return vote.voted_at, vote.id
