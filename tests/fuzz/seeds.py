"""Whole inputs of every parser, from which hostile ones are made."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from landfall.core import announcement
from landfall.core.settings import Settings
from landfall.services import resources
from landfall.services.history.history import History
from landfall.services.history.whole_export import export_history
from landfall.services.settings import settings_toml
from tests.fakes.gguf_files import measured_headers, small
from tests.fakes.routes import texts
from tests.services.old_homes import FILES, put
from tests.services.usage_files import test_formats

DATA = Path(__file__).parents[1] / "data"
DIGEST = "sha256:" + "ab" * 32


def documents(*values: Any) -> Callable[[], list[bytes]]:
    return lambda: [json.dumps(one).encode() for one in values]


def headers() -> list[bytes]:
    return [
        small(),
        small("qwen3next", metadata={"a": [True], "b": ["x", "y"], "c": [1.0] * 9}),
        small("gemma3", metadata={"gemma3.attention.sliding_window": 512}),
        small("deepseek2", metadata={"deepseek2.attention.kv_lora_rank": 512}),
        *(data[:4000] for data in measured_headers().values()),
        b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + bytes(8) + struct.pack("<IIQ", 9, 9, 4),
    ]


def replies(*bodies: str) -> Callable[[], list[bytes]]:
    return lambda: [bytes((0, number % 3, 0)) + b.encode() for number, b in enumerate(bodies)]


LAYER = {"mediaType": "application/vnd.ollama.image.model", "digest": DIGEST, "size": 9}
CHAT_LINES = "\n".join(
    json.dumps(line)
    for line in (
        {"model": "tiny", "message": {"role": "assistant", "content": "a", "thinking": "b"}},
        {
            "model": "tiny",
            "message": {"role": "assistant", "content": ""},
            "done": True,
            "done_reason": "stop",
            "total_duration": 9,
            "load_duration": 1,
            "prompt_eval_count": 3,
            "prompt_eval_duration": 4,
            "eval_count": 5,
            "eval_duration": 6,
        },
        {"error": "model runner has unexpectedly stopped"},
        {"error": '{"error":{"message":"x"}}'},
        {"remote_host": "h", "remote_model": "m"},
    )
)
PULL_LINES = "\n".join(
    json.dumps(line)
    for line in (
        {"status": "pulling manifest"},
        {"status": "pulling x", "digest": DIGEST, "total": 9, "completed": 3},
        {"status": "verifying sha256 digest"},
        {"status": "success"},
    )
)
TAGS = {
    "models": [
        {
            "name": "a:b",
            "digest": DIGEST,
            "size": 9,
            "size_vram": 1,
            "context_length": 5,
            "modified_at": "2026-01-01T00:00:00Z",
            "expires_at": "2318-01-01T00:00:00Z",
            "details": {"family": "f", "parameter_size": "8B", "quantization_level": "Q4_0"},
            "capabilities": ["completion"],
        }
    ]
}
OPENAI = "".join(
    f"data: {json.dumps(one)}\n\n"
    for one in (
        {"choices": [{"delta": {"content": "a", "reasoning": "b"}, "finish_reason": None}]},
        {"choices": [{"delta": {"content": [{"type": "thinking", "thinking": [{"text": "x"}]}]}}]},
        {
            "choices": [],
            "usage": {
                "prompt_tokens": 1,
                "completion_tokens": 2,
                "total_tokens": 4,
                "cost": 0.1,
                "prompt_tokens_details": {"cached_tokens": 1},
                "completion_tokens_details": {"reasoning_tokens": 1},
            },
        },
        {"error": {"message": "x", "code": 429}},
    )
)
ANTHROPIC = "".join(
    f"event: {one['type']}\ndata: {json.dumps(one)}\n\n"
    for one in (
        {"type": "message_start", "message": {"usage": {"input_tokens": 3}}},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "a"}},
        {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "a"}},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": 5, "cache_read_input_tokens": 1},
        },
        {"type": "message_stop"},
        {"type": "error", "error": {"type": "overloaded_error", "message": "x"}},
    )
)
MODEL_LIST = json.dumps(
    {
        "data": [
            {"id": "models/a", "display_name": "A", "context_length": 9, "retires_at": 1790467200},
            {"id": "b", "deprecation": "2026-01-01", "max_model_len": 4},
        ],
        "has_more": False,
        "last_id": "b",
    }
)
USAGE = (
    {
        "data": [
            {
                "start_time": 1772323200,
                "starting_at": "2026-03-01T00:00:00Z",
                "results": [
                    {
                        "model": "m",
                        "input_tokens": 5,
                        "input_cached_tokens": 1,
                        "output_tokens": 2,
                        "num_model_requests": 1,
                        "uncached_input_tokens": 3,
                        "cache_creation": {"ephemeral_5m_input_tokens": 1},
                        "amount": {"value": "0.5", "currency": "usd"},
                        "currency": "USD",
                    }
                ],
            }
        ],
        "has_more": True,
        "next_page": "p",
    },
    {
        "data": [
            {"date": "2026-03-01", "model": "m", "usage": 0.1, "requests": 1, "prompt_tokens": 9}
        ]
    },
    {"data": {"total_credits": 5, "total_usage": 2}, "balance_infos": [{"total_balance": "1"}]},
    {"accounts": [{"name": "accounts/a"}], "nextPageToken": "", "rows": [{"date": "2026-03-01"}]},
)


def usage_files() -> list[bytes]:
    return [text.encode() for text in test_formats.FILES.values()]


def workloads() -> list[bytes]:
    found = [*DATA.glob("verdicts/*.toml"), *sorted(DATA.glob("decisions/*.toml"))[:6]]
    return [
        resources.read_text("workload_template.toml").encode(),
        *(p.read_bytes() for p in found),
    ]


SETTINGS = """schema = 1
theme = "dark"
currency = "EUR"
[tariff]
currency = "EUR"
basic_per_kwh = 0.3
[[tariff.windows]]
from_hour = 7
to_hour = 19
per_kwh = 0.4
weekdays = [0, 1]
[[hosts]]
name = "box"
url = "http://192.168.1.2:11434"
[thresholds]
verdict_stale_days = 30
[wall_calibration]
idle_wall_watts = 50.0
idle_measured_watts = 30.0
sources = ["NVML"]
at = "2026-01-01"
"""


def settings() -> list[bytes]:
    return [SETTINGS.encode(), settings_toml.dump(Settings()).encode()]


MACHINES = """[[machine]]
name = "the tower"
like = "RTX 3090"
count = 2
price_usd = 1900
price_date = 2026-01-01
"""
SERIES = (
    "date,calls,input_tokens,output_tokens\n2026-01-01,5,10,2\n2026-01-02,7,10,2\n"
    "2026-01-03,7,10,2\n",
    "date,hour,calls\n2026-01-01,0,5\n2026-01-01,1,7\n",
)
TRACES = (
    "timestamp,input_tokens,output_tokens,seconds,person\n2026-11-23T09:30:00,5,2,1.5,a\n"
    "1790467200,5,2,1.5,b\n",
    '{"time": 1790467200123, "prompt_tokens": 3, "completion_tokens": 4, "user": "a"}\n'
    '{"time": "2026-11-23T09:30:00Z", "prompt_tokens": 3, "completion_tokens": 4}\n',
    SERIES[1],
)
NEWS = {
    "product": announcement.PRODUCT,
    "schema": announcement.SCHEMA,
    "version": "9.9.9",
    "date": "2026-11-01",
    "page": "https://example.com/x",
    "notes": "More",
    "expires": "2027-01-01",
}
PRICES = {
    "schema": 1,
    "fetched_at": "2026-11-01T00:00:00+00:00",
    "providers": [
        {
            "id": "openai",
            "name": "OpenAI",
            "api_pattern": "x",
            "models": [
                {
                    "id": "m",
                    "match": {"equals": "m"},
                    "prices": {"input_mtok": 1, "output_mtok": 2},
                }
            ],
        }
    ],
}


def news() -> list[bytes]:
    payload = json.dumps(NEWS).encode()
    signature = announcement.Signature(key="a" * 16, value=bytes(64))
    kept = {"schema": 1, "asked_at": "2026-01-01T00:00:00+00:00", "seen": None}
    return [
        payload,
        announcement.sealed(payload, [signature]),
        json.dumps({**kept, "seen": {"version": "9.9.9", "expires": "2027-01-01"}}).encode(),
    ]


def exports() -> list[bytes]:
    """JSON and CSV exports of the newest old home."""

    async def export(folder: Path) -> list[bytes]:
        opened = History(put(FILES[-1], folder))
        await opened.open()
        try:
            out = folder / "out.json"
            await export_history(out, opened)
            return [out.read_bytes()]
        finally:
            await opened.close()

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(export(Path(folder)))


def routes() -> list[bytes]:
    return [bytes((number,)) + texts()[one].encode() for number, one in enumerate(sorted(texts()))]


def histories() -> list[bytes]:
    """Old histories with small pages: a change in one of them hits something more often."""
    with tempfile.TemporaryDirectory() as folder:
        return [small_pages(old, Path(folder) / old.name) for old in DATA.glob("history_v*.db")]


def small_pages(old: Path, new: Path) -> bytes:
    shutil.copy(old, new)
    with contextlib.closing(sqlite3.connect(new)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA page_size = 512")
        connection.execute("VACUUM")
    return new.read_bytes()


def manifests() -> list[bytes]:
    return [json.dumps({"config": LAYER, "layers": [LAYER, LAYER]}).encode()]


def kept() -> list[bytes]:
    header_ = {
        "schema": 1,
        "version": 3,
        "metadata": {"general.architecture": "llama", "x": [1, 2], "y": 1.5},
        "array_lengths": {"tokenizer.ggml.tokens": 5},
        "tensors": [["token_embd.weight", [64, 32], 0]],
        "data_offset": 99,
    }
    manifest = {"schema": 1, "fetched_at": "", "manifest": json.loads(manifests()[0])}
    return [json.dumps(one).encode() for one in (header_, manifest)]


PART = {"type": "file", "path": "m-Q4_K_M-00001-of-00002.gguf", "size": 5, "lfs": {"size": 9}}
WHOLE = {"type": "file", "path": "x/m-Q8_0.gguf", "size": 5}
PROMPTS = (
    '{"prompt": "Say a", "expected": "a"}\n{"prompt": "b", "num_predict": 5}\n',
    'prompt;expected\nSay a;a\n"b\nc";d\n',
    "first\nsecond\n",
)
