"""What is known of a server that runs models, and of the models it holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RuntimeState(StrEnum):
    """Whether a runtime answers, and where."""

    RUNNING = "running"
    STOPPED = "stopped"
    ABSENT = "absent"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """One server of models.

    Attributes:
        kind: "ollama", or the kind of a kept host that is another server.
        state: running (here), stopped (installed, not answering), absent, remote (another machine,
            or a kept host that does not answer).
        url: Where it answers or would answer.
        version: As the server says it, or None.
        warnings: What the user should know: an open address, an old version with a known hole.
        executable: Path of the program, or None where it is not installed here.
        name: Of the kept host that it is, or "".
        server: What it is called: "Ollama", "LM Studio".
        ours: Whether Landfall started it, at a free port; it ends with Landfall.
    """

    kind: str
    state: RuntimeState
    url: str
    version: str | None = None
    warnings: tuple[str, ...] = ()
    executable: str | None = None
    name: str = ""
    server: str = "Ollama"
    ours: bool = False

    @property
    def is_ollama(self) -> bool:
        """Whether its models are managed and measured from here."""
        return self.kind == "ollama"

    @property
    def words(self) -> str:
        """Server and version, as far as it tells one: "Ollama 0.32.15"."""
        return f"{self.server} {self.version or ''}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledModel:
    """A model on a server's disk, as the server lists it. `remote` is set for a cloud stub."""

    name: str
    digest: str
    size_bytes: int
    modified_at: str
    family: str
    parameter_size: str
    quantization: str
    remote: bool
    capabilities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """A model in a server's memory.

    Attributes:
        size_bytes: What the server says the model takes; what it counts depends on the version.
        gpu_bytes: The part of it on GPUs.
        context: Context length of one sequence, in tokens, or None on old servers.
        expires_at: RFC 3339, or "forever", or "unloading".
    """

    name: str
    digest: str
    size_bytes: int
    gpu_bytes: int
    context: int | None
    expires_at: str


WHOLE = 0.995
"""From this share on a model counts as whole on the GPU: servers round."""


def gpu_share(loaded: LoadedModel) -> float | None:
    """The part of the model that is on GPUs, 0 to 1; None where the server told no size."""
    if loaded.size_bytes <= 0:
        return None
    return min(1.0, loaded.gpu_bytes / loaded.size_bytes)
