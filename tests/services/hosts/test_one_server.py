"""A kept host is itself under each name of this machine; its token goes to no other place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.settings import Settings
from landfall.services.history.records import RunRecord
from landfall.services.hosts import naming, tokens
from landfall.services.hosts.opening import kept_at, token_at
from landfall.services.keys.key_store import SessionKeys
from landfall.services.ollama import address
from landfall.services.run.measured_here import ran_on

MINE = Host(name="mine", url="http://localhost:11434", kind=HostKind.OLLAMA)
IN_FORCE = "http://127.0.0.1:11434"
KEPT = replace(Settings(), hosts=(MINE,))


def run(host: str, place: str = "local") -> RunRecord:
    return RunRecord(
        started_at="2026-11-02T00:00:00+00:00", place=place, host=host, model="m", prompt="?"
    )


def test_that_runs_are_found_under_each_name_of_this_machine() -> None:
    assert ran_on(run(IN_FORCE), MINE)
    assert ran_on(run("http://LOCALHOST:11434/"), MINE)
    assert not ran_on(run("http://127.0.0.1:11435"), MINE)
    assert not ran_on(run("http://127.0.0.1:no"), MINE)
    assert not ran_on(run(IN_FORCE, place="cloud"), MINE)


def test_that_thousands_of_runs_ask_for_the_addresses_of_this_machine_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    real = address.same_server

    def counted(one: str, other: str) -> bool:
        asked.append(one)
        return real(one, other)

    monkeypatch.setattr(address, "same_server", counted)
    far = replace(MINE, url="http://box.example:11434")
    assert not any(ran_on(run("http://127.0.0.1:11434"), far) for _ in range(1000))
    assert len(asked) <= 2


@pytest.mark.parametrize(
    "other",
    [
        "http://127.0.0.2:11434",  # a tunnel, for all one knows
        "http://a.localhost:11434",
        "http://127.0.0.1:11435",
        "https://127.0.0.1:11434",
        "http://127.0.0.1:11434/behind",
        "http://[bad",
    ],
)
def test_that_what_may_be_somebody_elses_is_not_the_kept_host(other: str) -> None:
    kept = replace(Settings(), hosts=(replace(MINE, url=other),))
    assert kept_at(IN_FORCE, kept) is None
    assert naming.found(IN_FORCE, kept).url == IN_FORCE


def test_that_an_address_names_the_host_that_is_kept_under_another_name() -> None:
    assert naming.found(IN_FORCE, KEPT) is MINE
    assert naming.found("127.0.0.1:11434", KEPT) is MINE
    assert naming.found("https://127.0.0.1:11434", KEPT) is not MINE
    exact = replace(MINE, name="exact", url=IN_FORCE)
    assert naming.found(IN_FORCE, replace(KEPT, hosts=(MINE, exact))) is exact


async def test_that_a_token_is_found_under_each_name_of_loopback_and_goes_nowhere_else() -> None:
    keys = SessionKeys()
    await tokens.store(MINE, "a-token-of-mine", keys)
    assert await token_at(IN_FORCE, KEPT, lambda: keys) is not None
    own = "http://192.168.7.20:11434"
    for elsewhere in ("http://127.0.0.1:11435", "https://127.0.0.1:11434", own):
        assert kept_at(elsewhere, KEPT) is None


async def test_that_a_token_stays_off_another_address_of_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(address, "is_this_machine", lambda _url: True)
    there = replace(MINE, url="http://192.168.7.20:11434")
    assert address.same_server(there.url, IN_FORCE)
    assert kept_at(IN_FORCE, replace(KEPT, hosts=(there,))) is None
