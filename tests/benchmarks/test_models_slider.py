"""One step of the context slider with a hundred rows: ranking, table, inspector and painting.

`python -m pytest tests/benchmarks/test_models_slider.py --benchmark-only`. The thread's own CPU
time counts (`step_cpu_ms`), because other work on the machine moves wall time and hardly this.
"""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import replace
from itertools import cycle

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from landfall.core.machine.machines import what_if
from landfall.gui import theme
from landfall.gui.models.filters import ALL
from landfall.gui.models.ranking import Ground
from landfall.gui.models.recommended import RecommendedTab
from landfall.services.models import shipped_catalogue
from tests.benchmarks.goals import Goals

ROWS = 100
ROUNDS = 120
WARM_UP = 10
MOST_STEP_CPU_SECONDS = 0.033
"""Two frames of a screen at 60 Hz: what follows within them is seen to follow at once."""


def tab_of(machine: str) -> RecommendedTab:
    """A hundred models for conversation, the ranking of all of them listed."""
    known = shipped_catalogue.load()
    suited = [card for card in known.models if card.suits("chat")]
    more = (replace(c, tag=f"{c.tag}-again", aliases=()) for c in suited[: ROWS - len(suited)])
    tab = RecommendedTab(8192)
    tab.set_ground(Ground(cards=(*suited, *more), profile=what_if(machine, known.machines)))
    tab.filters.shows.setCurrentIndex(ALL)
    return tab


@pytest.mark.parametrize("sorts", [False, True], ids=["ranked", "sorted by need"])
@pytest.mark.parametrize("machine", ["RTX 4090", "RTX 4060 Laptop"])
def test_a_step_of_the_slider_is_done_before_it_is_seen(
    benchmark: BenchmarkFixture,
    goals: Goals,
    qtbot: QtBot,
    qapp: QApplication,
    machine: str,
    sorts: bool,
) -> None:
    theme.install(qapp, "light")
    window = QWidget()
    qtbot.addWidget(window)
    tab = tab_of(machine)
    QVBoxLayout(window).addWidget(tab)
    window.resize(1080, 700)
    window.show()
    if sorts:
        tab.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    slider = tab.filters.context.slider
    there = range(slider.minimum(), slider.maximum() + 1)
    steps = cycle([*there, *reversed(there)])
    taken: list[float] = []

    def step() -> None:
        begin = time.thread_time()
        slider.setValue(next(steps))
        qapp.sendPostedEvents()
        qapp.processEvents()
        taken.append(time.thread_time() - begin)

    assert tab.table.filter.rowCount() == ROWS
    for _ in range(WARM_UP):
        step()
    taken.clear()
    benchmark.pedantic(step, rounds=ROUNDS, iterations=1)
    median = statistics.median(taken)
    benchmark.extra_info |= {
        "step_cpu_ms": round(1000 * median, 1),
        "step_cpu_p95_ms": round(1000 * sorted(taken)[int(0.95 * len(taken))], 1),
    }
    goals.most("CPU of a step, median, ms", 1000 * median, 1000 * MOST_STEP_CPU_SECONDS)
