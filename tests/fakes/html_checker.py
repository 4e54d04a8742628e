"""Checks that HTML is well formed, of known tags, with unique ids, and asks for nothing.

A strict reader of what a report may contain; html5lib, where it is installed, is asked beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "br", "hr", "img", "link", "input"})
KNOWN = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "nav",
        "main",
        "article",
        "section",
        "h1",
        "h2",
        "h3",
        "p",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "div",
        "figure",
        "figcaption",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "b",
        "i",
        "small",
        "span",
        "bdi",
        "a",
        "svg",
        "desc",
        "rect",
        "line",
        "polyline",
        "polygon",
        "circle",
        "text",
    ]
)
ASKS = ("src", "srcset", "data", "poster", "background", "action", "formaction", "ping", "manifest")
_PARENTS = {
    "li": {"ul", "ol"},
    "tr": {"thead", "tbody"},
    "td": {"tr"},
    "th": {"tr"},
    "caption": {"table"},
    "thead": {"table"},
    "tbody": {"table"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
    "figcaption": {"figure"},
}
_NO_BLOCKS = {"p", "h1", "h2", "h3", "span", "b", "i", "small", "a", "bdi"}
_BLOCKS = {"p", "div", "table", "ul", "ol", "dl", "figure", "section", "article", "h1", "h2", "h3"}


@dataclass
class Checked(HTMLParser):
    """What was found in a document; `faults` is empty where it is valid and keeps to itself."""

    faults: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    refers: list[str] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    tables: int = 0
    captions: int = 0
    pictures: int = 0
    unnamed: int = 0
    language: str = ""
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._check_place(tag)
        names = [name for name, _ in attrs]
        if len(set(names)) != len(names):
            self.faults.append(f"an attribute twice in {tag}")
        for name, value in attrs:
            self._check_attribute(tag, name, value or "")
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if tag == "svg":
            self.pictures += 1
            self.unnamed += "aria-labelledby" not in names or "role" not in names
        if tag == "th" and "scope" not in names:
            self.faults.append("a head of a table without scope")
        if tag in ("h1", "h2", "h3"):
            self.levels.append(int(tag[1]))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            if "svg" not in self._open:
                self.faults.append(f"{tag} closes itself outside a picture")
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1:]}")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"a comment: {data[:40]}")

    def unknown_decl(self, data: str) -> None:
        self.faults.append(f"a declaration: {data[:40]}")

    def _check_place(self, tag: str) -> None:
        inside = self._open[-1] if self._open else ""
        if tag not in KNOWN:
            self.faults.append(f"an unknown tag: {tag}")
        if tag in _PARENTS and inside not in _PARENTS[tag]:
            self.faults.append(f"{tag} inside {inside}")
        if tag in _BLOCKS and _NO_BLOCKS & set(self._open):
            self.faults.append(f"{tag} inside {self._open}")

    def _check_attribute(self, tag: str, name: str, value: str) -> None:
        if name == "id":
            self.ids.append(value)
        if name == "lang" and tag == "html":
            self.language = value
        if name in ASKS or name.startswith("on") or name == "style":
            self.faults.append(f"{tag} has {name}")
        if name in ("href", "xlink:href"):
            self.refers.append(value)
            if not value.startswith("#"):
                self.faults.append(f"{tag} leads to {value}")
        if name == "aria-labelledby":
            self.refers += [f"#{one}" for one in value.split()]

    def finish(self) -> None:
        """Look at what only the whole document tells."""
        self.close()
        if self._open:
            self.faults.append(f"never closed: {self._open}")
        if len(set(self.ids)) != len(self.ids):
            self.faults.append("an id twice")
        lost = {one[1:] for one in self.refers} - set(self.ids)
        if lost:
            self.faults.append(f"leads nowhere: {sorted(lost)[:3]}")
        if self.tables != self.captions:
            self.faults.append("a table without caption")
        if self.unnamed:
            self.faults.append("a picture without words")
        for above, below in zip(self.levels, self.levels[1:], strict=False):
            if below > above + 1:
                self.faults.append(f"a heading {below} below {above}")
        if self.levels.count(1) != 1:
            self.faults.append("not one heading of all")


def checked(html: str) -> Checked:
    """Read a whole document."""
    found = Checked()
    if not html.startswith("<!DOCTYPE html>"):
        found.faults.append("no doctype")
    found.feed(html)
    found.finish()
    style = html.partition("<style>")[2].partition("</style>")[0]
    for word in ("url(", "@import", "expression", "src:"):
        if word in style:
            found.faults.append(f"the style says {word}")
    return found
