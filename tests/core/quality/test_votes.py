"""Votes: what they add up to, and what they say of the quality of a workload's candidates."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.quality.paired_tests import GateResult, Pairs
from landfall.core.quality.votes import (
    LOOKS,
    NO_VOTES,
    Vote,
    VotedPairs,
    _outcome,
    blind_ones,
    duel,
    pairs_of,
    tally,
    with_votes,
)
from landfall.core.side_by_side.side_by_side import Target
from landfall.core.workload.gates import gate_of_hosted, gate_of_local
from landfall.core.workload.workload import (
    Candidates,
    HostedCandidate,
    Quality,
    Task,
    Today,
    Workload,
)

LOCAL = Target(model="qwen3:8b")
CLOUD = Target(provider="openai", model="m-1")
HOSTED = Target(provider="groq", model="m-2")
WORK = Workload(
    name="Mail",
    task=Task.CLASSIFICATION,
    today=Today(provider="openai", model="m-1"),
    candidates=Candidates(
        local=("qwen3:8b",), hosted=(HostedCandidate(provider="groq", model="m-2"),)
    ),
)
_number = iter(range(10**9))


def vote(*best: int, targets: tuple[Target, ...] = (LOCAL, CLOUD), **more: object) -> Vote:
    values: dict[str, object] = {"workload": "Mail", "blind": True, "prompt": next(_number)}
    return Vote(targets=targets, best=best, **values | more)  # type: ignore[arg-type]


def test_that_forty_votes_give_the_shares_and_the_p_of_the_reference_case() -> None:
    votes = [vote(1)] * 21 + [vote(0)] * 12 + [vote(0, 1)] * 7
    found = tally(votes)
    (one,) = found.duels
    assert (found.votes, found.ties, found.none_good) == (40, 7, 0)
    assert one.p == pytest.approx(0.163, abs=0.0005)
    local = found.standings[0]
    assert local.target == LOCAL
    assert local.win_or_tie_share == 0.475
    assert local.win_or_tie_interval == pytest.approx((0.329, 0.625), abs=0.0005)
    assert (local.wins, local.ties, local.losses, local.none) == (12, 7, 21, 0)


def test_that_a_third_that_wins_says_nothing_of_the_other_two() -> None:
    three = (LOCAL, CLOUD, HOSTED)
    found = duel(
        LOCAL, CLOUD, [vote(2, targets=three), vote(targets=three), vote(0, 2, targets=three)]
    )
    assert (found.open, found.neither, found.first_wins, found.votes) == (1, 1, 1, 2)
    assert found.pairs() == Pairs(local_only=1, cloud_only=0, both=0, neither=1)
    far = tally([vote(0), vote(0, targets=(HOSTED, Target(model="other:1b")))])
    assert len(far.duels) == 2


@given(st.lists(st.sampled_from([(), (0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)]), min_size=1))
def test_that_every_vote_is_counted_once_for_each_target(cast: list[tuple[int, ...]]) -> None:
    found = tally([vote(*best, targets=(LOCAL, CLOUD, HOSTED)) for best in cast])
    for one in found.standings:
        assert one.wins + one.ties + one.losses + one.none == one.votes == len(cast)
        assert one.win_interval[0] <= one.win_share <= one.win_interval[1]
    for two in found.duels:
        assert two.votes + two.open == len(cast)


@pytest.mark.parametrize(
    ("targets", "best"), [((LOCAL,), (0,)), ((LOCAL, CLOUD), (2,)), ((LOCAL, CLOUD), (0, 0))]
)
def test_that_a_vote_on_answers_that_are_not_there_is_refused(
    targets: tuple[Target, ...], best: tuple[int, ...]
) -> None:
    with pytest.raises(BadInput):
        vote(*best, targets=targets)


def test_that_blind_votes_alone_are_evidence() -> None:
    cast = [
        vote(0),
        vote(1),
        vote(0, blind=False),
        vote(0, workload="Other"),
        vote(0, workload=None),
    ]
    assert [len(part) for part in blind_ones(cast)] == [4, 1]
    found = pairs_of(cast, WORK)
    assert found.local == Pairs(local_only=1, cloud_only=1, both=0, neither=0)
    assert (found.local_model, found.named, found.hosted) == ("qwen3:8b", 1, None)
    assert found.says == "2 blind votes on qwen3:8b"


def test_that_a_prompt_asked_again_counts_once_and_the_latest_vote_holds() -> None:
    cast = [
        vote(1, prompt_key="a", voted_at="2026-01-01"),
        vote(0, prompt_key="a", voted_at="2026-01-02"),
        vote(0, prompt_key="a", voted_at="2026-01-03", targets=(CLOUD, HOSTED)),
    ]
    found = pairs_of(reversed(cast), WORK)
    assert found.local == Pairs(local_only=1, cloud_only=0, both=0, neither=0)
    assert found.hosted == Pairs(local_only=0, cloud_only=1, both=0, neither=0)
    assert found.says == "1 blind vote on qwen3:8b, 1 blind vote on groq:m-2"


def test_that_a_model_that_the_workload_does_not_name_is_no_evidence() -> None:
    cast = [vote(0)]
    for candidates in (
        Candidates(),
        Candidates(local=("llama3:8b",)),
        Candidates(local=("qwen3:8b:cloud",)),
    ):
        assert pairs_of(cast, replace(WORK, candidates=candidates)) == NO_VOTES
    assert pairs_of(cast, replace(WORK, today=Today())) == NO_VOTES


def voted(won: int, lost: int, both: int) -> Pairs:
    return Pairs(local_only=won, cloud_only=lost, both=both, neither=0)


def test_that_votes_decide_the_gate_where_nothing_is_stated() -> None:
    found = VotedPairs(local=voted(20, 1, 180), hosted=voted(0, 60, 40))
    judged = with_votes(WORK, found)
    assert (gate_of_local(judged), gate_of_hosted(judged)) == (GateResult.PASS, GateResult.FAIL)
    assert with_votes(WORK, NO_VOTES) is WORK


def test_that_votes_on_the_local_candidate_leave_the_hosted_one_unmeasured() -> None:
    judged = with_votes(WORK, VotedPairs(local=voted(0, 60, 40)))
    assert gate_of_local(judged) is GateResult.FAIL
    assert gate_of_hosted(judged) is GateResult.UNMEASURED


def test_that_votes_have_to_say_more_than_prompts_that_were_run_at_once() -> None:
    once = replace(WORK, quality=Quality(pairs=voted(0, 0, 100), pairs_hosted=voted(0, 0, 100)))
    seen = with_votes(WORK, VotedPairs(local=voted(0, 0, 100), hosted=voted(0, 0, 100)))
    more = with_votes(WORK, VotedPairs(local=voted(0, 0, 140), hosted=voted(0, 0, 140)))
    assert (gate_of_local(once), gate_of_hosted(once)) == (GateResult.PASS,) * 2
    assert (gate_of_local(seen), gate_of_hosted(seen)) == (GateResult.INCONCLUSIVE,) * 2
    assert (gate_of_local(more), gate_of_hosted(more)) == (GateResult.PASS,) * 2


def test_that_a_gate_stated_as_unmeasured_is_measured_by_votes() -> None:
    said = Quality(gate=GateResult.UNMEASURED, gate_hosted=GateResult.UNMEASURED)
    judged = with_votes(replace(WORK, quality=said), VotedPairs(local=voted(20, 1, 180)))
    assert gate_of_local(judged) is GateResult.PASS
    assert gate_of_hosted(judged) is GateResult.UNMEASURED


def test_that_what_the_user_states_stands_above_votes() -> None:
    found = VotedPairs(local=voted(0, 60, 40), hosted=voted(0, 60, 40))
    stated = replace(WORK, quality=Quality(gate=GateResult.PASS, gate_hosted=GateResult.PASS))
    assert with_votes(stated, found) is stated
    local = replace(WORK, quality=Quality(gate_hosted=GateResult.PASS))
    judged = with_votes(local, found)
    assert (gate_of_local(judged), gate_of_hosted(judged)) == (GateResult.FAIL, GateResult.PASS)


SECOND = Target(model="qwen3:4b")
TWO = replace(WORK, candidates=replace(WORK.candidates, local=("qwen3:8b", "qwen3:4b")))


def on(candidate: Target, won: int, lost: int, both: int) -> list[Vote]:
    targets = (candidate, CLOUD)
    cast = [(0,)] * won + [(1,)] * lost + [(0, 1)] * both
    return [vote(*best, targets=targets) for best in cast]


def test_that_votes_on_the_second_candidate_are_its_own_and_no_others() -> None:
    passes = pairs_of(on(SECOND, 20, 1, 180), TWO)
    assert passes.local_model == "qwen3:4b"
    assert passes.candidates(TWO.candidates.local) == ("qwen3:4b",)
    open_ = pairs_of(on(SECOND, 1, 1, 3), TWO)
    assert (open_.local, open_.failed) == (None, ())
    assert open_.candidates(TWO.candidates.local) == TWO.candidates.local
    fails = pairs_of(on(SECOND, 0, 60, 40), TWO)
    assert (fails.local, fails.failed) == (None, ("qwen3:4b",))
    assert fails.candidates(TWO.candidates.local) == ("qwen3:8b",)


def test_that_the_first_candidate_that_passes_stands_for_the_others() -> None:
    cast = [*on(LOCAL, 0, 60, 40), *on(SECOND, 20, 1, 180)]
    found = pairs_of(cast, TWO)
    assert (found.local_model, found.failed) == ("qwen3:4b", ())
    both = pairs_of([*on(LOCAL, 0, 60, 40), *on(SECOND, 0, 60, 40)], TWO)
    assert both.local_model == "qwen3:8b"
    assert both.local == voted(0, 60, 40)


def test_that_votes_say_nothing_where_the_workload_states_a_result() -> None:
    said = replace(TWO, quality=Quality(gate=GateResult.PASS))
    found = pairs_of(on(SECOND, 20, 1, 180), said)
    assert (found.local, found.local_model) == (None, "")
    assert found.candidates(TWO.candidates.local) == TWO.candidates.local


def test_that_a_vote_for_neither_of_two_says_whether_none_was_good() -> None:
    assert _outcome(vote(), False, False) == "neither"
    assert _outcome(vote(2, targets=(LOCAL, CLOUD, SECOND)), False, False) == "open"
    assert _outcome(vote(0), True, False) == "first"
    assert _outcome(vote(1), False, True) == "second"
    assert _outcome(vote(0, 1), True, True) == "ties"


def test_that_a_vote_that_says_no_more_has_no_row_no_name_and_no_work() -> None:
    one = Vote(blind=True, targets=(Target(model="a"), Target(model="b")), best=(0,))
    assert (one.id, one.uid, one.voted_at, one.side_by_side, one.prompt) == (0, "", "", "", 0)
    assert (one.prompt_key, one.workload, one.tie, one.none_good) == ("", None, False, False)
    assert LOOKS == 3
