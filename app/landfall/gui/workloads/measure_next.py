"""What to measure next about a workload, the most telling first, with the buttons that do it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal

from landfall.core.quality.paired_tests import GateResult
from landfall.core.verdict.worlds import MeasureNext
from landfall.gui.format import money
from landfall.gui.theme import Space
from landfall.gui.translated import translated
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, clear, column
from landfall.gui.workloads.next_step import (
    Move,
    benchmark,
    import_usage,
    measure_quality,
    move_for,
)
from landfall.gui.workloads.words import input_word, machine_word, sentence

if TYPE_CHECKING:
    from landfall.services.verdict.decided import Decided


def _tr(words: str) -> str:
    return QCoreApplication.translate("measure_next", words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One thing that is worth measuring.

    Attributes:
        title: What.
        why: What it would change.
        move: What the button does.
        first: It takes most of the doubt away.
    """

    title: str
    why: str
    move: Move
    first: bool = False


def measurements(decided: Decided) -> tuple[Measurement, ...]:
    """What is worth measuring: what removes most regret, what is missing, what is only predicted.

    Each thing once: the button of a later one would do what an earlier one does.
    """
    found: list[Measurement] = []
    worlds = decided.verdict.worlds
    if worlds is not None and worlds.measure is not None:
        found.append(_of_worlds(decided, worlds.measure))
    found += [
        Measurement(
            title=input_word(one.field),
            why=sentence(translated(one.reason)),
            move=move_for(decided, one.field),
        )
        for one in decided.verdict.missing
    ]
    found += [one for one in (_gate(decided), _speed(decided), _usage(decided)) if one is not None]
    seen: set[tuple[str, str, str]] = set()
    kept = []
    for one in found:
        key = (one.move.page, one.move.detail, one.move.field)
        if key not in seen:
            seen.add(key)
            kept.append(one)
    return tuple(kept)


def _of_worlds(decided: Decided, one: MeasureNext) -> Measurement:
    left = _tr("Expected regret after it: {0} a month.").format(money(one.regret_left_usd_month))
    return Measurement(
        title=input_word(one.path),
        why=f"{sentence(translated(one.why))} {left}",
        move=move_for(decided, one.path),
        first=True,
    )


def _gate(decided: Decided) -> Measurement | None:
    """A gate that nobody has run, or that has not decided."""
    if decided.facts.gate not in (GateResult.UNMEASURED, GateResult.INCONCLUSIVE):
        return None
    return Measurement(
        title=input_word("quality.gate"),
        why=_tr("Until it is measured on your own prompts no open model counts as good enough."),
        move=measure_quality(decided, hosted=False),
    )


def _speed(decided: Decided) -> Measurement | None:
    """A machine whose speed is only predicted decides by a wide band."""
    host, world = decided.facts.machine, decided.assembler.world
    quoted = decided.loaded.workload.quotes.machine.peak_utilisation is not None
    if host is None or not host.model or quoted or host.fits is False:
        return None
    if host.model in world.measured:
        return None
    words = _tr("How fast {0} is on {1} is only predicted: load and cost have a wide band.")
    return Measurement(
        title=_tr("Speed on this machine"),
        why=words.format(host.model, machine_word(host.machine)),
        move=benchmark(decided),
    )


def _usage(decided: Decided) -> Measurement | None:
    if decided.loaded.workload.volume.series or decided.assembler.world.usage is not None:
        return None
    return Measurement(
        title=_tr("Volume day by day"),
        why=_tr("The volume is one stated number: real days show how steady it is."),
        move=import_usage(),
    )


class MeasureView(Card):
    """One line a measurement, with its button.

    Signals:
        moved: A button was pressed: the Move.
    """

    moved = Signal(object)

    def __init__(self) -> None:
        super().__init__(self.tr("What should I measure next?"), note=" ")
        self.setObjectName("evidence-measure")
        self._lines = column(spacing=Space.XS)
        self._shown: tuple[Measurement, ...] = ()
        self.add(self._lines).fill()

    def show_decided(self, decided: Decided) -> None:
        """Show what is worth measuring under this verdict."""
        found = measurements(decided)
        if found == self._shown and found:
            return
        self._shown = found
        clear(self._lines)
        for place, one in enumerate(found):
            state = State.PARTIAL if one.first else State.TODO
            line = StateLine(state, one.title, one.why, action=one.move.action)
            line.setObjectName(f"measure-{place}")
            line.triggered.connect(partial(self.moved.emit, one.move))
            self._lines.addWidget(line)
        if self.note is not None:
            self.note.setText(self.tr("the most telling first"))
