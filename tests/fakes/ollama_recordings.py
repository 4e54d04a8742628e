"""Exchanges with real servers, recorded, and how an answer is held against them.

What differs from run to run (times, digests, sizes of buffers, ids) is left out of the comparison;
what was cut from a recording ("<N more>", a `_note`) ends it there.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.fakes.http_wire import Cut, Reply

FILE = Path(__file__).parents[1] / "data" / "ollama_recordings.jsonl"
OLD = "0.24.0"
NEW = "0.32.15"


@dataclass(frozen=True, slots=True)
class Recording:
    """One exchange. `status` is None where the connection broke before any answer."""

    number: int
    raw: Mapping[str, Any]

    @property
    def label(self) -> str:
        return str(self.raw["label"])

    @property
    def version(self) -> str:
        return str(self.raw.get("version", OLD))

    @property
    def id(self) -> str:
        return f"{self.number:03d} {self.version} {self.label}"

    @property
    def method(self) -> str:
        return str(self.raw["request"]["method"])

    @property
    def path(self) -> str:
        return str(self.raw["request"]["path"])

    @property
    def request_headers(self) -> dict[str, str]:
        return dict(self.raw["request"].get("headers", {}))

    @property
    def request_body(self) -> bytes:
        request = self.raw["request"]
        if "body" in request:
            return json.dumps(request["body"]).encode()
        return str(request.get("raw", "")).encode()

    @property
    def status(self) -> int | None:
        return self.raw.get("status")

    @property
    def lines(self) -> list[Any]:
        """The lines of a stream, without remarks on what was left out."""
        return [line for _, line in self.raw.get("stream", ()) if not _is_note(line)]

    @property
    def gap_at(self) -> int | None:
        """Where lines were left out, or None."""
        lines = [line for _, line in self.raw.get("stream", ())]
        return next((at for at, line in enumerate(lines) if _is_note(line)), None)

    @property
    def breaks(self) -> bool:
        """Whether the connection broke in the answer."""
        return "stream_error" in self.raw or "client_error" in self.raw

    @property
    def left_by_client(self) -> bool:
        return bool(self.raw.get("cancelled_by_client"))


def _is_note(line: Any) -> bool:
    return isinstance(line, dict) and set(line) == {"_note"}


@cache
def recordings() -> tuple[Recording, ...]:
    """All of them, in order; the first line of the file is a description."""
    with FILE.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return tuple(
        Recording(number, row) for number, row in enumerate(rows) if row["label"] != "_about"
    )


_OLD_ONLY = {"good origin", "create tiny-think", "tags with remote stub"}
"""Recorded of 0.24 alone, and told by other recordings to be otherwise in 0.32."""


def for_version(version: str) -> Iterator[Recording]:
    """What a server of this version answered; 0.32 answers like 0.24 unless recorded otherwise."""
    if version == NEW:
        yield from (r for r in recordings() if r.version == NEW)
        newer = {r.label for r in recordings() if r.version == NEW} | _OLD_ONLY
        yield from (r for r in recordings() if r.version == OLD and r.label not in newer)
    else:
        yield from (r for r in recordings() if r.version == OLD)


def find(
    version: str, method: str, path: str, body: bytes, headers: Mapping[str, str]
) -> Recording | None:
    """The exchange in which a real server got this request."""
    wanted = _comparable(body)
    for recording in for_version(version):
        asked = {key.lower(): value for key, value in recording.request_headers.items()}
        if (
            (recording.method, recording.path) == (method, path)
            and _comparable(recording.request_body) == wanted
            and all(headers.get(key) == value for key, value in asked.items())
        ):
            return recording
    return None


def _comparable(body: bytes) -> Any:
    try:
        return json.loads(body)
    except json.JSONDecodeError:
        return body


def reply_of(recording: Recording) -> Reply:
    """The recorded answer, ready to be sent again."""
    headers = {
        key: value
        for key, value in recording.raw.get("headers", {}).items()
        if key not in ("Transfer-Encoding", "Content-Length")
    }
    if recording.status is None:
        raise Cut
    if "stream" in recording.raw:
        return Reply(recording.status, headers, lines=_lines(recording))
    if "body" in recording.raw:
        body = json.dumps(recording.raw["body"], ensure_ascii=False).encode()
    else:
        body = str(recording.raw.get("body_text", "")).encode()
    return Reply(recording.status, headers, body)


async def _lines(recording: Recording) -> AsyncGenerator[bytes, None]:
    for line in recording.lines:
        if isinstance(line, str):
            yield line.encode() + b"\n\n"  # events of /v1 are separated by empty lines
        else:
            yield json.dumps(line, ensure_ascii=False).encode() + b"\n"
    if recording.breaks:
        raise Cut


# Comparing

_VOLATILE = frozenset(
    [
        "created_at",
        "modified_at",
        "expires_at",
        "total_duration",
        "load_duration",
        "prompt_eval_duration",
        "eval_duration",
        "digest",
        "size",
        "created",
        "context",
        "request_id",
        "id",
        "prompt_eval_count",
        "modelfile",
        "system_fingerprint",
    ]
)
"""Keys whose values differ from run to run, or count what the twin does not have."""

_SHA = re.compile(r"(sha256[:-])?[0-9a-f]{64}|\b[0-9a-f]{12}\b")
_LAYER = re.compile(r"(creating new|using existing) layer")
_MORE = re.compile(r"<\d+ more>")
_CUT_TEXT = re.compile(r"<\d+ characters left out>.*", re.DOTALL)


def differences(actual: Any, recorded: Any, at: str = "") -> list[str]:
    """Where an answer differs from the recorded one in what a client may rely on."""
    match recorded:
        case dict() if isinstance(actual, dict):
            return _dict_differences(actual, recorded, at)
        case list() if isinstance(actual, list):
            return _list_differences(actual, recorded, at)
        case str() if isinstance(actual, str):
            want, have = _without_hashes(recorded), _without_hashes(actual)
            cut = _CUT_TEXT.search(want)
            same = have.startswith(want[: cut.start()]) if cut else have == want
            return [] if same else [f"{at}: {actual!r} instead of {recorded!r}"]
        case _:
            return [] if actual == recorded else [f"{at}: {actual!r} instead of {recorded!r}"]


def _without_hashes(text: str) -> str:
    """Texts without digests; whether a layer was there before depends on what came before."""
    return _LAYER.sub("a layer", _SHA.sub("<sha>", text))


def _dict_differences(actual: dict[str, Any], recorded: dict[str, Any], at: str) -> list[str]:
    found = [f"{at}.{key} is missing" for key in recorded.keys() - actual.keys()]
    found += [f"{at}.{key} is too much" for key in actual.keys() - recorded.keys()]
    for key in recorded.keys() & actual.keys():
        if key in _VOLATILE:
            if type(actual[key]) is not type(recorded[key]):
                found.append(f"{at}.{key} is of another type: {actual[key]!r}")
        else:
            found += differences(actual[key], recorded[key], f"{at}.{key}")
    return found


def _list_differences(actual: list[Any], recorded: list[Any], at: str) -> list[str]:
    cut = bool(recorded) and isinstance(recorded[-1], str) and bool(_MORE.fullmatch(recorded[-1]))
    known = recorded[:-1] if cut else recorded
    if len(actual) < len(known) or (not cut and len(actual) != len(known)):
        return [f"{at}: {len(actual)} entries instead of {len(recorded)}"]
    return [
        difference
        for number, (have, want) in enumerate(zip(actual, known, strict=False))
        for difference in differences(have, want, f"{at}[{number}]")
    ]
