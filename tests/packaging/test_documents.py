"""README and handbook say what is so: links lead on, commands parse, examples are accepted."""

from __future__ import annotations

import argparse
import ast
import importlib
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from landfall.cli.commands import COMMANDS
from landfall.core.machine import user_machines
from landfall.services.machine import machine_rows
from landfall.services.settings import settings_toml
from landfall.services.verdict import workload_files

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
HANDBOOK = ROOT / "packaging" / "handbook"
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"
DOCUMENTS = (README, *sorted(HANDBOOK.glob("*.md")), *sorted((ROOT / ".github").glob("*.md")))
PICTURES = ROOT / "packaging" / "screenshots"
MOST_BYTES = 150_000
MOST_LINES = 180

_FENCE = re.compile(r"^[ ]*```(\w*)\n(.*?)^[ ]*```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`]+)`")
_TOP = r"app|resources|tests|packaging|core|services|gui|cli|bootstrap|\.github|\.ci"
_PATH = re.compile(rf"(?:{_TOP})/[\w./-]*")
_NOT_BUILT = ("NAME",)
"""What stands for a word of the reader's."""
_FOR_A_NUMBER = {"N": "1", "ID": "1"}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=named)


def text_of(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def prose_of(document: Path) -> str:
    """Without the blocks of code."""
    return _FENCE.sub("", text_of(document))


def blocks(document: Path, language: str) -> list[str]:
    return [body for kind, body in _FENCE.findall(text_of(document)) if kind == language]


def anchors(document: Path) -> set[str]:
    """Of each heading, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose_of(document), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


def links(document: Path) -> list[str]:
    found: list[str] = _LINK.findall(prose_of(document))
    return [link for link in found if "://" not in link]


@every_document
def test_that_every_link_leads_to_a_file_and_to_a_heading_of_it(document: Path) -> None:
    for link in links(document):
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        assert target.exists(), link
        assert ROOT in (target, *target.parents), link
        if anchor:
            assert anchor in anchors(target), link


def test_that_every_page_of_the_handbook_can_be_reached_from_the_readme() -> None:
    reached = {(README.parent / link.partition("#")[0]).resolve() for link in links(README)}
    assert reached >= {*HANDBOOK.glob("*.md"), *(ROOT / ".github").glob("*.md")}


def test_that_the_readme_can_be_read_in_three_minutes_and_has_the_two_commands() -> None:
    assert len(text_of(README).splitlines()) <= MOST_LINES
    commands = "\n".join(blocks(README, "sh"))
    assert "sh packaging/start.sh" in commands
    assert "sh packaging/test.sh" in commands


# Commands --------------------------------------------------------------------------------------


class Refused(Exception):
    pass


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise Refused(message)


def parse(words: list[str]) -> None:
    """As `landfall` does, without running it.

    Raises:
        Refused: it would be refused.
    """
    if words[0] not in COMMANDS:
        raise Refused(f"there is no command {words[0]}")
    module = importlib.import_module(f"landfall.cli.{COMMANDS[words[0]][0]}")
    command = next(one for one in module.COMMANDS if one.name == words[0])
    parser = Parser(prog=f"landfall {words[0]}")
    parser.add_argument("--json", action="store_true")
    command.add_arguments(parser)
    parser.parse_args(words[1:])


def commands_in_blocks(document: Path) -> Iterator[list[str]]:
    for block in blocks(document, "sh"):
        for line in block.splitlines():
            for part in line.partition("#")[0].split(";"):
                words = shlex.split(part.partition(">")[0])
                if words[:1] == ["landfall"]:
                    yield words[1:]


def commands_in_prose(document: Path) -> Iterator[list[str]]:
    for code in _CODE.findall(prose_of(document)):
        plain = re.sub(r"[\[\]]|\.\.\.", "", " ".join(code.split()))
        if plain.startswith("landfall "):
            words = shlex.split(plain)[1:]
            yield [_FOR_A_NUMBER.get(word, word) for word in words if word != "--help"]


@every_document
def test_that_every_command_that_is_shown_to_be_typed_is_accepted(document: Path) -> None:
    for words in commands_in_blocks(document):
        try:
            parse(words)
        except Refused as why:
            pytest.fail(f"landfall {' '.join(words)}: {why}")


@every_document
def test_that_every_command_that_is_spoken_of_is_one_with_such_options(document: Path) -> None:
    """What it needs besides may be left out there."""
    for words in commands_in_prose(document):
        if words[0].isupper() or words[0] in ("FILE", "--selftest", "--version"):
            continue
        try:
            parse(words)
        except Refused as why:
            if "arguments are required" not in str(why):
                pytest.fail(f"landfall {' '.join(words)}: {why}")


def test_that_every_command_stands_on_the_page_of_commands() -> None:
    shown = {words[0] for words in commands_in_blocks(HANDBOOK / "command_line.md")}
    assert shown >= set(COMMANDS)


def test_that_a_wrong_command_would_be_found() -> None:
    for words in (["verdikt"], ["fit", "m", "--contxt", "1"], ["hosts", "paint"]):
        with pytest.raises(Refused):
            parse(words)


# Examples --------------------------------------------------------------------------------------


@every_document
def test_that_every_example_of_a_file_is_accepted(document: Path) -> None:
    for block in blocks(document, "toml"):
        if "[workload]" in block:
            workload_files.from_text(block)
        elif "[[machine]]" in block:
            catalogue, _ = machine_rows.load()
            read = user_machines.parse(block, catalogue, file="machines.toml")
            assert (len(read.machines), read.problems) == (1, ())
        else:
            settings_toml.parse(block)


# Paths -----------------------------------------------------------------------------------------


def paths_in(document: Path) -> Iterator[str]:
    """What is named as a file or a folder of this repository, also in what is to be typed."""
    spoken = [word for code in _CODE.findall(prose_of(document)) for word in code.split()]
    typed = [word for block in blocks(document, "sh") for word in block.split()]
    for word in (*spoken, *typed):
        if _PATH.fullmatch(word) and not any(part in word for part in _NOT_BUILT):
            yield word


@every_document
def test_that_every_file_that_is_named_is_there(document: Path) -> None:
    for path in paths_in(document):
        assert (ROOT / path).exists() or (ROOT / "app/landfall" / path).exists(), path


@cache
def said_by_the_program() -> str:
    """Every text that stands in its code, one a line."""
    texts = set[str]()
    for file in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
    return "\n".join(sorted(texts))


@pytest.mark.parametrize(
    "document", [README, *sorted({*HANDBOOK.glob("*.md")} - {HANDBOOK / "changelog.md"})], ids=named
)
def test_that_what_is_quoted_of_the_window_stands_in_it(document: Path) -> None:
    prose = re.sub(r"\s+", " ", prose_of(document))
    for quoted in re.findall(r'"([A-Z][^"]{1,60})"', prose):
        assert quoted.rstrip("\u2026.,") in said_by_the_program(), quoted


@pytest.mark.parametrize("document", [CONTRIBUTING, HANDBOOK / "method.md"], ids=named)
def test_that_no_module_is_named_without_its_folder(document: Path) -> None:
    for code in _CODE.findall(prose_of(document)):
        if code.endswith(".py") and code != "update.py":
            assert "/" in code, code


@every_document
def test_that_every_test_that_is_started_as_a_module_is_there(document: Path) -> None:
    for name in re.findall(r"python -m (tests[\w.]*)", text_of(document)):
        path = ROOT.joinpath(*name.split("."))
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), name


# Pictures --------------------------------------------------------------------------------------


@pytest.fixture
def handbook(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "packaging" / "pictures"))
    return importlib.import_module("handbook")


def test_that_every_picture_is_shown_somewhere_and_small() -> None:
    shown = {
        (document.parent / link).resolve() for document in DOCUMENTS for link in links(document)
    }
    for picture in PICTURES.iterdir():
        assert picture in shown, picture.name
        assert picture.stat().st_size < MOST_BYTES, picture.name


def test_that_it_is_known_of_every_picture_how_it_is_made(handbook: ModuleType) -> None:
    made = {name for session in handbook.SESSIONS for name in session.kept}
    assert not made & set(handbook.BY_HAND)
    there = {picture.name for picture in PICTURES.iterdir()}
    assert there == made | set(handbook.BY_HAND)


def test_that_few_colours_keep_the_picture(
    handbook: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    qt = pytest.importorskip("PySide6.QtGui")
    picture = qt.QImage(40, 30, qt.QImage.Format.Format_RGB32)
    for x in range(40):
        for y in range(30):
            picture.setPixelColor(x, y, qt.QColor(6 * x, 8 * y, 120))
    few = handbook.few_colours(picture)
    assert (few.width(), few.height()) == (40, 30)
    assert few.colorCount() <= 256
    for x, y in ((0, 0), (39, 29), (20, 15)):
        was, is_ = picture.pixelColor(x, y), few.pixelColor(x, y)
        assert abs(was.red() - is_.red()) + abs(was.green() - is_.green()) < 24
