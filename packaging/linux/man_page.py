"""Writes the man page from the command line itself, so that the two cannot differ.

`python packaging/linux/man_page.py` prints it; `man -l FILE` shows it.
"""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

_PACKAGING = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_PACKAGING), str(_PACKAGING.parent / "app")]

import product  # noqa: E402

from landfall.cli.commands import COMMANDS  # noqa: E402

_SECTIONS = r"""
.SH FILES
.TP
.I ~/.config/Landfall
Settings, machines of your own and the place of the window.
.TP
.I ~/.local/share/Landfall
What was run, measured, imported and decided; fetched prices.
.TP
.I ~/.cache/Landfall
What can be fetched again.
.PP
Keys of providers are in the keyring of the system and nowhere else.
Removing the package leaves all of these where they are;
.B landfall forget
lists them and, before that, removes them.
.SH ENVIRONMENT
.TP
.B LANDFALL_HOME
One folder for all of the files above.
.TP
.B OLLAMA_HOST
Where Ollama listens, as Ollama itself reads it.
.TP
.B SSL_CERT_FILE
The certificate authorities to trust in place of those of the system.
.SH EXIT STATUS
.TP
.B 0
Done.
.TP
.B 1
The answer is no.
.TP
.B 2
The input is wrong.
.TP
.B 3
Something that is needed is not there.
.TP
.B 130
It was cancelled.
"""


def page() -> str:
    """The page as roff, for man(7)."""
    day = datetime.fromtimestamp(product.source_date_epoch(), UTC).strftime("%Y-%m-%d")
    name = product.NAME
    head = [
        f'.TH {name.upper()} 1 "{day}" "{product.TITLE} {product.version()}" "User commands"',
        ".SH NAME",
        rf"{name} \- {_plain('decide whether a workload should run here or in the cloud')}",
        ".SH SYNOPSIS",
        f".B {name}",
        rf"[\fIFILE\fR{_plain(product.DOCUMENT_SUFFIX)} ...]",
        ".br",
        f".B {name}",
        r"\fICOMMAND\fR [\fB\-\-json\fR] ...",
        ".br",
        f".B {name}",
        r"\fB\-\-version\fR | \fB\-\-selftest\fR | \fB\-\-help\fR",
        ".SH DESCRIPTION",
        "Without a command the window opens, with the workload files that are named.",
        "Without a display the same first minute is shown in the terminal.",
        r"\fB\-\-json\fR makes any command print one JSON document.",
        r"\fB\-\-selftest\fR checks the installation.",
        ".SH COMMANDS",
    ]
    body = [line for name in COMMANDS for line in _command(name)]
    return "\n".join([*head, *body]) + _SECTIONS


def _command(name: str) -> list[str]:
    """A subsection: what it is for, its usage and arguments, and those of its actions."""
    module = importlib.import_module(f"landfall.cli.{COMMANDS[name][0]}")
    command = next(one for one in module.COMMANDS if one.name == name)
    parser = argparse.ArgumentParser(prog=f"{product.NAME} {name}")
    command.add_arguments(parser)
    return [f'.SS "{product.NAME} {name}"', _sentence(COMMANDS[name][1]), *_arguments(parser)]


def _arguments(parser: argparse.ArgumentParser) -> list[str]:
    lines = [".PP", rf"\fB{_plain(_usage(parser))}\fR"]
    further: list[str] = []
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction) or action.help == argparse.SUPPRESS:
            continue
        if isinstance(action, argparse._SubParsersAction):
            abouts = {one.dest: one.help for one in action._choices_actions}
            for name, below in action.choices.items():
                further += [".PP", _sentence(abouts.get(name) or name), *_arguments(below)]
            continue
        lines += [".TP", _name(action), _help(parser, action)]
    return lines + further


def _usage(parser: argparse.ArgumentParser) -> str:
    usage = re.sub(r"\s+", " ", parser.format_usage()).strip()
    return usage.removeprefix("usage: ").replace("[-h] ", "").replace(" [-h]", "")


def _name(action: argparse.Action) -> str:
    value = "" if action.nargs == 0 else _value(action)
    if not action.option_strings:
        return rf"\fI{_plain(value)}\fR"
    names = ", ".join(rf"\fB{_plain(one)}\fR" for one in action.option_strings)
    return rf"{names} \fI{_plain(value)}\fR" if value else names


def _value(action: argparse.Action) -> str:
    if isinstance(action.metavar, tuple):
        return " ".join(action.metavar)
    if action.metavar is not None:
        return action.metavar
    if action.choices is not None:
        return "|".join(str(one) for one in action.choices)
    return action.dest.upper() if action.option_strings else action.dest


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    text = parser._get_formatter()._expand_help(action) if action.help else ""
    return _sentence(text) if text else r"\&"


def _sentence(text: str) -> str:
    """With a full stop, and the first letter of a word large: the command's help has neither."""
    first = text.split(maxsplit=1)[0]
    if first.isalpha():
        text = text[0].upper() + text[1:]
    return _plain(text if text.endswith((".", "?", "!")) else f"{text}.")


def _plain(text: str) -> str:
    """Text that roff takes as it stands."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    print(page(), end="")
