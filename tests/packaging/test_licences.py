"""Whose the files of a bundle are: on real files of this environment, and where the build stops."""

from __future__ import annotations

import importlib
import importlib.util
import json
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from landfall.services.installation.licences import Component, parse

ROOT = Path(__file__).resolve().parents[2]
LOADER = Component(
    name="PyInstaller (the loader)", version="6", licence="MIT", homepage="", text="its text"
)


@pytest.fixture
def licences(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script; what makes bundles is not installed beside the tests."""
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    module = importlib.import_module("licences")
    monkeypatch.setattr(module, "_pyinstaller", lambda: LOADER)
    return module


def source_of(module: str) -> Path:
    found = importlib.util.find_spec(module)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin)


def by_name(found: tuple[Component, ...]) -> dict[str, Component]:
    return {one.name: one for one in found}


def test_that_every_owner_of_a_collected_file_is_listed_with_a_text(licences: ModuleType) -> None:
    sources = [source_of(name) for name in ("json", "psutil", "yaml", "certifi", "landfall.core")]
    found = licences.bundled([*sources, "-"])
    listed = by_name(found)
    assert found[0].name == "Landfall"
    assert {"Python", "psutil", "PyYAML", "libyaml (in PyYAML)", "certifi"} <= set(listed)
    assert all(one.text and one.licence for one in found)
    assert "Mozilla Public License Version 2.0" in listed["certifi"].text
    assert "pytest" not in listed


def test_that_qt_is_listed_under_the_lgpl_with_what_that_grants(licences: ModuleType) -> None:
    core = source_of("PySide6.QtCore")
    icu = list((core.parent / "Qt" / "lib").glob("libicudata.so.*"))
    listed = by_name(licences.bundled([core, source_of("shiboken6"), *icu]))
    qt = listed["Qt"]
    assert qt.licence == listed["Qt for Python (PySide6 and Shiboken)"].licence == "LGPL-3.0-only"
    assert "You may replace them" in qt.text
    assert "https://download.qt.io/official_releases/qt/" in qt.text
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in qt.text
    assert "GNU GENERAL PUBLIC LICENSE" in qt.text
    assert "HarfBuzz" in listed["Qt: works of others inside it"].text
    if icu:
        assert listed["ICU (in Qt)"].version == icu[0].name.rpartition(".")[2]


def test_that_libraries_inside_numpy_are_listed_one_by_one(licences: ModuleType) -> None:
    listed = by_name(licences.bundled([source_of("numpy")]))
    inside = [name for name in listed if name.endswith("(in NumPy)")]
    if not inside:
        pytest.skip("this NumPy brings no libraries of its own")
    assert "OpenBLAS (in NumPy)" in inside
    assert all(listed[name].licence and listed[name].text for name in inside)


def test_that_crates_are_listed_with_the_texts_they_are_taken_under(licences: ModuleType) -> None:
    listed = by_name(licences.bundled([source_of("rpds")]))
    crates = listed.get("Rust crates in rpds-py")
    if crates is None:
        pytest.skip("this rpds-py lists no crates")
    assert "\nrpds " in crates.text
    assert "proc-macro2" not in crates.text
    assert "Permission is hereby granted" in crates.text


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="no dpkg here")
def test_that_a_library_of_the_system_is_the_debian_package_that_has_it(
    licences: ModuleType,
) -> None:
    library = next(
        (one for one in Path("/usr/lib").glob("*/libz.so.1") if one.exists()),
        None,
    )
    if library is None:
        pytest.skip("no zlib of the system")
    zlib = by_name(licences.bundled([library]))["zlib"]
    assert zlib.licence == "Zlib"
    assert zlib.version.startswith("1.")
    assert "Jean-loup Gailly" in zlib.text


def test_that_a_library_that_python_brings_on_windows_is_known_by_its_name(
    licences: ModuleType, tmp_path: Path
) -> None:
    files = [tmp_path / name for name in ("libcrypto-3.dll", "VCRUNTIME140.dll", "sqlite3.dll")]
    for file in files:
        file.touch()
    listed = by_name(licences.bundled(files))
    assert {"OpenSSL", "SQLite", "Microsoft Visual C++ runtime"} <= set(listed)


def test_that_a_file_of_nobody_stops_the_build(licences: ModuleType, tmp_path: Path) -> None:
    strange = tmp_path / "libstrange.so"
    strange.touch()
    with pytest.raises(SystemExit, match=r"nobody is known whose these are: .*libstrange"):
        licences.write(tmp_path / "licences.json", [strange])
    assert not (tmp_path / "licences.json").exists()


def test_that_what_has_no_text_stops_the_build(
    licences: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = Component(name="bare", version="1", licence="MIT", homepage="", text="")
    monkeypatch.setattr(licences, "_pyinstaller", lambda: bare)
    with pytest.raises(licences.Stopped, match=r"bare 1 \(MIT\) has no text"):
        licences.bundled([])


def test_that_what_names_no_licence_stops_the_build(
    licences: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    mute = Component(name="mute", version="1", licence="", homepage="", text="words")
    monkeypatch.setattr(licences, "_pyinstaller", lambda: mute)
    with pytest.raises(licences.Stopped, match="mute 1 names no licence"):
        licences.bundled([])


@pytest.mark.parametrize(
    ("licence", "binds"),
    [
        ("GPL-3.0-or-later", True),
        ("AGPL-3.0-only", True),
        ("MIT AND GPL-2.0-only", True),
        ("GPL-2.0-only OR GPL-3.0-only", True),
        ("AFL-2.1 OR GPL-2.0-or-later", False),
        ("GPL-3.0-or-later WITH GCC-exception-3.1", False),
        ("GPL-3.0-with-GCC-exception", False),
        ("LGPL-2.1-or-later", False),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", False),
    ],
)
def test_that_only_a_licence_which_binds_the_whole_program_is_refused(
    licences: ModuleType, licence: str, binds: bool
) -> None:
    assert licences._binds_all(licence) is binds


def test_that_readline_could_not_be_bundled(licences: ModuleType) -> None:
    assert licences._binds_all(licences.DEBIAN["readline"])


def test_that_a_crate_is_taken_under_a_licence_whose_text_is_here(licences: ModuleType) -> None:
    assert licences._way("Unlicense OR MIT") == ("MIT",)
    assert licences._way("(MIT OR Apache-2.0) AND Unicode-3.0") == ("MIT", "Unicode-3.0")
    assert licences._way("Apache-2.0 WITH LLVM-exception") == ("Apache-2.0",)
    with pytest.raises(licences.Stopped, match="No text of 'Beerware'"):
        licences._way("Beerware")


def test_that_every_library_that_is_known_by_name_has_a_text(licences: ModuleType) -> None:
    missing = [one.name for one in licences.LIBRARIES if not licences._text(one.licence)]
    assert not missing


def test_that_the_file_is_the_form_that_the_program_reads(
    licences: ModuleType, tmp_path: Path
) -> None:
    file = tmp_path / "resources" / "licences.json"
    licences.write(file, [source_of("psutil")])
    written = parse(json.loads(file.read_text(encoding="utf-8")))
    assert written == licences.bundled([source_of("psutil")])
