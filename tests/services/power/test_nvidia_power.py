from __future__ import annotations

from pathlib import Path

import pytest

from landfall.core.power import Quality, Scope
from landfall.services.power import nvidia
from landfall.services.power.source import (
    AVERAGED_SETTLE_SECONDS,
    INSTANT_SETTLE_SECONDS,
    PowerSource,
)
from tests.fakes import sysfs
from tests.fakes.nvml import (
    DRIVER_NOT_LOADED,
    GPU_IS_LOST,
    NOT_SUPPORTED,
    FakeGpu,
    FakeNvml,
    installed,
)


def found(root: Path, fake: FakeNvml | None) -> tuple[PowerSource, ...]:
    with installed(fake):
        return nvidia.discover(sysfs=root / "sys", clock=lambda: 5.0)


def only(root: Path, *gpus: FakeGpu) -> PowerSource:
    (source,) = found(root, FakeNvml(gpus=list(gpus)))
    return source


def test_that_the_instant_value_is_preferred_and_the_counter_read(tmp_path: Path) -> None:
    fake = FakeNvml(gpus=[FakeGpu()])
    with installed(fake):
        (source,) = nvidia.discover(sysfs=tmp_path, clock=lambda: 5.0)
        sample = source.read()
        source.close()
    assert (sample.at, sample.watts, sample.joules) == (5.0, 182.5, 1000.0)
    assert sample.source == source.name == "NVML GPU 0 NVIDIA GeForce RTX 4090"
    assert source.scope is Scope.GPU
    assert source.quality is Quality.GOOD
    assert source.settle_seconds == INSTANT_SETTLE_SECONDS
    assert fake.opened == 0


@pytest.mark.parametrize(
    ("name", "architecture", "settle", "quality"),
    [
        ("NVIDIA GeForce RTX 3090", 7, AVERAGED_SETTLE_SECONDS, Quality.FAIR),
        ("NVIDIA A100-SXM4-80GB", 7, INSTANT_SETTLE_SECONDS, Quality.GOOD),
        ("NVIDIA GeForce RTX 2080", 6, INSTANT_SETTLE_SECONDS, Quality.GOOD),
    ],
)
def test_that_the_plain_function_is_an_average_on_newer_boards(
    tmp_path: Path, name: str, architecture: int, settle: float, quality: Quality
) -> None:
    gpu = FakeGpu(name=name, architecture=architecture, refusals={"field.186": NOT_SUPPORTED})
    fake = FakeNvml(gpus=[gpu])
    with installed(fake):
        (source,) = nvidia.discover(sysfs=tmp_path)
        assert source.read().watts == 180.0
        source.close()
    assert source.settle_seconds == settle
    assert source.quality is quality


def test_that_a_board_without_power_is_a_source_with_the_reason(tmp_path: Path) -> None:
    gpu = FakeGpu(refusals={"field.186": NOT_SUPPORTED, "nvmlDeviceGetPowerUsage": NOT_SUPPORTED})
    source = only(tmp_path, gpu)
    assert not source.available
    assert source.quality is Quality.NONE
    assert "does not support" in source.reason
    assert source.read().watts is None


def test_that_a_grace_module_is_measured_as_a_module(tmp_path: Path) -> None:
    gpu = FakeGpu(
        module_milliwatts=610_000,
        limit_milliwatts=900_000,
        refusals={"field.186": NOT_SUPPORTED, "nvmlDeviceGetPowerUsage": NOT_SUPPORTED},
    )
    with installed(FakeNvml(gpus=[gpu])):
        (source,) = nvidia.discover(sysfs=tmp_path)
        sample = source.read()
        source.close()
    assert source.scope is Scope.MODULE
    assert (sample.watts, sample.joules) == (610.0, None)


def test_that_one_lost_board_is_a_reason_and_the_other_measured(tmp_path: Path) -> None:
    lost = FakeGpu(refusals={"nvmlDeviceGetHandleByIndex_v2": GPU_IS_LOST})
    first, second = found(tmp_path, FakeNvml(gpus=[lost, FakeGpu()]))
    assert not first.available
    assert "lost" in first.reason
    assert second.available


def test_that_593_kilowatts_are_a_gap_and_three_of_them_make_it_unreliable(tmp_path: Path) -> None:
    gpu = FakeGpu()
    with installed(FakeNvml(gpus=[gpu])):
        (source,) = nvidia.discover(sysfs=tmp_path)
        gpu.instant_milliwatts = 593_000_000
        samples = [source.read() for _ in range(3)]
        assert [s.watts for s in samples] == [None] * 3
        assert "beyond" in samples[0].reason
        assert "unreliable" in samples[2].reason
        assert not source.available
        assert source.quality is Quality.NONE
        assert "impossible" in source.reason
        gpu.instant_milliwatts = 90_000
        assert source.read().watts == 90.0
        assert source.available
        source.close()


def test_that_zero_watts_are_a_gap(tmp_path: Path) -> None:
    gpu = FakeGpu()
    with installed(FakeNvml(gpus=[gpu])):
        (source,) = nvidia.discover(sysfs=tmp_path)
        gpu.instant_milliwatts = 0
        sample = source.read()
        source.close()
    assert sample.watts is None
    assert "0 W" in sample.reason


def test_that_a_board_lost_while_read_is_a_gap_and_is_taken_again_when_back(
    tmp_path: Path,
) -> None:
    gpu = FakeGpu()
    fake = FakeNvml(gpus=[gpu])
    with installed(fake):
        (source,) = nvidia.discover(sysfs=tmp_path)
        assert source.read().watts
        gpu.refusals["nvmlDeviceGetFieldValues"] = GPU_IS_LOST
        assert "lost" in source.read().reason
        gpu.refusals.clear()
        assert source.read().watts
        source.close()
    assert fake.opened == 0


def test_that_a_driver_that_goes_away_is_a_gap(tmp_path: Path) -> None:
    fake = FakeNvml(gpus=[FakeGpu()])
    with installed(fake):
        (source,) = nvidia.discover(sysfs=tmp_path)
        fake.init_code = DRIVER_NOT_LOADED
        assert "not loaded" in source.read().reason
        fake.init_code = 0
        fake.gpus.clear()
        assert source.read().watts is None
    assert fake.opened == 0


def test_that_mig_marks_the_power_as_the_whole_cards(tmp_path: Path) -> None:
    source = only(tmp_path, FakeGpu(mig=1))
    assert source.quality is Quality.FAIR
    assert "MIG" in source.reason


def test_that_a_board_without_a_counter_has_watts_alone(tmp_path: Path) -> None:
    gpu = FakeGpu(refusals={"nvmlDeviceGetTotalEnergyConsumption": NOT_SUPPORTED})
    with installed(FakeNvml(gpus=[gpu])):
        (source,) = nvidia.discover(sysfs=tmp_path)
        sample = source.read()
        source.close()
    assert sample.watts
    assert sample.joules is None


def test_that_a_sleeping_card_is_not_woken_by_looking_for_it(tmp_path: Path) -> None:
    sysfs.nvidia_on_bus(tmp_path, "0000:01:00.0", status="suspended")
    fake = FakeNvml(gpus=[FakeGpu()])
    (source,) = found(tmp_path, fake)
    assert not fake.calls
    assert not source.available
    assert "sleeps" in source.reason
    assert source.scope is Scope.GPU
    source.close()


def test_that_a_card_that_fell_asleep_is_not_woken_by_reading_it(tmp_path: Path) -> None:
    folder = sysfs.nvidia_on_bus(tmp_path, "0000:01:00.0", status="active")
    fake = FakeNvml(gpus=[FakeGpu()])
    with installed(fake):
        (source,) = nvidia.discover(sysfs=tmp_path / "sys")
        sysfs.write(folder / "power/runtime_status", "suspended")
        fake.calls.clear()
        assert "sleeps" in source.read().reason
        assert not fake.calls
        sysfs.write(folder / "power/runtime_status", "active")
        assert source.read().watts
        source.close()


@pytest.mark.parametrize("on_bus", [True, False])
def test_that_a_missing_driver_is_a_source_only_where_there_is_a_card(
    tmp_path: Path, on_bus: bool
) -> None:
    if on_bus:
        sysfs.nvidia_on_bus(tmp_path, "0000:01:00.0", status="active")
    assert len(found(tmp_path, None)) == int(on_bus)


def test_that_a_library_that_cannot_count_is_said(tmp_path: Path) -> None:
    fake = FakeNvml(gpus=[FakeGpu()], refusals={"nvmlDeviceGetCount_v2": 4})
    (source,) = found(tmp_path, fake)
    assert not source.available
    assert source.reason
