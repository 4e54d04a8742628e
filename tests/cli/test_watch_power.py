from __future__ import annotations

import json
from typing import Any

import pytest

from landfall.cli.main import main
from tests.fakes.nvml import GPU_IS_LOST, NOT_SUPPORTED, FakeGpu, FakeNvml, installed

RAW = ("instant_watts", "average_watts", "usage_watts", "counter_joules")


def said(
    capsys: pytest.CaptureFixture[str], *words: str, fake: FakeNvml | None = None, code: int = 0
) -> str:
    with installed(fake):
        assert main(["doctor", *words]) == code
    return capsys.readouterr().out


def document(capsys: pytest.CaptureFixture[str], *words: str, fake: FakeNvml | None = None) -> Any:
    return json.loads(said(capsys, *words, "--json", fake=fake))


def test_that_watching_records_every_source_with_its_raw_values(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fake = FakeNvml(gpus=[FakeGpu()])
    got = document(capsys, "--watch", "0.3", "--rate", "20", fake=fake)
    assert set(got) == {"landfall", "system", "began", "rate_hz", "sources", "samples"}
    assert [source["scope"] for source in got["sources"]][:2] == ["gpu", "cpu_package"]
    card = [row for row in got["samples"] if row["scope"] == "gpu"]
    assert 4 <= len(card) <= 7
    assert card[0]["seconds"] == 0.0
    assert all(row["seconds"] <= 0.3 and row["read_ms"] > 0 for row in card)
    assert [card[0][name] for name in RAW] == [182.5, 180.0, 180.0, 1000.0]
    assert all(card[0][f"{name.partition('_')[0]}_ms"] > 0 for name in RAW)
    assert fake.opened == 0


def test_that_what_the_driver_refuses_is_null_and_a_gap_has_its_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    gpu = FakeGpu(refusals={"field.186": NOT_SUPPORTED})
    lost = FakeGpu(refusals={"nvmlDeviceGetHandleByIndex_v2": GPU_IS_LOST})
    got = document(capsys, "--watch", "0.1", "--rate", "10", fake=FakeNvml(gpus=[gpu, lost]))
    first, second = [row for row in got["samples"] if row["scope"] == "gpu"][:2]
    assert (first["instant_watts"], first["usage_watts"], first["watts"]) == (None, 180.0, 180.0)
    assert second["watts"] is None
    assert "lost" in second["reason"]


def test_that_people_get_a_line_for_each_reading(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "--watch", "0.1", "--rate", "10", fake=FakeNvml(gpus=[FakeGpu()]))
    (line, *_) = [line for line in text.splitlines() if "0.000 s" in line]
    assert "182.50 W" in line
    assert "instant_watts=182.500" in line
    assert " ms" in line


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--watch", "0"), "watch"),
        (("--watch", "nan"), "watch"),
        (("--watch", "3601"), "watch"),
        (("--watch", "1", "--rate", "51"), "rate"),
        (("--watch", "1", "--rate", "nan"), "rate"),
    ],
)
def test_that_a_time_or_rate_that_is_not_offered_is_refused(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], field: str
) -> None:
    assert json.loads(said(capsys, *words, "--json", code=2))["error"]["field"] == field
