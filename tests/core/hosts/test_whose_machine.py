from __future__ import annotations

import pytest

from landfall.core.hosts.hosts import HostReading, HostState, Standing
from landfall.core.hosts.whose_machine import is_inside, plain, stand_of
from landfall.core.workload.privacy import is_public_host
from landfall.core.workload.privacy_check import Place, place_of
from tests.core.host_values import host

OWN = ("192.168.1.20", "fe80::1", "2001:db8::20")


@pytest.mark.parametrize(
    ("address", "standing"),
    [
        ("127.0.0.1", Standing.THIS_MACHINE),
        ("127.9.9.9", Standing.THIS_MACHINE),
        ("::1", Standing.THIS_MACHINE),
        ("::ffff:127.0.0.1", Standing.THIS_MACHINE),
        ("0.0.0.0", Standing.THIS_MACHINE),
        ("192.168.1.20", Standing.THIS_MACHINE),
        ("2001:db8::20", Standing.THIS_MACHINE),
        ("fe80::1%eth0", Standing.THIS_MACHINE),
        ("192.168.1.21", Standing.OUR_NETWORK),
        ("10.0.0.1", Standing.OUR_NETWORK),
        ("172.16.0.1", Standing.OUR_NETWORK),
        ("172.31.255.254", Standing.OUR_NETWORK),
        ("169.254.3.4", Standing.OUR_NETWORK),
        ("100.64.0.1", Standing.OUR_NETWORK),
        ("100.127.255.254", Standing.OUR_NETWORK),
        ("fd12:3456::1", Standing.OUR_NETWORK),
        ("fe80::2%eth0", Standing.OUR_NETWORK),
        ("172.32.0.1", Standing.THIRD_PARTY),
        ("100.128.0.1", Standing.THIRD_PARTY),
        ("100.63.255.255", Standing.THIRD_PARTY),
        ("8.8.8.8", Standing.THIRD_PARTY),
        ("203.0.113.9", Standing.THIRD_PARTY),
        ("240.0.0.1", Standing.THIRD_PARTY),
        ("2606:4700::1111", Standing.THIRD_PARTY),
        ("64:ff9b::808:808", Standing.THIRD_PARTY),
        ("no address", Standing.THIRD_PARTY),
    ],
)
def test_that_an_address_decides_where_a_host_stands(address: str, standing: Standing) -> None:
    assert stand_of([address], OWN).standing is standing


def test_that_the_farthest_of_several_addresses_counts_and_is_the_one_that_is_told() -> None:
    stand = stand_of(["127.0.0.1", "8.8.8.8", "192.168.1.21"], OWN)
    assert stand.standing is Standing.THIRD_PARTY
    assert stand.words == "a third party (8.8.8.8; the name also leads nearer)"
    assert stand.addresses == ("127.0.0.1", "8.8.8.8", "192.168.1.21")


def test_that_a_tailnet_and_a_link_are_told_as_such() -> None:
    assert "tailnet" in stand_of(["100.64.0.9"], OWN).words
    assert "this link alone" in stand_of(["fe80::9%eth0"], OWN).words
    assert stand_of(["192.168.1.5"], OWN).words == "our network (192.168.1.5)"


def test_that_a_name_without_an_address_stands_nowhere_known() -> None:
    stand = stand_of([], OWN)
    assert (stand.standing, stand.addresses) == (Standing.UNKNOWN, ())
    assert "no address now" in stand.words


def test_that_text_which_is_no_address_is_none() -> None:
    assert plain("localhost") is None
    assert str(plain("::ffff:10.0.0.1")) == "10.0.0.1"


def test_that_a_reading_tells_where_its_host_stands() -> None:
    reading = HostReading(
        host=host("a", "http://10.0.0.1:11434"),
        state=HostState.ANSWERS,
        stand=stand_of(["10.0.0.1"], OWN),
    )
    assert reading.standing is Standing.OUR_NETWORK


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        (["127.0.0.1"], "this machine (127.0.0.1)"),
        (["127.0.0.1", "127.0.0.2"], "this machine (127.0.0.1)"),
        (["127.0.0.1", "10.0.0.7"], "our network (10.0.0.7; the name also leads nearer)"),
        (["10.0.0.7", "10.0.0.8"], "our network (10.0.0.7)"),
        (["8.8.8.8", "8.8.8.8"], "a third party (8.8.8.8)"),
        (["words"], "a third party (words)"),
        (
            ["100.64.0.9", "127.0.0.1"],
            "our network (100.64.0.9, an address of a tailnet or behind a carrier's translation;"
            " the name also leads nearer)",
        ),
        (["169.254.1.1"], "our network (169.254.1.1, reachable on this link alone)"),
        (["fe80::9"], "our network (fe80::9, reachable on this link alone)"),
        (["fec0::1"], "our network (fec0::1)"),
        ([], "not known: its name has no address now"),
    ],
)
def test_that_it_is_told_by_which_address_a_host_stands_there(
    addresses: list[str], words: str
) -> None:
    assert stand_of(addresses, OWN).words == words


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "0.0.0.0", "::1", "10.1.2.3", "100.64.0.9", "169.254.0.1", "fd00::1"),
        *("fec0::1", "::ffff:192.168.0.2", "198.18.0.1", "192.0.2.5", "203.0.113.9", "240.0.0.1"),
        *("192.0.0.5", "0.1.2.3", "2001:db8::1", "8.8.8.8", "2606:4700::1"),
    ],
)
def test_that_all_who_ask_whose_an_address_is_get_one_answer(address: str) -> None:
    inside = is_inside(address)
    assert inside is (stand_of([address], ()).standing is not Standing.THIRD_PARTY)
    assert inside is not is_public_host(address)
    assert inside is (place_of([address]) is not Place.PUBLIC)
