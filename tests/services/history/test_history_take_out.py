from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from landfall.core.events import PowerSample
from landfall.services.history.history import History
from landfall.services.history.records import RunRecord

RUN = RunRecord(
    started_at="2026-01-01T00:00:00+00:00",
    place="local",
    host="http://127.0.0.1:11434",
    model="tiny",
    prompt="Why?",
)
SAMPLES = (PowerSample(1.0, "NVML", "gpu", 90.0, joules=5.0), PowerSample(1.1, "NVML", "gpu", 91.0))


async def test_that_what_was_taken_out_can_be_put_back_with_its_samples(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db")
    await history.open()
    kept = replace(RUN, id=await history.add_run(RUN), state="done", answer="Because")
    await history.keep_run(kept, SAMPLES)
    other = replace(RUN, id=await history.add_run(RUN))

    removed = await history.take_out([kept.id])
    assert [run.id for run in await history.runs()] == [other.id]
    assert await history.samples(kept.id) == ()

    await history.put_back(removed)
    back = next(run for run in await history.runs() if run.id != other.id)
    assert replace(back, id=kept.id, uid=kept.uid) == kept
    assert await history.samples(back.id) == SAMPLES
    await history.close()
