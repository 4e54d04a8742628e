"""What a report says of the unusual: nothing known, all measured, typed prices, series, splits."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date

import pytest

from landfall.core.costs.horizon import Point
from landfall.core.demand.forecast import Predictability
from landfall.core.demand.hours import HourLoad
from landfall.core.pricing.pricing import PriceRow, Rate, Rates
from landfall.core.provenance import Estimated, Measured, Published, Stated, Unknown
from landfall.core.quality.measured import MeasuredQuality
from landfall.core.quality.paired_tests import GateResult
from landfall.core.reporting import (
    bills,
    choice,
    doubt,
    evidence,
    inputs,
    numbers,
    portfolio,
    privacy,
    record,
    words,
)
from landfall.core.reporting.blocks import Cell, Items, Mark, Paragraph, Picture, Table
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
from landfall.core.reporting.report import report
from landfall.core.reporting.subject import Around, InputOrigin, Subject
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
from landfall.core.settings import Thresholds
from landfall.core.usage.series import SeriesSummary
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.details import Behind
from landfall.core.verdict.together import together
from landfall.core.verdict.verdict import Confidence, Flip
from landfall.core.verdict.world import Priced, Probed
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Step as Work
from landfall.core.workload.workload import StepName, Where, Workload
from landfall.services.reports.subjects import Evidence, Told, subject, thresholds
from landfall.services.verdict.decided import Decided
from landfall.services.verdict.standing_verdicts import routing_cost
from tests.services.reports.conftest import DATA, decide
from tests.services.reports.test_writing import here

ON_PAPER = Ink(PAPER)
AROUND = Around(as_of="2026-11-26", version="0", providers={"openai": "OpenAI"})


def texts(found: object) -> str:
    return repr(found)


def rows(table: Table) -> dict[str, tuple[Cell, ...]]:
    return {row[0].text: row for row in table.rows}


# Numbers and words -------------------------------------------------------------------------------


BILLS = (0, 5e-14, 1.23e-5, 0.0004, 3.456, 19.99, 20, -1234.4, -0.001)


def test_that_numbers_are_written_with_a_true_minus_and_their_unit() -> None:
    assert [numbers.money(one) for one in BILLS] == [
        "$0.00", "$0.00", "$0.000012", "$0.00040", "$3.46", "$19.99", "$20", "−$1,234", "−$0.0010",
    ]  # fmt: skip
    assert [numbers.number(one) for one in (0.0, 3.14159, -12.6, 4.0, float("inf"))] == [
        "0", "3.14", "−13", "4", "never",
    ]  # fmt: skip
    assert [numbers.percent(one) for one in (0.5, 98.55, 0.083, -0.2, 1.0, -0.0001)] == [
        "50 %", "9,855 %", "8.3 %", "−20 %", "100 %", "0.0 %",
    ]  # fmt: skip
    assert [numbers.points(one) for one in (0.012, -0.03, 0.0)] == ["+1.2", "−3.0", "0.0"]
    assert [numbers.seconds(one) for one in (0.25, 3.21, 45, 600, 9000, float("inf"))] == [
        "250 ms", "3.2 s", "45 s", "10 min", "2 h 30 min", "never",
    ]  # fmt: skip


def test_that_each_origin_has_its_mark_and_its_source() -> None:
    figures = (
        Measured(1.0, "2026-11-20T10:00:00Z", "NVML"),
        Measured(1.0, "", "live"),
        Estimated(1.0, 2.0, 3.0, "a formula"),
        Published(1.0, "a page", "2026-11-01"),
        Stated(1.0, "quotes.x"),
        Unknown("nobody asked"),
    )
    assert [numbers.mark_of(one) for one in figures] == [
        Mark.MEASURED, Mark.MEASURED, Mark.ESTIMATED, Mark.PUBLISHED, Mark.STATED, Mark.UNKNOWN,
    ]  # fmt: skip
    assert [numbers.origin(one) for one in figures] == [
        "NVML, 2026-11-20", "live", "a formula", "a page, 2026-11-01", "quotes.x", "nobody asked",
    ]  # fmt: skip
    assert numbers.with_band(figures[2], numbers.money) == "~$2.00 ($1.00 to $3.00)"
    assert numbers.cell(figures[5], numbers.money) == Cell(
        "not known", Mark.UNKNOWN, "nobody asked"
    )


def test_that_keys_of_a_file_and_names_of_json_are_put_in_words() -> None:
    assert words.plain("find out volume.calls_per_day first") == "find out “calls a day” first"
    assert words.plain("too close between HOSTED_OPEN and HYBRID") == (
        "too close between a hosted open model and a split"
    )
    assert words.sentence("") == ""
    assert words.sentence("qwen3:8b failed.") == "qwen3:8b failed."
    assert words.value_text("electricity.usd_per_kwh", 0.17) == "$0.170"
    assert words.value_text("candidates.local", ()) == "not stated"
    assert words.value_text("volume.hourly_calls", (1.0, 20.0)) == "1, 20"
    assert words.value_text("candidates.needs", frozenset({"tools", "json"})) == "json, tools"
    assert words.value_text("quotes.machine.fits", True) == "yes"
    assert words.value_text("any", object()).startswith("<object")
    assert words.move(None) == ""
    assert words.move(15.0) == "16 times"
    assert words.input_name("some.other_key") == "other key"


# What is said ------------------------------------------------------------------------------------


def test_that_nothing_known_is_said_in_each_section(split: Subject) -> None:
    verdict = replace(split.verdict, reasons=(), flips=(), worlds=None, missing=())
    bare = replace(split, verdict=verdict, swings=(), curves=Unknown("nothing follows it"))
    assert "No rule speaks against" in texts(choice.reasons_in_short(bare))
    assert "No input that a workload states" in texts(doubt.flips_in_short(bare))
    assert "No input that a workload states" in texts(doubt.flips_section(bare))
    assert "No break-even: Nothing follows it." in texts(doubt.volume_section(bare))
    unsure = replace(verdict, confidence=Confidence(word="low", p_best=None))
    assert choice.sureness(unsure) == "Confidence low"
    assert "Nothing that a workload states" in texts(record.record(bare, AROUND).would_change)


def test_that_many_warnings_are_cut_on_the_first_page_and_whole_among_the_evidence(
    split: Subject,
) -> None:
    stale = tuple(Caution("S51", f"re-check: reason {n}") for n in range(9))
    heeded = replace(split, stale=stale)
    (_, listed) = choice.verdict_section(heeded).blocks
    assert isinstance(listed, Items)
    assert listed.warning
    assert listed.items[-1] == f"{len(choice.warnings(heeded)) - 4} more among the evidence."
    assert len(choice.warnings(heeded)) >= 9


def test_that_what_is_measured_is_not_told_as_missing(split: Subject) -> None:
    model = split.facts.machine.model if split.facts.machine else ""
    today = split.workload.today
    world = replace(
        split.world,
        measured={model: ()},  # type: ignore[dict-item]
        energy={model: ()},  # type: ignore[dict-item]
        probes={(today.provider, today.model): Probed(at="2026-11-20", calls=((0.4, 80.0),))},
        usage=summary(),
    )
    details = replace(split.verdict.details, purchase=None)
    known = replace(
        split,
        world=world,
        verdict=replace(split.verdict, missing=(), worlds=None, behind=Behind(lambda: details)),
        facts=replace(split.facts, buy=None, gate=GateResult.PASS, gate_hosted=GateResult.PASS),
    )
    assert "Everything that the decision looks at" in texts(doubt.unmeasured_section(known))
    open_ = replace(known.facts, gate=GateResult.UNMEASURED, gate_hosted=GateResult.INCONCLUSIVE)
    said = texts(doubt.unmeasured_section(replace(known, facts=open_)))
    assert "Quality of the local candidate on your own prompts" in said
    assert "measured, and not decided yet" in said
    told = texts(inputs.inputs_section(known, AROUND))
    assert "Imported usage" in told
    assert "first text after 400 ms, middle of 1 calls" in told


def summary() -> SeriesSummary:
    return SeriesSummary(
        calls_per_day=120.0, history_days=40, predictability=Predictability.PREDICTABLE,
        input=None, cached_input=None, output=None, reasons=("steady",),
    )  # fmt: skip


def test_that_where_curves_cross_or_never_do_is_said(split: Subject) -> None:
    assert not isinstance(split.curves, Unknown)
    always = replace(
        split.curves, crossing=None, crossing_low=None, crossing_high=None, always=True
    )
    assert doubt.crossing_words(always) == "cheaper here at any volume"
    never = replace(always, always=False)
    assert "never gets cheaper" in texts(doubt.volume_section(replace(split, curves=never)))
    one_end = replace(split.curves, crossing=1234.0, crossing_low=None, crossing_high=None)
    assert doubt.crossing_words(one_end) == "break-even at 1,200 calls a day"
    assert doubt.break_even(never).crossing is None


def test_that_each_value_tells_who_said_it(split: Subject) -> None:
    origins = {
        "volume.calls_per_day": InputOrigin(source="imported usage of 2026-11-20", same=True),
        "tokens.input": InputOrigin(source="a measured run of 2026-11-19", same=False),
        "tokens.output": InputOrigin(source="the usual of such a task", same=True),
    }
    volume = replace(split.workload.volume, series="/home/someone/secret/days.csv")
    told = replace(split, origins=origins, workload=replace(split.workload, volume=volume))
    (own, _) = inputs.inputs_section(told, AROUND).blocks
    assert isinstance(own, Table)
    listed = rows(own)
    assert listed["Calls a day"][1].mark is Mark.MEASURED
    assert listed["Tokens in"][1].mark is Mark.STATED
    assert "said something else" in listed["Tokens in"][2].text
    assert listed["Tokens out"][1].mark is Mark.ASSUMED
    assert listed["Usage series"][1].text == "days.csv"
    assert listed["Provider today"][1].text == "OpenAI"
    short = texts(inputs.inputs_in_short(told, AROUND))
    assert "imported usage of 2026-11-20" in short


def row_of(day: date | None, rates: Rates) -> PriceRow:
    return PriceRow(provider="openai", model="m", rates=rates, source="a page", as_of=day)


def test_that_prices_tell_whether_they_are_typed_published_or_not_known(split: Subject) -> None:
    rates = Rates(input=Rate(2.5, tiers=((200_000, 5.0),)), output=Rate(10.0), per_call_usd=0.01)
    typed = Priced(provider="openai", model="m", row=row_of(None, rates))
    published = Priced(
        provider="openai",
        model="p",
        row=replace(row_of(date(2026, 11, 1), rates), batch=Rates(input=Rate(1.0))),
    )
    lost = Priced(provider="openai", model="x", row=None, reason="nobody lists it")
    bare = replace(split, facts=replace(split.facts, buy=None))
    for frontier, hosted, mark, source in (
        (typed, (lost,), Mark.STATED, "typed in the settings"),
        (published, (), Mark.PUBLISHED, "a page, 2026-11-01; batch in $1.00 per million tokens"),
        (lost, (typed,), Mark.UNKNOWN, "Nobody lists it."),
    ):
        world = replace(split.world, frontier=frontier, hosted=hosted, assumptions=None)
        told = replace(bare, world=world)
        (_, taken) = inputs.inputs_section(told, AROUND).blocks
        assert isinstance(taken, Table)
        price = rows(taken)[f"Price of {frontier.model} at OpenAI"]
        assert (price[1].mark, price[2].text) == (mark, source)
        assert mark.value.capitalize() in texts(inputs.inputs_in_short(told, AROUND))
    assert inputs.rates_text(Rates(input=None)) == "not listed"
    assert inputs.rates_text(rates) == (
        "in $2.50 ($5.00 above 200,000 tokens), out $10.00 per million tokens, $0.01 a call"
    )


def test_that_work_that_waits_has_no_picture_of_hours(split: Subject) -> None:
    host = split.facts.machine
    assert host is not None
    assert host.strain is not None
    waiting = replace(host, strain=replace(host.strain, window_hours=8.0))
    told = replace(split, facts=replace(split.facts, machine=waiting))
    assert "runs in its batch window" in texts(evidence.load_section(told))
    nobody = replace(split, facts=replace(split.facts, machine=None, buy=None))
    assert "No hours to show" in texts(evidence.load_section(nobody))
    buying = replace(split.verdict, option=Option.LOCAL_BUY)
    bought = replace(split, verdict=buying, facts=replace(split.facts, buy=host))
    assert evidence.host_of(bought) is host


def test_that_a_quality_run_stands_beside_what_is_stated() -> None:
    decided: Decided = here("qwen3:8b")
    told = subject(Told(decided=decided), Evidence(prompts={"u-1": ("first", "second")}))
    found = evidence.intervals(told, AROUND)
    assert [one.result for one in found[:2]] == ["passed", "passed"]
    assert "by exact, measured 2026-11-21; 4 without a label" in found[0].words
    assert found[0].words.endswith("; the verdict rests on what the workload states")
    assert not found[1].words.endswith("what the workload states")
    assert found[1].name.endswith("as stated")
    section = evidence.quality_section(told, AROUND)
    tables = [one for one in section.blocks if isinstance(one, Table)]
    assert [row[1].text for row in tables[-1].rows] == ["first", "second"]
    reading = replace(decided.assembler.world.quality.local.reading, difference=None)  # type: ignore[union-attr]
    result = replace(decided.assembler.world.quality.local, reading=reading)  # type: ignore[type-var]
    world = replace(told.world, quality=MeasuredQuality(local=result))
    assert evidence.intervals(replace(told, world=world), AROUND)[0].middle == pytest.approx(-0.5)
    assert "Measured 2026-11-21" in texts(record.record(told, AROUND).evidence)


def test_that_a_gate_without_counts_has_no_interval_and_one_that_is_open_says_how_many_more(
    split: Subject,
) -> None:
    quality = replace(split.workload.quality, pairs=None, pairs_hosted=None, gate=GateResult.PASS)
    stated = replace(split, workload=replace(split.workload, quality=quality))
    found = evidence.intervals(stated, AROUND)
    assert found[0].low is None
    assert evidence._mark(found[0]) is Mark.STATED
    bare = replace(quality, gate=GateResult.UNMEASURED)
    for task in ("novel", "chat"):
        other = replace(split.workload, quality=bare, task=type(split.workload.task)(task))
        expected = evidence.intervals(replace(split, workload=other), AROUND)[0]
        assert expected.result == "not measured"
        assert evidence._mark(expected) in (Mark.ESTIMATED, Mark.UNKNOWN)
    pairs = split.workload.quality.pairs
    assert pairs is not None
    few = replace(pairs, local_only=2, cloud_only=2, both=5, neither=1)
    open_ = replace(split.workload, quality=replace(split.workload.quality, pairs=few))
    said = evidence.intervals(replace(split, workload=open_), AROUND)[0]
    assert said.result == "not decided"
    assert "more would decide" in said.words


def test_that_measurements_are_told_with_what_held(split: Subject) -> None:
    assert "Nothing here was measured" in texts(evidence.measurements_section(split))
    told = subject(Told(decided=here("qwen3:8b")), Evidence())
    (table,) = evidence.measurements_section(told).blocks
    assert isinstance(table, Table)
    (row,) = table.rows
    assert row[0].text == "Quality of qwen3:8b"
    assert row[1].mark is Mark.MEASURED
    assert "measure exact" in row[2].text
    assert row[3].text == "2026-11-21"


def test_that_what_overflows_leaves_to_whoever_had_to_be_beaten(split: Subject) -> None:
    places = {}
    for bar in (Option.CLOUD_FRONTIER, Option.RENT_GPU, Option.HOSTED_OPEN, None):
        told = replace(split, verdict=replace(split.verdict, bar=bar))
        last = privacy.pipeline_chart(told, AROUND).steps[-1]
        assert last.leaves
        places[bar] = last.host
    assert places[Option.CLOUD_FRONTIER] == "OpenAI"
    assert places[Option.RENT_GPU] == "rented GPU"
    assert places[Option.HOSTED_OPEN] == places[None] == "deepinfra"


def test_that_each_step_is_told_by_its_host_alone(split: Subject) -> None:
    steps = (
        Work(name=StepName.SOURCE, where=Where.NETWORK),
        Work(name=StepName.EMBED, where=Where.CLOUD, host="https://me:pw@api.example.com/v1?k=1"),
        Work(name=StepName.TRACE, where=Where.CLOUD),
        Work(name=StepName.GENERATE),
    )
    private = replace(split.workload.privacy, offline=True)
    told = replace(split, workload=replace(split.workload, steps=steps, privacy=private))
    for option in Option:
        one = replace(told, verdict=replace(split.verdict, option=option))
        chart = privacy.pipeline_chart(one, AROUND)
        said = texts(privacy.privacy_section(one, AROUND))
        assert "api.example.com" in said
        assert "me:pw" not in said
        assert chart.lock == "offline"
        assert chart.steps[0].place == "your network"
    none = replace(
        told, hosted=None, workload=replace(told.workload, candidates=bare_candidates(told))
    )
    hosted = replace(none, verdict=replace(split.verdict, option=Option.HOSTED_OPEN))
    assert privacy.pipeline_chart(hosted, AROUND).steps[-1].place == "a host"


def bare_candidates(told: Subject) -> object:
    return replace(told.workload.candidates, hosted=())


def test_that_a_loss_of_all_together_is_called_one() -> None:
    found = together([], Thresholds(), routing_cost())
    before = replace(found, bill_before=Stated(100.0, "typed"))
    for after, said in ((125.0, "a loss of 25 %"), (50.0, "50 % of the bill")):
        assert portfolio._share(replace(before, bill_after=Stated(after, "typed"))) == said
    assert portfolio._share(replace(before, bill_after=Unknown("nobody knows"))) == ""


def test_that_an_option_without_a_name_has_one(split: Subject) -> None:
    facts = replace(split.facts, machine=None, buy=None, rented=None)
    workload = replace(split.workload, today=replace(split.workload.today, model=""))
    bare = replace(split, facts=facts, hosted=None, workload=workload)
    names = [bills.option_name(bare, option) for option in Option]
    assert names[:3] == ["Cloud, today's model", "Hosted open model", "Rented GPU"]
    assert choice.headline(
        replace(bare, verdict=replace(bare.verdict, local_share=None))
    ).startswith("Run the steady part")


def test_that_a_sample_is_told_to_be_one_everywhere(split: Subject) -> None:
    sample = replace(split, sample=True)
    found = report([sample], [], AROUND)
    said = "a sample: its numbers are invented"
    assert said in found.pages[0].subtitle
    assert "its numbers are invented" in texts(found.records[0].context)
    assert said in texts(portfolio.overview([sample], [], AROUND))


def test_that_a_machine_that_cannot_serve_its_break_even_is_said_so() -> None:
    (decided,) = decide([(DATA / "verdicts/local_buy.toml").read_text(encoding="utf-8")])
    told = subject(Told(decided=decided), Evidence())
    purchase = told.verdict.details.purchase
    assert purchase is not None
    against = tuple(
        replace(one, within_reach=False, breakeven_calls_per_day=Point(Stated(900.0, "x")))
        for one in purchase.against
    )
    details = replace(told.verdict.details, purchase=replace(purchase, against=against))
    far = replace(told, verdict=replace(told.verdict, behind=Behind(lambda: details)))
    assert "more than it serves" in texts(bills.money_section(far))
    assert "Power of a machine at rest" in texts(inputs.inputs_section(told, AROUND))


def test_that_a_machine_of_which_nothing_is_known_has_no_hours(split: Subject) -> None:
    host = split.facts.machine
    assert host is not None
    blank = replace(host, strain=None, peak_utilisation=Unknown("its speed is not known"))
    told = replace(split, facts=replace(split.facts, machine=blank))
    assert "No hours to show: Its speed is not known." in texts(evidence.load_section(told))


def test_that_prompts_that_are_not_there_are_said_to_be_missing(split: Subject) -> None:
    asked = replace(AROUND, with_prompts=True)
    assert "has no prompts" in texts(evidence.quality_section(split, asked))
    assert "has no prompts" not in texts(evidence.quality_section(split, AROUND))
    workload = split.workload
    shared = replace(workload, quality=replace(workload.quality, pairs_hosted=None))
    found = evidence.intervals(replace(split, workload=shared), AROUND)
    assert found[1].low == found[0].low


# Charts ------------------------------------------------------------------------------------------

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


def test_that_paragraphs_of_a_section_are_told_plainly(split: Subject) -> None:
    section = bills.costs_section(split)
    assert isinstance(section.blocks[0], Picture)
    quiet = choice.reasons_section(split, AROUND).blocks[-1]
    assert isinstance(quiet, Paragraph)
    assert quiet.quiet


# As a reader sees it -----------------------------------------------------------------------------


def test_that_a_question_keeps_its_sign_and_gets_no_full_stop() -> None:
    assert words.sentence("no table knows it. Perhaps x?") == "No table knows it. Perhaps x?"


def test_that_every_threshold_has_a_name_and_its_unit() -> None:
    listed = thresholds(Thresholds())
    assert {one.name for one in listed} == set(words.THRESHOLDS)
    (table,) = [
        block
        for section in portfolio.tail(replace(AROUND, thresholds=listed))
        for block in section.blocks
        if isinstance(block, Table) and block.caption == "Where the rules turned"
    ]
    said = {row[0].text: row[1].text for row in table.rows}
    assert said["Hardware from a bill of"] == "$1,000 a month"
    assert said["Worth moving from a share of"] == "20 % of the bar"
    assert said["A price is stale after"] == "45 days"


def test_that_what_the_workload_states_is_not_told_as_assumed_as_well() -> None:
    (bought,) = decide([(DATA / "verdicts/local_buy.toml").read_text(encoding="utf-8")])
    told = subject(Told(decided=bought), Evidence())
    stated = replace(
        told.workload,
        organisation=replace(
            told.workload.organisation, ops_hours_per_month=7.0, hourly_rate_usd=80.0
        ),
        buy=replace(told.workload.buy, months=36, residual_share=0.25),
    )
    open_ = replace(
        stated,
        organisation=replace(stated.organisation, ops_hours_per_month=None, hourly_rate_usd=None),
        buy=replace(stated.buy, months=None, residual_share=None),
    )
    names = {"Hours of care a month", "Months that a machine is used", "Value left at the end"}

    def assumed(workload: Workload) -> set[str]:
        section = inputs.inputs_section(replace(told, workload=workload), AROUND)
        return {
            row[0].text
            for block in section.blocks
            if isinstance(block, Table)
            for row in block.rows
            if row[1].mark is Mark.ASSUMED
        }

    assert not assumed(stated) & names
    assert assumed(open_) >= names


def test_that_a_machine_is_said_to_serve_less_than_its_line_reaches(split: Subject) -> None:
    host = split.facts.machine
    assert host is not None
    full = replace(host, peak_utilisation=Stated(2.0, "x"))
    told = replace(split, facts=replace(split.facts, machine=full))
    curves = told.curves
    assert not isinstance(curves, Unknown)
    most = doubt.calls_served(told, curves)
    assert most == curves.now / 2
    section = doubt.volume_section(told)
    assert "This machine serves up to" in texts(section)
    (table,) = [block for block in section.blocks if isinstance(block, Table)]
    for row in table.rows:
        beyond = float(row[0].text.replace(",", "")) > most
        assert ("more than it serves" in row[1].detail) == beyond
        assert all(cell.mark is not None for cell in row[1:])
        assert all(cell.text.startswith("~") for cell in row[1:] if cell.mark is Mark.ESTIMATED)


def test_that_the_reason_of_an_unknown_bill_is_told_once_in_a_row(split: Subject) -> None:
    nobody = Unknown("no table knows it")
    lines = tuple(
        replace(one, usd_month=nobody, why_not=f"cost not known: {nobody.reason}")
        if one.option is Option.HOSTED_OPEN
        else one
        for one in split.verdict.options
    )
    told = replace(split, verdict=replace(split.verdict, options=lines))
    row = next(row for row in bills.options_table(told).rows if row[4].text.startswith("Cost not"))
    assert row[1].detail == ""
    assert "no table knows it" in row[4].text.lower()


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


def test_that_a_price_names_the_provider_as_it_calls_itself() -> None:
    assert words.priced("gpt-5.5 at openai", {"openai": "OpenAI"}) == "gpt-5.5 at OpenAI"
    assert words.priced("Quadro RTX 6000", {}) == "Quadro RTX 6000"


def test_that_a_machine_without_a_name_is_this_one() -> None:
    assert [words.in_sentence(one) for one in ("", "This machine", "RTX 4090")] == [
        "this machine", "this machine", "RTX 4090",
    ]  # fmt: skip


# Line by line ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("quotes.hosted_open_usd_month", 120.0, "$120"),
        ("buy.price", 1500, "$1,500"),
        ("organisation.hourly_rate", 80.0, "$80"),
        ("machine.resale", 400.0, "$400"),
        ("quality.margin", 0.03, "3 %"),
        ("quotes.machine.absorbed_share", 0.62, "62 %"),
        ("quotes.machine.peak_utilisation", 1.4, "140 %"),
        ("volume.growth_per_month", 0.05, "5 %"),
        ("latency.p95_seconds", 4.0, "4.0 s"),
        ("tokens.input", 900, "900 tokens"),
        ("buy.setup_hours", 5.0, "5 h"),
        ("buy.months", 36, "36 months"),
        ("volume.calls_per_day", 20_000.0, "20,000"),
        ("workload.task", "open_ended", "open ended"),
        ("machine.on_anyway", False, "no"),
        ("candidates.needs", ("long_context", "tools"), "long context, tools"),
        ("privacy.approved_vendors", ("a_b", "c"), "a_b, c"),
        ("today.model", "", "not stated"),
        ("today.model", None, "not stated"),
    ],
)
def test_that_a_value_has_the_unit_of_its_key(path: str, value: object, said: str) -> None:
    assert words.value_text(path, value) == said


def test_that_a_move_is_told_in_parts_or_in_times() -> None:
    assert [words.move(one) for one in (0.5, -0.25, 9.9, 10.0, -1.0, 0.0)] == [
        "+50 %", "−25 %", "+990 %", "11 times", "−100 %", "0 %",
    ]  # fmt: skip


def flip(path: str, now: object, at: object, relative: float | None) -> Flip:
    return Flip(input=path, now=now, at=at, relative=relative, verdict_then=Option.HOSTED_OPEN)  # type: ignore[arg-type]


def test_that_a_flip_says_which_way_how_far_and_to_what() -> None:
    up = flip("volume.calls_per_day", 100.0, 150.0, 0.5)
    assert choice.flip_clause(up) == "calls a day goes up to 150 (+50 %) → a hosted open model"
    down = flip("quotes.buy.price", 1000.0, 750.0, -0.25)
    assert choice.flip_clause(down) == (
        "price of the machine goes down to $750 (−25 %) → a hosted open model"
    )
    word = flip("organisation.kind", "established", "startup", None)
    assert choice.flip_clause(word) == (
        "organisation is startup instead of established → a hosted open model"
    )


def test_that_each_input_flips_once_on_the_first_page_and_no_more_than_asked(
    split: Subject,
) -> None:
    flips = tuple(flip(f"tokens.{n % 3}", 1.0, float(n), 0.1 * n) for n in range(1, 8))
    verdict = replace(split.verdict, flips=flips)
    assert [one.at for one in choice.first_flips(verdict, 2)] == [1.0, 2.0]
    assert [one.at for one in choice.first_flips(verdict, 9)] == [1.0, 2.0, 3.0]
    (card_block, *_) = choice.verdict_section(replace(split, verdict=verdict)).blocks
    assert len(dict(card_block.lines)["Flips if"].split("; ")) == 3  # type: ignore[union-attr]
    table = doubt._flips_table(replace(split, verdict=verdict), 2)
    assert [row[2].text for row in table.rows] == ["1 tokens", "2 tokens"]
    assert [row[1].text for row in table.rows] == ["1 tokens", "1 tokens"]
    assert [row[3].text for row in table.rows] == ["+10 %", "+20 %"]
    assert {row[4].text for row in table.rows} == {"Hosted open model"}


def test_that_the_verdict_leads_its_table_and_what_is_out_ends_it(split: Subject) -> None:
    table = bills.options_table(split)
    chosen = [row for row in table.rows if row[0].detail == "the verdict"]
    assert chosen == [table.rows[0]]
    assert table.rows[0][0].strong
    assert not any(row[0].strong for row in table.rows[1:])
    assert [row[3].text for row in table.rows[1:]] == sorted(
        (row[3].text for row in table.rows[1:]), key=lambda text: text == "no"
    )
    lines = bills.ordered(split.verdict)
    assert lines[0].option is split.verdict.option
    open_ = [bills._cost(one.usd_month) for one in lines[1:] if one.feasible is not False]
    assert open_ == sorted(open_)
    assert table.rows[0][0].text == bills.option_name(split, Option.HYBRID)


def hour(at: int, **values: object) -> HourLoad:
    told = {"calls": 10.0, "utilisation": 0.5, "p95_seconds": 2.0, "overflow_share": 0.1}
    return HourLoad(hour=at, **{**told, **values})  # type: ignore[arg-type]


def test_that_an_hour_says_how_busy_it_is_and_whether_it_keeps_up() -> None:
    assert evidence._hour_words(hour(9)) == "50 % busy, nineteen of twenty answers within 2.0 s"
    full = hour(9, utilisation=1.0, p95_seconds=None)
    assert evidence._hour_words(full) == "100 % busy, it cannot keep up"
    assert evidence._hour_words(replace(full, utilisation=0.99)) == "99 % busy"


def test_that_the_busiest_hours_are_listed_by_the_clock_and_idle_ones_are_not() -> None:
    hours = tuple(hour(at, utilisation=0.9 - at / 100, calls=20.0 - at) for at in range(20))
    rows_ = evidence._hours_table(hours).rows
    listed = [int(row[0].text.partition(":")[0]) for row in rows_]
    assert listed == sorted(listed) == list(range(len(listed)))
    assert 0 < len(listed) < 20
    assert [cell.text for cell in rows_[1]] == ["1:00", "19", "89 %", "2.0 s", "10 %"]
    late = (hour(3, p95_seconds=None), hour(4, calls=0.0))
    ((row),) = evidence._hours_table(late).rows
    assert row[3].text == "never"


def test_that_each_chart_of_the_volume_leaves_out_bills_that_dwarf_it(split: Subject) -> None:
    curves = split.curves
    assert not isinstance(curves, Unknown)
    first = curves.others[0]
    top = max(*first.usd_month, *curves.local.usd_month)
    ends = [top * share for share in (doubt._ROOM, doubt._ROOM + 0.01)]
    more = tuple(
        replace(first, option=option, usd_month=(*first.usd_month[:-1], end))
        for option, end in zip((Option.RENT_GPU, Option.HOSTED_OPEN), ends, strict=True)
    )
    chart = doubt.break_even(replace(curves, others=(first, *more)))
    assert [one.name for one in chart.others[1:]] == ["Rented GPU"]
    near = min(curves.calls_per_day, key=lambda one: abs(one - curves.now))
    assert chart.now_usd == first.usd_month[curves.calls_per_day.index(near)]
    beyond = replace(curves, crossing=curves.calls_per_day[-1] + 1)
    assert doubt.break_even(beyond).crossing is None
    at_end = replace(curves, crossing=curves.calls_per_day[-1])
    assert doubt.break_even(at_end).crossing == curves.calls_per_day[-1]


def test_that_the_table_of_volumes_reaches_to_the_end_and_tells_each_band(split: Subject) -> None:
    curves = split.curves
    assert not isinstance(curves, Unknown)
    table = doubt._volumes(curves, split, None)
    assert len(table.rows) == doubt._VOLUMES
    assert table.rows[-1][0].text == numbers.number(round(curves.calls_per_day[-1]))
    assert table.rows[-1][1].detail == (
        f"{numbers.money(curves.low[-1])} to {numbers.money(curves.high[-1])}"
    )
    volumes = [float(row[0].text.replace(",", "")) for row in table.rows]
    assert volumes == sorted(set(volumes))
    for cell, curve in zip(table.rows[-1][2:], curves.others, strict=True):
        assert cell.text.removeprefix("~") == numbers.money(curve.usd_month[-1])


def test_that_a_machine_that_serves_all_of_the_picture_is_not_said_to_end(split: Subject) -> None:
    curves, host = split.curves, split.facts.machine
    assert not isinstance(curves, Unknown)
    assert host is not None
    whole = Stated(curves.now / curves.calls_per_day[-1], "x")
    told = replace(split, facts=replace(split.facts, machine=replace(host, peak_utilisation=whole)))
    assert "serves up to" not in texts(doubt.volume_section(told))


def test_that_a_step_that_cannot_run_says_so_and_one_that_leaves_says_where() -> None:
    from landfall.core.reporting.charts import Step

    steps = (
        Step(name="A", model="m", place="here", leaves=False),
        Step(name="B", model="", place="there", leaves=True, host="api.example.com"),
        Step(name="C", model="", place="there", leaves=True),
        Step(name="D", model="", place="nowhere", leaves=False, stuck=True),
    )
    table = privacy._table(PipelineChart(steps, ""))
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["A", "m", "here", "stays"],
        ["B", "–", "there", "api.example.com"],
        ["C", "–", "there", "not stated"],
        ["D", "–", "cannot run here", "stays"],
    ]
    assert [row[3].strong for row in table.rows] == [False, True, True, False]


def test_that_what_is_stated_without_counts_is_said_to_have_no_interval(split: Subject) -> None:
    quality = replace(split.workload.quality, pairs=None, pairs_hosted=None, gate=GateResult.PASS)
    stated = replace(split, workload=replace(split.workload, quality=quality))
    (first, *_) = evidence.intervals(stated, AROUND)
    assert first.words == "stated in the workload, without counts: no interval"


def test_that_a_hosted_candidate_is_told_only_where_it_is_offered_and_allowed(
    split: Subject,
) -> None:
    for offered in (True, False):
        for allowed in (True, False):
            facts = replace(split.facts, hosted_offered=offered, hosted_allowed=allowed)
            found = evidence.intervals(replace(split, facts=facts), AROUND)
            assert len(found) == (2 if offered and allowed else 1)


def test_that_prices_in_short_tell_their_day(split: Subject) -> None:
    rates = Rates(input=Rate(2.5), output=Rate(10.0))
    dated = Priced(provider="openai", model="m", row=row_of(date(2026, 11, 1), rates))
    lost = Priced(provider="x", model="h", row=None, reason="nobody lists it")
    world = replace(split.world, frontier=dated, hosted=(lost, dated))
    told = list(inputs._prices_in_short(replace(split, world=world), AROUND))
    assert told[0] == (
        Mark.PUBLISHED,
        "m at OpenAI in $2.50, out $10.00 per million tokens, of 2026-11-01",
    )
    assert told[1] == (Mark.UNKNOWN, "price of h at x")


def test_that_a_page_of_evidence_is_headed_by_what_the_work_is(split: Subject) -> None:
    from landfall.core.reporting.report import _subtitle

    workload = replace(split.workload, today=replace(split.workload.today, model="gpt-5.5"))
    said = _subtitle(replace(split, workload=workload))
    assert "gpt-5.5 today" in said
    calls = split.facts.calls_per_day
    assert calls is not None
    assert f"{numbers.number(round(calls))} calls a day" in said
    bare = replace(
        split,
        workload=replace(workload, today=replace(workload.today, model="")),
        facts=replace(split.facts, calls_per_day=None),
    )
    assert " today" not in _subtitle(bare)
    assert "calls a day" not in _subtitle(bare)


def test_that_swings_are_drawn_where_there_are_some(split: Subject) -> None:
    drawn_ = [one for one in doubt.flips_section(split).blocks if isinstance(one, Picture)]
    assert bool(drawn_) == bool(split.swings)
    assert split.swings
    none = doubt.flips_section(replace(split, swings=())).blocks
    assert not [one for one in none if isinstance(one, Picture)]


def test_that_a_leak_is_warned_of_and_none_is_not(split: Subject) -> None:
    quiet = replace(split, verdict=replace(split.verdict, leaks=()))
    blocks = privacy.privacy_section(quiet, AROUND).blocks
    assert not [one for one in blocks if isinstance(one, Items) and one.warning]


def test_that_a_saving_of_nothing_is_no_loss(split: Subject) -> None:
    for usd, loss in ((0.0, False), (-1.0, True), (5.0, False)):
        one = replace(split, verdict=replace(split.verdict, saving=Stated(usd, "x")))
        row = portfolio._row(one)
        assert ("a loss" in row[4].detail) == loss
        assert row[4].text == numbers.money(usd)
    missing = replace(split.verdict, saving=Unknown("nobody knows"))
    assert portfolio._row(replace(split, verdict=missing))[4].text == "not known"
