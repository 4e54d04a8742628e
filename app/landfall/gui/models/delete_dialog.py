"""Asks before models are deleted: which, and how much of the disk that frees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from landfall.gui.allowed import allow
from landfall.gui.format import plain, whole
from landfall.gui.theme import Space, Text
from landfall.gui.units import Unit
from landfall.gui.widgets.controls import Switch
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.layout import button, column, holder, label, row

_LIST_HEIGHT = 320
_AT_ONCE = 40
"""So many lines are made when the last of those before comes near: a disk may hold ten thousand."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that may be deleted: name, bytes on the disk, when it was last used in words, and the
    workloads that name it."""

    name: str
    size_bytes: int
    used: str
    workloads: tuple[str, ...] = ()


class DeleteModels(Dialog):
    """One model: yes or no. Several: the user says which; none is chosen beforehand.

    Signals:
        confirmed: The names to delete, as a list.
    """

    confirmed = Signal(list)

    def __init__(
        self,
        candidates: Sequence[Candidate],
        parent: QWidget | None = None,
        *,
        choose: bool,
        host: str = "",
    ) -> None:
        """Show the question.

        Args:
            host: The other machine whose disk it is, or "".
        """
        super().__init__(parent)
        self.setObjectName("delete-models")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._candidates, self._host = tuple(candidates), host
        self._boxes: list[Switch] = []
        title = self._free_title() if choose else self._one_title()
        self.setWindowTitle(title)
        self.set_least_width(480)
        keep = button(self.tr("Keep all") if choose else self.tr("Keep"))
        keep.setObjectName("keep-models")
        keep.clicked.connect(self.reject)
        keep.setDefault(True)
        self._delete = button("", "destructive", icon="trash")
        self._delete.setObjectName("confirm-delete")
        self._delete.clicked.connect(self.on_delete)
        margin = Space.L
        layout = column(spacing=Space.M, margins=(margin, margin, margin, margin))
        layout.addWidget(label(title, Text.HEADING, wrap=True))
        layout.addWidget(label(self._words(choose=choose), tone="text_2", wrap=True))
        if choose:
            layout.addWidget(self._list())
        self._named = label("", tone="caution", wrap=True)
        self._named.setObjectName("delete-named")
        layout.addWidget(self._named)
        layout.addLayout(row(None, keep, self._delete))
        self.setLayout(layout)
        self._on_chosen()

    def _free_title(self) -> str:
        if self._host:
            return self.tr("Free disk space on {0}").format(self._host)
        return self.tr("Free disk space")

    def _one_title(self) -> str:
        if self._host:
            return self.tr("Delete {0} on {1}?").format(self._candidates[0].name, self._host)
        return self.tr("Delete {0}?").format(self._candidates[0].name)

    def _words(self, *, choose: bool) -> str:
        if choose:
            return self.tr(
                "Longest not used first. Layers that a model shares with one that stays are kept,"
                " so it may free less than its size. Models in memory are not listed."
            )
        size = plain(self._candidates[0].size_bytes, Unit.FILE_BYTES)
        return self.tr(
            "It takes {0} on the disk; layers that it shares with other models stay. It can be"
            " pulled again if it came from a registry."
        ).format(size)

    def _list(self) -> QWidget:
        self._lines = column(spacing=Space.XS, margins=(Space.S, Space.S, Space.S, Space.S))
        self._lines.addStretch(1)
        self._more()
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its switches are reached, and seen
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidget(holder(self._lines))
        self._area.setMaximumHeight(_LIST_HEIGHT)
        self._area.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        return self._area

    @Slot(int)
    def _on_scrolled(self, value: int) -> None:
        bar = self._area.verticalScrollBar()
        if value >= bar.maximum() - bar.pageStep():
            self._more()

    def _more(self) -> None:
        """Lines for those that come next."""
        begun = len(self._boxes)
        for candidate in self._candidates[begun : begun + _AT_ONCE]:
            size = plain(candidate.size_bytes, Unit.FILE_BYTES)
            box = Switch(f"{candidate.name}, {size}, {candidate.used}")
            box.setObjectName(f"delete-{candidate.name}")
            box.toggled.connect(self._on_chosen)
            self._boxes.append(box)
            used = label(candidate.used, Text.CAPTION, tone="text_3")
            line = row(box, label(candidate.name), None, used, Space.M, label(size))
            self._lines.insertLayout(self._lines.count() - 1, line)
        # Those that come later would stand behind the buttons.
        if begun:
            for before, after in pairwise(self._boxes[begun - 1 :]):
                QWidget.setTabOrder(before, after)

    @property
    def chosen(self) -> tuple[Candidate, ...]:
        """What would be deleted now."""
        if not self._boxes:
            return self._candidates
        pairs = zip(self._boxes, self._candidates, strict=False)  # others were not seen yet
        return tuple(candidate for box, candidate in pairs if box.isChecked())

    @Slot()
    def _on_chosen(self) -> None:
        chosen = self.chosen
        size = plain(sum(candidate.size_bytes for candidate in chosen), Unit.FILE_BYTES)
        if not chosen:
            text = self.tr("Delete")
        elif len(chosen) == 1:
            text = self.tr("Delete {0}, {1}").format(chosen[0].name, size)
        else:
            text = self.tr("Delete {0} models, {1}").format(whole(len(chosen)), size)
        self._say_named(chosen)
        self._delete.setText(text)
        self._delete.setAccessibleName(text)
        allow(self._delete, "" if chosen else self.tr("Switch on what should go"))

    def _say_named(self, chosen: Sequence[Candidate]) -> None:
        """Which workloads name what would go from this machine; another's models are no loss."""
        one, several = self.tr("The workload {1} names {0}."), self.tr("Workloads name {0}: {1}.")
        said = [
            (several if len(each.workloads) > 1 else one).format(
                each.name, ", ".join(each.workloads)
            )
            for each in chosen
            if each.workloads and not self._host
        ]
        if said:
            again = self.tr(
                "A model that is deleted has to be pulled again before that work can run here."
            )
            said.append(again)
        self._named.setText("\n".join(said))
        self._named.setVisible(bool(said))

    @Slot()
    def on_delete(self) -> None:
        """It was confirmed."""
        self.confirmed.emit([candidate.name for candidate in self.chosen])
        self.accept()
