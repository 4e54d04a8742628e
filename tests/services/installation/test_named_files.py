"""What of a command line, of a desktop or of a drop is a workload file."""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

import pytest

from landfall.services.installation import named_files


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["a.toml", "a.landfall", "A.TOML", "ü b.Landfall", ".landfall"])
def test_that_a_suffix_in_any_case_names_a_workload_file(name: str, here: Path) -> None:
    assert named_files.workloads([name]) == (str(here / name),)


@pytest.mark.parametrize(
    "words", [[], ["fit"], ["verdict", "a.toml"], ["a.toml", "--json"], ["landfall"], ["a.tomlx"]]
)
def test_that_other_words_are_for_the_command_line(words: list[str]) -> None:
    assert named_files.workloads(words) == ()


def test_that_several_files_keep_their_order_and_come_once(here: Path) -> None:
    found = named_files.workloads(["b.toml", "sub/../a.landfall", str(here / "b.toml")])
    assert found == (str(here / "b.toml"), str(here / "a.landfall"))


@pytest.mark.skipif(sys.platform == "win32", reason="paths with a slash at their head")
@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///x/a.landfall", "/x/a.landfall"),
        ("file://localhost/x/a.toml", "/x/a.toml"),
        ("FILE:///x/my%20stuff/%C3%BCber.landfall", "/x/my stuff/über.landfall"),
        ("file:/x/a.toml", "/x/a.toml"),
        ("file:///x/%FF.toml", os.fsdecode(b"/x/\xff.toml")),
    ],
)
def test_that_a_file_url_is_the_path_that_it_stands_for(url: str, path: str) -> None:
    assert named_files.workloads([url]) == (path,)


def test_that_a_url_of_another_machine_is_no_path_of_this_one(here: Path) -> None:
    url = "file://elsewhere/x/a.toml"
    assert named_files.workloads([url]) == (url,)
    assert named_files.workloads(["file:a.toml"]) == (str(here / "file:a.toml"),)


def test_that_the_packages_say_the_same_suffix() -> None:
    product = runpy.run_path(str(Path(__file__).parents[3] / "packaging" / "product.py"))
    assert product["DOCUMENT_SUFFIX"] == named_files.DOCUMENT_SUFFIX
    assert named_files.DOCUMENT_SUFFIX in named_files.SUFFIXES


def test_that_half_of_a_bracket_is_a_name_that_no_file_has() -> None:
    assert named_files.workloads(["file://[::1.toml"]) == ("file://[::1.toml",)
