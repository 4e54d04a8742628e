"""A machine that is not at hand: its memory, its figures with their sources, what is assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.core.provenance import Estimated, Figure, Stated, Unknown
from landfall.gui.format import capital, plain, shown, whole
from landfall.gui.machine.memory import asked_memory
from landfall.gui.theme import Space, Text
from landfall.gui.translated import all_translated, translated
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Row, Title
from landfall.gui.widgets.feedback import Banner
from landfall.gui.widgets.layout import Card, Swap, button, clear, column, hairline, holder, label
from landfall.gui.widgets.memory_bar import MemoryBar
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable
from landfall.gui.widgets.two_parts import SideBySide
from landfall.services.verdict import rates

if TYPE_CHECKING:
    from landfall.core.machine.hardware import Accelerator, HardwareProfile
    from landfall.core.machine.machines import Part


def _tr(text: str) -> str:
    return QCoreApplication.translate("machine", text)


class WhatIfView(QWidget):
    """Everything that is said of a machine that is asked about.

    Signals:
        back_asked: This machine again.
        edit_asked, remove_asked: The user's own machine shall change, or go.
    """

    back_asked = Signal()
    edit_asked = Signal()
    remove_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._banner = Swap()
        self._memory = column(spacing=Space.L)
        self._facts = Swap()
        self._prices = Swap()
        facts = Card(self.tr("Facts")).bleed().add(self._facts)
        prices = Card(self.tr("What it costs")).bleed().add(self._prices)
        self._assumed = column(spacing=Space.S)
        assumed = Card(self.tr("What is assumed")).add(self._assumed)
        right = column(prices, assumed, spacing=Space.L)
        self.setLayout(
            column(
                self._banner,
                self._memory,
                SideBySide(facts, holder(right)),
                spacing=Space.L,
            )
        )

    def show_machine(self, profile: HardwareProfile, parts: tuple[Part, ...]) -> None:
        """Show this machine, which is made of these rows."""
        own = len(parts) == 1 and bool(parts[0].machine.where)
        self._banner.hold(self._warning(profile, own=own))
        clear(self._memory)
        for first in range(0, len(parts), 2):
            pair = [_memory_card(part, profile) for part in parts[first : first + 2]]
            both = pair[0] if len(pair) == 1 else SideBySide(pair[0], pair[1], level=True)
            self._memory.addWidget(both)
        self._facts.hold(_table(self.tr("Facts"), _facts(profile, parts)))
        self._prices.hold(_table(self.tr("Prices"), _prices(profile, parts)))
        clear(self._assumed)
        for words in _assumptions(profile):
            self._assumed.addWidget(label(words, tone="text_2", wrap=True))

    def _warning(self, profile: HardwareProfile, *, own: bool) -> Banner:
        back = button(self.tr("Back to this machine"))
        back.setObjectName("what-if-back")
        back.clicked.connect(self._on_back)
        actions: list[QWidget] = [back]
        if own:
            edit = button(self.tr("Change\u2026"))
            edit.setObjectName("what-if-edit")
            edit.clicked.connect(self._on_edit)
            remove = button(self.tr("Remove {0}").format(profile.name), "destructive")
            remove.setObjectName("what-if-remove")
            remove.clicked.connect(self._on_remove)
            actions = [edit, remove, back]
        banner = Banner(
            "accent",
            self.tr("What if: {0} \u2013 not this machine").format(profile.name),
            self.tr(
                "Fit and speed are reckoned for it. What is installed, loaded or pulled, and Ollama"
                " itself, stay those of this machine."
            ),
            *actions,
        )
        banner.setObjectName("what-if-banner")
        return banner

    @Slot()
    def _on_back(self) -> None:
        self.back_asked.emit()

    @Slot()
    def _on_edit(self) -> None:
        self.edit_asked.emit()

    @Slot()
    def _on_remove(self) -> None:
        self.remove_asked.emit()


def _table(name: str, rows: list[Row]) -> DataTable:
    columns = (Column(_tr("What, and who says so")), Column(_tr("Value"), 190, right=True))
    table = DataTable(columns, name)
    table.set_rows(rows)
    return table


def _memory_card(part: Part, profile: HardwareProfile) -> Card:
    """Memory of one card of a part; several of a kind are alike."""
    name = part.machine.like or part.machine.name
    accelerator = next((a for a in profile.accelerators if a.name == name), None)
    count = part.count * part.machine.count
    note = _tr("{0} cards {1}, one of them").format(whole(count), name) if count > 1 else ""
    card = Card(translated(part.label), note=note)
    if accelerator is None:
        return card
    segments, total = asked_memory(accelerator, _whole_bytes(accelerator, profile))
    bar = MemoryBar(height=22, columns=2)
    bar.set_memory(segments, total_bytes=total)
    card.add(bar, hairline())
    for reason in all_translated(accelerator.reasons):
        card.add(label(capital(reason), Text.CAPTION, tone="text_2", wrap=True))
    return card.fill()


def _whole_bytes(accelerator: Accelerator, profile: HardwareProfile) -> int:
    return accelerator.memory_total_bytes or profile.ram.total_bytes


def _facts(profile: HardwareProfile, parts: tuple[Part, ...]) -> list[Row]:
    rows: list[Row] = []
    for part in parts:
        prefix = f"{part.machine.name}: " if len(parts) > 1 else ""
        machine = part.machine
        for words, figure, unit in (
            (_tr("Memory"), part.memory, Unit.MEMORY_BYTES),
            (
                _tr("Memory bandwidth"),
                machine.figure("bandwidth_bytes_per_s"),
                Unit.BYTES_PER_SECOND,
            ),
            (_tr("Half-precision arithmetic"), machine.figure("fp16_flops"), Unit.FLOPS),
            (_tr("Single-precision arithmetic"), machine.figure("fp32_flops"), Unit.FLOPS),
            (_tr("Power limit"), machine.figure("tdp_watts"), Unit.WATTS),
        ):
            rows.append(_row(f"{prefix}{words}", figure, unit))
    rows.append(_row(_tr("Main memory"), _main_memory(profile, parts), Unit.MEMORY_BYTES))
    speed = profile.ram.bandwidth_bytes_per_s
    rows.append(_row(_tr("Main memory bandwidth"), speed, Unit.BYTES_PER_SECOND))
    return rows


def _main_memory(profile: HardwareProfile, parts: tuple[Part, ...]) -> Figure:
    """What was said of it, what unified memory is, or a guess that says so."""
    size = profile.ram.total_bytes
    if profile.ram.assumed:
        return Estimated(size, size, size, translated(profile.ram.assumed))
    for part in parts:
        figure = part.machine.figure("ram_bytes")
        if isinstance(figure, Stated):
            return figure
    return parts[0].memory if parts else Unknown(_tr("not told"))


def _prices(profile: HardwareProfile, parts: tuple[Part, ...]) -> list[Row]:
    price = profile.price_usd or Unknown(_tr("no price is known"))
    words = _tr("Your price") if isinstance(price, Stated) else _tr("Price at launch")
    rows = [_row(words, price, Unit.USD)]
    for part in parts:
        name = part.machine.like or part.machine.name
        one = f"{name}: " if len(parts) > 1 or part.count * part.machine.count > 1 else ""
        listed, rented = rates.purchase_usd(name), rates.rent_usd_per_hour(name)
        rows.append(_row(f"{one}{_tr('Listed now, new or used')}", listed, Unit.USD))
        rows.append(_row(f"{one}{_tr('Rented, an hour')}", rented, Unit.USD_PER_HOUR))
    return rows


def _assumptions(profile: HardwareProfile) -> list[str]:
    assumed = [
        (
            _tr("Nothing else uses its memory: {0} of all GPUs can go to a model.")
            if len(profile.accelerators) > 1
            else _tr("Nothing else uses its memory: {0} of the GPU can go to a model.")
        ).format(plain(sum(a.usable_bytes or 0 for a in profile.accelerators), Unit.MEMORY_BYTES))
    ]
    if profile.ram.assumed:
        assumed.append(f"{capital(translated(profile.ram.assumed))}.")
    speed = profile.ram.bandwidth_bytes_per_s
    if isinstance(speed, Estimated):
        assumed.append(_tr("Speed of main memory {0}.").format(translated(speed.formula)))
    assumed.append(_tr("Its processor is not stated; eight cores are taken."))
    return assumed


def _row(name: str, figure: Figure, unit: Unit) -> Row:
    seen = shown(figure, unit)
    return (Title(name, seen.note), seen)
