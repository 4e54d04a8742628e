"""Controls that Qt lacks or that need our shape: segments, switch, slider, sidebar item, row."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QComboBox,
    QFrame,
    QLineEdit,
    QSizePolicy,
    QSlider,
    QWidget,
)

from landfall.gui import icons, theme
from landfall.gui.theme import Radius, Space, Text
from landfall.gui.widgets.layout import label, row

_VCENTER_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_VCENTER_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class _Segment(QAbstractButton):
    def __init__(self, text: str, count: int | None) -> None:
        super().__init__()
        self.setText(text)
        self._count: int | None = None
        self.setCheckable(True)
        self.setFont(theme.font(Text.MEDIUM))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.set_count(count)

    def set_count(self, count: int | None) -> None:
        self._count = count
        text = self.text()
        self.setAccessibleName(text if count is None else f"{text}, {count}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        extra = 0 if self._count is None else 8 + metrics.horizontalAdvance(str(self._count))
        return QSize(metrics.horizontalAdvance(self.text()) + extra + 26, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        if self.isChecked():
            p.setPen(QPen(theme.color("border_strong"), 1))
            p.setBrush(theme.color("surface"))
            p.drawRoundedRect(box, Radius.CONTROL - 1, Radius.CONTROL - 1)
        if self.hasFocus():
            p.setPen(QPen(theme.color("focus"), 2))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRoundedRect(box, Radius.CONTROL - 1, Radius.CONTROL - 1)
        p.setFont(self.font())
        p.setPen(theme.color("text" if self.isChecked() or self.underMouse() else "text_2"))
        whole = QRectF(self.rect())
        p.drawText(whole.adjusted(13, 0, 0, 0), _VCENTER_LEFT, self.text())
        if self._count is not None:
            p.setPen(theme.color("text_3"))
            p.drawText(whole.adjusted(0, 0, -13, 0), _VCENTER_RIGHT, str(self._count))


class SegmentedControl(QFrame):
    """Two to five views of the same thing. Arrow keys move, as in a radio group.

    Signals:
        chosen: The index of the segment that the user chose.
    """

    chosen = Signal(int)

    def __init__(
        self, names: Sequence[str], current: int = 0, *, counts: Sequence[int | None] = ()
    ) -> None:
        super().__init__()
        self.group = QButtonGroup(self)
        layout = row(spacing=0, margins=(1, 1, 1, 1))
        self._segments: list[_Segment] = []
        for i, name in enumerate(names):
            segment = _Segment(name, counts[i] if counts else None)
            segment.setChecked(i == current)
            self.group.addButton(segment, i)
            layout.addWidget(segment)
            self._segments.append(segment)
        self.setLayout(layout)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.group.idClicked.connect(self.chosen)
        theme.theme().changed.connect(self._on_theme)

    @property
    def current(self) -> int:
        """The index of the checked segment."""
        return self.group.checkedId()

    def choose(self, index: int) -> None:
        """Check a segment as a click would."""
        self._segments[index].click()

    def set_count(self, index: int, count: int | None) -> None:
        """Show how many things a view holds; None where it is not known."""
        self._segments[index].set_count(count)

    @Slot()
    def _on_theme(self) -> None:
        for segment in self._segments:
            segment.setFont(theme.font(Text.MEDIUM))
            segment.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(QPen(theme.color("border"), 1))
        p.setBrush(theme.color("sunken"))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        p.drawRoundedRect(box, Radius.CONTROL + 1, Radius.CONTROL + 1)


class SearchField(QLineEdit):
    """Search icon, clear button, Escape clears."""

    def __init__(self, hint: str, *, width: int = 220) -> None:
        super().__init__()
        self.setPlaceholderText(hint)
        self.setAccessibleName(hint)
        self.setClearButtonEnabled(True)
        self.addAction(icons.icon("search", "text_3"), QLineEdit.ActionPosition.LeadingPosition)
        self.setFixedWidth(width)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            event.accept()
        else:
            super().keyPressEvent(event)


class SliderField(QWidget):
    """Name, slider, value with unit; the caller formats the value.

    width: of the slider; 0 fills and lines up with its siblings.

    Signals:
        changed: The new position; answer with `show_value`.
    """

    changed = Signal(int)

    def __init__(
        self, name: str, shown: str, *, low: int, high: int, value: int, width: int = 150
    ) -> None:
        super().__init__()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(low, high)
        self.slider.setValue(value)
        self.slider.setAccessibleName(f"{name}: {shown}")
        self._name = name
        self.value = label(shown, Text.STRONG)
        self.slider.valueChanged.connect(self.changed)
        title = label(name, tone="text_2")
        if width:
            self.slider.setFixedWidth(width)
        else:
            title.setMinimumWidth(90)
            self.value.setMinimumWidth(90)
        self.setLayout(row(title, self.slider, self.value, spacing=Space.S))

    def show_value(self, text: str) -> None:
        """The value in words, for eyes and ears."""
        self.value.setText(text)
        self.slider.setAccessibleName(f"{self._name}: {text}")


class NavItem(QAbstractButton):
    """Sidebar item: icon, word, optional count. The current one is filled and semibold."""

    def __init__(self, icon: str, text: str) -> None:
        super().__init__()
        self._icon, self._note = icon, ""
        self.setText(text)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFixedHeight(34)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(text)
        theme.repaint_on_change(self)

    def set_note(self, note: str) -> None:
        """A count at the right, or ""."""
        if note != self._note:
            self._note = note
            self.setAccessibleName(self.text() + (f", {note}" if note else ""))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(176, 34)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        on = self.isChecked()
        if on or self.hasFocus() or self.underMouse():
            p.setPen(QPen(theme.color("focus"), 2) if self.hasFocus() else QPen(Qt.PenStyle.NoPen))
            p.setBrush(theme.color("selected" if on else "hover"))
            p.drawRoundedRect(box, Radius.CONTROL, Radius.CONTROL)
        mark = QRectF(11, self.height() / 2 - 9, 18, 18)
        icons.paint(p, self._icon, mark, theme.color("accent" if on else "text_2"))
        p.setFont(theme.font(Text.STRONG if on else Text.MEDIUM))
        p.setPen(theme.color("text" if on else "text_2"))
        p.drawText(box.adjusted(38, 0, 0, 0), _VCENTER_LEFT, self.text())
        if self._note:
            p.setFont(theme.font(Text.CAPTION))
            p.setPen(theme.color("text_3"))
            p.drawText(box.adjusted(0, 0, -10, 0), _VCENTER_RIGHT, self._note)


class Choice(QComboBox):
    """Combo box with our chevron."""

    def __init__(self, name: str, items: Sequence[str], *, width: int = 120) -> None:
        super().__init__()
        self.addItems(list(items))
        self.setAccessibleName(name)
        self.setMinimumWidth(width)
        self.setFont(theme.font(Text.BODY))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        mark = QRectF(self.width() - 22, self.height() / 2 - 7, 14, 14)
        icons.paint(QPainter(self), "down", mark, theme.color("text_2"))


class Switch(QAbstractButton):
    """On or off at once. Knob position, fill and a tick say which."""

    def __init__(self, name: str, *, on: bool = False) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setChecked(on)
        self.setAccessibleName(name)
        self.setFixedSize(40, 28)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme.repaint_on_change(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, enabled = self.isChecked(), self.isEnabled()
        track = QRectF(3, 4.5, 34, 19)
        if self.hasFocus():
            p.setPen(QPen(theme.color("focus"), 2))
            p.drawRoundedRect(track.adjusted(-2, -2.5, 2, 2.5), 12, 12)
        fill: theme.Role = "disabled" if not enabled else "accent" if on else "sunken"
        p.setPen(QPen(theme.color("accent" if on and enabled else "border_strong"), 1))
        p.setBrush(theme.color(fill))
        p.drawRoundedRect(track, 9.5, 9.5)
        p.setPen(QPen(Qt.PenStyle.NoPen) if on else QPen(theme.color("border_strong"), 1))
        p.setBrush(theme.color("surface"))
        knob = QRectF(20 if on else 5, 6.5, 15, 15)
        p.drawEllipse(knob)
        if on:
            tick = knob.adjusted(2.5, 2.5, -2.5, -2.5)
            icons.paint(p, "check", tick, theme.color("accent"), stroke=2.6)


class RowButton(QWidget):
    """A clickable line of a list: hover, selection and focus are painted, content is a layout.

    Signals:
        clicked: By mouse, Enter or Space.
    """

    clicked = Signal()

    def __init__(self, name: str, *, selected: bool = False) -> None:
        super().__init__()
        self._selected = selected
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.repaint_on_change(self)

    def set_selected(self, selected: bool) -> None:
        """Whether this is the line whose detail is shown."""
        self._selected = selected
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(QPen(theme.color("focus"), 2) if self.hasFocus() else QPen(Qt.PenStyle.NoPen))
        if self._selected or self.underMouse():
            p.setBrush(theme.color("selected" if self._selected else "hover"))
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        p.drawRoundedRect(box, Radius.CONTROL, Radius.CONTROL)
