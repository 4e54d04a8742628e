"""How each side did by itself, beside the gate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.errors import BadInput
from landfall.core.provenance import Unknown
from landfall.core.quality.gate import Label
from landfall.core.quality.judge import CorrectedShare, calibrated
from landfall.core.quality.scoring import Options
from landfall.services.quality.gate_report import report_of
from landfall.services.quality.sides import as_good, side_scores, unscored
from tests.services.quality.conftest import World, over, plan


async def test_that_each_side_has_its_share_right(world: World) -> None:
    report = over(await world.run(plan("Small says", "Hello", "Hello", "Hello")))
    run = await world.only()
    scores = side_scores(run, report)
    assert set(scores) == {"local", "incumbent"}
    pairs = report.candidates[0].reading.pairs
    assert pairs is not None
    assert scores["local"].value == pytest.approx((pairs.local_only + pairs.both) / 4)
    assert scores["incumbent"].value == pytest.approx((pairs.cloud_only + pairs.both) / 4)
    assert scores["local"].value != scores["incumbent"].value
    assert isinstance(as_good(report.candidates[0]), Unknown)


async def test_that_people_and_judges_give_no_score_but_a_corrected_share(world: World) -> None:
    report = over(await world.run(plan(*[None] * 8, metric="human")))
    run = await world.only()
    assert side_scores(run, report_of(run)) == {}
    said = [(Label.LOCAL, Label.LOCAL)] * 20 + [(Label.OTHER, Label.OTHER)] * 15
    judged = replace(report.candidates[0], calibration=calibrated(said))
    assert isinstance(as_good(judged), Unknown), "nothing is labelled"
    pairs = over(await world.run(plan("Small says", "Hello"))).candidates[0].reading
    share = as_good(replace(judged, reading=pairs))
    assert isinstance(share, CorrectedShare)
    assert share.low <= share.share <= share.high


async def test_that_a_pattern_that_hangs_leaves_its_answers_to_people_and_says_why(
    world: World,
) -> None:
    endless = Options(pattern=r"^([^#]|.|[^@]|[^%]|[^~]|[^{]|[^}]|[^|])*$(?!)")
    report = over(await world.run(plan(None, None, metric="regex", options=endless)))
    run = await world.only()
    why = unscored(run, report)
    assert sum(why.values()) >= 1
    assert all("too" in reason or "longer than" in reason for reason in why)
    assert report.unlabelled == 2
    assert run.record.state == "done"


async def test_that_a_schema_is_held_against_each_answer_and_a_useless_one_refused_first(
    world: World,
) -> None:
    schema = Options(schema={"type": "object"})
    report = over(await world.run(plan(None, None, metric="json_schema", options=schema)))
    run = await world.only()
    assert {side: one.value for side, one in side_scores(run, report).items()} == {
        "local": 0.0,
        "incumbent": 0.0,
    }
    outside = Options(schema={"$ref": "http://example.com/x.json"})
    with pytest.raises(BadInput, match=r"x\.json"):
        await world.run(plan(None, metric="json_schema", options=outside))
    assert len(await world.history.quality.runs()) == 1, "nothing was begun"
