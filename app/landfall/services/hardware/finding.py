"""What a probe brings home."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from landfall.core.machine.hardware import Accelerator, Failure, ProbeResult

ASLEEP = "the card sleeps and was not woken; its free memory shows once a model is loaded"

IGPU_VARIABLE = "OLLAMA_IGPU_ENABLE"
IGPU_LEFT_OUT = f"Ollama leaves GPUs in the processor out unless {IGPU_VARIABLE}=1 is set"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Accelerators that a probe saw, what it answered, and what failed on the way."""

    accelerators: tuple[Accelerator, ...] = ()
    probes: tuple[ProbeResult, ...] = ()
    failures: tuple[Failure, ...] = ()


def found(probe: str, answer: str, *, accelerators: Iterable[Accelerator] = ()) -> Finding:
    """The probe works, and this is its answer."""
    return Finding(
        accelerators=tuple(accelerators),
        probes=(ProbeResult(probe=probe, ok=True, answer=answer),),
    )


def absent(probe: str, answer: str) -> Finding:
    """There is nothing for the probe to find here, which is no failure."""
    return Finding(probes=(ProbeResult(probe=probe, ok=False, answer=answer),))


def failed(probe: str, reason: str, hint: str) -> Finding:
    """There should be something, and it cannot be read."""
    return Finding(
        probes=(ProbeResult(probe=probe, ok=False, answer=reason, hint=hint),),
        failures=(Failure(probe=probe, reason=reason, hint=hint),),
    )


def joined(findings: Iterable[Finding]) -> Finding:
    """All of them, in order."""
    parts = tuple(findings)
    return Finding(
        accelerators=tuple(a for part in parts for a in part.accelerators),
        probes=tuple(p for part in parts for p in part.probes),
        failures=tuple(f for part in parts for f in part.failures),
    )


def igpu_allowed(environment: Mapping[str, str]) -> bool:
    """Whether Ollama was told to use a GPU in the processor (its variable, 0.32)."""
    return environment.get(IGPU_VARIABLE, "").strip().lower() in {"1", "true"}
