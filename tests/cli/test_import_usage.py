"""`landfall import` of usage, `landfall usage`, and the verdict on what was imported."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from landfall.cli.import_answer import usd
from landfall.cli.main import main
from landfall.services import paths
from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload
from landfall.services.verdict import workload_files

HEADER = "date,provider,model,requests,input_tokens,cached_input_tokens,output_tokens,cost"


def rows(count: int, model: str = "gpt-5-mini", provider: str = "openai") -> list[str]:
    first = date(2026, 6, 1)
    return [
        f"{first + timedelta(days=at)},{provider},{model},1000,1000000,500000,200000,0.66"
        for at in range(count)
    ]


def usage_csv(path: Path, *lines: str) -> str:
    path.write_text("\n".join([HEADER, *lines]) + "\n", "utf-8")
    return str(path)


def answer(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    assert main([*words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_that_the_document_is_that_of_the_contract(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = usage_csv(tmp_path / "a.csv", *rows(3), "2026-06-04,openai,gpt-5-mini,x,1,1,1,1")
    found = answer(capsys, "import", file)
    (told,) = found["files"]
    (problem,) = told.pop("problems")
    assert told == {
        "path": file,
        "format": "generic_csv",
        "rows": 3,
        "kept": 3,
        "skipped": 0,
    }
    assert (problem["line"], problem["column"]) == (5, "requests")
    assert found["period"] == {"from": "2026-06-01", "to": "2026-06-03"}
    assert (found["calls"], found["input_tokens"], found["cached_input_tokens"]) == (
        3000,
        3_000_000,
        1_500_000,
    )
    assert (found["cache_write_tokens"], found["output_tokens"]) == (None, 600_000)
    # gpt-5-mini: 0.25, 0.025 and 2 USD a million.
    by_price = 3 * (0.25 + 0.0125 + 0.4)
    assert found["billed_usd"] == pytest.approx(1.98)
    assert found["recomputed_usd"] == pytest.approx(by_price)
    assert found["difference_usd"] == pytest.approx(1.98 - by_price)
    (workload,) = found["workloads"]
    assert (workload["name"], workload["grouped_by"]) == ("gpt-5-mini", "model")
    assert (workload["calls_per_day"], workload["history_days"]) == (1000, 3)
    assert (workload["input"], workload["cached_input"], workload["output"]) == (1000, 500, 200)


def test_that_usage_goes_from_a_file_to_a_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = usage_csv(tmp_path / "a.csv", *rows(60))
    saved = answer(capsys, "import", file, "--save", "--workload", "Mails")
    assert [one["name"] for one in saved["workloads"]] == ["Mails"]
    again = answer(capsys, "import", file, "--save", "--workload", "Mails")
    assert (again["files"][0]["kept"], again["files"][0]["skipped"]) == (0, 60)

    verdicts = answer(capsys, "verdict", "--machine", "rtx-4090")
    verdict = next(one for one in verdicts if one["workload"] == "Mails")
    cloud = next(one for one in verdict["options"] if one["kind"] == "CLOUD_FRONTIER")
    # 0.6625 USD a day, 365.25 / 12 days a month.
    assert cloud["usd_month"]["mid"] == pytest.approx(0.6625 * 365.25 / 12, rel=0.01)
    assert verdict["verdict"] in {"CLOUD_FRONTIER", "HOSTED_OPEN"}


def test_that_a_kept_workload_changes_in_what_usage_tells_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = 'schema = 1\n[workload]\nname = "Mails"\ntask = "summary"\n[privacy]\nclass = "nda"\n'

    async def store() -> None:
        places = paths.of_user()
        places.make()
        history = History(places.database)
        await history.open()
        await history.save_workload(SavedWorkload(name="Mails", toml=text))
        await history.close()

    asyncio.run(store())
    answer(
        capsys, "import", usage_csv(tmp_path / "a.csv", *rows(20)), "--save", "--workload", "Mails"
    )

    async def kept() -> str:
        history = History(paths.of_user().database)
        await history.open()
        (workload,) = await history.workloads()
        await history.close()
        return workload.toml

    toml = asyncio.run(kept())
    assert 'class = "nda"' in toml
    assert 'task = "summary"' in toml
    assert "calls_per_day = 1000.0" in toml


def test_that_a_file_of_another_call_is_skipped_and_listed_and_taken_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = usage_csv(tmp_path / "a.csv", *rows(3))
    two = usage_csv(tmp_path / "b.csv", *rows(5))
    both = answer(capsys, "import", one, two, "--save")
    assert [(file["kept"], file["skipped"]) for file in both["files"]] == [(3, 0), (2, 3)]
    listed = answer(capsys, "usage", "list")
    assert [(kept["kept"], kept["name"]) for kept in listed["imports"]] == [(2, two), (3, one)]
    assert listed["calls"] == 5000
    (model,) = listed["models"]
    assert (model["model"], model["rows"]) == ("gpt-5-mini", 5)
    newest = str(listed["imports"][0]["id"])
    assert answer(capsys, "usage", "remove", newest) == {"removed": int(newest)}
    assert answer(capsys, "usage", "remove", newest, code=2)["error"]["field"] == "id"
    assert answer(capsys, "usage", "list", "--since", "2026-06-02")["calls"] == 2000
    (proposal,) = answer(capsys, "usage", "workloads")
    assert proposal["history_days"] == 3


def test_that_people_are_told_in_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = usage_csv(
        tmp_path / "a.csv",
        *rows(20),
        *rows(2, model="qwen3-coder:30b", provider=""),
        *["2026-06-01,openai,gpt-5-mini,x,1,1,1,1"] * 12,
    )
    assert main(["import", file, "--save"]) == 0
    spoken = capsys.readouterr()
    assert f"{file}:24: requests:" in spoken.out
    assert "2 more problems" in spoken.out
    assert "2026-06-01 to 2026-06-20 (UTC)" in spoken.out
    assert "note: No price is known for 2 rows of qwen3-coder:30b" in spoken.out
    assert "Kept as workloads: gpt-5-mini, qwen3-coder:30b." in spoken.out
    assert main(["usage", "list"]) == 0
    assert "qwen3-coder:30b" in capsys.readouterr().out
    assert main(["usage", "workloads", "--by", "project"]) == 0
    assert "usage without a project" in capsys.readouterr().out
    assert main(["usage", "remove", "1"]) == 0
    capsys.readouterr()
    assert main(["usage", "list"]) == 0
    assert "No usage is kept." in capsys.readouterr().out


def test_that_a_file_of_no_known_format_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strange = tmp_path / "a.txt"
    strange.write_text("hello\n", "utf-8")
    error = answer(capsys, "import", str(strange), code=2)["error"]
    assert (error["kind"], error["file"]) == ("bad_input", str(strange))
    good = usage_csv(tmp_path / "b.csv", *rows(1))
    empty = answer(capsys, "import", good, "--workload", " ", code=2)["error"]
    assert empty["field"] == "workload"


def test_that_columns_are_named_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("wann;modell;viel\n03.06.2026;gpt-5-mini;1,5\n", "utf-8")
    named = [
        *("--mapping", "time=wann", "--mapping", "cost_usd=viel", "--mapping", "model=modell"),
        *("--mapping", "decimal=,", "--mapping", "date_order=dmy"),
        *("--mapping", "every_provider=openai", "--mapping", "input_includes_cached=no"),
    ]
    assert answer(capsys, "import", str(path), *named, "--save")["billed_usd"] == 1.5
    path.write_text("wann;modell;viel\n04.06.2026;gpt-5-mini;2,5\n", "utf-8")
    assert answer(capsys, "import", str(path))["billed_usd"] == 2.5
    for wrong in ("nonsense", "time=", "colour=red", "decimal=x", "input_includes_cached=maybe"):
        error = answer(capsys, "import", str(path), "--mapping", wrong, code=2)["error"]
        assert error["field"] == "mapping"


def test_that_a_date_that_can_be_read_in_two_ways_names_the_option_that_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("date,model,output_tokens\n03/06/2026,gpt-5-mini,5\n", "utf-8")
    told = answer(capsys, "import", str(path))
    (problem,) = told["files"][0]["problems"]
    assert "--mapping date_order=dmy" in problem["reason"]
    told = answer(capsys, "import", str(path), "--mapping", "date_order=dmy")
    assert (told["output_tokens"], told["period"]["from"]) == (5, "2026-06-03")
    told = answer(capsys, "import", str(path), "--mapping", "date_order=mdy", "--save")
    assert told["period"]["from"] == "2026-03-06"
    error = answer(capsys, "import", str(path), "--mapping", "input_includes_cached=no", code=2)[
        "error"
    ]
    assert "not named" in error["message"]


def test_that_an_export_and_usage_go_in_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = tmp_path / "all.json"
    export.write_text('{"schema": 2, "runs": []}', "utf-8")
    table = tmp_path / "runs.csv"
    table.write_text("started_at,place,host,model,prompt,answer\r\n", "utf-8")
    file = usage_csv(tmp_path / "a.csv", *rows(2))
    found = answer(capsys, "import", str(export), file, str(table))
    assert [one["format"] for one in found["files"]] == ["landfall", "generic_csv", "landfall"]
    assert found["calls"] == 2000


def test_that_the_days_of_a_workload_make_a_series_for_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line for at, line in enumerate(rows(30)) if at != 4]
    answer(capsys, "import", usage_csv(tmp_path / "a.csv", *lines), "--save")
    assert main(["usage", "series", "gpt-5-mini"]) == 0
    series = tmp_path / "series.csv"
    series.write_text(capsys.readouterr().out, "utf-8")
    assert series.read_text("utf-8").splitlines()[1] == "2026-06-01,1000,1000000,500000,200000"
    text = 'schema = 1\n[workload]\nname = "w"\ntask = "chat"\n[volume]\nseries = "series.csv"\n'
    (tmp_path / "w.toml").write_text(text, "utf-8")
    loaded = workload_files.read(tmp_path / "w.toml")
    assert loaded.series is not None
    assert (loaded.series.history_days, loaded.series.calls_per_day) == (29, 1000.0)
    assert len(answer(capsys, "usage", "series", "gpt-5-mini")) == 29
    assert answer(capsys, "usage", "series", "other", code=2)["error"]["field"] == "workload"
    uncounted = "2026-06-01,openai,gpt-4.1,,10,0,5,1"
    answer(capsys, "import", usage_csv(tmp_path / "b.csv", uncounted), "--save")
    error = answer(capsys, "usage", "series", "gpt-4.1", code=2)["error"]
    assert "counts no calls" in error["message"]


def test_that_usage_beyond_sense_is_kept_and_holds_up_no_workload(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = usage_csv(tmp_path / "a.csv", *rows(3), "2026-06-01,openai,gpt-5,1,900000000,0,1,1")
    assert main(["import", file, "--save"]) == 0
    told = capsys.readouterr()
    assert "Kept as workloads: gpt-5-mini." in told.out
    assert "gpt-5 was not made a workload:" in told.err
    assert answer(capsys, "usage", "list")["calls"] == 3001
    again = usage_csv(tmp_path / "b.csv", "2026-06-02,openai,gpt-5,1,900000000,0,1,1")
    (refused,) = answer(capsys, "import", again, "--save")["workloads_refused"]
    assert refused["name"] == "gpt-5"
    assert refused["reason"]


@pytest.mark.parametrize(
    ("added", "told"),
    [
        (4000.000000000009, 4000.0),
        (0.1 + 0.2, 0.3),
        (3.75e-8, 3.75e-8),
        (-0.0, 0.0),
        (1234.5678, 1234.5678),
        (1e15 + 1.0, 1e15 + 1.0),
        (None, None),
    ],
)
def test_that_the_dust_of_adding_up_is_not_told(added: float | None, told: float | None) -> None:
    found = usd(added)
    assert found == told
    assert str(found) == str(told)


def test_that_a_day_that_is_none_is_refused_and_a_day_limits_what_is_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(capsys, "import", usage_csv(tmp_path / "a.csv", *rows(3)), "--save")
    assert main(["usage", "list", "--since", "tomorrow"]) == 2
    assert "'tomorrow' is no date" in capsys.readouterr().err
    assert answer(capsys, "usage", "list", "--since", "2026-06-02")["calls"] == 2000
    assert answer(capsys, "usage", "list", "--until", "2026-06-02")["calls"] == 1000


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among its files")
def test_that_a_pipe_is_refused_and_not_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    assert main(["import", str(tmp_path / "pipe.csv")]) == 2
    assert "is no file" in capsys.readouterr().err
