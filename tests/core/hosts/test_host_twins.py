from __future__ import annotations

from landfall.core.hosts.host_twins import twins
from landfall.core.hosts.hosts import HostKind, HostModel, HostReading, HostState, Standing
from tests.core.host_values import reading

MODEL = HostModel(name="m:latest", digest="abc")


def same_as(*readings: HostReading) -> list[str]:
    told = twins([one.host for one in readings], {one.host.name: one for one in readings})
    return [told[one.host.name].same_as for one in readings]


def test_that_two_names_of_one_address_and_port_are_one_server() -> None:
    one, other = reading("a", "http://box:11434"), reading("b", "http://192.168.1.5:11434")
    assert same_as(one, other) == ["", "a"]
    told = twins([one.host, other.host], {"a": one, "b": other})
    assert "same address and port" in told["b"].same_why


def test_that_two_ways_to_this_machine_are_one_server_where_they_tell_the_same() -> None:
    here = reading(
        "a", "http://127.0.0.1:11434", addresses=("127.0.0.1",), standing=Standing.THIS_MACHINE
    )
    lan = reading(
        "b", "http://10.0.0.2:11434", addresses=("10.0.0.2",), standing=Standing.THIS_MACHINE
    )
    assert same_as(here, lan) == ["", "a"]


def test_that_another_port_is_another_server() -> None:
    assert same_as(reading("a", "http://box:1"), reading("b", "http://box:2")) == ["", ""]


def test_that_servers_behind_one_proxy_which_tell_different_things_are_two() -> None:
    one = reading("a", "https://a.corp:443")
    other = reading("b", "https://b.corp:443", fingerprint="another")
    assert same_as(one, other) == ["", ""]


def test_that_the_same_models_written_at_the_same_moments_are_one_server_by_another_way() -> None:
    one = reading("a", "http://box:11434", models=(MODEL,))
    other = reading("b", "http://100.64.0.5:8443", addresses=("100.64.0.5",), models=(MODEL,))
    assert same_as(one, other) == ["", "a"]
    told = twins([one.host, other.host], {"a": one, "b": other})
    assert "written at the same moments" in told["b"].same_why


def test_that_two_empty_servers_at_different_places_are_two() -> None:
    one = reading("a", "http://box:11434")
    assert same_as(one, reading("b", "http://c:11434", addresses=("192.168.1.6",))) == ["", ""]


def test_that_models_without_digests_prove_nothing_by_themselves() -> None:
    plain = (HostModel(name="m"),)
    one = reading("a", "http://a:8000", models=plain, kind=HostKind.OPENAI)
    other = reading(
        "b", "http://b:8000", addresses=("10.9.9.9",), models=plain, kind=HostKind.OPENAI
    )
    assert same_as(one, other) == ["", ""]


def test_that_what_does_not_answer_is_the_same_as_nothing() -> None:
    gone = reading("a", "http://box:1", state=HostState.GONE)
    assert same_as(gone, reading("b", "http://box:1")) == ["", ""]
    assert same_as(reading("b", "http://box:1"), gone) == ["", ""]
    assert same_as(reading("a", "http://box:1", fingerprint=""), gone) == ["", ""]


def test_that_the_first_in_the_users_order_counts_and_unread_ones_are_left_out() -> None:
    first, second, third = (reading(name, "http://box:1") for name in "abc")
    told = twins([first.host, second.host, third.host], {"b": second, "c": third})
    assert list(told) == ["b", "c"]
    assert (told["b"].same_as, told["c"].same_as) == ("", "b")


def test_that_a_shared_address_at_another_port_proves_nothing() -> None:
    one = reading("a", "http://box:1", models=(MODEL,), kind=HostKind.OPENAI)
    other = reading("b", "http://box:2/v1", models=(MODEL,), kind=HostKind.OPENAI)
    # Only what an Ollama says of its models has the moments at which they were written.
    assert same_as(one, other) == ["", ""]
    ollama = reading("b", "http://box:2", models=(MODEL,))
    assert same_as(reading("a", "http://box:1", models=(MODEL,)), ollama) == ["", "a"]


def test_that_two_that_stand_elsewhere_need_an_address_in_common() -> None:
    here = reading("a", "http://x:9", addresses=("10.0.0.1",), standing=Standing.THIS_MACHINE)
    there = reading("b", "http://y:9", addresses=("10.0.0.2",), standing=Standing.OUR_NETWORK)
    assert same_as(here, there) == ["", ""]
    assert same_as(there, here) == ["", ""]
    both = reading("c", "http://z:9", addresses=("10.0.0.7", "10.0.0.1"))
    assert same_as(here, both) == ["", "a"]


def test_that_a_twin_of_a_twin_is_told_by_the_first() -> None:
    found = [reading(name, "http://box:1") for name in "abc"]
    assert same_as(*found) == ["", "a", "a"]
    told = twins([one.host for one in found], {one.host.name: one for one in found})
    assert told["a"].same_why == ""
    assert told["c"].same_why == "it has the same address and port, and tells the same"
