"""Each chart is well formed, named and inside its frame."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from landfall.core.reporting.blocks import Picture
from landfall.core.reporting.charts import (
    BreakEvenChart,
    CostBar,
    CostChart,
    CostLine,
    HoursChart,
    Interval,
    MarginChart,
    PipelineChart,
    Place,
    Step,
    SwingBar,
    TornadoChart,
)
from landfall.core.reporting.svg import money as money_charts
from landfall.core.reporting.svg.canvas import (
    ON_SCREEN,
    PAPER,
    Canvas,
    Ink,
    fitted,
    text_width,
    ticks,
    wrapped,
)
from landfall.core.reporting.svg.drawing import drawn

ON_PAPER = Ink(PAPER)

_LINE = CostLine(name="Here", place=Place.HERE, usd_month=(1.0, 2.0, 3.0))

CHARTS = {
    "costs": CostChart(
        (
            CostBar(
                name="Split",
                place=Place.HERE,
                chosen=True,
                low=1,
                mid=5,
                high=9,
                amount="~$5",
                kept=0.4,
                overflow=Place.HOSTED,
            ),
            CostBar(name="Flat", place=Place.BUY, chosen=False, low=5, mid=5, high=5, amount="$5"),
            CostBar(name="Out " * 40, place=Place.RENT, chosen=False, out="because " * 60),
        )
    ),
    "even": BreakEvenChart(
        volume=(1.0, 500.0, 1000.0),
        local=_LINE,
        low=(0.5, 1, 2),
        high=(2, 3, 4),
        others=(
            replace(_LINE, name="Cloud"),
            replace(_LINE, name="Hosted"),
            replace(_LINE, name="x"),
        ),
        now=900.0,
        now_usd=2.8,
        crossing=800.0,
        crossing_text="break-even at 800 calls a day",
    ),
    "early": BreakEvenChart(
        volume=(1.0, 1000.0),
        local=replace(_LINE, usd_month=(0.0, 0.0)),
        low=(0, 0),
        high=(0, 0),
        others=(replace(_LINE, usd_month=(0.0, 0.0)),),
        now=10.0,
        now_usd=0.0,
        crossing=20.0,
        crossing_text="early",
    ),
    "tornado": TornadoChart(
        (
            SwingBar(name="Calls", low=-5, high=10, low_label="1", high_label="2", flip=0.0),
            SwingBar(name="Rate", low=3, high=-2, low_label="1", high_label="2", flip=None),
        ),
        -1.0,
    ),
    "flat": TornadoChart(
        (SwingBar(name="A", low=1, high=1, low_label="", high_label="", flip=None),), 1.0
    ),
    "hours": HoursChart(loads=(0.0, 0.5, 0.9, 1.4, *[0.1] * 20), limit=0.8, slots=4, assumed=True),
    "margins": MarginChart(
        (
            Interval(name="a", result="passed", words="", low=-1.0, middle=0.0, high=1.0),
            Interval(
                name="b", result="not measured", words="", low=-9, middle=-4, high=1, expected=True
            ),
            Interval(name="c", result="passed", words=""),
        ),
        3.0,
    ),
    "pipeline": PipelineChart(
        tuple(
            Step(
                name=f"S{n}",
                model="m" if n == 2 else "",
                place="here " * 20,
                leaves=n % 3 == 0,
                host="api.example.com" if n == 3 else "",
                stuck=n == 4,
            )
            for n in range(7)
        ),
        "health data",
    ),
}


@pytest.mark.parametrize("name", CHARTS)
def test_that_each_chart_is_well_formed_named_and_inside_its_frame(name: str) -> None:
    picture = Picture(name=name, title="T <b>", says="S & s", chart=CHARTS[name])
    for ink in (ON_SCREEN, ON_PAPER):
        svg = drawn(picture, ink, name=f"page-{name}")
        root = ET.fromstring(svg)
        _, _, wide, high = map(float, root.attrib["viewBox"].split())
        assert root[0].text == "T <b>"
        assert root[1].text == "S & s"
        for shape in root.iter():
            x, y = shape.attrib.get("x"), shape.attrib.get("y")
            if x is not None and y is not None:
                assert -1 <= float(x) <= wide + 1, shape.attrib
                assert -1 <= float(y) <= high + 1, shape.attrib
        colours = [one for one in PAPER.values() if one in svg]
        assert bool(colours) == (ink is ON_PAPER)
        assert "nan" not in svg
        assert "inf" not in svg.lower().replace("infer", "")


def test_that_a_fraction_stays_at_its_place_and_what_is_left_out_ends_in_an_ellipsis() -> None:
    assert text_width("", 12) == 0
    assert text_width("日本", 10) > text_width("ab", 10)
    assert text_width("e\u0301\u200d", 10) == text_width("e", 10)
    assert fitted("short", 10, 100) == "short"
    assert fitted("a rather long text", 10, 50).endswith("…")
    assert wrapped("one two three four five six", 10, 60, 2)[-1].endswith("…")
    assert wrapped("", 10, 60, 2) == []
    assert ticks(0, 0) == [0]
    assert ticks(0, 10, 5) == [0, 2, 4, 6, 8, 10]
    assert ticks(-3, 3, 3) == [-2, 0, 2]


def test_that_no_line_of_a_grid_runs_through_words() -> None:
    bars = (
        CostBar(name="Qwen3-235B-A22B-Instruct-2507-FP8", place=Place.HERE, chosen=True,
                low=80, mid=90, high=100, amount="~$90"),
        CostBar(name="Elsewhere", place=Place.HOSTED, chosen=False, out="no table knows it"),
    )  # fmt: skip
    canvas = Canvas(ON_SCREEN)
    money_charts.costs(CostChart(bars), canvas)
    whole = canvas.done(name="a", title="b", says="c")
    shapes = re.findall(r"<(\w+)[^>]*>([^<]*)", whole)
    said = ("~$90", "no table knows it")
    behind = [shapes[at - 1][0] for at, one in enumerate(shapes) if one[1] in said]
    assert behind == ["rect", "rect"]
    first, second = (text for _, text in shapes if "Qwen3" in text or "Instruct" in text)
    assert "…" not in first + second
