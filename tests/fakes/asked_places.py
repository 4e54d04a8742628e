"""Whom to ask: a server that answers, a provider on loopback, and a history to keep it in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from landfall.core.settings import Settings
from landfall.core.side_by_side.side_by_side import Target
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.transport import Transport
from landfall.services.history.history import History
from landfall.services.keys.key_store import SessionKeys
from landfall.services.keys.secret import clean
from tests.fakes.cloud_api import CloudApi, serving
from tests.fakes.ollama_twin import Twin
from tests.fakes.speakers import speaker

SMALL, OTHER = Target(model="small:latest"), Target(model="other:latest")
PAID, PAID_TOO = Target(provider="openai", model="m-1"), Target(provider="openai", model="m-2")
RATES = MappingProxyType({"input": 10.0, "output": 10.0})
"""USD a million tokens of both paid models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPlaces:
    """What a comparison or a quality run needs."""

    history: History
    twin: Twin
    api: CloudApi
    access: CloudAccess


@asynccontextmanager
async def asked_places(folder: Path) -> AsyncIterator[AskedPlaces]:
    """Two models that answer, one that a server forwards to a cloud, and a provider with a key."""
    twin = Twin(folder / "models")
    for model in (
        speaker("small:latest", ("Small", " says")),
        speaker("other:latest", ("Other", " says")),
        speaker("stub:latest", ("No",), remote_host="https://cloud.example", remote_model="big"),
    ):
        twin.recorded_models[model.name.short] = model
    history = History(folder / "history.db")
    await history.open()
    keys = SessionKeys()
    async with twin, serving("openai") as api, aclosing(Transport(history)) as transport:
        await keys.store("openai", clean(api.key))
        settings = Settings(
            base_urls=MappingProxyType({"openai": api.url}),
            prices=MappingProxyType({"openai/m-1": RATES, "openai/m-2": RATES}),
            daily_budget_usd=5.0,
        )
        access = CloudAccess(
            settings, keys=keys, transport=transport, history=history, environment={}
        )
        yield AskedPlaces(history=history, twin=twin, api=api, access=access)
    await history.close()
