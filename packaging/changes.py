"""What changed by version, out of the page that people read: packaging/handbook/changelog.md.

A version is a heading of its own, `## 1.2.0, 2027-01-31` or `## 1.3.0, not released yet`; what
changed are the points of the list below it, up to the next version.
"""

from __future__ import annotations

import re

import product

PAGE = product.ROOT / "packaging" / "handbook" / "changelog.md"


def points(version: str) -> list[str]:
    """What is new in a version, one sentence a point, without the marks of Markdown.

    Raises:
        SystemExit: the page has no such version, or says nothing of it.
    """
    parts = re.split(r"^## (\S+), .*$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    said = dict(zip(parts[1::2], parts[2::2], strict=True)).get(version, "")
    found = re.findall(r"^- (.+(?:\n  .+)*)", said, re.MULTILINE)
    if not found:
        raise SystemExit(f"{PAGE.relative_to(product.ROOT)} does not say what is new in {version}.")
    return [" ".join(re.sub(r"[*`]|\[|\]\([^)]*\)", "", point).split()) for point in found]
