from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from landfall.core.errors import BadInput
from landfall.core.machine.hardware import GIB, AcceleratorKind, HardwareProfile, memory_budget
from landfall.core.provenance import Published, Stated, Unknown, middle
from landfall.core.settings import Settings
from landfall.services import hardware, resources
from landfall.services.hardware import Surroundings, drm, known, nvidia, windows
from landfall.services.hardware.dxgi import DxgiAdapter
from landfall.services.hardware.finding import Finding
from landfall.services.machine import machine_rows
from tests.fakes import sysfs
from tests.fakes.nvml import FakeGpu, FakeNvml, installed


async def detected(
    root: Path,
    fake: FakeNvml | None = None,
    *,
    overrides: dict[str, Any] | None = None,
    environment: dict[str, str] | None = None,
    **around: Any,
) -> HardwareProfile:
    settings = Settings(overrides=MappingProxyType(overrides or {}))
    surroundings = Surroundings(
        root=root, environment=environment or {}, platform_name="linux", **around
    )
    with installed(fake):
        return await hardware.detect(settings, root / "models", surroundings=surroundings)


async def test_that_a_machine_without_accelerators_is_a_whole_answer(tmp_path: Path) -> None:
    machine = await detected(tmp_path)
    assert machine.accelerators == ()
    assert machine.failures == ()
    assert machine.ram.total_bytes > machine.ram.available_bytes > 0
    assert isinstance(machine.ram.bandwidth_bytes_per_s, Unknown)
    assert machine.cpu.name
    assert machine.disk.free_bytes
    assert {probe.probe for probe in machine.probes} >= {
        "processor",
        "memory",
        "disk",
        nvidia.PROBE,
        "AMD (amdgpu)",
        "Intel (i915, xe)",
    }


async def test_that_the_real_machine_is_answered_with_its_own_surroundings() -> None:
    with installed(None):
        machine = await hardware.detect(Settings())
    assert machine.system.os in {"linux", "macos", "windows"}
    assert machine.system.version
    assert machine.system.arch


async def test_that_the_catalogue_adds_what_the_driver_does_not_tell(tmp_path: Path) -> None:
    machine = await detected(tmp_path, FakeNvml(gpus=[FakeGpu()]))
    (card,) = machine.accelerators
    assert card.catalogue_name == "RTX 4090"
    assert isinstance(card.fp16_flops, Published)
    assert card.fp16_flops.value == pytest.approx(82.58e12, rel=0.01)
    assert card.architecture
    assert "NVML" in str(card.bandwidth_bytes_per_s)


async def test_that_a_laptop_card_gets_the_laptops_row(tmp_path: Path) -> None:
    silent = FakeGpu(
        name="NVIDIA GeForce RTX 4090 Laptop GPU",
        memory_total=16376 << 20,
        refusals={"nvmlDeviceGetMaxClockInfo": 3},
    )
    (card,) = (await detected(tmp_path, FakeNvml(gpus=[silent]))).accelerators
    assert card.catalogue_name == "RTX 4090 Laptop"
    assert middle(card.bandwidth_bytes_per_s) == pytest.approx(576e9, rel=0.01)


async def test_that_a_unified_chip_gives_main_memory_its_bandwidth(tmp_path: Path) -> None:
    spark = FakeGpu(
        name="NVIDIA GB10",
        refusals={"nvmlDeviceGetMemoryInfo": 3, "nvmlDeviceGetMaxClockInfo": 3},
    )
    machine = await detected(tmp_path, FakeNvml(gpus=[spark]))
    assert machine.accelerators[0].kind is AcceleratorKind.UNIFIED
    assert machine.accelerators[0].memory_total_bytes == machine.ram.total_bytes
    assert middle(machine.ram.bandwidth_bytes_per_s) == pytest.approx(273e9)


async def test_that_a_sleeping_laptop_card_counts_with_the_catalogues_memory(
    tmp_path: Path,
) -> None:
    model = "NVIDIA GeForce RTX 4060 Laptop GPU"
    sysfs.nvidia_on_bus(tmp_path, "0000:01:00.0", status="suspended", model=model)
    fake = FakeNvml(gpus=[FakeGpu()])
    machine = await detected(tmp_path, fake)
    (card,) = machine.accelerators
    assert not fake.calls
    assert card.memory_total_bytes == 8 * GIB
    assert card.usable_bytes == 7 * GIB
    assert any("not woken" in reason for reason in card.reasons)
    assert memory_budget(machine).total_bytes == 7 * GIB


async def test_that_memory_size_picks_one_of_the_names_of_a_chip(tmp_path: Path) -> None:
    sysfs.names(tmp_path)
    sysfs.card(
        tmp_path,
        0,
        vendor=drm.AMD,
        device="0x744c",
        revision="0xff",
        driver="amdgpu",
        bus_id="0000:03:00.0",
        files={
            "mem_info_vram_total": 24560 << 20,
            "mem_info_vram_used": 0,
            "hwmon/hwmon0/power1_cap": 1,
        },
    )
    (card,) = (await detected(tmp_path)).accelerators
    assert card.name == "Radeon RX 7900 XTX"
    assert middle(card.bandwidth_bytes_per_s) == pytest.approx(960e9, rel=0.01)


async def test_that_an_intel_card_gets_its_memory_size_from_the_catalogue(tmp_path: Path) -> None:
    sysfs.names(tmp_path)
    sysfs.card(tmp_path, 0, vendor=drm.INTEL, device="0xe20b", driver="xe", bus_id="0000:03:00.0")
    (card,) = (await detected(tmp_path)).accelerators
    assert card.memory_total_bytes == 12 * GIB
    assert card.memory_free_bytes is None
    assert card.usable_bytes is None


async def test_that_a_gpu_in_the_processor_leaves_main_memory_as_the_budget(
    tmp_path: Path,
) -> None:
    sysfs.card(tmp_path, 0, vendor=drm.INTEL, device="0xa7a0", driver="i915", bus_id="0000:00:02.0")
    budget = memory_budget(await detected(tmp_path))
    assert budget.devices == ()
    assert budget.total_bytes == budget.ram_bytes > 0
    assert budget.reasons


async def test_that_a_hanging_driver_is_a_failure_and_hangs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()

    def hang(**_: object) -> Finding:
        release.wait(30)
        return Finding()

    monkeypatch.setattr(nvidia, "probe", hang)
    began = time.perf_counter()
    try:
        machine = await detected(tmp_path, timeout_seconds=0.05)
    finally:
        release.set()
    assert time.perf_counter() - began < 5
    (failure,) = machine.failures
    assert failure.probe == nvidia.PROBE
    assert "did not answer" in failure.reason
    assert failure.hint


async def test_that_an_error_of_the_system_in_a_probe_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> Finding:
        raise OSError("bus error")

    monkeypatch.setattr(nvidia, "probe", broken)
    machine = await detected(tmp_path)
    assert machine.failures[0].reason == "bus error"


async def test_that_corrections_are_applied_over_the_catalogue(tmp_path: Path) -> None:
    machine = await detected(
        tmp_path,
        FakeNvml(gpus=[FakeGpu()]),
        overrides={
            "accelerators.0.bandwidth_bytes_per_s": 900e9,
            "ram.bandwidth_bytes_per_s": 80e9,
        },
    )
    assert isinstance(machine.accelerators[0].bandwidth_bytes_per_s, Stated)
    assert isinstance(machine.ram.bandwidth_bytes_per_s, Stated)
    assert [o.field for o in machine.overrides] == [
        "accelerators.0.bandwidth_bytes_per_s",
        "ram.bandwidth_bytes_per_s",
    ]


async def test_that_a_corrected_name_decides_the_catalogues_row(tmp_path: Path) -> None:
    odd = FakeGpu(name="Graphics Device", refusals={"nvmlDeviceGetMaxClockInfo": 3})
    machine = await detected(
        tmp_path, FakeNvml(gpus=[odd]), overrides={"accelerators.0.name": "RTX 4090"}
    )
    assert machine.accelerators[0].catalogue_name == "RTX 4090"
    assert isinstance(machine.accelerators[0].bandwidth_bytes_per_s, Published)


async def test_that_a_nonsense_correction_is_bad_input_before_anything_is_asked(
    tmp_path: Path,
) -> None:
    fake = FakeNvml(gpus=[FakeGpu()])
    with pytest.raises(BadInput) as raised:
        await detected(tmp_path, fake, overrides={"ram.colour": "red"})
    assert raised.value.field == "overrides.ram.colour"
    assert not fake.calls


async def test_that_a_broken_row_of_the_catalogue_is_said_and_the_rest_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = resources.read_json(machine_rows.HARDWARE)
    broken = {"rows": [{"name": "RTX 9999", "vendor": "nvidia"}, *document["rows"]]}
    read = machine_rows.read_machines(broken)
    monkeypatch.setattr(machine_rows, "load", lambda: read)
    machine = await detected(tmp_path, FakeNvml(gpus=[FakeGpu()]))
    assert machine.accelerators[0].catalogue_name == "RTX 4090"
    assert "rows[0]" in machine.failures[0].probe
    assert "RTX 9999" in machine.failures[0].reason


async def test_that_a_missing_catalogue_is_a_failure_and_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise BadInput("The resource hardware.json cannot be read.", "Install Landfall again.")

    monkeypatch.setattr(machine_rows, "load", broken)
    machine = await detected(tmp_path, FakeNvml(gpus=[FakeGpu()]))
    assert machine.failures[0].probe == "catalogue"
    assert machine.accelerators[0].fp16_flops == Unknown("the catalogue has no row of this device")


async def test_that_a_card_windows_lists_too_is_counted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = DxgiAdapter(
        name="NVIDIA GeForce RTX 4090",
        vendor_id=0x10DE,
        device_id=0x2684,
        dedicated_bytes=24 * GIB,
        shared_bytes=32 * GIB,
        luid=1,
        software=False,
        budget_bytes=20 * GIB,
    )
    monkeypatch.setattr(windows.dxgi, "load", lambda: None)
    monkeypatch.setattr(windows.dxgi, "adapters", lambda _: (listed,))
    around = Surroundings(root=tmp_path, environment={}, platform_name="win32")
    with installed(FakeNvml(gpus=[FakeGpu()])):
        machine = await hardware.detect(Settings(), tmp_path, surroundings=around)
    assert [a.source for a in machine.accelerators] == ["NVML"]
    assert any("counted once" in probe.answer for probe in machine.probes)
    with installed(None):
        machine = await hardware.detect(Settings(), tmp_path, surroundings=around)
    assert [a.source for a in machine.accelerators] == ["DXGI"]
    assert any("NVIDIA's driver" in reason for reason in machine.accelerators[0].reasons)


async def test_that_two_detections_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    fake = FakeNvml(gpus=[FakeGpu(), FakeGpu(uuid="GPU-b", bus=2)])
    around = Surroundings(root=tmp_path, environment={}, platform_name="linux")
    with installed(fake):
        both = await asyncio.gather(
            *(hardware.detect(Settings(), tmp_path, surroundings=around) for _ in range(2))
        )
    assert [len(machine.accelerators) for machine in both] == [2, 2]
    assert fake.opened == 0


def test_that_every_row_of_the_shipped_catalogue_can_be_used() -> None:
    rows, bad = known.rows()
    assert bad == ()
    assert len(rows) >= 200
