from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from landfall.core.energy.power import Quality, Scope, outermost
from landfall.core.provenance import Unknown
from landfall.services.hardware import drm
from landfall.services.power import battery, linux_sysfs
from landfall.services.power.mains import NO_BATTERY, NOT_TOLD, on_battery, runs_on_battery
from landfall.services.power.source import Counter, PowerSource
from tests.fakes import sysfs

ROOT = Path(__file__).parents[3]
_NOBODY = 65534


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def found(root: Path, clock: Callable[[], float] | None = None) -> dict[str, PowerSource]:
    sources = linux_sysfs.discover(sysfs=root / "sys", clock=clock or Clock())
    return {source.name: source for source in sources}


def test_that_only_packages_are_taken_and_nothing_inside_or_around_them(tmp_path: Path) -> None:
    sysfs.rapl(tmp_path, "intel-rapl:0", name="package-0", energy_uj=10)
    sysfs.rapl(tmp_path, "intel-rapl:0:0", name="core", energy_uj=11)
    sysfs.rapl(tmp_path, "intel-rapl:0:1", name="dram", energy_uj=12)
    sysfs.rapl(tmp_path, "intel-rapl:1", name="psys", energy_uj=13)
    sysfs.rapl(tmp_path, "intel-rapl:2", name="package-1", energy_uj=14)
    sysfs.rapl(tmp_path, "intel-rapl-mmio:0", name="package-0", energy_uj=15)
    sources = found(tmp_path)
    assert set(sources) == {"RAPL package-0", "RAPL package-1"}
    assert {source.scope for source in sources.values()} == {Scope.CPU_PACKAGE}


def test_that_a_package_mirrored_once_a_die_counts_once(tmp_path: Path) -> None:
    for die in range(4):
        name = f"package-0-die-{die}"
        sysfs.rapl(tmp_path, f"intel-rapl:{die}", name=name, energy_uj=777)
    assert set(found(tmp_path)) == {"RAPL package-0-die-0"}


def test_that_watts_are_joules_over_time_and_wrap_around(tmp_path: Path) -> None:
    clock = Clock()
    zone = sysfs.rapl(tmp_path, "intel-rapl:0", name="package-0", energy_uj=262_140_000_000)
    source = found(tmp_path, clock)["RAPL package-0"]
    first = source.read()
    assert first.watts is None
    assert first.joules == 0.0
    clock.now = 0.5
    sysfs.write(zone / "energy_uj", 12_000_000)
    second = source.read()
    assert second.joules == pytest.approx(15.32885)
    assert second.watts == pytest.approx(30.6577)


def test_that_a_standing_counter_is_a_gap_and_later_watts_cover_the_pause(tmp_path: Path) -> None:
    clock = Clock()
    zone = sysfs.rapl(tmp_path, "intel-rapl:0", name="package-0", energy_uj=1_000_000)
    source = found(tmp_path, clock)["RAPL package-0"]
    source.read()
    clock.now = 1.0
    standing = source.read()
    assert standing.watts is None
    assert "stands still" in standing.reason
    clock.now = 2.0
    sysfs.write(zone / "energy_uj", 21_000_000)
    assert source.read().watts == pytest.approx(10.0)


def test_that_a_counter_not_read_for_a_minute_starts_anew(tmp_path: Path) -> None:
    clock = Clock()
    zone = sysfs.rapl(tmp_path, "intel-rapl:0", name="package-0", energy_uj=1_000_000)
    source = found(tmp_path, clock)["RAPL package-0"]
    source.read()
    clock.now = 61.0
    sysfs.write(zone / "energy_uj", 21_000_000)
    late = source.read()
    assert late.watts is None
    assert "started again" in late.reason


def test_that_a_counter_that_vanishes_is_a_gap(tmp_path: Path) -> None:
    zone = sysfs.rapl(tmp_path, "intel-rapl:0", name="package-0", energy_uj=1)
    source = found(tmp_path)["RAPL package-0"]
    (zone / "energy_uj").unlink()
    assert "cannot be read" in source.read().reason
    sysfs.write(zone / "energy_uj", "nonsense")
    assert "no number" in source.read().reason
    source.close()


def test_that_a_machine_without_the_counter_says_so(tmp_path: Path) -> None:
    source = found(tmp_path)["RAPL"]
    assert not source.available
    assert "virtual machines" in source.reason


# Root reads what nobody may: the child imports as root and then gives its rights up.
_CHILD = f"""
import json, os, sys
from pathlib import Path
from landfall.services.power import linux_sysfs
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid({_NOBODY})
    os.setuid({_NOBODY})
sources = linux_sysfs.discover(sysfs=Path(sys.argv[1]) / "sys")
print(json.dumps([[s.available, s.reason, s.read().watts] for s in sources]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="RAPL's files are Linux's")
def test_that_a_counter_only_the_administrator_may_read_names_the_rule() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        zone = sysfs.rapl(Path(folder), "intel-rapl:0", name="package-0", energy_uj=10)
        (zone / "energy_uj").chmod(0)
        answer = subprocess.run(
            [sys.executable, "-c", _CHILD, folder],
            env={**os.environ, "PYTHONPATH": str(ROOT / "app")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert answer.returncode == 0, answer.stderr
    ((available, reason, watts),) = json.loads(answer.stdout)
    assert not available
    assert watts is None
    assert linux_sysfs.RAPL_RULE in reason


def amd(root: Path, files: dict[str, object], device: str = "0x744c") -> Path:
    return sysfs.card(
        root,
        0,
        vendor=drm.AMD,
        device=device,
        driver="amdgpu",
        bus_id="0000:03:00.0",
        files={"mem_info_vram_total": 24 << 30, **files},
    )


@pytest.mark.parametrize(
    ("files", "watts"),
    [
        ({"hwmon/hwmon3/power1_average": 185_500_000}, 185.5),
        ({"hwmon/hwmon3/power1_input": 12_000_000}, 12.0),
        (
            {
                "hwmon/hwmon3/power1_average": 100_000_000,
                "hwmon/hwmon3/power1_input": 12_000_000,
            },
            100.0,
        ),
    ],
)
def test_that_an_amd_card_is_read_by_average_or_input(
    tmp_path: Path, files: dict[str, object], watts: float
) -> None:
    amd(tmp_path, files)
    source = found(tmp_path)["amdgpu 0000:03:00.0"]
    assert source.scope is Scope.GPU
    assert source.read().watts == watts


def test_that_a_gpu_in_the_processor_measures_the_socket(tmp_path: Path) -> None:
    amd(tmp_path, {"hwmon/hwmon3/power1_input": 12_000_000}, device="0x1586")
    source = found(tmp_path)["amdgpu 0000:03:00.0"]
    assert source.scope is Scope.SOC
    assert source.reason


@pytest.mark.parametrize("microwatts", [0, 593_000_000_000, "nonsense"])
def test_that_impossible_power_of_a_card_is_a_gap(tmp_path: Path, microwatts: object) -> None:
    files = {
        "hwmon/hwmon3/power1_average": microwatts,
        "hwmon/hwmon3/power1_cap": 339_000_000,
    }
    amd(tmp_path, files)
    sample = found(tmp_path)["amdgpu 0000:03:00.0"].read()
    assert sample.watts is None
    assert sample.reason


def test_that_a_sleeping_amd_card_is_not_read(tmp_path: Path) -> None:
    folder = amd(tmp_path, {"hwmon/hwmon3/power1_average": 5_000_000})
    sysfs.write(folder / "power/runtime_status", "suspended")
    source = found(tmp_path)["amdgpu 0000:03:00.0"]
    assert "sleeps" in source.read().reason
    source.close()


def test_that_a_card_without_power_says_so(tmp_path: Path) -> None:
    amd(tmp_path, {})
    source = found(tmp_path)["amdgpu 0000:03:00.0"]
    assert not source.available
    assert source.quality is Quality.NONE


def intel(root: Path, files: dict[str, object], bus_id: str = "0000:03:00.0") -> Path:
    return sysfs.card(
        root, 0, vendor=drm.INTEL, device="0xe20b", driver="xe", bus_id=bus_id, files=files
    )


def test_that_an_intel_cards_counter_is_chosen_by_label(tmp_path: Path) -> None:
    clock = Clock()
    folder = intel(
        tmp_path,
        {
            "hwmon/hwmon4/energy1_input": 500,
            "hwmon/hwmon4/energy1_label": "pkg",
            "hwmon/hwmon4/energy2_input": 1_000_000,
            "hwmon/hwmon4/energy2_label": "card",
        },
    )
    source = found(tmp_path, clock)["xe 0000:03:00.0"]
    source.read()
    clock.now = 2.0
    sysfs.write(folder / "hwmon/hwmon4/energy2_input", 415_000_000)
    assert source.read().watts == pytest.approx(207.0)


def test_that_millions_of_watts_are_a_gap_and_the_counter_starts_anew(tmp_path: Path) -> None:
    clock = Clock()
    folder = intel(
        tmp_path,
        {"hwmon/hwmon4/energy1_input": 1, "hwmon/hwmon4/power1_max": 190_000_000},
    )
    source = found(tmp_path, clock)["xe 0000:03:00.0"]
    source.read()
    clock.now = 0.1
    sysfs.write(folder / "hwmon/hwmon4/energy1_input", 4_000_000_000_000)
    bogus = source.read()
    assert bogus.watts is None
    assert bogus.joules is None
    clock.now = 0.2
    assert "first reading" in source.read().reason


def test_that_an_intel_card_that_sleeps_or_falls_silent_is_a_gap(tmp_path: Path) -> None:
    folder = intel(tmp_path, {"hwmon/hwmon4/energy1_input": 1})
    source = found(tmp_path)["xe 0000:03:00.0"]
    (folder / "hwmon/hwmon4/energy1_input").unlink()
    assert "does not answer" in source.read().reason
    sysfs.write(folder / "power/runtime_status", "suspended")
    assert "sleeps" in source.read().reason


def test_that_the_gpu_in_an_intel_processor_is_no_source_of_its_own(tmp_path: Path) -> None:
    intel(tmp_path, {"hwmon/hwmon4/energy1_input": 1}, bus_id="0000:00:02.0")
    assert set(found(tmp_path)) == {"RAPL"}


def test_that_an_intel_card_without_a_counter_says_so(tmp_path: Path) -> None:
    intel(tmp_path, {"hwmon/hwmon4/energy1_input": 1, "hwmon/hwmon4/energy1_label": "pkg"})
    assert not found(tmp_path)["xe 0000:03:00.0"].available


def test_that_a_batterys_power_is_current_times_voltage_and_a_mouse_is_no_machine(
    tmp_path: Path,
) -> None:
    sysfs.battery(
        tmp_path,
        "BAT0",
        {"status": "Discharging", "current_now": 2_000_000, "voltage_now": 12_390_000},
    )
    sysfs.battery(
        tmp_path, "hidpp_battery_0", {"status": "Discharging", "scope": "Device", "power_now": 5}
    )
    sysfs.write(tmp_path / "sys/class/power_supply/AC/type", "Mains")
    (source,) = battery.discover(sysfs=tmp_path / "sys", clock=lambda: 3.0)
    assert source.read().watts == pytest.approx(24.78)
    assert source.scope is Scope.SYSTEM_DC
    assert source.available
    assert source.quality is Quality.FAIR
    assert source.reason == "the whole machine"


def test_that_a_battery_counts_only_while_it_discharges(tmp_path: Path) -> None:
    folder = sysfs.battery(tmp_path, "BAT0", {"status": "Charging", "power_now": 30_000_000})
    (source,) = battery.discover(sysfs=tmp_path / "sys")
    assert not source.available
    assert source.read().watts is None
    assert "discharging" in source.reason
    sysfs.write(folder / "status", "Discharging")
    assert source.read().watts == 30.0
    sysfs.write(folder / "power_now", -31_000_000)
    assert source.read().watts == 31.0
    source.close()


def test_that_a_battery_that_tells_nothing_says_so(tmp_path: Path) -> None:
    sysfs.battery(tmp_path, "BAT0", {"status": "Discharging"})
    (source,) = battery.discover(sysfs=tmp_path / "sys")
    assert not source.available
    assert source.quality is Quality.NONE
    assert source.read().watts is None
    assert "does not tell" in source.reason


def test_that_a_counter_that_goes_back_without_a_known_range_starts_anew() -> None:
    counter = Counter(range_joules=None, longest_gap_seconds=60)
    counter.step(0.0, 100.0)
    assert counter.step(1.0, 150.0) == (50.0, "")
    watts, reason = counter.step(2.0, 10.0)
    assert watts is None
    assert "started again" in reason
    assert counter.joules == 0.0
    assert counter.step(3.0, 30.0) == (20.0, "")


def test_that_two_readings_at_one_time_are_one() -> None:
    counter = Counter(range_joules=None, longest_gap_seconds=60)
    counter.step(1.0, 100.0)
    assert counter.step(1.0, 200.0)[0] is None
    assert counter.step(2.0, 160.0)[0] == 60.0


def test_that_a_mirrored_counter_that_moved_on_between_two_readings_counts_once(
    tmp_path: Path,
) -> None:
    for die, energy in enumerate((5_000_000_000, 5_000_020_000, 9_000_000_000)):
        name = f"package-0-die-{die}"
        sysfs.rapl(tmp_path, f"intel-rapl:{die}", name=name, energy_uj=energy)
    assert set(found(tmp_path)) == {"RAPL package-0-die-0", "RAPL package-0-die-2"}


def test_that_a_counter_that_stands_is_no_available_source(tmp_path: Path) -> None:
    clock = Clock()
    zone = sysfs.rapl(tmp_path, "intel-rapl:0", name="package-0", energy_uj=1_000_000)
    source = found(tmp_path, clock)["RAPL package-0"]
    for at in range(12):
        clock.now = float(at)
        assert source.read().watts is None
    assert not source.available
    assert source.quality is Quality.NONE
    assert "stands still" in source.reason
    sysfs.write(zone / "energy_uj", 2_000_000)
    clock.now = 12.0
    assert source.read().watts
    assert source.available
    assert source.reason == ""


def test_that_a_card_that_answers_nonsense_for_long_is_not_available(tmp_path: Path) -> None:
    folder = amd(tmp_path, {"hwmon/hwmon3/power1_average": 0})
    source = found(tmp_path)["amdgpu 0000:03:00.0"]
    for _ in range(3):
        assert source.read().watts is None
    assert not source.available
    assert source.quality is Quality.NONE
    assert "impossible" in source.reason
    sysfs.write(folder / "hwmon/hwmon3/power1_average", 80_000_000)
    assert source.read().watts == 80.0
    assert (source.available, source.quality, source.reason) == (True, Quality.FAIR, "")


def test_that_the_second_chip_of_an_mi250_is_not_added_and_does_not_hide_the_first(
    tmp_path: Path,
) -> None:
    for number, watts in enumerate((310_000_000, 0)):
        sysfs.card(
            tmp_path,
            number,
            vendor=drm.AMD,
            device="0x740c",
            driver="amdgpu",
            bus_id=f"0000:0{number + 3}:00.0",
            files={"mem_info_vram_total": 64 << 30, "hwmon/hwmon3/power1_average": watts},
        )
    sources = found(tmp_path)
    assert sources["amdgpu 0000:03:00.0"].read().watts == 310.0
    second = sources["amdgpu 0000:04:00.0"]
    assert not second.available
    assert "first chip" in second.reason


def test_that_a_socket_and_the_package_in_it_are_not_added(tmp_path: Path) -> None:
    amd(tmp_path, {"hwmon/hwmon3/power1_input": 12_000_000}, device="0x1586")
    sysfs.rapl(tmp_path, "intel-rapl:0", name="package-0", energy_uj=10)
    scopes = [source.scope for source in found(tmp_path).values()]
    assert sorted(scopes) == [Scope.CPU_PACKAGE, Scope.SOC]
    assert outermost(scopes) == {Scope.SOC}


@pytest.mark.parametrize(("files", "most"), [({}, 1500), ({"power1_max": 190_000_000}, 285)])
def test_that_an_intel_card_without_a_limit_has_one_too(
    tmp_path: Path, files: dict[str, object], most: int
) -> None:
    clock = Clock()
    hwmon = {f"hwmon/hwmon4/{name}": value for name, value in files.items()}
    folder = intel(tmp_path, {"hwmon/hwmon4/energy1_input": 1, **hwmon})
    source = found(tmp_path, clock)["xe 0000:03:00.0"]
    energy_uj = 1
    for share, possible in ((0.99, True), (1.01, False)):
        source.read()
        clock.now += 1.0
        energy_uj += int(most * share * 1e6)
        sysfs.write(folder / "hwmon/hwmon4/energy1_input", energy_uj)
        assert (source.read().watts is not None) is possible
    assert source.available
    assert source.reason == ""
    assert source.quality is Quality.FAIR


def test_that_an_intel_cards_counter_that_was_not_read_for_half_a_minute_starts_anew(
    tmp_path: Path,
) -> None:
    clock = Clock()
    folder = intel(tmp_path, {"hwmon/hwmon4/energy1_input": 1})
    source = found(tmp_path, clock)["xe 0000:03:00.0"]
    source.read()
    clock.now = 31.0
    sysfs.write(folder / "hwmon/hwmon4/energy1_input", 3_000_000_000)
    assert source.read().watts is None


@pytest.mark.parametrize(
    ("supplies", "battery_runs"),
    [
        ({"AC": {"type": "Mains", "online": 0}, "BAT0": {"status": "Discharging"}}, True),
        ({"AC": {"type": "Mains", "online": 1}, "BAT0": {"status": "Discharging"}}, False),
        ({"BAT0": {"status": "Full"}}, False),
        ({"mouse": {"status": "Discharging", "scope": "Device"}}, False),
        ({}, False),
    ],
)
def test_that_running_on_battery_is_known(
    tmp_path: Path, supplies: dict[str, dict[str, object]], battery_runs: bool
) -> None:
    for name, files in supplies.items():
        sysfs.battery(tmp_path, name, files)
    assert runs_on_battery(tmp_path / "sys", platform_name="linux") is battery_runs


@pytest.mark.parametrize(
    ("supplies", "told"),
    [
        ({"ADP1": {"type": "Mains", "online": 1}, "BAT0": {"status": "Not charging"}}, False),
        ({"BAT0": {"status": "Not charging"}}, False),
        ({"BAT0": {"status": "Unknown"}}, NOT_TOLD),
        ({"BAT0": {"status": "Unknown"}, "BAT1": {"status": "Discharging"}}, True),
        ({"ADP1": {"type": "Mains", "online": 1}}, NO_BATTERY),
        ({"mouse": {"status": "Discharging", "scope": "Device"}}, NO_BATTERY),
        ({}, NO_BATTERY),
    ],
)
def test_that_a_battery_that_is_kept_below_full_is_not_drawn_on_and_silence_is_unknown(
    tmp_path: Path, supplies: dict[str, dict[str, object]], told: bool | Unknown
) -> None:
    for name, files in supplies.items():
        sysfs.battery(tmp_path, name, files)
    assert on_battery(tmp_path / "sys", platform_name="linux") == told


def test_that_where_psutil_cannot_say_it_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = SimpleNamespace(power_plugged=None)
    monkeypatch.setattr(psutil, "sensors_battery", lambda: silent, raising=False)
    assert on_battery(tmp_path, platform_name="win32") == NOT_TOLD
    monkeypatch.setattr(psutil, "sensors_battery", lambda: None, raising=False)
    assert on_battery(tmp_path, platform_name="win32") == NO_BATTERY
    monkeypatch.delattr(psutil, "sensors_battery")
    assert on_battery(tmp_path, platform_name="freebsd") == NO_BATTERY


@pytest.mark.parametrize(("plugged", "battery_runs"), [(False, True), (True, False), (None, False)])
def test_that_elsewhere_psutil_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plugged: bool | None, battery_runs: bool
) -> None:
    told = SimpleNamespace(power_plugged=plugged)
    monkeypatch.setattr(psutil, "sensors_battery", lambda: told, raising=False)
    assert runs_on_battery(tmp_path, platform_name="win32") is battery_runs
    monkeypatch.setattr(psutil, "sensors_battery", lambda: None, raising=False)
    assert not runs_on_battery(tmp_path, platform_name="darwin")
