"""Names and addresses of hosts, and how they stand in the settings."""

from __future__ import annotations

import asyncio
import socket
import threading
from pathlib import Path

import pytest

from landfall.core.errors import BadInput
from landfall.core.hosts.hosts import Host, HostKind, Standing
from landfall.core.settings import Settings
from landfall.services.hosts import addresses, keeping
from landfall.services.hosts.naming import found
from landfall.services.settings import settings_store, settings_toml

OFFICE = Host(name="office", url="http://box.lan:11434", kind=HostKind.OLLAMA)
RACK = Host(name="Rack 1", url="https://rack.lan:443/llm", kind=HostKind.OPENAI)
KEPT = Settings(hosts=(OFFICE, RACK))


@pytest.mark.parametrize(
    ("text", "kind", "url"),
    [
        ("box.lan", HostKind.OLLAMA, "http://box.lan:11434"),
        (" BOX.lan:8080/ ", HostKind.OLLAMA, "http://box.lan:8080"),
        ("https://box.lan", HostKind.OLLAMA, "https://box.lan:443"),
        ("http://box.lan/Path/", HostKind.OLLAMA, "http://box.lan:80/Path"),
        ("::1", HostKind.OLLAMA, "http://[::1]:11434"),
        ("[fd00::5]:99", HostKind.OLLAMA, "http://[fd00::5]:99"),
        ("[::1]", HostKind.OLLAMA, "http://[::1]:11434"),
        ("0.0.0.0:11434", HostKind.OLLAMA, "http://127.0.0.1:11434"),
        ("box.lan:1234/v1", HostKind.OPENAI, "http://box.lan:1234"),
        ("https://gw.lan/llm/v1/", HostKind.OPENAI, "https://gw.lan:443/llm"),
        ("http://box.lan/v1", HostKind.OPENAI, "http://box.lan:80"),
        ("http://box.lan:11434/v1/", HostKind.OLLAMA, "http://box.lan:11434"),
        ("fe80::1%eth0", HostKind.OLLAMA, "http://[fe80::1%eth0]:11434"),
        ("[fe80::1%eth0]:8080", HostKind.OPENAI, "http://[fe80::1%eth0]:8080"),
    ],
)
def test_that_an_address_is_kept_in_one_form(text: str, kind: HostKind, url: str) -> None:
    assert addresses.parsed(text, kind) == url
    assert addresses.parsed(url, kind) == url


@pytest.mark.parametrize(
    ("text", "kind", "word"),
    [
        ("", HostKind.OLLAMA, "empty"),
        ("http://", HostKind.OLLAMA, "empty"),
        ("box.lan:99999", HostKind.OLLAMA, "no port 99999"),
        ("box.lan:0", HostKind.OLLAMA, "no port 0"),
        ("[::1]:http", HostKind.OLLAMA, "no port http"),
        ("ftp://box.lan", HostKind.OLLAMA, "no address"),
        ("user:word@box.lan", HostKind.OLLAMA, "more than host"),
        ("http://user:wo/rd@box.lan:11434", HostKind.OLLAMA, "more than host"),
        ("http://user:1/rd@box.lan:11434", HostKind.OPENAI, "more than host"),
        ("http://box.lan/?key=1", HostKind.OLLAMA, "more than host"),
        ("http://box.lan/#there", HostKind.OLLAMA, "more than host"),
        ("b ox", HostKind.OLLAMA, "no address"),
        ("büro.lan", HostKind.OLLAMA, "no address"),
        ("box.lan", HostKind.OPENAI, "says no port"),
        ("::1", HostKind.OPENAI, r"\[::1\]:1234"),
        ("box.lan:", HostKind.OLLAMA, "no port after its colon"),
        ("http://[:1", HostKind.OLLAMA, "no address of a server"),
        ("a:b:c", HostKind.OLLAMA, "no address of a server"),
        ("<b>:1", HostKind.OPENAI, "no address of a server"),
    ],
)
def test_that_what_is_no_address_is_refused(text: str, kind: HostKind, word: str) -> None:
    with pytest.raises(BadInput, match=word) as caught:
        addresses.parsed(text, kind)
    assert caught.value.field == "url"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("", "no name"),
        ("x" * 61, "no name"),
        ("two\nlines", "no name"),
        ("box:1", "an address and no name"),
        ("http://box", "an address and no name"),
        ("192.168.1.5", "an address and no name"),
        ("localhost", "an address and no name"),
        ("::1", "an address and no name"),
        (" OFFICE ", "already"),
        ("rack 1", "already"),
    ],
)
def test_that_a_name_is_a_name_and_there_once(name: str, word: str) -> None:
    with pytest.raises(BadInput, match=word) as caught:
        keeping.with_host(KEPT, name, "box", HostKind.OLLAMA)
    assert caught.value.field == "name"


def test_that_hosts_are_added_changed_and_removed_in_their_places() -> None:
    more = keeping.with_host(KEPT, " third ", "10.0.0.9", HostKind.OLLAMA)
    assert [one.name for one in more.hosts] == ["office", "Rack 1", "third"]
    renamed = keeping.with_changed(more, OFFICE, name="Office")
    assert renamed.hosts[0] == Host(name="Office", url=OFFICE.url, kind=HostKind.OLLAMA)
    moved = keeping.with_changed(more, OFFICE, url="box:1/v1", kind=HostKind.OPENAI)
    assert (moved.hosts[0].url, moved.hosts[0].kind) == ("http://box:1", HostKind.OPENAI)
    assert keeping.without_host(more, RACK).hosts == (OFFICE, more.hosts[2])
    with pytest.raises(BadInput, match="already"):
        keeping.with_changed(more, OFFICE, name="RACK 1")


def test_that_a_second_host_of_one_address_is_refused_and_says_whose_it_is() -> None:
    with pytest.raises(BadInput, match="office has this address already") as refused:
        keeping.with_host(KEPT, "again", "box.lan", HostKind.OLLAMA)
    assert refused.value.field == "url"
    with pytest.raises(BadInput, match="Rack 1 has this address already"):
        keeping.with_changed(KEPT, OFFICE, url="https://rack.lan/llm", kind=HostKind.OPENAI)


def test_that_loopback_under_another_name_is_the_same_address() -> None:
    here = keeping.with_host(Settings(), "here", "localhost:11434", HostKind.OLLAMA)
    with pytest.raises(BadInput, match="here has this address already"):
        keeping.with_host(here, "again", "127.0.0.1:11434", HostKind.OLLAMA)
    assert keeping.with_host(here, "other", "127.0.0.1:11435", HostKind.OLLAMA).hosts[1:]


def test_that_two_of_one_address_from_before_can_be_renamed_and_moved_apart() -> None:
    twin = Host(name="twin", url=OFFICE.url, kind=HostKind.OLLAMA)
    kept = Settings(hosts=(OFFICE, twin))
    renamed = keeping.with_changed(kept, twin, name="attic")
    assert [one.name for one in renamed.hosts] == ["office", "attic"]
    moved = keeping.with_changed(kept, twin, url="attic.lan")
    assert moved.hosts[1].url == "http://attic.lan:11434"


def test_that_an_unknown_name_is_told_with_what_there_is() -> None:
    assert keeping.named("OFFICE", KEPT) == OFFICE
    for name, hint in (("ofice", "Did you mean office?"), ("zzz", "office, Rack 1")):
        with pytest.raises(BadInput) as caught:
            keeping.named(name, KEPT)
        assert hint in caught.value.hint
    with pytest.raises(BadInput) as caught:
        keeping.named("a", Settings())
    assert "hosts add" in caught.value.hint


# ---------------------------------------------------------------- --host


def test_that_a_host_is_meant_by_its_name_or_its_address() -> None:
    assert found("office", KEPT) is OFFICE
    assert found(" RACK 1", KEPT) is RACK
    assert found("box.lan:11434", KEPT) is OFFICE
    assert found("https://rack.lan/llm/v1", KEPT) is RACK
    other = found("http://10.0.0.7", KEPT)
    assert (other.url, other.name) == ("http://10.0.0.7:80", "10.0.0.7:80")
    assert found("localhost", KEPT).url == "http://localhost:11434"
    assert found("box", Settings()).url == "http://box:11434"


def test_that_a_mistyped_name_is_no_address() -> None:
    with pytest.raises(BadInput, match="no host 'ofice'") as caught:
        found("ofice", KEPT)
    assert caught.value.field == "--host"
    with pytest.raises(BadInput, match="no port") as caught:
        found("box.lan:99999", KEPT)
    assert caught.value.field == "--host"


# ---------------------------------------------------------------- settings.toml


def test_that_hosts_come_back_from_the_settings_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    settings_store.save(path, KEPT)
    assert settings_store.load(path) == KEPT
    assert "token" not in path.read_text()
    assert settings_toml.dump(Settings()) == "schema = 1\n"


@pytest.mark.parametrize(
    ("lines", "line", "field", "word"),
    [
        ('name = "a"\nurl = "box"\nkind = "olama"', 4, "hosts[0].kind", "none of ollama"),
        ('name = "a"\nurl = "box:0"\nkind = "ollama"', 3, "hosts[0].url", "no port 0"),
        ('name = ""\nurl = "box"\nkind = "ollama"', 2, "hosts[0].name", "no name"),
        ('name = "a"\nurl = "box"', 1, "hosts[0].kind", "is missing"),
        ('name = "a"\nurl = 5\nkind = "ollama"', 3, "hosts[0].url", "text is expected"),
        (
            'name = "a"\nurl = "box"\nkind = "ollama"\ntoken = "x"',
            5,
            "hosts[0].token",
            "no such value",
        ),
        (
            'name = "a"\nurl = "b"\nkind = "ollama"\n[[hosts]]\nname = "A"\nurl = "c"\n'
            'kind = "ollama"',
            6,
            "hosts[1].name",
            "already",
        ),
    ],
)
def test_that_a_wrong_host_in_the_settings_is_told_with_its_line(
    lines: str, line: int, field: str, word: str
) -> None:
    with pytest.raises(BadInput, match=word) as caught:
        settings_toml.parse(f"[[hosts]]\n{lines}\n")
    assert (caught.value.line, caught.value.field) == (line, field)


@pytest.mark.parametrize("text", ["hosts = 5", 'hosts = ["a"]'])
def test_that_hosts_are_tables(text: str) -> None:
    with pytest.raises(BadInput, match=r"\[\[hosts\]\]"):
        settings_toml.parse(text)


# ---------------------------------------------------------------- resolving


async def test_that_names_are_resolved_as_this_system_does() -> None:
    assert await addresses.resolved("192.168.1.5") == ("192.168.1.5",)
    assert set(await addresses.resolved("localhost")) <= {"127.0.0.1", "::1"}
    stand = await addresses.standing("http://localhost:11434")
    assert stand.standing is Standing.THIS_MACHINE
    assert "127.0.0.1" in addresses.own_addresses()


async def test_that_a_silent_name_server_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = threading.Event()

    def slow(*_args: object, **_more: object) -> list[object]:
        answered.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    monkeypatch.setattr(addresses, "RESOLVE_SECONDS", 0.05)
    assert await addresses.resolved("no.such.lan") == ()
    answered.set()
    await asyncio.sleep(0.1)


async def test_that_a_name_which_is_none_has_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: object, **_more: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert await addresses.resolved("no.such.lan") == ()
    stand = await addresses.standing("http://no.such.lan:1")
    assert stand.standing is Standing.UNKNOWN
