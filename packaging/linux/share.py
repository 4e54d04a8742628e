"""Lays out what a Linux desktop wants to know of the program: `share.py FOLDER`, a `share` folder.

The desktop file, the AppStream metadata, the kind of document, icons and the man page: the same for
the Debian package and for the archive. Every fact in them comes from product.py. Needs what the
program needs, PySide6 included (it renders icons), and no display.
"""

from __future__ import annotations

import gzip
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "icons")]

import changes  # noqa: E402
import make_icons  # noqa: E402
import man_page  # noqa: E402
import product  # noqa: E402


def facts() -> Mapping[str, str]:
    """What the templates beside this file name as @NAME@."""
    return {
        "NAME": product.NAME,
        "TITLE": product.TITLE,
        "SUMMARY": product.SUMMARY,
        "LICENCE": product.LICENCE,
        "AUTHORS": product.AUTHORS,
        "APP_ID": product.APP_ID,
        "DOCUMENT_MIME": product.DOCUMENT_MIME,
        "DOCUMENT_SUFFIX": product.DOCUMENT_SUFFIX,
        "VERSION": product.version(),
        "DATE": built_on().strftime("%Y-%m-%d"),
        "CHANGES": "\n".join(
            f"          <li>{escape(point)}</li>" for point in changes.points(product.version())
        ).lstrip(),
    }


def built_on() -> datetime:
    """The time that stands in everything that is built."""
    return datetime.fromtimestamp(product.source_date_epoch(), UTC)


def filled(template: str) -> str:
    """A template with its facts; one that nobody states stops the build."""
    known = facts()
    text = (HERE / template).read_text(encoding="utf-8")
    return re.sub(r"@([A-Z_]+)@", lambda found: known[found[1]], text)


def compressed(text: str) -> bytes:
    """As Debian wants it: at its smallest, without a time or a name."""
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def write(file: Path, content: str | bytes) -> None:
    """Write a file, with the folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())


def lay_out(share: Path) -> None:
    """Write all of it below a `share` folder."""
    name = product.APP_ID
    write(share / "applications" / f"{name}.desktop", filled("desktop.in"))
    write(share / "metainfo" / f"{name}.metainfo.xml", filled("metainfo.xml.in"))
    write(share / "mime" / "packages" / f"{name}.xml", filled("mime.xml.in"))
    write(share / "man" / "man1" / f"{product.NAME}.1.gz", compressed(man_page.page()))
    with tempfile.TemporaryDirectory() as folder:
        make_icons.make_all(Path(folder))
        shutil.copytree(Path(folder) / "hicolor", share / "icons" / "hicolor", dirs_exist_ok=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python packaging/linux/share.py FOLDER")
    lay_out(Path(sys.argv[1]))
