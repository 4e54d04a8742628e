"""What `bench` prints for people: tables, and a sentence where a figure is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from landfall.cli.bench_answer import Answer
from landfall.cli.session import Session
from landfall.core.benchmark.benchmark import (
    BenchmarkResult,
    EmbeddingResult,
    Level,
    Loads,
    PartResult,
    Spread,
    Sustained,
)
from landfall.core.percent import percent
from landfall.core.provenance import Figure, Unknown, middle

UNKNOWN = "-"
"""In a table; why stands below it."""

NO_MORE = "~0"
"""Net energy below 0 is noise: no more than with nothing to do."""


class _Reasons:
    """Why figures are missing, each reason once with all that it is the reason of."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[list[str], list[str]]] = {}

    def take(self, where: str, reasons: Mapping[str, str]) -> None:
        """The reasons of a row."""
        for name, why in reasons.items():
            if name in _WORDS:
                whats, places = self._told.setdefault(why, ([], []))
                for text, known in ((_WORDS[name], whats), (where, places)):
                    if text not in known:
                        known.append(text)

    def lines(self) -> list[str]:
        """One a reason."""
        return [
            f"{' and '.join(whats)} ({', '.join(places)}): {why}"
            for why, (whats, places) in self._told.items()
        ]


_WORDS = {
    "ttft_seconds": "first token",
    "prefill_tok_s": "prefill",
    "decode_tok_s": "decode",
    "texts_per_s": "texts/s",
    "tokens_per_s": "tokens/s",
    "gross_joules_per_token": "J/tok",
    "net_joules_per_token": "net J/tok",
    "gross_joules_per_1000_texts": "J/1000",
    "net_joules_per_1000_texts": "net J/1000",
}
"""What a row lacks, as its columns are called."""


def show(answer: Answer, session: Session) -> None:
    """Tables and sentences."""
    result = answer.result
    session.line(", ".join([answer.model, *(_told(result) if result else ())]))
    reasons = _Reasons()
    _show_loads(answer.loads, session)
    _show_parts(answer.parts, session, reasons)
    _show_embeddings(answer.embeddings, session, reasons)
    _show_sustained(answer.sustained, session)
    _show_sweep(answer, session, reasons)
    told = [*reasons.lines(), *(result.notes if result else ())]
    if told:
        session.line()
    for line in told:
        session.line(f"- {line}")


def _told(result: BenchmarkResult) -> list[str]:
    """What the numbers are of."""
    told = result.conditions
    found = [text for text in (told.get("quantization"), result.engine) if text]
    if "context_given" in told:
        found.append(f"context {told['context_given']}")
    if (share := told.get("gpu_share")) is not None:
        found.append(_placed(share))
    if result.place != "local":
        found.append(f"at {result.host}")
    watts = [told.get(f"idle_{name}_watts") for name in ("unloaded", "loaded")]
    if watts[1] is not None:
        before = "" if watts[0] is None else f"{watts[0]:.1f} W without it, "
        found.append(f"idle draw {before}{watts[1]:.1f} W loaded ({told['idle_scope']})")
    if cost := told.get("keep_loaded_per_day"):
        found.append(
            f"keeping it loaded costs {cost['mid']:.2g} ({cost['low']:.2g}-{cost['high']:.2g}) "
            f"{cost['currency']} a day"
        )
    return found


def _placed(share: float) -> str:
    if share <= 0:
        return "on the processor"
    return "whole on the GPU" if share >= 0.995 else f"{percent(share)} on the GPU"


def _show_loads(loads: Loads | None, session: Session) -> None:
    if loads is None:
        return
    warm = "" if loads.warm_seconds is None else f"{loads.warm_seconds:.2f} s where it is loaded"
    if loads.cold_seconds is None:
        session.line(f"Load: {warm}; {loads.reason}.")
    else:
        session.line(f"Load: {loads.cold_seconds:.2f} s, {warm}; {loads.reason}.")


Row = dict[str, str]


def _table(rows: list[Row], session: Session) -> None:
    """Columns in which no row has anything are left out; text flush left, numbers right."""
    heads = [head for head in rows[0] if any(row[head] != UNKNOWN for row in rows)]
    session.line()
    session.table(heads, [[row[head] for head in heads] for row in rows], right=",".join(heads[1:]))


def _show_parts(parts: list[PartResult], session: Session, reasons: _Reasons) -> None:
    if not parts:
        return
    for part in parts:
        reasons.take(f"{part.name} prompt", part.reasons)
    _table([_part_row(part) for part in parts], session)
    runs = max(len(part.runs) for part in parts)
    text = "One answer each" if runs == 1 else f"Medians of {runs} answers (lowest to highest)"
    if any(middle(part.gross_joules_per_token) is not None for part in parts):
        text += "; J/tok is all energy over all tokens out"
    session.line(f"{text}.")


def _part_row(part: PartResult) -> Row:
    return {
        "PROMPT": part.name,
        "TOKENS IN": _number(part.prompt_tokens, 0),
        "TOKENS OUT": _number(part.output_tokens, 0),
        "FIRST TOKEN ms": _ranged(part.ttft_seconds, 1000, 0),
        "PREFILL tok/s": _ranged(part.prefill_tok_s, 1, 0),
        "DECODE tok/s": _ranged(part.decode_tok_s, 1, 1),
        "J/tok": _joules(part.gross_joules_per_token),
        "NET J/tok": _joules(part.net_joules_per_token),
    }


def _show_embeddings(found: list[EmbeddingResult], session: Session, reasons: _Reasons) -> None:
    if not found:
        return
    for one in found:
        reasons.take(f"{one.batch} a request", one.reasons)
    _table([_embedding_row(one) for one in found], session)
    text = "Medians (lowest to highest)"
    if any(middle(one.gross_joules_per_1000_texts) is not None for one in found):
        text += "; J/1000 is the energy of a thousand texts"
    session.line(f"{text}.")


def _embedding_row(one: EmbeddingResult) -> Row:
    return {
        "TEXTS": f"{one.batch} a request",
        "IN ALL": str(one.texts),
        "TEXTS/s": _ranged(one.texts_per_s, 1, 1),
        "TOKENS/s": _ranged(one.tokens_per_s, 1, 0),
        "REQUEST ms": _ranged(one.request_seconds, 1000, 1),
        "J/1000": _joules(one.gross_joules_per_1000_texts),
        "NET J/1000": _joules(one.net_joules_per_1000_texts),
    }


def _show_sustained(found: Sustained | None, session: Session) -> None:
    if found is None:
        return
    session.line()
    head = f"Without a pause for {found.seconds:.0f} s ({len(found.points)} answers): "
    if found.drop_share is None:
        text = "whether it slows down cannot be told."
    elif found.drop_share < 0:
        text = f"the last third is {percent(-found.drop_share, 1)} faster than the first."
    else:
        text = f"the last third is {percent(found.drop_share, 1)} slower than the first"
        if found.noise_share is not None:
            more = "more" if found.slowed else "not more"
            text += f", {more} than repetitions differ anyway ({percent(found.noise_share, 1)})"
        text += "."
    session.line(head + text)
    said = {True: "It slows itself down", False: "The hardware reports no slowing down"}
    if found.throttled is not None:
        session.line(f"{said[found.throttled]}{_listed(found.reasons)}.")
    else:
        for reason in found.reasons:
            session.line(f"- {reason}")


def _listed(reasons: Iterable[str]) -> str:
    told = "; ".join(reasons)
    return f": {told}" if told else ""


def _show_sweep(answer: Answer, session: Session, reasons: _Reasons) -> None:
    if not answer.levels:
        return
    for level in answer.levels:
        if isinstance(level.gross_joules_per_token, Unknown):
            why = {"gross_joules_per_token": level.gross_joules_per_token.reason}
            reasons.take(f"{level.concurrency} at once", why)
    _table([_level_row(level) for level in answer.levels], session)
    plan = answer.plan
    session.line(
        f"Each asks the {plan.usual.name} prompt again and again, {plan.level_seconds:g} s."
    )
    sweep = answer.sweep
    if sweep is not None:
        people = (
            "It is not known how many people are" if sweep.people is None else _people(sweep.people)
        )
        session.line(
            f"{people} served at once with the first token within {sweep.ttft_target_seconds:g} s "
            f"for 95 of 100: {sweep.reason}."
        )


def _level_row(level: Level) -> Row:
    return {
        "AT ONCE": str(level.concurrency),
        "ANSWERS": str(level.answers),
        "BROKEN": str(level.failed),
        "HALF WAIT ms": _milliseconds(level.ttft_p50_seconds),
        "95% WAIT ms": _milliseconds(level.ttft_p95_seconds),
        "EACH tok/s": _number(level.decode_tok_s, 1),
        "ALL tok/s": _number(level.throughput_tok_s, 1),
        "J/tok": _joules(level.gross_joules_per_token),
    }


def _people(count: int) -> str:
    return {0: "Nobody is", 1: "1 person is"}.get(count, f"{count} people are")


def _ranged(found: Spread | None, factor: float, digits: int) -> str:
    """The median, with the ends where they differ."""
    if found is None:
        return UNKNOWN
    middle_, low, high = (
        f"{value * factor:.{digits}f}" for value in (found.median, found.low, found.high)
    )
    return middle_ if low == high else f"{middle_} ({low}-{high})"


def _number(value: float | None, digits: int) -> str:
    return UNKNOWN if value is None else f"{value:.{digits}f}"


def _milliseconds(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value * 1000:.0f}"


def _joules(figure: Figure) -> str:
    value = middle(figure)
    if value is None:
        return UNKNOWN
    return NO_MORE if value < 0 else f"{value:.3g}"
