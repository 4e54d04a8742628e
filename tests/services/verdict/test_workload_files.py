"""Workload files as they lie on a disk."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from landfall.core.errors import BadInput
from landfall.core.settings import Thresholds
from landfall.services import resources
from landfall.services.verdict import workload_files

LEAST = '[workload]\nname = "A"\ntask = "chat"\n'


def write(folder: Path, text: str | bytes, name: str = "work.toml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refused(path: Path | str) -> BadInput:
    with pytest.raises(BadInput) as caught:
        workload_files.read(path)
    assert caught.value.hint
    return caught.value


def test_that_a_file_is_read_with_the_text_it_came_from(tmp_path: Path) -> None:
    loaded = workload_files.read(write(tmp_path, LEAST))
    assert (loaded.workload.name, loaded.text) == ("A", LEAST)
    assert loaded.file.endswith("work.toml")
    assert loaded.series is None


def test_that_what_is_no_file_is_refused_by_its_name(tmp_path: Path) -> None:
    assert refused(tmp_path / "nope.toml").file.endswith("nope.toml")
    assert "folder" in refused(tmp_path).message
    assert refused("a\0b").message
    big = write(tmp_path, b"#" * (workload_files.MOST_BYTES + 1), "big.toml")
    assert "MB" in refused(big).message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_that_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "no regular file" in refused(tmp_path / "pipe").message


def test_that_bytes_that_are_no_text_are_named_with_their_line(tmp_path: Path) -> None:
    error = refused(write(tmp_path, b"# one\n# \xff\n"))
    assert (error.line, "UTF-8" in error.message) == (2, True)


def test_that_a_slip_carries_the_files_name(tmp_path: Path) -> None:
    error = refused(write(tmp_path, LEAST + "colour = 1\n"))
    assert (error.file, error.line) == (str(tmp_path / "work.toml"), 4)


def test_that_a_series_lies_beside_its_file(tmp_path: Path) -> None:
    path = write(tmp_path, LEAST + '[volume]\nseries = "use.csv"\n')
    error = refused(path)
    assert (error.file, error.line, error.field) == (str(path), 5, "volume.series")
    (tmp_path / "use.csv").mkdir()
    error = refused(path)
    assert (error.file, error.line, error.field) == (str(path), 5, "volume.series")
    (tmp_path / "use.csv").rmdir()
    write(tmp_path, "date,calls\n2026-11-01,5\n2026-11-02,7\n", "use.csv")
    series = workload_files.read(path).series
    assert series is not None
    assert series.calls_per_day == 6
    write(tmp_path, "date,calls\n2026-11-01,five\n", "use.csv")
    error = refused(path)
    assert (error.file, error.line, error.field) == (str(tmp_path / "use.csv"), 2, "calls")


def test_that_the_samples_are_three_workloads_that_say_they_are_samples() -> None:
    samples = workload_files.samples()
    assert len(samples) == 3
    assert all(one.workload.name.startswith("Sample: ") for one in samples)


def test_that_the_template_is_a_workload() -> None:
    text = workload_files.template()
    assert workload_files.from_text(text).workload.name == "E-mail triage"


def test_that_every_threshold_has_a_row_with_reason_source_and_date() -> None:
    rows = {row["name"]: row for row in resources.read_json("thresholds.json")["thresholds"]}
    defaults = Thresholds()
    assert set(rows) == set(Thresholds.__dataclass_fields__)
    for name, row in rows.items():
        assert row["value"] == getattr(defaults, name), name
        assert row["reason"], name
        assert row["source"], name
        assert row["date"], name
    json.dumps(rows)
