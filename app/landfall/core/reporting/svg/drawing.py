"""Any chart of a report as SVG."""

from __future__ import annotations

from landfall.core.reporting.blocks import Picture
from landfall.core.reporting.charts import (
    BreakEvenChart,
    CostChart,
    HoursChart,
    MarginChart,
    PipelineChart,
    TornadoChart,
)
from landfall.core.reporting.svg import money, work
from landfall.core.reporting.svg.canvas import Canvas, Ink


def drawn(picture: Picture, ink: Ink, *, name: str) -> str:
    """A chart as the text of one SVG element.

    Args:
        ink: Colours by the page's style, or in the shapes themselves.
        name: Unique in the document.
    """
    canvas, chart = Canvas(ink), picture.chart
    match chart:
        case CostChart():
            money.costs(chart, canvas)
        case BreakEvenChart():
            money.break_even(chart, canvas)
        case TornadoChart():
            money.tornado(chart, canvas)
        case HoursChart():
            work.hours(chart, canvas)
        case MarginChart():
            work.margins(chart, canvas)
        case PipelineChart():
            work.pipeline(chart, canvas)
    return canvas.done(name=name, title=picture.title, says=picture.says)
