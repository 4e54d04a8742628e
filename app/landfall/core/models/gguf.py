"""Reads the header of a GGUF file from bytes: metadata and the table of tensors, no weights.

The bytes may come from a stranger, so lengths, counts, nesting and types are bounded before
anything is allocated: the answer is a header, `NeedMoreBytes`, or `BadInput`. Long arrays (the
tokenizer's) are stepped over and only counted.

Source of the format: the GGUF specification in ggml's docs/gguf.md.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from landfall.core.errors import BadInput
from landfall.core.models.gguf_types import FILE_TYPES, TYPE_SIZES

MAX_HEADER_BYTES = 128 << 20
"""No known header comes near: tokenizers take 5 to 15 MB."""

FIRST_READ_BYTES = 1 << 20
"""Enough for the architecture's keys, which come before the tokenizer."""

_MAX_KEYS = 1 << 16
_MAX_TENSORS = 1 << 16
_MAX_KEY_BYTES = 1 << 16
_MAX_TEXT_BYTES = 16 << 20
_KEPT_TEXT_BYTES = 1 << 16
"""Names are short; longer texts are templates and licences, of no use here."""
_NAME_LENGTH = 64
_MAX_NESTING = 2
_MAX_NESTED_ARRAYS = 1 << 16
"""No published model nests arrays; each of them costs a step of Python."""
_MAX_DIMENSIONS = 4
_MAX_ELEMENTS = 1 << 63
_MAX_ALIGNMENT = 1 << 20
_KEPT_ARRAY_LENGTH = 4096
"""Arrays a layer long are kept; longer ones belong to the tokenizer and are only counted."""
_KEPT_VALUES = 1 << 18
"""Of all arrays together: a number takes up to 36 bytes in memory and as little as one here."""

_SCALARS: Mapping[int, str] = MappingProxyType(
    {
        0: "B",
        1: "b",
        2: "H",
        3: "h",
        4: "I",
        5: "i",
        6: "f",
        7: "?",
        10: "Q",
        11: "q",
        12: "d",
    }
)
_TEXT, _ARRAY = 8, 9

Scalar = int | float | bool | str
Value = Scalar | tuple[Scalar, ...] | None
"""None stands for an array or a long text that was stepped over."""


class NeedMoreBytes(Exception):
    """The header is longer than the bytes given.

    Attributes:
        at_least: How many bytes from the start are needed to go on.
    """

    def __init__(self, at_least: int) -> None:
        super().__init__(f"the header needs at least {at_least} bytes")
        self.at_least = at_least


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor: shape in ggml's order, ggml type, bytes on disk (None for an unknown type)."""

    name: str
    shape: tuple[int, ...]
    type: int
    size_bytes: int | None

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


def tensor_of(name: str, shape: tuple[int, ...], kind: int) -> Tensor:
    """A tensor with the bytes that its shape takes in its type."""
    size = TYPE_SIZES.get(kind)
    if size is None:
        return Tensor(name, shape, kind, None)
    _, block, block_bytes = size
    return Tensor(name, shape, kind, math.prod(shape) // block * block_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands before the weights.

    Attributes:
        metadata: Keys in the file's order; None where an array or a long text was stepped over.
        array_lengths: Length of every array, stepped over or not.
        data_offset: Where the weights begin.
    """

    version: int
    metadata: Mapping[str, Value]
    array_lengths: Mapping[str, int]
    tensors: tuple[Tensor, ...]
    data_offset: int

    @property
    def architecture(self) -> str:
        """`general.architecture`, or "" where it is missing or cannot be a name.

        It is quoted in messages: what would move a terminal's cursor is no name.
        """
        value = self.metadata.get("general.architecture")
        named = isinstance(value, str) and len(value) <= _NAME_LENGTH and value.isprintable()
        return str(value) if named else ""

    @property
    def quantization(self) -> str:
        """The quantization by `general.file_type`, else the type that most weights have."""
        value = self.metadata.get("general.file_type")
        if isinstance(value, int) and value in FILE_TYPES:
            return FILE_TYPES[value]
        sizes: dict[str, int] = {}
        for tensor in self.tensors:
            name = TYPE_SIZES.get(tensor.type, (f"type {tensor.type}", 1, 1))[0]
            sizes[name] = sizes.get(name, 0) + tensor.elements
        return max(sizes, key=lambda name: sizes[name], default="unknown")

    @property
    def tensor_bytes(self) -> int | None:
        """Bytes of all tensors, or None where one has a type of unknown size."""
        total = 0
        for tensor in self.tensors:
            if tensor.size_bytes is None:
                return None
            total += tensor.size_bytes
        return total


def read_header(data: bytes | memoryview, *, file: str = "") -> Header:
    """The header that the bytes begin with.

    Args:
        data: The start of the file; more than the header does no harm.
        file: A name for error messages.

    Raises:
        NeedMoreBytes: the bytes end before the header does.
        BadInput: not GGUF, a version or byte order that no runtime reads, or nonsense.
    """
    reader = _Reader(data, file)
    version = reader.start()
    tensor_count = reader.count(_MAX_TENSORS, "tensors")
    key_count = reader.count(_MAX_KEYS, "metadata keys")
    metadata: dict[str, Value] = {}
    lengths: dict[str, int] = {}
    for _ in range(key_count):
        key = reader.text(_MAX_KEY_BYTES)
        kind = reader.u32()
        if kind == _ARRAY:
            metadata[key], lengths[key] = reader.array()
        else:
            metadata[key] = reader.value(kind)
    tensors = tuple(reader.tensor() for _ in range(tensor_count))
    alignment = _alignment(metadata, reader)
    return Header(
        version=version,
        metadata=MappingProxyType(metadata),
        array_lengths=MappingProxyType(lengths),
        tensors=tensors,
        data_offset=-(-reader.position // alignment) * alignment,
    )


def _alignment(metadata: Mapping[str, Value], reader: _Reader) -> int:
    value = metadata.get("general.alignment", 32)
    if not isinstance(value, int) or not 0 < value <= _MAX_ALIGNMENT or value & (value - 1):
        raise reader.bad(f"general.alignment is {str(value)[:40]!r}, not a power of two")
    return value


class _Reader:
    """A position in the bytes, and the bounds."""

    def __init__(self, data: bytes | memoryview, file: str) -> None:
        self.data = memoryview(data)
        self.position = 0
        self.file = file
        self.kept_values = 0
        self.nested_arrays = 0

    def bad(self, what: str) -> BadInput:
        return BadInput(
            f"The GGUF header cannot be read: {what}.",
            "The file is damaged or not a GGUF model; download it again.",
            file=self.file,
            field="model",
        )

    def take(self, size: int) -> int:
        """Step over `size` bytes; where they began."""
        begin = self.position
        end = begin + size
        if end > MAX_HEADER_BYTES:
            raise self.bad(f"it claims more than {MAX_HEADER_BYTES >> 20} MiB")
        if end > len(self.data):
            raise NeedMoreBytes(end)
        self.position = end
        return begin

    def u32(self) -> int:
        value: int = struct.unpack_from("<I", self.data, self.take(4))[0]
        return value

    def u64(self) -> int:
        value: int = struct.unpack_from("<Q", self.data, self.take(8))[0]
        return value

    def count(self, limit: int, of: str) -> int:
        value = self.u64()
        if value > limit:
            raise self.bad(f"it claims {value} {of}")
        return value

    def start(self) -> int:
        """Magic and version.

        A big-endian file has its version's bytes swapped; llama.cpp and Ollama refuse it too.
        """
        known = min(4, len(self.data))
        if bytes(self.data[:known]) != b"GGUF"[:known]:
            raise self.bad("it does not begin with GGUF")
        self.take(4)
        version = self.u32()
        if version in (2, 3):
            return version
        if version & 0xFFFF == 0 and version:
            raise self.bad("it is big-endian, which no runtime here can load")
        raise self.bad(f"version {version} is not one of 2 and 3")

    def text(self, limit: int) -> str:
        size = self.u64()
        if size > limit:
            raise self.bad(f"a text claims {size} bytes")
        begin = self.take(size)
        return bytes(self.data[begin : begin + size]).decode("utf-8", errors="replace")

    def value(self, kind: int) -> Value:
        """A number or a text; None for a text too long to be kept."""
        if kind != _TEXT:
            form = self._form(kind, "a value")
            begin = self.take(struct.calcsize(form))
            number: Scalar = struct.unpack_from(f"<{form}", self.data, begin)[0]
            return number
        begin = self.position
        size = self.u64()
        if size <= _KEPT_TEXT_BYTES:
            self.position = begin
            return self.text(_KEPT_TEXT_BYTES)
        if size > _MAX_TEXT_BYTES:
            raise self.bad(f"a text claims {size} bytes")
        self.take(size)
        return None

    def _form(self, kind: int, what: str) -> str:
        form = _SCALARS.get(kind)
        if form is None:
            raise self.bad(f"{what} has the unknown type {kind}")
        return form

    def array(self) -> tuple[Value, int]:
        """The values of a short array of numbers, or None; and its length."""
        kind = self.u32()
        length = self.count(MAX_HEADER_BYTES, "elements in an array")
        begin = self.position
        self._step_over(kind, length, nesting=0)
        kept = kind not in (_TEXT, _ARRAY) and length <= _KEPT_ARRAY_LENGTH
        if not kept or self.kept_values + length > _KEPT_VALUES:
            return None, length
        self.kept_values += length
        return struct.unpack_from(f"<{length}{_SCALARS[kind]}", self.data, begin), length

    def _step_over(self, kind: int, length: int, *, nesting: int) -> None:
        """Go behind the elements of an array without making anything of them."""
        if kind == _ARRAY:
            self._skip_nested(length, nesting)
        elif kind == _TEXT:
            self._skip_texts(length)
        else:
            self.take(length * struct.calcsize(self._form(kind, "an array")))

    def _skip_nested(self, length: int, nesting: int) -> None:
        if nesting >= _MAX_NESTING:
            raise self.bad("arrays are nested too deep")
        self.nested_arrays += length
        if self.nested_arrays > _MAX_NESTED_ARRAYS:
            raise self.bad(f"it claims {self.nested_arrays} arrays in arrays")
        for _ in range(length):
            kind = self.u32()
            inner = self.count(MAX_HEADER_BYTES, "elements in an array")
            self._step_over(kind, inner, nesting=nesting + 1)

    def _skip_texts(self, length: int) -> None:
        """Written out: a vocabulary has some hundred thousand texts.

        Each takes at least its length: what cannot be there is not walked through.
        """
        data, position, size = self.data, self.position, len(self.data)
        if position + 8 * length > MAX_HEADER_BYTES:
            raise self.bad(f"it claims more than {MAX_HEADER_BYTES >> 20} MiB")
        unpack = struct.Struct("<Q").unpack_from
        for _ in range(length):
            body = position + 8
            if body > size:
                raise NeedMoreBytes(body)
            position = body + unpack(data, position)[0]
            if position > size:
                if position > MAX_HEADER_BYTES:
                    raise self.bad(f"it claims more than {MAX_HEADER_BYTES >> 20} MiB")
                raise NeedMoreBytes(position)
        self.position = position

    def tensor(self) -> Tensor:
        name = self.text(_MAX_KEY_BYTES)
        dimensions = self.u32()
        if not 0 < dimensions <= _MAX_DIMENSIONS:
            raise self.bad(f"the tensor {name[:64]!r} has {dimensions} dimensions")
        # Dimensions, type, and where it lies, of which sizes have no need.
        begin = self.take(8 * dimensions + 12)
        *shape_read, kind, _ = struct.unpack_from(f"<{dimensions}QIQ", self.data, begin)
        shape = tuple(shape_read)
        elements = math.prod(shape)
        if not 0 < elements < _MAX_ELEMENTS:
            raise self.bad(f"the tensor {name[:64]!r} has an impossible shape")
        if kind in TYPE_SIZES and shape[0] % TYPE_SIZES[kind][1]:
            raise self.bad(f"the tensor {name[:64]!r} does not fill its blocks")
        return tensor_of(name, shape, kind)
