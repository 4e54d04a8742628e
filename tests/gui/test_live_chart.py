"""The chart of speed and power: drawn seldom, read with a cursor, paused, in both themes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from landfall.core.events import PowerSample
from landfall.core.run.phases import Phase, PhaseKind, kept_phases
from landfall.core.run.thinning import POINTS
from landfall.gui import theme
from landfall.gui.theme import Text
from landfall.gui.widgets import chart_painting, live_chart
from landfall.gui.widgets.chart_layout import Frame, Span, scale_step, time_ticks, time_words
from landfall.gui.widgets.live_chart import LiveChart
from landfall.gui.widgets.trace import Trace
from tests.gui.conftest import active_timers

Make = Callable[[], LiveChart]
PHASES = kept_phases(
    load_seconds=1.0,
    prompt_seconds=1.0,
    ttft_seconds=2.5,
    first_answer_seconds=6.0,
    total_seconds=10.0,
)
RATES = [(0.0, 0.0), (2.5, 0.0), *((2.75 + i / 4, 70.0 + i % 3) for i in range(30))]
SAMPLES = [
    PowerSample(i / 10, "NVML", "gpu", None if 40 <= i < 50 else 200.0 + i, "asleep")
    for i in range(100)
]


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    def made() -> LiveChart:
        chart = LiveChart()
        qtbot.addWidget(chart)
        chart.resize(560, 300)
        chart.show()
        qtbot.waitExposed(chart)
        return chart

    return made


def of_a_run(make: Make) -> LiveChart:
    chart = make()
    chart.show_run(RATES, SAMPLES, PHASES, name="qwen3:8b", idle_watts=21.0)
    chart.grab()
    return chart


def at(chart: LiveChart, seconds: float) -> QPoint:
    assert chart.frame is not None
    return QPoint(round(chart.frame.x(seconds)), round(chart.frame.plot.center().y()))


def colour(chart: LiveChart, seconds: float, y: float) -> str:
    picture = chart.grab().toImage()
    assert chart.frame is not None
    return picture.pixelColor(round(chart.frame.x(seconds)), round(y)).name().upper()


# When it draws


def test_a_live_chart_draws_only_after_something_came(make: Make, qtbot: QtBot) -> None:
    chart = make()
    assert not chart.is_due
    chart.add_rates([(0.1, 60.0), (0.2, 70.0)])
    assert chart.is_due
    qtbot.waitUntil(lambda: not chart.is_due)
    chart.tell()
    assert "tok/s 70" in chart.accessibleName()
    assert active_timers() == []


def test_a_hidden_live_chart_keeps_points_and_does_not_tick(qtbot: QtBot) -> None:
    chart = LiveChart()
    qtbot.addWidget(chart)
    chart.add_rates([(0.1, 60.0)])
    assert not chart.is_due
    chart.show()
    assert "tok/s 60" in chart.accessibleName()
    chart.add_rates([(0.2, 61.0)])
    chart.hide()
    assert active_timers() == []
    assert chart.rate_points[""] == ((0.1, 60.0), (0.2, 61.0))


def test_a_screen_reader_is_told_no_more_than_once_a_second(make: Make, qtbot: QtBot) -> None:
    chart = make()
    chart.draw_now()
    for value in (60.0, 61.0):
        chart.add_rates([(value, value)])
        qtbot.waitUntil(lambda: not chart.is_due)
    assert "61" not in chart.accessibleName()
    chart.draw_now()
    assert "tok/s 61" in chart.accessibleName()


def test_a_long_run_keeps_a_bounded_number_of_points(make: Make) -> None:
    chart = make()
    for start in range(0, 3 * POINTS, 10):
        chart.add_rates([((start + i) / 10, 1.0 + i) for i in range(10)])
    assert POINTS / 2 < len(chart.rate_points[""]) <= POINTS
    chart.draw_now()
    assert not chart.grab().isNull()


# What it shows


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_rates_watts_and_a_second_run_share_one_chart(
    make: Make, themed: theme.Theme, scheme: theme.SchemeChoice
) -> None:
    chart = make()
    chart.add_rates([(0.1, 60.0), (0.2, 62.0)])
    chart.add_rates([(0.1, 90.0), (0.2, 91.0)], key="cloud", name="GPT", role="frontier")
    chart.add_watts([(0.1, 290.0), (0.2, 291.0)], scope="GPU board")
    chart.set_idle(21.4)
    themed.use(scheme)
    chart.restyle()
    chart.draw_now()
    for said in ("tok/s 62", "GPT 91", "GPU board 291"):
        assert said in chart.accessibleName()
    assert chart.watt_points[-1] == (0.2, 291.0)
    assert colour(chart, 0.15, 5) == theme.color("surface").name().upper()
    chart.clear_curves()
    assert chart.rate_points == {}
    assert chart.watt_points == ()
    assert "nothing yet" in chart.accessibleName()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_phase_lies_on_a_ground_of_its_own(
    make: Make, themed: theme.Theme, scheme: theme.SchemeChoice
) -> None:
    themed.use(scheme)
    chart = of_a_run(make)
    assert chart.frame is not None
    low = chart.frame.plot.bottom() - 25
    grounds = {
        name: colour(chart, seconds, low)
        for name, seconds in (("load", 0.5), ("wait", 1.25), ("think", 4.5), ("decode", 8.0))
    }
    assert grounds == {
        "load": theme.color("phase_load").name().upper(),
        "wait": theme.color("phase_wait").name().upper(),
        "think": theme.color("phase_think").name().upper(),
        "decode": theme.color("phase_decode").name().upper(),
    }
    assert "load 1.0 s, waiting 500 ms, prefill 1.0 s, think 3.5 s, decode 4.0 s" in (
        chart.accessibleName().replace("\u00a0", " ")
    )


def test_a_gap_in_the_watts_stays_a_gap(make: Make) -> None:
    chart = of_a_run(make)
    assert chart.frame is not None
    picture = chart.grab().toImage()
    ink = theme.color("text_2")

    def has_ink(start: float, end: float) -> bool:
        frame = chart.frame
        assert frame is not None
        columns = range(round(frame.x(start)), round(frame.x(end)))
        rows = range(round(frame.y_watts(320.0)), round(frame.y_watts(190.0)))
        return any(close(picture.pixelColor(x, y), ink) for x in columns for y in rows)

    assert has_ink(3.0, 3.9)
    assert not has_ink(4.1, 4.85)
    assert has_ink(5.1, 5.9)
    assert chart.trace.at(4.5).watts is None


def close(a: QColor, b: QColor) -> bool:
    pairs = ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    return max(abs(x - y) for x, y in pairs) < 60


def test_eight_answers_have_eight_looks(themed: theme.Theme) -> None:
    pens = [chart_painting.rate_pen(i, "here") for i in range(8)]
    looks = {(pen.color().name(), tuple(pen.dashPattern()), pen.style()) for pen in pens}
    assert len(looks) == 8


def test_eight_answers_are_drawn_with_their_names_beside_them(make: Make) -> None:
    chart = make()
    for i in range(8):
        chart.add_rates([(0.0, 0.0), (5.0, 40.0 + i)], key=str(i), name=f"answer {i}")
        phase = Phase(kind=PhaseKind.DECODE, start_seconds=0.0, end_seconds=5.0)
        chart.show_phases([phase], key=str(i))
    chart.draw_now()
    chart.grab()
    alone = of_a_run(make)
    assert chart.frame is not None
    assert alone.frame is not None
    assert chart.frame.plot.right() < alone.frame.plot.right() - 40
    assert "answer 7 47" in chart.accessibleName()


@pytest.mark.parametrize("kind", list(PhaseKind))
def test_every_phase_has_a_word_and_a_ground(make: Make, kind: PhaseKind) -> None:
    chart = make()
    chart.show_phases([Phase(kind=kind, start_seconds=0.0, end_seconds=5.0)])
    chart.draw_now()
    assert chart_painting.phase_word(kind) in chart.accessibleName()
    assert not chart.grab().isNull()


# Which stretch


def test_a_window_shows_only_the_newest(make: Make) -> None:
    chart = make()
    chart.add_rates([(float(i), 5.0) for i in range(300)])
    assert chart.span.start == 0.0
    chart.set_window(30.0)
    assert (chart.window_seconds, chart.span.start) == (30.0, 269.0)
    chart.set_window(None)
    assert chart.span.start == 0.0


def test_a_pause_stops_the_drawing_and_not_the_data(make: Make, qtbot: QtBot) -> None:
    chart = make()
    chart.set_window(30.0)
    chart.add_rates([(float(i), 5.0) for i in range(100)])
    with qtbot.waitSignal(chart.paused_changed) as told:
        QTest.keyClick(chart, Qt.Key.Key_Space)
    assert told.args == [True]
    before = chart.span
    chart.add_rates([(float(i), 5.0) for i in range(100, 200)])
    assert not chart.is_due
    assert chart.span == before
    assert "paused" in chart.accessibleName()
    chart.set_window(10.0)
    assert chart.span.start == pytest.approx(89.0)
    QTest.keyClick(chart, Qt.Key.Key_Space)
    assert chart.span.start == 189.0
    assert chart.rate_points[""][-1] == (199.0, 5.0)


def test_an_empty_chart_ends_a_pause(make: Make) -> None:
    chart = of_a_run(make)
    chart.set_paused(True)
    chart.clear_curves()
    assert not chart.paused


# The cursor


def test_the_mouse_reads_every_curve_at_one_time(make: Make) -> None:
    chart = of_a_run(make)
    QTest.mouseMove(chart, at(chart, 8.0))
    said = chart.accessibleDescription().replace("\u00a0", " ")
    assert "8.0" in said
    assert "decode" in said
    assert "qwen3:8b" in said
    assert "280 W" in said
    QTest.mouseMove(chart, QPoint(2, 2))
    assert chart.cursor_seconds is None
    assert chart.accessibleDescription() == ""


def test_a_cursor_in_a_gap_says_that_nothing_was_read(make: Make) -> None:
    chart = of_a_run(make)
    chart.set_cursor(4.5)
    assert "no reading of watts" in chart.accessibleDescription()
    assert "think" in chart.accessibleDescription()
    assert not chart.grab().isNull()


def test_the_cursor_moves_by_keys(make: Make) -> None:
    chart = of_a_run(make)
    QTest.keyClick(chart, Qt.Key.Key_Home)
    assert chart.cursor_seconds == 0.0
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert chart.cursor_seconds == 0.0
    QTest.keyClick(chart, Qt.Key.Key_Right)
    step = chart.cursor_seconds
    assert step is not None
    assert step > 0.0
    QTest.keyClick(chart, Qt.Key.Key_End)
    assert chart.cursor_seconds == RATES[-1][0]
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert chart.cursor_seconds == RATES[-1][0]
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert chart.cursor_seconds < RATES[-1][0]
    chart.clearFocus()


def test_the_first_arrow_begins_at_the_newest_and_an_empty_chart_has_no_cursor(make: Make) -> None:
    chart = make()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_End):
        QTest.keyClick(chart, key)
        assert chart.cursor_seconds is None
    chart.show_run(RATES, (), PHASES)
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert chart.cursor_seconds == RATES[-1][0]
    assert "watts" not in chart.accessibleDescription()


def test_the_cursor_costs_no_new_drawing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    chart = of_a_run(make)
    painted: list[QRectF] = []
    monkeypatch.setattr(
        "landfall.gui.widgets.live_chart.paint_chart", lambda *args: painted.append(args[1])
    )
    for seconds in (1.0, 2.0, 3.0):
        chart.set_cursor(seconds)
        chart.repaint()
    assert painted == []


# Scales


@pytest.mark.parametrize(
    ("highest", "step"), [(77.0, 25.0), (100.0, 30.0), (0.0, 4e-10), (7.0, 2.0), (1300.0, 400.0)]
)
def test_a_scale_has_round_steps_and_room_above(highest: float, step: float) -> None:
    assert scale_step(highest) == pytest.approx(step, rel=0.5)
    assert scale_step(highest) * 4 >= highest * 1.05


def test_times_are_seconds_and_on_a_long_axis_minutes(themed: theme.Theme) -> None:
    short, long = Span(start=0.0, end=6.3), Span(start=600.0, end=1200.0)
    assert time_ticks(short, 6) == [0.0, 2.0, 4.0, 6.0]
    assert time_words(4.0, short) == "4"
    assert time_words(725.0, long) == "12:05"
    assert time_ticks(Span(start=0.0, end=1e6), 3)[1] == 14400.0


def test_the_same_chart_is_painted_on_anything(make: Make) -> None:
    from PySide6.QtGui import QPainter

    chart = of_a_run(make)
    image = QImage(800, 400, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    frame = chart.paint_on(painter, QRectF(0, 0, 800, 400))
    painter.end()
    assert frame.plot.width() > 600
    assert image.pixelColor(1, 1) == theme.color("surface")


def test_that_what_comes_while_a_picture_is_made_is_in_the_next_one(
    qtbot: QtBot, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = make()
    chart.add_rates([(0.0, 1.0), (1.0, 50.0)])
    qtbot.waitUntil(lambda: not chart.is_due)
    seconds: list[float] = []
    real = live_chart.chart_parts

    def parts(box: QRectF, trace: Trace, span: Span) -> object:
        seconds.append(trace.end)
        if len(seconds) == 1:
            QTimer.singleShot(0, lambda: chart.add_rates([(3.0, 70.0)]))
        return real(box, trace, span)

    monkeypatch.setattr(live_chart, "chart_parts", parts)
    chart.add_rates([(2.0, 60.0)])
    qtbot.waitUntil(lambda: not chart.is_due)
    assert seconds == [2.0, 3.0]
    assert chart.frame is not None
    assert chart.frame.span.end > 3.0


def test_that_a_picture_in_pieces_is_the_one_that_is_painted_at_once(
    qtbot: QtBot, make: Make
) -> None:
    chart = make()
    for i in range(8):
        chart.add_rates([(0.0, 10.0 * i), (2.0, 5.0 + i)], key=str(i), name=f"answer {i}")
        chart.show_phases(
            [Phase(kind=PhaseKind.DECODE, start_seconds=0.0, end_seconds=2.0)], key=str(i)
        )
    chart.add_watts([(0.0, 100.0), (2.0, 120.0)], scope="GPU board")
    qtbot.waitUntil(lambda: not chart.is_due)
    in_pieces = chart.grab().toImage()
    chart.draw_now()
    assert chart.grab().toImage() == in_pieces


def test_that_a_ground_too_narrow_for_its_word_has_it_upright(qtbot: QtBot) -> None:
    height = QFontMetricsF(theme.font(Text.CAPTION)).height() + 4

    def painted(width: float, *, named: bool) -> QImage:
        picture = QImage(200, 160, QImage.Format.Format_RGB32)
        picture.fill(theme.color("surface"))
        frame = Frame(
            plot=QRectF(0, 0, width, 160),
            bands_top=0.0,
            row_height=height,
            span=Span(start=0.0, end=1.0),
            rate_step=1.0,
            watts_step=1.0,
        )
        phase = Phase(kind=PhaseKind.PREFILL, start_seconds=0.0, end_seconds=1.0)
        painter = QPainter(picture)
        chart_painting._paint_phase(painter, phase, frame, top=0, bottom=160, named=named)
        painter.end()
        return picture

    def word(width: float) -> tuple[int, int]:
        """Width and height of what the name of the phase alone has painted."""
        bare, named = painted(width, named=False), painted(width, named=True)
        ink = [
            (x, y)
            for x in range(200)
            for y in range(160)
            if bare.pixelColor(x, y) != named.pixelColor(x, y)
        ]
        across, down = {x for x, _ in ink}, {y for _, y in ink}
        return max(across) - min(across), max(down) - min(down)

    lying, upright = word(150.0), word(height + 2)
    assert lying[0] > lying[1]
    assert upright[1] > upright[0]
    assert upright[0] < height
