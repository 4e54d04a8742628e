from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.fit.memory import FitRequest, memory_need
from landfall.core.models.gguf import read_header
from landfall.core.models.header_spec import from_header
from landfall.core.models.repository import (
    LISTED_SPREAD,
    Quantization,
    RepositoryFile,
    contents,
    quantization_of,
    quantized,
    read_listing,
    split_refusal,
)
from tests.fakes import gguf_files
from tests.fakes.gguf_files import measured_headers

GB = 1_000_000_000


def files(*paths: str, size_bytes: int = GB) -> list[RepositoryFile]:
    return [RepositoryFile(path=path, size_bytes=size_bytes) for path in paths]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Llama-3.2-1B-Instruct-Q4_K_M.gguf", "Q4_K_M"),
        ("llama-2-7b.Q5_K_S.gguf", "Q5_K_S"),
        ("model-q4_0.gguf", "Q4_0"),
        ("qwen2.5-0.5b-instruct-fp16.gguf", "F16"),
        ("DeepSeek-R1-UD-IQ1_S.gguf", "UD-IQ1_S"),
        ("UD-Q4_K_XL/Model-UD-Q4_K_XL.gguf", "UD-Q4_K_XL"),
        ("gpt-oss-20b-MXFP4.gguf", "MXFP4"),
        ("gpt-oss-20b-mxfp4_moe.gguf", "MXFP4_MOE"),
        ("Kimi-TQ1_0.gguf", "TQ1_0"),
        ("model_Q4_K_M_v2.gguf", "Q4_K_M"),
        ("Q2-model-Q8_0.gguf", "Q8_0"),
        ("model-Q4_0_4_4.gguf", "Q4_0_4_4"),
        ("model-Q6_K_L.gguf", "Q6_K_L"),
        ("BF16.gguf", "BF16"),
        ("ggml-model.gguf", ""),
        ("Qwen3-8B.gguf", ""),
        ("", ""),
    ],
)
def test_that_the_name_of_a_file_tells_its_quantisation(name: str, label: str) -> None:
    assert quantization_of(name) == label


def test_that_a_listing_gives_sizes_and_digests_and_leaves_out_what_is_no_file() -> None:
    digest = "ab" * 32
    listing = [
        {"type": "directory", "path": "BF16"},
        {"type": "file", "path": "README.md", "size": 12},
        {"type": "file", "path": "m.gguf", "size": 135, "lfs": {"oid": digest, "size": 5}},
        {"type": "file", "path": "odd.gguf", "size": 7, "lfs": {"oid": "short"}},
        {"type": "file", "path": "\x1b[2J.gguf", "size": 7},
        {"type": "file", "path": "x" * 2000, "size": 7},
        {"type": "file", "path": "no-size.gguf"},
        {"type": "file", "path": "flag.gguf", "size": True},
        {"type": "file", "path": "huge.gguf", "size": 1 << 60},
        {"type": "file", "path": 7, "size": 7},
        "nonsense",
    ]
    assert read_listing(json.dumps(listing).encode(), "x") == (
        RepositoryFile(path="README.md", size_bytes=12),
        RepositoryFile(path="m.gguf", size_bytes=5, sha256=digest),
        RepositoryFile(path="odd.gguf", size_bytes=7),
    )


@pytest.mark.parametrize("text", [b"", b"{}", b"\xff", b"[" * 100_000, b'{"error": "no"}'])
def test_that_what_is_no_listing_is_refused(text: bytes) -> None:
    with pytest.raises(BadInput, match="list of files of x") as error:
        read_listing(text, "x")
    assert error.value.field == "model"


def test_that_parts_of_one_file_are_one_quantisation() -> None:
    held = contents(
        files(
            "m-Q4_K_M.gguf",
            "BF16/m-BF16-00002-of-00003.gguf",
            "BF16/m-BF16-00001-of-00003.gguf",
            "BF16/m-BF16-00003-of-00003.gguf",
        )
    )
    whole, split = held.quantizations
    assert (whole.label, whole.parts, whole.split, whole.tag) == ("Q4_K_M", 1, False, "Q4_K_M")
    assert (split.label, split.parts, split.split) == ("BF16", 3, True)
    assert split.size_bytes == 3 * GB
    assert split.path.endswith("00001-of-00003.gguf")


def test_that_a_file_of_which_parts_are_missing_is_a_split_one_all_the_same() -> None:
    (split,) = contents(files("m-Q8_0-00001-of-00004.gguf")).quantizations
    assert split.parts == 4


def test_that_projectors_and_helpers_are_no_quantisations() -> None:
    held = contents(
        files(
            "m-Q4_K_M.gguf",
            "mmproj-F16.gguf",
            "m.mmproj-Q8_0.gguf",
            "imatrix_unsloth.gguf",
            "ggml-vocab-llama.gguf",
            "m.imatrix",
            "LICENSE",
            "model.safetensors",
        )
    )
    assert [q.title for q in held.quantizations] == ["Q4_K_M"]
    assert [p.path for p in held.projectors] == ["mmproj-F16.gguf", "m.mmproj-Q8_0.gguf"]
    assert held.other_weights


def test_that_a_label_that_two_files_have_is_not_tag_enough() -> None:
    held = contents(files("a-Q4_K_M.gguf", "b-Q4_K_M.gguf", "plain.gguf"))
    assert [q.tag for q in held.quantizations] == ["a-Q4_K_M.gguf", "b-Q4_K_M.gguf", "plain.gguf"]
    assert [q.title for q in held.quantizations] == ["Q4_K_M", "Q4_K_M", "plain.gguf"]
    assert [q.family for q in held.quantizations] == ["a", "b", "plain"]


def test_that_quantisations_of_one_model_are_of_one_family() -> None:
    held = contents(files("m-Q4_K_M.gguf", "m-UD-Q4_K_XL.gguf", "M.Q8_0.gguf"))
    assert {q.family for q in held.quantizations} == {"m"}


@given(st.lists(st.text(max_size=40)), st.integers(0, 1 << 49))
def test_that_no_names_of_files_break_the_grouping(names: list[str], size: int) -> None:
    held = contents(files(*(f"{name}.gguf" for name in names), size_bytes=size))
    sizes = [q.size_bytes for q in held.quantizations]
    assert sizes == sorted(sizes)
    assert sum(sizes) <= size * len(names)


def wanted(label: str, size_bytes: int) -> Quantization:
    return Quantization(
        label=label, family="m", path=f"m-{label}.gguf", size_bytes=size_bytes, tag=label
    )


@pytest.mark.parametrize("name", ["qwen3-8b.gguf", "gemma3-4b.gguf", "qwen3-30b-a3b.gguf"])
def test_that_weights_of_another_quantisation_are_its_file_less_a_header(name: str) -> None:
    header = read_header(measured_headers()[name])
    reference = from_header(header, "m", download_bytes=header.data_offset + 1000)
    size = 2 * reference.weights.total_bytes + header.data_offset
    spec = quantized(reference, header, wanted("Q8_0", size), header.data_offset)
    assert spec.weights.total_bytes == 2 * reference.weights.total_bytes
    assert spec.weights.spread == LISTED_SPREAD
    assert spec.architecture == reference.architecture
    assert spec.quantization == "Q8_0"
    assert spec.download_bytes == size + 1000
    assert "Q8_0" in spec.weights.source
    vocabulary = reference.architecture.vocabulary
    assert vocabulary
    matrix = vocabulary * reference.architecture.hidden
    assert spec.weights.embedding_bytes == int(matrix * 8.5 / 8)
    outside = spec.weights.embedding_bytes + (0 if spec.weights.tied else spec.weights.output_bytes)
    assert spec.weights.expert_bytes <= spec.weights.total_bytes - outside
    assert bool(spec.weights.expert_bytes) == bool(reference.weights.expert_bytes)


def test_that_a_quantisation_of_unknown_bits_is_scaled_in_proportion() -> None:
    header = read_header(measured_headers()["qwen3-8b.gguf"])
    reference = from_header(header, "m")
    size = 2 * reference.weights.total_bytes + header.data_offset
    spec = quantized(reference, header, wanted("NVFP4", size), 0)
    assert spec.weights.embedding_bytes == 2 * reference.weights.embedding_bytes
    assert spec.weights.output_bytes == 2 * reference.weights.output_bytes
    assert spec.download_bytes is None


def test_that_a_file_smaller_than_a_header_has_no_weights() -> None:
    header = read_header(measured_headers()["qwen3-8b.gguf"])
    spec = quantized(from_header(header, "m"), header, wanted("Q8_0", 10), 0)
    assert spec.weights.total_bytes == 0


def test_that_a_split_file_is_refused_with_what_to_do() -> None:
    refused = split_refusal("hf.co/user/repo:BF16")
    assert "several parts" in refused.message
    assert "merge" in refused.hint


SHAPES: dict[str, dict[str, Any]] = {
    "llama": {
        "arch": "llama",
        "hidden": 4096,
        "layers": 32,
        "ff": 14336,
        "heads": 32,
        "kv_heads": 8,
        "head": 128,
        "vocab": 128256,
        "tied": False,
    },
    "gemma3": {
        "arch": "gemma3",
        "hidden": 2560,
        "layers": 34,
        "ff": 10240,
        "heads": 8,
        "kv_heads": 4,
        "head": 256,
        "vocab": 262144,
        "tied": True,
    },
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("label", ["Q8_0", "F16"])
@pytest.mark.parametrize("gpus", [0, 1])
def test_that_what_the_list_tells_is_what_the_own_header_would_tell(
    shape: str, label: str, gpus: int
) -> None:
    """The need from a file's size and another header, against that from its own header."""
    numbers = {"context": 32768, "more": {}, **SHAPES[shape]}
    read = read_header(gguf_files.plain(**numbers, quant="Q4_K"))
    own = read_header(gguf_files.plain(**numbers, quant=label, output=label))
    exact = from_header(own, "m")
    size = exact.weights.total_bytes + own.data_offset
    listed = quantized(from_header(read, "m"), read, wanted(label, size), 0)
    request = FitRequest(context=8192)
    need = memory_need(exact, request, gpus=gpus).total_bytes
    assert memory_need(listed, request, gpus=gpus).total_bytes == pytest.approx(need, rel=0.005)
    assert listed.weights.embedding_bytes == pytest.approx(exact.weights.embedding_bytes, rel=0.005)
