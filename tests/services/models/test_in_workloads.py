"""Which workloads name a model that is to be deleted."""

from __future__ import annotations

from pathlib import Path

from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload
from landfall.services.models import in_workloads

HEAD = 'schema = 1\n[workload]\nname = "{0}"\ntask = "chat"\n'


def workload(name: str, rest: str, *, sample: bool = False) -> SavedWorkload:
    return SavedWorkload(name=name, toml=HEAD.format(name) + rest, sample=sample)


async def test_that_candidates_and_what_runs_here_today_name_a_model_and_samples_do_not(
    tmp_path: Path,
) -> None:
    history = History(tmp_path / "history.db")
    await history.open()
    for one in (
        workload("Letters", '[candidates]\nlocal = ["Qwen3:8b", "tiny:latest"]\n'),
        workload("Here", '[today]\nprovider = "ollama"\nmodel = "tiny"\n'),
        workload("There", '[today]\nprovider = "openai"\nmodel = "tiny"\n'),
        workload("Sample", '[candidates]\nlocal = ["tiny"]\n', sample=True),
        SavedWorkload(name="Broken", toml="[["),
    ):
        await history.save_workload(one)
    named = await in_workloads.naming(history)
    assert set(named) == {"qwen3:8b", "tiny:latest"}
    assert named["qwen3:8b"] == ("Letters",)
    assert sorted(named["tiny:latest"]) == ["Here", "Letters"]
    await history.close()
