"""The models that a server has on its disk and in its memory, as it lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from landfall.core.runtime import InstalledModel, LoadedModel
from landfall.services.ollama import errors
from landfall.services.ollama.answers import Asker

T = TypeVar("T")

FOREVER_AFTER_YEAR = 2200
"""keep_alive -1 shows as an expiry about 292 years ahead."""


async def tags(http: Asker) -> tuple[InstalledModel, ...]:
    """The models on its disk, newest first. Shared layers count for each model."""
    return _read(await http.json("GET", "/api/tags"), _installed, url=http.url)


async def ps(http: Asker) -> tuple[LoadedModel, ...]:
    """The models in its memory. Ask rarely: 0.24 can fail under heavy polling."""
    now = datetime.now(UTC)
    return _read(await http.json("GET", "/api/ps"), lambda one: _loaded(one, now), url=http.url)


def _read(
    answer: Mapping[str, Any], one: Callable[[Mapping[str, Any]], T], *, url: str
) -> tuple[T, ...]:
    try:
        return tuple(one(model) for model in answer.get("models") or ())
    except (AttributeError, TypeError, ValueError) as error:
        raise errors.not_ollama(url, "its list of models is none") from error


def _installed(model: Mapping[str, Any]) -> InstalledModel:
    details = model.get("details") or {}
    return InstalledModel(
        name=str(model.get("name", "")),
        digest=str(model.get("digest", "")),
        size_bytes=int(model.get("size", 0)),
        modified_at=str(model.get("modified_at", "")),
        family=str(details.get("family", "")),
        parameter_size=str(details.get("parameter_size", "")),
        quantization=str(details.get("quantization_level", "")),
        remote=bool(model.get("remote_host") or model.get("remote_model")),
        capabilities=tuple(model.get("capabilities") or ()),
    )


def _loaded(model: Mapping[str, Any], now: datetime) -> LoadedModel:
    context = model.get("context_length")
    return LoadedModel(
        name=str(model.get("name", "")),
        digest=str(model.get("digest", "")),
        size_bytes=int(model.get("size", 0)),
        gpu_bytes=int(model.get("size_vram", 0)),
        context=None if context is None else int(context),
        expires_at=_expiry(str(model.get("expires_at", "")), now),
    )


def _expiry(text: str, now: datetime) -> str:
    """The time as the server says it, or in words where it means something else."""
    if text[:4].isdigit() and int(text[:4]) > FOREVER_AFTER_YEAR:
        return "forever"
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return "unloading" if at < now else text
