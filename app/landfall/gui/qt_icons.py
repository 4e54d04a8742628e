"""Our icons as Qt's own widgets and its window take them.

Apart from `icons`, which paints those of the first frame: `QIcon` brings names of some hundred and
fifty icons of other themes, which takes two milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6 import QtCore
from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from shiboken6 import isValid

from landfall.gui import icons, theme
from landfall.gui.colours import Role
from landfall.services.late_imports import late

if TYPE_CHECKING:
    from pathlib import Path


class _Engine(QIconEngine):
    """Paints at any size and scale in the colour its role has at that moment."""

    def __init__(self, name: str, role: Role) -> None:
        super().__init__()
        self._name, self._role = name, role

    def clone(self) -> QIconEngine:
        """Asked for by Qt where one of two copies of an icon is changed. The clone is Qt's, but
        PySide would destroy it once nothing of ours holds it, and Qt would paint with what is gone.
        """
        _clones[:] = [one for one in _clones if isValid(one)]
        _clones.append(_Engine(self._name, self._role))
        return _clones[-1]

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        role: Role = "disabled" if mode == QIcon.Mode.Disabled else self._role
        icons.paint(painter, self._name, QRectF(rect), theme.color(role))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        out = QPixmap(size)
        out.fill(QtCore.Qt.GlobalColor.transparent)
        with QPainter(out) as painter:
            self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        return out


_clones: list[_Engine] = []
"""Those that Qt still has."""


def icon(name: str, role: Role = "text_2") -> QIcon:
    """An icon for Qt's own widgets; it follows the theme."""
    return QIcon(_Engine(name, role))


WINDOW_ICON_SIZES = (16, 24, 32, 48, 64, 128, 256)
"""Those that packaging/icons/make_icons.py renders, in pixels."""


def window_icon() -> QIcon:
    """The program's own icon, for windows, task bars and docks; it follows no theme.

    From rendered pictures: the drawing would need QtSvg. A size is read when it is asked for.
    """
    made = QIcon()
    folder: Path = late("landfall.services.resources").folder() / "icons"
    for size in WINDOW_ICON_SIZES:
        made.addFile(str(folder / f"landfall-{size}.png"), QSize(size, size))
    return made
