"""Reads the settings for the window; apart, because the first frame does not wait for them."""

from __future__ import annotations

from pathlib import Path

from landfall.core.errors import AppError
from landfall.core.settings import Settings
from landfall.gui.messages import Messages
from landfall.services.settings import settings_store


def load(path: Path, messages: Messages) -> Settings:
    """The stored settings; the defaults and a banner where they cannot be read."""
    try:
        return settings_store.load(path)
    except AppError as error:
        messages.tell(error)
        return Settings()
