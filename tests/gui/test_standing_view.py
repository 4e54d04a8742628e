"""What the Workloads page shows beside verdicts: what changed, sharing, the sample portfolio."""

from __future__ import annotations

from dataclasses import fields, replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.provenance import Stated
from landfall.core.settings import Settings, Thresholds
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.together import Displaced, RoutingCost, Tenant, together
from landfall.core.workload.privacy import Option
from landfall.gui.settings.thresholds import sourced, threshold_words
from landfall.gui.summaries import summary
from landfall.gui.widgets.disclosure import Disclosure
from landfall.gui.widgets.layout import Label
from landfall.gui.widgets.share_bar import ShareBar
from landfall.gui.workloads.listing import WorkloadList, WorkloadRow
from landfall.gui.workloads.notes_card import NotesCard
from landfall.gui.workloads.portfolio_card import PortfolioCard
from landfall.gui.workloads.recheck import MOST, RecheckCard
from landfall.gui.workloads.routed_card import RoutedCard
from landfall.gui.workloads.states import NothingYet
from landfall.gui.workloads.together_part import TogetherPart
from landfall.services.history.records import SavedWorkload
from landfall.services.verdict import workload_files
from landfall.services.verdict.decided import Entry, Sums
from landfall.services.verdict.deciding import Decider
from tests.gui.test_summaries import NOW, told

LIMITS = Settings().thresholds
ROUTING = RoutingCost(build_usd=Stated(30_000.0, "t"), run_usd_month=Stated(800.0, "t"))


def entry(*texts: str) -> Entry:
    saved = SavedWorkload(name="Mail", toml="")
    return Entry(saved=saved, stale=tuple(Caution("S51", text) for text in texts))


def words_of(widget: QWidget, name: str) -> str:
    found = widget.findChild(Label, name)
    assert found is not None
    return found.text()


def press(qtbot: QtBot, widget: QWidget, name: str) -> None:
    found = widget.findChild(QPushButton, name)
    assert found is not None
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)


def test_that_what_changed_is_listed_and_looking_makes_it_count(qtbot: QtBot) -> None:
    card = RecheckCard()
    qtbot.addWidget(card)
    card.show_entry(entry())
    assert card.isHidden()
    card.show_entry(entry("re-check: the price of m changed from $1 to $2"))
    assert not card.isHidden()
    assert words_of(card, "recheck-reasons") == "Re-check: the price of m changed from $1 to $2"
    assert "the price of m" in card.accessibleDescription()
    with qtbot.waitSignal(card.checked) as heard:
        press(qtbot, card, "checked")
    assert heard.args == ["Mail"]
    with qtbot.waitSignal(card.all_checked):
        press(qtbot, card, "checked-all")
    card.show_entry(entry(*(f"re-check: {n}" for n in range(MOST + 3))))
    assert words_of(card, "recheck-reasons").endswith("And 3 more changes.")
    card.show_entry(None)
    assert card.isHidden()


def test_that_notes_are_shown_with_their_items_and_hidden_where_there_are_none(
    qtbot: QtBot,
) -> None:
    card = NotesCard()
    qtbot.addWidget(card)
    noted = replace(entry(), notes=(Caution("S38", "qwen3:8b fits this machine"),))
    card.show_entry(noted)
    assert not card.isHidden()
    assert words_of(card, "note-S38") == "qwen3:8b fits this machine."
    card.show_entry(noted)
    card.show_entry(entry())
    assert card.isHidden()
    card.show_entry(None)
    assert card.isHidden()


async def test_that_a_row_is_marked_and_says_so_aloud(qtbot: QtBot) -> None:
    plain = await told("triage", "RTX 2060")
    line = WorkloadRow(plain)
    qtbot.addWidget(line)
    assert line.findChild(Label, "stale") is None
    old = WorkloadRow(replace(plain, stale=("re-check: x",), beside="beside y it is full"))
    qtbot.addWidget(old)
    assert words_of(old, "stale") == "Re-check"
    assert words_of(old, "beside") == "No room beside the others"
    assert "to be checked again" in old.accessibleName()
    assert "beside y it is full" in old.accessibleName()


async def test_that_the_sample_portfolio_is_offered_among_samples_alone(qtbot: QtBot) -> None:
    shown = WorkloadList()
    qtbot.addWidget(shown)
    link = shown.findChild(QPushButton, "sample-portfolio")
    assert link is not None
    one = await told("triage", "RTX 2060")
    shown.set_workloads([one])
    assert not link.isHidden()
    with qtbot.waitSignal(shown.portfolio_asked):
        link.click()
    shown.set_workloads([one, replace(one, name="Sample portfolio: analysis for clients")])
    assert link.isHidden()
    shown.set_workloads([one, replace(one, name="Mine", sample=False)])
    assert link.isHidden()
    empty = NothingYet()
    qtbot.addWidget(empty)
    with qtbot.waitSignal(empty.portfolio_asked):
        press(qtbot, empty, "bring-sample-portfolio")


async def test_that_the_keyboard_stays_at_a_workload_while_another_program_is_in_front(
    qtbot: QtBot,
) -> None:
    shown, other = WorkloadList(), QWidget()
    for window in (shown, other):
        qtbot.addWidget(window)
        window.show()
    one = await told("triage", "RTX 2060")
    two = replace(one, name="Mine")
    shown.set_workloads([one, two])
    shown.go_on_at("Mine")
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    before = shown.focusWidget()
    shown.set_workloads([one, replace(two, detail="other words")])
    assert shown.focusWidget() is shown._rows["Mine"]
    assert shown.focusWidget() is not before


def test_that_the_sum_says_what_workloads_make_of_each_other(qtbot: QtBot) -> None:
    card = PortfolioCard()
    qtbot.addWidget(card)
    one = Tenant(
        workload="Mail",
        option=Option.LOCAL_THIS_MACHINE,
        machine="RTX 4090",
        busy=(0.0,) * 9 + (0.5,) + (0.0,) * 14,
        before=Stated(900.0, "t"),
        after=Stated(20.0, "t"),
    )
    two = replace(one, workload="Notes", elsewhere=Stated(80.0, "t"))
    sums = Sums(own=together([one, two], LIMITS, ROUTING), samples=None)
    card.set_sums(sums)
    part = card.findChild(TogetherPart)
    assert part is not None
    assert not part.isHidden()
    said = [one.text() for one in part.findChildren(QLabel)]
    assert "Together on RTX 4090" in said
    assert {"No room: Mail", "No room: Notes"} & set(said)
    assert any("Elsewhere it costs $80 a month" in one for one in said) or "No room: Mail" in said
    bar = part.findChild(ShareBar)
    assert bar is not None
    assert bar.accessibleName().startswith("Busiest hour, from 9:00: 50\u00a0%; ")
    more = part.findChild(Disclosure)
    assert more is not None
    more.open()
    said = [one.text() for one in part.findChildren(QLabel)]
    assert any("gateway's configuration" in one for one in said)
    card.set_sums(Sums(own=None, samples=together([one], LIMITS, ROUTING)))
    assert words_of(card, "portfolio-samples").startswith("The samples together: $900 → $20")
    assert part.isHidden()
    card.set_sums(None)
    samples = card.findChild(QLabel, "portfolio-samples")
    assert samples is not None
    assert samples.isHidden()


async def test_that_a_displaced_workload_costs_what_it_costs_elsewhere() -> None:
    text = workload_files.template()
    loaded = workload_files.from_text(text)
    decided = await Decider.on("RTX 4090", Settings(), now=NOW).decide(loaded, with_flips=False)
    gone = Displaced(
        workload="E-mail triage", rule="H6", text="it is full", usd_month=Stated(4321.0, "t")
    )
    made = summary(
        Entry(
            saved=SavedWorkload(name="E-mail triage", toml=text),
            decided=decided,
            displaced=gone,
            stale=(Caution("S51", "re-check: x"),),
        ),
        LIMITS,
    )
    assert made.after_usd_month == gone.usd_month
    assert (made.beside, made.stale) == ("it is full", ("re-check: x",))


def test_that_every_threshold_is_shown_with_its_default_source_and_date(qapp: object) -> None:
    words = threshold_words()
    assert {one.key for one in words} == {one.name for one in fields(Thresholds)}
    for one in words:
        assert "Default " in sourced(one)
        assert ", 2026-" in sourced(one)


def test_that_what_a_router_logged_is_shown_leaks_first_and_in_red(qtbot: QtBot) -> None:
    card = RoutedCard()
    qtbot.addWidget(card)
    card.show_entry(entry())
    assert card.isHidden()
    routed = replace(
        entry(),
        leaks=(Caution("H1", "LEAK: of 5 private calls, 2 to m at anthropic"),),
        splits=(Caution("S28", "mail: 60 calls; the split went as planned"),),
    )
    card.show_entry(routed)
    assert not card.isHidden()
    leak = card.findChild(Label, "routed-leak")
    assert leak is not None
    assert leak.tone == "danger"
    assert card.accessibleDescription().startswith("LEAK")
    assert words_of(card, "routed-split") == "Mail: 60 calls; the split went as planned."
    card.show_entry(routed)
    assert len(card.findChildren(Label, "routed-split")) == 1
    card.show_entry(None)
    assert card.isHidden()
