"""What every package says of the program, in one place: names, version, identity, date.

Read by the scripts beside it, by the recipe of the frozen program and by the tests:
`python packaging/product.py version` prints one of the facts for a shell.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

NAME: str = _PROJECT["name"]
"""Of the package, the command and the folder."""
TITLE = "Landfall"
SUMMARY: str = _PROJECT["description"]
LICENCE: str = _PROJECT["license"]
DEPENDENCIES: list[str] = _PROJECT["dependencies"]
AUTHORS = "The Landfall authors"
CONTACT = "authors@landfall.invalid"
"""Where a package format asks for an address. There is none yet: `.invalid` says so (RFC 2606)."""


def _stated(name: str, module: str) -> str:
    """A text that a module of the program states: read as text, before anything is installed."""
    source = ROOT.joinpath("app", "landfall", module).read_text(encoding="utf-8")
    found = re.search(rf'^{name} = "([^"]+)"$', source, re.MULTILINE)
    if found is None:
        raise SystemExit(f"app/landfall/{module} says no {name}.")
    return found[1]


APP_ID = _stated("APP_ID", "services/installation/desktop_identity.py")
"""The same on macOS (bundle), in AppStream and in the registry of Windows; it never changes."""
DOCUMENT_SUFFIX = _stated("DOCUMENT_SUFFIX", "services/installation/named_files.py")
"""A workload file that the desktop opens with this program; `.toml` files are left to editors."""
DOCUMENT_MIME = "application/x-landfall-workload"


def version() -> str:
    """As `landfall --version` says it: the one place where it stands."""
    return _stated("__version__", "__init__.py")


def numbers(version: str) -> list[str]:
    """The whole numbers that a version begins with: ["1", "2", "3"] of "1.2.3rc1"."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return found[0].split(".") if found else []


def languages() -> tuple[str, ...]:
    """What the window speaks: English, and what there is a translation for."""
    files = (ROOT / "resources" / "translations").glob(f"{NAME}_*.qm")
    return ("en", *sorted(file.stem.rpartition("_")[2] for file in files))


def source_date_epoch() -> int:
    """Seconds since 1970 that stand in every archive, so that two builds are the same bytes.

    The environment's SOURCE_DATE_EPOCH, else the time of the commit, else 1980, where ZIP begins.
    """
    if stated := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(stated)
    asked = ("git", "-C", str(ROOT), "log", "-1", "--format=%ct")
    try:
        answer = subprocess.run(asked, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 315_532_800
    return int(answer.stdout)


def main(words: list[str]) -> int:
    """Print one fact."""
    facts = {
        "name": NAME,
        "title": TITLE,
        "version": version(),
        "summary": SUMMARY,
        "licence": LICENCE,
        "app_id": APP_ID,
        "source_date_epoch": str(source_date_epoch()),
    }
    if len(words) != 1 or words[0] not in facts:
        print(f"usage: python packaging/product.py {'|'.join(facts)}", file=sys.stderr)
        return 2
    print(facts[words[0]])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
