"""The numbers of a chart as a table."""

from __future__ import annotations

from landfall.core.run.chart_table import ChartPoints, table
from landfall.core.run.phases import Phase, PhaseKind

WAIT = Phase(kind=PhaseKind.WAITING, start_seconds=0.0, end_seconds=1.0)
DECODE = Phase(kind=PhaseKind.DECODE, start_seconds=1.0, end_seconds=2.0)


def test_a_line_for_each_time_and_nothing_filled_in() -> None:
    lines = table(
        ChartPoints(
            rates=[("qwen3:8b", [(0.0, 0.0), (1.25, 70.5)])],
            watts=[(0.0, 200.0), (0.1, None)],
            scope="GPU board",
            phases={"qwen3:8b": (WAIT, DECODE)},
        )
    )
    assert lines == [
        ["seconds", "tok/s of qwen3:8b", "watts, GPU board", "phase"],
        ["0.0000", "0.00", "200.00", "waiting"],
        ["0.1000", "", "", "waiting"],
        ["1.2500", "70.50", "", "decode"],
    ]


def test_two_answers_have_a_phase_each_and_no_sensor_no_column() -> None:
    lines = table(
        ChartPoints(
            rates=[("a", [(0.5, 1.0)]), ("b", [(5.0, 2.0)])],
            watts=(),
            scope="",
            phases={"a": (WAIT,), "b": (DECODE,), "c": ()},
        )
    )
    assert lines == [
        ["seconds", "tok/s of a", "tok/s of b", "phase of a", "phase of b"],
        ["0.5000", "1.00", "", "waiting", ""],
        ["5.0000", "", "2.00", "", ""],
    ]


def test_watts_alone_are_a_table_too() -> None:
    lines = table(ChartPoints(rates=(), watts=[(0.0, 5.0)], scope="", phases={}))
    assert lines == [["seconds", "watts"], ["0.0000", "5.00"]]
