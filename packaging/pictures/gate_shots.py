"""Pictures of the panel of quality runs: a file read, what it costs, under way, labels, the result.

Two installed models answer a small set of prompts that is written for the pictures; nothing of what
they say is invented. The candidate and today's model are both of the Ollama server here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QScrollArea, QWidget

from landfall.core.settings import ThemeChoice
from landfall.gui.app_state import AppState
from landfall.gui.main_window import MainWindow
from landfall.gui.quality.labelling import LabelView
from landfall.gui.quality.panel import GatePanel
from landfall.gui.quality.result import ResultView
from landfall.gui.quality.who import Place
from landfall.services import paths
from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload

NAME = "Ticket triage"
WORKLOAD = f"""schema = 1
[workload]
name = "{NAME}"
task = "chat"
[volume]
calls_per_day = 400
[tokens]
input = 60
output = 40
[today]
provider = "openai"
model = "gpt-5.5"
"""
QUESTIONS = (
    "The invoice of May shows a seat that we cancelled. What should I do?",
    "How do I move a project to another team?",
    "Our export has stopped at 98 % since this morning.",
    "Can two people own one workspace?",
    "Where do I see who deleted a file?",
    "The password mail does not arrive.",
)
_LOOK_MS = 200
_PATIENCE = 900
"""So many looks a step gets: small models on a slow machine take a while."""

Step = Callable[[], bool]
"""One thing to do or to wait for; whether it is over."""


def store(folder: Path) -> Path:
    """Put the workload into the home's history; the file of prompts."""
    asyncio.run(_store())
    path = folder / "tickets.jsonl"
    lines = [json.dumps({"prompt": question}) for question in QUESTIONS]
    path.write_text("\n".join([*lines, "no JSON", ""]), encoding="utf-8")
    return path


async def _store() -> None:
    paths.of_user().make()
    history = History(paths.of_user().database)
    await history.open()
    await history.seed_samples(())
    await history.save_workload(SavedWorkload(name=NAME, toml=WORKLOAD))
    await history.close()


class GateCamera(QObject):
    """Goes through the panel as a user does, in each scheme, and takes its pictures.

    Signals:
        done: All were taken.
    """

    done = Signal()

    def __init__(
        self,
        window: MainWindow,
        state: AppState,
        *,
        models: str,
        prompts: Path,
        schemes: list[str],
        save: Callable[[str], None],
        parent: QObject,
    ) -> None:
        """Make it.

        Args:
            models: "CANDIDATE,TODAY", both installed.
            prompts: The file that is asked.
            save: Takes the picture of the window under a name.
        """
        super().__init__(parent)
        self._window, self._state, self._save = window, state, save
        self._candidate, _, self._today = models.partition(",")
        self._prompts, self._schemes = prompts, schemes
        self._steps: Iterator[Step] = iter(())
        self._scheme = ""
        self._step: Step | None = None
        self._looks = 0
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self.look)

    @Slot()
    def begin(self) -> None:
        """Take the pictures of one scheme after the other."""
        if not self._schemes:
            self._look.stop()
            self.done.emit()
            return
        self._scheme = self._schemes.pop(0)
        theme = ThemeChoice(self._scheme)
        self._state.set_settings(replace(self._state.settings, theme=theme))
        self._steps = iter(
            (
                self._opened,
                self._read,
                partial_take(self, "gate-file", bottom=False),
                self._quoted,
                partial_take(self, "gate-consent", bottom=True),
                self._agreed,
                partial_take(self, "gate-under-way", bottom=False),
                self._ended,
                partial_take(self, "gate-unlabelled", bottom=False),
                self._labelling,
                partial_take(self, "gate-labels", bottom=False),
                self._labelled,
                partial_take(self, "gate-result", bottom=False),
                partial_take(self, "gate-result-below", bottom=True),
                self._listed,
                partial_take(self, "gate-runs", bottom=False),
            )
        )
        self._step = None
        self._look.start()

    @Slot()
    def look(self) -> None:
        """Go on where the step is over."""
        if self._step is None or self._step():
            self._looks = 0
            self._step = next(self._steps, None)
            if self._step is None:
                self.begin()
            return
        self._looks += 1
        if self._looks > _PATIENCE:
            raise SystemExit(f"the panel is stuck at {self._step}")

    def take(self, name: str, *, bottom: bool) -> bool:
        """The picture of what is shown, from its top or its end; one look later."""
        page = self._window.page("workloads")
        if isinstance(page, QScrollArea):
            bar = page.verticalScrollBar()
            bar.setValue(bar.maximum() if bottom else 0)
        if self._looks < 2:
            return False
        self._save(f"{name}-{self._scheme}.png")
        return True

    def _panel(self) -> GatePanel | None:
        page = self._window.page("workloads")
        found = page.findChildren(GatePanel) if page is not None else []
        return next((one for one in found if one.isVisible()), None)

    def _shown(self, kind: type[QWidget]) -> QWidget | None:
        panel = self._panel()
        found = panel.findChildren(kind) if panel is not None else []
        return next((one for one in found if one.isVisible()), None)

    # The steps

    def _opened(self) -> bool:
        if self._looks == 0 or self._looks % 50 == 0:
            self._window.open_page("workloads", f"gate:{NAME}")
        return self._panel() is not None and bool(self._state.installed)

    def _read(self) -> bool:
        panel = self._panel()
        if panel is None:
            return False
        if self._looks == 0:
            panel.show_start()
            panel.setup.read(self._prompts)
            panel.setup.candidate.want(self._candidate)
            panel.setup.against.choose(Place.HERE)
            panel.setup.against.want(self._today)
            panel.setup.measure.longest.set_value(40)
        return panel.setup.prompts.opened is not None

    def _quoted(self) -> bool:
        panel = self._panel()
        if panel is None:
            return False
        if self._looks == 0:
            panel.setup.go.click()
        return panel.setup.consent.isVisible()

    def _agreed(self) -> bool:
        panel = self._panel()
        if panel is None:
            return False
        if self._looks == 0:
            panel.setup.consent.yes.click()
        progress = panel.session.progress
        return progress is not None and progress.done >= 2

    def _ended(self) -> bool:
        return self._shown(ResultView) is not None

    def _labelling(self) -> bool:
        panel = self._panel()
        if panel is not None and self._looks == 0:
            panel.on_label()
        view = self._shown(LabelView)
        return isinstance(view, LabelView) and view.pair is not None

    def _labelled(self) -> bool:
        """Every second pair is a tie, the others go to the first: pictures need some labels."""
        view = self._shown(LabelView)
        if isinstance(view, LabelView):
            if view.pair is None:
                view.done.emit()
            elif not view.busy:
                view.choose("both" if view.pair.done % 2 else "first")
            return False
        return self._shown(ResultView) is not None

    def _listed(self) -> bool:
        panel = self._panel()
        if panel is not None and self._looks == 0:
            panel.show_start()
        return panel is not None and panel.past.isVisible()


def partial_take(camera: GateCamera, name: str, *, bottom: bool) -> Step:
    """A step that takes a picture."""

    def taken() -> bool:
        return camera.take(name, bottom=bottom)

    return taken
