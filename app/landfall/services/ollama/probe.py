"""Asks whoever listens at an address what it is, and whether it lets strangers in."""

from __future__ import annotations

from collections.abc import Mapping

from landfall.core.errors import AppError, OllamaUnavailable
from landfall.services.ollama.server import PROBE_SECONDS
from landfall.services.ollama.transport import Transport

PROBES = 2
"""A server listens before it serves: one that accepts and stays silent is asked again."""

_STRANGER = "stranger.invalid"
"""A host name that no server has: one that answers to it does not check who calls."""


async def version(url: str) -> str:
    """The version that a server says.

    Raises:
        AppError: none answers, or what answers is no Ollama.
    """
    http = Transport(url, connect_seconds=PROBE_SECONDS, answer_seconds=PROBE_SECONDS)
    try:
        for _ in range(PROBES - 1):
            try:
                return await http.version()
            except OllamaUnavailable:
                continue
        return await http.version()
    finally:
        await http.aclose()


async def openness(url: str) -> list[str]:
    """Whether the server lets strangers in, asked without leaving this machine.

    Bound to loopback, Ollama refuses a foreign host name (403); bound to every interface it does
    not look. A foreign origin is refused unless OLLAMA_ORIGINS lets all of them in.
    """
    http = Transport(url, connect_seconds=PROBE_SECONDS, answer_seconds=PROBE_SECONDS)
    warnings = []
    try:
        if await _answers(http, {"Host": _STRANGER}):
            warnings.append(
                "The server does not check who calls: it listens beyond this machine, or runs in a "
                "container. Whoever reaches its port can use, change and delete its models."
            )
        if await _answers(http, {"Origin": f"https://{_STRANGER}"}):
            warnings.append("Every web page may use this server (OLLAMA_ORIGINS=*).")
    finally:
        await http.aclose()
    return warnings


async def _answers(http: Transport, headers: Mapping[str, str]) -> bool:
    try:
        await http.json("GET", "/api/version", headers=headers)
    except AppError:
        return False
    return True
