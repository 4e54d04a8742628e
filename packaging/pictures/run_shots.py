"""What pictures of the Run page need first: models that are measured, or asked side by side."""

from __future__ import annotations

import argparse
import sys

from PySide6.QtCore import QObject, QRegularExpression, QTimer, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QWidget

from landfall.gui.benchmark.session import Progress
from landfall.gui.main_window import MainWindow
from landfall.gui.pages.run_page import RunPage
from landfall.gui.run.toolbar import Mode
from landfall.gui.side_by_side.targets import asked_here

SHORT = 2048
"""Context of a benchmark for pictures, and so the length of its long prompt."""

BOXES = QRegularExpression("^benchmark-model-.+")
"""Names of the boxes of models in the form of a benchmark; its list bears a name like that too."""


class Bench(QObject):
    """Asks for a benchmark on the Run page, as a user does, and waits for it.

    Signals:
        sweeping: The last level of the first model is under way.
        done: All were measured.
    """

    sweeping = Signal()
    done = Signal()

    def __init__(self, window: MainWindow, models: list[str], *, parent: QObject) -> None:
        super().__init__(parent)
        self._window, self._models = window, models
        self._told = False

    @property
    def _page(self) -> RunPage:
        page = self._window.page("run")
        assert isinstance(page, RunPage)
        return page

    @Slot()
    def start(self) -> None:
        """Choose the models and a short sweep, and begin."""
        self._page.toolbar.benchmark.click()
        view = self._page.bench
        if view is None:
            QTimer.singleShot(200, self.start)
            return
        form = view.setup.form
        for box in form.findChildren(QCheckBox, BOXES):
            name = box.objectName().removeprefix("benchmark-model-")
            box.setChecked(name.removesuffix(":latest") in self._models or name in self._models)
        for level in (1, 2, 4):
            form.levels[level].setChecked(True)
        form.context.set_value(SHORT)
        view.session.stepped.connect(self._on_step)
        view.session.changed.connect(self._on_changed)
        view.setup.start.click()
        if not view.session.running:
            print(f"cannot begin: {view.setup.start.toolTip()}", file=sys.stderr)
            self._window.close()

    @Slot()
    def _on_step(self) -> None:
        view = self._page.bench
        step = view.session.step if view is not None else None
        if step is not None and step.number == step.of and not self._told:
            self._told = True
            QTimer.singleShot(1500, self.sweeping.emit)

    @Slot()
    def _on_changed(self) -> None:
        view = self._page.bench
        if view is not None and view.session.progress is Progress.DONE:
            QTimer.singleShot(1000, self.done.emit)

    def show_charts(self, shown: bool) -> None:
        """Scroll to the charts of the result, or to its beginning."""
        view = self._page.bench
        chart = view.findChild(QWidget, "sweep-chart") if view is not None else None
        if shown and chart is not None:
            self._page.ensureWidgetVisible(chart, 0, 300)
        else:
            self._page.verticalScrollBar().setValue(0)


class SideBySide(QObject):
    """Asks installed models side by side on the Run page, as a user does, and waits for them.

    Signals:
        streaming: Every column but the last is full, and that one fills.
        done: All answers came.
    """

    streaming = Signal()
    done = Signal()

    def __init__(self, window: MainWindow, options: argparse.Namespace, *, parent: QObject) -> None:
        super().__init__(parent)
        self._window, self._options = window, options
        self._models = [name for name in options.side_by_side.split(",") if name]
        self._told = False
        self._look = QTimer(self)
        self._look.setInterval(200)
        self._look.timeout.connect(self.look)

    @property
    def _page(self) -> RunPage:
        page = self._window.page("run")
        assert isinstance(page, RunPage)
        return page

    @Slot()
    def start(self) -> None:
        """Choose the models, type the prompt, and send it."""
        page = self._page
        page.mode.choose(Mode.BOTH)
        view = page.side
        assert view is not None
        for chip in view.chips.asked:
            view.chips.drop(chip.key)
        for target in page.model.targets:
            if {target.model, target.model.removesuffix(":latest")} & set(self._models):
                view.chips.hold(asked_here(target))
        view.ask.blind.setChecked(self._options.blind)
        view.form.prompt.setPlainText(self._options.prompt)
        view.form.send.click()
        if not view.session.busy:
            print(f"cannot ask: {view.form.send.toolTip()}", file=sys.stderr)
            self._window.close()
            return
        self._look.start()

    @Slot()
    def look(self) -> None:
        """How far is it?"""
        view = self._page.side
        session = view.session if view is not None else None
        if session is None:
            return
        if session.running and not self._told and session.done >= len(self._models) - 1:
            self._told = True
            self.streaming.emit()
        if not session.busy:
            self._look.stop()
            QTimer.singleShot(1000, self.done.emit)

    def show_summary(self, shown: bool) -> None:
        """The figures of each target, or the answers."""
        view = self._page.side
        if view is not None:
            view.prompt_bar.summary.setChecked(shown)
