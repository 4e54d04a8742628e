"""The real program with its window, used through its controls by lines of JSON on stdin.

`python -m tests.end_to_end.drive [FILE...]` starts what `landfall [FILE...]` starts. Each line
on stdin is one step, `{"do": "click", "name": "nav-models"}`; each is answered by one line on
stdout, `{"ok": ...}` or `{"error": ..., "seen": [...]}`. A step waits until it can be done, as a
user would, for at most `seconds`. Widgets are found by objectName among those that can be seen, and
clicks and keys go through the window's own handle: what is covered, disabled or off the screen is
not reached.
"""

from __future__ import annotations

import gc
import importlib
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psutil
from PySide6.QtCore import (
    QCoreApplication,
    QModelIndex,
    QObject,
    QPoint,
    Qt,
    QTimer,
    QUrl,
    Signal,
    Slot,
)
from PySide6.QtGui import QFileOpenEvent, QGuiApplication, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMainWindow,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from landfall.__main__ import main
from tests.end_to_end import flashes, reach
from tests.qt_imports import ImportsOnThreads

LOOK_AGAIN_MS = 10
MOST_SEEN = 250
IMPORTS = ImportsOnThreads()
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)


class NotYet(Exception):
    """It cannot be done now; perhaps in a moment."""


# What can be seen


def visible(root: QWidget | None = None) -> list[QWidget]:
    """Every widget that is shown, or those inside of one."""
    all_of_them = QApplication.allWidgets() if root is None else root.findChildren(QWidget)
    return [widget for widget in all_of_them if isValid(widget) and widget.isVisible()]


def find(name: str, within: str = "") -> QWidget:
    """The one visible widget of this objectName, or of this class."""
    found = [widget for widget in visible() if is_named(widget, name)]
    if within:
        found = [widget for widget in found if within in ancestors(widget)]
    if not found:
        raise NotYet(f"no {name} is shown{f' in {within}' if within else ''}")
    if len(found) > 1:
        raise NotYet(f"{len(found)} widgets {name} are shown")
    return found[0]


def is_named(widget: QWidget, name: str) -> bool:
    return name in (widget.objectName(), type(widget).__name__)


def ancestors(widget: QWidget) -> list[str]:
    names = []
    parent = widget.parentWidget()
    while parent is not None:
        names.append(parent.objectName())
        parent = parent.parentWidget()
    return names


def own_text(widget: QWidget) -> str:
    """What a widget itself shows or says to a screen reader."""
    match widget:
        case QLabel() | QAbstractButton():
            text = widget.text()
        case QLineEdit():
            text = widget.text() or widget.placeholderText()
        case QPlainTextEdit() | QTextEdit():
            # Its name is not its content: an empty one says nothing.
            return str(widget.toPlainText())
        case QComboBox():
            text = widget.currentText()
        case QAbstractItemView():
            return "\n".join(" | ".join(row) for row in rows(widget))
        case _:
            text = ""
    return text or widget.accessibleName()


def text_of(widget: QWidget) -> str:
    """Everything that can be read in a widget, each thing once."""
    texts = [own_text(part) for part in (widget, *visible(widget))]
    return "\n".join(dict.fromkeys(text for text in texts if text))


def rows(view: QAbstractItemView) -> list[list[str]]:
    """The texts of a table or list."""
    return [[cell(view, row, column) for column in columns(view)] for row in every_row(view)]


def every_row(view: QAbstractItemView) -> range:
    return range(view.model().rowCount())


def columns(view: QAbstractItemView) -> range:
    # A list model answers only where it is told of what.
    return range(view.model().columnCount(QModelIndex()))


def cell(view: QAbstractItemView, row: int, column: int) -> str:
    told = [view.model().data(view.model().index(row, column), role) for role in ROLES]
    return next((str(text) for text in told if isinstance(text, str) and text), "")


def window() -> QMainWindow:
    found = [top for top in QApplication.topLevelWidgets() if isinstance(top, QMainWindow)]
    if not found:
        raise NotYet("there is no window")
    return found[0]


def place(widget: QWidget) -> tuple[int, int]:
    """From top to bottom, as it is read."""
    corner = widget.mapToGlobal(QPoint(0, 0))
    return corner.y(), corner.x()


def description() -> list[str]:
    """What is on the screen, for the report of a step that failed."""
    lines = []
    for widget in sorted(visible(), key=place):
        text = own_text(widget)
        if widget.objectName() or text:
            state = "" if widget.isEnabled() else " (disabled)"
            kind = type(widget).__name__
            lines.append(f"{kind} {widget.objectName()}{state}: {text[:300]}")
    return lines[:MOST_SEEN]


# What can be done


def press(widget: QWidget, at: QPoint | None = None) -> None:
    """Click with the mouse, if nothing lies above it."""
    if not widget.isEnabled():
        raise NotYet(f"{widget.objectName() or own_text(widget)} is disabled: {widget.toolTip()}")
    bring_into_view(widget)
    top = widget.window()
    point = widget.mapTo(top, at or widget.rect().center())
    hit = top.childAt(point)
    if hit is None or not (hit is widget or widget.isAncestorOf(hit)):
        above = f"{type(hit).__name__} {hit.objectName()}" if hit else "nothing of the window"
        raise NotYet(f"{widget.objectName() or own_text(widget)} is covered by {above}")
    modal = QApplication.activeModalWidget()
    if modal is not None and modal is not top:
        raise NotYet(f"a dialog is open: {modal.windowTitle()} {modal.objectName()}")
    handle = top.windowHandle()
    QTest.mouseClick(handle, LEFT, NONE, point)


def bring_into_view(widget: QWidget) -> None:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget)
        parent = parent.parentWidget()


def inner_button(widget: QWidget, text: str) -> QWidget:
    """The button in a widget whose words match."""
    for part in visible(widget):
        if isinstance(part, QAbstractButton) and re.search(text, own_text(part)):
            return part
    raise NotYet(f"no button {text!r} in {widget.objectName()}")


def click(step: dict[str, Any]) -> object:
    widget = find(step["name"], step.get("within", ""))
    press(inner_button(widget, step["text"]) if "text" in step else widget)
    return None


def type_in(step: dict[str, Any]) -> object:
    widget = find(step["name"], step.get("within", ""))
    inner = [part for part in visible(widget) if isinstance(part, QLineEdit)]
    field = inner[0] if inner and not isinstance(widget, QLineEdit) else widget
    press(field)
    if not field.hasFocus():
        raise NotYet(f"{step['name']} did not take the focus")
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, step["text"])
    if step.get("enter"):
        QTest.keyClick(field, Qt.Key.Key_Return)
    return None


def press_key(step: dict[str, Any]) -> object:
    """Keys go where the focus is, or to a widget that takes it first."""
    if "name" in step:
        find(step["name"], step.get("within", "")).setFocus()
    top = QApplication.activeModalWidget() or window()
    modifier = getattr(Qt.KeyboardModifier, f"{step.get('modifier', 'No')}Modifier")
    for _ in range(step.get("times", 1)):
        QTest.keyClick(top.windowHandle(), getattr(Qt.Key, f"Key_{step['key']}"), modifier)
    return None


def choose(step: dict[str, Any]) -> object:
    """Move through a choice with the keys until the words match."""
    box = find(step["name"], step.get("within", ""))
    if not isinstance(box, QComboBox):
        raise TypeError(f"{step['name']} is no choice")
    if not box.isEnabled():
        raise NotYet(f"{step['name']} is disabled: {box.toolTip()}")
    texts = [box.itemText(index) for index in range(box.count())]
    wanted = next((i for i, text in enumerate(texts) if re.search(step["text"], text)), None)
    if wanted is None:
        raise NotYet(f"{step['name']} offers {texts}")
    box.setFocus()
    for _ in range(box.count() + 1):
        if box.currentIndex() == wanted:
            return box.currentText()
        below = box.currentIndex() < wanted
        QTest.keyClick(box, Qt.Key.Key_Down if below else Qt.Key.Key_Up)
    raise NotYet(f"{step['name']} stays at {box.currentText()}")


def pick(step: dict[str, Any]) -> object:
    """Click on the row of a table that holds the words."""
    view = find(step["name"], step.get("within", ""))
    if not isinstance(view, QAbstractItemView):
        raise TypeError(f"{step['name']} is no table")
    for number, texts in enumerate(rows(view)):
        if re.search(step["text"], " | ".join(texts)):
            first: QModelIndex = view.model().index(number, 0)
            view.scrollTo(first)
            bring_into_view(view)
            press(view.viewport(), view.visualRect(first).center())
            return texts
    raise NotYet(f"{step['name']} has no row {step['text']!r}")


def menu(step: dict[str, Any]) -> object:
    """Click on an entry of the menu that is open."""
    for widget in visible():
        if isinstance(widget, QMenu):
            for action in widget.actions():
                if action.objectName() == step["name"] or action.text() == step.get("text"):
                    at = widget.actionGeometry(action).center()
                    QTest.mouseClick(widget, LEFT, NONE, at)
                    return None
    raise NotYet(f"no menu with {step['name']} is open")


# What can be read


def see(step: dict[str, Any]) -> object:
    """Wait until a widget is there, and says what it should."""
    widget = find(step["name"], step.get("within", ""))
    text = text_of(widget)
    if "text" in step and not re.search(step["text"], text):
        raise NotYet(f"{step['name']} says {text!r}")
    if "without" in step and re.search(step["without"], text):
        raise NotYet(f"{step['name']} says {text!r}")
    if step.get("enabled", widget.isEnabled()) != widget.isEnabled():
        raise NotYet(f"{step['name']} is {'' if widget.isEnabled() else 'not '}enabled")
    return {
        "text": text,
        "enabled": widget.isEnabled(),
        "tip": widget.toolTip(),
        "value": widget.value() if isinstance(widget, QAbstractSlider) else None,
    }


def gone(step: dict[str, Any]) -> object:
    if any(is_named(widget, step["name"]) for widget in visible()):
        raise NotYet(f"{step['name']} is still shown")
    return None


def page(step: dict[str, Any]) -> object:
    """Wait for a page and one of its states; what it says."""
    shown: Any = window()
    name = shown.page_name
    if name != step.get("name", name):
        raise NotYet(f"the page {name} is shown")
    current = shown.page(name)
    if current is None or not current.settled:
        raise NotYet(f"the page {name} is not there yet")
    state = current.state.value
    if state not in step.get("states", [state]):
        raise NotYet(f"the page {name} is {state}")
    text = text_of(current)
    if "text" in step and not re.search(step["text"], text):
        raise NotYet(f"the page {name} does not say {step['text']!r}")
    return {"name": name, "state": state, "text": text}


def seen(step: dict[str, Any]) -> object:
    """Objects whose names match; none is an answer too."""
    names = [widget.objectName() for widget in visible()]
    return sorted({name for name in names if re.search(step["name"], name)})


def table(step: dict[str, Any]) -> object:
    view = find(step["name"], step.get("within", ""))
    if not isinstance(view, QAbstractItemView):
        raise TypeError(f"{step['name']} is no table")
    found = rows(view)
    if len(found) < step.get("least", 0):
        raise NotYet(f"{step['name']} has {len(found)} rows")
    return found


def process(_step: dict[str, Any]) -> object:
    """What this process has used and holds, and what would wake it."""
    own = psutil.Process()
    return {
        "cpu_seconds": time.process_time(),
        "rss_bytes": own.memory_info().rss,
        "timers": [repr(timer) for timer in active_timers()],
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "modules": sorted(sys.modules),
    }


def active_timers() -> Iterator[QTimer]:
    """Every timer that would fire, but for the one of the driver."""
    known = {id(thing): thing for thing in gc.get_objects() if isinstance(thing, QTimer)}
    for root in (QApplication.instance(), *QApplication.topLevelWidgets()):
        if root is not None:
            known |= {id(timer): timer for timer in root.findChildren(QTimer)}
    for timer in known.values():
        if isValid(timer) and timer.isActive() and not isinstance(timer.parent(), Driver):
            yield timer


def minimize(_step: dict[str, Any]) -> object:
    window().showMinimized()
    return None


def in_front(_step: dict[str, Any]) -> object:
    top = window()
    if top.isMinimized() or not top.isVisible():
        raise NotYet("the window is minimized")
    return None


def close(_step: dict[str, Any]) -> object:
    """As its button does. How often something took the focus from the window."""
    lost = Driver.lost_focus
    QTimer.singleShot(0, window().close)
    return lost


def file_event(step: dict[str, Any]) -> object:
    """The desktop asks for a file to be opened, as macOS does."""
    application = QApplication.instance()
    assert application is not None
    event = QFileOpenEvent(QUrl.fromLocalFile(step["path"]))
    QCoreApplication.postEvent(application, event)
    return None


def crash(step: dict[str, Any]) -> object:
    """A mistake of the program in a slot, with these words in its message."""
    QTimer.singleShot(0, partial(_fall, step["text"]))
    return None


def hold(step: dict[str, Any]) -> object:
    """The thread of the window is held up for some seconds from now on."""
    QTimer.singleShot(0, partial(threading.Event().wait, step["for_seconds"]))
    return None


def _fall(text: str) -> None:
    raise RuntimeError(text)


def barriers(_step: dict[str, Any]) -> object:
    """What of the dialog in front, or of the window, is cut, nameless or not reached by keys."""
    dialogs = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w.isModal()]
    front = dialogs[-1] if dialogs else window()
    if not front.isActiveWindow():
        front.activateWindow()
        raise NotYet(f"{type(front).__name__} is not the active window")
    return reach.barriers(front)


def cut(_step: dict[str, Any]) -> object:
    """What of the dialog in front, or of the window, has too little room."""
    dialogs = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w.isModal()]
    return list(reach.cut(dialogs[-1] if dialogs else window()))


def enlarge(step: dict[str, Any]) -> object:
    """All text is so many times as large, as when the system says so."""
    font = QApplication.font()
    font.setPointSizeF(font.pointSizeF() * step["times"])
    QApplication.setFont(font)
    return None


WATCHES: list[flashes.Watch] = []


def watch(_step: dict[str, Any]) -> object:
    """Look at every frame from now on."""
    WATCHES.append(flashes.Watch(window()))
    return None


def taken_back(_step: dict[str, Any]) -> object:
    """What was said to be empty in a frame since the last time, and is not."""
    return WATCHES[-1].taken_back()


LAYOUTS: list[flashes.Layouts] = []


def layouts(_step: dict[str, Any]) -> object:
    """Which widgets were asked for another layout since the last time, and how often."""
    if not LAYOUTS:
        LAYOUTS.append(flashes.Layouts())
    return LAYOUTS[0].since()


def squeezed(_step: dict[str, Any]) -> object:
    """Texts that were painted in too little room in a frame since the watch began."""
    return sorted(WATCHES[-1].squeezed)


def boxes(_step: dict[str, Any]) -> object:
    """Left edge, width and height of all that has a name on the page that is shown."""
    shown: Any = window()
    inner = shown.page(shown.page_name).widget()
    found: dict[str, list[tuple[int, int, int]]] = {}
    for one in visible(inner):
        if one.objectName() and not one.objectName().startswith("qt_"):
            left = one.mapTo(inner, QPoint(0, 0)).x()
            found.setdefault(one.objectName(), []).append((left, one.width(), one.height()))
    return found


def unfold(_step: dict[str, Any]) -> object:
    """Open all that is folded away on the page that is shown."""
    shown: Any = window()
    for one in visible(shown.page(shown.page_name)):
        if isinstance(one, QPushButton) and one.isCheckable() and one.isEnabled():
            one.setChecked(True)
    return None


STEPS: dict[str, Callable[[dict[str, Any]], object]] = {
    "barriers": barriers,
    "boxes": boxes,
    "choose": choose,
    "click": click,
    "close": close,
    "crash": crash,
    "cut": cut,
    "enlarge": enlarge,
    "file_event": file_event,
    "gone": gone,
    "hold": hold,
    "in_front": in_front,
    "key": press_key,
    "layouts": layouts,
    "menu": menu,
    "minimize": minimize,
    "page": page,
    "pick": pick,
    "process": process,
    "see": see,
    "seen": seen,
    "squeezed": squeezed,
    "table": table,
    "taken_back": taken_back,
    "type": type_in,
    "unfold": unfold,
    "watch": watch,
}


class Driver(QObject):
    """Takes lines from stdin on a thread; does one after another in the thread of the window."""

    line_came = Signal(str)
    lost_focus = 0

    def __init__(self) -> None:
        super().__init__()
        self._step: dict[str, Any] = {}
        self._until = 0.0
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(LOOK_AGAIN_MS)
        self._again.timeout.connect(self.attempt)
        self.line_came.connect(self.on_line, Qt.ConnectionType.QueuedConnection)
        threading.Thread(target=self._read, name="driver", daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self.line_came.emit(line)
        self.line_came.emit("")

    @Slot(str)
    def on_line(self, line: str) -> None:
        if not line:
            # The test is gone: so is its program.
            QApplication.quit()
            return
        if not self._step:
            application = QGuiApplication.instance()
            assert isinstance(application, QGuiApplication)
            application.focusWindowChanged.connect(self.on_focus)
            # A busy machine takes longer than a hand does to come to the Undo of a toast.
            feedback = importlib.import_module("landfall.gui.widgets.feedback")
            feedback.TOAST_MS = 60_000  # type: ignore[attr-defined]
        self._step = json.loads(line)
        self._until = time.monotonic() + self._step.get("seconds", 10.0)
        self.attempt()

    @Slot(QWindow)
    def on_focus(self, focused: QWindow | None) -> None:
        """Something that was a window for a moment took the focus from the program's own."""
        top = window()
        if focused is None and top.isVisible() and not top.isMinimized():
            Driver.lost_focus += 1

    @Slot()
    def attempt(self) -> None:
        try:
            said = STEPS[self._step["do"]](self._step)
        except NotYet as reason:
            if time.monotonic() < self._until:
                self._again.start()
                return
            self._answer({"error": str(reason), "seen": description()})
        except Exception as error:  # noqa: BLE001 - whatever it is, the test has to know it
            self._answer({"error": f"{type(error).__name__}: {error}", "seen": description()})
        else:
            unsafe = IMPORTS.with_classes_of_qt()
            wrong = {"error": f"imported on a thread, with classes of Qt: {unsafe}", "seen": []}
            self._answer(wrong if unsafe else {"ok": said})

    def _answer(self, answer: dict[str, Any]) -> None:
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    sys.meta_path.insert(0, IMPORTS)  # type: ignore[arg-type]  # it finds nothing
    driver = Driver()
    sys.argv = ["landfall", *sys.argv[1:]]
    sys.exit(main())
