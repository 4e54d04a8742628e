"""A quality run: each answer a run, once, within what was agreed to and the workload's rule."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from landfall.core.errors import BadInput, BudgetExceeded, PrivacyBlocked, ServerBusy, ServerRefused
from landfall.core.quality.paired_tests import GateResult
from landfall.core.run import long_wait
from landfall.core.side_by_side.side_by_side import Target
from landfall.services.cloud.budget import Consent
from landfall.services.quality import kept
from landfall.services.quality.asking_again import worth_another
from landfall.services.quality.events import (
    QualityBegun,
    QualityFailed,
    QualityGoesOn,
    QualityLook,
    QualityProgress,
    QualityWaits,
)
from landfall.services.quality.gate_report import report_of
from landfall.services.quality.running import most_it_costs, run_quality
from landfall.services.run.answering import Ask, Turn
from tests.fakes.asked_places import OTHER, PAID, PAID_TOO, SMALL
from tests.fakes.cloud_api import CUT, Chunk, Reply, openai_answer, refuse, stream
from tests.fakes.ollama_faults import Fault
from tests.fakes.speakers import speaker
from tests.services.quality.conftest import World, another_program, over, plan, prompts

LOCAL_RIGHT, TODAY_RIGHT = "Small says", "Hello"


async def test_that_every_answer_is_a_run_and_the_counts_are_the_truth(world: World) -> None:
    both = '["Hello", "Small says"]'
    asked = plan(LOCAL_RIGHT, TODAY_RIGHT, TODAY_RIGHT, both, "nothing")
    most = await most_it_costs(lambda: world.access, asked)
    events = await world.run(asked, usd_max=most.usd)
    assert isinstance(events[0], QualityBegun)
    assert (events[0].of, events[0].done) == (10, 0)
    report = over(events)
    (candidate,) = report.candidates
    pairs = candidate.reading.pairs
    assert pairs is not None
    assert (pairs.local_only, pairs.cloud_only, pairs.both, pairs.neither) == (1, 2, 1, 1)
    assert candidate.reading.state is GateResult.INCONCLUSIVE
    assert (report.answered, report.errors) == (
        {"local": 5, "incumbent": 5},
        {"local": 0, "incumbent": 0},
    )
    run = await world.only()
    assert run.record.state == "done"
    assert run.record.result is not None
    told = json.loads(json.dumps(report.as_json()))
    assert run.record.result == told | {"read_at": run.record.result["read_at"]}
    assert (run.record.asked, run.record.answered) == (10, 10)
    runs = {one.uid: one for one in await world.history.runs()}
    assert len(runs) == 10
    for answer in run.answers:
        assert runs[answer.run].answer == answer.text
        assert answer.done_reason == "stop"
    assert 0 < report.cost_usd < most.usd
    assert report.cost_usd == pytest.approx(await world.history.spent_usd("2000-01-01"))
    assert {entry.why for entry in await world.history.egress()} == {"quality run"}


async def test_that_a_wait_for_an_answer_is_told_of(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_wait, "FIRST_SECONDS", 0.1)
    world.twin.faults.append(Fault("stall", after=0, seconds=2.0))
    events = await world.run(plan("Hello"))
    *_, waits = (one for one in events if isinstance(one, QualityWaits))
    assert (waits.waiting.model, waits.waiting.in_memory) == ("small:latest", True)
    assert events[events.index(waits) + 1] == QualityGoesOn("small:latest")
    assert over(events).answered["local"] == 1


async def test_that_options_are_explicit_and_thinking_is_off_where_it_can_be(world: World) -> None:
    thinker = speaker("thinker:latest", ("Small says",), capabilities=("completion", "thinking"))
    world.twin.recorded_models[thinker.name.short] = thinker
    asked = plan("x", local=Target(model="thinker:latest"), incumbent=OTHER, seed=5, system="Be.")
    await world.run(asked)
    bodies = [one.json() for one in world.twin.server.requests if one.path == "/api/chat"]
    for body in bodies:
        options = body["options"]
        assert (options["num_ctx"], options["num_predict"]) == (2048, 20)
        assert (options["temperature"], options["seed"]) == (0.0, 5)
        assert [one["role"] for one in body["messages"]] == ["system", "user"]
    assert [body.get("think") for body in bodies] == [False, None]


async def test_that_a_stopped_run_goes_on_with_what_is_missing_and_no_more(world: World) -> None:
    asked = plan(*["Hello"] * 6)
    events = run_quality(
        world.runs,
        lambda: world.access,
        asked,
        server_url=world.twin.url,
        consent=Consent(usd_max=1.0),
    )
    async with aclosing(events):
        async for event in events:
            if isinstance(event, QualityProgress) and event.done >= 4:
                break
    (record,) = await world.history.quality.unfinished()
    assert (record.state, record.can_resume) == ("aborted", True)
    run = await world.history.quality.get(record.uid)
    there = {(one.place, one.side) for one in run.answers if one.text is not None}
    assert set(run.missing()).isdisjoint(there)
    most = await most_it_costs(lambda: world.access, run.plan, missing=run.missing())
    paid = [side for _, side in run.missing()].count("incumbent")
    whole = await most_it_costs(lambda: world.access, run.plan)
    assert most.usd == pytest.approx(whole.usd * paid / 6)

    events_after = await world.resume(record.uid, usd_max=most.usd)
    assert isinstance(events_after[0], QualityBegun)
    assert events_after[0].done >= len(there)  # one may have ended while it was stopped
    run = await world.only()
    assert run.record.state == "done"
    assert len(run.answers) == 12
    done = [one for one in await world.history.runs() if one.state == "done"]
    assert len(done) == 12


async def test_that_what_ended_just_before_a_kill_is_taken_over_and_the_rest_asked_anew(
    world: World,
) -> None:
    await world.run(plan("Hello", "Hello", incumbent=OTHER))
    run = await world.only()

    def cut(connection: Any) -> None:
        connection.execute("UPDATE quality_answers SET text = NULL, done_reason = NULL")
        connection.execute("UPDATE runs SET state = 'running' WHERE uid = ?", (run.answers[0].run,))
        connection.execute("UPDATE quality_runs SET state = 'running'")

    await world.history.transact(cut)
    assert await world.history.mark_interrupted() == 2
    (record,) = await world.history.quality.unfinished()
    assert record.state == "interrupted"
    before = world.chats
    await world.resume(run.record.uid)
    assert world.chats == before + 1
    again = await world.only()
    assert [one.text for one in again.answers] == [one.text for one in run.answers]
    assert again.answers[1:] == tuple(
        replace(one, answered_at=now.answered_at)
        for one, now in zip(run.answers[1:], again.answers[1:], strict=True)
    )


async def test_that_recorded_answers_stand_for_todays_model_and_cost_nothing(world: World) -> None:
    asked = plan("Hello", prompts=prompts("Hello", "no", incumbent="Hello"), incumbent=None)
    assert (await most_it_costs(lambda: world.access, asked)).usd == 0
    report = over(await world.run(asked, usd_max=0.0))
    assert report.answered == {"local": 2}
    pairs = report.candidates[0].reading.pairs
    assert pairs is not None
    assert (pairs.cloud_only, pairs.neither) == (1, 1)
    assert world.api.requests == []
    run = await world.only()
    assert (run.record.asked, run.record.answered) == (2, 2)


async def test_that_a_hosted_candidate_is_held_against_todays_model_too(world: World) -> None:
    report = over(await world.run(plan("Small says", "Hello", hosted=PAID_TOO)))
    local, hosted = report.of("local"), report.of("hosted")
    assert local is not None
    assert hosted is not None
    assert hosted.reading.pairs is not None
    assert (hosted.reading.pairs.both, hosted.reading.pairs.neither) == (1, 1)
    assert hosted.model == "openai:m-2"
    assert (local.digest != "", hosted.digest) == (True, "")


@pytest.mark.parametrize(
    ("more", "lock"),
    [
        ({"incumbent": PAID}, "local_only"),
        ({"incumbent": OTHER, "hosted": PAID}, "phi"),
        ({"local": Target(model="stub:latest", allow_remote=True), "incumbent": OTHER}, "nda"),
        ({"incumbent": Target(model="big:cloud", allow_remote=True)}, "contract_no_third_party"),
    ],
)
async def test_that_nothing_leaves_under_a_lock(
    world: World, more: dict[str, Any], lock: str
) -> None:
    await world.save(lock=lock)
    with pytest.raises(PrivacyBlocked):
        await world.run(plan("Hello", workload="Mine", **more))
    assert world.api.requests == []
    assert world.chats == 0
    assert await world.history.egress() == ()
    assert await world.history.quality.runs() == ()


async def test_that_nothing_is_sent_or_stored_beyond_what_was_agreed_to(world: World) -> None:
    with pytest.raises(BudgetExceeded):
        await world.run(plan("Hello"), usd_max=0.0)
    assert world.api.requests == []
    assert await world.history.quality.runs() == ()


async def test_that_errors_are_tried_again_counted_and_left_for_a_resume(world: World) -> None:
    world.api.default = refuse(400, "Not today.")
    events = await world.run(plan("Hello", "Hello"))
    failed = [one for one in events if isinstance(one, QualityFailed)]
    assert [(one.place, one.side) for one in failed] == [(0, "incumbent"), (1, "incumbent")]
    report = over(events)
    assert (report.errors["incumbent"], report.candidates[0].reading.prompts) == (2, 0)
    progress = [one for one in events if isinstance(one, QualityProgress)]
    assert (progress[-1].done, progress[-1].errors) == (4, 2)
    run = await world.only()
    assert run.record.state == "aborted"
    errors = [one.error or "" for one in run.answers if one.side == "incumbent"]
    assert ["Not today." in one for one in errors] == [True, True]
    world.api.default = None
    assert over(await world.resume(run.record.uid)).errors == {"local": 0, "incumbent": 0}


CUTS = (
    ([*openai_answer("Hel", "lo")[:2], CUT], "closed the connection in the middle"),
    (openai_answer("Hel", "lo")[:2], "the stream ended before the answer did"),
    ([b"this is no answer\n\n"], "what came is not the stream of an answer"),
)


@pytest.mark.parametrize(("body", "said"), CUTS)
async def test_that_what_a_connection_cut_is_no_answer_of_the_model(
    world: World, body: Sequence[Chunk], said: str
) -> None:
    """It was compared as one, as far as it had come, and the model called worse for it."""
    world.api.default = stream(body)
    report = over(await world.run(plan("Hello")))
    assert (report.answered["incumbent"], report.errors["incumbent"]) == (0, 1)
    assert report.candidates[0].reading.prompts == 0
    assert report.unpriced == 1, "what had begun may be charged for"
    run = await world.only()
    (cut,) = (one for one in run.answers if one.side == "incumbent")
    assert cut.text is None
    assert said in (cut.error or "")
    world.api.default = None
    after = over(await world.resume(run.record.uid))
    assert (after.answered["incumbent"], after.errors["incumbent"]) == (1, 0)
    assert after.unpriced == 1, "an answer that came later does not make the cut one free"


async def test_that_a_cut_that_may_be_charged_for_is_not_asked_again_by_itself(
    world: World,
) -> None:
    """Each try is charged, and what was agreed to counts each prompt once."""
    world.api.script.append(stream(CUTS[0][0]))
    report = over(await world.run(plan("Hello", "Hello")))
    assert (report.answered["incumbent"], report.errors["incumbent"]) == (1, 1)
    assert len(world.api.requests) == 2
    uid = (await world.only()).record.uid
    for cuts in (2, 3):
        world.api.script.append(stream(CUTS[1][0]))
        report = over(await world.resume(uid))
        assert (report.unpriced, len((await world.only()).may_be_charged)) == (cuts, cuts)
    after = over(await world.resume(uid))
    assert (after.answered["incumbent"], after.errors["incumbent"], after.unpriced) == (2, 0, 3)
    taken = await world.history.quality.delete(uid)
    assert taken is not None
    assert await world.history.runs() == (), "what came of the cut ones is gone too"
    await world.history.quality.put_back(taken)
    assert len((await world.only()).may_be_charged) == 3


async def test_that_a_connection_that_dies_before_the_answer_may_be_charged_for(
    world: World,
) -> None:
    world.api.default = Reply(200, [CUT])
    report = over(await world.run(plan("Hello")))
    assert len(world.api.requests) == 1
    assert report.unpriced == 1
    (cut,) = (one for one in (await world.only()).answers if one.side == "incumbent")
    assert "may be charged for" in (cut.error or "")


@pytest.mark.parametrize("status", [429, 503])
async def test_that_what_a_provider_turned_away_is_asked_again_and_costs_nothing(
    world: World, status: int
) -> None:
    world.api.script.extend([refuse(status, "Later.", retry_after="0")] * 5)
    report = over(await world.run(plan("Hello")))
    assert (report.answered["incumbent"], report.errors["incumbent"]) == (1, 0)
    assert report.unpriced == 0
    assert (await world.only()).may_be_charged == ()


async def test_that_an_answer_that_was_cut_on_an_own_machine_is_asked_for_again(
    world: World,
) -> None:
    world.twin.faults.append(Fault("cut", after=1))
    report = over(await world.run(plan("Hello", incumbent=OTHER)))
    assert (report.errors, report.unpriced) == ({"local": 0, "incumbent": 0}, 0)
    assert world.chats == 3


async def test_that_nobody_charges_for_a_cut_on_an_own_machine(world: World) -> None:
    await world.run(plan("Hello", incumbent=OTHER))
    run = await world.only()
    cut = [replace(one, text=None, error="It was cut.") for one in run.answers]
    old = replace(run, answers=tuple(cut))
    assert all(one.run for one in cut)
    assert old.may_be_charged == ()
    assert report_of(old).unpriced == 0


@pytest.mark.parametrize(
    "still",
    [stream([*openai_answer("Hel", "lo")[:2], 30.0]), Reply(after_seconds=30.0)],
    ids=["in the middle", "before the headers"],
)
async def test_that_what_was_under_way_when_a_run_was_stopped_may_be_charged_for(
    world: World, still: Reply
) -> None:
    world.api.default = still
    going = asyncio.create_task(world.run(plan("Hello")))
    await asyncio.wait_for(world.api.asked.wait(), 20)
    await asyncio.sleep(0.3)
    assert (await world.only()).may_be_charged == (), "it may still come"
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    run = await world.only()
    assert len(run.may_be_charged) == 1
    world.api.default = None
    assert over(await world.resume(run.record.uid)).unpriced == 1


async def test_that_a_run_ends_where_the_gate_is_decided(world: World) -> None:
    asked = plan(*["Hello"] * 12, looks=(8, 10, 12), margin=0.1)
    events = await world.run(asked)
    looks = [one.report for one in events if isinstance(one, QualityLook)]
    assert [(one.look, one.looks, one.prompts) for one in looks] == [(1, 3, 8)]
    assert looks[0].candidates[0].reading.state is GateResult.FAIL
    run = await world.only()
    assert run.record.state == "done"
    assert len(run.answers) == 16
    assert len(run.missing()) == 8


async def test_that_two_versions_of_a_model_are_not_mixed(world: World) -> None:
    world.api.default = refuse(400, "Not today.")
    await world.run(plan("Hello", local=SMALL))
    run = await world.only()
    number = run.record.id
    await world.history.transact(
        lambda c: c.execute("DELETE FROM quality_answers WHERE side = 'local'")
    )
    other = speaker("small:latest", ("New",))
    world.twin.recorded_models[other.name.short] = replace(other, digest="f" * 64)
    with pytest.raises(BadInput, match="not the model any more"):
        await world.resume(run.record.uid)
    assert (await world.only()).record.id == number


async def test_that_an_answer_that_is_there_is_never_replaced(world: World) -> None:
    await world.run(plan("Hello", incumbent=OTHER))
    run = await world.only()
    number, first = run.record.id, run.answers[0]
    await world.history.quality.begin_answer(number, place=0, side="local", run="late")
    late = replace(first, text="Late", run="late")
    await world.history.quality.finish_answer(number, late)
    assert (await world.only()).answers[0] == first


async def test_that_no_two_programs_ask_for_the_same_answers(world: World) -> None:
    world.api.default = refuse(400, "Not today.")
    await world.run(plan("Hello"))
    uid = (await world.only()).record.uid
    file = await world.history.transact(lambda c: c.execute("PRAGMA database_list").fetchone()[2])
    with another_program(Path(file)) as (_, theirs):
        await world.history.transact(
            lambda c: c.execute("UPDATE quality_runs SET owner = ?", (theirs,)).rowcount
        )
        with pytest.raises(BadInput, match="Another Landfall"):
            await world.resume(uid)
    world.api.default = None
    assert over(await world.resume(uid)).errors["incumbent"] == 0


async def test_that_a_run_is_deleted_with_its_texts_and_comes_back(world: World) -> None:
    await world.run(plan("Hello", "x"))
    run = await world.only()
    taken = await world.history.quality.delete(run.record.uid)
    assert taken is not None
    assert await world.history.quality.runs() == ()
    assert await world.history.runs() == ()
    assert await world.history.quality.delete(run.record.uid) is None
    with pytest.raises(BadInput, match="No quality run"):
        await world.history.quality.get(run.record.uid)
    await world.history.quality.put_back(taken)
    back = await world.only()
    assert replace(back, record=replace(back.record, id=run.record.id)) == run
    assert len(await world.history.runs()) == 4


def test_that_a_plan_without_sense_is_refused() -> None:
    for more, field in (
        ({"prompts": ()}, "prompts"),
        ({"prompts": prompts("a") * 2}, "prompts"),
        ({"local": None}, "local"),
        ({"local": PAID}, "local"),
        ({"hosted": SMALL}, "hosted"),
        ({"incumbent": SMALL}, "against"),
        ({"incumbent": None}, "against"),
        ({"margin": 3.0}, "margin"),
        ({"num_predict": 0}, "num_predict"),
        ({"looks": (2, 1)}, "looks"),
        ({"looks": (1,)}, "looks"),
    ):
        with pytest.raises(BadInput) as found:
            plan("a", "b", **more)
        assert found.value.field == field, more


def test_that_a_plan_is_read_back_as_it_was() -> None:
    asked = plan("a", "b", hosted=PAID_TOO, looks=(1, 2), title="t", workload="w", system="s")
    assert kept.QualityPlan.from_json(asked.as_json(), asked.prompts) == asked
    assert asked.ask_of(asked.prompts[0]) == Ask(
        turns=(Turn("system", "s"), Turn("user", "Question 0?")),
        context=2048,
        num_predict=20,
        workload="w",
        temperature=0.0,
        seed=1,
        think=False,
    )
    assert asked.template_digest != replace(asked, system="other").template_digest


@pytest.mark.parametrize("status", [None, 408, 503])
def test_that_a_server_that_is_busy_is_asked_again_also_where_a_stream_says_so(
    status: int | None,
) -> None:
    assert worth_another(ServerBusy("Server busy.", "", status=status), paid=False)
    assert worth_another(ServerBusy("Busy.", "", status=status), paid=True) is (status == 503)
    assert not worth_another(ServerRefused("No.", "", status=None), paid=False)
    busy = ServerBusy("Busy.", "", status=status, wait_seconds=3600.0)
    assert not worth_another(busy, paid=False)


async def test_that_a_provider_is_asked_again_when_it_said_and_not_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await real(min(seconds, 0.01))

    monkeypatch.setattr(asyncio, "sleep", sleep)
    world.api.script.append(refuse(429, "slow down", retry_after="40"))
    events = await world.run(plan("Hello"))
    report = over(events)
    assert (report.answered["incumbent"], report.errors["incumbent"]) == (1, 0)
    assert 40.0 in waits
    (told,) = (one for one in events if isinstance(one, QualityWaits))
    assert str(told.waiting) == "m-1 is asked again in 40 s, as its server said."
    assert QualityGoesOn("m-1") in events
