"""All that was measured of a run: the server's counters beside the clock here, and energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.energy.energy import Grade
from landfall.core.run.token_estimate import ESTIMATED
from landfall.gui.format import plain, whole
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Plain, Row
from landfall.gui.widgets.table_model import Column

if TYPE_CHECKING:
    from landfall.services.history.records import RunRecord

Pair = tuple[str, str]


def _tr(text: str) -> str:
    return QCoreApplication.translate("history", text)


def measurement_columns(run: RunRecord) -> tuple[Column, ...]:
    """The server's counters (a provider's own count) and the arrival of the text here."""
    counted = _tr("Provider") if run.place == "cloud" else _tr("Server's counters")
    return (Column(_tr("Figure")), Column(counted, 150, True), Column(_tr("Clock here"), 120, True))


def measurement_rows(run: RunRecord) -> tuple[Row, ...]:
    """A row a figure; who does not tell it says so."""
    seconds, rate = Unit.SECONDS, Unit.TOKENS_PER_SECOND
    client = run.client_decode_tok_s
    server = run.decode_tok_s if _counts_time(run) else None
    return (
        _row(_tr("Load"), _server(run.load_seconds, seconds), _elsewhere()),
        _row(_tr("First token"), _elsewhere(), _here(run.ttft_seconds, seconds)),
        _row(_tr("First of the answer"), _elsewhere(), _here(run.first_answer_seconds, seconds)),
        _row(_tr("Prefill"), _server(run.prefill_tok_s, rate), _elsewhere()),
        _row(_tr("Decode"), _server(server, rate), _here(client, rate)),
        _row(
            _tr("Between tokens, half"), _elsewhere(), _here(run.inter_token_p50_seconds, seconds)
        ),
        _row(_tr("95 of 100"), _elsewhere(), _here(run.inter_token_p95_seconds, seconds)),
        _row(_tr("99 of 100"), _elsewhere(), _here(run.inter_token_p99_seconds, seconds)),
        _row(_tr("Whole answer"), _elsewhere(), _here(run.total_seconds, seconds)),
        _row(_tr("Tokens in"), _tokens(run, run.prompt_tokens), _elsewhere()),
        _row(_tr("Tokens out"), _tokens(run, run.output_tokens), _elsewhere()),
        *_thinking(run),
    )


def _thinking(run: RunRecord) -> tuple[Row, ...]:
    """Thinking apart from the answer, where there was any."""
    if run.thinking_tokens is None:
        return _thinking_pieces(run)
    rows = [_row(_tr("Of these, thinking"), _elsewhere(), _here(run.thinking_tokens, Unit.COUNT))]
    if run.output_tokens is not None:
        answer = max(0, run.output_tokens - run.thinking_tokens)
        rows.append(_row(_tr("Of these, answer"), _elsewhere(), _here(answer, Unit.COUNT)))
    return tuple(rows)


def _thinking_pieces(run: RunRecord) -> tuple[Row, ...]:
    """Where thinking was not counted in tokens: in pieces, about a token each, as they arrived."""
    if not run.thinking:
        return ()
    pieces = run.conditions.get("thinking_pieces")
    seen = _tr("{0} pieces").format(whole(pieces)) if isinstance(pieces, int) else _tr("unknown")
    why = Plain(_tr("not counted apart"), right=True, tone="text_3")
    return (_row(_tr("Of these, thinking"), why, Plain(seen, right=True)),)


def _tokens(run: RunRecord, count: int | None) -> Plain:
    """As the server counted them; an estimate says that it is one."""
    if count is None or run.conditions.get("tokens") != ESTIMATED:
        return _server(count, Unit.COUNT)
    return Plain(_tr("~{0}, estimated").format(whole(count)), right=True)


def _counts_time(run: RunRecord) -> bool:
    return run.conditions.get("decode_rate") == "server counters"


def _row(name: str, server: Plain, here: Plain) -> Row:
    return Plain(name), server, here


def _server(value: float | None, unit: Unit) -> Plain:
    if value is None:
        return Plain(_tr("unknown"), right=True, tone="text_3")
    return Plain(plain(value, unit), right=True)


_here = _server


def _elsewhere() -> Plain:
    """It is the other side that tells this figure."""
    return Plain("", right=True)


# Energy


def quality_facts(run: RunRecord) -> tuple[Pair, ...]:
    """How far the energy can be believed, and who shared it, as pairs of name and value."""
    if run.gross_joules is None:
        return ()
    words = {
        Grade.GOOD: _tr("good"),
        Grade.ROUGH: _tr("rough: a short run"),
        Grade.TOO_SHORT: _tr("too short to measure"),
        Grade.MISSING: _tr("missing"),
    }
    grade = next((word for one, word in words.items() if one == run.energy_grade), "")
    lines = [(_tr("Quality"), grade or _tr("not graded"))]
    if run.shared_with:
        shared = _tr("with {0} other answers at the same time").format(whole(run.shared_with))
        lines.append((_tr("Shared"), shared))
    if run.electricity_cost is None and run.place == "local":
        lines.append((_tr("Electricity"), _tr("unknown: no tariff was set then")))
    return tuple(lines)
