"""Where the program keeps its things. `LANDFALL_HOME` moves all of it into one folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from landfall.core.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Paths:
    """Files and folders of one user. Nothing is created until `make()`."""

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
    def announced(self) -> Path:
        """The newest version that was announced here, beside the history."""
        return self.database.with_name("announced.json")

    def make(self) -> None:
        """Create the folders, readable by their owner alone.

        Raises:
            Unavailable: a folder cannot be created.
        """
        for folder in (self.settings.parent, self.database.parent, self.logs, self.cache):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise Unavailable(
                    f"The folder {folder} cannot be created: {error.strerror or error}.",
                    "Make it writable, or set LANDFALL_HOME to a folder that is.",
                ) from error


def of_user() -> Paths:
    """The folders of this user, or those under `LANDFALL_HOME`."""
    home = os.environ.get("LANDFALL_HOME", "").strip()
    if home:
        root = Path(home).expanduser()
        return Paths(
            settings=root / "settings.toml",
            database=root / "history.db",
            logs=root / "logs",
            cache=root / "cache",
        )
    # Only where it is needed: it costs a tenth of what a short command takes.
    platformdirs = import_module("platformdirs")
    data = Path(platformdirs.user_data_dir("Landfall", appauthor=False))
    return Paths(
        settings=Path(platformdirs.user_config_dir("Landfall", appauthor=False)) / "settings.toml",
        database=data / "history.db",
        logs=Path(platformdirs.user_log_dir("Landfall", appauthor=False)),
        cache=Path(platformdirs.user_cache_dir("Landfall", appauthor=False)),
    )
