"""Tab goes through a window as it is read: by its layouts, not by when a widget was made."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from PySide6 import QtCore
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QLayout, QWidget


def stops(root: QWidget) -> list[QWidget]:
    """What Tab reaches inside of a widget, in reading order; of exclusive buttons the checked."""
    return [widget for widget in _inside(root) if _takes_focus(widget)]


def step(ring: list[QWidget], now: QWidget | None, *, forward: bool) -> QWidget | None:
    """The stop after or before `now`; where `now` is none, the nearest one inside of it, or of what
    it stands in: a button that was just disabled or hidden does not throw the focus to the rim."""
    if not ring:
        return None
    if now in ring:
        return ring[(ring.index(now) + (1 if forward else -1)) % len(ring)]
    near: list[QWidget] = []
    while now is not None and not near:
        near = [stop for stop in ring if now.isAncestorOf(stop)]
        now = now.parentWidget()
    near = near or ring
    return near[0] if forward else near[-1]


def keyboard_is_at(widget: QWidget) -> bool:
    """Whether keys go there while its window is in front.

    `hasFocus()` says no of each widget while another program has the window.
    """
    return widget.window().focusWidget() is widget


def _inside(root: QWidget) -> Iterator[QWidget]:
    yield root
    seen: set[int] = set()
    layout = root.layout()
    for widget in _laid_out(layout) if layout is not None else ():
        seen.add(id(widget))
        if widget.isVisible():
            yield from _inside(widget)
    # What lies over the rest, as a toast does, and what a view places by itself.
    for child in root.children():
        if isinstance(child, QWidget) and id(child) not in seen:
            if child.isWindow() or not child.isVisible():
                continue
            yield from _inside(child)


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    order = list(range(layout.count()))
    if isinstance(layout, QGridLayout):
        order.sort(key=partial(_cell, layout))
    for index in order:
        item = layout.itemAt(index)
        if item is None:
            continue
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from _laid_out(inner)


def _cell(grid: QGridLayout, index: int) -> tuple[int, int]:
    """Row and column: the binding's stub does not say what this tuple holds."""
    place: Any = grid.getItemPosition(index)
    return place[0], place[1]


def _takes_focus(widget: QWidget) -> bool:
    if not (widget.isVisible() and widget.isEnabled()) or widget.focusProxy() is not None:
        return False
    if isinstance(widget, QAbstractButton) and widget.isCheckable():
        group: QButtonGroup | None = widget.group()
        if widget.autoExclusive() or (group is not None and group.exclusive()):
            return widget.isChecked()
    return bool(widget.focusPolicy() & QtCore.Qt.FocusPolicy.TabFocus)
