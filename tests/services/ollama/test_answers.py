from __future__ import annotations

from typing import Any

import pytest

from landfall.core.errors import OllamaUnavailable, ServerBusy
from landfall.core.fit.ollama_memory import version_of
from landfall.services.ollama.answers import as_object, check
from landfall.services.ollama.floors import version_number
from landfall.services.ollama.generation import counters


def read(content: bytes) -> dict[str, Any]:
    return as_object(content, "application/json", url="http://127.0.0.1:1")


@pytest.mark.parametrize(
    "value", [b"NaN", b"-Infinity", b"1e400", b"9" * 5000, b"[" * 50_000, b"", b"<html>"]
)
def test_that_what_no_program_can_reckon_with_is_no_answer(value: bytes) -> None:
    with pytest.raises(OllamaUnavailable, match="not JSON"):
        read(b'{"size": ' + value + b"}")


def test_that_half_a_surrogate_pair_becomes_a_question_mark_and_a_whole_one_stays() -> None:
    said = read(rb'{"models": [{"name": "a\ud800"}, "\ud83d\ude00"], "\udc00": 1.5}')
    assert said == {"models": [{"name": "a?"}, "\U0001f600"], "?": 1.5}


def test_that_counts_that_are_none_are_left_out() -> None:
    line = {"eval_count": "x", "eval_duration": -1, "prompt_eval_count": 3, "total_duration": 2e9}
    found = counters(line)
    assert (found.output_tokens, found.output_seconds, found.total_seconds) == (None, None, None)
    assert found.prompt_tokens == 3


def test_that_a_version_of_thousands_of_digits_is_none() -> None:
    assert version_of("9" * 100_000) is None
    assert version_number("0." + "9" * 100_000 + ".1") is None
    assert (version_of("0.32.15-rc1"), version_number("v0.24.0")) == ((0, 32, 15), (0, 24, 0))


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("Service Unavailable", "Service Unavailable."),
        ("no healthy upstream", "No healthy upstream."),
        ("<html><head><title>502 Bad Gateway</title></head></html>", "said nothing"),
        ('{"error": "upstream is away"}', "Upstream is away."),
    ],
)
def test_that_a_gateway_that_cannot_reach_its_server_is_busy_whatever_it_sends(
    status: int, body: str, told: str
) -> None:
    headers = {"content-type": "text/html" if body.startswith("<") else "text/plain"}
    with pytest.raises(ServerBusy) as caught:
        check(status, headers, body, url="http://box:11434", path="/api/chat")
    assert told in caught.value.message
    assert "<" not in caught.value.message
    assert caught.value.hint
