"""Finds the Ollama server: running here, installed but stopped, absent, or on another machine.

Only looks; `serving` also starts one.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from landfall.core.errors import AppError, OllamaUnavailable
from landfall.core.hosts.host_names import is_loopback
from landfall.core.hosts.runtime import Runtime, RuntimeState
from landfall.core.settings import Settings
from landfall.services.keys.secret import Secret
from landfall.services.ollama import address, errors, floors, who_listens
from landfall.services.ollama.address import START_HINT
from landfall.services.ollama.who_listens import CONNECT_SECONDS

_SERVICE = Path("/etc/systemd/system/ollama.service")


INSTALL_HINT = "Install Ollama from https://ollama.com/download, or set OLLAMA_HOST to a host."


async def find(
    settings: Settings,
    *,
    environment: Mapping[str, str] = os.environ,
    token: Secret | None = None,
) -> Runtime:
    """What stands at the address in force; starts nothing and never raises for what it finds.

    Args:
        token: Of `services.hosts.tokens.sendable` for that address.

    Raises:
        BadInput: the address given is none.
    """
    where = address.chosen(settings.ollama_url, environment)
    found, error = await look(where, environment, token=token)
    if error is not None:
        return replace(found, warnings=_why_silent(found, error))
    warnings = [*_of_version(found.version or ""), *_of_address(where)]
    if found.state is RuntimeState.RUNNING:
        warnings += await who_listens.openness(where.url)
    return replace(found, warnings=tuple(warnings))


async def look(
    where: address.Address, environment: Mapping[str, str], *, token: Secret | None = None
) -> tuple[Runtime, AppError | None]:
    """The bare finding, and why nothing answers where nothing does."""
    here = address.is_this_machine(where.url)
    executable = find_executable(environment)
    version, error = None, None
    try:
        if here:
            await _somebody_listens(where.url)
        version = await who_listens.version(where.url, token=token)
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


class NobodyListens(OllamaUnavailable):
    """The port is closed."""


async def _somebody_listens(url: str) -> None:
    """Return where somebody accepts connections, or may yet: the first question tells.

    Asked before it, because nobody needs to speak HTTP where nobody listens.

    Raises:
        NobodyListens: nobody does.
    """
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await who_listens.connected(url)
    except TimeoutError:
        return
    except (OSError, UnicodeError) as error:
        raise NobodyListens(errors.no_connection(url, error), START_HINT) from error
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


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
    """Where installers put the program: PATH of an app started by icon is short."""
    local = environment.get("LOCALAPPDATA", "")
    match platform_name:
        case "darwin":
            return (
                "/usr/local/bin/ollama",
                "/opt/homebrew/bin/ollama",
                "/Applications/Ollama.app/Contents/Resources/ollama",
            )
        case "win32" if local:
            return (str(Path(local) / "Programs" / "Ollama" / "ollama.exe"),)
        case _:
            return ()


def _why_silent(found: Runtime, error: AppError) -> tuple[str, ...]:
    """What is worth knowing where nothing useful answers; a closed port here is no news."""
    warnings = []
    if not isinstance(error, NobodyListens):
        warnings.append(error.message)
    if found.state is RuntimeState.STOPPED and sys.platform == "linux" and _SERVICE.exists():
        warnings.append(
            "Ollama is installed as a system service, with its own models: "
            "`sudo systemctl start ollama` starts it."
        )
    return tuple(warnings)


def _of_version(version: str) -> list[str]:
    found = floors.warning(version)
    return [] if found is None else [found.text]


def _of_address(where: address.Address) -> list[str]:
    parts = urlsplit(where.url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        return ["Prompts and answers travel to this server unencrypted (http)."]
    return []
