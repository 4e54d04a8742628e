"""Writes GGUF files for tests: headers of real architectures without weights, and broken ones.

Nothing but the format is used; the layouts follow what the published models of each architecture
have, so that sizes computed from them can be compared with what llama.cpp reported for such files.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

TYPES = {"F32": 0, "F16": 1, "Q4_0": 2, "Q5_0": 6, "Q8_0": 8, "Q4_K": 12, "Q6_K": 14, "MXFP4": 39}
SIZES = {
    "F32": (1, 4),
    "F16": (1, 2),
    "Q4_0": (32, 18),
    "Q5_0": (32, 22),
    "Q8_0": (32, 34),
    "Q4_K": (256, 144),
    "Q6_K": (256, 210),
    "MXFP4": (32, 17),
}

TensorSpec = tuple[str, Sequence[int], str]


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def value_bytes(value: Any) -> bytes:
    """A metadata value with its type in front."""
    match value:
        case bool():
            return struct.pack("<I?", 7, value)
        case int():
            return struct.pack("<II", 4, value)
        case float():
            return struct.pack("<If", 6, value)
        case str():
            return struct.pack("<I", 8) + text(value)
        case [bool(), *_]:
            return struct.pack("<IIQ", 9, 7, len(value)) + bytes(value)
        case [int(), *_]:
            return struct.pack("<IIQ", 9, 4, len(value)) + struct.pack(f"<{len(value)}I", *value)
        case [float(), *_]:
            return struct.pack("<IIQ", 9, 6, len(value)) + struct.pack(f"<{len(value)}f", *value)
        case [str(), *_]:
            return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
        case _:
            raise TypeError(type(value))


def header_bytes(
    metadata: Mapping[str, Any], tensors: Sequence[TensorSpec], *, version: int = 3
) -> bytes:
    """The header, padded to where the weights would begin."""
    out = bytearray(b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(metadata)))
    for key, value in metadata.items():
        out += text(key) + value_bytes(value)
    offset = 0
    for name, shape, kind in tensors:
        out += text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        out += struct.pack("<IQ", TYPES[kind], offset)
        offset += -(-tensor_bytes(shape, kind) // 32) * 32
    out += bytes(-len(out) % 32)
    return bytes(out)


def tensor_bytes(shape: Sequence[int], kind: str) -> int:
    block, size = SIZES[kind]
    count = 1
    for n in shape:
        count *= n
    return count // block * size


def base(
    arch: str,
    *,
    context: int,
    hidden: int,
    layers: int,
    ff: int,
    heads: int,
    kv_heads: int | list[int],
    head: int,
    **more: Any,
) -> dict[str, Any]:
    keys = {
        "context_length": context,
        "embedding_length": hidden,
        "block_count": layers,
        "feed_forward_length": ff,
        "attention.head_count": heads,
        "attention.head_count_kv": kv_heads,
        "attention.key_length": head,
        "attention.value_length": head,
        "rope.dimension_count": head,
        **{key.replace("__", "."): value for key, value in more.items()},
    }
    named = {f"{arch}.{key}": value for key, value in keys.items()}
    return {"general.architecture": arch, "general.file_type": 15, **named}


def dense(
    *,
    hidden: int,
    layers: int,
    ff: int,
    heads: int,
    kv_heads: int,
    head: int,
    vocab: int,
    tied: bool,
    quant: str = "Q4_K",
    output: str = "Q6_K",
    norms: int = 0,
    biases: bool = False,
    qk_norm: bool = False,
) -> list[TensorSpec]:
    tensors: list[TensorSpec] = [("token_embd.weight", [hidden, vocab], output if tied else quant)]
    for i in range(layers):
        better = output if i % 2 else quant
        tensors += [
            (f"blk.{i}.attn_norm.weight", [hidden], "F32"),
            (f"blk.{i}.attn_q.weight", [hidden, heads * head], quant),
            (f"blk.{i}.attn_k.weight", [hidden, kv_heads * head], quant),
            (f"blk.{i}.attn_v.weight", [hidden, kv_heads * head], better),
            (f"blk.{i}.attn_output.weight", [heads * head, hidden], quant),
            (f"blk.{i}.ffn_norm.weight", [hidden], "F32"),
            (f"blk.{i}.ffn_gate.weight", [hidden, ff], quant),
            (f"blk.{i}.ffn_up.weight", [hidden, ff], quant),
            (f"blk.{i}.ffn_down.weight", [ff, hidden], better),
        ]
        if biases:
            tensors += [
                (f"blk.{i}.attn_q.bias", [heads * head], "F32"),
                (f"blk.{i}.attn_k.bias", [kv_heads * head], "F32"),
                (f"blk.{i}.attn_v.bias", [kv_heads * head], "F32"),
            ]
        if qk_norm:
            tensors += [
                (f"blk.{i}.attn_q_norm.weight", [head], "F32"),
                (f"blk.{i}.attn_k_norm.weight", [head], "F32"),
            ]
        tensors += [(f"blk.{i}.post_norm_{n}.weight", [hidden], "F32") for n in range(norms)]
    tensors.append(("output_norm.weight", [hidden], "F32"))
    if not tied:
        tensors.append(("output.weight", [hidden, vocab], output))
    return tensors


def experts(
    i: int, *, hidden: int, width: int, count: int, down: str = "Q4_K", other: str = "Q4_K"
) -> list[TensorSpec]:
    return [
        (f"blk.{i}.ffn_gate_inp.weight", [hidden, count], "F32"),
        (f"blk.{i}.ffn_gate_exps.weight", [hidden, width, count], other),
        (f"blk.{i}.ffn_up_exps.weight", [hidden, width, count], other),
        (f"blk.{i}.ffn_down_exps.weight", [width, hidden, count], down),
    ]


def plain(
    arch: str, *, context: int, vocab: int, tied: bool, more: Mapping[str, Any], **shape: Any
) -> bytes:
    """A dense model: keys and tensors from one set of numbers."""
    extras = {
        k: shape.pop(k) for k in ("quant", "output", "norms", "biases", "qk_norm") if k in shape
    }
    return header_bytes(
        base(arch, context=context, **shape, **more),
        dense(vocab=vocab, tied=tied, **shape, **extras),
    )


def _llama(*numbers: int, **k: Any) -> bytes:
    """Hidden, layers, feed-forward, heads, KV heads, vocabulary; and what differs from Llama."""
    hidden, layers, ff, heads, kv_heads, vocab = numbers
    context = k.pop("context", 131072)
    arch = k.pop("arch", "llama")
    return plain(
        arch,
        context=context,
        vocab=vocab,
        tied=k.pop("tied", False),
        more=k.pop("more", {}),
        hidden=hidden,
        layers=layers,
        ff=ff,
        heads=heads,
        kv_heads=kv_heads,
        head=k.pop("head", 128),
        **k,
    )


def _qwen3_30b_a3b() -> bytes:
    hidden, layers, heads, kv_heads, head, vocab = 2048, 48, 32, 4, 128, 151936
    tensors: list[TensorSpec] = [("token_embd.weight", [hidden, vocab], "Q4_K")]
    for i in range(layers):
        tensors += [
            (f"blk.{i}.attn_norm.weight", [hidden], "F32"),
            (f"blk.{i}.attn_q.weight", [hidden, heads * head], "Q4_K"),
            (f"blk.{i}.attn_k.weight", [hidden, kv_heads * head], "Q4_K"),
            (f"blk.{i}.attn_v.weight", [hidden, kv_heads * head], "Q6_K"),
            (f"blk.{i}.attn_output.weight", [heads * head, hidden], "Q4_K"),
            (f"blk.{i}.attn_q_norm.weight", [head], "F32"),
            (f"blk.{i}.attn_k_norm.weight", [head], "F32"),
            (f"blk.{i}.ffn_norm.weight", [hidden], "F32"),
            *experts(i, hidden=hidden, width=768, count=128),
        ]
    tensors += [
        ("output_norm.weight", [hidden], "F32"),
        ("output.weight", [hidden, vocab], "Q6_K"),
    ]
    keys = base(
        "qwen3moe",
        context=40960,
        hidden=hidden,
        layers=layers,
        ff=6144,
        heads=heads,
        kv_heads=kv_heads,
        head=head,
        expert_count=128,
        expert_used_count=8,
        expert_feed_forward_length=768,
    )
    return header_bytes(keys, tensors)


def _gpt_oss_20b() -> bytes:
    hidden, layers, heads, kv_heads, head, count, vocab = 2880, 24, 64, 8, 64, 32, 201088
    tensors: list[TensorSpec] = [("token_embd.weight", [hidden, vocab], "Q8_0")]
    for i in range(layers):
        tensors += [
            (f"blk.{i}.attn_norm.weight", [hidden], "F32"),
            (f"blk.{i}.post_attention_norm.weight", [hidden], "F32"),
            (f"blk.{i}.attn_q.weight", [hidden, heads * head], "Q8_0"),
            (f"blk.{i}.attn_k.weight", [hidden, kv_heads * head], "Q8_0"),
            (f"blk.{i}.attn_v.weight", [hidden, kv_heads * head], "Q8_0"),
            (f"blk.{i}.attn_output.weight", [heads * head, hidden], "Q8_0"),
            (f"blk.{i}.attn_q.bias", [heads * head], "F32"),
            (f"blk.{i}.attn_k.bias", [kv_heads * head], "F32"),
            (f"blk.{i}.attn_v.bias", [kv_heads * head], "F32"),
            (f"blk.{i}.attn_output.bias", [hidden], "F32"),
            (f"blk.{i}.attn_sinks.weight", [heads], "F32"),
            (f"blk.{i}.ffn_gate_inp.bias", [count], "F32"),
            *experts(i, hidden=hidden, width=2880, count=count, down="MXFP4", other="MXFP4"),
            *((f"blk.{i}.ffn_{n}_exps.bias", [2880, count], "F32") for n in ("gate", "up", "down")),
        ]
    tensors += [
        ("output_norm.weight", [hidden], "F32"),
        ("output.weight", [hidden, vocab], "Q8_0"),
    ]
    keys = base(
        "gpt-oss",
        context=131072,
        hidden=hidden,
        layers=layers,
        ff=2880,
        heads=heads,
        kv_heads=kv_heads,
        head=head,
        expert_count=count,
        expert_used_count=4,
        expert_feed_forward_length=2880,
        attention__sliding_window=128,
    )
    return header_bytes(keys, tensors)


def _deepseek_v2_lite() -> bytes:
    hidden, layers, heads, vocab = 2048, 27, 16, 102400
    tensors: list[TensorSpec] = [("token_embd.weight", [hidden, vocab], "Q4_K")]
    for i in range(layers):
        tensors += [
            (f"blk.{i}.attn_norm.weight", [hidden], "F32"),
            (f"blk.{i}.attn_q.weight", [hidden, heads * 192], "Q4_K"),
            (f"blk.{i}.attn_kv_a_mqa.weight", [hidden, 576], "Q8_0"),
            (f"blk.{i}.attn_kv_a_norm.weight", [512], "F32"),
            (f"blk.{i}.attn_k_b.weight", [128, 512, heads], "Q8_0"),
            (f"blk.{i}.attn_v_b.weight", [512, 128, heads], "Q8_0"),
            (f"blk.{i}.attn_output.weight", [heads * 128, hidden], "Q4_K"),
            (f"blk.{i}.ffn_norm.weight", [hidden], "F32"),
        ]
        if i == 0:
            tensors += [
                ("blk.0.ffn_gate.weight", [hidden, 10944], "Q4_0"),
                ("blk.0.ffn_up.weight", [hidden, 10944], "Q4_0"),
                ("blk.0.ffn_down.weight", [10944, hidden], "Q5_0"),
            ]
        else:
            tensors += [
                *experts(i, hidden=hidden, width=1408, count=64, down="Q5_0"),
                (f"blk.{i}.ffn_gate_shexp.weight", [hidden, 2816], "Q4_K"),
                (f"blk.{i}.ffn_up_shexp.weight", [hidden, 2816], "Q4_K"),
                (f"blk.{i}.ffn_down_shexp.weight", [2816, hidden], "Q4_K"),
            ]
    tensors += [
        ("output_norm.weight", [hidden], "F32"),
        ("output.weight", [hidden, vocab], "Q6_K"),
    ]
    keys = base(
        "deepseek2",
        context=163840,
        hidden=hidden,
        layers=layers,
        ff=10944,
        heads=heads,
        kv_heads=1,
        head=576,
        expert_count=64,
        expert_used_count=6,
        expert_feed_forward_length=1408,
        expert_shared_count=2,
        leading_dense_block_count=1,
        attention__kv_lora_rank=512,
        attention__key_length_mla=192,
        attention__value_length_mla=128,
        vocab_size=vocab,
    )
    keys["deepseek2.attention.value_length"] = 512
    keys["deepseek2.rope.dimension_count"] = 64
    return header_bytes(keys, tensors)


_GEMMA = {"attention__sliding_window": 1024}
_QWEN = {"qk_norm": True}


def measured_headers() -> dict[str, bytes]:
    """The headers whose memory llama.cpp itself reported: file name to bytes."""
    q, g = "qwen3", "gemma3"
    return {
        "llama32-3b.gguf": _llama(3072, 28, 8192, 24, 8, 128256, tied=True),
        "llama31-8b.gguf": _llama(4096, 32, 14336, 32, 8, 128256),
        "llama2-7b.gguf": _llama(4096, 32, 11008, 32, 32, 32000, context=4096, quant="Q4_0"),
        "qwen25-7b.gguf": _llama(
            3584, 28, 18944, 28, 4, 152064, context=32768, arch="qwen2", biases=True
        ),
        "qwen3-4b.gguf": _llama(
            2560, 36, 9728, 32, 8, 151936, context=40960, arch=q, tied=True, **_QWEN
        ),
        "qwen3-8b.gguf": _llama(4096, 36, 12288, 32, 8, 151936, context=40960, arch=q, **_QWEN),
        "qwen3-14b.gguf": _llama(5120, 40, 17408, 40, 8, 151936, context=40960, arch=q, **_QWEN),
        "gemma3-4b.gguf": _llama(
            2560,
            34,
            10240,
            8,
            4,
            262144,
            arch=g,
            head=256,
            tied=True,
            more=_GEMMA,
            norms=2,
            **_QWEN,
        ),
        "gemma3-12b.gguf": _llama(
            3840,
            48,
            15360,
            16,
            8,
            262144,
            arch=g,
            head=256,
            tied=True,
            more=_GEMMA,
            norms=2,
            **_QWEN,
        ),
        "mistral-small-24b.gguf": _llama(5120, 40, 32768, 32, 8, 131072, context=32768),
        "qwen3-30b-a3b.gguf": _qwen3_30b_a3b(),
        "gpt-oss-20b.gguf": _gpt_oss_20b(),
        "deepseek-v2-lite.gguf": _deepseek_v2_lite(),
    }


def small(arch: str = "llama", *, layers: int = 2, **more: Any) -> bytes:
    """A header of a few hundred bytes, for what does not depend on sizes."""
    tied = more.pop("tied", False)
    extra = more.pop("metadata", {})
    keys = base(
        arch, context=2048, hidden=64, layers=layers, ff=128, heads=4, kv_heads=2, head=16, **more
    )
    keys |= extra
    tensors = dense(
        hidden=64,
        layers=layers,
        ff=128,
        heads=4,
        kv_heads=2,
        head=16,
        vocab=320,
        tied=tied,
        quant="F16",
        output="F16",
    )
    return header_bytes(keys, tensors)


def whole_file(header: bytes, tensors_bytes: int) -> bytes:
    """A header with weights of zeros behind it."""
    return header + bytes(tensors_bytes)
