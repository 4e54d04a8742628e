"""The chat completions protocol that OpenAI published and nearly everybody speaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from landfall.core.events import Aborted, Ended, Piece, Usage
from landfall.core.hosts.host_names import is_loopback
from landfall.services.cloud.hosted_api import HostedApi, count, parsed
from landfall.services.cloud.provider import ChatOptions, Message, ProviderRow
from landfall.services.cloud.sse import ServerEvent


class OpenAiCompatible(HostedApi):
    """A provider that speaks chat completions. In what it differs stands in its row."""

    def question(
        self, model: str, messages: Sequence[Message], options: ChatOptions
    ) -> tuple[str, dict[str, Any]]:
        """Path and body of the request for an answer."""
        # What listens on this machine is not the provider: a local server or gateway, which may
        # know only the protocol's first name for the limit and ignore any other.
        here = is_loopback(urlsplit(self.address.url).hostname or "")
        row = replace(self.row, max_tokens_field="max_tokens") if here else self.row
        return "chat/completions", request_body(row, model, messages, options)

    def reader(self) -> Reader:
        """A fresh reader for one answer."""
        return Reader()


def request_body(
    row: ProviderRow, model: str, messages: Sequence[Message], options: ChatOptions
) -> dict[str, Any]:
    """The request, with only what was asked for: models refuse parameters they do not know."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": m.role, "content": m.content} for m in messages],
        "stream": True,
        row.max_tokens_field: options.max_tokens,
    }
    if row.stream_usage:
        body["stream_options"] = {"include_usage": True}
    if options.temperature is not None:
        body["temperature"] = options.temperature
    if options.seed is not None:
        body["seed"] = options.seed
    return body


class Reader:
    """Understands chat completion chunks. `done` after the `[DONE]` line."""

    def __init__(self) -> None:
        self.done = False
        self._finish_reason: str | None = None
        self._usage: Usage | None = None

    def feed(self, at: float, event: ServerEvent) -> Iterable[Piece]:
        """The pieces in a chunk. The chunk with the usage has no choices."""
        if event.data.strip() == "[DONE]":
            self.done = True
            return ()
        chunk = _mapping(parsed(event.data))
        usage = chunk.get("usage") or _mapping(chunk.get("x_groq")).get("usage")
        if isinstance(usage, dict):
            self._usage = usage_of(usage)
        choices = chunk.get("choices")
        choice = _mapping(choices[0]) if isinstance(choices, list) and choices else {}
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self._finish_reason = reason
        return tuple(_pieces(at, _mapping(choice.get("delta"))))

    def outcome(self, at: float) -> Ended | Aborted:
        """Whole if a reason or `[DONE]` came: some servers leave out one of the two."""
        if self._finish_reason is None and not self.done:
            return Aborted(at, "the stream ended before the answer did")
        return Ended(at, self._finish_reason or "stop", usage=self._usage)


def _pieces(at: float, delta: Mapping[str, Any]) -> Iterator[Piece]:
    # Reasoning is `reasoning_content` at DeepSeek, Fireworks, vLLM and llama.cpp, `reasoning` at
    # Groq, OpenRouter and Ollama; a host that sends both means the same text.
    thinking = delta.get("reasoning_content") or delta.get("reasoning")
    if isinstance(thinking, str) and thinking:
        yield Piece(at, thinking, thinking=True)
    content = delta.get("content")
    for part in content if isinstance(content, list) else [content]:
        yield from _part(at, part)
    refusal = delta.get("refusal")
    if isinstance(refusal, str) and refusal:
        yield Piece(at, refusal)


def _part(at: float, part: Any) -> Iterator[Piece]:
    """Content is a string, or at Mistral an array of text and thinking parts."""
    if isinstance(part, str) and part:
        yield Piece(at, part)
    elif isinstance(part, dict) and part.get("type") == "thinking":
        inner = part.get("thinking")
        for text in inner if isinstance(inner, list) else [{"text": inner}]:
            words = _mapping(text).get("text")
            if isinstance(words, str) and words:
                yield Piece(at, words, thinking=True)
    elif isinstance(part, dict) and isinstance(part.get("text"), str) and part["text"]:
        yield Piece(at, part["text"])


def usage_of(usage: Mapping[str, Any]) -> Usage:
    """Tokens as billed, out of the usage object in its several dialects."""
    prompt = count(usage.get("prompt_tokens"))
    completion = count(usage.get("completion_tokens"))
    total = count(usage.get("total_tokens"))
    if prompt is not None and completion is not None and total is not None:
        # Where reasoning is left out of the completion, the total still has it, and it is billed.
        completion = max(completion, total - prompt)
    cached = count(_mapping(usage.get("prompt_tokens_details")).get("cached_tokens"))
    if cached is None:
        cached = count(usage.get("prompt_cache_hit_tokens"))  # DeepSeek
    return Usage(
        input_tokens=prompt,
        cached_input_tokens=cached,
        output_tokens=completion,
        reasoning_tokens=count(
            _mapping(usage.get("completion_tokens_details")).get("reasoning_tokens")
        ),
        cost_usd=_money(usage.get("cost")),
    )


def _money(value: Any) -> float | None:
    """OpenRouter states what the answer cost, in USD."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < float("inf") else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
