"""Recorded calls out of files of several shapes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landfall.core.errors import BadInput
from landfall.core.usage import series
from landfall.services.people import call_traces
from landfall.services.people.call_traces import CallTrace


def read(tmp_path: Path, text: str, name: str = "calls.csv") -> CallTrace:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return call_traces.read(path)


def test_that_a_csv_of_calls_is_read_in_order_of_time(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "timestamp,input_tokens,output_tokens,user\n"
        "2026-11-23T09:30:10+00:00,300,20,anna\n"
        "2026-11-23T09:30:00+00:00,100,60,ben\n"
        "\n"
        "2026-11-23T10:30:15+01:00,200,40,anna\n",
    )
    calls = found.calls
    assert [moment - calls.at[0] for moment in calls.at] == [0.0, 10.0, 15.0]
    assert (found.input_tokens, found.output_tokens) == (200.0, 40.0)
    assert calls.prompts == (0.5, 1.5, 1.0)
    assert calls.answers == (1.5, 0.5, 1.0)
    assert calls.persons == (0, 1, 1)
    assert (calls.timed, calls.sized, calls.seconds) == (True, True, ())


def test_that_seconds_and_json_lines_are_read(tmp_path: Path) -> None:
    lines = [
        {"time": 12.5, "prompt_tokens": 10, "completion_tokens": 5, "duration_seconds": 2},
        {"time": "10", "prompt_tokens": 30, "completion_tokens": 5, "duration_seconds": 4},
    ]
    text = "\n".join(json.dumps(line) for line in lines) + "\n"
    found = read(tmp_path, text, "calls.jsonl")
    assert found.calls.at == (10.0, 12.5)
    assert found.calls.seconds == (4.0, 2.0)
    assert found.calls.mean_seconds == 3.0
    assert found.calls.persons == ()


@pytest.mark.parametrize("times", [1, 1_000, 1_000_000, 1_000_000_000])
def test_that_moments_in_milliseconds_and_finer_are_seconds(tmp_path: Path, times: int) -> None:
    moments = (1_764_147_600, 1_764_147_601, 1_764_147_603)
    text = "timestamp\n" + "".join(f"{one * times}\n" for one in moments)
    assert read(tmp_path, text).calls.at == pytest.approx(moments)


def test_that_sizes_that_are_not_told_are_taken_alike(tmp_path: Path) -> None:
    found = read(tmp_path, "timestamp;input_tokens\n5;10\n7;\n")
    assert (found.input_tokens, found.output_tokens) == (None, None)
    assert (found.calls.prompts, found.calls.sized) == ((), False)
    nothing = read(tmp_path, "timestamp,input_tokens,output_tokens\n5,0,0\n7,0,0\n")
    assert nothing.calls.prompts == (1.0, 1.0)


def test_that_a_series_of_hours_is_drawn_within_them(tmp_path: Path) -> None:
    found = read(
        tmp_path, "date,hour,calls,input_tokens,output_tokens\n2026-11-23,9,50,5000,1000\n"
    )
    assert len(found.calls.at) == 50
    assert (found.calls.timed, found.calls.sized) == (False, False)
    assert (found.input_tokens, found.output_tokens) == (100.0, 20.0)


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("date,calls\n2026-11-23,50\n", "days alone", 1),
        ("date,hour,calls\n2026-11-23,9,0\n", "no call", None),
        ("timestamp\n", "no call", 1),
        ("model,tokens\na,1\n", "tells no moments", 2),
        ("timestamp\n2026-11-23T09:30\nyesterday\n", "no moment", 3),
        ("timestamp,input_tokens\n5,-1\n", "no number of a call", 2),
        ("timestamp,input_tokens\n5,nan\n", "no number of a call", 2),
        ("timestamp,seconds\n5,many\n", "no number of a call", 2),
        ('timestamp\n"5\n', "no CSV|not a CSV", 2),
        ('{"time": 5}\n{"time": \n', "no JSON", 2),
        ('{"time": 5}\n[5]\n', "no object", 2),
        ('[{"time": 5}, {"time": 6}]', "one JSON list; what is read is one object a line", 1),
        ('{"time": true}\n', "no moment", 1),
        ('{"time": 5, "seconds": [1]}\n', "no number of a call", 1),
        ('{"time": 1e999}\n', "no moment", 1),
    ],
)
def test_that_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, text: str, words: str, line: int | None
) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        read(tmp_path, text)
    assert caught.value.line == line
    assert str(tmp_path) in (caught.value.file or "")


def test_that_more_calls_than_are_replayed_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_traces, "MOST_CALLS", 2)
    with pytest.raises(BadInput, match="more than 2 calls"):
        read(tmp_path, "timestamp\n1\n2\n3\n")


def test_that_a_file_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        call_traces.read(tmp_path / "none.csv")


def test_that_usage_by_the_day_cannot_be_replayed() -> None:
    days = series.parse("date,calls\n2026-11-23,50\n")
    with pytest.raises(BadInput, match="tells no hours"):
        call_traces.of_series(series.summary(days), "my work")
    told = series.read("date,hour,calls\n2026-11-23,9,5\n")
    found = call_traces.of_series(series.summary(told.days, told.trace), "my work")
    assert (len(found.calls.at), found.name) == (5, "my work")
