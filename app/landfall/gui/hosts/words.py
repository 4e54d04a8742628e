"""A host in words: where it stands, whether it answers, since when not, what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication, QDateTime, Qt

from landfall.core.hosts.hosts import Host, HostReading, HostState, Standing
from landfall.core.provenance import middle
from landfall.gui import dates
from landfall.gui.colours import Role
from landfall.gui.format import duration, joined, number, plain, whole
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Spot, Status
from landfall.gui.widgets.feedback import State


def _tr(words: str) -> str:
    return QCoreApplication.translate("hosts", words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A line of the list.

    Attributes:
        reading: What the last look found, or None before the first.
        in_use: Whether it is the server that Landfall uses unless told otherwise.
    """

    host: Host
    reading: HostReading | None = None
    in_use: bool = False


def address(host: Host) -> str:
    """Where it is, short: the scheme only where it is not the usual one."""
    return host.url.removeprefix("http://")


def standing_words(standing: Standing) -> str:
    """Where a host stands, in a word or two."""
    return {
        Standing.THIS_MACHINE: _tr("This machine"),
        Standing.OUR_NETWORK: _tr("Our network"),
        Standing.THIRD_PARTY: _tr("A third party"),
        Standing.UNKNOWN: _tr("Unknown"),
    }[standing]


def place_cell(reading: HostReading | None) -> Spot:
    """Icon in the colour of the place, and its words."""
    standing = Standing.UNKNOWN if reading is None else reading.standing
    icon, role = _PLACES[standing]
    return Spot(icon, role, standing_words(standing))


_PLACES: dict[Standing, tuple[str, Role]] = {
    Standing.THIS_MACHINE: ("machine", "here"),
    # Hardware of one's own that is not this machine: the colour of what would be bought.
    Standing.OUR_NETWORK: ("server", "buy"),
    Standing.THIRD_PARTY: ("hosted", "hosted"),
    Standing.UNKNOWN: ("todo", "text_3"),
}


def state_cell(reading: HostReading | None, *, now: datetime) -> Status:
    """Its state by shape and words, and below it what answers or since when nothing does."""
    if reading is None:
        return Status(State.RUNNING, _tr("Asking"))
    match reading.state:
        case HostState.ANSWERS:
            parts = (server_words(reading), latency_words(reading))
            return Status(State.DONE, _tr("Answers"), ", ".join(part for part in parts if part))
        case HostState.GONE:
            return Status(State.FAILED, gone_words(reading), gone_for(reading, now=now))
        case HostState.REFUSED:
            return Status(State.PARTIAL, _tr("Asks for a token"), server_words(reading))
        case HostState.SOMETHING_ELSE:
            return Status(State.FAILED, _tr("Something else"), reading.server)
        case HostState.BAD_CERTIFICATE:
            return Status(State.FAILED, _tr("Wrong certificate"), _tr("Nothing was sent"))


def server_words(reading: HostReading) -> str:
    """What answers: "Ollama 0.32.15"."""
    return f"{reading.server} {reading.version}".strip()


def latency_words(reading: HostReading) -> str:
    """How long a short question takes; whole milliseconds, so that it keeps still."""
    seconds = reading.latency_seconds
    if seconds is None:
        return ""
    if seconds < 0.001:
        return f"<{joined('1', 'ms')}"
    if seconds < 0.01:
        return joined(number(seconds * 1000), "ms")
    return duration(seconds)


def gone_words(reading: HostReading) -> str:
    """ "Gone since 14:02"."""
    if not reading.gone_since:
        return _tr("Does not answer")
    return _tr("Gone since {0}").format(clock(reading.gone_since))


def gone_for(reading: HostReading, *, now: datetime) -> str:
    """For how long it has been silent, in whole minutes; "" where that is not known."""
    since = _moment(reading.gone_since)
    if since is None:
        return ""
    minutes = int((now - since).total_seconds() // 60)
    if minutes < 1:
        return _tr("less than a minute")
    return _tr("for {0}").format(duration(60.0 * minutes))


def clock(moment: str) -> str:
    """The time of day where it was today, else the day; "" stays."""
    stamp = QDateTime.fromString(moment, Qt.DateFormat.ISODate).toLocalTime()
    if stamp.isValid() and stamp.date() == QDateTime.currentDateTime().date():
        return dates.clock(stamp.time())
    return dates.when(moment)


def _moment(moment: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def loaded_words(reading: HostReading) -> str:
    """How many of its models are in memory, where it tells."""
    told = [model.loaded for model in reading.models if model.loaded is not None]
    if reading.models and not told:
        return _tr("loaded unknown")
    return _tr("{0} loaded").format(whole(sum(told)))


def on_gpus(reading: HostReading) -> str:
    """How much of what its models take is on GPUs, where it tells."""
    whole_bytes, on_gpus = middle(reading.memory_bytes), middle(reading.gpu_bytes)
    if not whole_bytes or on_gpus is None:
        return ""
    if on_gpus >= whole_bytes:
        return _tr("all on GPUs")
    if not on_gpus:
        return _tr("none on GPUs")
    return _tr("on GPUs: {0}").format(plain(on_gpus, Unit.MEMORY_BYTES, like=whole_bytes))


def answers(reading: HostReading | None) -> bool:
    """Whether a host was asked and answers as it should."""
    return reading is not None and reading.state is HostState.ANSWERS
