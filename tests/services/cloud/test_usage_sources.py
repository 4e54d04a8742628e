"""Usage asked of providers: every span once, money to the cent, refusals that say what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, date, datetime
from typing import Any

import pytest

from landfall.core.errors import BadInput, KeyRefused, NetworkUnavailable, ServerRefused
from landfall.core.usage.rows import DAY_SECONDS, HOUR_SECONDS, CostRow, Problem, Read, UsageRow
from landfall.services import cloud
from landfall.services.cloud import usage
from landfall.services.cloud.address import Address
from landfall.services.cloud.provider import ProviderRow
from landfall.services.cloud.transport import Transport
from landfall.services.cloud.usage.balance import Amount
from landfall.services.keys.secret import Secret
from tests.fakes.cloud_api import as_json, page, refuse
from tests.fakes.egress_log import MemoryLog
from tests.fakes.usage_apis import KEY, USAGE_KEY, UsageApi, telling

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
SPENT = {"promptTokens": "100", "uncachedPromptTokens": "60", "cachedPromptTokens": "40"}


class Door:
    """The user's keys, and the test's server as the address of every provider."""

    def __init__(self, transport: Transport, api: UsageApi) -> None:
        self.transport = transport
        self.usage_secret, self.secret = USAGE_KEY, KEY
        self._api = api

    def address(self, row: ProviderRow) -> Address:
        return Address(self._api.url, "settings")

    async def usage_key(self, row: ProviderRow) -> Secret:
        return Secret(self.usage_secret if row.usage_key else self.secret)

    async def inference_key(self, row: ProviderRow) -> Secret | None:
        return Secret(self.secret)


async def told(
    door: Door, name: str, *, since: date, until: date, now: datetime = NOW, **more: Any
) -> list[Read]:
    reads = usage.fetch_usage(door, cloud.find(name), since=since, until=until, now=now, **more)
    async with aclosing(reads) as rows:
        return [read async for read in rows]


def days(first: int, last: int) -> dict[str, date]:
    return {"since": date(2026, 11, first), "until": date(2026, 11, last)}


def openai_result(**more: Any) -> dict[str, Any]:
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": 1000,
        "output_tokens": 500,
        "input_cached_tokens": 800,
        "num_model_requests": 5,
        "model": "gpt-6-astra",
        "project_id": "proj_1",
        "api_key_id": "key_1",
        "batch": False,
        "service_tier": "default",
    } | more


def anthropic_result(**more: Any) -> dict[str, Any]:
    return {
        "uncached_input_tokens": 1500,
        "cache_creation": {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 70},
        "cache_read_input_tokens": 200,
        "output_tokens": 500,
        "model": "claude-haiku-5-5",
        "workspace_id": "wrkspc_1",
        "api_key_id": "apikey_1",
        "service_tier": "standard",
        "context_window": "0-200k",
    } | more


@pytest.fixture
async def openai() -> AsyncIterator[UsageApi]:
    async with telling("openai") as api:
        yield api


@pytest.fixture
async def anthropic() -> AsyncIterator[UsageApi]:
    async with telling("anthropic") as api:
        yield api


# ---------------------------------------------------------------- OpenAI


async def test_that_openai_tells_hours_over_several_pages_and_costs_by_the_day(
    openai: UsageApi, transport: Transport
) -> None:
    openai.at("2026-11-01T05:00", **openai_result())
    openai.at("2026-11-14T23:00", **openai_result(model="gpt-6-luna", input_cached_tokens=None))
    openai.charged(
        "2026-11-14",
        amount={"value": 0.1, "currency": "usd"},
        line_item="gpt-6-astra, input_tokens",
        project_id="proj_1",
    )
    reads = await told(Door(transport, openai), "openai", **days(1, 14))
    first, second, cost = reads
    assert first == UsageRow(
        at="2026-11-01T05:00:00Z",
        span_seconds=HOUR_SECONDS,
        provider="openai",
        model="gpt-6-astra",
        requests=5,
        input_tokens=200,
        cached_input_tokens=800,
        output_tokens=500,
        batch=False,
        tier="default",
        project="proj_1",
        key_name="key_1",
        identity="openai|completions|2026-11-01T05:00:00Z|gpt-6-astra|proj_1|key_1|False|default",
    )
    assert isinstance(second, UsageRow)
    assert (second.input_tokens, second.cached_input_tokens) == (1000, None)
    assert isinstance(cost, CostRow)
    assert (cost.billed_usd, cost.model, cost.span_seconds) == (0.1, "gpt-6-astra", DAY_SECONDS)
    asked = [request.path.partition("?")[0] for request in openai.requests]
    assert asked.count("/v1/organization/usage/completions") == 2  # 14 x 24 hours, 168 a page


async def test_that_the_same_days_asked_for_twice_give_the_same_names(
    openai: UsageApi, transport: Transport
) -> None:
    openai.at("2026-11-01T05:00", **openai_result())
    openai.at("2026-11-01T05:00", **openai_result())
    door = Door(transport, openai)
    first = await told(door, "openai", **days(1, 2))
    again = await told(door, "openai", **days(1, 1))
    names = [read.identity for read in first if isinstance(read, UsageRow)]
    assert names == [read.identity for read in again if isinstance(read, UsageRow)]
    assert len(set(names)) == 2


async def test_that_an_hour_under_way_and_one_that_just_ended_are_left_out(
    openai: UsageApi, transport: Transport
) -> None:
    for hour in (8, 9, 10):
        openai.at(f"2026-11-20T{hour:02}:00", **openai_result())
    openai.charged("2026-11-20", amount={"value": 1.0, "currency": "usd"})
    at = [
        read.at
        for read in await told(
            Door(transport, openai),
            "openai",
            **days(20, 20),
            now=datetime(2026, 11, 20, 10, 14, tzinfo=UTC),
        )
        if isinstance(read, UsageRow | CostRow)
    ]
    assert at == ["2026-11-20T08:00:00Z"]


async def test_that_days_to_come_ask_nothing_and_tell_nothing(
    openai: UsageApi, transport: Transport
) -> None:
    assert await told(Door(transport, openai), "openai", **days(21, 25)) == []
    assert openai.requests == []


async def test_that_costs_which_are_refused_are_a_problem_and_the_tokens_are_kept(
    openai: UsageApi, transport: Transport
) -> None:
    openai.at("2026-11-01T05:00", **openai_result())
    answer = as_json(
        {
            "data": [{"start_time": 1793500000, "results": [openai_result()]}],
            "has_more": False,
        }
    )
    openai.script.extend([answer, as_json({"data": []}), refuse(403, "no costs for you")])
    row, problem = await told(Door(transport, openai), "openai", **days(1, 1))
    assert isinstance(row, UsageRow)
    assert isinstance(problem, Problem)
    assert problem.column == "costs"
    assert "no costs for you" in problem.reason


@pytest.mark.parametrize(
    ("result", "says"),
    [
        ({"input_tokens": 10, "input_cached_tokens": 20, "model": "m"}, "more cached than read"),
    ],
)
async def test_that_counts_that_contradict_each_other_are_a_problem(
    openai: UsageApi, transport: Transport, result: dict[str, Any], says: str
) -> None:
    openai.at("2026-11-01T05:00", **result)
    (problem,) = await told(Door(transport, openai), "openai", **days(1, 1))
    assert isinstance(problem, Problem)
    assert says in problem.reason


@pytest.mark.parametrize(
    ("amount", "column"),
    [
        ({"value": 3.0, "currency": "eur"}, "currency"),
        ({"value": None, "currency": "usd"}, "amount"),
        ({"value": float("nan"), "currency": "usd"}, "amount"),
    ],
)
async def test_that_a_cost_that_is_no_dollars_is_a_problem(
    openai: UsageApi, transport: Transport, amount: dict[str, Any], column: str
) -> None:
    openai.charged("2026-11-01", amount=amount)
    (problem,) = await told(Door(transport, openai), "openai", **days(1, 1))
    assert isinstance(problem, Problem)
    assert problem.column == column


async def test_that_a_key_that_runs_models_is_refused_with_the_way_to_the_right_one(
    openai: UsageApi, transport: Transport
) -> None:
    door = Door(transport, openai)
    door.usage_secret = KEY
    with pytest.raises(KeyRefused, match=r"api\.usage\.read") as caught:
        await told(door, "openai", **days(1, 1))
    assert "admin key" in caught.value.hint
    assert "import those" in caught.value.hint


async def test_that_every_request_is_in_the_egress_log_and_says_why(
    openai: UsageApi, transport: Transport, log: MemoryLog
) -> None:
    await told(Door(transport, openai), "openai", **days(1, 1))
    assert len(log.entries) == len(openai.requests) == 3
    assert {(entry.why, entry.outcome) for entry in log.entries} == {("usage", "200")}


async def test_that_a_busy_provider_is_asked_again_after_the_time_it_names(
    openai: UsageApi, transport: Transport, pauses: list[float]
) -> None:
    openai.at("2026-11-01T05:00", **openai_result())
    openai.script.append(refuse(429, "slow down", retry_after="7"))
    reads = await told(Door(transport, openai), "openai", **days(1, 1))
    assert [type(read) for read in reads] == [UsageRow]
    assert pauses == [7.0]


@pytest.mark.parametrize("answer", [page(), as_json({"data": "none"}), as_json([])])
async def test_that_an_answer_in_another_shape_is_said(
    openai: UsageApi, transport: Transport, answer: Any
) -> None:
    openai.script.append(answer)
    with pytest.raises(NetworkUnavailable):
        await told(Door(transport, openai), "openai", **days(1, 1))


async def test_that_pages_which_go_in_a_circle_are_left(
    openai: UsageApi, transport: Transport
) -> None:
    circle = as_json({"data": [], "has_more": True, "next_page": "again"})
    openai.script.extend([circle, circle])
    with pytest.raises(NetworkUnavailable, match="without end"):
        await told(Door(transport, openai), "openai", **days(1, 1))


async def test_that_progress_counts_the_rows(openai: UsageApi, transport: Transport) -> None:
    openai.at("2026-11-01T05:00", **openai_result())
    openai.at("2026-11-01T06:00", **openai_result())
    seen: list[int] = []
    await told(Door(transport, openai), "openai", **days(1, 1), on_progress=seen.append)
    assert seen == [1, 2]


@pytest.mark.parametrize("name", usage.SOURCES)
async def test_that_no_provider_is_asked_for_days_to_come(transport: Transport, name: str) -> None:
    async with telling(name) as api:
        assert await told(Door(transport, api), name, **days(25, 26)) == []
        assert api.requests == []


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("openai", {"data": [{"results": [{"model": "m"}]}]}),
        ("anthropic", {"data": [{"results": [{"model": "m"}]}]}),
        ("openrouter", {"data": [{"model": "m"}]}),
        ("together", {"data": [{"line_items": [{"cost": "1"}]}]}),
    ],
)
async def test_that_a_span_without_its_beginning_is_a_problem(
    transport: Transport, name: str, answer: dict[str, Any]
) -> None:
    async with telling(name) as api:
        api.script.append(as_json(answer))
        first = (await told(Door(transport, api), name, **days(1, 1)))[0]
        assert isinstance(first, Problem)
        assert "without" in first.reason


@pytest.mark.parametrize(
    ("name", "page_"),
    [
        ("anthropic", {"data": [], "has_more": True, "next_page": "again"}),
        ("together", {"data": [], "next_cursor": "again"}),
    ],
)
async def test_that_other_pages_in_a_circle_are_left_too(
    transport: Transport, name: str, page_: dict[str, Any]
) -> None:
    async with telling(name) as api:
        api.script.extend([as_json(page_)] * 3)
        with pytest.raises(NetworkUnavailable, match="without end"):
            await told(Door(transport, api), name, **days(1, 1))


@pytest.mark.parametrize("name", ["openai", "anthropic", "openrouter", "together", "fireworks"])
async def test_that_a_provider_in_trouble_stays_what_it_is(transport: Transport, name: str) -> None:
    async with telling(name) as api:
        api.script.extend([refuse(500, "down")] * 3)
        with pytest.raises(ServerRefused, match="problem of its own"):
            await told(Door(transport, api), name, **days(1, 1))


# ---------------------------------------------------------------- Anthropic


async def test_that_anthropic_tells_cache_writes_by_lifetime_and_cents_as_dollars(
    anthropic: UsageApi, transport: Transport
) -> None:
    anthropic.at("2026-11-03T12:00", **anthropic_result())
    anthropic.at("2026-11-03T12:00", **anthropic_result(service_tier="batch"))
    anthropic.charged(
        "2026-11-03",
        amount="123.78912",
        currency="USD",
        description="Claude Haiku 5.5 Usage - Input Tokens",
        workspace_id="wrkspc_1",
        model="claude-haiku-5-5",
    )
    row, batch, cost = await told(Door(transport, anthropic), "anthropic", **days(3, 3))
    assert isinstance(row, UsageRow)
    assert (row.input_tokens, row.cached_input_tokens) == (1500, 200)
    assert (row.cache_write_tokens, row.cache_write_1h_tokens) == (100, 70)
    assert (row.requests, row.tag, row.batch, row.tier) == (None, "wrkspc_1", False, "standard")
    assert isinstance(batch, UsageRow)
    assert (batch.batch, batch.tier) == (True, "")
    assert row.identity != batch.identity
    assert isinstance(cost, CostRow)
    assert cost.billed_usd == 1.2378912


@pytest.mark.parametrize("enabled", [True, False])
async def test_that_an_individual_account_is_told_of_the_file(
    anthropic: UsageApi, transport: Transport, enabled: bool
) -> None:
    anthropic.enabled = enabled
    door = Door(transport, anthropic)
    door.usage_secret = KEY if enabled else USAGE_KEY
    with pytest.raises(KeyRefused, match="individual account") as caught:
        await told(door, "anthropic", **days(1, 1))
    assert "CSV" in caught.value.hint


@pytest.mark.parametrize(
    ("cost", "column"),
    [({"amount": "x"}, "amount"), ({"amount": "5", "currency": "EUR"}, "currency")],
)
async def test_that_an_anthropic_cost_that_is_no_dollars_is_a_problem(
    anthropic: UsageApi, transport: Transport, cost: dict[str, Any], column: str
) -> None:
    anthropic.charged("2026-11-01", **cost)
    (problem,) = await told(Door(transport, anthropic), "anthropic", **days(1, 1))
    assert isinstance(problem, Problem)
    assert problem.column == column


# ---------------------------------------------------------------- the others


async def test_that_openrouter_tells_whole_days_and_says_how_far_back(transport: Transport) -> None:
    async with telling("openrouter") as api:
        for day in (10, 19, 20):
            api.at(
                f"2026-11-{day}",
                model="openai/gpt-6",
                model_permaslug="openai/gpt-6-2026",
                endpoint_id="e1",
                provider_name="OpenAI",
                usage=0.015,
                requests=5,
                prompt_tokens=50,
                completion_tokens=125,
                reasoning_tokens=25,
            )
        row, problem = await told(Door(transport, api), "openrouter", **days(1, 18))
        assert isinstance(row, UsageRow)
        assert (row.at, row.span_seconds) == ("2026-11-10T00:00:00Z", DAY_SECONDS)
        assert (row.billed_usd, row.output_tokens, row.reasoning_tokens) == (0.015, 125, 25)
        assert isinstance(problem, Problem)
        assert "2026-11-10" in problem.reason
        today = await told(Door(transport, api), "openrouter", **days(19, 20))
        assert [read.at for read in today if isinstance(read, UsageRow)] == ["2026-11-19T00:00:00Z"]


async def test_that_openrouter_wants_a_management_key_for_activity(transport: Transport) -> None:
    async with telling("openrouter") as api:
        door = Door(transport, api)
        door.usage_secret = KEY
        with pytest.raises(KeyRefused, match="management key"):
            await told(door, "openrouter", **days(1, 2))


async def test_that_together_tells_charges_month_by_month_and_page_by_page(
    transport: Transport,
) -> None:
    item = {
        "product_name": "Token Based Inference (Per 1M Tokens)",
        "cost": "0.88",
        "pricing_dimensions": {"token_type": "input", "model": "meta/llama"},
        "attributes": {"api_key_id": "k1", "project_id": "p1"},
    }
    async with telling("together") as api:
        api.other["page"] = 1
        api.at("2026-10-31T23:00", line_items=[item, item | {"cost": "0.12"}])
        api.at("2026-11-01T00:00", line_items=[item])
        api.at("2026-11-01T01:00", line_items=[item | {"cost": None}])
        reads = await told(
            Door(transport, api), "together", since=date(2026, 10, 31), until=date(2026, 11, 1)
        )
        costs = [read for read in reads if isinstance(read, CostRow)]
        assert [cost.billed_usd for cost in costs] == [0.88, 0.12, 0.88]
        assert costs[0].line_item == "Token Based Inference (Per 1M Tokens), input"
        assert (costs[0].model, costs[0].span_seconds) == ("meta/llama", HOUR_SECONDS)
        assert len({cost.identity for cost in costs}) == 3
        assert isinstance(reads[-1], Problem)
        months = [request.path.partition("month=")[2][:7] for request in api.requests]
        assert months == ["2026-10", "2026-11", "2026-11"]


async def test_that_together_without_the_beta_says_whom_to_ask(transport: Transport) -> None:
    async with telling("together") as api:
        api.enabled = False
        with pytest.raises(ServerRefused, match="not switched on") as caught:
            await told(Door(transport, api), "together", **days(1, 1))
        assert "support" in caught.value.hint


async def test_that_together_in_another_currency_is_refused(transport: Transport) -> None:
    async with telling("together") as api:
        api.other["currency"] = "EUR"
        with pytest.raises(ServerRefused, match="currency"):
            await told(Door(transport, api), "together", **days(1, 1))


@pytest.mark.parametrize("is_admin", [True, False])
async def test_that_fireworks_tells_tokens_by_day_and_rated_costs(
    transport: Transport, is_admin: bool
) -> None:
    async with telling("fireworks") as api:
        api.enabled = is_admin
        row = {
            **SPENT,
            "completionTokens": "7",
            "costNanoUsd": 0,
            "modelName": "accounts/fireworks/models/kimi-k3",
            "group": {"api_key_id": "key_1", "api_key_name": "grid"},
        }
        api.at("2026-11-02T00:00", **row)
        api.at("2026-11-03T00:00", **(row | {"costNanoUsd": 12_500_000}))
        for day in (2, 3):
            api.charged(
                f"2026-11-0{day}",
                dimensions={"model": "accounts/fireworks/models/kimi-k3"},
                subtotal={"currencyCode": "USD", "units": "1", "nanos": 250_000_000},
            )
        api.charged("2026-11-03", dimensions={}, subtotal={"currencyCode": "EUR", "units": "1"})
        reads = await told(Door(transport, api), "fireworks", **days(2, 3))
        rows = [read for read in reads if isinstance(read, UsageRow)]
        costs = [read for read in reads if isinstance(read, CostRow)]
        assert [r.at[:10] for r in rows] == ["2026-11-02", "2026-11-03"]
        assert {r.billed_usd for r in rows} == {None}, "the rated costs are the bill"
        assert (rows[0].input_tokens, rows[0].cached_input_tokens) == (60, 40)
        assert (rows[0].model, rows[0].key_name) == ("kimi-k3", "grid")
        assert [cost.billed_usd for cost in costs] == [1.25, 1.25]
        assert isinstance(reads[-1], Problem)


async def test_that_fireworks_without_a_say_names_its_administrators(transport: Transport) -> None:
    async with telling("fireworks") as api:
        api.script.append(refuse(403, "permission denied"))
        with pytest.raises(KeyRefused, match="administrators"):
            await told(Door(transport, api), "fireworks", **days(1, 1))


async def test_that_every_account_of_a_fireworks_key_is_asked(transport: Transport) -> None:
    async with telling("fireworks") as api:
        first = {"accounts": [{"name": "accounts/a"}], "nextPageToken": "two"}
        nothing = as_json({})
        second = as_json({"accounts": [{"name": "accounts/b c"}]})
        api.script.extend([as_json(first), nothing, nothing, second, nothing, nothing])
        assert await told(Door(transport, api), "fireworks", **days(2, 2)) == []
        paths = [request.path.partition("?")[0] for request in api.requests]
        assert paths[1] == "/v1/accounts/a/billingUsage"
        assert paths[4] == "/v1/accounts/b%20c/billingUsage"
        assert api.requests[3].path.endswith("pageToken=two")


async def test_that_fireworks_costs_nobody_may_see_are_a_problem(transport: Transport) -> None:
    async with telling("fireworks") as api:
        api.at("2026-11-02T00:00", promptTokens="10", completionTokens="2", modelName="m")
        account = as_json({"accounts": [{"name": ""}, {"name": "accounts/acme"}]})
        told_day = as_json({"serverlessCosts": [{"promptTokens": "10", "modelName": "m"}]})
        api.script.extend([account, told_day, refuse(403, "no"), refuse(403, "no")])
        row, problem = await told(Door(transport, api), "fireworks", **days(2, 2))
        assert isinstance(row, UsageRow)
        assert row.input_tokens == 10
        assert isinstance(problem, Problem)
        assert problem.column == "costs"


async def test_that_deepseek_and_deepinfra_and_openrouter_tell_what_is_left(
    transport: Transport,
) -> None:
    async with telling("deepseek") as api:
        info = {"currency": "CNY", "total_balance": "110.00", "granted_balance": "10.00"}
        api.other["/v1/user/balance"] = {"is_available": False, "balance_infos": [info]}
        balance = await usage.fetch_balance(Door(transport, api), cloud.find("deepseek"))
        assert balance.left == (Amount(110.0, "CNY"),)
        assert "too little" in balance.note
    async with telling("deepinfra") as api:
        api.other["/payment/checklist"] = {"stripe_balance": -66.6, "recent": 5.5}
        api.other["/payment/usage"] = {"months": [{"total_cost": 1234}]}
        balance = await usage.fetch_balance(Door(transport, api), cloud.find("deepinfra"))
        assert balance.left == (Amount(61.1, "USD"),)
        assert balance.spent_month == Amount(12.34, "USD")
    async with telling("openrouter") as api:
        balance = await usage.fetch_balance(Door(transport, api), cloud.find("openrouter"))
        assert balance.left == (Amount(67.75, "USD"),)
        assert balance.spent_month == Amount(7.25, "USD")
        assert "3.00 USD" in balance.note


@pytest.mark.parametrize("name", ["google", "groq", "mistral", "deepseek", "deepinfra", "custom"])
async def test_that_a_provider_without_an_interface_says_what_there_is_instead(
    transport: Transport, name: str
) -> None:
    async with telling("openai") as api:
        with pytest.raises(BadInput, match=r"tell|interface"):
            await told(Door(transport, api), name, **days(1, 1))
        assert api.requests == []


async def test_that_a_balance_nobody_tells_is_no_number(transport: Transport) -> None:
    async with telling("openai") as api:
        with pytest.raises(BadInput, match="does not tell"):
            await usage.fetch_balance(Door(transport, api), cloud.find("openai"))


async def test_that_days_in_the_wrong_order_are_bad_input(transport: Transport) -> None:
    async with telling("openai") as api:
        with pytest.raises(BadInput, match="is before"):
            await told(Door(transport, api), "openai", **days(5, 1))
