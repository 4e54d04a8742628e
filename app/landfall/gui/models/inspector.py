"""One model in full: fit, memory, figures, licence, evidence, reasons, and what to do with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from landfall.core.fit.fit import Fit, FitKind
from landfall.core.fit.offer import Offer
from landfall.core.machine.hardware import HardwareProfile
from landfall.gui.allowed import allow
from landfall.gui.format import Origin, capital, joined, origin_word, plain
from landfall.gui.models.origins import Source, sources
from landfall.gui.models.view import (
    Fact,
    breakable,
    budget_words,
    context_words,
    evidence_lines,
    explained_segments,
    facts,
    fit_look,
    memory_segments,
    over_role,
)
from landfall.gui.theme import Space, Text
from landfall.gui.translated import all_translated
from landfall.gui.units import Unit
from landfall.gui.widgets.controls import Switch
from landfall.gui.widgets.disclosure import Disclosure
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import (
    Card,
    Label,
    button,
    column,
    hairline,
    holder,
    label,
    row,
)
from landfall.gui.widgets.memory_bar import MemoryBar
from landfall.gui.widgets.numbers import FitBadge, FitLook, OriginMark

_W = TypeVar("_W", bound=QWidget)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What else is the case for the model that is inspected.

    Attributes:
        longest: The longest context that fits, or None.
        better: A shorter context at which it stands better, and how; or None.
        installed: Whether it is on the server's disk. pulling: in Downloads.
        no_pull: Why it cannot be pulled, or "".
        no_run: Why it cannot be run, or "".
        unmanaged: Whether models get to the server in use by its own means alone.
        may_be_plain: Whether its registry is in the own network.
        plain: Whether plain http is meant.
        exact: Whether a header was read; if not, the registry can be asked.
        note: What the reader should know about the memory, or "".
    """

    longest: int | None = None
    better: tuple[int, Fit] | None = None
    installed: bool = False
    pulling: bool = False
    no_pull: str = ""
    no_run: str = ""
    unmanaged: bool = False
    may_be_plain: bool = False
    plain: bool = False
    exact: bool = True
    note: str = ""


class FactLine(QWidget):
    """Name at the left; the figure with its mark, or words, at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._name = label("", Text.CAPTION, tone="text_2")
        self._value = label("", Text.CAPTION)
        self._measured = False
        self._mark = OriginMark(Origin.UNKNOWN)
        self.setLayout(row(self._name, None, self._value, self._mark, spacing=Space.XS))

    def show_fact(self, fact: Fact) -> None:
        """Another fact in the same place."""
        text = spoken = fact.text
        tip = ""
        if fact.shown is not None:
            seen = fact.shown
            text, spoken = joined(seen.value, seen.unit), seen.spoken
            self._mark.set_origin(seen.origin, stale=seen.stale)
            band = f" {seen.detail}." if seen.detail else ""
            tip = f"{origin_word(seen.origin)}.{band} {seen.note}".strip()
        self._mark.setVisible(fact.shown is not None)
        measured = fact.shown is not None and fact.shown.origin is Origin.MEASURED
        if measured != self._measured:
            self._measured = measured
            self._value.set_style(Text.CAPTION_STRONG if measured else Text.CAPTION)
        self._name.setText(fact.name)
        self._value.setText(text)
        self.setToolTip(tip)
        self.setAccessibleName(f"{fact.name}: {spoken}")


class ModelInspector(Card):
    """The right side of the recommended models.

    Signals:
        pull_asked: Name, and whether by plain http. run_asked, downloads_asked: a name.
        exact_asked: The header of this name should be read from its registry.
        context_asked: Tokens of context that would suit it better.
    """

    pull_asked = Signal(str, bool)
    run_asked = Signal(str)
    downloads_asked = Signal(str)
    exact_asked = Signal(str, bool)
    context_asked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("model-inspector")
        self._name = ""
        self._better = 0
        self._title = label("", Text.HEADING, wrap=True)
        self._fit = FitBadge(FitLook.NO)
        self._memory = MemoryBar(height=18, columns=1)
        self._budget = label("", Text.CAPTION, tone="text_3", wrap=True)
        self._improve = StateLine(State.PARTIAL, " ", padding=0)
        self._improve.setObjectName("better-context")
        self._improve.triggered.connect(self.on_improve)
        self._facts = column(spacing=3)
        self._evidence = column(spacing=3)
        self._reasons = column(spacing=Space.XS)
        self._exact_row = row()
        self._why_place = holder(column(self._reasons, self._exact_row, spacing=Space.S))
        self._told: tuple[Source, ...] = ()
        self._sources = SourceLines()
        self._from = Disclosure(self.tr("Where the numbers come from"), "", self._make_sources)
        self._from.setObjectName("where-from")
        self._build()

    def _build(self) -> None:
        self._pull = button("", "primary", icon="download")
        self._pull.setObjectName("pull-model")
        self._run = button(self.tr("Run"), "primary", icon="play")
        self._run.setObjectName("run-model")
        self._downloads = button(self.tr("Show download"))
        self._downloads.setObjectName("show-download")
        self._why = button(self.tr("Why this?"), "link")
        self._why.setObjectName("why-this")
        self._why.setCheckable(True)
        self._exact = button(self.tr("Read exact sizes from its registry"))
        self._exact.setObjectName("read-exact")
        self._exact_row.addWidget(self._exact)
        self._exact_row.addStretch(1)
        self._exact.setToolTip(
            self.tr("Reads the manifest and the header of the weights, a few MB, no download")
        )
        self._plain = Switch(self.tr("Plain http"))
        self._plain.setObjectName("plain-http")
        words = label(self.tr("Plain http (registry in your own network)"), Text.CAPTION, wrap=True)
        plain_row = row(self._plain, spacing=Space.S)
        plain_row.addWidget(words, 1)
        self._plain_place = holder(plain_row)
        self._rule = hairline()
        self.body.setSpacing(Space.S + 2)
        self.add(self._title, self._fit, self._memory, self._budget, self._improve)
        self.add(hairline(), self._facts, self._rule, self._evidence)
        self.add(self._plain_place)
        self.add(row(self._pull, self._run, self._downloads, self._why, None))
        self.add(self._why_place, self._from)
        self._pull.clicked.connect(self.on_pull)
        self._run.clicked.connect(self.on_run)
        self._downloads.clicked.connect(self.on_downloads)
        self._exact.clicked.connect(self.on_exact)
        self._why.toggled.connect(self._why_place.setVisible)
        self._why_place.hide()

    @property
    def model(self) -> str:
        """The name that is inspected, or ""."""
        return self._name

    def show_offer(self, offer: Offer, standing: Standing, machine: HardwareProfile | None) -> None:
        """Everything about this model, as it stands now on the machine that is asked about."""
        if offer.name != self._name:
            self._plain.setChecked(standing.plain)
        self._name = offer.name
        self._title.setText(breakable(offer.name))
        self._title.setAccessibleName(offer.name)
        self._fit.set_look(fit_look(offer))
        _, total, need = memory_segments(offer)
        self._memory.set_memory(
            explained_segments(offer), total_bytes=total, need_bytes=need, over=over_role(offer)
        )
        here = machine is None or machine.is_here
        budget = f"{budget_words(offer, here=here)}."
        self._budget.setText(" ".join(text for text in (budget, standing.note) if text))
        self._show_better(standing.better)
        _fill(self._facts, facts(offer, standing.longest))
        _fill(self._evidence, evidence_lines(offer.evidence))
        self._rule.setVisible(bool(offer.evidence))
        self._show_reasons(all_translated(offer.reasons))
        self._show_actions(offer, standing)
        self._told = sources(offer, machine)
        if self._from.is_open:
            self._sources.show_sources(self._told)

    def _make_sources(self) -> QWidget:
        self._sources.show_sources(self._told)
        return self._sources

    def _show_better(self, better: tuple[int, Fit] | None) -> None:
        self._improve.setVisible(better is not None)
        if better is None:
            return
        self._better, placed = better
        words = context_words(self._better)
        how = {
            FitKind.GPU: self.tr("At {0} it fits whole"),
            FitKind.PARTIAL: self.tr("At {0} it fits in part"),
        }.get(placed.kind, self.tr("At {0} it runs on the CPU"))
        need = plain(placed.need.total_bytes, Unit.MEMORY_BYTES)
        self._improve.show_line(
            State.PARTIAL,
            how.format(words),
            self.tr("It needs ~{0} there.").format(need),
            action=self.tr("Use {0}").format(words),
        )

    def _show_reasons(self, reasons: Sequence[str]) -> None:
        _fit_count(self._reasons, len(reasons), _reason_label)
        for index, reason in enumerate(reasons):
            words = _widget_at(self._reasons, index, Label)
            words.setText(capital(reason))

    def _show_actions(self, offer: Offer, standing: Standing) -> None:
        size = offer.spec.download_bytes
        words = self.tr("Pull")
        if size is not None:
            words = self.tr("Pull {0}").format(plain(size, Unit.FILE_BYTES))
        self._pull.setText(words)
        self._pull.setAccessibleName(f"{words}: {offer.name}")
        pullable = not standing.installed and not standing.pulling and not standing.unmanaged
        self._pull.setVisible(pullable)
        allow(self._pull, standing.no_pull)
        self._downloads.setVisible(standing.pulling and not standing.installed)
        self._run.setVisible(standing.installed)
        allow(self._run, standing.no_run)
        self._run.setAccessibleName(self.tr("Run {0}").format(offer.name))
        self._plain_place.setVisible(standing.may_be_plain and self._pull.isVisibleTo(self))
        self._exact.setVisible(not standing.exact)

    @Slot()
    def on_pull(self) -> None:
        """Load it from its registry."""
        by_plain_http = self._plain.isChecked() and self._plain_place.isVisibleTo(self)
        self.pull_asked.emit(self._name, by_plain_http)

    @Slot()
    def on_run(self) -> None:
        """Ask it something."""
        self.run_asked.emit(self._name)

    @Slot()
    def on_downloads(self) -> None:
        """See how far it is."""
        self.downloads_asked.emit(self._name)

    @Slot()
    def on_exact(self) -> None:
        """Ask the registry in place of the catalogue."""
        self.exact_asked.emit(self._name, self._plain.isChecked())

    @Slot()
    def on_improve(self) -> None:
        """Take the context at which it stands better."""
        self.context_asked.emit(self._better)


class SourceLines(QWidget):
    """Each number by its name, and below it where it is from."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = column(spacing=Space.S)
        self.setLayout(self._lines)

    def show_sources(self, told: Sequence[Source]) -> None:
        """Others in the same place."""
        _fit_count(self._lines, len(told), SourceLine)
        for index, source in enumerate(told):
            _widget_at(self._lines, index, SourceLine).show_source(source)


class SourceLine(QWidget):
    """The name of a number, and below it where it is from."""

    def __init__(self) -> None:
        super().__init__()
        self._name = label("", Text.CAPTION)
        self._text = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.setLayout(column(self._name, self._text, spacing=1))

    def show_source(self, source: Source) -> None:
        """Another one in the same place."""
        self._name.setText(source.name)
        # A percent sign alone in a line belongs to no number.
        self._text.setText(breakable(capital(source.text)).replace(" %", "\u00a0%"))
        self._text.setAccessibleName(source.text)


def _fill(layout: QVBoxLayout, lines: Sequence[Fact]) -> None:
    _fit_count(layout, len(lines), FactLine)
    for index, fact in enumerate(lines):
        _widget_at(layout, index, FactLine).show_fact(fact)


def _reason_label() -> Label:
    return label("", Text.CAPTION, tone="text_2", wrap=True)


def _fit_count(layout: QVBoxLayout, count: int, make: Callable[[], QWidget]) -> None:
    """Widgets are kept and told anew, so that a moving slider makes none."""
    while layout.count() < count:
        layout.addWidget(make())
    for index in range(layout.count()):
        item = layout.itemAt(index)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.setVisible(index < count)


def _widget_at(layout: QVBoxLayout, index: int, kind: type[_W]) -> _W:
    item = layout.itemAt(index)
    widget = item.widget() if item is not None else None
    if not isinstance(widget, kind):
        raise TypeError(f"no {kind.__name__} is at {index}")
    return widget
