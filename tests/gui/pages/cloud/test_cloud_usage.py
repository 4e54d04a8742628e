"""Usage on the Cloud page: looked at before it is kept, told apart, made into workloads."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QDate, QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from landfall.core.errors import DiskFull, NetworkUnavailable
from landfall.core.usage.rows import DAY_SECONDS, Read, UsageRow
from landfall.core.workload.workload import Task
from landfall.gui import theme
from landfall.gui.cloud import usage_doings, usage_proposals
from landfall.gui.cloud.usage_fetch import UsageFetch
from landfall.gui.cloud.usage_import_dialog import UsageImportDialog
from landfall.gui.cloud.usage_mapping import UsageMapping
from landfall.gui.cloud.usage_problems import UsageProblems
from landfall.gui.cloud.usage_rows import read_columns
from landfall.gui.cloud.usage_workloads import UsageWorkloads
from landfall.gui.page import PageState
from landfall.gui.pages.cloud_page import CloudPage
from landfall.gui.widgets.cells import spoken
from landfall.gui.widgets.day_bars import DayBars
from landfall.gui.widgets.feedback import Skeleton
from landfall.gui.widgets.tables import DataTable
from landfall.services.usage.gathered import Gathered
from landfall.services.usage.imports import ReadSource
from landfall.services.usage_files.mapping import MEANINGS
from tests.gui.conftest import active_timers, settle
from tests.gui.pages.cloud_stage import CloudStage
from tests.gui.seen import words

Open = Callable[[], CloudPage]
D = TypeVar("D", bound=QDialog)

HEAD = "date,provider,model,requests,input_tokens,cached_input_tokens,output_tokens,cost\n"
ROWS = (
    "2026-05-01,openai,gpt-4o,100,400000,100000,50000,1.625\n"
    "2026-05-02,openai,gpt-4o-mini,900,900000,0,90000,0.19\n"
    "2026-05-04,openai,gpt-4o,120,480000,120000,60000,1.95\n"
)
LEDGER = (
    "Wann;Was;Wieviele;Rein;Raus\n01.05.2026;gpt-4o;12;1.200;300\n02.05.2026;gpt-4o;14;1.400;310\n"
)


@pytest.fixture
def opened(stage: CloudStage, qtbot: QtBot) -> Open:
    """The page with its tab of usage, read."""

    def open_() -> CloudPage:
        page = stage.page()
        qtbot.addWidget(page)
        page.resize(1080, 900)
        page.open_at("usage")
        page.show()
        qtbot.waitUntil(lambda: page.state is not PageState.LOADING, timeout=10_000)
        return page

    return open_


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "usage.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    return path


def lines(widget: QWidget, name: str) -> list[str]:
    table = widget.findChild(DataTable, name)
    assert table is not None, name
    return [" | ".join(spoken(c) for c in row).replace("\u00a0", " ") for row in table.table.rows]


def press(widget: QWidget, name: str) -> QPushButton:
    found = widget.findChild(QPushButton, name)
    assert found is not None, name
    assert found.isEnabled(), found.toolTip()
    found.click()
    return found


def dialog(page: QWidget, kind: type[D], qtbot: QtBot) -> D:
    """The one that is open, or that comes."""

    def shown() -> list[D]:
        return [one for one in page.findChildren(kind) if one.isVisible()]

    qtbot.waitUntil(lambda: bool(shown()), timeout=10_000)
    return shown()[0]


def bring(page: CloudPage, qtbot: QtBot, *paths: Path) -> UsageImportDialog:
    """Choose files, and wait until they were looked at."""
    page.usage.bring([str(path) for path in paths])
    shown = dialog(page, UsageImportDialog, qtbot)
    qtbot.waitUntil(lambda: not shown.importing.busy, timeout=20_000)
    return shown


def keep(page: CloudPage, qtbot: QtBot, *paths: Path) -> None:
    shown = bring(page, qtbot, *paths)
    press(shown, "usage-keep")
    qtbot.waitUntil(lambda: page.state in {PageState.READY, PageState.PARTIAL}, timeout=20_000)
    qtbot.waitUntil(lambda: lines(page, "usage-sums") != [], timeout=20_000)


def kept(stage: CloudStage) -> Any:
    return stage.run(stage.history.usage.imports())


# The tab


def test_that_it_is_a_skeleton_until_it_is_read(stage: CloudStage, qtbot: QtBot) -> None:
    page = stage.page()
    qtbot.addWidget(page)
    page.open_at("usage")
    assert page.state is PageState.LOADING
    assert page.usage_tab.findChildren(Skeleton)
    assert page.header.sentence.text() == "Reading what was imported"


def test_that_nothing_imported_says_what_can_be(opened: Open) -> None:
    page = opened()
    assert page.state is PageState.EMPTY
    said = words(page)
    assert "What did you really use?" in said
    assert "Claude Code" in said
    assert "Prompts and answers are never kept" in said
    assert not page.make.isVisible()


def test_that_usage_is_told_apart_and_held_against_the_bill(
    opened: Open, qtbot: QtBot, file: Path
) -> None:
    page = opened()
    keep(page, qtbot, file)
    assert "3 days with a log, from one import" in words(page.header)
    assert "CSV with named columns, imported" in lines(page, "usage-imports")[0]
    dear, cheap = lines(page, "usage-sums")
    assert dear.startswith("gpt-4o, openai, 2 days | 220, measured")
    assert "$3.58" in dear or "$3.57" in dear
    assert cheap.startswith("gpt-4o-mini, openai, one day | 900, measured")
    for name in ("calls", "input", "output", "billed", "recomputed", "difference"):
        figure = page.findChild(QWidget, f"usage-{name}")
        assert figure is not None
        assert "unknown" not in figure.accessibleName(), figure.accessibleName()
    assert "1,120" in page.usage_tab.figures.labels["calls"].accessibleName()


def test_that_a_day_without_a_log_is_said_to_have_none(
    opened: Open, qtbot: QtBot, file: Path
) -> None:
    page = opened()
    keep(page, qtbot, file)
    bars = page.usage_tab.bars.bars
    assert [bar.absent for bar in bars] == [False, False, True, False]
    assert "no log" in bars[2].spoken
    assert "$1.62 at providers" in bars[0].spoken or "$1.63 at providers" in bars[0].spoken
    page.usage_tab.bars.setFocus()
    qtbot.keyClick(page.usage_tab.bars, Qt.Key.Key_Home)
    qtbot.keyClick(page.usage_tab.bars, Qt.Key.Key_Right)
    qtbot.keyClick(page.usage_tab.bars, Qt.Key.Key_Right)
    assert "no log" in page.usage_tab.pointed.text()


def test_that_days_and_measures_can_be_looked_at(opened: Open, qtbot: QtBot, file: Path) -> None:
    page = opened()
    keep(page, qtbot, file)
    page.usage_tab.by.choose(4)
    qtbot.waitUntil(lambda: len(lines(page, "usage-sums")) == 3)
    page.usage_tab.measure.setCurrentIndex(2)
    qtbot.waitUntil(lambda: "100 at providers" in page.usage_tab.bars.bars[0].spoken)
    page.usage_tab.by.choose(1)
    qtbot.waitUntil(lambda: any("No key told" in line for line in lines(page, "usage-sums")))


def test_that_an_import_is_taken_back_and_brought_again_whole(
    stage: CloudStage, opened: Open, qtbot: QtBot, file: Path
) -> None:
    page = opened()
    keep(page, qtbot, file)
    table = page.findChild(DataTable, "usage-imports")
    assert table is not None
    before = stage.run(stage.history.usage.daily())
    table.select(0)
    with qtbot.waitSignal(stage.messages.toast_asked) as toast:
        press(page, "usage-take-back")
    said, undo = toast.args
    assert said.startswith("Took back 3 rows of ")
    qtbot.waitUntil(lambda: page.state is PageState.EMPTY)
    assert kept(stage) == ()
    undo.run()
    qtbot.waitUntil(lambda: page.state is PageState.READY)
    assert stage.run(stage.history.usage.daily()) == before
    # Its rows are known again: the same file has nothing new.
    again = bring(page, qtbot, file)
    assert "All 3 rows were there already" in words(again)
    assert not again.reasons.isVisible()


def test_that_a_history_that_cannot_be_read_is_said(stage: CloudStage, opened: Open) -> None:
    stage.run(stage.history._database.run(lambda c: c.execute("DROP TABLE usage_costs")))
    page = opened()
    assert page.state is PageState.FAILED
    assert "could not be read" in words(page)
    assert "Try again" in words(page)
    assert not page.make.isVisible()


# The import


def test_that_nothing_is_kept_before_keep_is_pressed(
    stage: CloudStage, opened: Open, qtbot: QtBot, file: Path
) -> None:
    page = opened()
    shown = bring(page, qtbot, file)
    assert "usage.csv" in lines(shown, "usage-sources")[0]
    assert len(lines(shown, "usage-first-rows")) == 3
    assert shown.keep.text() == "Keep 3 rows"
    assert "3 of 3 rows are new" in words(shown)
    assert kept(stage) == ()
    shown.reject()
    assert kept(stage) == ()


def test_that_the_same_file_again_has_nothing_new(
    stage: CloudStage, opened: Open, qtbot: QtBot, file: Path
) -> None:
    page = opened()
    keep(page, qtbot, file)
    shown = bring(page, qtbot, file)
    assert "All 3 rows were there already" in words(shown)
    assert "nothing new, all were there" in lines(shown, "usage-sources")[0]
    assert not shown.keep.isEnabled()
    assert shown.keep.toolTip() == "There is nothing new to keep."
    assert len(kept(stage)) == 1


def test_that_problems_are_listed_with_line_and_column_and_good_rows_are_kept(
    stage: CloudStage, opened: Open, qtbot: QtBot, file: Path
) -> None:
    file.write_text(HEAD + ROWS + "2026-05-05,openai,gpt-4o,many,1,1,1,1\n", encoding="utf-8")
    page = opened()
    shown = bring(page, qtbot, file)
    shown.view.choose(1)
    (problem,) = lines(shown, "usage-problems")
    assert problem.startswith("5 | requests | ")
    press(shown, "usage-copy-problems")
    assert "line 5, requests" in QGuiApplication.clipboard().text()
    press(shown, "usage-keep")
    qtbot.waitUntil(lambda: page.state is PageState.PARTIAL, timeout=20_000)
    (there,) = kept(stage)
    assert (there.kept, there.problem_count) == (3, 1)
    table = page.findChild(DataTable, "usage-imports")
    assert table is not None
    table.select(0)
    press(page, "usage-show-problems")
    details = dialog(page, UsageProblems, qtbot)
    assert "One row of usage.csv could not be used" in words(details)
    assert lines(details, "kept-problems")[0].startswith("5 | requests")
    press(details, "kept-problems-copy")
    assert "line 5, requests" in QGuiApplication.clipboard().text()
    press(details, "kept-problems-close")


def test_that_a_file_that_is_none_stands_beside_those_that_are(
    opened: Open, qtbot: QtBot, file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "letter.txt"
    other.write_text("Dear Sir,\nno usage here.\n", encoding="utf-8")
    page = opened()
    shown = bring(page, qtbot, other, file)
    first, second = lines(shown, "usage-sources")
    assert "not understood" in first
    assert "| 3 | 3 |" in second
    shown.sources.select(0)
    assert "no usage file of a known format" in words(shown)
    assert shown.keep.text() == "Keep 3 rows"
    press(shown, "usage-leave-out")
    qtbot.waitUntil(lambda: len(lines(shown, "usage-sources")) == 1)
    qtbot.waitUntil(lambda: not shown.importing.busy)
    press(shown, "usage-leave-out")
    qtbot.waitUntil(lambda: lines(shown, "usage-sources") == [])
    assert "Nothing is chosen yet" in words(shown)


def test_that_a_file_can_be_read_as_another_format(opened: Open, qtbot: QtBot, file: Path) -> None:
    page = opened()
    shown = bring(page, qtbot, file)
    choice = shown.findChild(QComboBox, "usage-format")
    assert choice is not None
    index = choice.findData("openai_cost_csv") if choice.findData("openai_cost_csv") > 0 else 1
    choice.setCurrentIndex(index)
    choice.activated.emit(index)
    qtbot.waitUntil(lambda: "not understood" in lines(shown, "usage-sources")[0], timeout=10_000)
    assert "Nothing of it could be understood" in words(shown)


def test_that_a_full_disk_is_said_and_nothing_is_kept(
    stage: CloudStage, opened: Open, qtbot: QtBot, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened()
    shown = bring(page, qtbot, file)

    def full(*_given: object) -> None:
        raise DiskFull("There is no room left.", "Free some.")

    monkeypatch.setattr("landfall.services.usage.kept.add", full)
    press(shown, "usage-keep")
    qtbot.waitUntil(lambda: "There is no room left." in words(shown), timeout=10_000)
    assert shown.isVisible()
    assert kept(stage) == ()


def test_that_a_reading_can_be_stopped(
    stage: CloudStage, opened: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    big = tmp_path / "big.csv"
    with big.open("w", encoding="utf-8") as out:
        out.write(HEAD)
        for i in range(120_000):
            out.write(f"2026-05-{1 + i % 28:02d},openai,gpt-4o,1,{i},0,10,0.01\n")
    page = opened()
    page.usage.bring([str(big)])
    shown = dialog(page, UsageImportDialog, qtbot)
    seen: list[Any] = []
    shown.importing.progressed.connect(seen.append)
    qtbot.waitUntil(lambda: len(seen) > 0, timeout=20_000)
    assert seen[-1].total_bytes == big.stat().st_size
    press(shown, "usage-import-stop")
    qtbot.waitUntil(lambda: not shown.importing.busy, timeout=20_000)
    assert "Stopped. Nothing was kept." in words(shown)
    assert kept(stage) == ()
    shown.reject()
    qtbot.waitUntil(lambda: active_timers() == [])


def test_that_files_are_taken_by_dropping_them(opened: Open, qtbot: QtBot, file: Path) -> None:
    page = opened()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    action, button, key = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter = QDragEnterEvent(QPoint(5, 5), action, data, button, key)
    page.dragEnterEvent(enter)
    assert enter.isAccepted()
    page.dropEvent(QDropEvent(QPoint(5, 5), action, data, button, key))
    shown = dialog(page, UsageImportDialog, qtbot)
    qtbot.waitUntil(lambda: not shown.importing.busy, timeout=20_000)
    # Dropped on the dialog, it is not taken twice.
    shown.dropEvent(QDropEvent(QPoint(5, 5), action, data, button, key))
    assert len(shown.importing.choices) == 1
    text = QMimeData()
    text.setText("no file")
    nothing = QDragEnterEvent(QPoint(5, 5), action, text, button, key)
    nothing.ignore()
    page.dragEnterEvent(nothing)
    assert not nothing.isAccepted()


# The columns of an unknown file


def mean(shown: UsageMapping, **columns: int) -> None:
    """Give columns their meanings, as a user does."""
    for meaning, at in columns.items():
        choice = shown.meanings[at]
        choice.setCurrentIndex(1 + MEANINGS.index(meaning))
        choice.activated.emit(choice.currentIndex())


def test_that_columns_are_named_tried_and_remembered(
    stage: CloudStage, opened: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger.csv"
    ledger.write_text(LEDGER, encoding="utf-8")
    page = opened()
    shown = bring(page, qtbot, ledger)
    assert "not understood" in lines(shown, "usage-sources")[0]
    press(shown, "usage-map-columns")
    naming = dialog(page, UsageMapping, qtbot)
    qtbot.waitUntil(lambda: len(naming.meanings) == 5)
    assert "Still to say: which column tells the time" in words(naming)
    assert not naming.apply.isEnabled()
    mean(naming, time=0, model=1, requests=2, input_tokens=3, output_tokens=4)
    qtbot.waitUntil(naming.apply.isEnabled)
    assert "| 12 | 1,200 |" in lines(naming, "mapping-rows")[0]
    naming.provider.setText("openai")
    naming.provider.editingFinished.emit()
    qtbot.waitUntil(lambda: naming.apply.isEnabled() and "openai" in words(naming))
    press(naming, "mapping-apply")
    qtbot.waitUntil(shown.keep.isEnabled, timeout=10_000)
    assert shown.keep.text() == "Keep 2 rows"
    press(shown, "usage-keep")
    qtbot.waitUntil(lambda: page.state is not PageState.EMPTY, timeout=20_000)
    assert len(kept(stage)) == 1
    ledger.write_text(LEDGER + "03.05.2026;gpt-4o;9;900;200\n", encoding="utf-8")
    again = bring(page, qtbot, ledger)
    assert again.keep.text() == "Keep one row"
    press(again, "usage-map-columns")
    second = dialog(page, UsageMapping, qtbot)
    qtbot.waitUntil(lambda: second.provider.text() == "openai")
    qtbot.waitUntil(lambda: "As it was said before" in words(second))
    second.reject()
    again.reject()


def test_that_a_meaning_belongs_to_one_column_and_a_wrong_zone_is_said(
    opened: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger.csv"
    ledger.write_text(LEDGER, encoding="utf-8")
    page = opened()
    shown = bring(page, qtbot, ledger)
    press(shown, "usage-map-columns")
    naming = dialog(page, UsageMapping, qtbot)
    qtbot.waitUntil(lambda: len(naming.meanings) == 5)
    mean(naming, time=0, output_tokens=3)
    mean(naming, output_tokens=4)
    naming.includes.setChecked(True)
    assert naming.mapping.input_includes_cached
    assert naming.mapping.columns == {"time": "Wann", "output_tokens": "Raus"}
    naming.zone.setCurrentText("Middle/Earth")
    naming.on_change()
    assert "no time zone" in words(naming)
    assert not naming.apply.isEnabled()
    naming.reject()
    shown.reject()


# A provider


async def told(*_given: object, **_named: object) -> AsyncGenerator[Read, None]:
    for day in (1, 2):
        yield UsageRow(
            at=f"2026-05-0{day}T00:00:00Z",
            span_seconds=DAY_SECONDS,
            provider="openai",
            model="gpt-4o",
            requests=5,
            input_tokens=100.0,
            output_tokens=10.0,
            identity=f"day-{day}",
        )


def test_that_a_provider_is_asked_for_days_and_kept_only_then(
    stage: CloudStage, opened: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    def fetch(_access: object, row: Any, **named: Any) -> AsyncGenerator[Read, None]:
        asked.append({"provider": row.id} | named)
        return told()

    monkeypatch.setattr(usage_doings, "fetch_usage", fetch)
    stage.has_key("openai-usage", "sk-admin-PLANTED-0123456789abcdef")
    page = opened()
    press(page, "usage-fetch-first")
    choosing = dialog(page, UsageFetch, qtbot)
    assert choosing.provider.currentText() == "OpenAI"
    choosing.since.setDate(QDate(2026, 5, 1))
    choosing.until.setDate(QDate(2026, 4, 1))
    assert "The first day is after the last" in words(choosing)
    assert not choosing.ask.isEnabled()
    choosing.until.setDate(QDate(2026, 5, 2))
    assert "2 days of OpenAI" in words(choosing)
    assert stage.api.requests == []
    press(choosing, "fetch-ask")
    shown = dialog(page, UsageImportDialog, qtbot)
    qtbot.waitUntil(lambda: not shown.importing.busy, timeout=10_000)
    assert asked == [{"provider": "openai", "since": date(2026, 5, 1), "until": date(2026, 5, 2)}]
    assert not shown.format.isEnabled()
    assert kept(stage) == ()
    press(shown, "usage-keep")
    qtbot.waitUntil(lambda: len(kept(stage)) == 1, timeout=10_000)
    assert (kept(stage)[0].source, kept(stage)[0].kept) == ("provider", 2)
    assert len(asked) == 1


def test_that_a_provider_without_its_key_leads_to_it(opened: Open, qtbot: QtBot) -> None:
    page = opened()
    press(page, "usage-fetch-first")
    choosing = dialog(page, UsageFetch, qtbot)
    assert "which is not stored" in words(choosing)
    assert not choosing.ask.isEnabled()
    choosing.line.triggered.emit()
    qtbot.waitUntil(page.providers_tab.isVisible)
    # OpenAI has a key of its own for it.
    field = page.findChild(QLineEdit, "usage-key-field")
    assert field is not None
    qtbot.waitUntil(field.isVisible)


def test_that_half_of_an_answer_is_not_taken_for_all_of_it(stage: CloudStage) -> None:
    async def breaks() -> AsyncGenerator[Read, None]:
        async for read in told():
            yield read
        raise NetworkUnavailable("The line is dead.", "Try again.")

    async def read_twice() -> tuple[list[Read], list[str]]:
        gathered = Gathered(breaks())
        came: list[Read] = []
        errors = []
        for _ in range(2):
            try:
                async for read in gathered:
                    came.append(read)
            except NetworkUnavailable as error:
                errors.append(error.message)
        return came, errors

    came, errors = stage.run(read_twice())
    assert len(came) == 4
    assert errors == ["The line is dead."] * 2
    source = ReadSource(name="openai", format="x", reads=Gathered(told()))
    assert source.name == "openai"


# Workloads


def test_that_usage_becomes_workloads_that_the_user_changed(
    stage: CloudStage, opened: Open, qtbot: QtBot, file: Path
) -> None:
    page = opened()
    keep(page, qtbot, file)
    press(page, "make-workloads")
    shown = dialog(page, UsageWorkloads, qtbot)
    qtbot.waitUntil(lambda: len(lines(shown, "proposals")) == 2, timeout=10_000)
    assert shown.make.text() == "Make 2 workloads"
    shown.table.selectRow(0)
    shown.name.setText("Support answers")
    shown.name.editingFinished.emit()
    index = list(Task).index(Task.SUMMARY)
    shown.task.setCurrentIndex(index)
    shown.task.activated.emit(index)
    assert lines(shown, "proposals")[0].startswith("Support answers")
    shown.table.selectRow(1)
    press(shown, "proposal-turn")
    assert "left out" in lines(shown, "proposals")[1]
    with qtbot.waitSignal(page.jump, timeout=10_000) as jump:
        press(shown, "proposals-make")
    assert jump.args == ["workloads", "stored:Support answers"]
    assert stage.decided == ["again"]
    (made,) = stage.run(stage.history.workloads())
    assert made.name == "Support answers"
    assert 'task = "summary"' in made.toml


def test_that_enter_in_the_name_of_a_proposal_takes_the_name_and_stores_nothing(
    stage: CloudStage, opened: Open, qtbot: QtBot, file: Path
) -> None:
    page = opened()
    keep(page, qtbot, file)
    press(page, "make-workloads")
    shown = dialog(page, UsageWorkloads, qtbot)
    qtbot.waitUntil(lambda: len(lines(shown, "proposals")) == 2, timeout=10_000)
    shown.name.setFocus()
    shown.name.selectAll()
    QTest.keyClicks(shown.name, "Support answers")
    QTest.keyClick(shown.name, Qt.Key.Key_Return)
    qtbot.wait(300)
    assert lines(shown, "proposals")[0].startswith("Support answers")
    assert shown.isVisible()
    assert stage.run(stage.history.workloads()) == ()
    # Where the focus is elsewhere, Enter presses what is marked to be pressed.
    shown.task.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(stage.run(stage.history.workloads())) == 2, timeout=10_000)


def test_that_proposals_are_put_together_and_told_apart_again(
    opened: Open, qtbot: QtBot, file: Path
) -> None:
    page = opened()
    keep(page, qtbot, file)
    press(page, "make-workloads")
    shown = dialog(page, UsageWorkloads, qtbot)
    qtbot.waitUntil(lambda: len(lines(shown, "proposals")) == 2, timeout=10_000)
    shown.table.selectAll()
    press(shown, "proposal-merge")
    (one,) = lines(shown, "proposals")
    assert "and 1 more" in one
    assert shown.make.text() == "Make one workload"
    press(shown, "proposal-split")
    assert len(lines(shown, "proposals")) == 2
    shown.table.selectAll()
    press(shown, "proposal-turn")
    assert not shown.make.isEnabled()
    assert shown.make.toolTip() == "Nothing is chosen."
    shown.table.selectAll()
    assert shown.turn.text() == "Take in"
    press(shown, "proposal-turn")
    shown.table.selectRow(1)
    shown.name.setText(shown.lines[0].proposal.name)
    shown.name.editingFinished.emit()
    assert "stands twice" in words(shown)
    assert not shown.make.isEnabled()
    shown.by.choose(4)
    qtbot.waitUntil(lambda: "hours" in lines(shown, "proposals")[0], timeout=10_000)
    shown.reject()


def test_that_a_workload_that_is_there_is_updated_and_that_is_said(
    stage: CloudStage, opened: Open, qtbot: QtBot, file: Path
) -> None:
    page = opened()
    keep(page, qtbot, file)
    for _ in range(2):
        press(page, "make-workloads")
        shown = dialog(page, UsageWorkloads, qtbot)
        qtbot.waitUntil(lambda shown=shown: len(lines(shown, "proposals")) == 2, timeout=10_000)
        said = words(shown)
        with qtbot.waitSignal(page.jump, timeout=10_000):
            press(shown, "proposals-make")
    assert "2 of them are there already" in said
    assert "updated, is there already" in said
    assert len(stage.run(stage.history.workloads())) == 2


# Form


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_that_all_of_it_paints_in_both_schemes_and_has_names(
    *,
    opened: Open,
    qtbot: QtBot,
    file: Path,
    themed: theme.Theme,
    scheme: theme.SchemeChoice,
) -> None:
    page = opened()
    keep(page, qtbot, file)
    themed.use(scheme)
    press(page, "make-workloads")
    making = dialog(page, UsageWorkloads, qtbot)
    qtbot.waitUntil(lambda: len(lines(making, "proposals")) == 2, timeout=10_000)
    seen: list[QWidget] = [page, making]
    seen.append(bring(page, qtbot, file))
    for widget in seen:
        assert not widget.grab().isNull()
        controls = [
            *widget.findChildren(QPushButton),
            *widget.findChildren(QLineEdit),
            *widget.findChildren(QComboBox),
            *widget.findChildren(DataTable),
        ]
        shown = [c for c in controls if c.isVisible()]
        named = [c.accessibleName() or getattr(c, "text", str)() for c in shown]
        assert all(named), [c.objectName() for c in shown]
        assert [c.objectName() for c in shown if not c.isEnabled() and not c.toolTip()] == []
    for opened_dialog in page.findChildren(QDialog):
        opened_dialog.reject()
    qtbot.waitUntil(lambda: active_timers() == [])


@pytest.mark.parametrize("width", [824, 1720])
def test_that_nothing_is_cut_off_at_the_side(
    opened: Open, qtbot: QtBot, file: Path, width: int
) -> None:
    page = opened()
    keep(page, qtbot, file)
    page.resize(width, 700)
    settle()
    inner = page.widget()
    assert inner is not None
    assert inner.minimumSizeHint().width() <= 768


def test_that_usage_without_a_bill_opens_on_what_its_tokens_cost_and_says_so_once(
    opened: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    page = opened()
    unbilled = tmp_path / "unbilled.csv"
    unbilled.write_text(
        HEAD.replace(",cost", "") + "".join(f"{row.rpartition(',')[0]}\n" for row in ROWS.split()),
        encoding="utf-8",
    )
    keep(page, qtbot, unbilled)
    measure = page.findChild(QComboBox, "usage-measure")
    assert measure is not None
    assert measure.currentText() == "From tokens and prices"
    said = words(page)
    assert said.count("The sources name no billed amount") == 1
    assert "No source says what was charged" not in said


def weekdays(path: Path) -> Path:
    """Three weeks of a file that names no provider and has no row on any weekend."""
    days = [date(2026, 6, 1) + timedelta(days=at) for at in range(19)]
    rows = [f"{day},gpt-5.5,10,9000,900\n" for day in days if day.weekday() < 5]
    path.write_text("date,model,requests,input_tokens,output_tokens\n" + "".join(rows))
    return path


def test_that_days_of_the_week_that_are_never_worked_are_said_where_they_lower_a_mean(
    opened: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    page = opened()
    keep(page, qtbot, weekdays(tmp_path / "weekdays.csv"))
    bars = page.findChild(DayBars, "usage-bars")
    assert bars is not None
    assert len(bars.bars) == 19
    assert not any(one.absent for one in bars.bars)
    press(page, "make-workloads")
    shown = dialog(page, UsageWorkloads, qtbot)
    qtbot.waitUntil(lambda: len(lines(shown, "proposals")) == 1, timeout=10_000)
    assert "19 days" in lines(shown, "proposals")[0]
    assert shown.off.isVisibleTo(shown)
    assert "Saturday, Sunday" in shown.off.text()


def test_that_usage_without_any_price_says_why_and_opens_on_what_is_known(
    opened: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    page = opened()
    shown = bring(page, qtbot, weekdays(tmp_path / "weekdays.csv"))
    said = shown.reasons.text()
    assert "no provider is named for 'gpt-5.5'" in said
    assert "\u201cName the columns\u2026\u201d takes the provider" in said
    press(shown, "usage-keep")
    qtbot.waitUntil(lambda: lines(page, "usage-sums") != [], timeout=20_000)
    assert "no provider is named for 'gpt-5.5'" in words(page)
    measure = page.findChild(QComboBox, "usage-measure")
    assert measure is not None
    assert measure.currentText() == "Calls"


def test_that_usage_with_a_bill_opens_on_it(opened: Open, file: Path, qtbot: QtBot) -> None:
    page = opened()
    keep(page, qtbot, file)
    measure = page.findChild(QComboBox, "usage-measure")
    assert measure is not None
    assert measure.currentText() == "Billed"


def test_that_usage_is_shown_whole_and_not_without_its_rows(
    opened: Open, file: Path, qtbot: QtBot
) -> None:
    page = opened()
    tab, rows_when_shown = page.usage_tab, list[int]()

    def look() -> None:
        if not tab.content.isHidden():
            rows_when_shown.append(len(lines(page, "usage-sums")))

    tab.changed.connect(look)
    keep(page, qtbot, file)
    qtbot.waitUntil(lambda: bool(rows_when_shown), timeout=10_000)
    assert rows_when_shown[0] == 2


def test_that_tokens_in_are_the_fresh_ones_in_every_table_of_usage() -> None:
    assert [column.title for column in read_columns()][3] == "In, fresh"
    cell = usage_proposals._tokens(1_000.0, 2_000.0, 133.0)
    said = spoken(cell).replace("\u00a0", " ")
    assert "1,000 in, fresh" in said
    assert "2,000 cached" in said
