"""How many people: the fields, the sentence, the chart, and where a measurement is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.settings import Settings
from landfall.gui import theme
from landfall.gui.app_state import AppState
from landfall.gui.benchmark.outcome import Ending, Outcome
from landfall.gui.benchmark.result import BenchmarkResultCard
from landfall.gui.messages import Messages
from landfall.gui.pages.machine_page import MachinePage
from landfall.gui.people import words
from landfall.gui.people.people_chart import Line, PeopleChart, PeoplePicture
from landfall.gui.people.people_dialog import PeopleDialog
from landfall.gui.tasks import TaskRunner
from landfall.gui.widgets.cells import spoken
from landfall.gui.widgets.feedback import State
from landfall.services.benchmark.plan import standard_plan
from landfall.services.history.history import History
from landfall.services.io_loop import IoLoop
from landfall.services.machine import known_machines
from tests.fakes import swept
from tests.gui.pages import benchmark_script as script

Make = Callable[..., PeopleDialog]
WAIT_MS = 20_000


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[TaskRunner]:
    loop = IoLoop()
    loop.start()
    yield TaskRunner(loop)
    assert loop.stop(10)


def done(qtbot: QtBot, tasks: TaskRunner, work: object) -> None:
    with qtbot.waitSignal(tasks.run(work).finished, timeout=WAIT_MS):  # type: ignore[arg-type]
        pass


@pytest.fixture
def history(qtbot: QtBot, tasks: TaskRunner, tmp_path: Path) -> Iterator[History]:
    made = History(tmp_path / "history.db")

    async def fill() -> None:
        await made.open()
        record = swept.record(swept.result())
        row = await made.add_benchmark(record)
        await made.finish_benchmark(replace(record, id=row))

    done(qtbot, tasks, fill())
    yield made
    done(qtbot, tasks, made.close())


@pytest.fixture
def make(
    qtbot: QtBot, tasks: TaskRunner, history: History, state: AppState, tmp_path: Path
) -> Iterator[Make]:
    """An open dialog that has answered once."""
    parent = QWidget()
    qtbot.addWidget(parent)
    state.set_profile(known_machines.what_if("RTX 4090"))

    def opened(model: str = "qwen3:8b") -> PeopleDialog:
        dialog = PeopleDialog(
            state, tasks, history=history, cache=tmp_path, model=model, parent=parent
        )
        dialog.open()
        qtbot.waitUntil(lambda: dialog.table.model().rowCount() > 0, timeout=WAIT_MS)
        return dialog

    yield opened
    parent.close()


def typed(dialog: PeopleDialog, name: str, text: str) -> QLineEdit:
    edit = dialog.findChild(QLineEdit, f"people-{name}")
    assert edit is not None
    edit.setText(text)
    return edit


def row(dialog: PeopleDialog, at: int) -> list[str]:
    return [spoken(cell) for cell in dialog.table.table.rows[at]]


def test_that_a_measured_sweep_answers_in_one_sentence(make: Make) -> None:
    dialog = make()
    assert dialog.sentence.text().startswith("qwen3:8b on this machine serves about ")
    assert "if 19 of 20 answers are to be whole within 30" in dialog.sentence.text()
    assert dialog.origin.state is State.DONE
    assert dialog.origin.title.text() == "From a measured sweep"
    assert "2026-11-20" in dialog.origin.detail.text()
    assert "1 at once: " in dialog.other_slots.text()
    assert dialog.chart.accessibleName().startswith("Slowest of twenty answers against people.")
    assert dialog.table.model().rowCount() == 2  # with one machine nothing is split


def test_that_enter_in_a_number_does_not_close_the_answer(make: Make) -> None:
    dialog = make()
    edit = typed(dialog, "people", "25")
    edit.setFocus()
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert dialog.isVisible()


def test_that_more_machines_show_pooled_and_split(make: Make, qtbot: QtBot) -> None:
    dialog = make()
    typed(dialog, "machines", "3")
    qtbot.waitUntil(lambda: dialog.table.model().rowCount() == 4, timeout=WAIT_MS)
    assert "3 machines like this machine" in dialog.sentence.text()
    assert row(dialog, 0)[0].startswith("Pooled")
    assert row(dialog, 1)[0].startswith("Split by person")
    assert "machines are enough" in row(dialog, 3)[0] or "one machine" in row(dialog, 3)[0]


def test_that_the_last_number_that_was_typed_wins(make: Make, qtbot: QtBot) -> None:
    dialog = make()
    for people in ("20", "21", "22", "23", "999"):
        typed(dialog, "people", people)
    qtbot.waitUntil(lambda: "999" in row(dialog, 0)[2], timeout=WAIT_MS)
    assert "9,990" in row(dialog, 1)[2]
    assert "unknown" in row(dialog, 1)[3]
    assert dialog.figures["p95"].text.endswith("the queue grows")


def test_that_a_wrong_number_is_said_and_nothing_is_asked(make: Make) -> None:
    dialog = make()
    edit = typed(dialog, "people", "0")
    assert dialog.origin.state is State.FAILED
    assert "People: between 1 and " in dialog.origin.detail.text()
    assert edit.accessibleDescription().startswith("People: between 1 and ")


def test_that_a_target_that_no_call_meets_says_that_no_number_of_machines_helps(
    make: Make, qtbot: QtBot
) -> None:
    dialog = make()
    typed(dialog, "target", "1")
    words = "Even where nobody else asks, more than one in 20 takes longer."
    qtbot.waitUntil(lambda: words in dialog.sentence.text(), timeout=WAIT_MS)
    assert dialog.figures["needed"].text == "Machines needed\nunknown\nnone is in time"
    assert "no number of machines is in time" in dialog.figures["needed"].accessibleName()


def test_that_no_target_is_the_share_busy_alone(make: Make, qtbot: QtBot) -> None:
    dialog = make()
    typed(dialog, "target", "")
    qtbot.waitUntil(lambda: "would be busy" in dialog.sentence.text(), timeout=WAIT_MS)
    assert "within" not in dialog.sentence.text()


def test_that_a_prediction_has_its_band_and_a_way_to_measure(make: Make, qtbot: QtBot) -> None:
    dialog = make("llama3.1:8b")
    assert dialog.origin.title.text() == "Predicted, not measured"
    assert "\u2013" in dialog.sentence.text()
    wanted: list[str] = []
    dialog.measure_asked.connect(wanted.append)
    button = next(
        one for one in dialog.origin.findChildren(QPushButton) if one.text() == "Measure\u2026"
    )
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert wanted == ["llama3.1:8b"]


def test_that_a_model_that_does_not_fit_is_unknown_with_the_reason(make: Make) -> None:
    dialog = make("qwen3:235b")
    assert "is unknown: the model does not fit" in dialog.sentence.text()
    assert dialog.origin.state is State.FAILED
    assert not dialog.charted.isVisibleTo(dialog)
    assert "unknown" in row(dialog, 0)[1]


def test_that_other_slots_and_other_machines_can_be_asked_about(
    make: Make, qtbot: QtBot, state: AppState
) -> None:
    rack = Host(name="rack", url="http://10.0.0.7:11434", kind=HostKind.OLLAMA)
    state.set_settings(replace(Settings(), hosts=(rack,)))
    state.set_what_if(known_machines.what_if("RTX 3090"))
    dialog = make()
    assert [dialog.where.itemText(at) for at in range(3)] == ["this machine", "rack", "RTX 3090"]
    assert dialog.where.currentText() == "RTX 3090"
    assert dialog.origin.title.text() == "Predicted, not measured"
    dialog.where.setCurrentIndex(1)
    qtbot.waitUntil(lambda: dialog.origin.state is State.FAILED, timeout=WAIT_MS)
    assert "never measured there" in dialog.origin.detail.text()
    dialog.where.setCurrentIndex(0)
    qtbot.waitUntil(lambda: dialog.origin.state is State.DONE, timeout=WAIT_MS)
    typed(dialog, "slots", "6")
    qtbot.waitUntil(lambda: "6 at once estimated" in dialog.origin.detail.text(), timeout=WAIT_MS)


def test_that_every_control_has_a_name_and_is_reached_by_keyboard(make: Make) -> None:
    dialog = make()
    for field in dialog.fields:
        assert field.edit.accessibleName()
        assert field.edit.objectName().startswith("people-")
        assert field.edit.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert dialog.model.accessibleName() == "Model"
    assert dialog.where.accessibleName() == "Machine"
    assert dialog.people.edit.hasFocus() or not dialog.isActiveWindow()


def test_that_it_fits_a_small_screen(make: Make, qtbot: QtBot) -> None:
    dialog = make()
    typed(dialog, "machines", "2")
    qtbot.waitUntil(lambda: dialog.table.model().rowCount() == 4, timeout=WAIT_MS)
    least = dialog.minimumSizeHint()
    assert least.width() <= 1000
    assert least.height() <= 700


def test_that_text_of_twice_the_size_is_never_scrolled_sideways(
    make: Make, qapp: QApplication, themed: theme.Theme
) -> None:
    usual = qapp.font()
    larger = QFont(usual)
    larger.setPointSizeF(20.0)
    qapp.setFont(larger)
    themed.refresh_fonts()
    try:
        dialog = make()
        area = dialog.findChild(QScrollArea, "people-area")
        assert area is not None
        dialog.resize(1024, 700)
        qapp.processEvents()
        assert area.horizontalScrollBar().maximum() == 0
        assert dialog.model.mapTo(area, QPoint()).y() < dialog.sentence.mapTo(area, QPoint()).y()
        assert dialog.chart.height() >= 180
        assert dialog.height() == 700
    finally:
        qapp.setFont(usual)
        themed.refresh_fonts()


# The chart -----------------------------------------------------------------------------------

RISING = tuple((float(people), 5.0 + people**2 / 20) for people in range(0, 40, 2))
PICTURE = PeoplePicture(
    lines=(
        Line(name="1 machine", points=RISING[:10]),
        Line(name="2 machines", points=RISING, low=RISING, high=RISING[:15], asked=True),
        Line(name="2 machines, split", points=RISING[:16], split=True),
    ),
    target=20.0,
    target_words="target 20 s",
    people=12.0,
    people_words="12 people",
    seconds=12.0,
    said="all of it",
)


def colours(chart: PeopleChart) -> Counter[str]:
    image = chart.grab().toImage()
    return Counter(
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_that_what_is_asked_is_drawn_in_the_colour_of_this_machine(
    qtbot: QtBot, scheme: theme.SchemeChoice
) -> None:
    theme.theme().use(scheme)
    chart = PeopleChart()
    qtbot.addWidget(chart)
    chart.resize(700, 300)
    chart.show_picture(PICTURE)
    here = theme.color("here").name()
    assert colours(chart)[here] > 60
    assert chart.accessibleName() == "all of it"
    plain = tuple(replace(line, asked=False, low=(), high=()) for line in PICTURE.lines)
    chart.show_picture(replace(PICTURE, lines=plain, target=None, seconds=None, people=1.0))
    assert colours(chart)[here] == 0
    chart.show_picture(None)
    assert len(colours(chart)) == 1
    assert chart.accessibleName() == ""


# Where it is opened --------------------------------------------------------------------------


def test_that_the_machine_page_asks_for_it(
    qtbot: QtBot, state: AppState, messages: Messages
) -> None:
    page = MachinePage(state, messages)
    qtbot.addWidget(page)
    button = page.findChild(QPushButton, "people")
    assert button is not None
    with qtbot.waitSignal(page.people_asked):
        button.click()


def test_that_a_finished_sweep_asks_for_it(qtbot: QtBot) -> None:
    told = script.result(sweep=swept.result().sweep)
    outcome = Outcome(model="qwen3:8b", plan=standard_plan(), result=told, ending=Ending.RUNNING)
    card = BenchmarkResultCard(outcome)
    qtbot.addWidget(card)
    button = card.findChild(QPushButton, "sweep-people")
    assert button is not None
    assert button.isHidden()
    card.show_outcome(replace(outcome, ending=Ending.DONE))
    assert not button.isHidden()
    with qtbot.waitSignal(card.people_asked) as asked:
        button.click()
    assert asked.args == ["qwen3:8b"]


def test_that_what_fails_is_said(make: Make) -> None:
    dialog = make()
    dialog._on_failed(RuntimeError("the disk is gone"))
    assert dialog.origin.state is State.FAILED
    assert dialog.origin.detail.text() == "the disk is gone"


def test_that_one_person_is_not_called_people() -> None:
    assert words._serves("qwen3:8b", "this machine", 1) == (
        "qwen3:8b on this machine serves about one person"
    )
    assert words._serves("qwen3:8b", "this machine", 2).endswith("about 2 people")
    assert words._people(1) == "one person"
