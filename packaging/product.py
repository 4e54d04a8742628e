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
APP_ID = "app.landfall.Landfall"
"""The same on macOS (bundle), in AppStream and in the registry of Windows; it never changes."""
DOCUMENT_SUFFIX = ".landfall"
"""A workload file that the desktop opens with this program; `.toml` files are left to editors."""
DOCUMENT_MIME = "application/x-landfall-workload"


def version() -> str:
    """As `landfall --version` says it: the one place where it stands."""
    source = (ROOT / "app" / "landfall" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', source, re.MULTILINE)
    if found is None:
        raise SystemExit("app/landfall/__init__.py says no version.")
    return found[1]


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
