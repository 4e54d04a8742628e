"""Whether a compiled translation holds together: Qt believes every length in it, and reads on.

A file that was damaged in its middle would end the window at a word of it. What is looked at is
what `QTranslator` follows (qttools, `qm.cpp`; qtbase, `qtranslator.cpp`): blocks, where each
message begins, and the lengths in it. A wrong letter stays a wrong letter.
"""

from __future__ import annotations

import struct
from pathlib import Path

_MAGIC = bytes.fromhex("3cb86418caef9c95cd211cbf60a1bddd")
_HASHES, _MESSAGES, _NUMERUS_RULES, _LANGUAGE = 0x42, 0x69, 0x88, 0xA7
_KNOWN = frozenset((_HASHES, _MESSAGES, _NUMERUS_RULES, _LANGUAGE))
"""What `lrelease` writes today; of anything else Qt would follow other lengths."""
_END, _TRANSLATION, _OLD = 1, 3, 5
_TEXTS = frozenset((6, 7, 8))
"""Source, context and comment: a length and so many bytes."""
_HEAD, _LENGTH, _PLACE = struct.Struct(">BI"), struct.Struct(">I"), struct.Struct(">II")


def is_sound(file: Path) -> bool:
    """Whether Qt may load it; false also where it cannot be read."""
    try:
        data = file.read_bytes()
        return data.startswith(_MAGIC) and _holds(_blocks(data))
    except (OSError, ValueError, struct.error):
        return False


def _blocks(data: bytes) -> dict[int, bytes]:
    """The blocks of a file, by their kind.

    Raises:
        ValueError, struct.error: one is unknown, comes twice, or ends behind the file.
    """
    found: dict[int, bytes] = {}
    at = len(_MAGIC)
    while at < len(data):
        kind, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        if kind not in _KNOWN or kind in found or not 0 < length <= len(data) - at:
            raise ValueError(kind)
        found[kind] = data[at : at + length]
        at += length
    return found


def _holds(blocks: dict[int, bytes]) -> bool:
    hashes, messages = blocks.get(_HASHES, b""), blocks.get(_MESSAGES, b"")
    if not hashes or len(hashes) % _PLACE.size:
        return False
    begins = _begins(messages)
    return all(begin in begins for _, begin in _PLACE.iter_unpack(hashes))


def _begins(messages: bytes) -> set[int]:
    """Where each message begins.

    Raises:
        ValueError, struct.error: one does not end, or is no message.
    """
    found = set()
    at, size = 0, len(messages)
    read, width = _LENGTH.unpack_from, _LENGTH.size
    while at < size:
        found.add(at)
        while (kind := messages[at]) != _END:
            at += 1
            if kind == _TRANSLATION:
                (length,) = read(messages, at)
                if length % 2 and length != 0xFFFFFFFF:
                    raise ValueError(kind)
                at += width + (0 if length == 0xFFFFFFFF else length)
            elif kind in _TEXTS:
                at += width + read(messages, at)[0]
            elif kind == _OLD:
                at += width
            else:
                raise ValueError(kind)
            if at >= size:
                raise ValueError(kind)
        at += 1
    return found
