"""The hosts on the Machine page: the list, the chosen one, and a way to add one.

Hosts are asked while this card can be seen and the window is not minimised, and not otherwise.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QMessageBox, QWidget

from landfall.gui.hosts.detail import HostDetail
from landfall.gui.hosts.listing import HostTable
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import BLEED, Card, Glyph, Swap, button, column, holder, label, row

if TYPE_CHECKING:
    from landfall.core.hosts.hosts import Host
    from landfall.gui.hosts.desk import HostDesk
    from landfall.gui.hosts.dialog import HostDialog


class HostsCard(Card):
    """Empty, or the table with the details of the chosen host below it.

    Signals:
        jump: Another page is wanted, as of `Page`.
        unfolded: The details of a host were asked for; they may lie below what can be seen.
    """

    jump = Signal(str, str)
    unfolded = Signal(QWidget)

    def __init__(self, desk: HostDesk) -> None:
        super().__init__()
        self.desk = desk
        self._host: Host | None = None
        self._window: QWidget | None = None
        self.table: HostTable | None = None
        self.detail: HostDetail | None = None
        self.dialog: HostDialog | None = None
        self.setObjectName("hosts-card")
        self.add_host = button(self.tr("Add a host…"), "link", icon="plus")
        self.add_host.setObjectName("add-host")
        self.add_host.clicked.connect(self.on_add)
        self._add_heading(self.tr("Hosts"), "", (self.add_host,))
        self._place = Swap()
        self.trouble = StateLine(State.PARTIAL, self.tr("Tokens could not be read"))
        self.trouble.setObjectName("hosts-trouble")
        self.trouble.hide()
        self._trouble_place = row(self.trouble, margins=(BLEED, 0, BLEED, 0))
        self.bleed().add(self._trouble_place, self._place)
        desk.listed.connect(self.on_listed)
        desk.heard.connect(self.on_heard)
        desk.drop_asked.connect(self.on_drop_asked)
        self.on_listed()

    # What is shown

    @Slot()
    def on_listed(self) -> None:
        """Hosts came or went."""
        self._note()
        if not len(self.desk):
            self._show_empty()
            return
        table = self._table()
        chosen = self.desk.number_of(self._host) if self._host is not None else -1
        table.blockSignals(True)
        table.show_all(self.desk.lines, chosen=chosen)
        if chosen < 0:
            table.clearSelection()
            table.setCurrentIndex(table.rootIndex())
        table.blockSignals(False)
        self._show_detail(chosen)

    @Slot(list)
    def on_heard(self, numbers: list[int]) -> None:
        """Readings came for these lines."""
        if self.table is None:
            return
        self.table.show_some({number: self.desk.line(number) for number in numbers})
        self._note()
        self._tell_trouble()
        chosen = self.desk.number_of(self._host) if self._host is not None else -1
        if chosen in numbers and self.detail is not None:
            self.detail.show_host(self.desk.line(chosen))

    def _note(self) -> None:
        """How many there are, and how many of them answer."""
        if self.note is None:
            return
        count, answering = len(self.desk), self.desk.answering
        words = ""
        if count and answering is None:
            words = self.tr("asking {0}").format(count)
        elif count:
            words = self.tr("{0} of {1} answer").format(answering, count)
        if words != self.note.text():
            self.note.setText(words)

    def _tell_trouble(self) -> None:
        """A keyring that cannot be asked matters where a host asks for a token."""
        trouble = self.desk.token_trouble
        if trouble and trouble != self.trouble.detail.text():
            title = self.tr("Tokens could not be read")
            self.trouble.show_line(State.PARTIAL, title, trouble)
        self.trouble.setVisible(bool(trouble))

    def _show_empty(self) -> None:
        self.table = self.detail = self._host = None
        self.trouble.hide()
        # One line: most people have one machine, and look for what stands below.
        title = label(self.tr("No other host yet"), Text.MEDIUM)
        words = label(
            self.tr(
                "The workstation under the desk or the box in the rack can answer for this machine:"
                " models too large for it run there, and a second host takes over what the first"
                " has no time for. Ollama, LM Studio, llama.cpp and vLLM can be kept here by name;"
                " they are asked only while this page is looked at."
            ),
            Text.CAPTION,
            tone="text_2",
            wrap=True,
        )
        line = row(Glyph("server", "text_3", size=24), spacing=Space.M)
        line.setContentsMargins(BLEED, 0, BLEED, Space.S)
        line.addLayout(column(title, words, spacing=0), 1)
        self._place.hold(holder(line))

    def _table(self) -> HostTable:
        if self.table is None:
            self.table = HostTable()
            self.detail = HostDetail()
            self.detail.hide()
            self.detail.edit_asked.connect(self.on_edit)
            self.detail.remove_asked.connect(self.on_remove)
            self.detail.settings_asked.connect(self.on_settings)
            self.detail.closed.connect(self.on_closed)
            self.table.chosen.connect(self.on_chosen)
            self.table.opened.connect(self.on_opened)
            self._place.hold(holder(column(self.table, self.detail, spacing=0)))
        return self.table

    # The chosen one

    @Slot(int)
    def on_chosen(self, number: int) -> None:
        """A line was chosen by click or arrow."""
        if number >= 0:
            self._host = self.desk.line(number).host
        self._show_detail(number)
        self._unfold()

    @Slot(int)
    def on_opened(self, number: int) -> None:
        """Enter, or a double click: the keyboard goes to the details."""
        self.on_chosen(number)
        if self.detail is not None:
            kept = self.detail.edit
            (kept if kept.isVisible() else self.detail.change).setFocus()

    def _show_detail(self, number: int) -> None:
        if self.detail is None:
            return
        if number >= 0:
            self.detail.show_host(self.desk.line(number))
        else:
            self._host = None
        self.detail.setVisible(number >= 0)

    def _unfold(self) -> None:
        if self.detail is not None and not self.detail.isHidden():
            self.unfolded.emit(self.detail)

    @Slot()
    def on_closed(self) -> None:
        """The details are closed; the keyboard is where it came from."""
        if self.table is not None:
            self.table.setCurrentIndex(self.table.rootIndex())
            self.table.setFocus()
        self._show_detail(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._host is not None:
            self.on_closed()
        else:
            super().keyPressEvent(event)

    # What the user does

    @Slot()
    def on_add(self) -> None:
        """Ask for a new host."""
        self._open_dialog(None)

    @Slot()
    def on_edit(self) -> None:
        """Change the chosen one."""
        self._open_dialog(self._host)

    def _open_dialog(self, host: Host | None) -> None:
        # Imported here: who adds no host does not pay for the form.
        make: type[HostDialog] = import_module("landfall.gui.hosts.dialog").HostDialog
        self.dialog = make(self.desk, host, parent=self.window())
        self.dialog.kept.connect(self.on_kept)
        self.dialog.finished.connect(self._on_dialog_closed)
        self.dialog.open()

    @Slot()
    def _on_dialog_closed(self) -> None:
        self.dialog = None

    @Slot(object)
    def on_kept(self, host: Host) -> None:
        """It is in the list now: show it."""
        self._host = host
        self.on_listed()
        self._unfold()

    @Slot()
    def on_remove(self) -> None:
        """Keep the chosen one no more."""
        if self._host is not None:
            self.desk.ask_to_drop(self._host)

    @Slot(object, list)
    def on_drop_asked(self, host: Host, names: list[str]) -> None:
        """Workloads run there: say which before it goes."""
        box = QMessageBox(self)
        box.setObjectName("drop-host")
        box.setIcon(QMessageBox.Icon.Warning)
        box.setText(self.tr("Remove {0}? Workloads name it.").format(host.name))
        box.setInformativeText(
            self.tr(
                "{0}: until each names another server, its verdict cannot say what it runs on."
            ).format(", ".join(names))
        )
        remove = box.addButton(self.tr("Remove host"), QMessageBox.ButtonRole.DestructiveRole)
        remove.setObjectName("drop-host-anyway")
        keep = box.addButton(self.tr("Keep"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        remove.clicked.connect(partial(self._on_drop_agreed, host))
        box.finished.connect(box.deleteLater)
        box.open()

    def _on_drop_agreed(self, host: Host, _checked: bool = False) -> None:
        self.desk.drop(host)

    @Slot()
    def on_settings(self) -> None:
        """The server in use is a setting of its own."""
        self.jump.emit("settings", "hosts")

    # Whether anybody looks

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        window = self.window()
        if window is not self._window:
            if self._window is not None:
                self._window.removeEventFilter(self)
            self._window = window
            window.installEventFilter(self)
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.desk.watch(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window is minimised or comes back, which its parts are not told of."""
        if watched is self._window and event.type() == QEvent.Type.WindowStateChange:
            self._look()
        return False

    def _look(self) -> None:
        minimised = self._window is not None and self._window.isMinimized()
        self.desk.watch(self.isVisible() and not minimised)
