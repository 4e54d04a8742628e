from __future__ import annotations

from pathlib import Path

import pytest

from landfall.core.machine.hardware import GIB, Accelerator, AcceleratorKind, Ram
from landfall.core.provenance import Unknown
from landfall.services.hardware import amd, drm, intel
from landfall.services.hardware.finding import IGPU_LEFT_OUT, IGPU_VARIABLE, Finding
from tests.fakes import sysfs

RAM = Ram(total_bytes=128 * GIB, available_bytes=100 * GIB, bandwidth_bytes_per_s=Unknown("test"))
XTX: dict[str, object] = {
    "mem_info_vram_total": 24560 << 20,
    "mem_info_vram_used": 1 << 30,
    "mem_info_gtt_total": 64 << 30,
    "hwmon/hwmon3/power1_cap": 339_000_000,
}


def amd_probed(root: Path, environment: dict[str, str] | None = None) -> Finding:
    cards = [c for c in drm.listing(root / "sys").cards if c.vendor == drm.AMD]
    return amd.probe(cards, root=root, ram=RAM, environment=environment or {})


def only(found: Finding) -> Accelerator:
    (accelerator,) = found.accelerators
    return accelerator


def strix(root: Path, device: str, carve_out: int) -> None:
    files: dict[str, object] = {
        "mem_info_vram_total": carve_out,
        "mem_info_vram_used": 256 << 20,
        "mem_info_gtt_total": 60 << 30,
        "mem_info_gtt_used": 1 << 30,
    }
    sysfs.card(
        root, 0, vendor=drm.AMD, device=device, driver="amdgpu", bus_id="0000:c5:00.0", files=files
    )


def test_that_an_amd_card_is_read_and_named_by_its_revision(tmp_path: Path) -> None:
    sysfs.names(tmp_path)
    sysfs.card(
        tmp_path,
        1,
        vendor=drm.AMD,
        device="0x744c",
        revision="0xc8",
        driver="amdgpu",
        bus_id="0000:03:00.0",
        files=XTX,
    )
    card = only(amd_probed(tmp_path))
    assert card.name == "AMD Radeon RX 7900 XTX"
    assert card.kind is AcceleratorKind.DISCRETE
    assert card.memory_total_bytes == 24560 << 20
    assert card.memory_free_bytes == (24560 << 20) - GIB
    assert card.usable_bytes == (24560 << 20) - 2 * GIB
    assert card.power_limit_watts == 339
    assert card.pci_bus_id == "0000:03:00.0"


def test_that_a_chip_of_several_cards_keeps_all_their_names(tmp_path: Path) -> None:
    sysfs.names(tmp_path)
    sysfs.card(
        tmp_path,
        1,
        vendor=drm.AMD,
        device="0x744c",
        revision="0xff",
        driver="amdgpu",
        bus_id="0000:03:00.0",
        files=XTX,
    )
    assert only(amd_probed(tmp_path)).name == (
        "Radeon RX 7900 XT or Radeon RX 7900 XTX or Radeon RX 7900 GRE or Radeon RX 7900M"
    )


def test_that_used_memory_that_is_not_told_leaves_free_unknown(tmp_path: Path) -> None:
    files = {"mem_info_vram_total": 8 << 30, "hwmon/hwmon0/power1_cap": 1}
    sysfs.card(
        tmp_path,
        0,
        vendor=drm.AMD,
        device="0x7550",
        driver="amdgpu",
        bus_id="0000:03:00.0",
        files=files,
    )
    card = only(amd_probed(tmp_path))
    assert card.memory_free_bytes is None
    assert card.usable_bytes is None
    assert card.name == "AMD GPU 0x7550"


def test_that_strix_halo_counts_carve_out_and_mappable_memory(tmp_path: Path) -> None:
    strix(tmp_path, "0x1586", 64 << 30)
    chip = only(amd_probed(tmp_path))
    assert chip.kind is AcceleratorKind.UNIFIED
    assert chip.memory_total_bytes == 124 << 30
    assert chip.memory_free_bytes == (64 << 30) - (256 << 20) + (59 << 30)
    assert chip.usable_bytes == chip.memory_free_bytes - GIB


def test_that_mappable_memory_is_never_more_than_what_is_available(tmp_path: Path) -> None:
    strix(tmp_path, "0x1586", 1 << 30)
    cards = drm.listing(tmp_path / "sys").cards
    little = Ram(
        total_bytes=16 * GIB, available_bytes=4 * GIB, bandwidth_bytes_per_s=Unknown("test")
    )
    chip = only(amd.probe(cards, root=tmp_path, ram=little, environment={}))
    assert chip.memory_free_bytes == (1 << 30) - (256 << 20) + 4 * GIB


def test_that_a_gpu_in_the_processor_gets_nothing_unless_ollama_is_told(tmp_path: Path) -> None:
    strix(tmp_path, "0x150e", 512 << 20)
    plain = only(amd_probed(tmp_path))
    told = only(amd_probed(tmp_path, {IGPU_VARIABLE: "1"}))
    assert plain.kind is told.kind is AcceleratorKind.INTEGRATED
    assert plain.usable_bytes == 0
    assert IGPU_LEFT_OUT in plain.reasons
    assert told.usable_bytes is not None
    assert told.usable_bytes > 50 * GIB
    assert IGPU_LEFT_OUT not in told.reasons


def test_that_an_unknown_chip_with_little_memory_beside_much_mappable_is_in_the_processor(
    tmp_path: Path,
) -> None:
    strix(tmp_path, "0xffff", 512 << 20)
    assert only(amd_probed(tmp_path)).kind is AcceleratorKind.INTEGRATED


def test_that_a_card_bound_to_another_driver_is_a_failure(tmp_path: Path) -> None:
    sysfs.card(
        tmp_path,
        0,
        vendor=drm.AMD,
        device="0x744c",
        driver="vfio-pci",
        bus_id="0000:03:00.0",
    )
    found = amd_probed(tmp_path)
    assert found.accelerators == ()
    assert "vfio-pci" in found.failures[0].reason


def test_that_a_driver_that_tells_no_memory_is_a_failure(tmp_path: Path) -> None:
    sysfs.card(tmp_path, 0, vendor=drm.AMD, device="0x744c", driver="amdgpu", bus_id="0000:03:00.0")
    assert "memory" in amd_probed(tmp_path).failures[0].reason


def test_that_one_pci_device_is_listed_once_and_the_second_entry_said(tmp_path: Path) -> None:
    for number in range(6):
        strix_again = tmp_path / f"sys/class/drm/card{number}"
        sysfs.card(
            tmp_path,
            number,
            vendor=drm.AMD,
            device="0x150e",
            driver="amdgpu",
            bus_id="0000:c5:00.0",
        )
        assert strix_again.is_dir()
    listing = drm.listing(tmp_path / "sys")
    assert len(listing.cards) == 1
    assert len(listing.left_out) == 5
    assert "listed already" in listing.left_out[0]


@pytest.mark.parametrize(
    ("vendor", "word"),
    [("0x1af4", "virtio"), ("0x1a03", "ASPEED"), ("0x1234", "Bochs"), ("0xabcd", "no vendor")],
)
def test_that_adapters_that_run_no_models_are_left_out_with_a_reason(
    tmp_path: Path, vendor: str, word: str
) -> None:
    sysfs.card(tmp_path, 0, vendor=vendor, device="0x1050", driver="x", bus_id="0000:00:01.0")
    listing = drm.listing(tmp_path / "sys")
    assert listing.cards == ()
    assert word in listing.left_out[0]


def test_that_a_machine_without_graphics_lists_nothing(tmp_path: Path) -> None:
    assert drm.listing(tmp_path / "sys") == drm.Listing((), ())
    assert amd_probed(tmp_path).failures == ()


def test_that_connectors_are_no_cards(tmp_path: Path) -> None:
    strix(tmp_path, "0x1586", 1 << 30)
    assert len(drm.listing(tmp_path / "sys").cards) == 1


def test_that_an_intel_card_is_discrete_and_the_one_in_the_processor_is_not(
    tmp_path: Path,
) -> None:
    sysfs.names(tmp_path)
    sysfs.card(tmp_path, 0, vendor=drm.INTEL, device="0xa7a0", driver="i915", bus_id="0000:00:02.0")
    sysfs.card(tmp_path, 1, vendor=drm.INTEL, device="0xe20b", driver="xe", bus_id="0000:03:00.0")
    inside, card = intel.probe(drm.listing(tmp_path / "sys").cards, root=tmp_path).accelerators
    assert (inside.name, inside.kind) == ("Iris Xe Graphics", AcceleratorKind.INTEGRATED)
    assert inside.usable_bytes == 0
    assert (card.name, card.kind) == ("Arc B580", AcceleratorKind.DISCRETE)
    assert card.usable_bytes is None
    assert card.reasons


def test_that_an_intel_card_bound_to_another_driver_is_a_failure(tmp_path: Path) -> None:
    sysfs.card(
        tmp_path, 0, vendor=drm.INTEL, device="0x56a0", driver="vfio-pci", bus_id="0000:03:00.0"
    )
    found = intel.probe(drm.listing(tmp_path / "sys").cards, root=tmp_path)
    assert found.failures


def test_that_a_card_is_asleep_when_the_kernel_says_so(tmp_path: Path) -> None:
    sysfs.card(
        tmp_path,
        0,
        vendor=drm.AMD,
        device="0x744c",
        driver="amdgpu",
        bus_id="0000:03:00.0",
        files=XTX,
        status="suspended",
    )
    assert any("sleeps" in reason for reason in only(amd_probed(tmp_path)).reasons)


@pytest.mark.parametrize(
    ("device", "names"),
    [
        ("28e0", ("GeForce RTX 4060 Max-Q Mobile",)),
        ("ffff", ()),
    ],
)
def test_that_the_pci_table_gives_names(device: str, names: tuple[str, ...]) -> None:
    assert drm.pci_names(sysfs.PCI_IDS, vendor="10de", device=device) == names


def test_that_a_number_of_another_vendor_is_not_taken() -> None:
    assert drm.pci_names(sysfs.PCI_IDS, vendor="10de", device="744c") == ()


def test_that_a_servers_own_product_name_is_taken(tmp_path: Path) -> None:
    sysfs.names(tmp_path)
    files = {**XTX, "product_name": "AMD Instinct MI300X OAM"}
    sysfs.card(
        tmp_path,
        0,
        vendor=drm.AMD,
        device="0x74a1",
        driver="amdgpu",
        bus_id="0000:03:00.0",
        files=files,
    )
    assert only(amd_probed(tmp_path)).name == "AMD Instinct MI300X OAM"
