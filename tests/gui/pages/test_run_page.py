"""Run: what can be asked, what an answer shows while it comes, how it ends, what it may cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.hosts.runtime import Runtime, RuntimeState
from landfall.core.run import long_wait
from landfall.gui import theme
from landfall.gui.format import Origin
from landfall.gui.page import PageState
from landfall.gui.pages.run_page import RunPage
from landfall.gui.run.toolbar import Mode
from landfall.gui.widgets.feedback import Spinner
from tests.fakes.ollama_faults import Fault
from tests.fakes.speakers import speaker
from tests.gui import worlds
from tests.gui.conftest import settle
from tests.gui.pages.backstage import Backstage, FakePower
from tests.gui.pages.run_stage import run_page, runs_of, show
from tests.gui.seen import find, words

WORDS = tuple(f"word{i} " for i in range(40))
QWEN = speaker("qwen3:8b", WORDS)
THINKER = speaker(
    "deep:latest",
    ("Yes", "."),
    open_tag=("<think>",),
    thinking=("Let ", "me ", "see. "),
    close_tag=("</think>",),
)
STUB = speaker("glm:cloud", ("no",), remote_host="https://cloud.example", remote_model="glm")
STOPPED = Runtime(kind="ollama", state=RuntimeState.STOPPED, url="http://127.0.0.1:11434")
Make = Callable[[], RunPage]


@pytest.fixture
def make(backstage: Backstage, qtbot: QtBot) -> Iterator[Make]:
    """A page that is shown, on the backstage as it is then."""
    pages: list[RunPage] = []

    def made() -> RunPage:
        page = run_page(backstage, qtbot)
        show(page, qtbot)
        pages.append(page)
        return page

    yield made
    for page in pages:
        page.session.stop()
        qtbot.waitUntil(lambda page=page: not page.session.running)


def send(page: RunPage, text: str = "Say something.") -> None:
    page.form.prompt.setPlainText(text)
    find(page, "send").click()


def ended(page: RunPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not page.session.running and not page.session.busy, timeout=20_000)


# What stands there while nothing can be asked


def test_while_the_server_is_looked_for_the_page_is_loading(
    backstage: Backstage, make: Make
) -> None:
    backstage.start(server=False)
    page = make()
    assert page.state is PageState.LOADING
    assert not find(page, "send").isEnabled()


def test_a_stopped_server_is_started_with_a_button(
    backstage: Backstage, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    backstage.start(server=False)
    asked: list[bool] = []
    monkeypatch.setattr(backstage.lookout, "start_ollama", lambda: asked.append(True))
    backstage.state.set_runtimes((STOPPED,))
    page = make()
    find(page, "start-ollama").click()
    assert asked == [True]
    assert page.state is PageState.EMPTY
    assert find(page, "send").toolTip() == "Ollama is stopped."


def test_without_ollama_the_machine_page_is_one_click_away(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    backstage.state.set_runtimes((replace(STOPPED, state=RuntimeState.ABSENT),))
    page = make()
    with qtbot.waitSignal(page.jump) as jumped:
        find(page, "show-machine").click()
    assert jumped.args == ["machine", "ollama"]


def test_a_host_that_is_silent_is_named(backstage: Backstage, make: Make) -> None:
    backstage.start(server=False)
    backstage.state.set_runtimes(
        (replace(STOPPED, state=RuntimeState.REMOTE, url="http://box.lan:11434"),)
    )
    assert "http://box.lan:11434" in words(make())


def test_without_a_model_the_best_fits_are_offered(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start()
    backstage.state.set_profile(worlds.WITH_GPU)
    page = make()
    qtbot.waitUntil(lambda: "predicted" in words(page))
    assert page.state is PageState.EMPTY
    show = [b for b in page.findChildren(QAbstractButton) if b.text() == "Show in Models"]
    assert len(show) == 2
    with qtbot.waitSignal(page.jump) as jumped:
        show[0].click()
    assert jumped.args[0] == "models"
    assert ":" in jumped.args[1]


def test_a_model_that_another_page_asks_for_is_chosen(backstage: Backstage, make: Make) -> None:
    backstage.start(QWEN, THINKER)
    page = make()
    page.open_at("deep")
    assert page.target is not None
    assert page.target.model == "deep:latest"


def test_what_is_picked_is_not_taken_back_by_a_model_that_is_asked_for_and_not_there(
    backstage: Backstage, make: Make
) -> None:
    backstage.start(QWEN, THINKER)
    page = make()
    page.open_at("absent:1b")
    assert page.target is None
    page.model.setCurrentIndex(0)
    page.model.activated.emit(0)
    picked = page.target
    assert picked is not None
    backstage.state.models_changed.emit()
    assert page.target == picked


def test_another_page_may_ask_for_a_model_to_be_measured(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(QWEN, THINKER)
    page = make()
    with qtbot.waitSignal(page.benchmark_asked):
        page.open_at("benchmark:deep")
    assert page.target is not None
    assert page.target.model == "deep:latest"


def test_a_model_that_only_embeds_is_not_offered(backstage: Backstage, make: Make) -> None:
    backstage.start(QWEN, replace(speaker("embed:latest", ()), capabilities=("embedding",)))
    page = make()
    assert page.model.count() == 1


# An answer


def test_an_answer_is_streamed_metered_and_kept(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    backstage.twin.pace.token_seconds = 0.03
    backstage.runs.use_power(FakePower())
    backstage.state.set_power_sources(worlds.SENSORS)
    page = make()
    send(page, "Count.")
    qtbot.waitUntil(lambda: bool(page.chat.answers and page.chat.answers[0].text.raw))
    assert page.form.prompt.toPlainText() == ""
    assert find(page, "stop").isVisible()
    assert [task.key for task in backstage.state.running] == ["run"]
    assert page.session.here.kept is None
    ended(page, qtbot)

    (run,) = runs_of(backstage)
    assert run.answer == "".join(WORDS) == page.chat.answers[0].text.raw
    assert backstage.state.running == ()
    labels = find(page, "meters-here", QWidget).labels
    assert set(labels) == {"ttft", "load", "prefill", "decode", "tokens", "energy"}
    spoken = {key: label.accessibleName() for key, label in labels.items()}
    assert "J/token, measured" in spoken["energy"]
    assert "its own counters" in spoken["decode"]
    assert page.state is PageState.READY
    assert page.header.sentence.text().startswith("Done in")
    assert page.chart.rates["here"][-1][1] > 0
    assert len(page.chart.watts) > 5
    assert page.chart.slot.chart.rate_points["here"] == page.chart.rates["here"]


def test_before_the_first_byte_the_seconds_are_counted_and_only_then(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    backstage.twin.pace.load_seconds = 0.6
    backstage.twin.pace.token_seconds = 0.01
    page = make()
    send(page)
    qtbot.waitUntil(lambda: "Waiting for the first token, 3" in words(page))
    assert any(spinner.isVisible() for spinner in page.findChildren(Spinner))
    qtbot.waitUntil(lambda: bool(page.chat.answers[0].text.raw))
    assert not any(t.isActive() for t in page.session.here.findChildren(QTimer))
    assert not any(spinner.isVisible() for spinner in page.findChildren(Spinner))
    ended(page, qtbot)


def test_thinking_stands_apart_from_the_answer(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(THINKER)
    page = make()
    send(page)
    ended(page, qtbot)
    answer = page.chat.answers[0]
    assert answer.text.raw == "Yes."
    assert answer.thinking.text().startswith("Thinking, about 3 tokens")
    assert not answer.thought.isVisible()
    answer.thinking.click()
    assert answer.thought.toPlainText() == "Let me see. "
    (run,) = runs_of(backstage)
    assert (run.answer, run.thinking) == ("Yes.", "Let me see. ")


def test_the_conversation_goes_on_with_its_system_prompt(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    page = make()
    page.form.system.setPlainText("Be brief.")
    asked: list[list[tuple[str, str]]] = []
    stream = backstage.runs.stream

    def spied(target: Any, ask: Any, **more: Any) -> Any:
        asked.append([(turn.role, turn.text) for turn in ask.turns])
        return stream(target, ask, **more)

    backstage.runs.stream = spied  # type: ignore[method-assign]
    for question in ("One?", "Two?"):
        send(page, question)
        ended(page, qtbot)
    said = "".join(WORDS)
    assert asked[1] == [
        ("system", "Be brief."),
        ("user", "One?"),
        ("assistant", said),
        ("user", "Two?"),
    ]
    find(page, "new-chat").click()
    assert page.chat.answers == []
    send(page, "Three?")
    ended(page, qtbot)
    assert asked[2] == [("system", "Be brief."), ("user", "Three?")]


def test_the_parameters_are_sent_and_a_wrong_one_is_named(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    page = make()
    find(page, "parameters").click()
    page.form.prompt.setPlainText("Count.")
    find(page, "parameter-context", QLineEdit).setText("many")
    assert not find(page, "send").isEnabled()
    assert "many" in find(page, "send").toolTip()
    for name, text in (
        ("context", "2048"),
        ("num-predict", "5"),
        ("temperature", "0"),
        ("seed", "7"),
    ):
        find(page, f"parameter-{name}", QLineEdit).setText(text)
    assert "Context 2,048" in find(page, "parameters").text()
    find(page, "send").click()
    ended(page, qtbot)
    (run,) = runs_of(backstage)
    assert run.output_tokens == 5
    assert run.conditions["context"] == 2048
    assert "cut at the length limit" in words(page)


def test_stop_closes_the_connection_and_keeps_what_came(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(replace(QWEN, loop=True))
    backstage.twin.pace.token_seconds = 0.01
    page = make()
    send(page)
    qtbot.waitUntil(lambda: page.session.here.pieces > 5)
    with qtbot.waitSignal(page.session.ended, timeout=1000):
        find(page, "stop").click()
    (run,) = runs_of(backstage)
    assert (run.state, run.done_reason) == ("aborted", "stopped by you")
    assert run.answer == page.chat.answers[0].text.raw != ""
    assert "Stopped by you. What had come is saved in History" in words(page)
    assert "unknown" in find(page, "meters-here", QWidget).labels["energy"].accessibleName()


def test_that_an_answer_stays_and_says_that_it_is_not_saved_while_the_disk_is_full(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    page = make()
    room = backstage.history._database.run
    backstage.run(room(lambda c: c.execute("PRAGMA max_page_count = 1")))
    send(page, "Say something. " * 4_000)
    ended(page, qtbot)
    (first,) = page.chat.answers
    assert first.text.raw == "".join(WORDS)
    assert "not saved yet, tried again every few seconds: The disk of" in first.footnote.text()
    backstage.run(room(lambda c: c.execute("PRAGMA max_page_count = 100000")))
    send(page)
    ended(page, qtbot)
    assert "not saved yet" not in page.chat.answers[-1].footnote.text()
    assert [run.state for run in runs_of(backstage)] == ["done", "done"]


def test_keys_send_and_stop(backstage: Backstage, make: Make, qtbot: QtBot) -> None:
    backstage.start(replace(QWEN, loop=True))
    backstage.twin.pace.token_seconds = 0.01
    page = make()
    with qtbot.waitActive(page):
        page.activateWindow()
    page.form.prompt.setFocus()
    page.form.prompt.setPlainText("Count.")
    qtbot.keyClick(page.form.prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.session.here.pieces > 2)
    qtbot.keyClick(page.form.prompt, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not page.session.running)
    assert runs_of(backstage)[0].state == "aborted"


def test_an_answer_that_breaks_says_why_what_is_saved_and_can_be_asked_again(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    backstage.twin.faults.append(
        Fault("error", after=4, text="llama runner process has terminated")
    )
    page = make()
    send(page)
    ended(page, qtbot)
    assert page.state is PageState.FAILED
    said = words(find(page, "run-error", QWidget))
    assert "terminated" in said
    assert "saved in History, about 4 tokens" in said
    assert runs_of(backstage)[0].state == "aborted"
    again = next(b for b in page.findChildren(QAbstractButton) if b.text() == "Run again")
    again.click()
    ended(page, qtbot)
    assert page.state is not PageState.FAILED
    assert [run.state for run in runs_of(backstage)] == ["done", "aborted"]
    assert len(page.chat.answers) == 1
    assert page.chat.answers[0].text.raw == "".join(WORDS)


def test_that_a_model_that_is_held_by_an_answer_that_was_left_is_told_of_each_time(
    backstage: Backstage, make: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_wait, "FIRST_SECONDS", 0.2)
    backstage.start(QWEN)
    backstage.twin.holds = True
    backstage.twin.pace.token_seconds = 0.05
    page = make()
    send(page)
    qtbot.waitUntil(lambda: bool(page.chat.answers[-1].text.raw))
    find(page, "stop").click()
    ended(page, qtbot)
    for _ in range(2):
        send(page)
        said = page.chat.answers[-1].long_wait
        assert not said.isVisible()
        qtbot.waitUntil(said.isVisible)
        assert said.text().startswith("qwen3:8b has not begun to answer for more than 0 s. It may")
        assert said.text().endswith("until Ollama is started again.")
        find(page, "stop").click()
        ended(page, qtbot)
        assert not said.isVisible()
    backstage.twin.runners.clear()
    backstage.twin.faults.append(Fault("stall", after=0, seconds=0.4))
    backstage.twin.holds = False
    send(page)
    said = page.chat.answers[-1].long_wait
    qtbot.waitUntil(said.isVisible)
    qtbot.waitUntil(lambda: bool(page.chat.answers[-1].text.raw))
    assert not said.isVisible()
    ended(page, qtbot)
    assert runs_of(backstage)[0].state == "done"


def test_a_stream_without_its_end_is_no_result(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    backstage.twin.faults.append(Fault("no_done", after=4))
    page = make()
    send(page)
    ended(page, qtbot)
    assert "The answer did not come to its end" in words(page)
    assert page.session.here.turns == []


def test_an_older_answer_cannot_be_asked_again(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    page = make()
    for question in ("One?", "Two?"):
        send(page, question)
        ended(page, qtbot)
    older, newest = page.chat.answers
    assert not older.again.isEnabled()
    assert older.again.toolTip() == "The conversation went on from here."
    newest.again.click()
    ended(page, qtbot)
    assert len(page.session.here.turns) == 4
    assert len(runs_of(backstage)) == 3


def test_an_answer_can_be_copied(backstage: Backstage, make: Make, qtbot: QtBot) -> None:
    backstage.start(THINKER)
    page = make()
    send(page)
    ended(page, qtbot)
    find(page, "copy-answer").click()
    assert QGuiApplication.clipboard().text() == "Yes."


def test_without_a_sensor_the_page_says_why_there_are_no_watts(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    backstage.state.set_power_sources(
        (replace(worlds.SENSORS[1], name="RAPL", reason="only root may read it"),)
    )
    page = make()
    assert page.state is PageState.PARTIAL
    reason = find(page, "power-reason", QLabel).text()
    assert reason == "No watts: no power source, because RAPL: only root may read it"
    send(page)
    ended(page, qtbot)
    energy = find(page, "meters-here", QWidget).labels["energy"]
    assert energy.accessibleName().startswith("Energy, gross: unknown")


# A model in a cloud


def test_a_model_in_a_cloud_is_named_and_refused_until_it_is_allowed(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(QWEN, STUB)
    page = make()
    assert page.target is not None
    assert page.target.model == "qwen3:8b"
    page.open_at("glm:cloud")
    page.form.prompt.setPlainText("Count.")
    assert "glm:cloud is a model in a cloud" in words(find(page, "remote-model", QWidget))
    assert not find(page, "send").isEnabled()
    assert "allow it first" in find(page, "send").toolTip()
    find(page, "remote-model", QWidget).triggered.emit()
    assert find(page, "send").isEnabled()
    assert page.order("?").local.allow_remote
    find(page, "remote-model", QWidget).triggered.emit()
    assert not find(page, "send").isEnabled()
    assert backstage.run(backstage.history.egress()) == ()


# At a provider


def choose_cloud(page: RunPage, qtbot: QtBot) -> None:
    page.mode.group.button(Mode.CLOUD).click()
    qtbot.waitUntil(lambda: page.chooser.provider.count() > 1)
    provider = find(page, "cloud-provider", QComboBox)
    provider.setCurrentIndex(1)
    provider.activated.emit(1)
    qtbot.waitUntil(lambda: page.chooser.model.count() == 2)
    find(page, "cloud-model", QComboBox).setCurrentText("m-1")


def test_the_most_it_may_cost_is_said_before_anything_is_sent(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    api = backstage.offer_cloud(price_usd_per_mtok=10.0)
    page = make()
    choose_cloud(page, qtbot)
    asked = len(api.requests)
    send(page)
    qtbot.waitUntil(page.form.confirm.isVisible)
    assert "It costs at most $0.011 at OpenAI" in words(page)
    assert "1,024 out" in words(page)
    assert len(api.requests) == asked
    assert page.form.prompt.isReadOnly()
    find(page, "decline").click()
    assert not page.form.confirm.isVisible()
    assert page.form.question == "Say something."
    assert len(api.requests) == asked
    assert runs_of(backstage) == ()
    send(page)
    qtbot.waitUntil(page.form.confirm.isVisible)
    find(page, "agree").click()
    ended(page, qtbot)
    (run,) = runs_of(backstage)
    assert (run.answer, run.place) == ("Hello", "cloud")
    assert run.cost_usd is not None
    cost = find(page, "meters-cloud", QWidget).labels["cost"]
    assert "estimated" in cost.accessibleName()


def test_an_answer_without_a_known_price_needs_its_own_consent(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    backstage.offer_cloud()
    page = make()
    choose_cloud(page, qtbot)
    send(page)
    qtbot.waitUntil(page.form.confirm.isVisible)
    assert "What it costs at OpenAI is not known" in words(page)
    page.form.on_send_key()
    ended(page, qtbot)
    assert runs_of(backstage)[0].cost_usd is None
    cost = find(page, "meters-cloud", QWidget).labels["cost"]
    assert cost.accessibleName().startswith("Cost: unknown")


def test_without_a_key_the_cloud_page_is_one_click_away(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    page = make()
    page.mode.group.button(Mode.CLOUD).click()
    qtbot.waitUntil(lambda: "No key of a provider is stored" in words(page))
    assert page.state is PageState.EMPTY
    with qtbot.waitSignal(page.jump) as jumped:
        next(b for b in page.findChildren(QAbstractButton) if b.text() == "Add a key").click()
    assert jumped.args == ["cloud", ""]


# The page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [824, 1080])
def test_the_page_fits_its_width_in_both_themes(
    backstage: Backstage, make: Make, qtbot: QtBot, scheme: Any, width: int
) -> None:
    backstage.start(THINKER)
    theme.theme().use(scheme)
    page = make()
    page.resize(width, 640)
    send(page)
    ended(page, qtbot)
    inner = page.widget()
    assert inner is not None
    assert inner.width() <= width
    theme.theme().use("dark" if scheme == "light" else "light")
    assert page.chat.answers[0].text.raw == "Yes."
    assert page.chat.answers[0].text.toPlainText() == "Yes."


def test_every_control_has_a_name_for_ears(backstage: Backstage, make: Make, qtbot: QtBot) -> None:
    backstage.start(QWEN)
    page = make()
    send(page)
    ended(page, qtbot)
    find(page, "parameters").click()
    find(page, "system-toggle").click()
    kinds = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit)
    controls = [one for kind in kinds for one in page.findChildren(kind) if one.isVisible()]
    assert len(controls) > 12
    nameless = [
        one
        for one in controls
        if not one.accessibleName() and not (isinstance(one, QAbstractButton) and one.text())
    ]
    assert nameless == []


def test_live_figures_never_pass_for_final_ones(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(replace(QWEN, loop=True))
    backstage.twin.pace.token_seconds = 0.01
    page = make()
    send(page)
    qtbot.waitUntil(lambda: page.session.here.pieces > 3)
    labels = find(page, "meters-here", QWidget).labels
    assert "known when the answer has ended" in labels["energy"].accessibleName()
    assert "known when the answer has ended" in labels["prefill"].accessibleName()
    page.session.stop()
    ended(page, qtbot)
    assert Origin.UNKNOWN.value in labels["prefill"].accessibleName()


def test_that_the_choice_of_a_mode_stays_under_the_mouse(backstage: Backstage, make: Make) -> None:
    backstage.start(QWEN)
    page = make()
    settle()
    places = set()
    for mode in (Mode.HERE, Mode.CLOUD, Mode.BOTH, Mode.HERE):
        page.mode.choose(mode)
        settle()
        places.add(page.mode.mapTo(page, QPoint(0, 0)).x())
    assert len(places) == 1, places
