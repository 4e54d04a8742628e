"""Headers of a model of twelve layers, by the keys that differ."""

from __future__ import annotations

from collections.abc import Mapping

from landfall.core.models.architecture import Architecture
from landfall.core.models.gguf import Header, Tensor, Value
from landfall.core.models.header_keys import Keys
from landfall.core.models.layers import architecture_of

PLAIN: Mapping[str, Value] = {
    "block_count": 12,
    "embedding_length": 64,
    "attention.head_count": 4,
    "attention.head_count_kv": 2,
    "feed_forward_length": 100,
    "context_length": 8192,
    "vocab_size": 1000,
}


def header(
    name: str,
    more: Mapping[str, Value] = {},
    tensors: tuple[Tensor, ...] = (),
    plain: Mapping[str, Value] = PLAIN,
) -> Header:
    told = {f"{name}.{key}": value for key, value in {**plain, **more}.items()}
    return Header(
        version=3,
        metadata={"general.architecture": name, **told},
        array_lengths={},
        tensors=tensors,
        data_offset=0,
    )


def keys(name: str, more: Mapping[str, Value] = {}, plain: Mapping[str, Value] = PLAIN) -> Keys:
    return Keys(header(name, more, plain=plain), "m")


def read(
    name: str, more: Mapping[str, Value] = {}, tensors: tuple[Tensor, ...] = ()
) -> Architecture:
    return architecture_of(Keys(header(name, more, tensors), "m"))


WINDOW: Mapping[str, Value] = {"attention.sliding_window": 512}
