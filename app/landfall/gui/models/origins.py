"""Where the numbers of one model on one machine come from, in words: for hover and for reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.fit.fit import Fit, FitKind
from landfall.core.fit.memory import physical_batch
from landfall.core.machine.hardware import FREE_MARGIN_BYTES, SYSTEM_RESERVE_BYTES, HardwareProfile
from landfall.core.provenance import provenance
from landfall.gui.format import capital, number, plain, whole
from landfall.gui.translated import translated
from landfall.gui.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landfall.core.fit.offer import Offer
    from landfall.core.models.architecture import ModelSpec
    from landfall.core.models.catalogue import Evidence


@dataclass(frozen=True, slots=True)
class Source:
    """A number by its name, and where it is from."""

    name: str
    text: str


def _tr(text: str) -> str:
    return QCoreApplication.translate("models", text)


def sources(offer: Offer, profile: HardwareProfile | None) -> tuple[Source, ...]:
    """Of every number that is shown of a model, top to bottom."""
    spec, placed = offer.spec, offer.fit
    need = placed.need
    out = [Source(_tr("Weights"), weights_words(spec, placed))]
    out.append(Source(_tr("KV cache"), cache_words(spec, placed)))
    if need.recurrent_state_bytes:
        out.append(Source(_tr("Recurrent state"), state_words(spec)))
    out.append(Source(_tr("Compute"), compute_words(spec, placed)))
    if need.overhead_bytes:
        out.append(Source(_tr("Overhead"), overhead_words()))
    out.append(Source(_tr("Budget"), budget_source(placed, profile)))
    if not spec.architecture.embedder:
        out.append(Source(_tr("Writes"), capital(translated(provenance(offer.decode_tok_s)))))
    out.append(Source(_tr("Reads"), capital(translated(provenance(offer.prefill_tok_s)))))
    out.append(Source(_tr("Calibration"), calibration_words(profile)))
    out.append(Source(_tr("Quality"), evidence_source(offer.evidence)))
    return tuple(out)


def weights_words(spec: ModelSpec, placed: Fit) -> str:
    """Where the size of the weights is from, and how well it is known."""
    words = spec.weights.source
    if spec.weights.spread:
        known = _tr("known to \u00b1{0} %").format(number(spec.weights.spread * 100, digits=1))
        words = f"{words}; {known}"
    if spec.weights.tied and placed.gpus:
        twice = _tr("the embedding is there twice, for input and for output")
        words = f"{words}; {twice}"
    return words


def cache_words(spec: ModelSpec, placed: Fit) -> str:
    """The formula of the cache with this model's numbers."""
    groups = []
    for layers in spec.architecture.caches:
        sees = ""
        if layers.window is not None:
            sees = _tr(", a window of {0} tokens").format(whole(layers.window))
        text = _tr("{0} layers, {1} numbers a token{2}")
        width = layers.key_width + layers.value_width
        groups.append(text.format(whole(layers.layers), whole(width), sees))
    if not groups:
        return _tr("Keeps none")
    asked = placed.request
    times = f" \u00d7 {whole(asked.parallel)}" if asked.parallel > 1 else ""
    size = _tr("{0} tokens{1} at {2} bytes ({3})").format(
        whole(asked.context), times, number(asked.kv_type.bytes_per_number, digits=2), asked.kv_type
    )
    return f"{'; '.join(groups)}. {size}"


def state_words(spec: ModelSpec) -> str:
    """What does not grow with the context."""
    count = whole(spec.architecture.recurrent_layers)
    return _tr("{0} layers keep a state of one size, whatever the context").format(count)


def compute_words(spec: ModelSpec, placed: Fit) -> str:
    """What one step holds at once."""
    batch = whole(physical_batch(spec.architecture, placed.request))
    return _tr("The largest set of values of one step, for a batch of {0} tokens").format(batch)


def overhead_words() -> str:
    """Source: see `hardware.overhead_bytes`."""
    return _tr("The runtime\u2019s own context on each device, as Ollama counts it")


def budget_source(placed: Fit, profile: HardwareProfile | None) -> str:
    """Against what the need stands, and what is left free."""
    if placed.kind is FitKind.CPU or profile is None or not profile.accelerators:
        kept = plain(SYSTEM_RESERVE_BYTES, Unit.MEMORY_BYTES)
        return _tr("Main memory that is available, less {0} for everything else").format(kept)
    seen = ", ".join(dict.fromkeys(f"{a.name} ({a.source})" for a in profile.accelerators))
    kept = plain(FREE_MARGIN_BYTES, Unit.MEMORY_BYTES)
    return _tr("Free memory of {0}, less {1} a device, as llama.cpp leaves it").format(seen, kept)


def calibration_words(profile: HardwareProfile | None) -> str:
    """What runs on the machine say about the predicted speed."""
    found = profile.calibration if profile is not None else None
    if found is None:
        return _tr("None: nothing was measured on this machine, so the band is that of all such")
    count = whole(max(len(found.decode_scales), len(found.prefill_scales)))
    return _tr("By {0} models that were run here with {1}, the newest at {2}").format(
        count, found.engine, found.at
    )


def evidence_source(evidence: Iterable[Evidence]) -> str:
    """Who published the scores, and when they were collected."""
    seen = dict.fromkeys((translated(e.source), e.date) for e in evidence)
    if not seen:
        return _tr("No published score is in the catalogue")
    collected = _tr("{0}. Collected {1}.")
    return "\n".join(collected.format(source, date) for source, date in seen)


def download_source(spec: ModelSpec) -> str:
    """Who says how large the download is."""
    return _tr("Download: {0}").format(spec.weights.source)
