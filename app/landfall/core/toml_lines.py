"""On which line of a TOML text each key stands: the standard library's reader does not tell.

Only for text that `tomllib` has accepted: nothing is checked here. Grammar: TOML 1.0.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY_PART = re.compile(r"""[ \t]*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))[ \t]*""")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}\n#]*")


def lines_of_keys(text: str) -> dict[str, int]:
    """Path of each key to its line, the first being 1: `steps[0].where`, `quotes.machine.fits`.

    Keys of inline tables, elements of arrays and headers of tables are among them.
    """
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


def line_of(path: str, lines: dict[str, int]) -> int | None:
    """The line of a key, or of the nearest table around it; None where neither is written down."""
    while path:
        if path in lines:
            return lines[path]
        cut = max(path.rfind("."), path.rfind("["))
        path = path[: max(cut, 0)]
    return None


@dataclass(slots=True)
class _Scanner:
    text: str
    at: int = 0
    lines: dict[str, int] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)
    line: int = 1
    counted: int = 0

    def document(self) -> None:
        prefix = ""
        self.skip_blank()
        while self.at < len(self.text):
            if self.text.startswith("[[", self.at):
                prefix = self.header(2)
            elif self.text[self.at] == "[":
                prefix = self.header(1)
            else:
                self.pair(prefix)
            self.skip_blank()

    def header(self, brackets: int) -> str:
        """Read `[a.b]` or `[[a.b]]`; the path with the index of every array of tables in it."""
        line = self.line_now()
        self.at += brackets
        parts = self.key()
        self.at += brackets
        path = ""
        for part in parts[:-1]:
            path = self.latest(_join(path, part))
            self.lines.setdefault(path, line)  # a table that is only named on the way
        path = _join(path, parts[-1])
        if brackets == 2:
            self.tables[path] = self.tables.get(path, -1) + 1
            self.lines.setdefault(path, line)
        path = self.latest(path)
        self.lines.setdefault(path, line)
        return path

    def latest(self, path: str) -> str:
        """The path of the table that stands last in an array of tables, or the path itself."""
        return f"{path}[{self.tables[path]}]" if path in self.tables else path

    def pair(self, prefix: str) -> None:
        line = self.line_now()
        path = prefix
        for part in self.key():
            path = _join(path, part)
            self.lines.setdefault(path, line)
        self.at += 1  # the equals sign
        self.skip_blank()
        self.value(path)

    def key(self) -> list[str]:
        parts = []
        while match := _KEY_PART.match(self.text, self.at):
            parts.append(next(group for group in match.groups() if group is not None))
            self.at = match.end()
            if self.text[self.at : self.at + 1] != ".":
                break
            self.at += 1
        return parts

    def value(self, path: str) -> None:
        opening = self.text[self.at : self.at + 1]
        if opening == "[":
            self.array(path)
        elif opening == "{":
            self.inline_table(path)
        else:
            match = _STRING.match(self.text, self.at) or _SCALAR.match(self.text, self.at)
            self.at = match.end() if match else len(self.text)

    def array(self, path: str) -> None:
        self.at += 1
        index = 0
        while self.more("]"):
            element = f"{path}[{index}]"
            self.lines.setdefault(element, self.line_now())
            self.value(element)
            index += 1

    def inline_table(self, path: str) -> None:
        self.at += 1
        while self.more("}"):
            self.pair(path)

    def more(self, closing: str) -> bool:
        """Step over blanks and commas; False behind the closing bracket."""
        self.skip_blank()
        while self.text[self.at : self.at + 1] == ",":
            self.at += 1
            self.skip_blank()
        if self.at >= len(self.text) or self.text[self.at] == closing:
            self.at += 1
            return False
        return True

    def skip_blank(self) -> None:
        match = _BLANK.match(self.text, self.at)
        if match:
            self.at = match.end()

    def line_now(self) -> int:
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.line


def _join(prefix: str, key: str) -> str:
    return f"{prefix}.{key}" if prefix else key
