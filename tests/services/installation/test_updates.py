"""Is there a newer version? One small signed file over https, and each way of failing."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("cryptography", reason="needs the package cryptography")

from nacl.signing import SigningKey

from landfall import __version__
from landfall.core.announcement import MAX_BYTES, Seen, Standing
from landfall.core.errors import (
    AppError,
    BadInput,
    NetworkUnavailable,
    NotGenuine,
    ServerRefused,
    Unavailable,
)
from landfall.services import certificates, resources
from landfall.services.installation import about, announcement_fetch, updates
from landfall.services.installation.updates import Channel, Kept, News
from tests.fakes import certificates as made
from tests.fakes import news_host
from tests.fakes.egress_log import MemoryLog
from tests.fakes.news_host import NewsHost, answer, file_of, publishing, redirect
from tests.fakes.odd_listeners import listening, saying

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "announced.json"


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """A host's, whose authority this machine trusts."""
    certificates.trusted.cache_clear()
    office = made.authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(office.path))
    yield made.context(tmp_path, office)
    certificates.trusted.cache_clear()


@dataclass(slots=True)
class Asking:
    """One who asks a host, with what is kept of it."""

    host: NewsHost
    key: SigningKey
    log: MemoryLog
    file: Path

    async def ask(self, **more: Any) -> News:
        values: dict[str, Any] = {"asked": self.host.channel(self.key), "own": "1.0.0", "now": NOW}
        log = more.pop("log", self.log)
        return await updates.check(log, more.pop("file", self.file), **(values | more))

    async def refused(self) -> AppError:
        with pytest.raises(AppError) as error:
            await self.ask()
        assert error.value.message.endswith((".", "?")), error.value.message
        assert updates.kept(self.file) == Kept(asked_at=NOW), "nothing of it is remembered"
        return error.value


@pytest.fixture
def one(context: ssl.SSLContext, key: SigningKey, file: Path) -> Iterator[Asking]:
    with publishing(context, b"") as opened:
        yield Asking(opened, key, MemoryLog(), file)


async def test_that_a_newer_version_is_told_with_its_day_its_notes_and_its_page(
    one: Asking,
) -> None:
    one.host.answers = [answer(file_of(one.key))]
    news = await one.ask()
    assert news.standing is Standing.NEWER
    assert news.announcement == news_host.news()
    assert updates.kept(one.file) == Kept(
        asked_at=NOW, seen=Seen(version="1.2.0", expires=date(2999, 12, 31))
    )


@pytest.mark.parametrize(
    ("own", "expected"), [("1.2.0", Standing.CURRENT), ("1.3.0.dev1", Standing.OLDER)]
)
async def test_that_the_newest_version_and_one_that_is_newer_still_are_told(
    one: Asking, own: str, expected: Standing
) -> None:
    one.host.answers = [answer(file_of(one.key))]
    assert (await one.ask(own=own)).standing is expected


async def test_that_the_question_says_nothing_of_who_asks(one: Asking) -> None:
    one.host.answers = [answer(file_of(one.key), more="Set-Cookie: id=7\r\n")]
    await one.ask()
    await one.ask()
    first, second = one.host.heard
    assert first == second
    lines = first.strip().split("\r\n")
    assert lines[0] == "GET /news.txt HTTP/1.1"
    names = {line.partition(":")[0].lower() for line in lines[1:]}
    assert names == {"host", "accept", "accept-encoding", "connection", "user-agent"}
    assert f"User-Agent: Landfall/{__version__}" in lines


async def test_that_the_question_stands_in_the_egress_log(one: Asking) -> None:
    one.host.answers = [answer(file_of(one.key))]
    await one.ask()
    (line,) = one.log.entries
    assert (line.host, line.why, line.outcome) == (
        f"127.0.0.1:{one.host.port}",
        "news of versions",
        "200",
    )
    assert line.sent_bytes == len(one.host.heard[0])
    assert line.received_bytes == len(file_of(one.key))


async def test_that_what_cannot_be_written_down_is_not_sent(one: Asking) -> None:
    class Full(MemoryLog):
        async def record_egress(self, entry: Any) -> int:
            raise Unavailable("The disk is full.")

    with pytest.raises(Unavailable, match="disk is full"):
        await one.ask(log=Full())
    assert not one.host.heard


async def test_that_a_redirect_is_followed_as_long_as_it_is_encrypted(one: Asking) -> None:
    one.host.answers = [
        redirect(f"https://127.0.0.1:{one.host.port}/elsewhere"),
        answer(file_of(one.key)),
    ]
    assert (await one.ask()).standing is Standing.NEWER
    assert "GET /elsewhere " in one.host.heard[1]
    assert "ookie" not in one.host.heard[1]
    assert [line.outcome for line in one.log.entries] == ["302", "200"]


@pytest.mark.parametrize("to", ["http://127.0.0.1:9/news.txt", "ftp://x/", "//:80", "http:"])
async def test_that_a_redirect_out_of_encryption_is_not_followed(one: Asking, to: str) -> None:
    one.host.answers = [redirect(to)]
    error = await one.refused()
    assert "not encrypted" in error.message
    assert len(one.log.entries) == 1


@pytest.mark.parametrize(
    "to",
    ["https://127.0.0.1:99999/", "https://xn--0/", "https://a%20b/", "https://me:word@127.0.0.1/"],
)
async def test_that_a_redirect_to_no_address_is_said(one: Asking, to: str) -> None:
    one.host.answers = [redirect(to)]
    error = await one.refused()
    assert type(error) is Unavailable
    assert "127.0.0.1 leads to an address that is none." in error.message
    assert len(one.log.entries) == 1


async def test_that_a_long_value_is_not_said_whole(one: Asking) -> None:
    one.host.answers = [answer(news_host.odd(one.key, version="9" * 5000))]
    assert len((await one.refused()).message) < 250


@pytest.mark.parametrize(
    "text",
    [
        '{"asked_at": "9999-12-31T23:59:59-12:00"}',
        '{"asked_at": ' + "[" * 100_000,
        '{"asked_at": null, "seen": {"version": "1.0", "expires": "99999-01-01"}}',
    ],
)
def test_that_what_was_kept_and_cannot_be_understood_is_forgotten(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text)
    assert updates.kept(file) == Kept()


async def test_that_redirects_without_end_are_given_up(one: Asking) -> None:
    one.host.answers = [redirect("/again")]
    assert "without end" in (await one.refused()).message
    assert len(one.host.heard) == 4


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (answer(b"", status="404 Not Found"), ServerRefused, "no news of versions where"),
        (answer(b"", status="503 Busy"), ServerRefused, "status 503"),
        (answer(b"", status="304 Not Modified"), ServerRefused, "status 304"),
        (answer(b"<html>", kind="text/html; charset=x"), NetworkUnavailable, "web page"),
        (answer(b"x", more="Content-Encoding: gzip\r\n"), NetworkUnavailable, "packs"),
        (answer(b"x" * (MAX_BYTES + 1)), NetworkUnavailable, "more than the 64 KiB"),
        (answer(b"hello"), BadInput, "no news of versions"),
        (answer(b""), BadInput, "no news of versions"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", NetworkUnavailable, "broke off"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", NetworkUnavailable, "broke off"),
        (b"", NetworkUnavailable, "broke off"),
    ],
)
async def test_that_what_is_no_news_is_said_in_words(
    one: Asking, reply: bytes, kind: type[AppError], words: str
) -> None:
    one.host.answers = [reply]
    error = await one.refused()
    assert type(error) is kind
    assert words in error.message
    assert error.hint or "packs" in words
    assert one.log.entries[0].outcome != "sent"


async def test_that_silence_ends_after_ten_seconds(
    one: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert announcement_fetch.PATIENCE_SECONDS == 10
    monkeypatch.setattr(announcement_fetch, "PATIENCE_SECONDS", 0.3)
    one.host.answers, one.host.waits = [b""], True
    error = await one.refused()
    assert "did not send the news of versions within 0.3 seconds" in error.message
    assert one.log.entries[0].outcome == "cut"
    one.host.holds.set()


async def test_that_a_machine_without_a_network_is_asked_whether_it_is_online(one: Asking) -> None:
    nobody = Channel(
        address="https://127.0.0.1:9/news.txt", page="", keys=(bytes(one.key.verify_key),)
    )
    with pytest.raises(NetworkUnavailable, match="is this machine online"):
        await one.ask(asked=nobody)
    assert one.log.entries[0].outcome == "ConnectError"


async def test_that_a_proxy_which_cannot_be_used_is_said(
    one: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Channel(address="https://news.landfall.example/", keys=(bytes(one.key.verify_key),))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(NetworkUnavailable, match=r"news.landfall.example cannot be reached"):
        await one.ask(asked=elsewhere)
    refusing = saying(b"HTTP/1.1 502 No way\r\nContent-Length: 0\r\n\r\n")
    async with listening(refusing) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        with pytest.raises(NetworkUnavailable, match="through the proxy"):
            await one.ask(asked=elsewhere)
    monkeypatch.setenv("ALL_PROXY", "nonsense://x")
    with pytest.raises(NetworkUnavailable, match="proxy that this system names"):
        await one.ask(asked=elsewhere)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("expired", "it has expired"),
        ("name", "it is for another address"),
        ("self", "it is self-signed"),
        ("stranger", "its issuer is not trusted here"),
    ],
)
async def test_that_a_wrong_certificate_is_said_and_nothing_is_sent(
    kind: str, words: str, one: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = made.authority(tmp_path)
    certificates.trusted.cache_clear()
    monkeypatch.setenv("SSL_CERT_FILE", str(office.path))
    if kind == "stranger":
        monkeypatch.delenv("SSL_CERT_FILE")
    days = (-2, -1) if kind == "expired" else (-1, 1)
    name = "box.lan" if kind == "name" else "127.0.0.1"
    signer = None if kind == "self" else office
    wrong = made.context(tmp_path, signer, name=name, days=days)
    with publishing(wrong, answer(b"")) as host:
        one.host = host
        error = await one.refused()
        assert not host.heard
    assert f"{words}. Nothing was sent." in error.message


async def test_that_a_port_which_speaks_no_tls_is_said(one: Asking) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with server:
        one.host = NewsHost(server.sockets[0].getsockname()[1])
        assert "no encrypted connection" in (await one.refused()).message


async def test_that_a_wrong_signature_is_said_loudly_and_nothing_of_it_is_kept(one: Asking) -> None:
    one.host.answers = [answer(file_of(one.key).replace(b"landfall.example", b"landfall.evil.xx"))]
    error = await one.refused()
    assert type(error) is NotGenuine
    assert "Somebody may stand between" in error.message
    assert "evil" not in f"{error.message} {error.hint}"


async def test_that_a_key_which_this_build_does_not_know_is_said(one: Asking) -> None:
    one.host.answers = [answer(file_of(SigningKey.generate()))]
    assert type(await one.refused()) is NotGenuine


async def test_that_news_which_expired_are_not_believed(one: Asking) -> None:
    one.host.answers = [answer(file_of(one.key, expires=date(2026, 11, 25)))]
    error = await one.refused()
    assert "valid until 2026-11-25" in error.message
    assert "clock" in error.hint


async def test_that_signed_nonsense_is_refused_too(one: Asking) -> None:
    one.host.answers = [answer(news_host.odd(one.key, page="http://landfall.example/"))]
    assert "no https address" in (await one.refused()).message


async def test_that_an_old_file_cannot_hide_a_newer_version(one: Asking) -> None:
    one.host.answers = [answer(file_of(one.key, "1.3.0")), answer(file_of(one.key, "1.2.0"))]
    assert (await one.ask()).standing is Standing.NEWER
    later = NOW + timedelta(days=2)
    old = await one.ask(now=later)
    assert old.standing is Standing.REPLAYED
    assert old.seen is not None
    assert old.seen.version == "1.3.0"
    assert updates.kept(one.file) == Kept(asked_at=later, seen=old.seen)


async def test_that_a_build_without_an_address_and_one_of_a_package_ask_nobody(one: Asking) -> None:
    for closed in (Channel(), one.host.channel()):
        with pytest.raises(Unavailable, match="no address"):
            await one.ask(asked=closed)
    with pytest.raises(Unavailable, match="package manager") as packaged:
        await one.ask(asked=one.host.channel(one.key, packaged_by="deb"))
    assert "a deb package" in packaged.value.hint
    assert not one.host.heard
    assert not one.log.entries
    assert updates.kept(one.file) == Kept()


async def test_that_the_channel_of_the_build_is_asked_by_default(
    one: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one.host.answers = [answer(file_of(one.key))]
    built(tmp_path, monkeypatch, address=one.host.url, public_keys=[news_host.as_base64(one.key)])
    assert (await updates.check(one.log, one.file)).standing is Standing.NEWER


async def test_that_news_are_told_also_where_they_cannot_be_remembered(
    one: Asking, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one.host.answers = [answer(file_of(one.key))]
    (tmp_path / "taken").write_text("no folder", encoding="utf-8")
    assert (await one.ask(file=tmp_path / "taken" / "x.json")).standing is Standing.NEWER
    assert "could not be saved" in caplog.text


# What is remembered


def test_that_it_is_due_once_a_day(file: Path) -> None:
    assert updates.is_due(file, now=NOW)
    updates.keep(file, Kept(asked_at=NOW))
    assert not updates.is_due(file, now=NOW + timedelta(hours=23))
    assert updates.is_due(file, now=NOW + timedelta(hours=24))
    assert updates.is_due(file, now=NOW - timedelta(hours=1)), "the clock was set back"
    assert not updates.is_due(file, now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "3",
        "{}",
        '{"asked_at": null}',
        '{"asked_at": "soon"}',
        '{"asked_at": "2026-11-26T00:00:00+00:00", "seen": {"version": "x", "expires": "y"}}',
    ],
)
def test_that_a_broken_memory_is_as_good_as_none(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    assert updates.kept(file) == Kept()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such rights")
def test_that_only_the_user_sees_the_folder_of_what_is_remembered(file: Path) -> None:
    updates.keep(file, Kept(asked_at=NOW))
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


# What a build was given


def built(folder: Path, monkeypatch: pytest.MonkeyPatch, **values: Any) -> Path:
    """The resources of a build with this channel."""
    inside = folder / "resources"
    inside.mkdir()
    document = {"address": None, "page": None, "public_keys": []} | values
    (inside / "updates.json").write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.setattr(resources, "folder", lambda: inside)
    return inside


@pytest.fixture(autouse=True)
def _fresh_resources() -> Iterator[None]:
    """What is read here is no other test's."""
    resources.read_json.cache_clear()
    yield
    resources.read_json.cache_clear()


def test_that_the_repository_was_given_no_address() -> None:
    assert updates.channel() == Channel()
    assert not updates.channel().is_open


def test_that_a_package_says_in_a_line_who_updates_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: SigningKey
) -> None:
    inside = built(
        tmp_path,
        monkeypatch,
        address="https://news.landfall.example/",
        public_keys=[news_host.as_base64(key)],
    )
    assert updates.channel().is_open
    (inside / "packaged_by").write_text("deb\n", encoding="utf-8")
    assert updates.channel().packaged_by == "deb"
    assert not updates.channel().is_open
    (inside / "packaged_by").write_text("", encoding="utf-8")
    assert about.packaged_by() == "package"


@pytest.mark.parametrize(
    "values",
    [
        {"address": "http://news.landfall.example/"},
        {"page": "landfall.example"},
        {"public_keys": ["AAAA"]},
        {"public_keys": None},
        {"public_keys": [3]},
        {"address": 3},
    ],
)
def test_that_a_broken_channel_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, Any]
) -> None:
    built(tmp_path, monkeypatch, **values)
    with pytest.raises(BadInput, match="Where this build asks"):
        updates.channel()


@pytest.mark.parametrize("document", [[], None, {}])
def test_that_a_channel_of_another_form_is_said(document: Any) -> None:
    with pytest.raises(BadInput, match="is broken"):
        updates.parse(document)
