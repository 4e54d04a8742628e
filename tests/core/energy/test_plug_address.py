from __future__ import annotations

import pytest

from landfall.core.energy.plug_address import in_own_network, plug_address
from landfall.core.errors import BadInput


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("192.168.1.50", "http://192.168.1.50"),
        (" http://192.168.1.50/ ", "http://192.168.1.50"),
        ("HTTP://192.168.1.50:80", "http://192.168.1.50"),
        ("192.168.1.50:8080", "http://192.168.1.50:8080"),
        ("Shelly-Plug.local", "http://shelly-plug.local"),
        ("[fe80::1%eth0]:81", "http://[fe80::1%eth0]:81"),
        ("fd00::5", "http://[fd00::5]"),
    ],
)
def test_that_a_host_or_its_plain_url_is_an_address(typed: str, url: str) -> None:
    assert plug_address(typed).url == url
    assert plug_address(url).url == url


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "https://192.168.1.50",
        "ftp://192.168.1.50",
        "http://user:word@192.168.1.50",
        "192.168.1.50/rpc",
        "192.168.1.50:0",
        "192.168.1.50:65536",
        "192.168.1.50:x",
        "192.168.1.50:\u0665",
        "a b",
        "host\r\nEvil: 1",
        "http://",
    ],
)
def test_that_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(BadInput) as caught:
        plug_address(typed, field="address")
    assert caught.value.field == "address"
    assert caught.value.hint


@pytest.mark.parametrize(
    "typed",
    [
        "me:hunter2@plug",
        "http://me:hunter2@plug/",
        "plug?a=hunter2",
        "http://plug/x#hunter2",
        "plug#hunter2",
        "plug/hunter2",
        "http://plug/@hunter2",
        "https://me:hunter2@plug",
        "me:hunter2@plug://x",
    ],
)
def test_that_a_password_is_not_repeated(typed: str) -> None:
    """Nor is what stands beside it called no address: "plug" is one."""
    with pytest.raises(BadInput, match="carries more than host") as caught:
        plug_address(typed)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("10.1.2.3", True),
        ("172.16.0.9", True),
        ("192.168.1.50", True),
        ("169.254.7.7", True),
        ("fe80::1%eth0", True),
        ("fd12::1", True),
        ("100.64.1.1", True),
        ("::ffff:192.168.1.5", True),
        ("8.8.8.8", False),
        ("2001:4860:4860::8888", False),
        ("::ffff:8.8.8.8", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("shelly.local", False),
    ],
)
def test_that_private_addresses_are_the_own_network(address: str, inside: bool) -> None:
    assert in_own_network(address) is inside
