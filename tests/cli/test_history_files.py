"""`export history` and `import`: the history as files, and back."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from landfall.cli.main import main
from landfall.services import paths
from landfall.services.history.history import History
from landfall.services.history.records import RunRecord

RUN = RunRecord(
    started_at="2026-01-01T00:00:00+00:00",
    place="local",
    host="http://127.0.0.1:11434",
    model="tiny",
    state="done",
    prompt="Why?",
    answer="Because.",
    output_tokens=10,
)


async def kept(*runs: RunRecord) -> tuple[RunRecord, ...]:
    """Store these; all that there are."""
    places = paths.of_user()
    places.make()
    history = History(places.database)
    await history.open()
    for run in runs:
        await history.add_run(run)
    try:
        return await history.runs()
    finally:
        await history.close()


async def forget() -> None:
    history = History(paths.of_user().database)
    await history.open()
    await history.take_out([run.id for run in await history.runs()])
    await history.close()


def answer(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> dict[str, object]:
    assert main([*words, "--json"]) == code
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    return document


def test_that_an_exported_history_is_imported_when_it_is_told_to_save(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (before,) = asyncio.run(kept(RUN))
    out = str(tmp_path / "all.json")
    written = answer(capsys, "export", "history", "--out", out, "--samples")
    assert {"path": out, "kind": "runs", "rows": 1} in written["files"]  # type: ignore[operator]
    asyncio.run(forget())

    file = {"path": out, "format": "landfall", "rows": 1, "kept": 1, "skipped": 0, "problems": []}
    looked = answer(capsys, "import", out)
    assert (looked["files"], looked["saved"]) == ([file], False)
    assert (looked["calls"], looked["workloads"]) == (None, [])
    assert asyncio.run(kept()) == ()
    saved = answer(capsys, "import", out, "--save")
    assert (saved["files"], saved["saved"]) == ([file], True)
    (after,) = asyncio.run(kept())
    assert (after.uid, after.answer) == (before.uid, "Because.")
    again = answer(capsys, "import", out, "--save", "--format", "landfall")
    assert again["files"] == [{**file, "kept": 0, "skipped": 1}]


def test_that_a_run_that_was_killed_is_exported_as_interrupted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(kept(replace(RUN, state="running")))
    out = tmp_path / "all.json"
    assert main(["export", "history", "--out", str(out)]) == 0
    assert "cut before their end: 1" in capsys.readouterr().err
    (run,) = json.loads(out.read_text())["runs"]
    assert run["state"] == "interrupted"
    assert main(["usage", "list"]) == 0
    assert not capsys.readouterr().err


def test_that_people_are_told_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(kept(RUN))
    out = tmp_path / "all.csv"
    assert main(["export", "history", "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert f"1  runs          {out}" in told
    assert "all-day_totals.csv" in told
    assert main(["import", str(out)]) == 0
    spoken = capsys.readouterr()
    assert spoken.out.splitlines()[1].split()[:3] == ["1", "0", "1"]
    assert "--save" in spoken.err


def test_that_without_a_history_nothing_is_exported_and_none_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "history", "--out", str(tmp_path / "all.json")]) == 3
    assert "There is no history yet" in capsys.readouterr().err
    assert not paths.of_user().database.exists()


def test_that_a_wrong_file_is_named_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(kept(RUN))
    assert main(["export", "history", "--out", str(tmp_path / "all.xlsx")]) == 2
    assert "neither a CSV nor a JSON" in capsys.readouterr().err
    bad = tmp_path / "bad.json"
    bad.write_text('{\n"runs": [\n', "utf-8")
    error = answer(capsys, "import", str(bad), "--save", code=2)["error"]
    assert isinstance(error, dict)
    assert (error["file"], error["line"]) == (str(bad), 3)
    assert len(asyncio.run(kept())) == 1
