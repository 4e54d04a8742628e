"""The panel of quality runs on the Workloads page, with a server and a provider behind it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.quality.sets import QualityPrompt
from landfall.gui.pages.workloads_page import WorkloadsPage
from landfall.gui.quality.labelling import LabelView
from landfall.gui.quality.panel import GatePanel
from landfall.gui.quality.result import ResultView
from landfall.gui.quality.session import GateSession
from landfall.gui.quality.setup import SetupView
from landfall.gui.workloads.gate_door import GateDoor
from landfall.services.history.records import SavedWorkload
from landfall.services.quality.records import QualityRun
from landfall.services.verdict.portfolio import Portfolio
from tests.fakes.speakers import speaker
from tests.gui.conftest import settle
from tests.gui.pages.backstage import Backstage

SMALL = speaker("small:latest", ("Small", " says"))
OTHER = speaker("other:latest", ("Other", " says"))
JUDGE = speaker("judge:latest", ("Shorter. ", "VERDICT: FIRST"))
MINE = """schema = 1
[workload]
name = "Mine"
task = "{task}"
[volume]
calls_per_day = 4000
history_days = 60
predictability = "predictable"
[tokens]
input = 800
output = 100
[privacy]
class = "{lock}"
[today]
provider = "openai"
model = "m-1"
[candidates]
local = ["small:latest"]
"""


def set_of(count: int, **columns: Callable[[int], str]) -> str:
    """So many prompts as JSON lines, with these columns beside."""
    rows = (
        {"prompt": f"Question {i}?"} | {name: made(i) for name, made in columns.items()}
        for i in range(count)
    )
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def right_every(other: int) -> Callable[[int], str]:
    """The small model is right, but on each n-th prompt the other one is."""

    def expected(i: int) -> str:
        return "Other says" if i % other == 0 else "Small says"

    return expected


class GateStage:
    """A page with one workload, decided; its panel opens on `open_gate`."""

    def __init__(self, backstage: Backstage, folder: Path, qtbot: QtBot) -> None:
        self.backstage, self.folder, self.qtbot = backstage, folder, qtbot
        self.toasts: list[tuple[str, Any]] = []
        self.notices: list[str] = []
        backstage.messages.toast_asked.connect(self._on_toast)
        backstage.messages.notice_changed.connect(self._on_notice)
        self.jumps: list[tuple[str, str]] = []

    def _on_toast(self, text: str, undo: Any) -> None:
        self.toasts.append((text, undo))

    def _on_notice(self) -> None:
        worst = self.backstage.messages.worst
        if worst is not None:
            self.notices.append(f"{worst.title} {worst.text}")

    def open(
        self, *, task: str = "classification", lock: str = "none", named: bool = True
    ) -> WorkloadsPage:
        """Show the page with a workload that is decided."""
        history = self.backstage.history
        self.backstage.run(history.seed_samples(()))
        text = MINE.format(task=task, lock=lock)
        text = text if named else text.partition("[candidates]")[0]
        self.backstage.run(history.save_workload(SavedWorkload(name="Mine", toml=text)))
        self.page = WorkloadsPage(
            self.backstage.state,
            self.backstage.tasks,
            self.backstage.messages,
            self.backstage.lookout,
            portfolio=Portfolio(history),
            gate=GateDoor(
                self.backstage.state,
                self.backstage.tasks,
                self.backstage.messages,
                self.backstage.lookout,
                history=history,
                host=self.backstage.host,
                runs=self.backstage.runs,
                cloud=self.backstage.cloud,
            ),
        )
        self.page.jump.connect(self._on_jump)
        self.qtbot.addWidget(self.page)
        self.page.resize(848, 700)
        self.page.show()
        self.qtbot.waitUntil(lambda: self.page.settled)
        self.decide()
        return self.page

    def _on_jump(self, page: str, detail: str) -> None:
        self.jumps.append((page, detail))

    def decide(self) -> None:
        with self.qtbot.waitSignal(self.backstage.lookout.decided, timeout=20_000):
            self.backstage.lookout.workloads()

    def open_gate(self) -> GatePanel:
        """Press the button of the workload; the card has it where it is the next step."""
        settle()
        beside = [one for one in self.page.findChildren(QAbstractButton, "gate") if one.isVisible()]
        self.press("gate" if beside else "next-step")
        if not beside:
            # The window opens the page that a step asks for: here it is this one.
            self.page.open_at(self.jumps.pop()[1])
        self.wait(lambda: self.shows("gate-panel"))
        return self.panel

    @property
    def panel(self) -> GatePanel:
        found = [one for one in self.page.findChildren(GatePanel) if one.isVisible()]
        assert found, "no panel is open"
        return found[-1]

    @property
    def session(self) -> GateSession:
        return self.panel.session

    @property
    def setup(self) -> SetupView:
        return self.panel.setup

    def read(self, text: str, name: str = "tickets.jsonl") -> None:
        """Choose a file with these lines."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        self.setup.read(path)
        self.wait(lambda: self.setup.prompts.opened is not None)

    def against_here(self, model: str = "other:latest") -> None:
        """Today's model is one of the server too."""
        against = self.setup.against
        against.choose(against.chosen.__class__.HERE)
        against.want(model)

    def quote(self) -> None:
        """Ask what it costs, and wait for the answer."""
        assert self.setup.go.isEnabled(), self.setup.problem
        self.setup.go.click()
        self.wait(self.setup.consent.isVisible)

    def run_it(self) -> ResultView:
        """Agree, and wait for the result."""
        self.quote()
        self.press("gate-agree")
        return self.result()

    def result(self) -> ResultView:
        self.wait(lambda: not self.session.busy and self.shows("gate-result"))
        return self.visible(ResultView)

    def labelling(self) -> LabelView:
        """Begin to label."""
        self.line("gate-step-label").triggered.emit()
        self.wait(lambda: self.shows("gate-labelling"))
        view: LabelView = self.visible(LabelView)
        self.wait(lambda: view.pair is not None and not view.busy)
        return view

    def key(self, view: LabelView, key: str) -> None:
        """Press a key, and wait until it was taken."""
        QTest.keyClick(view, Qt.Key(ord(key)))
        self.wait(lambda: not view.busy)

    def only(self) -> QualityRun:
        """The one run that is kept."""
        (record,) = self.backstage.run(self.backstage.history.quality.runs())
        run: QualityRun = self.backstage.run(self.backstage.history.quality.get(record.uid))
        return run

    def prompts(self) -> tuple[QualityPrompt, ...]:
        return self.only().plan.prompts

    # What can be seen

    def wait(self, until: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(until, timeout=20_000)

    def shows(self, name: str) -> bool:
        settle()
        return any(one.isVisible() for one in self.page.findChildren(QWidget, name))

    def visible(self, kind: type[Any]) -> Any:
        return next(one for one in self.page.findChildren(kind) if one.isVisible())

    def line(self, name: str) -> Any:
        settle()
        return next(one for one in self.page.findChildren(QWidget, name) if one.isVisible())

    def press(self, name: str) -> None:
        """Click what can be seen and pressed."""
        settle()
        found = [one for one in self.page.findChildren(QAbstractButton, name) if one.isVisible()]
        assert found, f"{name} cannot be seen"
        assert found[-1].isEnabled(), f"{name} cannot be pressed: {found[-1].toolTip()}"
        found[-1].click()

    def words(self) -> str:
        """Everything written on what can be seen."""
        settle()
        said = [w.text() for w in self.page.findChildren(QLabel) if w.isVisible()]
        said += [b.text() for b in self.page.findChildren(QAbstractButton) if b.isVisible()]
        return "\n".join(said).replace("\u00a0", " ")
