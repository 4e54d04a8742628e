from __future__ import annotations

import socket
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.services.ollama import address
from landfall.services.ollama.address import DEFAULT_URL, chosen, is_this_machine

FORMS = [
    ("localhost", "http://localhost:11434"),
    ("127.0.0.1", "http://127.0.0.1:11434"),
    ("192.168.1.5:8080", "http://192.168.1.5:8080"),
    (":8080", "http://127.0.0.1:8080"),
    ("0.0.0.0", "http://127.0.0.1:11434"),
    ("0.0.0.0:8080", "http://127.0.0.1:8080"),
    ("http://0.0.0.0:8080", "http://127.0.0.1:8080"),
    ("::1", "http://[::1]:11434"),
    ("::", "http://[::1]:11434"),
    ("[::1]", "http://[::1]:11434"),
    ("[::1]:8080", "http://[::1]:8080"),
    ("[::]:8080", "http://[::1]:8080"),
    ("http://box", "http://box:80"),
    ("https://box", "https://box:443"),
    ("HTTPS://box:8443/ollama/", "https://box:8443/ollama"),
    ("box/", "http://box:11434"),
    ('"box:8080"', "http://box:8080"),
    (" box ", "http://box:11434"),
    ("box:no-port", "http://box:11434"),
    ("box:99999", "http://box:11434"),
]


@pytest.mark.parametrize(("text", "url"), FORMS)
def test_that_ollama_host_is_read_as_ollama_reads_it(text: str, url: str) -> None:
    address = chosen("", {"OLLAMA_HOST": text})
    assert address.url == url
    assert address.given


def test_that_without_a_word_the_address_is_the_default() -> None:
    for empty in ({}, {"OLLAMA_HOST": ""}, {"OLLAMA_HOST": ' "" '}):
        address = chosen("", empty)
        assert address.url == DEFAULT_URL
        assert not address.given


def test_that_what_was_typed_into_the_settings_stands_before_the_environment() -> None:
    address = chosen("box:1", {"OLLAMA_HOST": "other:2"})
    assert (address.url, address.origin) == ("http://box:1", "settings")


@pytest.mark.parametrize(
    "text",
    [
        "ftp://box",
        "a b",
        "user:pass@box",
        "bo\nx",
        "http://[x",
        "[::1",
        "http://[::1",
        "127.0.0.1:1:2",
        "http://box:1:2",
        "999.999.999.999:1",
    ],
)
def test_that_what_is_no_address_says_which_setting_holds_it(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        chosen("", {"OLLAMA_HOST": text})
    assert caught.value.field == "OLLAMA_HOST"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "text",
    [
        "http://me:hunter2@box:1",
        "me:hunter2@box",
        "ftp://me:hunter2@box",
        "http://me:hunt/er2@box:11434",
        "me/hunter2@box",
        "http://box:1/?key=hunter2",
        "box?hunter2",
        "http://box/#hunter2",
    ],
)
def test_that_a_password_or_a_query_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(BadInput, match="more than host, port and path") as caught:
        chosen("", {"OLLAMA_HOST": text})
    assert "hunt" not in str(caught.value)
    assert caught.value.field == "OLLAMA_HOST"


@given(st.text(max_size=30))
def test_that_any_text_is_an_address_or_bad_input(text: str) -> None:
    try:
        address = chosen(text, {})
    except BadInput:
        return
    url = httpx.URL(address.url)
    assert urlsplit(address.url).hostname
    assert url.scheme in ("http", "https")
    assert url.host
    assert url.port is None or 0 <= url.port <= 65535


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:11434",
        "http://localhost:1",
        "http://[::1]:11434",
        "http://me.localhost:1",
        f"http://{socket.gethostname()}:11434",
    ],
)
def test_that_this_machine_is_known_by_loopback_and_by_its_name(url: str) -> None:
    assert is_this_machine(url)


@pytest.mark.parametrize(
    "url", ["http://192.0.2.7:11434", "https://box.example", "http://10.255.255.1"]
)
def test_that_another_machine_is_another_machine(url: str) -> None:
    assert not is_this_machine(url)


def test_that_an_empty_setting_names_the_address_that_the_environment_gives() -> None:
    assert address.without_setting({}) == DEFAULT_URL
    assert address.without_setting({"OLLAMA_HOST": "box:11920"}) == "http://box:11920"
    assert address.without_setting({"OLLAMA_HOST": "no address"}) == DEFAULT_URL
