"""The least-squares part of fit_speed.py: constants from runs, robustly, drawn towards priors.

Every parameter is the logarithm of a constant with a prior: where it starts, and how strongly runs
must pull to move it. Generations have corrections around 1, so that one with few runs stays near
its backend's mean. The terms are those that `core.speed.speed` computes; `fit_speed.py` checks
that this vector form and the core agree before it believes either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from speed_rows import Engine, Run

from landfall.core.fit.memory import physical_batch
from landfall.core.machine.hardware import AcceleratorKind
from landfall.core.provenance import middle
from landfall.core.speed import speed_terms
from landfall.core.speed.filled_cache import device_cache
from landfall.core.speed.speed_constants import (
    Backend,
    DecodeTerms,
    Generation,
    PrefillTerms,
    Processor,
    Quantity,
    SpeedModel,
)

Vector = NDArray[np.float64]

FREE, LOOSE, FIRM = 0.05, 0.3, 5.0
NORMAL = 1.0

# name -> (start, strength). Starts are what the physics suggests, in round numbers: a copy reaches
# about 88 % of the printed bandwidth on any GPU; kernels reach a quarter of the matrix rate.
DECODE_PRIORS: dict[str, tuple[float, float]] = {
    **{f"bandwidth {name}": (0.88, FIRM) for name in speed_terms.BACKENDS},
    "layer CUDA": (60e-6, NORMAL),
    **{f"layer {name}": (100e-6, NORMAL) for name in speed_terms.BACKENDS[1:]},
    **{f"fp32 {name}": (0.5, LOOSE) for name in speed_terms.BACKENDS},
    "mixture_bytes": (1.2, LOOSE),
    "mixture_layers": (1.5, LOOSE),
    "recurrent_layers": (1.2, LOOSE),
    "low_bit": (1.6, NORMAL),
    "half": (0.5, NORMAL),
    "bf16_bytes": (1.2, NORMAL),
    "cache_bytes": (1.0, NORMAL),
    "latent_cache_bytes": (2.0, FREE),
    "two_dies": (0.8, NORMAL),
    "integrated": (0.8, NORMAL),
    "token_seconds": (100e-6, NORMAL),
    "ollama": (0.95, NORMAL),
    "llamafile": (0.9, NORMAL),
    "llamafile layer CUDA": (2.0, NORMAL),
    "llamafile layer Metal": (1.5, NORMAL),
    "llamafile layer ROCm": (2.0, NORMAL),
}
PREFILL_PRIORS: dict[str, tuple[float, float]] = {
    **{
        f"matrix {name}": (0.25, LOOSE)
        for name in speed_terms.BACKENDS
        if name != speed_terms.METAL
    },
    "matrix Metal": (0.6, LOOSE),
    "bandwidth_share": (0.8, LOOSE),
    "layer_seconds": (100e-6, LOOSE),
    "mixture": (1.4, LOOSE),
    "recurrent": (1.1, LOOSE),
    "half_precision": (1.0, LOOSE),
    "bf16": (1.5, LOOSE),
    "attention": (1.0, LOOSE),
    "llamafile": (1.0, LOOSE),
    "llamafile ROCm": (0.7, FREE),
}
_GENERATION_BANDWIDTH, _GENERATION_COMPUTE, _GENERATION_MATRIX = 0.3, 1.0, 0.3
_WEIGHT_POWER = 0.5  # a device with 100 rows weighs as ten rows, not as a hundred
_HUBER = {Quantity.DECODE: 0.15, Quantity.PREFILL: 0.25}

PROCESSOR = Processor(
    bandwidth_share=0.65, layer_seconds=15e-6, core_flops=70e9, transfer_bytes_per_s=8e9
)


@dataclass(frozen=True)
class Design:
    """The rows as columns."""

    quantity: Quantity
    generations: tuple[tuple[str, str], ...]
    columns: dict[str, Vector]
    backend: NDArray[np.int64]
    generation: NDArray[np.int64]
    observed: Vector
    weights: Vector


def measured(run: Run, quantity: Quantity) -> float:
    value = run.decode_tok_s if quantity is Quantity.DECODE else run.prefill_tok_s
    assert value is not None
    return value


def generations_of(runs: Sequence[Run]) -> tuple[tuple[str, str], ...]:
    """Backend and architecture of every run."""
    found = {(speed_terms.backend_name(r.accelerator), r.accelerator.architecture) for r in runs}
    return tuple(sorted(found))


def design(
    runs: Sequence[Run], quantity: Quantity, generations: tuple[tuple[str, str], ...]
) -> Design:
    """The columns of these runs."""
    build = _decode_columns if quantity is Quantity.DECODE else _prefill_columns
    rows = [build(run) for run in runs]
    counts = Counter(run.device for run in runs)
    keys = [(speed_terms.backend_name(r.accelerator), r.accelerator.architecture) for r in runs]
    return Design(
        quantity=quantity,
        generations=generations,
        columns={name: np.array([row[name] for row in rows], float) for name in rows[0]},
        backend=np.array([speed_terms.BACKENDS.index(backend) for backend, _ in keys]),
        generation=np.array([generations.index(key) for key in keys]),
        observed=np.array([measured(run, quantity) for run in runs]),
        weights=np.array([counts[run.device] ** -_WEIGHT_POWER for run in runs]),
    )


def _decode_columns(run: Run) -> dict[str, float]:
    spec, accelerator, architecture = run.spec, run.accelerator, run.spec.architecture
    cache = device_cache(spec, run.request, accelerator)
    return {
        "weights": speed_terms.bytes_read(spec),
        "cache": cache.size_bytes,
        "unpacking": cache.unpacking_seconds,
        "active": spec.params_active,
        "bandwidth": middle(accelerator.bandwidth_bytes_per_s) or 0.0,
        "fp32": speed_terms.fp32_rate(accelerator) or 0.0,
        "blocks": speed_terms.blocks(architecture),
        "recurrent": speed_terms.recurrent_share(architecture),
        "mixture": architecture.is_mixture,
        "latent": speed_terms.has_latent_cache(architecture),
        "low_bit": speed_terms.is_low_bit(spec),
        "half": speed_terms.is_half(spec),
        "bf16": speed_terms.is_slow_bf16(spec, accelerator),
        "two_dies": speed_terms.has_two_dies(accelerator),
        "integrated": accelerator.kind is AcceleratorKind.INTEGRATED,
        "ollama": run.engine is Engine.OLLAMA,
        "llamafile": run.engine is Engine.LOCALSCORE,
    }


def _prefill_columns(run: Run) -> dict[str, float]:
    spec, accelerator, architecture = run.spec, run.accelerator, run.spec.architecture
    batch = min(physical_batch(architecture, run.request), run.request.context)
    return {
        "batch": batch,
        "active": spec.params_active,
        "attention": speed_terms.attention_operations(spec, run.request),
        "weights": speed_terms.weights_read(spec, batch),
        "bandwidth": middle(accelerator.bandwidth_bytes_per_s) or 0.0,
        "matrix": speed_terms.matrix_rate(accelerator) or 0.0,
        "blocks": speed_terms.blocks(architecture),
        "recurrent": speed_terms.recurrent_share(architecture),
        "mixture": architecture.is_mixture,
        "half": speed_terms.is_half(spec),
        "bf16": speed_terms.is_slow_bf16(spec, accelerator),
        "llamafile": run.engine is Engine.LOCALSCORE,
    }


class Parameters:
    """A vector of logarithms with names."""

    def __init__(self, quantity: Quantity, generations: tuple[tuple[str, str], ...]) -> None:
        decode = quantity is Quantity.DECODE
        priors = dict(DECODE_PRIORS if decode else PREFILL_PRIORS)
        parts = {"bandwidth": _GENERATION_BANDWIDTH, "compute": _GENERATION_COMPUTE}
        for part, strength in parts.items() if decode else [("matrix", _GENERATION_MATRIX)]:
            for backend, architecture in generations:
                priors[f"{part} of {backend} {architecture}"] = (1.0, strength)
        self.generations = generations
        self.index = {name: number for number, name in enumerate(priors)}
        self.start = np.log([start for start, _ in priors.values()])
        self.strength = np.array([strength for _, strength in priors.values()])

    def reader(self, theta: Vector) -> Callable[[str], float]:
        values = np.exp(theta)

        def value(name: str) -> float:
            return float(values[self.index[name]])

        return value

    def by_backend(self, theta: Vector, part: str) -> Vector:
        return np.exp([theta[self.index[f"{part} {name}"]] for name in speed_terms.BACKENDS])

    def by_generation(self, theta: Vector, part: str) -> Vector:
        return np.exp([theta[self.index[f"{part} of {b} {a}"]] for b, a in self.generations])


def rates(parameters: Parameters, theta: Vector, rows: Design) -> Vector:
    """Predicted rates of the runs, each with its engine's factors."""
    if rows.quantity is Quantity.DECODE:
        return _decode_rates(parameters, theta, rows)
    return _prefill_rates(parameters, theta, rows)


def _chosen(flag: Vector, factor: float) -> Vector:
    return np.where(flag > 0, factor, 1.0)


def _decode_rates(parameters: Parameters, theta: Vector, rows: Design) -> Vector:
    value, c = parameters.reader(theta), rows.columns
    share = parameters.by_backend(theta, "bandwidth")[rows.backend]
    share = share * parameters.by_generation(theta, "bandwidth")[rows.generation]
    share = share * _chosen(c["two_dies"], value("two_dies"))
    share = share * _chosen(c["integrated"], value("integrated"))
    size = c["weights"] * _chosen(c["mixture"], value("mixture_bytes"))
    size = size * _chosen(c["bf16"], value("bf16_bytes"))
    cache = c["cache"] * value("cache_bytes") * _chosen(c["latent"], value("latent_cache_bytes"))
    reached = share * c["bandwidth"]
    seconds = size / reached + np.maximum(cache / reached, c["unpacking"]) + value("token_seconds")
    fp32 = parameters.by_backend(theta, "fp32")[rows.backend] * c["fp32"]
    fp32 = fp32 * parameters.by_generation(theta, "compute")[rows.generation]
    unpack = 2 * c["active"] * _chosen(c["low_bit"], value("low_bit"))
    seconds = seconds + unpack * _chosen(c["half"], value("half")) / fp32
    layer = parameters.by_backend(theta, "layer")[rows.backend]
    launch = layer * c["blocks"] * _chosen(c["mixture"], value("mixture_layers"))
    launch = launch * (1 + c["recurrent"] * (value("recurrent_layers") - 1))
    slower = np.array([_llamafile_layers(value, name) for name in speed_terms.BACKENDS])
    seconds = seconds + launch * np.where(c["llamafile"] > 0, slower[rows.backend], 1.0)
    engine = _chosen(c["ollama"], value("ollama")) * _chosen(c["llamafile"], value("llamafile"))
    return np.asarray(engine / seconds, float)


def _llamafile_layers(value: Callable[[str], float], backend: str) -> float:
    known = backend if backend != speed_terms.VULKAN else speed_terms.ROCM
    return value(f"llamafile layer {known}")


def _prefill_rates(parameters: Parameters, theta: Vector, rows: Design) -> Vector:
    value, c = parameters.reader(theta), rows.columns
    operations = 2 * c["active"] * (1 + c["recurrent"] * (value("recurrent") - 1))
    operations = operations * _chosen(c["mixture"], value("mixture"))
    operations = operations * _chosen(c["half"], value("half_precision"))
    operations = operations * _chosen(c["bf16"], value("bf16"))
    operations = operations + value("attention") * c["attention"]
    share = parameters.by_backend(theta, "matrix")[rows.backend]
    share = share * parameters.by_generation(theta, "matrix")[rows.generation]
    seconds = operations * c["batch"] / (share * c["matrix"])
    seconds = seconds + c["weights"] / (value("bandwidth_share") * c["bandwidth"])
    seconds = seconds + c["blocks"] * value("layer_seconds")
    slower = np.array([_llamafile_prefill(value, name) for name in speed_terms.BACKENDS])
    engine = np.where(c["llamafile"] > 0, slower[rows.backend], 1.0)
    return np.asarray(c["batch"] / seconds * engine, float)


def _llamafile_prefill(value: Callable[[str], float], backend: str) -> float:
    amd = backend in (speed_terms.ROCM, speed_terms.VULKAN)
    return value("llamafile ROCm" if amd else "llamafile")


# ---------------------------------------------------------------- the fit


def fitted(rows: Design) -> tuple[Parameters, Vector]:
    """The parameters that fit the rows: Huber loss of the log ratio, by Levenberg-Marquardt."""
    parameters = Parameters(rows.quantity, rows.generations)
    theta, damping = parameters.start.copy(), 1e-2
    delta = _HUBER[rows.quantity]

    def residuals(at: Vector) -> Vector:
        return np.log(rates(parameters, at, rows) / rows.observed)

    def cost(at: Vector) -> tuple[float, Vector]:
        r = residuals(at)
        size = np.abs(r)
        loss = np.where(size < delta, 0.5 * r * r, delta * (size - 0.5 * delta))
        drawn = 0.5 * (parameters.strength * (at - parameters.start) ** 2).sum()
        return float((rows.weights * loss).sum() + drawn), r

    value, r = cost(theta)
    for _ in range(60):
        jacobian = np.empty((len(r), len(theta)))
        for j in range(len(theta)):
            moved = theta.copy()
            moved[j] += 1e-5
            jacobian[:, j] = (residuals(moved) - r) / 1e-5
        weights = rows.weights * np.minimum(1, delta / np.maximum(np.abs(r), 1e-9))
        normal = jacobian.T @ (jacobian * weights[:, None]) + np.diag(parameters.strength)
        gradient = jacobian.T @ (weights * r) + parameters.strength * (theta - parameters.start)
        better = False
        while damping < 1e6 and not better:
            step = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), -gradient)
            new, new_r = cost(theta + step)
            better = new < value
            damping = max(damping / 3, 1e-7) if better else damping * 4
        if not better:
            break
        gain, theta, value, r = value - new, theta + step, new, new_r
        if gain < 1e-9 * value:
            break
    return parameters, theta


@dataclass(frozen=True)
class Constants:
    """Fitted parameters of both quantities."""

    decode: tuple[Parameters, Vector]
    prefill: tuple[Parameters, Vector]


def model_of(constants: Constants, template: SpeedModel, *, llamafile: bool = False) -> SpeedModel:
    """The program's model with these constants; `llamafile` with that engine's own."""
    value = constants.decode[0].reader(constants.decode[1])
    prefill = constants.prefill[0].reader(constants.prefill[1])
    pace = value("llamafile") if llamafile else 1.0
    return replace(
        template,
        backends=tuple(_backend(name, value, prefill, llamafile) for name in speed_terms.BACKENDS),
        generations=_generations(constants),
        decode=DecodeTerms(
            mixture_bytes=value("mixture_bytes"),
            mixture_layers=value("mixture_layers"),
            recurrent_layers=value("recurrent_layers"),
            low_bit=value("low_bit"),
            half=value("half"),
            bf16_bytes=value("bf16_bytes"),
            cache_bytes=value("cache_bytes"),
            latent_cache_bytes=value("latent_cache_bytes"),
            two_dies=value("two_dies"),
            integrated=value("integrated"),
            token_seconds=value("token_seconds") / pace,
        ),
        prefill=PrefillTerms(
            bandwidth_share=prefill("bandwidth_share"),
            layer_seconds=prefill("layer_seconds"),
            mixture=prefill("mixture"),
            recurrent=prefill("recurrent"),
            half_precision=prefill("half_precision"),
            bf16=prefill("bf16"),
            attention=prefill("attention"),
        ),
    )


def _backend(
    name: str,
    value: Callable[[str], float],
    prefill: Callable[[str], float],
    llamafile: bool,
) -> Backend:
    pace = value("llamafile") if llamafile else 1.0
    layers = _llamafile_layers(value, name) if llamafile else 1.0
    return Backend(
        name=name,
        bandwidth_share=value(f"bandwidth {name}") * pace,
        layer_seconds=value(f"layer {name}") * layers / pace,
        fp32_share=value(f"fp32 {name}") * pace,
        matrix_share=prefill(f"matrix {name}"),
    )


def ollama_pace(constants: Constants) -> float:
    """Decode of the rows that say Ollama, of versions they do not tell, as a share of llama.cpp's.

    It keeps these rows from pulling the constants; the program does not use it.
    """
    return constants.decode[0].reader(constants.decode[1])("ollama")


def prefill_pace(constants: Constants, backend: str) -> float:
    """Prefill of llamafile as a share of llama.cpp's."""
    return _llamafile_prefill(constants.prefill[0].reader(constants.prefill[1]), backend)


def _generations(constants: Constants) -> tuple[Generation, ...]:
    decode = constants.decode[0].reader(constants.decode[1])
    prefill = constants.prefill[0].reader(constants.prefill[1])
    return tuple(
        Generation(
            backend=backend,
            architecture=architecture,
            bandwidth=decode(f"bandwidth of {backend} {architecture}"),
            compute=decode(f"compute of {backend} {architecture}"),
            matrix=prefill(f"matrix of {backend} {architecture}"),
        )
        for backend, architecture in constants.decode[0].generations
    )
