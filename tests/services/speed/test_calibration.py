"""The calibration of a machine, out of what its history holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from landfall.core.provenance import Unknown
from landfall.core.speed.calibration import Calibration, CalibrationPoint
from landfall.core.speed.calibration_run import machine_key
from landfall.services.history.history import History
from landfall.services.models import shipped_catalogue
from landfall.services.speed import calibration

PROFILE = shipped_catalogue.load().what_if("RTX 4090")
POINT = CalibrationPoint(
    at="2026-11-26T08:00:00+00:00",
    machine=machine_key(PROFILE),
    engine="Ollama 0.32.15",
    model="llama3.1:8b",
    digest="aa",
    decode_tok_s=110.0,
    decode_predicted_tok_s=100.0,
    prefill_tok_s=4500.0,
    prefill_predicted_tok_s=5000.0,
    conditions={"context": 2048},
)


async def kept(folder: Path, *points: CalibrationPoint) -> Path:
    path = folder / "history.db"
    history = History(path)
    await history.open()
    for point in points:
        await history.keep_calibration(point, host="http://127.0.0.1:11434")
    await history.close()
    return path


async def test_that_what_is_kept_comes_back_whole_without_opening_the_history(
    tmp_path: Path,
) -> None:
    later = replace(POINT, at="2026-11-27T08:00:00+00:00", prefill_tok_s=None)
    path = await kept(tmp_path, later, POINT)
    assert calibration.read(path) == (POINT, later)


async def test_that_points_of_one_machine_are_dropped_and_others_stay(tmp_path: Path) -> None:
    other = replace(POINT, machine="another")
    history = History(await kept(tmp_path, POINT, other))
    await history.open()
    assert await history.forget_calibration(POINT.machine) == 1
    assert await history.forget_calibration(POINT.machine) == 0
    assert await history.calibration_points() == (other,)
    await history.close()


def test_that_no_history_an_old_one_and_a_damaged_one_have_no_calibration(tmp_path: Path) -> None:
    assert calibration.read(tmp_path / "none.db") == ()
    assert not (tmp_path / "none.db").exists()
    old = Path(__file__).parents[2] / "data" / "history_v1.db"
    assert calibration.read(old) == ()
    (tmp_path / "bad.db").write_bytes(b"no database at all" * 100)
    assert calibration.read(tmp_path / "bad.db") == ()


def test_that_the_scale_holds_for_its_machine_and_its_engine_alone() -> None:
    found = calibration.standing(PROFILE, [POINT], "Ollama 0.32.15")
    assert isinstance(found, Calibration)
    assert found.decode_scale == pytest.approx(1.1)
    assert found.prefill_scale == pytest.approx(0.9)
    newer = calibration.standing(PROFILE, [POINT], "Ollama 0.33.0")
    assert isinstance(newer, Unknown)
    assert "Ollama 0.32.15" in newer.reason
    assert "Ollama 0.33.0" in newer.reason
    other = shipped_catalogue.load().what_if("RTX 4090 Laptop")
    assert calibration.standing(other, [POINT], None) == Unknown(calibration.NEVER)


def test_that_without_a_server_the_engine_of_the_newest_run_counts() -> None:
    older = replace(POINT, at="2026-01-01T00:00:00+00:00", engine="Ollama 0.24.0")
    found = calibration.standing(PROFILE, [older, POINT], None)
    assert isinstance(found, Calibration)
    assert found.engine == "Ollama 0.32.15"


def test_that_a_run_beside_other_work_is_kept_and_does_not_count() -> None:
    busy = replace(POINT, conditions={calibration.UNUSABLE: "other programs"})
    found = calibration.standing(PROFILE, [busy], None)
    assert found == Unknown("no run of it counted: other programs")
    assert calibration.attached(PROFILE, [busy]).calibration is None
    assert calibration.attached(PROFILE, [busy, POINT]).calibration is not None
