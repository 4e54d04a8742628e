from __future__ import annotations

import os

import httpx
import pytest

from landfall.core.errors import AppError, NetworkUnavailable
from landfall.services import proxies
from landfall.services.ollama.registry import read_layers
from landfall.services.ollama.transport import Transport

LISTS = {
    "localhost,127.0.0.1,[::1]": "localhost,127.0.0.1,::1",
    "[::1]:8080, .corp.example": "::1,.corp.example",
    "10.0.0.0/8,fe80::/10,::1": "10.0.0.0/8,::1",
    "http://[::1": "",
    "*": "*",
    "": "",
}


@pytest.mark.parametrize("written", LISTS)
def test_that_a_list_of_exceptions_is_read_and_stays_as_it_was(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", written)
    assert proxies.readable(written) == LISTS[written]
    with proxies.understood():
        httpx.AsyncClient(trust_env=True, verify=False)
    assert os.environ["NO_PROXY"] == written


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("url", ["http://[::1", "http://127.0.0.1:1:2", "https://h:x"])
def test_that_a_proxy_without_an_address_is_named_and_no_fault_of_the_program(
    variable: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, url)
    with pytest.raises(NetworkUnavailable, match=variable) as caught, proxies.understood():
        pass
    assert "HTTPS_PROXY" in caught.value.hint
    with proxies.understood(used=False):
        pass


async def test_that_another_machine_is_asked_past_a_list_that_names_ipv6(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_PROXY", "localhost,[::1],fe80::/10")
    await Transport("http://192.0.2.7:11434").aclose()
    monkeypatch.setenv("HTTP_PROXY", "http://[::1")
    with pytest.raises(AppError, match="HTTP_PROXY"):
        Transport("http://192.0.2.7:11434")


@pytest.mark.parametrize("url", ["socks5://127.0.0.1:1", "ftp://127.0.0.1:1", "socks://h"])
async def test_that_a_proxy_of_a_kind_that_cannot_be_used_is_told(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", url)
    with pytest.raises(NetworkUnavailable, match="cannot be used"):
        Transport("http://192.0.2.7:11434")
    with pytest.raises(NetworkUnavailable, match="cannot be used"):
        await read_layers("registry.example/library/tiny")


def test_that_no_proxy_is_seen_by_what_asked_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://[::1")
    monkeypatch.setenv("NO_PROXY", "[::1],fe80::/10")
    with proxies.unseen():
        httpx.Client(verify=False).close()
    assert os.environ["http_proxy"] == "http://[::1"
    assert os.environ["NO_PROXY"] == "[::1],fe80::/10"
