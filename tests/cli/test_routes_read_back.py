"""The log of a real proxy back into the verdicts whose routes it served.

`tests/data/litellm`: what litellm 1.106.12 wrote between stand-ins (`tests.litellm_proxy`) from an
export whose guard was taken out: 60 steady calls of which 22 overflowed, and among others two
private ones that a list of models and a client's fallbacks sent to the cloud.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from landfall.cli.main import main
from landfall.core.verdict.cautions import Caution
from landfall.services import paths
from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload
from landfall.services.routing.kept import KeptExport, exports, insert
from landfall.services.verdict.known_past import past_of
from landfall.services.verdict.standing_verdicts import leaks_of, splits_of
from tests.core.routing.test_routing_planning import KEEPS_UP, OVERFLOWS, PRIVATE, toml

DATA = Path(__file__).parents[1] / "data" / "litellm"
LOG = DATA / "spend_logs.jsonl"
PLAN = json.loads((DATA / "landfall-routing.json").read_text(encoding="utf-8"))


async def _history() -> History:
    found = paths.of_user()
    found.make()
    history = History(found.database)
    await history.open()
    return history


@pytest.fixture(autouse=True)
def closed_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")


@pytest.fixture
def exported_here() -> None:
    """The two workloads, and the export that the log is of."""

    async def work() -> None:
        history = await _history()
        for name, text in (
            ("Steady classify", toml("Steady classify", quotes=OVERFLOWS)),
            ("Private notes", toml("Private notes", privacy=PRIVATE, quotes=KEEPS_UP)),
        ):
            await history.save_workload(SavedWorkload(name=name, toml=text))
        export = KeptExport(
            exported_at=PLAN["made_at"],
            engine="LiteLLM 1.106.12",
            directory="/srv/routes",
            plan=PLAN,
        )
        await history.transact(lambda c: insert(c, export))
        await history.close()

    asyncio.run(work())


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    main([*words, "--json"])
    return json.loads(capsys.readouterr().out)


def without_leaks(folder: Path) -> Path:
    """The log without what got out."""
    kept = [
        line
        for line in LOG.read_text(encoding="utf-8").splitlines()
        if '"model_group": "frontier"' not in line
    ]
    path = folder / "log.jsonl"
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return path


@pytest.mark.usefixtures("exported_here")
def test_that_the_import_says_whose_rows_these_are(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "import", str(LOG))
    # The private calls are the three that were asked plainly and the two that got out.
    assert [(one["alias"], one["workload"], one["calls"]) for one in found["exported"]] == [
        ("capped", "Capped", 1),
        ("private-notes", "Private notes", 5),
        ("private-notes-embed", "Private notes", 1),
        ("steady-classify", "Steady classify", 60),
    ]
    main(["import", str(LOG)])
    told = capsys.readouterr().out
    assert "60 calls of steady-classify are those of the workload 'Steady classify'" in told
    assert "exported on 2026-11-26" in told


@pytest.mark.usefixtures("exported_here")
def test_that_the_verdict_says_how_the_split_went(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(capsys, "import", str(without_leaks(tmp_path)), "--save")
    verdicts = {one["workload"]: one for one in answer(capsys, "verdict")}
    (steady,) = verdicts["Steady classify"]["routed"]
    assert (steady["outcome"], steady["calls"], steady["local_calls"]) == ("as_planned", 60, 38)
    assert round(steady["seen_local_share"]["mid"], 3) == 0.633
    planned = {"low": 0.65, "mid": 0.7, "high": 0.75}
    assert steady["planned_local_share"] == pytest.approx(planned)
    private = verdicts["Private notes"]["routed"]
    assert [(one["alias"], one["outcome"]) for one in private] == [
        ("private-notes", "no_split"),
        ("private-notes-embed", "no_split"),
    ]
    listed = answer(capsys, "usage", "list")["routed"]
    assert sorted(one["alias"] for one in listed) == [
        "capped",
        "private-notes",
        "private-notes-embed",
        "steady-classify",
    ]
    main(["usage", "list"])
    assert "note: 60 calls of steady-classify (exported" in capsys.readouterr().out
    main(["verdict"])
    told = " ".join(capsys.readouterr().out.split())
    assert "the split went as planned" in told
    assert "nothing of it was answered outside its rule" in told
    assert "LEAK" not in told


@pytest.mark.usefixtures("exported_here")
def test_that_private_calls_which_got_out_are_said_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer(capsys, "import", str(LOG), "--save")
    verdicts = {one["workload"]: one for one in answer(capsys, "verdict")}
    first = verdicts["Private notes"]["routed"][0]
    assert (first["outcome"], first["calls"]) == ("leak", 5)
    assert first["outside"] == {"claude-opus-4-7 at anthropic": 2}
    main(["verdict"])
    told = capsys.readouterr().out
    said = told.index("LEAK: of 5 private calls of private-notes")
    assert said < told.index("Private notes")


@pytest.mark.usefixtures("exported_here")
def test_that_the_window_gets_leaks_and_splits_beside_the_verdict(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer(capsys, "import", str(LOG), "--save")

    async def look() -> tuple[Sequence[Caution], Sequence[Caution]]:
        history = await _history()
        routed = (await past_of(history)).routed
        await history.close()
        return leaks_of(routed["Private notes"]), splits_of(routed["Steady classify"])

    leaks, notes = asyncio.run(look())
    assert [one.rule for one in leaks] == ["H1"]
    assert [one.rule for one in notes] == ["S28"]


def test_that_an_export_is_remembered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mail.toml"
    file.write_text(toml("E-mail triage", quotes=OVERFLOWS), encoding="utf-8")
    out = tmp_path / "routes"
    words = ["export", "litellm", str(file), "--out", str(out), "--machine", "RTX 4090"]
    plan = answer(capsys, *words, "--no-look")["plan"]

    async def look() -> tuple[KeptExport, ...]:
        history = await _history()
        found = await history.transact(exports)
        await history.close()
        return found

    (kept,) = asyncio.run(look())
    assert (kept.directory, kept.plan) == (str(out), plan)


def test_that_a_log_without_any_export_is_plain_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "import", str(LOG), "--save")["exported"] == []
    assert all("routed" not in one for one in answer(capsys, "verdict"))
