from __future__ import annotations

import sys

import pytest

from landfall.core.machine.hardware import GIB, AcceleratorKind, Ram, Vendor
from landfall.core.provenance import Unknown
from landfall.services.hardware import dxgi, windows
from landfall.services.hardware.finding import IGPU_VARIABLE, Finding
from landfall.services.hardware.windows import RegistryAdapter
from tests.fakes.dxgi import Adapter, FakeDxgi

RAM = Ram(total_bytes=64 * GIB, available_bytes=20 * GIB, bandwidth_bytes_per_s=Unknown("test"))
XTX = Adapter(name="AMD Radeon RX 7900 XTX")
DRIVER = RegistryAdapter(
    name="AMD Radeon RX 7900 XTX",
    driver="32.0.12033.1030",
    memory_bytes=24 * GIB,
    device=r"PCI\VEN_1002&DEV_744C&REV_C8",
)


def probed(
    *adapters: Adapter,
    registry: tuple[RegistryAdapter, ...] = (),
    environment: dict[str, str] | None = None,
) -> Finding:
    library = FakeDxgi(adapters=list(adapters))
    return windows.probe(
        ram=RAM,
        environment=environment or {},
        list_adapters=lambda: dxgi.adapters(library),
        read_registry=lambda: registry,
        platform_name="win32",
    )


def test_that_a_card_is_read_through_the_c_interface() -> None:
    found = probed(XTX, registry=(DRIVER,))
    (card,) = found.accelerators
    assert card.name == "AMD Radeon RX 7900 XTX"
    assert card.vendor is Vendor.AMD
    assert card.kind is AcceleratorKind.DISCRETE
    assert card.memory_total_bytes == 24 * GIB
    assert card.memory_free_bytes == 21 * GIB
    assert card.usable_bytes == 20 * GIB
    assert card.driver == "32.0.12033.1030"


def test_that_every_object_is_released() -> None:
    adapter = Adapter(name="a")
    library = FakeDxgi(adapters=[adapter])
    dxgi.adapters(library)
    assert library.released == 1
    assert adapter.released == 2


def test_that_an_old_system_without_a_budget_leaves_free_memory_unknown() -> None:
    (card,) = probed(Adapter(name="AMD Radeon RX 7900 XTX", budget=None)).accelerators
    assert card.memory_free_bytes is None
    assert card.usable_bytes is None
    assert card.reasons


@pytest.mark.parametrize(
    "adapter",
    [
        Adapter(name="Microsoft Basic Render Driver", vendor_id=0x1414, flags=2),
        Adapter(name="Parsec Virtual Display Adapter"),
        Adapter(name="Meta Virtual Monitor"),
        Adapter(name="IddSampleDriver Device HDR"),
        Adapter(name="SunshineHDR"),
        Adapter(name="VMware SVGA 3D", vendor_id=0x15AD),
        Adapter(name="AMD Radeon RX 7900 XTX", flags=2, luid=9),
    ],
    ids=lambda adapter: adapter.name,
)
def test_that_virtual_adapters_are_left_out_with_a_reason(adapter: Adapter) -> None:
    found = probed(adapter, XTX)
    assert [a.name for a in found.accelerators] == ["AMD Radeon RX 7900 XTX"]
    assert f"left out: {adapter.name}" in found.probes[0].answer


def test_that_a_gpu_in_the_processor_listed_six_times_is_one() -> None:
    inside = [
        Adapter(name="AMD Radeon(TM) 780M Graphics", device_id=0x15BF, dedicated=512 << 20, luid=i)
        for i in range(6)
    ]
    found = probed(*inside)
    (chip,) = found.accelerators
    assert chip.kind is AcceleratorKind.INTEGRATED
    assert chip.usable_bytes == 0
    assert found.probes[0].answer.count("listed already") == 5


def test_that_two_equal_cards_are_two_and_one_card_listed_twice_is_one() -> None:
    cards = [Adapter(name="AMD Radeon RX 7900 XTX", luid=luid) for luid in (1, 2, 2)]
    assert len(probed(*cards).accelerators) == 2


def test_that_a_gpu_in_the_processor_may_be_used_when_ollama_is_told() -> None:
    inside = Adapter(name="AMD Radeon(TM) 780M Graphics", device_id=0x15BF, dedicated=512 << 20)
    (chip,) = probed(inside, environment={IGPU_VARIABLE: "1"}).accelerators
    assert chip.memory_free_bytes == (512 << 20) + 20 * GIB
    assert chip.usable_bytes == (512 << 20) + 19 * GIB


def test_that_strix_halo_is_unified_with_a_large_carve_out() -> None:
    halo = Adapter(
        name="AMD Radeon(TM) 8060S Graphics", device_id=0x1586, dedicated=96 << 30, shared=16 << 30
    )
    (chip,) = probed(halo).accelerators
    assert chip.kind is AcceleratorKind.UNIFIED
    assert chip.usable_bytes == 111 * GIB


def test_that_an_intel_card_is_discrete_and_an_arm_chip_is_not_used() -> None:
    arc = Adapter(name="Intel(R) Arc(TM) B580 Graphics", vendor_id=0x8086, dedicated=12 << 30)
    arm = Adapter(
        name="Qualcomm(R) Adreno(TM) X1-85 GPU", vendor_id=0x5143, dedicated=2 << 30, luid=2
    )
    first, second = probed(arc, arm).accelerators
    assert first.kind is AcceleratorKind.DISCRETE
    assert second.kind is AcceleratorKind.INTEGRATED
    assert second.vendor is Vendor.OTHER


def test_that_no_accelerator_is_said() -> None:
    found = probed(Adapter(name="Microsoft Basic Render Driver", vendor_id=0x1414))
    assert found.accelerators == ()
    assert not found.probes[0].ok


@pytest.mark.parametrize(
    "library",
    [FakeDxgi(refuses=True), FakeDxgi(adapters=[Adapter(name="a", refuses=True)])],
    ids=["factory", "description"],
)
def test_that_the_registry_answers_where_dxgi_refuses(library: FakeDxgi) -> None:
    found = windows.probe(
        ram=RAM,
        environment={},
        list_adapters=lambda: dxgi.adapters(library),
        read_registry=lambda: (
            DRIVER,
            RegistryAdapter(name="Basic", driver=None, memory_bytes=None, device="ROOT\\X"),
        ),
        platform_name="win32",
    )
    (card,) = found.accelerators
    assert card.source == "registry"
    assert card.memory_total_bytes == 24 * GIB
    assert card.memory_free_bytes is None
    assert "0x8" in found.failures[0].reason


@pytest.mark.skipif(sys.platform == "win32", reason="there DXGI is real")
def test_that_elsewhere_there_is_no_dxgi() -> None:
    with pytest.raises(OSError, match="no DXGI"):
        dxgi.load()
    assert windows.registry_adapters() == ()
    found = windows.probe(ram=RAM, environment={}, platform_name="linux")
    assert not found.probes[0].ok
    assert found.failures == ()
