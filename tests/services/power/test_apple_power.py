from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from landfall.core.energy.power import Quality, Scope
from landfall.core.events import PowerSample
from landfall.services.power import apple
from landfall.services.power.apple import ChipPower, SystemPower, joules_by_part, part_of
from landfall.services.power.apple_libraries import MacEnergyModel, MacSmc
from landfall.services.power.source import PowerSource
from tests.fakes.mac_power import Channel, FakeIoKit, FakeReports


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def chip(*script: list[Channel]) -> tuple[Callable[[float], PowerSample], FakeReports, ChipPower]:
    clock, reports = Clock(), FakeReports(script=list(script))
    source = ChipPower(lambda: MacEnergyModel(reports), clock=clock)

    def read(at: float) -> PowerSample:
        clock.now = at
        return source.read()

    return read, reports, source


M3_PRO: list[Channel] = [
    ("ECPU0", "mJ", 100),
    ("PCPU0", "mJ", 900),
    ("ECPU", "mJ", 100),
    ("CPU Energy", "mJ", 2131),
    ("DRAM", "mJ", 60),
    ("GPU Energy", "nJ", 4_126_124),
    ("GPU SRAM0", "nJ", 99),
]


def test_that_only_totals_count_each_in_its_own_unit() -> None:
    parts = joules_by_part(M3_PRO)
    assert parts == {
        "cpu": pytest.approx(2.131),
        "DRAM": pytest.approx(0.060),
        "gpu": pytest.approx(0.004126124),
    }


def test_that_an_ultra_adds_its_two_dies_and_nothing_twice() -> None:
    channels = [
        ("DIE_0_CPU Energy", " mJ ", 1000),
        ("DIE_1_CPU Energy", "mJ", 2000),
        ("DIE_0_EACC_CPU0", "mJ", 500),
        ("DIE_0_PCPU Energy Counter", "mJ", 500),
        ("ANE0", "uJ", 7),
        ("DRAM1", "parsec", 7),
    ]
    assert joules_by_part(channels) == {"cpu": pytest.approx(3.0), "ANE": pytest.approx(7e-6)}


@pytest.mark.parametrize("name", ["ECPU0", "PACC0_CPU3", "GPU SRAM0", "GPU Energy Model", "ISP"])
def test_that_parts_of_parts_are_no_totals(name: str) -> None:
    assert part_of(name) is None


def test_that_batches_are_divided_by_the_time_between_them() -> None:
    read, _, _ = chip(
        [("CPU Energy", "mJ", 0), ("GPU Energy", "nJ", 10**9)],
        [("CPU Energy", "mJ", 40_000), ("GPU Energy", "nJ", 10**9)],
        [("CPU Energy", "mJ", 0), ("GPU Energy", "nJ", 3 * 10**9)],
    )
    assert read(0.0).reason == "first reading of a counter"
    assert read(1.0).watts is None
    both = read(2.0)
    assert both.watts == pytest.approx(40 / 2 + 1)
    assert both.joules == pytest.approx(42.0)
    held = read(3.0)
    assert held.watts == pytest.approx(20 + 3)


def test_that_a_processor_counter_that_stands_still_is_a_gap_and_not_zero() -> None:
    silent: list[Channel] = [("CPU Energy", "mJ", 0), ("GPU Energy", "nJ", 10**9)]
    read, _, source = chip(silent, silent, [("CPU Energy", "mJ", 5)], silent, silent)
    read(0.0)
    read(5.0)
    late = read(11.0)
    assert late.watts is None
    assert "stands still" in late.reason
    assert read(12.0).watts
    again = read(23.0)
    assert again.watts is None
    assert "stands still" in again.reason
    source.close()


def test_that_every_object_is_released() -> None:
    read, reports, source = chip(M3_PRO, M3_PRO)
    for at in (0.0, 1.0, 2.0):
        read(at)
    source.close()
    assert reports.held == {}


@pytest.mark.parametrize("without", ["channels", "subscription"])
def test_that_a_mac_without_the_model_says_so_and_holds_nothing(without: str) -> None:
    reports = FakeReports(without=without)
    with pytest.raises(OSError, match="no energy model"):
        MacEnergyModel(reports)
    assert reports.held == {}


def test_that_a_sample_that_cannot_be_had_is_a_gap() -> None:
    reports = FakeReports(without="samples")
    source = ChipPower(lambda: MacEnergyModel(reports), clock=Clock())
    assert "no sample" in source.read().reason
    assert reports.held == {}


def test_that_an_empty_answer_has_no_channels() -> None:
    reports = FakeReports(script=[M3_PRO], without="items")
    model = MacEnergyModel(reports)
    assert model.read() == []
    assert model.read() == []
    model.close()
    assert reports.held == {}


def test_that_the_systems_power_is_read_through_the_controller() -> None:
    kit = FakeIoKit()
    source = SystemPower(lambda: MacSmc(kit), clock=lambda: 3.0)
    sample = source.read()
    assert (sample.at, sample.watts) == (3.0, 41.25)
    assert source.read().watts == 41.25
    assert kit.connections == 1
    source.close()
    assert kit.connections == 0
    assert kit.held == []
    assert source.scope is Scope.SYSTEM_DC


@pytest.mark.parametrize(
    ("kit", "word"),
    [
        (FakeIoKit(result=132), "does not tell"),
        (FakeIoKit(kind=b"ui32"), "unknown form"),
        (FakeIoKit(matching=5), "not found"),
        (FakeIoKit(endpoints=(b"AppleSMC",)), "not found"),
        (FakeIoKit(opening=0xE00002C1), "0xe00002c1"),
    ],
    ids=["no key", "no float", "no service", "no endpoint", "refused"],
)
def test_that_a_controller_that_does_not_answer_is_a_gap_with_the_reason(
    kit: FakeIoKit, word: str
) -> None:
    source = SystemPower(lambda: MacSmc(kit), clock=Clock())
    sample = source.read()
    assert sample.watts is None
    assert word in sample.reason
    assert kit.held == []
    assert kit.connections == 0


def test_that_zero_watts_of_a_system_are_a_gap() -> None:
    source = SystemPower(lambda: MacSmc(FakeIoKit(watts=0.0)), clock=Clock())
    assert source.read().watts is None


def found(kit: FakeIoKit, reports: FakeReports) -> tuple[PowerSource, ...]:
    return apple.discover(
        open_smc=lambda: MacSmc(kit),
        open_model=lambda: MacEnergyModel(reports),
        ask_battery=lambda: "",
    )


def test_that_both_sources_are_offered_and_the_estimate_is_called_rough() -> None:
    system, model, _ = found(FakeIoKit(), FakeReports())
    assert (system.available, system.quality) == (True, Quality.GOOD)
    assert (model.available, model.quality, model.scope) == (True, Quality.ROUGH, Scope.SOC)


def test_that_what_cannot_be_read_says_why() -> None:
    system, model, _ = found(FakeIoKit(result=132), FakeReports(without="channels"))
    assert not system.available
    assert "PSTR" in system.reason
    assert not model.available
    assert "no energy model" in model.reason


@pytest.mark.skipif(sys.platform == "darwin", reason="there the libraries are real")
def test_that_elsewhere_the_libraries_cannot_be_loaded_and_that_is_said() -> None:
    assert [source.available for source in apple.discover()] == [False, False, False]


def test_that_a_chip_that_draws_more_than_the_whole_system_is_a_gap() -> None:
    clock = Clock()
    system = SystemPower(lambda: MacSmc(FakeIoKit(watts=67.0)), clock=clock)
    lying: list[Channel] = [("CPU Energy", "mJ", 10_000), ("GPU Energy", "nJ", 140 * 10**9)]
    true: list[Channel] = [("CPU Energy", "mJ", 10_000), ("GPU Energy", "nJ", 30 * 10**9)]
    reports = FakeReports(script=[true, lying, true, lying])
    source = ChipPower(lambda: MacEnergyModel(reports), system=system, clock=clock)
    samples = []
    for at in (0.0, 1.0, 2.0, 3.0):
        clock.now = at
        system.read()
        samples.append(source.read())
    assert samples[1].watts == pytest.approx(40.0)
    assert (samples[2].watts, samples[2].joules) == (None, None)
    assert "more than the whole system" in samples[2].reason
    assert samples[3].watts == pytest.approx(40.0)
    assert samples[3].joules == pytest.approx(40.0)
    clock.now = 10.0
    assert source.read().watts is not None


def test_that_a_chip_whose_counter_stands_is_not_available() -> None:
    silent: list[Channel] = [("CPU Energy", "mJ", 0), ("GPU Energy", "nJ", 10**9)]
    read, _, source = chip(silent, silent)
    read(0.0)
    read(5.0)
    assert source.available
    read(11.0)
    assert not source.available
    assert source.quality is Quality.NONE
    assert "stands still" in source.reason
