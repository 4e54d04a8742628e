"""The catalogues of models and machines, read from the resources and checked row by row.

A row that lacks something is left out and named; the rest can still be used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from landfall.core.architecture import Architecture, CacheLayers
from landfall.core.catalog import Evidence, ModelCard, caches_from_numbers
from landfall.core.errors import BadInput
from landfall.core.hardware import GIB, MIB, HardwareProfile, Vendor
from landfall.core.machines import Machine, enriched, what_if
from landfall.core.speed_model import SpeedModel
from landfall.services import resources
from landfall.services.speed_file import SPEED, read_speed

MODELS = "models.json"
HARDWARE = "hardware.json"

_RECALLED_SPREAD = 0.05

Row = Mapping[str, Any]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the program knows without asking anybody.

    Attributes:
        problems: What could not be used: which row, and which field.
        speed: The constants with which speed is predicted; None where they are damaged.
    """

    models: tuple[ModelCard, ...]
    machines: tuple[Machine, ...]
    problems: tuple[BadInput, ...]
    speed: SpeedModel | None = None

    def what_if(self, name: str) -> HardwareProfile:
        """The machine of that name, or several of a card, ready for predictions.

        Raises:
            BadInput: no machine has that name, or the count makes no sense.
        """
        return what_if(name, self.machines, self.speed)

    def enriched(self, profile: HardwareProfile) -> HardwareProfile:
        """A detected machine with what is known of its accelerators, ready for predictions."""
        return enriched(profile, self.machines, self.speed)


@cache
def load() -> Catalogue:
    """The catalogues of this installation; read once.

    Raises:
        BadInput: a resource is missing or no JSON.
    """
    models, model_problems = read_models(resources.read_json(MODELS))
    machines, machine_problems = read_machines(resources.read_json(HARDWARE))
    problems = model_problems + machine_problems
    speed: SpeedModel | None = None
    try:
        speed = read_speed(resources.read_json(SPEED))
    except BadInput as problem:
        problems += (problem,)
    return Catalogue(models, machines, problems, speed)


def read_models(document: Any) -> tuple[tuple[ModelCard, ...], tuple[BadInput, ...]]:
    """The rows that can be used, and what is wrong with the others."""
    return _read(document, MODELS, "tag", _card)


def read_machines(document: Any) -> tuple[tuple[Machine, ...], tuple[BadInput, ...]]:
    """The rows that can be used, and what is wrong with the others."""
    return _read(document, HARDWARE, "name", _machine)


def _read(
    document: Any, file: str, name: str, build: Callable[[_Fields], _T]
) -> tuple[tuple[_T, ...], tuple[BadInput, ...]]:
    rows = document.get("rows") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise BadInput(
            f"{file} has no list of rows.", "Install Landfall again.", file=file, field="rows"
        )
    good: list[_T] = []
    problems: list[BadInput] = []
    for index, row in enumerate(rows):
        try:
            good.append(build(_Fields(row, file, f"rows[{index}]", name)))
        except BadInput as problem:
            problems.append(problem)
    return tuple(good), tuple(problems)


class _Fields:
    """Checked access to one row."""

    def __init__(self, row: Any, file: str, path: str, name: str) -> None:
        self.file, self.path = file, path
        if not isinstance(row, dict):
            self.row, self.label = {}, path
            raise self.problem("", "is not an object")
        self.row = row
        self.label = str(row.get(name) or path)

    def problem(self, field: str, what: str) -> BadInput:
        """The error that names the row and the field."""
        return BadInput(
            f"Row {self.label!r} of {self.file}: {field or 'it'} {what}.",
            "The row is left out; correct it or install Landfall again.",
            file=self.file,
            field=f"{self.path}.{field}" if field else self.path,
        )

    def text(self, field: str) -> str:
        value = self.row.get(field)
        if not isinstance(value, str) or not value:
            raise self.problem(field, "is missing" if value is None else "is not a text")
        return value

    def optional_text(self, field: str) -> str:
        value = self.row.get(field)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.problem(field, "is not a text")
        return value

    def optional_number(self, field: str) -> float | None:
        value = self.row.get(field)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e18:
            raise self.problem(field, f"is {value!r}, not a number")
        return value

    def number(self, field: str) -> float:
        value = self.optional_number(field)
        if value is None:
            raise self.problem(field, "is missing")
        return value

    def positive(self, field: str) -> int:
        value = int(self.number(field))
        if value < 1:
            raise self.problem(field, "is not above 0")
        return value

    def count(self, field: str) -> int:
        return int(self.optional_number(field) or 0)

    def texts(self, field: str) -> tuple[str, ...]:
        value = self.row.get(field, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.problem(field, "is not a list of texts")
        return tuple(value)

    def flag(self, field: str) -> bool:
        value = self.row.get(field)
        if not isinstance(value, bool):
            raise self.problem(field, "is missing" if value is None else "is not true or false")
        return value


# ---------------------------------------------------------------- models

_METRICS = {
    "aa_index_v4_1_1": "AA Intelligence Index v4.1.1",
    "mmlu_pro": "MMLU-Pro",
    "gpqa_diamond": "GPQA Diamond",
    "livecodebench_v6": "LiveCodeBench v6",
}


_ENCODER_RESIDUALS = 3
"""As for an encoder's header (`layers.py`)."""


def _card(fields: _Fields) -> ModelCard:
    size_gb = fields.optional_number("size_gb")
    source = fields.optional_text("size_source")
    return ModelCard(
        tag=fields.text("tag"),
        aliases=fields.texts("aliases"),
        architecture=_architecture(fields),
        architecture_source=fields.text("arch_source"),
        tied_embeddings=fields.flag("tied_embeddings"),
        params_total=fields.positive("params_total"),
        params_active=fields.positive("params_active"),
        quantization=fields.text("quantization"),
        size_bytes=None if size_gb is None else round(size_gb * 1e9),
        size_spread=_spread(size_gb, source),
        size_source=source,
        capabilities=frozenset(fields.texts("capabilities")),
        licence=fields.text("licence"),
        evidence=_evidence(fields),
        notes=fields.optional_text("notes"),
        date=fields.text("date"),
    )


def _spread(size_gb: float | None, source: str) -> float:
    """Half of the last digit that the library prints: 43 is 42.5 to 43.5, 4.9 is 4.85 to 4.95."""
    if not size_gb:
        return 0.0
    step = 1.0 if size_gb >= 10 else 0.1 if size_gb >= 1 else 0.001
    return max(step / 2 / size_gb, _RECALLED_SPREAD if "recalled" in source else 0.0)


def _architecture(fields: _Fields) -> Architecture:
    kind = fields.text("arch_type")
    heads = fields.positive("heads") if fields.row.get("heads") is not None else None
    encoder = kind == "embedding-encoder"
    head_dim = int(fields.number("head_dim_k"))
    hidden = fields.positive("hidden")
    caches, certain = _caches(fields)
    heads = heads or max(1, hidden // max(1, head_dim))
    vocabulary = fields.optional_number("vocab")
    if vocabulary is None and not encoder:
        raise fields.problem("vocab", "is missing")
    return Architecture(
        name=kind,
        layers=fields.positive("layers"),
        caches=() if encoder else caches,
        vocabulary=None if encoder or vocabulary is None else int(vocabulary),
        hidden=hidden,
        heads=heads,
        query_width=heads * head_dim,
        feed_forward=fields.count("feed_forward_active") or 4 * hidden,
        context_trained=fields.positive("context_max"),
        recurrent_bytes=int((fields.optional_number("recurrent_state_mib") or 0.0) * MIB),
        recurrent_layers=fields.count("recurrent_layers"),
        experts=fields.count("experts"),
        experts_used=fields.count("experts_used"),
        encoder=encoder,
        embedder=kind.startswith("embedding"),
        known=certain and "NOT verified" not in fields.row.get("arch_source", ""),
        gated=fields.row.get("feed_forward_gated") is not False,
        residuals=_ENCODER_RESIDUALS if encoder else 4,
        logits_residuals=_logits_residuals(kind, fields.count("experts_used")),
        new_keys=int((fields.optional_number("kv_heads") or heads) * head_dim) if encoder else 0,
    )


def _logits_residuals(kind: str, experts_used: int) -> int:
    """As for the headers of such models (`layers.py`)."""
    if kind == "mla+moe":
        return 4 + experts_used
    return 3 if kind.startswith("hybrid") else 2


def _caches(fields: _Fields) -> tuple[tuple[CacheLayers, ...], bool]:
    """Cache layers, and whether the numbers are certain.

    Where the KV heads of full attention are not known those of the sliding layers are taken: no
    architecture of the catalogue has more on its full layers.
    """
    sliding_heads = fields.optional_number("swa_kv_heads")
    full_heads = fields.optional_number("kv_heads")
    certain = full_heads is not None
    heads = full_heads if full_heads is not None else sliding_heads
    if heads is None:
        raise fields.problem("kv_heads", "is missing")
    full = (
        int(fields.number("kv_layers_full")),
        int(heads * fields.number("head_dim_k")),
        int(heads * fields.number("head_dim_v")),
    )
    window = fields.optional_number("swa_window")
    if window is None or sliding_heads is None:
        return caches_from_numbers(full=full), certain
    width = int(sliding_heads * fields.number("swa_head_dim"))
    return (
        caches_from_numbers(
            full=full,
            sliding=(int(fields.number("kv_layers_swa")), width, width),
            window=int(window),
        ),
        certain,
    )


def _evidence(fields: _Fields) -> tuple[Evidence, ...]:
    scores = fields.row.get("quality", {})
    if not isinstance(scores, dict):
        raise fields.problem("quality", "is not an object")
    found = []
    for key, score in scores.items():
        if isinstance(score, bool) or not isinstance(score, int | float):
            raise fields.problem(f"quality.{key}", "is not a number")
        metric = _METRICS.get(key) or fields.optional_text("embedding_metric") or key
        found.append(
            Evidence(
                metric=metric,
                score=float(score),
                source=fields.text("quality_source"),
                date=fields.text("date"),
            )
        )
    return tuple(found)


# ---------------------------------------------------------------- machines


def _machine(fields: _Fields) -> Machine:
    vendor = fields.text("vendor")
    if vendor not in {v.value for v in Vendor}:
        raise fields.problem("vendor", f"is {vendor!r}")
    memory = fields.optional_number("memory_gib")
    if memory is None and not fields.flag("memory_shared"):
        raise fields.problem("memory_gib", "is missing")
    options = fields.row.get("memory_options_gib", [])
    if not isinstance(options, list) or not all(isinstance(o, int) and o > 0 for o in options):
        raise fields.problem("memory_options_gib", "is not a list of sizes")
    return Machine(
        name=fields.text("name"),
        vendor=Vendor(vendor),
        device_class=fields.text("class"),
        architecture=fields.text("architecture"),
        memory_bytes=None if memory is None else int(memory * GIB),
        memory_options=tuple(o * GIB for o in options),
        unified=fields.flag("unified"),
        bandwidth_bytes_per_s=fields.number("bandwidth_gb_s") * 1e9,
        fp16_flops=_tera(fields, "fp16_tflops"),
        fp32_flops=_tera(fields, "fp32_tflops"),
        tdp_watts=fields.optional_number("tdp_watts"),
        launch_price_usd=fields.optional_number("launch_price_usd"),
        year=fields.count("year") or None,
        source=fields.text("source"),
        price_source=fields.optional_text("price_source"),
        date=fields.text("date"),
    )


def _tera(fields: _Fields, field: str) -> float | None:
    value = fields.optional_number(field)
    return None if value is None else value * 1e12
