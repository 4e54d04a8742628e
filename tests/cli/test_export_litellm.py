"""`export litellm`: routes of workload files and of saved ones, and the check of a folder."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from landfall.cli import export_litellm
from landfall.cli.main import main
from landfall.cli.session import Session
from landfall.core.routing.findings import Finding, Severity
from landfall.core.settings import Settings
from landfall.services import paths
from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload
from landfall.services.verdict import workload_files
from tests.core.routing.test_routing_planning import KEEPS_UP, OVERFLOWS, PRIVATE, toml


@pytest.fixture(autouse=True)
def closed_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Three workloads: one split, one private, one that has nowhere to go."""
    texts = {
        "mail": toml("E-mail triage", quotes=OVERFLOWS),
        "notes": toml("Private notes", privacy=PRIVATE, quotes=KEEPS_UP),
        "nowhere": toml("Nowhere", privacy=PRIVATE, quotes="[quotes.machine]\nfits = false\n"),
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text)
    return [str(tmp_path / f"{name}.toml") for name in texts]


def answer(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> dict[str, Any]:
    assert main([*words, "--json"]) == code
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def export(*words: str) -> list[str]:
    return ["export", "litellm", *words, "--machine", "RTX 4090"]


def test_that_files_become_routes_with_their_check(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "routes"
    said = answer(capsys, *export(*files, "--out", str(out)))
    assert said["directory"] == str(out)
    assert str(out / "gateway.yaml") in said["files"]
    assert said["findings"] == []
    assert [one["alias"] for one in said["plan"]["aliases"]] == ["e-mail-triage", "private-notes"]
    assert said["plan"]["left_out"][0]["workload"] == "Nowhere"
    gateway = yaml.safe_load((out / "gateway.yaml").read_text())
    assert gateway["router_settings"]["fallbacks"] == [
        {"e-mail-triage": ["e-mail-triage-overflow"]},
        {"private-notes": []},
    ]


def test_that_people_see_where_each_alias_goes(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "routes"
    assert main(export(*files, "--out", str(out), "--no-look")) == 0
    told = capsys.readouterr().out
    assert "no way out" in told
    assert "62 %" in told
    assert "No alias for Nowhere: it must stay local" in told
    said = "The check found nothing that leaks; not seen to work yet: e-mail-triage"
    assert said in told, "no server was asked whether it holds the model"
    assert main(["export", "litellm", "--check", str(out)]) == 0


@pytest.mark.parametrize("severity", Severity)
def test_that_a_note_hides_no_alias_that_was_not_seen_to_work(
    severity: Severity, capsys: pytest.CaptureFixture[str]
) -> None:
    session = Session(json=False, paths=paths.nowhere(), settings=Settings())
    found = Finding(id="x", severity=severity, file="gateway.yaml", text="Something is said.")
    export_litellm._show_findings([found], session, unconfirmed=["mail"])
    export_litellm._show_findings([found], session)
    said = capsys.readouterr().out
    assert said.count("Something is said.") == 2
    is_note = severity is Severity.NOTE
    assert ("not seen to work yet: mail." in said) is is_note
    assert ("nothing that leaks or does not work." in said) is is_note
    assert said.index("Something") < (said.find("The check found") if is_note else len(said))


def test_that_a_folder_that_holds_something_is_refused_untouched(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "routes"
    out.mkdir()
    (out / "mine").write_text("mine")
    error = answer(capsys, *export(*files, "--out", str(out)), code=2)["error"]
    assert error["kind"] == "bad_input"
    assert error["field"] == "out"
    assert [one.name for one in out.iterdir()] == ["mine"]


def test_that_a_change_by_hand_that_leaks_is_found(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "routes"
    answer(capsys, *export(*files, "--out", str(out)))
    gateway = out / "gateway.yaml"
    gateway.write_text(gateway.read_text().replace("- private-notes: []", "- private-notes: [x]"))
    said = answer(capsys, "export", "litellm", "--check", str(out), code=1)
    assert said["passed"] is False
    found = {one["id"]: one for one in said["findings"]}
    assert found["no_target"]["severity"] == "leak"
    assert found["no_target"]["line"] is not None
    assert main(["export", "litellm", "--check", str(out)]) == 1
    told = capsys.readouterr().out
    assert f"leak    gateway.yaml:{found['no_target']['line']}" in told
    assert "Name an alias of this file." in told


def test_that_the_saved_workloads_are_exported_where_no_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "routes"
    said = answer(capsys, *export("--out", str(out)))
    assert said["plan"]["aliases"]
    assert all(one["alias"].startswith("sample-") for one in said["plan"]["aliases"])


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ((), "out"),
        (("--out", "a", "--check", "b"), "out"),
        (("x.toml", "--check", "."), "check"),
        (("--check", "nowhere-at-all"), "check"),
    ],
)
def test_that_it_must_be_clear_what_is_wanted(
    words: tuple[str, ...], field: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(capsys, "export", "litellm", *words, code=2)["error"]["field"] == field


def test_that_only_workloads_without_a_way_are_told_and_nothing_is_written(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "routes"
    said = answer(capsys, *export(files[2], "--out", str(out)), code=1)
    assert "There is nothing to route. Nowhere:" in said["error"]["message"]
    assert said["plan"]["left_out"][0]["workload"] == "Nowhere"
    assert main(export(files[2], "--out", str(out))) == 1
    assert "nowhere to send it" in capsys.readouterr().err
    assert not out.exists()


def test_that_two_workloads_of_one_name_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, name in enumerate(("Mail 1", "mail-1")):
        (tmp_path / f"{number}.toml").write_text(toml(name, quotes=KEEPS_UP))
    names = [str(tmp_path / f"{number}.toml") for number in range(2)]
    error = answer(capsys, *export(*names, "--out", str(tmp_path / "r")), code=2)["error"]
    assert error["field"] == "workload.name"
    assert not (tmp_path / "r").exists()


def test_that_a_name_of_a_real_model_is_refused_under_a_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.toml").write_text(toml("gpt-4o", privacy=PRIVATE, quotes=KEEPS_UP))
    out = tmp_path / "r"
    said = answer(capsys, *export(str(tmp_path / "a.toml"), "--out", str(out)), code=1)
    assert said["error"]["kind"] == "routes_refused"
    assert said["directory"] is None
    assert said["findings"][0]["id"] == "real_model_name"
    assert not out.exists()
    assert main(export(str(tmp_path / "a.toml"), "--out", str(out))) == 1
    told = capsys.readouterr()
    assert "These routes are not written" in told.err
    assert "leak" in told.out


def test_that_a_saved_workload_without_a_verdict_hides_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def save() -> None:
        places = paths.of_user()
        places.make()
        history = History(places.database)
        await history.open()
        await history.seed_samples(workload_files.saved_samples())  # nobody's routes
        elsewhere = toml("Elsewhere", quotes=KEEPS_UP, extra='[machine]\nname = "no such"\n')
        for name, text in (
            ("Mail", toml("Mail", quotes=KEEPS_UP)),
            ("Broken", "[workload]"),
            ("Elsewhere", elsewhere),
        ):
            await history.save_workload(SavedWorkload(name=name, toml=text))
        await history.close()

    asyncio.run(save())
    said = answer(capsys, "export", "litellm", "--out", str(tmp_path / "r"), "--no-look")
    assert [one["alias"] for one in said["plan"]["aliases"]] == ["mail"]
    left = {one["workload"]: one["reason"] for one in said["plan"]["left_out"]}
    assert "The saved workload 'Broken' cannot be read" in left["Broken"]
    assert "no such" in left["Elsewhere"]
