"""Finds the Ollama server: running here, installed but stopped, absent, or on another machine.

`find` only looks. `serving` also starts one of our own where the program is installed, nothing
runs, and the user named no address.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from landfall.core.errors import AppError, OllamaUnavailable
from landfall.core.host_names import is_loopback
from landfall.core.runtime import Runtime, RuntimeState
from landfall.core.settings import Settings
from landfall.services.ollama import address, child
from landfall.services.ollama.transport import Transport

PROBE_SECONDS = 2.0
PROBES = 2
"""A server listens before it serves: one that accepts and stays silent is asked again."""

SAFE_VERSION = (0, 17, 1)
"""CVE-2026-7482: below it anyone who reaches the server can read its memory."""

RECOMMENDED_VERSION = (0, 24, 0)
"""CVE-2026-42248 and 42249: updates on Windows are checked from 0.23.3 on."""

_STRANGER = "stranger.invalid"
"""A host name that no server has: one that answers to it does not check who calls."""

_SERVICE = Path("/etc/systemd/system/ollama.service")


INSTALL_HINT = "Install Ollama from https://ollama.com/download, or set OLLAMA_HOST to a host."


async def find(settings: Settings, *, environment: Mapping[str, str] = os.environ) -> Runtime:
    """What stands at the address in force; starts nothing and never raises for what it finds.

    Raises:
        BadInput: the address given is none.
    """
    where = address.chosen(settings.ollama_url, environment)
    found, error = await _look(where, environment)
    if error is not None:
        return replace(found, warnings=_why_silent(found, error))
    warnings = [*_of_version(found.version or ""), *_of_address(where)]
    if found.state is RuntimeState.RUNNING:
        warnings += await _of_openness(where.url)
    return replace(found, warnings=tuple(warnings))


@asynccontextmanager
async def serving(
    settings: Settings, *, environment: Mapping[str, str] = os.environ
) -> AsyncIterator[Runtime]:
    """A server that answers: the one found, or a child for as long as the block lasts.

    At an address that the user gave nothing is started.

    Raises:
        BadInput: the address given is none.
        OllamaUnavailable: none answers, and none may or can be started.
    """
    where = address.chosen(settings.ollama_url, environment)
    found, error = await _look(where, environment)
    if error is None:
        yield found
    elif found.state is RuntimeState.STOPPED and found.executable and not where.given:
        async with child.running(found.executable, environment=environment) as ours:
            yield replace(found, state=RuntimeState.RUNNING, url=ours.url, version=ours.version)
    elif found.state is RuntimeState.ABSENT and not where.given:
        raise OllamaUnavailable("Ollama is not installed here.", INSTALL_HINT) from error
    else:
        raise error


async def _look(
    where: address.Address, environment: Mapping[str, str]
) -> tuple[Runtime, AppError | None]:
    """The bare finding, and why nothing answers where nothing does."""
    here = address.is_this_machine(where.url)
    executable = find_executable(environment)
    version, error = None, None
    try:
        version = await _asked(where.url)
    except AppError as failure:
        error = failure
    if not here:
        state = RuntimeState.REMOTE
    elif error is None:
        state = RuntimeState.RUNNING
    else:
        state = RuntimeState.STOPPED if executable else RuntimeState.ABSENT
    found = Runtime(
        kind="ollama", state=state, url=where.url, version=version, executable=executable
    )
    return found, error


def find_executable(environment: Mapping[str, str] = os.environ) -> str | None:
    """The path of the program, on PATH or where its installers put it."""
    return next(
        (
            found
            for name in ("ollama", *_installed_at(environment))
            if (found := shutil.which(name, path=environment.get("PATH")))
        ),
        None,
    )


def _installed_at(
    environment: Mapping[str, str], *, platform_name: str = sys.platform
) -> tuple[str, ...]:
    """Where the official installers put the program: PATH of an app started by icon is short."""
    local = environment.get("LOCALAPPDATA", "")
    match platform_name:
        case "darwin":
            return ("/usr/local/bin/ollama", "/Applications/Ollama.app/Contents/Resources/ollama")
        case "win32" if local:
            return (str(Path(local) / "Programs" / "Ollama" / "ollama.exe"),)
        case _:
            return ()


async def _asked(url: str) -> str:
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


def _why_silent(found: Runtime, error: AppError) -> tuple[str, ...]:
    """What is worth knowing where nothing useful answers; a closed port here is no news."""
    warnings = []
    if found.state is RuntimeState.REMOTE or not isinstance(error.__cause__, httpx.ConnectError):
        warnings.append(error.message)
    if found.state is RuntimeState.STOPPED and sys.platform == "linux" and _SERVICE.exists():
        warnings.append(
            "Ollama is installed as a system service, with its own models: "
            "`sudo systemctl start ollama` starts it."
        )
    return tuple(warnings)


def version_number(version: str) -> tuple[int, int, int] | None:
    """The three numbers of a version, or None for a build that does not know its own."""
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", version)
    number = (int(found[1]), int(found[2]), int(found[3])) if found else (0, 0, 0)
    return number if number > (0, 0, 0) else None


def _of_version(version: str) -> list[str]:
    number = version_number(version)
    if number is None:
        return [f"The version {version!r} tells nothing about known holes."]
    if number < SAFE_VERSION:
        return [
            f"Ollama {version} has a known hole (CVE-2026-7482): whoever reaches it can read its "
            "memory, prompts included. Update it to 0.17.1 or later."
        ]
    if number < RECOMMENDED_VERSION:
        return [f"Ollama {version} is older than 0.24.0, the oldest version recommended here."]
    return []


def _of_address(where: address.Address) -> list[str]:
    parts = urlsplit(where.url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        return ["Prompts and answers travel to this server unencrypted (http)."]
    return []


async def _of_openness(url: str) -> list[str]:
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
