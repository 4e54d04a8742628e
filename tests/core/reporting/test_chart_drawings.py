"""Charts of a report as they are drawn: read back by their axes, and as they were approved.

Each drawing in tests/data/charts was looked at. Where a chart is to look otherwise, write them anew
with `PYTHONPATH=app:. python -m tests.core.reporting.test_chart_drawings` and look at what changed.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from landfall.core.reporting.blocks import Picture
from landfall.core.reporting.charts import (
    BreakEvenChart,
    Chart,
    CostBar,
    CostChart,
    CostLine,
    HoursChart,
    Interval,
    MarginChart,
    Place,
    SwingBar,
    TornadoChart,
)
from landfall.core.reporting.svg.canvas import (
    PAPER,
    SIZE,
    WIDTH,
    Canvas,
    Ink,
    clean,
    fitted,
    named,
    text_width,
    ticks,
    wrapped,
)
from landfall.core.reporting.svg.drawing import drawn
from tests.core.reporting.test_charts import CHARTS

ON_PAPER = Ink(PAPER)

APPROVED = Path(__file__).parents[2] / "data/charts"
_HERE = CostLine(name="Here", place=Place.HERE, usd_month=(100.0, 150.0, 200.0))
_CLOUD = CostLine(name="Cloud", place=Place.FRONTIER, usd_month=(0.0, 300.0, 600.0))
EVEN = BreakEvenChart(
    volume=(0.0, 500.0, 1000.0),
    local=_HERE,
    low=(80.0, 120.0, 160.0),
    high=(120.0, 180.0, 240.0),
    others=(_CLOUD, replace(_CLOUD, name="Hosted", place=Place.HOSTED, usd_month=(0, 290, 590))),
    now=100.0,
    now_usd=60.0,
    crossing=200.0,
    crossing_text="break-even at 200 calls a day",
)
DRAWN: dict[str, Chart] = {
    **CHARTS,
    "even_left": EVEN,
    "even_never": replace(EVEN, crossing=None, now=700.0, now_usd=420.0),
    "hours_one": HoursChart(loads=(0.2,) * 24, limit=0.7, slots=1, assumed=False),
}


def svg(chart: Chart, *, name: str = "c") -> str:
    return drawn(Picture(name=name, title="T", says="S", chart=chart), ON_PAPER, name=name)


def told(chart: Chart) -> str:
    return svg(chart).replace("><", ">\n<") + "\n"


@pytest.mark.parametrize("name", DRAWN)
def test_that_a_chart_is_drawn_as_it_was_approved(name: str) -> None:
    assert told(DRAWN[name]) == (APPROVED / f"{name}.svg").read_text(encoding="utf-8")


# Read back by its axes ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Axis:
    """Two marks of an axis, as pixels and what is written beside them."""

    first: tuple[float, float]
    last: tuple[float, float]

    def value(self, pixel: float) -> float:
        (p, v), (q, w) = self.first, self.last
        return v + (w - v) * (pixel - p) / (q - p)


class Read:
    """The shapes of a chart by kind and colour role."""

    def __init__(self, chart: Chart) -> None:
        self.root = ET.fromstring(svg(chart))

    def shapes(self, kind: str, role: str) -> list[dict[str, float]]:
        colour = ON_PAPER.colours and ON_PAPER.colours[role]
        return [
            {key: float(value) for key, value in one.attrib.items() if _is_number(value)}
            for one in self.root.iter()
            if one.tag.endswith(f"}}{kind}") and colour in (one.get("fill"), one.get("stroke"))
        ]

    def texts(self, pattern: str) -> list[tuple[float, float, str]]:
        return [
            (float(one.attrib["x"]), float(one.attrib["y"]), one.text or "")
            for one in self.root.iter()
            if one.tag.endswith("}text") and re.fullmatch(pattern, one.text or "")
        ]

    def across(self, pattern: str) -> Axis:
        """The axis below, whose words stand in the middle under their marks."""
        bottom = max(y for _, y, _ in self.texts(pattern))
        marks = sorted((x, _number(t)) for x, y, t in self.texts(pattern) if y == bottom)
        return Axis(marks[0], marks[-1])

    def upwards(self, pattern: str, left: float) -> Axis:
        """The axis at the left, whose words stand 4 below their lines."""
        marks = sorted((y - 4, _number(t)) for x, y, t in self.texts(pattern) if x == left)
        return Axis(marks[0], marks[-1])


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[\d.]+", text) is not None


def _number(text: str) -> float:
    return float(re.sub(r"[^\d.−+-]", "", text).replace("−", "-"))


@given(
    mid=st.floats(10, 900), below=st.floats(0.1, 1), above=st.floats(1, 2), other=st.floats(1, 990)
)
def test_that_a_bar_and_its_whisker_reach_as_far_as_the_bill(
    mid: float, below: float, above: float, other: float
) -> None:
    low, high = mid * below, mid * above
    bars = (
        CostBar(name="A", place=Place.HERE, chosen=True, low=low, mid=mid, high=high, amount="~"),
        CostBar(name="B", place=Place.BUY, chosen=False, low=other, mid=other, high=other),
    )
    read = Read(CostChart(bars))
    axis = read.across(r"\$[\d.,]+")
    scale = axis.value(1) - axis.value(0)
    (bar,) = read.shapes("rect", "here")
    assert axis.value(bar["x"]) == pytest.approx(0, abs=scale)
    assert axis.value(bar["x"] + bar["width"]) == pytest.approx(mid, abs=2 * scale)
    whisker = [one for one in read.shapes("line", "text") if one["y1"] == one["y2"]]
    ends = sorted(axis.value(one[x]) for one in whisker for x in ("x1", "x2"))
    if high - low > 1e-9:
        assert ends == pytest.approx([low, high], abs=scale)
        caps = {one["x1"] for one in read.shapes("line", "text")} - {one["x1"] for one in whisker}
        assert all(axis.value(x) <= high + scale for x in caps)
    (flat,) = read.shapes("rect", "buy")
    assert axis.value(flat["x"] + flat["width"]) == pytest.approx(other, abs=2 * scale)


@given(now=st.floats(1, 1000), usd=st.floats(0, 600), crossing=st.floats(1, 1000))
def test_that_the_dot_and_the_crossing_stand_at_their_volume_and_bill(
    now: float, usd: float, crossing: float
) -> None:
    read = Read(replace(EVEN, now=now, now_usd=usd, crossing=crossing))
    calls = read.across(r"[\d,]+")
    bill = read.upwards(r"\$[\d.,]+", 56)
    dots = read.shapes("circle", "text")
    assert calls.value(dots[0]["cx"]) == pytest.approx(now, abs=1)
    assert bill.value(dots[0]["cy"]) == pytest.approx(usd, abs=1)
    (line,) = [one for one in read.shapes("line", "text") if one["x1"] == one["x2"]]
    assert calls.value(line["x1"]) == pytest.approx(crossing, abs=1)
    (word,) = read.texts("break-even.*")
    anchored = word[0] - line["x1"]
    assert anchored == pytest.approx(6 if line["x1"] < WIDTH / 2 else -6, abs=0.11)


@given(low=st.floats(-500, 500), high=st.floats(-500, 500), now=st.floats(-500, 500))
def test_that_a_swing_reaches_from_one_saving_to_the_other(
    low: float, high: float, now: float
) -> None:
    wide = SwingBar(name="W", low=-500, high=500, low_label="lo", high_label="hi", flip=now)
    one = SwingBar(name="O", low=low, high=high, low_label="few", high_label="many", flip=None)
    read = Read(TornadoChart((wide, one), now))
    axis = read.across(r"−?\$[\d.,]+")
    scale = axis.value(1) - axis.value(0)
    _, bar = read.shapes("rect", "edge")
    reached = (axis.value(bar["x"]), axis.value(bar["x"] + bar["width"]))
    assert reached == pytest.approx((min(low, high), max(low, high)), abs=2 * scale)
    (few,), (many,) = read.texts("few"), read.texts("many")
    if abs(low - high) > 1e-6:
        assert (few[0] < many[0]) == (low < high)
    (line,) = read.shapes("line", "accent")
    assert axis.value(line["x1"]) == pytest.approx(now, abs=scale)
    (said,) = read.texts("now .*")
    assert said[2].endswith(", a loss") == (now < 0)
    (diamond,) = read.root.iterfind(".//{*}polygon")
    at = [float(pair.partition(",")[0]) for pair in diamond.attrib["points"].split()]
    assert axis.value((min(at) + max(at)) / 2) == pytest.approx(now, abs=scale)


@given(st.lists(st.floats(0.01, 1.5), min_size=24, max_size=24), st.floats(0.3, 0.95))
def test_that_an_hour_is_as_high_as_its_load_and_marked_where_it_is_too_much(
    loads: list[float], limit: float
) -> None:
    read = Read(HoursChart(loads=tuple(loads), limit=limit, slots=4, assumed=False))
    axis = read.upwards(r"[\d.]+ %", 46)
    bars = read.shapes("rect", "here")
    assert [axis.value(one["y"]) / 100 for one in bars] == pytest.approx(loads, abs=0.02)
    over = read.shapes("rect", "danger")
    assert len(over) == sum(load > limit for load in loads)
    assert {one["x"] for one in over} == {
        bar["x"] for bar, load in zip(bars, loads, strict=True) if load > limit
    }
    (served, _) = [one for one in read.shapes("line", "text") if one["x2"] > one["x1"]]
    assert axis.value(served["y1"]) == pytest.approx(100, abs=2)
    (comfortable, _) = read.shapes("line", "text-2")
    assert axis.value(comfortable["y1"]) == pytest.approx(100 * limit, abs=2)


@given(st.floats(-20, 10), st.floats(0, 5), st.floats(0, 5), st.floats(0.5, 10))
def test_that_an_interval_stands_against_its_margin(
    low: float, to_middle: float, to_high: float, margin: float
) -> None:
    middle, high = low + to_middle, low + to_middle + to_high
    found = Interval(name="a", result="r", words="w", low=low, middle=middle, high=high)
    read = Read(MarginChart((found,), margin))
    axis = read.across(r"[+−]?[\d.]+")
    scale = axis.value(1) - axis.value(0)
    whisker = [one for one in read.shapes("line", "text") if one["y1"] == one["y2"]]
    assert [axis.value(whisker[0][x]) for x in ("x1", "x2")] == pytest.approx(
        [low, high], abs=scale
    )
    (dot,) = read.shapes("circle", "text")
    assert axis.value(dot["cx"]) == pytest.approx(middle, abs=scale)
    (limit,) = read.shapes("line", "danger")
    assert axis.value(limit["x1"]) == pytest.approx(-margin, abs=scale)
    (zero,) = read.shapes("line", "edge")
    assert axis.value(zero["x1"]) == pytest.approx(0, abs=scale)


# Text that fits its place ------------------------------------------------------------------------


@given(st.text(max_size=60), st.floats(20, 300))
def test_that_what_is_fitted_is_no_wider_than_its_room_and_begins_as_the_text(
    text: str, room: float
) -> None:
    shown = fitted(text, SIZE, room)
    assert text_width(shown, SIZE) <= room
    if shown != text:
        assert shown.endswith("…")
        assert text.startswith(shown[:-1])
        assert text_width(text, SIZE) > room


@given(st.text("abI", min_size=1, max_size=60), st.floats(20, 300))
def test_that_as_many_letters_are_kept_as_have_room_beside_the_ellipsis(
    text: str, room: float
) -> None:
    shown = fitted(text, SIZE, room)
    if shown != text:
        one_more = text[: len(shown)]
        assert text_width(shown[:-1], SIZE) <= room - 0.9 * SIZE + 1e-9
        assert text_width(one_more, SIZE) > room - 0.9 * SIZE - 1e-9


@given(st.lists(st.text("abcdefgh-/", min_size=1, max_size=12), max_size=12), st.integers(1, 4))
def test_that_wrapped_words_keep_their_order_and_their_lines(words: list[str], most: int) -> None:
    text = " ".join(words)
    lines = wrapped(text, SIZE, 80, most)
    assert len(lines) <= most
    assert all(text_width(line, SIZE) <= 80 for line in lines)
    joined = "".join(lines).replace(" ", "")
    if not any(line.endswith("…") for line in lines):
        assert joined == text.replace(" ", "")


@given(st.lists(st.text("abIi", min_size=1, max_size=10), min_size=1, max_size=12))
def test_that_a_line_ends_where_the_next_word_has_no_room(words: list[str]) -> None:
    lines = wrapped(" ".join(words), SIZE, 90, 99)
    assert " ".join(lines) == " ".join(words)
    for line, following in pairwise(lines):
        assert text_width(line, SIZE) <= 90 < text_width(f"{line} {following.split()[0]}", SIZE)


def test_that_a_long_name_is_cut_behind_hyphens_into_two_small_lines() -> None:
    assert named("short", 100) == (["short"], 12.0)
    lines, size = named("Qwen3-235B-A22B-Instruct-2507-FP8", 164)
    assert size == 10.5
    assert lines == ["Qwen3-235B-A22B-Instruct-", "2507-FP8"]


def test_that_widths_are_those_of_common_letters() -> None:
    assert text_width("a", 10) == pytest.approx(6.0)
    assert text_width("A", 10) == pytest.approx(7.5)
    assert text_width("i", 10) == pytest.approx(3.6)
    assert text_width("日", 10) == pytest.approx(10.5)
    assert text_width("Ａ", 10) == pytest.approx(10.5)  # full width is wide before it is upper case


@example(1.0, 4001.0, 2)
@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e4), st.integers(2, 9))
def test_that_ticks_are_round_few_and_span_the_axis(low: float, span: float, most: int) -> None:
    high = low + span
    found = ticks(low, high, most)
    assert 1 <= len(found) <= most + 1
    step = found[1] - found[0] if len(found) > 1 else span
    assert found[0] >= low - 1e-9 * abs(low) - 1e-12
    assert found[0] - step < low + step * 1e-6
    assert found[-1] <= high + step * 1e-6
    assert found[-1] + step > high - step * 1e-6
    if len(found) > 2:
        power = 10 ** int(f"{step:e}".partition("e")[2])
        assert any(abs(step / power - one) < 1e-3 for one in (1, 2, 5, 10))
        assert len(found) >= most / 2.5 - 1  # no coarser than it must be


def test_that_an_axis_between_two_coarse_steps_has_ticks() -> None:
    assert ticks(1.0, 4002.0, 2) == [2000.0, 4000.0]


def test_that_no_character_that_a_document_may_not_hold_is_left() -> None:
    assert clean("a\x00b\x0bc\x7fd\ud800e\ufdd0f\u202eg\U0001fffeh\tü\n") == "abcdefgh\tü\n"


def test_that_a_canvas_writes_places_in_a_tenth_and_leaves_no_empty_attribute() -> None:
    canvas = Canvas(ON_PAPER, height=10)
    canvas.box(1.04, 2.06, -3, 4, "here", opacity=0.5)
    canvas.frame(0, 0, 1, 1, "edge")
    canvas.text(3, 4, "a<b", anchor="end", strong=True)
    canvas.dot(1e7, 2, 3, "text")
    whole = canvas.done(name="n", title="t", says="s")
    assert '<rect x="1" y="2.1" width="0" height="4" fill-opacity="0.5" fill="#0B6B78"/>' in whole
    assert (
        '<rect x="0" y="0" width="1" height="1" stroke-width="1" fill="none" stroke="#7F8B96"/>'
        in whole
    )
    assert (
        '<text x="3" y="4" font-size="12" text-anchor="end" font-weight="600" fill="#14191F"'
        ' font-family="sans-serif">a&lt;b</text>' in whole
    )
    assert '<circle cx="0" cy="2" r="3" fill="#14191F"/>' in whole
    assert 'viewBox="0 0 720 10"' in whole


if __name__ == "__main__":
    for chart_name, chart in DRAWN.items():
        (APPROVED / f"{chart_name}.svg").write_text(told(chart), encoding="utf-8")
