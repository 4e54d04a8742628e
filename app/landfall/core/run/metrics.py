"""What a run was worth: rates and times out of stamped events, each void with a reason.

Two clocks stand side by side. The server's own counters give the rates (`eval_count` over
`eval_duration`, `prompt_eval_count` over `prompt_eval_duration`); the stamps of the pieces, taken
where they left the socket, give what a person waited for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal, assert_never

from landfall.core.events import Aborted, Counters, Ended, Piece, RunEvent, Sent, Usage

PromptCache = Literal["cold", "unknown", "hit"]
"""Whether the server may hold the prompt already: a model just loaded cannot ("cold")."""

ONE_PASS_STEPS = 2.0
ONE_PASS_OVERHEAD_SECONDS = 0.001
"""A prompt that took no longer than so many decode steps, and what a server spends beside them, may
have come from the cache: then only its last token is worked on (seen: 897 tokens in 0.6 ms)."""

MOST_TOKENS_A_PASS = 2048
"""No server that we know reads more of a prompt in one forward pass: Ollama's num_batch is 512,
llama.cpp's batch 2048. A pass takes a decode step at least, as both read all weights once."""

FIGURES = (
    "load_seconds",
    "ttft_seconds",
    "first_answer_seconds",
    "total_seconds",
    "prefill_tok_s",
    "decode_tok_s",
    "client_decode_tok_s",
    "prompt_tokens",
    "output_tokens",
    "thinking_tokens",
    "inter_token_p50_seconds",
    "inter_token_p95_seconds",
    "inter_token_p99_seconds",
    "done_reason",
)
"""The fields that may be None, in the order in which they are shown."""

_NO_END = "the answer did not come to its end"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMetrics:
    """Times and rates of one answer. None is unknown; `reasons` says why, by field.

    Attributes:
        load_seconds: What the server took to load the model; small but not 0 where it was loaded.
        ttft_seconds: From sending to the first piece of text, thinking included.
        first_answer_seconds: From sending to the first piece that is no thinking.
        total_seconds: From sending to the last event.
        prefill_tok_s: The server's prompt tokens over the time it worked on them.
        decode_tok_s: The server's output tokens over its time for them.
        client_decode_tok_s: Output tokens after the first, over the time between the first and the
            last piece as they arrived here.
        prompt_tokens: The whole prompt, cached tokens included.
        output_tokens: As counted by the server: the end-of-text token and thinking included.
        thinking_tokens: Thereof thinking, where the server or provider counts them apart.
        thinking_pieces: Pieces that were thinking; about a token each.
        answer_pieces: Pieces that were answer.
        inter_token_p50_seconds: Median gap between pieces, as they arrived.
        done_reason: stop, length, load, unload as the server says it; None without an end.
        complete: Whether the answer came to its end. What did not is no result.
        reasons: Pairs of field and why it is None.
    """

    load_seconds: float | None = None
    ttft_seconds: float | None = None
    first_answer_seconds: float | None = None
    total_seconds: float | None = None
    prefill_tok_s: float | None = None
    decode_tok_s: float | None = None
    client_decode_tok_s: float | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    thinking_tokens: int | None = None
    thinking_pieces: int = 0
    answer_pieces: int = 0
    inter_token_p50_seconds: float | None = None
    inter_token_p95_seconds: float | None = None
    inter_token_p99_seconds: float | None = None
    done_reason: str | None = None
    complete: bool = False
    reasons: tuple[tuple[str, str], ...] = ()

    def reason(self, field: str) -> str:
        """Why a field is None, or "" where it is known."""
        return dict(self.reasons).get(field, "")

    def as_json(self) -> dict[str, Any]:
        """The keys of one run in the command line's contract; times in seconds."""
        return {name: getattr(self, name) for name in FIGURES} | {
            "complete": self.complete,
            "reasons": dict(self.reasons),
        }


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which `share` (0 to 1) of the values lie, interpolated; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def measure(events: Iterable[RunEvent], *, prompt_cache: PromptCache = "unknown") -> RunMetrics:
    """What one answer was worth.

    A cache hit voids the prefill rate: the server reports the whole prompt but only the time for
    the rest (seen: 2771 ms, then 19 ms). Where a hit is possible and the prompt took no longer than
    its least number of forward passes, the rate is void too: nothing tells the two apart.
    """
    sent_at, pieces, end = _gather(events)
    ended = end if isinstance(end, Ended) else None
    counters = (ended and ended.counters) or Counters()
    usage = (ended and ended.usage) or Usage()
    output_tokens = _first_known(counters.output_tokens, usage.output_tokens)
    answer = [piece for piece in pieces if not piece.thinking]
    stamps = [piece.at for piece in pieces]
    gaps = sorted(right - left for left, right in pairwise(stamps))
    voids = _voids(counters, prompt_cache)
    metrics = RunMetrics(
        load_seconds=counters.load_seconds,
        ttft_seconds=_since(sent_at, pieces[0] if pieces else None),
        first_answer_seconds=_since(sent_at, answer[0] if answer else None),
        total_seconds=_since(sent_at, end),
        prefill_tok_s=_rate(
            None if "prefill_tok_s" in voids else counters.prompt_tokens, counters.prompt_seconds
        ),
        decode_tok_s=_rate(
            None if "decode_tok_s" in voids else counters.output_tokens, counters.output_seconds
        ),
        client_decode_tok_s=_client_decode(pieces, _arriving(output_tokens, usage, pieces)),
        prompt_tokens=_first_known(counters.prompt_tokens, usage.input_tokens),
        output_tokens=output_tokens,
        thinking_tokens=_thinking_tokens(pieces, usage, complete=ended is not None),
        thinking_pieces=len(pieces) - len(answer),
        answer_pieces=len(answer),
        inter_token_p50_seconds=percentile(gaps, 0.50),
        inter_token_p95_seconds=percentile(gaps, 0.95),
        inter_token_p99_seconds=percentile(gaps, 0.99),
        done_reason=ended.done_reason if ended else None,
        complete=ended is not None,
    )
    return replace(metrics, reasons=_reasons(metrics, end, voids))


def _gather(
    events: Iterable[RunEvent],
) -> tuple[float | None, list[Piece], Ended | Aborted | None]:
    """When it was sent, the pieces that carry text, and the end if there was one."""
    every = list(events)
    # By comprehension: an answer may have 60,000 pieces, and the window waits for the interpreter.
    pieces = [event for event in every if isinstance(event, Piece) and event.text]
    sent_at: float | None = None
    end: Ended | Aborted | None = None
    for event in [event for event in every if not isinstance(event, Piece)]:
        match event:
            case Sent(at=at):
                sent_at = at
            case Ended() | Aborted():
                end = event
            case _:
                assert_never(event)
    return sent_at, pieces, end


def _first_known(first: int | None, second: int | None) -> int | None:
    return second if first is None else first


def _since(sent_at: float | None, event: Piece | Ended | Aborted | None) -> float | None:
    return None if sent_at is None or event is None else event.at - sent_at


def _rate(tokens: int | None, seconds: float | None) -> float | None:
    return tokens / seconds if tokens and seconds else None


def _arriving(output_tokens: int | None, usage: Usage, pieces: Sequence[Piece]) -> int | None:
    """Output tokens that came as text: a provider that hides its thinking still counts it."""
    hidden = not any(piece.thinking for piece in pieces)
    if output_tokens is None or not hidden:
        return output_tokens
    return output_tokens - (usage.reasoning_tokens or 0)


def _client_decode(pieces: Sequence[Piece], output_tokens: int | None) -> float | None:
    """Tokens after the first over the time they took to arrive; the pieces where none are counted.

    The server counts the end-of-text token, which never arrives: it is left out.
    """
    if len(pieces) < 2:
        return None
    arrived = len(pieces) if output_tokens is None else max(len(pieces), output_tokens - 1)
    span = pieces[-1].at - pieces[0].at
    return (arrived - 1) / span if span > 0 else None


def _thinking_tokens(pieces: Sequence[Piece], usage: Usage, *, complete: bool) -> int | None:
    """As counted by the provider; 0 where nothing was thought; unknown where nobody counted."""
    if usage.reasoning_tokens is not None:
        return usage.reasoning_tokens
    thought = any(piece.thinking for piece in pieces)
    return 0 if complete and not thought else None


def _voids(counters: Counters, prompt_cache: PromptCache) -> dict[str, str]:
    """Rates that the counters would give and that mean nothing."""
    voids: dict[str, str] = {}
    if counters.output_tokens == 1:
        voids["decode_tok_s"] = "one token has no rate"
    if prompt_cache == "hit":
        voids["prefill_tok_s"] = "the server held the prompt already, wholly or in part"
    elif prompt_cache == "unknown" and _looks_cached(counters):
        voids["prefill_tok_s"] = (
            "the prompt was read too fast to have been read whole: it was in the server's cache, "
            "or is too short to tell"
        )
    return voids


def _looks_cached(counters: Counters) -> bool:
    """Whether the prompt took so little time that it cannot all have been read, or that all but
    its last token may have been cached."""
    prompt_tokens = counters.prompt_tokens or 0
    tokens, seconds = counters.output_tokens, counters.output_seconds
    if not tokens or tokens < 2 or not seconds or counters.prompt_seconds is None:
        return False
    passes = math.ceil(prompt_tokens / MOST_TOKENS_A_PASS)
    least = passes * ONE_PASS_STEPS * seconds / tokens + ONE_PASS_OVERHEAD_SECONDS
    return prompt_tokens > 1 and counters.prompt_seconds <= least


_WHY_NO_NUMBER = {
    "ttft_seconds": "no text came",
    "first_answer_seconds": "no text came that is not thinking",
    "client_decode_tok_s": "the text came in one piece",
    "inter_token_p50_seconds": "fewer than two pieces came",
    "inter_token_p95_seconds": "fewer than two pieces came",
    "inter_token_p99_seconds": "fewer than two pieces came",
    "thinking_tokens": "the server does not count thinking apart",
}


def _reasons(
    metrics: RunMetrics, end: Ended | Aborted | None, voids: dict[str, str]
) -> tuple[tuple[str, str], ...]:
    """Why each figure that is None is None."""
    no_end = end.reason if isinstance(end, Aborted) else _NO_END
    otherwise = "the server did not say" if metrics.complete else no_end
    return tuple(
        (name, voids.get(name) or _WHY_NO_NUMBER.get(name) or otherwise)
        for name in FIGURES
        if getattr(metrics, name) is None
    )
