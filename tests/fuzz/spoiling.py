"""Whole inputs in which some tokens are others: what is written between the signs of a format.

Bytes at random hardly ever pass a parser of JSON, TOML or CSV. Here the signs stay mostly where
they are, and a number becomes a list, a date one that no calendar has, a text half a character.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

_TOKEN = re.compile(rb'"(?:\\.|[^"\\])*"|[-+]?[\w.:-]+|\s+|.', re.DOTALL)

ODD = tuple(
    text.encode("utf-8", "surrogatepass")
    for text in (
        "",
        "null",
        "true",
        "false",
        "nan",
        "NaN",
        "inf",
        "-Infinity",
        "0",
        "-0",
        "-1",
        "1e400",
        "1e308",
        "-1e308",
        "5e-324",
        "0x10",
        "1_000",
        "9007199254740993",
        "-9223372036854775809",
        "999999999999999",
        "99999999999999999999999",
        "9" * 5000,
        '""',
        '"x"',
        '"-1"',
        '"nan"',
        '"\\ud800"',
        '"\\u0000"',
        '"\ud800"',
        "\u2028",
        "\x00",
        "\ufeff",
        "[]",
        "{}",
        "[null]",
        '[""]',
        '{"": null}',
        '{"message": 5, "error": []}',
        "[" * 3000,
        '{"a":' * 3000,
        "(" * 300,
        "*a",
        "&a [*a]",
        "!!python/object:os.system",
        "0001-01-01",
        "9999-12-31",
        "2026-02-30",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-01-01T00:00:00+99:99",
        '"0001-01-01T00:00:00+14:00"',
        '"9999-12-31T23:59:59-14:00"',
        "24:00",
        "\r",
        "\n",
        "\n\n",
        ",",
        ";",
        '"',
        "'",
        "=",
        "[[",
        "]]",
        "{",
        "}",
        "#",
        "data: ",
        "x" * 70000,
    )
) + tuple(struct.pack("<Q", number) for number in (0, 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1))


@st.composite
def spoilt(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """One of the inputs with some of its tokens replaced, left out, doubled or swapped."""
    data = draw(st.sampled_from(seeds))
    tokens = _TOKEN.findall(data) or [b""]
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(tokens) - 1))
        match draw(st.integers(0, 7)):
            case 0:
                tokens[at] = b""
            case 1:
                tokens[at] *= draw(st.sampled_from((2, 50)))
            case 2:
                other = draw(st.integers(0, len(tokens) - 1))
                tokens[at] = tokens[other]
            case _:
                tokens[at] = draw(st.sampled_from(ODD))
    whole = b"".join(tokens)
    if draw(st.integers(0, 9)) == 0:
        return whole[: draw(st.integers(0, len(whole)))]
    return whole


_KINDS: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    -1e308,
    10**15 - 1,
    2**62 + 1,
    2**64,
    10**400,
    "",
    "x",
    "-1",
    "\ud800",
    "\0",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "x" * 5000,
    [],
    [None],
    [[]],
    ["x", {}],
    {},
    {"": None},
    {"message": []},
)


@st.composite
def respelt(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """One of the inputs in which a whole value of its JSON is of another kind.

    JSON is what stands on a line behind whatever begins it, or all that follows the first brace.
    """
    data = draw(st.sampled_from(seeds))
    pieces = list(_documents(data))
    told = [number for number, (_, found) in enumerate(pieces) if found is not _NO_JSON]
    if not told:
        return data
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.sampled_from(told))
        before, value = pieces[at]
        pieces[at] = (before, _with_another(draw, value))
    return b"".join(
        before if value is _NO_JSON else before + json.dumps(value).encode()
        for before, value in pieces
    )


_NO_JSON = object()


def _documents(data: bytes) -> Iterator[tuple[bytes, Any]]:
    """What stands before each document, and the document."""
    begin = re.search(rb"[{\[]", data)
    if begin is None:
        yield data, _NO_JSON
        return
    try:
        yield data[: begin.start()], json.loads(data[begin.start() :])
    except ValueError:
        for line in data.splitlines(keepends=True):
            yield from _on_line(line)


def _on_line(line: bytes) -> Iterator[tuple[bytes, Any]]:
    begin = re.search(rb"[{\[]", line)
    if begin is not None:
        try:
            yield line[: begin.start()], json.loads(line[begin.start() :])
        except ValueError:
            pass
        else:
            yield line[len(line.rstrip(b"\r\n")) :], _NO_JSON
            return
    yield line, _NO_JSON


def _with_another(draw: st.DrawFn, value: Any) -> Any:
    """The same with one value in it, however deep, of another kind."""
    if isinstance(value, dict) and value and draw(st.integers(0, 9)):
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: _with_another(draw, value[key])}
    if isinstance(value, list) and value and draw(st.integers(0, 9)):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], _with_another(draw, value[at]), *value[at + 1 :]]
    return draw(st.sampled_from(_KINDS))


@st.composite
def flipped(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """One of the inputs with some of its bytes changed, a piece moved, or its end cut off."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        match draw(st.integers(0, 4)):
            case 0:
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=8))
            case 1:
                del data[at : at + draw(st.sampled_from((1, 4, 100, 4096)))]
            case 2:
                data[at : at + 8] = struct.pack("<Q", draw(st.integers(0, 2**64 - 1)))
            case 3:
                other = draw(st.integers(0, len(data)))
                data[at:at] = data[other : other + 64]
            case _:
                if data:
                    data[at % len(data)] ^= 1 << draw(st.integers(0, 7))
    return bytes(data)
