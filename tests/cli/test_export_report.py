"""`landfall export report`, from files and from what is saved to the file that is handed over."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from landfall.cli.main import main
from landfall.services import paths
from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload
from landfall.services.verdict import workload_files
from tests.fakes.html_checker import checked

DATA = Path(__file__).parents[1] / "data"
D9, D12 = (str(DATA / "decisions" / f"{name}.toml") for name in ("D9", "D12"))


def report(*words: str) -> int:
    return main(["export", "report", *words])


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def keep(*saved: SavedWorkload) -> None:
    async def work() -> None:
        places = paths.of_user()
        places.make()
        history = History(places.database)
        await history.open()
        await history.seed_samples(())
        for one in saved:
            await history.save_workload(one)
        await history.close()

    asyncio.run(work())


def test_that_files_become_one_report_and_the_document_says_which(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "r.html"
    assert report(D9, D12, "--out", str(out), "--json") == 0
    assert document(capsys) == {
        "file": str(out),
        "format": "html",
        "size_bytes": out.stat().st_size,
        "as_of": document_day(out),
        "workloads": ["D9", "D12"],
        "undecided": [],
    }
    seen = checked(out.read_text(encoding="utf-8"))
    assert seen.faults == []
    assert "D9" in seen.texts
    assert "D12" in seen.texts


def document_day(out: Path) -> str:
    return out.read_text(encoding="utf-8").partition("verdicts of ")[2][:10]


def test_that_markdown_is_written_by_its_ending(tmp_path: Path) -> None:
    out = tmp_path / "decision.MD"
    assert report(D12, "--out", str(out)) == 0
    assert out.read_text(encoding="utf-8").startswith("# D12\n")


def test_that_a_file_that_is_there_and_another_ending_are_exit_code_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "r.html"
    out.write_text("mine")
    assert report(D9, "--out", str(out)) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert out.read_text() == "mine"
    assert report(D9, "--out", str(tmp_path / "r.docx")) == 2
    assert ".html" in capsys.readouterr().err
    assert report(D9, "--out", str(out), "--overwrite") == 0
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_that_a_report_never_takes_the_place_of_a_workload_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "work.md"
    mine.write_bytes(Path(D9).read_bytes())
    assert report(str(mine), "--out", str(mine), "--overwrite") == 2
    assert "one of the workload files" in capsys.readouterr().err
    assert mine.read_bytes() == Path(D9).read_bytes()


def test_that_a_name_that_no_file_can_have_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(D9, "--out", str(tmp_path / f"{'y' * 300}.html")) == 3
    assert "could not be saved" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="POSIX files")
def test_that_a_pipe_is_exit_code_two_also_where_files_may_be_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "r.html"
    os.mkfifo(out)
    assert report(D9, "--out", str(out), "--overwrite") == 2
    assert "a device or a pipe" in capsys.readouterr().err
    assert out.is_fifo()


def test_that_a_wrong_workload_file_is_exit_code_two_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "w.toml"
    wrong.write_text("schema = 1\n[workload]\nname = 3\n")
    out = tmp_path / "r.html"
    assert report(str(wrong), "--out", str(out)) == 2
    assert "w.toml" in capsys.readouterr().err
    assert not out.exists()


def test_that_without_files_the_saved_ones_are_told_and_one_that_is_broken_hides_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path(D12).read_text(encoding="utf-8")
    gone = text.replace("[machine]\navailable = true", '[machine]\nname = "No Such Machine 9"')
    keep(
        SavedWorkload(name="D12", toml=text),
        SavedWorkload(name="Broken", toml="schema = 1\n[workload]\nname = 3\n"),
        SavedWorkload(name="Elsewhere", toml=gone.replace('"D12"', '"Elsewhere"')),
    )
    out = tmp_path / "r.html"
    assert report("--out", str(out), "--json") == 0
    found = document(capsys)
    assert found["workloads"] == ["D12"]
    assert {one["workload"] for one in found["undecided"]} == {"Broken", "Elsewhere"}
    html = out.read_text(encoding="utf-8")
    assert checked(html).faults == []
    assert "No Such Machine 9" in html
    assert report("--out", str(tmp_path / "again.html")) == 0
    said = capsys.readouterr()
    assert "No verdict on Broken" in said.err
    assert "1 workload." in said.out


def test_that_some_may_be_named_and_another_name_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (D9, D12, "--workload", "D12", "--out")
    assert report(*words, str(tmp_path / "one.html"), "--json") == 0
    assert document(capsys)["workloads"] == ["D12"]
    assert report(D9, "--workload", "D7", "--out", str(tmp_path / "two.html")) == 2
    assert "'D9'" in capsys.readouterr().err


def test_that_nothing_saved_is_said_and_no_file_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep()
    out = tmp_path / "r.html"
    assert report("--out", str(out)) == 3
    assert "no workload" in capsys.readouterr().err
    assert not out.exists()


def test_that_on_a_fresh_machine_the_samples_are_told_and_marked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "r.html"
    assert report("--out", str(out), "--with-prompts", "--json") == 0
    assert len(document(capsys)["workloads"]) == len(workload_files.SAMPLES)
    html = out.read_text(encoding="utf-8")
    assert "its numbers are invented" in html
    assert "has no prompts" in html


def test_that_samples_have_no_part_in_a_report_of_work_of_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path(D9).read_text(encoding="utf-8")
    sample, *_ = workload_files.saved_samples()
    keep(SavedWorkload(name="D9", toml=text), sample)
    assert report("--out", str(tmp_path / "all.html"), "--json") == 0
    assert document(capsys)["workloads"] == ["D9"]
    # Where it is named it is told, and is still nobody's bill.
    named = ("--workload", "D9", "--workload", sample.name)
    assert report(*named, "--out", str(tmp_path / "both.md"), "--json") == 0
    assert document(capsys)["workloads"] == ["D9", sample.name]
    assert "## Together" not in (tmp_path / "both.md").read_text(encoding="utf-8")


def test_that_the_command_line_stays_without_qt(tmp_path: Path) -> None:
    before = set(sys.modules)
    assert report(D9, "--out", str(tmp_path / "r.html")) == 0
    assert not [name for name in set(sys.modules) - before if name.startswith("PySide6")]


def test_that_another_machine_may_be_asked_about(tmp_path: Path) -> None:
    out = tmp_path / "r.md"
    file = str(DATA / "verdicts" / "hybrid.toml")
    assert report(file, "--machine", "M4 Max 64GB", "--out", str(out)) == 0
    assert out.stat().st_size > 1000
