from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import pytest

from landfall import __version__
from landfall.cli.commands import COMMANDS
from landfall.cli.main import _find, _Parser, main
from landfall.cli.piped import piped
from landfall.cli.session import error_document
from landfall.core.errors import BadInput

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LANDFALL_HOME", str(tmp_path))
    return tmp_path


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"landfall {__version__}\n"


def test_an_overview_of_the_commands_imports_none_of_them() -> None:
    script = (
        "import sys; from landfall.cli.main import main; code = main(['--help']);"
        "print('landfall.cli.fit' in sys.modules, code)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "app")}
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment
    ).stdout
    assert said.endswith("False 0\n")
    assert all(f"  {name:<10} {what}\n" in said for name, (_, what) in COMMANDS.items())


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["no-such-command"]])
def test_that_what_needs_no_event_loop_does_not_wait_for_one(words: list[str]) -> None:
    script = (
        "import sys; from landfall.cli.main import main; main(sys.argv[1:]);"
        "print({'asyncio', 'ssl'} & set(sys.modules))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "app")}
    said = subprocess.run(
        [sys.executable, "-c", script, *words],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    ).stdout
    assert said.endswith("set()\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_of_the_overview_is_in_its_module(name: str) -> None:
    module = importlib.import_module(f"landfall.cli.{COMMANDS[name][0]}")
    assert [one.name for one in module.COMMANDS].count(name) == 1


def test_under_json_the_version_and_a_missing_command_are_documents(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--version", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"version": __version__}
    assert main(["--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["field"] == "command"


@pytest.mark.skipif(os.name != "posix", reason="names are bytes there")
def test_an_argument_that_is_no_text_is_bad_input_unless_it_names_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.toml")
    for words in (["pull", odd], ["run", "qwen3:8b", odd], ["verdict", odd]):
        assert main([*words, "--json"]) == 2
        assert json.loads(capsys.readouterr().out)["error"]["field"] == "argument"
    Path(odd).write_text('[workload]\nname = "x"\ntask = "chat"\n[machine]\navailable = false\n')
    assert main(["verdict", odd, "--json"]) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device")
@pytest.mark.parametrize("words", ["machines", "machines --json", "--help", "nope --json"])
def test_an_answer_that_cannot_be_written_is_said_and_no_traceback(words: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = started(words, stdout=full)
    _, err = done.communicate(timeout=30)
    assert done.returncode == 3
    assert "cannot be written" in err
    assert "Traceback" not in err
    assert "Exception ignored" not in err


def test_waiting_for_a_pipe_can_be_cancelled_and_ends_the_loop() -> None:
    reader, writer = os.pipe()

    async def cancelled(stream: TextIO) -> None:
        task = asyncio.create_task(piped(stream, most_bytes=9, field="prompt"))
        await asyncio.wait({task}, timeout=0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with open(reader, encoding="utf-8") as stream:
        asyncio.run(cancelled(stream))
        os.close(writer)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (b"one\r\ntwo", "one\ntwo"),
        (b"\xef\xbb\xbfhi", "hi"),
        (b"", ""),
        (b"h\xffi", None),
        (b"10 bytes..", None),
    ],
)
def test_what_is_piped_in_must_be_text_of_bounded_length(given: bytes, text: str | None) -> None:
    reader, writer = os.pipe()
    os.write(writer, given)
    os.close(writer)
    with open(reader, encoding="utf-8") as stream:
        if text is None:
            with pytest.raises(BadInput) as error:
                asyncio.run(piped(stream, most_bytes=9, field="prompt"))
            assert error.value.field == "prompt"
        else:
            assert asyncio.run(piped(stream, most_bytes=9, field="prompt")) == text


async def test_nothing_is_piped_in_where_stdin_is_closed() -> None:
    assert await piped(None, most_bytes=9, field="key") == ""


@pytest.mark.skipif(os.name != "posix", reason="closes descriptors")
@pytest.mark.parametrize(("words", "closed"), [("run qwen3:8b", 0), ("nope", 2)])
def test_a_closed_stream_is_no_traceback(words: str, closed: int) -> None:
    done = started(words, closed=closed, stdout=subprocess.PIPE)
    out, err = done.communicate(timeout=30)
    assert done.returncode == BadInput.exit_code
    assert out == ""
    assert "Traceback" not in err


def started(words: str, *, closed: int | None = None, **streams: Any) -> subprocess.Popen[str]:
    """The program of its own, with a stream of it closed if asked for."""
    command = [sys.executable, "-m", "landfall", *words.split()]
    if closed is not None:
        command = ["sh", "-c", f'exec "$@" {closed}>&-', "sh", *command]
    return subprocess.Popen(
        command,
        cwd=ROOT / "app",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        text=True,
        **{"stderr": subprocess.PIPE, **streams},
    )


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
    assert json.loads(capsys.readouterr().out)["error"]["field"] == "input"


@pytest.mark.parametrize("words", ["fit qwen3:8b --context=--", "recommend --task=--"])
def test_that_two_dashes_are_no_value(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words.split(), "--json"]) == 2
    name = words.rpartition(" --")[2].partition("=")[0]
    assert json.loads(capsys.readouterr().out)["error"]["field"] == name


def test_broken_settings_are_named_with_file_and_line(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "settings.toml").write_text("\ncolour = 'red'\n")
    assert main(["price", "a", "b", "--input", "1", "--output", "1", "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["file"] == str(home / "settings.toml")
    assert error["line"] == 2
    assert error["field"] == "colour"


@pytest.mark.parametrize("name", COMMANDS)
def test_that_help_says_what_a_value_is_and_does_not_repeat_the_option(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """ "--cache-write CACHE_WRITE" tells nobody what to type; "--cache-write N" does."""
    with pytest.raises(SystemExit):
        main([name, "--help"])
    said = capsys.readouterr().out
    pairs = re.findall(r"--([a-z][a-z0-9-]*) ([A-Z][A-Z0-9_]*)\b", said)
    same = {option for option, value in pairs if option.replace("-", "_").upper() == value}
    assert same <= {"url"}, same


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["fit"], "model"),
        (["fit", "qwen3:8b", "--contxt", "9"], "contxt"),
        (["fit", "qwen3:8b", "--contxt=9"], "contxt"),
        (["recommend", "more"], "more"),
        (["export", "report"], "out"),
        (["key"], "action"),
        (["key", "sett"], "action"),
        (["export"], "what"),
        (["fit", "qwen3:8b", "--kv-type", "q5"], "kv_type"),
        (["run", "qwen3:8b", "--num-predict", "x"], "num_predict"),
        (["bench", "m", "--co", "1"], "co"),
        (["--version", "more"], "more"),
        (["verdict", "--template", "mine.toml"], "template"),
        (["verdict", "--guide", "mine.toml"], "guide"),
    ],
)
def test_that_a_wrong_argument_is_named_as_a_field(
    words: list[str], field: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["field"] == field


def options_of(name: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every option of a command that has a value, behind the words that lead to it."""
    command = _find(name)
    parser = _Parser(prog=name)
    command.add_arguments(parser)
    left: list[tuple[tuple[str, ...], argparse.ArgumentParser]] = [((name,), parser)]
    while left:
        words, one = left.pop()
        for action in one._actions:
            if isinstance(action, argparse._SubParsersAction):
                left += [((*words, word), below) for word, below in action.choices.items()]
            elif action.option_strings and action.nargs in (None, "+"):
                yield words, action.option_strings[-1]


@pytest.mark.parametrize("name", COMMANDS)
def test_that_every_option_is_named_as_keys_are_spelt(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, option in options_of(name):
        assert main([*words, option, "--json"]) == 2
        field = json.loads(capsys.readouterr().out)["error"]["field"]
        assert field == option.lstrip("-").replace("-", "_"), (words, option)


def test_that_an_error_of_a_command_names_its_argument_as_one_of_the_parser_does() -> None:
    for field, key in (("--kv-type", "kv_type"), ("--context=9", "context"), ("host", "host")):
        assert error_document(BadInput("no", field=field))["field"] == key
    deep = "tokens.by-day"
    assert error_document(BadInput("no", file="a.toml", field=deep))["field"] == deep
    assert error_document(BadInput("no"))["field"] is None


def test_that_a_value_behind_an_option_that_does_not_exist_is_not_repeated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for words, field in (
        (["set", "openai", "--key", "sk-1234"], "key"),
        (["set", "openai", "--key=sk-1234"], "key"),
        (["set", "openai", "--key", "sk-1234", "--more=sk-1234"], "key"),
        (["set", "openai", "-ksk-1234"], "-k"),
        (["set", "openai", "-k", "sk-1234"], "-k"),
        (["set", "openai", "--usage=sk-1234"], "usage"),
        (["sk-1234"], "action"),
        (["sk-1234 (choose from"], "action"),
    ):
        assert main(["key", *words, "--json"]) == 2
        seen = capsys.readouterr()
        assert "sk-1234" not in seen.out + seen.err, words
        assert json.loads(seen.out)["error"]["field"] == field


def test_that_an_option_that_could_be_several_is_named_without_its_value(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["bench", "m", "--co=sk-1234"]) == 2
    said = capsys.readouterr().err
    assert "sk-1234" not in said
    assert "--co could match" in said


def test_that_an_option_that_does_not_exist_is_answered_with_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["fit", "qwen3:8b", "--contxt", "9"]) == 2
    assert "Did you mean --context?" in capsys.readouterr().err
    assert main(["fit", "qwen3:8b", "--zebra", "9"]) == 2
    assert "Did you mean" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("export litellm --chekc d", "Did you mean --check? See `landfall export litellm --help`."),
        ("hosts add http://x --tokn y", "Did you mean --token? See `landfall hosts add --help`."),
    ],
)
def test_that_a_command_of_two_words_answers_for_its_own_options(
    words: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words.split()) == 2
    assert meant in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("words", [["--help"], ["fit", "--help"], ["export", "report", "--help"]])
def test_that_a_help_that_cannot_be_written_is_no_success(words: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "landfall", *words],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "app")},
        )
    assert done.returncode == 3
    assert "cannot be written" in done.stderr
