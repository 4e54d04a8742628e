"""What a header may hold at most: each bound reached and passed, and each type of value."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from landfall.core.errors import BadInput
from landfall.core.models.gguf import (
    FIRST_READ_BYTES,
    MAX_HEADER_BYTES,
    Header,
    NeedMoreBytes,
    Tensor,
    read_header,
)
from tests.fakes import gguf_files

KEY = struct.pack("<Q", 1) + b"k"

AT_VALUE = 24 + len(KEY)

MIB = 1 << 20


def counts(tensors: int, keys: int, tail: bytes = b"") -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, tensors, keys) + tail


def with_value(value: bytes) -> bytes:
    return counts(0, 1, KEY + value)


def text(length: int) -> bytes:
    return struct.pack("<IQ", 8, length)


def array(kind: int, length: int) -> bytes:
    return struct.pack("<IIQ", 9, kind, length)


def needs(data: bytes) -> int:
    with pytest.raises(NeedMoreBytes) as more:
        read_header(data)
    return more.value.at_least


def refused(data: bytes, word: str) -> None:
    with pytest.raises(BadInput, match=word):
        read_header(data)


def test_that_a_header_has_at_most_128_mib_and_its_first_read_is_one() -> None:
    assert MAX_HEADER_BYTES == 128 * 1024 * 1024
    assert FIRST_READ_BYTES == 1024 * 1024
    rest = MAX_HEADER_BYTES - AT_VALUE - 16
    assert needs(with_value(array(0, rest))) == MAX_HEADER_BYTES
    refused(with_value(array(0, rest + 1)), "more than 128 MiB")
    assert needs(with_value(array(8, rest // 8))) == AT_VALUE + 16 + 8
    refused(with_value(array(8, rest // 8 + 1)), "more than 128 MiB")
    refused(with_value(array(0, MAX_HEADER_BYTES + 1)), f"claims {MAX_HEADER_BYTES + 1} elements")


def test_that_a_text_in_an_array_ends_within_the_header() -> None:
    begin = AT_VALUE + 16 + 8
    rest = MAX_HEADER_BYTES - begin
    assert needs(with_value(array(8, 1) + struct.pack("<Q", rest))) == MAX_HEADER_BYTES
    refused(with_value(array(8, 1) + struct.pack("<Q", rest + 1)), "more than 128 MiB")
    assert needs(with_value(array(8, 1) + struct.pack("<Q", 3))) == begin + 3
    whole = read_header(with_value(array(8, 1) + struct.pack("<Q", 3) + b"abc"))
    assert (whole.metadata["k"], whole.array_lengths["k"]) == (None, 1)


def test_that_there_are_at_most_65536_keys_and_tensors() -> None:
    most = 65_536
    assert needs(counts(most, 1)) == needs(counts(0, most)) == 32
    refused(counts(most + 1, 0), "65537 tensors")
    refused(counts(0, most + 1), "65537 metadata keys")


def test_that_a_name_has_at_most_64_kib() -> None:
    most = 65_536
    long = struct.pack("<Q", most) + b"k" * most + struct.pack("<IB", 0, 5)
    assert read_header(counts(0, 1, long)).metadata["k" * most] == 5
    refused(counts(0, 1, struct.pack("<Q", most + 1)), "a text claims 65537 bytes")
    refused(counts(1, 0, struct.pack("<Q", most + 1)), "a text claims 65537 bytes")


def test_that_a_text_is_kept_up_to_64_kib_and_skipped_up_to_16_mib() -> None:
    most = 65_536
    assert read_header(with_value(text(most) + b"x" * most)).metadata["k"] == "x" * most
    assert read_header(with_value(text(most + 1) + b"x" * (most + 1))).metadata["k"] is None
    assert needs(with_value(text(16 * MIB))) == AT_VALUE + 12 + 16 * MIB
    refused(with_value(text(16 * MIB + 1)), "a text claims")


def test_that_an_array_of_a_layer_each_is_kept_and_no_longer_one() -> None:
    kept = read_header(with_value(array(0, 4096) + bytes(4096)))
    assert kept.metadata["k"] == (0,) * 4096
    assert kept.array_lengths["k"] == 4096
    assert read_header(with_value(array(0, 4097) + bytes(4097))).metadata["k"] is None


def test_that_of_all_arrays_262144_values_are_kept() -> None:
    def keyed(lengths: list[int]) -> Header:
        body = b"".join(
            gguf_files.text(str(at)) + array(0, length) + bytes(length)
            for at, length in enumerate(lengths)
        )
        return read_header(counts(0, len(lengths), body))

    exact = keyed([4096] * 63 + [4095, 1])
    assert all(value is not None for value in exact.metadata.values())
    beyond = keyed([4096] * 63 + [4095, 2, 1])
    values = list(beyond.metadata.values())
    assert values[64] is None
    assert values[65] == (0,), "what still has room is kept"


def test_that_arrays_are_nested_in_two_and_no_more() -> None:
    inner = struct.pack("<IQ", 0, 1) + b"\5"
    second = struct.pack("<IQ", 9, 1) + inner
    assert read_header(with_value(array(9, 1) + inner)).metadata["k"] is None
    assert read_header(with_value(array(9, 1) + second)).array_lengths["k"] == 1
    refused(with_value(array(9, 1) + struct.pack("<IQ", 9, 1) + second), "nested too deep")


def test_that_65536_arrays_stand_in_arrays_in_all() -> None:
    most = 65_536
    one = struct.pack("<IQ", 0, 0)
    assert read_header(with_value(array(9, most) + one * most)).array_lengths["k"] == most
    refused(with_value(array(9, most + 1)), "65537 arrays in arrays")
    half = array(9, most // 2) + one * (most // 2)
    second = struct.pack("<Q", 1) + b"l" + array(9, most // 2 + 1)
    refused(counts(0, 2, KEY + half + second), "65537 arrays in arrays")


def tensor(shape: list[int], kind: int = 0) -> bytes:
    name = struct.pack("<Q", 1) + b"t"
    shaped = struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
    return counts(1, 0, name + shaped + struct.pack("<IQ", kind, 0))


def test_that_a_tensor_has_one_to_four_dimensions_and_fewer_than_2_to_the_63_numbers() -> None:
    assert read_header(tensor([2, 3, 4, 5])).tensors == (Tensor("t", (2, 3, 4, 5), 0, 480),)
    assert read_header(tensor([7])).tensors[0].elements == 7
    refused(tensor([]), "0 dimensions")
    refused(tensor([1] * 5), "5 dimensions")
    assert read_header(tensor([(1 << 63) - 1])).tensors[0].elements == (1 << 63) - 1
    refused(tensor([1 << 63]), "impossible shape")
    refused(tensor([3, 0]), "impossible shape")
    refused(tensor([48, 32], kind=8), "blocks")
    long = counts(1, 0, gguf_files.text("n" * 65) + struct.pack("<I", 5))
    refused(long, f"tensor '{'n' * 64}' has 5")
    assert read_header(tensor([64, 3], kind=8)).tensor_bytes == 6 * 34


@pytest.mark.parametrize(
    ("alignment", "offset"), [(1, 98), (2, 98), (32, 128), (64, 128), (1 << 20, 1 << 20)]
)
def test_that_weights_begin_at_the_next_multiple_of_the_alignment(
    alignment: int, offset: int
) -> None:
    """Key, type and number end at byte 24 + 8 + 17 + 4 + 4 = 57; a name of 17 letters, one of 25
    with its number 41 bytes further."""
    pad = gguf_files.text("p" * 25) + struct.pack("<II", 4, 0)
    key = gguf_files.text("general.alignment") + struct.pack("<II", 4, alignment)
    data = counts(0, 2, key + pad)
    assert len(data) == 98
    assert read_header(data).data_offset == offset


def test_that_an_alignment_is_a_power_of_two_up_to_a_mib_and_32_unless_said() -> None:
    def of(value: bytes) -> bytes:
        return counts(0, 1, gguf_files.text("general.alignment") + value)

    for wrong in (0, 3, 6, 1 << 21):
        refused(of(struct.pack("<II", 4, wrong)), "alignment")
    refused(of(struct.pack("<Ii", 5, -32)), "alignment")
    assert read_header(counts(0, 0)).data_offset == 32
    assert read_header(with_value(struct.pack("<IB", 0, 1))).data_offset == 64


@pytest.mark.parametrize(
    ("kind", "form", "value"),
    [
        (0, "B", 200),
        (1, "b", -100),
        (2, "H", 60_000),
        (3, "h", -30_000),
        (4, "I", 4_000_000_000),
        (5, "i", -2_000_000_000),
        (6, "f", 0.5),
        (7, "?", True),
        (10, "Q", 1 << 63),
        (11, "q", -(1 << 62)),
        (12, "d", 0.1),
    ],
)
def test_that_each_type_of_number_is_read_alone_and_in_a_list(
    kind: int, form: str, value: Any
) -> None:
    alone = read_header(with_value(struct.pack("<I", kind) + struct.pack(f"<{form}", value)))
    assert alone.metadata["k"] == value
    assert type(alone.metadata["k"]) is type(value)
    listed = array(kind, 2) + struct.pack(f"<2{form}", value, value)
    assert read_header(with_value(listed)).metadata["k"] == (value, value)
    assert alone.version == 3


def test_that_a_text_is_read_and_what_is_not_utf_8_is_replaced() -> None:
    assert read_header(with_value(text(3) + b"abc")).metadata["k"] == "abc"
    assert read_header(with_value(text(2) + b"a\xff")).metadata["k"] == "a\ufffd"
    refused(with_value(struct.pack("<IB", 13, 0)), "unknown type 13")


@pytest.mark.parametrize("version", [1, 2, 3, 4, 0, 0x10000, 0x30000])
def test_that_versions_2_and_3_are_read_and_the_rest_is_refused_in_words(version: int) -> None:
    data = b"GGUF" + struct.pack("<IQQ", version, 0, 0)
    if version in (2, 3):
        assert read_header(data).version == version
    else:
        refused(data, "big-endian" if version > 4 else f"version {version} is not one")


def test_that_a_beginning_is_judged_by_what_is_there_of_it() -> None:
    assert needs(b"") == needs(b"GG") == needs(b"GGU") == 4
    assert needs(b"GGUF") == needs(b"GGUF123") == 8
    refused(b"GX", "does not begin with GGUF")
    refused(b"G" * 4, "does not begin with GGUF")


def test_that_the_name_of_an_architecture_has_at_most_64_letters() -> None:
    def named(name: object) -> str:
        told: Any = {"general.architecture": name}
        return Header(
            version=3, metadata=told, array_lengths={}, tensors=(), data_offset=0
        ).architecture

    assert named("a" * 64) == "a" * 64
    assert named("a" * 65) == named(7) == named("a\n") == ""
