"""Where the program keeps its things. `LANDFALL_HOME` moves all of it into one folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from landfall.core.errors import Unavailable
from landfall.services.whole_file import sweep

READABLE_HINT = "Make it readable, or set LANDFALL_HOME to a folder of your own."
"""Where something that the program keeps cannot be read."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Files and folders of one user. Nothing is created until `make()`.

    Attributes:
        logs: What earlier versions made and never wrote to: errors are shown, and a log would only
            be one more file with the names of models and folders in it. `forget` removes it.
    """

    settings: Path
    database: Path
    logs: Path
    cache: Path

    @property
    def machines(self) -> Path:
        """The user's own machines, beside the settings."""
        return self.settings.with_name("machines.toml")

    @property
    def prices(self) -> Path:
        """The price table that the user had fetched, beside the history."""
        return self.database.with_name("prices.json")

    @property
    def offered_models(self) -> Path:
        """What providers listed for the user's keys, beside the history."""
        return self.database.with_name("offered_models.json")

    @property
    def window(self) -> Path:
        """Geometry, colours and language of the window, and room it keeps, beside the settings."""
        return self.settings.with_name("window.ini")

    @property
    def lock(self) -> Path:
        """Held by the one window that is open, beside the history."""
        return self.database.with_name("window.lock")

    @property
    def announced(self) -> Path:
        """The newest version that was announced here, beside the history."""
        return self.database.with_name("announced.json")

    def make(self) -> None:
        """Create the folders, readable by their owner alone; what a kill left in them goes.

        Raises:
            Unavailable: a folder cannot be created.
        """
        for folder in (self.settings.parent, self.database.parent, self.cache):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise Unavailable(
                    f"The folder {folder} cannot be created: {error.strerror or error}.",
                    "Make it writable, or set LANDFALL_HOME to a folder that is.",
                ) from error
            sweep(folder)


def of_user() -> Paths:
    """The folders of this user, or those under `LANDFALL_HOME`.

    Raises:
        Unavailable: the system does not say where this user's home is.
    """
    home = os.environ.get("LANDFALL_HOME", "").strip()
    if home:
        root = _whole(os.path.expanduser(home))
        return Paths(
            settings=root / "settings.toml",
            database=root / "history.db",
            logs=root / "logs",
            cache=root / "cache",
        )
    # Only where it is needed: it costs a tenth of what a short command takes.
    platformdirs = import_module("platformdirs")
    try:
        with _without_relative_ones():
            config = platformdirs.user_config_dir("Landfall", appauthor=False)
            data = platformdirs.user_data_dir("Landfall", appauthor=False)
            logs = platformdirs.user_log_dir("Landfall", appauthor=False)
            cache = platformdirs.user_cache_dir("Landfall", appauthor=False)
    except RuntimeError as error:  # of newer versions; older ones leave the ~
        raise _homeless("~") from error
    return Paths(
        settings=_whole(config) / "settings.toml",
        database=_whole(data) / "history.db",
        logs=_whole(logs),
        cache=_whole(cache),
    )


def expanded(path: str | Path) -> Path:
    """A path with `~` read as a shell does; where that home is not known it stays as it stands."""
    return Path(os.path.expanduser(path))


def nowhere() -> Paths:
    """For what is only printed, also where it is not known where this user's home is."""
    root = Path(os.devnull)
    return Paths(settings=root, database=root, logs=root, cache=root)


def _whole(folder: str) -> Path:
    """A folder, whatever the current one is later.

    Raises:
        Unavailable: it begins with a home that is not known.
    """
    if folder.startswith("~"):
        raise _homeless(folder)
    return Path(os.path.abspath(folder))


def _homeless(folder: str) -> Unavailable:
    return Unavailable(
        f"The system does not say which folder {folder} is.",
        "Set HOME, or set LANDFALL_HOME to a folder.",
    )


@contextmanager
def _without_relative_ones() -> Iterator[None]:
    """The base directories that are no whole paths count as unset (XDG Base Directory 0.8)."""
    relative = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("XDG_") and name.endswith("_HOME") and not os.path.isabs(value)
    }
    for name in relative:
        os.environ.pop(name, None)  # another thread may ask at the same time
    try:
        yield
    finally:
        os.environ.update(relative)
