"""A gate of 200 prompts on two tiny models, killed ten times on the way: every answer once."""

from __future__ import annotations

import asyncio
import json
import random
import re
import signal
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from tests.end_to_end.process import Ran, start
from tests.fakes.ollama_twin import OLD
from tests.fakes.tiny_models import CONCLUSION, TinyModel
from tests.services.ollama.conftest import Live, live, real_server, tiny

__all__ = ["live", "real_server", "tiny"]  # fixtures

PROMPTS, KILLS = 200, 10
FEWER, FEWER_KILLS = 60, 3
"""At the twin of the older generation, which differs in no way that a kill could tell."""
LOCAL, TODAY = "tiny-story", "tiny-thinker"
CELLS = ("local_only", "cloud_only", "both", "neither")
UID = re.compile(r"--resume (\w{32})|The run is (\w{32})")


def write_prompts(path: Path, tiny: Mapping[str, TinyModel], count: int = PROMPTS) -> Counter[str]:
    """A file whose expected answers make known which model is right on which prompt."""
    chance = random.Random(4)
    local, today = tiny[LOCAL].text, CONCLUSION  # what it says behind its thoughts
    expected = {
        "local_only": local,
        "cloud_only": today,
        "both": [today, local],
        "neither": "None of the two says this.",
    }
    cells = [chance.choices(CELLS, weights=(3, 2, 4, 1))[0] for _ in range(count)]
    lines = [
        json.dumps({"prompt": f"Question {number}?", "expected": expected[cell]})
        for number, cell in enumerate(cells)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Counter(cells)


async def killed(*words: str, home: Path, after_seconds: float, **more: str) -> str:
    """Start the command, and kill it once it asks and some time went by; what it said."""
    process = await start(*words, home=home, **more)
    assert process.stderr is not None
    said = ""
    while "The run is" not in said:
        line = (await process.stderr.readline()).decode()
        assert line, said
        said += line
    try:
        await asyncio.wait_for(process.wait(), after_seconds)
    except TimeoutError:
        process.kill()
    await process.communicate()
    return said


async def to_its_end(*words: str, home: Path, **more: str) -> Ran:
    process = await start(*words, home=home, **more)
    out, err = await process.communicate()
    return Ran(process.returncode or 0, out.decode(), err.decode())


async def test_that_a_gate_killed_ten_times_ends_with_every_answer_once_and_the_true_counts(
    live: Live, tiny: Mapping[str, TinyModel], home: Path, tmp_path: Path
) -> None:
    prompts = tmp_path / "prompts.jsonl"
    few = live.twin is not None and live.version == OLD
    count, kills = (FEWER, FEWER_KILLS) if few else (PROMPTS, KILLS)
    truth = write_prompts(prompts, tiny, count)
    host = {"OLLAMA_HOST": live.url}
    words = ("--local", LOCAL, "--against", TODAY, "--metric", "exact", "--margin", "0.05")
    sizes = ("--context", "2048", "--num-predict", "200")
    chance = random.Random(9)
    slow = 1.0 if live.twin is not None else 8.0
    said = await killed(
        "gate", str(prompts), *words, *sizes, home=home, after_seconds=0.3 * slow, **host
    )
    found = UID.search(said)
    assert found is not None, said
    uid = found[1] or found[2]
    there = [answers(home)]
    if live.twin is None and there[0]:
        # As fast as this machine answers, so that the kills are spread over most of the run.
        seconds_each = 0.3 * slow / there[0]
        slow = min(slow, seconds_each * (1.4 * count - there[0]) / (0.35 * (kills - 1)))
    for _ in range(kills - 1):
        seconds = slow * chance.uniform(0.1, 0.6)
        await killed("gate", "--resume", uid, home=home, after_seconds=seconds, **host)
        there.append(answers(home))
    assert there == sorted(there)
    assert there[-1] < 2 * count, "it was never killed on the way"

    ran = await to_its_end("gate", "--resume", uid, "--json", home=home, **host)
    assert ran.code == (0 if ran.document["gate"] == "pass" else 1), ran.err
    told = ran.document
    assert told["pairs"] == {cell: truth[cell] for cell in CELLS}
    assert (told["prompts"], told["unlabelled"], told["state"]) == (count, 0, "done")
    assert told["answered"] == {"local": count, "incumbent": count}
    assert told["errors"] == {"local": 0, "incumbent": 0}
    difference = (truth["local_only"] - truth["cloud_only"]) / count
    assert abs(told["difference"] - difference) < 1e-9
    with closing(sqlite3.connect(home / "history.db")) as kept:
        rows = kept.execute(
            "SELECT side, COUNT(*), COUNT(DISTINCT place), COUNT(DISTINCT run_uid)"
            " FROM quality_answers WHERE text IS NOT NULL GROUP BY side ORDER BY side"
        ).fetchall()
        ends = kept.execute("SELECT COUNT(*) FROM runs WHERE state = 'done'").fetchone()
    assert rows == [("incumbent", *[count] * 3), ("local", *[count] * 3)]
    assert ends == (2 * count,), "an answer that had come was asked for again"


async def test_that_ctrl_c_keeps_what_came_and_says_how_to_go_on(
    live: Live, tiny: Mapping[str, TinyModel], home: Path, tmp_path: Path
) -> None:
    prompts = tmp_path / "prompts.jsonl"
    write_prompts(prompts, tiny)
    words = ("gate", str(prompts), "--local", LOCAL, "--against", TODAY, "--context", "2048")
    process = await start(*words, home=home, OLLAMA_HOST=live.url)
    assert process.stderr is not None
    said = ""
    while " of 400" not in said:
        line = (await process.stderr.readline()).decode()
        assert line, said
        said += line
    process.send_signal(signal.SIGINT)
    _, err = await process.communicate()
    assert process.returncode == 130
    found = UID.search(said)
    assert found is not None
    assert f"landfall gate --resume {found[2]}" in err.decode()
    with closing(sqlite3.connect(home / "history.db")) as kept:
        (state,) = kept.execute("SELECT state FROM quality_runs").fetchone()
    assert state == "aborted"
    assert 20 <= answers(home) < 400


def answers(home: Path) -> int:
    """How many are stored."""
    with closing(sqlite3.connect(home / "history.db")) as kept:
        found = kept.execute("SELECT COUNT(*) FROM quality_answers WHERE text IS NOT NULL")
        return int(found.fetchone()[0])
