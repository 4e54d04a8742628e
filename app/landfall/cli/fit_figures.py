"""How a fit, its sizes and its rates are printed."""

from __future__ import annotations

from landfall.core.fit.fit import Fit
from landfall.core.fit.memory import MemoryNeed
from landfall.core.provenance import Figure, Unknown, band
from landfall.core.sizes import file_size, gib


def memory_json(need: MemoryNeed) -> dict[str, int]:
    """The parts and their sum."""
    return {
        "weights_bytes": need.weights_bytes,
        "kv_cache_bytes": need.kv_cache_bytes,
        "recurrent_state_bytes": need.recurrent_state_bytes,
        "compute_bytes": need.compute_bytes,
        "projector_bytes": need.projector_bytes,
        "overhead_bytes": need.overhead_bytes,
        "total_bytes": need.total_bytes,
    }


def size(size_bytes: float | None) -> str:
    """A size of memory for people, or that it is unknown."""
    return "unknown" if size_bytes is None else gib(size_bytes)


def file(size_bytes: float | None) -> str:
    """The size of a file or a download for people, or that it is unknown."""
    return "unknown" if size_bytes is None else file_size(size_bytes)


def rate(figure: Figure) -> str:
    """A band of tokens a second, as far as its width allows digits."""
    ends = band(figure)
    if ends is None:
        return "unknown"
    low, _, high = ends
    digits = 1 if low < 10 else 0
    return f"{low:.{digits}f}–{high:.{digits}f}"


def why_unknown(name: str, figure: Figure) -> tuple[str, ...]:
    """The reason beside a null."""
    return (f"{name} is not known: {figure.reason}",) if isinstance(figure, Unknown) else ()


def where(placed: Fit) -> str:
    """The fit in words."""
    words = {"gpu": "on the GPU", "partial": "partly on the GPU", "cpu": "on the processor"}
    text = words.get(placed.kind, "does not fit")
    if placed.kind != "partial":
        return text
    experts = f", {placed.dense_layers} without experts" if placed.dense_layers else ""
    return f"{text} ({placed.gpu_layers}/{placed.layers}{experts})"
