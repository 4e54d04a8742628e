from __future__ import annotations

import asyncio
import logging
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest

from landfall.core.errors import (
    KeyMissing,
    KeyRefused,
    NetworkUnavailable,
    PrivacyBlocked,
    ServerRefused,
)
from landfall.core.workload.workload import Privacy, PrivacyClass, Task, Workload
from landfall.services import cloud
from landfall.services.cloud import adapters
from landfall.services.cloud import transport as transport_module
from landfall.services.cloud.address import Address
from landfall.services.cloud.provider import Provider
from landfall.services.cloud.refusals import refusal, retry_after_seconds, unreachable
from landfall.services.cloud.transport import Outgoing, Transport
from landfall.services.egress import Purpose
from landfall.services.keys.secret import Secret
from tests.fakes import cloud_api
from tests.fakes.cloud_api import CUT, CloudApi, Reply, serving
from tests.fakes.egress_log import MemoryLog
from tests.services.cloud.conftest import CHECK, ask

At = Callable[..., Provider]


async def check(provider: Provider, key: str) -> None:
    await provider.check(Secret(key), purpose=CHECK)


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's certificate that nobody vouches for."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(key), "-out", str(cert)]
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    subprocess.run([*command, *files, *subject], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    return context


async def test_a_good_key_is_accepted_and_a_bad_one_refused(at: At, openai: CloudApi) -> None:
    await check(at("openai", openai), openai.key)
    with pytest.raises(KeyRefused) as error:
        await check(at("openai", openai), "sk-wrong-0123456789abcdef")
    assert error.value.exit_code == 1
    assert "landfall key set openai" in error.value.hint


async def test_a_provider_that_repeats_the_key_does_not_get_it_into_our_message(
    at: At, openai: CloudApi
) -> None:
    key = "sk-wrong-0123456789abcdef"
    with pytest.raises(KeyRefused, match="Incorrect API key") as error:
        await check(at("openai", openai), key)
    assert key not in str(error.value)


@pytest.mark.parametrize(
    ("name", "path", "body"),
    [
        ("openai", "/v1/models", {"data": []}),
        ("google", "/models", {"models": []}),
        ("openrouter", "/v1/key", {"data": {"usage": 0}}),
        ("deepseek", "/v1/user/balance", {"is_available": True}),
        ("deepinfra", "/payment/checklist", {}),
        ("fireworks", "/v1/accounts", {"accounts": []}),
        ("together", "/v1/models", []),
    ],
)
async def test_each_provider_is_checked_by_its_cheapest_request(
    at: At, openai: CloudApi, name: str, path: str, body: object
) -> None:
    openai.script.append(cloud_api.as_json(body))
    await check(at(name, openai), openai.key)
    assert [(r.method, r.path) for r in openai.requests] == [("GET", path)]


async def test_google_is_asked_with_its_own_header_and_refuses_with_400(
    at: At, openai: CloudApi
) -> None:
    openai.script.append(cloud_api.refuse(400, "API key not valid. Please pass a valid API key."))
    with pytest.raises(KeyRefused):
        await check(at("google", openai), openai.key)
    assert openai.requests[0].headers["x-goog-api-key"] == openai.key
    assert "authorization" not in openai.requests[0].headers


async def test_no_billing_at_deepinfra_still_proves_the_key(at: At, openai: CloudApi) -> None:
    openai.script.append(cloud_api.refuse(403, "no billing"))
    accepted = await at("deepinfra", openai).check(Secret(openai.key), purpose=CHECK)
    assert "403" in accepted.note


@pytest.mark.parametrize(
    "reply",
    [
        cloud_api.page(),
        cloud_api.page(403),
        cloud_api.as_json({"error": "not here"}),
        cloud_api.as_json("ok"),
        cloud_api.refuse(404, "Not found"),
        cloud_api.refuse(402, "no credit"),
        cloud_api.refuse(500, "oops"),
        cloud_api.redirect("https://elsewhere.example/v1/models"),
        Reply(200, [b'{"da', CUT]),
        Reply(200, [CUT]),
    ],
    ids=["page", "firewall", "other", "text", "404", "402", "500", "redirect", "cut", "empty"],
)
async def test_what_is_neither_yes_nor_no_is_no_answer(
    at: At, openai: CloudApi, reply: Reply
) -> None:
    openai.script.extend([reply] * 3)
    with pytest.raises(NetworkUnavailable) as error:
        await check(at("openai", openai), openai.key)
    assert error.value.exit_code == 3


async def test_a_redirect_never_carries_the_key_to_another_host(at: At, openai: CloudApi) -> None:
    async with serving("openai", openai.key) as elsewhere:
        for status in (301, 302, 307, 308):
            to = Reply(status, [], {"location": f"{elsewhere.url}/models"})
            openai.script.append(to)
            with pytest.raises(NetworkUnavailable, match="key was not sent there"):
                await check(at("openai", openai), openai.key)
        assert elsewhere.requests == []


async def test_a_redirected_question_is_not_sent_on(at: At, openai: CloudApi) -> None:
    async with serving("openai", openai.key) as elsewhere:
        openai.script.append(cloud_api.redirect(f"{elsewhere.url}/chat/completions"))
        with pytest.raises(NetworkUnavailable):
            await ask(at("openai", openai), openai.key)
        assert elsewhere.requests == []


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 529])
async def test_a_transient_refusal_is_tried_again_before_the_first_byte(
    at: At, openai: CloudApi, pauses: list[float], status: int
) -> None:
    openai.script.append(cloud_api.refuse(status, "later"))
    events = await ask(at("openai", openai), openai.key)
    assert len(events) > 2
    assert len(openai.requests) == 2
    assert 0.3 < pauses[0] < 0.7


async def test_pauses_grow_and_end(at: At, openai: CloudApi, pauses: list[float]) -> None:
    openai.script.extend([cloud_api.refuse(503, "busy")] * 9)
    with pytest.raises(ServerRefused, match="busy") as error:
        await ask(at("openai", openai), openai.key)
    assert error.value.status == 503
    assert len(openai.requests) == 3
    assert pauses[1] > pauses[0]


async def test_retry_after_is_obeyed_and_a_long_one_is_told_instead(
    at: At, openai: CloudApi, pauses: list[float]
) -> None:
    openai.script.append(cloud_api.refuse(429, "slow down", retry_after="7"))
    await ask(at("openai", openai), openai.key)
    assert pauses == [7.0]
    openai.script.append(cloud_api.refuse(429, "slow down", retry_after="120"))
    with pytest.raises(ServerRefused) as error:
        await ask(at("openai", openai), openai.key)
    assert error.value.hint == "Try again in 120 seconds."
    assert pauses == [7.0]


@pytest.mark.parametrize(
    ("wait", "hint"), [(0.2, "1 second"), (1.0, "1 second"), (1.2, "2 seconds")]
)
def test_that_a_wait_is_rounded_up_and_one_second_is_no_plural(wait: float, hint: str) -> None:
    error = refusal(cloud.find("openai"), status=429, body="", wait_seconds=wait)
    assert error.hint == f"Try again in {hint}."


def test_retry_after_may_be_a_date_or_nonsense() -> None:
    now = datetime(2026, 11, 25, 10, tzinfo=UTC)
    date = format_datetime(now + timedelta(seconds=30), usegmt=True)
    assert retry_after_seconds({"retry-after": date}, now=now) == 30
    past = format_datetime(now - timedelta(days=1), usegmt=True)
    assert retry_after_seconds({"retry-after": past}, now=now) == 0
    for nonsense in ("", "soon", "-5", "nan", "1e9999"):
        assert retry_after_seconds({"retry-after": nonsense}, now=now) is None


@pytest.mark.parametrize(
    ("status", "code"), [(402, ""), (429, "insufficient_quota"), (400, "billing_not_active")]
)
async def test_no_credit_is_said_and_not_tried_again(
    at: At, openai: CloudApi, status: int, code: str
) -> None:
    openai.script.append(cloud_api.refuse(status, "top up", code=code))
    with pytest.raises(ServerRefused, match="no credit left"):
        await ask(at("openai", openai), openai.key)
    assert len(openai.requests) == 1


async def test_a_question_that_broke_off_is_not_asked_twice(at: At, openai: CloudApi) -> None:
    openai.script.append(Reply(200, [CUT]))
    await ask(at("openai", openai), openai.key)
    assert len(openai.requests) == 1


async def test_a_closed_port_is_no_network(transport: Transport) -> None:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    where = Address(f"http://127.0.0.1:{port}/v1", "--base-url")
    provider = adapters.provider(cloud.find("openai"), where, transport)
    said = f"127.0.0.1:{port} cannot be reached: nobody listens on its port."
    with pytest.raises(NetworkUnavailable, match=re.escape(said)):
        await check(provider, "sk-x")


def test_that_a_name_that_is_not_found_is_said_without_the_number_of_an_error() -> None:
    cause = socket.gaierror(-2, "Name or service not known")
    error = httpx.ConnectError("[Errno -2] Name or service not known")
    error.__cause__ = cause
    said = unreachable("api.example", error).message
    assert said == "api.example cannot be reached: its name is not found."


def test_that_no_host_is_blamed_where_a_proxy_may_not_be_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    error = httpx.ConnectError("All connection attempts failed")
    error.__cause__ = ConnectionRefusedError(111, "Connection refused")
    said = unreachable("api.example", error).message
    assert said == "api.example cannot be reached (All connection attempts failed)."


def test_that_a_resolver_that_does_not_answer_is_no_name_that_is_missing() -> None:
    error = httpx.ConnectError("[Errno -3] Temporary failure in name resolution")
    error.__cause__ = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    assert "its name is not found" not in unreachable("api.example", error).message


async def test_a_host_that_says_nothing_is_given_up(
    at: At, openai: CloudApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "QUICK", 0.1)
    openai.script.append(Reply(200, [30.0]))
    with pytest.raises(NetworkUnavailable, match="in time"):
        await check(at("openai", openai), openai.key)


async def test_a_body_without_end_is_given_up(
    at: At, openai: CloudApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "BODY_MAX_BYTES", 10_000)
    openai.script.append(Reply(200, [b"[" * 1000] * 100))
    with pytest.raises(NetworkUnavailable, match="without end"):
        await check(at("openai", openai), openai.key)


@pytest.mark.parametrize("name", ["openai", "anthropic"])
async def test_a_certificate_that_is_not_trusted_is_said_and_nothing_is_sent(
    transport: Transport, tmp_path: Path, name: str
) -> None:
    context = self_signed(tmp_path)
    api = CloudApi("openai", "sk-x")
    server = await asyncio.start_server(api.serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    where = Address(f"https://localhost:{port}/v1", "--base-url")
    try:
        provider = adapters.provider(cloud.find(name), where, transport)
        with pytest.raises(NetworkUnavailable, match=r"certificate.*not trusted.*Nothing was sent"):
            await check(provider, "sk-x")
        with pytest.raises(NetworkUnavailable, match=r"certificate.*not trusted") as error:
            await ask(provider, "sk-x")
        assert "SSL_CERT_FILE" in error.value.hint
    finally:
        server.close()
    assert api.requests == []


async def test_the_system_proxy_is_never_used_for_this_machine(
    at: At, openai: CloudApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    await check(at("openai", openai), openai.key)
    assert len(openai.requests) == 1


async def test_the_system_proxy_is_used_for_other_machines(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode().strip())
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    provider = adapters.provider(
        cloud.find("openai"), Address("https://api.openai.com/v1"), transport
    )
    try:
        with pytest.raises(NetworkUnavailable, match="proxy"):
            await check(provider, "sk-x")
    finally:
        server.close()
    assert asked == ["CONNECT api.openai.com:443 HTTP/1.1"]


async def test_a_proxy_that_cannot_be_used_is_said(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = adapters.provider(
        cloud.find("openai"), Address("https://api.openai.com/v1"), transport
    )
    for proxy in ("socks5://127.0.0.1:9", "nonsense://127.0.0.1:9"):
        monkeypatch.setenv("ALL_PROXY", proxy)
        with pytest.raises(NetworkUnavailable, match="proxy"):
            await check(provider, "sk-x")


async def test_every_request_is_recorded_with_its_size_and_reason_and_no_text(
    at: At, openai: CloudApi, log: MemoryLog
) -> None:
    workload = Workload(name="Triage", task=Task.CHAT)
    await ask(at("openai", openai), openai.key, purpose=Purpose(why="answer", workload=workload))
    (entry,) = log.entries
    host = openai.url.removeprefix("http://").removesuffix("/v1")
    assert (entry.host, entry.workload, entry.why) == (host, "Triage", "answer")
    assert entry.outcome == "200"
    request = openai.requests[0]
    head = sum(len(name) + len(value) + 4 for name, value in request.headers.items())
    line = len("POST /v1/chat/completions HTTP/1.1\r\n")
    assert entry.sent_bytes == line + head + 2 + len(request.body)
    assert entry.received_bytes is not None
    assert entry.received_bytes > 100
    assert openai.key not in repr(entry)
    assert "Say hello" not in repr(entry)


async def test_each_attempt_is_a_line_of_its_own(at: At, openai: CloudApi, log: MemoryLog) -> None:
    openai.script.append(cloud_api.refuse(503, "busy"))
    await ask(at("openai", openai), openai.key)
    assert [entry.outcome for entry in log.entries] == ["503", "200"]


async def test_what_cannot_be_recorded_is_not_sent(openai: CloudApi) -> None:
    class FullLog(MemoryLog):
        async def record_egress(self, entry: object) -> int:
            raise NetworkUnavailable("the log is full")

    async with aclosing(Transport(FullLog())) as transport:
        where = Address(openai.url, "--base-url")
        provider = adapters.provider(cloud.find("openai"), where, transport)
        with pytest.raises(NetworkUnavailable, match="log is full"):
            await check(provider, openai.key)
    assert openai.requests == []


async def test_a_locked_workload_sends_no_byte_not_even_to_loopback(
    at: At, openai: CloudApi, log: MemoryLog
) -> None:
    locked = Workload(
        name="Files", task=Task.CHAT, privacy=Privacy(privacy_class=PrivacyClass.LOCAL_ONLY)
    )
    with pytest.raises(PrivacyBlocked):
        await ask(at("custom", openai), openai.key, purpose=Purpose(why="answer", workload=locked))
    assert openai.requests == []
    assert log.entries == []


async def test_the_key_is_in_no_log_however_chatty(
    at: At, openai: CloudApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await ask(at("openai", openai), openai.key)
    assert caplog.records
    assert openai.key not in caplog.text


@pytest.mark.parametrize(
    "stored", ["sk-PLANTED-0123\nX-Evil: 1", "sk-PLANTED-0123\r\n", "sk-PLANTÉD-0123", "", "a b"]
)
async def test_what_a_keyring_holds_that_is_no_key_is_neither_sent_nor_repeated(
    at: At, openai: CloudApi, log: MemoryLog, stored: str
) -> None:
    for provider in (at("openai", openai), at("anthropic", openai)):
        with pytest.raises(KeyMissing, match="cannot be one") as error:
            await check(provider, stored)
        with pytest.raises(KeyMissing) as asked:
            await ask(provider, stored)
        assert "PLANT" not in str(error.value) + str(asked.value)
        assert error.value.__cause__ is None
    assert openai.requests == []
    assert log.entries == []


def test_a_refusal_is_short_printable_and_of_one_line() -> None:
    row = cloud.find("openai")
    body = "x\x00\x1b[31m\n" * 500
    error = refusal(row, status=400, body=body)
    assert len(error.message) < 400
    assert error.message.isprintable()


async def test_an_answer_that_drips_is_not_waited_for_for_ever(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte comes in time, and the last one never does."""
    monkeypatch.setattr(transport_module, "WHOLE_SECONDS", 0.5)

    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.05)

    reply = httpx.Response(200, headers={"content-type": "application/json"}, content=drip())
    client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _request: reply))
    transport._clients = {True: client, False: client}
    row = cloud.find("openai")
    outgoing = Outgoing(
        row=row,
        address=Address("http://127.0.0.1:9/v1"),
        path="models",
        purpose=Purpose(why="models"),
        secret=None,
        auth=row.auth,
    )
    with pytest.raises(NetworkUnavailable, match="too slow"):
        await transport.fetch(outgoing)
