"""One HTTP answer, read from bytes that may be anything."""

from __future__ import annotations

import asyncio
import time

import pytest

from landfall.services import http_reply
from landfall.services.http_reply import (
    MOST_HEADER_BYTES,
    MOST_HEADERS,
    NoHttp,
    Reply,
    quoted,
    read_reply,
)
from landfall.services.keys.secret import Secret

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def sent(data: bytes, *, hung_up: bool = True) -> asyncio.StreamReader:
    """What came over a connection."""
    reader = asyncio.StreamReader(limit=MOST_HEADER_BYTES)
    reader.feed_data(data)
    if hung_up:
        reader.feed_eof()
    return reader


async def whole(data: bytes) -> tuple[Reply, bool]:
    """The answer, and whether the connection takes another question, at an end that is marked."""
    reply, again, _ = await asyncio.wait_for(read_reply(sent(data, hung_up=False)), 5)
    return reply, again


async def refusal(data: bytes) -> str:
    """Why bytes are no answer, as it may be shown."""
    with pytest.raises(NoHttp) as caught:
        await asyncio.wait_for(read_reply(sent(data)), 5)
    return caught.value.told(None)


async def test_that_an_answer_is_read_with_its_head_in_any_case() -> None:
    reply, again = await whole(
        OK + b"Content-TYPE:  text/html; charset=x \r\ncontent-length: 5\r\n\r\nhello"
    )
    assert (reply.status, reply.body, again) == (200, b"hello", True)
    assert reply.headers == {"content-type": "text/html; charset=x", "content-length": "5"}
    assert reply.is_page
    assert not Reply(200, {"content-type": "application/json"}, b"").is_page
    assert not Reply(200, {}, b"<html>").is_page


@pytest.mark.parametrize("line", [b"HTTP/1.1 404\r\n", b"HTTP/1.1 404\n", b"HTTP/1.1 404 No\n"])
async def test_that_a_status_needs_no_reason_and_a_line_no_return(line: bytes) -> None:
    reply, _ = await whole(line + b"Content-Length: 0\n\n")
    assert (reply.status, reply.body) == (404, b"")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b"HTTP/2 200", "HTTP/2 200"),
        (b"HTTP/1.2 200 OK", "HTTP/1.2 200 OK"),
        (b"HTTP/1.1 20", "HTTP/1.1 20"),
        (b"HTTP/1.1 2000", "HTTP/1.1 2000"),
        (b"SSH-2.0-x\x1b[31m", "SSH-2.0-x·[31m"),
        (b" HTTP/1.1 200 OK", " HTTP/1.1 200 OK"),
    ],
)
async def test_that_what_is_no_http_is_quoted(line: bytes, shown: str) -> None:
    assert await refusal(line + b"\r\n\r\n") == f"it says “{shown}” instead of HTTP"


async def test_that_half_a_line_is_quoted_and_nothing_at_all_is_a_broken_connection() -> None:
    assert await refusal(b"HTTP/1.") == "it says “HTTP/1.” and hangs up"
    assert await refusal(OK + b"Conten") == "it says “Conten” and hangs up"
    for nothing in (b"", OK):
        with pytest.raises(asyncio.IncompleteReadError):
            await read_reply(sent(nothing))


@pytest.mark.parametrize("code", [100, 103, 199])
async def test_that_what_comes_before_an_answer_is_not_the_answer(code: int) -> None:
    before = f"HTTP/1.1 {code} Wait\r\nLink: x\r\n\r\n".encode()
    reply, again = await whole(before * 2 + OK + b"Content-Length: 2\r\n\r\nhi")
    assert (reply.status, reply.headers, reply.body, again) == (
        200,
        {"content-length": "2"},
        b"hi",
        True,
    )


@pytest.mark.parametrize("status", [b"204", b"304"])
async def test_that_an_answer_without_a_body_waits_for_none(status: bytes) -> None:
    reply, again = await whole(b"HTTP/1.1 " + status + b" x\r\nContent-Length: 9\r\n\r\n")
    assert (reply.status, reply.body, again) == (int(status), b"", True)


@pytest.mark.parametrize(
    ("head", "again"),
    [
        (b"HTTP/1.1 200 OK\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: Close\r\n", False),
        (b"HTTP/1.0 200 OK\r\n", False),
    ],
)
async def test_that_a_connection_is_used_again_only_where_the_server_keeps_it(
    head: bytes, again: bool
) -> None:
    assert (await whole(head + b"Content-Length: 1\r\n\r\nx"))[1] is again
    assert (await whole(head + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))[1] is again


async def test_that_a_body_without_a_length_ends_as_the_server_hangs_up() -> None:
    body = b"x" * 200_000
    reply, again, _ = await read_reply(sent(OK + b"\r\n" + body))
    assert (reply.body, again) == (body, False)


async def test_that_the_moment_is_that_of_the_head_not_of_the_body() -> None:
    reader = sent(OK + b"Content-Length: 2\r\n\r\n", hung_up=False)
    reading = asyncio.ensure_future(read_reply(reader))
    before = time.perf_counter()
    await asyncio.sleep(0.05)
    between = time.perf_counter()
    reader.feed_data(b"hi")
    assert before <= (await reading)[2] <= between


async def test_that_pieces_are_put_together() -> None:
    reply, again = await whole(
        CHUNKED + b"3;name=value\r\nabc\r\n0A \r\n0123456789\r\n00\r\nTrailer: x\r\n\r\n"
    )
    assert (reply.body, again) == (b"abc0123456789", True)
    assert reply.headers == {"transfer-encoding": "chunked"}, "what trails is no header"


@pytest.mark.parametrize("size", [b"", b"xyz", b"-3", b"+3", b"0x3", b"3 3", b"1_0", b";a=b"])
async def test_that_pieces_of_no_size_are_refused(size: bytes) -> None:
    why = "its answer is in pieces that cannot be put together"
    assert await refusal(CHUNKED + size + b"\r\nabc\r\n0\r\n\r\n") == why


@pytest.mark.parametrize("ending", [b"de", b"\r\r", b"\n\n"])
async def test_that_a_piece_that_does_not_end_where_it_says_is_refused(ending: bytes) -> None:
    why = "its answer is in pieces that cannot be put together"
    assert await refusal(CHUNKED + b"3\r\nabc" + ending + b"0\r\n\r\n") == why


@pytest.mark.parametrize("length", ["", "-1", "+5", "1.5", "5, 5", "²", "1_0", "0x5"])
async def test_that_a_length_that_is_none_is_refused(length: str) -> None:
    head = OK + b"Content-Length: " + length.encode("latin-1") + b"\r\n\r\nhello"
    assert await refusal(head) == "it does not say how long its answer is"


async def test_that_every_part_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_reply, "MOST_BYTES", 10)
    ten, eleven = b"x" * 10, b"x" * 11
    assert (await whole(OK + b"Content-Length: 10\r\n\r\n" + ten))[0].body == ten
    long = "its answer is longer than any list of models"
    assert await refusal(OK + b"Content-Length: 11\r\n\r\n" + eleven) == long
    assert await refusal(OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n") == long
    assert (await read_reply(sent(OK + b"\r\n" + ten)))[0].body == ten
    endless = "its answer has no end"
    assert await refusal(OK + b"\r\n" + eleven) == endless
    pieces = b"6\r\n012345\r\n%d\r\n01234\r\n0\r\n\r\n"
    assert (await whole(CHUNKED + (pieces % 4).replace(b"01234\r", b"0123\r")))[0].body
    assert await refusal(CHUNKED + pieces % 5) == endless
    assert await refusal(CHUNKED + b"F" * 5000 + b"\r\n") == endless


async def test_that_a_head_has_so_many_lines_and_a_line_so_many_signs() -> None:
    end = b"Content-Length: 0\r\n\r\n"
    lines = b"".join(b"a%d: b\r\n" % number for number in range(MOST_HEADERS - 2))
    assert len((await whole(OK + lines + end))[0].headers) == MOST_HEADERS - 1
    endless = "the head of its answer has no end"
    assert await refusal(OK + lines + b"one: more\r\n" + end) == endless
    assert await refusal(CHUNKED + b"0\r\n" + b"a: b\r\n" * MOST_HEADERS) == endless
    line = "a line of its answer has no end"
    assert await refusal(OK + b"a: " + b"b" * MOST_HEADER_BYTES + b"\r\n\r\n") == line
    assert await refusal(b"H" * (MOST_HEADER_BYTES + 1)) == line


@pytest.mark.parametrize(
    "cut",
    [
        OK + b"Content-Length: 5\r\n\r\nhell",
        CHUNKED + b"5\r\nhell",
        CHUNKED + b"5\r\nhello",
        CHUNKED + b"5\r\nhello\r\n",
        CHUNKED + b"0\r\n",
    ],
)
async def test_that_an_answer_that_breaks_off_is_no_answer(cut: bytes) -> None:
    with pytest.raises(asyncio.IncompleteReadError):
        await read_reply(sent(cut))


def test_that_what_a_server_said_is_quoted_short_and_without_orders_to_a_terminal() -> None:
    assert quoted("a\x1b\n\x7fü…z") == "“a·····z”"
    assert quoted("x" * 60) == f"“{'x' * 60}”"
    assert quoted("x" * 61) == f"“{'x' * 60}”"


def test_that_a_token_that_a_server_says_again_is_not_told() -> None:
    token = Secret("sk-0123456789abcdef")
    error = NoHttp("it says {} and hangs up", "Bearer sk-0123456789abcdef" + "!" * 60)
    assert "0123456789" not in error.told(token)
    assert "0123456789" in error.told(None)
    late = NoHttp("it says {} and hangs up", "x" * 50 + "sk-0123456789abcdef")
    assert "sk-0123" not in late.told(token), "its first signs stand at the edge of what is shown"
