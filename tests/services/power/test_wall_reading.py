"""Sensors and plug read beside one another, and the sources that the user names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from landfall.core.energy.plug_address import PlugAddress
from landfall.core.energy.power import Quality, Scope
from landfall.core.energy.wall import WallCalibration
from landfall.core.errors import BadInput, Unavailable
from landfall.core.provenance import Stated
from landfall.core.settings import Settings
from landfall.services import power
from landfall.services.power import Missing, Sampler, plug, wall_reading
from landfall.services.power.plug import PlugSource
from landfall.services.power.source import KeptReading
from landfall.services.power.wall_reading import plug_reading, read_beside
from tests.fakes.nvml import FakeGpu, FakeNvml, installed
from tests.fakes.plug import FakePlug, running
from tests.services.power.test_sampler import Source

CALIBRATION = WallCalibration(
    idle_wall_watts=80.0,
    idle_measured_watts=40.0,
    load_wall_watts=420.0,
    load_measured_watts=346.0,
    sources=("NVML GPU 0",),
    at="2026-11-26T10:00:00+00:00",
)


@pytest.fixture
def shelly() -> Iterator[FakePlug]:
    with running(FakePlug()) as fake:
        fake.says()
        yield fake


class Package(Source):
    scope = Scope.CPU_PACKAGE


class Machine(Source):
    scope = Scope.SYSTEM_DC


async def test_that_sensors_that_may_be_added_are_and_the_plug_stands_beside_them(
    shelly: FakePlug, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plug, "PERIOD_SECONDS", 0.1)
    sources = (
        Source(lambda _: 100.0, name="card"),
        Package(lambda _: 40.0, name="package"),
        Missing("lost", Scope.GPU, "lost"),
        PlugSource(shelly.address),
    )
    sources[3].read()
    got = await read_beside(Settings(), seconds=1.0, sources=sources)
    assert got.measured_watts == pytest.approx(140.0)
    assert got.sources == ("card", "package")
    assert got.wall_watts == pytest.approx(231.5)


async def test_that_overlapping_sensors_are_not_added() -> None:
    sources = (Source(lambda _: 100.0, name="card"), Machine(lambda _: 180.0, name="machine"))
    got = await read_beside(Settings(), seconds=0.3, sources=sources)
    assert (got.measured_watts, got.sources) == (pytest.approx(180.0), ("machine",))
    assert got.wall_watts is None


async def test_that_without_a_sensor_there_is_nothing_to_calibrate(shelly: FakePlug) -> None:
    with pytest.raises(Unavailable, match="nothing to calibrate"):
        await read_beside(Settings(), sources=(PlugSource(shelly.address),))


async def test_that_a_sensor_that_gives_gaps_is_said() -> None:
    def broken(_: float) -> float:
        raise OSError("gone")

    sources = (Source(broken, name="card"), Source(lambda _: 5.0, name="other"))
    with pytest.raises(Unavailable, match="card could not be read"):
        await read_beside(Settings(), seconds=0.2, sources=sources)


async def test_that_a_plug_is_asked_at_the_address_as_it_is_typed(
    shelly: FakePlug, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await plug_reading(f" 127.0.0.1:{shelly.port}/ ") == (231.5, 1000.0)
    with pytest.raises(BadInput):
        await plug_reading("https://x")
    shelly.silent = True
    monkeypatch.setattr(wall_reading, "TIMEOUT_SECONDS", 0.1)
    with pytest.raises(Unavailable, match="did not answer"):
        await plug_reading(shelly.address.url)


async def test_that_plug_and_kept_reading_are_sources_at_the_wall(
    shelly: FakePlug, tmp_path: Path
) -> None:
    settings = replace(Settings(), plug_url=shelly.address.url, wall_calibration=CALIBRATION)
    with installed(FakeNvml(gpus=[FakeGpu()])):
        found = await power.discover(settings, root=tmp_path, platform_name="linux")
    socket, kept = (source for source in found if source.scope is Scope.WALL)
    assert (socket.available, socket.quality) == (True, Quality.GOOD)
    assert isinstance(kept, KeptReading)
    assert kept.figure == Stated(420.0, "wall_calibration")
    assert not kept.available
    assert "typed in by you on 2026-11-26: idle 80 W, under load 420 W" in kept.reason
    assert "not a live measurement" in kept.reason
    assert [sample async for sample in Sampler([kept]).samples()] == []


async def test_that_nothing_is_asked_where_no_plug_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(plug.socket, "create_connection", refused)
    monkeypatch.setattr(plug.socket, "getaddrinfo", refused)
    found = await power.discover(Settings(), root=tmp_path, platform_name="linux")
    assert all(source.scope is not Scope.WALL for source in found)


async def test_that_a_wrong_or_silent_plug_is_a_source_that_says_so(tmp_path: Path) -> None:
    for url, word in (("https://x", "asked by http"), ("127.0.0.1:1", "cannot be reached")):
        settings = replace(Settings(), plug_url=url)
        found = await power.discover(settings, root=tmp_path, platform_name="linux")
        (socket,) = (source for source in found if source.scope is Scope.WALL)
        assert not socket.available
        assert word in socket.reason
    assert PlugAddress("x", 1).url == "http://x:1"
