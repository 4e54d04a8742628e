"""Each text that a server is known to say, and what it means."""

from __future__ import annotations

import json

import pytest

from landfall.core.errors import (
    AppError,
    BadInput,
    DiskFull,
    Interrupted,
    ModelNotFound,
    NetworkUnavailable,
    OutOfMemory,
    PrivacyBlocked,
    ServerBusy,
    ServerRefused,
)
from landfall.services.ollama.errors import refusal, unwrap

NESTED = json.dumps(
    {"error": {"code": 400, "message": "request (18906 tokens) exceeds the available context size"}}
)

TEXTS = [
    ("model requires more system memory (52.8 GiB) than is available (21.0 GiB)", OutOfMemory),
    (
        "llama-server process has terminated: exit status 1: cudaMalloc failed: out of mem",
        OutOfMemory,
    ),
    ("llama-server reported out-of-memory during startup: Out Of Memory", OutOfMemory),
    ("memory layout cannot be allocated with num_gpu = 99", OutOfMemory),
    ("failed to allocate memory for model", OutOfMemory),
    ("write /m/blobs/sha256-ab-partial: no space left on device", DiskFull),
    ("write C:\\m: There is not enough space on the disk.", DiskFull),
    ("ollama cloud is disabled: remote model is unavailable", PrivacyBlocked),
    ('use either :local or :cloud, not both: "x"', PrivacyBlocked),
    ("model 'nope:latest' not found", ModelNotFound),
    ('model "nope" not found, try pulling it first', ModelNotFound),
    ("pull model manifest: file does not exist", ModelNotFound),
    ("invalid model name", BadInput),
    ('name "bad name" is invalid', BadInput),
    ("model is required", BadInput),
    (
        'pull model manifest: Get "https://r/v2/": dial tcp: lookup r: no such host',
        NetworkUnavailable,
    ),
    ('pull model manifest: Get "http://r/v2/": dial tcp: connection refused', NetworkUnavailable),
    ("max retries exceeded: EOF", NetworkUnavailable),
    ('pull model manifest: realm host "" does not match original host "a"', ServerRefused),
    ("pull model manifest: 412: newer", ServerRefused),
    ("http: no Location header in response", ServerRefused),
    ("digest mismatch, file must be downloaded again: want sha256:a, got sha256:b", Interrupted),
    ("http: server gave HTTP response to HTTPS client", ServerRefused),
    ("unexpected EOF", Interrupted),
    ("context canceled", Interrupted),
    ("an error was encountered while running the model: unexpected EOF", Interrupted),
    ("llama-server process has terminated: signal: killed", Interrupted),
    ("llama-server process has terminated: exit status 1", ServerRefused),
    ("server busy, please try again.  maximum pending requests exceeded", ServerBusy),
    ("error starting llama-server: llama-server binary not found (checked: x)", ServerRefused),
    (NESTED, ServerRefused),
]


@pytest.mark.parametrize(("text", "kind"), TEXTS)
def test_that_a_known_text_is_of_its_kind_and_has_a_next_step(
    text: str, kind: type[AppError]
) -> None:
    error = refusal(text, status=500)
    assert type(error) is kind
    assert error.hint
    assert error.message.endswith((".", "!", "?"))


def test_that_an_unknown_text_is_passed_on_as_it_is() -> None:
    error = refusal("something new", status=418)
    assert isinstance(error, ServerRefused)
    assert error.message == "Something new."
    assert error.status == 418


def test_that_the_sentence_inside_a_nested_error_is_found() -> None:
    assert unwrap(NESTED).startswith("request (18906 tokens)")
    assert unwrap(json.dumps({"error": NESTED})).startswith("request (18906 tokens)")
    assert unwrap("{not json") == "{not json"
    assert unwrap('{"other": 1}') == '{"other": 1}'
    assert unwrap(" plain ") == "plain"


def test_that_a_missing_model_is_named_in_the_hint_without_its_mark() -> None:
    hint = refusal("model 'qwen3:8b:local' not found", status=404).hint
    assert "landfall pull qwen3:8b`" in hint


def test_that_silence_with_a_403_names_the_guard() -> None:
    error = refusal("", status=403, host="http://box:11434")
    assert "host name or origin" in error.message
    assert "OLLAMA_ORIGINS" in error.hint
    assert "status 500" in refusal("", status=500, host="http://box").message


@pytest.mark.parametrize(
    ("status", "code"), [(502, 3), (503, 3), (504, 3), (500, 1), (501, 1), (418, 1)]
)
def test_that_a_server_that_cannot_answer_now_is_not_there_and_no_no(
    status: int, code: int
) -> None:
    error = refusal("", status=status, host="http://box")
    assert (error.exit_code, isinstance(error, ServerRefused)) == (code, True)
