"""Writes Debian's copyright file (the machine-readable form, DEP-5) from the list of a build."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import product

_FORMAT = "https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
_HOLDER = re.compile(
    r"^[\W_]*((?:portions )?copyright(?:ed)?:?\s+(?:by\s+|\(c\)|©|[12]\d{3}).*)", re.IGNORECASE
)
_MOST_HOLDERS = 40
_ON_EVERY_DEBIAN = Path("/usr/share/common-licenses")
_SHORTEST = 5_000
"""Bytes: shorter texts differ from one holder to the next, and stay as they are."""


def machine_readable(components: Iterable[Mapping[str, str]], *, bundle: str) -> str:
    """The whole file. What is inside the bundle has a paragraph of its own, with its text.

    Args:
        components: As `resources/licences.json` lists them, this program first.
        bundle: The folder of what is bundled, from the root of the file system.
    """
    mine, *others = components
    head = f"""\
Format: {_FORMAT}
Upstream-Name: {product.TITLE}
Comment:
 {product.TITLE} brings the libraries that it needs, unchanged, in /{bundle}. Qt and
 PySide6 are used under the LGPL-3: they lie there as shared libraries of their
 own and may be replaced by others; /usr/share/common-licenses/LGPL-3 has the
 text, and their paragraph below says where their source is. The same list is
 shown in the program itself.
"""
    paragraphs = [head, _paragraph(mine, ["*"])]
    paragraphs += [_paragraph(one, [f"{bundle}/*"], name=one["name"]) for one in others]
    return "\n".join(paragraphs)


def _paragraph(one: Mapping[str, str], files: list[str], *, name: str = "") -> str:
    lines = [f"Files: {' '.join(files)}", f"Copyright: {_holders(one['text'])}"]
    lines.append(f"License: {_short_name(one)}")
    lines += _field(_shortened(one["text"]))
    if name:
        page = f" ({one['homepage']})" if one.get("homepage") else ""
        lines += ["Comment:", *_field(f"{name} {one['version']}{page}: {one['licence']}")]
    return "\n".join(lines) + "\n"


def _shortened(text: str) -> str:
    """Without the texts that Debian's policy (12.5) wants named and not repeated."""
    for name, pattern in _common():
        text = pattern.sub(f"On Debian the text is in {_ON_EVERY_DEBIAN / name}.", text)
    return text


@cache
def _common() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The long texts of /usr/share/common-licenses, however their lines are broken."""
    found = []
    for file in sorted(_ON_EVERY_DEBIAN.iterdir(), reverse=True):
        if file.is_symlink() or file.stat().st_size < _SHORTEST:
            continue
        words = file.read_text(encoding="utf-8").split()
        if "END" in words and file.name.startswith("Apache"):
            # What follows is how to apply it, which not everybody repeats.
            words = words[: _after(words, ["END", "OF", "TERMS", "AND", "CONDITIONS"])]
        found.append((file.name, re.compile(r"\s+".join(map(_loosely, words)))))
    return tuple(found)


def _loosely(word: str) -> str:
    """A word of a licence as it may be spelled: its addresses were once without the s."""
    return re.sub("https?:", "https?:", re.escape(word))


def _after(words: list[str], end: list[str]) -> int:
    return next(i + len(end) for i in range(len(words)) if words[i : i + len(end)] == end)


def _short_name(one: Mapping[str, str]) -> str:
    """A name of its own for every component: licences of one name differ in their words."""
    bare = re.sub(r"[^A-Za-z0-9.+-]+", "-", one["name"]).strip("-").lower()
    first = re.split(r"\s+(?:AND|OR|WITH)\s+", one["licence"])[0].strip("()")
    return f"{first}~{bare}"


def _holders(text: str) -> str:
    """Lines of a licence that name who holds the rights, each once."""
    found = dict.fromkeys(
        " ".join(match[1].split())
        for line in text.splitlines()
        if (match := _HOLDER.match(line.strip().removeprefix("*").strip()))
    )
    held = list(found)[:_MOST_HOLDERS]
    return "\n ".join(held) if held else "see the text of the licence"


def _field(text: str) -> list[str]:
    """The text as lines of a field: indented, with a dot where a line is empty."""
    return [
        f" {line.rstrip()}" if line.strip() else " ." for line in text.expandtabs().splitlines()
    ]
