"""Batteries of Windows and MacBooks, by recorded answers."""

from __future__ import annotations

import struct
import sys

import pytest

from landfall.core.energy.power import Quality, Scope
from landfall.core.energy.wall import MACBOOK_EFFICIENCY
from landfall.services.power import apple_battery, windows_battery
from landfall.services.power.apple_battery import efficiency, mean_watts, telemetry
from landfall.services.run.metering import Metering

M4_AIR = (
    '  |   "PowerTelemetryData" = {"AccumulatedWallEnergyEstimate"=619144936,'
    '"SystemEnergyConsumed"=3660,"SystemLoad"=13177,"AccumulatedSystemLoad"=2118775727,'
    '"AccumulatedSystemEnergyConsumed"=586363042,"SystemLoadAccumulatorCount"=167702,'
    '"SystemPowerIn"=13177,"BatteryPower"=18446744073709546980}\n'
)


def later(load: int, count: int) -> str:
    return M4_AIR.replace("2118775727", str(2118775727 + load)).replace(
        "167702", str(167702 + count)
    )


def test_that_telemetry_is_read_and_wrapped_numbers_are_negative() -> None:
    table = telemetry(M4_AIR)
    assert table["SystemLoad"] == 13177
    assert table["BatteryPower"] == -4636
    assert telemetry("no such table") == {}


def test_that_a_macbook_tells_the_efficiency_of_its_charger() -> None:
    assert efficiency(telemetry(M4_AIR)) == pytest.approx(0.947, abs=1e-3)
    assert efficiency({}) is None
    garbage = {"AccumulatedSystemEnergyConsumed": 1, "AccumulatedWallEnergyEstimate": 1 << 50}
    assert efficiency(garbage) is None


def test_that_the_mean_is_by_the_sums_between_two_publications() -> None:
    first = telemetry(M4_AIR)
    assert mean_watts(first, telemetry(later(20_000 * 45, 45))) == pytest.approx(20.0)
    assert mean_watts(first, first) is None
    assert mean_watts(first, {}) is None
    assert mean_watts(telemetry(later(900, 9)), first) is None


class Ioreg:
    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def ask(self) -> str:
        said = self.answers.pop(0)
        if said == "hangs":
            raise OSError("ioreg did not answer in 2 s")
        return said


def test_that_a_macbook_without_the_controller_is_measured_by_its_telemetry() -> None:
    ioreg = Ioreg(M4_AIR, M4_AIR, M4_AIR, "hangs", later(30_000 * 60, 60))
    (source,) = apple_battery.discover(beside_smc=False, question=ioreg.ask, clock=ioreg.clock)
    assert (source.scope, source.quality) == (Scope.SYSTEM_DC, Quality.ROUGH)
    reasons = []
    for at in (1.0, 2.0, 32.0, 63.0):
        ioreg.now = at
        sample = source.read()
        assert sample.watts is None
        reasons.append(sample.reason)
    assert reasons[0] == reasons[1] == "first reading of a counter"
    assert reasons[2] == "not told anew"
    assert "did not answer" in reasons[3]
    ioreg.now = 94.0
    assert source.read().watts == pytest.approx(30.0)
    source.close()


@pytest.mark.parametrize(
    ("answer", "beside", "word"),
    [
        (M4_AIR, True, "faster"),
        ("", False, "no battery telemetry"),
        ("hangs", False, "did not answer"),
    ],
)
def test_that_telemetry_that_is_not_used_says_why(answer: str, beside: bool, word: str) -> None:
    (source,) = apple_battery.discover(beside_smc=beside, question=Ioreg(answer).ask)
    assert not source.available
    assert word in source.reason


@pytest.mark.parametrize(
    ("answer", "beside", "share"),
    [
        (M4_AIR, True, 0.947),
        (M4_AIR, False, 0.947),
        (M4_AIR.replace("Accumulated", "Other"), True, MACBOOK_EFFICIENCY),
        ("", True, None),
    ],
)
def test_that_the_charger_is_known_to_who_reckons_the_plug(
    answer: str, beside: bool, share: float | None
) -> None:
    sources = apple_battery.discover(beside_smc=beside, question=Ioreg(answer).ask)
    found = Metering(sources).supply_efficiency
    assert found == (None if share is None else pytest.approx(share, abs=1e-3))


@pytest.mark.skipif(sys.platform == "darwin", reason="there ioreg is real")
def test_that_elsewhere_there_is_no_ioreg() -> None:
    (source,) = apple_battery.discover(beside_smc=False)
    assert not source.available


def state(rate: int, *, present: int = 1, discharging: int = 1) -> bytes:
    answer = struct.pack(
        "<4B3xB6I", 1 - discharging, present, 0, discharging, 0, 60000, 40000, rate, 7200, 0, 0
    )
    assert len(answer) == windows_battery.SIZE_BYTES == 32
    return answer


def test_that_a_discharging_battery_of_windows_tells_the_machines_power() -> None:
    (source,) = windows_battery.discover(query=lambda: state((1 << 32) - 18_500))
    sample = source.read()
    assert (sample.watts, source.scope, source.available) == (18.5, Scope.SYSTEM_DC, True)
    assert source.quality is Quality.FAIR
    assert source.reason == "the whole machine"
    source.close()


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (state(0x80000000), "does not tell"),
        (state(0), "does not tell"),
        (state(20_000, discharging=0), "only while it is discharging"),
        (state(0x7FFFFFFF), "beyond"),
        (b"\x01\x01", "cut"),
    ],
)
def test_that_what_the_battery_cannot_tell_is_a_gap(answer: bytes, word: str) -> None:
    (source,) = windows_battery.discover(query=lambda: answer)
    assert source.read().watts is None
    assert word in source.read().reason
    assert not source.available
    assert source.quality is Quality.NONE


def test_that_a_machine_without_a_battery_has_no_such_source() -> None:
    assert windows_battery.discover(query=lambda: state(5, present=0)) == ()
    assert windows_battery.discover(query=lambda: b"") == ()


def test_that_a_battery_that_fails_later_is_a_gap() -> None:
    answers = [state(5000)]

    def query() -> bytes:
        if not answers:
            raise OSError("gone")
        return answers.pop()

    (source,) = windows_battery.discover(query=query)
    assert "gone" in source.read().reason


@pytest.mark.skipif(sys.platform == "win32", reason="there the battery is real")
def test_that_elsewhere_windows_is_not_asked() -> None:
    assert windows_battery.discover() == ()


def test_that_what_a_macbook_took_in_before_it_was_unplugged_is_not_its_power() -> None:
    """SystemPowerIn stays as it was when unplugged, and its sum is garbage on some chips."""

    def told(count: int) -> str:
        load = 8664338239 + count * 6879
        return (
            '"PowerTelemetryData" = {"SystemPowerIn"=99000,"SystemLoad"=6879,'
            f'"AccumulatedSystemLoad"={load},"SystemLoadAccumulatorCount"={2499099 + count},'
            '"AccumulatedSystemPowerIn"=1018125558554026}'
        )

    assert mean_watts(telemetry(told(0)), telemetry(told(60))) == pytest.approx(6.879)
