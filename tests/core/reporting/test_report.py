"""The pages of a report in their order, and what heads each."""

from __future__ import annotations

from dataclasses import replace

from landfall.core.reporting import (
    numbers,
    portfolio,
    report,
)
from landfall.core.reporting.blocks import (
    Items,
)
from landfall.core.reporting.subject import (
    Subject,
    Undecided,
)
from landfall.core.verdict.cautions import Caution
from tests.core.reporting.cases import AROUND, texts


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


def test_that_a_report_of_several_has_a_page_for_all(split: Subject) -> None:
    two = report.report([split, split], [], AROUND)
    assert two.title == "Where each workload should run"
    assert two.pages[0].name == "portfolio"
    with_lost = report.report([split], [Undecided(name="L", problem="p")], AROUND)
    assert with_lost.title == "Where each workload should run"
    assert with_lost.pages[0].name == "portfolio"


def test_that_a_sample_is_told_to_be_one_everywhere(split: Subject) -> None:
    sample = replace(split, sample=True)
    found = report.report([sample], [], AROUND)
    said = "a sample: its numbers are invented"
    assert said in found.pages[0].subtitle
    assert "its numbers are invented" in texts(found.records[0].context)
    assert said in texts(portfolio.overview([sample], [], AROUND))


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
