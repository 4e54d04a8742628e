"""What workloads make of each other: a machine's busiest hour, its memory, who finds no place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from landfall.core.provenance import middle
from landfall.core.verdict.together_words import machine_lines
from landfall.gui.format import money, number
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.disclosure import Disclosure
from landfall.gui.widgets.layout import Glyph, clear, column, hairline, holder, label, row
from landfall.gui.widgets.share_bar import ShareBar, SharePart
from landfall.gui.workloads.words import sentence

if TYPE_CHECKING:
    from landfall.core.verdict.together import Displaced, Routing, Shared, Together


def _tr(words: str) -> str:
    return QCoreApplication.translate("together_part", words)


class TogetherPart(QWidget):
    """One block a machine, then the routing question; the long words are folded away."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("portfolio-together")
        self._shown: Together | None = None
        self._lines = column(spacing=Space.S)
        self.setLayout(self._lines)
        self.hide()

    def show_together(self, found: Together | None) -> None:
        """Show these, or nothing where no machine is shared and no layer is asked about."""
        if found == self._shown:
            return
        self._shown = found
        clear(self._lines)
        self.setVisible(found is not None and bool(found.machines or found.routing.asked))
        if found is None or self.isHidden():
            return
        for machine in found.machines:
            self._add_machine(machine)
        short = _routing(found.routing)
        if short:
            self._lines.addWidget(hairline())
            self._lines.addWidget(label(short, Text.CAPTION, tone="text_2", wrap=True))
        more = Disclosure(_tr("How this adds up"), "", self._make_more)
        more.setObjectName("portfolio-more")
        self._lines.addWidget(more)

    def _add_machine(self, machine: Shared) -> None:
        self._lines.addWidget(hairline())
        title = _tr("Together on {0}").format(machine.machine)
        self._lines.addWidget(label(title, Text.CAPTION_STRONG, wrap=True))
        out = {one.workload for one in machine.displaced}
        staying = [one for one in machine.shares if one.workload not in out]
        if machine.hour is None or machine.busiest is None:
            words = _tr("How busy it is with all of them is not known.")
            self._lines.addWidget(label(words, Text.CAPTION, tone="text_2", wrap=True))
        else:
            name = _tr("Busiest hour, from {0}:00").format(machine.hour)
            busy = [SharePart(one.workload, one.busiest or 0.0) for one in staying]
            self._add_bar(name, machine.busiest, busy)
        if machine.memory is not None:
            kept = [SharePart(one.workload, one.memory or 0.0) for one in staying]
            self._add_bar(_tr("Memory, models loaded"), machine.memory, kept)
        for words in _troubles(machine):
            self._lines.addWidget(label(words, Text.CAPTION, tone="caution", wrap=True))
        for one in machine.displaced:
            self._lines.addWidget(_out_line(one))

    def _add_bar(self, name: str, total: float, parts: list[SharePart]) -> None:
        bar = ShareBar()
        bar.set_parts(name, total, parts)
        self._lines.addWidget(bar)

    def _make_more(self) -> QWidget:
        lines = column(spacing=6)
        found = self._shown
        if found is not None:
            said = [
                translated(line) for machine in found.machines for line in machine_lines(machine)
            ]
            for words in (*said, translated(found.routing.text)):
                lines.addWidget(label(sentence(words), Text.CAPTION, tone="text_2", wrap=True))
        return holder(lines)


def _troubles(machine: Shared) -> tuple[str, ...]:
    said = []
    if machine.swaps:
        said.append(_tr("Its models take turns in memory: each change loads one anew."))
    if machine.strained:
        said.append(_tr("More than it should serve, and nothing may leave: calls queue."))
    return tuple(said)


def _out_line(one: Displaced) -> QWidget:
    """Who finds no place, why, and what it costs then."""
    cost = middle(one.usd_month)
    if cost is not None:
        then = _tr("Elsewhere it costs {0} a month.").format(money(cost))
    else:
        then = sentence(str(getattr(one.usd_month, "reason", "")))
    name = label(_tr("No room: {0}").format(one.workload), Text.CAPTION_STRONG, wrap=True)
    why = label(
        f"{sentence(translated(one.text))} {then}".strip(), Text.CAPTION, tone="text_2", wrap=True
    )
    why.setObjectName(f"no-room-{one.workload}")
    line = row(spacing=6)
    line.addWidget(Glyph("warn", "caution", size=14), 0, Qt.AlignmentFlag.AlignTop)
    line.addLayout(column(name, why, spacing=1), 1)
    return holder(line)


def _routing(routing: Routing) -> str:
    """The short answer; where the bill is too small for the question, none."""
    if not routing.asked:
        return ""
    months = routing.payback_months
    if months is None:
        return _tr("Whether a routing layer pays back is not known.")
    if months == float("inf"):
        return _tr("A routing layer would never pay back.")
    words = _tr("A routing layer would pay back in {0} months: too long.")
    if routing.worth:
        words = _tr("A routing layer would pay back in {0} months: worth asking for.")
    return words.format(number(months, digits=1))
