"""What was exported comes back as it was, once; a file that is wrong changes nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.errors import BadInput, Unavailable
from landfall.core.events import PowerSample
from landfall.services.history.export import as_json, export, guarded, unguarded
from landfall.services.history.history import History
from landfall.services.history.importing import import_files, read
from landfall.services.history.records import BenchmarkRecord, RunRecord, new_uid
from landfall.services.history.whole_export import export_history

RUN = RunRecord(
    started_at="2026-01-01T00:00:00+00:00",
    place="local",
    host="http://127.0.0.1:11434",
    model="tiny",
    workload="Triage",
    state="done",
    prompt='Say "ä",\r\nplease',
    answer="=HYPERLINK(1)",
    thinking="''-1\u2028\x0b'",
    cost_note="",
    energy_scope=None,
    prompt_tokens=7,
    output_tokens=10,
    decode_tok_s=1 / 3,
    gross_joules=0.1 + 0.2,
    electricity_cost=1e-7,
    electricity_currency="EUR",
    conditions={"context": 4096, "stop": ["a", None], "deep": {"x": 0.1}},
)
SAMPLES = (
    PowerSample(-0.25, "=NVML", "gpu", 1 / 3, "", 1e9 / 7),
    PowerSample(0.1, "=NVML", "gpu", None, "-gone"),
)
RATES = ((0.0, 0.0), (1 / 3, 41.7))
BENCHMARK = BenchmarkRecord(
    started_at="2026-01-01T00:00:00+00:00",
    finished_at=None,
    state="done",
    kind="chat",
    place="local",
    host="http://127.0.0.1:11434",
    model="tiny",
    plan={"repeat": 3},
    result={"decode": [1 / 3]},
)


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Callable[[str], Any]]:
    all_: list[History] = []

    async def make(name: str) -> History:
        history = History(tmp_path / f"{name}.db")
        await history.open()
        all_.append(history)
        return history

    yield make
    for history in all_:
        await history.close()


async def filled(history: History) -> None:
    """Two runs, of which one in a benchmark and one set back in time, and one that was deleted."""
    bench = await history.add_benchmark(BENCHMARK)
    for number, run in enumerate(
        (
            replace(RUN, benchmark=bench, part="warm"),
            replace(RUN, started_at="2025-12-31T23:00:00+00:00", gross_joules=None),
            replace(RUN, prompt="secret", cost_usd=0.02, place="cloud"),
        )
    ):
        begun = replace(run, uid=new_uid(), state="running")
        ended = replace(run, uid=begun.uid, id=await history.add_run(begun))
        await history.keep_run(ended, SAMPLES if number == 0 else (), rates=RATES)
    newest = (await history.runs())[0]
    assert newest.prompt == "secret"
    await history.take_out([newest.id])


async def everything(history: History) -> list[Any]:
    """All that an export must bring back; row numbers may be others."""
    runs = await history.runs()
    benchmarks = {one.id: one.uid for one in await history.benchmarks()}
    return [
        [(replace(r, id=0, benchmark=None), benchmarks.get(r.benchmark or 0)) for r in runs],
        [replace(one, id=0) for one in await history.benchmarks()],
        await history.day_totals(),
        [await history.samples(r.id) for r in runs],
        [await history.rate_curve(r.id) for r in runs],
    ]


@pytest.mark.parametrize("ending", ["json", "csv"])
async def test_that_everything_comes_back_as_it_was_and_only_once(
    opened: Callable[[str], Any], tmp_path: Path, ending: str
) -> None:
    here, there = await opened("here"), await opened("there")
    await filled(here)
    written = await export_history(tmp_path / f"all.{ending}", here, samples=True)
    counts = {one.kind: one.rows for one in written}
    assert (counts["runs"], counts["benchmarks"], counts["counted_runs"]) == (2, 1, 1)
    assert counts["day_totals"] == 3
    paths = list(dict.fromkeys(one.path for one in written))
    assert "secret" not in "".join(path.read_text("utf-8") for path in paths)

    looked = await import_files(there, paths, keep=False)
    assert sum(one.new for one in looked) == 4
    assert await everything(there) == [[], [], (), [], []]
    first = await import_files(there, paths, keep=True)
    assert [one.new for one in first] == [one.new for one in looked]
    assert await everything(there) == await everything(here)
    again = await import_files(there, [*paths, *paths], keep=True)
    assert sum(one.new for one in again) == 0
    assert await everything(there) == await everything(here)
    back = await import_files(here, paths, keep=True)
    assert sum(one.new for one in back) == 0


async def test_that_a_run_that_was_deleted_here_comes_back_and_counts_once(
    opened: Callable[[str], Any], tmp_path: Path
) -> None:
    history = await opened("here")
    await filled(history)
    totals = await history.day_totals()
    await export_history(tmp_path / "all.json", history)
    await history.take_out([run.id for run in await history.runs()])
    (one,) = await import_files(history, [tmp_path / "all.json"], keep=True)
    assert one.new == 2
    assert await history.day_totals() == totals
    assert len(await history.runs()) == 2


@pytest.mark.parametrize("ending", ["json", "csv"])
async def test_that_a_history_with_nothing_in_it_can_be_exported_and_imported(
    opened: Callable[[str], Any], tmp_path: Path, ending: str
) -> None:
    history = await opened("here")
    written = await export_history(tmp_path / f"all.{ending}", history, samples=True)
    paths = list(dict.fromkeys(one.path for one in written))
    assert {one.rows for one in await import_files(history, paths, keep=True)} == {0}


@pytest.mark.parametrize("ending", ["json", "csv"])
async def test_that_rows_that_the_history_page_exported_are_read(
    opened: Callable[[str], Any], tmp_path: Path, ending: str
) -> None:
    history = await opened("here")
    path = tmp_path / f"rows.{ending}"
    await export(path, [replace(RUN, id=4, uid="u")])
    await import_files(history, [path], keep=True)
    (run,) = await history.runs()
    assert replace(run, id=4) == replace(RUN, id=4, uid="u")


async def test_that_an_older_export_without_names_is_read_once(
    opened: Callable[[str], Any], tmp_path: Path
) -> None:
    history = await opened("here")
    old = json.loads(as_json([RUN]))
    old["schema"] = 1
    for name in ("uid", "benchmark", "part", "net_joules", "energy_grade", "shared_with"):
        del old["runs"][0][name]
    path = tmp_path / "old.json"
    path.write_text(json.dumps(old), "utf-8")
    for expected in (1, 0):
        (one,) = await import_files(history, [path], keep=True)
        assert one.new == expected
    (run,) = await history.runs()
    assert replace(run, id=0, uid="") == RUN


async def test_that_a_run_that_went_on_when_it_was_exported_is_interrupted_here(
    opened: Callable[[str], Any], tmp_path: Path
) -> None:
    history = await opened("here")
    path = tmp_path / "rows.json"
    await export(path, [replace(RUN, state="running", uid="u")])
    await import_files(history, [path], keep=True)
    assert [run.state for run in await history.runs()] == ["interrupted"]
    assert [total.runs for total in await history.day_totals()] == [1]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_that_any_text_survives_the_guard_against_formulas(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def document(**changes: Any) -> str:
    whole = json.loads(as_json([replace(RUN, uid="a"), replace(RUN, uid="b")]))
    for path, value in changes.items():
        whole["runs"][1][path] = value
    return json.dumps(whole)


def nested(levels: int) -> dict[str, Any]:
    """An object within an object, and so on."""
    whole: dict[str, Any] = {}
    for _ in range(levels):
        whole = {"x": whole}
    return whole


@pytest.mark.parametrize(
    ("text", "field", "line"),
    [
        ("{", "", 1),
        ("[]", "", None),
        ('{"schema": 1, "egress": []}', "", None),
        ('{"schema": 99, "runs": []}', "schema", None),
        ('{"schema": 1, "runs": {}}', "runs", None),
        ('{"schema": 1, "runs": [3]}', "runs[0]", None),
        (document(output_tokens="many"), "runs[1].output_tokens", None),
        (document(output_tokens=2**70), "runs[1].output_tokens", None),
        (document(output_tokens=True), "runs[1].output_tokens", None),
        (document(gross_joules=float("nan")), "runs[1].gross_joules", None),
        (document(place="moon"), "runs[1].place", None),
        (document(started_at="yesterday"), "runs[1].started_at", None),
        (document(prompt=None), "runs[1].prompt", None),
        (document(conditions=[]), "runs[1].conditions", None),
        (document(colour="red"), "runs[1].colour", None),
        (document(samples=[[1, "a"]]), "runs[1].samples[0]", None),
        (document(samples=3), "runs[1].samples", None),
        (document(rates=[[1, None]]), "runs[1].rates[0].tok_s", None),
        ('{"schema": 2, "runs": ' + "[" * 100_000, "", None),
        ('{"schema": true, "runs": []}', "schema", None),
        ('{"schema": 2, "runs": [' + "9" * 5000 + "]}", "", None),
        (document(output_tokens=10**18), "runs[1].output_tokens", None),
        (document(output_tokens=-1), "runs[1].output_tokens", None),
        (document(gross_joules=1.7e308), "runs[1].gross_joules", None),
        (document(gross_joules=-0.1), "runs[1].gross_joules", None),
        (document(started_at="0001-01-01T00:00:00+05:00"), "runs[1].started_at", None),
        (document(started_at="9999-12-31T23:00:00-05:00"), "runs[1].started_at", None),
        (document(started_at="0001-01-01T00:00:00"), "runs[1].started_at", None),
        (document(started_at="20260101"), "runs[1].started_at", None),
        (document(started_at="2026-W01"), "runs[1].started_at", None),
        (document(listed_at="zzz"), "runs[1].listed_at", None),
        (document(uid="a\ud800"), "runs[1].uid", None),
        (document(conditions={"\ud800": 1}), "runs[1].conditions", None),
        (document(conditions={"a": [float("inf")]}), "runs[1].conditions.a[0]", None),
        (document(conditions=nested(100)), "runs[1].conditions" + ".x" * 64, None),
        (
            document(samples=[[1e300, "a", "gpu", 1, "", None]]),
            "runs[1].samples[0].at_seconds",
            None,
        ),
        (
            document(samples=[[-1e14, "a", "gpu", 1, "", None]]),
            "runs[1].samples[0].at_seconds",
            None,
        ),
        (document(samples=[[1, "a", "moon", 1, "", None]]), "runs[1].samples[0].scope", None),
    ],
)
async def test_that_a_wrong_json_file_says_where_and_nothing_is_taken(
    opened: Callable[[str], Any], tmp_path: Path, text: str, field: str, line: int | None
) -> None:
    history = await opened("here")
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(document(), "utf-8")
    bad.write_text(text, "utf-8")
    with pytest.raises(BadInput) as caught:
        await import_files(history, [good, bad], keep=True)
    assert (caught.value.file, caught.value.field, caught.value.line) == (str(bad), field, line)
    assert await history.runs() == ()


HEAD = "started_at,place,host,model,prompt,answer,output_tokens,conditions\r\n"


@pytest.mark.parametrize(
    ("text", "field", "line"),
    [
        ("a,b\r\n1,2\r\n", "", 1),
        (HEAD + '2026-01-01,local,h,m,"two\r\nlines",a,,\r\n2026-01-01,local,h,m,p,a,x,\r\n',
         "output_tokens", 4),
        (HEAD + "2026-01-01,local,h,m,p,a\r\n", "", 2),
        (HEAD + "2026-01-01,local,h,m,p,a,1,{\r\n", "conditions", 2),
        (HEAD + ",local,h,m,p,a,1,\r\n", "started_at", 2),
        (HEAD + '2026-01-01,local,h,m,p,"a"b,1,\r\n', "", 2),
        ("run_uid,at_seconds,source,scope,watts,reason,joules\r\nu,x,NVML,gpu,1,,\r\n",
         "at_seconds", 2),
        ("started_at,prompt,answer,prompt\r\n", "", 1),
        (HEAD + "2026-01-01,local,h,m,p,a,1," + "[" * 100_000 + "\r\n", "conditions", 2),
        (HEAD + "2026-01-01,local,h,m,p,a," + "9" * 5000 + ",\r\n", "output_tokens", 2),
    ],
)  # fmt: skip
def test_that_a_wrong_csv_file_says_line_and_column(
    tmp_path: Path, text: str, field: str, line: int
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(text.encode())
    with pytest.raises(BadInput) as caught:
        read([bad])
    assert (caught.value.file, caught.value.field, caught.value.line) == (str(bad), field, line)


def test_that_a_file_that_is_no_text_or_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "picture.json").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(BadInput, match="not UTF-8"):
        read([tmp_path / "picture.json"])
    with pytest.raises(Unavailable, match="cannot be read"):
        read([tmp_path / "none.json"])
    with pytest.raises(Unavailable, match="cannot be read"):
        read([Path("a\0.json")])


def test_that_a_file_without_an_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landfall.services.history.importing.MOST_FILE_BYTES", 10)
    (tmp_path / "long.json").write_bytes(b" " * 11)
    with pytest.raises(BadInput, match="longer than"):
        read([tmp_path / "long.json"])


async def test_that_a_net_energy_below_the_baseline_and_a_net_zero_are_taken(
    opened: Callable[[str], Any], tmp_path: Path
) -> None:
    history = await opened("here")
    (tmp_path / "a.json").write_text(document(net_joules=-1.5, gross_joules=0), "utf-8")
    (imported,) = await import_files(history, [tmp_path / "a.json"], keep=True)
    assert imported.new == 2
