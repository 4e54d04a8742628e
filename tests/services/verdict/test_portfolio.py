"""The workloads of the user together, in a real history and with the real catalogue and prices."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from landfall.core.errors import BadInput, Unavailable
from landfall.core.machine.hardware import HardwareProfile
from landfall.core.provenance import Unknown, middle
from landfall.core.settings import Settings
from landfall.core.verdict.over_volume import BreakEvenCurves
from landfall.core.verdict.what_if import changed, knobs
from landfall.core.workload.file import parse
from landfall.core.workload.privacy import Option
from landfall.services import hardware
from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload
from landfall.services.models import shipped_catalogue
from landfall.services.verdict.decided import Entry
from landfall.services.verdict.hardware_offers import cheapest_that_holds
from landfall.services.verdict.portfolio import Portfolio
from landfall.services.verdict.rounds import Question, made_here

CASES = Path(__file__).parents[2] / "data/decisions"
D12 = (CASES / "D12.toml").read_text()
LETTERS = """schema = 1
[workload]
name = "Letters"
task = "summary"
[volume]
calls_per_day = 20
[tokens]
input = 3000
output = 300
context_p99 = 8192
[privacy]
class = "phi"
[candidates]
local = ["llama3.3:70b"]
[quality]
gate = "pass"
[quotes.machine]
licence_ok = true
"""
TRIAGE = "Sample: support ticket triage"


class Desk(Portfolio):
    """Workloads with the history that holds them."""

    def __init__(self, history: History) -> None:
        super().__init__(history)
        self.history = history


@pytest.fixture
async def portfolio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    async def detect(_settings: Settings) -> HardwareProfile:
        return shipped_catalogue.load().what_if("RTX 4090")

    monkeypatch.setattr(hardware, "detect", detect)
    history = History(tmp_path / "h.db")
    await history.open()
    desk = Desk(history)
    await desk.bring_samples()
    yield desk
    await history.close()


async def names(desk: Desk) -> list[str]:
    return [one.name for one in await desk.history.workloads()]


async def decided_of(desk: Desk) -> dict[str, Entry]:
    question = Question(
        settings=Settings(),
        now=datetime(2026, 11, 25, tzinfo=UTC),
        machine=None,
        runs=(),
        saved=await desk.history.workloads(),
        line="builtins:slice",
    )
    return {one.saved.name: one for one in (await made_here(question)).unsealed()}


async def entry(desk: Desk, name: str) -> Entry:
    return (await decided_of(desk))[name]


async def test_that_samples_can_be_had_back(portfolio: Desk) -> None:
    first = await names(portfolio)
    assert TRIAGE in first
    for name in first:
        await portfolio.remove(name)
    assert await names(portfolio) == []
    back = await portfolio.bring_samples()
    assert [one.name for one in back] == first == await names(portfolio)
    assert all(one.sample for one in await portfolio.history.workloads())


async def test_that_a_workload_is_saved_renamed_copied_and_its_name_is_its_own(
    portfolio: Desk,
) -> None:
    saved = await portfolio.save(D12)
    with pytest.raises(BadInput) as caught:
        await portfolio.save(D12)
    assert caught.value.field == "workload.name"
    again = await portfolio.save(D12.replace("20000", "30000"), was="D12")
    assert "30000" in again.toml
    moved = await portfolio.rename(saved, " Bills ")
    assert moved.name == "Bills" == parse(moved.toml).name
    first, second = await portfolio.duplicate(moved), await portfolio.duplicate(moved)
    assert (first.name, second.name) == ("Bills (copy)", "Bills (copy 2)")
    with pytest.raises(BadInput):
        await portfolio.rename(first, "Bills")
    kept = await names(portfolio)
    assert "D12" not in kept
    assert {"Bills", "Bills (copy)", "Bills (copy 2)"} <= set(kept)


async def test_that_nothing_is_stored_of_a_text_that_is_wrong(portfolio: Desk) -> None:
    with pytest.raises(BadInput) as caught:
        await portfolio.save(D12.replace('"classification"', '"clasification"'))
    assert (caught.value.field, caught.value.line) == ("workload.task", 6)
    assert "D12" not in await names(portfolio)


async def test_that_a_removal_can_be_undone(portfolio: Desk) -> None:
    await portfolio.save(D12)
    gone = await portfolio.remove("D12")
    assert gone is not None
    assert "D12" not in await names(portfolio)
    await portfolio.restore(gone)
    assert "D12" in await names(portfolio)
    assert await portfolio.remove("never was") is None


async def test_that_files_come_in_and_go_out_as_they_are(portfolio: Desk, tmp_path: Path) -> None:
    file = tmp_path / "w.toml"
    file.write_text(f"# mine\n{D12}")
    brought = await portfolio.bring(file)
    out = tmp_path / "out.toml"
    await portfolio.write(brought, out)
    assert out.read_text() == file.read_text() == await portfolio.text_of(file)
    with pytest.raises(Unavailable):
        await portfolio.write(brought, tmp_path / "no folder" / "w.toml")
    with pytest.raises(BadInput):
        await portfolio.bring(tmp_path / "nothing.toml")


async def test_that_a_series_beside_a_file_is_found_after_the_file_was_brought(
    portfolio: Desk, tmp_path: Path
) -> None:
    header = "date,calls,input_tokens,cached_input_tokens,output_tokens\n"
    rows = "".join(f"2026-10-{day:02d},100,1000,0,100\n" for day in range(1, 31))
    (tmp_path / "usage.csv").write_text(header + rows)
    file = tmp_path / "w.toml"
    file.write_text('[workload]\nname = "S"\ntask = "chat"\n[volume]\nseries = "usage.csv"\n')
    await portfolio.bring(file)
    found = await entry(portfolio, "S")
    assert found.decided is not None
    assert found.decided.facts.calls_per_day == pytest.approx(100)


async def test_that_a_broken_workload_hides_no_other(portfolio: Desk) -> None:
    await portfolio.restore(SavedWorkload(name="B", toml='[workload]\nname = "B"\ntask = 3\n'))
    found = await decided_of(portfolio)
    problem = found["B"].problem
    assert isinstance(problem, BadInput)
    assert problem.line == 3
    assert found[TRIAGE].decided is not None


async def test_that_a_slider_gets_another_verdict_and_then_what_flips_it(
    portfolio: Desk,
) -> None:
    decided = (await entry(portfolio, TRIAGE)).decided
    assert decided is not None
    assert decided.verdict.option is Option.LOCAL_THIS_MACHINE
    workload = decided.loaded.workload
    calls = knobs(workload, decided.facts, decided.assembler)[0]
    fewer = changed(workload, decided.assembler, {calls: 2000.0})
    now = decided.again(fewer)
    assert now.verdict.option is Option.HOSTED_OPEN
    assert now.verdict.flips == ()
    assert now.loaded.workload == fewer
    flipped = await portfolio.flips_of(decided, fewer)
    assert flipped.verdict.option is now.verdict.option
    assert flipped.verdict.flips
    assert decided.verdict.option is Option.LOCAL_THIS_MACHINE


async def test_that_the_break_even_of_a_sample_is_drawn_and_that_of_a_quote_is_not(
    portfolio: Desk,
) -> None:
    decided = (await entry(portfolio, TRIAGE)).decided
    assert decided is not None
    _asked, curves = await portfolio.break_even(decided)
    assert isinstance(curves, BreakEvenCurves)
    assert curves.crossing is not None
    assert curves.crossing_low is not None
    assert curves.crossing_low < curves.crossing
    await portfolio.save(D12)
    quoted = (await entry(portfolio, "D12")).decided
    assert quoted is not None
    assert isinstance((await portfolio.break_even(quoted))[1], Unknown)


async def test_that_hardware_is_offered_where_memory_is_what_lacks(
    portfolio: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def detect(_settings: Settings) -> HardwareProfile:
        return shipped_catalogue.load().what_if("RTX 3060")

    monkeypatch.setattr(hardware, "detect", detect)
    none_fits = LETTERS.replace("licence_ok = true", "licence_ok = true\nfits = false")
    await portfolio.save(none_fits)
    found = await entry(portfolio, "Letters")
    assert found.decided is not None
    assert found.decided.verdict.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE
    assert found.offer is not None
    assert found.offer.model == "llama3.3:70b"
    usd = middle(found.offer.usd)
    assert usd is not None
    assert usd > 1000


def test_that_nothing_is_offered_for_a_model_that_no_catalogue_knows() -> None:
    assert cheapest_that_holds(parse(LETTERS.replace("llama3.3:70b", "my-own:1b"))) is None
    assert cheapest_that_holds(parse(LETTERS.replace("llama3.3:70b", "gpt-oss:120b-cloud"))) is None
    small = cheapest_that_holds(parse(LETTERS.replace("llama3.3:70b", "qwen3:8b")))
    large = cheapest_that_holds(parse(LETTERS))
    assert small is not None
    assert large is not None
    assert (middle(small.usd) or 0) < (middle(large.usd) or 0)


async def test_that_an_editor_is_offered_real_names(portfolio: Desk) -> None:
    known = await portfolio.known(Settings())
    assert "gpt-5.5" in known.models["openai"]
    assert "qwen3:8b" in known.local
    assert any("4090" in name for name in known.machines)
