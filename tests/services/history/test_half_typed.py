"""Workloads that are half typed, and workloads that begin with something measured."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from landfall.core.errors import BadInput
from landfall.core.workload.draft import half_typed
from landfall.core.workload.file import parse
from landfall.core.workload.origins import origins_of
from landfall.services.history.history import History
from landfall.services.history.records import (
    BenchmarkRecord,
    RunRecord,
    SavedWorkload,
    WorkloadDraft,
)
from landfall.services.verdict.portfolio import Portfolio

LEAST = '[workload]\nname = "A"\ntask = "chat"\n'


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    made = History(tmp_path / "history.db")
    await made.open()
    yield made
    await made.close()


async def test_that_a_draft_is_kept_replaced_and_forgotten(history: History) -> None:
    portfolio = Portfolio(history)
    assert await portfolio.drafts() == ()
    await portfolio.keep_draft(WorkloadDraft(key="", toml="a", changed_at="2026-11-26T10:00:00"))
    await portfolio.keep_draft(WorkloadDraft(key="\n1", toml="b", changed_at="2026-11-26T11:00:00"))
    await portfolio.keep_draft(WorkloadDraft(key="", toml="c", changed_at="2026-11-26T12:00:00"))
    assert [(one.toml, one.is_new) for one in await portfolio.drafts()] == [
        ("c", True),
        ("b", True),
    ]
    await portfolio.forget_draft("")
    assert [one.toml for one in await portfolio.drafts()] == ["b"]


async def test_that_a_draft_goes_with_its_workload_to_another_name(history: History) -> None:
    portfolio = Portfolio(history)
    await history.save_workload(SavedWorkload(name="A", toml=LEAST))
    await portfolio.keep_draft(WorkloadDraft(key="A", toml="half"))
    await portfolio.rename((await history.workloads())[0], "B")
    kept = await portfolio.drafts()
    assert [(one.key, one.is_new) for one in kept] == [("B", False)]
    assert kept[0].changed_at


async def test_that_a_run_in_the_cloud_says_where_the_work_runs_today(history: History) -> None:
    run = RunRecord(
        started_at="2026-11-21T10:00:00+00:00", place="cloud", host="openai", model="gpt-5.5",
        prompt="A", state="done", prompt_tokens=10,
    )  # fmt: skip
    await history.save_workload(SavedWorkload(name="A", toml=LEAST))
    text = await Portfolio(history).of_measured("run", await history.add_run(run))
    made = parse(text)
    assert (made.name, made.today.provider, made.today.model) == ("A (2)", "openai", "gpt-5.5")
    assert made.tokens.output is None
    assert origins_of(text)["today.model"].source == "a measured run of 2026-11-21"


async def test_that_a_benchmark_names_its_model_and_no_tokens(history: History) -> None:
    row = await history.add_benchmark(
        BenchmarkRecord(
            uid="u",
            started_at="2026-11-22T10:00:00+00:00",
            kind="embedding",
            place="local",
            host="h",
            model="bge-m3:567m",
        )
    )
    text = await Portfolio(history).of_measured("benchmark", row)
    made = parse(text)
    assert (made.task, made.candidates.local) == ("embedding", ("bge-m3:567m",))
    assert made.tokens.input is None
    assert half_typed(text) is not None


@pytest.mark.parametrize("kind", ["run", "benchmark"])
async def test_that_what_is_gone_is_said(history: History, kind: str) -> None:
    with pytest.raises(BadInput, match="not in the history any more"):
        await Portfolio(history).of_measured(kind, 99)
