from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import pynvml
import pytest

from landfall.core.machine.hardware import GIB, AcceleratorKind, Ram
from landfall.core.provenance import Measured, Unknown, middle
from landfall.services import nvml
from landfall.services.hardware import nvidia
from landfall.services.hardware.finding import Finding
from tests.fakes import sysfs
from tests.fakes.nvml import (
    DRIVER_NOT_LOADED,
    GPU_IS_LOST,
    NOT_SUPPORTED,
    VERSION_MISMATCH,
    FakeGpu,
    FakeNvml,
    installed,
)

RAM = Ram(total_bytes=128 * GIB, available_bytes=100 * GIB, bandwidth_bytes_per_s=Unknown("test"))


def probed(root: Path, fake: FakeNvml | None, platform_name: str = "linux") -> Finding:
    with installed(fake):
        return nvidia.probe(
            sysfs=root / "sys", procfs=root / "proc", ram=RAM, platform_name=platform_name
        )


def test_that_a_card_is_read_whole(tmp_path: Path) -> None:
    found = probed(tmp_path, FakeNvml(gpus=[FakeGpu()]))
    (card,) = found.accelerators
    assert card.name == "NVIDIA GeForce RTX 4090"
    assert card.kind is AcceleratorKind.DISCRETE
    assert card.memory_total_bytes == 24564 << 20
    assert card.memory_free_bytes == (24564 << 20) - 2 * GIB
    assert card.usable_bytes == (24564 << 20) - 3 * GIB
    assert card.driver == "580.95.05"
    assert card.power_limit_watts == 450
    assert card.pci_bus_id == "0000:01:00.0"
    assert card.id == "GPU-00000000-0000-0000-0000-000000000000"
    assert found.failures == ()


def test_that_what_the_driver_keeps_for_itself_is_nobodys(tmp_path: Path) -> None:
    """As an H100 said of itself while nothing ran (driver 580.159.04, 2026-11-27)."""
    idle = FakeGpu(
        name="NVIDIA H100 80GB HBM3",
        memory_total=85_520_809_984,
        memory_used=503_316_480,
        memory_reserved=503_316_480,
    )
    (card,) = probed(tmp_path, FakeNvml(gpus=[idle])).accelerators
    assert card.memory_free_bytes == 85_017_493_504
    assert card.memory_reserved_bytes == 503_316_480
    assert card.memory_used_bytes == 0
    old = FakeNvml(gpus=[idle], missing={"nvmlDeviceGetMemoryInfo_v2"})
    (before,) = probed(tmp_path, old).accelerators
    assert before.memory_reserved_bytes == 0
    assert before.memory_used_bytes == 503_316_480


def test_that_bandwidth_is_clock_times_two_times_bus_width(tmp_path: Path) -> None:
    (card,) = probed(tmp_path, FakeNvml(gpus=[FakeGpu()])).accelerators
    assert isinstance(card.bandwidth_bytes_per_s, Measured)
    assert card.bandwidth_bytes_per_s.value == pytest.approx(1008e9, rel=1e-3)


@pytest.mark.parametrize("function", ["nvmlDeviceGetMaxClockInfo", "nvmlDeviceGetMemoryBusWidth"])
def test_that_a_missing_clock_or_width_leaves_bandwidth_unknown(
    tmp_path: Path, function: str
) -> None:
    fake = FakeNvml(gpus=[FakeGpu(refusals={function: NOT_SUPPORTED})])
    (card,) = probed(tmp_path, fake).accelerators
    assert middle(card.bandwidth_bytes_per_s) is None


def test_that_a_function_an_old_driver_lacks_is_a_reason_and_no_crash(tmp_path: Path) -> None:
    fake = FakeNvml(gpus=[FakeGpu()], missing={"nvmlDeviceGetMemoryBusWidth"})
    (card,) = probed(tmp_path, fake).accelerators
    assert "too old" in str(card.bandwidth_bytes_per_s)


def test_that_a_lost_card_in_the_middle_does_not_hide_the_others(tmp_path: Path) -> None:
    lost = FakeGpu(refusals={"nvmlDeviceGetHandleByIndex_v2": GPU_IS_LOST})
    fake = FakeNvml(gpus=[FakeGpu(uuid="GPU-a", bus=1), lost, FakeGpu(uuid="GPU-c", bus=3)])
    found = probed(tmp_path, fake)
    assert [card.id for card in found.accelerators] == ["GPU-a", "GPU-c"]
    assert [failure.probe for failure in found.failures] == ["NVIDIA (NVML) GPU 1"]
    assert "lost" in found.failures[0].reason
    assert found.failures[0].hint


@pytest.mark.parametrize("function", ["nvmlDeviceGetName", "nvmlDeviceGetMemoryInfo"])
def test_that_a_card_lost_after_it_was_listed_is_a_failure(tmp_path: Path, function: str) -> None:
    found = probed(tmp_path, FakeNvml(gpus=[FakeGpu(refusals={function: GPU_IS_LOST})]))
    assert found.accelerators == ()
    assert "lost" in found.failures[0].reason


@pytest.mark.parametrize(
    "gpu",
    [
        FakeGpu(name="NVIDIA GB10", refusals={"nvmlDeviceGetMemoryInfo": NOT_SUPPORTED}),
        FakeGpu(name="NVIDIA GB10", memory_total=0, memory_used=0),
    ],
    ids=["not supported", "zero"],
)
def test_that_a_device_without_memory_of_its_own_is_unified(tmp_path: Path, gpu: FakeGpu) -> None:
    (chip,) = probed(tmp_path, FakeNvml(gpus=[gpu])).accelerators
    assert chip.kind is AcceleratorKind.UNIFIED
    assert chip.memory_total_bytes == RAM.total_bytes
    assert chip.usable_bytes == RAM.available_bytes - GIB
    assert any("main memory" in reason for reason in chip.reasons)


def test_that_memory_that_may_not_be_read_is_unknown_and_not_zero(tmp_path: Path) -> None:
    fake = FakeNvml(gpus=[FakeGpu(refusals={"nvmlDeviceGetMemoryInfo": 4})])
    (card,) = probed(tmp_path, fake).accelerators
    assert card.memory_total_bytes is None
    assert card.usable_bytes is None
    assert card.kind is AcceleratorKind.DISCRETE
    assert any("memory" in reason for reason in card.reasons)


def test_that_mig_is_said(tmp_path: Path) -> None:
    (card,) = probed(tmp_path, FakeNvml(gpus=[FakeGpu(mig=1)])).accelerators
    assert any("MIG" in reason for reason in card.reasons)


def test_that_no_driver_and_no_card_is_no_failure(tmp_path: Path) -> None:
    found = probed(tmp_path, None)
    assert found.failures == ()
    assert [probe.ok for probe in found.probes] == [False]


@pytest.mark.parametrize(
    ("fake", "word"),
    [
        (None, "no NVIDIA driver is installed"),
        (FakeNvml(init_code=DRIVER_NOT_LOADED), "not loaded"),
        (FakeNvml(init_code=VERSION_MISMATCH), "updated"),
    ],
    ids=["no library", "not loaded", "mismatch"],
)
def test_that_a_card_on_the_bus_without_a_usable_driver_is_said(
    tmp_path: Path, fake: FakeNvml | None, word: str
) -> None:
    sysfs.nvidia_on_bus(tmp_path, "0000:01:00.0", status="active")
    found = probed(tmp_path, fake)
    (failure,) = found.failures
    assert "an NVIDIA card is in the machine" in failure.reason
    assert word in failure.reason
    assert failure.hint


def test_that_a_sound_device_of_the_vendor_is_no_card(tmp_path: Path) -> None:
    folder = sysfs.nvidia_on_bus(tmp_path, "0000:01:00.1", status="active")
    sysfs.write(folder / "class", "0x040300")
    assert probed(tmp_path, None).failures == ()


def test_that_a_sleeping_card_is_named_and_not_woken(tmp_path: Path) -> None:
    model = "NVIDIA GeForce RTX 4060 Laptop GPU"
    sysfs.nvidia_on_bus(tmp_path, "0000:01:00.0", status="suspended", model=model)
    fake = FakeNvml(gpus=[FakeGpu()])
    found = probed(tmp_path, fake)
    (card,) = found.accelerators
    assert not fake.calls
    assert card.name == model
    assert card.id == "GPU-1234"
    assert card.memory_free_bytes is None
    assert any("sleeps" in reason for reason in card.reasons)


def test_that_a_card_awake_beside_a_sleeping_one_is_asked(tmp_path: Path) -> None:
    sysfs.nvidia_on_bus(tmp_path, "0000:01:00.0", status="suspended")
    sysfs.nvidia_on_bus(tmp_path, "0000:02:00.0", status="active")
    assert len(probed(tmp_path, FakeNvml(gpus=[FakeGpu()])).accelerators) == 1


def test_that_the_library_is_closed_again(tmp_path: Path) -> None:
    fake = FakeNvml(gpus=[FakeGpu()])
    probed(tmp_path, fake)
    assert fake.opened == 0


def test_that_a_mac_is_not_asked(tmp_path: Path) -> None:
    fake = FakeNvml(gpus=[FakeGpu()])
    assert probed(tmp_path, fake, "darwin").accelerators == ()
    assert not fake.calls


@pytest.mark.parametrize("raw", [b"Tesla T4\0rest", "Tesla T4", " Tesla T4 "])
def test_that_names_may_be_bytes_or_text(raw: bytes | str) -> None:
    assert nvml.text(raw) == "Tesla T4"


@pytest.mark.parametrize("raw", [b"", "", " ", nvml.refusal(3), None, 5])
def test_that_no_name_is_none(raw: Any) -> None:
    assert nvml.text(raw) is None


def test_that_an_unreadable_name_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(handle: object) -> str:
        return b"\xff".decode()

    monkeypatch.setattr(pynvml, "nvmlDeviceGetName", broken)
    assert isinstance(nvml.ask("nvmlDeviceGetName", 1), nvml.Refusal)


def test_that_every_known_code_has_a_sentence_and_others_their_number() -> None:
    assert "999" in nvml.refusal(999).meaning
    assert nvml.refusal(GPU_IS_LOST).hint


def test_that_a_field_of_an_unknown_type_is_a_refusal() -> None:
    value = pynvml.c_nvmlFieldValue_t()
    value.valueType = 99
    assert isinstance(nvml.field_value(value), nvml.Refusal)


def test_that_the_wrapper_says_when_an_argument_does_not_fit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> None:
        raise ctypes.ArgumentError("no")

    monkeypatch.setattr(pynvml, "nvmlShutdown", broken)
    assert isinstance(nvml.ask("nvmlShutdown"), nvml.Refusal)
