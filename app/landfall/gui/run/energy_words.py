"""The energy of a run in words: what it covers, its parts, what it cost, what to know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.gui.format import capital, percent, plain
from landfall.gui.settings.tariff_words import money_in
from landfall.gui.translated import translated
from landfall.gui.units import Unit

if TYPE_CHECKING:
    from landfall.services.history.records import RunRecord


def _tr(text: str) -> str:
    return QCoreApplication.translate("run", text)


def energy_facts(record: RunRecord, scope: str) -> list[tuple[str, str]]:
    """Pairs of name and value: gross, net, parts, electricity, what to know before comparing.

    `scope` is what the joules cover, in words.
    """
    lines = [(_tr("Energy, gross"), _gross(record, scope))]
    if record.gross_joules is not None:
        lines.append((_tr("Energy, net"), _net(record)))
    parts = _parts(record)
    if parts:
        lines.append((_tr("Energy by part"), parts))
    if record.electricity_cost is not None:
        lines.append((_tr("Electricity"), _electricity(record)))
    notes = record.conditions.get("energy_notes")
    if isinstance(notes, list):
        about = _tr("About its energy")
        lines += [(about, capital(translated(str(note)))) for note in notes]
    return lines


def _gross(record: RunRecord, scope: str) -> str:
    if record.gross_joules is None:
        reason = translated(record.energy_reason or "") or _tr("nothing was measured")
        return _tr("unknown: {0}").format(reason)
    joules = plain(record.gross_joules, Unit.JOULES)
    if record.energy_error_share is not None:
        joules = _tr("{0} (±{1})").format(joules, percent(record.energy_error_share))
    return f"{joules}, {scope}"


def _net(record: RunRecord) -> str:
    """What lies above the draw at rest: models are compared by it."""
    if record.net_joules is None or record.idle_watts is None:
        told = translated(str(record.conditions.get("net_reason") or ""))
        reason = told or _tr("the draw at rest was not measured")
        return _tr("unknown: {0}").format(reason)
    return _tr("{0} above {1} at rest with the model loaded").format(
        plain(record.net_joules, Unit.JOULES), plain(record.idle_watts, Unit.WATTS)
    )


def _electricity(record: RunRecord) -> str:
    """What it cost at the plug, and how the plug was reckoned."""
    money = money_in(record.electricity_cost or 0.0, record.electricity_currency or "")
    wall, way = record.conditions.get("wall_joules"), record.conditions.get("wall_way")
    if not isinstance(wall, int | float) or not way:
        return _tr("{0}, at the tariff of its hour").format(money)
    joules = plain(wall, Unit.JOULES)
    return _tr("{0}: {1} at the plug ({2}), at the tariff of its hour").format(money, joules, way)


def _parts(record: RunRecord) -> str:
    """Load, prefill and decode, each where it lasted long enough to be told apart."""
    load = record.conditions.get("load_joules")
    told = (
        (_tr("load {0}"), load if isinstance(load, int | float) else None),
        (_tr("prefill {0}"), record.prefill_joules),
        (_tr("decode {0}"), record.decode_joules),
    )
    return ", ".join(
        words.format(plain(joules, Unit.JOULES)) for words, joules in told if joules is not None
    )
