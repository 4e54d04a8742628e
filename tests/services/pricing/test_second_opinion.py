"""Another public list says what the same weights cost; the first price never hangs on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from landfall.core.settings import Settings
from landfall.services.cloud.transport import Transport
from landfall.services.pricing import second_opinion
from landfall.services.pricing.prices import Prices
from tests.fakes.cloud_api import CloudApi, as_json, page, serving
from tests.fakes.egress_log import MemoryLog

LIST = {
    "data": [
        {"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}},
        {
            "id": "meta-llama/llama-3.1-8b-instruct",
            "pricing": {"prompt": "0.00000002", "completion": "0.00000003"},
        },
        {"id": "openai/gpt-oss-20b", "pricing": {"prompt": "soon"}},
        {"id": "openai/gpt-oss-120b", "pricing": None},
    ]
}


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
async def transport(log: MemoryLog) -> AsyncIterator[Transport]:
    async with aclosing(Transport(log)) as opened:
        yield opened


@pytest.fixture
async def host() -> AsyncIterator[CloudApi]:
    async with serving("openai") as api:
        yield api


@pytest.fixture(scope="module")
def prices() -> Prices:
    return Prices(Settings())


async def test_that_the_same_weights_elsewhere_are_found_and_priced_by_the_million(
    transport: Transport, host: CloudApi, prices: Prices, log: MemoryLog
) -> None:
    host.script.append(as_json(LIST))
    found = await second_opinion.ask(
        transport, prices, "groq", "llama-3.1-8b-instant", url=f"{host.url}/api/v1"
    )
    assert found.model == "meta-llama/llama-3.1-8b-instruct"
    assert (found.input_usd_per_mtok, found.output_usd_per_mtok) == (0.02, 0.03)
    (entry,) = log.entries
    assert (entry.why, entry.outcome) == ("second opinion on a price", "200")
    (request,) = host.requests
    assert "authorization" not in request.headers
    assert request.path.endswith("/api/v1/models")


async def test_that_a_model_without_a_twin_is_not_asked_about(
    transport: Transport, host: CloudApi, prices: Prices, log: MemoryLog
) -> None:
    found = await second_opinion.ask(transport, prices, "openai", "gpt-5.5", url=host.url)
    assert (found.model, log.entries) == ("", [])
    assert found.why_not


@pytest.mark.parametrize(
    "case",
    [
        (as_json(LIST), "nobody/nothing", "does not list nobody/nothing"),
        (as_json([]), "openai/gpt-oss-20b", "does not list"),
        (as_json({"data": "no"}), "openai/gpt-oss-20b", "does not list"),
        (page(), "openai/gpt-oss-20b", "a web page"),
    ],
)
async def test_that_what_goes_wrong_is_part_of_the_answer(
    transport: Transport, host: CloudApi, prices: Prices, case: tuple[Any, str, str]
) -> None:
    answer, model, why = case
    host.script.append(answer)
    found = await second_opinion.ask(transport, prices, "openrouter", model, url=host.url)
    assert why in found.why_not
    assert found.input_usd_per_mtok is None


@pytest.mark.parametrize("model", ["openrouter/auto", "openai/gpt-oss-20b", "openai/gpt-oss-120b"])
async def test_that_what_is_no_price_is_unknown_and_never_a_number(
    transport: Transport, host: CloudApi, prices: Prices, model: str
) -> None:
    host.script.append(as_json(LIST))
    found = await second_opinion.ask(transport, prices, "openrouter", model, url=host.url)
    assert (found.input_usd_per_mtok, found.output_usd_per_mtok, found.why_not) == (None, None, "")
