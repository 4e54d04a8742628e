"""`landfall usage` and `landfall probe`: a keyring, a history and providers on loopback."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from landfall.cli import main as cli
from landfall.cli import probe, usage
from landfall.core.errors import BadInput, BudgetExceeded, KeyMissing, KeyRefused, ModelNotFound
from landfall.services.keys.system_keyring import SERVICE
from tests.cli import shell as shells
from tests.fakes.cloud_api import CloudApi, openai_answer, refuse, serving, stream
from tests.fakes.keyrings import MemoryKeyring
from tests.fakes.usage_apis import KEY, USAGE_KEY, UsageApi, telling

MODEL = "gpt-5-mini"
YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)


@pytest.fixture
def memory(memory: MemoryKeyring) -> MemoryKeyring:
    memory.entries[SERVICE, "openai"] = KEY
    memory.entries[SERVICE, "openai-usage"] = USAGE_KEY
    memory.entries[SERVICE, "deepseek"] = KEY
    return memory


@pytest.fixture
async def openai(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[CloudApi]:
    async with serving("openai", KEY) as api:
        monkeypatch.setenv("OPENAI_BASE_URL", api.url)
        yield api


@pytest.fixture
async def told(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[UsageApi]:
    async with telling("openai") as api:
        monkeypatch.setenv("OPENAI_BASE_URL", api.url)
        api.at(
            f"{YESTERDAY}T05:00",
            input_tokens=1_000_000,
            output_tokens=500,
            input_cached_tokens=0,
            num_model_requests=5,
            model=MODEL,
        )
        api.charged(f"{YESTERDAY}", amount={"value": 0.26, "currency": "usd"}, line_item="all")
        yield api


class Shell:
    """Runs commands of several modules in this process and keeps what the last one printed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.out = self.err = ""

    async def __call__(
        self, module: ModuleType, *words: str, stdin: str | None = None, as_json: bool = False
    ) -> int:
        one = shells.Shell(module.COMMANDS[0], self._monkeypatch)
        try:
            return await one(*words, stdin=Terminal(stdin) if stdin else "", as_json=as_json)
        finally:
            self.out, self.err = one.out, one.err

    @property
    def document(self) -> Any:
        return json.loads(self.out)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def landfall(monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(monkeypatch)


# ---------------------------------------------------------------- usage


async def test_that_usage_is_told_and_kept_only_when_it_is_saved(
    landfall: Shell, memory: MemoryKeyring, told: UsageApi
) -> None:
    assert await landfall(usage, "fetch", "openai", as_json=True) == 0
    found = landfall.document
    assert (found["input_tokens"], found["output_tokens"], found["calls"]) == (1_000_000, 500, 5)
    assert found["billed_usd"] == 0.26
    assert found["recomputed_usd"] == pytest.approx(0.251)
    assert found["saved"] is False
    assert (found["files"][0]["kept"], found["files"][0]["skipped"]) == (2, 0)
    assert await landfall(usage, "fetch", "openai", "--save", as_json=True) == 0
    assert landfall.document["files"][0]["kept"] == 2
    assert [one["model"] for one in landfall.document["workloads"]] == [MODEL]


async def test_that_the_same_days_fetched_twice_add_nothing(
    landfall: Shell, memory: MemoryKeyring, told: UsageApi
) -> None:
    await landfall(usage, "fetch", "openai", "--save")
    await landfall(usage, "fetch", "openai", "--save", as_json=True)
    assert (landfall.document["files"][0]["kept"], landfall.document["files"][0]["skipped"]) == (
        0,
        2,
    )


async def test_that_usage_which_can_be_no_workload_is_kept_and_named_and_holds_up_no_other(
    landfall: Shell, memory: MemoryKeyring, told: UsageApi
) -> None:
    told.at(
        f"{YESTERDAY}T05:00",
        input_tokens=900_000_000,
        output_tokens=1,
        input_cached_tokens=0,
        num_model_requests=1,
        model="gpt-5",
    )
    assert await landfall(usage, "fetch", "openai", "--save") == 0
    assert f"Kept as workloads: {MODEL}." in landfall.out
    assert "gpt-5 was not made a workload:" in landfall.err
    assert await landfall(usage, "fetch", "openai", "--save", as_json=True) == 0
    assert [landfall.document["files"][0][name] for name in ("kept", "skipped")] == [0, 3]
    assert landfall.document["workloads_refused"] == []


async def test_that_a_person_is_told_in_a_table_what_is_new(
    landfall: Shell, memory: MemoryKeyring, told: UsageApi
) -> None:
    day = YESTERDAY.isoformat()
    assert await landfall(usage, "fetch", "openai", "--since", day, "--until", day) == 0
    assert "tokens by the hour" in landfall.out
    assert "1,000,000" in landfall.out
    assert "--save keeps" in landfall.err
    asked = [request.path for request in told.requests]
    assert all(USAGE_KEY not in path for path in asked)


async def test_that_usage_without_its_own_key_names_the_way_to_store_it(
    landfall: Shell, memory: MemoryKeyring, told: UsageApi
) -> None:
    del memory.entries[SERVICE, "openai-usage"]
    with pytest.raises(KeyMissing, match="admin key") as caught:
        await landfall(usage, "fetch", "openai")
    assert "--usage" in caught.value.hint
    memory.entries[SERVICE, "openai-usage"] = KEY
    with pytest.raises(KeyRefused):
        await landfall(usage, "fetch", "openai")


async def test_that_a_provider_that_tells_nothing_and_days_that_are_none_are_bad_input(
    landfall: Shell, memory: MemoryKeyring
) -> None:
    with pytest.raises(BadInput, match="AI Studio"):
        await landfall(usage, "fetch", "google")
    with pytest.raises(SystemExit):
        await landfall(usage, "fetch", "openai", "--since", "yesterday")


async def test_that_a_balance_is_told(
    landfall: Shell, memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with telling("deepseek") as api:
        monkeypatch.setenv("DEEPSEEK_BASE_URL", api.url)
        info = {"currency": "USD", "total_balance": "12.50"}
        api.other["/v1/user/balance"] = {"is_available": True, "balance_infos": [info]}
        assert await landfall(usage, "balance", "deepseek") == 0
        assert "DeepSeek: 12.50 USD left" in landfall.out
        assert await landfall(usage, "balance", "deepseek", as_json=True) == 0
        assert landfall.document["left"] == [{"value": 12.5, "currency": "USD"}]


# ---------------------------------------------------------------- probe


async def test_that_a_probe_tells_the_most_first_and_then_percentiles(
    landfall: Shell, memory: MemoryKeyring, openai: CloudApi
) -> None:
    assert await landfall(probe, "openai", MODEL, "-n", "3", "--yes", as_json=True) == 0
    found = landfall.document
    assert (found["measured"], found["failed"], len(found["calls"])) == (3, 0, 4)
    assert found["ttft_p50_seconds"] <= found["ttft_p95_seconds"]
    assert found["tok_s_p95"] <= found["tok_s_p50"]
    assert 0 < found["cost_usd"] < found["most_usd"]
    assert "It costs at most" in landfall.err
    assert [call["warm_up"] for call in found["calls"]] == [True, False, False, False]


async def test_that_a_probe_marks_what_rests_on_tokens_that_nobody_counted(
    landfall: Shell, memory: MemoryKeyring, openai: CloudApi
) -> None:
    *uncounted, _usage, done = openai_answer("one ", "two ", "three")
    openai.script.extend(stream([*uncounted, done]) for _ in range(4))
    assert await landfall(probe, "openai", MODEL, "-n", "1", "--yes", as_json=True) == 0
    found = landfall.document
    assert found["estimated"] == ["tok_s_p50", "tok_s_p95", "cost_usd"]
    resting = ["tok_s", "input_tokens", "output_tokens", "cost_usd"]
    assert [call["estimated"] for call in found["calls"]] == [resting, resting]
    assert await landfall(probe, "openai", MODEL, "-n", "1", "--yes") == 0
    assert landfall.out.count("~") == 3
    assert "estimated from the text" in landfall.err
    assert await landfall(probe, "openai", MODEL, "-n", "1", "--yes", as_json=True) == 0
    assert landfall.document["estimated"] == []


async def test_that_a_person_is_asked_and_may_say_no(
    landfall: Shell, memory: MemoryKeyring, openai: CloudApi
) -> None:
    with pytest.raises(BudgetExceeded, match="did not agree"):
        await landfall(probe, "openai", MODEL, "-n", "1", stdin="n\n")
    assert openai.requests == []
    assert await landfall(probe, "openai", MODEL, "-n", "1", stdin="y\n") == 0
    assert "first token" in landfall.out
    assert "warm-up, not counted" in landfall.err
    assert "little more than the worst" in landfall.err


async def test_that_nobody_to_ask_is_bad_input_and_a_cap_is_an_answer(
    landfall: Shell, memory: MemoryKeyring, openai: CloudApi
) -> None:
    with pytest.raises(BadInput, match="Nobody can be asked"):
        await landfall(probe, "openai", MODEL, "-n", "1")
    with pytest.raises(BudgetExceeded, match="--max-usd agrees"):
        await landfall(probe, "openai", MODEL, "-n", "1", "--max-usd", "0.00000001")
    assert openai.requests == []
    assert await landfall(probe, "openai", MODEL, "-n", "1", "--max-usd", "1") == 0


async def test_that_an_unknown_price_must_be_allowed(
    landfall: Shell, memory: MemoryKeyring, openai: CloudApi
) -> None:
    with pytest.raises(BudgetExceeded, match="No price is known"):
        await landfall(probe, "openai", "nobody-knows", "-n", "1", "--yes")
    assert await landfall(probe, "openai", "nobody-knows", "-n", "1", "--unpriced") == 0
    assert "What it cost is not known" in landfall.out


async def test_that_a_probe_of_which_no_call_counts_is_exit_1(
    landfall: Shell, memory: MemoryKeyring, openai: CloudApi
) -> None:
    await landfall(probe, "openai", MODEL, "-n", "1", "--yes")
    openai.script.extend([refuse(400, "busy"), refuse(400, "busy")])
    assert await landfall(probe, "openai", MODEL, "-n", "1", "--yes") == 1
    assert "failed 1x" in landfall.out
    openai.script.append(refuse(404, "no such model"))
    with pytest.raises(ModelNotFound):
        await landfall(probe, "openai", MODEL, "-n", "1", "--yes")


@pytest.mark.parametrize("usd", ["-1", "inf", "x"])
async def test_that_a_cap_that_is_no_amount_is_refused(landfall: Shell, usd: str) -> None:
    with pytest.raises(SystemExit):
        await landfall(probe, "openai", MODEL, f"--max-usd={usd}")


def test_that_too_many_calls_are_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["probe", "openai", MODEL, "-n", "1000", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["field"] == "calls"
