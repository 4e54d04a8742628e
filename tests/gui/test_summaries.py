"""What Home is told of a workload."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from landfall.core.settings import Settings
from landfall.gui.app_values import WorkloadSummary
from landfall.gui.summaries import summary
from landfall.services.history.records import SavedWorkload
from landfall.services.verdict import workload_files
from landfall.services.verdict.decided import Entry
from landfall.services.verdict.deciding import Decider

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


async def told(word: str, machine: str) -> WorkloadSummary:
    text = next(one.text for one in workload_files.samples() if word in one.workload.name)
    loaded = workload_files.from_text(text)
    decided = await Decider.on(machine, Settings(), now=NOW).decide(loaded, with_flips=False)
    saved = SavedWorkload(name=loaded.workload.name, toml=text, sample=True)
    return summary(Entry(saved=saved, decided=decided), Settings().thresholds)


async def test_the_next_step_is_the_one_of_the_verdict_card_and_names_no_key() -> None:
    one = await told("research", "RTX 2060")
    assert one.provisional
    assert "Quality is not proven" in one.next_step
    assert "quality.gate" not in one.next_step


async def test_a_verdict_that_half_of_the_simulations_reverse_is_close_and_not_firm() -> None:
    one = await told("triage", "RTX 4090")
    assert one.close
    assert not one.firm
    sure = await told("triage", "RTX 2060")
    assert sure.firm


async def test_bills_by_list_price_carry_its_day_and_the_lock_its_name_in_words() -> None:
    one = await told("triage", "RTX 2060")
    assert one.now_note.endswith("Nov")
    assert one.after_note.endswith("Oct")
    locked = await told("contracts", "RTX 2060")
    assert locked.detail == "privacy lock: attorney and client"


@pytest.mark.parametrize(
    ("task", "tokens", "detail"),
    [
        ("classification", "input = 1000", "500 calls a day"),
        ("classification", "output = 100", "500 calls a day"),
        ("classification", "input = 1000\noutput = 100", "550 k tokens a day"),
        ("embedding", "input = 1000", "500 k tokens a day"),
    ],
)
async def test_that_tokens_nobody_stated_are_not_counted_as_none(
    task: str, tokens: str, detail: str
) -> None:
    text = (
        f'[workload]\nname = "Mine"\ntask = "{task}"\n'
        f"[volume]\ncalls_per_day = 500\n[tokens]\n{tokens}\n"
    )
    loaded = workload_files.from_text(text)
    decided = await Decider.on("RTX 2060", Settings(), now=NOW).decide(loaded, with_flips=False)
    saved = SavedWorkload(name="Mine", toml=text)
    said = summary(Entry(saved=saved, decided=decided), Settings().thresholds).detail
    assert said.replace("\u00a0", " ") == detail
