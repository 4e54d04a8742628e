"""What the window says of a load: predicted, measured, and why a figure is missing."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from landfall.core.fit.load_check import LoadCheck, RunnerFacts
from landfall.core.hosts.runtime import LoadedModel
from landfall.core.machine.hardware import GIB, MIB
from landfall.core.provenance import Unknown
from landfall.gui.models.inspector import FactLine
from landfall.gui.models.load_card import LoadCard
from landfall.gui.run.words import facts
from landfall.services.history.records import RunRecord

MODEL = LoadedModel(
    name="qwen3:8b",
    digest="d",
    size_bytes=6 * GIB,
    gpu_bytes=0,
    context=8192,
    expires_at="forever",
)
RUNNER = RunnerFacts(memory_bytes=5 * GIB, memory_kind="RSS", held_bytes=5 * GIB)


def check(**changed: object) -> LoadCheck:
    known: dict[str, object] = {
        "model": MODEL,
        "version": "0.32.15",
        "predicted_ps_bytes": 6 * GIB,
        "predicted_process_bytes": int(5.5 * GIB),
        "runner": RUNNER,
        "request": None,
        "prompt_tokens": 300,
    }
    return LoadCheck(**(known | changed))  # type: ignore[arg-type]


def said(card: LoadCard) -> str:
    lines = [line.accessibleName() for line in card.findChildren(FactLine)]
    labels = [label.text() for label in card.findChildren(QLabel)]
    tips = [line.toolTip() for line in card.findChildren(FactLine)]
    return "\n".join([*lines, *labels, *tips]).replace("\u00a0", " ").replace("\u200b", "")


def test_like_is_shown_beside_like_with_how_far_off_it_is(qtbot: QtBot) -> None:
    card = LoadCard()
    qtbot.addWidget(card)
    card.show_load(
        MODEL, check(reasons=("16,384 tokens of context were asked for and 8,192 given",))
    )
    words = said(card)
    assert "The server says" in words
    assert "Predicted for that, 0.0 % off" in words
    assert "Predicted for that, +10.0 % off" in words
    assert "Its process takes (RSS)" in words
    card.show_load(MODEL, check(predicted_ps_bytes=5 * GIB))
    assert "Predicted for that, \u221216.7 % off" in said(card)
    assert "after a prompt of 300 tokens" in words
    assert "with what it shares with others" in words
    assert "16,384 tokens of context were asked for and 8,192 given." in words


def test_what_is_not_known_is_said_with_its_reason(qtbot: QtBot) -> None:
    card = LoadCard()
    qtbot.addWidget(card)
    why = Unknown("the server is on another machine")
    card.show_load(MODEL, check(predicted_ps_bytes=why, predicted_process_bytes=why, runner=why))
    words = said(card)
    assert words.count("unknown") >= 3
    assert "the server is on another machine" in words
    card.show_load(MODEL, None)
    assert "Looking at it" in said(card)
    card.show_load(None, None)
    assert card.isHidden()


def test_a_run_tells_what_its_load_took_and_that_its_context_was_clamped() -> None:
    run = RunRecord(
        started_at="2026-11-26T10:00:00+00:00",
        place="local",
        host="http://127.0.0.1:11434",
        model="smollm2:135m",
        prompt="Hi",
        state="done",
        conditions={
            "context": 16384,
            "context_given": 8192,
            "context_trained": 8192,
            "memory_bytes": 315 * MIB,
            "memory_predicted_bytes": 315 * MIB,
            "process_bytes": 311 * MIB,
        },
    )
    told = {name: words.replace("\u00a0", " ") for name, words in facts(run)}
    assert told["Memory"] == "315 MiB by the server, 315 MiB predicted, its process 311 MiB"
    assert "16,384 were asked for and the model was trained for no more" in told["Conditions"]
