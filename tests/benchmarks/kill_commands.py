"""Kills real commands with `kill -9` at random moments: what was kept stays, nothing else does.

`PYTHONPATH=app:. python -m tests.benchmarks.kill_commands [--kills 100] [--seed N] [--phase P ...]`
from the root of the repository. In turn it kills `landfall pull`, `run`, `import --save` of usage
and of a history, the keeping of a workload, `verdict`, routes and reports being exported, and the
first command on an old home, which upgrades it (schemas 1 to 6). After each kill the next command
has to start and to end well, SQLite has to find the file whole, rows are those from before or all
of the new ones, what was running is said to be interrupted, and no half written file stays. At the
end each job is done once more, to its end.

`kill_loop.py` does the same to answers and their samples, four a second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from landfall.services.history.history import History
from landfall.services.history.migrations import MIGRATIONS
from tests.fakes.gguf_files import small
from tests.fakes.model_registry import Faults, Registry, serving
from tests.fakes.ollama_world import TwinModel, name_of
from tests.fakes.steady_ollama import MODEL, Steady, words
from tests.services.old_homes import FILES, HOMES, put, tables

ROOT = Path(__file__).parents[2]
USAGE_ROWS = 20_000
PULL_BYTES, PULL_BYTES_PER_SECOND = 4_000_000, 1_000_000
LONGEST_SECONDS = 3.0
"""A job of the program takes about so long here; a kill falls anywhere in it."""


# What commands talk to


async def serve(folder: Path) -> None:
    """The twin of Ollama, which also pulls from a registry on loopback, until stdin ends."""
    registry = Registry(faults=Faults(rate_bytes_per_s=PULL_BYTES_PER_SECOND))
    twin = Steady(folder)
    name = name_of(MODEL)
    assert name is not None
    twin.recorded_models[name.short] = TwinModel(
        name=name,
        digest="5" * 64,
        size=1_000_000,
        details={"format": "gguf", "family": "llama", "parameter_size": "1B"},
        modified_at="2026-01-01T00:00:00Z",
        pieces=words(300),
    )
    async with serving(registry), twin:
        pulled = registry.add("tiny", small() + os.urandom(PULL_BYTES))
        print(json.dumps([twin.url, pulled]), flush=True)
        await asyncio.to_thread(sys.stdin.read)


@contextmanager
def servers(folder: Path) -> Iterator[tuple[str, str]]:
    """Address and the model that can be pulled."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.kill_commands", "--serve", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(),
    ) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        url, model = json.loads(child.stdout.readline())
        yield url, model
        child.stdin.close()


def environment(**more: str) -> dict[str, str]:
    """What a child needs."""
    path = os.pathsep.join((str(ROOT / "app"), str(ROOT)))
    return {
        **os.environ,
        "PYTHONPATH": path,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        **more,
    }


# One job, killed


@dataclass(slots=True)
class Bench:
    """A home, and how commands run in it.

    Attributes:
        wrong: What was found after kills.
        expected: Rows that a job adds, by table, for "all or nothing".
    """

    home: Path
    url: str
    wrong: list[str] = field(default_factory=list)

    @property
    def database(self) -> Path:
        return self.home / "history.db"

    def command(self, *words_: str) -> list[str]:
        return [sys.executable, "-m", "landfall", *words_]

    def environment(self) -> dict[str, str]:
        return environment(LANDFALL_HOME=str(self.home), OLLAMA_HOST=self.url)

    def whole(self, *words_: str, allowed: Sequence[int] = (0,)) -> str:
        """A command to its end; what it printed."""
        done = subprocess.run(
            self.command(*words_), env=self.environment(), cwd=ROOT, capture_output=True,
            text=True, timeout=120, check=False,
        )  # fmt: skip
        if done.returncode not in allowed or "Traceback" in done.stderr:
            self.wrong.append(f"{' '.join(words_)[:80]}: {done.returncode} {done.stderr[-400:]}")
        return done.stdout

    def killed(self, words_: Sequence[str], seconds: float) -> bool:
        """A command that is killed after so long; whether it had ended by then."""
        with subprocess.Popen(
            self.command(*words_), env=self.environment(), cwd=ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as child:  # fmt: skip
            try:
                child.wait(seconds)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
                return False
        return True


Rows = dict[str, int]


def counts(database: Path) -> Rows:
    """Rows of each table; what is wrong with the file is an error."""
    with closing(sqlite3.connect(database)) as connection:
        said = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if said != "ok" or connection.execute("PRAGMA foreign_key_check").fetchall():
            raise RuntimeError(f"the file does not hold together: {said}")
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for (name,) in names
        }


def interrupted(database: Path) -> tuple[int, int]:
    """Runs that a kill cut, and how many still say "running" once the program has started."""

    async def start() -> tuple[int, int]:
        history = History(database)
        await history.open()
        try:
            cut = await history.mark_interrupted()
            running = [run for run in await history.runs(limit=10**6) if run.state == "running"]
            return cut, len(running)
        finally:
            await history.close()

    return asyncio.run(start())


def half_written(*folders: Path) -> list[str]:
    """Files under way that stay though they are old, once something is written there again."""
    found = [path for folder in folders for path in folder.rglob("*") if _is_part(path)]
    long_ago = time.time() - 7200
    for path in found:
        os.utime(path, (long_ago, long_ago))
    return [str(path) for path in found]


def _is_part(path: Path) -> bool:
    return path.name.endswith(".part") or path.name.startswith(".landfall-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """What is killed.

    Attributes:
        words: The command.
        table: Where its rows go: after a kill there are as many as before, or `adds` more.
        prepare: Makes the home ready for one kill.
    """

    words: tuple[str, ...]
    table: str = ""
    adds: tuple[int, ...] = ()
    prepare: Callable[[Bench, int], None] | None = None
    again: tuple[int, ...] = (0,)


def usage_file(path: Path) -> Path:
    """Calls of a month in a CSV file of no provider."""
    lines = ["date,provider,model,requests,input_tokens,cached_input_tokens,output_tokens,cost"]
    lines += [
        f"2026-{1 + n % 9:02}-{1 + n % 28:02}T{n % 24:02}:{n % 60:02}:{n // 24 % 60:02}Z,openai,"
        f"gpt-{n % 7},1,{n},0,5,0.01"
        for n in range(USAGE_ROWS)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def history_file(folder: Path, bench: Bench) -> Path:
    """An export of an old home."""
    other = Bench(folder / "other", bench.url)
    put(FILES[-1], other.home)
    other.whole("export", "history", "--samples", "--out", str(folder / "export.json"))
    bench.wrong.extend(other.wrong)
    return folder / "export.json"


def lay_old_home(bench: Bench, number: int) -> None:
    """One of the homes that old versions left, in place of the one that is there."""
    shutil.rmtree(bench.home, ignore_errors=True)
    put(HOMES[number % len(HOMES)], bench.home)


def fresh_home(bench: Bench, _number: int) -> None:
    """A home in which nothing was kept yet."""
    shutil.rmtree(bench.home, ignore_errors=True)
    bench.whole("usage", "list")


def phases(folder: Path, bench: Bench, model: str) -> dict[str, Phase]:
    """All of them, by name."""
    usage = str(usage_file(folder / "usage.csv"))
    exported = str(history_file(folder, bench))
    sample = str(ROOT / "resources" / "samples" / "ticket-triage.toml")
    routes, report = folder / "r" / "routes", folder / "r" / "report.html"
    added: dict[str, Any] = {"table": "usage_imports", "adds": (1,), "prepare": fresh_home}
    return {
        "pull": Phase(words=("pull", model, "--insecure")),
        "run": Phase(words=("run", MODEL, "Count.")),
        "import usage": Phase(words=("import", usage, "--save"), **added),
        "keep a workload": Phase(words=("import", usage, "--workload", "Mine", "--save"), **added),
        "import a history": Phase(words=("import", exported, "--save"), prepare=fresh_home),
        "verdict": Phase(words=("verdict", "--json"), again=(0, 1)),
        "report": Phase(words=("export", "report", sample, "--out", str(report)), again=(0, 2)),
        "routes": Phase(words=("export", "litellm", sample, "--out", str(routes)), again=(0, 1, 2)),
        "upgrade": Phase(words=("usage", "list"), prepare=lay_old_home),
    }


def kill(bench: Bench, name: str, phase: Phase, number: int, seconds: float) -> None:
    """One kill, and all that has to hold after it."""
    if phase.prepare is not None:
        phase.prepare(bench, number)
    before = _before(bench, name)
    ended = bench.killed(phase.words, seconds)
    label = f"{name} after {seconds:.2f} s"
    try:
        after = counts(bench.database)
    except (RuntimeError, sqlite3.Error) as error:
        bench.wrong.append(f"{label}: {error}")
        return
    for table, rows in before.items():
        if after.get(table, rows) < rows and name != "upgrade":
            bench.wrong.append(f"{label}: {table} had {rows} rows and has {after[table]}")
    if phase.adds and after[phase.table] - before.get(phase.table, 0) not in (0, *phase.adds):
        bench.wrong.append(f"{label}: {after[phase.table]} rows of {phase.table}")
    _cut, running = interrupted(bench.database)
    if running:
        bench.wrong.append(f"{label}: {running} runs still say that they run")
    if not ended:
        half_written(bench.home, bench.home.parent)
    bench.whole("usage", "list", "--json")
    if name == "upgrade":
        _assert_upgraded(bench, number, label)
        fresh_home(bench, number)  # the old one names another server


def _before(bench: Bench, name: str) -> Rows:
    return counts(bench.database) if name != "upgrade" and bench.database.exists() else {}


def _assert_upgraded(bench: Bench, number: int, label: str) -> None:
    """The next command brought it to the newest schema, with every run that it had."""
    with tempfile.TemporaryDirectory() as folder:
        old = tables(put(HOMES[number % len(HOMES)], Path(folder)))
    with closing(sqlite3.connect(bench.database)) as connection:
        schema = connection.execute("PRAGMA user_version").fetchone()[0]
    if schema != len(MIGRATIONS):
        bench.wrong.append(f"{label}: it stays at schema {schema}")
        return
    new = tables(bench.database)
    for table in ("runs", "benchmarks", "egress", "workloads"):
        if table in old and len(new[table]) != len(old[table]):
            bench.wrong.append(f"{label}: {len(new[table])} of {len(old[table])} {table}")


def kill_many(folder: Path, kills: int, *, seed: int, only: Sequence[str] = ()) -> list[str]:
    """Kill so often, in turn; what was wrong."""
    moments = random.Random(seed)
    (folder / "r").mkdir(parents=True)
    with servers(folder / "twin") as (url, model):
        bench = Bench(folder / "home", url)
        bench.whole("usage", "list")
        all_ = phases(folder, bench, model)
        chosen = {name: all_[name] for name in only or all_}
        for number in range(kills):
            name = list(chosen)[number % len(chosen)]
            kill(
                bench,
                name,
                chosen[name],
                number // len(chosen),
                moments.uniform(0.1, LONGEST_SECONDS),
            )
            if number % 10 == 9:
                print(f"{number + 1} kills, {len(bench.wrong)} wrong", file=sys.stderr, flush=True)
        for phase in chosen.values():
            bench.whole(*phase.words, allowed=phase.again)
        left = half_written(bench.home, folder / "r")
        if left:
            bench.wrong.append(f"half written files stay: {left}")
    return bench.wrong


def main() -> int:
    """Run it as a command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--phase", action="append", default=[])
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        asyncio.run(serve(args.serve))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        wrong = kill_many(Path(folder) / "all", args.kills, seed=args.seed, only=args.phase)
    for line in wrong:
        print(line)
    print(f"{args.kills} kills, {len(wrong)} wrong (seed {args.seed})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
