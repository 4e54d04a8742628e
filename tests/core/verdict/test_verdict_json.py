"""A verdict's document: each field under its name."""

from __future__ import annotations

from dataclasses import replace

from landfall.core.provenance import Stated, Unknown
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.details import Detail, Details, Gap, known
from landfall.core.verdict.facts import Variant
from landfall.core.verdict.table_words import Missing, Reason
from landfall.core.verdict.verdict import (
    Beaten,
    Confidence,
    Flip,
    reason_text,
)
from landfall.core.verdict.verdict_json import details_json, to_json
from landfall.core.verdict.worlds import worlds_json
from landfall.core.workload.privacy import Leak, Option
from tests.core.demand.test_strain import strain
from tests.core.verdict.test_verdict import case, host
from tests.core.verdict.test_verdict_answer import WORLDS, decided

HOSTED = Option.HOSTED_OPEN
HERE, BUY = Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY


def test_that_a_document_holds_every_field_under_its_name() -> None:
    found = replace(
        decided(case("D12")),
        reasons=(Reason("E2", "it saves"), Reason("", "a remark"), Reason("S6", "no", met=False)),
        warnings=(Caution("AP8", "slowly"),),
        flips=(Flip(input="x", now=None, at=True, relative=None, verdict_then=BUY),),
        missing=(Missing("quality.gate", "open"),),
        beat=(Beaten(option=HOSTED, more_usd_month=Stated(3.0, "t"), why="dear"),),
        leaks=(Leak(step="embed", where="cloud", host="", why=""),),
        worlds=WORLDS,
        confidence=Confidence(word="high", p_best=0.9),
        provisional=True,
    )
    told = to_json(found)
    assert (told["workload"], told["verdict"]) == ("A", "LOCAL_THIS_MACHINE")
    assert told["provisional"] is True
    assert told["confidence"] == {"word": "high", "p_best": 0.9}
    assert told["reasons"] == [
        {"rule": "E2", "text": "it saves"},
        {"rule": "S6", "text": "not met: no"},
    ]
    assert told["warnings"] == [{"rule": "AP8", "text": "slowly"}]
    assert told["flips"] == [
        {"input": "x", "now": None, "at": True, "relative": None, "verdict_then": "LOCAL_BUY"}
    ]
    assert told["missing"] == [{"field": "quality.gate", "reason": "open"}]
    assert told["beat"][0]["more_usd_month"]["mid"] == 3.0
    assert (told["beat"][0]["kind"], told["beat"][0]["why"]) == ("HOSTED_OPEN", "dear")
    assert told["leaks"] == ["embed"]
    assert told["local_share"] == 1.0
    assert (told["saving_usd_month"]["mid"], told["saving_reason"]) == (880.0, "")
    assert told["options"][1] == {
        "kind": "HOSTED_OPEN",
        "usd_month": told["options"][1]["usd_month"],
        "feasible": True,
        "why_not": "$240 a month more",
    }
    assert (told["as_of"], told["expires_on"]) == ("2026-11-23", "2026-12-23")
    assert told["forecast"] is told["load"] is None
    assert told["worlds"] == worlds_json(WORLDS)
    unknown = to_json(replace(found, saving=Unknown("why"), worlds=None))
    assert unknown["saving_usd_month"] is None
    assert "why" in unknown["saving_reason"]
    assert unknown["worlds"] is None
    busy = replace(host(case("D12")), strain=strain(1.0))
    assert to_json(decided(case("D12", machine=busy)))["load"] is not None
    assert reason_text(Reason("S6", "no", met=False)) == "not met: no"


def test_that_what_stands_behind_is_told_with_its_reasons() -> None:
    variant = Variant(name="v", usd_month=Unknown("?"), feasible=False, why_not="small")
    detail = Detail(latency_p95_s=Unknown("late"), assumes=("a", "b"), variants=(variant,))
    gap = Gap(option=HERE, machine="m", rule="H3", text="small")
    behind = Details(
        of={HOSTED: detail},
        marginal_usd_month=Stated(3.0, "t"),
        average_usd_month=Unknown("no price"),
        gap=(gap,),
        would_hold="a box",
    )
    told = to_json(replace(decided(case("D12")), behind=known(behind)))
    hosted = next(one for one in told["option_details"] if one["kind"] == "HOSTED_OPEN")
    assert hosted == {
        "kind": "HOSTED_OPEN",
        "rule": "",
        "latency_p95_s": None,
        "latency_reason": "late",
        "assumes": ["a", "b"],
        "variants": [{"name": "v", "usd_month": None, "feasible": False, "why_not": "small"}],
    }
    whole = details_json(behind)
    assert whole["owned"]["marginal_usd_month"]["mid"] == 3.0
    assert whole["owned"]["marginal_reason"] == ""
    assert whole["owned"]["average_usd_month"] is None
    assert whole["owned"]["average_reason"] == "no price"
    assert whole["gap"] == [
        {"kind": "LOCAL_THIS_MACHINE", "machine": "m", "rule": "H3", "text": "small"}
    ]
    assert (whole["purchase"], whole["would_hold"]) == (None, "a box")
