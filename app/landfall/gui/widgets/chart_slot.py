"""The place of a chart whose module is imported late: a skeleton until it is there.

pyqtgraph takes about a quarter of a second to import. The slot imports the chart's module on a
thread, so that the window goes on; the chart is made in the GUI thread. When the theme changes its
`restyle()` is called.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading
from collections.abc import Callable
from types import ModuleType

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.gui import theme
from landfall.gui.widgets.feedback import Skeleton
from landfall.gui.widgets.layout import Swap, column


class _Import(QObject):
    done = Signal()

    def start(self, name: str) -> None:
        # No daemon: the interpreter must not end under it, which crashes it and all.
        thread = threading.Thread(target=self._run, args=(name,), name="chart-import")
        thread.start()

    def _run(self, name: str) -> None:
        importlib.import_module(name)
        with contextlib.suppress(RuntimeError):  # the window may be gone by now
            self.done.emit()


class ChartSlot(QWidget):
    """Call `load()` from `Page.after_first_paint` or when the slot is first needed.

    `make` gets the module and returns the chart: `module.LiveChart()`.

    Signals:
        loaded: The chart is there: `chart`.
    """

    loaded = Signal()

    def __init__(self, module: str, make: Callable[[ModuleType], QWidget]) -> None:
        super().__init__()
        self._module, self._make = module, make
        self._place = Swap(Skeleton(420, 380, 300, 350, fill=True))
        self._chart: QWidget | None = None
        self._import: _Import | None = None
        policy = QSizePolicy.Policy.Expanding
        self.setSizePolicy(policy, policy)
        self.setLayout(column(self._place))
        theme.theme().changed.connect(self._on_theme)

    @property
    def chart(self) -> QWidget | None:
        """The chart, or None while its module is on the way."""
        return self._chart

    def load(self) -> None:
        """Bring the chart; at once where its module is loaded."""
        if self._chart is not None or self._import is not None:
            return
        if self._module in sys.modules:
            self._show()
            return
        self._import = _Import(self)
        self._import.done.connect(self._show)
        self._import.start(self._module)

    @Slot()
    def _show(self) -> None:
        self._import = None
        self._chart = self._make(importlib.import_module(self._module))
        self._place.hold(self._chart)
        self.loaded.emit()

    @Slot()
    def _on_theme(self) -> None:
        restyle = getattr(self._chart, "restyle", None)
        if restyle is not None:
            restyle()
