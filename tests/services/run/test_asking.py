"""What leaves is written down first, and a model in a cloud is refused unless it is allowed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from types import MappingProxyType

import pytest

from landfall.core.errors import BudgetExceeded, KeyMissing, PrivacyBlocked
from landfall.core.settings import Settings
from landfall.services import cloud
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.budget import Consent
from landfall.services.cloud.transport import Transport
from landfall.services.history.history import History
from landfall.services.keys.key_store import SessionKeys
from landfall.services.keys.secret import clean
from landfall.services.ollama.client import Ollama
from landfall.services.run.answering import Ask, Kept, Turn
from landfall.services.run.asking import (
    Sampling,
    ask_ollama,
    ask_provider,
    key_states,
    most_it_costs,
)
from landfall.services.run.runs import Runs
from tests.fakes.cloud_api import CloudApi, serving
from tests.fakes.ollama_twin import Twin
from tests.fakes.speakers import speaker

ASK = Ask(turns=(Turn("system", "Be brief."), Turn("user", "Why?")), context=2048, num_predict=20)
SEEDED = Sampling(temperature=0.0, seed=7)
RATES = MappingProxyType({"input": 10.0, "output": 10.0})


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    made = Twin(tmp_path / "models")
    for model in (
        speaker("here:latest", ("Be", "cause")),
        speaker("stub:latest", ("No",), remote_host="https://cloud.example", remote_model="big"),
    ):
        made.recorded_models[model.name.short] = model
    async with made:
        yield made


async def test_an_answer_of_this_machine_leaves_nothing(history: History, twin: Twin) -> None:
    async with Ollama(twin.url) as client:
        answer = ask_ollama(Runs(history), client, "here:latest", ask=ASK, sampling=SEEDED)
        kept = [update async for update in answer][-1]
    assert isinstance(kept, Kept)
    assert (kept.record.answer, kept.record.place) == ("Because", "local")
    assert await history.egress() == ()


async def test_a_stub_is_refused_before_a_word_is_sent(history: History, twin: Twin) -> None:
    async with Ollama(twin.url) as client:
        answer = ask_ollama(Runs(history), client, "stub:latest", ask=ASK, sampling=SEEDED)
        with pytest.raises(PrivacyBlocked, match=r"cloud\.example"):
            await anext(answer)
    assert await history.runs() == ()
    assert await history.egress() == ()


async def test_an_allowed_stub_counts_as_a_cloud_and_is_in_the_egress_log(
    history: History, twin: Twin
) -> None:
    async with Ollama(twin.url) as client:
        answer = ask_ollama(
            Runs(history), client, "stub:latest", ask=ASK, sampling=SEEDED, allow_remote=True
        )
        await anext(answer)
        (line,) = await history.egress()
        await answer.aclose()
    (run,) = await history.runs()
    assert (run.place, run.host) == ("cloud", "https://cloud.example")
    assert line.host == "https://cloud.example"
    assert line.sent_bytes == len("Be brief." + "Why?")


@pytest.fixture
async def transport(history: History) -> AsyncIterator[Transport]:
    async with aclosing(Transport(history)) as opened:
        yield opened


def access_to(
    transport: Transport,
    history: History,
    *,
    api: CloudApi | None,
    keys: SessionKeys,
    provider: str = "openai",
) -> CloudAccess:
    settings = Settings(
        base_urls=MappingProxyType({provider: api.url} if api else {}),
        prices=MappingProxyType({"openai/m-1": RATES}),
    )
    return CloudAccess(settings, keys=keys, transport=transport, history=history, environment={})


async def test_a_paid_answer_runs_within_what_was_agreed_to(
    history: History, transport: Transport
) -> None:
    keys = SessionKeys()
    async with serving("openai") as api:
        await keys.store("openai", clean(api.key))
        access = access_to(transport, history, api=api, keys=keys)
        row = cloud.find("openai")
        ceiling = await most_it_costs(lambda: access, row, model="m-1", ask=ASK)
        assert ceiling.usd is not None
        assert ceiling.usd > 0
        answer = ask_provider(
            Runs(history),
            lambda: access,
            row,
            model="m-1",
            ask=ASK,
            consent=Consent(usd_max=ceiling.usd),
        )
        kept = [update async for update in answer][-1]
        assert isinstance(kept, Kept)
        assert kept.record.answer == "Hello"
        assert kept.record.cost_usd is not None
        assert kept.record.cost_usd < ceiling.usd
        too_little = ask_provider(
            Runs(history), lambda: access, row, model="m-1", ask=ASK, consent=Consent()
        )
        with pytest.raises(BudgetExceeded):
            await anext(too_little)
        assert len(api.requests) == 1


async def test_a_server_of_the_user_on_this_machine_needs_no_key(
    history: History, transport: Transport
) -> None:
    async with serving("openai", "") as api:
        access = access_to(transport, history, api=api, keys=SessionKeys(), provider="custom")
        states = await key_states(lambda: access)
        assert [state.row.id for state in states if state.usable] == ["custom"]
        models = await access.models(cloud.find("custom"))
        assert [model.id for model in models] == ["m-1", "m-2"]
        with pytest.raises(KeyMissing):
            await access.models(cloud.find("openai"))


async def test_without_an_address_the_custom_provider_cannot_be_used(
    history: History, transport: Transport
) -> None:
    access = access_to(transport, history, api=None, keys=SessionKeys())
    assert not any(state.usable for state in await access.states())
