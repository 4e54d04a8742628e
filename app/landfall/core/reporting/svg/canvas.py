"""A small writer of SVG: shapes in the colour roles of the program, text that fits its place.

On a screen the colours come from the page's style, so that they follow its scheme; on paper each
shape carries its own, since not every reader of SVG knows styles.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH = 720.0
"""Of every chart, in its own units: 12 of them are the size of the text."""
SIZE = 12.0
SMALL = 10.5
_MEAN = 0.6
"""Width of a letter over the size of its text, a little more than that of common sans fonts."""
_NONCHARACTERS = "".join(
    f"{chr(one | 0xFFFE)}{chr(one | 0xFFFF)}" for one in range(0, 0x110000, 0x10000)
)
_REFUSED = re.compile(
    f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\u202a-\u202e{_NONCHARACTERS}]"
)
"""What no XML document may hold, what stands for no character, and what would turn the words
behind it round."""
_NARROW = "iIl.,:;'|!()[]ft j"

PAPER: Mapping[str, str] = {
    "text": "#14191F",
    "text-2": "#4A5560",
    "text-3": "#5F6B77",
    "surface": "#FFFFFF",
    "sunken": "#F0F2F4",
    "grid": "#DDE2E6",
    "edge": "#7F8B96",
    "accent": "#0A6270",
    "danger": "#AD2A1B",
    "leave": "#BC2A12",
    "here": "#0B6B78",
    "frontier": "#3B2A96",
    "hosted": "#1E96D6",
    "rent": "#C77A22",
    "buy": "#5B2226",
}
"""Roles to colours on white: text reaches 4.5 to 1, shapes 3 to 1."""


@dataclass(frozen=True, slots=True)
class Ink:
    """How a role becomes an attribute: a class of the page's style, or the colour itself.

    Attributes:
        colours: Role to colour; None writes classes.
        family: Font of the text where classes do not give one.
    """

    colours: Mapping[str, str] | None = None
    family: str = "sans-serif"

    def fill(self, role: str) -> str:
        """The attribute that fills a shape."""
        return f'class="f-{role}"' if self.colours is None else f'fill="{self._of(role)}"'

    def stroke(self, role: str) -> str:
        """The attribute that draws a line and fills nothing."""
        if self.colours is None:
            return f'class="s-{role}"'
        return f'fill="none" stroke="{self._of(role)}"'

    def text(self, role: str) -> str:
        """The attributes of a text."""
        if self.colours is None:
            return f'class="f-{role}"'
        return f'fill="{self._of(role)}" font-family="{escape(self.family)}"'

    def _of(self, role: str) -> str:
        return "none" if self.colours is None else self.colours[role]


ON_SCREEN = Ink()


@dataclass(slots=True)
class Canvas:
    """Collects shapes from the top down; `height` grows as the chart asks for it."""

    ink: Ink
    height: float = 0.0
    _shapes: list[str] = field(default_factory=list)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        role: str,
        *,
        round_: float = 0,
        opacity: float = 1.0,
    ) -> None:
        """A filled rectangle."""
        rest = f' rx="{_n(round_)}"' if round_ else ""
        rest += f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        self._add(f"<rect {_place(x, y, width, height)}{rest} {self.ink.fill(role)}/>")

    def frame(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        role: str,
        *,
        dash: str = "",
        thick: float = 1,
        round_: float = 0,
    ) -> None:
        """The outline of a rectangle."""
        rest = f' rx="{_n(round_)}"' if round_ else ""
        shape = f"<rect {_place(x, y, width, height)}{rest}"
        self._add(f"{shape} {_pen(thick, dash)} {self.ink.stroke(role)}/>")

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        role: str,
        *,
        thick: float = 1,
        dash: str = "",
    ) -> None:
        """A straight line."""
        ends = f'x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"'
        self._add(f"<line {ends} {_pen(thick, dash)} {self.ink.stroke(role)}/>")

    def path(self, points: Sequence[tuple[float, float]], role: str, *, dash: str = "") -> None:
        """A line through points."""
        listed = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        self._add(f'<polyline points="{listed}" {_pen(2, dash)} {self.ink.stroke(role)}/>')

    def area(
        self, points: Sequence[tuple[float, float]], role: str, *, opacity: float = 1.0
    ) -> None:
        """A filled shape."""
        listed = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        rest = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        self._add(f'<polygon points="{listed}"{rest} {self.ink.fill(role)}/>')

    def dot(self, x: float, y: float, radius: float, role: str) -> None:
        """A filled circle."""
        self._add(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" {self.ink.fill(role)}/>')

    def diamond(self, x: float, y: float, size: float, role: str) -> None:
        """A filled diamond."""
        self.area(((x, y - size), (x + size, y), (x, y + size), (x - size, y)), role)

    def hatch(self, x: float, y: float, width: float, height: float, role: str) -> None:
        """Slanted lines over a rectangle, each cut at its edges."""
        step = 7.0
        at = -height
        while at < width:
            left, right = max(0.0, at), min(width, at + height)
            if right > left:
                start = (x + left, y + height - (left - at))
                end = (x + right, y + height - (right - at))
                self.line(*start, *end, role, thick=0.8)
            at += step

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        role: str = "text",
        size: float = SIZE,
        anchor: str = "start",
        strong: bool = False,
        room: float = 0.0,
        clear: bool = False,
    ) -> None:
        """A line of text; `room` is how wide it may be, 0 as wide as it is. y: its base line.

        `clear` takes away what was drawn below it, so that no line of a grid runs through words.
        """
        shown = fitted(words, size, room) if room else words
        if clear:
            wide = text_width(shown, size)
            left = {"start": x, "middle": x - wide / 2, "end": x - wide}[anchor]
            self.box(left - 2, y - size + 1, wide + 4, size + 2, "surface")
        rest = f' text-anchor="{anchor}"' if anchor != "start" else ""
        rest += ' font-weight="600"' if strong else ""
        at = f'x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}"{rest}'
        self._add(f"<text {at} {self.ink.text(role)}>{escape(clean(shown))}</text>")

    def _add(self, shape: str) -> None:
        self._shapes.append(shape)

    def done(self, *, name: str, title: str, says: str) -> str:
        """The whole SVG.

        Args:
            name: Unique in its document: names the title and the description.
            title, says: For those who do not see it.
        """
        spoken = f'<title id="{name}-t">{escape(clean(title))}</title>'
        spoken += f'<desc id="{name}-d">{escape(clean(says))}</desc>'
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(WIDTH)} {_n(self.height)}"'
            f' role="img" aria-labelledby="{name}-t {name}-d">'
        )
        return f"{head}{spoken}{''.join(self._shapes)}</svg>"


def clean(text: str) -> str:
    """Without what no XML document may hold: control characters, lone halves of characters."""
    return text if text.isascii() and text.isprintable() else _REFUSED.sub("", text)


def text_width(text: str, size: float) -> float:
    """About how wide a line of text is."""
    return size * sum(_letter(one) for one in text)


def _letter(one: str) -> float:
    if one in _NARROW:
        return 0.36
    if unicodedata.combining(one) or unicodedata.category(one) == "Cf":
        return 0.0
    if unicodedata.east_asian_width(one) in "WF":
        return 1.05
    return 0.75 if one.isupper() else _MEAN


def fitted(text: str, size: float, room: float) -> str:
    """The text, its end left out where it is wider than its room."""
    if text_width(text, size) <= room:
        return text
    left = room - size * 0.9
    kept = []
    for one in text:
        left -= size * _letter(one)
        if left < 0:
            break
        kept.append(one)
    return f"{''.join(kept).rstrip()}…"


def named(text: str, room: float) -> tuple[list[str], float]:
    """A name in one line of the usual size, or in two small ones where it is too long for that."""
    if text_width(text, SIZE) <= room:
        return [text], SIZE
    return wrapped(text, SMALL, room, 2), SMALL


def wrapped(text: str, size: float, room: float, most: int) -> list[str]:
    """The text in at most so many lines; what is left over ends in an ellipsis."""
    lines: list[str] = []
    pieces = [piece for word in text.split() for piece in _pieces(word, size, room)]
    while pieces:
        line = pieces.pop(0)
        while pieces and text_width(f"{line}{pieces[0]}".rstrip(), size) <= room:
            line += pieces.pop(0)
        if len(lines) == most - 1 and pieces:
            return [*lines, fitted(f"{line}{''.join(pieces)}".rstrip(), size, room)]
        lines.append(fitted(line.rstrip(), size, room))
    return lines


def _pieces(word: str, size: float, room: float) -> list[str]:
    """A word with its space; a long one, as names of models are, cut behind hyphens and slashes."""
    if text_width(word, size) <= room:
        return [f"{word} "]
    *first, last = re.split(r"(?<=[-/])", word)
    return [*first, f"{last} "]


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values from low to high, 1, 2 or 5 times a power of ten apart."""
    span = high - low
    if span <= 0:
        return [low]
    power = 1.0
    while power * 10 <= span / most:
        power *= 10
    while power > span / most:
        power /= 10
    steps = [power * times for times in (1, 2, 5, 10)]
    least = next(i for i, step in enumerate(steps) if step >= span / most)
    # A coarse step may have no multiple between two ends; the finest one, below a span, has.
    tried = (_multiples(step, low, high) for step in reversed(steps[: least + 1]))
    return next(found for found in tried if found)


def _multiples(step: float, low: float, high: float) -> list[float]:
    first = -(-low // step)
    found: list[float] = []
    while (first + len(found)) * step <= high + step * 1e-9:
        found.append((first + len(found)) * step)
    return found


def _n(value: float) -> str:
    """A number in as few letters as its place needs."""
    return f"{value:.1f}".rstrip("0").rstrip(".") if abs(value) < 1e7 else "0"


def _place(x: float, y: float, width: float, height: float) -> str:
    size = f'width="{_n(max(width, 0.0))}" height="{_n(max(height, 0.0))}"'
    return f'x="{_n(x)}" y="{_n(y)}" {size}'


def _pen(thick: float, dash: str) -> str:
    rest = f' stroke-dasharray="{dash}"' if dash else ""
    return f'stroke-width="{_n(thick)}"{rest}'
