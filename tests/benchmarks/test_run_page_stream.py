"""200 tokens a second into the Run page, over a real socket from another process.

Ten seconds by default; LANDFALL_BENCH_SECONDS=60 for the whole minute. Run with
`python -m pytest tests/benchmarks/test_run_page_stream.py --benchmark-only`.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from landfall.bootstrap.window import needed_by
from landfall.core.settings import Settings
from landfall.gui import theme
from landfall.gui.app_state import AppState
from landfall.gui.main_window import MainWindow
from landfall.gui.messages import Messages
from landfall.gui.pages.home_page import HomePage
from landfall.gui.pages.run_page import RunPage
from tests.fakes.steady_ollama import words
from tests.gui.pages.backstage import Backstage, FakePower
from tests.gui.pages.stall_probe import StallProbe

ROOT = Path(__file__).parents[2]
SECONDS = float(os.environ.get("LANDFALL_BENCH_SECONDS", "10"))
RATE = 200
STALL_MAX_SECONDS = 0.050


@pytest.fixture
def steady() -> Iterator[str]:
    """The address of a server that says 200 tokens a second."""
    command = [
        sys.executable,
        "-m",
        "tests.fakes.steady_ollama",
        str(RATE),
        str(int(RATE * SECONDS)),
    ]
    path = os.pathsep.join((str(ROOT / "app"), str(ROOT)))
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.communicate("")


@pytest.fixture
def backstage(tmp_path: Path, qapp: QApplication) -> Iterator[Backstage]:
    theme.install(qapp, "light")
    made = Backstage(tmp_path, AppState(Settings()), Messages())
    # As the program does before it makes a page: see bootstrap.window.
    for module in needed_by("run"):
        import_module(module)
    gc.collect()
    gc.freeze()
    yield made
    made.stop()
    gc.unfreeze()


def page_of(made: Backstage) -> RunPage:
    return RunPage(
        made.state,
        made.tasks,
        made.messages,
        made.lookout,
        host=made.host,
        runs=made.runs,
        cloud=made.cloud,
    )


def tell(benchmark: BenchmarkFixture, probe: StallProbe) -> None:
    """Both clocks: on a machine with other work the longest stall is that of the others."""
    benchmark.extra_info["longest_stall_ms"] = round(probe.longest_seconds * 1000, 1)
    benchmark.extra_info["longest_own_stall_ms"] = round(probe.longest_own_seconds * 1000, 1)
    benchmark.extra_info["stalls_above_50_ms"] = probe.above(STALL_MAX_SECONDS)


def test_opening_the_page_never_stalls_the_window(
    benchmark: BenchmarkFixture, qtbot: QtBot, backstage: Backstage
) -> None:
    """Home is there; Run is made and shown, its chart's library imported on a thread meanwhile."""
    backstage.start()
    # First in this file, so that the import is part of it.
    benchmark.extra_info["imported_before"] = "pyqtgraph" in sys.modules
    pages = {"home": lambda: HomePage(backstage.state), "run": lambda: page_of(backstage)}
    window = MainWindow(
        backstage.state, backstage.messages, page_factory=lambda name: pages[name]()
    )
    qtbot.addWidget(window)
    window.open_page("home")
    window.show()
    qtbot.wait(200)
    probe = StallProbe()

    def opened() -> None:
        probe.start()
        qtbot.wait(50)
        window.open_page("run")
        page = window.page("run")
        assert isinstance(page, RunPage)
        qtbot.waitUntil(lambda: page.chart.slot.chart is not None, timeout=10_000)
        qtbot.wait(100)
        probe.stop()

    benchmark.pedantic(opened, rounds=1, iterations=1)
    tell(benchmark, probe)
    assert probe.longest_own_seconds <= STALL_MAX_SECONDS


def test_a_minute_of_200_tokens_a_second_never_stalls_the_window(
    benchmark: BenchmarkFixture, qtbot: QtBot, backstage: Backstage, steady: str
) -> None:
    backstage.start(server=False)
    backstage.connect(steady)
    backstage.runs.use_power(FakePower(period=0.1))
    page = page_of(backstage)
    qtbot.addWidget(page)
    page.resize(1080, 800)
    page.show()
    qtbot.waitUntil(lambda: page.chart.slot.chart is not None, timeout=10_000)
    page.form.prompt.setPlainText("Talk for a while.")
    probe = StallProbe()

    def stream() -> None:
        probe.start()
        page.form.send.click()
        qtbot.waitUntil(lambda: not page.session.running, timeout=int(SECONDS * 2000) + 20_000)
        probe.stop()

    benchmark.pedantic(stream, rounds=1, iterations=1)
    kept = page.session.here.kept
    assert kept is not None
    tell(benchmark, probe)
    benchmark.extra_info["tokens"] = kept.record.output_tokens
    said = "".join(words(int(RATE * SECONDS)))
    assert kept.record.answer == said
    assert page.chat.answers[0].text.raw == said
    assert len(page.chart.rates["here"]) >= min(1200, 4 * SECONDS)
    assert page.chart.watts[-1][0] > SECONDS * 0.9
    assert kept.record.decode_tok_s == pytest.approx(RATE, rel=0.02)
    assert probe.longest_own_seconds <= STALL_MAX_SECONDS
