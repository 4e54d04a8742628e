"""All that was measured of a run: the server's counters beside the clock here, and energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.energy import Grade
from landfall.gui.format import Unit, percent, plain, whole
from landfall.gui.history.money_words import money_in
from landfall.gui.run.words import scope_words
from landfall.gui.widgets.tables import Column, Plain, Row

if TYPE_CHECKING:
    from landfall.services.records import RunRecord

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
        _row(_tr("Tokens in"), _server(run.prompt_tokens, Unit.COUNT), _elsewhere()),
        _row(_tr("Tokens out"), _server(run.output_tokens, Unit.COUNT), _elsewhere()),
        *_thinking(run),
    )


def _thinking(run: RunRecord) -> tuple[Row, ...]:
    """Thinking apart from the answer, where there was any."""
    if run.thinking_tokens is None:
        if not run.thinking:
            return ()
        why = Plain(_tr("not counted apart"), right=True, tone="text_3")
        return (_row(_tr("Of these, thinking"), why, _elsewhere()),)
    rows = [_row(_tr("Of these, thinking"), _elsewhere(), _here(run.thinking_tokens, Unit.COUNT))]
    if run.output_tokens is not None:
        answer = max(0, run.output_tokens - run.thinking_tokens)
        rows.append(_row(_tr("Of these, answer"), _elsewhere(), _here(answer, Unit.COUNT)))
    return tuple(rows)


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


def energy_facts(run: RunRecord) -> tuple[Pair, ...]:
    """What the run drew and what that cost, as pairs of name and value; why where unknown."""
    if run.place == "cloud":
        return ()
    if run.gross_joules is None:
        reason = run.energy_reason or _tr("nothing was measured")
        return ((_tr("Energy"), _tr("unknown: {0}").format(reason)),)
    lines = [
        (_tr("Energy, gross"), _gross(run)),
        (_tr("Above idle, net"), _joules(run.net_joules, _tr("the idle draw was not measured"))),
        (_tr("Idle draw"), _watts(run.idle_watts)),
        (_tr("Prefill, decode"), _parts(run)),
        (_tr("Quality"), _quality(run)),
    ]
    if run.shared_with:
        shared = _tr("with {0} other runs at the same time: the whole draw is counted for each")
        lines.append((_tr("Shared"), shared.format(whole(run.shared_with))))
    lines.append((_tr("Electricity"), _electricity(run)))
    return tuple(lines)


def _gross(run: RunRecord) -> str:
    scope = scope_words(run.energy_scope or "")
    joules = plain(run.gross_joules or 0.0, Unit.JOULES)
    return f"{joules}, {scope}" if scope else joules


def _joules(value: float | None, why: str) -> str:
    return plain(value, Unit.JOULES) if value is not None else _tr("unknown: {0}").format(why)


def _watts(value: float | None) -> str:
    if value is None:
        return _tr("unknown: it was not measured")
    return _tr("{0}, with the model loaded").format(plain(value, Unit.WATTS))


def _parts(run: RunRecord) -> str:
    if run.prefill_joules is None and run.decode_joules is None:
        return _tr("unknown: not told apart, or too short")
    why = _tr("too short")
    return _tr("{0}, {1}").format(_joules(run.prefill_joules, why), _joules(run.decode_joules, why))


def _quality(run: RunRecord) -> str:
    """How far the energy can be believed."""
    words = {
        Grade.GOOD: _tr("good"),
        Grade.ROUGH: _tr("rough: a short run"),
        Grade.TOO_SHORT: _tr("too short to measure"),
        Grade.MISSING: _tr("missing"),
    }
    grade = next((word for one, word in words.items() if one == run.energy_grade), "")
    told = grade or _tr("not graded")
    if run.energy_error_share is None:
        return told
    return f"{told}, ±{percent(run.energy_error_share)}"


def _electricity(run: RunRecord) -> str:
    if run.electricity_cost is None:
        return _tr("unknown: no tariff was set then")
    cost = money_in(run.electricity_cost, run.electricity_currency or "")
    return _tr("~{0}, gross energy x the tariff of that hour").format(cost)
