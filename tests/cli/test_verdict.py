"""`landfall verdict`, from the file to the document."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from landfall.cli.main import main
from landfall.core.errors import Unavailable
from landfall.services.paths import Paths
from landfall.services.verdict import workload_files

DATA = Path(__file__).parents[1] / "data"
CASES = [
    case
    for case in json.loads((DATA / "verdict_cases.json").read_text(encoding="utf-8"))["cases"]
    if case["id"].startswith("D")
]
HOSTS_OUT = {"D3": {"H3"}}
"""Exclusions of a host that the worked cases leave out and the command names."""


def documents(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = main(["verdict", "--json", *words])
    return code, json.loads(capsys.readouterr().out)


def ids(texts: list[str]) -> set[str]:
    return set(re.findall(r"\b(AP\d|[A-Z]\d+[a-z]?)\b", " ".join(texts)))


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_that_the_worked_decision_comes_out_of_its_file(
    case: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    code, (found,) = documents(capsys, str(DATA / "decisions" / f"{case['id']}.toml"))
    expected = case["expected"]
    assert found["workload"] == case["id"]
    assert found["verdict"] == expected["verdict"]
    assert code == (1 if expected["verdict"] == "LOCAL_REQUIRED_NOT_FEASIBLE" else 0)
    rules = {one["rule"] for one in found["reasons"]}
    assert rules == ids(expected["rules"]) | HOSTS_OUT.get(case["id"], set())
    warnings = {one["rule"] for one in found["warnings"]}
    measure = {"S39"} if any(w.startswith("measure") for w in expected["warnings"]) else set()
    assert warnings == ids(expected["warnings"]) | measure


def test_that_several_files_are_answered_in_their_order(
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = [str(DATA / "decisions" / f"{name}.toml") for name in ("D9", "D2", "D12")]
    _, found = documents(capsys, *files)
    assert [one["workload"] for one in found] == ["D9", "D2", "D12"]
    assert found[1]["leaks"] == ["embed"]
    assert found[0]["local_share"] is None
    # D9 states how busy the machine is, and no hours: its own reason is told.
    assert found[0]["local_share_reason"].endswith(
        "(absorbed_share): neither stated nor computable without volume.hourly_calls"
    )
    assert found[0]["provisional"] is True
    assert (found[2]["local_share"], found[2]["local_share_reason"]) == (1.0, "")
    assert found[2]["saving_usd_month"]["mid"] == 880.0


def test_that_the_order_of_keys_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("D8", "D13", "D20"):
        text = (DATA / "decisions" / f"{name}.toml").read_text(encoding="utf-8")
        head, *sections = re.split(r"\n(?=\[)", text)
        turned = [
            "\n".join([lines[0], *reversed([one for one in lines[1:] if one])])
            for lines in (section.split("\n") for section in reversed(sections))
        ]
        other = tmp_path / f"{name}.toml"
        other.write_text("\n\n".join([head, *turned]) + "\n", encoding="utf-8")
        _, found = documents(capsys, str(DATA / "decisions" / f"{name}.toml"), str(other))
        assert found[0] == found[1]


def test_that_people_see_the_card_and_the_same_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verdict", str(DATA / "decisions" / "D13.toml")]) == 0
    seen = capsys.readouterr()
    assert "[HYBRID]" in seen.out.splitlines()[0]
    assert "E5" in seen.out
    assert seen.err == ""
    assert main(["verdict", *[str(DATA / "decisions" / f"{n}.toml") for n in ("D4", "D10")]]) == 1
    out = capsys.readouterr().out
    assert "LOCAL_REQUIRED_NOT_FEASIBLE" in out
    assert "AP1  warning" in out
    assert "?    volume.history_days" in out
    assert "not known" in out


def test_that_the_template_is_printed_and_can_be_read_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verdict", "--template"]) == 0
    text = capsys.readouterr().out
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    code, (found,) = documents(capsys, str(path), "--machine", "RTX 4090")
    assert code == 0
    assert found["workload"] == "E-mail triage"
    assert documents(capsys, "--template")[1]["template"].startswith("# A workload")


def test_that_a_slip_is_one_document_with_file_line_and_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('[workload]\nname = "A"\ntask = "chit"\n', encoding="utf-8")
    code, found = documents(capsys, str(path))
    assert code == 2
    assert found["error"]["kind"] == "bad_input"
    assert found["error"]["file"] == str(path)
    assert found["error"]["line"] == 3
    assert found["error"]["field"] == "workload.task"
    assert '"chat"' in found["error"]["hint"]
    code, found = documents(capsys, str(path), "--machine", "no such machine")
    assert code == 2


def test_that_without_a_file_the_samples_are_decided_on_the_first_start(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, found = documents(capsys, "--machine", "RTX 4090")
    assert len(found) == 3
    assert all(one["workload"].startswith("Sample: ") for one in found)
    _, again = documents(capsys, "--machine", "RTX 4090")
    assert [one["verdict"] for one in again] == [one["verdict"] for one in found]


def test_that_the_samples_are_decided_also_where_nothing_can_be_kept(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Paths) -> None:
        raise Unavailable("The folder cannot be created: Read-only file system.")

    monkeypatch.setattr(Paths, "make", refuse)
    assert main(["verdict", "--machine", "RTX 4090", "--json"]) == 0
    seen = capsys.readouterr()
    assert len(json.loads(seen.out)) == 3
    assert "Read-only" in seen.err


def test_that_removed_samples_stay_away_and_that_is_said(
    private_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import asyncio

    from landfall.services.history.history import History

    documents(capsys, "--machine", "RTX 4090")

    async def remove() -> None:
        history = History(private_home / "history.db")
        await history.open()
        for saved in await history.workloads():
            await history.delete_workload(saved.name)
        await history.close()

    asyncio.run(remove())
    d1 = str(DATA / "decisions" / "D1.toml")
    assert documents(capsys, d1)[1][0]["verdict"] == "LOCAL_THIS_MACHINE"
    assert main(["verdict", "--json"]) == 0
    seen = capsys.readouterr()
    assert json.loads(seen.out) == []
    assert "No workload is saved" in seen.err


def test_that_a_saved_workload_that_cannot_be_read_is_named(
    private_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import asyncio

    from landfall.services.history.history import History
    from landfall.services.history.records import SavedWorkload

    async def save() -> None:
        history = History(private_home / "history.db")
        await history.open()
        await history.save_workload(SavedWorkload(name="Broken", toml="[workload]\n"))
        await history.close()

    asyncio.run(save())
    code, found = documents(capsys, "--machine", "RTX 4090")
    assert code == 2
    assert "Broken" in found["error"]["message"]
    assert found["error"]["field"] == "workload.name"


HOURLY = """schema = 1
[workload]
name = "by the hour"
task = "classification"
[volume]
series = "usage.csv"
[tokens]
input = 1500
output = 200
[latency]
p95_seconds = 20
[today]
provider = "openai"
model = "gpt-5.5"
[candidates]
local = ["qwen3:8b"]
[quality]
gate = "pass"
"""


def hourly_workload(folder: Path, *, days: int = 90) -> str:
    """Monday to Friday from nine to five, busiest at ten; nobody works on weekends."""
    rows = ["date,hour,calls"]
    for at in range(days):
        day = date(2026, 8, 3) + timedelta(days=at)
        for hour in range(9, 17) if day.weekday() < 5 else (0,):
            calls = 0 if day.weekday() > 4 else 240 if hour == 10 else 60 + at % 3
            rows.append(f"{day},{hour},{calls}")
    (folder / "usage.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    file = folder / "w.toml"
    file.write_text(HOURLY, encoding="utf-8")
    return str(file)


def test_that_an_hourly_series_is_forecast_and_replayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, (found,) = documents(capsys, "--machine", "RTX 4090", hourly_workload(tmp_path))
    forecast, load = found["forecast"], found["load"]
    assert (forecast["class"], forecast["source"], forecast["unit"]) == (
        "predictable",
        "series",
        "calls",
    )
    assert (forecast["days"], forecast["horizon_days"]) == (90, 28)
    assert forecast["error"] < 0.05
    assert forecast["closed_weekdays"] == ["Saturday", "Sunday"]
    assert forecast["peak"]["hour"] == 10
    assert load["how"] == "replay"
    assert load["replayed_calls"] > 1000
    assert load["busiest_hour"]["hour"] == 10
    assert load["busiest_hour"]["assumed"] is False
    assert load["p95_seconds"]["mid"] > load["seconds_per_call"]["mid"]
    assert 0 < load["overflow_share"] < 1
    assert load["absorbed_share_with_queue"]["mid"] > load["absorbed_share"]["mid"]
    assert load["growth"]["utilisation"] == pytest.approx(10 * load["utilisation"]["mid"])


def test_that_volume_and_load_are_said_in_a_line_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verdict", "--machine", "RTX 4090", hourly_workload(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    (volume,) = [line for line in lines if line.startswith("The volume is")]
    assert "nobody works on Saturday and Sunday" in volume
    assert "of 28 days within" in volume
    (load,) = [line for line in lines if line.startswith("In the busiest hour")]
    assert "(about 10:00) RTX 4090 is" in load
    assert "19 of 20 answers within" in load
    assert "of all calls overflow if none may wait." in load


def test_that_a_stated_volume_has_a_forecast_that_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, (found,) = documents(capsys, str(DATA / "decisions" / "D8.toml"))
    assert (found["forecast"]["source"], found["forecast"]["days"]) == ("stated", 90)
    assert found["load"]["utilisation"]["mid"] == 0.5
    assert found["load"]["how"] == "formulas"


def test_that_a_terminal_of_eighty_columns_is_not_overrun(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "w.toml"
    file.write_text(workload_files.template(), encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "80")
    with monkeypatch.context() as terminal:
        terminal.setattr("sys.stdout.isatty", lambda: True)
        assert main(["verdict", str(file)]) == 0
        assert max(map(len, capsys.readouterr().out.splitlines())) <= 80
    assert main(["verdict", str(file)]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) > 80


def test_that_one_bad_file_among_good_ones_is_named_and_nothing_else_is_printed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(workload_files.template(), encoding="utf-8")
    bad.write_text('[workload]\nname = "Z"\ntask = "chat"\n[tokens]\ninput = 0\noutput = 0\n')
    assert main(["--json", "verdict", str(good), str(bad)]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["file"], error["line"], error["field"]) == (str(bad), 5, "tokens.input")
    assert main(["verdict", str(good), str(bad)]) == 2
    assert capsys.readouterr().out == ""
