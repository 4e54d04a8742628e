"""What a request that tries to get out is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.litellm_proxy.upstreams import HostState

SECRET = "CANARY"
"""Stands for the private text in a path, a header or a body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the exported files call things."""

    private: str
    embedding: str
    frontier: str
    deployment: str
    cloud_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trick:
    """One request that asks for a private alias.

    Attributes:
        kind: What is tried.
        files: A form with a file is sent instead of JSON. form: fields of a form without one.
        socket: The body is the first message of a WebSocket.
        names_alias: False where the request names no private alias, so that only a process
            without any way out can hold it.
    """

    kind: str
    body: Any = None
    path: str = "/v1/chat/completions"
    headers: dict[str, str] = field(default_factory=dict)
    host: HostState = HostState.DOWN
    files: dict[str, Any] | None = None
    form: dict[str, str] | None = None
    method: str = "POST"
    socket: bool = False
    names_alias: bool = True


def chat(model: Any, **more: Any) -> dict[str, Any]:
    """A question."""
    return {"model": model, "messages": [{"role": "user", "content": SECRET}], **more}
