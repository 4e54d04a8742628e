"""A minute of 200 tokens a second as it reaches the page, without the minute.

The real thing, over a socket and against a clock, is tests/benchmarks/test_run_page_stream.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from time import thread_time

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from landfall.core.energy.energy import unmetered
from landfall.core.events import Counters, Ended, Piece, PowerSample, RunEvent, Sent
from landfall.core.provenance import Measured
from landfall.core.run.metrics import measure
from landfall.gui.run import session as run_session
from landfall.gui.run.chat_view import AnswerBubble, ChatView
from landfall.gui.run.meters import RunMeters
from landfall.services.history.records import RunRecord
from landfall.services.run.answering import Kept, RunUpdate
from tests.fakes.speakers import speaker
from tests.fakes.steady_ollama import words
from tests.gui.pages.backstage import Backstage
from tests.gui.pages.run_stage import run_page, show

RATE, SECONDS = 200, 60
PIECES = words(RATE * SECONDS)
FRAME = 7
"""Pieces that come in a thirtieth of a second."""
CPU_MAX_SECONDS = 0.050


async def minute() -> AsyncGenerator[RunUpdate, None]:
    """Stamped as on a real clock, a frame's worth at a time, as fast as the page takes it."""
    events: list[RunEvent] = [Sent(100.0)]
    yield events[0]
    for i, text in enumerate(PIECES):
        at = 100.5 + i / RATE
        events.append(Piece(at, text))
        yield events[-1]
        if i % (RATE // 10) == 0:
            yield PowerSample(at, "NVML", "gpu", 250.0)
        if i % FRAME == 0:
            await asyncio.sleep(0)
    counted = Counters(
        load_seconds=0.1,
        prompt_tokens=20,
        prompt_seconds=0.3,
        output_tokens=len(PIECES),
        output_seconds=float(SECONDS),
    )
    events.append(Ended(100.5 + SECONDS, "stop", counted))
    yield events[-1]
    metrics = measure(events)
    record = RunRecord(
        started_at="2026-01-01T00:00:00+00:00",
        place="local",
        host="http://127.0.0.1:11434",
        model="steady",
        state="done",
        prompt="Talk.",
        answer="".join(PIECES),
        output_tokens=metrics.output_tokens,
        ttft_seconds=metrics.ttft_seconds,
        decode_tok_s=metrics.decode_tok_s,
        conditions={"decode_rate": "server counters"},
    )
    yield Kept(
        record=record,
        metrics=metrics,
        energy=replace(unmetered(""), gross=Measured(15_000.0, "", "NVML")),
    )


def test_a_minute_of_200_tokens_a_second_is_shown_whole(
    backstage: Backstage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    backstage.start(speaker("steady:latest", ("x",)))
    monkeypatch.setattr(run_session, "ask_ollama", lambda *_args, **_options: minute())
    page = run_page(backstage, qtbot)
    show(page, qtbot)
    page.form.prompt.setPlainText("Talk.")
    page.form.send.click()
    qtbot.waitUntil(lambda: not page.session.running, timeout=30_000)

    said = "".join(PIECES)
    (answer,) = page.chat.answers
    assert answer.text.raw == said
    assert f"Part {4 * 30}" in answer.text.toPlainText()
    rates = page.chart.rates["here"]
    assert rates[0] == (0.0, 0.0)
    assert rates[-1][0] == pytest.approx(SECONDS + 0.5, abs=0.3)
    assert all(rate == pytest.approx(RATE, rel=0.03) for _, rate in rates[2:])
    assert len(page.chart.watts) == SECONDS * 10
    gauge = page.findChild(RunMeters, "meters-here")
    spoken = {key: label.accessibleName() for key, label in gauge.labels.items()}
    assert "200 tok/s" in spoken["decode"]
    assert "12,000" in spoken["tokens"]
    assert "1.25" in spoken["energy"]


def test_no_frame_of_it_costs_more_than_a_stall_would(qtbot: QtBot) -> None:
    """By the processor's time, which other work on the machine does not change."""
    chat = ChatView()
    qtbot.addWidget(chat)
    chat.resize(480, 560)
    chat.show()
    bubble = AnswerBubble("steady", "here")
    chat.ask("Talk.", [bubble])
    qtbot.waitExposed(chat)
    costs: list[float] = []
    for i in range(0, len(PIECES), FRAME):
        begun = thread_time()
        bubble.add("".join(PIECES[i : i + FRAME]))
        QCoreApplication.sendPostedEvents()
        costs.append(thread_time() - begun)
    late = sorted(costs[len(costs) // 2 :])
    assert max(costs) < CPU_MAX_SECONDS
    assert late[len(late) // 2] < 0.005, (
        "the end of an answer must not cost more than its beginning"
    )
    bar = chat.verticalScrollBar()
    assert bar.value() == bar.maximum() > 1000
