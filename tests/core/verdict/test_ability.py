"""What a machine can do with a candidate: every field, and every constant of its estimates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landfall.core.fit.fit import Fit, FitRequest
from landfall.core.fit.recommend import price
from landfall.core.machine.hardware import AcceleratorKind, HardwareProfile, memory_budget
from landfall.core.provenance import Estimated, Stated, Unknown, band, middle
from landfall.core.verdict.ability import (
    Ability,
    ability,
    ability_there,
    context_of,
    holds,
    lacking,
    licence_allows,
    mean_call_tokens,
    service_seconds,
    watts_above_idle,
    with_rates,
)
from landfall.core.workload.workload import Need, Task, Tokens
from tests.core.verdict.test_assembling import RTX_4090, WORK, card, sure

CARDS = (card(), card("embed", capabilities=frozenset({"embedding"})))


def able(name: str = "small:8b", **changes: Any) -> Ability:
    return ability(replace(WORK, **changes), (name,), RTX_4090, CARDS)


def test_that_the_context_that_must_fit_is_stated_or_has_room() -> None:
    def context(**tokens: Any) -> int:
        return context_of(replace(WORK, tokens=Tokens(**tokens)))

    assert context() == 8192
    assert context(input=4000.0, output=96.0) == 8192
    assert context(input=4000.0, cached_input=100.5, output=96.0) == 8394
    assert context(context_p99=3000) == 3000
    assert context(context_p99=3000, input=3000.2) == 3001
    assert context(context_p99=3000, input=2999.0, output=1.0) == 3000
    tokens = Tokens(input=10.2, cached_input=20.0, output=5.0)
    assert mean_call_tokens(replace(WORK, tokens=tokens)) == 36
    assert mean_call_tokens(replace(WORK, tokens=Tokens())) == 0


def test_that_an_ability_is_the_card_on_the_machine() -> None:
    found = able()
    placed = price(
        CARDS[0], RTX_4090, memory_budget(RTX_4090), FitRequest(context=8192, parallel=1)
    )
    assert found == Ability(
        machine="RTX 4090",
        model="small:8b",
        fits=True,
        context_ok=True,
        capability_ok=True,
        licence_ok=True,
        prefill_tok_s=placed.prefill_tok_s,
        decode_tok_s=placed.decode_tok_s,
        watts=found.watts,
        slots=1,
        whole=True,
        size_bytes=5_200_000_000,
        notes=found.notes,
    )
    assert [key for key, _ in found.notes] == ["H3", "H4", "licence_ok", "H8", "H7"]
    notes = dict(found.notes)
    assert notes["H3"].startswith("small:8b: ")
    assert "8,192" in notes["H4"]
    assert "the 40,960 of small:8b" in notes["H4"]


def test_that_each_hard_rule_is_told_of_the_card() -> None:
    assert able(tokens=Tokens(context_p99=40_960)).context_ok is True
    assert able(tokens=Tokens(context_p99=40_961)).context_ok is False
    unknown = ability(WORK, ("small:8b",), RTX_4090, (card(trained=None),))
    assert unknown.context_ok is None
    assert "not known" in dict(unknown.notes)["context_ok"]
    needs = replace(WORK.candidates, needs=(Need.VISION,))
    assert able(candidates=needs).capability_ok is False
    assert dict(able(candidates=needs).notes)["H7"] == "small:8b lacks vision"
    barred = ability(WORK, ("small:8b",), RTX_4090, (card(licence="Non-Commercial"),))
    assert barred.licence_ok is False
    huge = ability(WORK, ("small:8b",), RTX_4090, (card(size_bytes=900_000_000_000),))
    assert (huge.fits, huge.whole) == (False, False)
    slots = ability(WORK, ("small:8b",), RTX_4090, CARDS, {"small:8b": 4, "embed": 2})
    assert slots.slots == 4


def test_that_what_is_not_known_of_a_candidate_is_said_under_every_key() -> None:
    keys = ["fits", "context_ok", "capability_ok", "licence_ok"]
    for name, says in (
        ("strange:1b", "strange:1b is not in the catalogue"),
        ("small:8b-q8_0", "the catalogue knows small:8b as Q4_K_M"),
    ):
        found = able(name)
        assert (found.machine, found.model) == ("RTX 4090", name)
        assert (found.fits, found.context_ok) == (None, None)
        assert (found.capability_ok, found.licence_ok) == (None, None)
        assert sorted(found.notes) == sorted((key, says) for key in keys)
        for figure in (found.prefill_tok_s, found.decode_tok_s, found.watts):
            assert figure == Unknown(says)
    assert able("small:8b-q4_K_M").fits is True
    nobody = ability(WORK, (), RTX_4090, CARDS)
    assert (nobody.model, nobody.watts) == (
        "",
        Unknown("no local candidate is named (candidates.local)"),
    )
    cloud = ability(WORK, ("gpt-oss:120b-cloud", "small:8b"), RTX_4090, CARDS)
    assert cloud.model == "small:8b"


def test_that_the_first_candidate_that_stands_is_taken_else_the_first() -> None:
    long = card("long:8b", trained=2048)
    cards = (*CARDS, long)
    assert ability(WORK, ("long:8b", "small:8b"), RTX_4090, cards).model == "small:8b"
    assert ability(WORK, ("long:8b", "strange:1b"), RTX_4090, cards).model == "long:8b"
    assert ability(WORK, ("small:8b", "long:8b"), RTX_4090, cards).model == "small:8b"
    # What is not known takes nothing out.
    open_ = card("open:8b", licence="their own", trained=None)
    assert ability(WORK, ("open:8b", "small:8b"), RTX_4090, (*cards, open_)).model == "open:8b"


def test_that_a_machine_is_worth_getting_only_where_it_holds_all() -> None:
    one = able()
    assert holds(one)
    for change in (
        {"whole": False},
        {"fits": False},
        {"fits": None},
        {"context_ok": False},
        {"capability_ok": False},
        {"licence_ok": False},
    ):
        assert not holds(replace(one, **change))  # type: ignore[arg-type]
    assert holds(replace(one, context_ok=None, capability_ok=None, licence_ok=None))


# Elsewhere ---------------------------------------------------------------------------------------


def there(names: tuple[str, ...] = ("small:8b",), **changes: Any) -> Ability:
    rates = {"small:8b": (sure(2000.0), sure(60.0))}
    values: dict[str, Any] = {
        "machine": "box",
        "cards": CARDS,
        "measured": rates,
        "slots": {"small:8b": 3},
    }
    return ability_there(WORK, names, **(values | changes))


def test_that_a_host_that_nobody_described_is_known_by_its_runs() -> None:
    found = there()
    assert (found.machine, found.model, found.fits, found.slots) == ("box", "small:8b", True, 3)
    assert (found.context_ok, found.capability_ok, found.licence_ok) == (True, True, True)
    assert (middle(found.prefill_tok_s), middle(found.decode_tok_s)) == (2000.0, 60.0)
    assert isinstance(found.watts, Unknown)
    assert (found.whole, found.size_bytes) == (False, 5_200_000_000)
    assert [key for key, _ in found.notes] == [
        "fits",
        "H3",
        "context_ok",
        "H4",
        "licence_ok",
        "H8",
        "H7",
    ]
    never = there(measured={})
    assert never.fits is None
    unknown = Unknown("nobody said what machine box is (machine.name)")
    assert (never.prefill_tok_s, never.decode_tok_s) == (unknown, unknown)
    assert there(slots={}).slots == 1
    short = there(cards=(card(trained=2048),))
    assert short.context_ok is False
    assert there(cards=(card(trained=None),)).context_ok is None
    seeing = replace(WORK, task=Task.VISION)
    blind = ability_there(seeing, ("small:8b",), machine="box", cards=CARDS, measured={}, slots={})
    assert blind.capability_ok is False


def test_that_candidates_there_are_taken_in_turn() -> None:
    strange = there(("strange:1b",))
    assert (strange.model, strange.fits) == ("strange:1b", None)
    assert "not in the catalogue" in dict(strange.notes)["fits"]
    assert there(("strange:1b", "small:8b")).model == "small:8b"
    assert there(("strange:1b", "embed")).model == "strange:1b"
    assert there(()).watts == Unknown("no local candidate is named (candidates.local)")
    assert there(("gpt-oss:120b-cloud",)).model == ""


# Licences and needs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("licence", "allows"),
    [
        ("Apache-2.0", True),
        ("apache", True),
        ("MIT", True),
        ("MIT-modified", None),
        ("Gemma", None),
        ("CC-BY-Non-Commercial", False),
        ("Apache-2.0, non-production", False),
        ("Mistral Non-Production", False),
    ],
)
def test_that_licences_allow_exclude_or_leave_it_open(licence: str, allows: bool | None) -> None:
    assert licence_allows(card(licence=licence)) is allows


def test_that_needs_are_what_the_work_and_the_task_ask_for() -> None:
    def lacks(task: Task = Task.CLASSIFICATION, *needs: Need, has: str = "tools") -> Any:
        candidates = replace(WORK.candidates, needs=needs)
        with_card = card(capabilities=frozenset(has.split()))
        return lacking(replace(WORK, task=task, candidates=candidates), with_card)

    assert lacks() == ()
    assert lacks(Task.CLASSIFICATION, Need.TOOLS) == ()
    assert lacks(Task.CLASSIFICATION, Need.JSON) == ()
    assert lacks(Task.CLASSIFICATION, Need.VISION, Need.TOOLS, has="x") == ("tools", "vision")
    assert lacks(Task.VISION) == ("vision",)
    assert lacks(Task.VISION, has="vision") == ()
    assert lacks(Task.EMBEDDING) == ("embedding",)
    assert lacks(Task.EMBEDDING, has="embedding") == ()
    assert lacks(has="embedding") == ("text output",)


# Watts and seconds -------------------------------------------------------------------------------


def placed(gpus: int) -> Fit:
    fit = price(CARDS[0], RTX_4090, memory_budget(RTX_4090), FitRequest(context=8192)).fit
    return replace(fit, gpus=gpus)


def boards(*limits: float | None, kind: AcceleratorKind | None = None) -> HardwareProfile:
    first = RTX_4090.accelerators[0]
    made = tuple(replace(first, power_limit_watts=one, kind=kind or first.kind) for one in limits)
    return replace(RTX_4090, accelerators=made)


def test_that_a_board_draws_a_share_of_its_limit() -> None:
    one = watts_above_idle(boards(400.0), placed(1))
    assert band(one) == pytest.approx((240.0, 320.0, 400.0))
    # Of two in turn one works at 60, 80, 100 % and one waits at 15, 30, 50 %.
    two = watts_above_idle(boards(400.0, 400.0), placed(2))
    assert band(two) == pytest.approx((300.0, 440.0, 600.0))
    mixed = watts_above_idle(boards(400.0, 200.0, 300.0), placed(3))
    assert band(mixed) == pytest.approx((300 * 0.9, 300 * 1.4, 300 * 2.0))
    # Only the boards that hold it count.
    assert watts_above_idle(boards(400.0, 900.0), placed(1)) == one
    assert "in turn" in str(two)
    assert "in turn" not in str(one)


@pytest.mark.parametrize(
    ("kind", "ends"),
    [
        (AcceleratorKind.DISCRETE, (100.0, 220.0, 400.0)),
        (AcceleratorKind.UNIFIED, (15.0, 50.0, 150.0)),
        (AcceleratorKind.INTEGRATED, (15.0, 35.0, 80.0)),
    ],
)
def test_that_parts_without_a_limit_draw_what_such_parts_do(
    kind: AcceleratorKind, ends: tuple[float, float, float]
) -> None:
    assert band(watts_above_idle(boards(None, kind=kind), placed(1))) == pytest.approx(ends)
    several = band(watts_above_idle(boards(None, 400.0, kind=kind), placed(2)))
    shares = [(0.6 + 0.15) / 0.6, (0.8 + 0.3) / 0.8, (1.0 + 0.5) / 1.0]
    assert several == pytest.approx([end * share for end, share in zip(ends, shares, strict=True)])
    processor = (25.0, 65.0, 150.0)
    assert band(watts_above_idle(boards(None, kind=kind), placed(0))) == processor
    assert band(watts_above_idle(boards(), placed(1))) == processor


def test_that_seconds_have_the_band_of_both_rates() -> None:
    one = replace(
        able(),
        prefill_tok_s=Estimated(500.0, 1000.0, 2000.0, "t"),
        decode_tok_s=Estimated(25.0, 50.0, 100.0, "t"),
    )
    assert band(service_seconds(one, 1000.0, 100.0)) == pytest.approx((1.5, 3.0, 6.0))
    sure_rates = replace(one, prefill_tok_s=Stated(1000.0, "t"), decode_tok_s=Stated(50.0, "t"))
    assert band(service_seconds(sure_rates, 1000.0, 100.0)) == pytest.approx((3.0, 3.0, 3.0))
    gap = Unknown("?")
    assert service_seconds(replace(one, prefill_tok_s=gap), 1000.0, 100.0) is gap
    silent = replace(sure_rates, decode_tok_s=gap)
    assert service_seconds(silent, 1000.0, 100.0) is gap
    assert band(service_seconds(silent, 1000.0, 0.0)) == pytest.approx((1.0, 1.0, 1.0))


def test_that_measured_rates_stand_above_predicted_ones() -> None:
    one = able()
    both = with_rates(one, sure(7.0), sure(8.0))
    assert (both.prefill_tok_s, both.decode_tok_s) == (sure(7.0), sure(8.0))
    half = with_rates(one, Unknown("?"), sure(8.0))
    assert (half.prefill_tok_s, half.decode_tok_s) == (one.prefill_tok_s, sure(8.0))
    other = with_rates(one, sure(7.0), Unknown("?"))
    assert (other.prefill_tok_s, other.decode_tok_s) == (sure(7.0), one.decode_tok_s)
