"""The kept host that the window speaks with, and the machine that is asked about with it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from landfall.core.errors import AppError
from landfall.services.hosts.keeping import same_name
from landfall.services.late_imports import late

if TYPE_CHECKING:
    from landfall.core.hosts.hosts import Host
    from landfall.gui.app_state import AppState


def speak_with(state: AppState, host: Host | None) -> None:
    """Speak with a kept host, or with the server of the settings.

    Fit and speed are asked for the machine that the user described by the host's name: also where
    it is the host before, under a new name. One that only moved to another address stays as it was.
    """
    before = state.chosen_host
    state.set_chosen_host(host)
    if _name(host) != _name(before):
        _ask_about_machine(state, before, host)


def follow(state: AppState, kept_before: Sequence[Host]) -> None:
    """The settings changed: the host may not be kept any more, or be called or reached otherwise.

    Args:
        kept_before: The hosts of the settings before.
    """
    chosen, kept = state.chosen_host, state.settings.hosts
    if chosen is None or chosen in kept:
        return
    named = [host for host in kept if host.name == chosen.name]
    there = [host for host in kept if host.url == chosen.url and host not in kept_before]
    speak_with(state, next(iter(named + there), None))


def _name(host: Host | None) -> str | None:
    return None if host is None else host.name


def _ask_about_machine(state: AppState, before: Host | None, host: Host | None) -> None:
    """Another machine that is asked about stays; that of the host before does not."""
    asked = state.what_if
    if asked is not None and (before is None or not same_name(asked.name, before.name)):
        return
    own = None
    if host is not None:
        known = late("landfall.services.machine.known_machines")
        with suppress(AppError):  # the Machine page says what is wrong with the file
            name = known.own_name(host.name)
            own = known.what_if(name) if name is not None else None
    state.set_what_if(own)
