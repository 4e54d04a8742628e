"""What a run is made of, at a server and at a provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from landfall.core.errors import BudgetExceeded, KeyRefused, PrivacyBlocked
from landfall.core.events import Ended, Piece, RunEvent, Sent, Usage
from landfall.core.run.metrics import measure
from landfall.core.settings import Settings
from landfall.services import cloud
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.budget import Consent
from landfall.services.cloud.transport import Transport
from landfall.services.egress import Purpose
from landfall.services.history.history import History
from landfall.services.keys.key_store import SessionKeys
from landfall.services.keys.secret import clean
from landfall.services.ollama.client import Ollama
from landfall.services.run.answering import Ask, Cost, Turn
from landfall.services.run.runs import Runs
from landfall.services.run.targets import CloudTarget, OllamaTarget, messages_of
from tests.fakes.cloud_api import CloudApi, serving
from tests.fakes.ollama_twin import Twin
from tests.fakes.speakers import speaker

ASK = Ask(turns=(Turn("system", "Be brief."), Turn("user", "Why?")), context=4096, num_predict=40)
KEY = "sk-fake-0123456789abcdef"
CONSENT = Consent(usd_max=1.0)
PRICES = MappingProxyType({"openai/m-1": MappingProxyType({"input": 3.0, "output": 6.0})})


async def events_of(target: OllamaTarget | CloudTarget, ask: Ask = ASK) -> list[RunEvent]:
    async with aclosing(target.events(ask)) as events:
        return [event async for event in events]


def said(events: list[RunEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Piece))


# A provider


@pytest.fixture
async def openai() -> AsyncIterator[CloudApi]:
    async with serving("openai", KEY) as api:
        yield api


@pytest.fixture
async def access(tmp_path: Path, openai: CloudApi) -> AsyncIterator[CloudAccess]:
    history = History(tmp_path / "history.db")
    await history.open()
    settings = replace(
        Settings(), base_urls=MappingProxyType({"openai": openai.url}), prices=PRICES
    )
    keys = SessionKeys()
    await keys.store("openai", clean(KEY))
    async with aclosing(Transport(history)) as transport:
        yield CloudAccess(settings, keys=keys, transport=transport, history=history, environment={})
    await history.close()


async def at_openai(
    access: CloudAccess, model: str = "m-1", *, consent: Consent = CONSENT
) -> CloudTarget:
    purpose = Purpose(why="answer")
    return await access.target(cloud.find("openai"), model, consent=consent, purpose=purpose)


async def test_a_provider_answers_with_the_conversation_and_the_limit(
    access: CloudAccess, openai: CloudApi
) -> None:
    events = await events_of(await at_openai(access))
    assert isinstance(events[0], Sent)
    assert said(events) == "Hello"
    assert isinstance(events[-1], Ended)
    (request,) = openai.requests
    roles = [(m["role"], m["content"]) for m in request.json["messages"]]
    assert roles == [("system", "Be brief."), ("user", "Why?")]
    limits = [v for k, v in request.json.items() if k.endswith("_tokens")]
    assert limits == [40]


async def test_a_provider_is_priced_by_the_tokens_it_counted(
    access: CloudAccess,
) -> None:
    target = await at_openai(access)
    end = (await events_of(target))[-1]
    assert isinstance(end, Ended)
    assert end.usage is not None
    # 9 tokens in at $3 and 2 out at $6 a million.
    assert target.cost(end).usd == pytest.approx(39e-6)
    assert "prices.openai/m-1" in target.cost(end).note


@pytest.mark.parametrize(
    ("usage", "usd", "says"),
    [
        (None, None, "no token counts"),
        (Usage(input_tokens=9, output_tokens=None), None, "only some"),
        (Usage(input_tokens=9, output_tokens=1, cost_usd=0.5), 0.5, "stated by the provider"),
    ],
)
async def test_a_cost_that_nobody_can_tell_is_unknown_and_one_that_is_told_holds(
    access: CloudAccess, usage: Usage | None, usd: float | None, says: str
) -> None:
    cost = (await at_openai(access)).cost(Ended(1.0, "stop", usage=usage))
    assert cost.usd == usd
    assert says in cost.note


async def test_more_than_was_agreed_to_is_not_sent(access: CloudAccess, openai: CloudApi) -> None:
    target = await at_openai(access, consent=Consent(usd_max=1e-9))
    with pytest.raises(BudgetExceeded):
        await events_of(target)
    assert openai.requests == []


async def test_a_model_without_a_price_needs_its_own_consent(
    access: CloudAccess, openai: CloudApi
) -> None:
    with pytest.raises(BudgetExceeded, match="No price"):
        await events_of(await at_openai(access, "no-price"))
    assert openai.requests == []
    agreed = await at_openai(access, "no-price", consent=Consent(unpriced=True))
    assert said(await events_of(agreed)) == "Hello"


async def test_a_key_that_is_refused_in_the_answer_is_said(
    access: CloudAccess, openai: CloudApi
) -> None:
    openai.key = "sk-another-0123456789abcdef"
    with pytest.raises(KeyRefused):
        await events_of(await at_openai(access))


async def test_a_provider_shows_nothing_of_its_machines(access: CloudAccess) -> None:
    facts = await (await at_openai(access)).facts()
    assert facts.engine == "OpenAI"
    assert facts.digest is None
    assert not facts.conditions


def test_messages_keep_role_text_and_order() -> None:
    assert [(m.role, m.content) for m in messages_of(ASK)] == [
        ("system", "Be brief."),
        ("user", "Why?"),
    ]


# A server


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    made = Twin(tmp_path / "models")
    for name in ("qwen3:8b", "far:cloud"):
        model = speaker(name, ("Be", "cause."))
        made.recorded_models[model.name.short] = model
    async with made:
        yield made


@pytest.fixture
async def client(twin: Twin) -> AsyncIterator[Ollama]:
    async with aclosing(Ollama(twin.url)) as opened:
        yield opened


async def test_a_server_on_this_machine_is_local_and_costs_electricity(client: Ollama) -> None:
    target = OllamaTarget(client, "qwen3:8b", seed=7, temperature=0.0)
    assert (target.place, target.host, target.model) == ("local", client.url, "qwen3:8b")
    events = await events_of(target)
    assert said(events) == "Because."
    end = events[-1]
    assert isinstance(end, Ended)
    assert target.cost(end) == Cost(usd=None, note="no provider's price: see the energy")


async def test_a_server_gives_the_context_that_was_asked_for(client: Ollama) -> None:
    await events_of(OllamaTarget(client, "qwen3:8b", seed=7, temperature=0.0, num_thread=2))
    facts = await OllamaTarget(client, "qwen3:8b").facts()
    assert facts.conditions["context_given"] == 4096


async def test_a_first_answer_is_cold_and_a_second_one_may_be_cached(client: Ollama) -> None:
    target = OllamaTarget(client, "qwen3:8b")
    await events_of(target)
    facts = await target.facts()
    assert facts.prompt_cache == "cold"
    assert facts.engine is not None
    assert facts.engine.startswith("Ollama ")
    assert facts.digest
    again = OllamaTarget(client, "qwen3:8b")
    await events_of(again)
    assert (await again.facts()).prompt_cache == "unknown"


async def test_a_conversation_that_goes_on_has_no_prefill_rate(client: Ollama) -> None:
    """The server counts the whole conversation, and reads only what is new."""
    await events_of(OllamaTarget(client, "qwen3:8b"))
    turns = (*ASK.turns, Turn("assistant", "Because."), Turn("user", "And then?"))
    target = OllamaTarget(client, "qwen3:8b")
    events = await events_of(target, replace(ASK, turns=turns))
    metrics = measure(events, prompt_cache=(await target.facts()).prompt_cache)
    assert metrics.prefill_tok_s is None
    assert "held the prompt" in metrics.reason("prefill_tok_s")


async def test_a_name_that_stands_for_a_cloud_is_not_asked_without_leave(client: Ollama) -> None:
    with pytest.raises(PrivacyBlocked):
        await events_of(OllamaTarget(client, "far:cloud"))


async def test_a_server_elsewhere_is_on_the_network() -> None:
    async with aclosing(Ollama("http://192.168.7.4:11434")) as client:
        assert OllamaTarget(client, "m").place == "network"


async def test_a_name_with_and_without_its_tag_is_one_model_in_the_totals(
    tmp_path: Path, twin: Twin, client: Ollama
) -> None:
    model = speaker("qwen3:latest", ("Be", "cause."))
    twin.recorded_models[model.name.short] = model
    history = History(tmp_path / "history.db")
    await history.open()
    runs = Runs(history)
    for name in ("qwen3", "qwen3:latest", "registry.ollama.ai/library/qwen3"):
        async with aclosing(runs.stream(OllamaTarget(client, name), ASK)) as updates:
            assert [update async for update in updates]
    totals = await history.day_totals()
    await history.close()
    assert [(total.model, total.runs) for total in totals] == [("qwen3:latest", 3)]
