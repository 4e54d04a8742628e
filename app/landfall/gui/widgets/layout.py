"""Labels, buttons, rows and columns, cards: what every page is built from."""

from __future__ import annotations

from importlib import import_module
from typing import Literal, Self

from PySide6 import QtCore
from PySide6.QtCore import QEvent, QRectF, QSize, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from landfall.gui import grown, icons, paint, theme
from landfall.gui.colours import Role
from landfall.gui.no_break import spaced
from landfall.gui.theme import Radius, Space, Text
from landfall.gui.widgets.heading import Heading
from landfall.gui.widgets.returning_button import ReturningButton

UNLIMITED = 16777215  # QWIDGETSIZE_MAX
BLEED = Space.L - 1
"""Margin inside of a card whose content runs to its edge of one pixel: as that of all cards."""
_ICON = 16
"""Pixels of the side of a button's icon, at the usual size of text."""
Margins = tuple[int, int, int, int]
Item = QWidget | QLayout | int | None
ButtonKind = Literal["primary", "secondary", "destructive", "quiet", "link", "icon"]


class Label(QLabel):
    """A text in a step of the type scale and in a text role; follows theme and system font.

    It is never markup, whatever it says: names and words of servers come from elsewhere. One that
    is to be markup has `setTextFormat` called and escapes what it shows.
    """

    def __init__(self, text: str, style: Text, tone: Role) -> None:
        super().__init__()
        self._style = style
        self.setText(text)
        self.setFont(theme.font(style))
        if tone != "text":
            self.setProperty("tone", tone)
            if not theme.theme().is_complete:
                self._tint(tone)
        theme.theme().changed.connect(self._on_theme)

    @property
    def tone(self) -> str:
        """The role in which the text is shown."""
        return self.property("tone") or "text"

    def setText(self, text: str) -> None:
        """Show a text, with percentages as the window writes them."""
        if "<" in text or "&lt;" in text:
            # Only these make Qt guess at markup; most labels of the first frame need no such name.
            form = QtCore.Qt.TextFormat
            if self.textFormat() is form.AutoText:
                self.setTextFormat(form.PlainText)
        super().setText(spaced(text))

    def wrap(self) -> None:
        """Take as many lines, and the height, that the text needs."""
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            # Among others when it moves into another widget: Qt then gives back the font of before.
            self.setFont(theme.font(self._style))

    def set_style(self, style: Text) -> None:
        """Show the text in another step of the scale."""
        self._style = style
        self.setFont(theme.font(style))

    def set_tone(self, tone: Role) -> None:
        """Show the text in another role."""
        if tone != self.tone:
            self.setProperty("tone", tone)
            if theme.theme().is_complete:
                # Rules by property are matched when a widget is polished.
                self.style().unpolish(self)
                self.style().polish(self)
                # Unpolishing gives back the font from before the style sheet.
                self.setFont(theme.font(self._style))
            else:
                self._tint(tone)

    def _tint(self, tone: Role) -> None:
        """In the first frame, which has no style sheet, the palette carries the colour."""
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.WindowText, theme.color(tone))
        self.setPalette(palette)

    @Slot()
    def _on_theme(self) -> None:
        self.setFont(theme.font(self._style))


def label(text: str, style: Text = Text.BODY, *, tone: Role = "text", wrap: bool = False) -> Label:
    """A text; wrapped ones take the height they need."""
    out = Label(text, style, tone)
    if wrap:
        out.wrap()
    return out


class Button(ReturningButton):
    """A push button in one of our kinds. Tab focus only, so that a click leaves no ring."""

    def __init__(self, text: str, kind: ButtonKind, icon: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.setProperty("kind", kind)
        self.setFont(theme.font(Text.MEDIUM))
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.TabFocus)
        if icon:
            self.set_icon(icon)
        theme.theme().changed.connect(self._on_theme)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.setFont(theme.font(Text.MEDIUM))  # as in a label

    def set_icon(self, icon: str) -> None:
        """Show an icon in the colour that the kind asks for."""
        role: Role = "text_2"
        if self.kind == "primary":
            role = "on_accent"
        elif self.kind == "destructive":
            role = "danger"
        elif self.kind == "link":
            role = "accent"
        # Imported here: the first frame has no button.
        self.setIcon(import_module("landfall.gui.qt_icons").icon(icon, role))
        self._fit_icon()

    def _fit_icon(self) -> None:
        side = theme.grown(_ICON)
        self.setIconSize(QSize(side, side))

    @Slot()
    def _on_theme(self) -> None:
        self.setFont(theme.font(Text.MEDIUM))
        self._fit_icon()


def button(text: str, kind: ButtonKind = "secondary", *, icon: str = "") -> Button:
    """A button. At most one primary on a page; destructive ones name what they destroy."""
    return Button(text, kind, icon)


def icon_button(icon: str, name: str) -> Button:
    """28 px square at the usual size of text; the name is both tooltip and accessible name."""
    out = Button("", "icon", icon)
    grown.fix_square(out, 28)
    out.setToolTip(name)
    out.setAccessibleName(name)
    return out


def row(*items: Item, spacing: int = Space.S, margins: Margins = (0, 0, 0, 0)) -> QHBoxLayout:
    """Horizontal layout; an int is a fixed gap, None is a stretch."""
    out = QHBoxLayout()
    _fill(out, items, spacing=spacing, margins=margins)
    return out


def column(*items: Item, spacing: int = Space.S, margins: Margins = (0, 0, 0, 0)) -> QVBoxLayout:
    """Vertical layout; an int is a fixed gap, None is a stretch."""
    out = QVBoxLayout()
    _fill(out, items, spacing=spacing, margins=margins)
    return out


def holder(layout: QLayout) -> QWidget:
    """A bare widget around a layout, where a widget is asked for."""
    out = QWidget()
    out.setLayout(layout)
    return out


def clear(layout: QLayout) -> None:
    """Take everything out of a layout and delete it."""
    while (item := layout.takeAt(0)) is not None:
        inner = item.layout()
        if inner is not None:
            clear(inner)
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def _fill(layout: QBoxLayout, items: tuple[Item, ...], *, spacing: int, margins: Margins) -> None:
    layout.setSpacing(spacing)
    layout.setContentsMargins(*margins)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        else:
            layout.addWidget(item)


class Hairline(QWidget):
    """One pixel across, in the border's colour."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(1)
        theme.repaint_on_change(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint.fill(QPainter(self), QRectF(self.rect()), theme.color("border"))


def hairline() -> Hairline:
    """A line between the parts of a card."""
    return Hairline()


class Card(QFrame):
    """Surface, 1 px border, radius 10, no shadow. Optional heading with a note and actions."""

    _content_height: int | None = None
    _follows_head = False

    def __init__(
        self, heading: str = "", *actions: QWidget, note: str = "", padding: int = Space.L
    ) -> None:
        super().__init__()
        top = padding - (6 if heading else 2)
        self.body = column(spacing=Space.M, margins=(padding, top, padding, padding))
        self.setLayout(self.body)
        self.note: Label | None = None
        self._head: Heading | None = None
        if heading:
            self._add_heading(heading, note, actions)
        theme.repaint_on_change(self)

    def _add_heading(self, heading: str, note: str, actions: tuple[QWidget, ...]) -> None:
        self.note = label(note, Text.CAPTION, tone="text_3")
        self._head = Heading(label(heading, Text.HEADING), self.note, *actions)
        self.body.addWidget(self._head)

    @property
    def head_height(self) -> int:
        """Pixels of the heading at the present width; 0 without one."""
        head = self._head
        if head is None:
            return 0
        least = head.minimumSizeHint().height()
        return max(least, head.heightForWidth(head.width()) if head.hasHeightForWidth() else 0)

    def limit_content(self, height: int | None) -> None:
        """The card grows no higher than this content, in pixels, and its heading; None: no limit.

        What is left belongs to the page.
        """
        if self._head is not None and not self._follows_head:
            self._follows_head = True
            self._head.arranged.connect(self._limit)
        self._content_height = height
        self.setMaximumHeight(UNLIMITED)
        self._limit()

    @Slot()
    def _limit(self) -> None:
        if self._content_height is None:
            return
        margins = self.body.contentsMargins()
        edges = margins.top() + margins.bottom() + self.body.spacing()
        self.setMaximumHeight(self._content_height + self.head_height + edges)

    def add_actions(self, *actions: QWidget) -> None:
        """More at the right of the heading."""
        if self._head is not None:
            for action in actions:
                self._head.add_action(action)

    def add(self, *items: QWidget | QLayout) -> Self:
        """Append widgets or layouts below what is there."""
        for item in items:
            if isinstance(item, QLayout):
                self.body.addLayout(item)
            else:
                self.body.addWidget(item)
        return self

    def fill(self) -> Self:
        """Content stays at the top when the card is taller than it."""
        self.body.addStretch(1)
        return self

    def bleed(self) -> Self:
        """For tables and lists: content runs to the edge, the heading stays where others have it.

        What stands in it begins `BLEED` from its edge, so that it lines up with the heading.
        """
        top = Space.L - 6 if self._head is not None else Space.XS
        self.body.setContentsMargins(1, top, 1, Space.S)
        self.body.setSpacing(Space.XS)
        if self._head is not None:
            self._head.set_margin(BLEED)
        return self

    def paintEvent(self, event: QPaintEvent) -> None:
        inside, edge = theme.color("surface"), theme.color("border")
        box = QRectF(self.rect())
        paint.surface(QPainter(self), box, Radius.CARD, inside=inside, edge=edge)


class Glyph(QWidget):
    """A still icon. It says nothing to a screen reader: the word stands beside it."""

    def __init__(self, name: str, role: Role = "text_2", *, size: int = 18) -> None:
        super().__init__()
        self._name, self._role, self._size = name, role, size
        self._fit()
        theme.theme().changed.connect(self._fit)

    @Slot()
    def _fit(self) -> None:
        """As large as the text beside it."""
        side = theme.grown(self._size)
        self.setFixedSize(side, side)
        self.update()

    def show_icon(self, name: str, role: Role) -> None:
        """Show another icon."""
        self._name, self._role = name, role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        icons.paint(QPainter(self), self._name, QRectF(self.rect()), theme.color(self._role))


class Swap(QWidget):
    """A place that holds one widget at a time: skeleton, empty state, content."""

    def __init__(self, first: QWidget | None = None) -> None:
        super().__init__()
        self.setLayout(column())
        self._content: QWidget | None = None
        if first is not None:
            self.hold(first)

    @property
    def content(self) -> QWidget | None:
        """What is shown now."""
        return self._content

    def hold(self, content: QWidget) -> None:
        """Show this; what was there before is deleted."""
        if content is self._content:
            return
        layout = self.layout()
        if self._content is not None and layout is not None:
            layout.removeWidget(self._content)
            self._content.hide()
            self._content.deleteLater()
        self._content = content
        if layout is not None:
            layout.addWidget(content)
