"""Every recorded exchange with a real server is a test of the protocol twin."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.fakes.ollama_recorded_world import prepare
from tests.fakes.ollama_recordings import NEW, OLD, Recording, differences, for_version
from tests.fakes.ollama_twin import Twin
from tests.fakes.raw_http import RawAnswer, exchange
from tests.fakes.tiny_models import TinyModel

CASES = [
    pytest.param(version, recording, id=f"{version}-{recording.number}-{recording.label}")
    for version in (OLD, NEW)
    for recording in for_version(version)
]


@pytest.mark.parametrize(("version", "recording"), CASES)
async def test_that_the_twin_answers_as_the_real_server_did(
    version: str, recording: Recording, tmp_path: Path, tiny: Mapping[str, TinyModel]
) -> None:
    twin = Twin(tmp_path, version=version)
    prepare(twin, recording, tiny)
    async with twin:
        method, path, body = recording.method, recording.path, recording.request_body
        if body.startswith(b"<") and path.startswith("/api/blobs/") and recording.status == 201:
            body = b"an upload of our own"
            path = "/api/blobs/sha256:" + hashlib.sha256(body).hexdigest()
        answer = await exchange(
            twin.server.port, method, path, body=body, headers=recording.request_headers
        )
        await asyncio.sleep(0)
    assert found_differences(answer, recording) == []


def found_differences(answer: RawAnswer, recording: Recording) -> list[str]:
    if recording.status != answer.status:
        return [f"status {answer.status}: {answer.body[:300]!r}"]
    if recording.status is None:
        return []
    content_type = recording.raw["headers"].get("Content-Type")
    found = []
    if content_type != answer.headers.get("content-type"):
        found.append(f"content type {answer.headers.get('content-type')}, not {content_type}")
    if "stream" in recording.raw:
        return found + _stream_differences(answer, recording)
    if "body" in recording.raw:
        return found + differences(json.loads(answer.body), recording.raw["body"])
    if answer.body.decode() != recording.raw.get("body_text", ""):
        found.append(f"body {answer.body!r}")
    return found


def _stream_differences(answer: RawAnswer, recording: Recording) -> list[str]:
    lines, wanted = answer.lines(), recording.lines
    found = [] if answer.chunked or not wanted else ["the stream is not chunked"]
    if answer.whole == recording.breaks:
        found.append("the connection broke" if recording.breaks is False else "it did not break")
    if recording.gap_at is None and not recording.left_by_client:
        return found + differences(lines, wanted)
    # Of a stream with a gap, or one that the client left, the beginning and the end are compared.
    begin = recording.gap_at or len(wanted)
    return found + differences(lines[:begin], wanted[:begin])
