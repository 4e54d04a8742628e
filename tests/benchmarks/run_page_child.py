"""The Run page in a process of its own, on a server that is there: asks when it is told to.

`python -m tests.benchmarks.run_page_child URL MODEL CONTEXT NUM_PREDICT` says "ready" and then, for
each line on stdin, sends that line as the prompt with the page open and charting, hides the page
again and prints one line of JSON: what the server counted, and how often the chart was drawn. It
ends with its stdin.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Slot
from PySide6.QtWidgets import QApplication

from landfall.core.settings import Settings
from landfall.gui import theme
from landfall.gui.app_state import AppState
from landfall.gui.messages import Messages
from landfall.gui.pages.run_page import RunPage
from landfall.gui.widgets import live_chart
from landfall.services.run.metering import Metering
from tests.gui.pages.backstage import Backstage, FakePower


class Child(QObject):
    """Reads orders, answers with figures."""

    def __init__(self, app: QApplication, url: str, model: str, *, limits: tuple[int, int]) -> None:
        super().__init__()
        self._app = app
        self._folder = tempfile.TemporaryDirectory()
        self._back = Backstage(Path(self._folder.name), AppState(Settings()), Messages())
        self._back.start(server=False)
        self._back.connect(url)
        # Ten readings a second, as where there is a sensor, whatever is found on this machine.
        self._back.runs.use_power(FakePower(period=0.1))
        self._back.runs.use_power = _keep  # type: ignore[method-assign]
        self._page = self._made(model, limits)
        self._orders = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read, self)
        self._orders.activated.connect(self._on_order)
        self._frames = 0
        self._computed = self._begun = 0.0

    def _made(self, model: str, limits: tuple[int, int]) -> RunPage:
        back = self._back
        page = RunPage(
            back.state,
            back.tasks,
            back.messages,
            back.lookout,
            host=back.host,
            runs=back.runs,
            cloud=back.cloud,
        )
        page.resize(1280, 800)
        page.open_at(model)
        form = page.form
        form.context.set_value(limits[0])
        form.num_predict.set_value(limits[1])
        form.temperature.set_value(0)
        form.seed.set_value(1)
        page.session.ended.connect(self._on_ended)
        page.chart.slot.loaded.connect(self._on_chart)
        page.show()
        return page

    @Slot()
    def _on_chart(self) -> None:
        paint = live_chart.chart_parts

        def counted(*args: Any) -> Any:
            self._frames += 1
            return paint(*args)

        live_chart.chart_parts = counted
        self._page.hide()
        self._say("ready")

    @Slot()
    def _on_order(self) -> None:
        line = sys.stdin.readline()
        if not line:
            self._orders.setEnabled(False)
            self._back.stop()
            self._app.quit()
            return
        self._frames = 0
        self._computed, self._begun = process_time(), perf_counter()
        self._page.show()
        self._page.form.prompt.setPlainText(line.strip())
        QTimer.singleShot(200, self._page.form.send.click)

    @Slot()
    def _on_ended(self) -> None:
        kept = self._page.session.here.kept
        figures: object = "it broke off"
        if kept is not None:
            figures = {
                "decode_tok_s": kept.record.decode_tok_s,
                "output_tokens": kept.record.output_tokens,
                "chart_frames": self._frames,
                "watts": len(self._page.chart.watts),
                "cpu_share": (process_time() - self._computed) / (perf_counter() - self._begun),
            }
        self._page.session.start_over()
        self._page.hide()
        self._say(figures)

    @staticmethod
    def _say(figures: object) -> None:
        print(json.dumps(figures), flush=True)


def _keep(_found: Metering) -> None:
    """What is found does not count."""


def main() -> None:
    """Serve until stdin ends."""
    url, model, context, num_predict = sys.argv[1:5]
    app = QApplication([])
    theme.install(app, "light")
    child = Child(app, url, model, limits=(int(context), int(num_predict)))
    app.exec()
    del child


if __name__ == "__main__":
    main()
