"""Which controls are disabled and tell nobody why."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QScrollBar, QWidget


def speechless(widgets: Iterable[QWidget]) -> list[str]:
    """Those of them that can be seen, in words."""
    return [
        f"{type(one).__name__} {one.objectName()} {one.accessibleName()!r} does not say why not"
        for one in widgets
        if one.isVisible()
        and one.testAttribute(Qt.WidgetAttribute.WA_ForceDisabled)
        and not isinstance(one, QScrollBar)
        and not (one.toolTip() and _is_heard(one))
    ]


def _is_heard(one: QWidget) -> bool:
    """Whether a screen reader hears what the tooltip says."""
    spoken = QAccessible.queryAccessibleInterface(one)
    return spoken is not None and one.toolTip() in spoken.text(QAccessible.Text.Description)
