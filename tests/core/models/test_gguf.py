from __future__ import annotations

import struct
import tracemalloc
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.models.gguf import MAX_HEADER_BYTES, Header, NeedMoreBytes, Tensor, read_header
from landfall.core.models.header_spec import from_header
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


# ---------------------------------------------------------------- what a hostile header may cost


def keyed(values: list[bytes], tensors: int = 0, tail: bytes = b"") -> bytes:
    """A header whose keys are numbers, and whatever is to stand behind them."""
    keys = b"".join(gguf_files.text(str(i)) + value for i, value in enumerate(values))
    return b"GGUF" + struct.pack("<IQQ", 3, tensors, len(values)) + keys + tail


def array(kind: int, length: int, body: bytes) -> bytes:
    return struct.pack("<IIQ", 9, kind, length) + body


MIB = 1 << 20
LONG = "\U0001f600" + "a" * 65000
"""A text that takes four bytes a letter in memory, because of its first one."""

HOSTILE = {
    "empty texts": keyed([array(8, MIB // 2 - 8, bytes(4 * MIB - 64))]),
    "empty arrays": keyed([array(9, MIB, bytes(12 * MIB))]),
    "a long array of nothing": keyed([array(8, 1 << 27, b"")]),
    "a claim of 128 MiB": keyed([array(0, MAX_HEADER_BYTES - 100, b"")]),
    "arrays of small numbers": keyed([array(2, 4096, b"\x39\x30" * 4096)] * 1900),
    "arrays of bytes": keyed([array(0, 4096, b"\x39" * 4096)] * 3800),
    "keys of nothing": keyed([struct.pack("<IB", 0, 1)] * 40_000),
    "texts of one wide letter": keyed([struct.pack("<I", 8) + gguf_files.text(LONG)] * 240),
    "tensors": keyed([], 40_000, with_tensor([32, 7000, 7000, 7000], kind=250)[24:-64] * 40_000),
    "long names of tensors": keyed([], 240, with_tensor([32], name=LONG)[24:-64] * 240),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_that_a_hostile_header_takes_no_more_memory_than_its_size_allows(name: str) -> None:
    data = HOSTILE[name]
    tracemalloc.start()
    try:
        assert attempt(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5 * len(data) + 32 * MIB


@pytest.mark.parametrize("name", HOSTILE)
def test_that_a_hostile_header_is_answered_soon(name: str) -> None:
    data = HOSTILE[name]
    begun = process_time()
    assert attempt(data)
    # Half a second of a processor of its own; ten times that where all are busy.
    assert process_time() - begun < 5


def test_that_values_of_many_short_arrays_are_counted_and_not_kept() -> None:
    header = read_header(HOSTILE["arrays of bytes"])
    kept = [value for value in header.metadata.values() if value is not None]
    assert len(kept) == 64
    assert len(header.array_lengths) == 3800


def test_that_a_long_text_is_stepped_over_and_a_gigantic_one_refused() -> None:
    value = struct.pack("<I", 8) + gguf_files.text("x" * 70_000)
    assert read_header(with_value(value)).metadata["k"] is None
    with pytest.raises(BadInput, match="claims"):
        read_header(with_value(struct.pack("<IQ", 8, 17 << 20)))


def test_that_numbers_in_arrays_in_arrays_are_stepped_over() -> None:
    inner = struct.pack("<IQ", 4, 3) + bytes(12)
    header = read_header(with_value(struct.pack("<IIQ", 9, 9, 2) + inner * 2))
    assert header.metadata["k"] is None


def test_that_more_arrays_in_arrays_than_any_model_has_are_refused() -> None:
    with pytest.raises(BadInput, match="arrays in arrays"):
        read_header(HOSTILE["empty arrays"])


@pytest.mark.parametrize("name", ["\x1b[2J\x1b[H", "a" * 65, "two\nlines"])
def test_that_an_architecture_that_is_no_name_is_none(name: str) -> None:
    assert not whole(header_bytes({"general.architecture": name}, [TENSOR])).architecture


def test_that_an_alignment_of_many_letters_is_not_quoted_whole() -> None:
    with pytest.raises(BadInput) as error:
        read_header(header_bytes({"general.alignment": "9" * 60_000}, [TENSOR]))
    assert len(error.value.message) < 200


def test_that_a_header_cut_at_any_byte_asks_for_more() -> None:
    data = small(metadata={"a": [True, False], "b": ["x", "yz"], "c": 0.5})
    header = read_header(data)
    end = (
        next(size for size in range(len(data), 0, -1) if isinstance(attempt(data[:size]), int)) + 1
    )
    assert end <= header.data_offset
    for size in range(end):
        assert isinstance(attempt(data[:size]), int), size


def test_that_a_header_of_the_other_byte_order_is_refused_whatever_it_holds() -> None:
    data = small()
    swapped = b"GGUF" + b"".join(data[i : i + 4][::-1] for i in range(4, 24, 4)) + data[24:]
    with pytest.raises(BadInput, match="big-endian"):
        read_header(swapped)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_that_any_mutation_of_a_header_is_read_refused_or_asks_for_more(
    data: st.DataObject,
) -> None:
    """Lengths, counts and types are replaced by what a stranger may claim."""
    mutated = bytearray(MIXED)
    claims = st.sampled_from(
        [0, 1, 2, 9, 31, 255, 1 << 16, 1 << 27, 1 << 31, 1 << 62, (1 << 64) - 1]
    )
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(4, len(mutated) - 8))
        width = data.draw(st.sampled_from([1, 4, 8]))
        claim = data.draw(claims) & ((1 << 8 * width) - 1)
        mutated[at : at + width] = claim.to_bytes(
            width, data.draw(st.sampled_from(["little", "big"]))
        )
    found = attempt(bytes(mutated))
    if isinstance(found, Header):
        judge(found)
    elif isinstance(found, int):
        assert len(mutated) < found <= MAX_HEADER_BYTES


MIXED = small(
    "gemma3",
    metadata={
        "a": [True, False],
        "b": ["x", "yz"],
        "c": 0.5,
        "gemma3.attention.sliding_window": 512,
        "general.alignment": 64,
    },
)


def judge(header: Header) -> None:
    """What the formula makes of it: a model, or words."""
    words = ""
    try:
        words = from_header(header, "hostile", file_bytes=1 << 30).quantization
    except BadInput as refused:
        words = str(refused)
    assert 0 < len(words) < 500


def test_that_without_a_file_type_the_type_of_most_weights_names_a_file() -> None:
    def of(*tensors: tuple[int, int], **metadata: object) -> str:
        made = tuple(
            Tensor(name=str(at), shape=(elements,), type=kind, size_bytes=None)
            for at, (kind, elements) in enumerate(tensors)
        )
        return Header(
            version=3,
            metadata=metadata,  # type: ignore[arg-type]
            array_lengths={},
            tensors=made,
            data_offset=0,
        ).quantization

    assert of((0, 10), (1, 30)) == "F16"
    assert of((0, 20), (1, 15), (0, 5)) == "F32"
    assert of((0, 10), (1, 15), (0, 10)) == "F32"  # 20 in two against 15 in one
    assert of((999, 10), (999, 10), (1, 15)) == "type 999"
    assert of() == "unknown"
