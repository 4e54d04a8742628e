"""A run in words and figures: what the pages Run and History show of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.energy.energy import joules_per_token
from landfall.core.provenance import Estimated, Figure, Measured, Unknown
from landfall.core.run.token_estimate import BAND, ESTIMATED
from landfall.core.run.token_estimate import figure as token_estimate
from landfall.gui.dates import when
from landfall.gui.format import Origin, Shown, duration, money, percent, plain, shown, whole
from landfall.gui.host_names import host_words, kept_name
from landfall.gui.run.energy_words import energy_facts
from landfall.gui.scope_words import scope_words
from landfall.gui.translated import translated
from landfall.gui.units import Unit

if TYPE_CHECKING:
    from landfall.core.run.metrics import RunMetrics
    from landfall.services.history.records import RunRecord

STATED = "stated by the provider"
"""What the budget notes where the provider itself says what an answer cost."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("run", text)


@dataclass(frozen=True, slots=True)
class Meter:
    """A figure of a run with its caption."""

    key: str
    caption: str
    shown: Shown


def place_words(record: RunRecord) -> str:
    """Where a run was answered."""
    match record.place:
        case "local":
            # A second server here, or a tunnel from here, is known by its name.
            return kept_name(record.host) or _tr("this machine")
        case "network":
            return host_words(record.host)
        case _:
            # A provider says its name as the engine; a model in a cloud behind Ollama has a host.
            engine = record.engine or ""
            return record.host if not engine or engine.startswith("Ollama") else engine


# Figures


def measured(record: RunRecord, value: float | None, where: str, reason: str) -> Figure:
    """A figure of this run, or why it is not known."""
    if value is None:
        return Unknown(reason or _tr("not known of this run"))
    return Measured(float(value), record.started_at, where)


def joules_of(record: RunRecord) -> Figure:
    """Gross energy of a run as it is kept."""
    scope = scope_words(record.energy_scope or "")
    reason = translated(record.energy_reason or "")
    if record.place == "cloud":
        reason = _tr("a provider does not tell the energy of an answer")
    return measured(record, record.gross_joules, scope, reason)


def energy_per_token(record: RunRecord, joules: Figure | None = None) -> Figure:
    """Gross joules over the tokens of the answer."""
    return joules_per_token(joules or joules_of(record), record.output_tokens)


def cost_of(record: RunRecord) -> Figure:
    """What a provider charges for a run: as it says itself, or by its price for what it counted."""
    usd, note = record.cost_usd, record.cost_note or ""
    if usd is None or note == STATED:
        return measured(record, usd, note, note)
    if tokens_are_estimated(record):
        low, high = (usd * share for share in BAND)
        return Estimated(low, usd, high, _tr("tokens as estimated x price, {0}").format(note))
    return Estimated(usd, usd, usd, _tr("tokens as counted x price, {0}").format(note))


def at_most(usd: float) -> str:
    """An upper limit of a cost: rounded up, with as many digits as tell something."""
    digits = 2 if usd >= 1 or usd <= 0 else max(2, 1 - math.floor(math.log10(usd)))
    step = 10.0**digits
    return money(math.ceil(usd * step - 1e-9) / step, digits=digits)


def tokens_are_estimated(record: RunRecord) -> bool:
    """Whether the provider counted none, so that the counts of the run are estimates."""
    return record.conditions.get("tokens") == ESTIMATED


def tokens_out(record: RunRecord, where: str, reason: str = "") -> Figure:
    """The tokens of the answer: as counted, or as estimated from its text."""
    if record.output_tokens is not None and tokens_are_estimated(record):
        return token_estimate(record.output_tokens)
    return measured(record, record.output_tokens, where, reason)


def decode_of(record: RunRecord, reason: str = "") -> Figure:
    """The rate of the answer, and by whose clock."""
    return measured(record, record.decode_tok_s, decode_source(record), reason)


def decode_source(record: RunRecord) -> str:
    """Where a decode rate comes from: the server's counters, or the arrival of the text."""
    if record.conditions.get("decode_rate") == "server counters":
        return _tr("{0}, its own counters").format(record.engine or "Ollama")
    return _tr("arrival of the text here")


def meters(
    record: RunRecord, metrics: RunMetrics | None = None, joules: Figure | None = None
) -> tuple[Meter, ...]:
    """The figures of one run; `metrics` knows why one is missing, for a run that just ended."""
    why = metrics.reason if metrics is not None else _no_reason
    engine = _tr("{0}, its own counters").format(record.engine or "Ollama")
    arrival = _tr("arrival of the first piece here")
    ttft = measured(record, record.ttft_seconds, arrival, why("ttft_seconds"))
    out = tokens_out(record, engine, why("output_tokens"))
    decode = decode_of(record, why("decode_tok_s"))
    tokens_in = _counted(record.prompt_tokens, _tr("{0} tokens in"), record)
    common = (
        Meter("ttft", _tr("First token"), _with(shown(ttft, Unit.SECONDS), "")),
        Meter("decode", _tr("Decode"), _with(shown(decode, Unit.TOKENS_PER_SECOND), "")),
        Meter("tokens", _tr("Tokens out"), _with(shown(out, Unit.COUNT), tokens_in)),
    )
    if record.place == "cloud":
        cost = shown(cost_of(record), Unit.USD)
        return (*common, Meter("cost", _tr("Cost"), _with(cost, _cost_detail(record))))
    load = measured(record, record.load_seconds, engine, why("load_seconds"))
    prefill = measured(record, record.prefill_tok_s, engine, why("prefill_tok_s"))
    energy = shown(energy_per_token(record, joules), Unit.JOULES_PER_TOKEN)
    return (
        common[0],
        Meter("load", _tr("Load"), _with(shown(load, Unit.SECONDS), "")),
        Meter("prefill", _tr("Prefill"), _with(shown(prefill, Unit.TOKENS_PER_SECOND), "")),
        *common[1:],
        Meter("energy", _tr("Energy, gross"), _with(energy, _energy_scope(record))),
    )


def _energy_scope(record: RunRecord) -> str:
    """What the energy covers; a board that the model did not use only waited beside it."""
    scope = record.energy_scope or ""
    if scope == "gpu" and record.conditions.get("gpu_share") == 0:
        return _tr("{0}, idle: it ran on the CPU").format(scope_words(scope))
    return scope_words(scope)


def live_meters(
    *,
    cloud: bool,
    ttft_seconds: float | None,
    tok_s: float | None,
    pieces: int,
    broken: bool = False,
) -> tuple[Meter, ...]:
    """The same figures while the answer comes: what can be told already, by our own clock.

    Args:
        broken: It broke off or was stopped: what is not known by now will not be.
    """
    soon = not_yet(_tr("later"), _tr("known when the answer has ended"))
    waiting = not_yet(_tr("waiting"), _tr("nothing has come yet"))
    if broken:
        soon = waiting = shown(Unknown(_tr("the answer did not come to its end")), Unit.COUNT)
    first = waiting if ttft_seconds is None else _live(ttft_seconds, Unit.SECONDS, "")
    rate = waiting if tok_s is None else _live(tok_s, Unit.TOKENS_PER_SECOND, _tr("last second"))
    count = _live(float(pieces), Unit.COUNT, _tr("as they came") if broken else _tr("so far"))
    common = (
        Meter("ttft", _tr("First token"), first),
        Meter("decode", _tr("Decode"), rate),
        Meter("tokens", _tr("Tokens out"), count),
    )
    if cloud:
        return (*common, Meter("cost", _tr("Cost"), soon))
    return (
        common[0],
        Meter("load", _tr("Load"), soon),
        Meter("prefill", _tr("Prefill"), soon),
        *common[1:],
        Meter("energy", _tr("Energy, gross"), soon),
    )


def not_yet(word: str, why: str) -> Shown:
    """A figure that is on its way."""
    return Shown(
        value=word,
        unit="",
        origin=Origin.UNKNOWN,
        detail="",
        note=why,
        stale=False,
        spoken=why,
        sort=None,
    )


def _live(value: float, unit: Unit, detail: str) -> Shown:
    where = _tr("pieces as they arrive here, about a token each")
    return replace(shown(Measured(value, "", where), unit), detail=detail)


def _with(figure: Shown, detail: str) -> Shown:
    """The date stands once, in the heading: the line below says something else."""
    return replace(figure, detail=detail if figure.origin is not Origin.UNKNOWN else "")


def _counted(count: int | None, words: str, record: RunRecord) -> str:
    about = "~" if tokens_are_estimated(record) else ""
    return "" if count is None else words.format(f"{about}{whole(count)}")


def _cost_detail(record: RunRecord) -> str:
    if record.cost_note == STATED:
        return _tr("as it says itself")
    if tokens_are_estimated(record):
        return _tr("estimated tokens x price")
    return _tr("tokens x price")


def _no_reason(_field: str) -> str:
    return ""


# Sentences


def heading(record: RunRecord) -> str:
    """Which run it is, at the context that it was given: "qwen3:8b at 8,192, today 21:02"."""
    context = record.conditions.get("context_given") or record.conditions.get("context")
    at = when(record.started_at)
    if record.place == "cloud" or not isinstance(context, int):
        return f"{record.model}, {at}"
    return _tr("{0} at {1}, {2}").format(record.model, whole(context), at)


def facts(record: RunRecord) -> tuple[tuple[str, str], ...]:
    """Who served it, on what, under which conditions: pairs of name and value."""
    lines = [(_tr("Served by"), _served(record))]
    share = record.conditions.get("gpu_share")
    if isinstance(share, int | float):
        lines.append((_tr("On the GPU"), _on_gpu(share, record.conditions.get("memory_bytes"))))
    memory = _memory(record)
    if memory:
        lines.append((_tr("Memory"), memory))
    if record.digest:
        lines.append((_tr("Digest"), _short(record.digest)))
    lines.append((_tr("Conditions"), conditions(record)))
    if why := record.conditions.get("prefill_reason"):
        lines.append((_tr("Prefill"), _tr("unknown: {0}").format(translated(str(why)))))
    lines += _by_arrival(record)
    if record.place != "cloud":
        lines += energy_facts(record, scope_words(record.energy_scope or ""))
    elif record.cost_note:
        lines.append((_tr("Cost"), translated(record.cost_note)))
    return tuple(lines)


def _by_arrival(record: RunRecord) -> list[tuple[str, str]]:
    """What our own clock says beside the server's counters, and what was thinking."""
    lines = []
    parts = []
    if record.client_decode_tok_s is not None:
        parts.append(plain(record.client_decode_tok_s, Unit.TOKENS_PER_SECOND))
    gaps = (
        record.inter_token_p50_seconds,
        record.inter_token_p95_seconds,
        record.inter_token_p99_seconds,
    )
    if None not in gaps:
        words = _tr("between two pieces {0} (median), {1} (p95), {2} (p99)")
        parts.append(words.format(*(duration(gap) for gap in gaps if gap is not None)))
    if parts:
        lines.append((_tr("As it arrived"), ", ".join(parts)))
    thought = _thinking(record)
    if thought:
        lines.append((_tr("Thinking"), thought))
    return lines


def _thinking(record: RunRecord) -> str:
    """How much of the answer was thinking; a server that does not count it is told by pieces."""
    if record.thinking_tokens:
        return _tr("{0} tokens").format(whole(record.thinking_tokens))
    pieces, answer = (record.conditions.get(k) for k in ("thinking_pieces", "answer_pieces"))
    if not isinstance(pieces, int) or not isinstance(answer, int):
        return ""
    words = _tr("{0} of {1} pieces, about a token each: the server does not count it apart")
    return words.format(whole(pieces), whole(pieces + answer))


def _memory(record: RunRecord) -> str:
    """What its load took: predicted and measured, where the run brought one about."""
    told = record.conditions
    said, predicted = told.get("memory_bytes"), told.get("memory_predicted_bytes")
    process = told.get("process_bytes")
    if not isinstance(said, int) or not isinstance(predicted, int):
        return ""
    words = _tr("{0} by the server, {1} predicted").format(
        plain(said, Unit.MEMORY_BYTES), plain(predicted, Unit.MEMORY_BYTES)
    )
    if not isinstance(process, int):
        return words
    return _tr("{0}, its process {1}").format(words, plain(process, Unit.MEMORY_BYTES))


def conditions(record: RunRecord) -> str:
    """Context, limit and how it ended."""
    told = record.conditions
    parts = []
    asked = told.get("context")
    given = told.get("context_given") or asked
    if record.place != "cloud" and isinstance(given, int):
        parts.append(_tr("context {0}").format(whole(given)))
        if isinstance(asked, int) and given < asked:
            parts.append(_clamped_words(asked, told.get("context_trained") == given))
    if isinstance(told.get("num_predict"), int):
        parts.append(_tr("at most {0} tokens out").format(whole(told["num_predict"])))
    if record.workload:
        parts.append(_tr("workload {0}").format(record.workload))
    parts.append(ending(record))
    return ", ".join(parts)


def _clamped_words(asked: int, trained: bool) -> str:
    if trained:
        return _tr("{0} were asked for and the model was trained for no more").format(whole(asked))
    return _tr("{0} were asked for").format(whole(asked))


def ending(record: RunRecord) -> str:
    """How it ended, in words."""
    match record.state:
        case "running":
            return _tr("still running")
        case "interrupted":
            return _tr("cut when the program ended")
        case "aborted":
            return translated(record.done_reason or "") or _tr("broken off, not known why")
        case _:
            return _done(record.done_reason or "")


def _done(reason: str) -> str:
    known = {
        "stop": _tr("ended by itself"),
        "end_turn": _tr("ended by itself"),
        "length": _tr("cut at the length limit"),
        "max_tokens": _tr("cut at the length limit"),
    }
    return known.get(reason, _tr("ended: {0}").format(reason) if reason else _tr("ended"))


def _served(record: RunRecord) -> str:
    place = place_words(record)
    if record.place == "cloud":
        return place if place == record.host else f"{place}, {record.host}"
    return f"{place}, {record.engine}" if record.engine else place


def _on_gpu(share: float, memory_bytes: object) -> str:
    if isinstance(memory_bytes, int):
        return _tr("{0} of {1}").format(percent(share), plain(memory_bytes, Unit.MEMORY_BYTES))
    return percent(share)


def _short(digest: str) -> str:
    kind, colon, digits = digest.rpartition(":")
    return f"{kind}{colon}{digits[:12]}…" if len(digits) > 12 else digest
