"""A workload out of what was measured here: the beginning of one, to be completed in the editor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from landfall.core.errors import BadInput
from landfall.core.usage.workloads import guessed_task
from landfall.core.workload.draft import Draft
from landfall.core.workload.origins import Origin, run_of
from landfall.core.workload.workload import Task
from landfall.core.workload.writer import to_text
from landfall.services.history.records import first_line

if TYPE_CHECKING:
    from landfall.services.history.history import History
    from landfall.services.history.records import BenchmarkRecord, RunRecord

LONGEST_NAME = 60


async def text_of_run(history: History, run_id: int) -> str:
    """The file of a workload whose calls are like this run.

    Raises:
        BadInput: the run is not there any more.
    """
    run = await history.run(run_id)
    if run is None:
        raise BadInput("This run is not in the history any more.", "Choose another one.")
    taken = {one.name for one in await history.workloads()}
    return to_text(_of_run(run, taken))


def _of_run(run: RunRecord, taken: Iterable[str]) -> Draft:
    values: dict[str, Any] = {
        "tokens.input": run.prompt_tokens,
        "tokens.output": run.output_tokens,
        **_models(run.place, run.host, run.model),
    }
    name = first_line(run.prompt)[:LONGEST_NAME].strip() or run.model
    task = guessed_task(name, (run.model,))
    return _draft(name, task, values, run_of(run.started_at[:10]), taken)


async def text_of_benchmark(history: History, row: int) -> str:
    """The file of a workload for the model of a benchmark. Its prompts are not the user's, so that
    it says nothing of tokens and volume.

    Raises:
        BadInput: the benchmark is not there any more.
    """
    found = next((one for one in await history.benchmarks() if one.id == row), None)
    if found is None:
        raise BadInput("This benchmark is not in the history any more.", "Choose another one.")
    taken = {one.name for one in await history.workloads()}
    return to_text(_of_benchmark(found, taken))


def _of_benchmark(found: BenchmarkRecord, taken: Iterable[str]) -> Draft:
    task = Task.EMBEDDING if found.kind == "embedding" else Task.CHAT
    values = _models(found.place, found.host, found.model)
    source = f"a benchmark of {found.started_at[:10]}"
    return _draft(f"Work for {found.model}", task, values, source, taken)


def _models(place: str, host: str, model: str) -> Mapping[str, Any]:
    """What answered: a provider is where it runs today, a machine of ours may take it over."""
    if place == "cloud":
        return {"today.provider": host, "today.model": model}
    return {"candidates.local": (model,)}


def _draft(
    name: str, task: Task, values: Mapping[str, Any], source: str, taken: Iterable[str]
) -> Draft:
    told = {path: value for path, value in values.items() if value is not None}
    there = set(taken)
    free = (name, *(f"{name} ({number})" for number in range(2, len(there) + 3)))
    named = {
        "workload.name": next(one for one in free if one not in there),
        "workload.task": task.value,
    }
    return Draft(
        values=named | told,
        origins={path: Origin(source, value) for path, value in told.items()},
    )
