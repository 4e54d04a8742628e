"""The same prompts at several targets: each answer a run, as was agreed to, blind or not."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from landfall.core.errors import (
    AppError,
    BadInput,
    BudgetExceeded,
    DiskFull,
    KeyMissing,
    PrivacyBlocked,
)
from landfall.core.events import Piece, Sent
from landfall.core.side_by_side.side_by_side import Plan, Prompt, Target
from landfall.services.cloud.budget import Consent
from landfall.services.history.history import History
from landfall.services.history.importing import import_files
from landfall.services.history.records import SavedWorkload
from landfall.services.history.whole_export import export_history
from landfall.services.run.answering import Kept
from landfall.services.run.runs import Runs
from landfall.services.side_by_side import kept as side_by_sides_kept
from landfall.services.side_by_side.blind import BlindView, reveal, view, vote
from landfall.services.side_by_side.export import shown
from landfall.services.side_by_side.kept import SideBySide
from landfall.services.side_by_side.running import (
    SideBegun,
    SideBlind,
    SideEvent,
    SideFailed,
    SideKept,
    SideLane,
    SideProgress,
    most_it_costs,
    run_side_by_side,
)
from landfall.services.threads import in_thread
from tests.fakes.asked_places import OTHER, PAID, PAID_TOO, SMALL, AskedPlaces, asked_places
from tests.fakes.cloud_api import openai_answer, refuse, stream
from tests.fakes.kept_sides import side_by_sides
from tests.services.ollama.conftest import Live, live, real_server, tiny

__all__ = ["live", "real_server", "tiny"]  # fixtures

PROMPTS = (Prompt(name="1", text="Why?"), Prompt(name="2", text="How?"))
WORKLOAD = """
[workload]
name = "{name}"
task = "classification"
[volume]
calls_per_day = 10
[tokens]
input = 10
output = 10
[privacy]
class = "{lock}"
"""


def plan(*targets: Target, **more: object) -> Plan:
    values: dict[str, object] = {"prompts": PROMPTS, "targets": targets, "num_predict": 20}
    return Plan(**values | more)  # type: ignore[arg-type]


class World:
    """A server that answers, providers on loopback, and a history."""

    def __init__(self, places: AskedPlaces) -> None:
        self.history, self.twin = places.history, places.twin
        self.api, self.access = places.api, places.access
        self.runs = Runs(self.history)

    async def run(
        self,
        asked: Plan,
        *,
        usd_max: float = 1.0,
        unpriced: bool = False,
        server_url: str = "",
    ) -> list[SideEvent]:
        events = run_side_by_side(
            self.runs,
            lambda: self.access,
            asked,
            server_url=server_url or self.twin.url,
            consent=Consent(usd_max=usd_max, unpriced=unpriced),
        )
        async with aclosing(events):
            return [event async for event in events]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with asked_places(tmp_path) as places:
        yield World(places)


def kept(events: list[SideEvent]) -> SideBySide:
    last = events[-1]
    assert isinstance(last, SideKept)
    assert isinstance(last.view, SideBySide)
    return last.view


def failures(events: list[SideEvent]) -> dict[tuple[int, int], AppError]:
    return {(e.target, e.prompt): e.error for e in events if isinstance(e, SideFailed)}


async def test_that_every_answer_of_every_target_is_a_run_and_is_read_back(world: World) -> None:
    asked = plan(SMALL, PAID, OTHER, system="Be brief.")
    most = await most_it_costs(lambda: world.access, asked)
    assert [one.target for one in most.targets] == [1]
    events = await world.run(asked, usd_max=most.usd)
    assert isinstance(events[0], SideBegun)
    assert events[0].of == 6
    side = kept(events)
    assert side == await world.history.side_by_side(events[0].row)
    assert [(a.prompt, a.target, a.run and a.run.answer) for a in side.answers] == [
        (prompt, target, text)
        for prompt in range(2)
        for target, text in enumerate(("Small says", "Hello", "Other says"))
    ]
    assert side.record.state == "done"
    (listed,) = await side_by_sides(world.history)
    assert listed == side.record
    assert len(await world.history.runs()) == 6
    told = {(e.target, e.prompt): [] for e in events if isinstance(e, SideLane)}
    for event in events:
        if isinstance(event, SideLane) and isinstance(event.update, Piece):
            told[event.target, event.prompt].append(event.update.text)
    assert ["".join(told[target, 1]) for target in range(3)] == [
        "Small says",
        "Hello",
        "Other says",
    ]
    assert [e.done for e in events if isinstance(e, SideProgress)] == [1, 2, 3, 4, 5, 6]


async def test_that_a_summary_counts_tokens_and_money_of_all_prompts(world: World) -> None:
    side = kept(await world.run(plan(SMALL, PAID)))
    small, paid = side.summaries()
    assert (paid.answers, paid.failed) == (2, 0)
    assert paid.prompt_tokens.value == 18
    assert paid.cost_usd.value == pytest.approx(2 * (9 * 10 + 2 * 10) / 1e6)
    assert small.cost_usd.value is None
    assert small.cost_usd.missing == 2
    assert "energy" in small.cost_usd.reason
    assert small.ttft_p50_seconds.value is not None
    assert paid.gross_joules.reason


async def test_that_tokens_nobody_counted_are_marked_as_estimated(world: World) -> None:
    told = [part for part in openai_answer("Un", "counted") if b"usage" not in bytes(part)]  # type: ignore[arg-type]
    world.api.script.append(stream(told))
    (paid,) = kept(await world.run(plan(PAID))).summaries()
    assert paid.output_tokens.value is not None
    assert (paid.output_tokens.estimated, paid.cost_usd.estimated) == (1, 1)
    assert paid.ttft_p50_seconds.estimated == 0
    assert shown(paid.output_tokens, "{:.0f}").startswith("~")


async def test_that_nothing_is_sent_or_kept_above_what_was_agreed_to(world: World) -> None:
    asked = plan(SMALL, PAID)
    most = await most_it_costs(lambda: world.access, asked)
    with pytest.raises(BudgetExceeded, match="agreed were"):
        await world.run(asked, usd_max=most.usd * 0.99)
    with pytest.raises(BudgetExceeded, match="No price is known"):
        await world.run(plan(SMALL, Target(provider="openai", model="nobody-knows")))
    assert world.api.requests == []
    assert await side_by_sides(world.history) == await world.history.runs() == ()


async def test_that_the_cap_of_the_day_holds_over_answers_at_once(world: World) -> None:
    asked = plan(PAID, PAID_TOO, prompts=PROMPTS[:1])
    most = await most_it_costs(lambda: world.access, asked)
    world.access.budget._day_cap_usd = most.usd * 0.75
    world.api.script.extend([stream([*openai_answer("slow")[:1], 0.3, *openai_answer("slow")[1:]])])
    events = await world.run(asked, usd_max=most.usd)
    ((_, refused),) = failures(events).items()
    assert isinstance(refused, BudgetExceeded)
    assert "today's cap" in str(refused)
    assert len(world.api.requests) == 1
    side = kept(events)
    assert sorted(answer.complete for answer in side.answers) == [False, True]
    assert any("cap" in answer.why_not for answer in side.answers)


async def test_that_money_set_aside_comes_back_for_the_next_prompt(world: World) -> None:
    asked = plan(PAID, prompts=tuple(Prompt(name=str(n), text=f"{n}?") for n in range(5)))
    most = await most_it_costs(lambda: world.access, asked)
    events = await world.run(asked, usd_max=most.usd)
    assert failures(events) == {}
    spent = await world.history.spent_usd("2000-01-01")
    assert 0 < spent < most.usd


async def test_that_one_target_that_fails_ends_no_other(world: World) -> None:
    world.api.script.extend(
        [refuse(500, "Oops"), refuse(500, "Oops"), refuse(500, "Oops"), refuse(500, "Oops")]
    )
    nowhere = Target(model="small:latest", url="http://127.0.0.1:9")
    events = await world.run(
        plan(SMALL, nowhere, Target(model="gone:latest"), Target(provider="groq", model="x")),
        unpriced=True,
    )
    side = kept(events)
    failed = failures(events)
    assert {target for target, _ in failed} == {1, 2, 3}
    assert len(failed) == 6
    assert isinstance(failed[3, 0], KeyMissing)
    whole = [answer for answer in side.answers if answer.complete]
    assert [(answer.target, answer.prompt) for answer in whole] == [(0, 0), (0, 1)]
    assert all(answer.why_not for answer in side.answers if not answer.complete)
    assert side.summaries()[3].cost_usd.reason.startswith("No key of Groq")
    assert side.record.state == "done"


async def test_that_a_stop_keeps_what_came(world: World) -> None:
    world.api.script.append(stream([*openai_answer("Half", "way")[:2], 30.0]))
    asked = plan(SMALL, PAID, prompts=PROMPTS[:1])
    events = run_side_by_side(
        world.runs,
        lambda: world.access,
        asked,
        server_url=world.twin.url,
        consent=Consent(usd_max=1.0),
    )
    seen: set[int] = set()
    async for event in events:
        if isinstance(event, SideLane) and isinstance(event.update, Piece | Kept):
            seen.add(event.target if event.target == 1 or isinstance(event.update, Kept) else 9)
        if {0, 1} <= seen:
            break
    await events.aclose()
    (record,) = await side_by_sides(world.history)
    side = await world.history.side_by_side(record.id)
    assert side is not None
    assert side.record.state == "aborted"
    assert [(a.target, a.complete, a.run and a.run.answer) for a in side.answers] == [
        (0, True, "Small says"),
        (1, False, "Half"),
    ]
    await asyncio.wait_for(world.api.closed_by_client.wait(), 5)


async def test_that_answers_go_on_while_nothing_can_be_stored_and_are_linked_after(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, asked = True, 0

    async def run(work: Callable[[sqlite3.Connection], object]) -> object:
        """Full after the comparison is stored, until its answer is over."""
        nonlocal asked
        asked += 1
        if full and asked > 1:
            raise DiskFull("The disk is full.")
        return await database(work)

    database = world.history._database.run
    monkeypatch.setattr(world.history._database, "run", run)
    events = run_side_by_side(
        world.runs,
        lambda: world.access,
        plan(SMALL, prompts=PROMPTS[:1]),
        server_url=world.twin.url,
        consent=Consent(),
    )
    async with aclosing(events):
        async for event in events:
            if isinstance(event, SideProgress):
                full = False
    (record,) = await side_by_sides(world.history)
    side = await world.history.side_by_side(record.id)
    assert side is not None
    assert side.record.state == "done"
    assert [answer.run and answer.run.answer for answer in side.answers] == ["Small says"]


async def test_that_a_restart_says_what_was_cut(world: World) -> None:
    side = kept(await world.run(plan(SMALL)))
    await world.history.transact(
        lambda c: side_by_sides_kept.set_state(c, side.record.id, "running")
    )
    assert await world.history.mark_interrupted() == 1
    (record,) = await side_by_sides(world.history)
    assert record.state == "interrupted"


async def test_that_models_of_one_server_take_turns_and_a_provider_does_not_wait(
    live: Live, world: World
) -> None:
    world.api.script.append(stream([*openai_answer("slow")[:1], 0.2, *openai_answer("slow")[1:]]))
    story, count = Target(model="tiny-story:latest"), Target(model="tiny-count:latest")
    events = await world.run(
        plan(story, count, PAID, num_predict=8, context=1024), server_url=live.url
    )
    side = kept(events)
    assert failures(events) == {}
    assert all(answer.complete for answer in side.answers)
    engine = side.answers[0].run and side.answers[0].run.engine
    assert engine == f"Ollama {live.version}"
    steps = [
        (event.target, event.prompt, type(event.update))
        for event in events
        if isinstance(event, SideLane) and isinstance(event.update, Sent | Kept)
    ]
    here = [step for step in steps if step[0] != 2]
    assert here == [
        (target, prompt, step) for target in (0, 1) for prompt in (0, 1) for step in (Sent, Kept)
    ]
    assert steps.index((2, 0, Sent)) < steps.index((1, 1, Kept))


# Privacy


async def saved(world: World, name: str, lock: str) -> None:
    text = WORKLOAD.format(name=name, lock=lock)
    await world.history.save_workload(SavedWorkload(name=name, toml=text))


async def test_that_text_of_a_locked_workload_reaches_only_own_machines(world: World) -> None:
    await saved(world, "Secret", "local_only")
    public = Target(model="small:latest", url="http://ollama.example.com:11434")
    stub = Target(model="stub:latest", allow_remote=True)
    events = await world.run(plan(SMALL, PAID, public, stub, workload="Secret"))
    failed = failures(events)
    assert {target for target, _ in failed} == {1, 2, 3}
    assert all(isinstance(error, PrivacyBlocked) for error in failed.values())
    assert world.api.requests == []
    assert await world.history.egress() == ()
    runs = await world.history.runs()
    assert {run.model for run in runs if run.state == "done"} == {"small:latest"}
    assert {run.workload for run in runs} == {"Secret"}


async def test_that_what_leaves_for_an_open_workload_is_in_the_egress_log(world: World) -> None:
    await saved(world, "Open", "none")
    await world.run(plan(SMALL, PAID, workload="Open"))
    lines = await world.history.egress()
    assert {(line.workload, line.why) for line in lines} == {("Open", "side by side")}
    assert len(lines) == 2


async def test_that_a_workload_nobody_saved_is_refused(world: World) -> None:
    with pytest.raises(BadInput, match="No workload named 'Lost'"):
        await world.run(plan(SMALL, workload="Lost"))


# Blind


async def test_that_nothing_told_of_a_blind_comparison_names_anyone(world: World) -> None:
    events = await world.run(plan(SMALL, PAID, OTHER, blind=True))
    assert {type(event) for event in events} == {SideBegun, SideBlind, SideProgress, SideKept}
    told = repr(events).lower()
    for name in ("small:", "other:", "m-1", "openai", "127.0.0.1", "tok_s", "cost", "seed"):
        assert name not in told
    last = events[-1]
    assert isinstance(last, SideKept)
    assert isinstance(last.view, BlindView)
    assert last.view.waiting == 2
    for one in last.view.prompts:
        assert sorted(one.answers) == ["Hello", "Other says", "Small says"]
        assert one.targets is one.vote is None


async def test_that_a_blind_failure_has_no_place_among_the_answers(world: World) -> None:
    gone = Target(model="gone:latest")
    events = await world.run(plan(SMALL, gone, PAID, blind=True, prompts=PROMPTS[:1]))
    (shown,) = [event.prompt for event in events if isinstance(event, SideBlind)]
    assert sorted(shown.answers) == ["Hello", "Small says"]
    alone = await world.run(plan(SMALL, gone, blind=True))
    assert kept(alone).is_open


async def blind(world: World, **more: object) -> BlindView:
    events = await world.run(plan(SMALL, PAID, OTHER, blind=True, **more))
    last = events[-1]
    assert isinstance(last, SideKept)
    assert isinstance(last.view, BlindView)
    return last.view


async def test_that_names_come_with_the_vote_and_only_of_its_prompt(world: World) -> None:
    await saved(world, "Open", "none")
    shown = await blind(world, workload="Open")
    best = shown.prompts[0].answers.index("Small says")
    after = await vote(world.history, shown.id, prompt=0, best=[best])
    assert isinstance(after, BlindView)
    first, second = after.prompts
    assert first.targets is not None
    assert first.targets[best] == SMALL
    assert first.vote is not None
    assert (first.vote.blind, first.vote.workload) == (True, "Open")
    assert second.targets is None
    assert after.waiting == 1
    done = await vote(world.history, shown.id, prompt=1, best=[])
    assert isinstance(done, SideBySide)
    one, two = await world.history.votes("Open")
    assert [v.targets[n] for v in (one,) for n in v.best] == [SMALL]
    assert two.none_good
    assert await world.history.votes("Else") == ()


async def test_that_a_second_vote_and_a_vote_on_shown_names_are_not_blind(world: World) -> None:
    shown = await blind(world)
    await vote(world.history, shown.id, prompt=0, best=[0])
    await vote(world.history, shown.id, prompt=0, best=[1])
    whole = await reveal(world.history, shown.id)
    assert isinstance(whole, SideBySide)
    await vote(world.history, shown.id, prompt=1, best=[0, 1])
    assert [v.blind for v in await world.history.votes()] == [True, False, False]
    open_side = kept(await world.run(plan(SMALL, PAID, prompts=PROMPTS[:1])))
    await vote(world.history, open_side.record.id, prompt=0, best=[1])
    last = (await world.history.votes())[-1]
    assert (last.blind, last.targets, last.best) == (False, (SMALL, PAID), (1,))


async def test_that_votes_follow_a_workload_that_is_renamed(world: World) -> None:
    await saved(world, "Open", "none")
    shown = await blind(world, workload="Open")
    await vote(world.history, shown.id, prompt=0, best=[0])
    text = WORKLOAD.format(name="Wide", lock="none")
    await world.history.save_workload(SavedWorkload(name="Wide", toml=text), was="Open")
    await vote(world.history, shown.id, prompt=1, best=[0])
    assert len(await world.history.votes("Wide")) == 2


@pytest.mark.parametrize(("prompt", "best"), [(5, [0]), (0, [7]), (-1, [0])])
async def test_that_a_vote_on_what_is_not_there_is_refused(
    world: World, prompt: int, best: list[int]
) -> None:
    shown = await blind(world)
    with pytest.raises(BadInput):
        await vote(world.history, shown.id, prompt=prompt, best=best)
    assert await world.history.votes() == ()


async def test_that_a_comparison_that_is_gone_is_said_to_be(world: World) -> None:
    assert await view(world.history, 99) is None
    assert await reveal(world.history, 99) is None
    with pytest.raises(BadInput):
        await vote(world.history, 99, prompt=0, best=[0])
    assert await world.history.transact(lambda c: side_by_sides_kept.take_out(c, 99)) is None


async def test_that_no_blind_answer_is_shown_before_the_last_is_there(world: World) -> None:
    shown = await blind(world)
    await world.history.transact(lambda c: side_by_sides_kept.set_state(c, shown.id, "running"))
    runs = await world.history.runs()
    await world.history.transact(
        lambda c: c.execute("UPDATE runs SET state = 'running' WHERE id = ?", (runs[0].id,))
    )
    again = await view(world.history, shown.id)
    assert isinstance(again, BlindView)
    waiting = next(p for p in again.prompts if p.text == runs[0].prompt)
    assert waiting.answers == ()
    with pytest.raises(BadInput, match="not all there"):
        await vote(world.history, shown.id, prompt=waiting.prompt, best=[0])


# Deletion and undo


async def test_that_a_comparison_comes_back_as_it_was_with_its_votes(world: World) -> None:
    gone = Target(model="gone:latest")
    side = kept(await world.run(plan(SMALL, OTHER, gone)))
    await vote(world.history, side.record.id, prompt=0, best=[0])
    before = await world.history.side_by_side(side.record.id)
    taken = await world.history.transact(lambda c: side_by_sides_kept.take_out(c, side.record.id))
    assert taken is not None
    assert await world.history.runs() == await side_by_sides(world.history) == ()
    assert len(await world.history.votes()) == 1
    row = await world.history.transact(lambda c: side_by_sides_kept.put_back(c, taken))
    after = await world.history.side_by_side(row)
    assert plain(before) == plain(after)


def plain(side: SideBySide | None) -> object:
    """Without the numbers of rows, which are new after an undo."""
    assert side is not None
    answers = [
        replace(answer, run=answer.run and replace(answer.run, id=0)) for answer in side.answers
    ]
    return replace(side.record, id=0), answers, side.votes


async def test_that_a_comparison_goes_with_its_last_run_and_comes_back_with_it(
    world: World,
) -> None:
    side = kept(await world.run(plan(SMALL, OTHER, prompts=PROMPTS[:1])))
    first, second = (answer.run for answer in side.answers)
    assert first is not None
    assert second is not None
    one = await world.history.take_out([first.id])
    left = await world.history.side_by_side(side.record.id)
    assert left is not None
    assert [answer.target for answer in left.answers] == [1]
    two = await world.history.take_out([second.id])
    assert await side_by_sides(world.history) == ()
    order = [*one, *two]
    random.Random(1).shuffle(order)
    await world.history.put_back(order)
    (record,) = await side_by_sides(world.history)
    again = await world.history.side_by_side(record.id)
    assert plain(again) == plain(side)


# The whole history in a file


async def other(tmp_path: Path) -> History:
    history = History(tmp_path / "other.db")
    await history.open()
    return history


@pytest.mark.parametrize("ending", ["json", "csv"])
async def test_that_comparisons_and_votes_travel_with_the_whole_history(
    world: World, tmp_path: Path, ending: str
) -> None:
    gone = Target(model="gone:latest")
    side = kept(await world.run(plan(SMALL, PAID, gone)))
    shown = await blind(world)
    await vote(world.history, shown.id, prompt=0, best=[0, 1])
    await vote(world.history, side.record.id, prompt=1, best=[1])
    folder = tmp_path / "out"
    await in_thread(folder.mkdir)
    written = await export_history(folder / f"all.{ending}", world.history)
    counts = {one.kind: one.rows for one in written}
    assert (counts["side_by_sides"], counts["votes"]) == (2, 2)
    files = sorted({one.path for one in written})
    there = await other(tmp_path)
    looked = await import_files(there, files, keep=False)
    assert await side_by_sides(there) == ()
    taken = await import_files(there, files, keep=True)
    assert [one.new for one in looked] == [one.new for one in taken]
    again = await import_files(there, files, keep=True)
    assert sum(one.new for one in again) == 0
    assert [replace(v, id=0) for v in await there.votes()] == [
        replace(v, id=0) for v in await world.history.votes()
    ]
    for record in await side_by_sides(there):
        (origin,) = [r for r in await side_by_sides(world.history) if r.uid == record.uid]
        copy = await there.side_by_side(record.id)
        assert plain(copy) == plain(await world.history.side_by_side(origin.id))
        assert copy is not None
        assert copy.is_open is (origin.id == side.record.id)
    await there.close()


@pytest.mark.parametrize(
    ("table", "field", "value"),
    [
        ("side_by_sides", "plan", {"prompts": []}),
        ("side_by_sides", "plan", {"prompts": [{"name": "1", "text": 5}], "targets": []}),
        ("side_by_sides", "answers", {"0:9": {"run": None, "error": "x"}}),
        ("side_by_sides", "answers", {"x": {"run": None, "error": "x"}}),
        ("side_by_sides", "answers", {"0:0": {"run": 5, "error": None}}),
        ("side_by_sides", "state", "odd"),
        ("votes", "vote", {"targets": [], "best": []}),
        ("votes", "vote", {"targets": [{"model": 1}, {"model": 2}], "best": []}),
        ("votes", "voted_at", "today"),
    ],
)
async def test_that_a_file_with_an_impossible_comparison_is_refused_whole(
    world: World, tmp_path: Path, table: str, field: str, value: object
) -> None:
    side = kept(await world.run(plan(SMALL, PAID)))
    await vote(world.history, side.record.id, prompt=0, best=[0])
    path = tmp_path / "all.json"
    await export_history(path, world.history)
    document = json.loads(await in_thread(path.read_text))
    document[table][0][field] = value
    await in_thread(path.write_text, json.dumps(document))
    there = await other(tmp_path)
    with pytest.raises(BadInput) as wrong:
        await import_files(there, [path], keep=True)
    assert wrong.value.field == f"{table}[0].{field}"
    assert await there.runs() == ()
    await there.close()
