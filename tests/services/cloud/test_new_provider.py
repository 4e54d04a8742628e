"""A provider is a row: one more in providers.json is offered, asked, priced and recorded."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from landfall.core.errors import BadInput
from landfall.core.settings import Settings
from landfall.services import cloud, resources
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.budget import Consent
from landfall.services.cloud.transport import Transport
from landfall.services.egress import Purpose
from landfall.services.history.history import History
from landfall.services.keys.key_store import SessionKeys
from landfall.services.pricing.prices import Prices
from landfall.services.run.answering import Ask, Kept, Turn
from landfall.services.run.runs import Runs
from tests.fakes.cloud_api import CloudApi, as_json, serving

KEY = "acme-0123456789abcdef"
ADMIN = "acme-adm-0123456789abcdef"
ASK = Ask(turns=(Turn("user", "Say hello"),), context=2048, num_predict=20)

ROW: dict[str, Any] = {
    "id": "acme",
    "name": "Acme",
    "adapter": "openai_compatible",
    "base_url": "https://api.acme.example/v1",
    "base_url_variables": ["ACME_BASE_URL"],
    "auth": {"header": "x-acme-key", "prefix": "Token "},
    "key_prefixes": ["acme-"],
    "check": {"path": "whoami", "auth": None, "accepted_statuses": [409]},
    "key_refused_texts": ["BAD_ACME_KEY"],
    "models_path": "models",
    "stream_usage": False,
    "max_tokens_field": "max_output",
    "moved_path": "",
    "keys_page": "https://acme.example/keys",
    "usage": {
        "key": {
            "name": "owner key",
            "prefixes": ["acme-adm-"],
            "keys_page": "https://acme.example/owner",
            "check": {"path": "spent?since={day_iso}", "auth": None, "accepted_statuses": []},
        },
        "source": "its documentation",
        "as_of": "2026-11-26",
        "notes": "",
    },
    "source": "its documentation",
    "as_of": "2026-11-26",
    "notes": "",
}


@pytest.fixture
def with_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the resources that a test may change; read anew before and after."""
    copy = tmp_path / "resources"
    shutil.copytree(resources.folder(), copy)
    monkeypatch.setattr(resources, "_INSTALLED", copy)
    _forget()
    yield copy / "providers.json"
    _forget()


def _forget() -> None:
    resources.read_json.cache_clear()
    cloud.rows.cache_clear()


def add(path: Path, row: dict[str, Any]) -> None:
    document = json.loads(path.read_text())
    document["providers"].append(row)
    path.write_text(json.dumps(document))


@pytest.fixture
async def acme() -> AsyncIterator[CloudApi]:
    async with serving("openai", KEY) as api:
        yield api


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


async def test_a_row_is_all_that_a_new_provider_takes(
    with_rows: Path, acme: CloudApi, history: History
) -> None:
    add(with_rows, ROW)
    row = cloud.find("acme")
    rates = MappingProxyType({"input": 1.0, "output": 2.0})
    settings = replace(
        Settings(),
        base_urls=MappingProxyType({"acme": acme.url}),
        prices=MappingProxyType({"acme/m-1": rates}),
    )
    async with aclosing(Transport(history)) as transport:
        access = CloudAccess(
            settings, keys=SessionKeys(), transport=transport, history=history, environment={}
        )
        # Offered, its keys known by their beginnings, stored and checked.
        assert "acme" in [state.row.id for state in await access.states()]
        with pytest.raises(BadInput, match="an owner key of Acme"):
            await access.store(row, ADMIN)
        await access.store(row, KEY)
        assert (await access.store(row, ADMIN, kind="usage")).usage_masked is not None
        acme.script.append(as_json({"who": "you"}))
        await access.check(row)
        acme.script.append(as_json({"spent": []}))
        await access.check(row, kind="usage")
        # Priced, asked, paid for.
        ceiling = access.ceiling(row, "m-1", ask=ASK)
        assert ceiling.usd is not None
        acme.script.append(as_json({"data": [{"id": "m-1"}]}))
        assert [model.id for model in await access.models(row)] == ["m-1"]
        acme.key = (
            ""  # It takes its key in a header of its own, which this server does not look at.
        )
        target = await access.target(
            row, "m-1", consent=Consent(usd_max=ceiling.usd), purpose=Purpose(why="answer")
        )
        updates = [update async for update in Runs(history).stream(target, ASK)]
    kept = updates[-1]
    assert isinstance(kept, Kept)
    assert (kept.record.answer, kept.record.engine) == ("Hello", "Acme")
    assert kept.record.cost_usd == pytest.approx(9e-6 + 2 * 2e-6)
    assert [request.headers["x-acme-key"] for request in acme.requests] == [
        f"Token {KEY}",
        f"Token {ADMIN}",
        f"Token {KEY}",
        f"Token {KEY}",
    ]
    assert [request.path.partition("?")[0] for request in acme.requests] == [
        "/v1/whoami",
        "/v1/spent",
        "/v1/models",
        "/v1/chat/completions",
    ]
    question = acme.requests[-1].json
    assert question["max_tokens"] == 20  # as every server on this machine is asked
    assert "stream_options" not in question
    reasons = [line.why for line in await history.egress()]
    assert reasons == ["answer", "model list", "usage key check", "key check"]


async def test_its_models_have_no_price_until_somebody_says_one(with_rows: Path) -> None:
    add(with_rows, ROW)
    assert Prices(Settings()).models("acme") == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"adapter": "of nobody"},
        {"auth": {"header": "x"}},
        {"check": {}},
        {"usage": {"key": {}}},
        {"key_prefixes": None},
    ],
)
def test_a_row_that_cannot_be_used_is_said_with_its_file(
    with_rows: Path, wrong: dict[str, Any]
) -> None:
    add(with_rows, ROW | wrong)
    with pytest.raises(BadInput, match="a row that cannot be used") as error:
        cloud.rows()
    assert error.value.file == "providers.json"
