"""Every parser at its seeds, at a few hostile inputs, and at each input that once ended wrongly."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import scratch
from tests.fuzz.hunt import Hunt
from tests.fuzz.parsers import PARSERS
from tests.fuzz.spoiling import respelt, spoilt

DEEP = b"[" * 5000
OK_LINES, OK_JSON, OK_EVENTS = bytes((0, 0, 0)), bytes((0, 1, 0)), bytes((0, 2, 0))


def _event(*values: object) -> bytes:
    return OK_EVENTS + b"".join(b"data: %s\n\n" % json.dumps(one).encode() for one in values)


FOUND = {
    "an event nested without end, from OpenAI": ("openai stream", OK_EVENTS + b"data: " + DEEP),
    "an event nested without end, from Anthropic": (
        "anthropic stream",
        OK_EVENTS + b"data: " + DEEP,
    ),
    "a list of models nested without end": ("openai stream", OK_JSON + DEEP),
    "usage nested without end": ("usage interface", OK_JSON + DEEP),
    "a model that retires after all calendars": (
        "openai stream",
        OK_JSON + json.dumps({"data": [{"id": "m", "shutdown_date": 10**15 - 1}]}).encode(),
    ),
    "half a sign in the name of an account": (
        "usage interface",
        OK_JSON + json.dumps({"accounts": [{"name": "accounts/\ud800"}]}).encode(),
    ),
    "half a sign in an answer": (
        "openai stream",
        _event({"choices": [{"delta": {"content": "\ud83d"}}]}),
    ),
    "a message that is no object": (
        "ollama answer",
        OK_LINES + b'{"message": "x", "done": true}\n',
    ),
    "a count that no float holds": (
        "ollama answer",
        OK_LINES + json.dumps({"done": True, "eval_duration": 10**400}).encode(),
    ),
    "an error inside an error nested without end": (
        "ollama answer",
        OK_LINES + json.dumps({"error": '{"error": ' * 3000}).encode(),
    ),
    "a size in words": (
        "ollama pull",
        OK_LINES + b'{"digest": "a", "total": "many", "completed": [1]}\n{"status": "success"}\n',
    ),
    "a size below nothing": (
        "ollama pull",
        OK_LINES + b'{"digest": "a", "total": -5, "completed": -1}\n{"status": "success"}\n',
    ),
    "abilities that are no texts": (
        "ollama state",
        OK_JSON + b'{"models": [{"name": "a", "details": [], "capabilities": [{}]}]}',
    ),
    "a recorded call nested without end": ("call trace", b'{"time": 1}\n{"time": ' + DEEP),
    "prices fetched before all calendars": (
        "prices",
        b'{"schema": 1, "fetched_at": "0001-01-01T00:00:00+14:00", "providers": []}',
    ),
    "a day of usage before all calendars": (
        "usage interface",
        OK_JSON + b'{"data": [{"date": "0001-01-01T00:00:00+14:00"}]}',
    ),
    "tokens that no float holds": (
        "usage file",
        json.dumps(
            {
                "request_id": "r",
                "call_type": "acompletion",
                "startTime": "2026-01-01T00:00:00Z",
                "model": "m",
                "spend": 10**400,
                "prompt_tokens": 10**400,
                "completion_tokens": 1,
                "request_duration_ms": 10**400,
            }
        ).encode(),
    ),
    "a time that no float holds": (
        "usage file",
        json.dumps(
            {
                "request_id": "r",
                "call_type": "acompletion",
                "startTime": 10**400,
                "model": "m",
                "spend": 0.1,
                "prompt_tokens": 1,
                "completion_tokens": 1,
            }
        ).encode(),
    ),
    "a workload nested without end": ("workload", b"name = " + DEEP),
    "the origin of a value with a day that is none": (
        "workload",
        b'[workload]\nname = "a"  # from somewhere: 2026-02-30\n',
    ),
}


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.CRITICAL):
        yield
    scratch.forget_files()


def ends_well(name: str, data: bytes, folder: Path) -> None:
    hunt = Hunt(name, PARSERS[name].read, folder)
    hunt(data)
    assert hunt.kinds == set()


@pytest.mark.parametrize(("name", "data"), FOUND.values(), ids=FOUND)
def test_that_what_once_ended_wrongly_ends_well(name: str, data: bytes, tmp_path: Path) -> None:
    ends_well(name, data, tmp_path)


@pytest.mark.parametrize("name", PARSERS)
def test_that_each_parser_reads_its_seeds(name: str, tmp_path: Path) -> None:
    seeds = list(PARSERS[name].seeds())
    assert seeds
    for data in seeds:
        ends_well(name, data, tmp_path)


@pytest.mark.parametrize("name", [name for name, one in PARSERS.items() if not one.is_slow])
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_that_a_spoilt_input_ends_with_a_value_or_a_known_error(
    name: str, data: st.DataObject, tmp_path: Path
) -> None:
    seeds = [one for one in PARSERS[name].seeds() if len(one) < 10_000]
    ends_well(name, data.draw(st.one_of(spoilt(seeds), respelt(seeds))), tmp_path)


def test_that_a_fault_is_found_and_its_input_kept_once(tmp_path: Path) -> None:
    def read(data: bytes) -> None:
        if data == b"bad":
            raise KeyError(data)

    hunt = Hunt("a parser", read, tmp_path)
    for data in (b"good", b"bad", b"bad"):
        hunt(data)
    assert hunt.runs == 3
    assert [one.read_bytes() for one in tmp_path.glob("*.input")] == [b"bad"]
    assert "KeyError" in next(tmp_path.glob("*.txt")).read_text(encoding="utf-8")
