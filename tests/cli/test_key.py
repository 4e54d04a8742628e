from __future__ import annotations

import asyncio
import io
import json
import re
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backends import fail, null

from landfall.cli import cloud_here, key, main
from landfall.core.errors import (
    BadInput,
    KeyMissing,
    KeyRefused,
    KeyringUnavailable,
    NetworkUnavailable,
)
from landfall.core.settings import Settings
from landfall.services import cloud, paths
from landfall.services.cloud.transport import Transport
from landfall.services.history.history import History
from landfall.services.settings import settings_store
from tests.cli.shell import Shell
from tests.fakes.cloud_api import CUT, CloudApi, Reply, as_json, page, refuse, serving
from tests.fakes.keyrings import ForgetfulKeyring, LockedKeyring, MemoryKeyring

KEY = "sk-proj-PLANTED-0123456789-abcdef"
UNUSABLE = (fail.Keyring, null.Keyring, LockedKeyring)


@pytest.fixture
async def openai() -> AsyncIterator[CloudApi]:
    async with serving("openai", KEY) as api:
        yield api


@pytest.fixture
def api_in_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Reply], str]]:
    """A provider in a thread of its own, for the whole command with its own loop; pauses are short.

    It gives the same answer every time.
    """

    async def no_pause(_seconds: float) -> None:
        return None

    monkeypatch.setattr(cloud_here, "Transport", partial(Transport, sleep=no_pause))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    stack = AsyncExitStack()

    def started(reply: Reply) -> str:
        opening = stack.enter_async_context(serving("openai", KEY))
        api = asyncio.run_coroutine_threadsafe(opening, loop).result(10)
        api.default = reply
        return api.url

    yield started
    asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def landfall(monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(key.COMMANDS[0], monkeypatch)


# set


async def test_set_stores_one_stripped_line_without_a_network(
    landfall: Shell, memory: MemoryKeyring
) -> None:
    assert await landfall("set", "openai", stdin=f"  {KEY} \r\n") == 0
    assert memory.entries == {("Landfall", "openai"): KEY}
    assert KEY not in landfall.out + landfall.err


async def test_set_says_in_json_what_it_did_and_never_the_key(
    landfall: Shell, memory: MemoryKeyring
) -> None:
    assert await landfall("set", "OpenAI", stdin=KEY, as_json=True) == 0
    assert landfall.document["provider"] == "openai"
    assert landfall.document["stored"] is True
    assert landfall.document["masked"] == "sk-pro…cdef"


@pytest.mark.parametrize("stdin", ["", "\n", "   \n", f"{KEY}\nsecond line\n", "two words\n"])
async def test_set_refuses_what_is_no_key(
    landfall: Shell, memory: MemoryKeyring, stdin: str
) -> None:
    with pytest.raises(BadInput) as error:
        await landfall("set", "openai", stdin=stdin)
    assert error.value.exit_code == 2
    assert error.value.field == "key"
    assert memory.entries == {}


async def test_set_replaces_a_key(landfall: Shell, memory: MemoryKeyring) -> None:
    await landfall("set", "openai", stdin="sk-old-0123456789")
    await landfall("set", "openai", stdin=KEY)
    assert memory.entries == {("Landfall", "openai"): KEY}


async def test_an_admin_key_is_named_as_one(landfall: Shell, memory: MemoryKeyring) -> None:
    with pytest.raises(BadInput, match="admin key of OpenAI"):
        await landfall("set", "openai", stdin="sk-admin-0123456789")
    assert memory.entries == {}


async def test_a_key_in_the_arguments_is_refused_and_not_repeated(
    landfall: Shell, memory: MemoryKeyring
) -> None:
    for words in (("set", "openai", KEY), ("set", KEY)):
        with pytest.raises(BadInput) as error:
            await landfall(*words, stdin=KEY)
        assert KEY not in str(error.value)
    assert memory.entries == {}


async def test_an_unknown_provider_is_bad_input_with_a_suggestion(landfall: Shell) -> None:
    with pytest.raises(BadInput, match="Perhaps anthropic") as error:
        await landfall("set", "antropic", stdin=KEY)
    assert error.value.field == "provider"


@pytest.mark.parametrize(
    ("backend", "action"),
    [
        *((kind, act) for kind in UNUSABLE for act in ("set", "check", "remove")),
        # One that forgets is found out when it is given something.
        (ForgetfulKeyring, "set"),
    ],
)
async def test_without_a_keyring_that_keeps_every_command_says_so(
    landfall: Shell, memory: MemoryKeyring, backend: type[Any], action: str
) -> None:
    keyring.set_keyring(backend())
    with pytest.raises(KeyringUnavailable) as error:
        await landfall(action, "openai", stdin=KEY)
    assert error.value.exit_code == 3
    assert error.value.hint


async def test_a_custom_address_is_kept_with_its_key(
    landfall: Shell, memory: MemoryKeyring, openai: CloudApi
) -> None:
    assert await landfall("set", "custom", "--base-url", openai.url, stdin=KEY) == 0
    assert await landfall("check", "custom") == 0
    assert KEY not in paths.of_user().settings.read_text()


async def test_plain_http_to_another_machine_is_warned_of_and_remembered(
    landfall: Shell, memory: MemoryKeyring
) -> None:
    url = "http://192.168.1.5:8000/v1"
    with pytest.raises(BadInput, match="plain http") as error:
        await landfall("set", "custom", "--base-url", url, stdin=KEY)
    assert "--insecure" in error.value.hint
    assert memory.entries == {}
    assert await landfall("set", "custom", "--base-url", url, "--insecure", stdin=KEY) == 0
    assert landfall.err.count("192.168.1.5:8000 unencrypted") == 1
    settings = settings_store.load(paths.of_user().settings)
    assert settings.plain_http_hosts == ("192.168.1.5:8000",)
    assert dict(settings.base_urls) == {"custom": url}
    # From now on it may be used, and nobody else.
    assert cloud.address_of(cloud.find("custom"), settings=settings, environment={}).url == url


# check


async def test_check_asks_the_provider_with_the_stored_key(
    landfall: Shell, memory: MemoryKeyring, openai: CloudApi
) -> None:
    await landfall("set", "openai", stdin=KEY)
    assert await landfall("check", "openai", "--base-url", openai.url, as_json=True) == 0
    assert landfall.document["accepted"] is True
    assert openai.requests[0].headers["authorization"] == f"Bearer {KEY}"


async def test_the_variable_moves_the_address_and_the_argument_moves_it_further(
    landfall: Shell, memory: MemoryKeyring, openai: CloudApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    await landfall("set", "openai", stdin=KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", openai.url)
    assert await landfall("check", "openai") == 0
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert await landfall("check", "openai", "--base-url", openai.url) == 0
    assert len(openai.requests) == 2


async def test_check_says_refused_with_1(
    landfall: Shell, memory: MemoryKeyring, openai: CloudApi
) -> None:
    await landfall("set", "openai", stdin="sk-other-0123456789")
    with pytest.raises(KeyRefused) as error:
        await landfall("check", "openai", "--base-url", openai.url)
    assert error.value.exit_code == 1


async def test_check_says_no_key_with_3(
    landfall: Shell, memory: MemoryKeyring, openai: CloudApi
) -> None:
    with pytest.raises(KeyMissing) as error:
        await landfall("check", "openai", "--base-url", openai.url)
    assert error.value.exit_code == 3
    assert openai.requests == []


async def test_check_says_no_answer_with_3(
    landfall: Shell, memory: MemoryKeyring, openai: CloudApi
) -> None:
    await landfall("set", "openai", stdin=KEY)
    with pytest.raises(NetworkUnavailable) as error:
        await landfall("check", "openai", "--base-url", "http://127.0.0.1:9/v1")
    assert error.value.exit_code == 3
    openai.script.append(page())
    with pytest.raises(NetworkUnavailable):
        await landfall("check", "openai", "--base-url", openai.url)


@pytest.mark.parametrize("url", ["http://192.168.1.5/v1", "nonsense", "https://u:p@h/v1"])
async def test_a_base_address_that_cannot_be_used_is_bad_input(
    landfall: Shell, memory: MemoryKeyring, url: str
) -> None:
    await landfall("set", "openai", stdin=KEY)
    with pytest.raises(BadInput) as error:
        await landfall("check", "openai", "--base-url", url)
    assert error.value.field == "--base-url"


async def test_a_check_stands_in_the_egress_log(
    landfall: Shell, memory: MemoryKeyring, openai: CloudApi
) -> None:
    await landfall("set", "openai", stdin=KEY)
    await landfall("check", "openai", "--base-url", openai.url)
    history = History(paths.of_user().database)
    await history.open()
    (line,) = await history.egress()
    await history.close()
    assert (line.why, line.outcome, line.workload) == ("key check", "200", None)


async def test_a_key_that_is_set_anew_is_not_the_one_that_was_checked(
    landfall: Shell, memory: MemoryKeyring, openai: CloudApi
) -> None:
    await landfall("set", "openai", stdin=KEY)
    await landfall("check", "openai", "--base-url", openai.url)
    await landfall("set", "openai", stdin=KEY)
    history = History(paths.of_user().database)
    await history.open()
    (line,) = await history.egress()
    stored = await history.keys_stored()
    assert list(stored) == ["openai"]
    assert stored["openai"] >= line.at
    await history.close()


REFUSALS = {
    "401": (refuse(401, f"No such key {KEY}"), 1, "refuses the key", "landfall key set openai"),
    "402": (refuse(402, "Pay first"), 3, "no credit left", "Add credit"),
    "403": (refuse(403, "Not for you"), 1, "refuses this to the key", "what the key may do"),
    "404": (refuse(404, "Where?"), 3, "knows no such address", "most end in /v1"),
    "408": (refuse(408, "Slow"), 3, "in time (408)", "later"),
    "429": (refuse(429, "Slower"), 3, "asked too often", "later"),
    "429, late": (refuse(429, "Wait", retry_after="90"), 3, "too often", "in 90 seconds"),
    "500": (refuse(500, "Oops"), 3, "a problem of its own (500)", "later"),
    "529": (refuse(529, "Busy"), 3, "is overloaded", "later"),
    "page": (page(), 3, "a web page", "a log-in first"),
    "cut": (Reply(200, [b'{"data"', CUT]), 3, "cannot be reached", "Check the connection"),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_each_refusal_has_its_exit_code_its_words_and_what_to_do(
    memory: MemoryKeyring,
    api_in_thread: Callable[[Reply], str],
    capsys: pytest.CaptureFixture[str],
    refusal: tuple[Reply, int, str, str],
) -> None:
    reply, code, says, hint = refusal
    memory.entries["Landfall", "openai"] = KEY
    url = api_in_thread(reply)
    assert main.main(["key", "check", "openai", "--base-url", url, "--json"]) == code
    printed = capsys.readouterr()
    error = json.loads(printed.out)["error"]
    assert says in error["message"]
    assert hint in error["hint"]
    assert KEY not in printed.out + printed.err


# the second key

ADMIN = "sk-admin-PLANTED-0123456789-abcdef"


async def test_an_admin_key_has_an_entry_of_its_own_and_never_takes_the_place_of_the_other(
    landfall: Shell, memory: MemoryKeyring
) -> None:
    assert await landfall("set", "openai", stdin=KEY) == 0
    assert await landfall("set", "openai", "--usage", stdin=ADMIN) == 0
    assert memory.entries == {("Landfall", "openai"): KEY, ("Landfall", "openai-usage"): ADMIN}
    assert "admin key of OpenAI" in landfall.out
    assert await landfall("remove", "openai", "--usage") == 0
    assert memory.entries == {("Landfall", "openai"): KEY}
    assert await landfall("remove", "openai", "--usage", as_json=True) == 1
    assert landfall.document == {"provider": "openai", "kind": "usage", "removed": False}


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("openai",), ADMIN, ("admin key of OpenAI", "key set openai --usage")),
        (("openai", "--usage"), KEY, ("for running models", "key set openai`")),
        (("openai", "--usage"), "sk-0123456789abcdef", ("for running models", "key set openai`")),
        (("anthropic", "--usage"), "sk-ant-api03-abc", ("for running models", "set anthropic`")),
        (("anthropic", "--usage"), ADMIN, ("key of OpenAI, not", "set openai --usage")),
        (("openrouter", "--usage"), KEY, ("key of OpenAI, not of OpenRouter", "set openai`")),
        (("groq", "--usage"), "gsk_abc", ("no key of its own for usage", "import a file")),
        (("fireworks", "--usage"), "fw_abc", ("no key of its own", "usual key reads usage too")),
    ],
)
async def test_a_key_in_the_wrong_field_is_told_its_right_place(
    landfall: Shell,
    memory: MemoryKeyring,
    words: tuple[str, ...],
    typed: str,
    said: tuple[str, str],
) -> None:
    with pytest.raises(BadInput) as error:
        await landfall("set", *words, stdin=typed)
    assert said[0] in error.value.message
    assert said[1] in error.value.hint
    assert typed not in str(error.value)
    assert memory.entries == {}


async def test_the_second_key_is_checked_with_one_bucket_of_usage(
    landfall: Shell, memory: MemoryKeyring, openai: CloudApi
) -> None:
    openai.script.append(as_json({"object": "page", "data": []}))
    await landfall("set", "openai", "--usage", stdin=ADMIN)
    assert await landfall("check", "openai", "--usage", "--base-url", openai.url) == 0
    (request,) = openai.requests
    path, _, query = request.path.partition("?")
    assert (request.method, path) == ("GET", "/v1/organization/usage/completions")
    assert re.fullmatch(r"start_time=\d{10}&bucket_width=1d&limit=1", query)
    assert request.headers["authorization"] == f"Bearer {ADMIN}"
    assert ADMIN not in landfall.out + landfall.err


async def test_a_second_key_that_is_refused_or_missing_is_told_with_its_own_name(
    landfall: Shell, memory: MemoryKeyring, openai: CloudApi
) -> None:
    with pytest.raises(KeyMissing, match="No admin key of OpenAI"):
        await landfall("check", "openai", "--usage", "--base-url", openai.url)
    await landfall("set", "openai", "--usage", stdin=ADMIN)
    with pytest.raises(KeyRefused, match="refuses to tell usage") as error:
        await landfall("check", "openai", "--usage", "--base-url", openai.url)
    assert "key set openai --usage" in error.value.hint
    assert ADMIN not in str(error.value)


async def test_list_shows_both_keys_of_a_provider_masked(
    landfall: Shell, memory: MemoryKeyring
) -> None:
    await landfall("set", "openai", "--usage", stdin=ADMIN)
    await landfall("list", as_json=True)
    rows = {row["provider"]: row for row in landfall.document}
    assert rows["openai"]["stored"] is False
    assert rows["openai"]["usage"] == {"stored": True, "masked": "sk-adm…cdef"}
    assert rows["groq"]["usage"] is None
    await landfall("list")
    assert "sk-adm…cdef" in landfall.out


# remove and list


async def test_remove_of_something_is_0_and_of_nothing_is_1(
    landfall: Shell, memory: MemoryKeyring
) -> None:
    await landfall("set", "openai", stdin=KEY)
    assert await landfall("remove", "openai") == 0
    assert memory.entries == {}
    assert await landfall("remove", "openai", as_json=True) == 1
    assert landfall.document == {
        "provider": "openai",
        "kind": "inference",
        "removed": False,
    }


async def test_list_shows_masks_alone(landfall: Shell, memory: MemoryKeyring) -> None:
    await landfall("set", "openai", stdin=KEY)
    assert await landfall("list") == 0
    assert "sk-pro…cdef" in landfall.out
    assert KEY not in landfall.out
    await landfall("list", as_json=True)
    assert [row["provider"] for row in landfall.document if row["stored"]] == ["openai"]


def test_the_dispatcher_finds_the_command_and_reports_in_json(
    memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    assert main.main(["key", "set", "openai", "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["kind"], error["field"]) == ("bad_input", "key")


def test_without_a_provider_the_missing_argument_alone_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main.main(["key", "set", "--json"]) == 2
    message = json.loads(capsys.readouterr().out)["error"]["message"]
    assert message == "the following arguments are required: provider."


def test_settings_keep_no_key(private_home: Path) -> None:
    settings_store.save(private_home / "settings.toml", Settings())
    assert "key" not in (private_home / "settings.toml").read_text()
