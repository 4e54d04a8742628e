"""Every key that does something from anywhere on a page: bound from one table, listed from it.

Keys that a control has of its own (arrows in a list, Space on a button) are Qt's and not here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

PAGE_COUNT = 8
"""Pages in the sidebar, from above; each has its number."""
COLUMN_KEYS = tuple("1234567890")
"""Of the answers side by side, from the left."""

_Keys = str | QKeySequence.StandardKey
EVERYWHERE = Qt.ShortcutContext.WindowShortcut
_BELOW = Qt.ShortcutContext.WidgetWithChildrenShortcut


@dataclass(frozen=True, slots=True)
class Listed:
    """A key for the eye: where it works, how it is written here, what it does."""

    where: str
    keys: str
    does: str


_BOUND: dict[str, tuple[_Keys, ...]] = {
    "pages": tuple(f"Ctrl+{i + 1}" for i in range(PAGE_COUNT)),
    "about": ("F1",),
    "shortcuts": ("?",),
    "quit": ("Ctrl+Q",),
    "send": ("Ctrl+Return", "Ctrl+Enter"),
    "stop": ("Escape",),
    "leave-benchmark": ("Escape",),
    "column": COLUMN_KEYS,
    "tie": ("T",),
    "none-good": ("N",),
    "keep-votes": ("Return", "Enter"),
    "first": ("1",),
    "second": ("2",),
    "both": ("3",),
    "neither": ("4",),
    "skip": ("S",),
    "undo": ("U",),
    "new-workload": (QKeySequence.StandardKey.New,),
    "find-workload": (QKeySequence.StandardKey.Find,),
    "remove-workload": (QKeySequence.StandardKey.Delete,),
    "delete-run": (QKeySequence.StandardKey.Delete,),
}


def bind(
    name: str,
    widget: QWidget,
    do: Callable[[], object] | None = None,
    *,
    context: Qt.ShortcutContext = _BELOW,
) -> tuple[QShortcut, ...]:
    """Make the keys of the table work.

    Args:
        name: In the table.
        widget: Where they work.
        do: What they do; None where each is connected by the caller.
        context: On the widget alone, on what is in it too, or in its whole window.
    """
    made = tuple(QShortcut(QKeySequence(keys), widget) for keys in _BOUND[name])
    for one in made:
        one.setContext(context)
        if do is not None:
            one.activated.connect(do)
    return made


def pressed(name: str, event: QKeyEvent) -> bool:
    """Whether this is a key of that name, where a widget hears its keys by itself."""
    key = QKeySequence(event.keyCombination())
    return any(key == QKeySequence(one) for one in _BOUND[name])


def written(name: str) -> str:
    """The keys of a name as this system writes them, in its language."""
    native = QKeySequence.SequenceFormat.NativeText
    keys = [QKeySequence(_as_printed(one)).toString(native) for one in keys_of(name)]
    if len(keys) > 2:
        return _tr("{0} to {1}").format(keys[0], keys[-1])
    return keys[0]


def _as_printed(keys: _Keys) -> _Keys:
    """The large key is Enter, as prompts call it; Qt and Macs call it Return."""
    if isinstance(keys, str) and sys.platform != "darwin":
        return keys.replace("Return", "Enter")
    return keys


def keys_of(name: str) -> tuple[_Keys, ...]:
    """What is bound under a name."""
    return _BOUND[name]


def names() -> tuple[str, ...]:
    """Every name of the table."""
    return tuple(_BOUND)


def listed() -> tuple[Listed, ...]:
    """All of them, in the order of the pages."""
    return tuple(Listed(where, written(name), does) for where, name, does in _words())


def _words() -> tuple[tuple[str, str, str], ...]:
    everywhere, run, side = _tr("Everywhere"), _tr("Run"), _tr("Run, side by side")
    gate, workloads, history = _tr("Quality gate"), _tr("Workloads"), _tr("History")
    return (
        (everywhere, "pages", _tr("Open a page, in the order of the sidebar")),
        (everywhere, "shortcuts", _tr("Show these shortcuts")),
        (everywhere, "about", _tr("About Landfall")),
        (everywhere, "quit", _tr("Quit")),
        (run, "send", _tr("Ask what is typed")),
        (run, "stop", _tr("Stop the answer, or decline what it asks")),
        (run, "leave-benchmark", _tr("Stop the benchmark, or leave its form")),
        (side, "column", _tr("Vote for the answer at this place, from the left")),
        (side, "tie", _tr("Vote for a tie")),
        (side, "none-good", _tr("Vote for none")),
        (side, "keep-votes", _tr("Keep the vote")),
        (workloads, "new-workload", _tr("New workload")),
        (workloads, "find-workload", _tr("Search the workloads")),
        (workloads, "remove-workload", _tr("Remove the workload that has the focus")),
        (gate, "first", _tr("The first answer is right")),
        (gate, "second", _tr("The second answer is right")),
        (gate, "both", _tr("Both are right")),
        (gate, "neither", _tr("Neither is right")),
        (gate, "skip", _tr("Skip this pair")),
        (gate, "undo", _tr("Take back the last label")),
        (history, "delete-run", _tr("Delete the runs that are chosen")),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("shortcuts", text)
