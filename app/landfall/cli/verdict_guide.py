"""`landfall verdict --thresholds` and `--guide`: where the rules turn, and what they come from."""

from __future__ import annotations

from landfall.cli.session import Session
from landfall.services.verdict import guide


def show_thresholds(session: Session) -> int:
    """Every threshold with its value now, its default, its source and date."""
    limits = session.settings.thresholds
    rows = [(one, getattr(limits, one.name)) for one in guide.thresholds().values()]
    if session.json:
        session.document(
            [
                {
                    "name": one.name,
                    "value": now,
                    "default": one.value,
                    "unit": one.unit,
                    "rule": one.rule,
                    "reason": one.reason,
                    "source": one.source,
                    "date": one.date,
                }
                for one, now in rows
            ]
        )
        return 0
    session.table(
        ("threshold", "now", "default", "unit", "rule", "source"),
        [
            (one.name, f"{now:g}", f"{one.value:g}", one.unit, one.rule, _dated(one))
            for one, now in rows
        ],
        right="now",
    )
    session.line("Change them in the settings, under [thresholds].")
    return 0


def _dated(one: guide.ThresholdSource) -> str:
    return f"{one.source}, {one.date}"


def show_guide(session: Session) -> int:
    """The items of the decision guide, and kindly where they are dated."""
    found = guide.items().values()
    if session.json:
        session.document(
            [{"id": one.id, "kind": one.kind, "says": one.says, "now": one.now} for one in found]
        )
        return 0
    for one in found:
        session.line(f"{one.id:<4} {one.says}")
        if one.now:
            session.line(f"     {one.now}")
    return 0
