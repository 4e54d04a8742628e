"""A smart plug that the whole machine hangs on: Shelly, second generation and later, by local HTTP.

Awaits hardware: written against the maker's documentation, run here with a server that answers the
same. Source: shelly-api-docs.shelly.cloud, Gen2+ components Switch and PM1: `apower` in W,
`aenergy.total` in Wh.

Nothing is asked that the user has not typed in. One GET a second at most, to a private address
alone unless the user says otherwise; no proxy, no redirect, no cookie, nothing of the user in it.
"""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Callable
from importlib import import_module
from io import BytesIO
from typing import Any

from landfall.core import json_text
from landfall.core.energy.plug_address import PlugAddress, in_own_network
from landfall.core.energy.power import CounterCheck, Quality, Scope
from landfall.core.errors import Unavailable
from landfall.core.events import PowerSample
from landfall.services.power.source import AVERAGED_SETTLE_SECONDS, Clock, Plausibility

TIMEOUT_SECONDS = 2.0
"""For one answer as a whole, however slowly it drips."""

PERIOD_SECONDS = 1.0
_LONGEST_ANSWER_BYTES = 64 << 10
_LONGEST_LENGTH = 18
"""Digits of a length in bytes; Python refuses to read a number of thousands of them."""

_ERROR_SHARE = 0.02
"""Makers of smart plugs state 1 to 2 %."""
_JOULES_PER_WH = 3600.0
_SWITCH = "/rpc/Switch.GetStatus?id=0"
_METER = "/rpc/PM1.GetStatus?id=0"
_NOT_THERE = frozenset({400, 404, 500})
_NO_POWER = (
    "0 W: the plug is off, or this machine does not hang on it; a machine that runs draws power"
)

Reading = tuple[float, float | None]
"""Watts, and watt-hours since the plug counts."""


class PlugFailed(Unavailable):
    """The plug gave no reading."""


def ask(
    address: PlugAddress, *, anywhere: bool = False, timeout_seconds: float = TIMEOUT_SECONDS
) -> Reading:
    """Watts and counter of a plug. Blocks for up to the timeout, and for the name server's.

    Args:
        anywhere: Whether an address outside private networks may be asked too.

    Raises:
        PlugFailed: no answer, or one that is no reading; says what to do.
    """
    deadline = time.monotonic() + timeout_seconds
    target = _resolved(address, anywhere=anywhere)
    status, body = _get(address, target, _SWITCH, deadline)
    if status in _NOT_THERE:
        status, body = _get(address, target, _METER, deadline)
    if status == 401:
        raise PlugFailed(
            "The plug asks for a password.",
            "Switch its authentication off for reading, or type readings in by hand.",
        )
    if status != 200:
        raise PlugFailed(
            f"What answers at {address.url} is no plug that we know: HTTP {status}.",
            "Shelly plugs of the second generation and later are read.",
        )
    return _reading(body)


def _resolved(address: PlugAddress, *, anywhere: bool) -> tuple[str, int]:
    """The address to connect to, checked itself: a name may lead anywhere."""
    host = address.host.strip("[]")
    try:
        found = socket.getaddrinfo(host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PlugFailed(f"{host} is not found.", "Type the plug's address.") from error
    targets = [str(entry[4][0]) for entry in found]
    inside = [target for target in targets if in_own_network(target)]
    if not inside and not anywhere:
        raise PlugFailed(
            f"{host} is outside your own network.",
            "A plug is asked at a private address. "
            "plug_anywhere = true in settings.toml allows any.",
        )
    return (inside or targets)[0], address.port


def _get(
    address: PlugAddress, target: tuple[str, int], path: str, deadline: float
) -> tuple[int, bytes]:
    """Status and body of one plain request."""
    host = address.url.removeprefix("http://")
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n"
    try:
        with socket.create_connection(target, timeout=_left(deadline)) as connection:
            connection.settimeout(_left(deadline))
            connection.sendall(f"{request}Connection: close\r\n\r\n".encode("ascii"))
            return _parsed(_received(connection, deadline))
    except TimeoutError as error:
        raise PlugFailed(
            f"{address.url} did not answer in {TIMEOUT_SECONDS:g} s.",
            "Is the plug on, and in this network?",
        ) from error
    except OSError as error:
        raise PlugFailed(
            f"{address.url} cannot be reached: {error.strerror or error}.",
            "Is the plug on, and in this network?",
        ) from error


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _received(connection: socket.socket, deadline: float) -> bytes:
    """The whole answer; the deadline holds for all of its pieces together."""
    data = b""
    while len(data) <= _LONGEST_ANSWER_BYTES and not _complete(data):
        connection.settimeout(_left(deadline))
        piece = connection.recv(16384)
        if not piece:
            break
        data += piece
    return data


def _complete(data: bytes) -> bool:
    """Whether all that the head announces is there; without a length the end decides."""
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank:
        return False
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        length = value.strip()
        if name == b"content-length" and length.isdigit() and len(length) <= _LONGEST_LENGTH:
            return len(body) >= int(length)
    return b"chunked" in head.lower() and body.endswith(b"0\r\n\r\n")


class _Received:
    """What `http.client` takes for a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> BytesIO:
        return BytesIO(self._data)


def _parsed(data: bytes) -> tuple[int, bytes]:
    client: Any = import_module("http.client")
    response = client.HTTPResponse(_Received(data))
    try:
        response.begin()
        return int(response.status), response.read(_LONGEST_ANSWER_BYTES)
    except (client.HTTPException, ValueError) as error:
        raise PlugFailed(
            "What answers there does not speak HTTP.", "Is this the plug's address?"
        ) from error


def _reading(body: bytes) -> Reading:
    try:
        said = json_text.read(body)
    except ValueError as error:
        raise PlugFailed(
            "What answers there is no plug: its answer is no JSON.", "Is this the plug's address?"
        ) from error
    watts = _number(said, "apower")
    if watts is None:
        raise PlugFailed(
            "This plug does not measure power.", "It takes one that does: a Plug S, or a PM model."
        )
    energy = said.get("aenergy") if isinstance(said, dict) else None
    return watts, _number(energy, "total")


def _number(table: Any, key: str) -> float | None:
    value = table.get(key) if isinstance(table, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


class PlugSource:
    """The plug as a source: everything behind the socket.

    It is asked once a second; in between `read` gives the same sample again, of the same time.
    """

    family = "plug"
    slowest_seconds = TIMEOUT_SECONDS
    scope = Scope.WALL
    settle_seconds = AVERAGED_SETTLE_SECONDS
    error_share = _ERROR_SHARE

    def __init__(
        self,
        address: PlugAddress,
        *,
        anywhere: bool = False,
        clock: Clock = time.perf_counter,
        question: Callable[..., Reading] = ask,
    ) -> None:
        self.name = f"plug {address.url.removeprefix('http://')}"
        self._address = address
        self._anywhere = anywhere
        self._clock = clock
        self._question = question
        self._plausible = Plausibility(None)
        self._counter = CounterCheck()
        self._asked_at = float("-inf")
        self._last: PowerSample | None = None
        self._failure = ""

    @property
    def available(self) -> bool:
        """Whether it answered when it was asked last, with something possible."""
        return not self._failure and not self._plausible.unreliable

    @property
    def quality(self) -> Quality:
        """A meter at the socket, slow but whole."""
        return Quality.GOOD if self.available else Quality.NONE

    @property
    def reason(self) -> str:
        """Why it cannot be read, or what it covers."""
        if self._failure:
            return self._failure
        if self._plausible.unreliable:
            return f"the plug's readings are impossible: {self._last.reason if self._last else ''}"
        return "; ".join(filter(None, ("everything behind the plug", self._counter.reason)))

    @property
    def counter_trusted(self) -> bool:
        """Whether its counter of energy agrees with its watts."""
        return self._counter.trusted

    def read(self) -> PowerSample:
        """Watts now, and the counter where it agrees with them."""
        now = self._clock()
        if self._last is not None and 0 <= now - self._asked_at < PERIOD_SECONDS:
            return self._last
        self._asked_at = now
        self._last = self._taken()
        return self._last

    def _taken(self) -> PowerSample:
        try:
            watts, watt_hours = self._question(self._address, anywhere=self._anywhere)
        except PlugFailed as error:
            self._failure = error.message.rstrip(".")
            return PowerSample(self._clock(), self.name, self.scope, None, self._failure)
        self._failure = ""
        at = self._clock()
        value, reason = self._plausible.checked(watts)
        if watts == 0:
            reason = _NO_POWER
        counted = watt_hours is not None and math.isfinite(watt_hours) and watt_hours >= 0
        joules = watt_hours * _JOULES_PER_WH if watt_hours is not None and counted else None
        self._counter.take(at, value, joules)
        trusted = joules if self._counter.trusted and value is not None else None
        return PowerSample(at, self.name, self.scope, value, reason, trusted)

    def close(self) -> None:
        """Nothing is held: each question has a connection of its own."""
        self._last = None
