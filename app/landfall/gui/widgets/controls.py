"""Controls that Qt lacks or that need our shape: segments, switch, slider, sidebar item, row."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QComboBox,
    QFrame,
    QLayout,
    QLineEdit,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from landfall.gui import grown, icons, paint, qt_icons, theme
from landfall.gui.colours import Role
from landfall.gui.theme import Radius, Space, Text
from landfall.gui.widgets.flow import FlowLayout
from landfall.gui.widgets.layout import column, label, row


class _Segment(QAbstractButton):
    def __init__(self, text: str, *, counted: bool) -> None:
        super().__init__()
        self.setText(text)
        self._count: int | None = None
        self._counted = counted
        self.setCheckable(True)
        self.setFont(theme.font(Text.MEDIUM))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.set_count(None)

    def set_count(self, count: int | None) -> None:
        self._count = count
        text = self.text()
        self.setAccessibleName(text if count is None else f"{text}, {count}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        extra = 0 if self._count is None else 8 + metrics.horizontalAdvance(str(self._count))
        if self._counted:
            extra = max(extra, 8 + metrics.horizontalAdvance("00"))
        height = max(28, metrics.height())
        return QSize(metrics.horizontalAdvance(self.text()) + extra + 26, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

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
        p.drawText(whole.adjusted(13, 0, 0, 0), paint.LEFT, self.text())
        if self._count is not None:
            p.setPen(theme.color("text_3"))
            beside = 13 + self.fontMetrics().horizontalAdvance(self.text()) + 8
            p.drawText(whole.adjusted(beside, 0, 0, 0), paint.LEFT, str(self._count))


class SegmentedControl(QFrame):
    """Two to five views of the same thing. Arrow keys move, as in a radio group.

    Signals:
        chosen: The index of the segment that the user chose.
    """

    chosen = Signal(int)

    def __init__(
        self,
        names: Sequence[str],
        current: int = 0,
        *,
        counted: Sequence[int] = (),
        wraps: bool = False,
    ) -> None:
        """Those that are counted keep room for two digits, so that none moves when its count comes.

        Args:
            counted: Indices of segments whose count is soon known.
            wraps: Whether it takes several lines where there is no room for one.
        """
        super().__init__()
        self.group = QButtonGroup(self)
        layout: QLayout = FlowLayout() if wraps else row()
        layout.setSpacing(0)
        self._segments: list[_Segment] = []
        for i, name in enumerate(names):
            segment = _Segment(name, counted=i in counted)
            segment.setChecked(i == current)
            self.group.addButton(segment, i)
            layout.addWidget(segment)
            self._segments.append(segment)
        if wraps:
            whole = column(spacing=0, margins=(1, 1, 1, 1))
            whole.addLayout(layout)
            self.setLayout(whole)
        else:
            layout.setContentsMargins(1, 1, 1, 1)
            self.setLayout(layout)
        policy = QSizePolicy.Policy
        across = QSizePolicy(policy.Fixed, policy.Fixed)
        if wraps:
            across = QSizePolicy(policy.Maximum, policy.Preferred)
        across.setHeightForWidth(wraps)
        self.setSizePolicy(across)
        self.group.idClicked.connect(self.chosen)
        theme.theme().changed.connect(self._on_theme)

    def setAccessibleName(self, name: str) -> None:
        """What is chosen here; each segment says it too: two controls may have a "System"."""
        super().setAccessibleName(name)
        for segment in self._segments:
            segment.setAccessibleDescription(name)

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
    """Search icon, clear button, Escape clears. As wide as it is told; 0 leaves that to others."""

    def __init__(self, hint: str, *, width: int = 220) -> None:
        super().__init__()
        self.setPlaceholderText(hint)
        self.setAccessibleName(hint)
        self.setClearButtonEnabled(True)
        leading = QLineEdit.ActionPosition.LeadingPosition
        looks = self.addAction(qt_icons.icon("search", "text_3"), leading)
        for inner in self.findChildren(QToolButton):
            is_icon = inner.defaultAction() is looks
            inner.setAccessibleName(hint if is_icon else self.tr("Clear the search"))
        if width:
            grown.fix_width(self, width)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            event.accept()
        else:
            super().keyPressEvent(event)


class _Slider(QSlider):
    """Leaves the wheel to the page that scrolls under the pointer."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


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
        self.slider = _Slider(Qt.Orientation.Horizontal)
        self.slider.setRange(low, high)
        self.slider.setValue(value)
        self.slider.setAccessibleName(f"{name}: {shown}")
        self._name = name
        self.value = label(shown, Text.STRONG)
        self.slider.valueChanged.connect(self.changed)
        self.title = title = label(name, tone="text_2")
        if width:
            grown.fix_width(self.slider, width)
        else:
            grown.least_width(title, 90)
            grown.least_width(self.value, 90)
        self.setLayout(row(title, self.slider, self.value, spacing=Space.S))

    def show_value(self, text: str) -> None:
        """The value in words, for eyes and ears."""
        self.value.setText(text)
        self.slider.setAccessibleName(f"{self._name}: {text}")


class Choice(QComboBox):
    """Combo box with our chevron. Follows the size of text, and so does its least width.

    The wheel scrolls the page and changes no choice: one would not see that it did. The list, once
    open, scrolls by it.
    """

    def __init__(self, name: str, items: Sequence[str], *, width: int = 120) -> None:
        super().__init__()
        self.addItems(list(items))
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # Qt gives it to the wheel too
        self._width = width
        self._least = -1
        self._fit()
        theme.theme().changed.connect(self._fit)

    @Slot()
    def _fit(self) -> None:
        self.setFont(theme.font(Text.BODY))
        if self._least in (-1, self.minimumWidth()):  # otherwise its page gave it another
            self._least = theme.grown(self._width)
            self.setMinimumWidth(self._least)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        side = theme.grown(14)
        mark = QRectF(self.width() - 8 - side, (self.height() - side) / 2, side, side)
        icons.paint(QPainter(self), "down", mark, theme.color("text_2"))


class Switch(QAbstractButton):
    """On or off at once. Knob position, fill and a tick say which."""

    def __init__(self, name: str, *, on: bool = False) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setChecked(on)
        self.setAccessibleName(name)
        theme.theme().changed.connect(self._fit)
        self._fit()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @Slot()
    def _fit(self) -> None:
        self.setFixedSize(theme.grown(40), theme.grown(28))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.scale(theme.times(), theme.times())
        on, enabled = self.isChecked(), self.isEnabled()
        track = QRectF(3, 4.5, 34, 19)
        if self.hasFocus():
            p.setPen(QPen(theme.color("focus"), 2))
            p.drawRoundedRect(track.adjusted(-2, -2.5, 2, 2.5), 12, 12)
        fill: Role = "disabled" if not enabled else "accent" if on else "sunken"
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
