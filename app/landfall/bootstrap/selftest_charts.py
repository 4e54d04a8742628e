"""Draws one chart of each kind for the self-test, with figures made up for it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QWidget

from landfall.bootstrap.selftest_picture import check_drawn
from landfall.core.benchmark.benchmark import Level, Sweep
from landfall.core.events import PowerSample
from landfall.core.provenance import Unknown
from landfall.gui.people.people_chart import Line as PeopleLine
from landfall.gui.people.people_chart import PeopleChart, PeoplePicture
from landfall.gui.widgets.bill_bar import BillBar, BillPart
from landfall.gui.widgets.break_even_chart import BreakEven, BreakEvenChart, Line
from landfall.gui.widgets.chart_export import svg
from landfall.gui.widgets.cost_bars import CostBars, CostOption
from landfall.gui.widgets.day_bars import DayBar, DayBars
from landfall.gui.widgets.here_there_chart import HereThereChart
from landfall.gui.widgets.here_there_chart import Line as PlaceLine
from landfall.gui.widgets.hour_chart import Day, Hour, HourChart
from landfall.gui.widgets.live_chart import LiveChart
from landfall.gui.widgets.margin_chart import Interval, MarginChart
from landfall.gui.widgets.memory_bar import MemoryBar, Segment
from landfall.gui.widgets.pipeline_map import PipelineMap, Step
from landfall.gui.widgets.rate_chart import RateChart
from landfall.gui.widgets.share_bar import ShareBar, SharePart
from landfall.gui.widgets.sweep_chart import SweepChart
from landfall.gui.widgets.tornado_chart import Swing, Tornado

_WIDTH, _HEIGHT = 640, 300
_SECONDS = range(30)
_GIB = 1 << 30


def draw_each_kind() -> str:
    """Draw each on a picture; the live one as a drawing too.

    Raises:
        RuntimeError: one of them is blank, or there is no application.
    """
    if not isinstance(QApplication.instance(), QApplication):
        raise RuntimeError("there is no application: the step of the window failed")
    for make in KINDS:
        chart = make()
        chart.resize(_WIDTH, max(chart.heightForWidth(_WIDTH), chart.sizeHint().height(), 60))
        check_drawn(type(chart).__name__, chart.grab().toImage())
        if isinstance(chart, LiveChart) and b"<polyline" not in svg(chart):
            raise RuntimeError("the drawing of the live chart is empty")
        chart.deleteLater()
    return f"{len(KINDS)} kinds drawn"


def _break_even() -> QWidget:
    return BreakEvenChart(
        BreakEven(
            axis="million tokens a day",
            volume=[0.0, 1.0, 2.0, 3.0],
            local=Line(name="here", role="here", usd_month=[60, 64, 68, 72]),
            low=[50, 54, 58, 62],
            high=[70, 75, 80, 85],
            others=(Line(name="cloud", role="frontier", usd_month=[0, 45, 90, 135]),),
            dot=(1.5, 66.0),
            dot_text="today",
            crossing=1.5,
            crossing_text="break-even at 1.5 M",
        )
    )


def _live() -> QWidget:
    chart = LiveChart()
    chart.resize(_WIDTH, _HEIGHT)
    rates = [(float(second), 70.0 + second % 3) for second in _SECONDS]
    watts = [PowerSample(float(second), "NVML", "gpu", 200.0 + second) for second in _SECONDS]
    chart.show_run(rates, watts)
    return chart


def _rate() -> QWidget:
    return RateChart([(10.0 * second, 70.0 - second / 4) for second in _SECONDS])


def _sweep() -> QWidget:
    levels = tuple(
        Level(
            concurrency=count,
            answers=count,
            failed=0,
            at_once=count,
            ttft_p50_seconds=0.2 * count,
            ttft_p95_seconds=0.4 * count,
            decode_tok_s=50.0,
            throughput_tok_s=50.0 * count,
            gross_joules_per_token=Unknown("no sensor"),
        )
        for count in (1, 2, 4, 8)
    )
    return SweepChart(Sweep(levels=levels, ttft_target_seconds=2.0, people=None, reason=""))


def _hours() -> QWidget:
    chart = HourChart()
    hours = tuple(Hour(name=str(hour), load=hour / 20, words="busy") for hour in range(24))
    chart.set_day(
        Day(
            hours=hours,
            limit=0.8,
            limit_words="comfortable",
            full_words="all",
            assumed=False,
            busiest="busiest",
        )
    )
    return chart


def _margin() -> QWidget:
    chart = MarginChart()
    interval = Interval(name="a", verdict="Passes", words="", low=-1.0, middle=0.3, high=1.5)
    chart.set_intervals((interval,), margin=3.0)
    return chart


def _costs() -> QWidget:
    return CostBars(
        (
            CostOption(name="cloud", role="frontier", low=412, mid=412, high=412),
            CostOption(name="here", role="here", low=27, mid=31, high=38, chosen=True),
        )
    )


def _tornado() -> QWidget:
    chart = Tornado()
    swing = Swing(name="price", now="$1.85", low=95, high=236, low_label="$1", high_label="$2")
    chart.set_swings((swing,), saving_now=208)
    return chart


def _days() -> QWidget:
    chart = DayBars("totals")
    bars = [
        DayBar(label=str(day), own=1.0 + day, cloud=2.0, lacks=False, spoken="") for day in range(7)
    ]
    chart.show_bars(bars, _plainly, name="tokens")
    return chart


def _plainly(value: float, _step: float) -> str:
    return f"{value:g}"


def _here_and_there() -> QWidget:
    chart = HereThereChart()
    line = PlaceLine(
        name="a", note="", speed=70.0, speed_words="70 tok/s", cost=200.0, cost_words="200 W"
    )
    chart.show_lines([line], [line])
    return chart


def _people() -> QWidget:
    chart = PeopleChart()
    points = tuple((float(people), 5.0 + people**2 / 20) for people in range(0, 40, 2))
    chart.show_picture(
        PeoplePicture(
            lines=(PeopleLine(name="2 machines", points=points, asked=True),),
            target=20.0,
            target_words="target",
            people=12.0,
            people_words="12 people",
            seconds=12.0,
            said="",
        )
    )
    return chart


def _pipeline() -> QWidget:
    chart = PipelineMap()
    leaving = Step(name="embed", model="b", place="there", leaves=True)
    chart.set_steps((Step(name="scan", model="a", place="here"), leaving))
    return chart


def _bill() -> QWidget:
    chart = BillBar("after")
    parts = (BillPart("here", "here", 95.0), BillPart("there", "hosted", 509.0))
    chart.set_bill(parts, "~$604", scale_to=2250, band=(500, 700))
    return chart


def _memory() -> QWidget:
    chart = MemoryBar(columns=2)
    segments = (Segment("weights", 16 * _GIB, "mem_weights"), Segment("free", 8 * _GIB, "border"))
    chart.set_memory(segments, total_bytes=24 * _GIB, need_bytes=16 * _GIB)
    return chart


def _share() -> QWidget:
    chart = ShareBar()
    chart.set_parts("used", 0.6, (SharePart("a", 0.4), SharePart("b", 0.2)))
    return chart


KINDS: tuple[Callable[[], QWidget], ...] = (
    _break_even,
    _live,
    _rate,
    _sweep,
    _hours,
    _margin,
    _costs,
    _tornado,
    _days,
    _here_and_there,
    _people,
    _pipeline,
    _bill,
    _memory,
    _share,
)
