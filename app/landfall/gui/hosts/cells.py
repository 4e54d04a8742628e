"""A host and its models as rows of a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from landfall.core.hosts.hosts import HostModel, HostReading
from landfall.core.provenance import Unknown, middle
from landfall.gui.format import Shown, joined, origin_word, plain, shown, whole
from landfall.gui.hosts.words import (
    Listed,
    address,
    answers,
    latency_words,
    loaded_words,
    on_gpus,
    place_cell,
    state_cell,
)
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Plain, Row, Status, Title
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.table_model import Column


def _tr(words: str) -> str:
    return QCoreApplication.translate("hosts", words)


def host_columns() -> tuple[Column, ...]:
    """Those of `host_row`."""
    return (
        Column(_tr("Host")),
        Column(_tr("Stands"), 150),
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
    since = state.sub if not answers(listed.reading) else ""
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


def models_cell(reading: HostReading | None) -> Plain:
    """How many models it lists, and how many are loaded."""
    if not answers(reading):
        return Plain(_tr("unknown"), tone="text_3", right=True, sort=-1.0)
    assert reading is not None
    count = len(reading.models)
    return Plain(whole(count), loaded_words(reading), right=True, sort=float(count))


def memory_cell(reading: HostReading | None) -> Shown:
    """What its loaded models take, and below it how much of that is on GPUs."""
    if reading is None:
        return shown(Unknown(_tr("it was not asked yet")), Unit.MEMORY_BYTES)
    seen, share = shown(reading.memory_bytes, Unit.MEMORY_BYTES), on_gpus(reading)
    if seen.sort is None:
        return seen
    # Not when it was told, which is with every reading.
    parts = (joined(seen.value, seen.unit), share, origin_word(seen.origin), seen.note)
    return replace(seen, detail=share, spoken=", ".join(part for part in parts if part))


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


def warning_cell(reading: HostReading | None) -> Status | Plain:
    """How many warnings it deserves; the details have them in words."""
    if reading is None or not (reading.warnings or answers(reading)):
        return Plain(_tr("unknown"), tone="text_3", sort="")
    count = len(reading.warnings)
    if not count:
        return Plain(_tr("None"), tone="text_3", sort="")
    words = _tr("1 warning") if count == 1 else _tr("{0} warnings").format(whole(count))
    return Status(State.PARTIAL, words)
