"""Two answers to a prompt become an outcome, and what waits for a label has an order."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from landfall.core.quality.gate import Label
from landfall.core.quality.judge import FEWEST_LABELS, Ballot
from landfall.core.quality.scoring import Options
from landfall.core.quality.sets import QualityPrompt
from landfall.core.side_by_side.side_by_side import Target
from landfall.services.quality.pairing import (
    ballots_of,
    differing,
    open_pairs,
    outcomes_of,
    your_labels,
)
from landfall.services.quality.plan import Candidate, QualityPlan, Side
from landfall.services.quality.records import (
    JUDGE,
    YOU,
    QualityAnswer,
    QualityLabel,
    QualityRecord,
    QualityRun,
)
from tests.services.quality.conftest import plan

AT = "2026-11-20T08:00:00+00:00"
J1, J2 = f"{JUDGE}one", f"{JUDGE}two"


def label(
    place: int, said: Label, *, by: str = YOU, swapped: bool = False, side: Candidate = "local"
) -> QualityLabel:
    return QualityLabel(place=place, side=side, by=by, swapped=swapped, label=said, labelled_at=AT)


def run_of(
    asked: QualityPlan,
    texts: Mapping[tuple[int, Side], str | None],
    *labels: QualityLabel,
) -> QualityRun:
    record = QualityRecord(
        uid="u", started_at=AT, changed_at=AT, title="", workload=None, plan=asked.as_json()
    )
    answers = tuple(
        QualityAnswer(place=place, side=side, answered_at=AT, text=text)
        for (place, side), text in texts.items()
    )
    return QualityRun(record=record, plan=asked, answers=answers, labels=labels)


def both(*pairs: tuple[str | None, str | None]) -> dict[tuple[int, Side], str | None]:
    """The answers of both sides, by the place of their prompt."""
    told: dict[tuple[int, Side], str | None] = {}
    for place, (local, other) in enumerate(pairs):
        told[place, "local"], told[place, "incumbent"] = local, other
    return told


def test_that_answers_are_scored_where_the_metric_can() -> None:
    run = run_of(plan("yes", "yes"), both(("yes", "no"), ("no", "yes")))
    first, second = outcomes_of(run, "local", run.plan.order, {0: Label.OTHER})
    assert (first.local, first.other, first.same) == (1.0, 0.0, False), "a label changes no score"
    assert (second.local, second.other) == (0.0, 1.0)
    assert not first.is_open


def test_that_a_pattern_of_the_users_own_is_tried_on_both_answers() -> None:
    options = Options(pattern="^y")
    run = run_of(plan(None, metric="regex", options=options), both(("yes", "no")))
    (only,) = outcomes_of(run, "local", (0,), {})
    assert (only.local, only.other) == (1.0, 0.0)


def test_that_equal_answers_are_scored_too_and_known_as_equal() -> None:
    run = run_of(plan("yes"), both(("no", "no")))
    (only,) = outcomes_of(run, "local", (0,), {})
    assert (only.local, only.other, only.same) == (0.0, 0.0, True)


def test_that_without_a_score_the_label_counts_and_without_one_it_is_open() -> None:
    run = run_of(plan(None, None, None, metric="human"), both(("a", "b"), ("a", "b"), ("a", "a")))
    labels = {0: Label.LOCAL, 2: Label.OTHER}
    labelled, unlabelled, same = outcomes_of(run, "local", run.plan.order, labels)
    assert (labelled.local, labelled.other) == (1.0, 0.0)
    assert (unlabelled.is_open, unlabelled.same) == (True, False)
    assert (same.is_open, same.local, same.same) == (False, None, True), "nobody need say"
    assert differing(run, "local") == (0, 1)


def test_that_a_prompt_without_both_answers_has_no_outcome() -> None:
    run = run_of(plan("y", "y", "y", "y"), both(("y", "y"), (None, "y"), ("y", None)))
    assert [one.place for one in outcomes_of(run, "local", run.plan.order, {})] == [0]
    assert [one.place for one in outcomes_of(run, "local", (1, 2), {})] == []


def test_that_an_outcome_has_the_cluster_of_its_prompt_and_the_order_that_is_asked_for() -> None:
    prompts = tuple(
        QualityPrompt(place=place, prompt="?", expected="y", cluster=f"c{place}")
        for place in (2, 0, 1)
    )
    run = run_of(plan(prompts=prompts), both(("y", "y"), ("y", "n"), ("n", "y")))
    found = outcomes_of(run, "local", (2, 0, 1), {})
    assert [(one.place, one.cluster) for one in found] == [(2, "c2"), (0, "c0"), (1, "c1")]


def test_that_each_candidate_is_held_against_today_by_itself() -> None:
    hosted = Target(provider="openai", model="m-2")
    run = run_of(
        plan("y", hosted=hosted), {(0, "local"): "y", (0, "hosted"): "n", (0, "incumbent"): "n"}
    )
    assert [
        (one.local, one.other)
        for side in run.plan.candidates
        for one in outcomes_of(run, side, (0,), {})
    ] == [(1.0, 0.0), (0.0, 0.0)]


def test_that_the_latest_label_of_a_person_counts() -> None:
    labels = (
        label(0, Label.LOCAL),
        label(0, Label.OTHER),
        label(1, Label.BOTH, by=J1),
        label(2, Label.LOCAL, side="hosted"),
    )
    assert your_labels(labels, "local") == {0: Label.OTHER}
    assert your_labels(labels, "hosted") == {2: Label.LOCAL}


def test_that_the_judge_that_was_asked_last_counts_where_it_judged_in_both_orders() -> None:
    labels = (
        label(0, Label.LOCAL, by=J1),
        label(0, Label.LOCAL, by=J1, swapped=True),
        label(0, Label.OTHER, by=J2),
        label(1, Label.LOCAL, by=J2),
        label(1, Label.BOTH, by=J2, swapped=True),
        label(5, Label.LOCAL, by=J1, side="hosted"),
        label(1, Label.OTHER),
    )
    assert ballots_of(labels, "local") == {
        1: Ballot(place=1, local_first=Label.LOCAL, local_second=Label.BOTH)
    }
    assert ballots_of(labels[:2], "local") == {
        0: Ballot(place=0, local_first=Label.LOCAL, local_second=Label.LOCAL)
    }
    assert ballots_of((), "local") == {}


def test_that_what_nobody_labelled_comes_first_in_the_order_in_which_it_was_asked() -> None:
    prompts = tuple(QualityPrompt(place=place, prompt="?") for place in (3, 1, 0, 2))
    pairs = both(*[("a", "b")] * 4)
    judged = [
        label(place, Label.LOCAL, by=J1, swapped=s) for place in (1, 2) for s in (False, True)
    ]
    run = run_of(plan(prompts=prompts, metric="human"), pairs, label(0, Label.BOTH), *judged)
    waiting, done = open_pairs(run)
    assert waiting == ((3, "local"), (1, "local"), (2, "local"))
    assert done == 1


@pytest.mark.parametrize(("yours", "wanted"), [(0, 30), (10, 20), (29, 1), (30, 0), (35, 0)])
def test_that_as_many_of_a_judges_are_labelled_as_tell_how_often_it_errs(
    yours: int, wanted: int
) -> None:
    assert FEWEST_LABELS == 30
    count = 40
    judged = [
        label(place, Label.LOCAL, by=J1, swapped=swapped)
        for place in range(count)
        for swapped in (False, True)
    ]
    mine = [label(place, Label.LOCAL) for place in range(yours)]
    run = run_of(plan(*[None] * count, metric="judge"), both(*[("a", "b")] * count), *judged, *mine)
    waiting, done = open_pairs(run)
    assert done == yours
    assert waiting == tuple((place, "local") for place in range(yours, yours + wanted))
