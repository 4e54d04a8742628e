"""The panel behind a machine picker: search, list, number of cards, memory size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from landfall.core.errors import AppError, BadInput
from landfall.core.machine.hardware import GIB, AcceleratorKind, HardwareProfile
from landfall.core.machine.machines import parts_of
from landfall.gui import paint, tab_order, theme
from landfall.gui.allowed import allow
from landfall.gui.format import plain
from landfall.gui.hints import failure_words
from landfall.gui.machine.machine_list import Entry, MachineList, entries, words_of
from landfall.gui.theme import Radius, Space, Text
from landfall.gui.units import Unit
from landfall.gui.widgets.controls import Choice, SearchField
from landfall.gui.widgets.layout import button, column, holder, label, row
from landfall.services.machine import known_machines

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.services.machine.known_machines import Known

MOST_CARDS = 8
_WIDTH, _HEIGHT = 460, 480


class _Search(SearchField):
    """Arrows move in the list, so that one can type and choose without leaving the field."""

    def __init__(self, hint: str, view: MachineList) -> None:
        super().__init__(hint, width=0)
        self._view = view
        self.setMaximumWidth(_WIDTH)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        if event.key() in keys:
            QApplication.sendEvent(self._view, event)
        else:
            super().keyPressEvent(event)


class MachinePanel(QFrame):
    """Search, list, number of cards and memory size.

    Signals:
        chosen: The profile of a machine, or None for this one.
        describe_asked: The user wants to type one in.
    """

    chosen = Signal(object)
    describe_asked = Signal()

    def __init__(self, state: AppState, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("machine-panel")
        self.setAccessibleName(self.tr("Ask about another machine"))
        self._state = state
        self._known: Known | None = None
        self.list = MachineList()
        self.search = _Search(self.tr("Search, or type 2x RTX 3090"), self.list)
        self.search.setObjectName("machine-search")
        self.count = Choice(self.tr("Cards"), [str(n + 1) for n in range(MOST_CARDS)], width=64)
        self.count.setObjectName("machine-count")
        self.memory = Choice(self.tr("Memory"), (), width=96)
        self.memory.setObjectName("machine-memory")
        self.use = button(self.tr("Ask about it"), "primary")
        self.use.setObjectName("machine-use")
        self._problem = label("", Text.CAPTION, tone="danger", wrap=True)
        self._problem.setObjectName("machine-problem")
        # A search of two hundred rows takes a millisecond; one turn later is soon enough.
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(0)
        self._build()
        self._connect()

    def _build(self) -> None:
        self._counts = holder(row(label(self.tr("Cards"), tone="text_2"), self.count))
        self._sizes = holder(row(label(self.tr("Memory"), tone="text_2"), self.memory))
        own = button(self.tr("Type one in\u2026"), "link")
        own.setObjectName("machine-describe")
        own.clicked.connect(self._on_describe)
        margins = (Space.M, Space.M, Space.M, Space.M)
        self.setLayout(
            column(
                self.search,
                self._problem,
                self.list,
                row(own, None, self._counts, self._sizes, self.use, spacing=Space.S),
                margins=margins,
            )
        )
        self._problem.hide()
        self.resize(_WIDTH, _HEIGHT)

    def _connect(self) -> None:
        self._due.timeout.connect(self._on_search)
        self.search.textChanged.connect(self._on_typed)
        self.search.returnPressed.connect(self._on_use)
        self.list.selectionModel().currentChanged.connect(self._on_line)
        self.list.doubleClicked.connect(self._on_use)
        self.list.activated.connect(self._on_use)
        self.use.clicked.connect(self._on_use)

    def open_at(self, below: QPoint) -> None:
        """Show it there, within the screen, with what can be chosen now."""
        self._known = known_machines.load()
        self.search.clear()
        self._due.stop()
        self._fill()
        screen = self.screen().availableGeometry()
        x = max(screen.left(), min(below.x(), screen.right() - self.width()))
        y = max(screen.top(), min(below.y(), screen.bottom() - self.height()))
        self.move(x, y)
        self.show()
        self.search.setFocus()

    def _file_words(self) -> str:
        problems = () if self._known is None else self._known.problems
        return str(problems[0]) if problems else ""

    @Slot()
    def _on_typed(self) -> None:
        self._due.start()

    @Slot()
    def _on_search(self) -> None:
        self._fill()

    def _fill(self) -> None:
        if self._known is None:
            return
        asked = self._state.what_if
        lines = entries(self._known, self.search.text(), here_words(self._state.profile))
        self.list.show_entries(lines, "" if asked is None else asked.name)
        self._say(self._file_words() if lines else self._unknown_words(self._known))
        self._on_line()

    def _unknown_words(self, known: Known) -> str:
        """Why the list is empty, and what was perhaps meant."""
        try:
            parts_of(self.search.text(), known.machines)
        except BadInput as error:
            return words_of(error)
        return ""

    @Slot()
    def _on_line(self) -> None:
        """Another line: how many cards and which memory can be asked for."""
        entry = self.list.chosen
        machine = entry.machine if entry else None
        several = machine is not None and machine.kind is AcceleratorKind.DISCRETE
        several = several and machine is not None and machine.count == 1
        sizes = () if machine is None or several else machine.memory_sizes
        self._counts.setVisible(several)
        self.count.setCurrentIndex(0)
        self._sizes.setVisible(len(sizes) > 1)
        self.memory.clear()
        for size in sizes:
            self.memory.addItem(plain(size, Unit.MEMORY_BYTES), size)
        self.memory.setCurrentIndex(len(sizes) - 1)
        allow(self.use, "" if entry is not None else self.tr("Choose a machine first."))
        here = entry is not None and not entry.name
        self.use.setText(self.tr("Use this machine") if here else self.tr("Ask about it"))

    @Slot()
    def _on_use(self) -> None:
        if self._due.isActive():
            self._due.stop()
            self._fill()
        entry = self.list.chosen
        if entry is None:
            return
        try:
            name = self._asked(entry)
            profile = known_machines.what_if(name) if name else None
        except AppError as error:
            self._say(failure_words(error))
            return
        self.close()
        self.chosen.emit(profile)

    def _asked(self, entry: Entry) -> str:
        if entry.machine is None:
            return entry.name
        count = self.count.currentIndex() + 1
        if count > 1:
            return f"{count}x {entry.name}"
        sizes = entry.machine.memory_sizes
        size = self.memory.currentData()
        if len(sizes) > 1 and size:
            return f"{entry.name} {size // GIB}GB"
        return entry.name

    @Slot()
    def _on_describe(self) -> None:
        self.close()
        self.describe_asked.emit()

    def _say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab goes as the panel is read."""
        stop = tab_order.step(tab_order.stops(self), QApplication.focusWidget(), forward=next)
        if stop is None:
            return super().focusNextPrevChild(next)
        reason = Qt.FocusReason
        stop.setFocus(reason.TabFocusReason if next else reason.BacktabFocusReason)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        box = self.rect().toRectF()
        edge = theme.color("border_strong")
        paint.fill(QPainter(self), box, theme.color("surface"))
        paint.surface(QPainter(self), box, Radius.CONTROL, inside=theme.color("surface"), edge=edge)


def here_words(profile: HardwareProfile | None) -> str:
    """This machine in a few words: its accelerators, or its processor."""
    if profile is None:
        return ""
    names = [accelerator.name for accelerator in profile.accelerators]
    return ", ".join(dict.fromkeys(names)) or profile.cpu.name
