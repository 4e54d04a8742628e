"""`settings.toml`: read strictly, written atomically, never replaced while not understood."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from landfall import __version__
from landfall.core.errors import BadInput, Unavailable
from landfall.core.settings import Settings
from landfall.services.paths import READABLE_HINT
from landfall.services.whole_file import beside, not_saved, put


def load(path: Path) -> Settings:
    """The stored settings, or the defaults where there is no file.

    Raises:
        BadInput: not UTF-8, not TOML, an unknown key or a value of the wrong type; says where.
        SettingsTooNew: a newer version wrote them, and this one does not understand them.
        Unavailable: the file exists and cannot be read.
    """
    try:
        if path.exists() and not path.is_file():
            # A device or a pipe would be read for ever.
            raise Unavailable(f"{path} is no regular file.", "Move it away.")
        text = path.read_bytes().decode("utf-8-sig")  # with the mark that Notepad may set
    except FileNotFoundError:
        return Settings()
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise BadInput(
            f"{path} is not UTF-8 text (line {line}).",
            "Save it as UTF-8, or delete it to return to the defaults.",
            file=str(path),
            line=line,
        ) from error
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}.", READABLE_HINT) from error
    settings: Settings = _toml().parse(text, file=str(path))
    return settings


def save(path: Path, settings: Settings) -> None:
    """Write the settings so that a crash leaves the old file or the new one, never half of one.

    A file that cannot be understood is kept beside it as `settings.broken.toml`. One that a newer
    version wrote stays where it is.

    Raises:
        SettingsTooNew: the file is a newer version's.
        DiskFull, Unavailable: the file cannot be written; the old one is untouched.
    """
    understood = _understood(path)
    try:
        fresh = beside(path, f"{_toml().SIGNED}{__version__}\n{_toml().dump(settings)}")
        if not understood:
            path.replace(path.with_name(f"{path.stem}.broken{path.suffix}"))
        put(fresh, path)
    except OSError as error:
        raise not_saved("The settings", path, error) from error


def _understood(path: Path) -> bool:
    try:
        load(path)
    except BadInput:
        return False
    return True


def _toml() -> Any:
    """Where nothing is stored, nothing is parsed: the first start does without it."""
    return import_module("landfall.services.settings.settings_toml")
