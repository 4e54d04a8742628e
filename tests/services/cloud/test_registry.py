from __future__ import annotations

import re
from typing import get_args

import pytest

from landfall.core.errors import BadInput
from landfall.core.settings import Settings
from landfall.services import cloud
from landfall.services.cloud import adapters, provider
from landfall.services.cloud.provider import KeyKind
from landfall.services.keys.secret import Secret
from landfall.services.pricing.prices import MAIN_PROVIDERS, Prices


def test_every_provider_that_has_prices_can_be_called_and_the_other_way_round() -> None:
    assert [row.id for row in cloud.rows()] == [*MAIN_PROVIDERS, cloud.CUSTOM]
    prices = Prices(Settings())
    assert all(prices.provider_id(row.id) for row in cloud.rows() if row.id != cloud.CUSTOM)


def test_every_row_is_dated_has_a_source_and_an_encrypted_address() -> None:
    assert len(cloud.rows()) > 5
    for row in cloud.rows():
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", row.as_of), row.id
        assert row.source, row.id
        assert row.id == cloud.CUSTOM or row.base_url.startswith("https://"), row.id
        assert row.id == cloud.CUSTOM or row.keys_page.startswith("https://"), row.id


def test_a_name_is_found_in_any_case_and_a_slip_is_corrected() -> None:
    assert cloud.find(" OpenAI ").name == "OpenAI"
    with pytest.raises(BadInput, match="Perhaps openai"):
        cloud.find("opnai")


def test_a_key_given_where_the_provider_belongs_is_not_repeated() -> None:
    key = "sk-proj-0123456789abcdefghij"
    with pytest.raises(BadInput) as error:
        cloud.find(key)
    assert key not in str(error.value)


@pytest.mark.parametrize(
    ("key", "owner"),
    [
        ("sk-or-v1-abc", "openrouter"),
        ("sk-proj-abc", "openai"),
        ("sk-ant-api03-abc", "anthropic"),
        ("gsk_abc", "groq"),
        ("AIzaSyabc", "google"),
        ("fw_abc", "fireworks"),
    ],
)
def test_keys_are_recognised_by_their_beginning(key: str, owner: str) -> None:
    row, kind = cloud.owner_of(Secret(key))
    assert row is not None
    # A management key of OpenRouter begins as its other keys do.
    assert (row.id, kind) == (owner, None if owner == "openrouter" else "inference")


def test_a_beginning_that_several_use_names_nobody() -> None:
    assert cloud.owner_of(Secret("sk-0123456789")) == (None, None)
    assert cloud.owner_of(Secret("0123456789")) == (None, None)


@pytest.mark.parametrize("key", ["sk-admin-abc", "sk-ant-admin01-abc"])
def test_an_admin_key_in_the_wrong_field_is_named_as_one(key: str) -> None:
    for row in (cloud.find("openai"), cloud.find("anthropic"), cloud.find("custom")):
        with pytest.raises(BadInput, match="admin key"):
            cloud.assert_right_field(Secret(key), row, moved=True)


def test_a_key_for_models_in_the_field_for_usage_is_named_as_one_also_at_a_moved_address() -> None:
    for moved in (False, True):
        with pytest.raises(BadInput, match="for running models") as error:
            cloud.assert_right_field(
                Secret("sk-proj-abc"), cloud.find("openai"), kind="usage", moved=moved
            )
        assert error.value.field == "usage_key"
    # A gateway may hand out keys that begin with "sk-"; OpenAI's admin keys begin otherwise.
    bare = Secret("sk-0123456789")
    cloud.assert_right_field(bare, cloud.find("openai"), kind="usage", moved=True)
    with pytest.raises(BadInput, match="for running models"):
        cloud.assert_right_field(bare, cloud.find("openai"), kind="usage")


def test_a_management_key_of_openrouter_cannot_be_told_and_is_taken_in_both_fields() -> None:
    row = cloud.find("openrouter")
    for kind in get_args(KeyKind):
        cloud.assert_right_field(Secret("sk-or-v1-abc"), row, kind=kind)


def test_anothers_key_is_refused_unless_the_address_is_anothers_too() -> None:
    key = Secret("sk-or-v1-abc")
    with pytest.raises(BadInput, match="key of OpenRouter, not of OpenAI"):
        cloud.assert_right_field(key, cloud.find("openai"))
    cloud.assert_right_field(key, cloud.find("openai"), moved=True)
    cloud.assert_right_field(key, cloud.find("custom"))
    cloud.assert_right_field(key, cloud.find("openrouter"))


def test_every_adapter_that_a_row_may_name_is_there() -> None:
    assert set(adapters._BY_NAME) == provider.ADAPTERS == {row.adapter for row in cloud.rows()}
