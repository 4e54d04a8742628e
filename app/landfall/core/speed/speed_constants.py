"""The constants with which speed is predicted: fitted on published runs, never typed in by hand.

`packaging/facts/fit_speed.py` fits them and writes `resources/speed.json`;
`services.speed.speed_file` reads that file, and a `HardwareProfile` carries the result to all that
predicts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from landfall.core.speed.calibration import Calibration


class Quantity(StrEnum):
    """What is predicted."""

    DECODE = "decode"
    PREFILL = "prefill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """How well a way to compute uses the hardware.

    Attributes:
        name: "CUDA", "Metal", "ROCm" or "Vulkan".
        bandwidth_share: Share of the printed bandwidth that decode reaches.
        layer_seconds: Launch and synchronisation of one layer.
        fp32_share: Share of the printed FP32 rate with which weights are unpacked in decode.
        matrix_share: Share of the rate of the matrix units that prefill reaches.
    """

    name: str
    bandwidth_share: float
    layer_seconds: float
    fp32_share: float
    matrix_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """Corrections of a backend for one architecture, drawn towards 1 where runs are few.

    Attributes:
        backend: The backend's name.
        architecture: As the hardware catalogue names it: "Ada Lovelace".
        bandwidth: Factor of `bandwidth_share`.
        compute: Factor of `fp32_share`.
        matrix: Factor of `matrix_share`.
        seen: Whether published runs of it were there; if not, bands are wider.
    """

    backend: str
    architecture: str
    bandwidth: float = 1.0
    compute: float = 1.0
    matrix: float = 1.0
    seen: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeTerms:
    """What depends on the model, in decode.

    Attributes:
        mixture_bytes: Experts are read in pieces: bytes count so many times.
        mixture_layers: Routing launches more: a layer counts so many times.
        recurrent_layers: A recurrent layer counts as so many of the others.
        low_bit: Two and three bits are dearer to unpack: operations count so many times.
        half: Sixteen bits are cheaper to unpack: operations count so many times.
        bf16_bytes: BF16 on AMD: bytes count so many times.
        cache_bytes: The cache is read less well than weights: bytes count so many times.
        latent_cache_bytes: On top of that for a compressed cache (MLA), read once for many heads.
        two_dies: Share of the bandwidth that an Apple Ultra reaches of what one die reaches.
        integrated: The same for graphics that share a PC's memory.
        token_seconds: Once a token, whatever the model.
    """

    mixture_bytes: float
    mixture_layers: float
    recurrent_layers: float
    low_bit: float
    half: float
    bf16_bytes: float
    cache_bytes: float
    latent_cache_bytes: float
    two_dies: float
    integrated: float
    token_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefillTerms:
    """What depends on the model, in prefill.

    Attributes:
        bandwidth_share: Share of the printed bandwidth with which weights are read for a batch.
        layer_seconds: Launch and synchronisation of one layer.
        mixture: Operations of a mixture count so many times.
        recurrent: Operations of a wholly recurrent model count so many times.
        half_precision: Operations count so many times where the weights are 16 bits wide.
        bf16: On top of that for BF16 on AMD.
        attention: Operations of attention count so many times.
    """

    bandwidth_share: float
    layer_seconds: float
    mixture: float
    recurrent: float
    half_precision: float
    bf16: float
    attention: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """A processor without an accelerator. No published run was at hand: physics and a wide band.

    Attributes:
        bandwidth_share: Share of main memory's bandwidth that decode reaches.
        layer_seconds: Hand-over between threads in one layer.
        core_flops: Operations a second of one core with AVX2-class code.
        transfer_bytes_per_s: To a card, for layers in main memory that a long prompt is computed
            with: llama.cpp carries their weights to the card for batches of 32 tokens and more,
            out of memory that is paged: 6.7 to 9.4 GB/s in six splits on an H100 and an H200.
    """

    bandwidth_share: float
    layer_seconds: float
    core_flops: float
    transfer_bytes_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """How far published runs lie from the prediction: 10 % are below `low`, 10 % above `high`.

    Attributes:
        quantity: What was predicted.
        group: "CUDA dense", "ROCm mixture", "partial", "processor" ...
        low: Measured over predicted, below 1.
        high: Measured over predicted, above 1.
        rows: Held-out runs behind it; 0 where it is a judgement.
    """

    quantity: Quantity
    group: str
    low: float
    high: float
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRule:
    """What so many runs on the machine itself are worth, by held-out devices.

    Attributes:
        quantity: What was predicted.
        points: Models that were run; the largest rule stands for more, too.
        agree: Whether it is for runs that agree with one another (`SpeedModel.agreement`).
        weight: The scale counts with this power: 1 is believed whole, 0 not at all.
        low: Measured over calibrated prediction that 10 % of other models are below.
        high: The same for 90 %.
    """

    quantity: Quantity
    points: int
    agree: bool
    weight: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedModel:
    """All constants, and where they are from.

    Attributes:
        source: Which runs they were fitted on, and how.
        date: ISO date of the fit.
        unseen: A band's ends, in logarithms, are so many times as far for a generation without
            published runs.
        agreement: Runs of a calibration agree where the largest measured scale is at most so many
            times the smallest.
    """

    source: str
    date: str
    backends: tuple[Backend, ...]
    generations: tuple[Generation, ...]
    decode: DecodeTerms
    prefill: PrefillTerms
    processor: Processor
    bands: tuple[Band, ...]
    calibration: tuple[CalibrationRule, ...]
    unseen: float
    agreement: float

    def backend(self, name: str) -> Backend:
        """The constants of a backend; every model has those of `speed_terms`."""
        return next(b for b in self.backends if b.name == name)

    def generation(self, backend: str, architecture: str) -> Generation:
        """The corrections for an architecture; none where no run of it is known."""
        for generation in self.generations:
            if generation.architecture == architecture and generation.backend == backend:
                return generation
        return Generation(backend=backend, architecture=architecture, seen=False)

    def band(self, quantity: Quantity, group: str) -> Band:
        """The band of a group; every model has those that `speed` asks for."""
        return next(b for b in self.bands if b.group == group and b.quantity is quantity)

    def rule(self, quantity: Quantity, points: int, *, agree: bool) -> CalibrationRule:
        """The rule for so many runs, or that of the most runs below."""
        rules = [
            r
            for r in self.calibration
            if r.quantity is quantity and r.points <= points and r.agree is agree
        ]
        return max(rules, key=_points)


def _points(rule: CalibrationRule) -> int:
    return rule.points


def calibrated(
    model: SpeedModel, quantity: Quantity, calibration: Calibration
) -> tuple[float, float, float] | None:
    """Scale for a prediction and the ends of its band, or None where nothing of that was measured.

    The scale counts as far as held-out devices say, and the band is that of so many runs: one
    where they agree with one another, another where they do not.
    """
    decode = quantity is Quantity.DECODE
    scales = calibration.decode_scales if decode else calibration.prefill_scales
    scale = calibration.decode_scale if decode else calibration.prefill_scale
    if scale is None:
        return None
    agree = max(scales) <= model.agreement * min(scales)
    rule = model.rule(quantity, len(scales), agree=agree)
    return scale**rule.weight, rule.low, rule.high
