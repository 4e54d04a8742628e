"""What a provider itself lists for a key stands above what a table says of its models."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from landfall.core.errors import Unavailable
from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import noon_utc
from landfall.core.settings import Settings
from landfall.services.cloud.provider import HostedModel
from landfall.services.pricing import offered_models
from landfall.services.pricing.offered_models import OfferedModels
from landfall.services.pricing.prices import Prices

DAY = date(2026, 11, 25)
AT = noon_utc(DAY)
SHAPE = CallShape(uncached_tokens=1000, output_tokens=100)
TABLE_SAYS_RETIRED = ("together", "meta-llama/Llama-3.3-70B-Instruct-Turbo")


def prices(**listed: Mapping[str, date | None]) -> Prices:
    offered = {name: OfferedModels(on=DAY, retires=models) for name, models in listed.items()}
    return Prices(Settings(), offered=offered)


def listing(*names: str, retires: str | None = None) -> list[HostedModel]:
    return [HostedModel(id=name, name=name, retires=retires) for name in names]


def test_that_a_model_that_its_provider_still_lists_is_served_whatever_a_table_says() -> None:
    provider, model = TABLE_SAYS_RETIRED
    assert Prices(Settings()).quote(provider, model, SHAPE, at=AT).retired
    found = prices(together={model.lower(): None}).quote(provider, model, SHAPE, at=AT)
    assert not found.retired
    assert found.recommendable
    assert found.row is not None
    assert (found.row.offered, found.row.offered_on) == (True, DAY)


def test_that_a_model_that_its_provider_does_not_list_is_priced_and_not_recommended() -> None:
    found = prices(openai={"gpt-5.4-mini": None}).quote("openai", "gpt-5.5", SHAPE, at=AT)
    assert found.usd is not None
    assert not found.recommendable
    assert any("own list of 2026-11-25 does not have it" in note for note in found.notes)


def test_that_the_day_on_which_the_provider_says_it_ends_counts() -> None:
    listed = prices(openai={"gpt-5.5": date(2026, 11, 20)})
    gone = listed.quote("openai", "gpt-5.5", SHAPE, at=AT)
    assert gone.retired
    assert not gone.recommendable
    before = listed.quote("openai", "gpt-5.5", SHAPE, at=noon_utc(date(2026, 11, 19)))
    assert not before.retired
    assert any("Will be retired on 2026-11-20" in note for note in before.notes)


def test_that_a_dated_name_in_the_list_stands_for_its_model() -> None:
    listed = prices(anthropic={"claude-sonnet-4-5-20250929": date(2027, 1, 1)})
    found = listed.quote("anthropic", "claude-sonnet-4-5", SHAPE, at=AT)
    assert found.row is not None
    assert (found.row.offered, found.row.retired_on) == (True, date(2027, 1, 1))
    assert listed.quote("anthropic", "claude-opus-4-5", SHAPE, at=AT).recommendable is False


def test_that_a_provider_that_was_not_asked_has_what_the_table_says() -> None:
    found = prices(openai={"gpt-5.5": None}).row("groq", "qwen/qwen3-32b", at=AT)
    assert found is not None
    assert (found.offered, found.offered_on) == (None, None)


def test_that_the_cheapest_twin_is_one_that_its_host_lists() -> None:
    plain = Prices(Settings()).cheapest_twin("llama3.1:8b", SHAPE, at=AT)
    assert plain is not None
    without = prices(**{plain.provider: {"something-else": None}})
    other = without.cheapest_twin("llama3.1:8b", SHAPE, at=AT)
    assert other is not None
    assert other.provider != plain.provider
    assert (other.usd or 0) >= (plain.usd or 0)


def test_that_a_list_is_kept_read_again_and_forgotten_with_its_key(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "offered_models.json"
    assert offered_models.load(file) == {}
    offered_models.keep("openai", listing("GPT-5.5", retires="2027-02-01"), on=DAY, file=file)
    offered_models.keep(
        "anthropic", listing("claude-x", retires="2027-03-01T00:00:00Z"), on=DAY, file=file
    )
    kept = offered_models.load(file)
    assert kept["openai"] == OfferedModels(on=DAY, retires={"gpt-5.5": date(2027, 2, 1)})
    assert kept["anthropic"].retires == {"claude-x": date(2027, 3, 1)}
    offered_models.keep("openai", listing("gpt-6", retires="soon"), on=DAY, file=file)
    assert offered_models.load(file)["openai"].retires == {"gpt-6": None}
    offered_models.forget("openai", file=file)
    assert set(offered_models.load(file)) == {"anthropic"}
    offered_models.forget("openai", file=file)
    assert set(offered_models.load(file)) == {"anthropic"}


def test_that_an_empty_list_tells_nothing(tmp_path: Path) -> None:
    file = tmp_path / "offered_models.json"
    offered_models.keep("openai", [], on=DAY, file=file)
    assert not file.exists()


@pytest.mark.parametrize(
    "text", ["", "[]", '{"schema": 9}', '{"schema": 1, "providers": {"x": 1}}']
)
def test_that_a_damaged_file_is_passed_over_and_replaced(tmp_path: Path, text: str) -> None:
    file = tmp_path / "offered_models.json"
    file.write_text(text)
    assert offered_models.load(file) == {}
    if "providers" not in text:
        offered_models.keep("openai", listing("gpt-5.5"), on=DAY, file=file)
        assert set(offered_models.load(file)) == {"openai"}


def test_that_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(Unavailable):
        offered_models.keep("openai", listing("m"), on=DAY, file=blocked / "offered_models.json")


def test_that_a_list_from_before_a_retirement_does_not_disprove_it() -> None:
    provider, model = TABLE_SAYS_RETIRED
    before = OfferedModels(on=date(2026, 10, 20), retires={model.lower(): None})
    found = Prices(Settings(), offered={provider: before}).quote(provider, model, SHAPE, at=AT)
    assert found.retired


def test_that_an_old_list_tells_nothing() -> None:
    old = {"openai": OfferedModels(on=date(2026, 9, 1), retires={"gpt-5.4-mini": None})}
    found = Prices(Settings(), offered=old).quote("openai", "gpt-5.5", SHAPE, at=AT)
    assert found.recommendable
    assert found.row is not None
    assert found.row.offered is None
