"""`landfall people`: how many people machines serve with a model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from landfall.cli.main import main
from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.settings import Settings
from landfall.services import paths
from landfall.services.history.history import History
from landfall.services.history.records import BenchmarkRecord, SavedWorkload
from landfall.services.settings import settings_store
from tests.fakes import swept

RACK = "http://10.0.0.7:11434"
CALL_A_MINUTE = "\n".join(
    [
        "timestamp,input_tokens,output_tokens",
        *(f"{60 * at},1000,{100 + 40 * (at % 11)}" for at in range(400)),
    ]
)


def keep(records: Iterable[BenchmarkRecord], workloads: Iterable[SavedWorkload] = ()) -> None:
    async def work() -> None:
        places = paths.of_user()
        places.make()
        history = History(places.database)
        await history.open()
        for record in records:
            row = await history.add_benchmark(record)
            await history.finish_benchmark(replace(record, id=row))
        for one in workloads:
            await history.save_workload(one)
        await history.close()

    asyncio.run(work())


def answer(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    assert main(["people", *words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_that_a_kept_sweep_is_used_and_its_day_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    keep([swept.record(swept.result())])
    assert main(["people", "qwen3:8b", "--people", "20", "--p95", "60"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("qwen3:8b: this machine serves ")
    assert "measured on 2026-11-20 with Ollama 0.32.15: benchmark of 1, 2, 4 and 8 at once" in said
    assert "at once" in said
    assert "never measured" not in said
    assert "Taken, since not stated: 20 calls an hour" in said
    assert "19 of 20 answers whole" not in said.partition("Taken")[2]
    assert "ten times" in said
    assert "200 people take " in said
    assert main(["people", "qwen3:8b", "--people", "1", "--p95", "60"]) == 0
    assert "\n1 person takes one machine " in capsys.readouterr().out


def test_that_the_document_tells_every_figure_with_its_origin(
    capsys: pytest.CaptureFixture[str],
) -> None:
    keep([swept.record(swept.result())])
    words = ("qwen3:8b", "--people", "100", "--machines", "2", "--p95", "60", "--output", "300")
    found = answer(capsys, *words, "--calls-per-hour", "12", "--input", "1000")
    assert found["demand"]["taken"] == []
    assert found["demand"]["most_busy"] == 0.8
    assert found["people_served"]["low"] <= found["people_served"]["mid"]
    assert "queue formula" in found["people_served"]["provenance"]
    assert "measured on 2026-11-20" in found["people_served"]["provenance"]
    assert [one["slots"] for one in found["by_slots"]] == [1, 2, 4, 8]
    assert len(found["machines"]) == 2
    assert found["machines"][0]["measured_at"] == swept.AT
    for name in ("pooled", "split_by_person", "split_by_chance", "ten_times"):
        crowd = found[name]
        assert set(crowd["reasons"]) == {
            name
            for name, value in crowd.items()
            if value is None and name not in ("bound", "machines_used")
        }
    pooled, split = found["pooled"], found["split_by_person"]
    assert pooled["people_served"]["mid"] >= split["people_served"]["mid"]
    assert pooled["overflow_share"]["mid"] < split["overflow_share"]["mid"]
    assert found["machines_needed_ten_times"] > found["machines_needed"]
    assert found["enough"] is True
    assert found["replay"] is None


def test_that_too_many_people_are_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    keep([swept.record(swept.result())])
    found = answer(capsys, "qwen3:8b", "--people", "5000", code=1)
    assert found["enough"] is False
    assert found["pooled"]["p95_seconds"] is None
    assert "only grows" in found["pooled"]["reasons"]["p95_seconds"]
    assert main(["people", "qwen3:8b", "--people", "5000"]) == 1
    assert "grows" in capsys.readouterr().out


def test_that_without_a_measurement_a_prediction_stands_and_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["people", "qwen3:8b", "--machine", "RTX 4090", "--slots", "2"]) == 0
    said = capsys.readouterr().out
    assert "predicted, not measured" in said
    assert " to " in said.partition("people")[0]
    found = answer(capsys, "qwen3:8b", "--machine", "RTX 4090")
    served = found["people_served"]
    assert served["low"] < served["mid"] < served["high"]
    assert found["machines"][0]["measured_at"] is None


def test_that_a_target_that_no_call_reaches_serves_nobody(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["people", "qwen3:8b", "--machine", "RTX 4090", "--p95", "0.1"]) == 0
    said = capsys.readouterr().out
    assert "serves no people" in said
    assert "Even where nobody else asks, more than one in 20 takes longer." in said
    assert "no number of machines like RTX 4090 serves them in time" in said


def test_that_hosts_are_named_and_what_is_not_known_of_them_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    places = paths.of_user()
    places.make()
    hosts = (Host(name="rack", url=RACK, kind=HostKind.OLLAMA),)
    settings_store.save(places.settings, replace(Settings(), hosts=hosts))
    there = swept.record(swept.result(place="network", host=RACK, parallel=8))
    keep([swept.record(swept.result()), there])
    found = answer(capsys, "qwen3:8b", "--host", "Rack", "--host", "here", "--p95", "60")
    assert [one["name"] for one in found["machines"]] == ["rack", "this machine"]
    assert [one["slots"] for one in found["machines"]] == [8, 4]
    assert found["pooled"]["machines_used"] == ["rack", "this machine"]
    assert answer(capsys, "qwen3:8b", "--host", "rick", code=2)["error"]["field"] == "host"
    missing = answer(capsys, "qwen3:8b", "--host", "10.0.0.9:11434", code=1)
    assert missing["people_served"] is None
    assert "landfall bench qwen3:8b --concurrency" in missing["machines"][0]["reason"]
    assert main(["people", "qwen3:8b", "--host", "10.0.0.9:11434"]) == 1
    assert "is unknown: " in capsys.readouterr().out


def test_that_a_slow_host_stands_aside_and_that_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    slow = tuple(replace(one, decode_tok_s=(one.decode_tok_s or 0) / 40) for one in swept.LEVELS)
    old = swept.result(place="network", host=RACK, levels=slow)
    keep([swept.record(swept.result()), swept.record(old)])
    assert main(["people", "qwen3:8b", "--host", "here", "--host", RACK, "--p95", "40"]) == 0
    assert "10.0.0.7:11434 stands aside" in capsys.readouterr().out


def test_that_a_trace_is_replayed_pooled_split_and_ten_times(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    keep([swept.record(swept.result())])
    path = tmp_path / "calls.csv"
    path.write_text(CALL_A_MINUTE, encoding="utf-8")
    words = ("qwen3:8b", "--trace", str(path), "--machines", "2", "--slots", "1")
    found = answer(capsys, *words)
    assert found["demand"]["output_tokens"] == pytest.approx(300, abs=5)
    replay = found["replay"]
    assert (replay["calls"], replay["moments_told"], replay["sizes_told"]) == (400, True, True)
    kinds = [(one["arrangement"], one["times"]) for one in replay["arrangements"]]
    assert kinds == [("pooled", 1.0), ("by_chance", 1.0), ("pooled", 10.0)]
    assert replay["arrangements"][0]["overflow_share"] == 0.0
    assert replay["arrangements"][2]["utilisation"] > 0.3
    assert main(["people", *words]) == 0
    said = capsys.readouterr().out
    assert "Replayed: 400 calls over " in said
    assert "ten times, pooled" in said
    assert "drawn" not in said


def test_that_lengths_that_a_trace_does_not_tell_are_drawn_as_the_formulas_take_them(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    keep([swept.record(swept.result())])
    path = tmp_path / "calls.csv"
    path.write_text("timestamp\n" + "".join(f"{60 * at}\n" for at in range(400)), encoding="utf-8")
    alike = answer(capsys, "qwen3:8b", "--trace", str(path), "--spread", "0")["replay"]
    drawn = answer(capsys, "qwen3:8b", "--trace", str(path))["replay"]
    p95 = [one["arrangements"][0]["p95_seconds"] for one in (alike, drawn)]
    assert p95[1] == pytest.approx(3 * p95[0], rel=0.15)  # of an exponential size, with no wait
    assert main(["people", "qwen3:8b", "--trace", str(path)]) == 0
    said = capsys.readouterr().out
    assert "Lengths are drawn about their mean." in said
    assert "A call counts as slow as with every slot busy" in said


@pytest.mark.parametrize(
    ("moments", "words"),
    [("5\n", "1 call over 0.00 s"), ("0\n90\n", "2 calls over 90.0 s"),
     ("0\n9000\n", "2 calls over 2.5 hours"), ("0\n432000\n", "2 calls over 5.0 days")],
)  # fmt: skip
def test_that_the_length_of_a_trace_is_said_in_a_unit_that_shows_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, moments: str, words: str
) -> None:
    keep([swept.record(swept.result())])
    path = tmp_path / "calls.csv"
    path.write_text(f"timestamp\n{moments}", encoding="utf-8")
    assert main(["people", "qwen3:8b", "--trace", str(path)]) == 0
    assert words in capsys.readouterr().out


def test_that_large_ends_are_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "qwen3:8b", "--people", "1e12", code=2)
    assert "is no whole number from 1 to 1,000,000,000" in found["error"]["message"]


def test_that_a_trace_cannot_be_replayed_at_an_unknown_speed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("timestamp\n1\n2\n", encoding="utf-8")
    words = ["people", "qwen3:8b", "--host", RACK, "--trace", str(path)]
    assert main(words) == 1
    assert "is not replayed" in capsys.readouterr().out


def test_that_calls_that_tell_their_own_seconds_need_no_speed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "calls.jsonl"
    lines = [json.dumps({"time": 10 * at, "seconds": 4}) for at in range(50)]
    path.write_text("\n".join(lines), encoding="utf-8")
    found = answer(capsys, "qwen3:8b", "--host", RACK, "--trace", str(path), code=1)
    assert found["replay"]["arrangements"][0]["p95_seconds"] == pytest.approx(4.0)


def test_that_a_saved_workload_tells_lengths_and_hours(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    series = tmp_path / "hours.csv"
    rows = [f"2026-11-{day:02},{hour},{20 + hour}" for day in range(2, 7) for hour in range(9, 17)]
    series.write_text("\n".join(["date,hour,calls", *rows]), encoding="utf-8")
    toml = (
        '[workload]\nname = "mail"\ntask = "classification"\n'
        f'[volume]\nseries = "{series}"\n[tokens]\ninput = 700\noutput = 50\n'
    )
    keep([swept.record(swept.result())], [SavedWorkload(name="mail", toml=toml)])
    found = answer(capsys, "qwen3:8b", "--workload", "mail")
    assert (found["demand"]["input_tokens"], found["demand"]["output_tokens"]) == (700, 50)
    assert found["replay"]["calls"] == 5 * sum(20 + hour for hour in range(9, 17))
    assert found["replay"]["moments_told"] is False
    assert main(["people", "qwen3:8b", "--workload", "mail"]) == 0
    assert "Moments are drawn within their hours." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--people", "0"), "people"),
        (("--people", "2.5"), "people"),
        (("--people", "nan"), "people"),
        (("--calls-per-hour", "0"), "calls_per_hour"),
        (("--p95", "-1"), "p95"),
        (("--slots", "513"), "slots"),
        (("--busy", "2"), "busy"),
        (("--host", "http://"), "host"),
        (("--host", "here", "--machines", "2"), "machines"),
        (("--workload", "none"), "workload"),
        (("--machine", "no such card"), "machine"),
    ],
)
def test_that_what_is_wrong_is_bad_input(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], field: str
) -> None:
    assert answer(capsys, "qwen3:8b", *words, code=2)["error"]["field"] == field
