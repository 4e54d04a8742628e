"""The tabs of Models: which there are, whose models they show, and what is said above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.gui.format import whole
from landfall.gui.models.installed_view import count_words
from landfall.gui.models.ranking import host_words
from landfall.gui.server_state import answers, is_here, missing

if TYPE_CHECKING:
    from landfall.core.hosts.hosts import HostModel, HostReading

if TYPE_CHECKING:
    from landfall.core.hosts.hosts import HostReading
    from landfall.gui.app_state import AppState

RECOMMENDED, INSTALLED, RUNNING, DOWNLOADS = range(4)
BY_NAME = {
    "recommended": RECOMMENDED,
    "installed": INSTALLED,
    "running": RUNNING,
    "downloads": DOWNLOADS,
}


def other_kind(state: AppState) -> HostReading | None:
    """What the server in use lists where it answers and is no Ollama."""
    return state.listed if answers(state.runtimes) else None


def lists(state: AppState, tab: int) -> bool:
    """Whether the tab shows what a server lists that is no Ollama."""
    return tab in (INSTALLED, RUNNING) and other_kind(state) is not None


def count_installed(state: AppState) -> int | None:
    """How many models the server in use has; None where that is not known."""
    other = other_kind(state)
    if other is not None:
        return len(other.models)
    return None if state.installed is None else len(state.installed)


def count_running(state: AppState) -> int | None:
    """How many models it has in memory; None where that is not known."""
    other = other_kind(state)
    if other is not None:
        told = any(model.loaded is not None for model in other.models)
        return len(in_memory(other)) if told else None
    return None if state.loaded is None else len(state.loaded)


def about(state: AppState) -> str:
    """What is said below the page's title."""
    words = _about(state)
    if state.what_if is None:
        return words
    return f"{_tr('On {0} (what if).').format(state.what_if.name)} {words}"


def _about(state: AppState) -> str:
    lacks, other = missing(state.runtimes), other_kind(state)
    if lacks is not None:
        return _tr("{0}: fit and speed are predicted.").format(lacks.title)
    if other is not None:
        count = len(other.models)
        says = _tr("{0} lists 1 model") if count == 1 else _tr("{0} lists {1} models")
        return says.format(host_words(state), whole(count))
    if state.installed is None:
        return _tr("What this machine can run, what it holds, and what is on its way.")
    if not is_here(state.runtimes):
        on = _tr("On {0}: {1}; what is free on its disk is not known.")
        return on.format(host_words(state), count_words(state.installed, None))
    free_bytes = state.profile.disk.free_bytes if state.profile else None
    return count_words(state.installed, free_bytes)


def _tr(text: str) -> str:
    return QCoreApplication.translate("models", text)


def in_memory(reading: HostReading) -> tuple[HostModel, ...]:
    """Those that it says are loaded."""
    return tuple(model for model in reading.models if model.loaded)
