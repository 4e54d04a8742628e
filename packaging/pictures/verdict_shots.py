"""Pictures of a verdict of every kind: the card, each view of its evidence, and the sliders.

The workloads are the files of `tests/data/verdicts`, one for each kind of verdict; they are stored
in the home whose window is shown. A machine of the catalogue stands for the one that is owned, so
that the pictures are the same on every machine and no server is needed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QTimer, Signal, Slot
from PySide6.QtWidgets import QScrollArea, QWidget

from landfall.core.settings import ThemeChoice
from landfall.gui.app_state import AppState
from landfall.gui.main_window import MainWindow
from landfall.gui.page import PageState
from landfall.gui.widgets.controls import SliderField
from landfall.gui.workloads.detail import WorkloadDetail
from landfall.gui.workloads.what_if import WhatIfCard
from landfall.services import paths
from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload
from landfall.services.verdict import workload_files

FOLDER = Path(__file__).resolve().parents[2] / "tests/data/verdicts"
VIEWS = (
    "costs",
    "break-even",
    "flips",
    "hours",
    "quality",
    "pipeline",
    "rules",
    "measure",
    "what-if",
    "card",
)
"""In the order of the segments; then the sliders, and the card from its top."""
_ABOVE = 16
"""Pixels that stay above the views, so that none looks cut off."""
_LOOK_MS = 200
_PATIENCE = 60
"""So many looks a view gets to fill."""


@dataclass(frozen=True, slots=True)
class Take:
    """One picture."""

    scheme: str
    kind: str
    workload: str
    view: str

    @property
    def file_name(self) -> str:
        """What it shows."""
        return f"verdict-{self.kind.replace('_', '-')}-{self.view}-{self.scheme}.png"


def files() -> tuple[Path, ...]:
    """A workload of every kind of verdict."""
    return tuple(sorted(FOLDER.glob("*.toml")))


def store() -> None:
    """Put the workloads into the home's history, and no samples beside them."""
    asyncio.run(_store())


async def _store() -> None:
    paths.of_user().make()
    history = History(paths.of_user().database)
    await history.open()
    await history.seed_samples(())
    for path in files():
        loaded = workload_files.read(path)
        await history.save_workload(SavedWorkload(name=loaded.workload.name, toml=loaded.text))
    await history.close()


def takes(schemes: list[str], views: list[str]) -> list[Take]:
    """Every picture that is wanted."""
    named = {path.stem: workload_files.read(path).workload.name for path in files()}
    return [
        Take(scheme, kind, name, view)
        for scheme in schemes
        for kind, name in named.items()
        for view in views
    ]


class VerdictCamera(QObject):
    """Opens each workload, each of its views, waits until it is filled, and takes its picture.

    Signals:
        done: All were taken.
    """

    done = Signal()

    def __init__(
        self,
        window: MainWindow,
        state: AppState,
        todo: list[Take],
        *,
        save: Callable[[str], None],
        parent: QObject,
    ) -> None:
        """Make it.

        Args:
            window: The real one.
            state: Holds the settings, and so the scheme.
            todo: What to take.
            save: Takes the picture of the window under a name.
            parent: Owns it.
        """
        super().__init__(parent)
        self._window, self._state, self._todo, self._take = window, state, list(todo), save
        self._now: Take | None = None
        self._looks = 0
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self.look)

    @Slot()
    def begin(self) -> None:
        """Open the page; the pictures follow."""
        self._window.open_page("workloads")
        self._next()

    def _next(self) -> None:
        if not self._todo:
            self._look.stop()
            self.done.emit()
            return
        self._now = self._todo.pop(0)
        self._looks = 0
        settings = self._state.settings
        if settings.theme.value != self._now.scheme:
            self._state.set_settings(replace(settings, theme=ThemeChoice(self._now.scheme)))
        self._window.open_page("workloads", self._now.workload)
        self._look.start()

    @Slot()
    def look(self) -> None:
        """Is it there? Then the view is opened, and on a later look its picture is taken."""
        take = self._now
        if take is None:
            return
        self._looks += 1
        detail = self._detail(take)
        if detail is None:
            if self._looks > _PATIENCE * 3:
                raise SystemExit(f"no verdict on {take.workload} came")
            return
        if self._looks < _PATIENCE * 3:
            self._looks = _PATIENCE * 3
            self._open(detail, take.view)
            return
        if self._looks < _PATIENCE * 3 + 3 or (
            not self._filled(detail, take.view) and self._looks < _PATIENCE * 4
        ):
            return
        self._show(detail, take.view)
        self._take(take.file_name)
        self._next()

    def _detail(self, take: Take) -> WorkloadDetail | None:
        page = self._window.page("workloads")
        if page is None or page.state not in (PageState.READY, PageState.PARTIAL):
            return None
        shown = [one for one in page.findChildren(WorkloadDetail) if one.isVisible()]
        entry = shown[-1].entry if shown else None
        return shown[-1] if entry is not None and entry.saved.name == take.workload else None

    def _open(self, detail: WorkloadDetail, view: str) -> None:
        sliders = view == "what-if"
        detail.show_what_if(sliders)
        if view == "card":
            detail.open_evidence(0)
        elif sliders:
            detail.open_evidence(0)
            moved = next(iter(detail.findChildren(SliderField)), None)
            if moved is not None:
                moved.slider.setValue(moved.slider.maximum() // 4)
        else:
            detail.open_evidence(VIEWS.index(view))

    def _filled(self, detail: WorkloadDetail, view: str) -> bool:
        """Curves come from a thread, and their module is imported late."""
        if view != "break-even":
            return True
        return bool(detail.findChild(QWidget, "break-even-chart")) or bool(
            detail.findChild(QWidget, "no-break-even")
        )

    def _show(self, detail: WorkloadDetail, view: str) -> None:
        """The evidence from its choice of views on, or the sliders; of a card its top."""
        page = self._window.page("workloads")
        if not isinstance(page, QScrollArea) or page.widget() is None:
            return
        start: QWidget = detail.segments
        if view == "what-if":
            start = detail.findChild(WhatIfCard) or start
        top = start.mapTo(page.widget(), QPoint(0, -_ABOVE)).y()
        whole = view == "card"
        page.verticalScrollBar().setValue(0 if whole else top)
