"""Who is asked, each as a chip that can be removed, and the button that adds another one."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.gui import grown, theme
from landfall.gui.allowed import allow
from landfall.gui.side_by_side.targets import MOST_TARGETS, Asked
from landfall.gui.tab_order import keyboard_is_at
from landfall.gui.theme import Radius, Space, Text
from landfall.gui.widgets.flow import FlowLayout
from landfall.gui.widgets.layout import Glyph, button, icon_button, label, row

CHIP_HEIGHT = 32
SHORT_FROM = 5
"""From so many on a chip leaves out that its model runs on this machine."""

LONGEST_NAME = 30
"""In characters: ten chips leave room for the answers."""


class TargetChip(QWidget):
    """A target: icon in the colour of its place, its name, and a cross.

    Signals:
        removed: It is not to be asked.
    """

    removed = Signal()

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self.setObjectName(f"target-{asked.key}")
        self.asked = asked
        grown.fix_height(self, CHIP_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.cross = icon_button("cross", self.tr("Remove {0}").format(asked.label))
        self.cross.setObjectName("remove-target")
        self.cross.clicked.connect(self.removed)
        icon = asked.icon
        self._where = label(asked.where, Text.CAPTION, tone="text_2")
        line = row(
            Glyph(icon, asked.role, size=14),
            label(_middle(asked.model), Text.MEDIUM),
            self._where,
            self.cross,
            spacing=Space.XS + 2,
            margins=(Space.S, 0, 2, 0),
        )
        self.setLayout(line)
        self.setAccessibleName(asked.label)
        self.setToolTip(asked.label)
        theme.repaint_on_change(self)

    def shorten(self, short: bool) -> None:
        """Leave out where a model runs that is not in a cloud; its icon says that much."""
        self._where.setVisible(not short or self.asked.leaves)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(QPen(theme.color(self.asked.role, 70), 1))
        p.setBrush(theme.color("cloud_soft" if self.asked.leaves else "here_soft"))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        p.drawRoundedRect(box, Radius.CONTROL, Radius.CONTROL)


class TargetChips(QWidget):
    """Keeps who is asked, in their order.

    Signals:
        changed: They are others now.
        add_asked: Another one is wanted.
    """

    changed = Signal()
    add_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Who is asked"))
        self._chips: list[TargetChip] = []
        self._why_not = ""
        self.add = button(self.tr("Add target\u2026"), icon="plus")
        self.add.setObjectName("add-target")
        self.add.clicked.connect(self.add_asked)
        self._flow = FlowLayout()
        self._flow.addWidget(self.add)
        self.setLayout(self._flow)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._refresh()

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Who is asked."""
        return tuple(chip.asked for chip in self._chips)

    @property
    def full(self) -> bool:
        """Whether no more can be asked."""
        return len(self._chips) >= MOST_TARGETS

    def hold(self, asked: Asked) -> bool:
        """Ask this one, too; False where it is asked already or there is no room."""
        if self.full or any(chip.asked.key == asked.key for chip in self._chips):
            return False
        chip = TargetChip(asked)
        chip.removed.connect(partial(self.drop, asked.key))
        self._chips.append(chip)
        # The button stays behind the last chip.
        self._flow.removeWidget(self.add)
        self._flow.addWidget(chip)
        self._flow.addWidget(self.add)
        chip.show()
        self._refresh()
        self.changed.emit()
        return True

    def drop(self, key: str) -> None:
        """Do not ask this one."""
        index = next((i for i, chip in enumerate(self._chips) if chip.asked.key == key), -1)
        if index < 0:
            return
        chip = self._chips.pop(index)
        held_focus = keyboard_is_at(chip.cross)
        self._flow.removeWidget(chip)
        chip.hide()
        chip.deleteLater()
        self._refresh()
        if held_focus:
            near = self._chips[min(index, len(self._chips) - 1)].cross if self._chips else self.add
            near.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def block(self, why: str) -> None:
        """Why they cannot be others now, or ""."""
        self._why_not = why
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        why = self._why_not
        for chip in self._chips:
            chip.shorten(len(self._chips) >= SHORT_FROM)
            allow(chip.cross, why, tip=self.tr("Remove {0}").format(chip.asked.label))
        if not why and self.full:
            why = self.tr("{0} beside each other are the most.").format(MOST_TARGETS)
        allow(self.add, why, tip=self.tr("A local model, or one of a provider with a key"))


def _middle(name: str) -> str:
    """A name that is too long loses its middle: its end tells it apart."""
    if len(name) <= LONGEST_NAME:
        return name
    half = LONGEST_NAME // 2
    return f"{name[: half - 1]}\u2026{name[-half:]}"
