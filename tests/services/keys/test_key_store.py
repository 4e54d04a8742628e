from __future__ import annotations

from pathlib import Path

from landfall.services.keys.key_store import SessionKeys
from landfall.services.keys.secret import Secret

KEY = "sk-proj-PLANTED-0123456789-abcdef"


def files_in(folder: Path) -> list[Path]:
    return list(folder.rglob("*"))


async def test_session_keys_live_in_memory_alone(private_home: Path) -> None:
    before = files_in(private_home)
    store = SessionKeys()
    await store.store("openai", Secret(KEY))
    assert await store.get("openai") == Secret(KEY)
    assert await SessionKeys().get("openai") is None
    assert "memory" in await store.describe()
    assert KEY not in repr(vars(store))
    assert await store.remove("openai") is True
    assert await store.remove("openai") is False
    assert files_in(private_home) == before == []
