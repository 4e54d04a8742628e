"""Every schema that was ever released opens in this version, with all that was in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from landfall.services.history import History
from landfall.services.migrations import MIGRATIONS

OLD = Path(__file__).parents[1] / "data"


async def opened(tmp_path: Path, version: int) -> History:
    path = tmp_path / "history.db"
    shutil.copy(OLD / f"history_v{version}.db", path)
    history = History(path)
    await history.open()
    return history


def test_that_each_schema_has_its_old_file() -> None:
    kept = sorted(path.name for path in OLD.glob("history_v*.db"))
    assert kept == [f"history_v{number}.db" for number in range(1, len(MIGRATIONS) + 1)]


async def test_that_the_first_schema_opens_with_everything_in_it(tmp_path: Path) -> None:
    history = await opened(tmp_path, 1)
    assert await history.mark_interrupted() == 2
    cut, done = await history.runs()
    assert (cut.place, cut.state) == ("cloud", "interrupted")
    assert (done.answer, done.decode_tok_s) == ("Because of scattering.", 41.5)
    assert done.conditions == {"context": 8192}
    (sample,) = await history.samples(done.id)
    assert (sample.watts, sample.joules) == (210.0, 12.5)
    (pull,) = await history.unfinished_pulls()
    assert (pull.model, pull.state) == ("qwen3:14b", "interrupted")
    assert [saved.name for saved in await history.workloads()] == ["Triage"]
    (entry,) = await history.egress()
    assert (entry.host, entry.workload) == ("api.openai.com", "Triage")
    await history.close()


async def test_that_runs_of_an_older_schema_get_a_name_of_their_own(tmp_path: Path) -> None:
    history = await opened(tmp_path, 2)
    names = {run.uid for run in await history.runs()}
    assert len(names) == 2
    assert "" not in names
    await history.close()
