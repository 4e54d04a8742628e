"""The plug is a real server on loopback, which misbehaves as told."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from landfall.core.energy.plug_address import PlugAddress
from landfall.core.energy.power import Quality, Scope
from landfall.core.events import PowerSample
from landfall.services.power import Sampler, plug
from landfall.services.power.plug import PlugFailed, PlugSource, Reading, ask
from tests.fakes.plug import FakePlug, answer, running, status

SWITCH = "/rpc/Switch.GetStatus?id=0"
METER = "/rpc/PM1.GetStatus?id=0"


@pytest.fixture
def shelly() -> Iterator[FakePlug]:
    with running(FakePlug()) as fake:
        fake.says()
        yield fake


def test_that_watts_and_counter_of_a_switch_are_read(shelly: FakePlug) -> None:
    assert ask(shelly.address) == (231.5, 1000.0)
    assert shelly.asked == [f"GET {SWITCH} HTTP/1.1"]
    head = shelly.heads[0].lower()
    assert f"host: 127.0.0.1:{shelly.port}" in head
    assert "cookie" not in head
    assert "user-agent" not in head


def test_that_a_meter_without_a_switch_is_read_too(shelly: FakePlug) -> None:
    shelly.answers = {METER: answer(status(12.0, 5.5))}
    assert ask(shelly.address) == (12.0, 5.5)


@pytest.mark.parametrize(
    "whole",
    [
        answer(status(), length=False),
        answer(
            b"%x\r\n" % len(status()) + status() + b"\r\n0\r\n\r\n",
            head="Transfer-Encoding: chunked\r\n",
            length=False,
        ),
    ],
    ids=["until the end", "in chunks"],
)
def test_that_the_frame_of_an_answer_does_not_matter(shelly: FakePlug, whole: bytes) -> None:
    shelly.answers[SWITCH] = whole
    assert ask(shelly.address) == (231.5, 1000.0)


@pytest.mark.parametrize(
    ("whole", "word"),
    [
        (answer(b"<html>Router</html>"), "no JSON"),
        (answer(b"{"), "no JSON"),
        (answer(b"[" * 5000), "no JSON"),
        (answer(b"\xff\xfe\x00"), "no JSON"),
        (answer(b"5"), "does not measure"),
        (answer(b"[1]"), "does not measure"),
        (answer(b'{"id":0,"output":true}'), "does not measure"),
        (answer(status("231")), "does not measure"),
        (answer(status(True)), "does not measure"),
        (answer(b'{"apower":1' + b"0" * 400 + b"}"), "does not measure"),
        (answer(b"", code=401), "password"),
        (answer(b"", code=302, head="Location: http://example.com/\r\n"), "HTTP 302"),
        (answer(b"", code=503), "HTTP 503"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak HTTP"),
        (b"", "does not speak HTTP"),
        (b"HTTP/1.1 abc def\r\n\r\n", "does not speak HTTP"),
        (answer(b" " * 200_000), "no JSON"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n{}", "does not measure"),
    ],
)
def test_that_what_is_no_reading_is_said_and_nothing_else_is_asked(
    shelly: FakePlug, whole: bytes, word: str
) -> None:
    shelly.answers[SWITCH] = whole
    with pytest.raises(PlugFailed, match=word):
        ask(shelly.address)
    assert len(shelly.asked) == 1


def test_that_what_has_no_plug_in_it_is_said(shelly: FakePlug) -> None:
    shelly.answers = {}
    with pytest.raises(PlugFailed, match="HTTP 404"):
        ask(shelly.address)
    assert [line.split(" ")[1] for line in shelly.asked] == [SWITCH, METER]


@pytest.mark.parametrize("how", ["silent", "drips"])
def test_that_an_answer_as_a_whole_has_its_time(shelly: FakePlug, how: str) -> None:
    shelly.silent = how == "silent"
    shelly.drip_seconds = 0.05 if how == "drips" else 0.0
    began = time.monotonic()
    with pytest.raises(PlugFailed, match="did not answer in"):
        ask(shelly.address, timeout_seconds=0.4)
    assert time.monotonic() - began < 2


def test_that_a_plug_that_is_gone_is_said() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(PlugFailed, match="cannot be reached"):
        ask(PlugAddress("127.0.0.1", port))


def test_that_an_address_outside_the_own_network_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: object, **__: object) -> socket.socket:
        raise AssertionError("something was connected to")

    monkeypatch.setattr(socket, "create_connection", refused)
    with pytest.raises(PlugFailed, match="outside your own network"):
        ask(PlugAddress("8.8.8.8", 80))


def test_that_a_name_that_leads_outside_is_not_asked_unless_the_user_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def named(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 80))]

    def connected(target: tuple[str, int], **_: object) -> socket.socket:
        asked.append(target)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "getaddrinfo", named)
    monkeypatch.setattr(socket, "create_connection", connected)
    address = PlugAddress("plug.example.com", 80)
    with pytest.raises(PlugFailed, match="outside"):
        ask(address)
    assert asked == []
    with pytest.raises(PlugFailed, match="Connection refused"):
        ask(address, anywhere=True)
    assert asked == [("93.184.216.34", 80)]


def test_that_a_name_that_nobody_knows_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(PlugFailed, match="not found"):
        ask(PlugAddress("shelly.local", 80))


def test_that_a_proxy_of_the_environment_is_not_used(
    shelly: FakePlug, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert ask(shelly.address)[0] == 231.5


class Script:
    """A plug by a list of answers, one a question, and a clock that goes on by hand."""

    def __init__(self, *answers: Reading | str) -> None:
        self.answers = list(answers)
        self.now = 100.0

    def clock(self) -> float:
        return self.now

    def question(self, _address: PlugAddress, *, anywhere: bool) -> Reading:
        assert not anywhere
        said = self.answers.pop(0)
        if isinstance(said, str):
            raise PlugFailed(said)
        return said

    def source(self) -> PlugSource:
        return PlugSource(PlugAddress("192.168.1.50", 80), clock=self.clock, question=self.question)

    def read(self, source: PlugSource, seconds: float = 1.0) -> PowerSample:
        self.now += seconds
        return source.read()


def test_that_it_is_asked_once_a_second_at_most() -> None:
    script = Script((100.0, 1.0), (120.0, 1.0))
    source = script.source()
    first = script.read(source)
    assert (first.watts, first.joules, first.scope) == (100.0, 3600.0, Scope.WALL)
    assert script.read(source, 0.1) is first
    assert script.read(source, 0.8) is first
    assert script.read(source, 0.2).watts == 120.0
    assert source.name == first.source == "plug 192.168.1.50"
    assert source.quality is Quality.GOOD
    assert source.reason == "everything behind the plug"


@pytest.mark.parametrize(
    ("watts", "word"),
    [(0.0, "the plug is off"), (-40.0, "not a power"), (float("nan"), "not a power"), (9e9, "any")],
)
def test_that_impossible_watts_are_gaps_and_three_make_it_unavailable(
    watts: float, word: str
) -> None:
    script = Script(*[(watts, 5.0)] * 3, (90.0, 5.0))
    source = script.source()
    samples = [script.read(source) for _ in range(3)]
    assert [(sample.watts, sample.joules) for sample in samples] == [(None, None)] * 3
    assert word in samples[0].reason
    assert not source.available
    assert source.quality is Quality.NONE
    assert word in source.reason
    assert script.read(source).watts == 90.0
    assert source.available


def test_that_a_plug_that_goes_away_is_a_gap_and_comes_back() -> None:
    script = Script((90.0, 5.0), "It did not answer.", (91.0, None))
    source = script.source()
    script.read(source)
    gone = script.read(source)
    assert (gone.watts, gone.reason) == (None, "It did not answer")
    assert not source.available
    assert source.reason == "It did not answer"
    back = script.read(source)
    assert (back.watts, back.joules) == (91.0, None)
    assert source.available
    source.close()


def test_that_a_counter_that_disagrees_with_the_watts_is_left_out() -> None:
    script = Script(*[(100.0, 7.0)] * 40)
    source = script.source()
    samples = [script.read(source) for _ in range(40)]
    assert samples[5].joules == 7.0 * 3600
    assert samples[-1].joules is None
    assert samples[-1].watts == 100.0
    assert not source.counter_trusted
    assert "disagrees" in source.reason


def test_that_a_counter_that_agrees_stays_also_after_it_was_reset() -> None:
    hours = [i * 100.0 / 3600 for i in range(60)]
    script = Script(*[(100.0, h) for h in hours[:30]], *[(100.0, h) for h in hours[:30]])
    source = script.source()
    samples = [script.read(source) for _ in range(60)]
    assert source.counter_trusted
    assert samples[-1].joules == pytest.approx(2900)


@pytest.mark.parametrize("counted", [-3.0, float("nan"), float("inf")])
def test_that_an_impossible_counter_is_none(counted: float) -> None:
    script = Script((100.0, counted))
    assert script.read(script.source()).joules is None


async def test_that_the_sampler_passes_a_slow_plug_by_and_tells_each_answer_once(
    shelly: FakePlug, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plug, "PERIOD_SECONDS", 0.2)
    source = PlugSource(shelly.address)
    times = []
    async for sample in Sampler([source], period_seconds=0.02).samples():
        assert sample.watts == 231.5
        times.append(sample.at)
        if len(times) == 3:
            break
    steps = [b - a for a, b in pairwise(times)]
    assert all(0.15 < step < 1 for step in steps)
    assert len(shelly.asked) == 3
