from __future__ import annotations

import pytest

from landfall.core.hosts.host_names import is_loopback, port_is_possible, without_port


@pytest.mark.parametrize(
    ("host", "name", "possible"),
    [
        ("hf.co", "hf.co", True),
        ("localhost:5050", "localhost", True),
        ("[::1]:5050", "[::1]", True),
        ("[::1]", "[::1]", True),
        ("localhost:65535", "localhost", True),
        ("localhost:65536", "localhost", False),
    ],
)
def test_that_a_host_is_parted_from_its_port(host: str, name: str, possible: bool) -> None:
    assert without_port(host) == name
    assert port_is_possible(host) is possible


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.0.0.9", True),
        ("[::1]", True),
        ("::ffff:127.0.0.1", True),
        ("hf.co", False),
        ("192.168.1.7", False),
    ],
)
def test_that_loopback_is_this_machine(host: str, here: bool) -> None:
    assert is_loopback(host) is here


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("LOCALHOST.", True),
        ("a.b.Localhost", True),
        ("localhost.example.com", False),
        ("notlocalhost", False),
        ("127.1.2.3.", True),
        ("127.example.com", False),
        ("127.0.0.256", False),
        ("[::ffff:10.0.0.1]", False),
        ("::2", False),
        ("fe80::1", False),
        ("a:b", False),
        ("", False),
    ],
)
def test_that_a_name_that_only_looks_like_loopback_is_none(host: str, here: bool) -> None:
    assert is_loopback(host) is here


@pytest.mark.parametrize(
    ("host", "name", "possible"),
    [
        ("box", "box", True),
        ("box:", "box:", True),
        ("box:x", "box:x", True),
        ("box:0", "box", True),
        ("a:b:80", "a:b", True),
        ("[::1]:99999", "[::1]", False),
        ("::1", ":", True),
    ],
)
def test_that_only_digits_behind_a_colon_are_a_port(host: str, name: str, possible: bool) -> None:
    assert without_port(host) == name
    assert port_is_possible(host) is possible
