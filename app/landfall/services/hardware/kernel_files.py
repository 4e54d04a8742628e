"""Files in which the kernel tells of a machine: short, and there or not."""

from __future__ import annotations

from pathlib import Path


def text_of(path: Path) -> str | None:
    """The text of a file, or None where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def line_of(path: Path) -> str | None:
    """The text of a small file without the space around it, or None."""
    text = text_of(path)
    return None if text is None else text.strip()
