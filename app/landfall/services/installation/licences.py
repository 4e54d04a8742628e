"""Whose work this program carries, and under which licences.

A build that carries other people's code has the list in `resources/licences.json`, made when it was
built. Elsewhere it is read from what is installed: slow enough for a thread of its own.
"""

from __future__ import annotations

import json
import platform
import re
import sys
import sysconfig
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from landfall import __version__
from landfall.core.errors import BadInput
from landfall.services import resources

BUNDLED = "licences.json"
"""The resource of a build that carries all it needs: {"components": [{"name", "version", "licence",
"homepage"?, "text"}]}."""
OWN = "Landfall"
OWN_LICENCE = "MIT"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TEXT_FILE = re.compile(r"(licen[cs]e|copying|notice|copyright)", re.IGNORECASE)
_PYTHON_PAGE = "https://www.python.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """Something of somebody's that is part of the program, or needed by it.

    Attributes:
        licence: As its makers name it, mostly an SPDX expression; "" where they do not.
        homepage: An address, or "".
        text: The licence in full; "" where what is installed does not bring it.
    """

    name: str
    version: str
    licence: str
    homepage: str = ""
    text: str = ""


def own() -> Component:
    """This program.

    The text is that of the checkout or of the installed package; a bundle lists it in its resource.
    """
    text = _text_of_file(resources.folder().with_name("LICENSE"))
    if not text:
        mine = _installed("landfall")
        text = _texts(mine) if mine is not None else ""
    return Component(name=OWN, version=__version__, licence=OWN_LICENCE, text=text)


def components() -> tuple[Component, ...]:
    """This program first, then what it carries or needs, by name. Takes up to a second.

    Raises:
        BadInput: the list of a build is broken, which means a broken installation.
    """
    if (resources.folder() / BUNDLED).is_file():
        found = parse(resources.read_json(BUNDLED))
        mine = [one for one in found if one.name == OWN] or [own()]
        return (*mine, *(one for one in found if one.name != OWN))
    return (own(), *in_order((python(), *needed())))


def in_order(found: Iterable[Component]) -> tuple[Component, ...]:
    """By name, whatever its case."""
    return tuple(sorted(found, key=lambda one: one.name.casefold()))


def parse(document: Any) -> tuple[Component, ...]:
    """The components of a list in the form of `BUNDLED`.

    Raises:
        BadInput: it has another form.
    """
    try:
        return tuple(_component(row) for row in document["components"])
    except (KeyError, TypeError) as error:
        raise BadInput(
            f"The list of licences of this installation is broken: {error!r}.",
            "Install Landfall again.",
            file=BUNDLED,
        ) from error


def as_document(found: Iterable[Component]) -> dict[str, Any]:
    """Components in the form of `BUNDLED`."""
    return {"components": [_row(one) for one in found]}


def as_text(found: Iterable[Component]) -> str:
    """The same document as it is written to a file."""
    return json.dumps(as_document(found), indent=1, ensure_ascii=False) + "\n"


def _row(one: Component) -> dict[str, str]:
    row = {"name": one.name, "version": one.version, "licence": one.licence, "text": one.text}
    return row | ({"homepage": one.homepage} if one.homepage else {})


def _component(row: Mapping[str, Any]) -> Component:
    values = {name: row[name] for name in ("name", "version", "licence", "text")}
    values["homepage"] = row.get("homepage", "")
    for name, value in values.items():
        if not isinstance(value, str):
            raise TypeError(f"{name} of {row.get('name')} is no text")
    return Component(**values)


def python() -> Component:
    """The Python that runs this; its text where the installation has it."""
    places = [Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix)]
    files = (place / name for place in places for name in ("LICENSE.txt", "LICENSE"))
    text = next((found for file in files if (found := _text_of_file(file))), "")
    return Component(
        name="Python",
        version=platform.python_version(),
        licence="PSF-2.0",
        homepage=_PYTHON_PAGE,
        text=text,
    )


def needed() -> tuple[Component, ...]:
    """The installed packages that this program needs, and those that they need.

    One that is needed on another system only is not installed, and not listed.
    """
    found: dict[str, Component] = {}
    waiting = list(_requirements(_own_requirements()))
    while waiting:
        name = waiting.pop()
        distribution = None if name in found else _installed(name)
        if distribution is not None:
            found[name] = of_distribution(distribution)
            waiting += _requirements(distribution.requires or ())
    return in_order(found.values())


def of_distribution(distribution: metadata.Distribution) -> Component:
    """What an installed package says of itself."""
    said = distribution.metadata
    return Component(
        name=said["Name"],
        version=distribution.version,
        licence=_licence(said),
        homepage=_homepage(said),
        text=_texts(distribution),
    )


def _own_requirements() -> list[str]:
    """Of the installed package, else of the checkout that runs without being installed."""
    mine = _installed("landfall")
    if mine is not None:
        return list(mine.requires or ())
    try:
        text = resources.folder().with_name("pyproject.toml").read_text(encoding="utf-8")
    except OSError:
        return []
    stated: list[str] = tomllib.loads(text)["project"]["dependencies"]
    return stated


def _requirements(lines: Iterable[str]) -> Iterator[str]:
    """The names in lines such as `httpx>=0.27; python_version > "3"`, without those of extras."""
    for line in lines:
        what, _, condition = line.partition(";")
        name = _NAME.match(what.strip())
        if name is not None and "extra" not in condition:
            yield re.sub(r"[-_.]+", "-", name[0]).lower()


def _installed(name: str) -> metadata.Distribution | None:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None


def _field(said: metadata.PackageMetadata, name: str) -> str:
    return next(iter(said.get_all(name) or ()), "")


def _licence(said: metadata.PackageMetadata) -> str:
    """The expression (PEP 639), else the short word of older packages, else the classifiers."""
    for field in ("License-Expression", "License"):
        value = " ".join(_field(said, field).split())
        if value and len(value) < 100 and value.upper() != "UNKNOWN":
            return value
    classifiers = said.get_all("Classifier") or []
    named = [one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License :: ")]
    return ", ".join(name for name in named if name != "OSI Approved")


def _homepage(said: metadata.PackageMetadata) -> str:
    """The page that a package names as its own, else its source, else the first of any kind."""
    links = [line.partition(",") for line in said.get_all("Project-URL") or []]
    by_word = {word.strip().lower(): address.strip() for word, _, address in links}
    wanted = ("homepage", "home", "source", "source code", "repository", *by_word)
    named = _field(said, "Home-page")
    return named or next((by_word[word] for word in wanted if word in by_word), "")


def _texts(distribution: metadata.Distribution) -> str:
    """Every licence file of a package, one below the other."""
    files = [
        file
        for file in distribution.files or ()
        if ".dist-info" in file.parts[0]
        and (file.parent.name == "licenses" or _TEXT_FILE.match(file.name))
    ]
    texts = (_text_of_file(Path(str(file.locate()))) for file in sorted(files, key=str))
    return "\n\n".join(text for text in texts if text)


def _text_of_file(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
