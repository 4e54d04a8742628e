"""What may listen at an address, and that a question to it has an end."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from landfall.core.hosts.hosts import HostState
from landfall.services import http_reply
from landfall.services.hosts.line import HostProblem, Line
from landfall.services.keys.secret import Secret
from tests.fakes import odd_listeners as odd
from tests.fakes.http_wire import Reply, Request, WireServer, json_reply
from tests.fakes.odd_listeners import HEAD, Talk, listening, saying

QUICK = 0.3


@asynccontextmanager
async def to(talk: Talk, scheme: str = "http") -> AsyncIterator[Line]:
    async with listening(talk) as port:
        line = Line(
            f"{scheme}://127.0.0.1:{port}",
            ["127.0.0.1"],
            connect_seconds=1.0,
            answer_seconds=QUICK,
        )
        try:
            yield line
        finally:
            await line.aclose()


async def problem(talk: Talk, scheme: str = "http") -> HostProblem:
    begun = time.monotonic()
    async with to(talk, scheme) as line:
        with pytest.raises(HostProblem) as caught:
            await line.json("GET", "/api/version")
    assert time.monotonic() - begun < 5
    return caught.value


@pytest.mark.parametrize(
    ("talk", "state", "words"),
    [
        (odd.silent, HostState.GONE, "has not answered within 0.3 s"),
        (odd.dripping, HostState.GONE, "has not answered within 0.3 s"),
        (odd.hanging_up, HostState.SOMETHING_ELSE, "hangs up"),
        (odd.banner, HostState.SOMETHING_ELSE, "“SSH-2.0-OpenSSH_9.6·” instead of HTTP"),
        (odd.endless_head, HostState.SOMETHING_ELSE, "the head of its answer has no end"),
        (odd.endless_line, HostState.SOMETHING_ELSE, "a line of its answer has no end"),
        (saying(b"HTTP/2 200\r\n\r\n"), HostState.SOMETHING_ELSE, "instead of HTTP"),
        (saying(b"\x10\x02"), HostState.SOMETHING_ELSE, "hangs up"),
        (
            saying(HEAD + b"Content-Length: 999999999999\r\n\r\n"),
            HostState.SOMETHING_ELSE,
            "longer than any list",
        ),
        (
            saying(HEAD + b"Content-Length: -1\r\n\r\n"),
            HostState.SOMETHING_ELSE,
            "does not say how long",
        ),
        (
            saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\nhello\r\n"),
            HostState.SOMETHING_ELSE,
            "cannot be put together",
        ),
        (
            saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n"),
            HostState.SOMETHING_ELSE,
            "cannot be put together",
        ),
        (
            saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1_0\r\n"),
            HostState.SOMETHING_ELSE,
            "cannot be put together",
        ),
        (
            # More digits than Python reads as a number.
            saying(HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n"),
            HostState.SOMETHING_ELSE,
            "longer than any list",
        ),
        (
            saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n"),
            HostState.SOMETHING_ELSE,
            "no end",
        ),
        (saying(HEAD + b"Content-Length: 90\r\n\r\n{"), HostState.SOMETHING_ELSE, "hangs up"),
        (saying(HEAD + b"\r\n[1, 2]"), HostState.SOMETHING_ELSE, "no JSON object"),
        (saying(HEAD + b"\r\n{"), HostState.SOMETHING_ELSE, "not JSON"),
        (
            saying(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>"),
            HostState.SOMETHING_ELSE,
            "it sent a web page",
        ),
        (
            saying(b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<html>"),
            HostState.SOMETHING_ELSE,
            "it sent a web page (status 404)",
        ),
        (
            saying(b"HTTP/1.1 302 Found\r\nLocation: https://login.example/\x1b[2J\r\n\r\n"),
            HostState.SOMETHING_ELSE,
            "redirects to “https://login.example/·[2J”, where nothing was sent",
        ),
        (saying(b"HTTP/1.1 301 Moved\r\n\r\n"), HostState.SOMETHING_ELSE, "another address"),
        (
            saying(
                b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
            ),
            HostState.SOMETHING_ELSE,
            "it speaks https",
        ),
        (
            saying(b"HTTP/1.1 502 Bad Gateway\r\n\r\n<html>"),
            HostState.GONE,
            "answers with status 502",
        ),
        (saying(b"HTTP/1.1 401 No\r\n\r\n"), HostState.REFUSED, "asks for a token (status 401)"),
        (saying(b"HTTP/1.1 403 No\r\n\r\nno"), HostState.REFUSED, "asks for a token (status 403)"),
        (saying(b"HTTP/1.1 403 No\r\n\r\n"), HostState.REFUSED, "refuses to be called so"),
    ],
)
async def test_that_what_listens_is_told_for_what_it_is(
    talk: Talk, state: HostState, words: str
) -> None:
    found = await problem(talk)
    assert found.state is state
    assert words in found.message
    assert found.hint


@pytest.mark.parametrize("talk", [odd.endless, odd.endless_chunks])
async def test_that_a_body_without_an_end_is_left(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_reply, "MOST_BYTES", 1 << 18)
    assert "no end" in (await problem(talk)).message


async def test_that_plain_http_is_no_https() -> None:
    found = await problem(saying(b"HTTP/1.1 200 OK\r\n\r\n{}"), "https")
    assert found.state in (HostState.SOMETHING_ELSE, HostState.GONE)
    assert "https" in found.message


async def test_that_a_closed_port_is_gone() -> None:
    async with listening(odd.silent) as port:
        pass
    with pytest.raises(HostProblem, match="nobody listens on its port") as caught:
        await Line(f"http://127.0.0.1:{port}", ["127.0.0.1"]).json("GET", "/")
    assert caught.value.state is HostState.GONE


async def test_that_the_next_address_is_tried_where_nobody_listens_at_the_first() -> None:
    async with WireServer(answer_version) as server:
        line = Line(f"http://localhost:{server.port}", ["127.0.0.2", "127.0.0.1"])
        assert (await line.json("GET", "/api/version"))["version"] == "1.2.3"
        await line.aclose()


async def answer_version(_request: Request) -> Reply:
    return json_reply({"version": "1.2.3"})


async def test_that_one_connection_serves_all_questions_and_their_times_are_kept() -> None:
    async with WireServer(answer_version) as server:
        line = Line(server.url, ["127.0.0.1"])
        for _ in range(7):
            await line.json("GET", "/api/version")
        assert len(server._writers) == 1
        assert len(line.seconds) == 5
        assert all(0 < seconds < 1 for seconds in line.seconds)
        await line.aclose()


async def test_that_a_server_that_restarted_is_asked_over_a_new_connection() -> None:
    server = WireServer(answer_version)
    await server.start()
    port = server.port
    line = Line(server.url, ["127.0.0.1"])
    assert await line.json("GET", "/api/version")
    await server.stop()
    await server.start(port=port)
    assert (await line.json("GET", "/api/version"))["version"] == "1.2.3"
    await line.aclose()
    await server.stop()


async def test_that_early_hints_and_trailers_are_stepped_over() -> None:
    body = json.dumps({"version": "9"}).encode()
    answer = (
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        + HEAD
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + f"{len(body):x};ext=1\r\n".encode()
        + body
        + b"\r\n0\r\nX-Trailer: y\r\n\r\n"
    )
    async with to(saying(answer)) as line:
        assert (await line.json("GET", "/"))["version"] == "9"


async def test_that_an_empty_failure_is_asked_again_once() -> None:
    answers = [Reply(500), json_reply({"models": []})]

    async def answer(_request: Request) -> Reply:
        return answers.pop(0)

    async with WireServer(answer) as server:
        line = Line(server.url, ["127.0.0.1"])
        assert await line.json("GET", "/api/ps") == {"models": []}
        await line.aclose()


async def test_that_a_large_list_is_read_on_a_thread() -> None:
    models = [{"name": f"m{number}", "digest": "d" * 64} for number in range(4000)]

    async def answer(_request: Request) -> Reply:
        return json_reply({"models": models})

    async with WireServer(answer) as server:
        line = Line(server.url, ["127.0.0.1"])
        assert len((await line.json("GET", "/api/tags"))["models"]) == 4000
        await line.aclose()


async def test_that_the_token_is_shown_with_every_call_but_those_for_strangers() -> None:
    token = Secret("sk-local-PLANTED-0123456789")
    async with WireServer(answer_version) as server:
        line = Line(server.url + "/base path", ["127.0.0.1"], token=token)
        assert line.has_token
        await line.json("GET", "/api/version", headers={"Origin": "https://stranger.invalid"})
        await line.ask("/api/version", bare=True)
        first, second = server.requests
        await line.aclose()
    assert first.path == "/base%20path/api/version"
    assert first.headers["authorization"] == f"Bearer {token.reveal()}"
    assert first.headers["origin"] == "https://stranger.invalid"
    assert "authorization" not in second.headers


async def test_that_a_refused_token_is_said_and_never_repeated() -> None:
    token = Secret("sk-local-PLANTED-0123456789")
    async with listening(saying(b"HTTP/1.1 401 No\r\n\r\n")) as port:
        line = Line(f"http://127.0.0.1:{port}", ["127.0.0.1"], token=token)
        with pytest.raises(HostProblem, match="does not take the token that is stored") as caught:
            await line.json("GET", "/")
    assert token.reveal() not in f"{caught.value}{caught.value!r}"


async def test_that_giving_up_closes_the_connection() -> None:
    left = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read(-1)
        finally:
            left.set()

    async with listening(talk) as port:
        line = Line(f"http://127.0.0.1:{port}", ["127.0.0.1"], answer_seconds=0.1)
        with pytest.raises(HostProblem):
            await line.json("GET", "/")
        await asyncio.wait_for(left.wait(), 2)
