"""What may not stand side by side in a workload, and what may."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.toml_lines import line_of, lines_of_keys
from landfall.core.workload.contradictions import stands
from landfall.core.workload.file import parse
from landfall.core.workload.keys import KEYS
from landfall.core.workload.workload import Task, Workload

TEMPLATE = Path(__file__).parents[3] / "resources" / "workload_template.toml"
HEAD = '[workload]\nname = "A"\ntask = "chat"\n'
HOURS = ", ".join(["100"] * 24)


@pytest.mark.parametrize(
    ("body", "field", "line", "said"),
    [
        (
            "[volume]\nbatch_window_hours = 8\n[latency]\np95_seconds = 1",
            "latency.p95_seconds",
            7,
            "within 1 s",
        ),
        (
            "[today]\nbatch_share = 1.0\n[latency]\np95_seconds = 2",
            "today.batch_share",
            5,
            "in batches",
        ),
        (
            f"[volume]\ncalls_per_day = 10\nhourly_calls = [{HOURS}]",
            "volume.hourly_calls",
            6,
            "2,400 calls a day",
        ),
        (
            f"[volume]\ncalls_per_day = 1e6\nhourly_calls = [{HOURS}]",
            "volume.hourly_calls",
            6,
            "1,000,000",
        ),
        ("[tokens]\ninput = 0\noutput = 0", "tokens.input", 5, "no tokens"),
        ("[tokens]\ninput = 9\ncache_write = 10", "tokens.cache_write", 6, "is 10"),
        (
            "[tokens]\ninput = 9\ncache_write = 9\ncache_write_1h = 9.5",
            "tokens.cache_write_1h",
            7,
            "is 9.5",
        ),
        ('[privacy]\napproved_vendors = ["a"]', "privacy.approved_vendors", 5, "none"),
        ('[privacy]\nclass = "nda"\nregion = "eu"', "privacy.region", 6, "nda"),
    ],
)
def test_that_two_things_at_once_are_refused_at_their_line(
    body: str, field: str, line: int, said: str
) -> None:
    with pytest.raises(BadInput) as caught:
        parse(HEAD + body)
    assert (caught.value.field, caught.value.line) == (field, line)
    assert said in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "body",
    [
        "[volume]\nbatch_window_hours = 8\n[latency]\np95_seconds = 20",
        "[today]\nbatch_share = 0.9\n[latency]\np95_seconds = 1",
        "[tokens]\ninput = 4000\noutput = 200\ncontext_p99 = 4096",
        "[tokens]\ninput = 9\ncached_input = 1\noutput = 0",
        "[tokens]\ninput = 9\ncache_write = 9\ncache_write_1h = 9",
        "[tokens]\ncache_write_1h = 9",
        f"[volume]\ncalls_per_day = 2000\nhourly_calls = [{HOURS}]",
        f"[volume]\nhourly_calls = [{HOURS}]",
        "[volume]\nhistory_days = 90",
        '[privacy]\nclass = "region"\nregion = "eu"',
    ],
)
def test_that_what_is_only_missing_or_unusual_is_decided(body: str) -> None:
    assert stands(parse(HEAD + body))


def test_that_an_empty_workload_contradicts_nothing() -> None:
    assert stands(Workload(name="A", task=Task.EMBEDDING))


# Any slip --------------------------------------------------------------------------------------

_SCALARS: tuple[Any, ...] = (
    0, -1, 1, 10**15, -(10**15), 10**400, 0.5, 1e300, "nan", "inf", "-inf", True, False, '""',
    '"yes"', '"900"', "[]", "[1, 2]", '["a"]', "{}", "{ a = 1 }", "2026-11-26", "12:00:00",
    '[[1], ["a"]]', "[{ name = 1 }]", '"\\u0007"', f'"{"x" * 600}"',
)  # fmt: skip
_PATHS = (
    *(key.path for key in KEYS),
    "schema", "steps", "candidates.hosted", "quality.pairs", "quality.pairs_hosted", "workload",
    "quotes", "quotes.buy", "nonsense", "tokens.nonsense", "steps.name", "volume.calls.per_day",
)  # fmt: skip


def _written(value: Any) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except ValueError:
        return False
    return True


def refusal(text: str) -> BadInput | None:
    """What the reader says against a text, or None."""
    try:
        parse(text)
    except BadInput as error:
        return error
    return None


@given(st.dictionaries(st.sampled_from(_PATHS), st.sampled_from(_SCALARS), min_size=1, max_size=4))
def test_that_a_wrong_value_is_bad_input_at_its_key_and_line(slips: dict[str, Any]) -> None:
    """Dotted keys at the top level, so that any combination of slips can be written down."""
    told = {"workload.name": '"A"', "workload.task": '"chat"', **slips}
    text = "".join(f"{path} = {_written(value)}\n" for path, value in told.items())
    assume(_is_toml(text))
    error = refusal(text)
    event("refused" if error else "read")
    if error is not None:
        assert error.field
        assert error.message
        assert error.line == line_of(error.field, lines_of_keys(text))
        assert error.field not in told or error.line == list(told).index(error.field) + 1


@given(st.data())
def test_that_a_damaged_file_is_read_or_refused_with_a_line(data: st.DataObject) -> None:
    whole = TEMPLATE.read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    put = data.draw(st.text(st.sampled_from('[]{}"=.,#\n 0123456789-einfatruxyz'), max_size=12))
    text = whole[:start] + put + whole[end:]
    error = refusal(text)
    event("refused" if error else "read")
    if error is not None:
        needed = error.field in ("workload.name", "workload.task")
        assert needed or error.line is not None
        assert error.line is None or 1 <= error.line <= text.count("\n") + 1
