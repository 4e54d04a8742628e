"""Compiled translations that would end the process are told from those that would not."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from PySide6.QtCore import QLibraryInfo

from landfall.gui.compiled_words import is_sound
from landfall.services import resources

OURS = resources.folder() / "translations" / "landfall_de.qm"
QTS = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)) / "qtbase_de.qm"
MAGIC = bytes.fromhex("3cb86418caef9c95cd211cbf60a1bddd")


def block(kind: int, data: bytes) -> bytes:
    return struct.pack(">BI", kind, len(data)) + data


def message(*, words: bytes = b"", length: int | None = None, end: bytes = b"\x01") -> bytes:
    said = len(words) if length is None else length
    return b"\x03" + struct.pack(">I", said) + words + end


def file_of(tmp_path: Path, *blocks: bytes, magic: bytes = MAGIC) -> Path:
    file = tmp_path / "x.qm"
    file.write_bytes(magic + b"".join(blocks))
    return file


def place(begin: int) -> bytes:
    return block(0x42, struct.pack(">II", 1, begin))


WORDS = "Ja".encode("utf-16-be")


@pytest.mark.parametrize("file", [OURS, QTS], ids=lambda file: file.name)
def test_that_what_was_built_is_sound(file: Path) -> None:
    assert is_sound(file)


def test_that_one_message_is_sound(tmp_path: Path) -> None:
    assert is_sound(file_of(tmp_path, place(0), block(0x69, message(words=WORDS))))


@pytest.mark.parametrize(
    "blocks",
    {
        "a place outside": (place(500), block(0x69, message(words=WORDS))),
        "a place inside a word": (place(3), block(0x69, message(words=WORDS))),
        "a length beyond the end": (place(0), block(0x69, message(words=WORDS, length=9998))),
        "a length of half a letter": (place(0), block(0x69, message(words=WORDS, length=3))),
        "a message without an end": (place(0), block(0x69, message(words=WORDS, end=b""))),
        "a sign of nothing": (place(0), block(0x69, b"\x55" + message(words=WORDS))),
        "a block of nothing": (block(0x11, b"x"), place(0), block(0x69, message(words=WORDS))),
        "a block twice": (place(0), place(0), block(0x69, message(words=WORDS))),
        "an empty block": (place(0), block(0x69, b"")),
        "no places": (block(0x69, message(words=WORDS)),),
        "half a place": (block(0x42, b"1234"), block(0x69, message(words=WORDS))),
    }.items(),
    ids=lambda one: one[0],
)
def test_that_what_qt_would_follow_out_of_the_file_is_not(
    tmp_path: Path, blocks: tuple[str, tuple[bytes, ...]]
) -> None:
    assert not is_sound(file_of(tmp_path, *blocks[1]))


def test_that_no_translation_and_no_file_are_not_sound(tmp_path: Path) -> None:
    assert not is_sound(tmp_path / "none.qm")
    sound = (place(0), block(0x69, message(words=WORDS)))
    assert not is_sound(file_of(tmp_path, *sound, magic=b"no translation!!"))


def test_that_any_cut_is_noticed_and_no_change_raises(tmp_path: Path) -> None:
    data, drawn = OURS.read_bytes(), random.Random(5)
    file = tmp_path / "x.qm"
    for _ in range(30):
        file.write_bytes(data[: drawn.randrange(len(data) - 8)])
        assert not is_sound(file)
        spoilt = bytearray(data)
        spoilt[drawn.randrange(len(data))] ^= 1 << drawn.randrange(8)
        file.write_bytes(spoilt)
        is_sound(file)
