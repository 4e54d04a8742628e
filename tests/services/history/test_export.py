from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from landfall.core.errors import BadInput, Unavailable
from landfall.services.history.export import as_csv, export
from landfall.services.history.records import EgressEntry, RunRecord

RUN = RunRecord(
    id=7,
    started_at="2026-01-01T00:00:00+00:00",
    place="local",
    host="http://127.0.0.1:11434",
    model="tiny",
    state="done",
    prompt='Say "ä",\nplease',
    answer="=HYPERLINK(1)",
    output_tokens=10,
    conditions={"context": 4096},
)
LINE = EgressEntry(
    at="2026-01-01T00:00:00+00:00",
    host="api.example",
    workload=None,
    sent_bytes=10,
    received_bytes=None,
    why="answer",
    outcome="200",
)


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


async def test_csv_holds_every_field_and_leaves_empty_what_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    assert await export(path, [RUN, replace(RUN, id=8, output_tokens=None)]) == 2
    first, second = cells(path.read_text("utf-8-sig"))
    assert first["prompt"] == RUN.prompt
    assert first["output_tokens"] == "10"
    assert second["output_tokens"] == ""
    assert first["gross_joules"] == ""
    assert json.loads(first["conditions"]) == {"context": 4096}


def test_what_a_spreadsheet_would_run_is_text() -> None:
    (row,) = cells(as_csv([RUN]))
    assert row["answer"] == "'=HYPERLINK(1)"


async def test_json_keeps_numbers_and_nothing_as_null(tmp_path: Path) -> None:
    path = tmp_path / "runs.json"
    await export(path, [RUN])
    (run,) = json.loads(path.read_text("utf-8"))["runs"]
    assert run["output_tokens"] == 10
    assert run["gross_joules"] is None
    assert run["conditions"] == {"context": 4096}
    assert run["answer"] == RUN.answer


async def test_the_egress_log_can_be_exported_too(tmp_path: Path) -> None:
    path = tmp_path / "egress.json"
    await export(path, [LINE])
    assert json.loads(path.read_text("utf-8"))["egress"][0]["host"] == "api.example"


async def test_another_ending_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    with pytest.raises(BadInput):
        await export(folder / "runs.xlsx", [RUN])
    assert os.listdir(folder) == []


async def test_a_file_that_cannot_be_replaced_stays_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "exports" / "runs.csv"
    target.mkdir(parents=True)
    (target / "kept").touch()
    with pytest.raises(Unavailable):
        await export(target, [RUN])
    assert os.listdir(target.parent) == ["runs.csv"]
    assert (target / "kept").exists()
