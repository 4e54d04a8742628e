"""What else holds while something is measured, by a stand-in of NVIDIA's library and by files."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from landfall.core.fit.load_check import RunnerFacts
from landfall.core.fit.memory import KvType
from landfall.core.hosts.runtime import LoadedModel
from landfall.core.provenance import Unknown
from landfall.services.power.mains import NO_BATTERY
from landfall.services.run import conditions
from landfall.services.run.conditions import (
    Lookout,
    MachineLook,
    machine_now,
    of_loaded,
    throttling,
)
from tests.fakes import nvml as fakes
from tests.fakes import sysfs
from tests.fakes.nvml import FakeGpu, FakeNvml

LOADED = LoadedModel(
    name="qwen3:8b",
    digest="aa",
    size_bytes=8_000_000_000,
    gpu_bytes=4_000_000_000,
    context=8192,
    expires_at="forever",
)


@pytest.fixture
def gpu() -> FakeGpu:
    return FakeGpu()


@pytest.fixture
def library(gpu: FakeGpu) -> Iterator[FakeNvml]:
    with fakes.installed(FakeNvml(gpus=[gpu])) as fake:
        assert fake is not None
        yield fake


@pytest.mark.usefixtures("library")
def test_that_a_gpu_tells_its_limit_heat_clocks_and_why_they_are_so(
    gpu: FakeGpu, tmp_path: Path
) -> None:
    gpu.event_reasons = 0x4 | 0x40
    look = machine_now(sysfs=tmp_path)
    (told,) = look.told["gpus"]
    assert told["name"] == "NVIDIA GeForce RTX 4090"
    assert told["power_limit_watts"] == 450.0
    assert told["temperature_c"] == 61
    assert (told["graphics_clock_mhz"], told["memory_clock_mhz"]) == (2520, 10501)
    assert told["utilisation"] == 0.97
    assert told["clocks_event_reasons"] == [
        "the power limit holds the clocks down",
        "the hardware slows down because of heat",
    ]
    assert set(look.slowed) == set(told["clocks_event_reasons"])
    assert "reasons" not in told
    json.dumps(look.told)


@pytest.mark.usefixtures("library")
def test_that_clocks_set_by_hand_and_an_idle_card_are_no_throttling(
    gpu: FakeGpu, tmp_path: Path
) -> None:
    gpu.event_reasons = 0x1 | 0x2 | 0x4000
    look = machine_now(sysfs=tmp_path)
    assert look.slowed == ()
    assert look.can_say
    assert look.told["gpus"][0]["clocks_event_reasons"] == [
        "nothing runs on it",
        "the clocks were set by hand",
        "reason 0x4000",
    ]


def test_that_an_old_driver_answers_by_its_older_functions(gpu: FakeGpu, tmp_path: Path) -> None:
    newer = {
        "nvmlDeviceGetTemperatureV",
        "nvmlDeviceGetCurrentClocksEventReasons",
        "nvmlDeviceGetComputeRunningProcesses_v3",
        "nvmlDeviceGetGraphicsRunningProcesses_v3",
    }
    gpu.event_reasons = 0x20
    with fakes.installed(FakeNvml(gpus=[gpu], missing=newer)):
        look = machine_now(sysfs=tmp_path)
    (told,) = look.told["gpus"]
    assert told["temperature_c"] == 61
    assert look.slowed == ("the driver slows down because of heat",)
    assert told["reasons"] == {"others": "the driver is too old to tell"}


@pytest.mark.usefixtures("library")
def test_that_what_a_card_refuses_has_its_reason_and_the_rest_is_told(
    gpu: FakeGpu, tmp_path: Path
) -> None:
    gpu.refusals = {
        "nvmlDeviceGetEnforcedPowerLimit": fakes.NOT_SUPPORTED,
        "nvmlDeviceGetCurrentClocksEventReasons": fakes.GPU_IS_LOST,
        "nvmlDeviceGetCurrentClocksThrottleReasons": fakes.GPU_IS_LOST,
    }
    look = machine_now(sysfs=tmp_path)
    (told,) = look.told["gpus"]
    assert told["temperature_c"] == 61
    assert told["reasons"]["power_limit_watts"] == "the device does not support this"
    assert "lost" in told["reasons"]["clocks_event_reasons"]
    assert not look.can_say
    gpu.refusals = {"nvmlDeviceGetHandleByIndex_v2": fakes.GPU_IS_LOST}
    (told,) = machine_now(sysfs=tmp_path).told["gpus"]
    assert "lost" in told["reasons"]["gpu"]


@pytest.mark.usefixtures("library")
def test_that_other_programs_on_the_gpu_are_counted_and_the_server_is_not(
    gpu: FakeGpu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {11: "ollama", 12: "llama-server", 13: "python3", 14: "Xorg"}

    class Process:
        def __init__(self, pid: int) -> None:
            if pid not in names:
                raise psutil.NoSuchProcess(pid)
            self._pid = pid

        def name(self) -> str:
            return names[self._pid]

    monkeypatch.setattr(psutil, "Process", Process)
    gpu.compute = {11: 1, 12: 5 << 30, 13: 3 << 30, 99: 7}
    gpu.graphics = {14: 1 << 20}
    (told,) = machine_now(sysfs=tmp_path).told["gpus"]
    assert told["others"] == {"count": 2, "bytes": (3 << 30) + (1 << 20), "unseen": 1}


def test_that_a_sleeping_gpu_is_not_woken(gpu: FakeGpu, tmp_path: Path) -> None:
    folder = tmp_path / "bus/pci/devices/0000:01:00.0"
    folder.mkdir(parents=True)
    (folder / "vendor").write_text("0x10de\n")
    (folder / "class").write_text("0x030000\n")
    (folder / "power_state").write_text("D3cold\n")
    with fakes.installed(FakeNvml(gpus=[gpu])) as fake:
        look = machine_now(sysfs=tmp_path)
        assert fake is not None
        assert not fake.calls
    assert look.reasons["gpus"] == conditions.ASLEEP
    assert "gpus" not in look.told


def test_that_a_machine_without_the_library_tells_of_its_processor(tmp_path: Path) -> None:
    with fakes.installed(None):
        look = machine_now(sysfs=tmp_path)
    assert "driver" in look.reasons["gpus"]
    assert look.told["cpu"]["logical_cores"] == psutil.cpu_count()
    assert look.reasons["cpu.throttle_count"] == "the system does not count it"
    assert look.throttle_count is None
    if hasattr(os, "getloadavg"):
        assert look.told["cpu"]["load_average"] >= 0


def throttled(sysfs: Path, core: int, package: int) -> None:
    for number in range(2):
        folder = sysfs / f"devices/system/cpu/cpu{number}/thermal_throttle"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "core_throttle_count").write_text(f"{core if number else 0}\n")
        (folder / "package_throttle_count").write_text(f"{package}\n")


def test_that_a_processor_that_was_too_hot_meanwhile_says_so(tmp_path: Path) -> None:
    throttled(tmp_path, core=3, package=2)
    before = machine_now(sysfs=tmp_path)
    assert before.throttle_count == 5, "each package counts once, however many cores it has"
    assert throttling([before, before]) == (False, ())
    throttled(tmp_path, core=4, package=4)
    said, reasons = throttling([before, machine_now(sysfs=tmp_path)])
    assert said
    assert reasons == ("the processor slowed down because of heat 3 times",)


def test_that_where_nothing_can_say_so_throttling_is_unknown() -> None:
    said, reasons = throttling([MachineLook(), MachineLook()])
    assert said is None
    assert reasons == ("nothing here can say whether the hardware slows down",)
    assert throttling([MachineLook(), MachineLook(slowed=("heat",), can_say=True)]) == (
        True,
        ("heat",),
    )


@pytest.mark.skipif(sys.platform != "linux", reason="the files are those of Linux")
@pytest.mark.parametrize(("status", "told"), [("Discharging", True), ("Not charging", False)])
def test_that_battery_and_mains_are_told_apart(status: str, told: bool, tmp_path: Path) -> None:
    assert machine_now(sysfs=tmp_path / "sys").reasons["on_battery"] == NO_BATTERY.reason
    sysfs.battery(tmp_path, "BAT0", {"status": status})
    assert machine_now(sysfs=tmp_path / "sys").told["on_battery"] is told


async def test_that_nothing_of_this_machine_is_told_of_a_server_on_another() -> None:
    looked = []
    lookout = Lookout(here=False, look=lambda: looked.append(1) or MachineLook())
    look = await lookout.now()
    lookout.close()
    assert look.told == {}
    assert look.reasons == {"machine": conditions.ELSEWHERE}
    assert not looked


async def test_that_before_anything_is_asked_it_is_told_how_busy_others_keep_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(psutil, "cpu_percent", lambda interval: 62.5)
    lookout = Lookout(look=lambda: MachineLook(told={"cpu": {"logical_cores": 2}}))
    look = await lookout.at_rest()
    assert look.told["cpu"] == {"logical_cores": 2, "busy_share": 0.625}
    lookout.close()
    elsewhere = Lookout(here=False)
    assert (await elsewhere.at_rest()).told == {}
    elsewhere.close()


async def test_that_a_driver_that_hangs_costs_what_it_would_have_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(conditions, "LOOK_SECONDS", 0.05)
    release = threading.Event()

    def hanging() -> MachineLook:
        release.wait(10)
        return MachineLook()

    lookout = Lookout(look=hanging)
    look = await lookout.now()
    assert "did not answer" in look.reasons["machine"]
    assert "still has not answered" in (await lookout.now()).reasons["machine"]
    release.set()
    lookout.close()


def test_that_a_model_in_memory_tells_its_place_its_context_and_its_slots() -> None:
    process = RunnerFacts(
        memory_bytes=9, memory_kind="PSS", held_bytes=9, parallel=4, kv_type=KvType.Q8_0
    )
    look = of_loaded(LOADED, process)
    assert look.told == {
        "memory_bytes": 8_000_000_000,
        "context_given": 8192,
        "gpu_share": 0.5,
        "kv_type": "q8_0",
        "parallel": 4,
        "process_bytes": 9,
    }
    assert (look.parallel, look.seen_here, look.reasons) == (4, True, {})


def test_that_a_model_whose_process_is_not_seen_may_be_served_elsewhere() -> None:
    look = of_loaded(LOADED, Unknown("no process"))
    assert (look.parallel, look.seen_here) == (None, False)
    assert look.reasons == {"parallel": "no process"}
    assert of_loaded(LOADED, Unknown("no process"), here=False).seen_here is None
