"""Servers that answer as Ollama does, each with twenty models, in a process of their own.

Run as `python hosts_child.py COUNT`; prints their ports as one line of JSON, the last one being of
a listener that takes connections and stays silent, and ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import json
import sys

MODELS = [
    {
        "name": f"model-{number}:latest",
        "model": f"model-{number}:latest",
        "modified_at": "2026-11-20T10:00:00.123456789Z",
        "size": 4_000_000_000 + number,
        "digest": f"{number:064x}",
        "details": {"format": "gguf", "family": "llama", "parameter_size": "8B"},
        "capabilities": ["completion", "tools"],
    }
    for number in range(20)
]
LOADED = [{**MODELS[0], "size_vram": 4_000_000_000, "expires_at": "2026-11-27T10:00:00Z"}]
ANSWERS = {
    "/api/version": {"version": "0.32.15"},
    "/api/status": {"cloud": {"disabled": True, "source": "env"}},
    "/api/tags": {"models": MODELS},
    "/api/ps": {"models": LOADED},
}


def _answer(head: bytes) -> bytes:
    path = head.split(b" ", 2)[1].decode()
    if b"stranger.invalid" in head:
        return b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    body = json.dumps(ANSWERS[path]).encode()
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
        + f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            writer.write(_answer(await reader.readuntil(b"\r\n\r\n")))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(-1)
    writer.close()


async def main(count: int) -> None:
    """Serve until nobody is there any more."""
    servers = [await asyncio.start_server(_serve, "127.0.0.1", 0) for _ in range(count)]
    servers.append(await asyncio.start_server(_silent, "127.0.0.1", 0))
    print(json.dumps([one.sockets[0].getsockname()[1] for one in servers]), flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
