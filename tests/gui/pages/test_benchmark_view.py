"""Benchmarks on the Run page: what can be chosen, what is shown meanwhile, what came of it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.benchmark.benchmark import BenchKind, BenchPlan
from landfall.core.errors import OllamaUnavailable, OutOfMemory
from landfall.core.events import Ended, Piece, Sent
from landfall.core.hosts.runtime import Runtime, RuntimeState
from landfall.core.run.long_wait import LongWait
from landfall.gui import tab_order, theme
from landfall.gui.app_values import PowerSensor
from landfall.gui.benchmark import session as benchmark_session
from landfall.gui.benchmark.live import BenchmarkLive
from landfall.gui.benchmark.outcome import Ending, Outcome
from landfall.gui.benchmark.result import BenchmarkResultCard
from landfall.gui.benchmark.session import Progress
from landfall.gui.benchmark.view import BenchmarkView
from landfall.gui.benchmark.words import load_meters
from landfall.gui.pages.run_page import RunPage
from landfall.gui.widgets.cells import spoken
from landfall.gui.widgets.tables import DataTable
from landfall.services.benchmark.running import (
    BenchEvent,
    BenchLane,
    BenchPart,
    BenchStep,
    run_benchmark,
)
from tests.fakes.speakers import speaker
from tests.fakes.tiny_models import write_embedder
from tests.gui import worlds
from tests.gui.conftest import settle
from tests.gui.pages import benchmark_script as script
from tests.gui.pages.backstage import Backstage
from tests.gui.pages.run_stage import run_page
from tests.gui.seen import find, words

WORDS = tuple(f"word{i} " for i in range(40))
CHAT = ("completion",)
QWEN = speaker("qwen3:8b", WORDS, capabilities=CHAT)
LLAMA = speaker("llama3.2:3b", WORDS, capabilities=CHAT)
NOMIC = speaker("nomic-embed-text:latest", (), capabilities=("embedding",))
STUB = speaker("glm:cloud", ("no",), remote_host="https://cloud.example", remote_model="glm")
Make = Callable[[], RunPage]


@pytest.fixture
def make(backstage: Backstage, qtbot: QtBot, tmp_path: Path) -> Iterator[Make]:
    """A page that shows the benchmarks, on the backstage as it is then."""
    pages: list[RunPage] = []

    def made() -> RunPage:
        page = run_page(backstage, qtbot)

        def hold() -> None:
            page.hold_benchmark(
                BenchmarkView(
                    backstage.state,
                    backstage.tasks,
                    backstage.messages,
                    client=lambda: backstage.host.client,
                    runs=backstage.runs,
                    history=backstage.history,
                    cache=tmp_path,
                )
            )

        page.benchmark_asked.connect(hold)
        page.show()
        page.form.prompt.setPlainText("What is a heat pump?")
        page.toolbar.benchmark.click()
        pages.append(page)
        return page

    yield made
    for page in pages:
        view(page).session.stop()
        qtbot.waitUntil(lambda page=page: not view(page).session.running)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Benchmarks are told by the test from now on."""

    def tell(*scripts: list[BenchEvent], **more: Any) -> None:
        monkeypatch.setattr(benchmark_session, "run_benchmark", script.telling(*scripts, **more))

    return tell


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real thing, with less time for each part."""

    def run(*given: Any, plan: Any, kind: Any) -> Any:
        less = replace(plan, level_seconds=0.3, batch_seconds=0.1, answer_seconds=0.1)
        return run_benchmark(*given, plan=less, kind=kind)

    monkeypatch.setattr(benchmark_session, "run_benchmark", run)


def view(page: RunPage) -> BenchmarkView:
    assert page.bench is not None
    return page.bench


def start(page: RunPage) -> None:
    find(page, "benchmark-start").click()


def ended(page: RunPage, qtbot: QtBot, seconds: float = 30) -> None:
    qtbot.waitUntil(
        lambda: view(page).session.progress is Progress.DONE, timeout=round(1000 * seconds)
    )


def table(page: RunPage) -> list[list[str]]:
    shown: DataTable = find(page, "benchmark-table", DataTable)
    rows = [[spoken(cell) for cell in row] for row in shown.table.rows]
    return [[text.replace("\u00a0", " ") for text in row] for row in rows]


# What can be chosen


def test_the_model_of_the_page_is_chosen_and_vectors_are_said(
    backstage: Backstage, make: Make
) -> None:
    backstage.start(QWEN, NOMIC)
    page = make()
    assert find(page, "benchmark-model-qwen3:8b").isChecked()
    embedder = find(page, "benchmark-model-nomic-embed-text:latest")
    assert embedder.text() == "nomic-embed-text:latest, makes vectors"
    assert not embedder.isChecked()
    assert "Nothing leaves this machine" in words(page)
    assert not page.form.isVisible()


def test_a_model_in_a_cloud_is_refused_with_the_reason(backstage: Backstage, make: Make) -> None:
    backstage.start(STUB, QWEN)
    box = find(make(), "benchmark-model-glm:cloud")
    assert not box.isEnabled()
    assert not box.isChecked()
    assert "answers in a cloud" in box.text()


def test_what_is_missing_is_said_beside_the_button(backstage: Backstage, make: Make) -> None:
    backstage.start(QWEN)
    page = make()
    assert find(page, "benchmark-start").isEnabled()
    find(page, "benchmark-model-qwen3:8b").click()
    assert not find(page, "benchmark-start").isEnabled()
    assert "No model is chosen." in words(page)
    find(page, "benchmark-model-qwen3:8b").click()
    find(page, "benchmark-context", QLineEdit).setText("300")
    assert "does not hold a prompt" in words(page)
    find(page, "benchmark-context", QLineEdit).setText("x")
    assert "Context: x is not a number" in words(page)


def test_without_a_server_or_a_model_nothing_can_begin(backstage: Backstage, make: Make) -> None:
    backstage.start(server=False)
    backstage.state.set_runtimes(
        (Runtime(kind="ollama", state=RuntimeState.STOPPED, url="http://127.0.0.1:11434"),)
    )
    page = make()
    assert "Ollama is stopped. Start it, or add a host, on Machine." in words(page)
    assert not find(page, "benchmark-start").isEnabled()
    up = replace(backstage.state.runtimes[0], state=RuntimeState.RUNNING, version="0.32.15")
    backstage.state.set_runtimes((up,))
    assert "The models are being looked for." in words(page)
    backstage.state.set_models((), ())
    assert "No model is installed yet." in words(page)


def test_a_server_on_the_network_has_no_watts_and_gets_the_prompts(
    backstage: Backstage, make: Make, told: Callable[..., None], qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    runtime = replace(backstage.state.runtimes[0], state=RuntimeState.REMOTE)
    backstage.state.set_runtimes((replace(runtime, url="http://box.lan:11434"),))
    page = make()
    assert "The prompts go to box.lan:11434 on your network" in words(page)
    hold = asyncio.Event()
    told(script.usual(script.result(place="network", host="http://box.lan:11434")), hold=hold)
    start(page)
    qtbot.waitUntil(lambda: view(page).session.step is not None)
    assert "No watts: the answer comes from another machine" in words(page)
    hold.set()
    view(page).session.stop()
    ended(page, qtbot)


def test_how_long_it_takes_is_estimated_from_what_is_known(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(QWEN, NOMIC)
    backstage.state.set_profile(worlds.WITH_GPU)
    page = make()
    qtbot.waitUntil(lambda: "~" in words(page), timeout=10_000)
    said = find(page, "benchmark-time", QWidget).accessibleName()
    assert said.startswith("Takes about: about")
    assert "at the speeds that are known" in said
    find(page, "benchmark-sustained", QLineEdit).setText("60")
    assert find(page, "benchmark-time", QWidget).accessibleName() != said
    assert "h" in find(page, "benchmark-time", QWidget).accessibleName()


def test_how_long_it_takes_is_unknown_where_nothing_is(
    backstage: Backstage, make: Make, qtbot: QtBot
) -> None:
    backstage.start(speaker("mine:latest", WORDS, capabilities=CHAT))
    page = make()

    def said() -> str:
        name: str = find(page, "benchmark-time", QWidget).accessibleName()
        return name

    qtbot.waitUntil(lambda: "the speed of mine:latest is not known yet" in said(), timeout=10_000)
    assert "How long it takes is not known: the speed of mine:latest" in words(page)


def test_prompts_come_from_a_file_or_from_what_is_typed(
    backstage: Backstage, make: Make, told: Callable[..., None], qtbot: QtBot, tmp_path: Path
) -> None:
    backstage.start(QWEN)
    page = make()
    asked: list[Any] = []
    told(script.usual(script.result()), asked=asked)
    setup = view(page).setup
    setup.form.prompts.choose(1)
    assert "No file of prompts is chosen." in words(page)
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"prompt": "one"}\n{"prompt": 2}\n')
    setup.on_file(str(bad))
    qtbot.waitUntil(lambda: "must be a text" in words(page))
    assert not find(page, "benchmark-start").isEnabled()
    good = tmp_path / "good.txt"
    good.write_text("one\ntwo\n")
    setup.on_file(str(good))
    qtbot.waitUntil(lambda: "good.txt: 2 prompts" in words(page))
    setup._on_prompts((bad, ()))
    assert "good.txt: 2 prompts" in words(page), "the file chosen last"
    start(page)
    ended(page, qtbot)
    find(page, "benchmark-change").click()
    setup.form.prompts.choose(2)
    assert "What is a heat pump?" in words(page)
    start(page)
    ended(page, qtbot)
    names = [[prompt.text for prompt in plan.prompts] for _, plan, _ in asked]
    assert names == [["one", "two"], ["What is a heat pump?"]]


def test_what_is_chosen_is_what_is_measured(
    backstage: Backstage, make: Make, told: Callable[..., None], qtbot: QtBot
) -> None:
    backstage.start(QWEN, NOMIC)
    page = make()
    asked: list[Any] = []
    told(script.usual(script.result()), asked=asked)
    find(page, "benchmark-model-nomic-embed-text:latest").click()
    find(page, "benchmark-level-1").click()
    find(page, "benchmark-level-4").click()
    find(page, "benchmark-cold").click()
    for name, text in (("repetitions", "5"), ("sustained", "1.5"), ("target", "3")):
        find(page, f"benchmark-{name}", QLineEdit).setText(text)
    start(page)
    ended(page, qtbot)
    (first, plan, kind), (second, _, other) = asked
    assert (first, kind) == ("qwen3:8b", BenchKind.CHAT)
    assert (second, other) == ("nomic-embed-text:latest", BenchKind.EMBEDDING)
    assert (plan.repetitions, plan.sustained_seconds, plan.cold_load) == (5, 90.0, False)
    assert (plan.concurrency, plan.ttft_target_seconds) == ((1, 4), 3.0)
    assert [prompt.name for prompt in plan.prompts] == ["short", "medium", "long"]


# While it runs


def test_a_benchmark_of_two_models_is_measured_shown_and_kept(
    backstage: Backstage, make: Make, short: None, qtbot: QtBot, tmp_path: Path
) -> None:
    backstage.start(QWEN)
    write_embedder(tmp_path / "bert.gguf")

    async def create() -> None:
        async for _ in backstage.host.client.create("bert", tmp_path / "bert.gguf"):
            pass

    backstage.run(create())
    backstage.state.set_models(*backstage.run(backstage.host.models()))
    page = make()
    find(page, "benchmark-model-bert:latest").click()
    find(page, "benchmark-level-1").click()
    find(page, "benchmark-level-2").click()
    find(page, "benchmark-repetitions", QLineEdit).setText("2")
    start(page)
    assert backstage.state.running[0].page == "run"
    assert not find(page, "benchmark-bar", QWidget).isHidden()
    ended(page, qtbot, 60)
    assert [one.ending for one in view(page).session.outcomes] == [Ending.DONE, Ending.DONE]
    assert backstage.state.running == ()
    kept = backstage.run(backstage.history.benchmarks())
    assert {one.model: one.state for one in kept} == {"qwen3:8b": "done", "bert:latest": "done"}
    results = {one.model: one.result for one in view(page).session.outcomes}
    assert [part.name for part in results["qwen3:8b"].parts] == ["short", "medium", "long"]
    sweep = results["qwen3:8b"].sweep
    assert sweep is not None
    assert [level.concurrency for level in sweep.levels] == [1, 2]
    assert [size.batch for size in results["bert:latest"].embedding] == [1, 32]
    assert "Served by" in words(page)
    assert "Ollama 0.32.15" in words(page)


def test_steps_curves_and_meters_come_while_it_runs(
    backstage: Backstage, make: Make, told: Callable[..., None], qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    backstage.state.set_power_sources(
        (PowerSensor(name="NVML", scope="GPU board", available=True),)
    )
    page = make()
    hold = asyncio.Event()
    events: list[BenchEvent] = [
        BenchStep("qwen3:8b", "load", "cold", 1, 9),
        BenchPart(script.LOADS),
        BenchStep("qwen3:8b", "sweep", "4", 8, 9),
        *(one for lane in range(4) for one in script.answer(lane, watts=250.0)),
        BenchPart(script.level(4, 0.4)),
        script.kept(script.result()),
    ]
    told(events, hold=hold)
    start(page)
    live = view(page).live
    qtbot.waitUntil(lambda: len(live.chart.rates) == 4 and bool(live.chart.watts))
    said = words(page)
    assert "Step 8 of 9: Several answers at once: 4" in said
    assert "qwen3:8b" in said
    assert backstage.state.running[0].title == "Benchmark of qwen3:8b"
    assert "step 8 of 9" in backstage.state.running[0].detail
    assert "How many people it serves is known when all levels are through." in said
    view(page).refresh()
    spoken_meters = {key: one.accessibleName() for key, one in live.meters.labels.items()}
    assert "250 W" in spoken_meters["power"].replace("\u00a0", " ")
    assert "GPU board" in spoken_meters["power"]
    assert "4" in spoken_meters["answers"]
    assert "80" in spoken_meters["tokens"]
    hold.set()
    view(page).session.stop()
    ended(page, qtbot)


def test_that_a_long_wait_stands_beside_what_is_done_until_something_comes(
    backstage: Backstage, make: Make, told: Callable[..., None], qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    page = make()
    hold = asyncio.Event()
    waiting = LongWait(at=60.0, model="qwen3:8b", seconds=60.0, in_memory=True)
    step = BenchStep("qwen3:8b", "warm_up", "", 2, 9)
    over = script.kept(script.result())
    told([step, BenchLane(0, Sent(1.0)), BenchLane(0, waiting), over], hold=hold)
    start(page)
    qtbot.waitUntil(lambda: "not begun to answer for more than 60 s. It may" in words(page))
    assert "Step 2 of 9" in words(page)
    view(page).session.stop()
    ended(page, qtbot)
    told([step, BenchLane(0, waiting), BenchLane(0, Piece(61.0, "Hi")), over], hold=hold)
    find(page, "benchmark-again").click()
    qtbot.waitUntil(lambda: view(page).session.running and "Step 2 of 9" in words(page))
    assert "not begun to answer" not in words(page)
    view(page).session.stop()
    ended(page, qtbot)


def test_meanwhile_nothing_else_can_be_asked_here(
    backstage: Backstage, make: Make, told: Callable[..., None], qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    backstage.state.set_profile(worlds.WITH_GPU)
    page = make()
    told(script.usual(script.result()), hold=asyncio.Event())
    start(page)
    page.toolbar.benchmark.click()
    assert page.form.isVisible()
    assert not page.form.send.isEnabled()
    assert "A benchmark is under way" in page.form.send.toolTip()
    assert not page.toolbar.calibrate.isEnabled()
    page.toolbar.benchmark.click()
    find(page, "benchmark-stop").click()
    ended(page, qtbot)
    page.toolbar.benchmark.click()
    assert page.form.send.isEnabled()


def test_stopping_keeps_what_was_measured_and_says_so(
    backstage: Backstage, make: Make, short: None, qtbot: QtBot
) -> None:
    backstage.start(QWEN, LLAMA)
    page = make()
    find(page, "benchmark-model-llama3.2:3b").click()
    backstage.twin.pace.token_seconds = 0.01
    start(page)
    qtbot.waitUntil(lambda: bool(view(page).session.outcomes[0].result.parts), timeout=30_000)
    find(page, "benchmark-stop").click()
    assert "What is measured so far is kept." in words(page)
    ended(page, qtbot)
    first, second = view(page).session.outcomes
    assert (first.ending, second.ending) == (Ending.STOPPED, Ending.SKIPPED)
    said = words(page)
    assert "Stopped by you" in said
    assert "What was measured is kept in History." in said
    assert "stopped before it began" in said
    (kept,) = backstage.run(backstage.history.benchmarks())
    assert kept.state == "aborted"
    assert len(kept.result["parts"]) == len(first.result.parts)
    assert first.record is not None


def test_a_server_that_dies_leaves_what_was_measured_with_the_reason(
    backstage: Backstage, make: Make, told: Callable[..., None], qtbot: QtBot
) -> None:
    backstage.start(QWEN, LLAMA)
    page = make()
    find(page, "benchmark-model-llama3.2:3b").click()
    cut = script.result(parts=(script.part(),))
    events = [BenchPart(script.part()), script.kept(cut, state="aborted")]
    told(events, error=OllamaUnavailable("The server went away.", "Start it again."))
    start(page)
    ended(page, qtbot)
    first, second = view(page).session.outcomes
    assert (first.ending, second.ending) == (Ending.FAILED, Ending.SKIPPED)
    assert second.why == "The server went away. Start it again."
    said = words(page)
    assert "The server went away. Start it again. What was measured is kept in History." in said
    assert "62.5 tok/s" in table(page)[0][3]


def test_a_model_that_does_not_fit_does_not_stop_the_next(
    backstage: Backstage, make: Make, told: Callable[..., None], qtbot: QtBot
) -> None:
    backstage.start(QWEN, LLAMA)
    page = make()
    find(page, "benchmark-model-llama3.2:3b").click()
    told([BenchStep("x", "load", "cold", 1, 2)], error=OutOfMemory("It does not fit."))
    start(page)
    ended(page, qtbot)
    assert [one.ending for one in view(page).session.outcomes] == [Ending.FAILED] * 2
    assert "It does not fit." in words(page)
    assert "Copy as text" not in words(page)


def test_a_mistake_of_the_program_is_reported_and_ends_it(
    backstage: Backstage, make: Make, told: Callable[..., None], qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    page = make()
    found: list[str] = []
    backstage.messages.bug_found.connect(found.append)
    told([BenchStep("qwen3:8b", "load", "cold", 1, 2)], error=ZeroDivisionError("x"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("landfall.gui.messages.logger.error", lambda *_a, **_k: None)
        start(page)
        ended(page, qtbot)
    assert "ZeroDivisionError" in found[0]
    assert "A mistake in Landfall ended it." in words(page)


def test_what_the_window_cuts_when_it_closes_is_kept_as_aborted(
    backstage: Backstage, make: Make, short: None, qtbot: QtBot, tmp_path: Path
) -> None:
    backstage.start(QWEN)
    backstage.twin.pace.token_seconds = 0.02
    page = make()
    start(page)
    qtbot.waitUntil(lambda: view(page).session.outcomes[0].result.loads is not None, timeout=20_000)
    backstage.stop()
    with sqlite3.connect(tmp_path / "history.db") as connection:
        states = [state for (state,) in connection.execute("SELECT state FROM benchmarks")]
    assert states == ["aborted"]
    qtbot.waitUntil(lambda: not view(page).session.running)


# What came of it


def test_figures_come_with_their_spread_or_the_reason(
    backstage: Backstage, make: Make, told: Callable[..., None], qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    page = make()
    told(script.usual(script.result(parts=(script.part(joules=3.6),), loads=script.LOADS)))
    start(page)
    ended(page, qtbot)
    ((name, ttft, prefill, decode, gap, gross, net),) = table(page)
    assert name.startswith("Short")
    assert "52 in, 256 out" in name
    assert "210 ms, measured" in ttft
    assert "200\u2013230 ms, n 3" in ttft
    assert prefill == "unknown: the prompt was held already"
    assert "62.1\u201363.0, n 3" in decode
    assert "Ollama 0.32.15, its own counters" in decode
    assert "17\u201319 ms, n 3" in gap
    assert "3.60 J/token" in gross
    assert "no power source can be read" in net
    said = words(page)
    assert "Prefill unknown: the prompt was held already" in said
    assert "Energy, net unknown: no power source can be read on this machine" in said
    assert "Load, cold" in said
    cold, _ = load_meters(script.LOADS, "")
    assert "clock here" in cold.shown.note, "no counter of the server's tells it"
    assert "4.2 s" in said
    assert "context 4,096, 8,192 were asked for, 75 % on the GPU" in said
    assert "RTX 4090 (limit 450 W, 64 \u00b0C, others on it: 2, 2.0 GiB)" in said
    assert "on battery" in said
    assert "12.0 W without the model, 31.0 W with it loaded" in said
    assert "keeping it loaded costs 0.14 EUR a day (0.11 EUR to 0.17 EUR)" in said
    assert "8,192 tokens of context were asked for and 4,096 given: the server decided so." in said


@pytest.mark.parametrize(
    "case",
    [
        (script.sustained(drop=0.001, throttled=False), "It keeps its speed over 9 min."),
        (
            script.sustained(drop=0.2, throttled=True, reasons=("the power limit holds it",)),
            "It slows by 20 % after 5 min. The hardware says: the power limit holds it.",
        ),
        (script.sustained(drop=0.2), "Whether the hardware itself slows down cannot be read here."),
        (script.sustained(drop=0.2, noise=None), "Whether it keeps its speed cannot be told"),
        (script.sustained(drop=None), "Too few answers in 9 min to tell"),
    ],
)
def test_a_sustained_run_says_whether_it_keeps_its_speed(
    backstage: Backstage,
    make: Make,
    told: Callable[..., None],
    qtbot: QtBot,
    case: tuple[Any, str],
) -> None:
    run, sentence = case
    backstage.start(QWEN)
    page = make()
    told(script.usual(script.result(sustained=run)))
    start(page)
    ended(page, qtbot)
    assert sentence in words(page)
    assert find(page, "sustained-chart", QWidget).accessibleName().startswith("Decode rate of 9")


@pytest.mark.parametrize(
    "case",
    [
        (
            4,
            "with 8 at once 1 of 9 answers broke off",
            "Serves about 4 people with the first token within 2.0 s for 95 of 100. With 8 at once",
        ),
        (
            0,
            "this server answers one at a time: set OLLAMA_NUM_PARALLEL",
            "Not even one person gets the first token within 2.0 s. This server answers one at a"
            " time: set OLLAMA_NUM_PARALLEL.",
        ),
        (
            1,
            "this server answers one at a time",
            "Serves one person with the first token within 2.0 s. This server answers one at a",
        ),
        (None, "no text came", "How many people it serves cannot be told: no text came."),
    ],
)
def test_a_sweep_says_how_many_people_are_served_or_why_not(
    backstage: Backstage,
    make: Make,
    told: Callable[..., None],
    qtbot: QtBot,
    case: tuple[int | None, str, str],
) -> None:
    people, reason, sentence = case
    backstage.start(QWEN)
    page = make()
    told(script.usual(script.result(sweep=script.sweep(people, reason))))
    start(page)
    ended(page, qtbot)
    assert sentence in words(page)
    chart = find(page, "sweep-chart", QWidget)
    name = chart.accessibleName().replace("\u00a0", " ")
    assert "8 at once: 100 tok/s together, first token within 6.0 s" in name
    assert "1 broke off" in name
    assert chart.accessibleDescription().replace("\u00a0", " ") == "target 2.0 s"


def test_an_embedding_model_tells_texts_tokens_and_joules(
    backstage: Backstage, make: Make, told: Callable[..., None], qtbot: QtBot
) -> None:
    backstage.start(NOMIC, QWEN)
    page = make()
    sizes = (script.embedding(1), script.embedding(32))
    told(script.usual(script.result(kind=BenchKind.EMBEDDING, embedding=sizes)))
    start(page)
    ended(page, qtbot)
    one, many = table(page)
    assert one[0].startswith("Texts: 1")
    assert many[0].startswith("Texts: 32")
    assert "96, measured" in many[1]
    assert "6,000 tok/s" in many[2]
    assert "310 J" in many[4]


def test_it_is_copied_opened_in_history_and_run_again(
    backstage: Backstage, make: Make, told: Callable[..., None], qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    page = make()
    asked: list[Any] = []
    full = script.result(
        parts=(script.part(joules=3.6),),
        loads=script.LOADS,
        sustained=script.sustained(drop=0.001),
        sweep=script.sweep(4, "with 8 at once one broke off"),
    )
    told(script.usual(full), asked=asked)
    start(page)
    ended(page, qtbot)
    find(page, "benchmark-copy").click()
    text = QGuiApplication.clipboard().text()
    for line in (
        "Prompt: short",
        "  Decode: 62.5 tok/s (62.1\u201363.0, n 3)",
        "  Prefill: unknown, the prompt was held already",
        "  Energy, gross: 3.60 J/token (GPU board, \u00b15%)",
        "Load, cold: 4.2 s (taken out of memory before)",
        "8 at once: 100 tok/s together, first token within 6.0 s for 95 of 100",
        "Conditions: context 4,096, 8,192 were asked for, 75 % on the GPU",
    ):
        assert line in text.splitlines()
    with qtbot.waitSignal(page.jump) as jumped:
        find(page, "benchmark-history").click()
    assert jumped.args == ["history", "benchmarks"]
    find(page, "benchmark-again").click()
    qtbot.waitUntil(lambda: len(asked) == 2)
    ended(page, qtbot)
    assert asked[0][:2] == asked[1][:2]
    find(page, "benchmark-change").click()
    assert view(page).session.progress is Progress.READY
    assert find(page, "benchmark-start").isEnabled()


def test_its_answers_are_exported(
    backstage: Backstage, make: Make, short: None, qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    page = make()
    find(page, "benchmark-repetitions", QLineEdit).setText("1")
    start(page)
    ended(page, qtbot, 60)
    asked: list[Any] = []
    view(page)._export.ask = lambda rows, name: asked.append((rows, name))  # type: ignore[method-assign]
    find(page, "benchmark-export").click()
    qtbot.waitUntil(lambda: bool(asked))
    rows, name = asked[0]
    assert name == "landfall-benchmark"
    assert {row.part for row in rows} >= {"short", "medium", "long"}


# By keyboard, in every width


def test_the_keyboard_begins_stops_and_goes_on(
    backstage: Backstage, make: Make, told: Callable[..., None], qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    page = make()
    told(script.usual(script.result()), hold=asyncio.Event())
    names = [stop.objectName() for stop in tab_order.stops(view(page))]
    order = [
        "benchmark-model-qwen3:8b",
        "benchmark-repetitions",
        "benchmark-context",
        "benchmark-cold",
        "benchmark-sustained",
        "benchmark-level-1",
        "benchmark-start",
    ]
    assert [name for name in names if name in order] == order
    begin = find(page, "benchmark-start")
    begin.setFocus()
    qtbot.keyClick(begin, Qt.Key.Key_Space)
    assert page.focusWidget() is view(page).bar.stop
    qtbot.keyClick(view(page).bar.stop, Qt.Key.Key_Space)
    ended(page, qtbot)
    assert page.focusWidget() is view(page).bar.change
    qtbot.keyClick(view(page).bar.change, Qt.Key.Key_Space)
    assert page.focusWidget() is view(page).setup.start


def test_that_a_missing_ollama_is_not_to_be_started_and_no_heading_stands_over_nothing(
    backstage: Backstage, make: Make
) -> None:
    backstage.start(server=False)
    backstage.state.set_runtimes(
        (Runtime(kind="ollama", state=RuntimeState.ABSENT, url="http://127.0.0.1:11434"),)
    )
    page = make()
    assert "Ollama is not installed. Get it, or add a host, on Machine." in words(page)
    assert find(page, "benchmark-no-models", QLabel).isVisibleTo(page)
    assert find(page, "benchmark-no-models", QLabel).text() == "Ollama is not installed."


def test_that_escape_stops_a_benchmark_and_then_leaves_it(
    backstage: Backstage, make: Make, told: Callable[..., None], qtbot: QtBot
) -> None:
    backstage.start(QWEN)
    page = make()
    told(script.usual(script.result()), hold=asyncio.Event())
    start(page)
    with qtbot.waitActive(page):
        page.activateWindow()
    qtbot.keyClick(view(page).bar.stop, Qt.Key.Key_Escape)
    assert view(page).session.stopping
    ended(page, qtbot)
    assert page.benching
    qtbot.keyClick(view(page), Qt.Key.Key_Escape)
    assert not page.benching


def test_every_control_says_what_it_is(backstage: Backstage, make: Make) -> None:
    backstage.start(QWEN)
    page = make()
    settle()
    for stop in tab_order.stops(view(page)):
        said = stop.accessibleName() or (
            stop.text() if isinstance(stop, QAbstractButton | QCheckBox) else ""
        )
        assert said, stop.objectName()
        assert stop.height() >= 26, stop.objectName()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_small_window(
    backstage: Backstage,
    make: Make,
    told: Callable[..., None],
    qtbot: QtBot,
    scheme: theme.SchemeChoice,
) -> None:
    theme.theme().use(scheme)
    backstage.start(QWEN)
    page = make()
    page.resize(1024 - 200, 700)
    settle()
    inner = page.widget()
    assert inner.minimumSizeHint().width() <= 824
    full = script.result(
        parts=(script.part(),),
        loads=script.LOADS,
        sustained=script.sustained(drop=0.2, throttled=True, reasons=("x" * 300,)),
        sweep=script.sweep(4, "r"),
        notes=("y" * 400,),
    )
    error = OutOfMemory("/a" * 300)
    told(script.usual(full), error=error)
    start(page)
    ended(page, qtbot)
    assert not page.grab().isNull()
    assert inner.minimumSizeHint().width() <= 1034


def test_many_short_answers_are_one_curve_and_a_pause_falls_to_nothing(qtbot: QtBot) -> None:
    live = BenchmarkLive(clock=lambda: 100.0)
    qtbot.addWidget(live)
    live.begin(BenchStep("qwen3:8b", "sustained", "", 1, 1))
    for at in (100.0, 100.2, 100.4, 105.0):
        pieces = [Piece(at + 0.05 + i / 200, "w") for i in range(10)]
        events = (Sent(at), *pieces, Ended(at + 0.15, "stop"))
        live.take([BenchLane(0, event) for event in events])
    qtbot.waitUntil(lambda: live.chart.slot.isVisibleTo(live))
    points = live.chart.rates["lane-0"]
    times = [at for at, _ in points]
    assert times == sorted(times)
    assert (pytest.approx(0.55), 0.0) in points
    assert max(rate for at, rate in points if 0.2 < at < 0.56 and rate is not None) < 100
    live.tell_no_power("")
    assert "Tokens so far: 40" in live.meters.labels["tokens"].accessibleName()


def test_that_columns_keep_their_width_when_the_next_prompt_is_measured(qtbot: QtBot) -> None:
    first = script.part()
    told = script.result(parts=(first,))
    outcome = Outcome(
        model=told.model, result=told, plan=BenchPlan(prompts=()), ending=Ending.RUNNING
    )
    card = BenchmarkResultCard(outcome)
    qtbot.addWidget(card)
    card.resize(1000, 400)
    card.show()
    settle()
    table = card.findChild(DataTable, "benchmark-table")
    before = [table.columnWidth(i) for i in range(table.table.columnCount())]
    assert before[1] > 96
    longer = replace(told, parts=(first, script.part("medium")))
    card.show_outcome(replace(outcome, result=longer))
    settle()
    assert [table.columnWidth(i) for i in range(table.table.columnCount())] == before


def test_that_columns_that_have_room_have_no_bar_below_them(qtbot: QtBot) -> None:
    """Their widths are rounded: together they are never a pixel more than there is."""
    told = script.result(parts=(script.part(),))
    plan = BenchPlan(prompts=())
    card = BenchmarkResultCard(
        Outcome(model=told.model, result=told, plan=plan, ending=Ending.DONE)
    )
    qtbot.addWidget(card)
    card.show()
    table = card.findChild(DataTable, "benchmark-table")
    for width in range(1000, 1030):
        card.resize(width, 400)
        settle()
        assert table.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff, width
