from __future__ import annotations

from typing import Any

import pytest

from landfall.core.machine.hardware import GIB, AcceleratorKind, Ram
from landfall.core.machine.hardware_match import match
from landfall.core.provenance import Unknown
from landfall.services.hardware import apple, known
from landfall.services.hardware.finding import Finding
from tests.fakes.mac import FakeMac

RAM = Ram(total_bytes=16 * GIB, available_bytes=9 * GIB, bandwidth_bytes_per_s=Unknown("test"))

M4 = """\
+-o AGXAcceleratorG16G  <class AGXAcceleratorG16G, id 0x10000039c, registered>
    {
      "IOMatchedAtBoot" = Yes
      "PerformanceStatistics" = {"In use system memory (driver)"=0,"Tiler Utilization %"=30}
      "model" = "Apple M4"
      "gpu-core-count" = 10
    }
"""


def facts(chip: str = "Apple M4", memory: int = 16 * GIB, **more: Any) -> dict[str, Any]:
    return {
        "machdep.cpu.brand_string": chip,
        "hw.memsize": memory,
        "hw.model": "Mac16,12",
        "kern.osproductversion": "26.1",
        **more,
    }


def probed(mac: FakeMac, registry: str = M4) -> Finding:
    return apple.probe(ram=RAM, load=lambda: mac, ioreg=lambda: registry, platform_name="darwin")


def test_that_a_mac_tells_chip_memory_and_working_set() -> None:
    mac = FakeMac(facts=facts())
    found = probed(mac)
    (chip,) = found.accelerators
    assert chip.name == "Apple M4 10-core GPU"
    assert chip.kind is AcceleratorKind.UNIFIED
    assert chip.memory_total_bytes == 16 * GIB
    assert chip.memory_free_bytes == 9 * GIB
    assert chip.usable_bytes == (12713 << 20) - GIB
    assert chip.driver == "26.1"
    assert chip.reasons == ()
    assert "Mac16,12" in found.probes[0].answer
    assert mac.released == 1


def test_that_the_gpus_cores_pick_the_catalogues_bin() -> None:
    rows, _ = known.rows()
    (chip,) = probed(FakeMac(facts=facts())).accelerators
    found = match(chip.name, rows, vendor=chip.vendor, gpu_cores=apple.gpu_cores(M4))
    assert [row.name for row in found] == ["M4 10-core"]


def test_that_without_metal_the_budget_is_unknown_and_said() -> None:
    (chip,) = probed(FakeMac(facts=facts(), has_metal=False)).accelerators
    assert chip.usable_bytes is None
    assert any("Metal" in reason for reason in chip.reasons)


def test_that_a_limit_set_by_hand_is_said_and_zero_is_none() -> None:
    by_hand = facts() | {"iogpu.wired_limit_mb": 14336}
    (chip,) = probed(FakeMac(facts=by_hand)).accelerators
    assert any("14.0 GiB" in reason for reason in chip.reasons)
    default = facts() | {"iogpu.wired_limit_mb": 0}
    assert probed(FakeMac(facts=default)).accelerators[0].reasons == ()


def test_that_a_number_of_four_bytes_is_read_too() -> None:
    mac = FakeMac(facts=facts() | {"iogpu.wired_limit_mb": (14336).to_bytes(4, "little")})
    assert apple.sysctl_number(mac.system, "iogpu.wired_limit_mb") == 14336


def test_that_an_empty_or_missing_fact_is_none() -> None:
    mac = FakeMac(facts={"hw.osenvironment": "", "odd": b"abc"})
    assert apple.sysctl_text(mac.system, "hw.osenvironment") is None
    assert apple.sysctl_text(mac.system, "missing") is None
    assert apple.sysctl_number(mac.system, "odd") is None


def test_that_a_translated_process_is_told_to_change() -> None:
    found = probed(FakeMac(facts=facts() | {"sysctl.proc_translated": 1}))
    assert found.accelerators == ()
    assert "Rosetta" in found.failures[0].reason
    assert "Apple Silicon" in found.failures[0].hint


def test_that_an_intel_mac_runs_on_its_processor() -> None:
    found = probed(FakeMac(facts=facts("Intel(R) Core(TM) i7-9750H CPU @ 2.60GHz")))
    assert found.accelerators == ()
    assert found.failures == ()
    assert "processor alone" in found.probes[0].answer


def test_that_a_virtual_mac_is_said_to_be_one() -> None:
    (chip,) = probed(FakeMac(facts=facts("Apple M1 (Virtual)", 7516192768)), "").accelerators
    assert chip.name == "Apple M1 (Virtual)"
    assert any("virtual machine" in reason for reason in chip.reasons)


def test_that_a_library_that_cannot_be_loaded_is_a_failure() -> None:
    def broken() -> FakeMac:
        raise OSError("image not found")

    found = apple.probe(ram=RAM, load=broken, ioreg=lambda: "", platform_name="darwin")
    assert "image not found" in found.failures[0].reason


def test_that_other_systems_are_not_asked() -> None:
    found = apple.probe(ram=RAM, platform_name="linux")
    assert found.failures == ()
    assert not found.probes[0].ok


@pytest.mark.parametrize(("text", "cores"), [(M4, 10), ("", None), ('"gpu-core-count" = x', None)])
def test_that_cores_are_read_from_the_registrys_text(text: str, cores: int | None) -> None:
    assert apple.gpu_cores(text) == cores


def test_that_a_missing_ioreg_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apple, "_IOREG", ("/nonexistent/ioreg",))
    assert apple._run_ioreg() == ""
