"""Finds out where a pipeline really leads: addresses of its hosts, what the model server forwards,
keys and telemetry switches in the environment.

Only where it is asked for: to resolve a name is to send it to a name server. Offline nothing is
resolved and only this machine is asked.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from landfall.core import json_text
from landfall.core.errors import AppError
from landfall.core.hosts.runtime import InstalledModel
from landfall.core.models.model_names import same, without_pin
from landfall.core.settings import Settings
from landfall.core.workload.privacy import Option, host_name
from landfall.core.workload.privacy_check import Place, PrivacyCheck, Seen, check, place_of
from landfall.core.workload.workload import Workload
from landfall.services import resources
from landfall.services.late_imports import late
from landfall.services.paths import expanded
from landfall.services.threads import in_thread
from landfall.services.verdict.decided import Decided

_TELEMETRY = {
    "DEEPEVAL_TELEMETRY_OPT_OUT": "deepeval",
    "RAGAS_DO_NOT_TRACK": "ragas",
    "HF_HUB_DISABLE_TELEMETRY": "the Hugging Face libraries",
    "LITELLM_LOCAL_MODEL_COST_MAP": "LiteLLM (its cost map)",
    "LITELLM_LOCAL_BLOG_POSTS": "LiteLLM (its blog posts)",
}
"""Switches of tools that are often part of a pipeline and call home unless told not to."""

RESOLVE_SECONDS = 5.0

Resolve = Callable[[str], Awaitable[Sequence[str]]]
Tags = Callable[[str], Awaitable[Sequence[InstalledModel]]]


_OWN = (
    Option.LOCAL_THIS_MACHINE,
    Option.LOCAL_BUY,
    Option.LOCAL_REQUIRED_NOT_FEASIBLE,
)


async def check_decided(decided: Decided, settings: Settings) -> PrivacyCheck:
    """Where each step of a decided workload leads now: resolves the hosts of its steps and asks the
    model server of the settings what it forwards."""
    address = (await in_thread(late, "landfall.services.ollama.address")).chosen(
        settings.ollama_url, os.environ
    )
    there = _on_hosts(decided)
    return await check_privacy(
        decided.placed,
        local=decided.verdict.option in _OWN,
        server=there or address.url,
        tags=_tags,
        now=datetime.now().astimezone(),
    )


def _on_hosts(decided: Decided) -> str:
    """The address of the host on which the workload runs; "" where it names none elsewhere."""
    return decided.urls[0] if decided.urls else ""


async def _tags(url: str) -> Sequence[InstalledModel]:
    """What the server holds.

    Raises:
        AppError: it does not answer.
    """
    who_listens = await in_thread(late, "landfall.services.ollama.who_listens")
    listing = await in_thread(late, "landfall.services.ollama.listing")
    http = await who_listens.asker(url)
    try:
        found: Sequence[InstalledModel] = await listing.tags(http)
    finally:
        await http.aclose()
    return found


async def check_privacy(
    workload: Workload,
    *,
    local: bool,
    server: str,
    tags: Tags,
    now: datetime,
    environment: Mapping[str, str] | None = None,
    resolve: Resolve | None = None,
    home: Path | None = None,
) -> PrivacyCheck:
    """What may be said of a workload's pipeline now.

    Args:
        workload: Its steps and candidates.
        local: Whether its verdict keeps it on a machine of the user's own.
        server: Address of the model server.
        tags: Asks it for its models; raises AppError where it does not answer.
        now: Local time.
        environment: Of this process, or another for a test.
        resolve: Addresses of a host name.
        home: The user's folder, where the server's settings lie.
    """
    offline = workload.privacy.offline
    names = [host_name(step.host) for step in workload.steps if step.host]
    addresses = await _addresses((*names, host_name(server)), resolve or _resolve, offline=offline)
    found: Sequence[InstalledModel] | None
    here = place_of(addresses.get(host_name(server), ())) is Place.HERE
    try:
        found = None if offline and not here else await tags(server)
    except AppError:
        found = None
    environment = os.environ if environment is None else environment
    cloud_off = await asyncio.to_thread(_cloud_off, home or expanded("~")) if here else None
    return check(
        workload,
        Seen(
            at=now.strftime("%H:%M"),
            addresses=addresses,
            server=server,
            remote_models=_remote(workload, found or ()),
            absent_models=_absent(workload, found or ()),
            server_asked=found is not None,
            cloud_off=cloud_off,
            keys=_keys(environment),
            telemetry=_unset(environment),
        ),
        local=local,
    )


async def _addresses(
    names: Iterable[str], resolve: Resolve, *, offline: bool
) -> dict[str, Sequence[str]]:
    wanted = [name for name in dict.fromkeys(names) if name]
    if offline:
        wanted = [name for name in wanted if name in ("localhost", "127.0.0.1", "::1")]
    found = await asyncio.gather(*(resolve(name) for name in wanted))
    return dict(zip(wanted, found, strict=True))


async def _resolve(name: str) -> Sequence[str]:
    """All addresses of a name; none where it has none, or nobody answers in time."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            found = await loop.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def _remote(workload: Workload, found: Sequence[InstalledModel]) -> dict[str, str]:
    """Candidates that the server holds as a stub only, whatever their names say."""
    forwarded = [model for model in found if model.remote]
    return {
        name: "a cloud"
        for name in workload.candidates.local
        if any(same(without_pin(name), model.name) for model in forwarded)
    }


def _absent(workload: Workload, found: Sequence[InstalledModel]) -> tuple[str, ...]:
    return tuple(
        name
        for name in workload.candidates.local
        if not any(same(without_pin(name), model.name) for model in found)
    )


def _cloud_off(home: Path) -> bool | None:
    """What the settings of this user's server say; None where they do not say.

    Its environment, which may say so too (OLLAMA_NO_CLOUD), is not ours to read.
    """
    try:
        settings = json_text.read((home / ".ollama" / "server.json").read_text(encoding="utf-8"))
        said = settings.get("disable_ollama_cloud")
    except (OSError, ValueError, AttributeError):
        return None
    return said if isinstance(said, bool) else None


def _keys(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Names of variables that hold keys of the known providers; never their values."""
    known = resources.read_json("providers.json")["providers"]
    names = {f"{row['id'].upper().replace('-', '_')}_API_KEY" for row in known}
    return tuple(sorted(name for name in names if environment.get(name)))


def _unset(environment: Mapping[str, str]) -> tuple[str, ...]:
    off = [f"{tool}: {name}" for name, tool in _TELEMETRY.items() if not environment.get(name)]
    if not off:
        return ()
    return (f"telemetry switches that are not set, where you use the tool: {'; '.join(off)}",)
