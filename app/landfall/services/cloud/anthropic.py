"""Anthropic's messages protocol, version 2023-06-01."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from landfall.core.events import Aborted, Ended, Piece, Usage
from landfall.services.cloud.hosted_api import HostedApi, count, models_in, parsed
from landfall.services.cloud.provider import ChatOptions, HostedModel, Message
from landfall.services.cloud.sse import ServerEvent
from landfall.services.egress import Purpose
from landfall.services.keys.secret import Secret

_PAGES_MAX = 20
_REASONS = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length"}


class Anthropic(HostedApi):
    """Anthropic, or a server that speaks its protocol."""

    def headers(self) -> tuple[tuple[str, str], ...]:
        """The version of the protocol."""
        return (("anthropic-version", "2023-06-01"),)

    async def list_models(self, key: Secret | None, *, purpose: Purpose) -> tuple[HostedModel, ...]:
        """The models that this key may use; the list comes in pages."""
        models: list[HostedModel] = []
        path = f"{self.row.models_path}?limit=1000"
        for _ in range(_PAGES_MAX):
            page = await self.fetch(path, key, purpose=purpose)
            models += models_in(page)
            last = page.get("last_id") if isinstance(page, dict) else None
            if not isinstance(last, str) or page.get("has_more") is not True:
                break
            path = f"{self.row.models_path}?limit=1000&after_id={quote(last, safe='')}"
        return tuple(models)

    def question(
        self, model: str, messages: Sequence[Message], options: ChatOptions
    ) -> tuple[str, dict[str, Any]]:
        """Path and body of the request for an answer. A seed is not part of this protocol."""
        return "messages", request_body(model, messages, options)

    def reader(self) -> Reader:
        """A fresh reader for one answer."""
        return Reader()


def request_body(model: str, messages: Sequence[Message], options: ChatOptions) -> dict[str, Any]:
    """The request: system text stands beside the turns, not among them."""
    system = "\n\n".join(m.content for m in messages if m.role == "system")
    body: dict[str, Any] = {
        "model": model,
        "messages": [
            {"role": m.role, "content": m.content} for m in messages if m.role != "system"
        ],
        "max_tokens": options.max_tokens,
        "stream": True,
    }
    if system:
        body["system"] = system
    if options.temperature is not None:
        body["temperature"] = options.temperature
    return body


class Reader:
    """Understands message events. `done` after message_stop."""

    def __init__(self) -> None:
        self.done = False
        self._stop_reason: str | None = None
        self._usage: dict[str, Any] = {}

    def feed(self, at: float, event: ServerEvent) -> Iterable[Piece]:
        """The pieces in an event; pings, signatures and what is new carry none."""
        value = parsed(event.data)
        if not isinstance(value, dict):
            return ()
        match value.get("type"):
            case "message_start":
                self._take_usage(_mapping(value.get("message")).get("usage"))
            case "content_block_delta":
                return _pieces(at, _mapping(value.get("delta")))
            case "message_delta":
                reason = _mapping(value.get("delta")).get("stop_reason")
                self._stop_reason = reason if isinstance(reason, str) else self._stop_reason
                self._take_usage(value.get("usage"))
            case "message_stop":
                self.done = True
        return ()

    def outcome(self, at: float) -> Ended | Aborted:
        """Whole if message_stop came."""
        if not self.done:
            return Aborted(at, "the stream ended before the answer did")
        reason = self._stop_reason or "stop"
        usage = usage_of(self._usage) if self._usage else None
        return Ended(at, _REASONS.get(reason, reason), usage=usage)

    def _take_usage(self, usage: Any) -> None:
        """The counts of message_delta are of the whole answer and replace those of its start."""
        self._usage |= {k: v for k, v in _mapping(usage).items() if v is not None}


def _pieces(at: float, delta: Mapping[str, Any]) -> tuple[Piece, ...]:
    text, thinking = delta.get("text"), delta.get("thinking")
    if delta.get("type") == "text_delta" and isinstance(text, str) and text:
        return (Piece(at, text),)
    if delta.get("type") == "thinking_delta" and isinstance(thinking, str) and thinking:
        return (Piece(at, thinking, thinking=True),)
    return ()


def usage_of(usage: Mapping[str, Any]) -> Usage:
    """Tokens as billed. input_tokens leaves out what was read from the cache or put into it."""
    fresh = count(usage.get("input_tokens"))
    read = count(usage.get("cache_read_input_tokens"))
    written = count(usage.get("cache_creation_input_tokens"))
    return Usage(
        input_tokens=None if fresh is None else fresh + (read or 0) + (written or 0),
        cached_input_tokens=read,
        output_tokens=count(usage.get("output_tokens")),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
