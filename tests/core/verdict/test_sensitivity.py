"""What would flip a verdict: put into the file, it does; a hair before it, it does not."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landfall.core.settings import Thresholds
from landfall.core.verdict import sensitivity
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.parts import ALL, Part, touches
from landfall.core.verdict.quick_changes import Probe, probe
from landfall.core.verdict.sensitivity import NUMBERS, applies, flips
from landfall.core.verdict.verdict import Flip
from landfall.core.verdict.world import World
from landfall.core.workload.file import parse
from landfall.core.workload.keys import BY_PATH, Kind, put
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import HostQuotes, Machine, Purchase, Quotes, Workload
from landfall.core.workload.writer import to_toml

DECISIONS = Path(__file__).parents[2] / "data" / "decisions"
LIMITS = Thresholds()
ASSEMBLER = Assembler(World())
NAMES = [f"D{number}" for number in range(1, 24)]


def workload(name: str) -> Workload:
    return parse((DECISIONS / f"{name}.toml").read_text(encoding="utf-8"))


def decide(changed: Workload) -> Option:
    return ASSEMBLER.decide(LIMITS)(changed)


def found(of: Workload) -> tuple[Flip, ...]:
    return flips(probe(of, ASSEMBLER, LIMITS), ASSEMBLER.facts(of))


def through_a_file(of: Workload, path: str, value: object) -> Option:
    key = BY_PATH[path]
    typed = key.choices(value) if key.choices is not None else value
    return decide(parse(to_toml(put(of, key, typed))))


def a_hair_before(flip: Flip) -> float:
    """Nearer to the present value by a millionth of it (by one where it counts whole things)."""
    assert isinstance(flip.at, int | float)
    now = float(flip.now or 0.0)
    step = 1.0 if BY_PATH[flip.input].kind is Kind.WHOLE else 1e-6 * max(abs(flip.at), abs(now))
    return flip.at - step if flip.at > now else flip.at + step


@pytest.mark.parametrize("name", NAMES)
def test_that_every_flip_put_into_the_file_gives_its_verdict(name: str) -> None:
    of = workload(name)
    base = decide(of)
    for flip in found(of):
        assert flip.verdict_then is not base
        assert through_a_file(of, flip.input, flip.at) is flip.verdict_then, flip
        if flip.input in NUMBERS:
            before = a_hair_before(flip)
            whole = BY_PATH[flip.input].kind is Kind.WHOLE
            assert through_a_file(of, flip.input, int(before) if whole else before) is base, flip


def at(name: str, path: str, then: Option) -> Flip:
    return next(
        flip for flip in found(workload(name)) if (flip.input, flip.verdict_then) == (path, then)
    )


@pytest.mark.parametrize(
    ("name", "path", "then", "value"),
    [
        ("D7", "quotes.hosted_open_usd_month", Option.LOCAL_BUY, 1000.0),
        ("D7", "quotes.rent_gpu_usd_month", Option.RENT_GPU, 70.0),
        ("D7", "quotes.cloud_frontier_usd_month", Option.CLOUD_FRONTIER, 120.0),
        ("D8", "volume.history_days", Option.HOSTED_OPEN, 27),
        ("D8", "volume.calls_per_day", Option.HOSTED_OPEN, 50.0),
        ("D8", "quotes.buy.price", Option.HOSTED_OPEN, 27_600.0),
        ("D8", "quotes.buy.peak_utilisation", Option.HYBRID, 0.8),
        ("D12", "quotes.machine.marginal_usd_month", Option.HOSTED_OPEN, 208.0),
        ("D12", "quotes.hosted_open_usd_month", Option.HOSTED_OPEN, 70.0),
        ("D13", "quotes.machine.peak_utilisation", Option.LOCAL_THIS_MACHINE, 0.8),
        ("D13", "quotes.machine.absorbed_share", Option.HOSTED_OPEN, 2 / 9),
        ("D15", "quotes.rent_gpu_usd_month", Option.RENT_GPU, 1200.0),
        ("D1", "quotes.machine.peak_utilisation", Option.LOCAL_BUY, 1.0),
    ],
)
def test_that_a_flip_stands_at_the_threshold(
    name: str, *, path: str, then: Option, value: float
) -> None:
    flip = at(name, path, then)
    assert flip.at == pytest.approx(value, rel=1e-6)
    assert flip.now is not None
    assert flip.relative == pytest.approx((float(flip.at) - float(flip.now)) / float(flip.now))


def test_that_categories_are_tried_and_come_after_the_numbers() -> None:
    d8 = found(workload("D8"))
    startup = next(flip for flip in d8 if flip.at == "startup")
    assert (startup.input, startup.now) == ("organisation.kind", "established")
    assert startup.verdict_then is Option.HOSTED_OPEN
    assert startup.relative is None
    numbers = [flip.input in NUMBERS for flip in d8]
    assert numbers == sorted(numbers, reverse=True)
    d23 = {(flip.input, flip.at): flip.verdict_then for flip in found(workload("D23"))}
    assert d23["quality.gate", "pass"] is Option.LOCAL_THIS_MACHINE


def _read_in_full(_: Probe) -> frozenset[Part]:
    return frozenset()


@pytest.mark.parametrize("name", NAMES)
def test_that_what_is_left_out_of_the_search_changes_no_flip(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = found(workload(name))
    monkeypatch.setattr(Probe, "spared", _read_in_full)
    assert found(workload(name)) == quick


def test_that_a_category_is_read_without_what_could_not_win() -> None:
    """In D12 neither a purchase nor rent can: other hours of care are read of the owned machine."""
    tried = probe(workload("D12"), ASSEMBLER, LIMITS)
    spared = tried.spared()
    assert spared == {Part.BUY, Part.RENT}
    changed = put(tried.workload, BY_PATH["organisation.local_infrastructure"], False)
    parts = touches("organisation.local_infrastructure")
    then = sensitivity._verdict_of(tried, changed, parts, spared)
    assert then is decide(changed)
    assert tried.assembler.fresh == {Part.OWN}
    # What stands of a purchase may end a rent: alone it is not left out.
    sensitivity._verdict_of(tried, changed, frozenset({Part.BUY}), spared)
    assert tried.assembler.fresh == {Part.BUY}
    # And everything is read where what was left out could win there.
    dear = put(tried.workload, BY_PATH["quotes.machine.marginal_usd_month"], 1e6)
    assert sensitivity._verdict_of(tried, dear, ALL, spared) is decide(dear)


def _never(*_: object) -> bool:
    return False


@pytest.mark.parametrize("name", ["D7", "D8", "D12"])
def test_that_a_turn_that_does_not_hold_is_looked_for_again_with_everything_read(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = found(workload(name))
    monkeypatch.setattr("landfall.core.verdict.searching._holds", _never)
    assert found(workload(name)) == quick


def test_that_a_purchase_and_rent_are_spared_only_where_neither_could_win() -> None:
    bought, hosted = (probe(workload(name), ASSEMBLER, LIMITS) for name in ("D8", "D7"))
    assert Part.BUY not in bought.spared()
    assert not bought.spares(bought.now, frozenset({Part.BUY}))
    assert not hosted.spares(hosted.now, frozenset({Part.OWN}))
    locked = probe(put(workload("D8"), BY_PATH["privacy.offline"], True), ASSEMBLER, LIMITS)
    assert Part.RENT in locked.spared()


def test_that_the_nearest_flip_comes_first() -> None:
    ratios = [
        abs(flip.relative or 0.0) / NUMBERS[flip.input]
        for flip in found(workload("D8"))
        if flip.input in NUMBERS
    ]
    assert ratios == sorted(ratios)


def test_that_keys_that_the_file_may_not_hold_are_left_alone() -> None:
    text = (DECISIONS / "D12.toml").read_text(encoding="utf-8")
    counts = "pairs = { local_only = 9, cloud_only = 8, both = 360, neither = 23 }\nmargin = 0.03"
    with_pairs = parse(text.replace('gate = "pass"', counts))
    assert "quality.gate" not in {flip.input for flip in found(with_pairs)}
    bound = (DECISIONS / "D20.toml").read_text(encoding="utf-8")
    assert "privacy.class" not in {flip.input for flip in found(parse(bound))}
    waits = with_pairs.volume
    batch = replace(with_pairs, p95_seconds=20.0, volume=replace(waits, batch_window_hours=8.0))
    assert not applies(batch, "latency.p95_seconds")
    assert applies(replace(batch, volume=waits), "latency.p95_seconds")


def test_that_nobody_is_told_to_declassify() -> None:
    assert "privacy.class" not in {flip.input for flip in found(workload("D4"))}
    assert "privacy.class" in {flip.input for flip in found(workload("D3"))}


def test_that_a_value_that_is_not_known_has_no_flip() -> None:
    of = workload("D12")
    of = replace(of, quotes=replace(of.quotes, hosted_open_usd_month=None))
    assert "quotes.hosted_open_usd_month" not in {flip.input for flip in found(of)}


amounts = st.floats(1.0, 30_000.0)
quoted = st.builds(
    Quotes,
    cloud_frontier_usd_month=amounts,
    hosted_open_usd_month=amounts,
    rent_gpu_usd_month=st.none() | amounts,
    machine=st.builds(
        HostQuotes,
        fits=st.just(True),
        context_ok=st.just(True),
        licence_ok=st.just(True),
        capability_ok=st.just(True),
        marginal_usd_month=amounts,
        peak_utilisation=st.floats(0.01, 3.0),
        absorbed_share=st.floats(0.0, 1.0),
    ),
    buy=st.builds(
        HostQuotes,
        fits=st.just(True),
        context_ok=st.just(True),
        licence_ok=st.just(True),
        capability_ok=st.just(True),
        tco_usd_month=amounts,
        opex_usd_month=amounts,
        price_usd=amounts,
        peak_utilisation=st.floats(0.01, 3.0),
        absorbed_share=st.none() | st.floats(0.0, 1.0),
    ),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(quotes=quoted, owned=st.booleans(), name=st.sampled_from(["D8", "D13", "D1", "D11", "D20"]))
def test_that_flips_of_any_quoted_workload_hold(quotes: Quotes, owned: bool, name: str) -> None:
    of = replace(
        workload(name),
        quotes=quotes,
        machine=Machine(available=owned),
        buy=Purchase(consider=True),
    )
    base = decide(of)
    for flip in found(of):
        assert through_a_file(of, flip.input, flip.at) is flip.verdict_then is not base
        if flip.input in NUMBERS and BY_PATH[flip.input].kind is Kind.NUMBER:
            assert through_a_file(of, flip.input, a_hair_before(flip)) is base, flip


@pytest.mark.parametrize("growth", [5e-324, 1e-300])
def test_that_a_flip_from_next_to_nothing_has_no_share_instead_of_an_infinite_one(
    growth: float,
) -> None:
    text = (DECISIONS / "D7.toml").read_text(encoding="utf-8")
    tiny = parse(text.replace("[volume]", f"[volume]\ngrowth_per_month = {growth}"))
    assert tiny.volume.growth_per_month == growth
    cloud = put(tiny, BY_PATH["quotes.hosted_open_usd_month"], growth)
    for of in (tiny, cloud):
        told = [flip.relative for flip in found(of) if flip.relative is not None]
        assert told
        assert all(math.isfinite(one) for one in told)
