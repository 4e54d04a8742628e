"""A decision is kept whole for those who hold it against another."""

from __future__ import annotations

from dataclasses import replace

from landfall.core.provenance import Unknown
from landfall.core.reporting import (
    record,
)
from landfall.core.reporting.subject import (
    Measurement,
    Subject,
    Undecided,
)
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.table_words import Reason
from landfall.core.verdict.verdict import Confidence, Flip, Missing
from landfall.core.workload.privacy import Option
from tests.core.reporting.cases import AROUND, DOUBT, WORLDS, typed, with_options


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


def test_that_a_provider_of_today_is_called_as_it_calls_itself(split: Subject) -> None:
    def today(provider: str) -> str:
        workload = replace(split.workload, today=replace(split.workload.today, provider=provider))
        facts = replace(split.facts, frontier=typed(5.0), calls_per_day=None)
        return record._context(replace(split, workload=workload, facts=facts), AROUND)[1]

    assert today("OPENAI") == "Today: gpt-5.5 at OpenAI, $5.00 a month."
    assert today("Nobody") == "Today: gpt-5.5 at Nobody, $5.00 a month."
