"""Where text goes under a rule, in words, in a table and in a picture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.reporting import (
    privacy,
)
from landfall.core.reporting.blocks import (
    Items,
    Paragraph,
    Picture,
    Table,
)
from landfall.core.reporting.charts import (
    PipelineChart,
    Step,
)
from landfall.core.reporting.subject import (
    Subject,
)
from landfall.core.workload.privacy import Leak, Option
from landfall.core.workload.workload import Step as Work
from landfall.core.workload.workload import StepName, Where
from tests.core.reporting.cases import AROUND, head, texts


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


def test_that_only_the_step_that_answers_names_its_model(split: Subject) -> None:
    steps = (Work(name=StepName.OCR, where=Where.LOCAL), Work(name=StepName.GENERATE))
    told = replace(split, workload=replace(split.workload, steps=steps))
    assert [(one.name, one.model, one.place) for one in privacy.pipeline_chart(told, AROUND).steps][
        :2
    ] == [("OCR", "", "here"), ("Generate", "qwen3:8b", "here, overflow outside")]


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


def test_that_a_leak_is_warned_of_and_none_is_not(split: Subject) -> None:
    quiet = replace(split, verdict=replace(split.verdict, leaks=()))
    blocks = privacy.privacy_section(quiet, AROUND).blocks
    assert not [one for one in blocks if isinstance(one, Items) and one.warning]
