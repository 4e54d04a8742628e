"""Rows and facts of the Models page out of values: nothing here asks, waits or stores."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QCoreApplication

from landfall.core.fit.fit import Fit, FitKind
from landfall.core.fit.offer import Offer, bytes_per_1k, name_key
from landfall.core.fit.recommend import DECODE_FLOOR_TOK_S
from landfall.core.models.catalogue import Evidence, Task
from landfall.core.models.weights import download_size
from landfall.core.provenance import (
    Estimated,
    Figure,
    Published,
    Unknown,
    middle,
)
from landfall.gui.colours import Role
from landfall.gui.format import (
    EN_DASH,
    Shown,
    approximately,
    capital,
    number,
    origin_word,
    plain,
    shown,
)
from landfall.gui.models.origins import (
    cache_words,
    compute_words,
    download_source,
    overhead_words,
    state_words,
    weights_words,
)
from landfall.gui.translated import all_translated, translated
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import FitCell, Plain, Row, Title
from landfall.gui.widgets.memory_bar import Segment
from landfall.gui.widgets.memory_cell import MemoryCell
from landfall.gui.widgets.numbers import FitLook
from landfall.gui.widgets.table_model import Column

NAME, NEED, FIT, SPEED, QUALITY, LICENCE = range(6)
_LONG_RATE_TOK_S = 10_000


def _tr(text: str) -> str:
    return QCoreApplication.translate("models", text)


@dataclass(frozen=True, slots=True)
class Marks:
    """What is the case for a model on the server, by `name_key`."""

    installed: frozenset[str] = frozenset()
    loaded: frozenset[str] = frozenset()
    pulling: frozenset[str] = frozenset()

    def word(self, name: str) -> str:
        """The most telling of them, or ""."""
        key = name_key(name)
        if key in self.loaded:
            return _tr("loaded")
        if key in self.installed:
            return _tr("installed")
        return _tr("in Downloads") if key in self.pulling else ""


# ---------------------------------------------------------------- the table


def task_words() -> dict[Task, str]:
    """What a model may be wanted for, in the order of the choice."""
    return {
        Task.CHAT: _tr("Chat"),
        Task.CODE: _tr("Code"),
        Task.CLASSIFICATION: _tr("Classification"),
        Task.EXTRACTION: _tr("Extraction"),
        Task.SUMMARY: _tr("Summary"),
        Task.EMBEDDING: _tr("Embedding"),
        Task.VISION: _tr("Vision"),
    }


def context_words(tokens: int) -> str:
    """ "16k" for 16384; what is no whole thousand is written out."""
    if tokens >= 1024 and tokens % 1024 == 0:
        return f"{number(tokens // 1024)}k"
    return number(tokens)


def columns(context: int) -> tuple[Column, ...]:
    """Of the recommended models."""
    return (
        Column(_tr("Model")),
        Column(need_title(context), 144, right=True),
        Column(_tr("Fit"), 122),
        Column(speed_title(embedding=False), 132, right=True),
        Column(_tr("Quality"), 112, right=True),
        Column(_tr("Licence"), 150),
    )


def need_title(context: int) -> str:
    """The head of the column of needs."""
    return _tr("Need at {0}").format(context_words(context))


def speed_title(*, embedding: bool) -> str:
    """What the speed is of: of answers, or of texts that are read."""
    return _tr("Reads") if embedding else _tr("Speed")


def offer_row(
    offer: Offer, marks: Marks, *, typed: bool = False, hint: str = "", calibrated: bool = False
) -> Row:
    """One model in the table.

    Args:
        typed: Whether the user named it.
        hint: What would help, or why it is left out; see `hint_words`.
        calibrated: Whether runs on the machine moved the predicted speed.
    """
    detail = offer_detail(offer, marks, typed=typed, hint=hint)
    return (
        # Two quantisations of a repository differ in the last letters of their names.
        Title(offer.name, detail, note=download_source(offer.spec), keeps_end=typed),
        memory_cell(offer),
        FitCell(fit_look(offer), "\n".join(map(capital, all_translated(offer.fit.reasons)[:1]))),
        rate_shown(speed(offer), calibrated=calibrated),
        quality_shown(offer.evidence),
        Plain(offer.licence or _tr("not in the catalogue"), tone="text_2"),
    )


def only_words(context: int) -> str:
    """That a model cannot hold the context that is asked for."""
    return _tr("Only {0} of context").format(context_words(context))


def offer_key(offer: Offer, column: int) -> float | str:
    """What a model is ordered by in a column; unknown comes before all else."""
    if column == NEED:
        return float(offer.fit.need.total_bytes)
    if column == FIT:
        return float(fit_look(offer).value[1])
    if column == SPEED:
        return _or_first(middle(speed(offer)))
    if column == QUALITY:
        return _or_first(offer.evidence[0].score if offer.evidence else None)
    return (offer.licence if column == LICENCE else offer.name).casefold()


def _or_first(value: float | None) -> float:
    return -math.inf if value is None else value


def memory_cell(offer: Offer) -> MemoryCell:
    """The need, and its bar: past the rim is what goes to main memory, or lacks."""
    segments, budget, _ = memory_segments(offer)
    return MemoryCell(
        shown=replace(shown(offer.need_bytes, Unit.MEMORY_BYTES), detail=""),
        segments=segments,
        total_bytes=budget,
        need_bytes=offer.fit.need.total_bytes,
        over=over_role(offer),
        explained=partial(explained_segments, offer),
    )


def over_role(offer: Offer) -> Role:
    """Of what is past the budget: it goes to main memory, or it is missing."""
    return "caution" if offer.fit.fits else "danger"


def rate_shown(rate: Figure, *, calibrated: bool = False) -> Shown:
    """A predicted rate as its band, with the middle below it; a measured one as it is."""
    seen = shown(rate, Unit.TOKENS_PER_SECOND)
    if not isinstance(rate, Estimated) or not seen.detail:
        return seen
    band, middle_words = seen.detail, seen.value.removeprefix("~")
    if rate.high >= _LONG_RATE_TOK_S:
        band = f"{_short_rate(rate.low)}{EN_DASH}{_short_rate(rate.high)}"
        middle_words = _short_rate(rate.mid)
    about = _tr("calibrated, {0}").format(approximately(middle_words))
    if not calibrated:
        about = _tr("about {0}").format(middle_words)
    return replace(seen, value=band, detail=about)


def _short_rate(tok_s: float) -> str:
    """In thousands where it is above: "384", "4.2k", "158k"; a column has no room for more."""
    if tok_s < 999.5:
        return number(tok_s)
    thousands = tok_s / 1000
    return f"{number(thousands, digits=0 if thousands >= 9.95 else 1)}k"


def offer_detail(offer: Offer, marks: Marks, *, typed: bool = False, hint: str = "") -> str:
    """The line below the name: what would help or is wrong, how large it is, what is the case."""
    parts = [hint] if hint else []
    if offer.spec.download_bytes is not None:
        parts.append(plain(offer.spec.download_bytes, Unit.FILE_BYTES))
    if offer.spec.architecture.is_mixture and not hint:
        parts.append(_tr("MoE, {0} active").format(billions(offer.spec.params_active)))
    mark = marks.word(offer.name)
    if mark:
        parts.append(mark)
    elif typed:
        parts.append(_tr("asked by you"))
    return ", ".join(parts) or billions(offer.spec.params_total)


def hint_words(offer: Offer, better: tuple[int, Fit] | None, gap_bytes: int) -> str:
    """What would help a model that does not run whole, or why it is left out; or "".

    Args:
        better: A shorter context at which it stands better, and how; or None.
        gap_bytes: How much memory it lacks.
    """
    if better is not None:
        context, placed = better
        how = {FitKind.GPU: _tr("Whole at {0}"), FitKind.PARTIAL: _tr("In part at {0}")}
        return how.get(placed.kind, _tr("Fits at {0}")).format(context_words(context))
    if gap_bytes:
        return _tr("Lacks {0}").format(approximately(plain(gap_bytes, Unit.MEMORY_BYTES)))
    if offer.left_out:
        return _tr("Under {0} tok/s").format(number(DECODE_FLOOR_TOK_S))
    return ""


def fit_look(offer: Offer) -> FitLook:
    """The vessel."""
    return FitLook.of(offer.fit.kind.value, tight=offer.tight)


def speed(offer: Offer) -> Figure:
    """Of the answer; an embedding model writes none, so of reading."""
    embeds = offer.spec.architecture.embedder
    return offer.prefill_tok_s if embeds else offer.decode_tok_s


def quality_shown(evidence: tuple[Evidence, ...]) -> Shown:
    """The score that decides, with the name of its metric below it."""
    if not evidence:
        return shown(Unknown(_tr("no published score is in the catalogue")), Unit.COUNT)
    best = evidence[0]
    seen = shown(Published(best.score, translated(best.source), best.date), Unit.COUNT)
    metric = short_metric(best.metric)
    value = score(best.score)
    return replace(
        seen,
        value=value,
        detail=metric,
        spoken=f"{best.metric}: {value}, {seen.detail}, {translated(best.source)}",
    )


def short_metric(metric: str) -> str:
    """The name without its version and set, so that it fits a column."""
    name = metric.partition(" v")[0]
    return name.replace("AA Intelligence Index", "AA Index").removesuffix(" Diamond")


def score(value: float) -> str:
    """With a decimal only where it has one."""
    return number(value, digits=0 if value == round(value) else 1)


def billions(parameters: int) -> str:
    """ "8.2 B", "494 M"."""
    if parameters < 999_500_000:
        return f"{number(parameters / 1e6)} M"
    size = parameters / 1e9
    return f"{number(size, digits=0 if size >= 99.5 or size == round(size) else 1)} B"


def breakable(name: str) -> str:
    """A model's name with places at which a long one may go on in the next line."""
    for mark in "/:_-.":
        name = name.replace(mark, f"{mark}\u200b")
    return name


# ---------------------------------------------------------------- the inspector


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the inspector: a figure with its mark, or words."""

    name: str
    shown: Shown | None = None
    text: str = ""


def memory_segments(offer: Offer) -> tuple[tuple[Segment, ...], int, int | None]:
    """Segments of the budget, the budget, and the need where it is above it."""
    need, budget = offer.fit.need, offer.fit.budget_bytes
    context = context_words(offer.fit.request.context)
    parts = [
        Segment(_tr("Weights"), need.weights_bytes + need.projector_bytes, "mem_weights"),
        Segment(
            _tr("KV cache, {0}").format(context),
            need.kv_cache_bytes + need.recurrent_state_bytes,
            "mem_kv",
        ),
        Segment(_tr("Compute"), need.compute_bytes, "mem_compute"),
        Segment(_tr("Overhead"), need.overhead_bytes, "mem_overhead"),
        Segment(_tr("Left"), budget - need.total_bytes, "border", "free"),
    ]
    over = need.total_bytes if need.total_bytes > budget else None
    return tuple(part for part in parts if part.size_bytes > 0), budget, over


def explained_segments(offer: Offer) -> tuple[Segment, ...]:
    """The same segments, each with where its size is from."""
    spec, placed = offer.spec, offer.fit
    cache = cache_words(spec, placed)
    if placed.need.recurrent_state_bytes:
        cache = f"{cache}. {state_words(spec)}"
    told: dict[Role, str] = {
        "mem_weights": weights_words(spec, placed),
        "mem_kv": cache,
        "mem_compute": compute_words(spec, placed),
        "mem_overhead": overhead_words(),
    }
    segments, _, _ = memory_segments(offer)
    return tuple(replace(part, source=told.get(part.role, "")) for part in segments)


def budget_words(offer: Offer, *, here: bool) -> str:
    """Against what the need stands; of a machine that is not at hand nobody knows what is free."""
    usable = plain(offer.fit.budget_bytes, Unit.MEMORY_BYTES)
    if offer.fit.kind is FitKind.CPU and not offer.fit.gpus:
        words = _tr("{0} of main memory can be used")
        return (_tr("{0} of main memory can be used now") if here else words).format(usable)
    return (_tr("{0} can be used now") if here else _tr("{0} can be used")).format(usable)


def facts(offer: Offer, longest: int | None) -> tuple[Fact, ...]:
    """Everything that is told about one model, top to bottom."""
    spec, asked = offer.spec, offer.fit.request
    grows = bytes_per_1k(offer)
    out = [Fact(_tr("Need"), shown(offer.need_bytes, Unit.MEMORY_BYTES))]
    if offer.fit.kind is FitKind.PARTIAL:
        layers = _tr("{0} of {1} layers").format(offer.fit.gpu_layers, offer.fit.layers)
        out.append(Fact(_tr("On the GPU"), text=layers))
    if not spec.architecture.embedder:
        out.append(Fact(_tr("Writes"), rate_shown(offer.decode_tok_s)))
    out.append(Fact(_tr("Reads"), rate_shown(offer.prefill_tok_s)))
    per_1k = Estimated(grows, grows, grows, _tr("KV cache and compute of 1,024 tokens more"))
    grown = shown(per_1k, Unit.MEMORY_BYTES) if grows else None
    out.append(Fact(_tr("Per 1k of context"), grown, "" if grown else _tr("nothing more")))
    out.append(Fact(_tr("Largest context that fits"), _most_shown(longest), _tr("none")))
    trained = spec.architecture.context_trained
    if trained is not None and asked.context >= trained:
        out.append(Fact(_tr("Trained for"), text=context_words(trained)))
    name = _tr("Download, {0}").format(spec.quantization)
    out.append(Fact(name, shown(download_size(spec), Unit.FILE_BYTES)))
    out.append(Fact(_tr("Licence"), text=offer.licence or _tr("not in the catalogue")))
    return tuple(out)


def _most_shown(longest: int | None) -> Shown | None:
    """In steps of 1,024 tokens, rounded down."""
    if longest is None:
        return None
    formula = _tr("the longest at which it runs as well as it can")
    seen = shown(Estimated(longest, longest, longest, formula), Unit.COUNT)
    words = context_words(longest // 1024 * 1024 or longest)
    spoken = _tr("about {0} tokens, {1}").format(words, seen.note)
    return replace(seen, value=approximately(words), unit=_tr("tokens"), spoken=spoken)


def evidence_lines(evidence: Iterable[Evidence]) -> tuple[Fact, ...]:
    """One line a score; each with its own metric, which never compares with another's."""
    return tuple(Fact(e.metric, _score_shown(e)) for e in evidence)


def _score_shown(evidence: Evidence) -> Shown:
    """With the decimals of its source, for the eye and for the ear."""
    seen = shown(Published(evidence.score, translated(evidence.source), evidence.date), Unit.COUNT)
    value = score(evidence.score)
    spoken = ", ".join((value, origin_word(seen.origin), seen.detail, seen.note))
    return replace(seen, value=value, spoken=spoken)
