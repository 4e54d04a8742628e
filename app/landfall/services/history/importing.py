"""Reads what `whole_export` and `export` wrote: all of it is right, or nothing is taken.

JSON of every schema and CSV of runs, benchmarks, comparisons, votes, deleted runs and curves.
Totals by day are not read: they follow from the runs. A file says where it is wrong: row, line,
field.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landfall.core import json_text
from landfall.core.energy.power import Scope
from landfall.core.errors import Unavailable
from landfall.core.events import PowerSample
from landfall.services.history.export import SCHEMA, headings, unguarded
from landfall.services.history.import_fields import Place, record, shown, time, typed
from landfall.services.history.imports_kept import Content, FileRun
from landfall.services.history.records import (
    BenchmarkRecord,
    CountedRun,
    DayTotal,
    QualityRow,
    RunRecord,
    SideBySideRow,
    VoteRow,
)
from landfall.services.history.runs_kept import WholeRun, in_utc
from landfall.services.history.whole_export import RATE_COLUMNS, RUN_EXTRAS, SAMPLE_COLUMNS
from landfall.services.late_imports import late
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.services.history.history import History

_SCOPES = tuple(str(scope) for scope in Scope)
MOST_CELL_BYTES = 2**30
MOST_FILE_BYTES = 2**30
MOST_SAMPLE_SECONDS = 1e12
"""Before or after a run's begin: its microseconds are kept in 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of a file.

    Attributes:
        rows: Runs, benchmarks, comparisons, votes and deleted runs in it. new: those that the
            history did not hold.
    """

    path: Path
    rows: int
    new: int


async def import_files(
    history: History, paths: Sequence[Path], *, keep: bool
) -> tuple[Imported, ...]:
    """Add what the files hold and the history does not; all of all files, or nothing.

    Args:
        keep: False only looks.

    Raises:
        BadInput: a file is no export of a history, or says what cannot be.
        Unavailable: a file cannot be read. DiskFull, Unavailable: the history cannot be written.
    """
    contents = await in_thread(read, paths)
    new = await history.add_imported(contents, keep=keep)
    return tuple(
        Imported(path=path, rows=one.rows, new=count)
        for path, one, count in zip(paths, contents, new, strict=True)
    )


def read(paths: Sequence[Path]) -> tuple[Content, ...]:
    """What each file holds; curves of a CSV file go to the runs of the others.

    Raises:
        BadInput, Unavailable: see `import_files`.
    """
    curves = _Curves()
    contents = [_read(path, curves) for path in paths]
    return tuple(replace(one, runs=tuple(map(curves.added_to, one.runs))) for one in contents)


class _Curves:
    """Samples and rates of CSV files, by the name of their run."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}
        self.samples: dict[str, list[PowerSample]] = {}
        self.rates: dict[str, list[tuple[float, float]]] = {}

    def added_to(self, run: FileRun) -> FileRun:
        uid = run.whole.record.uid
        if uid not in self.samples and uid not in self.rates:
            return run
        whole = replace(
            run.whole,
            samples=tuple(self.samples.get(uid, run.whole.samples)),
            step_seconds=self.steps.get(uid, run.whole.step_seconds),
            rates=tuple(self.rates.get(uid, run.whole.rates)),
        )
        return replace(run, whole=whole)


def _read(path: Path, curves: _Curves) -> Content:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_FILE_BYTES + 1)  # a device may never end
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise Unavailable(f"{path} cannot be read: {why}.", "Name another.") from error
    if len(data) > MOST_FILE_BYTES:
        raise Place(path).problem(f"it is longer than {MOST_FILE_BYTES >> 30} GiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Place(path).problem("it is not UTF-8 text") from error
    if path.suffix.lower() == ".csv":
        return _csv(path, text, curves)
    return _json(path, text)


# JSON


def _json(path: Path, text: str) -> Content:
    whole = Place(path)
    try:
        document = json_text.read(text)
    except json.JSONDecodeError as error:
        line = None if isinstance(error, json_text.TooMuch) else error.lineno
        raise replace(whole, line=line).problem(f"it is not JSON: {error}") from error
    if not isinstance(document, dict) or ("runs" not in document and "benchmarks" not in document):
        raise whole.problem("it is no export of a history: it has no list of runs")
    schema = document.get("schema")
    if type(schema) is not int or not 1 <= schema <= SCHEMA:
        raise whole.at("schema").problem(
            f"its schema is {shown(schema)}: this version reads 1 to {SCHEMA}"
        )
    return Content(
        benchmarks=tuple(
            record(BenchmarkRecord, v, at) for v, at in _rows(document, "benchmarks", whole)
        ),
        runs=tuple(_file_run(v, at) for v, at in _rows(document, "runs", whole)),
        counted=tuple(
            record(CountedRun, v, at) for v, at in _rows(document, "counted_runs", whole)
        ),
        sides=tuple(_side(v, at) for v, at in _rows(document, "side_by_sides", whole)),
        votes=tuple(_vote(v, at) for v, at in _rows(document, "votes", whole)),
        quality=tuple(_quality(v, at) for v, at in _rows(document, "quality_runs", whole)),
    )


def _quality(values: Mapping[str, Any], place: Place) -> QualityRow:
    row = record(QualityRow, values, place)
    late("landfall.services.quality.rows").check(row, place)
    return row


def _side(values: Mapping[str, Any], place: Place) -> SideBySideRow:
    row = record(SideBySideRow, values, place)
    _rows_of_sides().check_side(row, place)
    return row


def _vote(values: Mapping[str, Any], place: Place) -> VoteRow:
    row = record(VoteRow, values, place)
    _rows_of_sides().check_vote(row, place)
    return row


def _rows_of_sides() -> Any:
    return late("landfall.services.side_by_side.rows")


def _rows(document: dict[str, Any], name: str, whole: Place) -> Iterator[tuple[Any, Place]]:
    rows = document.get(name, [])
    if not isinstance(rows, list):
        raise whole.at(name).problem("it is not a list")
    for number, values in enumerate(rows):
        place = whole.at(f"{name}[{number}]")
        if not isinstance(values, dict):
            raise place.problem("it is not an object")
        yield values, place


def _file_run(values: dict[str, Any], place: Place) -> FileRun:
    values = dict(values)
    extras = {
        name: values.pop(name, None)
        for name in (*RUN_EXTRAS, "samples", "samples_step_seconds", "rates")
    }
    samples = [
        _sample(cells, at) for cells, at in _lists(extras["samples"], place.at("samples"), 6)
    ]
    rates = [_point(cells, at) for cells, at in _lists(extras["rates"], place.at("rates"), 2)]
    step = typed("float | None", extras["samples_step_seconds"], place.at("samples_step_seconds"))
    run = _named_run(values, extras, place)
    whole = replace(run.whole, samples=tuple(samples), step_seconds=step or 0.0, rates=tuple(rates))
    return replace(run, whole=whole)


def _lists(values: Any, place: Place, length: int) -> Iterator[tuple[list[Any], Place]]:
    if values is None:
        return
    if not isinstance(values, list):
        raise place.problem("it is not a list")
    for number, cells in enumerate(values):
        at = place.item(number)
        if not isinstance(cells, list) or len(cells) != length:
            raise at.problem(f"it is not a list of {length}")
        yield cells, at


def _named_run(values: Mapping[str, Any], extras: Mapping[str, Any], place: Place) -> FileRun:
    run = replace(record(RunRecord, values, place), id=0, benchmark=None)
    listed_at = typed("str | None", extras["listed_at"], place.at("listed_at"))
    if listed_at:
        time(listed_at, place.at("listed_at"))
    benchmark = typed("str | None", extras["benchmark_uid"], place.at("benchmark_uid"))
    whole = WholeRun(
        record=replace(run, uid=run.uid or _name_of(run)),
        listed_at=listed_at or in_utc(run.started_at),
    )
    return FileRun(whole=whole, benchmark_uid=benchmark, is_named=bool(run.uid))


def _name_of(run: RunRecord) -> str:
    """Of a run that has none: the same for the same run in every file."""
    told = (run.started_at, run.place, run.host, run.model, run.prompt, run.answer, run.thinking)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def _sample(cells: Sequence[Any], place: Place) -> PowerSample:
    kinds = ("float", "str", "str", "float | None", "str", "float | None")
    named = zip(kinds, cells, SAMPLE_COLUMNS, strict=True)
    sample = PowerSample(*(typed(kind, cell, place.at(name)) for kind, cell, name in named))
    if sample.scope not in _SCOPES:
        raise place.at("scope").problem(f"{shown(sample.scope)} is none of {', '.join(_SCOPES)}")
    if abs(sample.at) > MOST_SAMPLE_SECONDS:
        raise place.at(SAMPLE_COLUMNS[0]).problem(f"{sample.at!r} is no time of a run")
    return sample


def _point(cells: Sequence[Any], place: Place) -> tuple[float, float]:
    x, y = (typed("float", cell, place.at(n)) for cell, n in zip(cells, RATE_COLUMNS, strict=True))
    return x, y


# CSV


def _csv(path: Path, text: str, curves: _Curves) -> Content:
    csv.field_size_limit(MOST_CELL_BYTES)
    whole = Place(path, is_csv=True)
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = next(lines, [])
        rows = list(_lines(lines, names, whole))
    except csv.Error as error:
        raise replace(whole, line=lines.line_num).problem(f"it is not CSV: {error}") from error
    known = set(names)
    if len(known) < len(names):
        raise replace(whole, line=1).problem("two of its columns have the same name")
    if {"run_uid", *SAMPLE_COLUMNS} <= known:
        return _csv_samples(rows, curves)
    if {"run_uid", *RATE_COLUMNS} <= known:
        return _csv_rates(rows, curves)
    if {"started_at", "prompt", "answer"} <= known:
        return Content(runs=tuple(_csv_run(values, at) for values, at in rows))
    if (compared := _csv_compared(known, rows)) is not None:
        return compared
    if {"started_at", "plan", "result"} <= known:
        return Content(benchmarks=tuple(record(BenchmarkRecord, v, at) for v, at in rows))
    if known == set(headings(CountedRun)):
        return Content(counted=tuple(record(CountedRun, v, at) for v, at in rows))
    if known == set(headings(DayTotal)):
        return Content()
    raise replace(whole, line=1).problem("its columns are those of no table of a history")


def _csv_compared(known: set[str], rows: Sequence[tuple[dict[str, Any], Place]]) -> Content | None:
    """The comparisons, the votes or the quality runs of a file; None where its table is another."""
    if known == set(headings(SideBySideRow)):
        return Content(sides=tuple(_side(values, at) for values, at in rows))
    if known == set(headings(VoteRow)):
        return Content(votes=tuple(_vote(values, at) for values, at in rows))
    if known == set(headings(QualityRow)):
        return Content(quality=tuple(_quality(values, at) for values, at in rows))
    return None


def _lines(
    lines: Any, names: Sequence[str], whole: Place
) -> Iterator[tuple[dict[str, Any], Place]]:
    """Cells by name; the line is that on which a row begins."""
    begin = lines.line_num + 1
    for cells in lines:
        place = replace(whole, line=begin)
        begin = lines.line_num + 1
        if not cells:
            continue
        if len(cells) != len(names):
            raise place.problem(f"it has {len(cells)} cells, the heading {len(names)}")
        yield dict(zip(names, map(unguarded, cells), strict=True)) | _marked(names, cells), place


def _marked(names: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    """An empty cell is what is not known; where a text may lack, an empty one is a mark alone."""
    return {name: None for name, cell in zip(names, cells, strict=True) if cell == ""}


def _csv_run(values: dict[str, Any], place: Place) -> FileRun:
    values = dict(values)
    extras = {name: values.pop(name, None) for name in RUN_EXTRAS}
    return _named_run(values, extras, place)


def _csv_samples(rows: Sequence[tuple[dict[str, Any], Place]], curves: _Curves) -> Content:
    for values, place in rows:
        uid = typed("str", values["run_uid"], place.at("run_uid"))
        step = typed("float | None", values.get("step_seconds"), place.at("step_seconds"))
        curves.steps[uid] = step or 0.0
        cells = [values[name] for name in SAMPLE_COLUMNS]
        curves.samples.setdefault(uid, []).append(_sample(cells, place))
    return Content()


def _csv_rates(rows: Sequence[tuple[dict[str, Any], Place]], curves: _Curves) -> Content:
    for values, place in rows:
        uid = typed("str", values["run_uid"], place.at("run_uid"))
        cells = [values[name] for name in RATE_COLUMNS]
        curves.rates.setdefault(uid, []).append(_point(cells, place))
    return Content()
