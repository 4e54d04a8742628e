from __future__ import annotations

import json
from pathlib import Path

import pytest

from landfall import __version__
from landfall.cli.main import main
from landfall.core.errors import BadInput


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LANDFALL_HOME", str(tmp_path))
    return tmp_path


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"landfall {__version__}\n"


def test_an_unknown_command_is_bad_input_with_the_list_of_commands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["detct"]) == BadInput.exit_code
    seen = capsys.readouterr()
    assert seen.out == ""
    assert "detect" in seen.err


def test_an_error_under_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["detct", "--json"]) == BadInput.exit_code
    seen = capsys.readouterr()
    error = json.loads(seen.out)["error"]
    assert set(error) == {"kind", "message", "hint", "file", "line", "field"}
    assert error["kind"] == "bad_input"
    assert error["field"] == "command"


def test_a_wrong_argument_is_bad_input_and_no_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["price", "openai", "gpt-5.5", "--input", "many", "--output", "1", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["field"] == "--input"


def test_broken_settings_are_named_with_file_and_line(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "settings.toml").write_text("\ncolour = 'red'\n")
    assert main(["price", "a", "b", "--input", "1", "--output", "1", "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["file"] == str(home / "settings.toml")
    assert error["line"] == 2
    assert error["field"] == "colour"
