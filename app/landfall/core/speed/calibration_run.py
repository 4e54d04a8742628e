"""The runs that calibrate a machine: which models, how much of each, and whether a run may count.

A run counts only where nothing else kept the machine busy: a rate that was measured beside other
work says something of that hour, not of the machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from landfall.core.benchmark.benchmark import BUSY_SHARE
from landfall.core.fit.fit import Fit, FitKind
from landfall.core.hosts.runtime import WHOLE
from landfall.core.machine.hardware import HardwareProfile
from landfall.core.percent import percent

RUN_SECONDS = 30.0
"""What a calibration may take, loading left out."""

MOST_MODELS = 3
"""After three models the scale hardly moves any more (see the errors in resources/speed.json)."""

CONTEXT = 2048

LEAST_MODEL_BYTES = 64 << 20
"""A smaller model fits the processor's caches, and says nothing of those that people use."""

LEAST_OUTPUT_TOKENS = 8
_MOST_PROMPT_TOKENS, _LEAST_PROMPT_TOKENS = 1024, 64
_MOST_OUTPUT_TOKENS, _LEAST_OUTPUT_TOKENS = 128, 16
_SHARE_OF_TIME = 0.2
"""Of a model's time for reading a prompt once, and the same for answering once."""

_WORDS_TEXT = """
river stone copper lantern winter garden engine letter mountain silver paper window harvest signal
ocean bridge candle forest market thunder marble velvet orchard compass
"""
_TASK = "Write a long story in which all of these words occur. Begin with: Once upon a time"
_WORDS = tuple(_WORDS_TEXT.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What else the machine does when a run begins.

    Attributes:
        busy_share: Of all cores, 0 to 1, over a moment before; None where it is not known.
        load_average: Of the last minute; None where the system has none.
        logical_cores: None where the system does not tell.
        on_battery: None where there is no battery, or where it does not say.
    """

    busy_share: float | None = None
    load_average: float | None = None
    logical_cores: int | None = None
    on_battery: bool | None = None

    @property
    def why_not(self) -> str:
        """Why a run now cannot count, or ""."""
        if self.busy_share is not None and self.busy_share >= BUSY_SHARE:
            return f"other programs kept {percent(self.busy_share)} of the processor busy"
        cores = self.logical_cores
        if self.load_average is not None and cores and self.load_average >= cores:
            return f"the load average was {self.load_average:.1f} on {cores} cores before it began"
        return ""


def machine_key(profile: HardwareProfile) -> str:
    """The hardware that a calibration belongs to: its accelerators, or without one its processor.

    Accelerators whose memory is not known are not used by a runtime and do not count.
    """
    names = [a.name for a in profile.accelerators if a.usable_bytes]
    if names:
        return " + ".join(sorted(names))
    cores = profile.cpu.physical_cores or profile.cpu.logical_cores
    return f"{profile.cpu.name}, {cores or 'unknown'} cores"


def prompt_of(tokens: int, seed: int) -> str:
    """A text of about so many tokens that no server can hold already, and that asks for a long one.

    A word is about one token in all common vocabularies. A model that is only told to go on may
    end at once, and what it writes is then too short to be measured.
    """
    drawn = random.Random(seed)
    words = [drawn.choice(_WORDS) for _ in range(max(1, tokens - len(_TASK.split()) - 4))]
    return f"Text {seed}: {' '.join(words)}.\n\n{_TASK}"


@dataclass(frozen=True, slots=True)
class Size:
    """Tokens of one run."""

    prompt_tokens: int
    output_tokens: int


PROBE = Size(_LEAST_PROMPT_TOKENS, _LEAST_OUTPUT_TOKENS)


def size_of(
    prefill_tok_s: float | None, decode_tok_s: float | None, seconds: float, context: int
) -> Size:
    """How much to ask so that a few runs fit into the time; rates are those of the first run."""
    share = seconds * _SHARE_OF_TIME
    prompt = int((prefill_tok_s or 0.0) * share)
    output = int((decode_tok_s or 0.0) * share)
    most = min(_MOST_PROMPT_TOKENS, context // 2)
    return Size(
        prompt_tokens=max(min(prompt, most), _LEAST_PROMPT_TOKENS),
        output_tokens=max(min(output, _MOST_OUTPUT_TOKENS), _LEAST_OUTPUT_TOKENS),
    )


def chosen(models: Iterable[tuple[str, int, Fit]]) -> tuple[str, ...]:
    """The models to run of those at hand: name, bytes, and where each would go.

    Of those that stand best (whole on the GPU before split before processor) the smallest, the
    largest and one between, so that the scale holds over the range.
    """
    order = (FitKind.GPU, FitKind.PARTIAL, FitKind.CPU)
    known = [(name, size, fit.kind) for name, size, fit in models]
    if any(size >= LEAST_MODEL_BYTES for _, size, _ in known):
        known = [entry for entry in known if entry[1] >= LEAST_MODEL_BYTES]
    for kind in order:
        of_kind = sorted((size, name) for name, size, k in known if k is kind)
        if of_kind:
            picks = (0, len(of_kind) // 2, len(of_kind) - 1)
            return tuple(dict.fromkeys(of_kind[pick][1] for pick in picks))[:MOST_MODELS]
    return ()


def as_loaded(placed: Fit, gpu_share: float | None) -> Fit:
    """The fit with the layers where the server really put them, by the share of its bytes."""
    if gpu_share is None:
        return placed
    if gpu_share >= WHOLE:
        kind, layers = FitKind.GPU, placed.layers
    elif gpu_share <= 1 - WHOLE:
        kind, layers = FitKind.CPU, 0
    else:
        kind = FitKind.PARTIAL
        layers = min(max(round(gpu_share * placed.layers), 1), placed.layers - 1)
    gpus = max(placed.gpus, 1) if layers else 0
    return replace(placed, kind=kind, gpu_layers=layers, dense_layers=0, gpus=gpus)


def spread(values: Sequence[float]) -> float | None:
    """How far apart repeats are: largest less smallest, over the middle one; None of one."""
    if len(values) < 2:
        return None
    middle = sorted(values)[len(values) // 2]
    return (max(values) - min(values)) / middle if middle else None
