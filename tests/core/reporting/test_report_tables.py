"""The tables of a report, whole: their columns, and each cell of a case whose figures are typed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.costs.horizon import Against, Horizon, Outlay, Point
from landfall.core.provenance import Estimated, Measured, Published, Stated, Unknown
from landfall.core.reporting import (
    bills,
    choice,
    doubt,
    evidence,
    inputs,
    numbers,
    portfolio,
    privacy,
    report,
)
from landfall.core.reporting.blocks import Cell, Items, Mark, Page, Paragraph, Picture, Table
from landfall.core.reporting.charts import CostBar, CostChart, PipelineChart, Place, Step
from landfall.core.reporting.subject import (
    Around,
    Measurement,
    RuleText,
    Subject,
    Threshold,
    Undecided,
)
from landfall.core.settings import Thresholds
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.details import Detail, Details, Gap, known
from landfall.core.verdict.facts import Variant
from landfall.core.verdict.options import OptionLine
from landfall.core.verdict.table_words import Reason
from landfall.core.verdict.verdict import Missing, Verdict
from landfall.core.workload.privacy import Leak, Option
from landfall.services.verdict.standing_verdicts import routing_cost

AROUND = Around(as_of="2026-11-26", version="0", providers={"openai": "OpenAI"})


def head(table: Table) -> list[tuple[str, bool, float]]:
    return [(one.title, one.right, one.share) for one in table.columns]


def tables(found: object) -> list[Table]:
    return [one for one in found.blocks if isinstance(one, Table)]  # type: ignore[attr-defined]


# Money -------------------------------------------------------------------------------------------

BAND = Estimated(90.0, 120.0, 160.0, "a formula")
NOT_LOOKED_AT = Unknown("not looked at")


def line(
    option: Option, usd: object, *, open_: bool | None = True, why: str = "", rule: str = ""
) -> OptionLine:
    return OptionLine(option=option, usd_month=usd, feasible=open_, why_not=why, rule=rule)  # type: ignore[arg-type]


def with_options(split: Subject, details: Details | None = None) -> Subject:
    """Every option once: chosen, open at a known and at an unknown price, and out."""
    lines = (
        line(Option.CLOUD_FRONTIER, Published(300.0, "a list", "2026-11-01"), why="$180 more"),
        line(Option.RENT_GPU, Unknown("no price"), open_=None, why="cost not known: no price"),
        line(Option.HOSTED_OPEN, Stated(200.0, "typed"), why="H2: $80 more"),
        line(Option.LOCAL_THIS_MACHINE, BAND, open_=False, why="it cannot keep up", rule="H6"),
        line(Option.LOCAL_BUY, Unknown("nothing to buy"), open_=False),
        line(Option.HYBRID, BAND),
    )
    details = details or Details(
        of={
            Option.HYBRID: Detail(latency_p95_s=NOT_LOOKED_AT, assumes=("it waits", "one shift")),
            Option.CLOUD_FRONTIER: Detail(latency_p95_s=Unknown("never probed"), assumes=("x",)),
            Option.HOSTED_OPEN: Detail(latency_p95_s=Estimated(2.0, 3.0, 4.0, "a formula")),
        }
    )
    verdict = replace(
        split.verdict, options=lines, behind=known(details), bar=Option.HOSTED_OPEN, local_share=0.4
    )
    return replace(split, verdict=verdict)


def test_that_every_option_is_told_with_its_bill_its_wait_and_its_reason(split: Subject) -> None:
    table = bills.options_table(with_options(split))
    assert head(table) == [
        ("Option", False, 1.7),
        ("A month", True, 1.5),
        ("Slowest of twenty", True, 1.5),
        ("Open", False, 0.5),
        ("Why not, or what it assumes", False, 3.1),
    ]
    dash, yes, no = Cell("–"), Cell("yes"), Cell("no")
    costs = Cell("~$120", Mark.ESTIMATED, "$90 to $160")
    # The verdict, then what is open by its bill, what is not known behind, then what is out.
    assert table.rows == (
        (
            Cell("Split, here and outside", detail="the verdict", strong=True),
            costs,
            dash,
            yes,
            Cell("It waits. One shift."),
        ),
        (
            Cell("Qwen3-235B-A22B-Instruct-2507"),
            Cell("$200", Mark.STATED),
            Cell("~3.0 s", Mark.ESTIMATED, "2.0 s to 4.0 s"),
            yes,
            Cell("$80 more."),
        ),
        (
            Cell("gpt-5.5, today"),
            Cell("$300", Mark.PUBLISHED),
            Cell("not known", Mark.UNKNOWN, "never probed"),
            yes,
            Cell("$180 more.", detail="X."),
        ),
        (
            Cell("Rented RTX 4090"),
            Cell("not known", Mark.UNKNOWN),
            dash,
            Cell("not known"),
            Cell("Cost not known: no price."),
        ),
        (Cell("RTX 4090, qwen3:8b"), costs, dash, no, Cell("It cannot keep up. (H6)")),
        (
            Cell("Bought machine"),
            Cell("not known", Mark.UNKNOWN, "nothing to buy"),
            dash,
            no,
            Cell(""),
        ),
    )


def test_that_the_bars_tell_each_bill_with_its_band_and_what_keeps_the_others_out(
    split: Subject,
) -> None:
    told = with_options(split)
    assert bills.cost_bars(told) == (
        CostBar(
            name="Split, here and outside",
            place=Place.HERE,
            chosen=True,
            low=90.0,
            mid=120.0,
            high=160.0,
            amount="~$120 ($90 to $160)",
            kept=0.4,
            overflow=Place.HOSTED,
        ),
        CostBar(
            name="Qwen3-235B-A22B-Instruct-2507",
            place=Place.HOSTED,
            chosen=False,
            low=200.0,
            mid=200.0,
            high=200.0,
            amount="$200",
        ),
        CostBar(
            name="gpt-5.5, today",
            place=Place.FRONTIER,
            chosen=False,
            low=300.0,
            mid=300.0,
            high=300.0,
            amount="$300",
        ),
        CostBar(
            name="Rented RTX 4090",
            place=Place.RENT,
            chosen=False,
            out="cost not known: no price",
        ),
        CostBar(
            name="RTX 4090, qwen3:8b",
            place=Place.HERE,
            chosen=False,
            out="it cannot keep up (would cost ~$120)",
        ),
        CostBar(name="Bought machine", place=Place.BUY, chosen=False, out="not known"),
    )
    section = bills.costs_section(told)
    assert section.title == "Money"
    (picture,) = section.blocks
    assert isinstance(picture, Picture)
    assert picture.chart == CostChart(bills.cost_bars(told))
    assert picture.says == (
        "Split, here and outside: ~$120 ($90 to $160); Qwen3-235B-A22B-Instruct-2507: $200;"
        " gpt-5.5, today: $300; Rented RTX 4090: cost not known: no price;"
        " RTX 4090, qwen3:8b: it cannot keep up (would cost ~$120); Bought machine: not known."
    )


def test_that_a_split_keeps_what_the_machine_takes_where_it_is_not_the_verdict(
    split: Subject,
) -> None:
    told = with_options(split)
    host = told.facts.machine
    assert host is not None
    host = replace(host, absorbed_share=Stated(0.25, "typed"))
    other = replace(
        told,
        verdict=replace(told.verdict, option=Option.HOSTED_OPEN, bar=None),
        facts=replace(told.facts, machine=host),
    )
    (bar,) = [one for one in bills.cost_bars(other) if one.name == "Split, here and outside"]
    assert (bar.kept, bar.overflow) == (0.25, Place.HOSTED)
    nobody = replace(other, facts=replace(other.facts, machine=None))
    (bar,) = [one for one in bills.cost_bars(nobody) if one.name == "Split, here and outside"]
    assert (bar.kept, bar.overflow) == (1.0, None)
    unknown = replace(told, verdict=replace(told.verdict, local_share=None))
    unknown = replace(unknown, facts=replace(told.facts, machine=host))
    assert bills.cost_bars(unknown)[0].kept == 0.25


def test_that_bills_of_nothing_draw_no_bars(split: Subject) -> None:
    free = (line(Option.CLOUD_FRONTIER, Stated(0.0, "typed")),)
    told = replace(split, verdict=replace(split.verdict, options=free))
    (said,) = bills.costs_section(told).blocks
    assert said == Paragraph("No option that is open has a bill that is known.")
    cent = (line(Option.CLOUD_FRONTIER, Estimated(0.0, 0.0, 0.01, "f")),)
    told = replace(split, verdict=replace(split.verdict, options=cent))
    assert isinstance(bills.costs_section(told).blocks[0], Picture)


def variant(name: str, usd: float, why: str = "") -> Variant:
    return Variant(name=name, usd_month=Stated(usd, "typed"), feasible=not why, why_not=why)


def test_that_ways_to_have_an_option_are_told_where_there_are_several(split: Subject) -> None:
    one = Detail(variants=(variant("as it is", 9.0),))
    two = Detail(variants=(variant("on demand", 5.0), variant("always on", 7.0)))
    told = with_options(split, Details(of={Option.HOSTED_OPEN: one, Option.RENT_GPU: two}))
    (table,) = tables(bills.money_section(told))[1:]
    assert head(table) == [
        ("Option", False, 1.6),
        ("Way to have it", False, 2),
        ("A month", True, 1.3),
    ]
    name = Cell("Rented RTX 4090")
    assert table.rows == (
        (name, Cell("on demand"), Cell("$5.00", Mark.STATED)),
        (name, Cell("always on"), Cell("$7.00", Mark.STATED)),
    )
    out = Detail(variants=(variant("on demand", 5.0), variant("always on", 7.0, "too dear")))
    told = with_options(split, Details(of={Option.RENT_GPU: out}))
    (table,) = tables(bills.money_section(told))[1:]
    assert head(table)[3] == ("Why not this way", False, 2.5)
    assert [row[3] for row in table.rows] == [Cell("–"), Cell("Too dear.")]
    alone = with_options(split, Details(of={Option.HOSTED_OPEN: one}))
    assert len(tables(bills.money_section(alone))) == 1


def horizon(hours: Point) -> Horizon:
    nothing = Unknown("nobody knows")
    outlay = Outlay(
        machine="a box",
        price_usd=Stated(3000.0, "typed"),
        residual_share=nothing,
        months=nothing,
        opex_usd_month=nothing,
        fixed_usd_month=nothing,
        usd_per_call=nothing,
        calls_per_day=Stated(100.0, "typed"),
        most_calls_per_day=nothing,
        yearly_rate=0.0,
        yearly_decline=nothing,
        growth_per_month=0.0,
    )
    cloud = Against(
        option=Option.CLOUD_FRONTIER,
        bill_usd_month=nothing,
        payback_months=Point(Stated(4.0, "typed")),
        payback_months_falling=Point(Unknown("never: it falls too fast"), never=True),
        npv_usd=Stated(-500.0, "typed"),
        decline_that_ends_it=nothing,
        breakeven_calls_per_day=Point(Estimated(1.0, 2.0, 3.0, "f")),
        within_reach=True,
    )
    far = replace(cloud, option=Option.HOSTED_OPEN, within_reach=False)
    lost = replace(
        far,
        option=Option.RENT_GPU,
        breakeven_calls_per_day=Point(Unknown("never: at no volume"), never=True),
    )
    return Horizon(outlay=outlay, against=(cloud, far, lost), rent_or_buy_hours=hours)


def test_that_a_purchase_is_held_against_each_bill(split: Subject) -> None:
    hours = Point(Stated(50.0, "typed"))
    told = with_options(split, Details(purchase=horizon(hours)))
    (_, table) = tables(bills.money_section(told))
    assert table.caption == "A box at $3,000, against each bill"
    assert head(table) == [
        ("Against", False, 1.6),
        ("Paid back", True, 1.4),
        ("With falling prices", True, 1.4),
        ("Present value", True, 1.3),
        ("Cheaper from", True, 1.8),
    ]
    paid, loss = Cell("4 months", Mark.STATED), Cell("−$500", Mark.STATED)
    never, dash = Cell("never", None, "it falls too fast"), Cell("–")
    calls = "1 calls a day to 3 calls a day"
    assert table.rows == (
        (
            Cell("Today's cloud model"),
            paid,
            never,
            loss,
            Cell("~2 calls a day", Mark.ESTIMATED, calls),
        ),
        (
            Cell("A hosted open model"),
            paid,
            never,
            loss,
            Cell("~2 calls a day", Mark.ESTIMATED, "more than it serves"),
        ),
        (Cell("A rented GPU"), paid, never, loss, Cell("never", None, "at no volume")),
        (
            Cell("Renting by the hour"),
            dash,
            dash,
            dash,
            Cell("50 busy hours a month", Mark.STATED),
        ),
    )


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        (Point(Unknown("never: rent is cheaper"), never=True), True),
        (Point(Unknown("no price of an hour")), False),
    ],
)
def test_that_renting_by_the_hour_is_told_where_it_is_known(
    split: Subject, hours: Point, told: bool
) -> None:
    found = with_options(split, Details(purchase=horizon(hours)))
    (_, table) = tables(bills.money_section(found))
    assert (table.rows[-1][0] == Cell("Renting by the hour")) == told


def test_that_what_is_missing_of_a_machine_and_what_it_adds_is_said(split: Subject) -> None:
    details = Details(
        marginal_usd_month=Stated(20.0, "typed"),
        average_usd_month=Stated(90.0, "typed"),
        gap=(
            Gap(option=Option.LOCAL_THIS_MACHINE, machine="my box", rule="H3", text="8 GB short"),
            Gap(option=Option.LOCAL_BUY, machine="", rule="", text="nothing is named"),
        ),
        would_hold="two boxes at $4,000",
    )
    section = bills.money_section(with_options(split, details))
    (_, owned, gaps) = section.blocks
    assert owned == Paragraph(
        "To the owned machine the work adds $20 a month, which decides; bought for this alone it"
        " would cost $90 in all."
    )
    assert gaps == Items(
        (
            "My box: 8 GB short.",
            "Bought machine: nothing is named.",
            "The cheapest listed that would do it: two boxes at $4,000.",
        )
    )
    bare = bills.money_section(with_options(split, Details()))
    assert bare.title == "Money"
    assert bare.blocks == (bills.options_table(with_options(split, Details())),)


# Reasons -----------------------------------------------------------------------------------------


def reasons(verdict: Verdict) -> Verdict:
    return replace(
        verdict,
        reasons=(
            Reason(rule="E5", text="a split is cheaper", met=True, excludes=False),
            Reason(rule="H6", text="too slow", met=True, excludes=True),
            Reason(rule="S6", text="not steady", met=False, excludes=False),
            Reason(rule="", text="nothing else", met=True, excludes=False),
        ),
        missing=(Missing(field="tokens.input", reason="it is not stated"),),
    )


def test_that_each_rule_is_told_with_what_it_did(split: Subject) -> None:
    told = replace(split, verdict=reasons(split.verdict))
    around = replace(
        AROUND,
        rules={"E5": RuleText(says="s", turns="the bill"), "H6": RuleText(says="s", turns="")},
    )
    (table, quiet) = choice.reasons_section(told, around).blocks
    assert isinstance(table, Table)
    assert head(table) == [
        ("Rule", False, 0.5),
        ("Outcome", False, 0.8),
        ("What was found", False, 5),
    ]
    assert table.rows == (
        (
            Cell("E5", strong=True),
            Cell("met", strong=True),
            Cell("A split is cheaper.", detail="Turns with: the bill."),
        ),
        (Cell("H6", strong=True), Cell("takes out", strong=True), Cell("Too slow.")),
        (Cell("S6", strong=True), Cell("not met"), Cell("Not steady.")),
        (Cell("–", strong=True), Cell("met", strong=True), Cell("Nothing else.")),
        (
            Cell("?"),
            Cell("Missing", strong=True),
            Cell("It is not stated.", Mark.UNKNOWN, "Tokens in"),
        ),
    )
    assert isinstance(quiet, Paragraph)
    assert quiet.text.endswith("H1, H2, H3, H4, H5, H7, H8, F1, E0, E2, E3, E4, S7, S25, S27, S48.")
    (short,) = choice.reasons_in_short(told).blocks
    assert short == Items(("E5: A split is cheaper.", "H6: Too slow.", "S6, not met: not steady."))


def test_that_the_first_page_tells_six_reasons_and_four_warnings(split: Subject) -> None:
    many = tuple(Reason(rule=f"H{n}", text="t", met=True, excludes=False) for n in range(1, 9))
    told = replace(split, verdict=replace(split.verdict, reasons=many))
    (short,) = choice.reasons_in_short(told).blocks
    assert isinstance(short, Items)
    assert len(short.items) == 6
    for count, shown in ((4, 4), (5, 5), (6, 5)):
        stale = tuple(Caution("S51", f"reason {n}") for n in range(count))
        bare = replace(told, stale=stale, verdict=replace(told.verdict, warnings=()))
        (_, listed) = choice.verdict_section(bare).blocks
        assert isinstance(listed, Items)
        assert len(listed.items) == shown
        assert listed.items[0] == "Reason 0. (S51)"
    assert listed.items[-1] == "2 more among the evidence."
    calm = replace(told, stale=(), verdict=replace(told.verdict, warnings=()))
    assert len(choice.verdict_section(calm).blocks) == 1


# Doubt -------------------------------------------------------------------------------------------


def test_that_the_tables_of_doubt_have_their_columns(split: Subject) -> None:
    table = doubt._flips_table(split, 3)
    assert head(table) == [
        ("Input", False, 2),
        ("Now", True, 1.2),
        ("Flips at", True, 1.2),
        ("Change", True, 0.8),
        ("Verdict then", False, 2),
    ]
    assert all(row[2].strong and not row[1].strong for row in table.rows)
    assert len(table.rows) == 3
    curves = split.curves
    assert not isinstance(curves, Unknown)
    volumes = doubt._volumes(curves, split, None)
    assert [one.title for one in volumes.columns[:2]] == ["Calls a day", "This machine"]
    assert [one.right for one in volumes.columns] == [True] * (2 + len(curves.others))
    assert [one.share for one in volumes.columns] == [1.0, 1.4] + [1.0] * len(curves.others)


# Evidence ----------------------------------------------------------------------------------------


def test_that_the_tables_of_evidence_have_their_columns(split: Subject) -> None:
    (hours,) = tables(evidence.load_section(split))
    assert head(hours) == [
        ("Hour", False, 0.8),
        ("Calls", True, 1.0),
        ("Busy", True, 1.0),
        ("Slowest of twenty", True, 1.0),
        ("Finds no slot", True, 1.0),
    ]
    assert len(hours.rows) == 8
    told = replace(split, prompts=("one", "two"))
    (gates, prompts) = tables(evidence.quality_section(told, AROUND))
    assert head(gates) == [
        ("Candidate", False, 1.6),
        ("Gate", False, 0.8),
        ("Difference", False, 3),
    ]
    assert all(row[1].strong and not row[0].strong for row in gates.rows)
    assert head(prompts) == [("No.", True, 0.3), ("Prompt", False, 6)]
    assert prompts.rows == ((Cell("1"), Cell("one")), (Cell("2"), Cell("two")))


def test_that_a_measurement_is_told_in_a_row(split: Subject) -> None:
    first = Measurement(
        what="Speed",
        values=(("decode", "80 tok/s"), ("prefill", "900 tok/s")),
        conditions=(("model", "qwen3:8b"), ("engine", "0.32")),
        at="2026-11-20T10:00:00+00:00",
    )
    bare = Measurement(what="Energy", values=(("draw", "200 W"),), conditions=(), at="")
    section = evidence.measurements_section(replace(split, measured=(first, bare)))
    assert section.title == "Measurements"
    (table,) = tables(section)
    assert head(table) == [
        ("What", False, 1.6),
        ("Value", False, 1.9),
        ("Conditions", False, 3.2),
        ("When", False, 0.9),
    ]
    assert table.rows == (
        (
            Cell("Speed"),
            Cell("decode 80 tok/s; prefill 900 tok/s", Mark.MEASURED, strong=True),
            Cell("model qwen3:8b; engine 0.32"),
            Cell("2026-11-20"),
        ),
        (
            Cell("Energy"),
            Cell("draw 200 W", Mark.MEASURED, strong=True),
            Cell("not told"),
            Cell("not told"),
        ),
    )


# Inputs, privacy ---------------------------------------------------------------------------------


def test_that_the_tables_of_inputs_have_their_columns(split: Subject) -> None:
    section = inputs.inputs_section(split, AROUND)
    assert section.title == "Inputs"
    columns = [("Input", False, 1.5), ("Value", False, 1.9), ("Source", False, 2.4)]
    assert [head(one) for one in tables(section)] == [columns, columns]


def test_that_where_text_goes_is_told_in_words_and_in_a_table(split: Subject) -> None:
    leaks = (
        Leak(step="embed", where="cloud", host="https://api.example.com/v1", why="not allowed"),
        Leak(step="trace", where="cloud", host="", why="nobody said where"),
    )
    told = replace(split, verdict=replace(split.verdict, leaks=leaks))
    section = privacy.privacy_section(told, AROUND)
    assert section.title == "Where the text goes"
    rule, says, leaking, picture, table = section.blocks
    assert rule == Paragraph("No privacy rule is stated for it. Your rule, not a legal finding.")
    assert says == Paragraph("Stays inside: Generate. Leaves: Overflow (to deepinfra).")
    assert leaking == Items(
        (
            "Embed leaves all the same: api.example.com (not allowed).",
            "Traces leaves all the same: cloud (nobody said where).",
        ),
        warning=True,
    )
    assert isinstance(picture, Picture)
    assert picture.says == says.text  # type: ignore[union-attr]
    assert picture.chart == PipelineChart(
        (
            Step(name="Generate", model="qwen3:8b", place="here, overflow outside", leaves=False),
            Step(
                name="Overflow",
                model="Qwen3-235B-A22B-Instruct-2507",
                place="deepinfra",
                leaves=True,
                host="deepinfra",
            ),
        ),
        "",
    )
    assert isinstance(table, Table)
    assert head(table) == [
        ("Step", False, 1.0),
        ("Model", False, 1.6),
        ("Where", False, 1.4),
        ("Leaves to", False, 1.4),
    ]


def test_that_a_rule_is_told_in_its_words(split: Subject) -> None:
    lock = replace(split.facts.lock, rules=("H1",), says="nothing may leave")
    told = replace(split, facts=replace(split.facts, lock=lock))
    assert privacy.privacy_section(told, AROUND).blocks[0] == Paragraph(
        "The rule: Nothing may leave. Your rule, not a legal finding."
    )
    bare = replace(split, facts=replace(split.facts, lock=replace(lock, says="")))
    assert privacy.privacy_section(bare, AROUND).blocks[0] == Paragraph(
        "The rule: Something is forbidden. Your rule, not a legal finding."
    )
    chart = privacy.pipeline_chart(told, AROUND)
    from landfall.core.workload.privacy import CLASS_WORDS

    assert chart.lock == CLASS_WORDS[told.workload.privacy.privacy_class]


@pytest.mark.parametrize(
    ("option", "model", "place", "leaves", "host"),
    [
        (Option.CLOUD_FRONTIER, "gpt-5.5", "OpenAI", True, "OpenAI"),
        (Option.HOSTED_OPEN, "Qwen3-235B-A22B-Instruct-2507", "deepinfra", True, "deepinfra"),
        (Option.RENT_GPU, "qwen3:8b", "rented GPU", True, "rented GPU"),
        (Option.LOCAL_THIS_MACHINE, "qwen3:8b", "here", False, ""),
        (Option.LOCAL_BUY, "phi4", "bought machine", False, ""),
        (Option.HYBRID, "qwen3:8b", "here, overflow outside", False, ""),
        (Option.LOCAL_REQUIRED_NOT_FEASIBLE, "qwen3:8b", "cannot run here", False, ""),
    ],
)
def test_that_the_answer_is_made_where_the_verdict_says(
    split: Subject, option: Option, model: str, place: str, leaves: bool, host: str
) -> None:
    machine = split.facts.machine
    assert machine is not None
    facts = replace(split.facts, buy=replace(machine, model="phi4"))
    told = replace(split, verdict=replace(split.verdict, option=option), facts=facts)
    (step, *rest) = privacy.pipeline_chart(told, AROUND).steps
    assert step == Step(
        name="Generate",
        model=model,
        place=place,
        leaves=leaves,
        host=host,
        stuck=option is Option.LOCAL_REQUIRED_NOT_FEASIBLE,
    )
    assert len(rest) == (option is Option.HYBRID)


# All together ------------------------------------------------------------------------------------


def test_that_the_page_of_all_workloads_counts_and_lists_them(split: Subject) -> None:
    lost = Undecided(name="Lost", problem="It has no volume.", hint="State one.")
    bare = Undecided(name="Bare", problem="It is broken.")
    page = portfolio.overview([split], [lost, bare], AROUND)
    assert (page.name, page.title) == ("portfolio", "All workloads")
    assert page.subtitle == "3 workloads, 1 with a verdict to which nothing is missing."
    assert [one.title for one in page.sections] == ["Workloads", "Without a verdict"]
    (table,) = tables(page.sections[0])
    assert head(table) == [
        ("Workload", False, 1.7),
        ("Verdict", False, 2.4),
        ("Today", True, 1.0),
        ("After", True, 1.3),
        ("Saved", True, 1.4),
    ]
    assert page.sections[1].blocks == (
        Items(("Lost: It has no volume. State one.", "Bare: It is broken."), warning=True),
    )
    unsure = replace(split, verdict=replace(split.verdict, provisional=True))
    alone = portfolio.overview([unsure], [], AROUND)
    assert alone.subtitle == "1 workload, 0 with a verdict to which nothing is missing."
    nothing = portfolio.overview([], [lost], AROUND)
    assert [one.title for one in nothing.sections] == ["Without a verdict"]


def test_that_a_workload_has_its_bills_in_a_row(split: Subject) -> None:
    told = with_options(split)
    told = replace(
        told,
        sample=True,
        facts=replace(told.facts, frontier=Stated(300.0, "typed")),
        verdict=replace(told.verdict, saving=Estimated(-60.0, -20.0, 10.0, "f")),
    )
    row = portfolio._row(told)
    assert row[0] == Cell(
        "Site search answers", detail="a sample: its numbers are invented", strong=True
    )
    assert row[1].text == "Split: 40 % of the calls here, the rest outside"
    assert row[1].detail == choice.sureness(told.verdict)
    assert row[2:] == (
        Cell("$300", Mark.STATED),
        Cell("~$120", Mark.ESTIMATED, "$90 to $160"),
        Cell("~−$20", Mark.ESTIMATED, "a loss, −$60 to $10.00"),
    )
    sure = replace(told, verdict=replace(told.verdict, saving=Stated(-5.0, "typed")))
    assert portfolio._row(sure)[4] == Cell("−$5.00", Mark.STATED, "a loss")
    nothing = replace(told, verdict=replace(told.verdict, options=()))
    assert portfolio._row(nothing)[3] == Cell("not known", Mark.UNKNOWN, "nothing can run it")


def test_that_the_bill_of_all_is_told_before_and_after(split: Subject) -> None:
    from landfall.core.verdict.together import together

    found = together([], Thresholds(), routing_cost())
    found = replace(
        found,
        bill_before=Stated(400.0, "typed"),
        bill_after=Stated(300.0, "typed"),
        saving=Stated(100.0, "typed"),
        split=((Option.HYBRID, 2), (Option.RENT_GPU, 1)),
    )
    table, verdicts, _ = portfolio._together(found)
    assert isinstance(table, Table)
    assert head(table) == [("Bill", False, 2), ("A month", True, 2)]
    assert [row[0] for row in table.rows] == [
        Cell("Now"),
        Cell("With the verdicts followed"),
        Cell("Saved", detail="25 % of the bill"),
    ]
    assert [row[1].text for row in table.rows[:2]] == ["$400", "$300"]
    assert table.rows[2][1] == Cell("$100", Mark.STATED)
    assert verdicts == Paragraph("Verdicts: 2 × Split, here and outside; 1 × Rented GPU.")
    page = portfolio.overview([], [], replace(AROUND, together=found))
    assert [one.title for one in page.sections] == ["Together"]
    level = replace(found, bill_after=Stated(400.0, "typed"))
    assert portfolio._share(level) == "0 % of the bill"


def threshold(value: float, unit: str, name: str = "payback_max_months") -> Threshold:
    return Threshold(
        name=name,
        value=value,
        default=12.0,
        unit=unit,
        rules="S7",
        reason="a year is what people wait",
        source="a survey",
        date="2026-11",
    )


def test_that_thresholds_are_told_with_what_they_were_changed_from() -> None:
    listed = (
        threshold(12.0, "months"),
        threshold(6.0, "USD a month", "local_bill_min_usd_month"),
        threshold(0.5, "share of the bar", "another_name"),
    )
    page = portfolio.made(replace(AROUND, thresholds=listed, dated=(("Prices", "2026-11-01"),)))
    assert isinstance(page, Page)
    assert page.name == "how-it-was-made"
    assert page.subtitle == "By Landfall 0, with verdicts of 2026-11-26."
    assert [one.title for one in page.sections] == ["Marks", "Thresholds", "Data", "Limits"]
    marks, limits, data = (tables(one)[0] for one in page.sections[:3])
    assert head(marks) == [("Mark", False, 1), ("What it says", False, 5)]
    assert [row[0].mark for row in marks.rows] == list(Mark)
    assert head(limits) == [
        ("Threshold", False, 1.7),
        ("Used", True, 1.3),
        ("Rules", False, 0.8),
        ("Why, and who says so", False, 4),
    ]
    why = Cell("A year is what people wait.", detail="a survey, 2026-11")
    assert limits.rows == (
        (Cell("Hardware pays back within"), Cell("12 months", detail="default"), Cell("S7"), why),
        (
            Cell("Hardware from a bill of"),
            Cell("$6.00 a month", detail="changed, default $12.00 a month", strong=True),
            Cell("S7"),
            why,
        ),
        (
            Cell("Another name"),
            Cell("50 % of the bar", detail="changed, default 1,200 % of the bar", strong=True),
            Cell("S7"),
            why,
        ),
    )
    assert head(data) == [("Data", False, 4), ("Of", False, 1)]
    assert data.rows == ((Cell("Prices"), Cell("2026-11-01")),)
    assert [one.title for one in portfolio.tail(AROUND)] == ["Marks", "Limits"]


def test_that_a_report_has_its_pages_in_their_order(split: Subject) -> None:
    lost = Undecided(name="Lost", problem="It has no volume.")
    whole = report.report([split, replace(split, stale=(Caution("S51", "old"),))], [lost], AROUND)
    assert [one.name for one in whole.pages] == [
        "portfolio",
        "workload-1",
        "workload-2",
        "evidence-1",
        "evidence-2",
        "how-it-was-made",
    ]
    assert [one.one_sheet for one in whole.pages] == [False, True, True, False, False, False]
    assert (whole.title, whole.as_of, whole.made_by) == (
        "Where each workload should run",
        "2026-11-26",
        "Landfall 0",
    )
    assert [one.status for one in whole.records] == ["Decided", "Decided", "Not decided"]
    assert whole.tail == portfolio.tail(AROUND)
    first, second = whole.pages[1], whole.pages[4]
    assert [one.title for one in first.sections] == [
        "Verdict",
        "Money",
        "Why",
        "What would change it",
        "Inputs at a glance",
    ]
    assert [one.title for one in second.sections] == [
        "Money",
        "Why",
        "What would change it",
        "Break-even",
        "Volume and load",
        "Quality",
        "Where the text goes",
        "Measurements",
        "What was not measured",
        "Inputs",
        "Warnings",
        "What else is worth knowing",
    ]
    assert second.sections[-2].blocks == (Items(("Old. (S51)",), warning=True),)
    assert len(list(whole.blocks())) == sum(
        len(section.blocks) for page in whole.pages for section in page.sections
    )
    alone = report.report([split], [], AROUND)
    assert alone.title == "Site search answers"
    assert [one.name for one in alone.pages] == ["workload-1", "evidence-1", "how-it-was-made"]
    quiet = report.evidence_page(replace(split, notes=()), AROUND, 1)
    assert quiet.sections[-1].title == "Inputs"
    assert report.report([], [lost], AROUND).pages[0].name == "portfolio"


def test_that_a_page_is_headed_by_the_work_its_volume_and_its_days(split: Subject) -> None:
    told = replace(split, sample=True, facts=replace(split.facts, calls_per_day=51_999.6))
    page = report.workload_page(told, AROUND, 3)
    assert page.name == "workload-3"
    assert page.title == "Site search answers"
    assert page.subtitle == (
        "Chat · 52,000 calls a day · gpt-5.5 today · a sample: its numbers are invented"
        " · decided 2026-11-26, look again on 2026-12-26"
    )


# Numbers -----------------------------------------------------------------------------------------


def test_that_a_figure_in_a_cell_has_its_band_its_reason_or_what_is_said_instead() -> None:
    write = numbers.money
    assert numbers.cell(BAND, write) == Cell("~$120", Mark.ESTIMATED, "$90 to $160")
    assert numbers.cell(BAND, write, says="") == Cell("~$120", Mark.ESTIMATED, "")
    assert numbers.cell(Stated(5.0, "x"), write) == Cell("$5.00", Mark.STATED, "")
    assert numbers.cell(Unknown("no"), write, says="why") == Cell("not known", Mark.UNKNOWN, "why")
    measured = Measured(2.0, "2026-11-20", "NVML")
    assert numbers.cell(measured, write) == Cell("$2.00", Mark.MEASURED)
    assert numbers.short(BAND, write) == "~$120"
    assert numbers.short(Unknown("no"), write) == "not known"
    assert numbers.with_band(Unknown("no"), write) == "not known"
    flat = Estimated(7.0, 7.0, 7.0, "f")
    assert numbers.with_band(flat, write) == "~$7.00"
    assert numbers.cell(flat, write) == Cell("~$7.00", Mark.ESTIMATED, "")
    assert numbers.spread(1.0, 2.0, write) == "$1.00 to $2.00"


def test_that_the_age_of_a_price_is_told_where_it_is_more_than_it_may_be() -> None:
    # From 1 to 26 November are 25 days.
    assert numbers.of_day("2026-11-01", "2026-11-26", stale_days=25) == "2026-11-01"
    assert numbers.of_day("2026-11-01", "2026-11-26", stale_days=24) == "2026-11-01, 25 days old"
    assert numbers.of_day("some day", "2026-11-26", stale_days=0) == "some day"


def test_that_numbers_are_whole_from_ten_up() -> None:
    assert [numbers.number(one) for one in (9.996, 10.0, 10.4, 3.0, 0.5, -0.04, -9.0)] == [
        "10", "10", "10", "3", "0.5", "−0.04", "−9",
    ]  # fmt: skip
    assert [numbers.number(one) for one in (1234.6, -0.0, float("nan"))] == ["1,235", "0", "never"]
    assert [numbers.percent(one) for one in (0.1, 0.0999, 0.03, -0.1, 0.096, 0.0)] == [
        "10 %", "10.0 %", "3 %", "−10 %", "9.6 %", "0 %",
    ]  # fmt: skip
    assert [numbers.points(one) for one in (0.0004, 0.0006, -0.0006, -0.0004, 1.0)] == [
        "0.0", "+0.1", "−0.1", "0.0", "+100.0",
    ]  # fmt: skip
    assert numbers.origin(Stated(1.0, "quotes.x", as_of="2026-01-02")) == "quotes.x, 2026-01-02"
