"""How the protocol twin says what a model says: the lines of /api/chat and /api/generate."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fakes import ollama_world as world
from tests.fakes.ollama_world import TwinModel


class Unknown(Exception):
    """The twin cannot work this out: a recording must know it."""


class Refused(Exception):
    """An error answer in Ollama's own shape."""

    def __init__(self, status: int, text: str, *, in_stream: bool = False) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.in_stream = in_stream


@dataclass(slots=True)
class Sayer:
    """Turns what a model says into the lines of chat or generate."""

    body: dict[str, Any]
    chat: bool
    new: bool
    prompt: str = field(init=False)

    def __post_init__(self) -> None:
        if self.chat:
            messages = self.body.get("messages") or []
            self.prompt = "\n".join(str(message.get("content", "")) for message in messages)
        else:
            self.prompt = str(self.body.get("prompt") or "")

    def check(self, model: TwinModel) -> None:
        """Whether the model can do what is asked."""
        shown = self.body["model"]
        if "completion" not in model.capabilities:
            raise Refused(400, f'"{shown}" does not support {"chat" if self.chat else "generate"}')
        think = self.body.get("think")
        levels = '(must be "high", "medium", "low", "max", true, or false)'
        if isinstance(think, str) and think not in ("high", "medium", "low", "max"):
            raise Refused(400, f'invalid think value: "{think}" {levels}')
        if think is not None and not isinstance(think, bool | str):
            raise Unknown
        if think and "thinking" not in model.capabilities:
            raise Refused(400, f'"{shown}" does not support thinking')

    def pieces(self, model: TwinModel) -> Iterator[tuple[bool, str]]:
        """Thinking first, then the answer; for ever where the model loops."""
        separate = self.body.get("think") is not False
        for piece in (*model.open_tag, *model.thinking, *model.close_tag):
            yield separate, piece
        while True:
            for piece in model.pieces:
                yield False, piece
            if not model.loop:
                return

    def limit(self, model: TwinModel, context: int) -> int:
        asked = (self.body.get("options") or {}).get("num_predict", model.num_predict)
        return asked if isinstance(asked, int) and asked > 0 else 10 * context

    def line(self, model: TwinModel, piece: str, *, thinking: bool) -> bytes | None:
        """One line; a tag of the thinking is swallowed: chat says nothing, generate an empty."""
        swallowed = thinking and piece in model.open_tag + model.close_tag
        if swallowed and self.chat:
            return None
        text = "" if thinking else piece
        extra = {"thinking": piece} if thinking and not swallowed else {}
        value: dict[str, Any] = {"model": self.body["model"], "created_at": world.now_text()}
        if self.chat:
            value["message"] = {"role": "assistant", "content": text} | extra
        else:
            value |= {"response": text} | extra
        return json.dumps(value | {"done": False}, ensure_ascii=False).encode() + b"\n"

    def last(self, reason: str) -> dict[str, Any]:
        value: dict[str, Any] = {"model": self.body["model"], "created_at": world.now_text()}
        empty = {"message": {"role": "assistant", "content": ""}} if self.chat else {"response": ""}
        return value | empty | {"done": True, "done_reason": reason}

    async def whole(self, lines: AsyncGenerator[bytes, None]) -> dict[str, Any]:
        """What `stream: false` answers: the texts together, with the last line's counters."""
        text, thinking, value = "", "", {}
        async for line in lines:
            value = json.loads(line)
            part = value["message"] if self.chat else value
            text += part["content" if self.chat else "response"]
            thinking += part.get("thinking", "")
        target = value["message"] if self.chat else value
        target["content" if self.chat else "response"] = text
        if thinking:
            target["thinking"] = thinking
        return value
