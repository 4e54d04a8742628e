"""The Speed tab of the Cloud page: a ceiling first, calls on the wire, a chart and its table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from landfall.core.settings import Settings
from landfall.gui.cloud.probe_card import ProbeCard
from landfall.gui.cloud.probe_tab import ProbeTab
from landfall.gui.page import PageState
from landfall.gui.pages.cloud_page import CloudPage, Tab
from landfall.gui.widgets.cells import spoken
from landfall.gui.widgets.here_there_chart import HereThereChart
from landfall.gui.widgets.tables import DataTable
from landfall.services.history.records import RunRecord
from tests.fakes.cloud_api import openai_answer, refuse, stream
from tests.gui.conftest import active_timers, settle
from tests.gui.pages.cloud_stage import CloudStage

MODEL = "gpt-5-mini"
Open = Callable[[], ProbeTab]


@pytest.fixture
def opened(stage: CloudStage, qtbot: QtBot) -> Open:
    def open_() -> ProbeTab:
        page: CloudPage = stage.page()
        qtbot.addWidget(page)
        page.resize(1080, 900)
        page.show()
        qtbot.waitUntil(lambda: page.state is not PageState.LOADING, timeout=20_000)
        page.choose(Tab.SPEED)
        qtbot.waitUntil(lambda: page.state is not PageState.LOADING, timeout=20_000)
        return page.probe_tab

    return open_


def with_model(tab: ProbeTab, qtbot: QtBot, *, model: str = MODEL, calls: int = 0) -> ProbeCard:
    """The form filled in, and its ceiling told."""
    card = tab.card
    qtbot.waitUntil(lambda: card.model.count() > 0, timeout=20_000)
    card.calls.setCurrentIndex(calls)
    card.model.setEditText(model)
    line = card.model.lineEdit()
    assert line is not None
    line.editingFinished.emit()
    qtbot.waitUntil(lambda: card.most is not None, timeout=20_000)
    return card


def told(card: ProbeCard) -> str:
    settle()
    return f"{card.line.title.text()} {card.line.detail.text()}".replace("\u00a0", " ")


def ended(card: ProbeCard) -> bool:
    return card.go.isVisibleTo(card)


def test_that_without_a_key_nothing_can_be_measured(opened: Open) -> None:
    tab = opened()
    assert not tab.card.go.isEnabled()
    assert "enter a key first" in told(tab.card)
    assert tab.state is PageState.EMPTY
    tab.card.line.triggered.emit()
    settle()
    assert not tab.isVisible()


def test_that_the_keyring_is_asked_before_it_is_said_that_no_key_is_there(qtbot: QtBot) -> None:
    card = ProbeCard()
    qtbot.addWidget(card)
    assert told(card).strip() == "Asking the keyring"
    card.set_providers(())
    assert "enter a key first" in told(card)


def test_that_the_focus_stays_at_the_place_of_the_button(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    stage.has_key("openai")
    stage.api.script.append(stream([60.0]))
    tab = opened()
    card = with_model(tab, qtbot)
    card.go.setFocus()
    qtbot.keyClick(card.go, Qt.Key.Key_Space)
    assert tab.window().focusWidget() is card.stop
    qtbot.keyClick(card.stop, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: ended(card), timeout=20_000)
    assert tab.window().focusWidget() is card.go


def test_that_the_most_it_costs_stands_on_the_button_before_anything_is_sent(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    stage.has_key("openai")
    card = with_model(opened(), qtbot)
    assert card.chosen_provider == "openai"
    assert "at most $" in card.go.text()
    assert "6 calls of at most 96 tokens" in told(card)
    assert stage.api.requests == []


def test_that_a_probe_is_run_and_drawn_and_told(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    stage.has_key("openai")
    tab = opened()
    card = with_model(tab, qtbot)
    card.go.click()
    qtbot.waitUntil(lambda: ended(card), timeout=20_000)
    assert "for half of the calls" in told(card)
    assert "It cost $" in told(card)
    assert "little more than the worst one" in told(card)
    assert len(stage.api.requests) == 6
    qtbot.waitUntil(lambda: tab.state is PageState.READY, timeout=20_000)
    chart = tab.findChild(HereThereChart, "here-there")
    table = tab.findChild(DataTable, "here-there-table")
    assert chart is not None
    assert table is not None
    assert MODEL in chart.accessibleName()
    line = " | ".join(spoken(cell) for cell in table.table.rows[0])
    assert "OpenAI" in line
    assert "$2.00" in line
    settle()
    qtbot.waitUntil(lambda: active_timers() == [], timeout=20_000)


def test_that_what_was_run_here_is_drawn_with_its_watts_or_why_not(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    run = RunRecord(
        started_at="2026-11-20T10:00:00Z",
        place="local",
        host="http://127.0.0.1:11434",
        model="qwen3:8b",
        state="done",
        prompt="x",
        decode_tok_s=50.0,
        ttft_seconds=0.4,
        total_seconds=4.0,
        gross_joules=1000.0,
        energy_grade="good",
        energy_scope="GPU board",
    )
    stage.run(stage.history.keep_run(run))
    unknown = replace(run, model="tiny", gross_joules=None, energy_reason="no sensor")
    stage.run(stage.history.keep_run(unknown))
    tab = opened()
    said = tab.chart.accessibleName().replace("\u00a0", " ")
    assert "250 W, GPU board" in said
    assert "watts unknown: no sensor" in said


def test_that_a_stop_keeps_what_came(stage: CloudStage, opened: Open, qtbot: QtBot) -> None:
    stage.has_key("openai")
    stage.api.script.append(stream(openai_answer("a", "b")))
    stage.api.script.append(stream([60.0]))
    card = with_model(opened(), qtbot)
    card.go.click()
    qtbot.waitUntil(lambda: len(stage.api.requests) == 2, timeout=20_000)
    card.stop.click()
    qtbot.waitUntil(lambda: ended(card), timeout=20_000)
    assert "Stopped. What came is kept." in told(card)
    (kept,) = stage.run(stage.history.probes())
    assert (kept.state, len(kept.result["calls"])) == ("aborted", 1)


def test_that_a_refused_key_is_said_at_the_line(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    stage.has_key("openai")
    stage.api.script.append(refuse(401, "Incorrect API key provided"))
    card = with_model(opened(), qtbot)
    card.go.click()
    qtbot.waitUntil(lambda: ended(card), timeout=20_000)
    assert "refuses the key" in told(card)
    assert "`landfall" not in told(card)


def test_that_a_model_without_a_price_wants_a_switch_first(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    stage.has_key("openai")
    card = with_model(opened(), qtbot, model="nobody-knows")
    assert not card.go.isEnabled()
    assert "Nobody knows what it costs" in told(card)
    card.unpriced.click()
    assert card.go.isEnabled()
    card.go.click()
    qtbot.waitUntil(lambda: ended(card), timeout=20_000)
    assert "What it cost is not known" in told(card)


def test_that_a_cap_of_the_day_that_is_too_small_is_said(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    stage.has_key("openai")
    stage.set(daily_budget_usd=0.0)
    assert stage.state.settings != Settings()
    card = with_model(opened(), qtbot)
    card.go.click()
    qtbot.waitUntil(lambda: ended(card), timeout=20_000)
    assert "cap" in told(card)
    assert stage.api.requests == []


def test_that_no_model_is_chosen_before_the_user_does(qtbot: QtBot) -> None:
    card = ProbeCard()
    qtbot.addWidget(card)
    card.set_providers((("openai", "OpenAI"),))
    card.set_models("openai", ("chatgpt-image-latest", MODEL))
    assert card.chosen_model == ""
    assert told(card).strip() == "Choose a model."
    assert not card.go.isEnabled()
    card.model.setCurrentIndex(1)
    card.set_models("openai", ("another", "chatgpt-image-latest", MODEL))
    assert card.chosen_model == MODEL, "a list that comes anew changes no choice"
