"""Write resources/models.json and resources/hardware.json from the two collected tables.

    python packaging/facts/catalogue_from_csv.py MODELS.csv HARDWARE.csv

The tables are the place for numbers; what they do not hold (query heads and feed-forward width,
experts, names under which people know a model) stands here. Run it again when a table changes.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

COLLECTED = "2026-11-23"
RESOURCES = Path(__file__).resolve().parents[2] / "resources"

_LITGPT = "litgpt 0.5.13 config.py (PyPI)"
_RECALLED = "recalled (config.json from memory)"
_TRANSFORMERS = "transformers 5.23.0 configuration defaults (PyPI)"

# tag -> query heads, feed-forward width that is active for a token (experts used x width + shared)
WIDTHS: dict[str, tuple[int, int, str]] = {
    tag: (heads, width, source)
    for source, table in {
        _LITGPT: {
            "llama3.1:8b": (32, 14336),
            "llama3.2:1b": (32, 8192),
            "llama3.2:3b": (24, 8192),
            "llama3.3:70b": (64, 28672),
            "qwen2.5:0.5b": (14, 4864),
            "qwen2.5:1.5b": (12, 8960),
            "qwen2.5:3b": (16, 11008),
            "qwen2.5:7b": (28, 18944),
            "qwen2.5:14b": (40, 13824),
            "qwen2.5:32b": (40, 27648),
            "qwen2.5:72b": (64, 29568),
            "qwen2.5-coder:7b": (28, 18944),
            "qwen2.5-coder:14b": (40, 13824),
            "qwen2.5-coder:32b": (40, 27648),
            "qwen3:0.6b": (16, 3072),
            "qwen3:1.7b": (16, 6144),
            "qwen3:4b": (32, 9728),
            "qwen3:8b": (32, 12288),
            "qwen3:14b": (40, 17408),
            "qwen3:30b": (32, 6144),
            "qwen3:32b": (64, 25600),
            "qwen3:235b": (64, 12288),
            "qwen3-coder:30b": (32, 6144),
            "qwen3-vl:4b": (32, 9728),
            "qwen3-vl:8b": (32, 12288),
            "qwen3-vl:30b": (32, 6144),
            "qwen3-vl:32b": (64, 25600),
            "deepseek-r1:1.5b": (12, 8960),
            "deepseek-r1:7b": (28, 18944),
            "deepseek-r1:8b": (32, 12288),
            "deepseek-r1:14b": (40, 13824),
            "deepseek-r1:32b": (40, 27648),
            "deepseek-r1:70b": (64, 28672),
            "mistral:7b": (32, 14336),
            "gemma3:1b": (4, 6912),
            "gemma3:4b": (8, 10240),
            "gemma3:12b": (16, 15360),
            "gemma3:27b": (32, 21504),
            "phi4:14b": (40, 17920),
            "phi4-reasoning:14b": (40, 17920),
            "phi4-mini:3.8b": (24, 8192),
            "smollm2:135m": (9, 1536),
            "smollm2:360m": (15, 2560),
            "smollm2:1.7b": (32, 8192),
            "qwen3-embedding:0.6b": (16, 3072),
            "qwen3-embedding:4b": (32, 9728),
            "qwen3-embedding:8b": (32, 12288),
        },
        _TRANSFORMERS: {"mistral-small-4:119b": (32, 10240)},
        _RECALLED: {
            "llama4:scout": (40, 16384),
            "qwen3-coder-next": (16, 5632),
            "qwen3.5:0.8b": (8, 3584),
            "qwen3.5:2b": (8, 6144),
            "qwen3.5:4b": (16, 9216),
            "qwen3.5:9b": (16, 12288),
            "qwen3.5:27b": (24, 17408),
            "qwen3.5:35b": (16, 4608),
            "qwen3.5:122b": (32, 9216),
            "qwen3.6:27b": (24, 17408),
            "qwen3.6:35b": (16, 4608),
            "qwen3.8:27b": (24, 17408),
            "deepseek-r1:671b": (128, 18432),
            "deepseek-v3.1:671b": (128, 18432),
            "mistral-nemo:12b": (32, 14336),
            "mistral-small3.2:24b": (32, 32768),
            "ministral-3:3b": (32, 9216),
            "ministral-3:8b": (32, 14336),
            "ministral-3:14b": (32, 16384),
            "devstral:24b": (32, 32768),
            "devstral-small-2:24b": (32, 32768),
            "magistral:24b": (32, 32768),
            "codestral:22b": (48, 16384),
            "gemma3:270m": (4, 2048),
            "gemma3n:e2b": (8, 8192),
            "gemma3n:e4b": (8, 16384),
            "gemma4:e2b": (8, 6144),
            "gemma4:e4b": (8, 10240),
            "gemma4:12b": (16, 15360),
            "gemma4:26b": (16, 7744),
            "gemma4:31b": (32, 21504),
            "gpt-oss:20b": (64, 11520),
            "gpt-oss:120b": (64, 11520),
            "granite3.3:2b": (32, 8192),
            "granite3.3:8b": (32, 12800),
            "granite4:micro": (40, 8192),
            "glm-4.7-flash": (20, 7680),
            "nemotron-3-nano:30b": (32, 14848),
            "lfm2:24b": (32, 6144),
            "olmo-3:7b": (32, 11008),
            "nomic-embed-text": (12, 3072),
            "bge-m3": (16, 4096),
            "bge-large": (16, 4096),
            "mxbai-embed-large": (16, 4096),
            "all-minilm": (12, 1536),
            "snowflake-arctic-embed2": (16, 4096),
            "embeddinggemma": (3, 1152),
            "granite-embedding": (12, 1536),
        },
    }.items()
    for tag, (heads, width) in table.items()
}

# Encoders of BERT's own make: the feed-forward has no gate.
UNGATED = {
    "all-minilm",
    "bge-large",
    "bge-m3",
    "granite-embedding",
    "mxbai-embed-large",
    "snowflake-arctic-embed2",
}

# tag -> routed experts of a layer, experts that a token passes through
EXPERTS: dict[str, tuple[int, int]] = {
    "llama4:scout": (16, 1),
    "qwen3:30b": (128, 8),
    "qwen3:235b": (128, 8),
    "qwen3-coder:30b": (128, 8),
    "qwen3-coder-next": (512, 10),
    "qwen3-vl:30b": (128, 8),
    "qwen3.5:35b": (256, 8),
    "qwen3.5:122b": (256, 8),
    "qwen3.6:35b": (256, 8),
    "deepseek-r1:671b": (256, 8),
    "deepseek-v3.1:671b": (256, 8),
    "mistral-small-4:119b": (128, 4),
    "gemma4:26b": (128, 8),
    "gpt-oss:20b": (32, 4),
    "gpt-oss:120b": (128, 4),
    "glm-4.7-flash": (64, 4),
    "nemotron-3-nano:30b": (128, 6),
    "lfm2:24b": (64, 4),
}

# Hybrids with layers that keep neither a cache nor a recurrent state
RECURRENT_LAYERS = {"nemotron-3-nano:30b": 23}

# LFM2's short convolution keeps two columns a layer: 2 x 2048 x 4 bytes x 30 layers
RECURRENT_MIB = {"lfm2:24b": 0.47}

# Names that no rule of spelling leads to: repositories, and what `:latest` means in the library
ALIASES: dict[str, list[str]] = {
    "llama3.1:8b": ["llama3.1", "meta-llama/Meta-Llama-3.1-8B"],
    "llama3.2:3b": ["llama3.2"],
    "llama3.3:70b": ["llama3.3"],
    "llama4:scout": ["llama4", "meta-llama/Llama-4-Scout-17B-16E-Instruct", "llama4:16x17b"],
    "qwen2.5:7b": ["qwen2.5"],
    "qwen2.5-coder:7b": ["qwen2.5-coder"],
    "qwen3:8b": ["qwen3"],
    "qwen3-coder:30b": ["qwen3-coder"],
    "qwen3-vl:8b": ["qwen3-vl"],
    "deepseek-r1:1.5b": ["deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B"],
    "deepseek-r1:7b": ["deepseek-ai/DeepSeek-R1-Distill-Qwen-7B"],
    "deepseek-r1:8b": ["deepseek-r1", "deepseek-ai/DeepSeek-R1-0528-Qwen3-8B"],
    "deepseek-r1:14b": ["deepseek-ai/DeepSeek-R1-Distill-Qwen-14B"],
    "deepseek-r1:32b": ["deepseek-ai/DeepSeek-R1-Distill-Qwen-32B"],
    "deepseek-r1:70b": ["deepseek-ai/DeepSeek-R1-Distill-Llama-70B"],
    "deepseek-r1:671b": ["deepseek-ai/DeepSeek-R1", "deepseek-ai/DeepSeek-R1-0528"],
    "deepseek-v3.1:671b": ["deepseek-ai/DeepSeek-V3.1"],
    "mistral-nemo:12b": ["mistralai/Mistral-Nemo-Instruct-2407"],
    "ministral-3:8b": ["ministral-3"],
    "devstral:24b": ["mistralai/Devstral-Small-2507"],
    "magistral:24b": ["mistralai/Magistral-Small-2506"],
    "codestral:22b": ["mistralai/Codestral-22B-v0.1"],
    "gemma3:4b": ["gemma3"],
    "gemma3n:e4b": ["gemma3n"],
    "gemma4:26b": ["google/gemma-4-26B-A4B-it"],
    "phi4-reasoning:14b": ["microsoft/Phi-4-reasoning"],
    "phi4-mini:3.8b": ["microsoft/Phi-4-mini-instruct"],
    "gpt-oss:20b": ["gpt-oss"],
    "granite3.3:8b": ["granite3.3"],
    "granite4:micro": ["granite4", "ibm-granite/granite-4.0-micro"],
    "smollm2:1.7b": ["smollm2"],
    "nemotron-3-nano:30b": ["nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16"],
    "lfm2:24b": ["LiquidAI/LFM2-24B-A2B"],
    "mistral-small-4:119b": ["mistralai/Mistral-Small-4-119B-2603"],
    "bge-large": ["BAAI/bge-large-en-v1.5"],
    "all-minilm": ["sentence-transformers/all-MiniLM-L6-v2"],
    "mxbai-embed-large": ["mixedbread-ai/mxbai-embed-large-v1"],
    "snowflake-arctic-embed2": ["Snowflake/snowflake-arctic-embed-l-v2.0"],
    "embeddinggemma": ["google/embeddinggemma-300m"],
    "qwen3-embedding:8b": ["qwen3-embedding"],
    "granite-embedding": ["granite-embedding:30m"],
}


# Where the table has another than the library: 1.3 GB for 1.24 B parameters are eight bits.
QUANTIZATION = {"llama3.2:1b": "Q8_0"}


def number(text: str) -> int | float | None:
    text = text.strip()
    if not text:
        return None
    value = float(text)
    return int(value) if value == int(value) and "." not in text else value


def recurrent_layers(row: dict[str, str]) -> int:
    if not row["arch_type"].startswith("hybrid"):
        return 0
    return RECURRENT_LAYERS.get(row["ollama_tag"], int(row["layers"]) - int(row["kv_layers_full"]))


def model(row: dict[str, str]) -> dict[str, Any]:
    tag = row["ollama_tag"]
    heads, width, width_source = WIDTHS.get(tag, (None, None, None))
    scores = {
        "aa_index_v4_1_1": number(row["aa_index_v4_1_1"]),
        "mmlu_pro": number(row["mmlu_pro"]),
        "gpqa_diamond": number(row["gpqa_diamond"]),
        "livecodebench_v6": number(row["livecodebench_v6"]),
        "embedding": number(row["embedding_score"]),
    }
    return {
        "tag": tag,
        "aliases": ALIASES.get(tag, []),
        "params_total": round(float(row["params_total_B"]) * 1e9),
        "params_active": round(float(row["params_active_B"]) * 1e9),
        "arch_type": row["arch_type"],
        "layers": number(row["layers"]),
        "kv_layers_full": number(row["kv_layers_full"]),
        "kv_heads": number(row["kv_heads"]),
        "head_dim_k": number(row["head_dim_k"]),
        "head_dim_v": number(row["head_dim_v"]),
        "swa_window": number(row["swa_window"]),
        "kv_layers_swa": number(row["kv_layers_swa"]),
        "swa_kv_heads": number(row["swa_kv_heads"]),
        "swa_head_dim": number(row["swa_head_dim"]),
        "recurrent_state_mib": RECURRENT_MIB.get(tag, number(row["recurrent_state_MiB_per_seq"])),
        "recurrent_layers": recurrent_layers(row),
        "experts": EXPERTS.get(tag, (0, 0))[0],
        "experts_used": EXPERTS.get(tag, (0, 0))[1],
        "vocab": number(row["vocab"]),
        "hidden": number(row["hidden"]),
        "heads": heads,
        "feed_forward_active": width,
        "widths_source": width_source,
        **({"feed_forward_gated": False} if tag in UNGATED else {}),
        "tied_embeddings": row["tied_embeddings"] == "1",
        "context_max": number(row["context_max_gguf"]),
        "quantization": QUANTIZATION.get(tag, row["default_quant"]),
        "size_gb": number(row["ollama_size_GB"]),
        "size_source": row["size_source"] or None,
        "capabilities": [c for c in row["capabilities"].split("|") if c],
        "licence": row["licence"],
        "quality": {k: v for k, v in scores.items() if v is not None},
        "embedding_metric": row["embedding_metric"] or None,
        "quality_source": row["quality_source"] or None,
        "arch_source": row["arch_source"],
        **model_doubts(row),
        "notes": row["notes"],
        "date": COLLECTED,
    }


def model_doubts(row: dict[str, str]) -> dict[str, Any]:
    """What of a row nobody was read for, as the table says it in words."""
    sources = {"size_gb": row["size_source"], "architecture": row["arch_source"]}
    recalled = [name for name, source in sources.items() if "recalled" in source]
    return {
        **({"recalled": recalled} if recalled else {}),
        **({"unverified": True} if "NOT verified" in row["arch_source"] else {}),
    }


def machine_doubts(row: dict[str, str]) -> dict[str, Any]:
    """As `model_doubts`, of a machine."""
    source = row["source"]
    rates = ["fp16_tflops", "fp32_tflops"]
    recalled: list[str] = []
    if source.startswith("recalled"):
        recalled = ["memory_gib", "bandwidth_gb_s", *rates, "tdp_watts"]
    elif "TFLOPS recalled" in source:
        recalled = rates
    elif "recalled" in source:
        recalled = ["bandwidth_gb_s", *rates]
    if "recalled" in row["price_source"]:
        recalled = [*recalled, "launch_price_usd"]
    return {"recalled": recalled} if recalled else {}


def machine(row: dict[str, str]) -> dict[str, Any]:
    options = row["memory_options"]
    return {
        "name": row["name"],
        "vendor": row["vendor"],
        "class": row["cls"],
        "architecture": row["arch"],
        "memory_gib": number(row["memory_GB"]),
        "memory_options_gib": [int(o) for o in options.split("/") if o.isdigit()],
        "memory_shared": options == "shared",
        "bandwidth_gb_s": number(row["bandwidth_GBs"]),
        "bus_bits": number(row["bus_bits"]),
        "memory_type": row["mem_type"],
        "fp16_tflops": number(row["fp16_TFLOPS"]),
        "fp32_tflops": number(row["fp32_TFLOPS"]),
        "int8_tensor_tops": number(row["int8_tensor_TOPS"]),
        "tdp_watts": number(row["TDP_W"]),
        "launch_price_usd": number(row["launch_price_USD"]),
        "year": number(row["year"]),
        "unified": row["unified"] == "yes",
        "live_readable": row["live_readable"],
        "source": row["source"],
        "price_source": row["price_source"] or None,
        **machine_doubts(row),
        "date": COLLECTED,
    }


def write(name: str, note: str, rows: list[dict[str, Any]]) -> None:
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    text = (
        f'{{\n "as_of": "{COLLECTED}",\n "note": {json.dumps(note)},\n "rows": [\n{lines}\n ]\n}}\n'
    )
    json.loads(text)
    (RESOURCES / name).write_text(text, encoding="utf-8")
    print(f"{name}: {len(rows)} rows")


def main(models: str, hardware: str) -> None:
    with open(models, encoding="utf-8", newline="") as file:
        write(
            "models.json",
            "Models as Ollama's library serves them. size_gb is decimal and holds every layer of "
            "the tag, a projector included; feed_forward_active is what one token passes through.",
            [model(row) for row in csv.DictReader(file)],
        )
    with open(hardware, encoding="utf-8", newline="") as file:
        write(
            "hardware.json",
            "Accelerators and chips with unified memory. Sizes as sold; TFLOPS as databases print.",
            [machine(row) for row in csv.DictReader(file)],
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
