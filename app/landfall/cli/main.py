"""Finds the command, runs it, and turns every outcome into an exit code."""

from __future__ import annotations

import argparse
import importlib
import os
import re
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NoReturn

from landfall import __version__
from landfall.cli.commands import COMMANDS
from landfall.cli.ending_early import CANCELLED
from landfall.cli.session import Command, Session, error_document, tame, writing
from landfall.cli.stated import stated
from landfall.core.errors import AppError, BadInput, OutputFailed
from landfall.core.settings import Settings
from landfall.services import paths
from landfall.services.settings import settings_store


class _Formatter(argparse.HelpFormatter):
    """As wide as the terminal, found out without `shutil`: argparse asks at every argument."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_terminal_columns() - 2)


def _terminal_columns() -> int:
    try:
        return int(os.environ.get("COLUMNS", "")) or 80
    except ValueError:
        pass
    try:
        return os.get_terminal_size().columns or 80
    except (OSError, ValueError):
        return 80


class _Parser(argparse.ArgumentParser):
    """Says what is wrong as a BadInput, so that --json gets a document too.

    An argument may be empty only where its type says so (`str`).
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.register("type", None, stated)

    def add_subparsers(self, **more: Any) -> Any:
        """Each is of this class too, and asks its own arguments; here they are but words."""
        actions = super().add_subparsers(**more)
        actions.type = str
        return actions

    def parse_known_args(self, *args: Any, **more: Any) -> Any:
        """Each says itself what it does not know: the one above it knows none of its options."""
        known, rest = super().parse_known_args(*args, **more)
        if rest:
            # A value behind an option that does not exist may be a key: the option is named alone.
            options = [_option_in(word) for word in rest if word.startswith("-")]
            self.error(f"unrecognized arguments: {' '.join(options or rest)}")
        return known, rest

    def error(self, message: str) -> NoReturn:
        message = _without_values(message)
        field = self._chosen_by(_named(message))
        hint = f"See `{self.prog} --help`."
        if message.startswith("unrecognized") and field.startswith("--"):
            hint = f"{self._meant(field)}{hint}"
        raise BadInput(f"{message}.", hint, field=field)

    def _chosen_by(self, name: str) -> str:
        """The name of an argument that is shown as its choices, `set|check`; any other as it is."""
        return next(
            (one.dest for one in self._actions if one.metavar == name and "|" in name), name
        )

    def _meant(self, option: str) -> str:
        """The option that is nearest to one that does not exist, as a question, or nothing."""
        difflib = importlib.import_module("difflib")
        known = [name for name in self._option_string_actions if name.startswith("--")]
        near = difflib.get_close_matches(option.partition("=")[0], known, 1)
        return f"Did you mean {near[0]}? " if near else ""

    def print_help(self, file: Any = None) -> None:
        """As any other answer: argparse would pass over a full disk and a reader who has gone."""
        with writing():
            print(self.format_help(), end="", file=file)
            print(end="", flush=True)


def _option_in(word: str) -> str:
    """The option alone: `-kVALUE` and `--key=VALUE` have their value in the same word."""
    return word.partition("=")[0] if word.startswith("--") else word[:2]


_VALUES = (
    (
        re.compile(r"(argument [^ ]*\|[^ ]*: invalid choice): .* \(choose from", re.DOTALL),
        r"\1 (choose from",
    ),
    (re.compile(r"ignored explicit argument .*", re.DOTALL), "it takes no value"),
    (re.compile(r"(ambiguous option: --?[^= ]*)=.*( could match )", re.DOTALL), r"\1\2"),
)


def _without_values(message: str) -> str:
    """A complaint of argparse without a word that stands where none is known: it may be a key."""
    for value, instead in _VALUES:
        message = value.sub(instead, message)
    return message


def _named(message: str) -> str:
    """The argument that a complaint of argparse is about, as it is typed or else written small."""
    about, _, rest = message.partition(":")
    if about.startswith("argument "):
        name = about.removeprefix("argument ")
        if name.startswith("-"):
            name = name.rpartition("/")[2]  # `-n/--calls` is two names of one
    else:
        name = (rest.split() or [""])[0].rstrip(",")
    return name.lower() if name.isupper() else name


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit code: 0, 1, 2, 3 or 130."""
    words, literal = _split(argv)
    wants_json = "--json" in words
    options = [word for word in words if word != "--json"]

    def work() -> int:
        _check_values(options)
        return _dispatch(options + literal, wants_json=wants_json)

    return _guarded(work, wants_json=wants_json)


def first_minute(problem: str, files: Sequence[str] = ()) -> int:
    """Without a display: say why, and show the first minute, or the files, in the terminal."""
    module = importlib.import_module("landfall.cli.first_minute")
    return _guarded(lambda: _in_loop(module.show(problem, files, _session())), wants_json=False)


def _guarded(work: Callable[[], int], *, wants_json: bool) -> int:
    """Every outcome as an exit code."""
    _speak_utf8()
    try:
        code = _answered(work, wants_json=wants_json)
        with writing():
            print(end="", flush=True)
        return code
    except OutputFailed as error:
        _close_stdout()
        _report(error, wants_json=False)
        return error.exit_code
    except KeyboardInterrupt:
        _tell("Cancelled.")
        return CANCELLED
    except BrokenPipeError:
        # The reader has gone (`| head`): nothing to say, and nobody to say it to.
        _close_stdout()
        return CANCELLED


def _answered(work: Callable[[], int], *, wants_json: bool) -> int:
    """The command's own exit code, or that of the error that it ended with."""
    try:
        return work()
    except OutputFailed:
        raise
    except AppError as error:
        _report(error, wants_json=wants_json)
        return error.exit_code


def _close_stdout() -> None:
    """What is still held back must not be tried again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(text: str) -> None:
    if sys.stderr is not None:
        print(tame(text, sys.stderr), file=sys.stderr)


def _split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words before a bare `--`, and the rest, in which nothing is an option."""
    at = argv.index("--") if "--" in argv else len(argv)
    return list(argv[:at]), list(argv[at:])


def _dispatch(rest: list[str], *, wants_json: bool) -> int:
    _check_text(rest)
    if not rest and wants_json:
        raise BadInput("No command is named.", _commands(), field="command")
    if not rest or rest[0] in ("-h", "--help"):
        _overview(_without_settings())
        return 0
    if rest[0] == "--version":
        if rest[1:]:
            raise BadInput(f"--version knows no {rest[1]!r}.", "Leave it out.", field=rest[1])
        _version(_without_settings(), wants_json=wants_json)
        return 0
    command = _find(rest[0])
    parser = _Parser(
        prog=f"landfall {command.name}",
        description=COMMANDS[command.name][1],
        formatter_class=_Formatter,
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document on stdout")
    command.add_arguments(parser)
    args = parser.parse_args(rest[1:])
    session = _session(wants_json=wants_json, needs_settings=command.needs_settings)
    return _in_loop(command.run(args, session))


def _check_text(words: Sequence[str]) -> None:
    """Only the name of a file may hold bytes that are no text.

    Raises:
        BadInput: another argument does.
    """
    for word in words:
        if any("\ud800" <= one <= "\udfff" for one in word) and not os.path.exists(word):
            raise BadInput(f"{word!r} is not UTF-8 text.", "Type it anew.", field="argument")


def _check_values(options: Sequence[str]) -> None:
    """`--context=--` has no value: argparse takes the dashes away and gives an empty list.

    Raises:
        BadInput: an option is written so.
    """
    for word in options:
        name, _, value = word.partition("=")
        if name.startswith("-") and value == "--":
            raise BadInput(f"{name} has no value.", "Say one after the =.", field=name)


def _session(*, wants_json: bool = False, needs_settings: bool = True) -> Session:
    places = paths.of_user()
    try:
        settings = settings_store.load(places.settings)
    except AppError as error:
        if needs_settings:
            raise
        return Session(json=wants_json, paths=places, settings=Settings(), unread=error.message)
    return Session(json=wants_json, paths=places, settings=settings)


def _in_loop(work: Awaitable[int]) -> int:
    """The exit code of what needs an event loop, which is imported here alone."""
    code: int = importlib.import_module("landfall.cli.interruptible").answered(work)
    return code


def _find(name: str) -> Command:
    if name not in COMMANDS:
        raise BadInput(
            f"There is no command {name!r}.",
            _commands(),
            field="command",
        )
    module = importlib.import_module(f"landfall.cli.{COMMANDS[name][0]}")
    commands: tuple[Command, ...] = module.COMMANDS
    return next(command for command in commands if command.name == name)


def _commands() -> str:
    return f"The commands are {', '.join(COMMANDS)}."


def _overview(session: Session) -> None:
    session.line("usage: landfall [COMMAND] [--json] ...\n")
    session.line("Without a command the window opens. Commands:")
    for name, (_, what) in COMMANDS.items():
        session.line(f"  {name:<10} {what}")
    session.line("\n`landfall COMMAND --help` tells more. --version prints the version.")
    session.line("--selftest checks the installation.")


def _version(session: Session, *, wants_json: bool) -> None:
    if wants_json:
        session.document({"version": __version__})
    else:
        session.line(f"landfall {__version__}")


def _without_settings() -> Session:
    """For what is printed also where the settings cannot be read."""
    return Session(json=False, paths=paths.nowhere(), settings=Settings())


def _report(error: AppError, *, wants_json: bool) -> None:
    if wants_json:
        _without_settings().document({"error": error_document(error)})
        return
    where = ""
    if isinstance(error, BadInput) and error.file and error.file not in error.message:
        where = f"{error.file}{f':{error.line}' if error.line else ''}: "
    _tell(f"landfall: {where}{error.message}")
    if error.hint:
        _tell(f"  {error.hint}")


def _speak_utf8() -> None:
    """A Windows console may stand on a code page that lacks the minus sign and the arrows."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
