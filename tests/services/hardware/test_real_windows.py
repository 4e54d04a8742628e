"""What the probes ask of Windows itself, asked for real: on Windows, and under Wine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from landfall.core.machine.hardware import GIB, Ram
from landfall.core.provenance import Unknown
from landfall.services.hardware import dxgi, host, windows
from landfall.services.power import windows_battery, windows_emi

if sys.platform != "win32":
    pytest.skip("asks Windows", allow_module_level=True)

import winreg

RAM = Ram(total_bytes=8 * GIB, available_bytes=4 * GIB, bandwidth_bytes_per_s=Unknown("test"))
DRIVERS = rf"Software\Landfall-test-{os.getpid()}"
QWORD = "HardwareInformation.qwMemorySize"


@pytest.fixture
def drivers(monkeypatch: pytest.MonkeyPatch) -> Iterator[winreg.HKEYType]:
    """A key of the user's own, laid out like that of the display drivers, read in its place."""
    monkeypatch.setattr(windows, "_CLASS", DRIVERS)
    monkeypatch.setattr(windows.winreg, "HKEY_LOCAL_MACHINE", winreg.HKEY_CURRENT_USER)
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, DRIVERS) as key:
        yield key
        for index in reversed(range(winreg.QueryInfoKey(key)[0])):
            winreg.DeleteKey(key, winreg.EnumKey(key, index))
    winreg.DeleteKey(winreg.HKEY_CURRENT_USER, DRIVERS)


def put(drivers: winreg.HKEYType, name: str, **values: tuple[int, object]) -> None:
    with winreg.CreateKey(drivers, name) as key:
        for one, (kind, value) in values.items():
            winreg.SetValueEx(key, QWORD if one == "memory" else one, 0, kind, value)


def test_that_the_drivers_of_the_registry_are_read(drivers: winreg.HKEYType) -> None:
    put(
        drivers,
        "0000",
        DriverDesc=(winreg.REG_SZ, "Karte für Wärme"),
        MatchingDeviceId=(winreg.REG_SZ, r"PCI\VEN_1002&DEV_744C"),
        DriverVersion=(winreg.REG_SZ, "32.0.1"),
        memory=(winreg.REG_QWORD, 24 * GIB),
    )
    put(
        drivers,
        "0001",
        DriverDesc=(winreg.REG_SZ, "Without a size"),
        MatchingDeviceId=(winreg.REG_SZ, "x"),
    )
    put(drivers, "0002", DriverDesc=(winreg.REG_SZ, "Half a driver"))
    put(drivers, "Properties", DriverDesc=(winreg.REG_SZ, "no driver"))
    card, other = windows.registry_adapters()
    assert (card.name, card.driver, card.memory_bytes) == ("Karte für Wärme", "32.0.1", 24 * GIB)
    assert (other.name, other.driver, other.memory_bytes) == ("Without a size", None, None)


def test_that_no_drivers_are_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "_CLASS", rf"{DRIVERS}\missing")
    assert windows.registry_adapters() == ()


def test_that_dxgi_tells_its_adapters() -> None:
    for adapter in dxgi.adapters(dxgi.load()):
        assert adapter.name
        assert adapter.dedicated_bytes >= 0
        assert adapter.luid


def test_that_the_probe_of_this_machine_answers() -> None:
    found = windows.probe(ram=RAM, environment={})
    assert found.probes
    for card in found.accelerators:
        assert card.memory_total_bytes > 0


def test_that_the_host_is_described() -> None:
    found = host.probe(sysfs=Path("none"), procfs=Path("none"), environment={}, models_path=None)
    assert found.system.os == "windows"
    assert found.system.version
    assert found.cpu.name
    assert found.ram.total_bytes > 0
    assert found.disk.free_bytes


def test_that_meters_are_listed_or_their_want_is_told() -> None:
    assert isinstance(windows_emi.device_paths(), tuple)
    for source in windows_emi.discover():
        assert source.available or source.reason
    with pytest.raises(OSError, match="WinError"):
        windows_emi.open_path(r"\\?\landfall-no-such-meter")


def test_that_a_file_is_no_meter_and_is_closed(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    device = windows_emi.open_path(str(file))
    with pytest.raises(OSError, match="WinError"):
        device.control(0x224000, 64)
    device.close()
    file.unlink()  # which Windows refuses while it is open


def test_that_the_battery_answers_as_windows_has_it() -> None:
    (source,) = windows_battery.discover(query=windows_battery.state) or (None,)
    if source is not None:
        assert source.available or source.reason
