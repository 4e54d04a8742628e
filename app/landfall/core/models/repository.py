"""What a repository of GGUF files holds: which file is which quantization, and what each needs.

A listing gives names and sizes; one header gives the architecture. The other quantizations differ
from it in their weights alone, and those are their file less its header.

Source of the listing's form: the Hub's `/api/models/<repo>/tree/<revision>`. Source of the names:
llama.cpp's quantization types and `llama-gguf-split`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from landfall.core import json_text
from landfall.core.errors import BadInput
from landfall.core.models.architecture import ModelSpec
from landfall.core.models.gguf import Header
from landfall.core.models.quantization_names import LABEL, one_spelling, quantization_of
from landfall.core.models.weights import BITS_PER_WEIGHT, embedding_bits, output_bits
from landfall.core.percent import percent

LISTED_SPREAD = 0.005
"""Headers of two quantizations differ by some kilobytes; the split of the weights is estimated."""

_MAX_PATH = 1024
_MAX_FILE_BYTES = 1 << 50
# Compiled when they are first used: most commands never list a repository.
_PART = r"(.+)-(\d{5})-of-(\d{5})"
_NOT_A_MODEL = r"(?i:(?:^|[-._])(?:mmproj|imatrix|ggml-vocab)(?:[-._]|$))"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryFile:
    """A file by its path; sha256 is "" where it is not known."""

    path: str
    size_bytes: int
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantization:
    """One model file, or the parts of one.

    Attributes:
        label: "Q4_K_M", or "" where the file's name does not say.
        family: The file's name without its label: the same for all quantizations of one model.
        path: Of the file, or of its first part.
        size_bytes: Of all parts.
        parts: How many there are; Ollama pulls a file in one part only.
        sha256: Of a file in one part.
        tag: What Ollama calls it: the label, or the file's name where that is not enough.
    """

    label: str
    family: str
    path: str
    size_bytes: int
    parts: int = 1
    sha256: str = ""
    tag: str

    @property
    def split(self) -> bool:
        """Whether it comes in several parts."""
        return self.parts > 1

    @property
    def title(self) -> str:
        """The label, or the file's name."""
        return self.label or self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What matters of a repository.

    Attributes:
        quantizations: Smallest first.
        projectors: Files for images or sound, which go on top of any of them.
        other_weights: Whether it has weights in another form, such as safetensors.
    """

    quantizations: tuple[Quantization, ...]
    projectors: tuple[RepositoryFile, ...] = ()
    other_weights: bool = False


def read_listing(text: bytes, name: str) -> tuple[RepositoryFile, ...]:
    """The files of one page of a listing; entries that are none are left out.

    Raises:
        BadInput: it is no listing.
    """
    try:
        entries = json_text.read(text)
    except ValueError:
        entries = None
    if not isinstance(entries, list):
        raise BadInput(
            f"The list of files of {name} is not one.",
            "Try again later, or name one quantization: hf.co/user/repo:Q4_K_M.",
            field="model",
        )
    return tuple(file for entry in entries if (file := _file(entry)) is not None)


def _file(entry: Any) -> RepositoryFile | None:
    if not isinstance(entry, dict) or entry.get("type") != "file":
        return None
    stored = entry.get("lfs")
    lfs = stored if isinstance(stored, dict) else {}
    path, size, digest = entry.get("path"), lfs.get("size", entry.get("size")), lfs.get("oid")
    if not isinstance(path, str) or not 0 < len(path) <= _MAX_PATH or not path.isprintable():
        return None
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size < _MAX_FILE_BYTES:
        return None
    known = isinstance(digest, str) and re.fullmatch("[0-9a-f]{64}", digest)
    return RepositoryFile(path=path, size_bytes=size, sha256=str(digest) if known else "")


def split_refusal(name: str) -> BadInput:
    """The name means a file in several parts."""
    return BadInput(
        f"{name} comes in several parts, which Ollama does not pull.",
        "Choose a quantization in one file, or download the parts and merge them with "
        "llama-gguf-split --merge.",
        field="model",
    )


def contents(files: Iterable[RepositoryFile]) -> Contents:
    """Group the files of a repository: parts of one file together, projectors apart."""
    groups: dict[str, list[RepositoryFile]] = {}
    projectors, other = [], False
    for file in files:
        stem, dot, ending = file.path.rpartition(".")
        other = other or ending.lower() == "safetensors"
        if not dot or ending.lower() != "gguf":
            continue
        base = stem.rpartition("/")[2]
        if found := re.search(_NOT_A_MODEL, base):
            if "mmproj" in found[0].lower():
                projectors.append(file)
            continue
        part = re.fullmatch(_PART, stem)
        groups.setdefault(part[1] if part else stem, []).append(file)
    found_all = [_quantization(stem, group) for stem, group in groups.items()]
    found_all.sort(key=lambda quantization: (quantization.size_bytes, quantization.path))
    return Contents(
        quantizations=_tagged(found_all), projectors=tuple(projectors), other_weights=other
    )


def _quantization(stem: str, files: list[RepositoryFile]) -> Quantization:
    base = stem.rpartition("/")[2]
    first = min(files, key=lambda file: file.path)
    part = re.fullmatch(_PART, first.path.rpartition(".")[0])
    parts = max(len(files), int(part[3]) if part else 1)
    return Quantization(
        label=quantization_of(base),
        family=re.sub(LABEL, "", base).strip("-._ ").lower(),
        path=first.path,
        size_bytes=sum(file.size_bytes for file in files),
        parts=parts,
        sha256=first.sha256 if parts == 1 else "",
        tag=first.path.rpartition("/")[2],
    )


def _tagged(found: list[Quantization]) -> tuple[Quantization, ...]:
    """A label is tag enough where only one file has it."""
    labels = [quantization.label for quantization in found]
    return tuple(
        replace(q, tag=q.label) if q.label and labels.count(q.label) == 1 else q for q in found
    )


def quantized(
    reference: ModelSpec, header: Header, wanted: Quantization, file_bytes: int
) -> ModelSpec:
    """The same model in another quantization, of which only the size of the file is known.

    Args:
        reference: From the header that was read.
        header: That header: so long is the other one, to some kilobytes.
        file_bytes: Size of the file that the header is of.
    """
    weights = reference.weights
    total = max(0, wanted.size_bytes - header.data_offset)
    embedding, output = _matrices(reference, wanted.label, total)
    rest = total - embedding - (0 if weights.tied else output)
    outside = weights.embedding_bytes + (0 if weights.tied else weights.output_bytes)
    scale = rest / max(1, weights.total_bytes - outside)
    source = f"size of {wanted.path} in the list of files, less a header as that of another one"
    download = reference.download_bytes
    return replace(
        reference,
        weights=replace(
            weights,
            total_bytes=total,
            spread=LISTED_SPREAD,
            embedding_bytes=embedding,
            output_bytes=output,
            expert_bytes=round(weights.expert_bytes * scale),
            lookup_bytes=round(weights.lookup_bytes * scale),
            source=source,
        ),
        quantization=wanted.title,
        download_bytes=None if download is None else download - file_bytes + wanted.size_bytes,
        reasons=(
            f"weights are the size of the file in the list, known to ±{percent(LISTED_SPREAD, 1)};"
            f" the architecture is read from the header of {reference.quantization}",
            *reference.reasons[1:],
        ),
    )


def _matrices(reference: ModelSpec, label: str, total: int) -> tuple[int, int]:
    """Bytes of embedding and output: by their type where the label tells it, else in proportion."""
    weights, architecture = reference.weights, reference.architecture
    numbers = (architecture.vocabulary or 0) * architecture.hidden
    plain = one_spelling(label)
    if numbers and plain in BITS_PER_WEIGHT:
        embedding = int(numbers * embedding_bits(plain, tied=weights.tied) / 8)
        output = embedding if weights.tied else int(numbers * output_bits(plain) / 8)
    else:
        scale = total / max(1, weights.total_bytes)
        embedding = round(weights.embedding_bytes * scale)
        output = round(weights.output_bytes * scale)
    return min(embedding, total // 2), min(output, total // 2)
