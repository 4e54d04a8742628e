"""A report on disk: whole or not at all, nothing replaced unasked, no key in it."""

from __future__ import annotations

import asyncio
import os
import re
from contextlib import aclosing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from landfall.core.demand.serving import Serves
from landfall.core.errors import BadInput, DiskFull, Unavailable
from landfall.core.quality.gate_reading import GateReading
from landfall.core.quality.measured import MeasuredQuality, QualityResult
from landfall.core.quality.paired_tests import GateResult
from landfall.core.side_by_side.side_by_side import Target
from landfall.services import whole_file
from landfall.services.history.records import BenchmarkRecord, LoadRecord, RunRecord
from landfall.services.reports import writing
from landfall.services.reports.markdown import to_markdown
from landfall.services.reports.subjects import Evidence, Told, _measured, _speed, subject
from landfall.services.reports.writing import Making, WrittenReport, made, steps, write
from landfall.services.verdict.decided import Decided
from tests.services.reports.conftest import DATA, asked_of, decide

KEY = "sk-proj-PLANTED-0123456789abcdef0123"


def names(folder: Path) -> list[str]:
    """What lies there, beside the home that every test has."""
    return sorted(one.name for one in folder.iterdir() if one.name != "landfall-home")


def put(path: Path, text: str) -> None:
    path.write_text(text)


def text_of(path: Path) -> str:
    return path.read_text()


@pytest.mark.parametrize("suffix", ["html", "htm", "md"])
async def test_that_the_ending_of_the_name_says_the_format(
    suffix: str, tmp_path: Path, every_kind: list[Decided]
) -> None:
    path = tmp_path / f"report.{suffix}"
    written = await write(path, asked_of(every_kind[:1]), overwrite=False)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# " if suffix == "md" else "<!DOCTYPE html>")
    assert written.size_bytes == path.stat().st_size
    assert written.workloads == (every_kind[0].verdict.workload,)
    assert names(tmp_path) == [path.name]


async def test_that_another_ending_a_folder_and_a_missing_folder_are_refused(
    tmp_path: Path, every_kind: list[Decided]
) -> None:
    (tmp_path / "is.html").mkdir()
    for name, words in (
        ("report.docx", "ends in no format"),
        ("report", "ends in no format"),
        ("is.html", "is a folder"),
        ("gone/report.html", "no folder"),
    ):
        with pytest.raises(BadInput, match=words):
            await write(tmp_path / name, asked_of(every_kind[:1]), overwrite=True)
    assert names(tmp_path) == ["is.html"]


async def test_that_a_file_is_replaced_only_when_it_was_asked_for(
    tmp_path: Path, every_kind: list[Decided]
) -> None:
    path = tmp_path / "report.md"
    path.write_text("mine")
    with pytest.raises(BadInput, match="stays as it is"):
        await write(path, asked_of(every_kind[:1]), overwrite=False)
    assert path.read_text() == "mine"
    await write(path, asked_of(every_kind[:1]), overwrite=True)
    assert path.read_text() != "mine"


async def test_that_a_file_that_came_meanwhile_is_not_replaced(
    tmp_path: Path, every_kind: list[Decided]
) -> None:
    path = tmp_path / "report.md"
    async with aclosing(steps(path, asked_of(every_kind[:1]), overwrite=False)) as told:
        first = await anext(told)
        assert first == Making(done=0, of=1)
        await asyncio.to_thread(put, path, "somebody else's")
        with pytest.raises(BadInput, match="there already"):
            async for _ in told:
                pass
    assert await asyncio.to_thread(text_of, path) == "somebody else's"
    assert names(tmp_path) == ["report.md"]


async def test_that_it_tells_how_far_it_is_and_given_up_leaves_nothing(
    tmp_path: Path, every_kind: list[Decided]
) -> None:
    path = tmp_path / "report.html"
    told = [one async for one in steps(path, asked_of(every_kind[:2]), overwrite=False)]
    assert told[:-1] == [Making(done=n, of=2) for n in range(3)]
    assert isinstance(told[-1], WrittenReport)
    other = tmp_path / "other.html"
    task = asyncio.create_task(write(other, asked_of(every_kind), overwrite=False))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert names(tmp_path) == ["report.html"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
async def test_that_a_folder_that_takes_nothing_is_said(
    tmp_path: Path, every_kind: list[Decided]
) -> None:
    await asyncio.to_thread(os.chmod, tmp_path, 0o500)
    try:
        with pytest.raises(Unavailable, match="could not be saved"):
            await write(tmp_path / "r.md", asked_of(every_kind[:1]), overwrite=False)
    finally:
        await asyncio.to_thread(os.chmod, tmp_path, 0o700)


async def test_that_a_disk_that_fails_leaves_the_old_file(
    tmp_path: Path, every_kind: list[Decided], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.md"
    path.write_text("old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(whole_file.os, "fsync", full)
    with pytest.raises(DiskFull, match="could not be saved"):
        await write(path, asked_of(every_kind[:1]), overwrite=True)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["report.md"]


async def test_that_a_file_system_without_links_takes_it_as_well(
    tmp_path: Path, every_kind: list[Decided], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_one: object, _other: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(whole_file.os, "link", refused)
    await write(tmp_path / "r.md", asked_of(every_kind[:1]), overwrite=False)
    assert names(tmp_path) == ["r.md"]


async def test_that_without_qt_a_pdf_is_refused_with_a_way_out(
    tmp_path: Path, every_kind: list[Decided], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "find_spec", lambda _name: None)
    with pytest.raises(Unavailable, match="PySide6 is not installed") as refused:
        await write(tmp_path / "r.pdf", asked_of(every_kind[:1]), overwrite=False)
    assert ".html" in refused.value.hint
    assert names(tmp_path) == []


async def test_that_a_process_that_draws_nothing_is_said_to_have_failed(
    tmp_path: Path, every_kind: list[Decided], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "find_spec", lambda _name: object())
    monkeypatch.setattr(writing, "_PDF", "landfall.gui.reports.pdf:no_such_function")
    with pytest.raises(Unavailable, match="could not be made"):
        await write(tmp_path / "r.pdf", asked_of(every_kind[:1]), overwrite=False)
    assert names(tmp_path) == []


# What may not be in it ---------------------------------------------------------------------------


def planted() -> Decided:
    text = (DATA / "verdicts/hybrid.toml").read_text(encoding="utf-8")
    text = text.replace("input = 900", f"input = 900  # from {KEY}: 900")
    text = text.replace("output = 120", f"output = 120  # my note: {KEY}")
    text += f'\n[[steps]]\nname = "embed"\nwhere = "cloud"\nhost = "https://me:{KEY}@api.x.com/v1?key={KEY}"\n'
    (decided,) = decide([text])
    return decided


@pytest.mark.parametrize("suffix", ["html", "md"])
async def test_that_a_planted_key_is_found_nowhere(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    decided = planted()
    assert KEY in decided.loaded.text
    named = decided.again(replace(decided.loaded.workload, name=f"Mail {KEY}"), with_flips=True)
    run = speed_run(f"qwen3:8b {KEY}", prompt=f"my secret prompt {KEY}")
    evidence = Evidence(runs=[run])
    path = tmp_path / f"r.{suffix}"
    await write(path, replace(asked_of([named, decided]), evidence=evidence), overwrite=False)
    text = path.read_text(encoding="utf-8")
    assert "PLANTED" not in text
    assert ("api.x.com" in text) == (suffix == "html")
    assert "my note" not in text
    assert "my secret prompt" not in text
    assert "Mail …" in text


def speed_run(model: str, *, prompt: str = "Say it") -> RunRecord:
    return RunRecord(
        started_at="2026-11-20T10:00:00+00:00",
        place="local",
        host="127.0.0.1:11434",
        model=model,
        digest="sha256:0123456789abcdef0123",
        engine="Ollama 0.32.15",
        state="done",
        prompt=prompt,
        output_tokens=200,
        decode_tok_s=88.4,
        prefill_tok_s=2100.0,
        ttft_seconds=0.21,
        decode_joules=500.0,
        energy_scope="gpu",
        energy_grade="good",
        conditions={"context": 8192, "gpu_share": 1.0, "quantization": "Q4_K_M"},
    )


def here(model: str) -> Decided:
    """As if its speed, its server and its quality had been measured on this machine."""
    text = (DATA / "verdicts/hybrid.toml").read_text(encoding="utf-8")
    (decided,) = decide([text])
    reading = GateReading(
        state=GateResult.PASS,
        prompts=300,
        unlabelled=4,
        pairs=None,
        difference=-0.004,
        low=-0.03,
        high=0.02,
        margin=0.05,
        looks=1,
        more_prompts=0,
        provable_loss=0.01,
        mcnemar_p=None,
        newcombe=None,
        method="bootstrap",
        clusters=0,
        effective_prompts=300.0,
    )
    result = QualityResult(
        run="u-1",
        workload="Site search answers",
        side="local",
        candidate=Target(model=model),
        against=Target(provider="openai", model="gpt-5.5"),
        digest="sha256:feedfacefeedface",
        quantization="Q4_K_M",
        template_digest="t",
        measured_at="2026-11-21T09:00:00+00:00",
        metric="exact",
        reading=reading,
    )
    world = decided.assembler.world
    world = replace(
        world,
        measured={model: world.measured.get(model, ())},  # type: ignore[dict-item]
        serves={model: Serves(slots=4, says="a benchmark here", people=6, kept_share=0.9)},
        quality=MeasuredQuality(local=result),
    )
    return replace(decided, assembler=decided.assembler.in_world(world))


async def test_that_each_measurement_tells_its_conditions() -> None:
    decided = here("qwen3:8b")
    evidence = Evidence(
        runs=[
            speed_run("qwen3:8b"),
            replace(speed_run("qwen3:8b"), started_at="2026-11-01T00:00:00"),
        ],
        benchmarks=[
            BenchmarkRecord(
                started_at="2026-11-19T10:00:00+00:00",
                kind="chat",
                place="local",
                host="here",
                model="qwen3:8b",
                state="done",
                engine="Ollama 0.32.15",
                conditions={"parallel": 4},
            )
        ],
        loads=[
            LoadRecord(
                at="2026-11-18T10:00:00+00:00",
                host="here",
                model="qwen3:8b",
                engine="Ollama 0.32.15",
                context=4096,
                ps_bytes=6_000_000_000,
                ps_gpu_bytes=6_000_000_000,
            )
        ],
        prompts={"u-1": ("first prompt", "second prompt")},
    )
    found = {one.what: one for one in _measured(decided, evidence)}
    speed = found["Speed of qwen3:8b here"]
    assert speed.at == "2026-11-20T10:00:00+00:00"
    assert dict(speed.values)["writes"] == "88 tokens/s"
    held = dict(speed.conditions)
    assert held["digest"] == "0123456789ab"
    assert held["quantization"] == "Q4_K_M"
    assert held["engine"] == "Ollama 0.32.15"
    assert held["context"] == "8,192 tokens"
    assert held["watts"] == "of the GPU board, good"
    assert dict(found["Benchmark of qwen3:8b here"].values) == {
        "answers": "4 at once",
        "people served at once": "6",
        "speed kept when warm": "90 %",
    }
    assert dict(found["Memory of qwen3:8b here"].values)["holds"] == "5.6 GiB"
    quality = found["Quality of qwen3:8b"]
    assert dict(quality.conditions)["against"] == "openai:gpt-5.5"
    told = await asyncio.to_thread(subject, Told(decided=replace(decided)), replace(evidence))
    assert told.prompts == ("first prompt", "second prompt")


async def test_that_a_run_without_a_sensor_says_why_it_has_no_watts() -> None:
    bare = replace(
        speed_run("m"),
        energy_scope=None,
        energy_reason="no sensor here",
        decode_joules=None,
        digest=None,
        engine=None,
        conditions={},
        prefill_tok_s=None,
        ttft_seconds=None,
    )
    held = dict(_speed(bare).conditions)
    assert held["watts"] == "not measured (no sensor here)"
    assert held["digest"] == held["engine"] == held["context"] == "not told"


# Markdown ----------------------------------------------------------------------------------------


async def test_that_markdown_is_a_decision_record(every_kind: list[Decided]) -> None:
    for decided in every_kind:
        text = to_markdown(await made(asked_of([decided])))
        heads = [line for line in text.splitlines() if line.startswith("## ")]
        assert heads[:6] == [
            "## Context",
            "## Decision",
            "## Consequences",
            "## Options considered",
            "## Evidence",
            "## What would change it",
        ]
        status = "Provisional" if decided.verdict.provisional else "Decided"
        assert f"- Status: {status}" in text
        assert f"- Review by: {decided.verdict.expires_on}" in text
        assert text.count("\n\n\n") == 0


async def test_that_markdown_takes_a_name_as_text() -> None:
    (decided,) = decide([(DATA / "verdicts/hybrid.toml").read_text(encoding="utf-8")])
    name = "<script>*bold* | [x](http://e) `c` # h"
    renamed = decided.again(replace(decided.loaded.workload, name=name), with_flips=True)
    text = to_markdown(await made(asked_of([renamed, decided])))
    assert r"\<script\>\*bold\* \| \[x\](http://e) \`c\` \# h" in text
    assert "<script>" not in text
    table = [line for line in text.splitlines() if line.startswith("| ") and "script" in line]
    assert table
    columns = {line.replace(r"\|", "").count("|") for line in table}
    assert columns == {6}


async def test_that_markdown_of_many_has_one_title_and_skips_no_level(
    every_kind: list[Decided],
) -> None:
    text = to_markdown(await made(asked_of(every_kind[:2])))
    levels = [len(line) - len(line.lstrip("#")) for line in text.splitlines() if line[:1] == "#"]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_that_what_ends_as_a_sentence_has_no_colon_behind_it(every_kind: list[Decided]) -> None:
    text = to_markdown(asyncio.run(made(asked_of(every_kind))))
    assert not re.search(r"[.?!]:|\?\.", text)
