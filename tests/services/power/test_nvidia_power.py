from __future__ import annotations

import sys
from pathlib import Path

import pytest

from landfall.core.energy.power import Quality, Scope
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
    UNINITIALIZED,
    VERSION_MISMATCH,
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


def test_that_a_counter_that_costs_milliseconds_of_a_processor_is_not_asked(
    tmp_path: Path,
) -> None:
    fake = FakeNvml(gpus=[FakeGpu(energy_cpu_seconds=0.005)])
    with installed(fake):
        (source,) = nvidia.discover(sysfs=tmp_path)
        asked = fake.calls["nvmlDeviceGetTotalEnergyConsumption"]
        sample = source.read()
        source.close()
    assert (sample.watts, sample.joules) == (182.5, None)
    assert fake.calls["nvmlDeviceGetTotalEnergyConsumption"] == asked
    assert source.quality is Quality.GOOD
    assert "costs too much time" in source.reason


def test_that_beside_a_mean_of_one_second_a_costly_counter_is_asked(tmp_path: Path) -> None:
    refused = {"field.186": NOT_SUPPORTED}
    fake = FakeNvml(gpus=[FakeGpu(energy_cpu_seconds=0.002, refusals=refused)])
    with installed(fake):
        (source,) = nvidia.discover(sysfs=tmp_path)
        sample = source.read()
        source.close()
    assert sample.joules == 1000.0
    assert "costs" not in source.reason


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


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_that_a_lost_board_is_tried_again_at_once_and_then_every_two_seconds(
    tmp_path: Path,
) -> None:
    clock = Clock()
    gpu = FakeGpu()
    fake = FakeNvml(gpus=[gpu])
    with installed(fake):
        (source,) = nvidia.discover(sysfs=tmp_path, clock=clock)
        assert source.read().watts
        gpu.refusals["nvmlDeviceGetFieldValues"] = GPU_IS_LOST
        gpu.refusals["nvmlDeviceGetHandleByIndex_v2"] = GPU_IS_LOST
        fake.calls.clear()
        for _ in range(20):
            clock.now += 0.1
            sample = source.read()
            assert sample.watts is None
            assert "lost" in sample.reason
        assert fake.calls["nvmlInitWithFlags"] == 1
        assert not source.available
        assert "lost" in source.reason
        gpu.refusals.clear()
        clock.now += 2.0
        assert source.read().watts
        assert source.available
        source.close()
    assert fake.opened == 0


@pytest.mark.parametrize(
    ("code", "word"),
    [(UNINITIALIZED, "closed in between"), (VERSION_MISMATCH, "was updated"), (9, "not loaded")],
)
def test_that_a_driver_that_is_loaded_again_is_a_gap_with_its_sentence(
    tmp_path: Path, code: int, word: str
) -> None:
    clock = Clock()
    fake = FakeNvml(gpus=[FakeGpu()])
    with installed(fake):
        (source,) = nvidia.discover(sysfs=tmp_path, clock=clock)
        assert source.read().joules == 1000.0
        fake.refusals["nvmlDeviceGetFieldValues"] = code
        assert word in source.read().reason
        fake.init_code = code
        assert word in source.read().reason
        fake.init_code = 0
        fake.refusals.clear()
        fake.gpus[0].energy_millijoules = 5
        clock.now += 2.0
        assert source.read().joules == 0.005
        source.close()


def test_that_a_board_is_known_by_its_uuid_when_the_order_changes(tmp_path: Path) -> None:
    clock = Clock()
    first, second = FakeGpu(uuid="GPU-1"), FakeGpu(uuid="GPU-2", instant_milliwatts=50_000)
    fake = FakeNvml(gpus=[first, second])
    with installed(fake):
        _, source = nvidia.discover(sysfs=tmp_path, clock=clock)
        assert source.read().watts == 50.0
        source.close()
        fake.gpus.reverse()
        assert source.read().watts == 50.0
        source.close()
        fake.gpus.remove(second)
        assert "not there any more" in source.read().reason
        fake.refusals["nvmlDeviceGetCount_v2"] = GPU_IS_LOST
        assert "lost" in source.read().reason
        source.close()


def test_that_support_is_asked_once_a_board(tmp_path: Path) -> None:
    fake = FakeNvml(gpus=[FakeGpu(refusals={"field.186": NOT_SUPPORTED})])
    with installed(fake):
        (source,) = nvidia.discover(sysfs=tmp_path)
        source.read()
        fake.calls.clear()
        for _ in range(5):
            source.read()
        source.close()
    assert fake.calls["nvmlDeviceGetPowerUsage"] == 5
    assert fake.calls["nvmlDeviceGetFieldValues"] == 0
    assert fake.calls["nvmlDeviceGetArchitecture"] == 0


def test_that_a_way_that_answers_nothing_is_left_for_one_that_does(tmp_path: Path) -> None:
    gpu = FakeGpu(instant_milliwatts=0)
    with installed(FakeNvml(gpus=[gpu])):
        (source,) = nvidia.discover(sysfs=tmp_path)
        assert source.read().watts == 180.0
        source.close()


def test_that_zero_watts_in_every_way_are_never_a_number_and_then_no_source(
    tmp_path: Path,
) -> None:
    gpu = FakeGpu(instant_milliwatts=0, average_milliwatts=0)
    with installed(FakeNvml(gpus=[gpu])):
        (source,) = nvidia.discover(sysfs=tmp_path)
        assert [source.read().watts for _ in range(3)] == [None] * 3
        assert not source.available
        source.close()


def test_that_a_limit_that_was_raised_is_asked_for_again(tmp_path: Path) -> None:
    gpu = FakeGpu(limit_milliwatts=100_000, instant_milliwatts=90_000)
    with installed(FakeNvml(gpus=[gpu])):
        (source,) = nvidia.discover(sysfs=tmp_path)
        assert source.read().watts == 90.0
        gpu.limit_milliwatts, gpu.instant_milliwatts = 300_000, 280_000
        assert source.read().watts == 280.0
        source.close()


def test_that_593_kilowatts_are_impossible_also_without_a_limit(tmp_path: Path) -> None:
    gpu = FakeGpu(
        instant_milliwatts=593_000_000,
        refusals={"nvmlDeviceGetEnforcedPowerLimit": NOT_SUPPORTED},
    )
    with installed(FakeNvml(gpus=[gpu])):
        (source,) = nvidia.discover(sysfs=tmp_path)
        assert "beyond" in source.read().reason
        source.close()


@pytest.mark.parametrize(
    ("share", "trusted"), [(1.0, True), (0.85, True), (0.57, False), (0.0, False), (1.4, False)]
)
def test_that_a_counter_far_from_the_watts_twice_running_is_left_out_for_that_card(
    tmp_path: Path, share: float, trusted: bool
) -> None:
    clock = Clock()
    liar = FakeGpu(energy_millijoules=lambda: int((clock.now - 100) * 182_500 * share))
    good = FakeGpu(uuid="GPU-2", energy_millijoules=lambda: int((clock.now - 100) * 182_500))
    with installed(FakeNvml(gpus=[liar, good])):
        sources = nvidia.discover(sysfs=tmp_path, clock=clock)
        for _ in range(300):
            clock.now += 0.1
            samples = [source.read() for source in sources]
            if clock.now < 115:
                assert samples[0].joules is not None
        for source in sources:
            source.close()
    assert all(sample.watts == 182.5 for sample in samples)
    assert (samples[0].joules is not None) is trusted
    assert samples[1].joules is not None
    assert ("disagrees" in sources[0].reason) is not trusted
    assert sources[1].reason == ""
    assert sources[0].available


@pytest.mark.skipif(sys.platform != "linux", reason="the battery is one of Linux's files")
def test_that_a_laptops_card_is_let_go_on_battery_while_nothing_runs(tmp_path: Path) -> None:
    folder = sysfs.battery(tmp_path, "BAT0", {"status": "Discharging"})
    fake = FakeNvml(gpus=[FakeGpu()])
    with installed(fake):
        (source,) = nvidia.discover(sysfs=tmp_path / "sys")
        assert isinstance(source, nvidia.NvidiaGpu)
        source.read()
        fake.calls.clear()
        sample = source.read_spared()
        assert (sample.watts, fake.opened) == (None, 0)
        assert "on battery" in sample.reason
        assert set(fake.calls) == {"nvmlShutdown"}
        sysfs.write(folder / "status", "Full")
        assert source.read_spared().watts
        source.close()


def test_that_a_card_that_slept_when_it_was_looked_for_is_measured_once_awake(
    tmp_path: Path,
) -> None:
    folder = sysfs.nvidia_on_bus(tmp_path, "0000:01:00.0", status="suspended")
    clock = Clock()
    fake = FakeNvml(gpus=[FakeGpu()])
    with installed(fake):
        (source,) = nvidia.discover(sysfs=tmp_path / "sys", clock=clock)
        assert source.quality is Quality.NONE
        assert "sleeps" in source.read().reason
        assert not fake.calls
        sysfs.write(folder / "power/runtime_status", "active")
        assert "has not been read" in source.reason
        assert source.read().watts == 182.5
        assert source.available
        source.close()


def test_that_a_card_that_wakes_without_power_says_so(tmp_path: Path) -> None:
    folder = sysfs.nvidia_on_bus(tmp_path, "0000:01:00.0", status="suspended")
    gpu = FakeGpu(refusals={"field.186": NOT_SUPPORTED, "nvmlDeviceGetPowerUsage": NOT_SUPPORTED})
    fake = FakeNvml(gpus=[gpu])
    with installed(fake):
        (source,) = nvidia.discover(sysfs=tmp_path / "sys")
        sysfs.write(folder / "power/runtime_status", "active")
        assert "does not support" in source.read().reason
        assert not source.available
    assert fake.opened == 0


def test_that_power_saving_of_the_card_itself_is_seen_before_the_library_is_taken(
    tmp_path: Path,
) -> None:
    folder = sysfs.nvidia_on_bus(tmp_path, "0000:01:00.0", status="active")
    sysfs.nvidia_on_bus(tmp_path, "0000:02:00.0", status="active")
    fake = FakeNvml(gpus=[FakeGpu(), FakeGpu(bus=2, uuid="GPU-2")])
    with installed(fake):
        source, other = nvidia.discover(sysfs=tmp_path / "sys")
        sysfs.write(folder / "power_state", "D3cold")
        fake.calls.clear()
        assert "sleeps" in source.read().reason
        assert not fake.calls
        assert other.read().watts
        other.close()


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


def test_that_a_slow_counter_does_not_shift_the_time_of_a_reading(tmp_path: Path) -> None:
    """On an H200 the counter's call takes up to 103 ms, and its value is that of its end."""
    clock = Clock()

    def slowly() -> int:
        clock.now += 0.103
        return int(clock.now * 700_000)

    gpu = FakeGpu(instant_milliwatts=700_000, limit_milliwatts=700_000, energy_millijoules=slowly)
    with installed(FakeNvml(gpus=[gpu])):
        (source,) = nvidia.discover(sysfs=tmp_path, clock=clock)
        sample = source.read()
        source.close()
    assert sample.joules == pytest.approx(700 * sample.at, abs=0.01)
