"""A host in words and cells: where it stands, whether it answers, what it holds, what to heed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt

from landfall.core.hosts import Host, HostKind, HostModel, HostReading, HostState, Standing
from landfall.core.provenance import Unknown, middle
from landfall.gui.format import (
    Shown,
    Unit,
    capital,
    duration,
    joined,
    number,
    origin_word,
    plain,
    shown,
    text,
    when,
    whole,
)
from landfall.gui.hints import for_command_line
from landfall.gui.theme import Role
from landfall.gui.widgets.cells import Plain, Spot, Status, Title
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.tables import Column, Row


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


def host_columns() -> tuple[Column, ...]:
    """Those of `host_row`."""
    return (
        Column(_tr("Host")),
        Column(_tr("Stands"), 134),
        Column(_tr("State"), 200),
        Column(_tr("Models"), 110, right=True),
        Column(_tr("Memory in use"), 146, right=True),
        Column(_tr("Warnings"), 118),
    )


STANDS, MODELS, MEMORY = 1, 3, 4
"""Columns that go, the last first, where there is no room: the details have all of it."""


def host_row(listed: Listed, *, now: datetime) -> Row:
    """The cells of a line."""
    state = state_cell(listed.reading, now=now)
    place = place_cell(listed.reading)
    warned = warning_cell(listed.reading)
    sub = address(listed.host)
    if listed.reading is not None and listed.reading.same_as:
        sub = _tr("the same server as {0}").format(listed.reading.same_as)
    # How fast it answers differs each time, and is told in its own cell alone.
    since = state.sub if not _answers(listed.reading) else ""
    said = (listed.host.name, sub, place.text, state.text, since, warned.text)
    name = Title(
        listed.host.name,
        sub,
        keeps_end=True,
        says=", ".join(part for part in said if part),
    )
    return name, place, state, models_cell(listed.reading), memory_cell(listed.reading), warned


def looks(listed: Listed) -> tuple[object, ...]:
    """What of a line its cells are made of: most readings differ only in when they came."""
    reading = listed.reading
    if reading is None:
        return ()
    return (
        reading.state,
        reading.stand.standing,
        reading.server,
        reading.version,
        latency_words(reading),
        [model.loaded for model in reading.models],
        middle(reading.memory_bytes),
        middle(reading.gpu_bytes),
        reading.memory_bytes if isinstance(reading.memory_bytes, Unknown) else None,
        len(reading.warnings),
        reading.same_as,
        reading.gone_since,
    )


def address(host: Host) -> str:
    """Where it is, short: the scheme only where it is not the usual one."""
    return host.url.removeprefix("http://")


# Where it stands


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


# Whether it answers


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
        return QLocale().toString(stamp.time(), QLocale.FormatType.ShortFormat)
    return when(moment)


def _moment(moment: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


# What it holds


def models_cell(reading: HostReading | None) -> Plain:
    """How many models it lists, and how many are loaded."""
    if not _answers(reading):
        return Plain(_tr("unknown"), tone="text_3", right=True, sort=-1.0)
    assert reading is not None
    count = len(reading.models)
    return Plain(whole(count), loaded_words(reading), right=True, sort=float(count))


def loaded_words(reading: HostReading) -> str:
    """How many of its models are in memory, where it tells."""
    told = [model.loaded for model in reading.models if model.loaded is not None]
    if reading.models and not told:
        return _tr("loaded unknown")
    return _tr("{0} loaded").format(whole(sum(told)))


def memory_cell(reading: HostReading | None) -> Shown:
    """What its loaded models take, and below it how much of that is on GPUs."""
    if reading is None:
        return shown(Unknown(_tr("it was not asked yet")), Unit.MEMORY_BYTES)
    seen, on_gpus = shown(reading.memory_bytes, Unit.MEMORY_BYTES), _on_gpus(reading)
    if seen.sort is None:
        return seen
    # Not when it was told, which is with every reading.
    parts = (joined(seen.value, seen.unit), on_gpus, origin_word(seen.origin), seen.note)
    return replace(seen, detail=on_gpus, spoken=", ".join(part for part in parts if part))


def _on_gpus(reading: HostReading) -> str:
    whole_bytes, on_gpus = middle(reading.memory_bytes), middle(reading.gpu_bytes)
    if not whole_bytes or on_gpus is None:
        return ""
    if on_gpus >= whole_bytes:
        return _tr("all on GPUs")
    if not on_gpus:
        return _tr("none on GPUs")
    return _tr("on GPUs: {0}").format(plain(on_gpus, Unit.MEMORY_BYTES, like=whole_bytes))


def memory_words(reading: HostReading) -> str:
    """The same in a sentence's part; of what is not known the reason."""
    if isinstance(reading.memory_bytes, Unknown):
        return _tr("unknown: {0}").format(reading.memory_bytes.reason)
    on_gpus = _on_gpus(reading)
    amount = text(reading.memory_bytes, Unit.MEMORY_BYTES)
    return f"{amount}, {on_gpus}" if on_gpus else amount


def model_columns() -> tuple[Column, ...]:
    """Those of `model_row`."""
    return (
        Column(_tr("Model")),
        Column(_tr("Size"), 90, right=True),
        Column(_tr("Loaded"), 190),
    )


def model_row(model: HostModel) -> Row:
    """A model of a host: its size on the disk, and what it takes while it is loaded."""
    sub = _tr("another machine answers for it") if model.remote else ""
    size = Plain(_tr("unknown"), tone="text_3", right=True)
    if model.size_bytes is not None:
        words = plain(model.size_bytes, Unit.FILE_BYTES)
        size = Plain(words, right=True, sort=float(model.size_bytes))
    return Title(model.name, sub, keeps_end=True), size, _loaded_cell(model)


def _loaded_cell(model: HostModel) -> Plain | Status:
    if model.loaded is None:
        return Plain(_tr("unknown"), tone="text_3")
    if not model.loaded:
        return Plain(_tr("no"), tone="text_3")
    parts = []
    if model.memory_bytes is not None:
        parts.append(plain(model.memory_bytes, Unit.MEMORY_BYTES))
    if model.context is not None:
        parts.append(_tr("context {0}").format(whole(model.context)))
    return Status(State.DONE, _tr("yes"), ", ".join(parts))


# What to heed


def warning_cell(reading: HostReading | None) -> Status | Plain:
    """How many warnings it deserves; the details have them in words."""
    if reading is None or not (reading.warnings or _answers(reading)):
        return Plain(_tr("unknown"), tone="text_3", sort="")
    count = len(reading.warnings)
    if not count:
        return Plain(_tr("None"), tone="text_3", sort="")
    words = _tr("1 warning") if count == 1 else _tr("{0} warnings").format(whole(count))
    return Status(State.PARTIAL, words)


def answer_title(reading: HostReading) -> str:
    """What answers, and how fast: "Ollama 0.32.15 answers in 4 ms"."""
    latency = latency_words(reading)
    if not latency:
        return _tr("{0} answers").format(server_words(reading))
    return _tr("{0} answers in {1}").format(server_words(reading), latency)


def answer_words(reading: HostReading) -> str:
    """Where it stands, and what it holds."""
    stands = capital(reading.stand.words or standing_words(reading.standing))
    count = whole(len(reading.models))
    return f"{stands}. {_tr('Models: {0}, {1}.').format(count, loaded_words(reading))}"


@dataclass(frozen=True, slots=True)
class Heed:
    """A problem or a warning, and what to do about it."""

    state: State
    title: str
    detail: str = ""


def heeds(listed: Listed) -> tuple[Heed, ...]:
    """What is wrong with a host, the worst first."""
    reading = listed.reading
    if reading is None:
        return ()
    found = []
    if reading.problem:
        worse = State.PARTIAL if reading.state is HostState.REFUSED else State.FAILED
        found.append(Heed(worse, reading.problem, problem_hint(reading)))
    if reading.same_as:
        words = _tr("It is the same server as {0}, and counts once.").format(reading.same_as)
        found.append(Heed(State.PARTIAL, words, reading.same_why))
    for warning in reading.warnings:
        hint = warning.hint
        if for_command_line(hint):
            hint = _tr("Use https there, or agree to it where its token is entered.")
        found.append(Heed(State.PARTIAL, warning.text, hint))
    return tuple(found)


def problem_hint(reading: HostReading) -> str:
    """What to do where a host does not answer as it should, in words of the window."""
    if not for_command_line(reading.hint):
        return reading.hint
    if reading.state is HostState.REFUSED:
        return _tr("Enter its token in the window that Edit opens.")
    return _tr("Choose its kind in the window that Edit opens, or have it found out by a look.")


def answered_words(reading: HostReading | None) -> str:
    """When a host last answered."""
    if reading is None:
        return _tr("not asked yet")
    if not reading.answered_at:
        return _tr("never, as far as is known")
    return clock(reading.answered_at)


def fact_lines(listed: Listed) -> tuple[tuple[str, str], ...]:
    """What is known of a host, each with its name; what is not known has no line or says so."""
    reading = listed.reading
    known = [(_tr("Address"), listed.host.url)]
    if reading is not None:
        stands = capital(reading.stand.words or standing_words(reading.standing))
        parts = (server_words(reading), latency_words(reading))
        known += [
            (_tr("Stands"), stands),
            (_tr("What answers"), ", ".join(part for part in parts if part)),
        ]
        if _answers(reading):
            count = whole(len(reading.models))
            known += [
                (_tr("Models"), f"{count}, {loaded_words(reading)}"),
                (_tr("Memory in use"), memory_words(reading)),
            ]
    known.append((_tr("Last answered"), answered_words(reading)))
    return tuple((name, words) for name, words in known if words)


def blind_words(listed: Listed) -> str:
    """What nobody who is not on a host can know of it, and why."""
    host, reading = listed.host, listed.reading
    if reading is not None and reading.standing is Standing.THIS_MACHINE:
        return _tr(
            "It stands on this machine: its memory and its watts are what this page says of the"
            " machine. How they are shared with other servers here is not known."
        )
    if host.kind is HostKind.OLLAMA:
        told = _tr(
            "Ollama tells what its loaded models take. It tells neither how much memory the"
            " machine has nor what it draws."
        )
    else:
        told = _tr(
            "Its language has no word for the machine: how much memory it has, what is free,"
            " and what it draws."
        )
    rest = _tr(
        "So watts, energy and total memory of this host stay unknown, and what is measured on it"
        " is shown without watts. Landfall on that machine itself can tell them."
    )
    return f"{told} {rest}"


def _answers(reading: HostReading | None) -> bool:
    return reading is not None and reading.state is HostState.ANSWERS
