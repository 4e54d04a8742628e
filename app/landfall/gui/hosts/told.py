"""The chosen host in words: what is wrong, what is known, and what nobody can know of it here."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from landfall.core.hosts.hosts import HostKind, HostReading, HostState, Standing
from landfall.core.provenance import Unknown
from landfall.gui.format import capital, text, whole
from landfall.gui.hints import for_command_line
from landfall.gui.hosts.words import (
    Listed,
    answers,
    clock,
    latency_words,
    loaded_words,
    on_gpus,
    server_words,
    standing_words,
)
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.widgets.feedback import State


def _tr(words: str) -> str:
    return QCoreApplication.translate("hosts", words)


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
        found.append(Heed(worse, translated(reading.problem), problem_hint(reading)))
    if reading.same_as:
        words = _tr("It is the same server as {0}, and counts once.").format(reading.same_as)
        found.append(Heed(State.PARTIAL, words, translated(reading.same_why)))
    for warning in reading.warnings:
        hint = translated(warning.hint)
        if for_command_line(hint):
            hint = _tr("Use https there, or agree to it where its token is entered.")
        found.append(Heed(State.PARTIAL, translated(warning.text), hint))
    return tuple(found)


def problem_hint(reading: HostReading) -> str:
    """What to do where a host does not answer as it should, in words of the window."""
    if not for_command_line(reading.hint):
        return translated(reading.hint)
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


def _stands(reading: HostReading) -> str:
    """Where it stands, and by which address that was decided: "This machine (127.0.0.1)".

    The words of the core are put together of too little to be known as a sentence.
    """
    _, opens, address = reading.stand.words.partition(" (")
    if not opens:
        return capital(translated(reading.stand.words) or standing_words(reading.standing))
    for english, said in (
        (
            "an address of a tailnet or behind a carrier's translation",
            _tr("an address of a tailnet or behind a carrier's translation"),
        ),
        ("reachable on this link alone", _tr("reachable on this link alone")),
        ("the name also leads nearer", _tr("the name also leads nearer")),
    ):
        address = address.replace(english, said)
    return f"{standing_words(reading.standing)} ({address}"


def fact_lines(listed: Listed) -> tuple[tuple[str, str], ...]:
    """What is known of a host, each with its name; what is not known has no line or says so."""
    reading = listed.reading
    known = [(_tr("Address"), listed.host.url)]
    if reading is not None:
        stands = _stands(reading)
        parts = (server_words(reading), latency_words(reading))
        known += [
            (_tr("Stands"), stands),
            (_tr("What answers"), ", ".join(part for part in parts if part)),
        ]
        if answers(reading):
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


def answer_title(reading: HostReading) -> str:
    """What answers, and how fast: "Ollama 0.32.15 answers in 4 ms"."""
    latency = latency_words(reading)
    if not latency:
        return _tr("{0} answers").format(server_words(reading))
    return _tr("{0} answers in {1}").format(server_words(reading), latency)


def answer_words(reading: HostReading) -> str:
    """Where it stands, and what it holds."""
    stands = _stands(reading)
    count = whole(len(reading.models))
    return f"{stands}. {_tr('Models: {0}, {1}.').format(count, loaded_words(reading))}"


def memory_words(reading: HostReading) -> str:
    """The same in a sentence's part; of what is not known the reason."""
    if isinstance(reading.memory_bytes, Unknown):
        return _tr("unknown: {0}").format(translated(reading.memory_bytes.reason))
    share = on_gpus(reading)
    amount = text(reading.memory_bytes, Unit.MEMORY_BYTES)
    return f"{amount}, {share}" if share else amount
