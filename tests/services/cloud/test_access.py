"""Keys, addresses and prices joined: what a page and a run ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import keyring
import pytest

from landfall.core.errors import BadInput, KeyMissing, KeyRefused, KeyringUnavailable
from landfall.core.settings import Settings
from landfall.services import cloud
from landfall.services.cloud.access import CloudAccess, KeyState
from landfall.services.cloud.budget import Consent
from landfall.services.cloud.transport import Transport
from landfall.services.egress import Purpose
from landfall.services.history.history import History
from landfall.services.keys.key_store import KeyStore, SessionKeys
from landfall.services.keys.secret import Secret, clean
from landfall.services.keys.system_keyring import SERVICE, SystemKeyring
from landfall.services.pricing import offered_models
from landfall.services.run.answering import Ask, Turn
from landfall.services.run.targets import CLOUD_ANSWER_TOKENS
from tests.fakes import keyrings
from tests.fakes.cloud_api import CloudApi, as_json

KEY = "sk-fake-0123456789abcdef"
OPENAI = cloud.find("openai")
ANTHROPIC = cloud.find("anthropic")
CUSTOM = cloud.find("custom")


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def transport(history: History) -> AsyncIterator[Transport]:
    async with aclosing(Transport(history)) as opened:
        yield opened


@pytest.fixture
def locked() -> Iterator[SystemKeyring]:
    before = keyring.get_keyring()
    keyring.set_keyring(keyrings.LockedKeyring())
    store = SystemKeyring()
    yield store
    store.close()
    keyring.set_keyring(before)


class Desk:
    """Makes the access under test with these settings."""

    def __init__(self, transport: Transport, history: History) -> None:
        self.transport, self.history = transport, history
        self.keys: KeyStore = SessionKeys()
        self.environment: dict[str, str] = {}

    def access(self, urls: dict[str, str] | None = None, **settings: Any) -> CloudAccess:
        return CloudAccess(
            replace(Settings(), base_urls=MappingProxyType(urls or {}), **settings),
            keys=self.keys,
            transport=self.transport,
            history=self.history,
            environment=self.environment,
        )


@pytest.fixture
def desk(transport: Transport, history: History) -> Desk:
    return Desk(transport, history)


def of(states: tuple[KeyState, ...], name: str) -> KeyState:
    return next(state for state in states if state.row.id == name)


async def test_states_show_a_stored_key_only_masked(desk: Desk) -> None:
    access = desk.access()
    stored = await access.store(OPENAI, f"  {KEY}\n")
    states = await access.states()
    assert [state.row.id for state in states] == [row.id for row in cloud.rows()]
    assert of(states, "openai") == stored
    assert stored.masked == "sk-fak…cdef"
    assert of(states, "groq").masked is None
    assert KEY not in repr(states)


async def test_a_removed_key_is_gone_and_a_second_removal_says_so(desk: Desk) -> None:
    access = desk.access()
    await access.store(OPENAI, KEY)
    assert await access.remove(OPENAI)
    assert of(await access.states(), "openai").masked is None
    assert not await access.remove(OPENAI)


async def test_a_keyring_that_fails_is_asked_once_and_said_of_every_provider(
    desk: Desk, locked: SystemKeyring
) -> None:
    asked = []

    class Counting(SessionKeys):
        async def get(self, entry: str) -> Any:
            asked.append(entry)
            return await locked.get(entry)

    desk.keys = Counting()
    states = await desk.access().states()
    assert asked == [cloud.rows()[0].id]
    assert {state.masked for state in states} == {None}
    assert all("Prompt dismissed" in state.problem for state in states)


async def test_a_locked_keyring_stores_nothing(desk: Desk, locked: SystemKeyring) -> None:
    desk.keys = locked
    with pytest.raises(KeyringUnavailable):
        await desk.access().store(OPENAI, KEY)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "empty"),
        ("sk-admin-0123456789abcdef0123", "admin key of OpenAI"),
        ("sk-ant-api03-0123456789abcdef", "a key of Anthropic"),
    ],
)
async def test_a_key_in_the_wrong_field_is_not_stored(desk: Desk, typed: str, says: str) -> None:
    access = desk.access()
    with pytest.raises(BadInput, match=says) as caught:
        await access.store(OPENAI, typed)
    assert caught.value.field == "key"
    assert not typed or typed not in str(caught.value)
    assert of(await access.states(), "openai").masked is None


async def test_another_providers_key_is_taken_where_the_address_was_moved(desk: Desk) -> None:
    access = desk.access({"openai": "https://gateway.example/v1"})
    state = await access.store(OPENAI, "sk-ant-api03-0123456789abcdef")
    assert state.masked is not None


async def test_check_asks_at_the_address_in_force(desk: Desk, openai: CloudApi) -> None:
    access = desk.access({"openai": openai.url})
    with pytest.raises(KeyMissing) as missing:
        await access.check(OPENAI)
    assert "`landfall key set openai`" in missing.value.hint, "there may be no window to go to"
    assert openai.requests == []
    await access.store(OPENAI, KEY)
    accepted = await access.check(OPENAI)
    assert accepted.host in openai.url
    (entry,) = await desk.history.egress()
    assert (entry.why, entry.outcome, entry.host) == ("key check", "200", accepted.host)


async def test_a_refused_key_is_not_repeated_in_the_refusal(desk: Desk, openai: CloudApi) -> None:
    access = desk.access({"openai": openai.url})
    wrong = "sk-wrong-0123456789abcdef"
    await access.store(OPENAI, wrong)
    with pytest.raises(KeyRefused) as caught:
        await access.check(OPENAI)
    assert wrong not in str(caught.value)


async def test_models_are_those_of_the_key(desk: Desk, anthropic: CloudApi) -> None:
    access = desk.access({"anthropic": anthropic.url})
    await access.store(ANTHROPIC, anthropic.key)
    assert [(m.id, m.name) for m in await access.models(ANTHROPIC)] == [("c-1", "C 1")]


async def test_a_server_of_ones_own_on_this_machine_needs_no_key_even_without_a_keyring(
    desk: Desk, openai: CloudApi, locked: SystemKeyring
) -> None:
    openai.key = ""
    desk.keys = locked
    access = desk.access({"custom": openai.url})
    state = of(await access.states(), "custom")
    assert state.usable
    assert not state.needs_key
    assert (await access.check(CUSTOM)).host in openai.url


async def test_a_server_of_ones_own_elsewhere_needs_a_key(desk: Desk) -> None:
    access = desk.access({"custom": "https://models.example/v1"})
    assert of(await access.states(), "custom").needs_key
    with pytest.raises(KeyMissing):
        await access.check(CUSTOM)


def test_an_address_tells_who_moved_it(desk: Desk) -> None:
    own = desk.access().address(OPENAI)
    assert (own.moved, own.url) == (False, OPENAI.base_url)
    moved = desk.access({"openai": "https://gateway.example/v1"}).address(OPENAI)
    assert (moved.origin, moved.host) == ("settings", "gateway.example")
    desk.environment["OPENAI_BASE_URL"] = "https://other.example/v1"
    by_variable = desk.access({"openai": "https://gateway.example/v1"}).address(OPENAI)
    assert (by_variable.origin, by_variable.host) == ("OPENAI_BASE_URL", "other.example")
    with pytest.raises(BadInput, match="no address of its own"):
        desk.access().address(CUSTOM)


def test_an_address_is_typed_changed_and_taken_back(desk: Desk) -> None:
    typed = desk.access().with_address(OPENAI, " https://gateway.example/v1/ ")
    assert dict(typed.base_urls) == {"openai": "https://gateway.example/v1"}
    other = desk.access(dict(typed.base_urls)).with_address(CUSTOM, "http://127.0.0.1:8000/v1")
    assert set(other.base_urls) == {"openai", "custom"}
    back = desk.access(dict(other.base_urls)).with_address(OPENAI, "  ")
    assert set(back.base_urls) == {"custom"}


@pytest.mark.parametrize(
    "typed", ["http://192.168.1.4:8000/v1", "https://me:secret@host/v1", "host", "ftp://host/v1"]
)
def test_an_address_that_would_leak_the_key_or_is_none_is_refused(desk: Desk, typed: str) -> None:
    with pytest.raises(BadInput):
        desk.access().with_address(OPENAI, typed)


async def test_the_ceiling_is_the_price_of_the_longest_answer(desk: Desk) -> None:
    rates = MappingProxyType({"input": 0.0, "output": 2.0})
    access = desk.access(prices=MappingProxyType({"openai/m-1": rates}))
    ask = Ask(turns=(Turn("user", "Why?"),), context=4096)
    assert access.ceiling(OPENAI, "m-1", ask=ask).usd == pytest.approx(2e-6 * CLOUD_ANSWER_TOKENS)
    short = replace(ask, num_predict=10)
    assert access.ceiling(OPENAI, "m-1", ask=short).usd == pytest.approx(2e-5)
    assert access.ceiling(OPENAI, "nobody-knows-it", ask=ask).usd is None


async def test_a_target_is_made_only_with_a_key(desk: Desk, openai: CloudApi) -> None:
    access = desk.access({"openai": openai.url})
    consent, purpose = Consent(usd_max=1.0), Purpose(why="answer")
    with pytest.raises(KeyMissing):
        await access.target(OPENAI, "m-1", consent=consent, purpose=purpose)
    await desk.keys.store("openai", clean(KEY))
    target = await access.target(OPENAI, "m-1", consent=consent, purpose=purpose)
    assert (target.place, target.model) == ("cloud", "m-1")
    assert target.host in openai.url


def test_the_keyring_is_filed_under_the_program() -> None:
    assert SERVICE == "Landfall"


# The key for usage


ADMIN = "sk-admin-0123456789abcdef0123"


async def test_a_key_for_usage_is_kept_shown_masked_and_removed_by_itself(
    desk: Desk,
) -> None:
    access = desk.access()
    await access.store(OPENAI, KEY)
    state = await access.store(OPENAI, ADMIN, kind="usage")
    assert (state.masked is not None, state.usage_masked) == (True, Secret(ADMIN).masked)
    listed = {state.row.id: state for state in await access.states()}
    assert listed["openai"].usage_masked == Secret(ADMIN).masked
    assert listed["anthropic"].usage_masked is None
    assert await access.usage_key(OPENAI) == Secret(ADMIN)
    assert await access.remove(OPENAI, kind="usage")
    assert not await access.remove(OPENAI, kind="usage")
    assert (await access.states())[0].masked is not None
    with pytest.raises(KeyMissing, match="No admin key of OpenAI") as error:
        await access.usage_key(OPENAI)
    assert "--usage" in error.value.hint


async def test_where_the_usual_key_reads_usage_it_is_the_one(desk: Desk) -> None:
    access = desk.access()
    fireworks = cloud.find("fireworks")
    with pytest.raises(KeyMissing, match="No key of Fireworks") as error:
        await access.usage_key(fireworks)
    assert "--usage" not in error.value.hint
    await access.store(fireworks, "fw_0123456789abcdef")
    assert await access.usage_key(fireworks) == Secret("fw_0123456789abcdef")


async def test_a_provider_that_tells_no_usage_to_a_key_has_none(desk: Desk) -> None:
    access = desk.access({"custom": "https://host.example/v1"})
    for name in ("groq", "google", "mistral", "custom"):
        with pytest.raises(BadInput, match="tells no usage to a key"):
            await access.usage_key(cloud.find(name))
        with pytest.raises(BadInput, match="no key of its own for usage"):
            await access.store(cloud.find(name), KEY, kind="usage")


async def test_a_key_for_usage_is_never_sent_with_a_question(desk: Desk, openai: CloudApi) -> None:
    access = desk.access({"openai": openai.url})
    await access.store(OPENAI, ADMIN, kind="usage")
    with pytest.raises(KeyMissing):
        await access.models(OPENAI)
    with pytest.raises(KeyMissing):
        await access.target(
            OPENAI, "m-1", consent=Consent(usd_max=1.0), purpose=Purpose(why="answer")
        )
    openai.script.append(as_json({"data": []}))
    await access.check(OPENAI, kind="usage")
    assert [r.headers["authorization"] for r in openai.requests] == [f"Bearer {ADMIN}"]


async def test_what_a_provider_lists_for_a_key_is_kept_and_goes_with_it(
    desk: Desk, openai: CloudApi
) -> None:
    at_home = replace(OPENAI, base_url=openai.url)
    access = desk.access()
    await access.store(at_home, openai.key)
    await access.models(at_home)
    assert set(offered_models.load()["openai"].retires) == {"m-1", "m-2"}
    # Another server's list says nothing about the provider.
    elsewhere = desk.access({"openai": openai.url})
    await access.remove(OPENAI)
    assert offered_models.load() == {}
    await elsewhere.store(OPENAI, openai.key)
    await elsewhere.models(OPENAI)
    assert offered_models.load() == {}


async def test_a_key_that_is_replaced_takes_its_list_along(desk: Desk, openai: CloudApi) -> None:
    at_home = replace(OPENAI, base_url=openai.url)
    access = desk.access()
    await access.store(at_home, openai.key)
    await access.models(at_home)
    assert "openai" in offered_models.load()
    await access.store(at_home, KEY)
    assert "openai" not in offered_models.load()
