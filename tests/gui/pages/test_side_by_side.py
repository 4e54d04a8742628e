"""Side by side on the Run page: who is asked, what comes of it, what it may cost, the vote."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from landfall.core.events import Piece, Sent
from landfall.core.run.long_wait import LongWait
from landfall.gui import theme
from landfall.gui.before_paint import finish_layouts
from landfall.gui.page import PageState
from landfall.gui.pages.run_page import RunPage
from landfall.gui.run.targets import local_targets
from landfall.gui.run.toolbar import Mode
from landfall.gui.side_by_side.answer import Answer
from landfall.gui.side_by_side.column import AnswerColumn
from landfall.gui.side_by_side.columns import LEAST_HEIGHT, AnswerColumns
from landfall.gui.side_by_side.picker import TargetPicker
from landfall.gui.side_by_side.targets import MOST_TARGETS, Asked, asked_here, asked_there
from landfall.gui.side_by_side.view import SideBySideView
from landfall.gui.side_by_side.vote_bar import Voting
from landfall.services import cloud
from tests.fakes import cloud_api
from tests.fakes.speakers import speaker
from tests.gui.conftest import Resize, settle
from tests.gui.pages.backstage import Backstage, FakePower
from tests.gui.pages.run_stage import run_page, runs_of, show
from tests.gui.seen import find, words

WORDS = tuple(f"word{i} " for i in range(20))
ONE = speaker("qwen3:8b", WORDS)
TWO = speaker("llama3.2:3b", ("Short", " answer."))
LONG = replace(speaker("endless:1b", WORDS), loop=True)
STUB = speaker("glm:cloud", ("no",), remote_host="https://cloud.example", remote_model="glm")
Make = Callable[[], RunPage]


@pytest.fixture
def make(backstage: Backstage, qtbot: QtBot) -> Iterator[Make]:
    """A page that shows the place of comparisons, on the backstage as it is then."""
    pages: list[RunPage] = []

    def made() -> RunPage:
        page = run_page(backstage, qtbot)
        show(page, qtbot)
        page.mode.choose(Mode.BOTH)
        pages.append(page)
        return page

    yield made
    for page in pages:
        view = view_of(page)
        view.session.stop()
        qtbot.waitUntil(lambda view=view: not view.session.running)


def view_of(page: RunPage) -> SideBySideView:
    assert page.side is not None
    return page.side


def add_local(page: RunPage, backstage: Backstage, *models: str) -> None:
    runtimes = backstage.state.runtimes or ()
    known = {t.model: t for t in local_targets(backstage.state.installed or (), runtimes[0])}
    for model in models:
        view_of(page).chips.hold(asked_here(known[model]))


def add_hosted(page: RunPage, *models: str) -> None:
    for model in models:
        view_of(page).chips.hold(asked_there(cloud.find("openai"), model))


def send(page: RunPage, text: str = "Say something.") -> None:
    view_of(page).form.prompt.setPlainText(text)
    find(view_of(page), "send").click()


def agree(page: RunPage, qtbot: QtBot) -> None:
    form = view_of(page).form
    qtbot.waitUntil(form.confirm.isVisible, timeout=10_000)
    find(form, "agree").click()


def ended(page: RunPage, qtbot: QtBot) -> None:
    view = view_of(page)
    qtbot.waitUntil(
        lambda: not view.session.running and view.session.view is not None, timeout=20_000
    )
    qtbot.waitUntil(lambda: view.columns.settled)


def columns(page: RunPage) -> list[AnswerColumn]:
    return view_of(page).columns.columns


def texts(page: RunPage) -> list[str]:
    return [one.bubble.text.raw for one in columns(page)]


def status(page: RunPage) -> str:
    return str(find(page, "side-line", QWidget).accessibleName())


# Who is asked


def test_that_the_model_of_the_page_is_the_first_target_and_the_prompt_comes_along(
    backstage: Backstage, make: Make
) -> None:
    backstage.start(ONE)
    page = make()
    assert [one.label for one in view_of(page).chips.asked] == ["qwen3:8b, this machine"]
    assert page.state is PageState.READY
    assert "Ask several at once" in words(page)
    assert not page.model.isVisible()
    find(page, "remove-target").click()
    assert page.state is PageState.EMPTY
    assert not find(page, "send").isEnabled()
    page.mode.choose(Mode.HERE)
    assert not view_of(page).isVisible()
    page.form.prompt.setPlainText("Typed there.")
    page.mode.choose(Mode.BOTH)
    assert view_of(page).form.question == "Typed there."


def picker_of(page: RunPage) -> TargetPicker:
    find(page, "add-target").click()
    picker = view_of(page).findChild(TargetPicker)
    assert picker is not None
    return picker


def test_that_targets_are_added_by_search_and_a_provider_is_asked_only_when_it_is_chosen(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(ONE, TWO)
    api = backstage.offer_cloud()
    page = make()
    picker = picker_of(page)
    qtbot.waitUntil(lambda: picker.place.count() == 2)
    rows = [picker.list.item(i).text() for i in range(picker.list.count())]
    assert rows == ["qwen3:8b, is asked already", "llama3.2:3b"]
    picker.search.setText("LLAMA")
    assert picker.list.count() == 1
    qtbot.keyClick(picker.search, Qt.Key.Key_Return)
    assert len(view_of(page).chips.asked) == 2
    assert api.requests == []
    picker.place.setCurrentIndex(1)
    picker.place.activated.emit(1)
    qtbot.waitUntil(lambda: picker.list.count() == 2)
    assert len(api.requests) == 1
    picker.search.setText("brand-new-model")
    assert picker.list.item(0).text() == "brand-new-model, as typed"
    picker.add.click()
    assert view_of(page).chips.asked[-1].label == "brand-new-model, OpenAI"
    picker.done_.click()
    assert len(api.requests) == 1


def test_that_without_a_key_the_picker_leads_to_the_cloud_page(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(ONE)
    page = make()
    picker = picker_of(page)
    qtbot.waitUntil(picker.keys.isVisible)
    with qtbot.waitSignal(page.jump) as jumped:
        picker.keys.click()
    assert jumped.args == ["cloud", ""]


def test_that_ten_are_the_most_and_none_is_asked_twice(backstage: Backstage, make: Make) -> None:
    backstage.start(ONE)
    page = make()
    chips = view_of(page).chips
    add_local(page, backstage, "qwen3:8b")
    assert len(chips.asked) == 1
    add_hosted(page, *(f"m-{i}" for i in range(12)))
    assert len(chips.asked) == MOST_TARGETS
    assert not chips.add.isEnabled()
    assert "10 beside each other are the most" in chips.add.toolTip()
    chips.drop(chips.asked[-1].key)
    assert chips.add.isEnabled()


# What comes of it


def test_that_answers_stream_beside_each_other_are_measured_and_kept(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(ONE, TWO)
    backstage.offer_cloud(price_usd_per_mtok=10.0)
    backstage.runs.use_power(FakePower())
    backstage.twin.pace.token_seconds = 0.06
    page = make()
    add_local(page, backstage, "llama3.2:3b")
    add_hosted(page, "m-1")
    send(page)
    form = view_of(page).form
    qtbot.waitUntil(form.confirm.isVisible)
    assert "It costs at most $0.011 together" in words(form)
    assert "m-1, OpenAI: $0.011" in words(form)
    assert runs_of(backstage) == ()
    find(form, "decline").click()
    assert view_of(page).session.order is None
    send(page)
    agree(page, qtbot)
    qtbot.waitUntil(lambda: len(columns(page)) == 3 and len(texts(page)[0]) > 20)
    assert "Running" in page.header.sentence.text()
    ended(page, qtbot)
    assert texts(page) == ["".join(WORDS), "Short answer.", "Hello"]
    names = [words(one).splitlines()[:2] for one in columns(page)]
    assert names == [
        ["qwen3:8b", "this machine"],
        ["llama3.2:3b", "this machine"],
        ["m-1", "OpenAI"],
    ]
    here, _, there = (one.meters.labels for one in columns(page))
    assert list(here) == ["ttft", "decode", "tokens", "watts"]
    assert here["watts"].text == "Power\n120 W"
    assert list(there) == ["ttft", "decode", "tokens", "cost"]
    assert there["cost"].text.startswith("Cost\n~$")
    assert "done: All 3 answers came" in status(page)
    assert "saved in History" in page.header.sentence.text()
    assert {run.place for run in runs_of(backstage)} == {"local", "cloud"}
    with qtbot.waitSignal(page.jump) as jumped:
        find(page, "side-history").click()
    assert jumped.args[0] == "history"


def test_that_a_column_whose_turn_has_come_no_longer_says_that_it_waits(qtbot: QtBot) -> None:
    """Its figures are shown once a second, but at once where it begins."""
    shown, answer = AnswerColumn(), Answer()
    qtbot.addWidget(shown)
    shown.show_target(Asked(model="qwen3:8b", where="this machine", role="here"), figures=True)
    shown.show_answer(answer)
    shown.flush()
    waiting = shown.meters.labels["ttft"].accessibleName()
    assert "its turn has not come yet" in waiting
    answer.take(Sent(at=1.0))
    answer.take(Piece(at=1.25, text="Hello"))
    shown.flush()
    assert "250" in shown.meters.labels["ttft"].accessibleName()


def test_that_a_long_wait_stands_in_its_column_and_tells_no_name_that_is_not_told(
    qtbot: QtBot,
) -> None:
    known = Asked(model="qwen3:8b", where="this machine", role="here")
    waiting = LongWait(at=60.0, model="qwen3:8b", seconds=60.0, in_memory=True)
    for asked, name, hint in ((known, "qwen3:8b", " It may"), (None, "Answer A", "")):
        shown, answer = AnswerColumn(), Answer()
        qtbot.addWidget(shown)
        shown.show_target(asked, figures=True)
        shown.show_answer(answer)
        for update in (Sent(at=0.0), waiting):
            answer.take(update)
        shown.flush()
        told = shown.bubble.long_wait.text()
        assert told.startswith(f"{name} has not begun to answer for more than 60 s.{hint}")
        assert ("qwen3" in told, "client left" in told) == (asked is not None, asked is not None)
        assert not shown.bubble.long_wait.isHidden()
        answer.take(Piece(at=61.0, text="Hello"))
        shown.flush()
        assert shown.bubble.long_wait.isHidden()
        answer.take(replace(waiting, begun=True))
        answer.stop()
        shown.flush()
        assert shown.bubble.long_wait.isHidden()


def test_that_a_target_that_fails_says_so_in_its_column_and_ends_no_other(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(ONE)
    api = backstage.offer_cloud(price_usd_per_mtok=10.0)
    page = make()
    add_hosted(page, "m-1")
    api.script.append(cloud_api.refuse(401, "Incorrect API key provided"))
    send(page)
    agree(page, qtbot)
    ended(page, qtbot)
    assert texts(page)[0] == "".join(WORDS)
    trouble = find(columns(page)[1], "run-error", QWidget)
    assert "OpenAI refuses the key" in words(trouble)
    assert "Look at its key on the Cloud page." in words(trouble)
    assert "`landfall" not in words(trouble)
    assert "partly: 1 of 2 answers came" in status(page)
    assert page.state is PageState.READY


def test_that_nobody_answering_is_a_failure(backstage: Backstage, make: Make, qtbot: QtBot) -> None:
    backstage.start(ONE)
    api = backstage.offer_cloud(price_usd_per_mtok=10.0)
    page = make()
    view_of(page).chips.drop(":qwen3:8b")
    add_hosted(page, "m-1")
    api.script.append(cloud_api.refuse(401, "Incorrect API key provided"))
    send(page)
    agree(page, qtbot)
    ended(page, qtbot)
    assert "failed: Nobody answered" in status(page)
    assert page.state is PageState.FAILED


def test_that_one_target_can_be_stopped_and_then_all(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(LONG, replace(LONG, name=speaker("other:1b", WORDS).name))
    backstage.twin.pace.token_seconds = 0.01
    page = make()
    add_local(page, backstage, "other:1b", "endless:1b")
    send(page)
    qtbot.waitUntil(lambda: bool(columns(page)) and len(texts(page)[0]) > 20)
    assert "Its turn comes" in words(columns(page)[1])
    find(columns(page)[0], "stop-column").click()
    qtbot.waitUntil(lambda: len(texts(page)[1]) > 20, timeout=10_000)
    assert "Stopped by you" in words(columns(page)[0])
    view_of(page).form.on_escape_key()
    ended(page, qtbot)
    assert "partly: Stopped by you, 0 of 2 answers came" in status(page)
    assert {run.state for run in runs_of(backstage)} == {"aborted"}
    assert all(len(run.answer) > 20 for run in runs_of(backstage))


def test_that_a_model_in_a_cloud_leaves_only_after_consent(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(ONE, STUB)
    page = make()
    add_local(page, backstage, "glm:cloud")
    send(page)
    form = view_of(page).form
    qtbot.waitUntil(form.confirm.isVisible)
    assert "What you ask leaves this machine" in words(form)
    assert "glm:cloud: through the Ollama server to a cloud" in words(form)
    find(form, "decline").click()
    assert runs_of(backstage) == ()
    assert view_of(page).order().plan.targets[1].allow_remote


def test_that_a_price_that_is_not_known_is_named(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(ONE)
    backstage.offer_cloud()
    page = make()
    add_hosted(page, "m-1")
    send(page)
    agree(page, qtbot)
    ended(page, qtbot)
    assert columns(page)[1].meters.labels["cost"].accessibleName().startswith("Cost: unknown")
    assert "1 without a known cost" in status(page)


# Several prompts


def test_that_many_targets_without_a_price_are_counted_not_all_named(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(ONE)
    backstage.offer_cloud(price_usd_per_mtok=10.0)
    page = make()
    add_hosted(page, "m-1", *(f"unpriced-{i}" for i in range(6)))
    send(page)
    form = view_of(page).form
    qtbot.waitUntil(form.confirm.isVisible, timeout=10_000)
    said = words(form)
    assert "and more that is not known: unpriced-0, OpenAI, unpriced-1, OpenAI," in said
    assert "unpriced-2, OpenAI, 3 more" in said
    assert "unpriced-4" not in said
    assert "7 answers come from elsewhere" in said
    assert said.count("No price table knows") == 1
    find(form, "decline").click()


def test_that_no_vote_is_cut_off_where_a_name_needs_two_lines(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(ONE)
    backstage.offer_cloud(price_usd_per_mtok=10.0)
    page = make()
    add_hosted(page, *(f"accounts/someone/models/a-model-with-a-long-name-{i}" for i in range(4)))
    page.resize(824, 700)
    send(page)
    agree(page, qtbot)
    ended(page, qtbot)
    settle()
    assert view_of(page).columns.verticalScrollBar().maximum() == 0


def test_that_columns_and_conversation_follow_the_size_of_text(
    backstage: Backstage, make: Make, qtbot: QtBot, text_times: Resize
) -> None:
    text_times(1)
    backstage.start(ONE)
    backstage.offer_cloud(price_usd_per_mtok=10.0)
    page = make()
    page.resize(1400, 900)
    assert page._columns.direction() == QBoxLayout.Direction.LeftToRight
    add_hosted(page, *(f"accounts/someone/models/a-model-with-a-long-name-{i}" for i in range(2)))
    send(page)
    agree(page, qtbot)
    ended(page, qtbot)
    shown = view_of(page).columns
    text_times(2)
    finish_layouts()
    assert page._columns.direction() == QBoxLayout.Direction.TopToBottom
    large = shown.minimumHeight()
    assert shown.minimumHeight() >= shown.widget().minimumSizeHint().height()
    text_times(1)
    finish_layouts()
    assert page._columns.direction() == QBoxLayout.Direction.LeftToRight
    assert shown.widget().minimumSizeHint().height() <= shown.minimumHeight() < large


def test_that_columns_alone_follow_the_size_of_text(qtbot: QtBot, text_times: Resize) -> None:
    text_times(1)
    shown = AnswerColumns()
    qtbot.addWidget(shown)
    shown.resize(900, 600)
    shown.show()
    shown.show_prompt([(None, Answer()), (None, Answer())], figures=True, veiled=False, no_watts="")
    qtbot.waitUntil(lambda: shown.settled)
    for times in (3, 1):
        text_times(times)
        tallest = shown.widget().minimumSizeHint().height()
        assert shown.minimumHeight() == max(LEAST_HEIGHT, tallest)


def test_that_each_line_can_be_a_prompt_and_the_set_is_walked_through(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(ONE, TWO)
    page = make()
    add_local(page, backstage, "llama3.2:3b")
    view = view_of(page)
    view.ask.lines.setChecked(True)
    send(page, "First?\n\n  Second?  \nThird?")
    assert [one.text for one in view.prompts] == ["First?", "Second?", "Third?"]
    ended(page, qtbot)
    assert "3 prompts, 2 targets: 6 answers" in page.header.sentence.text()
    view.stage.look_at(0)
    assert find(page, "prompt-count", QLabel).text() == "Prompt 1 of 3"
    assert not view.prompt_bar.back.isEnabled()
    find(page, "prompt-forth").click()
    find(page, "prompt-forth").click()
    assert find(page, "prompt-words", QLabel).text() == "Third?"
    assert not view.prompt_bar.forth.isEnabled()
    qtbot.waitUntil(lambda: texts(page) == ["".join(WORDS), "Short answer."])
    find(page, "side-summary").click()
    table = find(page, "side-summary-table", QWidget)
    assert [row[0].text for row in table.table.rows] == ["qwen3:8b", "llama3.2:3b"]
    assert {row[0].sub for row in table.table.rows} == {"3 of 3 answers, this machine"}
    find(page, "prompt-back").click()
    assert not table.isVisible()


def test_that_prompts_come_out_of_a_file_and_a_bad_one_is_named(
    backstage: Backstage, make: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    backstage.start(ONE)
    page = make()
    view = view_of(page)
    file = tmp_path / "set.jsonl"
    file.write_text('{"prompt": "A\\nB"}\n{"prompt": "C", "num_predict": 3}\n')
    view.file.on_file(str(file))
    qtbot.waitUntil(lambda: len(view.prompts) == 2)
    assert [(one.text, one.num_predict) for one in view.prompts] == [("A\nB", None), ("C", 3)]
    assert view.form.prompt.isReadOnly()
    assert "set.jsonl" in words(view.ask)
    assert find(page, "send").isEnabled()
    find(page, "drop-prompts").click()
    assert view.prompts == ()
    assert not view.form.prompt.isReadOnly()
    view.file.on_file(str(file))
    other = tmp_path / "other.txt"
    other.write_text("D\n")
    view.file.on_file(str(other))
    qtbot.waitUntil(lambda: bool(view.prompts))
    qtbot.wait(100)
    assert [one.text for one in view.prompts] == ["D"], "the file chosen last"
    view.file._on_prompts((file, ()))
    assert view.file.name == "other.txt"
    find(page, "drop-prompts").click()
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"prompt": "A"}\n{"prompt": "B"\n')
    view.file.on_file(str(bad))
    qtbot.waitUntil(lambda: backstage.messages.worst is not None)
    notice = backstage.messages.worst
    assert notice is not None
    assert notice.text.startswith("bad.jsonl, line 2. Write")
    assert view.prompts == ()
    assert view.file.name == "other.txt"


# Blind


def start_blind(page: RunPage, backstage: Backstage, qtbot: QtBot, prompts: str) -> None:
    add_local(page, backstage, "llama3.2:3b")
    view_of(page).ask.lines.setChecked(True)
    view_of(page).ask.blind.setChecked(True)
    send(page, prompts)
    ended(page, qtbot)


def told(widget: QWidget) -> str:
    """All that eyes and ears are told below the chips."""
    every = [widget, *widget.findChildren(QWidget)]
    heard = [f"{one.accessibleName()} {one.toolTip()}" for one in every if one.isVisible()]
    return words(widget) + "\n".join(heard)


def test_that_nothing_tells_who_is_who_before_the_vote_and_everything_after(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(ONE, TWO)
    page = make()
    start_blind(page, backstage, qtbot, "First?\nSecond?")
    view = view_of(page)
    said = told(view.stage)
    assert "Answer A" in said
    assert "Answer B" in said
    for secret in ("qwen3", "llama3.2", "this machine", "tok/s", "First token", "Power"):
        assert secret not in said
    assert sorted(texts(page)) == sorted(["".join(WORDS), "Short answer."])
    assert "2 prompts wait for your vote" in status(page)
    short = texts(page).index("Short answer.")
    qtbot.keyClick(view.stage.votes, str(short + 1))  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: view.stage.votes.voting is Voting.CAST)
    qtbot.waitUntil(lambda: view.columns.settled)
    assert "You found llama3.2:3b best" in words(view.stage)
    assert "First token" not in told(view.stage)
    find(page, "vote-next").click()
    qtbot.waitUntil(lambda: view.columns.settled)
    assert "qwen3" not in told(view.stage)
    qtbot.keyClick(view.stage.votes, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: view.session.kept is not None)
    qtbot.waitUntil(lambda: view.columns.settled)
    assert "You found none of them good" in words(view.stage)
    assert "First token" in told(view.stage)
    votes = backstage.run(backstage.history.votes())
    assert [(vote.blind, len(vote.best)) for vote in votes] == [(True, 1), (True, 0)]
    assert votes[0].targets[votes[0].best[0]].model == "llama3.2:3b"
    find(page, "side-summary").click()
    rows = find(page, "side-summary-table", QWidget).table.rows
    assert [row[-1].text for row in rows] == ["0 of 2", "1 of 2"]


def test_that_texts_are_held_back_until_all_are_there(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(ONE, TWO)
    backstage.twin.pace.token_seconds = 0.05
    page = make()
    add_local(page, backstage, "llama3.2:3b")
    view_of(page).ask.blind.setChecked(True)
    send(page)
    qtbot.waitUntil(lambda: len(columns(page)) == 2)
    assert "so that speed tells nothing" in words(columns(page)[0])
    assert texts(page) == ["", ""]
    assert not [b for b in columns(page)[0].findChildren(QAbstractButton) if b.isVisible()]
    ended(page, qtbot)
    assert all(texts(page))


def test_that_a_blind_comparison_that_is_stopped_hides_nothing_that_cannot_be_voted_on(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(TWO, LONG)
    backstage.twin.pace.token_seconds = 0.01
    page = make()
    add_local(page, backstage, "llama3.2:3b", "endless:1b")
    view = view_of(page)
    view.ask.blind.setChecked(True)
    send(page)
    qtbot.waitUntil(lambda: view.session.done > 0, timeout=10_000)
    view.session.stop()
    ended(page, qtbot)
    assert "Stopped by you, 1 of 2 answers came" in status(page)
    assert view.stage.votes.voting is Voting.OFF
    names = {one.asked.model for one in columns(page) if one.asked is not None}
    assert names == {"llama3.2:3b", "endless:1b"}


def test_that_two_answers_tie_with_one_key_and_who_is_who_can_be_shown_without_a_vote(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(ONE, TWO)
    page = make()
    start_blind(page, backstage, qtbot, "First?\nSecond?")
    view = view_of(page)
    qtbot.keyClick(view.stage.votes, Qt.Key.Key_T)
    qtbot.waitUntil(lambda: view.stage.votes.voting is Voting.CAST)
    find(page, "side-reveal").click()
    qtbot.waitUntil(lambda: view.session.kept is not None)
    find(page, "vote-next").click()
    qtbot.waitUntil(lambda: view.columns.settled)
    columns(page)[0].vote.click()
    qtbot.waitUntil(lambda: view.stage.votes.voting is Voting.CAST)
    assert "no evidence of quality" in words(view.stage)
    votes = backstage.run(backstage.history.votes())
    assert [(vote.blind, vote.best) for vote in votes] == [(True, (0, 1)), (False, (0,))]


def test_that_of_three_answers_two_are_marked_as_equally_good(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    third = speaker("phi4:14b", ("Third.",))
    backstage.start(ONE, TWO, third)
    page = make()
    add_local(page, backstage, "llama3.2:3b", "phi4:14b")
    send(page)
    ended(page, qtbot)
    votes = view_of(page).stage.votes
    find(page, "vote-tie").click()
    assert votes.voting is Voting.MARKING
    assert not votes.keep.isEnabled()
    qtbot.keyClick(votes, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: view_of(page).columns.settled)
    columns(page)[2].vote.click()
    assert votes.marked == (0, 2)
    qtbot.keyClick(votes, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: votes.voting is Voting.CAST)
    (vote,) = backstage.run(backstage.history.votes())
    assert (vote.best, vote.blind) == ((0, 2), False)


def test_that_a_digit_in_the_prompt_is_no_vote(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(ONE, TWO)
    page = make()
    add_local(page, backstage, "llama3.2:3b")
    send(page)
    ended(page, qtbot)
    prompt = view_of(page).form.prompt
    prompt.setFocus()
    qtbot.keyClick(prompt, Qt.Key.Key_1)
    qtbot.wait(50)
    assert view_of(page).stage.votes.voting is Voting.OPEN
    assert backstage.run(backstage.history.votes()) == ()


def test_that_a_blind_comparison_needs_two(backstage: Backstage, make: Make) -> None:
    backstage.start(ONE)
    page = make()
    view_of(page).form.prompt.setPlainText("Who?")
    view_of(page).ask.blind.setChecked(True)
    assert not find(page, "send").isEnabled()
    assert "needs two models" in find(page, "send").toolTip()


# What is done with it


def test_that_it_is_exported_as_csv_json_and_markdown(
    backstage: Backstage, make: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    backstage.start(ONE, TWO)
    page = make()
    add_local(page, backstage, "llama3.2:3b")
    send(page)
    ended(page, qtbot)
    view = view_of(page)
    find(page, "side-export").click()
    dialog = view.export.dialog
    assert dialog is not None
    dialog.filterSelected.emit("Markdown to read (*.md)")
    assert dialog.defaultSuffix() == "md"
    for ending in ("csv", "json", "md"):
        view.export.on_file(str(tmp_path / f"out.{ending}"))
    dialog.reject()
    qtbot.waitUntil(lambda: all((tmp_path / f"out.{e}").exists() for e in ("csv", "json", "md")))
    assert view.export.dialog is None
    document = json.loads((tmp_path / "out.json").read_text())
    assert len(document["side_by_side"]["answers"]) == 2
    assert "Short answer." in (tmp_path / "out.md").read_text()
    backstage.messages.dismiss("")
    view.export.on_file(str(tmp_path / "out.pdf"))
    qtbot.waitUntil(lambda: backstage.messages.worst is not None)


def test_that_an_answer_can_be_copied(backstage: Backstage, make: Make, qtbot: QtBot) -> None:
    backstage.start(TWO)
    page = make()
    send(page)
    ended(page, qtbot)
    find(columns(page)[0], "copy-answer").click()
    assert QGuiApplication.clipboard().text() == "Short answer."


# The page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [824, 1080])
def test_that_any_number_of_columns_fits_the_width_of_the_page(
    backstage: Backstage, make: Make, qtbot: QtBot, scheme: Any, width: int
) -> None:
    backstage.start(ONE, TWO)
    theme.theme().use(scheme)
    backstage.offer_cloud(price_usd_per_mtok=10.0)
    page = make()
    page.resize(width, 640)
    add_local(page, backstage, "llama3.2:3b")
    add_hosted(page, *(f"accounts/someone/models/a-model-with-a-long-name-{i}" for i in range(8)))
    send(page)
    agree(page, qtbot)
    ended(page, qtbot)
    assert len(columns(page)) == 10
    inner = page.widget()
    assert inner is not None
    assert inner.width() <= width
    assert {one.width() for one in columns(page)} == {columns(page)[0].width()}
    bar = view_of(page).columns.horizontalScrollBar()
    assert bar.maximum() > 0
    theme.theme().use("dark" if scheme == "light" else "light")
    assert texts(page)[1] == "Short answer."


def test_that_every_control_has_a_name_for_ears(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(ONE, TWO)
    page = make()
    add_local(page, backstage, "llama3.2:3b")
    send(page)
    ended(page, qtbot)
    kinds = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit)
    controls = [one for kind in kinds for one in page.findChildren(kind) if one.isVisible()]
    assert len(controls) > 12
    nameless = [
        one
        for one in controls
        if not one.accessibleName() and not (isinstance(one, QAbstractButton) and one.text())
    ]
    assert nameless == []


def test_that_nothing_else_is_asked_meanwhile(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(LONG)
    backstage.twin.pace.token_seconds = 0.01
    page = make()
    send(page)
    qtbot.waitUntil(lambda: bool(columns(page)) and bool(texts(page)[0]))
    assert not page.mode.isEnabled()
    assert not view_of(page).chips.add.isEnabled()
    assert [task.title for task in backstage.state.running] == ["Side by side: 1"]
    view_of(page).session.stop()
    ended(page, qtbot)
    assert page.mode.isEnabled()
    assert backstage.state.running == ()
