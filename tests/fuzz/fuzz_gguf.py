"""Feeds hostile bytes to everything that reads what a registry sends, guided by coverage.

    pip install atheris
    PYTHONPATH=app:. python tests/fuzz/fuzz_gguf.py --minutes 10 [--target header]

Every answer must be a value, `NeedMoreBytes` or `BadInput`, within two seconds and a few hundred
MiB; whatever else happens is a finding, whose input is written to the folder of `--findings`. Not
collected by pytest: atheris is no dependency, and without it this says so and ends.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

try:
    import atheris
except ImportError:
    print("atheris is not installed: nothing was fuzzed")
    sys.exit(0)

with atheris.instrument_imports(include=["landfall"]):
    from landfall.core import repository
    from landfall.core.errors import BadInput
    from landfall.core.gguf import NeedMoreBytes, read_header
    from landfall.core.header_spec import from_header
    from landfall.core.pasted_names import meant
    from landfall.services.header_cache import parse_reference, read_manifest

from tests.fakes.gguf_files import measured_headers, small

DIGEST = "sha256:" + "ab" * 32
LAYER = {"mediaType": "application/vnd.ollama.image.model", "digest": DIGEST, "size": 9}
MANIFEST = {"config": LAYER, "layers": [LAYER, LAYER]}
PART = {"type": "file", "path": "m-Q4_K_M-00001-of-00002.gguf", "size": 5, "lfs": {"size": 9}}
WHOLE = {"type": "file", "path": "x/m-Q8_0.gguf", "size": 5}
LISTING = [PART, WHOLE, {"type": "directory", "path": "x"}]

_SECONDS_AN_INPUT = 2
_MEMORY_MIB = 1024


def header(data: bytes) -> None:
    """The header, and what the formula takes from it."""
    try:
        from_header(read_header(data), "fuzzed", file_bytes=1 << 30)
    except (BadInput, NeedMoreBytes):
        return


def manifest(data: bytes) -> None:
    """What a registry says a name means: the bytes, and a manifest that they spoil."""
    for text in (data, spoilt(MANIFEST, data)):
        with contextlib.suppress(BadInput):
            read_manifest(text, "fuzzed")


def listing(data: bytes) -> None:
    """What a repository says it holds: the bytes, and a list that they spoil."""
    for text in (data, spoilt(LISTING, data)):
        with contextlib.suppress(BadInput):
            repository.contents(repository.read_listing(text, "fuzzed"))


def spoilt(document: Any, data: bytes) -> bytes:
    """A document in which the bytes decide what stands where."""
    provider = atheris.FuzzedDataProvider(data)
    return json.dumps(_spoil(document, provider)).encode()


def _spoil(value: Any, provider: atheris.FuzzedDataProvider) -> Any:
    match provider.ConsumeIntInRange(0, 15):
        case 0:
            return provider.ConsumeUnicodeNoSurrogates(80)
        case 1:
            return provider.ConsumeInt(9)
        case 2:
            return provider.ConsumeFloat()
        case 3:
            return provider.PickValueInList([None, True, [], {}, "", "sha256:", 1 << 60, -1])
        case 4:
            return [value, value]
    if isinstance(value, dict):
        return {key: _spoil(inner, provider) for key, inner in value.items()}
    if isinstance(value, list):
        return [_spoil(inner, provider) for inner in value]
    return value


def name(data: bytes) -> None:
    """What somebody pasted."""
    try:
        parse_reference(meant(data.decode("utf-8", errors="surrogateescape")))
    except BadInput:
        return


TARGETS: dict[str, Callable[[bytes], None]] = {
    "header": header,
    "manifest": manifest,
    "listing": listing,
    "name": name,
}


def seeds() -> dict[str, list[bytes]]:
    """Whole inputs, from which mutations begin."""
    return {
        "header": [
            small(),
            small("qwen3next", metadata={"a": [True], "b": ["x", "y"], "c": [1.0] * 9}),
            small("gemma3", metadata={"gemma3.attention.sliding_window": 512}),
            small("deepseek2", metadata={"deepseek2.attention.kv_lora_rank": 512}),
            *(data[:4000] for data in measured_headers().values()),
            b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + bytes(8) + struct.pack("<IIQ", 9, 9, 4),
        ],
        "manifest": [json.dumps(MANIFEST).encode()],
        "listing": [json.dumps(LISTING).encode()],
        "name": [
            b"ollama run hf.co/user/repo:Q4_K_M",
            b"https://huggingface.co/user/repo/blob/main/a/b.gguf?download=true#x",
            b"https://ollama.com/library/qwen3:8b",
        ],
    }


def main() -> None:
    """Fuzz one target for some minutes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", choices=sorted(TARGETS), default="header")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    chosen = parser.parse_args()
    corpus = chosen.findings / f"corpus-{chosen.target}"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds()[chosen.target]):
        (corpus / f"seed-{number}").write_bytes(data)
    options = [
        sys.argv[0],
        str(corpus),
        f"-max_total_time={round(60 * chosen.minutes)}",
        f"-timeout={_SECONDS_AN_INPUT}",
        f"-rss_limit_mb={_MEMORY_MIB}",
        "-max_len=65536",
        f"-artifact_prefix={chosen.findings}/{chosen.target}-",
    ]
    atheris.Setup(options, TARGETS[chosen.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
