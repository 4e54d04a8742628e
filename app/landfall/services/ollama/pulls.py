"""Pulls: what a registry holds becomes a model on a server's disk.

The server tells a layer at a time, and only the word `success` means that a model is there. Bytes
may go down (a failed part starts anew), the last event of a layer may lack some, small layers may
have no event at all.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any, Literal

from landfall.core.errors import DiskFull, Interrupted
from landfall.core.events import PullProgress
from landfall.core.sizes import file_size
from landfall.services.late_imports import late
from landfall.services.ollama.answers import whole_number
from landfall.services.ollama.transport import Transport
from landfall.services.threads import in_thread

Phase = Literal["manifest", "download", "verify", "write", "done"]

DISK_MARGIN_BYTES = 256 << 20
"""Left free beside a model: manifests, logs, and what others write meanwhile."""

DAMAGED_PART = (
    "Pull again. If it ends so every time, a part file is damaged: delete the files whose names "
    "contain `-partial` in the folder `blobs` of the models folder, and that layer starts anew."
)

_BLOCK_BYTES = 512  # st_blocks counts these, whatever the file system uses (POSIX)


class _Layers:
    """Adds up what is told of single layers. A layer that was left behind is whole."""

    def __init__(self, whole_total_bytes: int | None) -> None:
        self._whole_total_bytes = whole_total_bytes
        self._totals: dict[str, int] = {}
        self._completed: dict[str, int] = {}

    def take(self, line: Mapping[str, Any], at: float) -> PullProgress:
        """The event that a line means."""
        phase = _phase(str(line.get("status", "")))
        digest = str(line.get("digest", ""))
        total = whole_number(line.get("total"))
        completed = whole_number(line.get("completed", 0)) if total is not None else None
        if digest and total is not None and completed is not None:
            self._enter(digest)
            self._totals[digest] = total
            self._completed[digest] = completed
        elif phase in ("verify", "write", "done"):
            self._completed = dict(self._totals)
        whole_total = self._whole_total_bytes
        if whole_total is None and phase in ("verify", "write", "done") and self._totals:
            whole_total = sum(self._totals.values())
        return PullProgress(
            at=at,
            phase=phase,
            digest=digest,
            completed_bytes=completed,
            total_bytes=total,
            whole_completed_bytes=sum(self._completed.values()) if self._totals else None,
            whole_total_bytes=whole_total,
        )

    def _enter(self, digest: str) -> None:
        if digest not in self._totals:
            self._completed = dict(self._totals)


def _phase(status: str) -> Phase:
    match status:
        case "pulling manifest":
            return "manifest"
        case "verifying sha256 digest":
            return "verify"
        case "writing manifest" | "removing unused layers" | "removing any unused layers":
            return "write"
        case "success":
            return "done"
        case _:
            return "download"


async def pull(
    transport: Transport,
    model: str,
    *,
    insecure: bool = False,
    whole_total_bytes: int | None = None,
) -> AsyncGenerator[PullProgress, None]:
    """Pull a model; what is there already is not loaded again, what was begun goes on.

    Closing the generator, or cancelling its task, stops the download: what came is kept, and the
    next pull goes on from there.

    Args:
        transport: The server that pulls.
        model: Name with its registry and tag.
        insecure: Plain http, for a registry on loopback or in the own network.
        whole_total_bytes: Size of the whole model from its manifest, where it could be read.

    Yields:
        Progress; the last has the phase "done".

    Raises:
        BadInput: `insecure`, and the registry is not in the own network.
        ModelNotFound: the registry has no such model.
        DiskFull: the server's volume is full.
        NetworkUnavailable: the server cannot reach the registry.
        Interrupted: it ended before its end.
    """
    if insecure:
        registry = await in_thread(late, "landfall.services.ollama.registry")
        registry.require_plain(model)
    for last in (False, True):
        try:
            async with aclosing(_once(transport, model, insecure, whole_total_bytes)) as steps:
                async for step in steps:
                    yield step
        except Interrupted as error:
            # A pull that starts while the server still winds up a cancelled one of the same layer
            # can be cancelled with it.
            if last or "context canceled" not in error.message.lower():
                raise
        else:
            return


async def _once(
    transport: Transport, model: str, insecure: bool, whole_total_bytes: int | None
) -> AsyncGenerator[PullProgress, None]:
    layers = _Layers(whole_total_bytes)
    done = False
    body = {"model": model, "insecure": insecure}
    try:
        async with aclosing(transport.lines("/api/pull", body)) as lines:
            async for at, line in lines:
                step = layers.take(line, at)
                done = done or step.phase == "done"
                yield step
    except Interrupted as error:
        if "EOF" in error.message:
            raise Interrupted(
                f"The pull of {model} broke off: {error.message}", DAMAGED_PART
            ) from error
        raise
    if not done:
        raise Interrupted(
            f"The pull of {model} ended before its end.", "Pull again: it goes on from there."
        )


async def require_room(layers: Iterable[tuple[str, int]], blobs: Path) -> int | None:
    """Check that a volume has room for the layers that are not on it; the server never does.

    Args:
        layers: Digest and size in bytes of each layer, the configuration among them.
        blobs: The folder `blobs` of the server's models, on this machine.

    Returns:
        The bytes that will be loaded; None where this user may not look at what is there. The
        server then finds out by itself.

    Raises:
        DiskFull: they do not fit.
    """
    return await asyncio.to_thread(_require_room, dict(layers), blobs)


def _require_room(layers: Mapping[str, int], blobs: Path) -> int | None:
    try:
        missing = sum(
            size - _present_bytes(blobs / digest.replace(":", "-"), size)
            for digest, size in layers.items()
        )
        volume = next((folder for folder in (blobs, *blobs.parents) if folder.exists()), None)
        if volume is None:  # a drive that is not there
            return None
        free = shutil.disk_usage(volume).free
    except OSError:
        return None
    if missing and missing + DISK_MARGIN_BYTES > free:
        raise DiskFull(
            f"The model needs {file_size(missing)} more on the volume of {blobs.parent}, where "
            f"{file_size(free)} are free, and {file_size(DISK_MARGIN_BYTES)} must stay so.",
            "Make room there, or move the models: set OLLAMA_MODELS for the server.",
        )
    return missing


def _present_bytes(blob: Path, size: int) -> int:
    """What of a layer lies on the disk. A part file is sparse: its blocks count, not its length."""
    if blob.exists():
        return size
    part = blob.with_name(blob.name + "-partial")
    try:
        blocks = getattr(part.stat(), "st_blocks", 0)  # Windows does not tell
    except FileNotFoundError:
        return 0
    return min(size, int(blocks) * _BLOCK_BYTES)
