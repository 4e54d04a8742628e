"""Opening and searching the History page on a year of runs: what the window's thread pays.

`python -m pytest tests/benchmarks/test_history_page.py --benchmark-only`. `gui_cpu_ms` is the CPU
time of the thread of the window alone; the wall time to the first full list is `open_ms`.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from landfall.core.settings import Settings
from landfall.gui import theme
from landfall.gui.app_state import AppState
from landfall.gui.history.runs_tab import FIRST
from landfall.gui.messages import Messages
from landfall.gui.page import PageState
from landfall.gui.pages.history_page import HistoryPage
from landfall.services.history.records import RunRecord
from landfall.services.history.runs_kept import WholeRun
from tests.benchmarks.goals import Goals
from tests.gui.pages.backstage import Backstage

RUNS = 5000
MOST_OPEN_SECONDS = 0.3
MOST_SEARCH_CPU_SECONDS = 0.1
RUN = RunRecord(
    started_at="",
    place="local",
    host="http://127.0.0.1:11434",
    model="qwen3:8b",
    engine="Ollama 0.24.0",
    digest="sha256:" + "ab" * 32,
    state="done",
    prompt="Classify this e-mail\n" + "please " * 200,
    answer="complaint " * 200,
    done_reason="stop",
    prompt_tokens=1200,
    output_tokens=100,
    ttft_seconds=0.4,
    decode_tok_s=80.0,
    gross_joules=360.0,
    energy_scope="gpu",
    conditions={"context": 8192, "decode_rate": "server counters", "gpu_share": 1.0},
)


@pytest.fixture
def backstage(tmp_path: Path, qapp: QApplication) -> Iterator[Backstage]:
    theme.install(qapp, "light")
    made = Backstage(tmp_path, AppState(Settings()), Messages())
    made.start(server=False)
    made.run(_fill(made))
    yield made
    made.stop()


async def _fill(backstage: Backstage) -> None:
    """A year of runs, thirteen or fourteen a day, of five models, in one transaction."""
    begin = datetime.now(UTC) - timedelta(days=365)
    runs = []
    for i in range(RUNS):
        at = (begin + timedelta(minutes=105 * i)).isoformat(timespec="seconds")
        run = replace(RUN, started_at=at, model=f"model-{i % 5}", decode_tok_s=80.0 + i % 7)
        runs.append(WholeRun(record=replace(run, uid=f"run-{i}"), listed_at=at))
    await backstage.history.put_back(runs)


def _open(backstage: Backstage, qtbot: QtBot) -> HistoryPage:
    page = HistoryPage(
        backstage.state, backstage.tasks, backstage.messages, history=backstage.history
    )
    qtbot.addWidget(page)
    page.resize(1080, 800)
    page.show()
    qtbot.waitUntil(lambda: page.state is not PageState.LOADING)
    page.grab()
    return page


def test_a_year_of_runs_opens_before_one_waits(
    benchmark: BenchmarkFixture, goals: Goals, backstage: Backstage, qtbot: QtBot
) -> None:
    walls: list[float] = []
    cpus: list[float] = []
    fulls: list[float] = []

    def once() -> None:
        begin, cpu = time.perf_counter(), time.thread_time()
        page = _open(backstage, qtbot)
        walls.append(time.perf_counter() - begin)
        cpus.append(time.thread_time() - cpu)
        assert page.runs.table.filter.rowCount() >= FIRST
        qtbot.waitUntil(lambda: page.runs.table.filter.rowCount() == RUNS)
        fulls.append(time.perf_counter() - begin)
        page.close()

    once()
    walls.clear()
    cpus.clear()
    fulls.clear()
    benchmark.pedantic(once, rounds=7, iterations=1)
    benchmark.extra_info |= {
        "open_ms": round(1000 * statistics.median(walls), 1),
        "gui_cpu_ms": round(1000 * statistics.median(cpus), 1),
        "all_runs_ms": round(1000 * statistics.median(fulls), 1),
    }
    goals.most("until the page shows runs, s", statistics.median(walls), MOST_OPEN_SECONDS)


def test_a_letter_in_the_search_and_another_order_are_there_at_once(
    benchmark: BenchmarkFixture, goals: Goals, backstage: Backstage, qtbot: QtBot
) -> None:
    page = _open(backstage, qtbot)
    letters = iter("model-3" * 20)
    searches: list[float] = []
    orders: list[float] = []

    def step() -> None:
        begin = time.thread_time()
        page.filters.search.setText(page.filters.search.text()[:5] + next(letters))
        page.grab()
        searches.append(time.thread_time() - begin)
        begin = time.thread_time()
        way = Qt.SortOrder.DescendingOrder if len(orders) % 2 else Qt.SortOrder.AscendingOrder
        page.runs.table.sortByColumn(4, way)
        page.grab()
        orders.append(time.thread_time() - begin)

    benchmark.pedantic(step, rounds=20, iterations=1)
    benchmark.extra_info |= {
        "search_cpu_ms": round(1000 * statistics.median(searches), 1),
        "order_cpu_ms": round(1000 * statistics.median(orders), 1),
    }
    goals.most("CPU of a letter, s", statistics.median(searches), MOST_SEARCH_CPU_SECONDS)
    goals.most("CPU of another order, s", statistics.median(orders), MOST_SEARCH_CPU_SECONDS)
