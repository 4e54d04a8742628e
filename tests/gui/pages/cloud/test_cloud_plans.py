"""Plans beside the bill by the token, on the Prices tab."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from landfall.core.pricing.call_shape import CallShape
from landfall.gui.cloud.plans_card import PlansCard
from landfall.gui.widgets.cells import spoken
from tests.gui.pages.cloud.test_cloud_usage import HEAD, ROWS, keep
from tests.gui.pages.cloud_stage import CloudStage


def rows(card: PlansCard) -> list[str]:
    lines = (" | ".join(spoken(cell) for cell in row) for row in card.table.table.rows)
    return [line.replace("\u00a0", " ") for line in lines]


def typed(card: PlansCard, name: str, value: str) -> None:
    edit = card.findChild(QLineEdit, name)
    assert edit is not None
    edit.setText(value)
    edit.editingFinished.emit()


def shown(stage: CloudStage, qtbot: QtBot, *, model: str = "gpt-4o") -> PlansCard:
    page = stage.page()
    qtbot.addWidget(page)
    page.resize(1080, 900)
    page.open_at("prices")
    page.show()
    card = page.prices_tab.plans
    qtbot.waitUntil(lambda: len(rows(card)) > 5, timeout=10_000)
    page.prices_tab.check.choose(model)
    qtbot.waitUntil(lambda: f"For the call above: {model}." in card.line.detail.text())
    return card


def of_form(card: PlansCard) -> tuple[str, str, CallShape]:
    """The call that the form above asks about."""
    assert card._call is not None
    return card._call


def test_that_plans_are_judged_by_the_call_above(stage: CloudStage, qtbot: QtBot) -> None:
    stage.set(
        plans=MappingProxyType(
            {"Office": {"usd_month": 30.0, "counts": "messages", "limit": 10_000.0}}
        )
    )
    card = shown(stage, qtbot)
    mine = next(line for line in rows(card) if line.startswith("Office"))
    assert "yes, 61 % of 10,000 messages a month" in mine
    assert "$30" in mine
    assert "stated by you" in mine
    assert any("unknown, its limits are not published" in line for line in rows(card))
    # 200 calls a day of 2,000 tokens in and 500 out: $0.01 each, $61 a month.
    assert "of the bill by the token of $61" in card.line.title.text().replace("\u00a0", " ")


def test_that_more_people_need_more_seats_and_programs_other_plans(
    stage: CloudStage, qtbot: QtBot
) -> None:
    card = shown(stage, qtbot)
    before = len(rows(card))
    typed(card, "plan-users", "7")
    qtbot.waitUntil(lambda: all("| 7 |" in line for line in rows(card)), timeout=10_000)
    card.interface.setChecked(True)
    qtbot.waitUntil(lambda: 0 < len(rows(card)) < before, timeout=10_000)
    assert all("for programs too" in line for line in rows(card))


def test_that_a_huge_volume_is_held_by_no_plan(stage: CloudStage, qtbot: QtBot) -> None:
    card = shown(stage, qtbot)
    card.interface.setChecked(True)
    typed(card, "plan-calls", "90000000")
    qtbot.waitUntil(
        lambda: "No plan is known to hold this volume." in card.line.title.text(), timeout=10_000
    )
    assert "By the token it is" in card.line.title.text()


def test_that_the_volume_may_be_the_usage_that_was_imported(
    stage: CloudStage, qtbot: QtBot, tmp_path: Path
) -> None:
    card = shown(stage, qtbot)
    card.on_mine()
    qtbot.waitUntil(lambda: "No usage with counted calls" in card.line.title.text())
    file = tmp_path / "usage.csv"
    file.write_text(HEAD + ROWS, encoding="utf-8")
    page = stage.page()
    qtbot.addWidget(page)
    page.open_at("usage")
    page.show()
    keep(page, qtbot, file)
    card.on_mine()
    qtbot.waitUntil(lambda: "The mean of your usage" in card.line.detail.text(), timeout=10_000)
    edit = card.findChild(QLineEdit, "plan-calls")
    assert edit is not None
    # 1,120 calls on three days with a log.
    assert edit.text() == "373"
    model = card.line.detail.text().rpartition("at the price of ")[2].rstrip(".")
    assert model, "the price is that of the form's model, not of what was used"
    with qtbot.waitSignal(card.answered):
        card.show_call(*of_form(card))  # prices came anew
    assert "The mean of your usage" in card.line.detail.text()


def test_that_a_plan_that_cannot_be_is_said(stage: CloudStage, qtbot: QtBot) -> None:
    card = shown(stage, qtbot)
    stage.set(plans=MappingProxyType({"Odd": {"usd_month": 1.0, "counts": "wishes", "limit": 1.0}}))
    card.ask()
    qtbot.waitUntil(lambda: "is nothing that a plan counts" in card.line.title.text())
