from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from landfall.cli import main
from landfall.cli.session import Session
from landfall.core.errors import BadInput
from landfall.core.settings import Settings
from landfall.services import paths

NASTY = "a\x1b]0;pwned\x07b\x1b[2J\x9b31mc\x7fd\b\r\ne\tf é"
TAMED = "a␛]0;pwned␇b␛[2J�31mc␡d␈\ne\tf é"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def session(stream: type[io.StringIO], *, as_json: bool = False) -> tuple[Session, io.StringIO]:
    out = stream()
    made = Session(json=as_json, paths=paths.of_user(), settings=Settings(), out=out, err=out)
    return made, out


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDFALL_HOME", str(tmp_path))


@pytest.mark.parametrize("way", ["line", "piece", "say", "say_piece"])
def test_that_control_characters_are_shown_to_a_terminal_and_not_obeyed(way: str) -> None:
    shown, out = session(Terminal)
    getattr(shown, way)(NASTY)
    assert out.getvalue().removesuffix("\n") == TAMED


@pytest.mark.parametrize("way", ["line", "piece", "say", "say_piece"])
def test_that_a_pipe_gets_what_was_said_as_it_is(way: str) -> None:
    piped, out = session(io.StringIO)
    getattr(piped, way)(NASTY)
    assert out.getvalue().removesuffix("\n") == NASTY


def test_that_every_control_character_but_newline_and_tab_is_kept_from_a_terminal() -> None:
    shown, out = session(Terminal)
    for code in (*range(0x20), *range(0x7F, 0xA0)):
        shown.piece(chr(code))
    assert [one for one in out.getvalue() if not one.isprintable()] == ["\t", "\n"]


def test_that_columns_stay_aligned_where_a_name_holds_control_characters() -> None:
    shown, out = session(Terminal)
    shown.table(("NAME", "N"), (("x\r\x1b[1m", "1"), ("abcde", "2")))
    assert out.getvalue().splitlines() == ["NAME   N", "x␛[1m  1", "abcde  2"]


def test_that_json_escapes_every_control_character_and_loses_none() -> None:
    for stream in (Terminal, io.StringIO):
        shown, out = session(stream, as_json=True)
        shown.document({"text": NASTY})
        assert all(one.isprintable() or one == "\n" for one in out.getvalue())
        assert json.loads(out.getvalue()) == {"text": NASTY}


def test_that_an_error_message_does_not_drive_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    err = Terminal()
    monkeypatch.setattr("sys.stderr", err)

    def find(_name: str) -> None:
        raise BadInput("no \x1b[31m", "try \x9b")

    monkeypatch.setattr(main, "_find", find)
    assert main.main(["fit"]) == 2
    assert err.getvalue() == "landfall: no ␛[31m\n  try �\n"
