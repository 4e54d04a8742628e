"""The machines that can be chosen, grouped: this one, the user's own, then by maker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Slot,
)
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from landfall.core.errors import AppError, BadInput
from landfall.core.machine.hardware import GIB, Vendor
from landfall.core.machine.machines import parts_of, search
from landfall.gui import paint, theme
from landfall.gui.format import plain, whole
from landfall.gui.hints import failure_words
from landfall.gui.theme import Radius, Space, Text
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.widgets.layout import UNLIMITED

if TYPE_CHECKING:
    from landfall.core.machine.machines import Machine
    from landfall.services.machine.known_machines import Known

Index = QModelIndex | QPersistentModelIndex
ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1

_ROW_HEIGHT = 30
_HEADING_HEIGHT = 28


def _tr(text: str) -> str:
    return QCoreApplication.translate("machine", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the list.

    Attributes:
        name: What is asked for; "" is this machine.
        machine: The row, or None for this machine and for what was typed.
        heading: A line above a group, which cannot be chosen.
    """

    title: str
    detail: str = ""
    name: str = ""
    machine: Machine | None = None
    heading: bool = False


def words_of(error: AppError) -> str:
    """An error in words; a hint that speaks of a command is replaced by what the window offers."""
    if "`" not in error.hint:
        return failure_words(error)
    examples = _tr("Known are, for example, RTX 4090, 2x RTX 3090 and M4 Max 40-core.")
    return f"{translated(error.message)} {examples}"


def entries(known: Known, text: str, here: str) -> list[Entry]:
    """What the list holds for a search.

    Args:
        here: This machine in a few words.
    """
    lines: list[Entry] = []
    if not text.strip():
        lines.append(Entry(title=_tr("This machine"), detail=here))
    elif typed := _typed(known, text):
        lines += [Entry(title=_tr("As typed"), heading=True), typed]
    for title, rows in _groups(known):
        found = search(text, rows)
        if found:
            lines.append(Entry(title=title, heading=True))
            lines += [
                Entry(title=row.name, detail=_detail(row), name=row.name, machine=row)
                for row in found
            ]
    return lines


def _typed(known: Known, text: str) -> Entry | None:
    """What was typed, where it is more than the name of one row: several cards, a size, a mix."""
    try:
        parts = parts_of(text, known.machines)
    except BadInput:
        return None
    name = " + ".join(translated(part.label) for part in parts)
    if len(parts) == 1 and parts[0].count == 1 and parts[0].size is None:
        return None
    cards = sum(part.count * part.machine.count for part in parts)
    detail = _tr("{0} cards").format(whole(cards)) if cards > 1 else _detail(parts[0].machine)
    return Entry(title=name, detail=detail, name=name)


def _groups(known: Known) -> list[tuple[str, Sequence[Machine]]]:
    shown = known.machines
    own = [machine for machine in shown if machine.where]
    rows = [machine for machine in shown if not machine.where]
    makers = (
        ("NVIDIA", Vendor.NVIDIA),
        ("Apple", Vendor.APPLE),
        ("AMD", Vendor.AMD),
        ("Intel", Vendor.INTEL),
        (_tr("Others"), Vendor.OTHER),
    )
    by_maker = [(title, [row for row in rows if row.vendor is maker]) for title, maker in makers]
    return [(_tr("Your machines"), own), *by_maker]


def _detail(machine: Machine) -> str:
    """Memory and bandwidth: what decides fit and speed."""
    sizes = "/".join(f"{size / GIB:g}" for size in machine.memory_sizes)
    memory = _tr("{0} GiB").format(sizes) if sizes else _tr("shared memory")
    if machine.count > 1:
        memory = _tr("{0} cards, {1} each").format(whole(machine.count), memory)
    return f"{memory}, {plain(machine.bandwidth_bytes_per_s, Unit.BYTES_PER_SECOND)}"


class MachineModel(QAbstractListModel):
    """The entries; headings cannot be chosen."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[Entry] = []

    def set_entries(self, lines: list[Entry]) -> None:
        """Show these."""
        self.beginResetModel()
        self._entries = lines
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role == ENTRY_ROLE:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.title}, {entry.detail}" if entry.detail else entry.title
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or self._entries[index.row()].heading:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def first(self, name: str) -> int | None:
        """The line that asks for a name, or the first that can be chosen."""
        lines = [i for i, entry in enumerate(self._entries) if not entry.heading]
        same = [i for i in lines if self._entries[i].name == name]
        return next(iter(same or lines), None)


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        entry: Entry = index.data(ENTRY_ROLE)
        return QSize(120, _HEADING_HEIGHT if entry.heading else _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: Entry = index.data(ENTRY_ROLE)
        box = QRectF(option.rect)
        state = option.state
        inner = box.adjusted(Space.M, 0, -Space.M, 0)
        if entry.heading:
            painter.setFont(theme.font(Text.CAPTION))
            painter.setPen(theme.color("text_3"))
            painter.drawText(inner.adjusted(0, 6, 0, 0), paint.LEFT, entry.title)
            return
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            fill = box.adjusted(4, 1, -4, -1)
            paint.fill_round(
                painter, fill, Radius.CONTROL, theme.color("selected" if chosen else "hover")
            )
        if chosen:
            paint.edge_round(
                painter, box.adjusted(5, 2, -5, -2), Radius.CONTROL, theme.color("focus"), width=2
            )
        painter.setFont(theme.font(Text.CAPTION))
        painter.setPen(QPen(theme.color("text_2")))
        painter.drawText(inner, paint.RIGHT, entry.detail)
        taken = painter.fontMetrics().horizontalAdvance(entry.detail) + Space.M
        painter.setFont(theme.font(Text.BODY))
        painter.setPen(QPen(theme.color("text")))
        room = inner.adjusted(0, 0, -taken, 0)
        metrics = painter.fontMetrics()
        name = metrics.elidedText(entry.title, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, paint.LEFT, name)


class MachineList(QListView):
    """The view of the entries; a line is chosen by arrows or a click."""

    def __init__(self) -> None:
        super().__init__()
        self.entries = MachineModel()
        self.setModel(self.entries)
        self.setItemDelegate(_Delegate(self))
        self.setObjectName("machine-list")
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setAccessibleName(self.tr("Machines"))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMaximumWidth(UNLIMITED)
        theme.theme().changed.connect(self._on_theme)

    @Slot()
    def _on_theme(self) -> None:
        self.scheduleDelayedItemsLayout()

    @property
    def chosen(self) -> Entry | None:
        """The line that is chosen."""
        entry = self.currentIndex().data(ENTRY_ROLE)
        return entry if isinstance(entry, Entry) and not entry.heading else None

    def show_entries(self, lines: list[Entry], name: str) -> None:
        """Show these lines, with the one that asks for that name chosen, or the first."""
        self.entries.set_entries(lines)
        row = self.entries.first(name)
        if row is not None:
            index = self.entries.index(row)
            self.setCurrentIndex(index)
            self.scrollTo(index, QListView.ScrollHint.PositionAtCenter)
