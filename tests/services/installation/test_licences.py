"""Whose work the program carries: read from what is installed, or from the list of a build."""

from __future__ import annotations

import json
import re
import tomllib
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from landfall.core.errors import BadInput
from landfall.services import resources
from landfall.services.installation import licences
from landfall.services.installation.licences import Component

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The resources of a build that carries everything; its list is still to be written."""
    folder = tmp_path / "landfall" / "resources"
    folder.mkdir(parents=True)
    monkeypatch.setattr(resources, "folder", lambda: folder)
    resources.read_json.cache_clear()
    return folder


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The folder of facts of an installed package."""
    folder = tmp_path / "thing-1.5.dist-info"
    folder.mkdir()
    return folder


def described(folder: Path, *lines: str) -> Component:
    text = "\n".join(("Metadata-Version: 2.4", "Name: thing", "Version: 1.5", *lines))
    (folder / "METADATA").write_text(text + "\n", encoding="utf-8")
    files = [file.relative_to(folder.parent) for file in folder.rglob("*") if file.is_file()]
    (folder / "RECORD").write_text("".join(f"{file},,\n" for file in files), encoding="utf-8")
    return licences.of_distribution(metadata.Distribution.at(folder))


def test_that_the_own_licence_is_the_one_of_the_project() -> None:
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    mine = licences.own()
    assert mine.licence == stated["license"]
    assert mine.text == (ROOT / "LICENSE").read_text(encoding="utf-8").strip()


def test_that_every_package_which_the_project_needs_here_is_listed_with_a_licence() -> None:
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = licences.components()
    assert found[0] == licences.own()
    names = {re.sub(r"[-_.]+", "-", one.name).lower() for one in found}
    for line in stated["dependencies"]:
        wanted = Requirement(line)
        if wanted.name.startswith(("PySide6", "pyqtgraph")) and find_spec("PySide6") is None:
            continue  # where the services are tested without Qt
        if wanted.marker is None or wanted.marker.evaluate():
            assert wanted.name.lower() in names, line
    assert "httpcore" in names, "what a needed package needs is listed too"
    assert "pytest" not in names
    assert all(one.version and one.licence for one in found), found
    assert "Permission is hereby granted" in next(x for x in found if x.name == "PyYAML").text


def test_that_python_itself_is_among_them() -> None:
    python = licences.python()
    assert python.licence == "PSF-2.0"
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in python.text


def test_that_the_expression_goes_before_the_older_words(package: Path) -> None:
    assert described(package, "License-Expression: MIT", "License: Free").licence == "MIT"
    assert described(package, "License: BSD").licence == "BSD"


@pytest.mark.parametrize("useless", ["UNKNOWN", "A whole text of a licence. " * 20])
def test_that_classifiers_speak_where_the_field_says_nothing_short(
    package: Path, useless: str
) -> None:
    found = described(
        package,
        f"License: {useless}",
        "Classifier: License :: OSI Approved",
        "Classifier: License :: OSI Approved :: MIT License",
        "Classifier: Typing :: Typed",
    )
    assert found.licence == "MIT License"


def test_that_all_texts_of_a_package_are_shown_and_no_other_file_of_it(package: Path) -> None:
    (package / "licenses").mkdir()
    (package / "licenses" / "AUTHORS").write_text("Ann", encoding="utf-8")
    (package / "LICENSE.txt").write_text("May be used.\n", encoding="utf-8")
    (package / "entry_points.txt").write_text("[x]\n", encoding="utf-8")
    assert described(package).text == "May be used.\n\nAnn"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Home-page: https://a.example"], "https://a.example"),
        (
            ["Project-URL: Docs, https://d.example", "Project-URL: Homepage, https://h.example"],
            "https://h.example",
        ),
        (["Project-URL: Docs, https://d.example"], "https://d.example"),
        ([], ""),
    ],
)
def test_that_the_page_of_a_package_is_its_own_where_it_has_one(
    package: Path, lines: list[str], expected: str
) -> None:
    assert described(package, *lines).homepage == expected


def test_that_a_build_is_asked_for_its_own_list(build: Path) -> None:
    inside = (
        Component(name="Qt", version="6.11.3", licence="LGPL-3.0-only", text="A text."),
        Component(name="Landfall", version="0.1.0", licence="MIT", text="Ours."),
        Component(name="zlib", version="1.3", licence="Zlib", homepage="https://z.example"),
    )
    (build / "licences.json").write_text(licences.as_text(inside), encoding="utf-8")
    assert licences.components() == (inside[1], inside[0], inside[2])


def test_that_this_program_stands_first_also_where_a_list_leaves_it_out(build: Path) -> None:
    (build / "licences.json").write_text('{"components": []}', encoding="utf-8")
    assert [one.name for one in licences.components()] == ["Landfall"]


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        {"components": 3},
        {"components": [{"name": "x"}]},
        {"components": [{"name": "x", "version": 1, "licence": "MIT", "text": ""}]},
    ],
)
def test_that_a_broken_list_is_said(build: Path, document: object) -> None:
    (build / "licences.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(BadInput, match="licences of this installation"):
        licences.components()


def test_that_a_copy_without_a_checkout_and_without_facts_lists_what_it_knows(
    build: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", nothing)
    assert [one.name for one in licences.components()] == ["Landfall", "Python"]
    assert licences.own().text == ""


def test_that_an_installed_copy_says_its_licence_from_its_own_facts(
    build: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (package / "LICENSE").write_text("Ours.", encoding="utf-8")
    described(package, 'Requires-Dist: other; extra == "test"', "Requires-Dist: PyYAML>=6")
    at_home = metadata.Distribution.at(package)
    real = metadata.distribution
    monkeypatch.setattr(
        metadata, "distribution", lambda name: at_home if name == "landfall" else real(name)
    )
    assert licences.own().text == "Ours."
    assert [one.name for one in licences.needed()] == ["PyYAML"]
