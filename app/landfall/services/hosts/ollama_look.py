"""A look at an Ollama: its version, its models, its memory, whom it lets in, what it forwards.

Only calls that read: none of them loads a model or keeps one loaded.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from landfall.core.errors import AppError
from landfall.core.hosts.hosts import HostKind, HostModel, HostWarning, Standing
from landfall.core.hosts.runtime import InstalledModel, LoadedModel
from landfall.core.models.model_names import is_cloud_name
from landfall.services.hosts.found import Found, count, measured, print_of, told
from landfall.services.hosts.line import HostProblem, Line
from landfall.services.ollama import floors, listing, who_listens

SERVER = "Ollama"

T = TypeVar("T")


async def version_at(line: Line) -> str | None:
    """The version that an Ollama says; None where something else answers.

    Raises:
        HostProblem: nothing answers, or it wants a token.
    """
    reply = await line.ask("/api/version")
    if reply.status in (401, 403) or reply.status >= 429:
        line.check(reply)
    if not 200 <= reply.status < 300:
        return None
    try:
        said = await line.object_of(reply)
    except HostProblem:
        return None
    version = said.get("version")
    return told(version, 40) if isinstance(version, str) else None


async def look(line: Line, version: str, *, standing: Standing, has_token: bool) -> Found:
    """Everything that an Ollama tells.

    Raises:
        HostProblem: it does not answer as one.
    """
    disabled = await _cloud_disabled(line)
    loaded = await ps(line)
    installed = await _shaped(line, listing.tags(line))
    models = models_of(installed, loaded)
    where = f"Ollama {version} /api/ps"
    return Found(
        kind=HostKind.OLLAMA,
        server=SERVER,
        version=version,
        models=models,
        memory_bytes=measured([one.size_bytes for one in loaded], where),
        gpu_bytes=measured([one.gpu_bytes for one in loaded], where),
        fingerprint=print_of(
            SERVER, version, sorted((m.name, m.digest, m.modified_at) for m in installed)
        ),
        warnings=(
            *_of_version(version),
            *await _openness(line, standing, has_token=has_token),
            *_of_cloud(models, disabled=disabled),
        ),
    )


async def ps(line: Line) -> tuple[LoadedModel, ...]:
    """What is in its memory.

    Raises:
        HostProblem: it does not answer as an Ollama.
    """
    return await _shaped(line, listing.ps(line))


def models_of(
    installed: Sequence[InstalledModel], loaded: Sequence[LoadedModel]
) -> tuple[HostModel, ...]:
    """The models on its disk, with what is in memory of each; one that is only there comes last."""
    listed = with_loaded([_model(one) for one in installed], loaded)
    names = {one.name for one in listed} | {one.digest for one in listed if one.digest}
    only = [one for one in loaded if not {told(one.name), told(one.digest)} & names]
    return (*listed, *(with_memory(_only_loaded(one), one) for one in only))


def with_loaded(
    models: Sequence[HostModel], loaded: Sequence[LoadedModel]
) -> tuple[HostModel, ...]:
    """The same models with what is in memory now.

    Two names of the same files share a place in memory, which /api/ps shows under one of them.
    """
    by_name = {told(one.name): one for one in loaded}
    by_digest = {told(one.digest): one for one in loaded if one.digest}
    return tuple(
        with_memory(
            one, by_name.get(one.name) or (by_digest.get(one.digest) if one.digest else None)
        )
        for one in models
    )


def with_memory(model: HostModel, loaded: LoadedModel | None) -> HostModel:
    """The model with what it takes, or without anything in memory."""
    return replace(
        model,
        loaded=loaded is not None,
        memory_bytes=None if loaded is None else count(loaded.size_bytes),
        gpu_bytes=None if loaded is None else max(0, loaded.gpu_bytes),
        context=None if loaded is None else loaded.context,
    )


def _model(one: InstalledModel) -> HostModel:
    return HostModel(
        name=told(one.name),
        size_bytes=count(one.size_bytes),
        remote=one.remote or is_cloud_name(one.name),
        digest=told(one.digest),
    )


def _only_loaded(one: LoadedModel) -> HostModel:
    return HostModel(name=told(one.name), digest=told(one.digest))


async def _shaped(line: Line, asked: Awaitable[T]) -> T:
    """What a list of models is, or that it is none."""
    try:
        return await asked
    except HostProblem:
        raise
    except AppError as error:
        raise line.something_else("its list of models is none") from error


async def _cloud_disabled(line: Line) -> bool | None:
    """None on servers before 0.16.2, which cannot say."""
    with suppress(HostProblem):
        match await line.json("GET", "/api/status"):
            case {"cloud": {"disabled": bool(disabled)}}:
                return disabled
    return None


def _of_version(version: str) -> list[HostWarning]:
    found = floors.warning(version)
    if found is None:
        return []
    return [HostWarning(id=found.id, text=found.text, hint="Update Ollama on that machine.")]


async def _openness(line: Line, standing: Standing, *, has_token: bool) -> list[HostWarning]:
    warnings = []
    if standing is Standing.THIS_MACHINE:
        if not has_token and await who_listens.open_to_names(line):
            warnings.append(HostWarning(id="open", text=who_listens.OPEN_TEXT, hint=_CLOSE_HERE))
    elif not has_token:
        warnings.append(HostWarning(id="open", text=_OPEN_THERE, hint=_CLOSE_THERE))
    elif await answers_strangers(line, "/api/version"):
        warnings.append(HostWarning(id="open", text=_TOKEN_IDLE, hint=_CLOSE_THERE))
    if await who_listens.open_to_pages(line):
        warnings.append(
            HostWarning(
                id="open_origins",
                text=who_listens.OPEN_ORIGINS_TEXT,
                hint="Name the pages that may, or unset OLLAMA_ORIGINS there.",
            )
        )
    return warnings


async def answers_strangers(line: Line, path: str) -> bool:
    """Whether a call is answered to who shows no token."""
    try:
        return 200 <= (await line.ask(path, bare=True)).status < 300
    except HostProblem:
        return False


_OPEN_THERE = (
    "It answered without a token from another machine: whoever reaches its port can use, change "
    "and delete its models."
)
_TOKEN_IDLE = (
    "It answers without the token too: what asks for it does not stand in the way of others."
)
_CLOSE_HERE = "Set OLLAMA_HOST=127.0.0.1, or put a proxy that asks for a token before it."
_CLOSE_THERE = (
    "Put a proxy that asks for a token before it, or let its firewall admit only the machines that "
    "need it."
)


def _of_cloud(models: Sequence[HostModel], *, disabled: bool | None) -> list[HostWarning]:
    stubs = [one.name for one in models if one.remote]
    if not stubs and disabled is not False:
        return []
    listed = f" It lists {_some(stubs)}, which a cloud answers." if stubs else ""
    state = {
        True: "Cloud models are disabled there.",
        False: "Cloud models are enabled: what is asked of one goes on to ollama.com.",
        None: "Whether it forwards to a cloud it cannot say (before 0.16.2).",
    }[disabled]
    return [
        HostWarning(
            id="cloud_models",
            text=state + listed,
            hint="" if disabled else "OLLAMA_NO_CLOUD=1 on that machine switches the cloud off.",
        )
    ]


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
