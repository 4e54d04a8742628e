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

from landfall.core.benchmark.benchmark import (
    BenchKind,
    BenchmarkResult,
    BenchPlan,
    BenchPrompt,
    PartResult,
    Spread,
    Sweep,
)
from landfall.core.benchmark.data import as_data
from landfall.core.errors import BadInput, Unavailable
from landfall.core.events import PowerSample
from landfall.core.provenance import Measured
from landfall.gui import theme
from landfall.gui.app_values import RunningTask
from landfall.gui.history.asked import NO_WORKLOAD
from landfall.gui.history.run_details import RunDetails
from landfall.gui.messages import Action
from landfall.gui.page import PageState
from landfall.gui.pages.history_page import HistoryPage, Tab
from landfall.gui.widgets.cells import spoken
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.numbers import FigureLabel
from landfall.gui.widgets.tables import DataTable
from landfall.services.history.records import BenchmarkRecord, EgressEntry, RunRecord
from tests.gui.conftest import settle
from tests.gui.pages.backstage import Backstage
from tests.gui.seen import words
from tests.gui.still import watched

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
FULL = replace(
    HERE,
    gross_joules=300.0,
    net_joules=240.0,
    idle_watts=28.0,
    prefill_joules=40.0,
    decode_joules=250.0,
    energy_grade="rough",
    energy_error_share=0.06,
    shared_with=2,
    electricity_cost=0.0012,
    electricity_currency="EUR",
    client_decode_tok_s=79.0,
    thinking="I see.",
    thinking_tokens=30,
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
            await backstage.history.keep_run(begun, SAMPLES if run.gross_joules else ())

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


def test_that_nothing_shown_of_the_history_moves_when_it_is_read(
    backstage: Backstage, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE, PAID)
    page = HistoryPage(
        backstage.state, backstage.tasks, backstage.messages, history=backstage.history
    )
    qtbot.addWidget(page)
    page.resize(1080, 800)
    page.show()
    with watched(page) as moves:
        qtbot.waitUntil(lambda: page.state is not PageState.LOADING)
    assert page.runs.details.isVisible()
    assert moves.told == []


def shown_rows(table: DataTable, columns: int = 6) -> list[str]:
    model = table.filter
    return [
        " | ".join(spoken(model.index(i, c).data(table.table.CELL)) for c in range(columns))
        for i in range(model.rowCount())
    ]


def choose(page: HistoryPage, *rows: int) -> None:
    """Select rows of the table as clicks with Ctrl do."""
    flags = QItemSelectionModel.SelectionFlag
    selection = page.runs.table.selectionModel()
    selection.clearSelection()
    for i in rows:
        selection.select(page.runs.table.filter.index(i, 0), flags.Select | flags.Rows)


def press(page: QWidget, name: str) -> None:
    settle()
    next(b for b in page.findChildren(QAbstractButton, name) if b.isVisible()).click()


def total(page: HistoryPage, key: str) -> str:
    figure = page.findChild(FigureLabel, f"total-{key}")
    return f"{figure.accessibleName()}\n{figure.text}".replace("\u00a0", " ")


# States


def test_while_it_is_read_the_page_is_loading(backstage: Backstage, qtbot: QtBot) -> None:
    backstage.start(server=False)
    page = HistoryPage(
        backstage.state, backstage.tasks, backstage.messages, history=backstage.history
    )
    qtbot.addWidget(page)
    assert page.state is PageState.LOADING
    assert not page.runs.place.shows_table
    qtbot.waitUntil(lambda: page.state is PageState.EMPTY)


def test_without_a_run_the_way_to_one_is_shown(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    page = make()
    assert page.state is PageState.EMPTY
    assert "Runs appear here" in words(page)
    with qtbot.waitSignal(page.jump) as jumped:
        press(page, "run-now")
    assert jumped.args == ["run", ""]


def test_runs_are_listed_newest_first_with_what_is_not_known_in_words(
    backstage: Backstage, make: Make
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE, PAID, CUT)
    page = make()
    here, paid, cut = shown_rows(page.runs.table)
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
        patch.setattr(backstage.history, "listed_runs", broken)
        page = make()
    assert page.state is PageState.FAILED
    assert "The file is locked." in words(page)
    assert backstage.messages.worst is not None
    next(b for b in page.findChildren(QAbstractButton) if b.text() == "Try again").click()
    qtbot.waitUntil(lambda: page.state is PageState.READY)
    assert page.runs.place.shows_table


# Filters


def test_filters_leave_what_is_asked_for(backstage: Backstage, make: Make) -> None:
    backstage.start(server=False)
    keep(backstage, replace(HERE, workload="mail"), PAID, CUT)
    page = make()
    page.filters.place.setCurrentIndex(3)
    assert [row.split(",")[1].strip()[:10] for row in shown_rows(page.runs.table)] == ["gpt-5-mini"]
    assert page.header.sentence.text() == "1 of 3 runs"
    page.filters.place.setCurrentIndex(0)
    page.filters.search.setText("gemma cut")
    assert len(shown_rows(page.runs.table)) == 1
    page.filters.search.setText("")
    page.filters.model.choose("qwen3:8b")
    assert len(shown_rows(page.runs.table)) == 1
    page.filters.model.choose("")
    page.filters.workload.choose(NO_WORKLOAD)
    assert len(shown_rows(page.runs.table)) == 2
    page.filters.workload.choose("mail")
    assert len(shown_rows(page.runs.table)) == 1
    page.filters.workload.choose("")
    page.filters.period.choose(0)
    assert len(shown_rows(page.runs.table)) == 1


def test_a_name_that_is_chosen_stays_where_its_runs_are_gone(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE, PAID)
    page = make()
    page.filters.model.choose("gpt-5-mini")
    choose(page, 0)
    page.runs.delete.click()
    qtbot.waitUntil(lambda: page.runs.table.filter.rowCount() == 0)
    qtbot.waitUntil(lambda: len(page.runs.exported()) == 0)
    assert page.filters.model.wanted == "gpt-5-mini"
    assert page.filters.model.currentText() == "gpt-5-mini"


def test_columns_sort_by_value_and_not_by_words(backstage: Backstage, make: Make) -> None:
    backstage.start(server=False)
    keep(backstage, *(replace(HERE, decode_tok_s=rate) for rate in (9.0, 100.0, 20.0)))
    page = make()
    page.runs.table.sortByColumn(4, Qt.SortOrder.DescendingOrder)
    rates = [row.split(" | ")[4].split(",")[0] for row in shown_rows(page.runs.table)]
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
    qtbot.waitUntil(lambda: "20 readings" in words(page.runs.details))
    (card,) = page.runs.details.findChildren(RunDetails)
    assert card.findChild(QPlainTextEdit, "detail-answer").toPlainText() == "complaint"
    assert card.findChild(QPlainTextEdit, "detail-prompt").toPlainText() == HERE.prompt
    said = words(card)
    assert "context 8,192, ended by itself" in said
    assert "this machine, Ollama 0.24.0" in said
    assert "360 J, GPU board" in said
    qtbot.waitUntil(lambda: card.slot.chart is not None, timeout=10_000)
    assert "GPU board" in card.slot.chart.accessibleName()
    with qtbot.waitSignal(page.jump) as jumped:
        press(card, "open-in-run")
    assert jumped.args == ["run", "qwen3:8b"]
    with qtbot.waitSignal(page.jump) as jumped:
        press(card, "workload-of-run")
    assert jumped.args == ["workloads", f"run:{card.run.id}"]


def test_a_prompt_of_megabytes_is_shown_by_its_beginning(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    keep(backstage, replace(BLIND, prompt="x" * 3_000_000))
    page = make()
    choose(page, 0)
    qtbot.waitUntil(lambda: "No power samples" in words(page.runs.details))
    (card,) = page.runs.details.findChildren(RunDetails)
    said = card.findChild(QPlainTextEdit, "detail-prompt").toPlainText()
    assert len(said) < 60_000
    assert said.endswith("[2,950,000 more characters. An export of the run has them.]")


def test_a_run_without_samples_says_why(backstage: Backstage, make: Make, qtbot: QtBot) -> None:
    backstage.start(server=False)
    keep(backstage, BLIND)
    page = make()
    choose(page, 0)
    qtbot.waitUntil(lambda: "No power samples: the sensor sleeps" in words(page.runs.details))


def test_a_run_tells_all_that_was_measured_of_it(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    keep(backstage, FULL)
    page = make()
    choose(page, 0)
    name = "measurements-table"
    qtbot.waitUntil(lambda: page.runs.details.findChild(DataTable, name) is not None)
    table = page.runs.details.findChild(DataTable, name)
    rows = {
        spoken(row[0]): tuple(spoken(cell).replace("\u00a0", " ") for cell in row[1:])
        for row in table.table.rows
    }
    assert rows["Decode"] == ("80.0 tok/s", "79.0 tok/s")
    assert rows["First token"] == ("", "400 ms")
    assert rows["Of these, thinking"] == ("", "30")
    assert rows["Of these, answer"] == ("", "70")
    said = words(page.runs.details)
    assert "300 J (±6 %), GPU board" in said
    assert "240 J above 28.0 W at rest with the model loaded" in said
    assert "prefill 40.0 J, decode 250 J" in said
    assert "rough: a short run" in said
    assert "with 2 other answers at the same time" in said
    assert "0.0012 EUR" in said


def comparison(page: HistoryPage, qtbot: QtBot) -> dict[str, str]:
    """The rows of two runs compared, by their figure."""
    qtbot.waitUntil(lambda: page.runs.details.findChild(DataTable, "compare-table") is not None)
    table = page.runs.details.findChild(DataTable, "compare-table")
    return {
        spoken(row[0]): " | ".join(spoken(cell).replace("\u00a0", " ") for cell in row[1:])
        for row in table.table.rows
    }


def test_two_runs_are_compared_the_earlier_one_first_and_what_differs_is_named(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE, replace(BLIND, decode_tok_s=40.0, engine="Ollama 0.32.15"))
    page = make()
    choose(page, 0, 1)
    rows = comparison(page, qtbot)
    assert rows["Decode"] == (
        "40.0 tok/s | 80.0 tok/s | +40.0 tok/s, +100 % | Cannot tell, once each: noise unknown"
    )
    assert rows["Tokens out"].endswith("the same | Exact, counted, not measured")
    assert rows["Energy, gross"] == (
        "unknown | 360 J | not comparable | Cannot tell, one is not known"
    )
    differs = page.runs.details.findChild(QLabel, "compare-differences").text()
    assert differs == "They differ in: engine."
    settle()
    cards = [card for card in page.runs.details.findChildren(RunDetails) if card.isVisible()]
    assert len(cards) == 2
    choose(page)
    assert "Choose a run" in words(page.runs.details)


def test_other_runs_of_the_history_tell_whether_a_difference_is_more_than_noise(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    fast = replace(HERE, engine="Ollama 0.32.15")
    again = [replace(fast, decode_tok_s=rate) for rate in (90.0, 91.0, 92.0)]
    again += [replace(HERE, decode_tok_s=rate) for rate in (80.0, 81.0, 82.0)]
    keep(backstage, *again)
    page = make()
    choose(page, 0, 3)
    rows = comparison(page, qtbot)
    assert rows["Decode"].endswith("+10.0 tok/s, +13 % | Yes, by chance once in 10")
    assert rows["First token"].endswith("the same | No, no difference")
    method = page.runs.details.findChild(QLabel, "compare-method").text()
    assert method.startswith("Noise: 2 and 2 other runs under the conditions of each")
    choose(page, 0, 1)
    qtbot.waitUntil(lambda: "Same model" in words(page.runs.details))
    assert comparison(page, qtbot)["Decode"].endswith("Cannot tell, once each: noise unknown")


def test_what_is_chosen_stays_chosen_when_a_run_is_added(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    keep(backstage, replace(HERE, started_at="2026-01-01T00:00:00+00:00"))
    page = make()
    choose(page, 0)
    keep(backstage, PAID)
    backstage.state.set_running((RunningTask(key="run", title="x", detail="", page="run"),))
    qtbot.waitUntil(lambda: page.runs.table.filter.rowCount() == 2)
    qtbot.waitUntil(lambda: isinstance(page.runs.details.content, RunDetails))
    assert page.runs.details.content.run.model == "qwen3:8b"


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
    qtbot.waitUntil(lambda: page.runs.table.filter.rowCount() == 1)
    assert [run.model for run in backstage.run(backstage.history.runs())] == ["gpt-5-mini"]
    undo.run()
    qtbot.waitUntil(lambda: page.runs.table.filter.rowCount() == 3)
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
    page.filters.search.setText("gpt")
    press(page, "export")
    dialog = page._export.dialog
    assert dialog is not None
    path = tmp_path / f"runs.{ending}"
    with qtbot.waitSignal(backstage.messages.toast_asked) as told:
        dialog.fileSelected.emit(str(path))
    assert told.args is not None
    assert told.args[0] == f"Exported one row to runs.{ending}"
    dialog.close()
    if ending == "csv":
        (row,) = csv.DictReader(path.read_text("utf-8-sig").splitlines())
    else:
        (row,) = json.loads(path.read_text("utf-8"))["runs"]
    assert row["model"] == "gpt-5-mini"


def test_the_whole_history_is_exported_with_its_curves_and_comes_back(
    backstage: Backstage, make: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE, PAID)
    keep_benchmarks(backstage, NEWER)
    page = make()
    page.filters.search.setText("gpt")
    press(page, "export")
    dialog = page._export.dialog
    assert dialog is not None
    path = tmp_path / "all.json"
    dialog.selectNameFilter(dialog.nameFilters()[-1])
    dialog.filterSelected.emit(dialog.nameFilters()[-1])
    with qtbot.waitSignal(backstage.messages.toast_asked) as told:
        dialog.fileSelected.emit(str(path))
    dialog.close()
    assert told.args is not None
    # What an import takes: sums by day stand in the file, too, and are made of these.
    assert told.args[0] == "Exported 3 rows to all.json"
    kept = json.loads(path.read_text("utf-8"))
    assert [run["model"] for run in kept["runs"]] == ["gpt-5-mini", "qwen3:8b"]
    assert len(kept["runs"][1]["samples"]) == len(SAMPLES)
    assert len(kept["benchmarks"]) == 1
    backstage.run(backstage.history.take_out(run.id for run in page.runs._read.runs))
    with qtbot.waitSignal(backstage.messages.toast_asked):
        import_file(page, path)
    back = backstage.run(backstage.history.runs())
    assert [run.model for run in back] == ["qwen3:8b", "gpt-5-mini"]
    assert backstage.run(backstage.history.samples(back[0].id)) == SAMPLES


def test_nothing_to_export_is_said(backstage: Backstage, make: Make) -> None:
    backstage.start(server=False)
    page = make()
    export = page.findChild(QAbstractButton, "export")
    assert not export.isEnabled()
    assert export.toolTip() == "There is nothing to export."


# Importing


def import_file(page: HistoryPage, path: Path) -> None:
    press(page, "import")
    dialog = page._import.dialog
    assert dialog is not None
    dialog.filesSelected.emit([str(path)])
    dialog.close()


def test_an_exported_history_is_imported_back_and_nothing_twice(
    backstage: Backstage, make: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE, PAID)
    page = make()
    path = tmp_path / "runs.json"
    press(page, "export")
    dialog = page._export.dialog
    assert dialog is not None
    with qtbot.waitSignal(backstage.messages.toast_asked):
        dialog.fileSelected.emit(str(path))
    dialog.close()
    choose(page, 0)
    page.runs.delete.click()
    qtbot.waitUntil(lambda: page.runs.table.filter.rowCount() == 1)
    with qtbot.waitSignal(backstage.messages.toast_asked) as told:
        import_file(page, path)
    assert told.args is not None
    assert told.args[0] == "Imported 1 of 2 rows from runs.json; the others were there already."
    qtbot.waitUntil(lambda: page.runs.table.filter.rowCount() == 2)
    back = backstage.run(backstage.history.runs())
    assert [run.answer for run in back] == ["complaint", "complaint"]
    qtbot.waitUntil(page.import_back.isEnabled)


def test_a_file_that_is_no_history_is_refused_and_nothing_of_it_taken(
    backstage: Backstage, make: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE)
    page = make()
    path = tmp_path / "other.json"
    path.write_text("[1, 2]")
    import_file(page, path)
    qtbot.waitUntil(lambda: backstage.messages.worst is not None)
    assert "no export of a history" in backstage.messages.worst.title
    assert page.runs.table.filter.rowCount() == 1


# What left


def test_the_egress_log_lists_where_how_much_and_why(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    backstage.run(backstage.history.record_egress(LINE))
    page = make()
    page.open_at("egress")
    assert page.tabs.current == Tab.EGRESS
    qtbot.waitUntil(lambda: page.state is PageState.READY)
    (row,) = shown_rows(page.egress.table)
    assert row.startswith("api.openai.com, answer")
    assert "900 B" in row.replace("\u00a0", " ")
    assert "unknown" in row
    assert row.endswith("cut")
    assert page.header.sentence.text() == "One line, the latest first"
    page.filters.search.setText("nowhere")
    assert shown_rows(page.egress.table) == []


def test_nothing_left_is_said_as_a_fact(backstage: Backstage, make: Make, qtbot: QtBot) -> None:
    backstage.start(server=False)
    keep(backstage, HERE)
    page = make()
    page.open_at("egress")
    qtbot.waitUntil(lambda: page.state is PageState.EMPTY)
    assert "Nothing is listed yet" in words(page)


# Totals


def open_totals(page: HistoryPage, qtbot: QtBot) -> None:
    page.open_at("totals")
    qtbot.waitUntil(lambda: page.state is not PageState.LOADING)


def test_totals_say_what_they_lack_and_keep_cloud_and_electricity_apart(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    paid = replace(HERE, electricity_cost=0.3, electricity_currency="EUR")
    keep(backstage, paid, BLIND, PAID, replace(PAID, cost_usd=None))
    page = make()
    open_totals(page, qtbot)
    assert page.state is PageState.PARTIAL
    assert "200" in total(page, "tokens")
    assert "2.4 k in" in total(page, "tokens")
    assert "0.1 Wh" in total(page, "energy")
    assert "lacks 1 of 2 runs" in total(page, "energy")
    assert "~0.30 EUR" in total(page, "electricity")
    assert "lacks 1 of 2 runs" in total(page, "electricity")
    assert "$0.02" in total(page, "usd")
    assert "lacks 1 of 2 runs" in total(page, "usd")


def test_totals_outlive_the_runs_and_follow_the_period(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE, HERE, PAID)
    page = make()
    choose(page, 0)
    page.runs.delete.click()
    qtbot.waitUntil(lambda: page.runs.table.filter.rowCount() == 2)
    open_totals(page, qtbot)
    assert "200" in total(page, "tokens")
    assert page.header.sentence.text() == "All times, 3 runs, deleted ones included"
    page.filters.period.choose(0)
    assert "100" in total(page, "tokens")
    assert "no paid answer" in total(page, "usd")
    assert len(page.totals.bars.bars) == 7


def test_totals_are_told_apart_by_model_workload_and_day(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    keep(backstage, replace(HERE, workload="mail"), HERE, PAID)
    page = make()
    open_totals(page, qtbot)
    table = page.totals.table
    assert [row.split(",")[0] for row in shown_rows(table)] == ["qwen3:8b", "gpt-5-mini"]
    page.totals.by.choose(1)
    assert [row.split(",")[0] for row in shown_rows(table)] == ["No workload", "mail"]
    page.totals.by.choose(2)
    assert len(shown_rows(table)) == 3
    table.sortByColumn(5, Qt.SortOrder.DescendingOrder)
    assert "$0.02" in shown_rows(table)[0]


def test_the_bars_are_read_by_keys_and_say_what_is_missing(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE, replace(BLIND, started_at=""), PAID)
    page = make()
    open_totals(page, qtbot)
    bars = page.totals.bars

    def said() -> str:
        return page.totals.pointed.text().replace("\u00a0", " ")

    assert "Framed: the cloud" in said()
    qtbot.keyClick(bars, Qt.Key.Key_Left)
    assert said().endswith("100 tokens")
    qtbot.keyClick(bars, Qt.Key.Key_Home)
    assert said().endswith("100 tokens in the cloud")
    page.totals.measure.setCurrentIndex(2)
    assert page.totals.bars.accessibleName().startswith("Energy, metered parts over time")
    qtbot.keyClick(bars, Qt.Key.Key_End)
    assert "0.1 Wh" in said()
    for _ in range(10):
        qtbot.keyClick(bars, Qt.Key.Key_Left)
    assert said().endswith("unknown, lacks 1 of 1 runs")


def test_what_this_machine_saved_may_be_a_loss_and_follows_the_filters(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    dear = replace(HERE, model="llama3.1:8b", electricity_cost=0.5, electricity_currency="USD")
    unmetered = replace(BLIND, model="qwen2.5:7b")
    keep(backstage, dear, unmetered, PAID)
    page = make()
    open_totals(page, qtbot)
    card = page.totals.at_a_host
    assert not card.table.isVisible(), "nothing is priced before it is asked for"
    card.line.triggered.emit()
    qtbot.waitUntil(card.table.isVisible, timeout=20_000)
    lossy, unknown = (row.replace("\u00a0", " ") for row in shown_rows(card.table, 5))
    assert lossy.startswith("llama3.1:8b")
    assert "\u2212$0.50" in lossy.replace("\u200a", "")
    assert lossy.endswith("a loss")
    assert unknown.startswith("qwen2.5:7b")
    assert unknown.count("the electricity of 1 of 1 answers is not known in dollars") == 2
    assert "a loss" in card.line.title.text()
    assert "1 of 2 models lack" in card.line.title.text()
    page.totals.ask(replace(page.totals.asked, model="qwen2.5:7b"))
    qtbot.waitUntil(lambda: len(shown_rows(card.table, 5)) == 1, timeout=20_000)
    assert card.line.title.text() == "What was saved is not known"


def test_that_figures_of_another_filter_do_not_stay_where_pricing_failed(
    backstage: Backstage, make: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE)
    page = make()
    open_totals(page, qtbot)
    card = page.totals.at_a_host
    card.open()
    qtbot.waitUntil(card.table.isVisible, timeout=20_000)

    async def broken(*_: object, **__: object) -> None:
        raise BadInput("The table of prices is damaged.", "Fetch it again.")

    monkeypatch.setattr("landfall.services.usage.counterfactual.local_models", broken)
    page.totals.ask(replace(page.totals.asked, model="qwen2.5:7b"))
    qtbot.waitUntil(lambda: card.line.state is State.TODO)
    assert not card.table.isVisible()


def test_without_an_answer_here_nothing_was_saved_or_lost(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    keep(backstage, PAID)
    page = make()
    open_totals(page, qtbot)
    page.totals.at_a_host.open()
    line = page.totals.at_a_host.line.title
    qtbot.waitUntil(
        lambda: line.text() == "No answer of this machine is among them.", timeout=20_000
    )
    assert not page.totals.at_a_host.table.isVisible()


def test_without_a_run_the_totals_say_so(backstage: Backstage, make: Make, qtbot: QtBot) -> None:
    backstage.start(server=False)
    page = make()
    open_totals(page, qtbot)
    assert page.state is PageState.EMPTY
    assert "Totals appear here" in words(page)


# Benchmarks


def bench(rate: float, engine: str, *, net: float = 2.4) -> BenchmarkResult:
    """What a benchmark of one prompt and a sweep brings."""
    return BenchmarkResult(
        kind=BenchKind.CHAT,
        model="qwen3:8b",
        digest="sha256:ab",
        engine=engine,
        host=HERE.host,
        place="local",
        conditions={"context": 8192, "context_given": 8192, "gpu_share": 1.0},
        parts=(
            PartResult(
                name="medium",
                runs=(),
                load_seconds=None,
                ttft_seconds=Spread(median=0.2, low=0.19, high=0.21, count=3),
                prefill_tok_s=Spread(median=4000.0, low=3900.0, high=4100.0, count=3),
                decode_tok_s=Spread(median=rate, low=rate - 1, high=rate + 1, count=3),
                inter_token_p95_seconds=None,
                gross_joules_per_token=Measured(3.4, "", "NVML, GPU board"),
                net_joules_per_token=Measured(net, "", "NVML, GPU board"),
            ),
        ),
        sweep=Sweep(levels=(), ttft_target_seconds=2.0, people=4, reason="4 at once"),
    )


def keep_benchmarks(backstage: Backstage, *records: BenchmarkRecord) -> None:
    async def store() -> None:
        for record in records:
            row = await backstage.history.add_benchmark(record)
            await backstage.history.finish_benchmark(replace(record, id=row))

    backstage.run(store())


def record(result: BenchmarkResult | None, at: str, *, state: str = "done") -> BenchmarkRecord:
    plan = BenchPlan(prompts=(BenchPrompt(name="medium", text="Why?"),))
    return BenchmarkRecord(
        started_at=at,
        state=state,
        kind="chat",
        place="local",
        host=HERE.host,
        model="qwen3:8b",
        engine=result.engine if result else None,
        plan=as_data(plan),
        result=None if result is None else as_data(result),
    )


OLDER = record(bench(74.0, "Ollama 0.24.0"), "2026-01-01T10:00:00+00:00")
NEWER = record(bench(83.0, "Ollama 0.32.15"), "2026-01-02T10:00:00+00:00")


def open_benchmarks(page: HistoryPage, qtbot: QtBot) -> None:
    page.open_at("benchmarks")
    qtbot.waitUntil(lambda: page.state is not PageState.LOADING)


def test_a_benchmark_has_a_row_and_opens_with_all_its_parts(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    keep_benchmarks(backstage, OLDER, NEWER)
    page = make()
    open_benchmarks(page, qtbot)
    assert page.state is PageState.READY
    assert page.header.sentence.text() == "2 benchmarks"
    first = shown_rows(page.benchmarks.table, columns=7)[0].replace("\u00a0", " ")
    assert first.startswith("qwen3:8b, answers")
    assert "83.0 tok/s" in first
    assert "3.40 J/token" in first
    page.benchmarks.table.selectRow(0)
    said = words(page.benchmarks.details)
    assert "Serves about 4 people" in said
    assert page.benchmarks.details.findChild(DataTable, "benchmark-table") is not None


def test_two_benchmarks_are_compared_by_their_repetitions(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    keep_benchmarks(backstage, OLDER, NEWER)
    page = make()
    open_benchmarks(page, qtbot)
    page.benchmarks.table.selectAll()
    details = page.benchmarks.details
    name = "compare-benchmarks-table"
    qtbot.waitUntil(lambda: details.findChild(DataTable, name) is not None)
    rows = {
        spoken(row[0]): " | ".join(spoken(cell).replace("\u00a0", " ") for cell in row[1:])
        for row in details.findChild(DataTable, name).table.rows
    }
    assert rows["Decode, medium prompt"] == (
        "74.0 tok/s, middle of 3 | 83.0 tok/s, middle of 3"
        " | +9.0 tok/s, +12 % | Yes, by chance once in 10"
    )
    assert rows["First token, medium prompt"].endswith("the same | No, no difference")
    assert rows["People served, several answers at once"].endswith(
        "Cannot tell, once each: noise unknown"
    )
    differs = details.findChild(QLabel, "compare-benchmarks-differences").text()
    assert differs == "They differ in: engine."


def test_a_benchmark_without_a_result_says_so(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    cut = record(None, "2026-01-03T10:00:00+00:00", state="interrupted")
    spoilt = replace(OLDER, result={"kind": "chat"}, started_at="2026-01-01T00:00:00+00:00")
    keep_benchmarks(backstage, spoilt, NEWER, cut)
    page = make()
    open_benchmarks(page, qtbot)
    assert page.state is PageState.PARTIAL
    assert "cut with the program" in shown_rows(page.benchmarks.table)[0]
    table = page.benchmarks.table
    table.selectRow(0)
    assert "nothing was measured" in words(page.benchmarks.details)
    table.selectRow(2)
    assert "This is no result of a benchmark" in words(page.benchmarks.details)
    table.selectAll()
    assert "3 benchmarks are chosen" in words(page.benchmarks.details)


def test_without_a_benchmark_the_way_to_one_is_shown(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    page = make()
    open_benchmarks(page, qtbot)
    assert page.state is PageState.EMPTY
    with qtbot.waitSignal(page.jump) as jumped:
        press(page, "benchmark-now")
    assert jumped.args == ["run", ""]


# The page


@pytest.mark.parametrize("tab", list(Tab))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_narrow_window_in_both_themes(
    backstage: Backstage, make: Make, qtbot: QtBot, scheme: Any, tab: Tab
) -> None:
    backstage.start(server=False)
    keep(backstage, FULL, PAID, CUT)
    keep_benchmarks(backstage, OLDER, NEWER)
    backstage.run(backstage.history.record_egress(LINE))
    theme.theme().use(scheme)
    page = make()
    page.resize(824, 640)
    page.tabs.choose(tab)
    qtbot.waitUntil(lambda: page.state is not PageState.LOADING)
    if tab is Tab.RUNS:
        choose(page, 0, 1)
        comparison(page, qtbot)
    if tab is Tab.BENCHMARKS:
        page.benchmarks.table.selectAll()
        name = "compare-benchmarks-table"
        qtbot.waitUntil(lambda: page.findChild(DataTable, name) is not None)
    settle()
    inner = page.widget()
    assert inner is not None
    assert inner.width() <= 824


@pytest.mark.parametrize("tab", list(Tab))
def test_every_control_has_a_name_for_ears(
    backstage: Backstage, make: Make, qtbot: QtBot, tab: Tab
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE)
    keep_benchmarks(backstage, NEWER)
    backstage.run(backstage.history.record_egress(LINE))
    page = make()
    page.tabs.choose(tab)
    qtbot.waitUntil(lambda: page.state is not PageState.LOADING)
    if tab is Tab.RUNS:
        choose(page, 0)
        qtbot.waitUntil(lambda: page.runs.details.findChild(RunDetails) is not None)
    if tab is Tab.BENCHMARKS:
        page.benchmarks.table.selectRow(0)
    settle()
    controls = [one for one in page.findChildren(QWidget) if one.isVisible()]
    controls = [one for one in controls if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert len(controls) > 6
    nameless = [
        one
        for one in controls
        if not one.accessibleName() and not (isinstance(one, QAbstractButton) and one.text())
    ]
    assert nameless == []


def test_a_run_that_is_gone_meanwhile_is_no_longer_shown(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    keep(backstage, HERE)
    page = make()
    choose(page, 0)
    qtbot.waitUntil(lambda: page.runs.details.findChild(RunDetails) is not None)
    backstage.run(backstage.history.take_out([page.runs.chosen[0].id]))
    page.refresh()
    qtbot.waitUntil(lambda: page.state is PageState.EMPTY)
    assert page.runs.chosen == ()
    assert not page.runs.details.isVisible()


@pytest.mark.parametrize(
    "case",
    [
        ("ConnectError", "0 B", "not reached"),
        ("ReadTimeout", "900 B", "no answer in time"),
        ("401", "900 B", "answered 401"),
        ("RemoteProtocolError", "900 B", "broke off: RemoteProtocolError"),
        ("cut", "900 B", "cut"),
    ],
)
def test_that_what_never_left_is_not_counted_and_an_outcome_is_told_in_words(
    backstage: Backstage, make: Make, qtbot: QtBot, case: tuple[str, str, str]
) -> None:
    outcome, sent, words = case
    backstage.start(server=False)
    backstage.run(backstage.history.record_egress(replace(LINE, outcome=outcome)))
    page = make()
    page.open_at("egress")
    qtbot.waitUntil(lambda: page.state is PageState.READY)
    (row,) = shown_rows(page.egress.table)
    said = row.replace("\u00a0", " ")
    assert said.split(" | ")[3] == sent
    assert said.endswith(words)
    note = page.egress.card.note
    assert note is not None
    assert note.text().replace("\u00a0", " ") == f"{sent} sent in all"
    # What is read there is found by its words.
    page.filters.search.setText(words)
    assert len(shown_rows(page.egress.table)) == 1
