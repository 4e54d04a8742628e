from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.errors import PrivacyBlocked
from landfall.core.workload.workload import (
    Candidates,
    HostedCandidate,
    Privacy,
    PrivacyClass,
    Task,
    Today,
    Workload,
)
from landfall.services.cloud.address import Address
from landfall.services.cloud.privacy_door import assert_may_send

OWN = Address("https://api.openai.com/v1")
LOOPBACK = Address("http://127.0.0.1:8000/v1", "--base-url")
FORBIDDING = sorted(set(PrivacyClass) - {PrivacyClass.NONE})


def workload(privacy: Privacy) -> Workload:
    return Workload(
        name="W",
        task=Task.CHAT,
        privacy=privacy,
        today=Today(provider="openai", model="big"),
        candidates=Candidates(hosted=(HostedCandidate(provider="together", model="open"),)),
    )


@pytest.mark.parametrize("privacy_class", FORBIDDING)
def test_a_locked_workload_sends_nothing_anywhere(privacy_class: PrivacyClass) -> None:
    locked = workload(Privacy(privacy_class=privacy_class))
    for provider, where in (("openai", OWN), ("custom", LOOPBACK), ("together", OWN)):
        with pytest.raises(PrivacyBlocked, match="Nothing was sent"):
            assert_may_send(locked, provider, where, model="big")


def test_without_a_workload_or_a_lock_anything_may_be_sent() -> None:
    assert_may_send(None, "openai", OWN)
    assert_may_send(workload(Privacy()), "openai", LOOPBACK)


def test_offline_beats_every_approval() -> None:
    locked = workload(
        Privacy(privacy_class=PrivacyClass.PHI, approved_vendors=("openai",), offline=True)
    )
    with pytest.raises(PrivacyBlocked, match="no network"):
        assert_may_send(locked, "openai", OWN)


def test_an_approved_vendor_is_asked_at_its_own_address_alone() -> None:
    approved = workload(Privacy(privacy_class=PrivacyClass.PHI, approved_vendors=("OpenAI",)))
    assert_may_send(approved, "openai", OWN)
    with pytest.raises(PrivacyBlocked, match="is outside"):
        assert_may_send(approved, "anthropic", OWN)
    with pytest.raises(PrivacyBlocked, match="OPENAI_BASE_URL moved its address"):
        assert_may_send(approved, "openai", Address("https://x.example/v1", "OPENAI_BASE_URL"))


def test_vendors_do_not_open_a_class_that_knows_none() -> None:
    sealed = Privacy(privacy_class=PrivacyClass.CLASSIFIED, approved_vendors=("openai",))
    with pytest.raises(PrivacyBlocked):
        assert_may_send(workload(sealed), "openai", OWN)


def test_a_region_names_providers_or_options() -> None:
    region = PrivacyClass.REGION
    by_id = workload(Privacy(privacy_class=region, in_region=("mistral",)))
    assert_may_send(by_id, "mistral", OWN)
    by_option = workload(Privacy(privacy_class=region, in_region=("hosted_open",)))
    assert_may_send(by_option, "together", OWN, model="open")
    for provider, model in (("together", "other"), ("openai", "big"), ("groq", "open")):
        with pytest.raises(PrivacyBlocked):
            assert_may_send(by_option, provider, OWN, model=model)
    frontier = workload(Privacy(privacy_class=region, in_region=("cloud_frontier",)))
    assert_may_send(frontier, "openai", OWN, model="big")
    with pytest.raises(PrivacyBlocked):
        assert_may_send(frontier, "openai", OWN, model="another")


@given(
    privacy_class=st.sampled_from(FORBIDDING),
    vendors=st.lists(st.sampled_from(["anthropic", "groq", "", " "])),
    offline=st.booleans(),
)
def test_a_provider_that_no_rule_names_is_never_asked(
    privacy_class: PrivacyClass, vendors: list[str], offline: bool
) -> None:
    privacy = Privacy(
        privacy_class=privacy_class,
        approved_vendors=tuple(vendors),
        in_region=tuple(vendors),
        offline=offline,
    )
    with pytest.raises(PrivacyBlocked):
        assert_may_send(workload(privacy), "deepseek", OWN, model="any")
