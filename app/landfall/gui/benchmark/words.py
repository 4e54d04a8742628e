"""A benchmark in words and figures: its steps, its spreads, who served it and how."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from landfall.core.benchmark.duration import slows_after_seconds
from landfall.core.energy.power import Scope
from landfall.core.provenance import Figure, Measured, Unknown
from landfall.gui.format import (
    EN_DASH,
    NBSP,
    Origin,
    Shown,
    amount,
    capital,
    duration,
    joined,
    number,
    percent,
    plain,
    shown,
    whole,
)
from landfall.gui.host_names import host_words, kept_name
from landfall.gui.run.words import Meter
from landfall.gui.scope_words import scope_words
from landfall.gui.settings.tariff_words import money_in
from landfall.gui.translated import all_translated, translated
from landfall.gui.units import Unit

if TYPE_CHECKING:
    from landfall.core.benchmark.benchmark import (
        BenchmarkResult,
        EmbeddingResult,
        Loads,
        PartResult,
        Spread,
        Sustained,
        Sweep,
    )
    from landfall.services.benchmark.running import BenchStep


_SCOPES = frozenset(str(scope) for scope in Scope)


def _tr(text: str) -> str:
    return QCoreApplication.translate("benchmark", text)


OWN = "own"
"""Name of the prompt that is typed on the page."""

LONGEST_WORD = 40
"""Signs of a word after which a line may break: an address or a path must not widen a page."""


def breakable(text: str) -> str:
    """The text with places to break in words that would be wider than a column."""
    wide = re.compile(rf"\S{{{LONGEST_WORD}}}(?=\S)")
    return wide.sub(_with_break, text)


def _with_break(match: re.Match[str]) -> str:
    return f"{match.group()}\u200b"


# Steps


def step_words(step: BenchStep) -> str:
    """What is being done, and how far it is."""
    count = _tr("step {0} of {1}").format(whole(step.number), whole(step.of))
    return f"{doing_words(step)}, {count}"


def doing_words(step: BenchStep) -> str:
    """What is being done."""
    words = {
        "idle": _tr("Reading what the machine draws while idle"),
        "load": _tr("Loading the model"),
        "warm_up": _tr("Warming up, this answer does not count"),
        "prompt": _tr("Prompt: {0}"),
        "sustained": _tr("One answer after the other without a pause"),
        "sweep": _tr("Several answers at once: {0}"),
        "embed": _tr("Texts become vectors: {0}"),
    }
    return words.get(step.doing, step.doing).format(prompt_words(step.name))


def prompt_words(name: str) -> str:
    """The name of a prompt: the three lengths in the user's language, others as they are."""
    known = {
        "short": _tr("short"),
        "medium": _tr("medium"),
        "long": _tr("long"),
        OWN: _tr("as typed"),
    }
    return known.get(name, name)


# Figures


def spread_shown(spread: Spread | None, unit: Unit, *, at: str, where: str, reason: str) -> Shown:
    """The middle of the repetitions, with both ends and how many there were; or why unknown."""
    if spread is None:
        return shown(Unknown(reason or _tr("not measured")), unit)
    figure = shown(Measured(spread.median, at, where), unit)
    detail = spread_words(spread, unit)
    return replace(figure, detail=detail, spoken=f"{figure.spoken}, {detail}")


def spread_words(spread: Spread, unit: Unit) -> str:
    """ "62.1-63.0, n 3": lowest, highest, and how many repetitions there were."""
    count = _tr("n {0}").format(whole(spread.count))
    if spread.count < 2:
        return count
    return f"{_range(spread.low, spread.high, unit)}, {count}"


def _range(low: float, high: float, unit: Unit) -> str:
    (a, unit_a), (b, unit_b) = amount(low, unit), amount(high, unit)
    if unit_a != unit_b:
        return f"{joined(a, unit_a)}{EN_DASH}{joined(b, unit_b)}"
    # A duration carries its unit in the number: once is enough where both have the same.
    value, _, name = b.rpartition(NBSP)
    if name and a.endswith(f"{NBSP}{name}") and a.count(NBSP) == 1:
        return f"{a.rpartition(NBSP)[0]}{EN_DASH}{value}{NBSP}{name}"
    return f"{a}{EN_DASH}{b}"


def energy_shown(figure: Figure, unit: Unit) -> Shown:
    """Energy with what it covers below it; or why it is not known."""
    told = shown(figure, unit)
    if not isinstance(figure, Measured):
        return told
    scopes = [part for part in re.split(r", | \+ ", figure.where) if part in _SCOPES]
    error = re.search(r"\u00b1\S+", figure.where)
    parts = [scope_words(" + ".join(dict.fromkeys(scopes))), error.group() if error else ""]
    return replace(told, detail=", ".join(part for part in parts if part))


def part_cells(part: PartResult, result: BenchmarkResult, at: str) -> dict[str, Shown]:
    """The figures of one prompt by key, in the order in which they are read."""
    counters = _tr("{0}, its own counters").format(result.engine or "Ollama")
    arrival = _tr("arrival of the pieces here")
    told = part.reasons
    rows = (
        ("ttft", part.ttft_seconds, Unit.SECONDS, arrival, "ttft_seconds"),
        ("prefill", part.prefill_tok_s, Unit.TOKENS_PER_SECOND, counters, "prefill_tok_s"),
        ("decode", part.decode_tok_s, Unit.TOKENS_PER_SECOND, counters, "decode_tok_s"),
        ("gap", part.inter_token_p95_seconds, Unit.SECONDS, arrival, "inter_token_p95_seconds"),
    )
    cells = {
        key: spread_shown(spread, unit, at=at, where=where, reason=told.get(field, ""))
        for key, spread, unit, where, field in rows
    }
    cells["gross"] = energy_shown(part.gross_joules_per_token, Unit.JOULES_PER_TOKEN)
    cells["net"] = energy_shown(part.net_joules_per_token, Unit.JOULES_PER_TOKEN)
    return cells


def part_captions() -> dict[str, str]:
    """What the figures of a prompt are called, by key."""
    return {
        "ttft": _tr("First token"),
        "prefill": _tr("Prefill"),
        "decode": _tr("Decode"),
        "gap": _tr("Token gap, p95"),
        "gross": _tr("Energy, gross"),
        "net": _tr("Energy, net"),
    }


def unknown_words(
    rows: Sequence[tuple[str, Mapping[str, Shown]]], captions: Mapping[str, str]
) -> tuple[str, ...]:
    """Why figures are missing: one line a reason, with all that it holds for.

    Args:
        rows: The name of each row and its figures.
        captions: What the figures are called, by key.
    """
    lacking: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for row, cells in rows:
        for key, cell in cells.items():
            if cell.origin is Origin.UNKNOWN:
                figures, lines = lacking.setdefault(cell.note, ({}, {}))
                figures[captions[key]] = lines[row] = None
    everywhere = len({row for row, _ in rows})
    return tuple(
        _tr("{0} unknown: {1}").format(", ".join(figures), reason)
        if len(lines) == everywhere
        else _tr("{0} unknown ({1}): {2}").format(", ".join(figures), ", ".join(lines), reason)
        for reason, (figures, lines) in lacking.items()
    )


def load_meters(loads: Loads, at: str) -> tuple[Meter, ...]:
    """Cold against warm."""
    where = _tr("clock here, from the request to the answer")
    why = Unknown(translated(loads.reason) or _tr("not measured"))
    cold: Figure = why if loads.cold_seconds is None else Measured(loads.cold_seconds, at, where)
    warm: Figure = why if loads.warm_seconds is None else Measured(loads.warm_seconds, at, where)
    return (
        _meter("cold", _tr("Load, cold"), cold, Unit.SECONDS, _tr("taken out of memory before")),
        _meter("warm", _tr("Load, warm"), warm, Unit.SECONDS, _tr("in memory already")),
    )


def embedding_cells(told: EmbeddingResult, at: str) -> dict[str, Shown]:
    """What an embedding model does with requests of one size, by key."""
    where = _tr("texts sent, over the time until their vectors came")
    rows = (
        ("texts", told.texts_per_s, Unit.COUNT, "texts_per_s"),
        ("tokens", told.tokens_per_s, Unit.TOKENS_PER_SECOND, "tokens_per_s"),
        ("request", told.request_seconds, Unit.SECONDS, "request_seconds"),
    )
    cells = {
        key: spread_shown(spread, unit, at=at, where=where, reason=told.reasons.get(field, ""))
        for key, spread, unit, field in rows
    }
    cells["gross"] = energy_shown(told.gross_joules_per_1000_texts, Unit.JOULES)
    cells["net"] = energy_shown(told.net_joules_per_1000_texts, Unit.JOULES)
    return cells


def embedding_captions() -> dict[str, str]:
    """What the figures of an embedding model are called, by key."""
    return {
        "texts": _tr("Texts a second"),
        "tokens": _tr("Tokens a second"),
        "request": _tr("One request"),
        "gross": _tr("1,000 texts, gross"),
        "net": _tr("1,000 texts, net"),
    }


def _meter(key: str, caption: str, figure: Figure, unit: Unit, detail: str) -> Meter:
    told = shown(figure, unit)
    if told.origin is not Origin.UNKNOWN:
        told = replace(told, detail=detail)
    return Meter(key, caption, told)


# Sentences


def sustained_words(told: Sustained) -> str:
    """Whether it keeps its speed, and what the hardware says of it."""
    if told.drop_share is None:
        return _tr("Too few answers in {0} to tell whether it keeps its speed.").format(
            duration(told.seconds)
        )
    if told.slowed is None:
        said = _tr("Whether it keeps its speed cannot be told: one answer was like no other.")
    elif not told.slowed:
        said = _tr("It keeps its speed over {0}.").format(duration(told.seconds))
    else:
        after = slows_after_seconds(told)
        said = _tr("It slows by {0}.").format(percent(told.drop_share))
        if after is not None:
            said = _tr("It slows by {0} after {1}.").format(
                percent(told.drop_share), duration(after)
            )
    return breakable(f"{said} {_hardware_says(told)}")


def _hardware_says(told: Sustained) -> str:
    if told.throttled is None:
        return _tr("Whether the hardware itself slows down cannot be read here.")
    if not told.throttled:
        return _tr("The hardware says that nothing holds it back.")
    return _tr("The hardware says: {0}.").format(
        ", ".join(all_translated(told.reasons)) or _tr("it slows down")
    )


def people_words(sweep: Sweep) -> str:
    """How many people are served, in a sentence."""
    target = duration(sweep.ttft_target_seconds)
    if sweep.people is None:
        why = breakable(translated(sweep.reason).rstrip("."))
        return _tr("How many people it serves cannot be told: {0}.").format(why)
    if sweep.people == 0:
        said = _tr("Not even one person gets the first token within {0}.").format(target)
    elif sweep.people == 1:
        said = _tr("Serves one person with the first token within {0}.").format(target)
    else:
        said = _tr("Serves about {0} people with the first token within {1} for 95 of 100.").format(
            whole(sweep.people), target
        )
    reason = translated(sweep.reason).rstrip(".")
    return f"{said} {capital(reason)}." if reason else said


# Who served it, under which conditions


def condition_facts(result: BenchmarkResult) -> tuple[tuple[str, str], ...]:
    """Pairs of name and value, in the order in which they are read."""
    told = result.conditions
    here = result.place == "local"
    served = kept_name(result.host) or _tr("this machine") if here else host_words(result.host)
    lines = [
        (_tr("Served by"), ", ".join(part for part in (served, result.engine) if part)),
        (_tr("Digest"), _short(result.digest or "")),
        (_tr("Conditions"), ", ".join(_conditions(told))),
        (_tr("Machine"), ", ".join(_machine(told.get("before") or {}))),
        (_tr("At rest"), ", ".join(_at_rest(told))),
        (_tr("To know"), breakable("\n".join(all_translated(result.notes)))),
    ]
    return tuple((name, value) for name, value in lines if value)


def _conditions(told: Mapping[str, Any]) -> list[str]:
    words = []
    asked, given = told.get("context"), told.get("context_given")
    if isinstance(given, int):
        words.append(_tr("context {0}").format(whole(given)))
        if isinstance(asked, int) and asked != given:
            words.append(_tr("{0} were asked for").format(whole(asked)))
    elif isinstance(asked, int):
        words.append(_tr("context {0}").format(whole(asked)))
    if isinstance(share := told.get("gpu_share"), int | float):
        words.append(_tr("{0} on the GPU").format(percent(share)))
    if isinstance(parallel := told.get("parallel"), int):
        words.append(_tr("answers at once: {0}").format(whole(parallel)))
    if isinstance(kind := told.get("kv_type"), str):
        words.append(_tr("KV cache in {0}").format(kind))
    return words


def _at_rest(told: Mapping[str, Any]) -> list[str]:
    """What the machine draws while nothing is asked, and what it costs to keep the model loaded."""
    words = []
    if isinstance(without := told.get("idle_unloaded_watts"), int | float):
        words.append(_tr("{0} without the model").format(plain(without, Unit.WATTS)))
    if isinstance(loaded := told.get("idle_loaded_watts"), int | float):
        words.append(_tr("{0} with it loaded").format(plain(loaded, Unit.WATTS)))
    if isinstance(cost := told.get("keep_loaded_per_day"), Mapping):
        low, mid, high = (money_in(cost[name], cost["currency"]) for name in ("low", "mid", "high"))
        words.append(_tr("keeping it loaded costs {0} a day ({1} to {2})").format(mid, low, high))
    return words


def _machine(told: Mapping[str, Any]) -> list[str]:
    words = [_gpu(gpu) for gpu in told.get("gpus") or () if isinstance(gpu, Mapping)]
    match told.get("on_battery"):
        case True:
            words.append(_tr("on battery"))
        case False:
            words.append(_tr("on mains"))
    load = (told.get("cpu") or {}).get("load_average")
    if isinstance(load, int | float):
        words.append(_tr("load of the processor {0}").format(number(load, digits=1)))
    return words


def _gpu(told: Mapping[str, Any]) -> str:
    """One GPU: its limit, its temperature, and who else uses it."""
    words = [str(told.get("name") or _tr("GPU"))]
    if isinstance(limit := told.get("power_limit_watts"), int | float):
        words.append(_tr("limit {0}").format(plain(limit, Unit.WATTS)))
    if isinstance(degrees := told.get("temperature_c"), int | float):
        words.append(_tr("{0} \u00b0C").format(number(degrees)))
    others = told.get("others")
    if isinstance(others, Mapping) and isinstance(count := others.get("count"), int):
        words.append(
            _tr("nobody else on it")
            if not count
            else _tr("others on it: {0}, {1}").format(
                whole(count), plain(others.get("bytes") or 0, Unit.MEMORY_BYTES)
            )
        )
    return " ".join((words[0], f"({', '.join(words[1:])})")) if words[1:] else words[0]


def _short(digest: str) -> str:
    kind, colon, digits = digest.rpartition(":")
    return f"{kind}{colon}{digits[:12]}\u2026" if len(digits) > 12 else digest
