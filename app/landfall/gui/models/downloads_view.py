"""A download in words: what its row says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.errors import AppError, DiskFull, Interrupted, NetworkUnavailable
from landfall.gui.dates import when
from landfall.gui.format import duration, plain
from landfall.gui.hints import failure_words
from landfall.gui.models.pull_entry import INTERRUPTED, Entry
from landfall.gui.models.pull_row import Pull, PullState
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.services.ollama.pulls import DISK_MARGIN_BYTES

if TYPE_CHECKING:
    from landfall.core.pull_progress import PullReading

DOT = "  \u00b7  "


def _tr(text: str) -> str:
    return QCoreApplication.translate("downloads", text)


def pull_of(entry: Entry) -> Pull:
    """What the row of a download shows."""
    return Pull(
        name=entry.name,
        state=entry.state,
        fraction=1.0 if entry.state is PullState.DONE else entry.reading.fraction,
        detail=_detail(entry),
        layers=entry.reading.layer_shares,
        remedy=remedy(entry),
    )


def remedy(entry: Entry) -> str:
    """Words on the button that deals with a failure, or ""."""
    if entry.state is not PullState.FAILED:
        return ""
    if isinstance(entry.error, DiskFull):
        return _tr("Free space\u2026")
    return _tr("Try plain http") if speaks_plain_http(entry) else ""


def speaks_plain_http(entry: Entry) -> bool:
    """Whether it failed because its registry speaks plain http and was asked by https."""
    error = entry.error
    told = isinstance(error, AppError) and "plain http" in error.hint
    return told and not entry.insecure


def _detail(entry: Entry) -> str:
    reading = entry.reading
    match entry.state:
        case PullState.QUEUED:
            return DOT.join([*_size(reading), _tr("starts when the one before it is through")])
        case PullState.RUNNING:
            return _running(reading)
        case PullState.PAUSED:
            return DOT.join([*_on_disk(reading), _paused(entry)])
        case PullState.FAILED:
            return _failed(entry)
        case PullState.DONE:
            at = when(entry.changed_at)
            return DOT.join([*_size(reading), _tr("digest verified"), at])


def _running(reading: PullReading) -> str:
    match reading.phase:
        case "manifest":
            return _tr("Asking the registry what the model is made of")
        case "verify":
            return DOT.join([*_size(reading), _tr("all of it is here, its digest is checked")])
        case "write" | "done":
            return DOT.join([*_size(reading), _tr("digest verified, the model is entered")])
    parts = list(_on_disk(reading, suffix=False))
    rate, left = reading.rate_bytes_per_s, reading.seconds_left
    if rate is not None:
        nothing = _tr("nothing comes at the moment")
        parts.append(plain(rate, Unit.BYTES_PER_SECOND) if rate > 0 else nothing)
    if left is not None:
        parts.append(_tr("{0} left").format(duration(max(left, 1.0))))
    return DOT.join(parts)


def _size(reading: PullReading) -> tuple[str, ...]:
    total = reading.total_bytes
    return (plain(total, Unit.FILE_BYTES),) if total else ()


def _on_disk(reading: PullReading, *, suffix: bool = True) -> tuple[str, ...]:
    """How much of how much."""
    done, total = reading.completed_bytes, reading.total_bytes
    if done is None:
        return _size(reading)
    came = plain(done, Unit.FILE_BYTES)
    if total is None:
        return (_tr("{0}, size not known yet").format(came),)
    words = _tr("{0} of {1} on disk") if suffix else _tr("{0} of {1}")
    return (words.format(came, plain(total, Unit.FILE_BYTES)),)


def _paused(entry: Entry) -> str:
    at = when(entry.changed_at)
    if entry.reason == INTERRUPTED:
        return _tr("cut when the program ended ({0}); goes on where it stopped").format(at)
    return _tr("paused ({0}); goes on where it stopped").format(at)


def _failed(entry: Entry) -> str:
    error, reading = entry.error, entry.reading
    if isinstance(error, DiskFull):
        return " ".join([translated(error.message), *_room(reading)])
    if speaks_plain_http(entry):
        ask = _tr("If it is in your own network, ask it by plain http.")
        return f"{_tr('This registry does not speak https.')} {ask}"
    if isinstance(error, NetworkUnavailable):
        kept = _tr("What came is kept; try again when the network is back.")
        return f"{translated(error.message)} {kept}"
    if isinstance(error, Interrupted):
        return DOT.join([failure_words(error), *_on_disk(reading)])
    return entry.reason or _tr("It ended before its end.")


def _room(reading: PullReading) -> tuple[str, ...]:
    """What is kept, and how much room the rest needs."""
    done, total = reading.completed_bytes, reading.total_bytes
    if not done or not total or done >= total:
        return (_tr("Make room, then try again."),)
    missing = plain(total - done + DISK_MARGIN_BYTES, Unit.FILE_BYTES)
    kept = _tr("{0} of {1} are kept.").format(
        plain(done, Unit.FILE_BYTES), plain(total, Unit.FILE_BYTES)
    )
    return (kept, _tr("Free {0}, then try again.").format(missing))
