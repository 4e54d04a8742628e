"""Ten targets beside each other on the Run page, each a stream of 100 pieces a second over a real
socket from another process: begun and ended together, with their columns, figures and watts.

Ten seconds by default; LANDFALL_BENCH_SECONDS=60 for the whole minute. Run with
`python -m pytest tests/benchmarks/test_side_by_side_stream.py --benchmark-only`.
"""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from landfall.core.side_by_side.side_by_side import Plan, Prompt, Target
from landfall.gui.run.toolbar import Mode
from landfall.gui.side_by_side.session import SideOrder
from landfall.gui.side_by_side.targets import asked_here
from landfall.gui.side_by_side.view import SideBySideView
from tests.benchmarks.goals import Goals
from tests.benchmarks.test_run_page_stream import (
    SECONDS,
    backstage,
    hold,
    page_of,
    speaking,
    tell,
)
from tests.fakes.steady_ollama import TEN, words
from tests.gui.pages.backstage import Backstage, FakePower
from tests.gui.pages.stall_probe import StallProbe

__all__ = ["backstage"]

RATE = 100


def ten_at_once(view: SideBySideView) -> SideOrder:
    """All models of the server at the same time, whatever they do to each other."""
    plan = Plan(
        prompts=(Prompt(name="1", text="Talk for a while."),),
        targets=tuple(Target(model=name) for name in TEN),
        context=2048,
        pace="all",
    )
    return SideOrder(plan, view.chips.asked)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1200)])
def test_ten_targets_at_once_never_stall_the_window(
    benchmark: BenchmarkFixture,
    goals: Goals,
    qtbot: QtBot,
    backstage: Backstage,
    width: int,
    height: int,
) -> None:
    backstage.start(server=False)
    with speaking(RATE, "ten") as address:
        backstage.connect(address)
        backstage.runs.use_power(FakePower(period=0.1))
        page = page_of(backstage)
        qtbot.addWidget(page)
        page.resize(width - 200, height)
        page.show()
        qtbot.waitUntil(lambda: page.chart.slot.chart is not None, timeout=10_000)
        page.mode.choose(Mode.BOTH)
        view = page.side
        assert view is not None
        for target in page.model.targets:
            view.chips.hold(asked_here(target))
        assert len(view.chips.asked) == len(TEN)
        view.form.prompt.setPlainText("Talk for a while.")
        qtbot.wait(300)
        probe = StallProbe()

        def stream() -> None:
            probe.start()
            view.session.ask(ten_at_once(view))
            patience = int(SECONDS * 2000) + 20_000
            qtbot.waitUntil(
                lambda: view.session.kept is not None and view.columns.settled, timeout=patience
            )
            qtbot.wait(100)
            probe.stop()

        benchmark.pedantic(stream, rounds=1, iterations=1)
        tell(benchmark, probe)
        said = "".join(words(int(RATE * SECONDS)))
        for column in view.columns.columns:
            assert column.answer is not None
            assert column.answer.complete
            assert column.bubble.text.raw == said
            assert column.meters.labels["watts"].text.endswith("W")
        kept = view.session.kept
        assert kept is not None
        assert [one.run.answer for one in kept.answers if one.run is not None] == [said] * len(TEN)
        hold(goals, probe)
