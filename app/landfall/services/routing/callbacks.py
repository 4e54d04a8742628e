"""Callbacks that the exported proxy runs besides the guard."""

from __future__ import annotations

from collections.abc import Mapping

from landfall.core.routing.folder_text import NewFile


def callbacks() -> Mapping[str, NewFile]:
    """Each as the router names it, with its file; none yet."""
    return {}
