"""Callbacks that the exported proxy runs besides the guard."""

from __future__ import annotations

from collections.abc import Mapping

from landfall.core.routing.folder_text import NewFile
from landfall.services.routing import spend_lines


def callbacks() -> Mapping[str, NewFile]:
    """Each as the router names it, with its file."""
    return {spend_lines.CALLBACK: spend_lines.file()}
