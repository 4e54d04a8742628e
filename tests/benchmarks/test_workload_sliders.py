"""A slider of a workload is dragged: the verdict, its card and the open view follow each move.

`python -m pytest tests/benchmarks/test_workload_sliders.py --benchmark-only`. Counted is the CPU
time of the window's thread (`move_cpu_ms`) for everything that a move costs it: the verdict on the
changed workload, the card, the view, and their painting.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from itertools import cycle

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication, QSlider
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from landfall.gui import theme
from landfall.gui.workloads.detail import COSTS, HOURS, PIPELINE, RULES, WorkloadDetail
from landfall.services.history.records import SavedWorkload
from landfall.services.verdict.decided import Entry
from tests.benchmarks.goals import Goals
from tests.gui.test_verdict_evidence import text_of
from tests.gui.test_workload_view import LIMITS, decided

ROUNDS = 120
WARM_UP = 10
FRAME_CPU_SECONDS = 1 / 60


@pytest.mark.parametrize("view", [COSTS, HOURS, PIPELINE, RULES])
def test_a_dragged_slider_keeps_sixty_verdicts_a_second(
    benchmark: BenchmarkFixture, goals: Goals, qtbot: QtBot, qapp: QApplication, view: int
) -> None:
    theme.install(qapp, "light")
    text = text_of("LOCAL_THIS_MACHINE")
    saved = asyncio.run(decided(text, with_flips=True))
    detail = WorkloadDetail(lambda: LIMITS)
    qtbot.addWidget(detail)
    detail.resize(1000, 1100)
    detail.show()
    detail.show_entry(Entry(saved=SavedWorkload(name="w", toml=text), decided=saved))
    detail.show_what_if(True)
    detail.open_evidence(view)
    slider = detail.findChild(QSlider, "what-if-volume.calls_per_day")
    assert slider is not None
    places = cycle(range(-600, 600, 10))
    cpu: list[float] = []

    def move() -> None:
        before, begun = detail.shown, time.thread_time()
        slider.setValue(next(places))
        while detail.shown is before:
            qapp.processEvents()
        qapp.processEvents()
        cpu.append(time.thread_time() - begun)

    next(places)
    benchmark.pedantic(move, rounds=ROUNDS, warmup_rounds=WARM_UP)
    median = statistics.median(cpu[WARM_UP:])
    goals.most("CPU of a move, median, ms", 1000 * median, 1000 * FRAME_CPU_SECONDS)
