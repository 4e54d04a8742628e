"""Which table answers for a price, and that it answers as the table itself would."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import genai_prices
import pytest
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import TimeOfDateConstraint

from landfall.core.errors import BadInput
from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import Rate, Rates, noon_utc, parse_moment
from landfall.core.settings import Settings, Thresholds
from landfall.services import resources
from landfall.services.pricing import overlay as prices_overlay
from landfall.services.pricing import tables as price_tables
from landfall.services.pricing.prices import MAIN_PROVIDERS, Prices, discounted

AT = noon_utc(date(2026, 11, 25))
SHAPE = CallShape(uncached_tokens=900, cached_tokens=600, output_tokens=120)
ORACLES = json.loads(
    (Path(__file__).parents[2] / "data" / "breakeven_cases.json").read_text(encoding="utf-8")
)


@pytest.fixture
def table() -> Prices:
    return Prices(Settings())


def settings(**typed: dict[str, float]) -> Settings:
    return Settings(
        prices=MappingProxyType({key: MappingProxyType(usd) for key, usd in typed.items()})
    )


def own(provider: str, model: str, shape: CallShape) -> float:
    """What the bundled package computes; cached input is part of the input there."""
    usage = genai_prices.Usage(
        input_tokens=int(shape.input_tokens),
        cache_read_tokens=int(shape.cached_tokens),
        cache_write_tokens=int(shape.cache_write_tokens),
        output_tokens=int(shape.output_tokens),
    )
    found = genai_prices.calc_price(
        usage,
        model,
        provider_id=provider,
        genai_request_timestamp=AT,
        price_context={"processing": "batch"} if shape.batch else None,
    )
    return float(found.total_price)


@pytest.mark.parametrize("provider", ["openai", "anthropic", "google", "mistral", "groq"])
@pytest.mark.parametrize("batch", [False, True])
def test_that_every_model_costs_what_the_bundled_table_computes(
    table: Prices, provider: str, batch: bool
) -> None:
    compared = 0
    for model in table.table.model_names(provider):
        for prompt in (900, 150_000, 300_000):
            shape = replace(SHAPE, uncached_tokens=prompt, cache_write_tokens=100, batch=batch)
            found = table.quote(provider, model, shape, at=AT)
            assert found.row is not None
            if found.row.rates.output is None or not _is_found_by_id(provider, model):
                continue
            if batch and (found.row.batch is None or found.row.batch_note):
                continue
            assert found.usd == pytest.approx(own(provider, model, shape), abs=1e-9)
            compared += 1
    assert compared >= 6


def _is_found_by_id(provider: str, model: str) -> bool:
    """Whether the package finds the model by its own id, and finds that model."""
    listed = next(p for p in get_snapshot().providers if p.id == provider)
    found = listed.find_model(model)
    return found is not None and found.id == model


def test_that_a_quote_says_where_it_is_from_and_how_old_it_is(table: Prices) -> None:
    found = table.quote("openai", "gpt-5.5", SHAPE, at=AT)
    assert found.usd == 0.0084
    assert (found.source or "").startswith("genai-prices ")
    assert found.as_of is not None
    assert found.age_days == (AT.date() - found.as_of).days
    assert not found.stale
    late = table.quote("openai", "gpt-5.5", SHAPE, at=AT + timedelta(days=60))
    assert late.stale


def test_that_the_limit_of_age_is_a_setting() -> None:
    strict = Prices(Settings(thresholds=Thresholds(price_stale_days=3)))
    assert strict.quote("openai", "gpt-5.5", SHAPE, at=AT).stale


def test_that_a_typed_in_price_wins_over_every_table() -> None:
    mine = Prices(
        settings(
            **{
                "OpenAI/GPT-5.5": {"input": 1.0, "cached": 0.0, "output": 2.0},
                "deepinfra/Qwen/Qwen3-32B": {"input": 3.0},
                "basement/llama": {"input": 0.5, "output": 0.5},
            }
        )
    )
    found = mine.quote("openai", "gpt-5.5", SHAPE, at=AT)
    assert found.usd == pytest.approx((900 * 1.0 + 120 * 2.0) / 1e6)
    assert (found.as_of, found.age_days, found.stale) == (None, None, False)
    assert (found.source or "").startswith("stated: prices.OpenAI/GPT-5.5")
    partial = mine.quote("deepinfra", "Qwen/Qwen3-32B", SHAPE, at=AT)
    assert partial.usd is None
    assert mine.quote("basement", "llama", SHAPE, at=AT).usd is not None
    assert "Qwen/Qwen3-32B" in mine.models("deepinfra")


@pytest.mark.parametrize("price", [-1.0, float("nan"), float("inf")])
def test_that_a_nonsense_typed_in_price_is_named(price: float) -> None:
    mine = Prices(settings(**{"openai/gpt-5.5": {"input": price, "output": 1.0}}))
    with pytest.raises(BadInput) as caught:
        mine.quote("openai", "gpt-5.5", SHAPE, at=AT)
    assert caught.value.field == "prices.openai/gpt-5.5.input"


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-99"),
        ("openai", "gpt-5.5-nonsense"),
        ("anthropic", "claude-opus-4-7-nonsense"),
        ("aws", "nonsense.claude-opus-4-7"),
        ("google", "gemini-2.5-pro-nonsense"),
        ("openai", "whisper-1"),
        ("deepinfra", "Qwen/Qwen3-32C"),
        ("together", ""),
        ("nobody", "gpt-5.5"),
        ("ollama", "qwen3:8b"),
    ],
)
def test_that_an_unknown_model_has_a_note_and_never_a_number(
    table: Prices, provider: str, model: str
) -> None:
    found = table.quote(provider, model, SHAPE, at=AT)
    assert found.usd is None
    assert found.parts == ()
    assert found.notes


def test_that_nobody_is_suggested_for_a_server_of_ones_own(table: Prices) -> None:
    shape = CallShape(uncached_tokens=1, output_tokens=1)
    found = table.quote("custom", "tiny", shape, at=parse_moment("2026-11-01"))
    assert (found.usd, found.provider_known, found.suggestions) == (None, False, ())
    assert found.notes == (
        "Nobody publishes prices of a server of one's own; they can be typed in.",
    )


def test_that_close_names_are_suggested(table: Prices) -> None:
    assert "gpt-5.5" in table.quote("openai", "gpt-55", SHAPE, at=AT).suggestions
    assert table.suggest("deepinfra", "qwen3-32b")[0] == "Qwen/Qwen3-32B"
    missing = table.quote("opena1", "gpt-5.5", SHAPE, at=AT)
    assert "openai" in missing.suggestions
    assert not missing.provider_known


@pytest.mark.parametrize(
    ("provider", "name", "meant"),
    [
        ("anthropic", "claude-opus-4-7-20260416", "claude-opus-4-7"),
        ("anthropic", "claude-opus-4-7-latest", "claude-opus-4-7"),
        ("openai", "GPT-5.5-2026-04-23", "gpt-5.5"),
        ("openai", "gpt-5.5-20260423", "gpt-5.5"),
        ("openai", "ft:gpt-4-0613:org::id", "gpt-4"),
        ("google", "models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("google", "gemini-2.5-pro-preview-05-06", "gemini-2.5-pro"),
        ("google", "claude-opus-4-7@20260416", "claude-opus-4-7"),
        ("aws", "us.anthropic.claude-opus-4-7-v1:0", "regional.anthropic.claude-opus-4-7-v1:0"),
        ("aws", "amazon.titan-embed-text", "amazon.titan-embed-text-v1"),
    ],
)
def test_that_a_dated_name_is_priced_as_its_model_and_says_so(
    table: Prices, provider: str, name: str, meant: str
) -> None:
    found = table.quote(provider, name, CallShape(uncached_tokens=1000), at=AT)
    assert found.usd is not None
    assert found.row is not None
    assert found.row.model == meant
    assert f"Priced as {meant}." in found.notes


def test_that_a_host_of_somebody_elses_model_says_whose_price_it_is(table: Prices) -> None:
    resold = table.quote("azure", "gpt-5.5", SHAPE, at=AT)
    assert resold.usd == table.quote("openai", "gpt-5.5", SHAPE, at=AT).usd
    assert any("maker" in note for note in resold.notes)
    assert resold.row is not None
    assert resold.row.batch is None


def test_that_deepseek_costs_by_the_hour_and_a_month_by_its_mean(table: Prices) -> None:
    hours = [
        constraint
        for provider in get_snapshot().providers
        if provider.id == "deepseek"
        for model in provider.models
        if model.id == "deepseek-flash" and isinstance(model.prices, list)
        for constraint in [price.constraint for price in model.prices]
        if isinstance(constraint, TimeOfDateConstraint)
    ]
    assert hours
    noon = table.quote("deepseek", "deepseek-flash", SHAPE, at=AT)
    peak = table.quote("deepseek", "deepseek-flash", SHAPE, at=parse_moment("2026-11-25T02:00:00Z"))
    assert noon.usd is not None
    assert peak.usd == pytest.approx(noon.usd * 2)
    assert noon.row is not None
    assert peak.row is not None
    assert noon.row.mean_factor == pytest.approx(1 + 35 / 168)
    assert peak.row.mean_factor == pytest.approx((1 + 35 / 168) / 2)
    assert any("hour" in note for note in noon.notes)


def test_that_a_price_has_a_history(table: Prices) -> None:
    def output(day: str) -> float | None:
        row = table.row("avian", "deepseek/deepseek-v4-pro-0813", at=parse_moment(day))
        assert row is not None
        assert row.rates.output is not None
        return row.rates.output.usd_per_mtok

    assert output("2026-10-17") == 1.782
    assert output("2026-10-18") == 1.683


def test_that_deepinfra_and_embeddings_come_from_the_overlay(table: Prices) -> None:
    shape = CallShape(uncached_tokens=1_000_000, output_tokens=1_000_000)
    found = table.quote("deepinfra", "Qwen/Qwen3-32B", shape, at=AT)
    assert found.usd == pytest.approx(0.36)
    assert "LiteLLM" in (found.source or "")
    for provider, model, usd in (
        ("fireworks", "nomic-ai/nomic-embed-text-v1.5", 0.008),
        ("together", "BAAI/bge-base-en-v1.5", 0.008),
        ("fireworks_ai", "accounts/fireworks/models/qwen3-embedding-8b", 0.1),
    ):
        text = CallShape(uncached_tokens=1_000_000)
        assert table.quote(provider, model, text, at=AT).usd == pytest.approx(usd)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Together_AI", "together"),
        ("fireworks_ai", "fireworks"),
        ("gemini", "google"),
        (" OpenAI ", "openai"),
        ("my-openai-proxy", None),
        ("", None),
    ],
)
def test_that_spellings_of_providers_are_known_and_strangers_are_not(
    table: Prices, name: str, known: str | None
) -> None:
    assert table.provider_id(name) == known


def test_that_batch_comes_from_the_table_the_overlay_or_a_twin(table: Prices) -> None:
    def ratio(provider: str, model: str) -> float:
        shape = CallShape(uncached_tokens=1_000_000, output_tokens=1_000_000)
        whole = table.quote(provider, model, shape, at=AT).usd
        part = table.quote(provider, model, replace(shape, batch=True), at=AT).usd
        assert whole is not None
        assert part is not None
        return part / whole

    assert ratio("openai", "gpt-5.5") == pytest.approx(0.5)
    assert ratio("together", "openai/gpt-oss-120b") == pytest.approx(0.5)
    assert ratio("deepinfra", "Qwen/Qwen3-32B") == pytest.approx(0.8)
    assert ratio("openrouter", "openai/gpt-5.5") == pytest.approx(0.5)
    assert ratio("deepseek", "deepseek-flash") == 1.0
    noted = table.quote("deepseek", "deepseek-flash", replace(SHAPE, batch=True), at=AT)
    assert any("No batch price" in note for note in noted.notes)


def test_that_discounts_do_not_stack() -> None:
    rates = Rates(input=Rate(1.0), output=Rate(2.0), cached=Rate(0.9))
    assert discounted(rates, 0.5).cached == Rate(0.5)
    assert discounted(replace(rates, cached=Rate(0.1)), 0.5).cached == Rate(0.1)
    assert discounted(replace(rates, cached=None), 0.5).cached is None


def test_that_retired_models_are_flagged(table: Prices) -> None:
    assert table.quote("openai", "gpt-4", SHAPE, at=AT).retired
    assert table.quote("openai", "gpt-4-0613", SHAPE, at=AT).retired
    before = table.quote("openai", "gpt-4", SHAPE, at=parse_moment("2026-10-22"))
    assert not before.retired
    assert any("Will be retired" in note for note in before.notes)


def test_that_the_pickers_offer_the_main_providers_first(table: Prices) -> None:
    offered = table.providers()
    assert tuple(known.id for known in offered[: len(MAIN_PROVIDERS)]) == MAIN_PROVIDERS
    assert all(known.name for known in offered)
    assert "gpt-5.5" in table.models("openai")
    assert "whisper-1" not in table.models("openai")
    assert table.models("nobody") == ()
    assert all(table.models(provider) for provider in MAIN_PROVIDERS)


def test_that_every_hosted_twin_is_known_and_the_cheapest_still_serves(table: Prices) -> None:
    text = CallShape(uncached_tokens=1000)
    for tag, twins in prices_overlay.load().hosted.items():
        for twin in twins:
            found = table.quote(twin.provider, twin.model, text, at=AT)
            assert found.usd is not None, (tag, twin)
        assert table.cheapest_twin(tag, text, at=AT) is not None, tag
    cheapest = table.cheapest_twin("gpt-oss:120b", SHAPE, at=AT)
    assert cheapest is not None
    assert not cheapest.retired
    assert table.hosted_twins("Nomic-Embed-Text:latest") == (
        ("fireworks", "nomic-ai/nomic-embed-text-v1.5"),
    )
    assert table.cheapest_twin("nobody:1b", SHAPE, at=AT) is None


def test_that_every_row_of_the_overlay_has_source_and_date() -> None:
    document = resources.read_json(prices_overlay.FILE)
    for section in ("price_tables", "providers", "rows", "batch", "retirements", "hosted"):
        assert document[section]
        for row in document[section]:
            assert row["source"]
            assert date(2024, 1, 1) < date.fromisoformat(row["as_of"]) <= date(2026, 11, 26)


def test_that_every_retirement_names_a_model_of_a_table(table: Prices) -> None:
    retirements = prices_overlay.load().retirements
    assert retirements
    for provider, model in retirements:
        row = table.row(provider, model, at=AT)
        assert row is not None, (provider, model)
        assert row.retired_on is not None, (provider, model)


def test_that_a_broken_overlay_names_the_row(monkeypatch: pytest.MonkeyPatch) -> None:
    broken: dict[str, Any] = {"price_tables": [{"version": "1"}]}
    with pytest.raises(KeyError):
        prices_overlay.parse(broken)
    monkeypatch.setattr(resources, "read_json", lambda name: broken)
    prices_overlay.load.cache_clear()
    with pytest.raises(BadInput, match="broken row"):
        prices_overlay.load()
    prices_overlay.load.cache_clear()


def test_that_a_table_the_overlay_does_not_know_is_dated_by_its_newest_fact() -> None:
    unknown = replace(prices_overlay.load(), table_dates={})
    row = Prices(Settings(), overlay=unknown).row("openai", "gpt-5.5", at=AT)
    assert row is not None
    assert row.as_of is not None
    assert row.as_of >= date(2026, 11, 9)
    table = price_tables.installed(unknown)
    assert table.newest_fact(not_after=date(2026, 11, 25)) == date(2026, 11, 9)


def test_that_a_table_without_a_file_has_no_date(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(price_tables.genai_prices, "__file__", str(tmp_path / "gone"))
    price_tables._installed.cache_clear()
    unknown = replace(prices_overlay.load(), table_dates={})
    found = Prices(Settings(), overlay=unknown).quote("openai", "gpt-5.5", SHAPE, at=AT)
    price_tables._installed.cache_clear()
    assert found.as_of is None
    assert found.usd is not None


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case["id"])
        for suite in ORACLES["suites"]
        if suite["id"] == "openai_bill"
        for case in suite["cases"]
        if case["reproduces"]
    ],
)
def test_that_a_real_openai_bill_is_reproduced_from_the_table(
    table: Prices, case: dict[str, Any]
) -> None:
    inputs = case["inputs"]
    shape = CallShape(
        uncached_tokens=inputs["input_tokens"] - inputs["input_cached_tokens"],
        cached_tokens=inputs["input_cached_tokens"],
        output_tokens=inputs["output_tokens"],
    )
    day = parse_moment(case["id"].rpartition("/")[2])
    found = table.quote("openai", inputs["model"], shape, at=day)
    assert found.usd == pytest.approx(case["expected"]["billed_usd"], abs=1e-9)
