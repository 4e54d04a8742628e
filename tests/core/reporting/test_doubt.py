"""What would change a verdict: flips, swings, bills over the volume, what was not measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.costs.horizon import Point
from landfall.core.provenance import Unknown
from landfall.core.quality.paired_tests import GateResult
from landfall.core.reporting import (
    doubt,
    inputs,
)
from landfall.core.reporting.blocks import (
    Items,
    Paragraph,
    Picture,
    Table,
)
from landfall.core.reporting.charts import (
    SwingBar,
    TornadoChart,
)
from landfall.core.reporting.subject import (
    Subject,
)
from landfall.core.verdict.details import Behind, Details, known
from landfall.core.verdict.swings import InputSwing
from landfall.core.verdict.verdict import Flip, Missing
from landfall.core.verdict.world import Probed
from landfall.core.workload.privacy import Option
from tests.core.reporting.cases import AROUND, DOUBT, WORLDS, head, horizon, summary, texts, typed


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


def test_that_what_is_measured_is_not_told_as_missing(split: Subject) -> None:
    model = split.facts.machine.model if split.facts.machine else ""
    today = split.workload.today
    world = replace(
        split.world,
        measured={model: ()},  # type: ignore[dict-item]
        energy={model: ()},  # type: ignore[dict-item]
        probes={(today.provider, today.model): Probed(at="2026-11-20", calls=((0.4, 80.0),))},
        usage=summary(("steady",)),
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


def test_that_swings_are_drawn_where_there_are_some(split: Subject) -> None:
    drawn_ = [one for one in doubt.flips_section(split).blocks if isinstance(one, Picture)]
    assert bool(drawn_) == bool(split.swings)
    assert split.swings
    none = doubt.flips_section(replace(split, swings=())).blocks
    assert not [one for one in none if isinstance(one, Picture)]
