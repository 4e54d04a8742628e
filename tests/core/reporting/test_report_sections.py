"""The sections of a report, sentence by sentence, of cases whose figures are typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from landfall.core.costs.horizon import Point
from landfall.core.demand.forecast import Predictability
from landfall.core.demand.hours import HourLoad
from landfall.core.pricing.pricing import PriceRow, Rate, Rates
from landfall.core.provenance import Estimated, Published, Stated, Unknown
from landfall.core.quality.paired_tests import GateResult
from landfall.core.reporting import (
    choice,
    doubt,
    evidence,
    inputs,
    numbers,
    privacy,
    record,
    report,
)
from landfall.core.reporting.blocks import (
    Cell,
    Column,
    Items,
    Mark,
    Page,
    Paragraph,
    Picture,
    Table,
)
from landfall.core.reporting.charts import (
    BreakEvenChart,
    CostBar,
    CostLine,
    HoursChart,
    Interval,
    MarginChart,
    Place,
    Step,
    SwingBar,
    TornadoChart,
)
from landfall.core.reporting.subject import (
    Around,
    InputOrigin,
    Measurement,
    Subject,
    Undecided,
)
from landfall.core.usage.series import SeriesSummary
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.details import Details, known
from landfall.core.verdict.over_volume import BreakEvenCurves, Curve
from landfall.core.verdict.swings import InputSwing
from landfall.core.verdict.table_words import Reason
from landfall.core.verdict.verdict import Confidence, Flip, Missing
from landfall.core.verdict.world import Priced, Probed
from landfall.core.verdict.worlds import MeasureNext, Worlds
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Step as Work
from landfall.core.workload.workload import StepName, Where
from tests.core.reporting.test_report_tables import horizon, with_options

AROUND = Around(as_of="2026-11-26", version="0", providers={"openai": "OpenAI"})


def typed(value: float) -> Stated:
    return Stated(value, "typed")


# Doubt -------------------------------------------------------------------------------------------

MEASURE = MeasureNext(path="tokens.output", why="it swings most", regret_left_usd_month=4.0)
WORLDS = Worlds(
    draws=2000,
    p_best={},
    saving_mean=None,
    saving_p05=None,
    saving_p95=None,
    regret_usd_month=30.0,
    measure=MEASURE,
)
DOUBT = (
    "What would reduce doubt most: tokens out. It swings most. Being wrong then costs $4.00 a month"
    " in the mean, of $30 now."
)


def test_that_what_would_take_doubt_away_is_said_with_what_it_leaves(split: Subject) -> None:
    told = replace(split, verdict=replace(split.verdict, worlds=WORLDS))
    assert doubt._most_doubt(told) == DOUBT
    no_regret = replace(WORLDS, regret_usd_month=None)
    told = replace(split, verdict=replace(split.verdict, worlds=no_regret))
    assert doubt._most_doubt(told).endswith("Being wrong then costs $4.00 a month in the mean.")
    for worlds in (None, replace(WORLDS, measure=None)):
        told = replace(split, verdict=replace(split.verdict, worlds=worlds))
        assert doubt._most_doubt(told) == ""


def test_that_the_first_page_tells_five_flips_and_five_things_that_were_not_measured(
    split: Subject,
) -> None:
    missing = tuple(Missing(field=f"tokens.{n}", reason=f"lost {n}") for n in "abcdef")
    told = replace(split, verdict=replace(split.verdict, worlds=WORLDS, missing=missing))
    section = doubt.flips_in_short(told)
    assert section.title == "What would change it"
    table, most, listed = section.blocks
    assert isinstance(table, Table)
    assert len(table.rows) == 5
    assert most == Paragraph(DOUBT)
    # Six are missing, and four more are not measured of this workload.
    assert listed == Paragraph(
        "Not measured: A: Lost a. B: Lost b. C: Lost c. D: Lost d. E: Lost e."
        " 5 more among the evidence."
    )
    few = replace(told, verdict=replace(told.verdict, worlds=None, missing=missing[:1]))
    (_, said) = doubt.flips_in_short(few).blocks
    assert isinstance(said, Paragraph)
    assert "more among" not in said.text
    whole = doubt.unmeasured_section(told)
    assert whole.title == "What was not measured"
    assert whole.blocks[0] == Paragraph(DOUBT)
    assert isinstance(whole.blocks[1], Items)
    assert len(whole.blocks[1].items) == 10


def test_that_the_evidence_tells_sixteen_flips_then_swings_then_regret(split: Subject) -> None:
    flips = tuple(
        Flip(
            input="tokens.input",
            now=1.0,
            at=float(n),
            relative=0.1,
            verdict_then=Option.HYBRID,
        )
        for n in range(20)
    )
    told = replace(split, verdict=replace(split.verdict, flips=flips, worlds=WORLDS))
    section = doubt.flips_section(told)
    assert section.title == "What would change it"
    table, picture, regret = section.blocks
    assert isinstance(table, Table)
    assert len(table.rows) == doubt.MOST_FLIPS == 16
    assert isinstance(picture, Picture)
    assert isinstance(regret, Paragraph)
    assert regret.text.startswith("Being wrong costs about $30 a month in the mean")
    bare = replace(told, verdict=replace(told.verdict, worlds=None), swings=())
    assert len(doubt.flips_section(bare).blocks) == 1
    unsaved = replace(told, verdict=replace(told.verdict, saving=Unknown("no bill")))
    assert not [one for one in doubt.flips_section(unsaved).blocks if isinstance(one, Picture)]


def swing(flips_at: float | None, *, low: float = 10.0, high: float = 20.0) -> InputSwing:
    return InputSwing(
        path="tokens.input",
        now=15.0,
        low=low,
        high=high,
        saving_low=100.0,
        saving_high=60.0,
        flips_at=flips_at,
    )


@pytest.mark.parametrize(
    ("at", "low", "high", "where"),
    [
        (None, 10.0, 20.0, None),
        (12.5, 10.0, 20.0, 90.0),  # a quarter of the way from 100 to 60
        (10.0, 10.0, 20.0, 100.0),
        (20.0, 10.0, 20.0, 60.0),
        (9.9, 10.0, 20.0, None),
        (20.1, 10.0, 20.0, None),
        (10.0, 10.0, 10.0, None),  # ends that are one have no way between them
    ],
)
def test_that_a_flip_is_drawn_between_the_ends_of_its_swing(
    at: float | None, low: float, high: float, where: float | None
) -> None:
    bar = doubt._swing(swing(at, low=low, high=high))
    assert bar == SwingBar(
        name="Tokens in",
        low=100.0,
        high=60.0,
        low_label=f"{low:g} tokens",
        high_label=f"{high:g} tokens",
        flip=where,
    )


def test_that_swings_are_told_in_words_as_well(split: Subject) -> None:
    told = replace(split, swings=(swing(12.5),), verdict=replace(split.verdict, saving=typed(80.0)))
    (picture,) = doubt._tornado(told)
    assert isinstance(picture, Picture)
    assert (picture.name, picture.title) == ("swings", "Saving a month, one input at a time")
    assert picture.says == (
        "The saving is $80 a month now. Tokens in 10 tokens to 20 tokens: $100 to $60."
    )
    assert picture.chart == TornadoChart((doubt._swing(swing(12.5)),), 80.0)


CURVES = BreakEvenCurves(
    calls_per_day=(10.0, 200.0, 400.0, 600.0, 800.0, 1000.0, 1200.0),
    now=390.0,
    local=Curve(
        option=Option.LOCAL_THIS_MACHINE, usd_month=tuple(float(100 + n) for n in range(7))
    ),
    low=tuple(float(90 + n) for n in range(7)),
    high=tuple(float(110 + n) for n in range(7)),
    others=(
        Curve(option=Option.HOSTED_OPEN, usd_month=(50.0, 90.0, 130.0, 170.0, 210.0, 250.0, 290.0)),
        Curve(
            option=Option.CLOUD_FRONTIER,
            usd_month=(50.0, 500.0, 900.0, 1200.0, 1500.0, 1600.0, 1740.0),
        ),
        Curve(
            option=Option.RENT_GPU, usd_month=(50.0, 500.0, 900.0, 1200.0, 1500.0, 1600.0, 1741.0)
        ),
    ),
    crossing=255.0,
    crossing_low=144.0,
    crossing_high=1234.0,
    always=False,
)


def with_curves(split: Subject, curves: BreakEvenCurves = CURVES, busy: float = 0.5) -> Subject:
    host = split.facts.machine
    assert host is not None
    host = replace(host, usd_month=typed(9.0), peak_utilisation=typed(busy))
    facts = replace(split.facts, machine=host, buy=replace(host, peak_utilisation=typed(0.1)))
    return replace(split, curves=curves, facts=facts)


def test_that_the_bills_over_the_volume_are_drawn_told_and_listed(split: Subject) -> None:
    told = with_curves(split)
    section = doubt.volume_section(told)
    assert section.title == "Break-even"
    said, picture, table = section.blocks
    # Two significant digits: 255 is 260, 144 is 140, 1,234 is 1,200; 390 over a half is 780.
    words = "Break-even at 260 calls a day (140 to 1,200)."
    beyond = (
        "This machine serves up to 780 calls a day: with more, its line says what it would draw,"
        " not that it could do the work."
    )
    assert said == Paragraph(f"{words} {beyond}")
    assert isinstance(picture, Picture)
    assert (picture.name, picture.title) == ("break-even", "Cost a month over the volume")
    assert picture.says == f"{words} Now: 390 calls a day, $130 a month. {beyond}"
    hosted, frontier = CURVES.others[:2]
    # What ends above six times 290 dwarfs the picture: 1,740 does not, 1,741 does.
    assert picture.chart == BreakEvenChart(
        volume=CURVES.calls_per_day,
        local=CostLine(name="This machine", place=Place.HERE, usd_month=CURVES.local.usd_month),
        low=CURVES.low,
        high=CURVES.high,
        others=(
            CostLine(name="Hosted open model", place=Place.HOSTED, usd_month=hosted.usd_month),
            CostLine(
                name="Cloud, today's model", place=Place.FRONTIER, usd_month=frontier.usd_month
            ),
        ),
        now=390.0,
        now_usd=130.0,
        crossing=255.0,
        crossing_text="break-even at 260 calls a day (140 to 1,200)",
    )
    assert isinstance(table, Table)
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["200", "$101", "~$90", "~$500", "~$500"],
        ["400", "$102", "~$130", "~$900", "~$900"],
        ["600", "$103", "~$170", "~$1,200", "~$1,200"],
        ["800", "$104", "~$210", "~$1,500", "~$1,500"],
        ["1,000", "$105", "~$250", "~$1,600", "~$1,600"],
        ["1,200", "$106", "~$290", "~$1,740", "~$1,741"],
    ]
    assert [row[1].detail for row in table.rows] == [
        "$91 to $111",
        "$92 to $112",
        "$93 to $113",
        "$94 to $114; more than it serves",
        "$95 to $115; more than it serves",
        "$96 to $116; more than it serves",
    ]
    assert {row[1].mark for row in table.rows} == {Mark.STATED}


def test_that_a_line_ends_where_the_machine_is_full_and_not_before(split: Subject) -> None:
    full = with_curves(split, busy=390 / 1200)
    assert doubt.calls_served(full, CURVES) == pytest.approx(1200.0)
    exact = doubt._volumes(CURVES, full, 1200.0)
    assert exact.rows[-1][1].detail == "$96 to $116"
    idle = with_curves(split, busy=0.0)
    assert doubt.calls_served(idle, CURVES) is None
    assert "serves up to" not in repr(doubt.volume_section(idle))
    bought = replace(CURVES, local=replace(CURVES.local, option=Option.LOCAL_BUY))
    assert doubt.calls_served(full, bought) == pytest.approx(3900.0)
    nobody = replace(full, facts=replace(full.facts, machine=None))
    assert doubt.calls_served(nobody, CURVES) is None
    (row, *_) = doubt._volumes(CURVES, nobody, None).rows
    assert row[1] == Cell("~$101", Mark.ESTIMATED, "$91 to $111")


@pytest.mark.parametrize(
    ("crossing", "low", "high", "always", "said"),
    [
        (255.0, 144.0, None, False, "break-even at 260 calls a day"),
        (255.0, None, 1234.0, False, "break-even at 260 calls a day"),
        (255.0, 1234.0, 144.0, False, "break-even at 260 calls a day (140 to 1,200)"),
        (None, 144.0, 1234.0, True, "cheaper here at any volume"),
        (None, 144.0, 1234.0, False, ""),
    ],
)
def test_that_a_crossing_has_its_range_where_both_ends_are_known(
    crossing: float | None, low: float | None, high: float | None, always: bool, said: str
) -> None:
    curves = replace(CURVES, crossing=crossing, crossing_low=low, crossing_high=high, always=always)
    assert doubt.crossing_words(curves) == said


def test_that_what_was_not_measured_is_listed_one_by_one(split: Subject) -> None:
    host = split.facts.machine
    assert host is not None
    facts = replace(
        split.facts,
        gate=GateResult.UNMEASURED,
        gate_hosted=GateResult.INCONCLUSIVE,
        buy=replace(host, machine="a box", model="phi4"),
    )
    volume = replace(split.workload.volume, hourly_calls=())
    outlay = horizon(Point(Unknown("x")))
    purchase = replace(outlay, outlay=replace(outlay.outlay, residual_share=typed(0.3)))
    verdict = replace(
        split.verdict,
        missing=(Missing(field="tokens.input", reason="it is not stated"),),
        behind=known(Details(purchase=purchase)),
    )
    told = replace(
        split, facts=facts, verdict=verdict, workload=replace(split.workload, volume=volume)
    )
    on = "RTX 4090"
    assert list(doubt._unmeasured(told)) == [
        "Tokens in: It is not stated.",
        "Quality of the local candidate on your own prompts: it counts as not proven.",
        "Quality of the hosted candidate: measured, and not decided yet.",
        f"Speed of qwen3:8b on {on}: predicted from memory bandwidth, with a band.",
        f"Energy of qwen3:8b on {on}: reckoned from rated power, not measured.",
        "Speed of phi4 on a box: predicted from memory bandwidth, with a band.",
        "Energy of phi4 on a box: reckoned from rated power, not measured.",
        "Volume day by day: one stated number stands for all days.",
        "When in the day the calls come: eight even hours are assumed.",
        "How soon gpt-5.5 answers: never asked from here.",
        "What the bought machine is worth at the end: assumed to be 30 % of its price.",
    ]
    # What was measured of the owned machine is not said to be missing, but of the bought one.
    world = replace(
        told.world,
        measured={"qwen3:8b": None, "phi4": None},
        energy={"qwen3:8b": None, "phi4": None},
        probes={("openai", "gpt-5.5"): Probed(at="2026-11-20", calls=())},
    )
    series = replace(volume, series="days.csv")
    gate = replace(verdict, missing=(Missing(field="quality.gate", reason="not run"),))
    lost = replace(gate, behind=known(Details(purchase=outlay)))
    measured = replace(
        told, world=world, verdict=lost, workload=replace(told.workload, volume=series)
    )
    assert list(doubt._unmeasured(measured)) == [
        "Quality gate, local: Not run.",
        "Speed of phi4 on a box: predicted from memory bandwidth, with a band.",
        "Energy of phi4 on a box: reckoned from rated power, not measured.",
        "What the bought machine is worth at the end: assumed.",
    ]
    nameless = replace(facts, machine=replace(host, model=""), buy=None)
    assert list(doubt._of_machines(replace(told, facts=nameless))) == []


# Volume and load ---------------------------------------------------------------------------------


def test_that_the_load_is_told_in_words_and_drawn(split: Subject) -> None:
    section = evidence.load_section(split)
    assert section.title == "Volume and load"
    outlook, busiest, says, picture, table = section.blocks
    assert isinstance(outlook, Paragraph)
    assert outlook.text.startswith("The volume is predictable, as stated. 120 days were observed")
    assert isinstance(busiest, Paragraph)
    assert busiest.text.startswith("In the busiest hour (about 10:00)")
    assert isinstance(says, Paragraph)
    assert isinstance(picture, Picture)
    assert picture.says == says.text
    assert says.text.startswith("Busiest hour of RTX 4090, 10:00: 167 % busy, it cannot keep up.")
    assert "eight even hours" not in says.text
    assert isinstance(picture.chart, HoursChart)
    assert (picture.chart.limit, picture.chart.assumed) == (0.8, False)
    host = split.facts.machine
    assert host is not None
    assert host.strain is not None
    assert picture.chart.slots == host.strain.service.slots
    assert picture.chart.loads == tuple(one.utilisation for one in host.strain.hours())
    assert isinstance(table, Table)
    bare = replace(split, verdict=replace(split.verdict, outlook=None, load=None))
    assert len(evidence.load_section(bare).blocks) == 3


def test_that_ten_times_the_work_asks_for_so_many_machines(split: Subject) -> None:
    host = split.facts.machine
    assert host is not None
    strain = host.strain
    assert strain is not None
    growth, people = strain.growth(most_busy=0.8), strain.people(most_busy=0.8)
    assert growth is not None
    assert growth.machines is not None
    said = evidence._hours(split, host, strain)[0]
    assert isinstance(said, Paragraph)
    assert said.text.endswith(
        f" Ten times the work would ask for {growth.machines} such machines. One serves about"
        f" {people} people who each ask once a minute."
    )
    # A hundredth of the volume: ten times of it is a tenth of what asks for 167 % of a machine.
    assert strain.load.calls_per_day == 52_000
    hourly = tuple(one / 100 for one in strain.load.hourly_calls)
    load = replace(strain.load, calls_per_day=520.0, hourly_calls=hourly)
    (told, *_) = evidence._hours(split, host, replace(strain, load=load))
    assert isinstance(told, Paragraph)
    assert " Ten times the work would still fit." in told.text
    blind = replace(load, hourly_calls=())
    (told, picture, _) = evidence._hours(split, host, replace(strain, load=blind))
    assert isinstance(told, Paragraph)
    assert " When the calls come is not stated: eight even hours are assumed." in told.text
    assert isinstance(picture, Picture)
    assert isinstance(picture.chart, HoursChart)
    assert picture.chart.assumed


# Quality -----------------------------------------------------------------------------------------


def interval(**values: object) -> Interval:
    told = {"name": "a", "result": "passed", "words": "w", "low": -1.0, "middle": 0.0, "high": 1.0}
    return Interval(**{**told, **values})  # type: ignore[arg-type]


def test_that_each_interval_has_the_mark_of_what_it_rests_on() -> None:
    nothing = {"low": None, "middle": None, "high": None}
    assert evidence._mark(interval()) is Mark.MEASURED
    assert evidence._mark(interval(expected=True)) is Mark.ESTIMATED
    assert evidence._mark(interval(**nothing)) is Mark.STATED
    assert evidence._mark(interval(**nothing, result="not measured")) is Mark.UNKNOWN


def test_that_the_gate_of_each_candidate_is_told_drawn_and_listed(split: Subject) -> None:
    section = evidence.quality_section(split, AROUND)
    assert section.title == "Quality"
    said, picture, table = section.blocks
    assert said == Paragraph("A candidate may be at most 5 points worse than gpt-5.5.")
    found = evidence.intervals(split, AROUND)
    assert isinstance(picture, Picture)
    assert picture.chart == MarginChart(found, 5.0)
    # Counts of 300: 20 against 18, and 20 against 14.
    assert [(one.name, one.result, one.expected) for one in found] == [
        ("qwen3:8b", "passed", False),
        ("Qwen3-235B-A22B-Instruct-2507 at deepinfra", "passed", False),
    ]
    assert [one.middle for one in found] == pytest.approx([100 * 2 / 300, 2.0])
    assert (
        picture.says == "; ".join(f"{one.name}: {one.result}, {one.words}" for one in found) + "."
    )
    assert isinstance(table, Table)
    assert [row[2].mark for row in table.rows] == [Mark.MEASURED, Mark.MEASURED]
    nameless = replace(
        split, workload=replace(split.workload, today=replace(split.workload.today, model=""))
    )
    (said, *_) = evidence.quality_section(nameless, AROUND).blocks
    assert said == Paragraph("A candidate may be at most 5 points worse than today's model.")


def test_that_what_is_believed_says_what_it_is_believed_by(split: Subject) -> None:
    quality = replace(split.workload.quality, pairs=None, pairs_hosted=None)
    told = replace(split, workload=replace(split.workload, quality=quality))
    said, picture, table = evidence.quality_section(told, AROUND).blocks
    assert isinstance(said, Paragraph)
    assert " Dashed is what is believed of such models: blind comparison" in said.text
    assert isinstance(picture, Picture)
    assert isinstance(table, Table)
    assert {row[2].mark for row in table.rows} == {Mark.ESTIMATED}
    # Chat: 10 points worse, give or take 8 times 1.2816, which is 10.3 to either side.
    (first, *_) = evidence.intervals(told, AROUND)
    assert (first.low, first.middle, first.high) == pytest.approx((-20.25, -10.0, 0.25), abs=0.01)
    assert first.words == "expected −10.0 points (−20.3 to +0.3), never enough to pass"
    word = replace(quality, gate=GateResult.PASS, gate_hosted=GateResult.FAIL)
    stated = replace(split, workload=replace(split.workload, quality=word))
    blocks = evidence.quality_section(stated, AROUND).blocks
    assert [type(one) for one in blocks] == [Paragraph, Table]
    assert "Dashed" not in blocks[0].text  # type: ignore[union-attr]


# Inputs ------------------------------------------------------------------------------------------


def priced(provider: str, model: str, row: PriceRow | None, reason: str = "") -> Priced:
    return Priced(provider=provider, model=model, row=row, reason=reason)


RATES = Rates(
    input=Rate(2.5, tiers=((200_000, 5.0),)),
    cached=Rate(0.125),
    output=Rate(1000.0),
    per_call_usd=0.0,
)
ROW = PriceRow(provider="openai", model="m", rates=RATES, source="a page", as_of=date(2026, 11, 1))


def test_that_rates_are_told_by_the_million_with_their_tiers() -> None:
    assert inputs.rates_text(RATES) == (
        "in $2.50 ($5.00 above 200,000 tokens), cached $0.125, out $1,000.00 per million tokens"
    )
    assert inputs.rates_text(Rates(input=None, per_call_usd=0.02)) == "$0.02 a call"
    assert inputs._flat(RATES) == Rates(input=Rate(2.5), output=Rate(1000.0), per_call_usd=0.0)
    assert inputs._flat(Rates(input=None)) == Rates(input=None)


def test_that_prices_at_a_glance_are_of_today_s_model_and_the_first_hosted_one(
    split: Subject,
) -> None:
    hosted = (
        priced("deepinfra", "h", replace(ROW, as_of=None)),
        priced("groq", "second", None, "lost"),
    )
    host = split.facts.machine
    assert host is not None
    facts = replace(split.facts, buy=replace(host, machine="a box", price_usd=typed(3000.0)))
    world = replace(
        split.world,
        frontier=priced("openai", "m", ROW),
        hosted=hosted,
        usd_per_kwh=Published(0.1234, "a table", "2026-01-01"),
    )
    told = replace(split, world=world, facts=facts)
    flat = "in $2.50, out $1,000.00 per million tokens"
    assert list(inputs._prices_in_short(told, AROUND)) == [
        (Mark.PUBLISHED, f"m at OpenAI {flat}, of 2026-11-01"),
        (Mark.STATED, f"h at deepinfra {flat}"),
        (Mark.PUBLISHED, "electricity, a kWh, $0.123, of 2026-01-01, 329 days old"),
        (Mark.STATED, "a box, $3,000"),
    ]
    bare = replace(
        told,
        world=replace(world, frontier=None, hosted=()),
        facts=replace(facts, buy=replace(facts.buy, machine="")),  # type: ignore[type-var]
    )
    assert [said for _, said in inputs._prices_in_short(bare, AROUND)] == [
        "electricity, a kWh, $0.123, of 2026-01-01, 329 days old",
        "the machine, $3,000",
    ]


def test_that_every_price_is_told_with_its_source(split: Subject) -> None:
    batch = replace(ROW, batch=Rates(input=Rate(1.0)))
    world = replace(
        split.world,
        frontier=priced("openai", "m", batch),
        hosted=(priced("x", "h", None, "nobody lists it"),),
        usd_per_kwh=Unknown("no meter"),
        hourly_rate_usd=75.0,
    )
    host = split.facts.machine
    assert host is not None
    facts = replace(split.facts, buy=replace(host, machine="", price_usd=Estimated(1, 2, 3, "f")))
    told = replace(split, world=world, facts=facts)
    whole = inputs.rates_text(RATES)
    rented, *rest = [row for row in inputs._prices(told, AROUND) if "rented" in row[0].text]
    assert not rest
    assert rented[0] == Cell("RTX 4090, rented by the hour")
    assert [row for row in inputs._prices(told, AROUND) if row is not rented and row != rented] == [
        (
            Cell("Price of m at OpenAI"),
            Cell(whole, Mark.PUBLISHED),
            Cell("a page, 2026-11-01; batch in $1.00 per million tokens"),
        ),
        (
            Cell("Price of h at x"),
            Cell("not known", Mark.UNKNOWN),
            Cell("Nobody lists it."),
        ),
        (
            Cell("Price of the machine to buy"),
            Cell("~$2.00 ($1.00 to $3.00)", Mark.ESTIMATED),
            Cell("F."),
        ),
        (
            Cell("Electricity, a kWh"),
            Cell("not known", Mark.UNKNOWN),
            Cell("No meter."),
        ),
        (
            Cell("Hour of people who look after it"),
            Cell("$75 an hour", Mark.STATED),
            Cell("the settings, or their default"),
        ),
    ]
    organisation = replace(split.workload.organisation, hourly_rate_usd=75.0)
    stated = replace(told, workload=replace(split.workload, organisation=organisation))
    assert "people who look after" not in repr(list(inputs._prices(stated, AROUND)))
    kwh = inputs._figure("a kWh", Stated(0.1, "electricity.usd_per_kwh"), told, digits=3)
    assert kwh == (Cell("a kWh"), Cell("$0.100", Mark.STATED), Cell("electricity.usd_per_kwh"))
    listed = Estimated(1.0, 2.0, 3.0, "median of 3 listings, 2026-09-25")
    assert inputs._figure("x", listed, told)[1] == Cell("~$2.00 ($1.00 to $3.00)", Mark.ESTIMATED)


def summary(reasons: tuple[str, ...]) -> SeriesSummary:
    return SeriesSummary(
        calls_per_day=120.0, history_days=40, predictability=Predictability.PREDICTABLE,
        input=None, cached_input=None, output=None, reasons=reasons,
    )  # fmt: skip


def test_that_usage_and_the_usual_margin_are_told_as_taken_from_elsewhere(split: Subject) -> None:
    world = replace(split.world, series=summary(("steady", "no gap")), usage=summary(()))
    quality = replace(split.workload.quality, margin=None)
    told = replace(split, world=world, workload=replace(split.workload, quality=quality))
    days = Cell("120 calls a day on 40 days", Mark.MEASURED)
    assert list(inputs._volume(told)) == [
        (Cell("Usage series"), days, Cell("steady; no gap")),
        (Cell("Imported usage"), days, Cell("counted")),
        (
            Cell("Largest loss allowed"),
            Cell("5 %", Mark.ASSUMED),
            Cell("the usual of such a task"),
        ),
    ]
    assert list(inputs._volume(split)) == []


def test_that_steps_and_hosted_candidates_are_told_as_stated(split: Subject) -> None:
    steps = (
        Work(name=StepName.VECTOR_DB, where=Where.NETWORK, host="http://db.lan:6333/x"),
        Work(name=StepName.TRACE, where=Where.CLOUD),
    )
    told = replace(split, workload=replace(split.workload, steps=steps))
    assert list(inputs._stated(told, AROUND))[-3:] == [
        (
            Cell("Hosted candidate"),
            Cell("Qwen/Qwen3-235B-A22B-Instruct-2507 at deepinfra", Mark.STATED),
            Cell("candidates.hosted"),
        ),
        (Cell("Step vector db"), Cell("db.lan", Mark.STATED), Cell("steps")),
        (Cell("Step trace"), Cell("cloud", Mark.STATED), Cell("steps")),
    ]
    assert "workload.name" not in [row[2].text for row in inputs._stated(told, AROUND)]
    assert "workload.task" in [row[2].text for row in inputs._stated(told, AROUND)]


def test_that_the_middle_answer_of_a_probe_is_told(split: Subject) -> None:
    calls = ((0.9, 1.0), (0.2, 1.0), (0.5, 1.0), (0.7, 1.0))
    probes = {
        ("openai", "gpt-5.5"): Probed(at="2026-11-20T08:00", calls=calls),
        ("openai", "other"): Probed(at="2026-11-20T08:00", calls=calls),
    }
    told = replace(split, world=replace(split.world, probes=probes))
    # Of 0.2, 0.5, 0.7 and 0.9 the third.
    assert list(inputs._probes(told)) == [
        (
            Cell("Answers of gpt-5.5"),
            Cell("first text after 700 ms, middle of 4 calls", Mark.MEASURED),
            Cell("asked from here, 2026-11-20"),
        )
    ]
    none = {("openai", "gpt-5.5"): Probed(at="2026-11-20T08:00", calls=())}
    assert list(inputs._probes(replace(told, world=replace(split.world, probes=none)))) == []


def test_that_machines_are_told_with_their_memory(split: Subject) -> None:
    machine = split.world.machine
    assert machine is not None
    told = replace(
        split, world=replace(split.world, purchase=replace(machine, name="a box", accelerators=()))
    )
    board, bought = inputs._machines(told)
    source = Cell("detected here, or the list of machines")
    assert board == (Cell("Machine: RTX 4090"), Cell("RTX 4090 with 24 GiB"), source)
    assert bought[0] == Cell("Machine to buy: a box")
    assert bought[1].text.startswith("processor")
    assert bought[1].text.endswith(", no GPU")
    assert inputs._size(None) == ""
    assert inputs._size(1536 * 2**30) == " with 1,536 GiB"
    bare = replace(split.world, machine=None, purchase=None)
    assert list(inputs._machines(replace(split, world=bare))) == []


def test_that_inputs_at_a_glance_stand_by_where_they_come_from(split: Subject) -> None:
    section = inputs.inputs_in_short(split, AROUND)
    assert section.title == "Inputs at a glance"
    (listed,) = section.blocks
    assert isinstance(listed, Items)
    published, stated = listed.items
    assert published.startswith("Published: gpt-5.5 at OpenAI in $5.00, out $30.00 per million")
    assert stated == (
        "Stated: calls a day 52,000; days observed 120; tokens in 900 tokens;"
        " tokens out 120 tokens."
    )


# The record --------------------------------------------------------------------------------------


def test_that_a_decision_is_kept_whole(split: Subject) -> None:
    told = with_options(split)
    verdict = replace(
        told.verdict,
        saving=typed(180.0),
        provisional=True,
        flips=(),
        worlds=None,
        confidence=Confidence(word="low", p_best=None),
        reasons=(
            Reason(rule="E5", text="a split is cheaper", met=True, excludes=False),
            Reason(rule="", text="nothing else", met=True, excludes=False),
        ),
        missing=(Missing(field="tokens.input", reason="it is not stated"),),
        warnings=(Caution("AP1", "look out"),),
        expires_on="2027-01-02",
    )
    run = Measurement(
        what="Speed", values=(("decode", "80"),), conditions=(("model", "q"),), at="2026-11-20T1"
    )
    told = replace(
        told,
        verdict=verdict,
        sample=True,
        measured=(run,),
        stale=(Caution("S51", "old"),),
        notes=(Caution("N1", "worth knowing"),),
        facts=replace(
            told.facts,
            frontier=typed(300.0),
            calls_per_day=51_999.6,
            price_dates=(("m at openai", "a page", "2026-01-01"),),
        ),
    )
    found = record.record(told, AROUND)
    assert (found.title, found.status) == ("Site search answers", "Provisional")
    assert found.review_by == "2027-01-02"
    assert found.context == (
        "Kind of work: chat.",
        "A sample that came with the program: its numbers are invented.",
        "Volume: 52,000 calls a day.",
        "Today: gpt-5.5 at OpenAI, $300 a month.",
        "Privacy: no rule is stated. Your rule, not a legal finding.",
        "Largest loss of quality allowed: 5 %.",
    )
    assert found.decision[0] == "Split: 40 % of the calls here, the rest outside (HYBRID)."
    assert [one.partition(":")[0] for one in found.decision[1:]] == ["Because", "Money"]
    assert found.consequences == (
        "Saving a month: $180.",
        "Steps that leave the network: Overflow.",
        "Old. (S51)",
        "Look out. (AP1)",
        "Worth knowing.",
    )
    assert found.options is not None
    assert found.evidence[:2] == ("E5: A split is cheaper.", "Nothing else.")
    assert [one.partition(":")[0] for one in found.evidence[2:4]] == [
        "Quality of qwen3",
        "Quality of Qwen3-235B-A22B-Instruct-2507 at deepinfra",
    ]
    assert found.evidence[4] == "Measured 2026-11-20: Speed: decode 80 (model q)."
    assert found.evidence[5] == "Price of m at OpenAI: a page, 2026-01-01, 329 days old."
    assert "Not measured: Tokens in: It is not stated." in found.evidence
    assert found.would_change == ("Tokens in, once it is known: It is not stated.",)
    sure = replace(told, verdict=replace(verdict, provisional=False, missing=(), worlds=WORLDS))
    again = record.record(sure, AROUND)
    assert again.status == "Decided"
    assert DOUBT in again.evidence
    assert again.would_change == (
        "Nothing that a workload states: run the steady part here, let the rest overflow in any"
        " case.",
    )
    many = tuple(
        Flip(input=f"tokens.{n}", now=1.0, at=2.0, relative=1.0, verdict_then=Option.HYBRID)
        for n in range(12)
    )
    flipping = replace(told, verdict=replace(verdict, flips=many, missing=()))
    assert len(record.record(flipping, AROUND).would_change) == 8


def test_that_nothing_is_said_of_what_is_not_known(split: Subject) -> None:
    today = replace(split.workload.today, provider="", model="gpt-5.5")
    bare = replace(
        split,
        workload=replace(split.workload, today=today),
        facts=replace(split.facts, calls_per_day=None, frontier=Unknown("no price")),
    )
    assert record._context(bare, AROUND)[1] == "Today: gpt-5.5, not known a month."
    nobody = replace(bare, workload=replace(bare.workload, today=replace(today, model="")))
    assert not [one for one in record._context(nobody, AROUND) if one.startswith("Today")]
    local = replace(split, verdict=replace(split.verdict, option=Option.LOCAL_THIS_MACHINE))
    assert "Steps that leave the network: none." in record._consequences(local, AROUND)


def test_that_an_undecided_workload_says_what_is_wrong() -> None:
    found = record.undecided_record(Undecided(name="Lost", problem="No volume.", hint="Add."))
    assert (found.title, found.status, found.context) == (
        "Lost",
        "Not decided",
        ("No volume. Add.",),
    )
    assert (found.options, found.evidence, found.would_change, found.review_by) == (
        None,
        (),
        (),
        "",
    )


# How sure ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bar", "share", "worlds", "provisional", "said"),
    [
        (None, 0.9, WORLDS, False, "Decided by rules, not by cost"),
        (None, 0.9, WORLDS, True, "Decided by rules, not by cost; provisional"),
        (Option.RENT_GPU, None, WORLDS, False, "Confidence low"),
        (Option.RENT_GPU, 0.9, None, False, "Confidence low"),
        (
            Option.RENT_GPU,
            0.915,
            WORLDS,
            True,
            "Confidence low: the same in 92 % of 2,000 simulations; provisional",
        ),
    ],
)
def test_that_a_verdict_says_how_sure_it_is(
    split: Subject,
    bar: Option | None,
    share: float | None,
    worlds: Worlds | None,
    provisional: bool,
    said: str,
) -> None:
    verdict = replace(
        split.verdict,
        bar=bar,
        worlds=worlds,
        provisional=provisional,
        confidence=Confidence(word="low", p_best=share),
    )
    assert choice.sureness(verdict) == said


def test_that_the_card_tells_five_lines(split: Subject) -> None:
    block = choice.card_block(replace(split, verdict=replace(split.verdict, provisional=True)))
    assert (block.option, block.provisional) == ("HYBRID", True)
    assert block.sureness == choice.sureness(replace(split.verdict, provisional=True))
    assert [label for label, _ in block.lines] == [
        "Verdict",
        "Because",
        "Money",
        "Flips if",
        "Next",
    ]
    told = dict(block.lines)
    assert told["Verdict"].startswith("Split: 49 % of the calls here, the rest outside. Conf")
    assert told["Because"].startswith("Steady work here")
    assert not told["Next"].startswith("Next")
    none = replace(split, verdict=replace(split.verdict, flips=()))
    assert dict(choice.card_block(none).lines)["Flips if"] == (
        "nothing that a workload states would flip it"
    )
    whole = choice.headline(
        replace(split, verdict=replace(split.verdict, option=Option.CLOUD_FRONTIER))
    )
    assert whole == "Stay with gpt-5.5"


# What is said where nothing else is --------------------------------------------------------------


def test_that_a_block_says_nothing_that_it_was_not_told() -> None:
    assert (Paragraph("x").quiet, Items(("x",)).warning) == (False, False)
    cell = Cell("x")
    assert (cell.mark, cell.detail, cell.strong) == (None, "", False)
    column = Column("x")
    assert (column.right, column.share) == (False, 1.0)
    page = Page(name="n", title="t")
    assert (page.subtitle, page.sections, page.one_sheet) == ("", (), False)
    bar = CostBar(name="n", place=Place.HERE, chosen=False)
    assert (bar.low, bar.mid, bar.high, bar.kept) == (0.0, 0.0, 0.0, 1.0)
    assert (bar.amount, bar.out, bar.overflow) == ("", "", None)
    found = Interval(name="n", result="r", words="w")
    assert (found.low, found.middle, found.high, found.expected) == (None, None, None, False)
    step = Step(name="n", model="m", place="p", leaves=False)
    assert (step.host, step.stuck) == ("", False)
    assert Picture(name="n", title="t", says="s", chart=TornadoChart((), 0.0)).note == ""


def test_that_each_origin_stands_behind_its_input_at_a_glance(split: Subject) -> None:
    origins = {
        "tokens.input": InputOrigin(source="a run of 2026-11-19", same=False),
        "tokens.output": InputOrigin(source="counted", same=True),
    }
    (listed,) = inputs.inputs_in_short(replace(split, origins=origins), AROUND).blocks
    assert isinstance(listed, Items)
    told = {one.partition(":")[0]: one for one in listed.items}
    # A value that is measured has its source behind it, also one of a single word.
    assert told["Measured"] == "Measured: tokens out 120 tokens (counted)."
    changed = "tokens in 900 tokens (tokens.input; a run of 2026-11-19 said something else)"
    assert told["Stated"] == f"Stated: calls a day 52,000; days observed 120; {changed}."
    assert [one.partition(":")[0] for one in listed.items] == ["Measured", "Published", "Stated"]


def test_that_a_band_that_is_open_on_one_side_is_told() -> None:
    up, down = Estimated(5.0, 5.0, 9.0, "f"), Estimated(1.0, 5.0, 5.0, "f")
    assert numbers.with_band(up, numbers.money) == "~$5.00 ($5.00 to $9.00)"
    assert numbers.with_band(down, numbers.money) == "~$5.00 ($1.00 to $5.00)"
    assert numbers.cell(up, numbers.money).detail == "$5.00 to $9.00"
    assert numbers.cell(down, numbers.money).detail == "$1.00 to $5.00"
    assert numbers.number(9.5) == "9.5"


def test_that_a_machine_without_work_has_no_hours(split: Subject) -> None:
    host = split.facts.machine
    assert host is not None
    assert host.strain is not None
    load = replace(host.strain.load, calls_per_day=0.0, hourly_calls=())
    idle = replace(
        host, strain=replace(host.strain, load=load), peak_utilisation=Unknown("no call comes")
    )
    section = evidence.load_section(replace(split, facts=replace(split.facts, machine=idle)))
    assert section.title == "Volume and load"
    assert section.blocks[-1] == Paragraph("No hours to show: No call comes.")
    nobody = replace(
        split.facts, machine=None, buy=None, machine_absent="there is no machine to consider"
    )
    section = evidence.load_section(replace(split, facts=nobody))
    assert section.blocks[-1] == Paragraph("No hours to show: There is no machine to consider.")
    buying = replace(split.verdict, option=Option.LOCAL_BUY)
    here = replace(split, verdict=buying)
    assert evidence.host_of(here) is split.facts.machine
    bought = replace(split.facts, buy=idle)
    assert evidence.host_of(replace(here, facts=bought)) is idle
    assert evidence.host_of(replace(split, facts=bought)) is split.facts.machine
    assert evidence.host_of(replace(split, facts=replace(bought, machine=None))) is idle


def test_that_an_hour_with_a_part_of_a_call_is_listed() -> None:
    rare = HourLoad(hour=7, calls=0.5, utilisation=0.01, p95_seconds=1.0, overflow_share=0.0)
    (row,) = evidence._hours_table((rare,)).rows
    assert [cell.text for cell in row] == ["7:00", "0.5", "1 %", "1.0 s", "0 %"]


def test_that_a_candidate_is_called_by_what_would_run(split: Subject) -> None:
    def names(subject: Subject) -> list[str]:
        return [one.name for one in evidence.intervals(subject, AROUND)]

    host = split.facts.machine
    assert host is not None
    hosted = "Qwen3-235B-A22B-Instruct-2507 at deepinfra"
    facts = replace(split.facts, machine=None, buy=replace(host, model="phi4"))
    assert names(replace(split, facts=facts)) == ["phi4", hosted]
    nobody = replace(split.facts, machine=None, buy=None)
    assert names(replace(split, facts=nobody)) == ["qwen3:8b", hosted]
    candidates = replace(split.workload.candidates, local=("a", "b"), hosted=())
    told = replace(split, facts=nobody, workload=replace(split.workload, candidates=candidates))
    assert names(told) == ["a", "Hosted open model"]
    bare = replace(candidates, local=())
    told = replace(told, workload=replace(split.workload, candidates=bare))
    assert names(told) == ["Local candidate", "Hosted open model"]


def test_that_only_the_step_that_answers_names_its_model(split: Subject) -> None:
    steps = (Work(name=StepName.OCR, where=Where.LOCAL), Work(name=StepName.GENERATE))
    told = replace(split, workload=replace(split.workload, steps=steps))
    assert [(one.name, one.model, one.place) for one in privacy.pipeline_chart(told, AROUND).steps][
        :2
    ] == [("OCR", "", "here"), ("Generate", "qwen3:8b", "here, overflow outside")]


def test_that_a_provider_of_today_is_called_as_it_calls_itself(split: Subject) -> None:
    def today(provider: str) -> str:
        workload = replace(split.workload, today=replace(split.workload.today, provider=provider))
        facts = replace(split.facts, frontier=typed(5.0), calls_per_day=None)
        return record._context(replace(split, workload=workload, facts=facts), AROUND)[1]

    assert today("OPENAI") == "Today: gpt-5.5 at OpenAI, $5.00 a month."
    assert today("Nobody") == "Today: gpt-5.5 at Nobody, $5.00 a month."


def test_that_a_report_of_several_has_a_page_for_all(split: Subject) -> None:
    two = report.report([split, split], [], AROUND)
    assert two.title == "Where each workload should run"
    assert two.pages[0].name == "portfolio"
    with_lost = report.report([split], [Undecided(name="L", problem="p")], AROUND)
    assert with_lost.title == "Where each workload should run"
    assert with_lost.pages[0].name == "portfolio"
