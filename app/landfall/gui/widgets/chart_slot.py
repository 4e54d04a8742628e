"""The place of a chart whose module is imported late: a skeleton until it is there.

The slot imports the chart's module in portions, so that the window goes on. When the theme changes
the chart's `restyle()` is called.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from types import ModuleType

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.gui import theme
from landfall.gui.importing import Importing
from landfall.gui.widgets.feedback import Skeleton
from landfall.gui.widgets.layout import Swap, column


class ChartSlot(QWidget):
    """Call `load()` from `Page.after_first_paint` or when the slot is first needed.

    Signals:
        loaded: The chart is there: `chart`.

    Args:
        module: Where the chart is.
        make: Gets the module and returns the chart: `module.LiveChart()`.
        needs: Modules that take long, imported before it.
        before: What is made in portions before the modules of Qt, see `Importing`.
    """

    loaded = Signal()

    def __init__(
        self,
        module: str,
        make: Callable[[ModuleType], QWidget],
        *,
        needs: Iterable[str] = (),
        before: Iterable[object] = (),
    ) -> None:
        super().__init__()
        self._module, self._make = module, make
        self._needs, self._before = (*needs, module), before
        self._place = Swap(Skeleton(420, 380, 300, 350, fill=True))
        self._chart: QWidget | None = None
        self._import: Importing | None = None
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
        under_way = self._import is not None and not self._import.has_failed
        if self._chart is not None or under_way:
            return
        if self._module in sys.modules:
            self._show()
            return
        self._import = Importing(self._needs, before=self._before, parent=self)
        self._import.done.connect(self._show)
        self._import.start()

    @Slot()
    def _show(self) -> None:
        self._import = None
        self._chart = self._make(import_module(self._module))
        self._place.hold(self._chart)
        self.loaded.emit()

    @Slot()
    def _on_theme(self) -> None:
        restyle = getattr(self._chart, "restyle", None)
        if restyle is not None:
            restyle()
