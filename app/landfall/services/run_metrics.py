"""The measurements of an answer as they are kept in its record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from landfall.core.metrics import RunMetrics
from landfall.services.records import RunRecord

_KEPT = (
    "prompt_tokens",
    "output_tokens",
    "thinking_tokens",
    "load_seconds",
    "ttft_seconds",
    "first_answer_seconds",
    "total_seconds",
    "prefill_tok_s",
    "decode_tok_s",
    "client_decode_tok_s",
    "inter_token_p50_seconds",
    "inter_token_p95_seconds",
    "inter_token_p99_seconds",
)


def with_metrics(record: RunRecord, metrics: RunMetrics) -> RunRecord:
    """The record with all that was measured: the counters of the server beside the clock here.

    The decode rate of a provider that counts no time is that of the text as it arrived; an answer
    without an end is no result and has none.
    """
    rate = metrics.decode_tok_s or (metrics.client_decode_tok_s if metrics.complete else None)
    measured: dict[str, Any] = {name: getattr(metrics, name) for name in _KEPT}
    conditions = {**record.conditions, **_rate_source(metrics), **_pieces(metrics)}
    return replace(record, **measured | {"decode_tok_s": rate, "conditions": conditions})


def _rate_source(metrics: RunMetrics) -> dict[str, str]:
    """Whose clock gave the decode rate: the server's counters, or the arrival of the pieces."""
    if metrics.decode_tok_s is not None:
        return {"decode_rate": "server counters"}
    arrived = metrics.complete and metrics.client_decode_tok_s is not None
    return {"decode_rate": "arrival of the text"} if arrived else {}


def _pieces(metrics: RunMetrics) -> dict[str, int]:
    """How many pieces were thinking, where any was: an Ollama server does not count it apart."""
    if not metrics.thinking_pieces:
        return {}
    return {
        "thinking_pieces": metrics.thinking_pieces,
        "answer_pieces": metrics.answer_pieces,
    }
