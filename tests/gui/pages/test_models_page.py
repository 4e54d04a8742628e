"""The Models page in each of its states, with a twin of Ollama and a registry behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QSlider,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from landfall.core.errors import NetworkUnavailable
from landfall.core.fit.offered_contexts import CONTEXT_STEPS
from landfall.core.hosts.runtime import LoadedModel, RuntimeState
from landfall.core.machine.hardware import GIB
from landfall.gui import theme
from landfall.gui.app_state import AppState
from landfall.gui.format import Shown
from landfall.gui.messages import Messages
from landfall.gui.models.delete_dialog import Candidate, DeleteModels
from landfall.gui.models.inspector import FactLine
from landfall.gui.models.pull_row import PullRow
from landfall.gui.models.tabs import DOWNLOADS, INSTALLED, RECOMMENDED, RUNNING
from landfall.gui.models.view import LICENCE
from landfall.gui.page import PageState
from landfall.gui.pages.models_page import ModelsPage
from landfall.gui.widgets.cells import FitCell, sort_key, spoken
from landfall.gui.widgets.controls import SegmentedControl
from landfall.gui.widgets.disclosure import Disclosure
from landfall.gui.widgets.feedback import Skeleton, StateLine
from landfall.gui.widgets.numbers import FitBadge
from landfall.gui.widgets.table_model import TableModel
from landfall.gui.widgets.tables import DataTable
from landfall.services.history.records import PullRecord, RunRecord, SavedWorkload
from landfall.services.models import shipped_catalogue
from landfall.services.ollama import registry
from tests.fakes import tiny_models
from tests.fakes.gguf_files import measured_headers
from tests.fakes.ollama_faults import Fault
from tests.fakes.ollama_twin import NEW, OLD
from tests.fakes.real_ollama import REAL, serving_real
from tests.fakes.speakers import speaker
from tests.fakes.tiny_models import TinyModel
from tests.gui import worlds
from tests.gui.conftest import active_timers, settle
from tests.gui.pages.models_stage import ModelsStage
from tests.gui.seen import words


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, TinyModel]:
    made = tiny_models.make(tmp_path_factory.mktemp("tiny"))
    return {name: made[name] for name in ("tiny-story", "tiny-embedder")}


@pytest.fixture
def stage(
    tmp_path: Path, state: AppState, messages: Messages, qtbot: QtBot
) -> Iterator[ModelsStage]:
    made = ModelsStage(tmp_path, state, messages)
    yield made
    made.stop()


def named(page: QWidget, name: str, kind: type[Any] = QAbstractButton) -> Any:
    """The one that can be seen, or else any: what was replaced lives for another turn."""
    found = page.findChildren(kind, name)
    assert found, f"there is no {name}"
    return next((control for control in found if control.isVisible()), found[0])


def press(page: QWidget, name: str) -> None:
    settle()
    control = named(page, name)
    assert control.isVisible(), f"{name} cannot be seen"
    assert control.isEnabled(), f"{name} cannot be pressed: {control.toolTip()}"
    control.click()


def rows(page: QWidget, name: str) -> list[str]:
    """The first cell of each row that is listed, top to bottom."""
    table = named(page, name, DataTable)
    count = table.filter.rowCount()
    sources = [table.filter.mapToSource(table.filter.index(i, 0)).row() for i in range(count)]
    return [table.table.rows[i][0].text for i in sources]


def fit_word(page: QWidget, model: str) -> str:
    """What the table of recommended models says of one of them."""
    table = named(page, "recommended-table", DataTable)
    (found,) = [row for row in table.table.rows if row[0].text == model]
    (cell,) = [cell for cell in found if isinstance(cell, FitCell)]
    return cell.look.word


def type_tag(qtbot: QtBot, page: QWidget, text: str, *, enter: bool = True) -> None:
    field = named(page, "models-search", QLineEdit)
    field.setText(text)
    if enter:
        qtbot.keyClick(field, Qt.Key.Key_Return)


def line(page: QWidget) -> StateLine:
    return named(page, "lookup-line", StateLine)  # type: ignore[no-any-return]


def row_of(page: ModelsPage, name: str) -> PullRow:
    found = page.downloads._rows.get(name)
    assert found is not None, f"{name} is not in the downloads"
    return found


# What fits


def test_the_page_waits_with_skeletons_until_the_machine_is_known(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    stage.start(server=False)
    page = stage.page(qtbot, profile=None)
    assert page.state is PageState.LOADING
    assert any(s.isVisible() for s in page.findChildren(Skeleton))
    assert named(page, "which", QComboBox).itemText(0) == "Suitable"
    stage.state.set_runtimes(worlds.ollama(RuntimeState.ABSENT))
    stage.state.set_profile(worlds.WITH_GPU)
    assert page.state is PageState.PARTIAL
    assert not any(s.isVisible() for s in page.findChildren(Skeleton))
    assert rows(page, "recommended-table")


def test_a_machine_that_cannot_be_read_is_said(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start(server=False)
    page = stage.page(qtbot, profile=None)
    stage.state.set_profile_error("The probes stopped.")
    assert page.state is PageState.FAILED
    assert "The probes stopped." in words(page)


def drag(page: ModelsPage, tokens: int) -> None:
    """As the mouse does: the value is priced when the event loop comes round."""
    slider = named(page, "context-slider", QSlider)
    slider.setValue(CONTEXT_STEPS.index(tokens))
    settle()


def cells(page: ModelsPage, name: str) -> tuple[float | str, float | str]:
    """Need and speed of a model in the table."""
    table = named(page, "recommended-table", DataTable)
    found = next(r for r in table.table.rows if r[0].text == name)
    return sort_key(found[1]), sort_key(found[3])


def test_the_context_slider_prices_need_and_speed_anew(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start()
    page = stage.page(qtbot)
    assert page.state is PageState.READY
    page.open_at("qwen3:8b")
    table = named(page, "recommended-table", DataTable)
    drag(page, 2048)
    near = cells(page, "qwen3:8b")
    drag(page, 32768)
    far = cells(page, "qwen3:8b")
    assert far[0] > near[0] + 3 * GIB  # type: ignore[operator]
    assert far[1] < near[1]  # type: ignore[operator]
    assert table.table.columns[1].title == "Need at 32k"
    assert page.recommended.inspector.model == "qwen3:8b"
    assert "KV cache, 32k" in words(page.recommended.inspector)


def test_of_a_drag_only_the_newest_value_is_priced_and_nothing_runs_after_it(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    stage.start()
    page = stage.page(qtbot)
    settle()
    before = active_timers()
    priced: list[int] = []
    page.recommended.ranked.connect(lambda: priced.append(page.recommended.tokens))
    slider = named(page, "context-slider", QSlider)
    for step in range(slider.minimum(), slider.maximum() + 1):
        slider.setValue(step)
    assert priced == []
    settle()
    assert priced == [262144]
    assert active_timers() == before


def test_what_cannot_hold_the_context_says_so_and_comes_last(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    stage.start()
    page = stage.page(qtbot)
    drag(page, 65536)
    table = named(page, "recommended-table", DataTable)
    found = [row[0].sub for row in table.table.rows]
    assert "Only 40k of context" in next(
        row[0].sub for row in table.table.rows if row[0].text == "qwen3:1.7b"
    )
    short = [sub.startswith("Only") for sub in found]
    assert short[0] is False
    assert True in short


def test_a_drag_keeps_the_selection_the_order_and_the_place(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    stage.start()
    page = stage.page(qtbot)
    named(page, "which", QComboBox).setCurrentIndex(1)
    table = named(page, "recommended-table", DataTable)
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    page.open_at("qwen3:8b")
    bar = table.verticalScrollBar()
    bar.setValue(bar.maximum())
    for tokens in (16384, 65536, 131072, 8192):
        drag(page, tokens)
        assert page.recommended.inspector.model == "qwen3:8b"
        assert table.table.rows[table.current][0].text == "qwen3:8b"
        assert bar.value() == bar.maximum()
        view = table.filter
        needs = [view.index(i, 1).data(TableModel.SORT) for i in range(view.rowCount())]
        assert needs == sorted(needs)


def test_a_model_that_leaves_the_list_is_selected_again_when_it_comes_back(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    stage.start()
    page = stage.page(qtbot)
    page.open_at("qwen3:14b")
    assert page.recommended.inspector.model == "qwen3:14b"
    page.recommended.filters.shows.setCurrentIndex(2)
    page.recommended.filters.shows.setCurrentIndex(0)
    assert page.recommended.inspector.model == "qwen3:14b"


def test_cache_type_and_requests_at_once_price_anew_and_say_what_they_cost(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    stage.start()
    page = stage.page(qtbot)
    drag(page, 32768)
    page.open_at("qwen3:8b")
    whole = cells(page, "qwen3:8b")[0]
    kind = named(page, "kv-type", QComboBox)
    kind.setCurrentIndex(kind.findText("q8_0"))
    settle()
    half = cells(page, "qwen3:8b")[0]
    assert half < whole  # type: ignore[operator]
    assert "OLLAMA_KV_CACHE_TYPE=q8_0" in words(page)
    assert "53 % of f16" in words(page)
    named(page, "more-settings").click()
    named(page, "parallel-slider", QSlider).setValue(2)
    settle()
    assert cells(page, "qwen3:8b")[0] > half  # type: ignore[operator]
    assert "OLLAMA_NUM_PARALLEL=2" in words(page)
    named(page, "flash-attention").click()
    settle()
    assert "the cache stays in f16" in words(page)
    named(page, "flash-attention").click()
    settle()
    before = cells(page, "qwen3:8b")[0]
    batch = named(page, "batch", QComboBox)
    batch.setCurrentIndex(batch.count() - 1)
    settle()
    assert page.recommended.filters.request.batch == 2048
    assert cells(page, "qwen3:8b")[0] > before  # type: ignore[operator]
    batch.setCurrentIndex(1)
    assert page.recommended.filters.request.batch == 1024
    kind.setCurrentIndex(0)
    named(page, "parallel-slider", QSlider).setValue(1)
    settle()
    assert not named(page, "how-note", QLabel).isVisible()


def test_another_machine_prices_everything_and_leaves_the_server_alone(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    stage.start(speaker("qwen3:8b", ["a"]))
    page = stage.page(qtbot)
    here = cells(page, "qwen3:8b")
    stage.state.set_what_if(shipped_catalogue.load().what_if("RTX 3060 12GB"))
    assert page.header.sentence.text().startswith("On RTX 3060 12GB (what if). 1 installed")
    assert cells(page, "qwen3:8b")[1] != here[1]
    page.open_at("qwen3:8b")
    said = words(page)
    assert "5.2 GB, installed" in said
    assert "Figures are for RTX 3060 12GB" in said
    assert named(page, "run-model").isVisible()
    stage.state.set_what_if(None)
    assert cells(page, "qwen3:8b") == here
    assert "what if" not in page.header.sentence.text()


def test_another_machine_is_priced_while_this_one_is_not_known(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    stage.start()
    page = stage.page(qtbot, profile=None)
    assert page.state is PageState.LOADING
    stage.state.set_what_if(shipped_catalogue.load().what_if("RTX 4090"))
    assert page.state is PageState.READY
    assert "qwen3:8b" in rows(page, "recommended-table")
    stage.state.set_what_if(None)
    assert page.state is PageState.LOADING
    settle()
    assert any(s.isVisible() for s in page.findChildren(Skeleton))


def test_where_the_numbers_come_from_is_told_by_keyboard(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start()
    page = stage.page(qtbot)
    page.open_at("gpt-oss:20b")
    place = page.recommended.inspector.findChild(Disclosure, "where-from")
    assert place is not None
    opens = place.findChild(QAbstractButton)
    assert opens.accessibleName() == "Where the numbers come from"
    assert "a window of 128 tokens" not in words(page.recommended.inspector)
    qtbot.keyClick(opens, Qt.Key.Key_Space)
    said = words(page.recommended.inspector)
    for part in ("a window of 128 tokens", "8,192 tokens", "as llama.cpp leaves it", "Collected"):
        assert part in said
    drag(page, 16384)
    assert "16,384 tokens" in words(page.recommended.inspector)


def test_every_cell_of_need_speaks_its_bar(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start()
    page = stage.page(qtbot)
    view = named(page, "recommended-table", DataTable).filter
    for i in range(view.rowCount()):
        said = view.index(i, 1).data(Qt.ItemDataRole.AccessibleTextRole)
        assert "Weights" in said
        assert "KV cache, 8k" in said


@pytest.mark.parametrize(("width", "licence"), [(1080, False), (1500, True), (824, False)])
def test_the_table_fits_its_place_whatever_the_width(
    qtbot: QtBot, stage: ModelsStage, width: int, licence: bool
) -> None:
    stage.start()
    page = stage.page(qtbot)
    page.resize(width, 800)
    settle()
    table = named(page, "recommended-table", DataTable)
    head = table.horizontalHeader()
    shown = [head.sectionSize(i) for i in range(head.count()) if not table.isColumnHidden(i)]
    assert sum(shown) <= table.viewport().width()
    assert head.sectionSize(0) >= 160
    assert table.isColumnHidden(LICENCE) is not licence
    assert page.horizontalScrollBar().maximum() == 0
    filters = page.recommended.filters
    assert filters.minimumSizeHint().width() <= filters.width()


def test_the_choice_of_a_machine_has_its_place_where_the_row_begins(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    stage.start()
    page = stage.page(qtbot)
    picker = QLabel("This machine")
    picker.setFixedWidth(170)
    page.recommended.filters.hold_machine(picker)
    settle()
    task = named(page, "task", QComboBox)
    origin = picker.mapTo(page, picker.rect().topLeft())
    assert picker.isVisible()
    assert origin.x() < task.mapTo(page, task.rect().topLeft()).x()
    assert page.horizontalScrollBar().maximum() == 0


def test_the_task_decides_what_is_listed(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start()
    page = stage.page(qtbot)
    assert "nomic-embed-text" not in rows(page, "recommended-table")
    choice = named(page, "task", QComboBox)
    choice.setCurrentIndex(choice.findText("Embedding"))
    settle()
    assert "nomic-embed-text" in rows(page, "recommended-table")
    assert "qwen3:8b" not in rows(page, "recommended-table")
    assert named(page, "recommended-table", DataTable).table.columns[3].title == "Reads"


def test_what_is_left_out_is_one_choice_away_with_its_reason(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    stage.start()
    page = stage.page(qtbot)
    assert "llama3.3:70b" not in rows(page, "recommended-table")
    which = named(page, "which", QComboBox)
    which.setCurrentIndex(2)
    assert "deepseek-r1:671b" in rows(page, "recommended-table")
    page.open_at("deepseek-r1:671b")
    assert "Does not fit" in words(page)
    assert "Lacks ~" in words(page)
    press(page, "why-this")
    assert "main memory" in words(page.recommended.inspector)


def test_the_inspector_has_licence_evidence_and_reasons(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start()
    page = stage.page(qtbot)
    page.open_at("gpt-oss:20b")
    said = words(page.recommended.inspector)
    for part in ("Apache-2.0", "AA Intelligence Index v4.1.1", "Largest context"):
        assert part in said
    assert "no header was read" not in said
    press(page, "why-this")
    assert "no header was read" in words(page.recommended.inspector)


def test_a_shorter_context_at_which_it_fits_is_offered(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start()
    page = stage.page(qtbot)
    page.recommended.use_context(65536)
    page.open_at("qwen3:8b")
    better = named(page, "better-context", StateLine)
    assert better.isVisible()
    assert "it fits whole" in better.title.text()
    better.triggered.emit()
    assert page.recommended.tokens < 65536
    assert not better.isVisible()


def test_installed_models_are_marked_and_their_measured_speed_is_shown(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    stage.start(speaker("qwen3:8b", ["a"]))
    digest = stage.state.installed[0].digest if stage.state.installed else ""
    run = RunRecord(
        started_at="2026-11-21T10:00:00+00:00",
        place="local",
        host="h",
        model="qwen3:8b",
        prompt="p",
        conditions={"context": 8192},
    )
    stored = replace(run, id=stage.run(stage.history.add_run(run)))
    done = replace(stored, state="done", decode_tok_s=118.4, digest=digest, engine="Ollama 0.24.0")
    stage.run(stage.history.keep_run(done))
    page = stage.page(qtbot)
    qtbot.waitUntil(lambda: "118 tok/s, measured" in words(page))
    assert "5.2 GB, installed" in words(page)
    page.open_at("qwen3:8b")
    assert named(page, "run-model").isVisible()
    assert not named(page, "pull-model").isVisible()
    press(page, "run-model")
    assert stage.jumps == [("run", "qwen3:8b")]


def test_where_nothing_fits_the_smallest_gap_is_said(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start()
    ram = replace(worlds.WITHOUT_GPU.ram, total_bytes=2 * GIB, available_bytes=GIB + GIB // 2)
    page = stage.page(qtbot, profile=replace(worlds.WITHOUT_GPU, ram=ram))
    page.recommended.use_context(131072)
    assert page.state is PageState.EMPTY
    said = words(page)
    assert "Nothing can be recommended at 128k" in said
    assert "it lacks about" in said
    press(page, "use-shorter")
    assert page.state is PageState.READY
    page.recommended.use_context(131072)
    press(page, "show-left-out")
    assert len(rows(page, "recommended-table")) > 20


# A name that is typed


def test_typing_filters_the_rows(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start()
    page = stage.page(qtbot)
    type_tag(qtbot, page, "gpt-oss 20b", enter=False)
    assert rows(page, "recommended-table") == ["gpt-oss:20b"]
    assert page.recommended.inspector.model == "gpt-oss:20b"
    assert not line(page).isVisible()
    type_tag(qtbot, page, "nobody/has:this", enter=False)
    assert rows(page, "recommended-table") == []
    assert "Enter reads its manifest" in words(line(page))
    assert not page.recommended.inspector.isVisible(), "a model that is in no row"
    type_tag(qtbot, page, "", enter=False)
    assert page.recommended.inspector.isVisible()


def test_the_search_that_was_answered_has_nothing_to_clear(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    stage.start()
    page = stage.page(qtbot)
    search = named(page, "models-search", QLineEdit)
    clear = next(
        b for b in search.findChildren(QToolButton) if b.accessibleName() == "Clear the search"
    )
    type_tag(qtbot, page, "nomic-embed-text", enter=False)
    qtbot.waitUntil(clear.isVisible)
    qtbot.keyClick(search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.recommended.inspector.model == "nomic-embed-text")
    assert search.text() == ""
    qtbot.waitUntil(lambda: not clear.isVisible())


def test_a_catalogue_name_is_answered_without_the_network(
    qtbot: QtBot, stage: ModelsStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forbidden(*_: object, **__: object) -> None:
        pytest.fail("the registry was asked")

    monkeypatch.setattr(registry, "fetch", forbidden)
    stage.start()
    page = stage.page(qtbot)
    type_tag(qtbot, page, "ollama run Qwen/Qwen3-8B")
    qtbot.waitUntil(lambda: page.recommended.inspector.model == "qwen3:8b")
    assert "Looked up without a download" in words(line(page))
    assert named(page, "models-search", QLineEdit).text() == ""
    type_tag(qtbot, page, "nomic-embed-text")
    qtbot.waitUntil(lambda: page.recommended.inspector.model == "nomic-embed-text")
    assert rows(page, "recommended-table")[0] == "nomic-embed-text"


def test_a_registry_is_asked_for_the_header_and_nothing_else_then_the_model_is_pulled(
    qtbot: QtBot, stage: ModelsStage, tiny: Mapping[str, TinyModel]
) -> None:
    stage.start()
    found = stage.serve_registry()
    weights = tiny["tiny-story"].path.read_bytes()
    name = found.add("mine", weights)
    page = stage.page(qtbot)
    type_tag(qtbot, page, name)
    qtbot.waitUntil(lambda: page.recommended.inspector.model == name)
    assert all("range" in asked.headers for asked in found.asked_for("/blobs/"))
    said = words(page)
    assert "Sizes are exact" in said
    assert "asked by you" in said
    plain_http = named(page, "plain-http")
    assert plain_http.isVisible()
    assert plain_http.isChecked()

    press(page, "pull-model")
    assert named(page, "show-download").isVisible()
    qtbot.waitUntil(lambda: stage.toasts == [f"{name} is on the disk"])
    qtbot.waitUntil(lambda: any(m.name == name for m in stage.state.installed or ()))
    assert named(page, "run-model").isVisible()
    page.open_at("downloads")
    assert "digest verified" in words(row_of(page, name))
    assert stage.run(stage.history.unfinished_pulls()) == ()


def test_exact_sizes_are_read_when_they_are_asked_for(
    qtbot: QtBot, stage: ModelsStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def unreachable(name: str, _cache: object) -> None:
        asked.append(name)
        raise NetworkUnavailable("registry.ollama.ai does not answer.", "`landfall recommend`")

    monkeypatch.setattr(registry, "fetch", unreachable)
    stage.start()
    page = stage.page(qtbot)
    page.open_at("qwen3:8b")
    press(page, "why-this")
    press(page, "read-exact")
    qtbot.waitUntil(lambda: line(page).isVisible() and bool(asked))
    qtbot.waitUntil(lambda: "does not answer" in words(line(page)))
    said = words(line(page))
    assert "works without it" in said
    assert "landfall" not in said
    assert page.state is PageState.PARTIAL
    line(page).triggered.emit()
    qtbot.waitUntil(lambda: asked == ["qwen3:8b", "qwen3:8b"])
    qtbot.waitUntil(lambda: "Try again" in words(line(page)))
    type_tag(qtbot, page, "", enter=False)
    type_tag(qtbot, page, "q", enter=False)
    assert page.state is PageState.READY


def test_a_name_that_means_nothing_gets_what_was_perhaps_meant(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    stage.start()
    found = stage.serve_registry()
    page = stage.page(qtbot)
    type_tag(qtbot, page, f"{found.address}/library/nothing")
    qtbot.waitUntil(lambda: "has no model" in words(line(page)))
    assert "Close" in words(line(page))
    line(page).triggered.emit()
    assert not line(page).isVisible()


# A repository that is typed

HEADER = measured_headers()["qwen3-8b.gguf"]
FILES = {
    "Qwen3-8B-Q8_0.gguf": (HEADER, 8_700_000_000),
    "Qwen3-8B-Q4_K_M.gguf": (HEADER, 5_000_000_000),
    "Qwen3-8B-IQ2_M.gguf": (HEADER, 3_050_000_000),
    "Qwen3-8B-BF16-00001-of-00002.gguf": (HEADER, 9_000_000_000),
    "Qwen3-8B-BF16-00002-of-00002.gguf": (HEADER, 7_400_000_000),
    "Qwen3-0.6B-Q4_0.gguf": (HEADER, 400_000_000),
}


def look_at_repository(qtbot: QtBot, stage: ModelsStage) -> tuple[ModelsPage, str]:
    """The page with the quantisations of a repository on it."""
    stage.start()
    hub = stage.serve_registry()
    name = hub.add_repository("user/repo", FILES, default="Qwen3-8B-Q4_K_M.gguf")
    page = stage.page(qtbot)
    type_tag(qtbot, page, f"ollama run {name}")
    qtbot.waitUntil(lambda: "5 quantizations" in words(line(page)))
    return page, name


def test_a_repository_lists_its_quantisations_with_the_fit_of_each(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    page, _ = look_at_repository(qtbot, stage)
    assert rows(page, "quantizations") == [
        "Qwen3-0.6B-Q4_0.gguf",
        "IQ2_M",
        "Q4_K_M",
        "Q8_0",
        "BF16",
    ]
    table = named(page, "quantizations", DataTable)
    assert table.table.rows[table.current][0].text == "Q4_K_M"
    assert table.hasFocus()
    assert "taken where no tag is given" in spoken(table.table.rows[2][0])
    fits = {row[0].text: spoken(row[3]) for row in table.table.rows}
    assert fits["IQ2_M"] == "Fits"
    assert fits["BF16"] == "Part on CPU"
    assert fits["Qwen3-0.6B-Q4_0.gguf"] == "not known"
    assert "In 2 parts" in spoken(table.table.rows[4][0])
    speed = table.table.rows[1][4]
    assert isinstance(speed, Shown)
    assert "\u2013" in speed.value, "a range, as in the list below"
    assert [a.path.split("/")[1] for a in stage.registry.asked] == ["api", "v2", "v2"]


def test_the_context_slider_prices_the_quantisations_anew(qtbot: QtBot, stage: ModelsStage) -> None:
    page, _ = look_at_repository(qtbot, stage)
    table = named(page, "quantizations", DataTable)
    slider = named(page, "context-slider", QSlider)
    before = spoken(table.table.rows[2][2])
    slider.setValue(slider.value() + 1)
    settle()
    assert spoken(table.table.rows[2][2]) != before
    assert (
        table.table.columns[2].title
        == named(page, "recommended-table", DataTable).table.columns[1].title
    )
    stage.state.set_profile(worlds.WITHOUT_GPU)
    assert spoken(table.table.rows[2][3]) == "On the CPU"


def test_what_loaded_models_hold_is_free_to_the_quantisations_too(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    page, _ = look_at_repository(qtbot, stage)
    table = named(page, "quantizations", DataTable)
    assert spoken(table.table.rows[3][3]) == "Part on CPU"
    size = 4 * GIB
    held = LoadedModel(
        name="gemma3:4b",
        digest="d",
        size_bytes=size,
        gpu_bytes=size,
        context=4096,
        expires_at="",
    )
    stage.state.set_models(stage.state.installed, (held,))
    assert spoken(table.table.rows[3][3]) == "Fits"


def test_a_quantisation_that_is_taken_becomes_a_row_of_the_list(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    page, name = look_at_repository(qtbot, stage)
    table = named(page, "quantizations", DataTable)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.recommended.inspector.model == f"{name}:Q8_0")
    assert rows(page, "recommended-table")[0] == f"{name}:Q8_0"
    assert named(page, "recommended-table", DataTable).hasFocus()
    assert not table.isVisible()
    assert "Looked up without a download: " in words(line(page))
    assert named(page, "pull-model").isEnabled()


def test_a_split_quantisation_is_shown_and_cannot_be_pulled(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    page, name = look_at_repository(qtbot, stage)
    table = named(page, "quantizations", DataTable)
    table.select(4)
    press(page, "take-quantization")
    qtbot.waitUntil(
        lambda: page.recommended.inspector.model.startswith(f"{name}:BF16"), timeout=2000
    )
    assert not named(page, "pull-model").isEnabled()
    assert "2 parts" in named(page, "pull-model").toolTip()


def test_another_model_of_the_repository_is_asked_for_its_own_header(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    page, name = look_at_repository(qtbot, stage)
    stage.registry.add_repository("user/repo", FILES, tags={"Q4_0": "Qwen3-0.6B-Q4_0.gguf"})
    table = named(page, "quantizations", DataTable)
    table.select(0)
    assert named(page, "take-quantization").text() == "Read its header"
    press(page, "take-quantization")
    qtbot.waitUntil(lambda: page.recommended.inspector.model == f"{name}:Q4_0")


def test_a_repository_without_gguf_files_says_what_to_do(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start()
    hub = stage.serve_registry()
    name = hub.add_repository("user/repo", {"model.safetensors": (b"", 5)})
    page = stage.page(qtbot)
    type_tag(qtbot, page, name)
    qtbot.waitUntil(lambda: "has no GGUF files" in words(line(page)))
    assert "ends in -GGUF" in words(line(page))
    assert not named(page, "quantizations", DataTable).isVisible()


def test_a_repository_that_is_looked_up_can_be_stopped_and_says_what_is_asked(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    stage.start()
    hub = stage.serve_registry()
    hub.faults.silent = True
    page = stage.page(qtbot)
    type_tag(qtbot, page, f"{hub.address}/user/repo")
    assert "list of files and one header" in words(line(page))
    line(page).triggered.emit()
    assert not line(page).isVisible()


def test_a_hub_that_fails_can_be_asked_again(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start()
    hub = stage.serve_registry()
    name = hub.add_repository("user/repo", FILES, default="Qwen3-8B-Q4_K_M.gguf")
    hub.faults.status = 429
    page = stage.page(qtbot)
    type_tag(qtbot, page, name)
    qtbot.waitUntil(lambda: "too many questions" in words(line(page)))
    assert "Try again" in words(line(page))
    hub.faults.status = None
    line(page).triggered.emit()
    qtbot.waitUntil(lambda: "5 quantizations" in words(line(page)))


def test_quantisations_are_listed_while_the_machine_is_not_known(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    stage.start()
    name = stage.serve_registry().add_repository("u/r", FILES, default="Qwen3-8B-Q4_K_M.gguf")
    page = stage.page(qtbot, profile=None)
    type_tag(qtbot, page, name)
    qtbot.waitUntil(lambda: "5 quantizations" in words(line(page)))
    table = named(page, "quantizations", DataTable)
    assert spoken(table.table.rows[2][3]) == "not known"
    stage.state.set_profile(worlds.WITH_GPU)
    assert spoken(table.table.rows[2][3]) == "Fits"


def test_a_name_of_a_cloud_model_is_never_asked_for(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start()
    page = stage.page(qtbot)
    type_tag(qtbot, page, "gpt-oss:120b-cloud")
    assert "model in a cloud" in words(line(page))
    assert rows(page, "recommended-table")


def test_a_question_can_be_stopped(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start()
    found = stage.serve_registry()
    found.faults.silent = True
    page = stage.page(qtbot)
    type_tag(qtbot, page, f"{found.address}/library/x")
    assert "Looking up" in words(line(page))
    assert "Stop" in words(line(page))
    line(page).triggered.emit()
    assert not line(page).isVisible()


# On the disk


def test_what_is_installed_has_its_size_last_use_and_state(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    remote = speaker("gpt-oss:120b-cloud", ["a"], remote_host="https://ollama.com")
    stage.start(speaker("qwen3:8b", ["a"]), remote)
    run = RunRecord(
        started_at="2026-11-21T10:00:00+00:00",
        place="local",
        host="h",
        model="qwen3:8b",
        prompt="p",
    )
    stage.run(stage.history.add_run(run))
    page = stage.page(qtbot)
    page.open_at("installed")
    qtbot.waitUntil(lambda: "21 Nov" in words(page))
    said = words(page)
    for part in ("5.2 GB, measured", "qwen3, 8.2B, Q4_K_M", "never here", "Cloud model"):
        assert part in said
    assert "5.2 GB in all; layers that models share count" in said
    assert page.header.sentence.text().replace("\u00a0", " ") == (
        "1 installed, 5.2 GB on disk, 412 GB free"
    )
    page.installed.select("gpt-oss:120b-cloud")
    assert not named(page, "load-installed").isEnabled()
    assert "cloud" in named(page, "load-installed").toolTip()


def test_a_model_is_loaded_shown_in_memory_and_unloaded(
    qtbot: QtBot, stage: ModelsStage, tiny: Mapping[str, TinyModel]
) -> None:
    stage.start()
    stage.fill(tiny)
    page = stage.page(qtbot)
    page.open_at("installed")
    page.installed.select("tiny-story:latest")
    assert named(page, "load-installed").text() == "Load"
    press(page, "load-installed")
    assert "Loading" in words(page)
    qtbot.waitUntil(lambda: bool(stage.state.loaded))
    qtbot.waitUntil(lambda: named(page, "load-installed").text() == "Unload")
    assert stage.looked == 1
    page.open_at("running")
    assert rows(page, "running-table") == ["tiny-story:latest"]
    assert "4,096, measured" in words(page)
    qtbot.waitUntil(lambda: "The server says" in words(page))
    assert "Predicted for that, " in words(page)
    assert "Looking at it" not in words(page)
    qtbot.waitUntil(lambda: "Loads kept in the history: 1" in words(page))
    (kept,) = stage.run(stage.history.loads())
    assert kept.model == "tiny-story:latest"
    assert kept.context == 4096
    (loaded,) = stage.state.loaded or ()
    assert kept.ps_bytes == loaded.size_bytes
    assert kept.predicted_ps_bytes is not None
    # Its process is none of this machine's that can be found: the twin runs in the test's own.
    assert kept.process_bytes is None
    assert any("process_bytes is not known" in reason for reason in kept.reasons)
    press(page, "unload")
    qtbot.waitUntil(lambda: stage.state.loaded == ())
    assert "No model is in memory" in words(page)
    press(page, "nothing-running")
    assert named(page, "installed-table", DataTable).isVisible()


def test_a_name_is_copied_and_a_model_is_run_from_its_row(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start(speaker("qwen3:8b", ["a"]))
    page = stage.page(qtbot)
    page.open_at("installed")
    press(page, "copy-installed")
    assert QGuiApplication.clipboard().text() == "qwen3:8b"
    assert stage.toasts == ["Copied qwen3:8b"]
    table = named(page, "installed-table", DataTable)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert stage.jumps == [("run", "qwen3:8b")]


def test_a_model_is_deleted_after_a_question_that_names_its_size(
    qtbot: QtBot, stage: ModelsStage, tiny: Mapping[str, TinyModel]
) -> None:
    stage.start()
    stage.fill(tiny)
    page = stage.page(qtbot)
    page.open_at("installed")
    page.installed.select("tiny-story:latest")
    press(page, "delete-installed")
    dialog = named(page, "delete-models", QWidget)
    assert "Delete tiny-story:latest?" in words(dialog)
    assert "MB" in words(dialog)
    press(dialog, "keep-models")
    assert len(stage.state.installed or ()) == 2
    press(page, "delete-installed")
    press(page, "confirm-delete")
    qtbot.waitUntil(lambda: len(stage.state.installed or ()) == 1)
    assert stage.toasts == ["Deleted tiny-story:latest"]


def test_that_who_deletes_a_model_is_told_which_workloads_name_it(
    qtbot: QtBot, stage: ModelsStage, tiny: Mapping[str, TinyModel]
) -> None:
    stage.start()
    stage.fill(tiny)
    for name, sample in (("Letters", False), ("Tickets", False), ("Invented", True)):
        toml = f'schema = 1\n[workload]\nname = "{name}"\ntask = "chat"\n'
        toml += '[candidates]\nlocal = ["tiny-story"]\n'
        saved = SavedWorkload(name=name, toml=toml, sample=sample)
        stage.run(stage.history.save_workload(saved))
    page = stage.page(qtbot)
    page.open_at("installed")
    page.installed.select("tiny-story:latest")
    qtbot.waitUntil(lambda: page.installed._named != {})
    press(page, "delete-installed")
    dialog = named(page, "delete-models", QWidget)
    assert "Workloads name tiny-story:latest: Letters, Tickets." in words(dialog)
    assert "A model that is deleted has to be pulled again before that work can run here." in words(
        dialog
    )
    press(dialog, "keep-models")
    press(page, "free-disk")
    dialog = named(page, "delete-models", QWidget)
    press(dialog, "delete-tiny-embedder:latest")
    assert "Letters" not in words(dialog)
    press(dialog, "delete-tiny-story:latest")
    assert "Workloads name tiny-story:latest: Letters, Tickets." in words(dialog)


def test_that_what_goes_on_another_machine_concerns_no_workload_of_this_one(qtbot: QtBot) -> None:
    here = Candidate("tiny-story:latest", 1, "never", workloads=("Letters",))
    for host, told in (("", True), ("den", False)):
        dialog = DeleteModels([here], choose=False, host=host)
        qtbot.addWidget(dialog)
        dialog.open()
        assert ("Letters" in words(dialog)) is told


def test_disk_space_is_freed_by_choosing_what_goes(
    qtbot: QtBot, stage: ModelsStage, tiny: Mapping[str, TinyModel]
) -> None:
    stage.start()
    stage.fill(tiny)
    page = stage.page(qtbot)
    page.open_at("installed")
    press(page, "free-disk")
    dialog = named(page, "delete-models", QWidget)
    confirm = named(dialog, "confirm-delete")
    assert not confirm.isEnabled()
    press(dialog, "delete-tiny-story:latest")
    assert confirm.text().startswith("Delete tiny-story:latest, ")
    press(dialog, "delete-tiny-embedder:latest")
    assert confirm.text().startswith("Delete 2 models, ")
    press(dialog, "confirm-delete")
    qtbot.waitUntil(lambda: stage.state.installed == ())
    assert page.state is PageState.EMPTY
    press(page, "nothing-installed")
    assert named(page, "recommended-table", DataTable).isVisible()


def test_a_failure_of_an_action_is_said(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start(speaker("qwen3:8b", ["a"]))
    page = stage.page(qtbot)
    page.open_at("installed")
    stage.run(stage.twin.server.stop())
    press(page, "load-installed")
    qtbot.waitUntil(lambda: any(n and "No connection" in n.title for n in stage.notices))


# In memory


def test_why_it_is_on_the_processor_is_answered_with_cause_and_fix(
    qtbot: QtBot, stage: ModelsStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.start(speaker("qwen3:8b", ["a"]))
    # The twin has no GPU: it would tell another share.
    monkeypatch.setattr(stage.lookout, "models", lambda: None)
    page = stage.page(qtbot)
    half = LoadedModel(
        name="qwen3:8b",
        digest="d",
        size_bytes=12 * GIB,
        gpu_bytes=1 * GIB,
        context=65536,
        expires_at="2099-11-26T01:04:05.123456789Z",
    )
    stage.state.set_models(stage.state.installed, (half,))
    page.open_at("running")
    qtbot.waitUntil(lambda: "At 40,960 tokens of context it fits partly" in words(page))
    said = words(page)
    assert "8 %, measured" in said
    assert "tokens of context or fewer it is whole on the GPU" in said
    assert "Reload at " in said
    assert "26 Nov 2099" in said
    assert "Predicted and measured" in said
    why = named(page, "why-qwen3:8b", StateLine)
    why.triggered.emit()
    qtbot.waitUntil(lambda: "qwen3:8b is loaded anew" in stage.toasts)
    sent = [r.json() for r in stage.twin.server.requests if r.path == "/api/generate"]
    assert sent[-1]["options"]["num_ctx"] < 65536


def test_a_load_is_looked_at_once_however_often_the_page_is_shown(
    qtbot: QtBot,
    stage: ModelsStage,
    tiny: Mapping[str, TinyModel],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage.start()
    stage.fill(tiny)
    page = stage.page(qtbot)
    page.open_at("installed")
    page.installed.select("tiny-story:latest")
    press(page, "load-installed")
    page.open_at("running")
    qtbot.waitUntil(lambda: bool(stage.state.loaded))
    qtbot.waitUntil(lambda: "The server says" in words(page))
    assert "just loaded, and asked nothing yet" in tips(page)

    def asked() -> int:
        return sum(r.path == "/api/show" for r in stage.twin.server.requests)

    before = asked()
    for _ in range(3):
        page.refresh()
        stage.state.set_models(*stage.run(stage.host.models()))
        settle()
    assert asked() == before
    # A server that goes while it is looked at is shown by the page, and is no failure of the look.
    qtbot.wait(100)
    monkeypatch.setattr(stage.lookout, "models", lambda: None)
    (loaded,) = stage.state.loaded or ()
    stage.run(stage.twin.server.stop())
    stage.state.set_models(stage.state.installed, (replace(loaded, context=512),))
    qtbot.wait(200)
    assert "Looking at it" in words(page)
    assert not any(stage.notices)


def tips(page: QWidget) -> str:
    """What the lines of facts say when a pointer rests on them."""
    settle()
    return "\n".join(line.toolTip() for line in page.findChildren(FactLine) if line.isVisible())


def test_a_model_that_is_loaded_does_not_count_against_itself(
    qtbot: QtBot, stage: ModelsStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.start(speaker("qwen3:8b", ["a"]))
    monkeypatch.setattr(stage.lookout, "models", lambda: None)
    card = replace(worlds.GPU, memory_free_bytes=2 * GIB, usable_bytes=GIB)
    page = stage.page(qtbot, profile=replace(worlds.WITH_GPU, accelerators=(card,)))
    page.open_at("qwen3:8b")
    assert fit_word(page, "qwen3:8b") == "On the CPU"
    held = LoadedModel(
        name="qwen3:8b",
        digest="d",
        size_bytes=8 * GIB,
        gpu_bytes=8 * GIB,
        context=8192,
        expires_at="forever",
    )
    stage.state.set_models(stage.state.installed, (held,))
    assert fit_word(page, "qwen3:8b").startswith("Fits")
    assert "what that takes counts as free" in words(page)


# On their way


def test_a_download_is_paused_goes_on_and_is_cancelled(
    qtbot: QtBot, stage: ModelsStage, tiny: Mapping[str, TinyModel]
) -> None:
    stage.start()
    found = stage.serve_registry()
    name = found.add("slow", tiny["tiny-story"].path.read_bytes())
    stage.registry.faults.rate_bytes_per_s = 800_000
    page = stage.page(qtbot)
    page.queue.pull(name, insecure=True)
    page.open_at("downloads")
    row = row_of(page, name)
    qtbot.waitUntil(lambda: " MB of " in words(row))
    assert stage.state.running[0].title == f"Pulling {name}"
    press(row, "pull-pause")
    qtbot.waitUntil(lambda: "paused (" in words(row))
    (kept,) = stage.run(stage.history.unfinished_pulls())
    assert kept.state == "paused"
    assert stage.state.running == ()
    stage.registry.faults.rate_bytes_per_s = 200_000
    press(row, "pull-resume")
    qtbot.waitUntil(lambda: named(row, "pull-pause").isVisible())
    press(row, "pull-cancel")
    assert any("stay on the disk until Ollama clears them" in said for said in stage.toasts)
    qtbot.waitUntil(lambda: page.downloads._rows.get(name) is None)
    qtbot.waitUntil(lambda: stage.run(stage.history.unfinished_pulls()) == ())
    assert page.state is PageState.EMPTY
    press(page, "find-a-model")
    assert page._tabs.current == RECOMMENDED


def test_a_second_download_waits_for_its_turn(
    qtbot: QtBot, stage: ModelsStage, tiny: Mapping[str, TinyModel]
) -> None:
    stage.start()
    found = stage.serve_registry()
    names = [found.add(name, model.path.read_bytes()) for name, model in tiny.items()]
    stage.registry.faults.rate_bytes_per_s = 1_000_000
    page = stage.page(qtbot)
    for name in names:
        page.queue.pull(name, insecure=True)
    page.open_at("downloads")
    qtbot.waitUntil(lambda: "starts when the one before it is through" in words(page))
    assert named(page, "models-tabs", SegmentedControl)._segments[DOWNLOADS]._count == 2
    qtbot.waitUntil(lambda: len(stage.toasts) == 2, timeout=10_000)


def test_what_an_earlier_start_left_is_shown_and_goes_on(
    qtbot: QtBot, stage: ModelsStage, tiny: Mapping[str, TinyModel]
) -> None:
    stage.start()
    found = stage.serve_registry()
    name = found.add("left", tiny["tiny-story"].path.read_bytes())
    for model, host, kind, reason in (
        (name, stage.twin.url, "interrupted", ""),
        ("broken:1b", stage.twin.url, "failed", "The registry said no. Try later."),
        ("elsewhere:1b", "http://192.168.7.7:11434", "paused", ""),
    ):
        record = PullRecord(
            host=host,
            model=model,
            started_at="2026-11-20T10:00:00+00:00",
            changed_at="2026-11-20T10:05:00+00:00",
            state=kind,
            completed_bytes=100_000,
            total_bytes=200_000,
            reason=reason,
        )
        stage.run(stage.history.save_pull(record))
    page = stage.page(qtbot)
    page.open_at("downloads")
    qtbot.waitUntil(lambda: "cut when the program ended" in words(page))
    assert page.state is PageState.FAILED
    assert "The registry said no. Try later." in words(page)
    assert "elsewhere:1b" not in words(page)
    press(row_of(page, name), "pull-resume")
    qtbot.waitUntil(lambda: f"{name} is on the disk" in stage.toasts)
    press(row_of(page, "broken:1b"), "pull-cancel")
    qtbot.waitUntil(lambda: page.state is PageState.READY)


def test_a_full_disk_names_the_remedy_and_leads_to_what_is_installed(
    qtbot: QtBot, stage: ModelsStage, tiny: Mapping[str, TinyModel]
) -> None:
    stage.start(speaker("qwen3:8b", ["a"]))
    found = stage.serve_registry()
    name = found.add("big", tiny["tiny-story"].path.read_bytes())
    stage.twin.free_bytes = 200_000
    page = stage.page(qtbot)
    page.open_at("downloads")
    page.queue.pull(name, insecure=True)
    qtbot.waitUntil(lambda: page.state is PageState.FAILED)
    row = row_of(page, name)
    assert "no space left on device" in words(row)
    assert stage.notices == []
    press(row, "pull-remedy")
    assert page._tabs.current == INSTALLED
    stage.twin.free_bytes = None
    page.open_at("downloads")
    press(row, "pull-resume")
    qtbot.waitUntil(lambda: stage.toasts == [f"{name} is on the disk"])


def test_a_failure_out_of_sight_is_said_in_a_banner(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start()
    found = stage.serve_registry()
    page = stage.page(qtbot)
    page.queue.pull(f"{found.address}/library/none", insecure=True)
    qtbot.waitUntil(lambda: bool(stage.notices))
    notice = stage.notices[-1]
    assert notice is not None
    assert notice.action is not None
    notice.action.run()
    assert stage.jumps == [("models", "downloads")]
    # Where the download itself is seen, no banner goes on saying it on every page.
    page.open_at("downloads")
    assert stage.notices[-1] is None


def test_a_registry_of_plain_http_that_was_asked_by_https_is_asked_again(
    qtbot: QtBot, stage: ModelsStage, tiny: Mapping[str, TinyModel]
) -> None:
    stage.start()
    found = stage.serve_registry()
    name = found.add("plain", tiny["tiny-story"].path.read_bytes())
    page = stage.page(qtbot)
    page.open_at("downloads")
    refusal = f"Get https://{name}: http: server gave HTTP response to HTTPS client"
    stage.twin.faults.append(Fault("error", path="/api/pull", after=0, text=refusal))
    page.queue.pull(name, insecure=False)
    qtbot.waitUntil(lambda: page.state is PageState.FAILED)
    row = row_of(page, name)
    assert "does not speak https" in words(row)
    assert "--insecure" not in words(row)
    press(row, "pull-remedy")
    qtbot.waitUntil(lambda: stage.toasts == [f"{name} is on the disk"])


def test_a_pull_without_a_server_says_what_is_missing(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start(server=False)
    page = stage.page(qtbot)
    assert page.queue.pull("qwen3:8b") is False
    assert stage.notices[-1] is not None
    assert "No Ollama answers" in stage.notices[-1].title
    assert page.queue.entries == ()


def test_that_an_update_is_told_before_it_is_loaded(
    qtbot: QtBot, stage: ModelsStage, tiny: Mapping[str, TinyModel]
) -> None:
    stage.start()
    found = stage.serve_registry()
    name = found.add("mine", tiny["tiny-story"].path.read_bytes())
    page = stage.page(qtbot)
    page.queue.pull(name, insecure=True)
    qtbot.waitUntil(lambda: bool(stage.state.installed))
    stage.toasts.clear()
    page.open_at("installed")

    def said() -> str:
        table = page.installed.table
        return spoken(table.filter.index(0, 3).data(table.table.CELL))

    asked = len(found.asked)
    assert "update" not in said()
    assert "up to date" not in said()
    assert len(found.asked) == asked, "no registry is asked before somebody asks"
    press(page, "look-for-updates")
    qtbot.waitUntil(lambda: "up to date" in said())
    everything = named(page, "update-all")
    qtbot.waitUntil(lambda: not everything.isEnabled())
    assert everything.toolTip() == "Everything is up to date"

    found.add("mine", tiny["tiny-story"].path.read_bytes() + bytes(4096))
    qtbot.waitUntil(named(page, "look-for-updates").isEnabled)
    press(page, "look-for-updates")
    qtbot.waitUntil(lambda: "update available, " in said())
    press(page, "update-all")
    qtbot.waitUntil(lambda: stage.toasts == [f"{name} is on the disk"])
    qtbot.waitUntil(lambda: "update" not in said(), timeout=10_000)


def test_that_an_update_that_is_not_known_says_why(
    qtbot: QtBot, stage: ModelsStage, tiny: Mapping[str, TinyModel]
) -> None:
    stage.start()
    found = stage.serve_registry()
    name = found.add("mine", tiny["tiny-story"].path.read_bytes())
    page = stage.page(qtbot)
    page.queue.pull(name, insecure=True)
    qtbot.waitUntil(lambda: bool(stage.state.installed))
    page.open_at("installed")
    found.manifests.clear()
    press(page, "look-for-updates")
    table = page.installed.table
    qtbot.waitUntil(
        lambda: "update not known" in spoken(table.filter.index(0, 3).data(table.table.CELL))
    )
    assert "has no model" in page.installed._note.text().partition("\n")[2]


def test_updating_pulls_what_is_here_again(
    qtbot: QtBot, stage: ModelsStage, tiny: Mapping[str, TinyModel]
) -> None:
    stage.start()
    found = stage.serve_registry()
    name = found.add("mine", tiny["tiny-story"].path.read_bytes())
    page = stage.page(qtbot)
    page.queue.pull(name, insecure=True)
    qtbot.waitUntil(lambda: bool(stage.state.installed))
    stage.toasts.clear()
    page.open_at("installed")
    press(page, "update-all")
    assert page._tabs.current == DOWNLOADS
    qtbot.waitUntil(lambda: stage.toasts == [f"{name} is on the disk"])


@pytest.fixture(
    params=[
        pytest.param(OLD, id="twin-0.24"),
        pytest.param(NEW, id="twin-0.32"),
        pytest.param("real", marks=pytest.mark.real_ollama),
    ]
)
def managed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ModelsStage]:
    """The page's stage with each server in turn."""
    if request.param == "real" and REAL is None:
        pytest.skip("no ollama executable on PATH")
    stage: ModelsStage = request.getfixturevalue("stage")
    if request.param != "real":
        stage.twin.version = request.param
        stage.start()
        yield stage
        return
    home = tmp_path / "ollama"
    home.mkdir()
    with serving_real(home) as live:
        stage.use(live)
        yield stage
        stage.run(stage.host.close())


def test_a_model_lives_from_its_pull_to_its_deletion(
    qtbot: QtBot, managed: ModelsStage, tiny: Mapping[str, TinyModel]
) -> None:
    stage = managed
    found = stage.serve_registry()
    name = found.add("mine", tiny["tiny-story"].path.read_bytes())
    page = stage.page(qtbot)
    type_tag(qtbot, page, name)
    qtbot.waitUntil(lambda: page.recommended.inspector.model == name)
    assert page.recommended.inspector.findChildren(FitBadge)[0].accessibleName() == "Fits"
    found.faults.rate_bytes_per_s = 800_000
    press(page, "pull-model")
    page.open_at("downloads")
    row = row_of(page, name)
    qtbot.waitUntil(lambda: " of 1 MB" in words(row), timeout=10_000)
    press(row, "pull-pause")
    qtbot.waitUntil(lambda: "paused (" in words(row))
    found.faults.rate_bytes_per_s = 0
    press(row, "pull-resume")
    qtbot.waitUntil(lambda: f"{name} is on the disk" in stage.toasts, timeout=10_000)

    page.open_at("installed")
    qtbot.waitUntil(lambda: rows(page, "installed-table") == [name])
    press(page, "load-installed")
    qtbot.waitUntil(lambda: bool(stage.state.loaded), timeout=20_000)
    page.open_at("running")
    assert rows(page, "running-table") == [name]
    press(page, "unload")
    qtbot.waitUntil(lambda: stage.state.loaded == (), timeout=20_000)
    # The server's list is a turn ahead of the end of the task that asked for it.
    deleting = named(page, "delete-installed")
    qtbot.waitUntil(deleting.isEnabled, timeout=10_000)
    page.open_at("installed")
    press(page, "delete-installed")
    press(page, "confirm-delete")
    qtbot.waitUntil(lambda: stage.state.installed == (), timeout=10_000)
    assert [n for n in stage.notices if n is not None] == []


# Without a server


@pytest.mark.parametrize(
    ("runtime", "title", "action"),
    [
        (RuntimeState.ABSENT, "Ollama is not installed", "Get Ollama"),
        (RuntimeState.STOPPED, "Ollama is installed and stopped", "Start Ollama"),
    ],
)
def test_without_a_server_predictions_stay_and_the_way_to_one_is_shown(
    qtbot: QtBot,
    stage: ModelsStage,
    monkeypatch: pytest.MonkeyPatch,
    *,
    runtime: RuntimeState,
    title: str,
    action: str,
) -> None:
    opened: list[str] = []
    started: list[bool] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", staticmethod(lambda url: opened.append(url.toString()) is None)
    )
    monkeypatch.setattr(stage.lookout, "start_ollama", lambda: started.append(True))
    stage.start(server=False)
    stage.state.set_runtimes(worlds.ollama(runtime))
    page = stage.page(qtbot)
    assert page.state is PageState.PARTIAL
    assert len(rows(page, "recommended-table")) > 10
    assert title in words(page)
    pull = named(page, "pull-model")
    assert not pull.isEnabled()
    assert pull.toolTip() == title
    page.open_at("installed")
    assert page.state is PageState.EMPTY
    assert action in words(page)
    assert opened == []
    press(page, "server-action")
    expected = (["https://ollama.com/download"], []) if action == "Get Ollama" else ([], [True])
    assert (opened, started) == expected
    press(page, "connect-host")
    assert stage.jumps == [("machine", "add-host")]


def test_a_host_that_does_not_answer_is_asked_again(
    qtbot: QtBot, stage: ModelsStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(stage.lookout, "ollama", lambda: asked.append(True))
    stage.start(server=False)
    remote = replace(worlds.ollama(RuntimeState.REMOTE)[0], version=None)
    stage.state.set_runtimes((remote,))
    page = stage.page(qtbot)
    page.open_at("running")
    assert "does not answer at http://rack.example:11434" in words(page)
    press(page, "server-action")
    assert asked == [True]


# The whole


def test_a_jump_opens_a_tab_or_selects_a_model(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start(speaker("qwen3:8b", ["a"]))
    page = stage.page(qtbot)
    for detail, tab in (("installed", INSTALLED), ("running", RUNNING), ("downloads", DOWNLOADS)):
        page.open_at(detail)
        assert page._tabs.current == tab
    page.open_at("qwen3:14b")
    assert page._tabs.current == RECOMMENDED
    assert page.recommended.inspector.model == "qwen3:14b"
    page.open_at("hf.co/somebody/some:Q4_K_M")
    assert named(page, "models-search", QLineEdit).text() == "hf.co/somebody/some:Q4_K_M"
    assert "Look up" in words(line(page))


def test_a_jump_before_the_first_paint_is_not_lost(qtbot: QtBot, stage: ModelsStage) -> None:
    stage.start()
    stage.state.set_profile(worlds.WITH_GPU)
    page = ModelsPage(
        stage.state,
        stage.tasks,
        stage.messages,
        stage.lookout,
        host=stage.host,
        downloads=stage.downloads,
        history=stage.history,
        paths=stage.paths,
    )
    qtbot.addWidget(page)
    page.open_at("downloads")
    page.show()
    qtbot.waitUntil(lambda: page.settled)
    assert page._tabs.current == DOWNLOADS


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_tab_is_painted_and_every_control_has_a_name(
    qtbot: QtBot, stage: ModelsStage, themed: theme.Theme, scheme: theme.SchemeChoice
) -> None:
    themed.use(scheme)
    long = "hf.co/somebody/A-Very-Long-Name-32B-Instruct-Finetuned-GGUF:UD-Q4_K_XL"
    stage.start(speaker("qwen3:8b", ["a"]), speaker(long, ["a"]))
    page = stage.page(qtbot)
    page.resize(824, 700)
    for tab in ("recommended", "installed", "running", "downloads"):
        page.open_at(tab)
        page.installed.select(long)
        settle()
        assert not page.grab().isNull()
        inner = page.widget()
        assert inner.minimumSizeHint().width() <= page.viewport().width(), tab
        for control in inner.findChildren(QWidget):
            if not control.isVisible() or control.focusPolicy() is Qt.FocusPolicy.NoFocus:
                continue
            if isinstance(control, QAbstractButton | QSlider | QComboBox | QLineEdit | DataTable):
                name = control.accessibleName() or getattr(control, "text", str)()
                assert name, f"{tab}: {control.objectName() or control} has no name"


def test_that_a_search_tells_of_models_that_the_list_leaves_out(
    qtbot: QtBot, stage: ModelsStage
) -> None:
    stage.start()
    page = stage.page(qtbot)
    slow = "llama3.3:70b"
    assert slow not in rows(page, "recommended-table")
    type_tag(qtbot, page, slow, enter=False)
    assert f"Not in this list, but known: {slow}" in words(line(page))
    line(page).triggered.emit()
    table = named(page, "recommended-table", DataTable)
    assert table.filter.rowCount() == 1
    assert not line(page).isVisible()
    type_tag(qtbot, page, "zzzz", enter=False)
    assert "No row holds" in words(line(page))
