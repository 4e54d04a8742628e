"""What every command gets: where to print, what the user keeps, whether JSON is asked for."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from landfall.core.settings import Settings
from landfall.services.paths import Paths


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the command line.

    Attributes:
        name: As typed.
        help: One line.
        add_arguments: Adds its arguments to a parser.
        run: Does it; returns the exit code.
    """

    name: str
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Session], Awaitable[int]]


@dataclass(kw_only=True)
class Session:
    """One run of one command.

    Attributes:
        json: Whether one JSON document is wanted on stdout and nothing else there.
        paths: Where settings, history, logs and cache are.
        settings: As stored, or the defaults.
        out: Results. err: progress and warnings.
    """

    json: bool
    paths: Paths
    settings: Settings
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)

    def document(self, value: Any) -> None:
        """Print the one JSON document."""
        print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False), file=self.out)

    def line(self, text: str = "") -> None:
        """Print a line of the human answer."""
        print(text, file=self.out)

    def say(self, text: str) -> None:
        """Print progress or a warning: never on stdout."""
        print(text, file=self.err, flush=True)

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]], *, right: str = "") -> None:
        """Print aligned columns. `right` names the columns (by head) whose text ends flush."""
        lines = [list(head), *(list(row) for row in rows)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
        flush = {name.strip() for name in right.split(",") if name.strip()}
        for line in lines:
            cells = [
                cell.rjust(width) if name in flush else cell.ljust(width)
                for cell, width, name in zip(line, widths, head, strict=True)
            ]
            self.line("  ".join(cells).rstrip())
