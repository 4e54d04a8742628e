"""The choices beside the title of the Run page: who is asked, and what else can be measured."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from landfall.gui.allowed import allow
from landfall.gui.run.model_choice import ModelChoice
from landfall.gui.widgets.controls import SegmentedControl
from landfall.gui.widgets.layout import button


class Mode(IntEnum):
    """Who is asked, in the order of the segments."""

    HERE = 0
    BOTH = 1
    CLOUD = 2


class RunToolbar(QObject):
    """Says what is chosen; what may be chosen is told by the page.

    Attributes:
        mode: Who is asked. model: Of the server in use.
        benchmark: To the benchmarks and back. calibrate: Of this machine.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.mode = SegmentedControl((self.tr("Here"), self.tr("Side by side"), self.tr("Cloud")))
        self.mode.setObjectName("run-mode")
        self.mode.setAccessibleName(self.tr("Who is asked"))
        self.model = ModelChoice()
        self.calibrate = button(self.tr("Calibrate\u2026"))
        self.calibrate.setObjectName("calibrate")
        self.benchmark = button(self.tr("Benchmark\u2026"))
        self.benchmark.setObjectName("benchmark")

    @property
    def in_order(self) -> tuple[QWidget, ...]:
        """From left to right; at the rim what stays: what stands before it comes and goes."""
        return self.model, self.benchmark, self.calibrate, self.mode

    @property
    def chosen(self) -> Mode:
        """Who is asked."""
        return Mode(self.mode.current)

    def block(self, why_not: str) -> None:
        """Nothing else may be chosen now, and why; "" where it may."""
        none = "" if self.model.targets else self.tr("There is no model here that can be asked.")
        allow(self.model, why_not or none)
        allow(self.mode, why_not)

    def show_benchmark(self, *, benching: bool, no_counters: str) -> None:
        """Whether benchmarks stand in the place of the conversation.

        Args:
            benching: They do: nobody is chosen meanwhile.
            no_counters: Why the server in use cannot be measured; "" where it can.
        """
        self.mode.setVisible(not benching)
        self.model.setVisible(not benching and self.chosen is Mode.HERE)
        self.calibrate.setVisible(not benching and self.chosen is Mode.HERE)
        back, there = self.tr("Back to the conversation"), self.tr("Benchmark\u2026")
        self.benchmark.setText(back if benching else there)
        self.benchmark.setToolTip("" if benching else no_counters)

    def block_calibration(self, why_not: str) -> None:
        """This machine cannot be calibrated now, and why; "" where it can."""
        tip = self.tr("Short runs that replace the estimates for this machine")
        allow(self.calibrate, why_not, tip=tip)
