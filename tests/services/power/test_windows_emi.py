from __future__ import annotations

import struct
import sys
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.energy.power import Scope
from landfall.services.power import windows_emi
from landfall.services.power.windows_emi import channels, measurement

NAMES = ("RAPL_Package0_PKG", "RAPL_Package0_PP0", "RAPL_Package0_DRAM", "RAPL_Package1_PKG")


def named(name: str) -> bytes:
    return name.encode("utf-16-le") + b"\0\0"


def second_version(*names: str, unit: int = 0) -> bytes:
    text = struct.pack("<64sHH", b"", 1, len(names))
    for name in names:
        text += struct.pack("<iH", unit, len(named(name))) + named(name)
    return text


def first_version(name: str) -> bytes:
    return struct.pack("<i64sHH", 0, b"", 1, len(named(name))) + named(name)


@dataclass(kw_only=True)
class FakeDevice:
    """A meter; `energies` are picowatt-hours by channel, `ticks` of 100 ns."""

    version: int = 2
    metadata: bytes = field(default_factory=lambda: second_version(*NAMES))
    energies: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    ticks: int = 0
    fails: bool = False
    cut: bool = False
    opened: int = 0

    def control(self, code: int, size: int) -> bytes:
        if self.fails:
            raise OSError("device gone")
        match code:
            case 0x224000:
                return struct.pack("<H", self.version)
            case 0x224004:
                return struct.pack("<I", len(self.metadata))
            case 0x224008:
                assert size == len(self.metadata)
                return self.metadata
            case 0x22400C:
                answer = b"".join(struct.pack("<QQ", e, self.ticks) for e in self.energies)
                return answer[: 5 if self.cut else size]
        raise AssertionError(hex(code))

    def close(self) -> None:
        self.opened -= 1


def found(device: FakeDevice) -> tuple[windows_emi.PowerSource, ...]:
    def opened(path: str) -> FakeDevice:
        assert path == "meter"
        device.opened += 1
        return device

    return windows_emi.discover(
        list_devices=lambda: ("meter",), open_device=opened, clock=lambda: 9.0
    )


def test_that_only_packages_in_picowatt_hours_are_taken() -> None:
    device = FakeDevice()
    assert [source.name for source in found(device)] == [
        "EMI RAPL_Package0_PKG",
        "EMI RAPL_Package1_PKG",
    ]
    assert device.opened == 0
    (other,) = found(FakeDevice(metadata=second_version(*NAMES, unit=7)))
    assert not other.available


def test_that_power_is_by_the_devices_own_time() -> None:
    device = FakeDevice()
    _, second = found(device)
    assert second.read().watts is None
    device.energies[3] = 8_000_000_000
    device.ticks = 20_000_000
    sample = second.read()
    assert sample.watts == pytest.approx(28.8 / 2)
    assert sample.joules == pytest.approx(28.8)
    assert (sample.at, sample.scope) == (9.0, Scope.CPU_PACKAGE)
    second.close()
    assert device.opened == 0


@pytest.mark.parametrize("fault", ["fails", "cut"])
def test_that_a_device_that_goes_away_or_answers_half_is_a_gap(fault: str) -> None:
    device = FakeDevice()
    source, _ = found(device)
    source.read()
    setattr(device, fault, True)
    sample = source.read()
    assert sample.watts is None
    assert sample.reason
    setattr(device, fault, False)
    assert "first reading" in source.read().reason
    source.close()
    assert device.opened == 0


def test_that_a_standing_counter_is_a_gap() -> None:
    device = FakeDevice()
    source, _ = found(device)
    source.read()
    device.ticks = 10_000_000
    assert "stands still" in source.read().reason
    source.close()


def test_that_the_first_version_has_one_channel() -> None:
    (only,) = channels(1, first_version("RAPL_Package0_PKG"))
    assert (only.index, only.name, only.unit) == (0, "RAPL_Package0_PKG", 0)
    device = FakeDevice(version=1, metadata=first_version("RAPL_Package0_PKG"), energies=[5])
    assert found(device)[0].available


@pytest.mark.parametrize(
    "device",
    [FakeDevice(version=3), FakeDevice(metadata=b"short"), FakeDevice(fails=True)],
    ids=["version", "cut", "fails"],
)
def test_that_a_meter_that_cannot_be_understood_says_so(device: FakeDevice) -> None:
    (source,) = found(device)
    assert not source.available
    assert source.reason
    assert device.opened == 0


def test_that_a_meter_that_cannot_be_opened_or_listed_says_so() -> None:
    def refused(path: str = "") -> FakeDevice:
        raise OSError("access denied")

    (source,) = windows_emi.discover(list_devices=lambda: ("meter",), open_device=refused)
    assert "access denied" in source.reason

    def broken() -> tuple[str, ...]:
        raise OSError("no list")

    (source,) = windows_emi.discover(list_devices=broken)
    assert "no list" in source.reason


@pytest.mark.skipif(sys.platform == "win32", reason="there the meters may be real")
def test_that_elsewhere_there_is_none_and_the_reason_is_told() -> None:
    (source,) = windows_emi.discover()
    assert "Windows 11" in source.reason
    with pytest.raises(OSError, match="not Windows"):
        windows_emi.open_path("x")


@given(st.binary(max_size=120), st.integers(0, 3))
def test_that_no_metadata_crashes_the_reader(metadata: bytes, version: int) -> None:
    try:
        found_channels = channels(version, metadata)
    except ValueError:
        return
    assert all(channel.index < 65536 for channel in found_channels)


@given(st.binary(max_size=40), st.integers(0, 5))
def test_that_no_measurement_crashes_the_reader(answer: bytes, channel: int) -> None:
    try:
        joules, seconds = measurement(answer, channel)
    except ValueError:
        return
    assert joules >= 0
    assert seconds >= 0
