"""Qt's translation files: .ts, read and written so that the order of its lines never changes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from sources import Source

Translations = dict[tuple[str, str], str]
"""What is said in the language, by context and English text."""


def read(path: Path) -> Translations:
    """Every finished translation of a file; nothing where there is no file."""
    found: Translations = {}
    if not path.exists():
        return found
    for context in ET.parse(path).getroot().iter("context"):
        name = context.findtext("name", "")
        for message in context.iter("message"):
            said = message.find("translation")
            if said is not None and said.text and said.get("type") is None:
                found[name, message.findtext("source", "")] = said.text
    return found


def write(path: Path, sources: Iterable[Source], said: Mapping[tuple[str, str], str]) -> None:
    """Write all sources with what is said of them; the others are marked unfinished."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<!DOCTYPE TS>",
        f'<TS version="2.1" language="{path.stem.rpartition("_")[2]}" sourcelanguage="en">',
    ]
    context = None
    for source in sources:
        if source.context != context:
            if context is not None:
                lines.append("</context>")
            context = source.context
            lines += ["<context>", f"    <name>{escape(context)}</name>"]
        lines += _message(source, said.get((source.context, source.text)))
    if context is not None:
        lines.append("</context>")
    lines.append("</TS>")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _message(source: Source, said: str | None) -> list[str]:
    translation = (
        '        <translation type="unfinished"></translation>'
        if said is None
        else f"        <translation>{_text(said)}</translation>"
    )
    return [
        "    <message>",
        f'        <location filename="../../app/landfall/{source.file}"/>',
        f"        <source>{_text(source.text)}</source>",
        translation,
        "    </message>",
    ]


def _text(text: str) -> str:
    # A line break at an end would be taken for layout of the file.
    return escape(text).replace("\r", "&#xd;")
