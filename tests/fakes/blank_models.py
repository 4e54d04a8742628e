"""GGUF files of any shape whose weights are all zero: sparse on disk, real to a server.

Such a model says nothing. What it takes of memory is what a trained one of its shape takes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

_ALIGNMENT = 32
_NORMAL, _CONTROL, _BYTE = 1, 3, 6
_SPECIAL = 3 + 256

Tensor = tuple[str, Sequence[int], Type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """A model without a mind.

    Attributes:
        architecture: As llama.cpp names it. keys: its metadata, without the architecture's prefix.
        tensors: Name, shape (the fastest axis first) and type.
    """

    name: str
    architecture: str
    vocabulary: int
    keys: Mapping[str, Any]
    tensors: Sequence[Tensor]

    def write(self, folder: Path) -> Path:
        """The file, which is made once."""
        path = folder / f"{self.name}.gguf"
        if not path.exists():
            self._write(path)
        return path

    def _write(self, path: Path) -> None:
        writer = gguf.GGUFWriter(str(path), self.architecture)
        for key, value in self.keys.items():
            _add(writer, f"{self.architecture}.{key}", value)
        writer.add_file_type(int(gguf.LlamaFileType.MOSTLY_Q8_0))
        if self.architecture == "bert":
            _add_word_pieces(writer, self.vocabulary)
        else:
            _add_tokenizer(writer, self.vocabulary)
        size = sum(_add_tensor(writer, *tensor) for tensor in self.tensors)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        (file,) = writer.fout or ()
        file.flush()
        start = _padded(file.tell())
        writer.close()
        os.truncate(path, start + size)


def _add(writer: gguf.GGUFWriter, key: str, value: Any) -> None:
    match value:
        case bool():
            writer.add_bool(key, value)
        case int():
            writer.add_uint32(key, value)
        case float():
            writer.add_float32(key, value)
        case str():
            writer.add_string(key, value)
        case _:
            writer.add_array(key, value)


def _add_tokenizer(writer: gguf.GGUFWriter, vocabulary: int) -> None:
    """Byte tokens, and words that no text holds: a text has a token for each of its bytes."""
    letters = [f"<0x{code:02X}>" for code in range(256)]
    words = [f"t{number}" for number in range(vocabulary - _SPECIAL)]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(["<unk>", "<s>", "</s>", *letters, *words])
    writer.add_token_scores([0.0] * vocabulary)
    types = [2, _CONTROL, _CONTROL] + [_BYTE] * 256 + [_NORMAL] * len(words)
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)


def _add_word_pieces(writer: gguf.GGUFWriter, vocabulary: int) -> None:
    """The small letters, each alone and within a word, and words that no text holds."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    tokens = [*special, *(f"\u2581{letter}" for letter in letters), *letters]
    tokens += [f"\u2581t{number}" for number in range(vocabulary - len(tokens))]
    types = [_CONTROL] * len(special) + [_NORMAL] * (vocabulary - len(special))
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_type_count(2)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_scores([0.0] * vocabulary)
    writer.add_bos_token_id(2)
    writer.add_eos_token_id(3)
    writer.add_unk_token_id(1)
    writer.add_sep_token_id(3)
    writer.add_pad_token_id(0)
    writer.add_mask_token_id(4)
    writer.add_uint32("tokenizer.ggml.cls_token_id", 2)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(True)


def _add_tensor(writer: gguf.GGUFWriter, name: str, shape: Sequence[int], kind: Type) -> int:
    block, block_bytes = gguf.GGML_QUANT_SIZES[kind]
    stored = [*reversed(shape)]
    size = int(np.prod(stored)) // block * block_bytes
    as_type = np.dtype(np.uint8)
    if kind is Type.F32:
        as_type = np.dtype(np.float32)
    elif kind is Type.F16:
        as_type = np.dtype(np.float16)
    else:
        stored[-1] = stored[-1] // block * block_bytes
    writer.add_tensor_info(name, stored, as_type, size, raw_dtype=kind)
    return _padded(size)


def _padded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The numbers of a transformer, and what its blocks have beside the plain ones."""

    hidden: int
    layers: int
    feed: int
    heads: int
    kv_heads: int
    head: int
    vocabulary: int
    context: int
    tied: bool = True
    qk_norm: bool = False
    post_norms: bool = False
    biases: bool = False
    experts: int = 0
    experts_used: int = 0
    kind: Type = Type.Q8_0


def transformer(name: str, architecture: str, shape: Shape, **keys: Any) -> Blank:
    """A decoder of the usual make; two underscores in a key stand for a dot."""
    named = {
        "context_length": shape.context,
        "embedding_length": shape.hidden,
        "block_count": shape.layers,
        "feed_forward_length": shape.feed,
        "attention.head_count": shape.heads,
        "attention.head_count_kv": shape.kv_heads,
        "attention.key_length": shape.head,
        "attention.value_length": shape.head,
        "attention.layer_norm_rms_epsilon": 1e-6,
        "rope.freq_base": 10000.0,
        "rope.dimension_count": shape.head,
    }
    if shape.experts:
        named["expert_count"] = shape.experts
        named["expert_used_count"] = shape.experts_used
        named["expert_feed_forward_length"] = shape.feed
    named |= {key.replace("__", "."): value for key, value in keys.items()}
    ends: list[Tensor] = [
        ("token_embd.weight", (shape.hidden, shape.vocabulary), shape.kind),
        ("output_norm.weight", (shape.hidden,), Type.F32),
    ]
    if not shape.tied:
        ends.append(("output.weight", (shape.hidden, shape.vocabulary), shape.kind))
    blocks = [tensor for layer in range(shape.layers) for tensor in _block(layer, shape)]
    return Blank(
        name=name,
        architecture=architecture,
        vocabulary=shape.vocabulary,
        keys=named,
        tensors=ends + blocks,
    )


def _block(layer: int, shape: Shape) -> list[Tensor]:
    hidden, queries = shape.hidden, shape.heads * shape.head
    kept = shape.kv_heads * shape.head
    matrices = {
        "attn_q": (hidden, queries),
        "attn_k": (hidden, kept),
        "attn_v": (hidden, kept),
        "attn_output": (queries, hidden),
    }
    norms = {"attn_norm": hidden, "ffn_norm": hidden}
    feed = {"ffn_gate": (hidden, shape.feed), "ffn_up": (hidden, shape.feed)}
    feed["ffn_down"] = (shape.feed, hidden)
    stacked: dict[str, tuple[int, ...]] = dict(feed)
    if shape.experts:
        stacked = {f"{name}_exps": (*size, shape.experts) for name, size in feed.items()}
    if shape.qk_norm:
        norms |= {"attn_q_norm": shape.head, "attn_k_norm": shape.head}
    if shape.post_norms:
        norms |= {"post_attention_norm": hidden, "post_ffw_norm": hidden}
    tensors: list[Tensor] = [
        (f"blk.{layer}.{name}.weight", size, shape.kind)
        for name, size in {**matrices, **stacked}.items()
    ]
    tensors += [(f"blk.{layer}.{name}.weight", (size,), Type.F32) for name, size in norms.items()]
    if shape.experts:
        tensors.append((f"blk.{layer}.ffn_gate_inp.weight", (hidden, shape.experts), Type.F32))
    if shape.biases:
        widths = {"attn_q": queries, "attn_k": kept, "attn_v": kept}
        tensors += [(f"blk.{layer}.{name}.bias", (w,), Type.F32) for name, w in widths.items()]
    return tensors


GEMMA3 = transformer(
    "blank-gemma3",
    "gemma3",
    Shape(
        hidden=640,
        layers=18,
        feed=2048,
        heads=4,
        kv_heads=1,
        head=256,
        vocabulary=262144,
        context=32768,
        qk_norm=True,
        post_norms=True,
    ),
    attention__sliding_window=512,
)
"""As Gemma 3 270M is: sliding windows, and a vocabulary that is most of the model."""

QWEN3 = transformer(
    "blank-qwen3",
    "qwen3",
    Shape(
        hidden=1024,
        layers=8,
        feed=3072,
        heads=16,
        kv_heads=8,
        head=128,
        vocabulary=151936,
        context=40960,
        qk_norm=True,
    ),
)
"""As Qwen3 0.6B is, with 8 of its 28 layers."""

QWEN3_MOE = transformer(
    "blank-qwen3moe",
    "qwen3moe",
    Shape(
        hidden=1024,
        layers=6,
        feed=384,
        heads=16,
        kv_heads=4,
        head=128,
        vocabulary=32000,
        context=40960,
        qk_norm=True,
        tied=False,
        experts=32,
        experts_used=8,
    ),
)

QWEN2 = transformer(
    "blank-qwen2",
    "qwen2",
    Shape(
        hidden=896,
        layers=12,
        feed=4864,
        heads=14,
        kv_heads=2,
        head=64,
        vocabulary=151936,
        context=32768,
        biases=True,
    ),
)
"""As Qwen2.5 0.5B is, with half of its layers."""

LLAMA = transformer(
    "blank-llama",
    "llama",
    Shape(
        hidden=2048,
        layers=4,
        feed=8192,
        heads=32,
        kv_heads=8,
        head=64,
        vocabulary=128256,
        context=131072,
    ),
)
"""As Llama 3.2 1B is, with 4 of its 16 layers."""


def encoder(
    name: str, *, hidden: int, layers: int, feed: int, heads: int, vocabulary: int, context: int
) -> Blank:
    """A BERT: it embeds a text in one go."""
    keys = {
        "context_length": context,
        "embedding_length": hidden,
        "block_count": layers,
        "feed_forward_length": feed,
        "attention.head_count": heads,
        "attention.layer_norm_epsilon": 1e-12,
        "attention.causal": False,
        "pooling_type": int(gguf.PoolingType.MEAN),
    }
    tensors: list[Tensor] = [
        ("token_embd.weight", (hidden, vocabulary), Type.F16),
        ("position_embd.weight", (hidden, context), Type.F32),
        ("token_types.weight", (hidden, 2), Type.F32),
    ]
    tensors += _with_bias("token_embd_norm", (hidden,))
    for layer in range(layers):
        block = f"blk.{layer}"
        for matrix in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensors += _with_bias(f"{block}.{matrix}", (hidden, hidden))
        tensors += _with_bias(f"{block}.ffn_up", (hidden, feed))
        tensors += _with_bias(f"{block}.ffn_down", (feed, hidden))
        for norm in ("attn_output_norm", "layer_output_norm"):
            tensors += _with_bias(f"{block}.{norm}", (hidden,))
    return Blank(name=name, architecture="bert", vocabulary=vocabulary, keys=keys, tensors=tensors)


def _with_bias(name: str, shape: tuple[int, ...]) -> list[Tensor]:
    kind = Type.F16 if len(shape) > 1 else Type.F32
    return [(f"{name}.weight", shape, kind), (f"{name}.bias", shape[-1:], Type.F32)]


ENCODER = encoder(
    "blank-embedder",
    hidden=384,
    layers=6,
    feed=1536,
    heads=12,
    vocabulary=30522,
    context=512,
)
"""As all-MiniLM-L6 is."""

QUICK = (GEMMA3, QWEN3, QWEN3_MOE, ENCODER)
ALL = (*QUICK, QWEN2, LLAMA)
