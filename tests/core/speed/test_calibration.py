from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.speed.calibration import CalibrationPoint, calibration_of

ENGINE = "Ollama 0.32.15"


def point(
    model: str, measured: float | None, predicted: float | None, **more: object
) -> CalibrationPoint:
    made = CalibrationPoint(
        at="2026-11-25T10:00:00Z",
        machine="a card",
        engine=ENGINE,
        model=model,
        decode_tok_s=measured,
        decode_predicted_tok_s=predicted,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def test_that_the_scale_is_the_median_of_measured_over_predicted() -> None:
    points = [point("a", 10, 10), point("b", 30, 20), point("c", 60, 20)]
    found = calibration_of(points, ENGINE)
    assert found is not None
    assert sorted(found.decode_scales) == [1.0, 1.5, 3.0]
    assert found.decode_scale == 1.5
    assert found.prefill_scale is None


def test_that_the_newest_run_of_a_model_counts_and_its_time_is_that_of_the_calibration() -> None:
    late = "2026-11-26T10:00:00Z"
    points = [point("a", 40, 20, at=late), point("a", 10, 20)]
    found = calibration_of(points, ENGINE)
    assert found is not None
    assert found.decode_scales == (2.0,)
    assert found.at == late


def test_that_runs_on_the_battery_are_told_as_long_as_they_count() -> None:
    slow = point("a", 10, 20, conditions={"on_battery": True})
    mains = point("b", 20, 20, conditions={"on_battery": False})
    found = calibration_of([slow, mains], ENGINE)
    assert found is not None
    assert found.on_battery == ("a",)
    again = replace(slow, at="2026-11-26T10:00:00Z", conditions={})
    found = calibration_of([slow, mains, again], ENGINE)
    assert found is not None
    assert found.on_battery == ()


def test_that_one_blob_under_two_names_is_one_model() -> None:
    points = [point("a", 10, 20, digest="x"), point("b", 20, 20, digest="x")]
    found = calibration_of(points, ENGINE)
    assert found is not None
    assert len(found.decode_scales) == 1


def test_that_runs_of_another_engine_say_nothing() -> None:
    assert calibration_of([point("a", 10, 20)], "Ollama 0.33.0") is None


@pytest.mark.parametrize(
    ("measured", "predicted"), [(None, 10.0), (10.0, None), (0.0, 10.0), (10.0, 0.0), (-1.0, 5.0)]
)
def test_that_a_run_without_a_rate_says_nothing(
    measured: float | None, predicted: float | None
) -> None:
    assert calibration_of([point("a", measured, predicted)], ENGINE) is None


def test_that_prefill_is_calibrated_on_its_own() -> None:
    made = point("a", None, None, prefill_tok_s=900.0, prefill_predicted_tok_s=1000.0)
    found = calibration_of([made], ENGINE)
    assert found is not None
    assert found.decode_scale is None
    assert found.prefill_scale == 0.9
