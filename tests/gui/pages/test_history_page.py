"""History: totals that say what they lack, runs in full, deletion that can be undone, export."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.errors import Unavailable
from landfall.core.events import PowerSample
from landfall.gui import theme
from landfall.gui.app_values import RunningTask
from landfall.gui.history.run_details import RunDetails
from landfall.gui.messages import Action
from landfall.gui.page import PageState
from landfall.gui.pages.history_page import HistoryPage, Tab
from landfall.gui.widgets.numbers import FigureLabel
from landfall.gui.widgets.tables import DataTable, spoken
from landfall.services.records import EgressEntry, RunRecord
from tests.gui.conftest import settle
from tests.gui.pages.backstage import Backstage

HERE = RunRecord(
    started_at="",
    place="local",
    host="http://127.0.0.1:11434",
    model="qwen3:8b",
    engine="Ollama 0.24.0",
    digest="sha256:" + "ab" * 32,
    state="done",
    prompt="Classify this e-mail\nplease",
    answer="complaint",
    done_reason="stop",
    prompt_tokens=1200,
    output_tokens=100,
    ttft_seconds=0.4,
    decode_tok_s=80.0,
    gross_joules=360.0,
    energy_scope="gpu",
    conditions={"context": 8192, "decode_rate": "server counters"},
)
SAMPLES = tuple(PowerSample(5.0 + i / 10, "NVML", "gpu", 100.0 + i) for i in range(20))
BLIND = replace(HERE, gross_joules=None, energy_scope=None, energy_reason="the sensor sleeps")
PAID = replace(
    HERE,
    place="cloud",
    host="api.openai.com",
    engine="OpenAI",
    model="gpt-5-mini",
    gross_joules=None,
    energy_scope=None,
    cost_usd=0.02,
    cost_note="a price table",
)
CUT = replace(
    HERE,
    model="gemma3:4b",
    state="interrupted",
    answer="",
    prompt_tokens=None,
    output_tokens=None,
    decode_tok_s=None,
    gross_joules=None,
    energy_reason="the answer did not come to its end",
)
LINE = EgressEntry(
    at="2026-01-02T03:04:05+00:00",
    host="api.openai.com",
    workload=None,
    sent_bytes=900,
    received_bytes=None,
    why="answer",
    outcome="cut",
)
Make = Callable[[], HistoryPage]


def keep(backstage: Backstage, *runs: RunRecord) -> None:
    """Store these runs, the first being the newest; metered ones with samples."""

    async def store() -> None:
        now = datetime.now(UTC)
        for age, run in reversed(list(enumerate(runs))):
            at = (now - timedelta(days=10 * age, minutes=5)).isoformat(timespec="seconds")
            begun = replace(run, started_at=run.started_at or at)
            begun = replace(begun, id=await backstage.history.add_run(begun))
            await backstage.history.finish_run(begun, SAMPLES if run.gross_joules else ())

    backstage.run(store())


@pytest.fixture
def make(backstage: Backstage, qtbot: QtBot) -> Make:
    def made() -> HistoryPage:
        page = HistoryPage(
            backstage.state, backstage.tasks, backstage.messages, history=backstage.history
        )
        qtbot.addWidget(page)
        page.resize(1080, 800)
        page.show()
        qtbot.waitUntil(lambda: page.state is not PageState.LOADING)
        return page

    return made


def words(widget: QWidget) -> str:
    settle()
    said = [one.text() for one in widget.findChildren(QLabel) if one.isVisible()]
    said += [one.text() for one in widget.findChildren(QAbstractButton) if one.isVisible()]
    return "\n".join(said).replace("\u00a0", " ")


def shown_rows(table: DataTable) -> list[str]:
    model = table.filter
    return [
        " | ".join(spoken(model.index(i, c).data(table.table.CELL)) for c in range(6))
        for i in range(model.rowCount())
    ]


def choose(page: HistoryPage, *rows: int) -> None:
    """Select rows of the table as clicks with Ctrl do."""
    flags = QItemSelectionModel.SelectionFlag
    selection = page.runs.selectionModel()
    selection.clearSelection()
    for i in rows:
        selection.select(page.runs.filter.index(i, 0), flags.Select | flags.Rows)


def press(page: QWidget, name: str) -> None:
    settle()
    next(b for b in page.findChildren(QAbstractButton, name) if b.isVisible()).click()


def total(page: HistoryPage, key: str) -> str:
    figure = page.findChild(FigureLabel, f"total-{key}")
    return f"{figure.accessibleName()} {words(figure)}"


# States


def test_while_it_is_read_the_page_is_loading(backstage: Backstage, qtbot: QtBot) -> None:
    backstage.start(server=False)
    page = HistoryPage(
        backstage.state, backstage.tasks, backstage.messages, history=backstage.history
    )
    qtbot.addWidget(page)
    assert page.state is PageState.LOADING
    assert not page.runs_place.shows_table
    qtbot.waitUntil(lambda: page.state is PageState.EMPTY)


def test_without_a_run_the_way_to_one_is_shown(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    page = make()
    assert page.state is PageState.EMPTY
    assert "Runs appear here" in words(page)
    assert not page.totals.isVisible()
    with qtbot.waitSignal(page.jump) as jumped:
        press(page, "run-now")
    assert jumped.args == ["run", ""]


def test_runs_are_listed_newest_first_with_what_is_not_known_in_words(
    backstage: Backstage, make: Make
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE, PAID, CUT)
    page = make()
    here, paid, cut = shown_rows(page.runs)
    assert here.startswith("Classify this e-mail, qwen3:8b")
    assert "1,200 / 100" in here
    assert "3.60 J/token, measured" in here
    assert "OpenAI" in paid
    assert "about $0.02" in paid
    assert "cut when the program ended" in cut
    assert cut.count("unknown") >= 2
    assert page.state is PageState.READY


def test_a_history_that_cannot_be_read_says_so_and_can_be_tried_again(
    backstage: Backstage, make: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE)

    async def broken(**_options: Any) -> None:
        raise Unavailable("The file is locked.", "Close the other program.")

    with monkeypatch.context() as patch:
        patch.setattr(backstage.history, "runs", broken)
        page = make()
    assert page.state is PageState.FAILED
    assert "The file is locked." in words(page)
    assert backstage.messages.worst is not None
    next(b for b in page.findChildren(QAbstractButton) if b.text() == "Try again").click()
    qtbot.waitUntil(lambda: page.state is PageState.READY)
    assert page.runs_place.shows_table


# Totals


def test_totals_say_what_they_lack(backstage: Backstage, make: Make) -> None:
    backstage.start(server=False)
    keep(backstage, HERE, BLIND, PAID, replace(PAID, cost_usd=None))
    page = make()
    assert page.state is PageState.PARTIAL
    assert "200" in total(page, "tokens")
    assert "2.4 k tokens in" in total(page, "tokens")
    assert "0.1 Wh" in total(page, "energy")
    assert "unknown for 1 of 2 runs" in total(page, "energy")
    assert "$0.02" in total(page, "usd")
    assert "unknown for 1 of 2 runs" in total(page, "usd")


def test_totals_follow_the_filters(backstage: Backstage, make: Make) -> None:
    backstage.start(server=False)
    keep(backstage, HERE, PAID, CUT)
    page = make()
    page.place.setCurrentIndex(3)
    assert [row.split(",")[1].strip()[:10] for row in shown_rows(page.runs)] == ["gpt-5-mini"]
    assert "unknown" in total(page, "tokens")
    assert page.header.sentence.text() == "1 of 3 runs"
    page.place.setCurrentIndex(0)
    page.search.setText("gemma cut")
    assert len(shown_rows(page.runs)) == 1
    page.search.setText("")
    page.period.group.button(0).click()
    assert len(shown_rows(page.runs)) == 1
    assert "no paid answer" in total(page, "usd")


def test_columns_sort_by_value_and_not_by_words(backstage: Backstage, make: Make) -> None:
    backstage.start(server=False)
    keep(backstage, *(replace(HERE, decode_tok_s=rate) for rate in (9.0, 100.0, 20.0)))
    page = make()
    page.runs.sortByColumn(4, Qt.SortOrder.DescendingOrder)
    rates = [row.split(" | ")[4].split(",")[0] for row in shown_rows(page.runs)]
    assert [rate.replace("\u00a0", " ") for rate in rates] == [
        "100 tok/s",
        "20.0 tok/s",
        "9.0 tok/s",
    ]


# One run, two runs


def test_one_run_is_shown_with_its_conditions_texts_and_power(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE)
    page = make()
    choose(page, 0)
    qtbot.waitUntil(lambda: "20 readings" in words(page.details))
    (card,) = page.details.findChildren(RunDetails)
    assert card.findChild(QPlainTextEdit, "detail-answer").toPlainText() == "complaint"
    assert card.findChild(QPlainTextEdit, "detail-prompt").toPlainText() == HERE.prompt
    said = words(card)
    assert "context 8,192, ended by itself" in said
    assert "this machine, Ollama 0.24.0" in said
    assert "360 J, GPU board" in said
    qtbot.waitUntil(lambda: card.slot.chart is not None, timeout=10_000)
    assert "20 readings, 119 W" in card.slot.chart.accessibleName()
    with qtbot.waitSignal(page.jump) as jumped:
        press(card, "open-in-run")
    assert jumped.args == ["run", "qwen3:8b"]


def test_a_run_without_samples_says_why(backstage: Backstage, make: Make, qtbot: QtBot) -> None:
    backstage.start(server=False)
    keep(backstage, BLIND)
    page = make()
    choose(page, 0)
    qtbot.waitUntil(lambda: "No power samples: the sensor sleeps" in words(page.details))


def test_two_runs_are_compared_and_what_differs_is_named(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE, replace(BLIND, decode_tok_s=40.0, engine="Ollama 0.32.15"))
    page = make()
    choose(page, 0, 1)
    settle()
    table = page.details.findChild(DataTable, "compare-table")
    rows = {
        spoken(row[0]): " | ".join(spoken(cell) for cell in row[1:]) for row in table.table.rows
    }
    assert "80.0" in rows["Decode"]
    assert "40.0" in rows["Decode"]
    assert rows["Decode"].endswith("\u221250 %")
    assert rows["Tokens out"].endswith("the same")
    assert rows["Energy, gross"].endswith("not comparable")
    assert "unknown: the sensor sleeps" in rows["Energy, gross"]
    differs = page.details.findChild(QLabel, "compare-differences").text()
    assert differs == "They differ in: engine, energy scope."
    cards = [card for card in page.details.findChildren(RunDetails) if card.isVisible()]
    assert len(cards) == 2
    choose(page)
    assert "Choose a run" in words(page.details)


def test_what_is_chosen_stays_chosen_when_a_run_is_added(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    keep(backstage, replace(HERE, started_at="2026-01-01T00:00:00+00:00"))
    page = make()
    choose(page, 0)
    keep(backstage, PAID)
    backstage.state.set_running((RunningTask(key="run", title="x", detail="", page="run"),))
    qtbot.waitUntil(lambda: page.runs.filter.rowCount() == 2)
    (card,) = [c for c in page.details.findChildren(RunDetails) if c.isVisible()]
    assert card.run.model == "qwen3:8b"


# Deleting


def test_deleted_runs_can_be_brought_back(backstage: Backstage, make: Make, qtbot: QtBot) -> None:
    backstage.start(server=False)
    keep(backstage, HERE, PAID, CUT)
    page = make()
    delete = page.findChild(QAbstractButton, "delete-runs")
    assert not delete.isEnabled()
    assert delete.toolTip() == "Choose a run first."
    choose(page, 0, 2)
    assert delete.text() == "Delete 2 runs"
    with qtbot.waitSignal(backstage.messages.toast_asked) as told:
        delete.click()
    assert told.args is not None
    text, undo = told.args
    assert text == "Deleted 2 runs"
    assert isinstance(undo, Action)
    qtbot.waitUntil(lambda: page.runs.filter.rowCount() == 1)
    assert [run.model for run in backstage.run(backstage.history.runs())] == ["gpt-5-mini"]
    undo.run()
    qtbot.waitUntil(lambda: page.runs.filter.rowCount() == 3)
    back = backstage.run(backstage.history.runs())
    assert [run.model for run in back] == ["qwen3:8b", "gpt-5-mini", "gemma3:4b"]
    assert backstage.run(backstage.history.samples(back[0].id)) == SAMPLES


def test_a_run_that_still_runs_is_not_deleted(backstage: Backstage, make: Make) -> None:
    backstage.start(server=False)
    keep(backstage, replace(CUT, state="running"))
    page = make()
    choose(page, 0)
    delete = page.findChild(QAbstractButton, "delete-runs")
    assert not delete.isEnabled()
    assert delete.toolTip() == "It still runs."


# Exporting


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_what_the_filters_leave_is_exported(
    backstage: Backstage, make: Make, qtbot: QtBot, tmp_path: Path, ending: str
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE, PAID)
    page = make()
    page.search.setText("gpt")
    press(page, "export")
    dialog = page._export.dialog
    assert dialog is not None
    path = tmp_path / f"runs.{ending}"
    with qtbot.waitSignal(backstage.messages.toast_asked) as told:
        dialog.fileSelected.emit(str(path))
    assert told.args is not None
    assert told.args[0] == f"Exported 1 rows to runs.{ending}"
    dialog.close()
    if ending == "csv":
        (row,) = csv.DictReader(path.read_text("utf-8-sig").splitlines())
    else:
        (row,) = json.loads(path.read_text("utf-8"))["runs"]
    assert row["model"] == "gpt-5-mini"


def test_nothing_to_export_is_said(backstage: Backstage, make: Make) -> None:
    backstage.start(server=False)
    page = make()
    export = page.findChild(QAbstractButton, "export")
    assert not export.isEnabled()
    assert export.toolTip() == "There is nothing to export."


# What left


def test_the_egress_log_lists_where_how_much_and_why(backstage: Backstage, make: Make) -> None:
    backstage.start(server=False)
    backstage.run(backstage.history.record_egress(LINE))
    page = make()
    page.open_at("egress")
    assert page.tabs.current == Tab.EGRESS
    (row,) = shown_rows(page.egress)
    assert row.startswith("api.openai.com, answer")
    assert "900 B" in row.replace("\u00a0", " ")
    assert "unknown" in row
    assert row.endswith("cut")
    assert page.header.sentence.text() == "1 lines, the latest first"


def test_nothing_left_is_said_as_a_fact(backstage: Backstage, make: Make) -> None:
    backstage.start(server=False)
    keep(backstage, HERE)
    page = make()
    page.open_at("egress")
    assert "Nothing has left this machine" in words(page)


# The page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_narrow_window_in_both_themes(
    backstage: Backstage, make: Make, scheme: Any
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE, PAID)
    theme.theme().use(scheme)
    page = make()
    page.resize(824, 640)
    choose(page, 0, 1)
    settle()
    inner = page.widget()
    assert inner is not None
    assert inner.width() <= 824


def test_every_control_has_a_name_for_ears(backstage: Backstage, make: Make) -> None:
    backstage.start(server=False)
    keep(backstage, HERE)
    page = make()
    choose(page, 0)
    settle()
    controls = [one for one in page.findChildren(QWidget) if one.isVisible()]
    controls = [one for one in controls if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert len(controls) > 8
    nameless = [
        one
        for one in controls
        if not one.accessibleName() and not (isinstance(one, QAbstractButton) and one.text())
    ]
    assert nameless == []
