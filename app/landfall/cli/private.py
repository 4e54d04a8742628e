"""Leaves out of a report what is nobody else's business: the user's name, credentials."""

from __future__ import annotations

import getpass
import re
from typing import Any

from landfall.services.paths import expanded


def user_name() -> str:
    """Of the one who runs this, or "" where the system does not tell."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def of_this_user(value: Any) -> Any:
    """The document without the name of who runs this, and without credentials."""
    return private(value, home=str(expanded("~")), user=user_name())


def private(value: Any, *, home: str, user: str) -> Any:
    """The document without the user's name in paths and without credentials in addresses."""
    match value:
        case str():
            return _private_text(value, home=home, user=user)
        case dict():
            return {key: private(item, home=home, user=user) for key, item in value.items()}
        case list():
            return [private(item, home=home, user=user) for item in value]
        case _:
            return value


def _private_text(text: str, *, home: str, user: str) -> str:
    if len(home) > 1:
        text = re.sub(rf"{re.escape(home)}(?![\w.-])", "~", text)
    if user:
        text = re.sub(rf"([/\\]){re.escape(user)}(?=[/\\]|$)", r"\1~", text)
    return re.sub(r"://[^/@\s]+@", "://", text)
