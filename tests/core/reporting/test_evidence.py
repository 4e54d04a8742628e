"""The load of the hours, the gate of each candidate, and what was measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.demand.hours import HourLoad
from landfall.core.provenance import Unknown
from landfall.core.quality.measured import MeasuredQuality
from landfall.core.quality.paired_tests import GateResult
from landfall.core.reporting import (
    evidence,
    record,
)
from landfall.core.reporting.blocks import (
    Cell,
    Mark,
    Paragraph,
    Picture,
    Table,
)
from landfall.core.reporting.charts import (
    HoursChart,
    Interval,
    MarginChart,
)
from landfall.core.reporting.subject import (
    Measurement,
    Subject,
)
from landfall.core.workload.privacy import Option
from landfall.services.reports.subjects import Evidence, Told, subject
from landfall.services.verdict.decided import Decided
from tests.core.reporting.cases import AROUND, head, tables, texts
from tests.services.reports.test_writing import here


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
