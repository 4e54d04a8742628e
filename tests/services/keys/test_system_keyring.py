from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import Windows as windows
from keyring.backends import chainer, fail, null

from landfall.core.errors import KeyringUnavailable
from landfall.services.keys.secret import Secret
from landfall.services.keys.system_keyring import SERVICE, SystemKeyring
from tests.fakes import keyrings

Backend = TypeVar("Backend", bound=KeyringBackend)
KEY = "sk-proj-PLANTED-0123456789-abcdef"


@pytest.fixture
def memory() -> Iterator[keyrings.MemoryKeyring]:
    with using(keyrings.MemoryKeyring()) as backend:
        yield backend


@contextmanager
def using(backend: Backend) -> Iterator[Backend]:
    """The keyring library with another back end for a while."""
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        yield backend
    finally:
        keyring.set_keyring(before)


def files_in(folder: Path) -> list[Path]:
    return list(folder.rglob("*"))


async def test_a_key_is_kept_under_the_programs_name_read_back_and_removed(
    memory: keyrings.MemoryKeyring,
) -> None:
    with closing(SystemKeyring()) as store:
        assert await store.get("openai") is None
        await store.store("openai", Secret(KEY))
        assert memory.entries == {(SERVICE, "openai"): KEY}
        assert await store.get("openai") == Secret(KEY)
        assert await store.remove("openai") is True
        assert await store.remove("openai") is False
    assert memory.entries == {}
    assert SERVICE == "Landfall"


async def test_every_call_runs_on_the_one_thread_that_is_not_the_callers(
    memory: keyrings.MemoryKeyring,
) -> None:
    with closing(SystemKeyring()) as store:
        await asyncio.gather(*(store.store(f"p{n}", Secret(KEY)) for n in range(5)))
        await store.get("p1")
    assert memory.threads == {"keyring"}


async def test_a_store_is_proved_by_a_canary_before_it_gets_the_key(
    memory: keyrings.MemoryKeyring,
) -> None:
    with closing(SystemKeyring()) as store:
        await store.store("openai", Secret(KEY))
    canaries = [(call, name) for call, _, name in memory.calls if name.startswith("canary-")]
    assert [call for call, _ in canaries] == ["set", "get", "delete", "get"]
    first_with_key = next(i for i, call in enumerate(memory.calls) if call[2] == "openai")
    assert first_with_key == len(canaries)


@pytest.mark.parametrize(
    ("backend", "says"),
    [
        (fail.Keyring, "no keyring"),
        (null.Keyring, "forgets"),
        (keyrings.ForgetfulKeyring, "forgets"),
        (keyrings.StickyKeyring, "does not remove"),
        (keyrings.LockedKeyring, "Prompt dismissed"),
        (keyrings.PlaintextKeyring, "plain text"),
        (keyrings.CrashingKeyring, "Broken"),
    ],
)
async def test_a_keyring_that_will_not_do_is_said_with_a_hint(
    backend: type[KeyringBackend], says: str
) -> None:
    with (
        using(backend()),
        closing(SystemKeyring()) as store,
        pytest.raises(KeyringUnavailable, match=says) as error,
    ):
        await store.store("openai", Secret(KEY))
    assert error.value.hint
    assert error.value.exit_code == 3
    assert KEY not in str(error.value)


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, keyrings.PlaintextKeyring])
async def test_without_a_keyring_nothing_can_be_read_or_removed_either(
    backend: type[KeyringBackend],
) -> None:
    with using(backend()), closing(SystemKeyring()) as store:
        for call in (store.get("openai"), store.remove("openai"), store.describe()):
            with pytest.raises(KeyringUnavailable):
                await call


async def test_a_key_that_could_not_be_kept_is_in_no_file_and_no_log(
    private_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with (
        using(keyrings.CrashingKeyring()),
        closing(SystemKeyring()) as store,
        pytest.raises(KeyringUnavailable),
    ):
        await store.store("openai", Secret(KEY))
    assert KEY not in caplog.text
    assert files_in(private_home) == []


async def test_a_chain_does_not_fall_through_to_plain_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain, good = keyrings.PlaintextKeyring(), keyrings.MemoryKeyring()
    chain = chainer.ChainerBackend()
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [plain, good])
    with using(chain), closing(SystemKeyring()) as store:
        await store.store("openai", Secret(KEY))
        assert (plain.entries, len(good.entries)) == ({}, 1)
        monkeypatch.setattr(chainer.ChainerBackend, "backends", [plain])
        with pytest.raises(KeyringUnavailable, match="plain text"):
            await store.store("openai", Secret(KEY))
    assert plain.entries == {}


async def test_a_prompt_that_nobody_answers_does_not_block_for_ever() -> None:
    blocked = keyrings.BlockedKeyring()
    with using(blocked), closing(SystemKeyring(patience_seconds=0.2)) as store:
        began = time.perf_counter()
        with pytest.raises(KeyringUnavailable, match="has not answered"):
            await store.store("openai", Secret(KEY))
        assert time.perf_counter() - began < 2
        # Answered too late: the user was told "no", so no key may appear.
        blocked.answered.set()
        assert await store.get("openai") is None
    assert blocked.entries == {}


async def test_cancelling_while_a_prompt_is_open_stores_nothing() -> None:
    blocked = keyrings.BlockedKeyring()
    with using(blocked), closing(SystemKeyring()) as store:
        task = asyncio.create_task(store.store("openai", Secret(KEY)))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        blocked.answered.set()
        assert await store.get("openai") is None


async def test_the_loop_goes_on_while_the_keyring_thinks() -> None:
    blocked = keyrings.BlockedKeyring()
    with using(blocked), closing(SystemKeyring()) as store:
        task = asyncio.create_task(store.store("openai", Secret(KEY)))
        began = time.perf_counter()
        for _ in range(5):
            await asyncio.sleep(0.01)
        assert time.perf_counter() - began < 1
        blocked.answered.set()
        await task


async def test_on_windows_a_key_does_not_roam_with_the_profile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Vault(keyrings.MemoryKeyring, windows.WinVaultKeyring):
        """Windows' own back end, but for its calls into Windows."""

    constants = SimpleNamespace(CRED_PERSIST_LOCAL_MACHINE=2, CRED_PERSIST_ENTERPRISE=3)
    monkeypatch.setattr(windows, "win32cred", constants, raising=False)
    vault = Vault()
    assert vault.persist == 3
    with using(vault), closing(SystemKeyring()) as store:
        await store.store("openai", Secret(KEY))
    assert vault.persist == 2


async def test_a_back_end_that_cannot_be_loaded_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> KeyringBackend:
        raise ModuleNotFoundError("No module named 'nowhere'")

    monkeypatch.setattr(keyring, "get_keyring", broken)
    with closing(SystemKeyring()) as store, pytest.raises(KeyringUnavailable, match="nowhere"):
        await store.get("openai")
