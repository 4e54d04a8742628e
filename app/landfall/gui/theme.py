"""Type scale, spacing, the one style sheet, and the colours of the scheme that is active.

Palette first, style sheet for shape. What the first frame shows (sidebar, cards, labels,
skeletons) needs neither the style sheet nor the names of `QtCore.Qt`: `complete()` brings both
after that frame.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum
from types import FunctionType
from typing import Literal, get_args

from PySide6 import QtCore
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF, QPalette, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from landfall.gui.colours import DARK, LIGHT, Role

SchemeChoice = Literal["system", "light", "dark"]
"""The values of `core.settings.ThemeChoice`, whose import can wait until after the first frame."""


class Text(Enum):
    """The type scale: factor of the system font size, weight."""

    TITLE = (1.55, QFont.Weight.DemiBold)
    HEADING = (1.15, QFont.Weight.DemiBold)
    STRONG = (1.0, QFont.Weight.DemiBold)
    MEDIUM = (1.0, QFont.Weight.Medium)
    BODY = (1.0, QFont.Weight.Normal)
    CAPTION = (0.88, QFont.Weight.Normal)
    CAPTION_STRONG = (0.88, QFont.Weight.DemiBold)
    MONO = (0.92, QFont.Weight.Normal)


class Space:
    """Multiples of 4. Anything else is a mistake."""

    XS, S, M, L, XL = 4, 8, 12, 16, 24
    PAGE = 28


class Radius:
    """Chips and inputs 6, cards 10, bars 3."""

    BAR, CONTROL, CARD = 3, 6, 10


class Theme(QObject):
    """Holds the active roles and fonts, follows the system's scheme unless told otherwise.

    Signals:
        changed: Colours or fonts are others now; what paints itself repaints.
        text_changed: After that, where text has another size: what was told a size takes another.
        completed: Once, after the first frame.
    """

    changed = Signal()
    text_changed = Signal()
    completed = Signal()

    def __init__(self, app: QApplication, choice: SchemeChoice) -> None:
        super().__init__(app)
        self._app = app
        self._choice = choice
        self._complete = False
        self._fonts: dict[Text, QFont] = {}
        self._base = QApplication.font()
        self.roles = LIGHT
        # The system's scheme, read off its palette: asking for it costs the Qt namespace.
        window = app.palette().color(QPalette.ColorRole.Window)
        self._system_dark = window.lightness() < 128
        self._apply()

    @property
    def choice(self) -> SchemeChoice:
        """What the user chose."""
        return self._choice

    @property
    def dark(self) -> bool:
        """Whether the dark roles are active."""
        return self.roles is DARK

    def use(self, choice: SchemeChoice) -> None:
        """Force a scheme, or follow the system again."""
        self._choice = choice
        self._apply()
        self.changed.emit()

    @property
    def is_complete(self) -> bool:
        """Whether the style sheet is set."""
        return self._complete

    def complete(self) -> None:
        """Set the style sheet, once: needed before buttons, inputs and tables show."""
        if self._complete:
            return
        self._complete = True
        self._app.styleHints().colorSchemeChanged.connect(self._on_system_scheme)
        self._system_dark = self._system_is_dark()
        self._apply()
        self.completed.emit()
        self.changed.emit()

    @property
    def has_another_font(self) -> bool:
        """Whether the system's font is not the one any more from which the steps are taken."""
        return QApplication.font() != self._base

    def refresh_fonts(self) -> None:
        """The system's font changed: every label and painted text takes its step of the new one.

        What stands beside something else or below it by its width in `roomy` pixels decides anew:
        as it does when it gets another width. Scroll areas (a `Page` and a table too) do not get
        this event, which Qt keeps for their viewport: they listen to `text_changed` themselves.
        """
        self._base = QApplication.font()
        self._fonts.clear()
        self._apply()
        self.changed.emit()
        self.text_changed.emit()
        for widget in self._app.allWidgets():
            if isinstance(type(widget).resizeEvent, FunctionType):  # one of ours, not Qt's
                self._app.sendEvent(widget, QResizeEvent(widget.size(), widget.size()))

    def font(self, style: Text) -> QFont:
        """A step of the scale. The same object each time: not to be changed by the caller."""
        found = self._fonts.get(style)
        if found is None:
            found = self._fonts[style] = _scaled(style)
        return found

    def _apply(self) -> None:
        follows = self._choice == "system"
        dark = self._system_dark if follows else self._choice == "dark"
        self.roles = DARK if dark else LIGHT
        self._app.setPalette(_palette(self.roles))
        if self._complete:
            self._dress(style_sheet(self.roles, self.font(Text.CAPTION)))

    def _dress(self, sheet: str) -> None:
        """Set a style sheet, or another one."""
        if sheet == self._app.styleSheet():
            return
        if not self._app.styleSheet():
            self._app.setStyleSheet(sheet)
            return
        # Qt polishes anew each widget of which it keeps rules, and all below it: with ten levels,
        # ten times. Here it keeps those of the outermost alone, and polishes each widget once.
        style = self._app.style()
        style.unpolish(self._app)
        for widget in self._app.topLevelWidgets():
            if widget.parentWidget() is None:
                style.polish(widget)
        self._app.setStyleSheet(sheet)

    def _system_is_dark(self) -> bool:
        scheme = self._app.styleHints().colorScheme()
        if scheme == QtCore.Qt.ColorScheme.Unknown:
            return self._system_dark
        return scheme == QtCore.Qt.ColorScheme.Dark

    @Slot()
    def _on_system_scheme(self) -> None:
        self._system_dark = self._system_is_dark()
        if self._choice == "system":
            self.use("system")


_active: list[Theme] = []


IN_STYLE = ("-style", "Fusion")
"""Arguments for the `QApplication` of a theme that is completed later."""


def install(app: QApplication, choice: SchemeChoice, *, complete: bool = True) -> Theme:
    """Create the theme, once, before the first widget. Base style is Fusion everywhere.

    `complete=False` leaves what the first frame does not need to a later `Theme.complete()`. The
    style is then set already, by `IN_STYLE`: `setStyle` would return it, and Python make some six
    hundred names of parts of styles: 7 ms of the start.
    """
    if complete:
        app.setStyle("Fusion")
    _active[:] = [Theme(app, choice)]
    if complete:
        _active[0].complete()
    return _active[0]


def theme() -> Theme:
    """The theme of this process."""
    return _active[0]


def color(role: Role, alpha: int = 255) -> QColor:
    """The colour of a role in the active scheme."""
    value = QColor(_active[0].roles[role])
    if alpha != 255:
        value.setAlpha(alpha)
    return value


def font(style: Text) -> QFont:
    """A step of the type scale, relative to the system's font; digits are tabular."""
    return _active[0].font(style)


def times() -> float:
    """How many times the usual size of 10 points the present text has; smaller text counts as 1."""
    return max(1.0, font(Text.BODY).pointSizeF() / 10.0)


def roomy(width: int) -> float:
    """A width at which a layout breaks, for the present size of text: larger text needs more.

    Given for text of 10 points; smaller text keeps it.
    """
    return width * times()


def grown(pixels: int) -> int:
    """A size beside text, of an icon, a chart or a box, for the present size of text."""
    return round(roomy(pixels))


def repaint_on_change(widget: QWidget) -> None:
    """Widgets that paint themselves call this once, in their constructor."""
    _active[0].changed.connect(widget.update)


def when_complete(slot: Callable[[], object]) -> None:
    """Call a widget's slot now if the first frame is on the screen, otherwise as soon as it is."""
    if _active[0].is_complete:
        slot()
    else:
        _active[0].completed.connect(slot)


def _scaled(style: Text) -> QFont:
    factor, weight = style.value
    base = QApplication.font()
    size = base.pointSizeF()
    if style is Text.MONO:
        base = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    base.setPointSizeF(size * factor)
    base.setWeight(weight)
    if hasattr(base, "setFeature"):  # Qt >= 6.7
        base.setFeature(QFont.Tag("tnum"), 1)
    return base


def _palette(roles: dict[Role, str]) -> QPalette:
    palette = QPalette()
    group, role = QPalette.ColorGroup, QPalette.ColorRole
    for target, value in (
        (role.Window, roles["window"]),
        (role.Base, roles["surface"]),
        (role.AlternateBase, roles["sunken"]),
        (role.Button, roles["surface"]),
        (role.WindowText, roles["text"]),
        (role.Text, roles["text"]),
        (role.ButtonText, roles["text"]),
        (role.PlaceholderText, roles["text_3"]),
        (role.Highlight, roles["accent"]),
        (role.HighlightedText, roles["on_accent"]),
        (role.ToolTipBase, roles["tooltip"]),
        (role.ToolTipText, "#FFFFFF"),
        (role.Link, roles["accent"]),
        (role.Mid, roles["border"]),
        (role.Accent, roles["accent"]),
    ):
        palette.setColor(target, QColor(value))
    for target in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(group.Disabled, target, QColor(roles["disabled"]))
    return palette


def style_sheet(roles: dict[Role, str], caption: QFont) -> str:
    """The style sheet with the roles put in."""
    sheet = _QSS.replace("@caption_pt", f"{caption.pointSizeF():.2f}pt")
    line = math.ceil(QFontMetricsF(caption).height() / Text.CAPTION.value[0])
    for inside in (26, 24):
        sheet = sheet.replace(f"@square_{inside}", f"{grown(28) - 28 + inside}px")
    for inside in (28, 26):
        # A rule with a height of its own replaces what the widget asks for by its font.
        sheet = sheet.replace(f"@high_{inside}", f"{max(inside, line - 28 + inside)}px")
    for name in sorted(get_args(Role), key=len, reverse=True):
        sheet = sheet.replace(f"@{name}", roles[name])
    return sheet


_QSS = """
QToolTip { background: @tooltip; color: #FFFFFF; border: 0; padding: 4px 8px; }

QLabel[tone="text_2"] { color: @text_2; }
QLabel[tone="text_3"] { color: @text_3; }
QLabel[tone="accent"] { color: @accent; }
QLabel[tone="good"] { color: @good; }
QLabel[tone="caution"] { color: @caution; }
QLabel[tone="danger"] { color: @danger; }

QPushButton { min-height: @high_28; padding: 0 12px; border-radius: 6px;
  border: 1px solid @border; background: @surface; color: @text; }
QPushButton:hover { background: @hover; }
QPushButton:pressed, QPushButton:checked { background: @selected; }
QPushButton:disabled { color: @disabled; background: @window; }
QPushButton:focus { border: 2px solid @focus; padding: 0 11px; min-height: @high_26; }
QPushButton[kind="primary"] {
  background: @accent; color: @on_accent; border-color: @accent; }
QPushButton[kind="primary"]:hover { background: @accent_hover; border-color: @accent_hover; }
QPushButton[kind="primary"]:focus { border: 2px solid @text; }
QPushButton[kind="primary"]:disabled {
  background: @sunken; border-color: @border; color: @disabled; }
QPushButton[kind="destructive"] { color: @danger; }
QPushButton[kind="destructive"]:hover { background: @danger_soft; border-color: @danger; }
QPushButton[kind="quiet"], QPushButton[kind="icon"] { border-color: transparent;
  background: transparent; color: @text_2; padding: 0 8px; }
QPushButton[kind="quiet"]:hover, QPushButton[kind="icon"]:hover {
  background: @hover; color: @text; }
QPushButton[kind="quiet"]:focus { border: 2px solid @focus; padding: 0 7px; }
QPushButton[kind="icon"] {
  padding: 0; min-height: @square_26; max-height: @square_26; }
QPushButton[kind="icon"]:focus {
  border: 2px solid @focus; padding: 0; min-height: @square_24; max-height: @square_24; }
QPushButton[kind="link"] {
  border-color: transparent; background: transparent; color: @accent; padding: 0 8px; }
QPushButton[kind="link"]:hover { background: @hover; }
QPushButton[kind="link"]:focus { border: 2px solid @focus; padding: 0 7px; }
QPushButton[kind="destructive"]:disabled, QPushButton[kind="quiet"]:disabled,
QPushButton[kind="link"]:disabled { color: @disabled; }

QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QDateEdit, QPlainTextEdit {
  min-height: @high_28; padding: 0 8px; border-radius: 6px; border: 1px solid @border_strong;
  background: @surface; color: @text;
  selection-background-color: @accent; selection-color: @on_accent; }
QPlainTextEdit { padding: 4px 6px; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QDateEdit:focus,
QPlainTextEdit:focus { border: 2px solid @focus; padding: 0 7px; min-height: @high_26; }
QPlainTextEdit:focus { padding: 3px 5px; }
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled,
QPlainTextEdit:disabled { color: @disabled; background: @window; border-color: @border; }
QLineEdit[wrong="true"], QSpinBox[wrong="true"], QDoubleSpinBox[wrong="true"],
QPlainTextEdit[wrong="true"] { border: 2px solid @danger; padding: 0 7px; min-height: @high_26; }
QComboBox::drop-down, QDateEdit::drop-down { width: 20px; border: 0; }
QComboBox::down-arrow, QDateEdit::down-arrow { image: none; }
QComboBox QAbstractItemView { background: @surface; border: 1px solid @border; outline: 0;
  selection-background-color: @selected; selection-color: @text; }
QSpinBox::up-button, QSpinBox::down-button,
QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { width: 0; border: 0; }

QTableView { background: @surface; border: 0; outline: 0; gridline-color: transparent; }
QListWidget { background: @surface; border: 1px solid @border; border-radius: 6px; outline: 0;
  padding: 4px; }
QListWidget:focus { border: 2px solid @focus; padding: 3px; }
QScrollArea[reads="true"] { border: 2px solid transparent; border-radius: 6px; }
QScrollArea[reads="true"]:focus { border: 2px solid @focus; }
QListWidget::item { min-height: 30px; padding: 0 8px; border-radius: 4px; color: @text; }
QListWidget::item:hover { background: @hover; }
QListWidget::item:selected { background: @selected; color: @text; }
QListWidget::item:disabled { color: @text_3; background: transparent; }
QHeaderView { background: transparent; border: 0; font-size: @caption_pt; }
QHeaderView::section { background: @surface; color: @text_3; border: 0;
  border-bottom: 1px solid @border; padding: 0 12px 0 12px; }
QHeaderView::section:first { padding-left: 15px; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; }
QScrollBar::handle:vertical {
  background: @border_strong; border-radius: 3px; min-height: 28px; }
QScrollBar::handle:vertical:disabled { background: transparent; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
  background: none; height: 0; width: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 2px; }
QScrollBar::handle:horizontal {
  background: @border_strong; border-radius: 3px; min-width: 28px; }
QSlider { min-height: 28px; background: transparent; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: @border; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: @accent; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -6px 0; border-radius: 8px;
  background: @surface; border: 1px solid @border_strong; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {
  border: 2px solid @focus; width: 12px; height: 12px; }
QSlider::sub-page:horizontal:disabled { background: @disabled; }
QTextBrowser { background: transparent; border: 0; color: @text; }
QMenu { background: @surface; color: @text; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: @selected; }
QMenu::item:disabled { color: @disabled; }
QMenu::separator { height: 1px; background: @border; margin: 4px 8px; }
"""
