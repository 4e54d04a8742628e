"""A probe against a server that others wrote: Ollama's /v1 and /v1/messages."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from landfall.core.benchmark.probe import Plan, calls_of
from landfall.core.settings import Settings
from landfall.services import cloud
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.budget import Consent
from landfall.services.cloud.probe import Probed, run_probe
from landfall.services.cloud.transport import Transport
from landfall.services.history.history import History
from landfall.services.keys.key_store import SessionKeys
from landfall.services.ollama.client import Ollama
from tests.fakes.real_ollama import Live, fill
from tests.fakes.tiny_models import TinyModel

KEYS = {"custom": "sk-of-no-importance-0123", "anthropic": "sk-ant-api03-of-no-importance"}


@pytest.mark.real_ollama
@pytest.mark.parametrize("name", KEYS)
async def test_that_a_real_server_is_probed_with_its_tokens_counted(
    real_server: Live, tiny: Mapping[str, TinyModel], tmp_path: Path, name: str
) -> None:
    async with Ollama(real_server.url) as client:
        await fill(client, tiny)
    history = History(tmp_path / "history.db")
    await history.open()
    row = cloud.find(name)
    async with aclosing(Transport(history)) as transport:
        access = CloudAccess(
            replace(Settings(), base_urls=MappingProxyType({name: f"{real_server.url}/v1"})),
            keys=SessionKeys(),
            transport=transport,
            history=history,
            environment={},
        )
        await access.store(row, KEYS[name])
        updates = run_probe(
            access,
            history,
            row,
            model="tiny-story",
            plan=Plan(calls=3, max_tokens=32),
            consent=Consent(unpriced=True),
        )
        async with aclosing(updates) as told:
            last = [update async for update in told][-1]
    assert isinstance(last, Probed)
    assert (last.summary.measured, last.summary.failed) == (3, 0)
    calls = calls_of(last.record.result)
    assert all(call.ttft_seconds and call.tok_s and call.output_tokens for call in calls)
    assert all((call.output_tokens or 0) <= 32 for call in calls)
    assert len(await history.egress()) == 4
    await history.close()
