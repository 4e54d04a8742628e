"""Hostile files of usage: a reader tells what is wrong and invents nothing.

Whatever a file holds, its reader yields rows and problems or refuses it with `BadInput`; a row
comes of a line that is there, its counts and times are possible, and no text of a message is in it.
"""

from __future__ import annotations

import gzip
import json
import math
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.usage.rows import CostRow, Problem, UsageRow
from landfall.services.usage_files import FORMATS, ColumnMapping, cells, open_usage
from landfall.services.usage_files.mapping import MEANINGS
from tests.services.usage_files.test_formats import FILES

SETTINGS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NUMBERS = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
    "requests",
)
ODD = st.sampled_from(
    [
        "",
        "nan",
        "inf",
        "-1",
        "1e400",
        "9" * 50,
        "1_0",
        "\ud800".encode("utf-8", "replace").decode(),
        "\x00",
        '"',
        "'",
        ",",
        ";",
        "\t",
        "\r",
        "\n",
        "\u2028",
        "≤ 200k",
        "01/02/2026",
        "2026-13-45",
        "{",
        "}",
        "[",
        "]",
        "null",
        "true",
        "\\ud800",
        "NaN",
        "Infinity",
        "1" * 5000,
        "{" * 2000,
    ]
)


def check(path: Path, **how: object) -> int:
    """Read a file to its end; how many rows came of it."""
    try:
        file = open_usage(path, **how)  # type: ignore[arg-type]
    except BadInput:
        return 0
    rows = 0
    with file:
        assert file.format in FORMATS
        for read in file:
            rows += not isinstance(read, Problem)
            possible(read)
        assert file.bytes_read <= file.total_bytes
        assert file.rows_read >= rows
        assert file.problems >= 0
    return rows


def possible(read: UsageRow | CostRow | Problem) -> None:
    assert "secret" not in repr(read)
    if isinstance(read, Problem):
        assert read.reason
        assert len(read.reason) < 200
        return
    at = datetime.fromisoformat(read.at)
    assert read.at.endswith("+00:00")
    assert at.year in cells.YEARS
    assert read.span_seconds >= 0
    if isinstance(read, CostRow):
        assert math.isfinite(read.billed_usd)
    else:
        for name in NUMBERS:
            count = getattr(read, name)
            assert count is None or 0 <= count <= 10 * cells.MOST_COUNT
        for name in ("billed_usd", "latency_seconds", "ttft_seconds"):
            amount = getattr(read, name)
            assert amount is None or (math.isfinite(amount) and amount >= 0)
    texts = [getattr(read, name) for name in ("model", "provider", "project", "key_name")]
    for text in texts:
        assert text.encode().decode() == text
        assert len(text) <= cells.LONGEST_NAME
        assert text.isprintable()


@SETTINGS
@given(content=st.binary(max_size=400))
def test_that_any_bytes_are_refused_or_read(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    check(path)


@pytest.mark.parametrize("name", FILES)
@SETTINGS
@given(data=st.data())
def test_that_a_spoilt_file_raises_nothing_and_invents_nothing(
    name: str, data: st.DataObject, tmp_path: Path
) -> None:
    text = FILES[name]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.sampled_from([0, 0, 1, 3, 40]))
        text = text[:at] + data.draw(ODD) + text[at + cut :]
    if data.draw(st.booleans()):
        text = text[: data.draw(st.integers(0, len(text)))]
    content = text.encode("utf-8", "replace")
    if data.draw(st.sampled_from([False, False, False, True])):
        content = gzip.compress(content)[: data.draw(st.integers(20, 4000))]
    path = tmp_path / "file"
    path.write_bytes(content)
    # A header, a list and a sequence of spans may be cut to look like two lines at most.
    assert check(path) <= FILES[name].count("\n") + text.count("\n") + 5


@pytest.mark.parametrize("name", FILES)
@SETTINGS
@given(data=st.data())
def test_that_odd_values_in_whole_records_raise_nothing(
    name: str, data: st.DataObject, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    text = FILES[name]
    odd = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.lists(st.integers(), max_size=2),
        st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
        st.integers(min_value=10**20, max_value=10**22),
    )
    if text[:1] in "{[":
        spoilt = _changed(json.loads(text), data, odd)
        path.write_text(json.dumps(spoilt), encoding="utf-8", errors="surrogatepass")
    else:
        head, *rows = text.splitlines()
        parts = rows[0].split(",")
        parts[data.draw(st.integers(0, len(parts) - 1))] = str(data.draw(odd))
        path.write_text("\n".join([head, ",".join(parts), *rows[1:]]), errors="replace")
    check(path, format=name)


def _changed(value: object, data: st.DataObject, odd: st.SearchStrategy[object]) -> object:
    """The same JSON with one value anywhere in it replaced."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 5)):
        key = data.draw(st.sampled_from(sorted(value)))
        return {**value, key: _changed(value[key], data, odd)}
    if isinstance(value, list) and value:
        return [_changed(value[0], data, odd), *value[1:]]
    return data.draw(odd)


@SETTINGS
@given(
    columns=st.dictionaries(st.sampled_from(MEANINGS), st.sampled_from("abcdef"), max_size=6),
    cells_=st.lists(st.lists(ODD, min_size=6, max_size=6), max_size=4),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "+05:30", "??", "-99:99"]),
)
def test_that_any_mapping_on_any_cells_raises_nothing_else(
    columns: dict[str, str], cells_: list[list[str]], zone: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    rows = [";".join(row).replace("\x00", "") for row in cells_]
    path.write_text("\n".join(["a;b;c;d;e;f", *rows]), encoding="utf-8", errors="replace")
    check(path, mapping=ColumnMapping(columns=columns, time_zone=zone))
