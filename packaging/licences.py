"""Licences of everything that a frozen build carries: what the About dialog and packages show.

The recipe of the frozen program hands over the source file of everything that it collects, and gets
`resources/licences.json` written. Where a file is from says whose it is: an installed package,
Python, a package of Debian or Ubuntu, or a library by its name. What belongs to nobody, has no
text, or is under a licence that would bind the whole program, stops the build.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEXTS = Path(__file__).with_name("licence_texts")
sys.path[:0] = [str(ROOT / "packaging"), str(ROOT / "app")]

from licences_known import DEBIAN, LIBRARIES, Library  # noqa: E402

from landfall.services.installation.licences import (  # noqa: E402
    Component,
    as_text,
    in_order,
    of_distribution,
    own,
    python,
)

QT = ("pyside6-essentials", "pyside6-addons", "pyside6", "shiboken6")
_QT_PAGE = "https://www.qt.io"
_BUILD_ONLY = re.compile(
    r"(^(autocfg|cc|find-msvc-tools|heck|pkg-config|proc-macro2|pyo3-build-config|quote|shlex|syn"
    r"|synstructure|target-lexicon|unicode-ident|vcpkg|version_check|displaydoc|enum_dispatch"
    r"|wasi|wit-bindgen.*|wasm-bindgen.*|js-sys|r-efi)$)|([-_](macros?|macros-backend|derive)$)"
)
"""Crates that run when Rust compiles, or on other systems; nothing of them is in the library."""


class Stopped(Exception):
    """The build may not go on; says why."""


def write(file: Path, sources: Iterable[str | os.PathLike[str]]) -> None:
    """Write the list of what was collected from these files.

    Raises:
        SystemExit: something has no owner, no text, or a licence that we cannot pass on under.
    """
    try:
        found = bundled(sources)
    except Stopped as stop:
        raise SystemExit(f"Licences: {stop}") from stop
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(as_text(found), encoding="utf-8", newline="\n")


def bundled(sources: Iterable[str | os.PathLike[str]]) -> tuple[Component, ...]:
    """Whose the files are, this program first.

    Raises:
        Stopped: see `write`.
    """
    # PyInstaller writes - for a package that is no file.
    files = {os.path.abspath(source) for source in sources if os.fspath(source) != "-"}
    named, rest = _of_packages(files)
    qt = sorted(name for name in named if name in QT)
    found = [python(), _inside_python(), _pyinstaller()]
    for name in sorted(named - set(qt)):
        found += _of_package(name)
    if qt:
        found += _qt(metadata.distribution(qt[0]).version, files)
    found += _of_system(rest)
    _check(found)
    return (own(), *in_order(found))


def _check(found: Iterable[Component]) -> None:
    for one in found:
        if not one.text:
            raise Stopped(f"{one.name} {one.version} ({one.licence}) has no text of its licence.")
        if not one.licence:
            raise Stopped(f"{one.name} {one.version} names no licence.")
        if _binds_all(one.licence):
            raise Stopped(f"{one.name} is under {one.licence}: leave it out of the bundle.")


def _binds_all(licence: str) -> bool:
    """Whether every way to take it is the GPL without an exception for what is built with it."""

    def binds(way: str) -> bool:
        parts = (part.strip(" ()").lower() for part in way.split(" AND "))
        # Older names of SPDX's have the exception in themselves: GPL-3.0-with-GCC-exception.
        return any(
            re.match(r"a?gpl-", part) and not re.search(r"[ -]with[ -]", part) for part in parts
        )

    return all(binds(way) for way in licence.split(" OR "))


def _of_packages(files: set[str]) -> tuple[set[str], set[str]]:
    """Names of the installed packages that files are from, and the files that are of none.

    What is this program's own, Python's or made by the build is neither.
    """
    owners = _owners()
    named = {owners[_place(file)] for file in files if _place(file) in owners}
    rest = {file for file in files if _place(file) not in owners and not _is_ours(file)}
    return named - {"landfall", "pyinstaller", "pyinstaller-hooks-contrib"}, rest


@cache
def _owners() -> dict[str, str]:
    """Every file of an installed package, with the name of the package."""
    owners: dict[str, str] = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"].lower().replace("_", "-")
        for file in distribution.files or ():
            owners[_place(os.fspath(file.locate()))] = name
    return owners


def _place(file: str) -> str:
    """A file's path as it can be compared: Windows writes one path in several cases."""
    return os.path.normcase(os.path.abspath(file))


def _is_ours(file: str) -> bool:
    """This program's, made by the build, or Python's own and no library that came with it."""
    path = Path(file)
    if path.is_relative_to(ROOT) and "site-packages" not in path.parts:
        return True
    if path.name == "base_library.zip" or path.name.startswith(("libpython", "python3")):
        return True
    if _library(path) is not None:
        return False
    homes = {sys.base_prefix, sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    homes = {home for home in homes if home and home not in ("/", "/usr")}
    return "site-packages" not in path.parts and any(path.is_relative_to(home) for home in homes)


def _inside_python() -> Component:
    """What Python has taken in: expat, libmpdec, the Mersenne twister and others."""
    return replace(
        python(),
        name="Python: works of others inside it",
        licence="MIT AND BSD-2-Clause AND BSD-3-Clause AND Zlib",
        homepage="https://docs.python.org/3/license.html",
        text=_text("Python-third-parties"),
    )


def _pyinstaller() -> Component:
    """Of it only the loader is in a build, under an exception that lets it start any program."""
    made = of_distribution(metadata.distribution("pyinstaller"))
    licence = "GPL-2.0-or-later WITH Bootloader-exception"
    return replace(made, name="PyInstaller (the loader)", licence=licence)


def _of_package(name: str) -> Iterator[Component]:
    distribution = metadata.distribution(name)
    made = replace(of_distribution(distribution), licence=_expression(distribution))
    if not made.text and name == "nvidia-ml-py":
        made = replace(made, text=_head_of(distribution, "pynvml.py"))
    if made.licence == "MPL-2.0":
        made = replace(made, text=f"{made.text}\n\n{_text('MPL-2.0')}")
    yield made
    if name == "numpy":
        yield from _inside_numpy(made)
    if name == "pyyaml":
        # By the same author, in the same words.
        yield replace(made, name="libyaml (in PyYAML)", homepage="https://pyyaml.org/wiki/LibYAML")
    yield from _rust(distribution)


def _expression(distribution: metadata.Distribution) -> str:
    """As SPDX has it, for packages whose metadata is older than that rule."""
    said = of_distribution(distribution).licence
    return {"BSD": "BSD-3-Clause", "BSD License": "BSD-3-Clause", "MIT License": "MIT"}.get(
        said, said
    )


def _head_of(distribution: metadata.Distribution, module: str) -> str:
    """The comment that a module opens with: where this package has its licence."""
    file = next(file for file in distribution.files or () if file.name == module)
    lines = Path(str(file.locate())).read_text(encoding="utf-8").splitlines()
    comment = []
    for line in lines:
        if not line.startswith("#"):
            break
        comment.append(line.lstrip("#").removeprefix(" "))
    return "\n".join(comment).strip()


def _inside_numpy(numpy: Component) -> Iterator[Component]:
    """The libraries in numpy's wheel, which its licence file names one by one with their texts."""
    parts = re.split(r"(?m)^Name: ", numpy.text)[1:]
    for part in parts:
        name = part.splitlines()[0].strip()
        stated = re.search(r"(?m)^License: (.+)$", part)
        page = re.search(r"(?m)^Availability: (\S+)$", part)
        yield Component(
            name=f"{name} (in NumPy)",
            version=numpy.version,
            licence=stated[1].strip() if stated else "",
            homepage=page[1] if page else "",
            text=part.strip(),
        )


def _rust(distribution: metadata.Distribution) -> Iterator[Component]:
    """What a package in Rust is linked with, by the list (CycloneDX) in its metadata."""
    for file in distribution.files or ():
        if file.parent.name != "sboms" or not file.name.endswith(".json"):
            continue
        listed = json.loads(Path(str(file.locate())).read_text(encoding="utf-8"))
        crates = []
        for row in listed.get("components", []):
            stated = [one.get("expression", "") for one in row.get("licenses") or ()]
            if row["name"] == "openssl" and not stated:
                name = f"OpenSSL (in {distribution.metadata['Name']})"
                yield _from_text(name, row["version"], "Apache-2.0", "https://www.openssl.org")
            elif not _BUILD_ONLY.search(row["name"]):
                crates.append((row["name"], row["version"], stated[0] if stated else ""))
        if crates:
            yield _crates(distribution, crates)


def _crates(distribution: metadata.Distribution, crates: list[tuple[str, str, str]]) -> Component:
    """All crates of a package as one entry, with each text once."""
    taken = {(name, version): _way(stated) for name, version, stated in crates}
    licences = sorted({part for way in taken.values() for part in way})
    rows = [f"{name} {version}: {' AND '.join(way)}" for (name, version), way in taken.items()]
    text = "\n".join(
        [
            "Rust crates that are linked into this package, with the licence that we take them",
            "under. Their authors are named at https://crates.io/crates/NAME.",
            "",
            *sorted(rows),
            *(f"\n{'-' * 78}\n{part}\n{'-' * 78}\n\n{_text(part)}" for part in licences),
        ]
    )
    return Component(
        name=f"Rust crates in {distribution.metadata['Name']}",
        version=distribution.version,
        licence=" AND ".join(licences),
        homepage="https://crates.io",
        text=text,
    )


def _way(stated: str) -> tuple[str, ...]:
    """Of what a licence expression offers, the first way whose texts are here.

    Raises:
        Stopped: there is none.
    """
    bracketed = re.findall(r"\(([^)]+)\)", stated)
    rest = re.sub(r"\([^)]+\)", "", stated) if bracketed else stated
    needed = [*bracketed, *(part for part in rest.split(" AND ") if bracketed and part.strip())]
    found: list[str] = []
    for part in needed or [stated]:
        found += _first_known(part)
    return tuple(found)


def _first_known(stated: str) -> tuple[str, ...]:
    for way in stated.split(" OR "):
        parts = tuple(part.split(" WITH ")[0].strip() for part in way.split(" AND "))
        if all((TEXTS / f"{part}.txt").is_file() for part in parts):
            return parts
    raise Stopped(f"No text of {stated!r} is in {TEXTS.name}.")


def _qt(version: str, files: set[str]) -> Iterator[Component]:
    """Of the three licences that Qt offers, the LGPL, and what it asks to be said."""
    texts = "\n\n".join(_text(name) for name in ("Qt-LGPL", "LGPL-3.0-only", "GPL-3.0-only"))
    licence = "LGPL-3.0-only"
    yield Component(name="Qt", version=version, licence=licence, homepage=_QT_PAGE, text=texts)
    yield Component(
        name="Qt for Python (PySide6 and Shiboken)",
        version=version,
        licence=licence,
        homepage="https://www.pyside.org",
        text=texts,
    )
    yield Component(
        name="Qt: works of others inside it",
        version=version,
        licence="MIT AND BSD-3-Clause AND Zlib AND FTL AND IJG AND libpng-2.0 AND Unicode-DFS-2016",
        homepage="https://doc.qt.io/qt-6/licenses-used-in-qt.html",
        text=_text("Qt-third-parties"),
    )
    # Only where Qt does not use the system's own: on Linux.
    icu = [found[1] for file in files if (found := re.search(r"libicudata\.so\.(\d+)", file))]
    if icu:
        made = _from_text("ICU (in Qt)", icu[0], "Unicode-DFS-2016", "https://icu.unicode.org")
        yield replace(made, text=f"{made.text}\n\n{_text('ICU-third-parties')}")


def _of_system(files: set[str]) -> Iterator[Component]:
    """Libraries that came from the system, or with Python itself."""
    packages, rest = _debian_packages(files)
    yield from packages
    unknown = []
    seen: set[str] = set()
    for file in sorted(rest):
        library = _library(Path(file))
        if library is None:
            unknown.append(file)
        elif library.name not in seen:
            seen.add(library.name)
            yield _from_text(library.name, "", library.licence, library.homepage)
    if unknown:
        raise Stopped(f"nobody is known whose these are: {', '.join(unknown)}")


def _library(path: Path) -> Library | None:
    name = path.name.lower()
    return next(
        (one for one in LIBRARIES if any(fnmatch.fnmatch(name, known) for known in one.files)), None
    )


def _debian_packages(files: set[str]) -> tuple[list[Component], set[str]]:
    """By source package, and the files that are of none (all, where there is no dpkg)."""
    owners, rest = _asked_dpkg(files)
    fields = "${source:Package}\t${source:Upstream-Version}\t${Homepage}\t${Package}\n"
    if not owners:
        return [], rest
    told = subprocess.run(
        ["dpkg-query", "-W", "-f", fields, *sorted(owners)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Component] = {}
    for line in told.stdout.splitlines():
        source, version, homepage, package = line.split("\t")
        if source not in DEBIAN:
            raise Stopped(f"{package} is of {source}, whose licence licences_known.py lacks.")
        text = Path(f"/usr/share/doc/{package}/copyright").read_text(encoding="utf-8").strip()
        text += "".join(f"\n\n{_text(one)}" for one in _not_in_full(DEBIAN[source]))
        found[source] = Component(
            name=source, version=version, licence=DEBIAN[source], homepage=homepage, text=text
        )
    return list(found.values()), rest


def _not_in_full(licence: str) -> tuple[str, ...]:
    """Texts that Debian's copyright files only name, as every Debian has them."""
    return tuple(one for one in ("Apache-2.0", "LGPL-2.1-or-later") if one in licence)


def _asked_dpkg(files: set[str]) -> tuple[set[str], set[str]]:
    """The packages that own files, which may be known below /lib or below /usr/lib."""
    names: dict[str, str] = {}
    for file in files:
        for path in (file, os.path.realpath(file)):
            bare = path.removeprefix("/usr")
            names |= {path: file, bare: file, f"/usr{bare}": file}
    if not names:
        return set(), files
    try:
        told = subprocess.run(
            ["dpkg-query", "-S", *sorted(names)], capture_output=True, text=True, check=False
        )
    except OSError:
        return set(), files
    owners: set[str] = set()
    rest = set(files)
    for line in told.stdout.splitlines():
        package, _, path = line.partition(": ")
        if path in names:
            owners.add(package)
            rest.discard(names[path])
    return owners, rest


def _from_text(name: str, version: str, licence: str, homepage: str) -> Component:
    return Component(
        name=name, version=version, licence=licence, homepage=homepage, text=_text(licence)
    )


def _text(name: str) -> str:
    file = TEXTS / f"{name}.txt"
    return file.read_text(encoding="utf-8").strip() if file.is_file() else ""
