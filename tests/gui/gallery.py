"""Every component in every state, for the tests that look at all of them."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from landfall.core.provenance import Estimated, Measured, Published, Stated, Unknown
from landfall.gui.format import Origin, shown
from landfall.gui.models.pull_row import Pull, PullRow, PullState
from landfall.gui.units import Unit
from landfall.gui.widgets.bill_bar import BillBar, BillPart, PlaceKey
from landfall.gui.widgets.cells import Chip, Plain, Row, Status, Title
from landfall.gui.widgets.chart_card import ChartCard
from landfall.gui.widgets.controls import (
    Choice,
    SearchField,
    SegmentedControl,
    SliderField,
    Switch,
)
from landfall.gui.widgets.cost_bars import CostBars, CostOption
from landfall.gui.widgets.feedback import Banner, EmptyState, Skeleton, State, StateLine
from landfall.gui.widgets.hour_chart import Day, Hour, HourChart
from landfall.gui.widgets.layout import Card, button, column, icon_button
from landfall.gui.widgets.margin_chart import Interval, MarginChart
from landfall.gui.widgets.memory_bar import MemoryBar, Segment
from landfall.gui.widgets.numbers import (
    FitBadge,
    FitLook,
    OriginLegend,
)
from landfall.gui.widgets.page_header import PageHeader
from landfall.gui.widgets.pipeline_map import PipelineMap, Step
from landfall.gui.widgets.rows import NavItem, RowButton
from landfall.gui.widgets.rule_trace import RuleLine, RuleTrace
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable
from landfall.gui.widgets.tornado_chart import Swing, Tornado
from landfall.gui.widgets.two_parts import SideBySide
from landfall.gui.widgets.verdict_card import Advice, VerdictCard
from landfall.gui.widgets.verdict_chip import PLACES, ConfidenceMark, VerdictChip
from landfall.gui.widgets.view_choice import ViewChoice

GIB = 2**30
FIGURES = (
    Measured(74.2, "2026-11-24", "here"),
    Estimated(54, 63, 71, "roofline"),
    Published(63.0, "a list", "2026-11-20"),
    Stated(60, "settings"),
    Unknown("no sensor"),
)
ADVICE = Advice(
    verdict="HYBRID",
    headline="Split: 78 % here, the rest hosted",
    confidence=2,
    confidence_note="cheapest in 83 % of 2,000 draws",
    reason="The steady load fits here.",
    rules="Rules S27, H6",
    money=shown(Estimated(140, 208, 260, "f"), Unit.USD_MONTH),
    money_text="a month saved.",
    flips=("invoices may wait: all local", "absorbed share under 61 %: all hosted"),
    next_step="Export the routing configuration.",
    next_action="Export routing\u2026",
    decided="decided 25 Nov 2026",
    priced="prices of 20 Nov",
)
COSTS = (
    CostOption(name="Frontier cloud", role="frontier", low=412, mid=412, high=412),
    CostOption(name="Split", role="here", overflow="hosted", kept=0.4, low=80, mid=101, high=130),
    CostOption(name="Rented GPU", role="rent", blocked="the lock names two vendors"),
    CostOption(
        name="This machine",
        role="here",
        low=27,
        mid=31,
        high=38,
        chosen=True,
        note="27 to 38",
        origin=Origin.ESTIMATED,
    ),
)
SWINGS = (
    Swing(
        name="Hosted price",
        now="$1.85",
        low=95,
        high=236,
        low_label="$1.30",
        high_label="$2.00",
        flip=121,
        flip_label="flips at $1.43",
    ),
    Swing(name="Volume", now="11 M", low=-40, high=240, low_label="8 M", high_label="14 M"),
)
STEPS = (
    Step(name="Scan", model="tesseract", place="here"),
    Step(name="Embed", model="text-embedding", place="OpenAI", leaves=True),
    Step(name="Summarise", model="llama3.3:70b", place="does not fit", problem=True),
)
SEGMENTS = (
    Segment("Used by others", GIB, "mem_others"),
    Segment("Weights", 16 * GIB, "mem_weights"),
    Segment("Free", 5 * GIB, "border", "free"),
    Segment("Not usable", 2 * GIB, "text_3", "hatch"),
)
COLUMNS = (Column("Name"), Column("Verdict", 150), Column("Rate", 100, right=True))


def rows() -> list[Row]:
    """Every kind of cell."""
    return [
        (Title("b", "sub", "machine"), Chip("HYBRID"), shown(FIGURES[0], Unit.WATTS)),
        (Title("a"), Chip("", provisional=True), shown(FIGURES[4], Unit.WATTS)),
        (Status(State.FAILED, "c", "why"), FitLook.NO, Plain("12", right=True, sort=12.0)),
    ]


def table() -> DataTable:
    """A table that can be sorted."""
    made = DataTable(COLUMNS, "Models", sortable=True)
    made.set_rows(rows())
    return made


def gallery() -> QWidget:
    """All of it, one below the other."""
    parts: list[QWidget] = [
        PageHeader("Gallery", "Every component", button("Go", "primary", icon="plus")),
        OriginLegend(),
        *(VerdictChip(verdict) for verdict in PLACES),
        VerdictChip("LOCAL_BUY", provisional=True),
        *(ConfidenceMark(steps) for steps in range(4)),
        *(FitBadge(look) for look in FitLook),
        SegmentedControl(("One", "Two"), 1, counted=(0,)),
        SearchField("Search models"),
        SliderField("Context", "16k", low=0, high=9, value=4),
        SliderField("Volume", "4 M", low=0, high=9, value=4, width=0),
        Switch("Refresh prices", on=True),
        Switch("Updates"),
        Choice("Model", ("a", "b")),
        NavItem("home", "Home"),
        RowButton("Triage, this machine", selected=True),
        Banner("accent", "A fact", "What it means.", button("Act")),
        Banner("caution", "A fact", "What it means."),
        Banner("danger", "A fact", "What it means.", closable=True),
        *(StateLine(state, state.name, "detail", action="Act") for state in State),
        Skeleton(100, 80),
        EmptyState("run", "Nothing yet", "A sentence.", button("Do"), footnote="Offline."),
        *(
            PullRow(Pull(name="qwen3:8b", state=s, fraction=0.5, detail="d", layers=(0.9, 0.1)))
            for s in PullState
        ),
        table(),
        RuleTrace((RuleLine("S7", State.FAILED, "Bill of $1,000", "$412"),)),
        icon_button("more", "More"),
        button("Delete it\u2026", "destructive", icon="trash"),
        button("Quiet", "quiet"),
        button("Link", "link", icon="copy"),
    ]
    for disabled in (button("Off", "primary", icon="plus"), Switch("Off switch", on=True)):
        disabled.setEnabled(False)
        parts.append(disabled)
    card = VerdictCard()
    card.set_advice(ADVICE)
    tornado = Tornado()
    tornado.set_swings(SWINGS, saving_now=208)
    loss = Tornado()
    loss.set_swings(SWINGS, saving_now=-3)
    pipeline, free = PipelineMap(), PipelineMap()
    pipeline.set_steps(STEPS, lock="local only")
    free.set_steps(STEPS[:1])
    memory = MemoryBar(columns=2)
    memory.set_memory(SEGMENTS, total_bytes=24 * GIB, need_bytes=28 * GIB)
    bill, key = BillBar("After"), PlaceKey()
    spent = (BillPart("This machine", "here", 95.0), BillPart("Hosted", "hosted", 509.0))
    bill.set_bill(spent, "~$604", scale_to=2250, band=(500, 700))
    key.set_parts(spent)
    waiting = VerdictCard()
    parts += [card, waiting, CostBars(COSTS), CostBars(), tornado, loss, Tornado()]
    parts += [pipeline, free, PipelineMap(), memory, MemoryBar(), bill, BillBar("Now"), key]
    views = ViewChoice(("Costs", "Hours", "Rules"), title="Evidence")
    chart = ChartCard("Costs", CostBars(COSTS), name="gallery", note="a chart")
    chart.set_values(("Option", "A month"), [("Frontier cloud", "$412")])
    quality = MarginChart()
    quality.set_intervals(
        (Interval(name="qwen3:8b", verdict="Passes", words="", low=-1.0, middle=0.0, high=1.0),),
        margin=3.0,
    )
    hours = HourChart()
    hours.set_day(
        Day(
            hours=tuple(Hour(name=str(i), load=i / 4, words=f"{i / 4:.0%}") for i in range(6)),
            limit=0.8,
            limit_words="comfortable",
            full_words="all",
            assumed=False,
            busiest="busiest",
        )
    )
    parts += [views, chart, quality, MarginChart(), hours, HourChart()]
    holder = QWidget()
    left = Card("A card", button("All", "link"), note="quiet").add(QWidget()).fill()
    parts.append(SideBySide(left, Card(), side_width=300))
    holder.setLayout(column(*parts))
    holder.setFixedWidth(1100)
    return holder
