"""What a verdict rests on: prices, machines, usage, and who said each value."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from landfall.core.pricing.pricing import PriceRow, Rate, Rates
from landfall.core.provenance import Estimated, Published, Stated, Unknown
from landfall.core.reporting import (
    inputs,
)
from landfall.core.reporting.blocks import (
    Cell,
    Items,
    Mark,
    Table,
)
from landfall.core.reporting.subject import (
    InputOrigin,
    Subject,
)
from landfall.core.verdict.world import Priced, Probed
from landfall.core.workload.workload import Organisation, StepName, Where, Workload
from landfall.core.workload.workload import Step as Work
from landfall.services.reports.subjects import Evidence, Told, subject
from tests.core.reporting.cases import AROUND, head, summary, tables, texts, typed
from tests.services.reports.conftest import DATA, decide


def test_that_the_tables_of_inputs_have_their_columns(split: Subject) -> None:
    section = inputs.inputs_section(split, AROUND)
    assert section.title == "Inputs"
    columns = [("Input", False, 1.5), ("Value", False, 1.9), ("Source", False, 2.4)]
    assert [head(one) for one in tables(section)] == [columns, columns]


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


def rows(table: Table) -> dict[str, tuple[Cell, ...]]:
    return {row[0].text: row for row in table.rows}


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


def test_that_hours_of_care_are_told_as_they_are_counted() -> None:
    (bought,) = decide([(DATA / "verdicts/local_buy.toml").read_text(encoding="utf-8")])
    told = subject(Told(decided=bought), Evidence())

    def row(kind: Organisation, team: bool = True) -> str:
        own = replace(
            told.workload.organisation,
            kind=kind,
            ops_hours_per_month=None,
            local_infrastructure=team,
        )
        about = replace(told, workload=replace(told.workload, organisation=own))
        rows = inputs._rates(about)
        return next(row[1].text for row in rows if row[0].text == "Hours of care a month")

    assert row(Organisation.OFFICE).startswith("~3 h")
    # A team that runs machines anyway takes 0.7 of that (S49).
    assert row(Organisation.ESTABLISHED).startswith("~2.1 h")
    # Twice that where nobody runs machines today (AP9).
    assert row(Organisation.OFFICE, team=False).startswith("~6 h")


def test_that_hours_of_care_keep_their_source_and_day_whoever_takes_care() -> None:
    (bought,) = decide([(DATA / "verdicts/local_buy.toml").read_text(encoding="utf-8")])
    told = subject(Told(decided=bought), Evidence())

    def source(**who: Any) -> str:
        own = replace(told.workload.organisation, ops_hours_per_month=None, **who)
        about = replace(told, workload=replace(told.workload, organisation=own))
        rows = inputs._rates(about)
        return next(row[2].text for row in rows if row[0].text == "Hours of care a month")

    usual = source(kind=Organisation.OFFICE)
    assert usual.startswith("Our judgement for one workstation")
    assert usual.endswith("(2026-11-23).")
    team = source(kind=Organisation.ESTABLISHED)
    assert team == f"{usual.removesuffix('.')}; operations with a team (S49)."
    nobody = source(local_infrastructure=False)
    assert nobody == f"{usual.removesuffix('.')}; operations without a team."


def test_that_hours_of_several_machines_are_said_to_be_of_each() -> None:
    (bought,) = decide([(DATA / "verdicts/local_buy.toml").read_text(encoding="utf-8")])
    told = subject(Told(decided=bought), Evidence())
    own = replace(told.workload.organisation, ops_hours_per_month=None)
    work = replace(
        told.workload, organisation=own, buy=replace(told.workload.buy, setup_hours=None)
    )
    told = replace(told, workload=work)
    assert told.facts.buy is not None

    def names(about: Subject) -> set[str]:
        return {row[0].text for row in inputs._rates(about) if row[0].text.startswith("Hours")}

    assert names(told) == {"Hours of care a month", "Hours of set-up"}
    two = replace(told, facts=replace(told.facts, buy=replace(told.facts.buy, count=2)))
    assert names(two) == {
        "Hours of care a month of each machine",
        "Hours of set-up of each machine",
    }
    # A month that is quoted whole holds no set-up.
    quotes = replace(work.quotes, buy=replace(work.quotes.buy, tco_usd_month=400.0))
    whole = replace(told, workload=replace(work, quotes=quotes))
    assert names(whole) == {"Hours of care a month"}


def test_that_a_listed_draw_at_rest_is_published_and_not_assumed() -> None:
    (bought,) = decide([(DATA / "verdicts/local_buy.toml").read_text(encoding="utf-8")])
    told = subject(Told(decided=bought), Evidence())
    assert told.facts.buy is not None

    def row(about: Subject) -> tuple[Cell, ...]:
        rows = inputs._rates(about)
        return next(row for row in rows if row[0].text == "Power of a machine at rest")

    assert row(told)[1] == Cell("~55 W (30 W to 100 W)", Mark.ASSUMED)
    rests = replace(told.facts.buy, idle_watts=Published(5.0, "a list", "2026-09-03"))
    listed = row(replace(told, facts=replace(told.facts, buy=rests)))
    assert listed[1:] == (Cell("5 W", Mark.PUBLISHED), Cell("A list, 2026-09-03."))
    # Two lists that differ are a band, and still nothing that is assumed.
    rests = replace(told.facts.buy, idle_watts=Estimated(5.0, 6.0, 7.0, "two lists"))
    listed = row(replace(told, facts=replace(told.facts, buy=rests)))
    assert listed[1:] == (Cell("~6 W (5 W to 7 W)", Mark.ESTIMATED), Cell("Two lists."))


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
