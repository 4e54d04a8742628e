"""Kills a program with `kill -9` while it keeps answers, again and again: nothing saved is lost.

`PYTHONPATH=app python -m tests.benchmarks.kill_loop [--kills 100] [--home FOLDER]` from the root of
the repository. Each child runs answers of the protocol twin, two at a time, metered ten times a
second, into one real history; it prints what the program would show as saved. It is killed at a
random moment, and the file is looked at: whole, with each answer that was said to be saved, each
reading that is older than a second, and totals that are those of the runs. Deletions and their
undoing go on meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from landfall.core.energy.power import Scope
from landfall.services.history.history import History
from landfall.services.history.records import RunRecord, new_uid, now_iso
from landfall.services.ollama.client import Ollama
from landfall.services.run.answering import Ask, Kept, Turn
from landfall.services.run.metering import Metering
from landfall.services.run.runs import Runs
from landfall.services.run.targets import OllamaTarget
from tests.fakes.power import FakeSource
from tests.fakes.steady_ollama import MODEL

TOKENS, TOKENS_PER_SECOND = 300, 200
"""An answer lasts a second and a half: long enough that samples are written before its end."""

LATE_SECONDS = 2.0
"""Readings are written each second, and a write may take as long on a busy disk."""

ROOT = Path(__file__).parents[2]


# The child


async def keep_answers(database: Path, address: str) -> None:
    """Answer after answer, until it is killed."""
    history = History(database)
    await history.open()
    await history.mark_interrupted()
    say("open")
    runs = Runs(
        history,
        power=Metering([FakeSource(90.0), FakeSource(40.0, name="RAPL", scope=Scope.CPU_PACKAGE)]),
    )
    async with Ollama(address) as client:
        await asyncio.gather(*(lane(runs, client) for _ in range(2)), delete_and_undo(history))


async def lane(runs: Runs, client: Ollama) -> None:
    """One answer after another; what is saved is said when it is."""
    while True:
        ask = Ask(turns=(Turn("user", "Count"),), context=4096)
        async for update in runs.stream(OllamaTarget(client, MODEL), ask):
            match update:
                case Kept(record=record, trouble=None):
                    say(f"saved {record.uid} {len(record.answer)} {record.gross_joules}")


async def delete_and_undo(history: History) -> None:
    """Runs of another place come, are deleted and put back, in the middle of it all."""
    while True:
        uid = new_uid()
        run = RunRecord(
            uid=uid, started_at=now_iso(), place="network", host="", model="other", prompt="Why?"
        )
        run = replace(run, id=await history.add_run(run), state="done", output_tokens=7)
        await history.keep_run(run)
        removed = await history.take_out([run.id])
        await asyncio.sleep(0.05)
        await history.put_back(removed)


def say(line: str) -> None:
    """A line that has left the program when this returns."""
    print(line, flush=True)


# The parent


@dataclass(slots=True)
class Told:
    """What the children said to have saved: answer lengths and joules by name."""

    saved: dict[str, tuple[int, str]] = field(default_factory=dict)
    is_open: threading.Event = field(default_factory=threading.Event)

    def listen(self, child: subprocess.Popen[str]) -> None:
        """Take in what a child says until it is dead."""
        assert child.stdout is not None
        for line in child.stdout:
            match line.split():
                case ["open"]:
                    self.is_open.set()
                case ["saved", uid, length, joules] if line.endswith("\n"):
                    self.saved[uid] = (int(length), joules)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is wrong after a kill; empty lists where nothing is."""

    lost: list[str]
    wrong: list[str]


def kill_once(database: Path, address: str, told: Told, seconds: float) -> float:
    """Start a child, let it work for so long, kill it; when it was killed, by the wall clock."""
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.kill_loop",
        "--child",
        str(database),
        "--address",
        address,
    ]
    told.is_open.clear()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment()
    ) as child:
        listener = threading.Thread(target=told.listen, args=(child,))
        listener.start()
        try:
            if not told.is_open.wait(60):
                raise RuntimeError("the child did not open its history")
            threading.Event().wait(seconds)
        finally:
            killed_at = time.time()
            child.kill()
            listener.join()
    return killed_at


async def look(database: Path, told: Told, killed_at: float) -> Outcome:
    """What the file holds after a kill, as the next start of the program finds it."""
    wrong = []
    with closing(sqlite3.connect(database)) as connection:
        if (said := connection.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            wrong.append(f"integrity: {said}")
        if broken := connection.execute("PRAGMA foreign_key_check").fetchall():
            wrong.append(f"rows without their run: {broken}")
    history = History(database)
    await history.open()
    try:
        cut = [run for run in await history.runs(limit=10**9) if run.state == "running"]
        await history.mark_interrupted()
        runs = {run.uid: run for run in await history.runs(limit=10**9)}
        lost = [uid for uid, kept in told.saved.items() if not is_whole(runs.get(uid), kept)]
        wrong += [line for run in cut for line in await unsampled(history, run, killed_at)]
        wrong += await uneven(history, tuple(runs.values()))
    finally:
        await history.close()
    return Outcome(lost, wrong)


def is_whole(run: RunRecord | None, kept: tuple[int, str]) -> bool:
    """Whether an answer is there as it was said to be saved."""
    return (
        run is not None and run.state == "done" and (len(run.answer), str(run.gross_joules)) == kept
    )


async def unsampled(history: History, run: RunRecord, killed_at: float) -> list[str]:
    """Whether readings of a run that was cut are missing from before its last second."""
    samples = await history.samples(run.id)
    age = killed_at - started(run)
    latest = samples[-1].at if samples else 0.0
    if age - latest > 1.0 + LATE_SECONDS:
        return [f"{run.uid}: samples end {age - latest:.1f} s before the kill"]
    return []


def started(run: RunRecord) -> float:
    """By the wall clock."""
    return datetime.fromisoformat(run.started_at).timestamp()


async def uneven(history: History, runs: tuple[RunRecord, ...]) -> list[str]:
    """Where the totals are not those of the runs that were never deleted."""
    totals = [total for total in await history.day_totals() if total.place == "local"]
    runs = tuple(run for run in runs if run.place == "local")
    pairs = (
        ("runs", sum(t.runs for t in totals), len(runs)),
        (
            "tokens",
            sum(t.output_tokens or 0 for t in totals),
            sum(run.output_tokens or 0 for run in runs),
        ),
        (
            "unmetered",
            sum(t.missing_joules for t in totals),
            sum(run.gross_joules is None for run in runs),
        ),
        (
            "joules",
            round(sum(t.joules or 0 for t in totals), 3),
            round(sum(run.gross_joules or 0 for run in runs), 3),
        ),
    )
    return [
        f"{name}: {total} in the totals, {there} in the runs"
        for name, total, there in pairs
        if total != there
    ]


def environment() -> dict[str, str]:
    """What a child needs to find the program and the twin."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "app"), str(ROOT)))}


@contextmanager
def steady_server() -> Iterator[str]:
    """The twin in a process of its own; its address."""
    command = [
        sys.executable,
        "-m",
        "tests.fakes.steady_ollama",
        str(TOKENS_PER_SECOND),
        str(TOKENS),
    ]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(),
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        yield server.stdout.readline().strip()
        server.stdin.close()


def kill_many(home: Path, kills: int, *, seed: int) -> tuple[Outcome, int]:
    """Kill so often; all that was wrong, and how many answers were said to be saved."""
    moments, told = random.Random(seed), Told()
    all_: Outcome = Outcome([], [])
    with steady_server() as address:
        for number in range(1, kills + 1):
            seconds = moments.uniform(0.0, 4.0)
            killed_at = kill_once(home / "history.db", address, told, seconds)
            found = asyncio.run(look(home / "history.db", told, killed_at))
            all_.lost.extend(found.lost)
            all_.wrong.extend(f"kill {number} after {seconds:.3f} s: {w}" for w in found.wrong)
            if number % 10 == 0:
                print(f"{number} kills, {len(told.saved)} answers saved", file=sys.stderr)
    return all_, len(told.saved)


def main() -> int:
    """Run it as a command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--home", type=Path)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--address", default="", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        asyncio.run(keep_answers(args.child, args.address))
    with tempfile.TemporaryDirectory() as folder:
        outcome, saved = kill_many(args.home or Path(folder), args.kills, seed=args.seed)
    for line in (*outcome.wrong, *(f"lost: {uid}" for uid in outcome.lost)):
        print(line)
    lost = len(set(outcome.lost))
    print(f"{args.kills} kills, {lost} lost ({saved} answers were saved; seed {args.seed})")
    return 1 if outcome.lost or outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
