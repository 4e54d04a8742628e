from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.gguf import MAX_HEADER_BYTES, Header, NeedMoreBytes, read_header
from tests.fakes import gguf_files
from tests.fakes.gguf_files import header_bytes, small

TENSOR = ("token_embd.weight", [64, 4], "F16")


def whole(data: bytes) -> Header:
    return read_header(data)


def test_that_keys_arrays_and_tensors_are_read() -> None:
    header = whole(
        header_bytes(
            {
                "general.architecture": "llama",
                "general.file_type": 7,
                "llama.flag": True,
                "llama.rate": 0.5,
                "llama.per_layer": [1, 0, 2],
                "tokenizer.ggml.tokens": ["a", "bc", ""],
            },
            [TENSOR, ("blk.0.ffn_up.weight", [32, 3], "Q8_0")],
        )
    )
    assert header.architecture == "llama"
    assert header.quantization == "Q8_0"
    assert header.metadata["llama.flag"] is True
    assert header.metadata["llama.rate"] == 0.5
    assert header.metadata["llama.per_layer"] == (1, 0, 2)
    assert header.metadata["tokenizer.ggml.tokens"] is None
    assert header.array_lengths["tokenizer.ggml.tokens"] == 3
    assert [tensor.size_bytes for tensor in header.tensors] == [512, 102]
    assert header.tensor_bytes == 614
    assert header.data_offset % 32 == 0


def test_that_the_quantisation_is_that_of_most_weights_where_the_file_does_not_say() -> None:
    header = whole(
        header_bytes({"general.architecture": "llama"}, [TENSOR, ("x", [32, 99], "Q8_0")])
    )
    assert header.quantization == "Q8_0"


def test_that_arrays_in_arrays_are_stepped_over() -> None:
    inner = struct.pack("<IQ", 8, 2) + gguf_files.text("a") + gguf_files.text("b")
    header = read_header(with_value(struct.pack("<IIQ", 9, 9, 2) + inner * 2))
    assert header.metadata["k"] is None
    assert header.array_lengths["k"] == 2


def test_that_a_long_array_of_numbers_is_counted_and_not_kept() -> None:
    header = whole(header_bytes({"tokenizer.ggml.scores": [0.0] * 5000}, [TENSOR]))
    assert header.metadata["tokenizer.ggml.scores"] is None
    assert header.array_lengths["tokenizer.ggml.scores"] == 5000


@pytest.mark.parametrize("size", [0, 3, 4, 8, 23, 40, 200])
def test_that_a_header_that_ends_early_asks_for_more(size: int) -> None:
    data = small()
    with pytest.raises(NeedMoreBytes) as more:
        read_header(data[:size])
    assert size < more.value.at_least <= len(data)


def attempt(data: bytes) -> Header | int | str:
    """The header, how many bytes are needed, or the words of the refusal."""
    try:
        return read_header(data)
    except NeedMoreBytes as more:
        return more.at_least
    except BadInput as refused:
        return str(refused)


def test_that_asking_for_more_leads_to_the_whole_header() -> None:
    data = header_bytes({"tokenizer.ggml.tokens": ["token"] * 3000}, [TENSOR])
    have, steps = 16, 0
    while (header := attempt(data[:have])) and isinstance(header, int):
        assert header > have
        have, steps = header, steps + 1
    assert isinstance(header, Header)
    assert header.array_lengths["tokenizer.ggml.tokens"] == 3000
    assert steps < 7000


def broken(at: int, new: bytes) -> bytes:
    data = bytearray(small())
    data[at : at + len(new)] = new
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"GGML" + bytes(100), "GGUF"),
        (b"<html><body>not found", "GGUF"),
        (broken(4, struct.pack("<I", 1)), "version 1"),
        (broken(4, struct.pack("<I", 99)), "version 99"),
        (broken(4, struct.pack(">I", 3)), "big-endian"),
        (broken(8, struct.pack("<Q", 1 << 60)), "tensors"),
        (broken(16, struct.pack("<Q", 1 << 60)), "metadata keys"),
        (broken(24, struct.pack("<Q", 1 << 62)), "claims"),
    ],
)
def test_that_nonsense_is_refused_in_words(data: bytes, word: str) -> None:
    with pytest.raises(BadInput) as error:
        read_header(data, file="x.gguf")
    assert word in error.value.message
    assert error.value.file == "x.gguf"
    assert error.value.hint


def with_value(value: bytes) -> bytes:
    key = gguf_files.text("k")
    return b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + key + value


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (struct.pack("<I", 77), "type 77"),
        (struct.pack("<IIQ", 9, 77, 1), "type 77"),
        (struct.pack("<IIQ", 9, 4, 1 << 50), "elements"),
        (struct.pack("<IQ", 8, 1 << 40), "text"),
        (struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * 40, "nested"),
        (struct.pack("<IIQQ", 9, 8, 2, 1 << 60), "MiB"),
        (struct.pack("<IIQ", 9, 10, MAX_HEADER_BYTES // 4), "MiB"),
    ],
)
def test_that_a_hostile_value_is_refused_before_anything_is_allocated(
    value: bytes, word: str
) -> None:
    with pytest.raises(BadInput, match=word):
        read_header(with_value(value))


def with_tensor(shape: list[int], kind: int = 1, name: str = "t") -> bytes:
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + gguf_files.text(name)
    return head + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, 0) + bytes(64)


@pytest.mark.parametrize("shape", [[], [0], [1] * 9, [1 << 40, 1 << 40], [(1 << 64) - 1] * 4])
def test_that_an_impossible_shape_is_refused(shape: list[int]) -> None:
    with pytest.raises(BadInput):
        read_header(with_tensor(shape))


def test_that_a_row_that_does_not_fill_its_blocks_is_refused() -> None:
    with pytest.raises(BadInput, match="blocks"):
        read_header(with_tensor([33], kind=8))


def test_that_a_type_of_numbers_from_the_future_has_no_size() -> None:
    header = read_header(with_tensor([32], kind=250))
    assert header.tensors[0].size_bytes is None
    assert header.tensor_bytes is None
    assert header.quantization == "type 250"


@pytest.mark.parametrize("alignment", [0, 3, 1 << 30, "much"])
def test_that_an_alignment_that_is_none_is_refused(alignment: int | str) -> None:
    with pytest.raises(BadInput, match="alignment"):
        read_header(header_bytes({"general.alignment": alignment}, [TENSOR]))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_that_no_bytes_crash_the_reader(tail: bytes) -> None:
    for start in (b"", b"GGUF", b"GGUF\x03\0\0\0", b"GGUF" + struct.pack("<IQQ", 3, 1, 1)):
        assert attempt(start + tail)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=9))
def test_that_a_flipped_header_is_read_or_refused(at: int, new: bytes) -> None:
    data = bytearray(small(metadata={"llama.pattern": [True, False], "x": ["a", "b"]}))
    at %= len(data)
    data[at : at + len(new)] = new
    assert attempt(bytes(data))
