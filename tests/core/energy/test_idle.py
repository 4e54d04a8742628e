"""The draw while nothing runs: a baseline only where it is steady, covered and recent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.energy.idle import MAX_AGE_SECONDS, IdleDraw, idle_draw, usable
from landfall.core.energy.power import Meter, Scope
from landfall.core.events import PowerSample
from landfall.core.provenance import Unknown

GPU = Meter(name="gpu", scope=Scope.GPU, settle_seconds=0.3, error_share=0.05)
CPU = Meter(name="cpu", scope=Scope.CPU_PACKAGE, settle_seconds=0.0, error_share=0.07)
WHOLE = Meter(name="battery", scope=Scope.SYSTEM_DC, settle_seconds=0.0, error_share=0.05)


def read(meter: Meter, *watts: float | None) -> list[PowerSample]:
    return [
        PowerSample(0.1 * i, meter.name, str(meter.scope), w, "" if w else "gap")
        for i, w in enumerate(watts)
    ]


def drawn(samples: list[PowerSample], *meters: Meter, end: float = 5.0) -> IdleDraw:
    found = idle_draw(samples, meters, start=0, end=end, models={"m"}, taken_at="2026-11-26")
    assert isinstance(found, IdleDraw)
    return found


def test_that_a_steady_draw_is_a_baseline_of_every_source() -> None:
    found = drawn([*read(GPU, *([40.0] * 51)), *read(CPU, *([20.0] * 51))], GPU, CPU)
    assert found.of("gpu") == pytest.approx(40)
    assert found.of("plug") is None
    assert found.watts == pytest.approx(60)
    assert found.scope == "cpu_package + gpu"
    assert found.steady


def test_that_scopes_are_never_summed_twice() -> None:
    samples = [*read(GPU, *([40.0] * 51)), *read(WHOLE, *([90.0] * 51))]
    found = drawn(samples, GPU, WHOLE)
    assert found.watts == pytest.approx(90)
    assert found.scope == "system_dc"


def test_that_a_draw_that_falls_is_not_steady() -> None:
    assert not drawn(read(GPU, *(200 - 2 * i for i in range(51))), GPU).steady


def test_that_the_jumps_of_single_readings_do_not_matter() -> None:
    jumping = [100 + (6 if i % 2 else -6) for i in range(51)]
    assert drawn(read(GPU, *jumping), GPU).steady


def test_that_a_watt_more_or_less_of_a_small_draw_is_steady() -> None:
    slow = [8 + (0.5 if (i // 10) % 2 else -0.5) for i in range(51)]
    assert drawn(read(GPU, *slow), GPU).steady


def test_that_a_source_that_did_not_answer_is_left_out() -> None:
    samples = [*read(GPU, *([40.0] * 51)), *read(CPU, *([None] * 51))]
    assert [draw.source for draw in drawn(samples, GPU, CPU).draws] == ["gpu"]


@pytest.mark.parametrize("end", [0.0, 0.05, 9.0])
def test_that_too_little_is_no_baseline(end: float) -> None:
    found = idle_draw(read(GPU, *([40.0] * 51)), [GPU], start=0, end=end, models=())
    assert isinstance(found, Unknown)


def test_that_only_a_recent_baseline_of_the_same_model_is_used() -> None:
    old = replace(drawn(read(GPU, *([40.0] * 51)), GPU), at=100.0)
    new = replace(old, at=200.0)
    assert usable([new, old], "m", now=250) == new
    other = usable([new], "n", now=250)
    assert other == Unknown("the idle draw with n loaded was not measured")
    late = usable([new], "m", now=200 + MAX_AGE_SECONDS + 60)
    assert isinstance(late, Unknown)
    assert "11 minutes ago" in late.reason
