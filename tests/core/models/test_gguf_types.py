"""The tables of types against the structures of ggml, field by field."""

from __future__ import annotations

import pytest

from landfall.core.models.gguf import tensor_of
from landfall.core.models.gguf_types import FILE_TYPES, TYPE_SIZES

# Bytes of the fields of each block in ggml-common.h, in their order: scales (ggml_half is 2 bytes),
# then what is packed: QK_K is 256, so that four bits of each number are 128 bytes.
BLOCKS = {
    0: ("F32", 1, [4]),
    1: ("F16", 1, [2]),
    2: ("Q4_0", 32, [2, 32 * 4 // 8]),
    3: ("Q4_1", 32, [2, 2, 32 * 4 // 8]),
    6: ("Q5_0", 32, [2, 4, 32 * 4 // 8]),
    7: ("Q5_1", 32, [2, 2, 4, 32 * 4 // 8]),
    8: ("Q8_0", 32, [2, 32]),
    9: ("Q8_1", 32, [2, 2, 32]),
    10: ("Q2_K", 256, [256 // 16, 256 // 4, 2, 2]),
    11: ("Q3_K", 256, [256 // 8, 256 // 4, 12, 2]),
    12: ("Q4_K", 256, [2, 2, 12, 256 // 2]),
    13: ("Q5_K", 256, [2, 2, 12, 256 // 8, 256 // 2]),
    14: ("Q6_K", 256, [256 // 2, 256 // 4, 256 // 16, 2]),
    15: ("Q8_K", 256, [4, 256, 256 // 16 * 2]),
    16: ("IQ2_XXS", 256, [2, 256 // 8 * 2]),
    17: ("IQ2_XS", 256, [2, 256 // 8 * 2, 256 // 32]),
    18: ("IQ3_XXS", 256, [2, 3 * 256 // 8]),
    19: ("IQ1_S", 256, [2, 256 // 8, 256 // 32 * 2]),
    20: ("IQ4_NL", 32, [2, 32 // 2]),
    21: ("IQ3_S", 256, [2, 256 // 4, 256 // 32, 256 // 8, 256 // 64]),
    22: ("IQ2_S", 256, [2, 256 // 4, 256 // 32, 256 // 32]),
    23: ("IQ4_XS", 256, [2, 2, 256 // 64, 256 // 2]),
    24: ("I8", 1, [1]),
    25: ("I16", 1, [2]),
    26: ("I32", 1, [4]),
    27: ("I64", 1, [8]),
    28: ("F64", 1, [8]),
    29: ("IQ1_M", 256, [256 // 8, 256 // 16, 256 // 32]),
    30: ("BF16", 1, [2]),
    34: ("TQ1_0", 256, [(256 - 4 * 256 // 64) // 5, 256 // 64, 2]),
    35: ("TQ2_0", 256, [256 // 4, 2]),
    39: ("MXFP4", 32, [1, 32 // 2]),
    40: ("NVFP4", 64, [64 // 16, 64 // 2]),
    41: ("Q1_0", 128, [2, 128 // 8]),
    42: ("Q2_0", 64, [2, 64 // 4]),
}

# enum llama_ftype of llama.h, without its prefix; what was removed there has no line.
LLAMA_FTYPE = """
F32 = 0, F16 = 1, Q4_0 = 2, Q4_1 = 3, Q8_0 = 7, Q5_0 = 8, Q5_1 = 9, Q2_K = 10, Q3_K_S = 11,
Q3_K_M = 12, Q3_K_L = 13, Q4_K_S = 14, Q4_K_M = 15, Q5_K_S = 16, Q5_K_M = 17, Q6_K = 18,
IQ2_XXS = 19, IQ2_XS = 20, Q2_K_S = 21, IQ3_XS = 22, IQ3_XXS = 23, IQ1_S = 24, IQ4_NL = 25,
IQ3_S = 26, IQ3_M = 27, IQ2_S = 28, IQ2_M = 29, IQ4_XS = 30, IQ1_M = 31, BF16 = 32, TQ1_0 = 36,
TQ2_0 = 37, MXFP4 = 38
"""


def test_that_a_block_takes_what_its_fields_take() -> None:
    expected = {kind: (name, many, sum(fields)) for kind, (name, many, fields) in BLOCKS.items()}
    assert dict(TYPE_SIZES) == expected


def test_that_a_type_of_a_file_is_what_llama_cpp_numbers_it() -> None:
    lines = [one.strip().split(" = ") for one in LLAMA_FTYPE.split(",")]
    assert dict(FILE_TYPES) == {int(number): name for name, number in lines}


@pytest.mark.parametrize(
    ("kind", "shape", "size"),
    [
        (0, (10, 3), 120),
        (8, (64, 5, 2), 20 * 34),
        (14, (512,), 420),
        (250, (64,), None),
    ],
)
def test_that_a_tensor_takes_its_blocks(
    kind: int, shape: tuple[int, ...], size: int | None
) -> None:
    tensor = tensor_of("t", shape, kind)
    assert (tensor.name, tensor.shape, tensor.type, tensor.size_bytes) == ("t", shape, kind, size)
