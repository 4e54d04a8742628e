"""What every command gets: where to print, what the user keeps, whether JSON is asked for."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO

from landfall.core.errors import AppError, BadInput, OutputFailed
from landfall.core.settings import Settings
from landfall.services.paths import Paths

if TYPE_CHECKING:
    from landfall.services.keys.secret import Secret


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the command line.

    Attributes:
        name: As typed; `cli.commands` says in a line what it is for.
        add_arguments: Adds its arguments to a parser.
        run: Does it; returns the exit code.
        needs_settings: Whether settings that cannot be read stop it; else it has the defaults.
    """

    name: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Session], Awaitable[int]]
    needs_settings: bool = True


_CONTROLS: dict[int, int | None] = (
    {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t\r"}
    | {0x7F: 0x2421, ord("\r"): None}
    | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
)
"""Control characters (ECMA-48: C0, DEL, C1) to their pictures in Unicode, where there is one."""

_ESCAPED = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}
"""Those that JSON lets stand as they are, as it may spell them."""


def tame(text: str, stream: TextIO) -> str:
    """The text as the stream may have it.

    A terminal obeys control characters: it moves its cursor, renames its window, answers as if
    the user had typed. What a model or a file says must not do so, and is shown instead. A file or
    a pipe gets the text as it is.
    """
    if text.isprintable() or not stream.isatty():
        return text
    return text.translate(_CONTROLS)


@contextmanager
def writing() -> Iterator[None]:
    """Around writing an answer.

    Raises:
        OutputFailed: it cannot be written.
        BrokenPipeError: its reader has gone.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputFailed(
            f"The answer cannot be written: {error.strerror}.", "Send it elsewhere."
        ) from error


@dataclass(kw_only=True)
class Session:
    """One run of one command.

    Attributes:
        json: Whether one JSON document is wanted on stdout and nothing else there.
        paths: Where settings, history, logs and cache are.
        settings: As stored, or the defaults.
        out: Results. err: progress and warnings. One that is closed swallows what it gets.
        token: Shown to the server of `settings.ollama_url`, where that is a host with one.
        unread: Why the stored settings could not be read, for a command that does without, or "".
    """

    json: bool
    paths: Paths
    settings: Settings
    out: TextIO = field(default_factory=lambda: sys.stdout or io.StringIO())
    err: TextIO = field(default_factory=lambda: sys.stderr or io.StringIO())
    token: Secret | None = None
    unread: str = ""

    def document(self, value: Any) -> None:
        """Print the one JSON document."""
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
        self.line(text.translate(_ESCAPED))

    def line(self, text: str = "") -> None:
        """Print a line of the human answer."""
        with writing():
            print(tame(text, self.out), file=self.out)

    def prose(self, text: str, *, hanging: int = 0) -> None:
        """Print a line of text, broken between words where a terminal is narrower.

        What goes to a file or another program stays on one line, for `grep`.

        Args:
            hanging: How far further lines are indented.
        """
        columns = self._columns()
        if columns and len(text) > columns:
            textwrap = import_module("textwrap")
            indent = " " * hanging
            text = textwrap.fill(
                text, columns, subsequent_indent=indent, break_long_words=False,
                break_on_hyphens=False, drop_whitespace=True,
            )  # fmt: skip
        self.line(text)

    def _columns(self) -> int:
        """Of the terminal, or as the user says of it; 0 where there is none."""
        if not self.out.isatty():
            return 0
        stated = os.environ.get("COLUMNS", "")
        if stated.isdecimal():
            return int(stated)
        try:
            return os.get_terminal_size(self.out.fileno()).columns
        except (OSError, ValueError):
            return 0

    def piece(self, text: str) -> None:
        """Print a piece of the human answer as it comes."""
        with writing():
            print(tame(text, self.out), end="", file=self.out, flush=True)

    def say(self, text: str) -> None:
        """Print progress or a warning: never on stdout."""
        print(tame(text, self.err), file=self.err, flush=True)

    def say_piece(self, text: str) -> None:
        """Print a piece of what is no part of the answer as it comes."""
        print(tame(text, self.err), end="", file=self.err, flush=True)

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]], *, right: str = "") -> None:
        """Print aligned columns. `right` names the columns (by head) whose text ends flush."""
        lines = [[tame(cell, self.out) for cell in line] for line in (head, *rows)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
        flush = {name.strip() for name in right.split(",") if name.strip()}
        for line in lines:
            cells = [
                cell.rjust(width) if name in flush else cell.ljust(width)
                for cell, width, name in zip(line, widths, head, strict=True)
            ]
            self.line("  ".join(cells).rstrip())


def error_document(error: AppError) -> dict[str, Any]:
    """An error as every command tells it in JSON; `field` is a key's path or an argument."""
    place = error if isinstance(error, BadInput) else None
    return {
        "kind": error.kind,
        "message": error.message,
        "hint": error.hint,
        "file": place.file if place and place.file else None,
        "line": place.line if place else None,
        "field": _key(place.field) if place and place.field else None,
    }


def _key(field: str) -> str:
    """An argument as keys are spelt, whoever found it wrong: `kv_type`, not `--kv-type`."""
    if not field.startswith("--"):
        return field
    return field.removeprefix("--").partition("=")[0].replace("-", "_")
