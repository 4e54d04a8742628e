"""The models that a server has on its disk and in its memory, as it lists them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from landfall.core.errors import AppError, OllamaUnavailable
from landfall.core.hosts.runtime import InstalledModel, LoadedModel
from landfall.core.models.model_names import is_cloud_name
from landfall.services.ollama import answers, errors
from landfall.services.ollama.answers import Asker, Poster

T = TypeVar("T")

MOST_MODELS = 20_000
"""More of them are no list of models; the largest shop of models has some hundred."""

_MOST = 1 << 62
"""Bytes or tokens; what is more is a lie, and no number that can be reckoned with."""

_BLOBS = re.compile(r"^FROM (.+)[/\\]blobs[/\\]sha256-", re.MULTILINE)

FOREVER_AFTER_YEAR = 2200
"""keep_alive -1 shows as an expiry about 292 years ahead."""


async def tags(http: Asker) -> tuple[InstalledModel, ...]:
    """The models on its disk, newest first. Shared layers count for each model."""
    return _read(await http.json("GET", "/api/tags"), _installed, url=http.url)


async def models_folder(http: Poster) -> Path | None:
    """Where its models lie, if that is a folder of this machine; only a model can tell.

    A server may have been started with another OLLAMA_MODELS than ours, or in a container. A name
    of a cloud is not asked about: the server would pass the question on. A model that is broken
    tells nothing; the next one may. None, too, where this user may not look inside.

    Raises:
        OllamaUnavailable: the server does not answer, or another program does.
    """
    for model in await tags(http):
        if not model.remote and not is_cloud_name(model.name):
            try:
                shown = await http.json("POST", "/api/show", body={"model": model.name})
            except OllamaUnavailable:
                raise
            except AppError:
                continue
            found = _BLOBS.search(str(shown.get("modelfile", "")))
            folder = Path(found[1]) if found else None
            return folder if folder is not None and _may_be_entered(folder) else None
    return None


def _may_be_entered(folder: Path) -> bool:
    """Whether it is there, as far as this user can tell: the home of a service may be closed."""
    try:
        return folder.is_dir()
    except OSError:
        return False


async def ps(http: Asker) -> tuple[LoadedModel, ...]:
    """The models in its memory. Ask rarely: 0.24 can fail under heavy polling."""
    now = datetime.now(UTC)
    return _read(await http.json("GET", "/api/ps"), lambda one: _loaded(one, now), url=http.url)


def _read(
    answer: Mapping[str, Any], one: Callable[[Mapping[str, Any]], T], *, url: str
) -> tuple[T, ...]:
    rows = answer.get("models") or ()
    if isinstance(rows, list) and len(rows) > MOST_MODELS:
        raise errors.not_ollama(url, f"it lists {len(rows)} models")
    try:
        return tuple(one(model) for model in rows)
    except (AttributeError, TypeError, ValueError) as error:
        raise errors.not_ollama(url, "its list of models is none") from error


def _installed(model: Mapping[str, Any]) -> InstalledModel:
    details = answers.table(model.get("details"))
    return InstalledModel(
        name=str(model.get("name", "")),
        digest=str(model.get("digest", "")),
        size_bytes=_size(model.get("size", 0)),
        modified_at=str(model.get("modified_at", "")),
        family=str(details.get("family", "")),
        parameter_size=str(details.get("parameter_size", "")),
        quantization=str(details.get("quantization_level", "")),
        remote=bool(model.get("remote_host") or model.get("remote_model")),
        capabilities=answers.texts(model.get("capabilities")),
    )


def _loaded(model: Mapping[str, Any], now: datetime) -> LoadedModel:
    context = model.get("context_length")
    return LoadedModel(
        name=str(model.get("name", "")),
        digest=str(model.get("digest", "")),
        size_bytes=_count(model.get("size", 0)),
        gpu_bytes=_count(model.get("size_vram", 0)),
        context=None if context is None else _count(context),
        expires_at=_expiry(str(model.get("expires_at", "")), now),
    )


def _size(value: Any) -> int:
    """Bytes on a disk, or 0 where what is said can be none; a list is worth more than one size."""
    number = int(value)
    return number if 0 <= number <= _MOST else 0


def _count(value: Any) -> int:
    """A number of bytes or tokens; raises ValueError where it can be none."""
    number = int(value)
    if not 0 <= number <= _MOST:
        raise ValueError(f"{value} is no number of bytes or tokens")
    return number


def _expiry(text: str, now: datetime) -> str:
    """The time as the server says it, or in words where it means something else."""
    if text[:4].isdigit() and int(text[:4]) > FOREVER_AFTER_YEAR:
        return "forever"
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return "unloading" if at < now else text
