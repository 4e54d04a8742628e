"""Locks, what they leave inside, and the steps that leave all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.workload.privacy import (
    CLASS_WORDS,
    NO_LOCK,
    REMOTE,
    Option,
    hosted_inside,
    is_public_host,
    leaks,
    lock_of,
    names_of,
    pipeline,
    provider_inside,
)
from landfall.core.workload.workload import (
    Candidates,
    HostedCandidate,
    Privacy,
    PrivacyClass,
    Step,
    StepName,
    Task,
    Today,
    Where,
    Workload,
)

TOGETHER = HostedCandidate(provider="together", model="Qwen")


def workload(
    *,
    privacy: Privacy | None = None,
    steps: tuple[Step, ...] = (),
    local: tuple[str, ...] = (),
    hosted: tuple[HostedCandidate, ...] = (TOGETHER,),
    today: str = "openai",
) -> Workload:
    return Workload(
        name="A",
        task=Task.CHAT,
        privacy=privacy or Privacy(),
        steps=steps,
        candidates=Candidates(local=local, hosted=hosted),
        today=Today(provider=today, model="m"),
    )


def region(*inside: str) -> Privacy:
    return Privacy(privacy_class=PrivacyClass.REGION, region="eu", in_region=inside)


def phi(*vendors: str) -> Privacy:
    return Privacy(privacy_class=PrivacyClass.PHI, approved_vendors=vendors)


def test_that_no_class_locks_nothing() -> None:
    assert lock_of(workload()) == NO_LOCK
    assert leaks(workload(steps=(Step(name=StepName.EMBED, where=Where.CLOUD),))) == ()


@pytest.mark.parametrize(
    "privacy_class",
    [one for one in PrivacyClass if one not in (PrivacyClass.NONE, PrivacyClass.REGION)],
)
def test_that_a_local_class_leaves_no_remote_option(privacy_class: PrivacyClass) -> None:
    lock = lock_of(workload(privacy=Privacy(privacy_class=privacy_class)))
    assert lock.rules == ("H1",)
    assert lock.inside == frozenset()
    assert lock.says


@pytest.mark.parametrize(
    ("privacy", "rules", "inside"),
    [
        (region(), ("H1r", "H1"), set()),
        (region("hosted_open"), ("H1r",), {Option.HOSTED_OPEN}),
        (region("HOSTED_OPEN", " rent_gpu "), ("H1r",), {Option.HOSTED_OPEN, Option.RENT_GPU}),
        (region("openai"), ("H1r",), {Option.CLOUD_FRONTIER}),
        (region("Together"), ("H1r",), {Option.HOSTED_OPEN}),
        (region("elsewhere"), ("H1r", "H1"), set()),
        (phi("openai"), ("H1r",), {Option.CLOUD_FRONTIER}),
        (phi("together", "openai"), ("H1r",), {Option.CLOUD_FRONTIER, Option.HOSTED_OPEN}),
        (phi("rent_gpu", "hosted_open"), ("H1r", "H1"), set()),
        (phi(), ("H1",), set()),
        (Privacy(offline=True), ("H2",), set()),
        (replace(phi(), offline=True), ("H1", "H2"), set()),
        (replace(region("hosted_open"), offline=True), ("H1r", "H2"), set()),
        (replace(region("openai"), offline=True), ("H1r", "H2"), set()),
        (replace(phi("together"), offline=True), ("H1r", "H2"), set()),
        (replace(region(), offline=True), ("H1r", "H1", "H2"), set()),
    ],
)
def test_that_a_lock_keeps_what_is_marked_as_inside(
    privacy: Privacy, rules: tuple[str, ...], inside: set[Option]
) -> None:
    lock = lock_of(workload(privacy=privacy))
    assert lock.rules == rules
    assert lock.inside == inside


def test_that_a_provider_is_inside_only_by_its_name() -> None:
    assert provider_inside(workload(), "anybody")
    assert not provider_inside(workload(privacy=phi()), "openai")
    assert provider_inside(workload(privacy=phi("OpenAI ")), "openai")
    assert not provider_inside(workload(privacy=phi("openai")), "")
    assert not provider_inside(workload(privacy=replace(phi("openai"), offline=True)), "openai")


def test_that_a_region_may_name_all_hosted_candidates_or_one() -> None:
    assert hosted_inside(workload(privacy=region("hosted_open")), "anybody")
    assert hosted_inside(workload(privacy=region("groq")), "groq")
    assert not hosted_inside(workload(privacy=region("groq")), "together")
    assert not hosted_inside(workload(privacy=phi("hosted_open")), "together")


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("", False),
        ("localhost", False),
        ("127.0.0.1:11434", False),
        ("http://[::1]:11434/api", False),
        ("192.168.1.20", False),
        ("10.1.2.3:80", False),
        ("172.16.0.1", False),
        ("100.100.1.1", False),
        ("0.0.0.0", False),
        ("fe80::1", False),
        ("fd12:3456::1", False),
        ("workstation", False),
        ("box.local", False),
        ("box.home.arpa", False),
        ("api.openai.com", True),
        ("https://user:secret@api.openai.com:443/v1", True),
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("localhost.example.com", True),
        ("local.ai", True),
        ("127.0.0.1.example.com", True),
        ("API.OPENAI.COM.", True),
    ],
)
def test_that_only_own_networks_are_not_public(host: str, public: bool) -> None:
    assert is_public_host(host) is public


def step(name: StepName, where: Where, host: str = "") -> Step:
    return Step(name=name, where=where, host=host)


@pytest.mark.parametrize(
    ("privacy", "steps", "left"),
    [
        (phi(), [step(StepName.EMBED, Where.CLOUD)], ("embed",)),
        (phi(), [step(StepName.EMBED, Where.LOCAL)], ()),
        (phi(), [step(StepName.VECTOR_DB, Where.NETWORK, "10.0.0.2")], ()),
        (phi(), [step(StepName.VECTOR_DB, Where.NETWORK, "db.example.com")], ("vector_db",)),
        (phi(), [step(StepName.JUDGE, Where.LOCAL, "https://api.judge.ai")], ("judge",)),
        (phi(), [step(StepName.GENERATE, Where.VERDICT, "gpu.example.com")], ("generate",)),
        (phi(), [step(StepName.GENERATE, Where.CLOUD)], ("generate",)),
        (Privacy(offline=True), [step(StepName.TRACE, Where.CLOUD)], ("trace",)),
        (region("openai"), [step(StepName.EMBED, Where.CLOUD, "api.openai.com")], ()),
        (region("openai"), [step(StepName.EMBED, Where.CLOUD, "api.cohere.com")], ("embed",)),
        (region("openai"), [step(StepName.EMBED, Where.CLOUD)], ("embed",)),
        (region("openai"), [step(StepName.GENERATE, Where.CLOUD)], ()),
        (region(), [step(StepName.GENERATE, Where.CLOUD)], ("generate",)),
        (region("com"), [step(StepName.EMBED, Where.CLOUD, "api.cohere.com")], ("embed",)),
        (
            replace(region("openai"), offline=True),
            [step(StepName.EMBED, Where.CLOUD, "api.openai.com")],
            ("embed",),
        ),
    ],
)
def test_that_steps_beyond_the_lock_are_leaks(
    privacy: Privacy, steps: list[Step], left: tuple[str, ...]
) -> None:
    assert names_of(leaks(workload(privacy=privacy, steps=tuple(steps)))) == left


def test_that_a_cloud_model_under_a_local_name_is_a_leak() -> None:
    only_cloud = workload(privacy=phi(), local=("gpt-oss:120b-cloud", "gemma4:cloud"))
    found = leaks(only_cloud)
    assert names_of(found) == ("generate",)
    assert "gpt-oss:120b-cloud" in found[0].why
    assert leaks(workload(privacy=phi(), local=("gemma4:cloud", "qwen3:8b"))) == ()
    assert leaks(workload(privacy=phi(), local=("my-cloud-model",))) == ()
    assert leaks(workload(local=("gemma4:cloud",))) == ()


def test_that_a_step_that_leaks_twice_is_named_once() -> None:
    twice = (step(StepName.EMBED, Where.CLOUD), step(StepName.EMBED, Where.CLOUD))
    assert names_of(leaks(workload(privacy=phi(), steps=twice))) == ("embed",)


def test_that_the_pipeline_has_a_destination_for_each_step() -> None:
    assert [one.leaves for one in pipeline(workload())] == [None]
    steps = (
        step(StepName.EMBED, Where.CLOUD),
        step(StepName.CACHE, Where.LOCAL),
        step(StepName.GENERATE, Where.VERDICT),
        step(StepName.TRACE, Where.NETWORK, "trace.example.com"),
    )
    shown = pipeline(workload(steps=steps))
    assert [(one.step, one.leaves) for one in shown] == [
        ("embed", True),
        ("cache", False),
        ("generate", None),
        ("trace", True),
    ]


@given(
    privacy_class=st.sampled_from(PrivacyClass),
    names=st.lists(st.sampled_from(["openai", "together", "hosted_open", "rent_gpu", "x"])),
    offline=st.booleans(),
    today=st.sampled_from(["openai", "together", "", "x"]),
)
def test_that_nothing_is_inside_that_was_not_named(
    privacy_class: PrivacyClass, names: list[str], offline: bool, today: str
) -> None:
    privacy = Privacy(
        privacy_class=privacy_class,
        approved_vendors=tuple(names),
        in_region=tuple(names),
        offline=offline,
    )
    lock = lock_of(workload(privacy=privacy, today=today))
    if not lock.locked:
        assert privacy_class is PrivacyClass.NONE
        assert lock.inside == frozenset(REMOTE)
    if Option.CLOUD_FRONTIER in lock.inside and lock.locked:
        assert today in names or "cloud_frontier" in names
    if Option.RENT_GPU in lock.inside and lock.locked:
        assert "rent_gpu" in names
    if offline:
        assert lock.inside == frozenset()


def test_that_a_rule_is_told_in_words_and_not_by_its_name_in_the_file() -> None:
    assert set(CLASS_WORDS) == set(PrivacyClass)
    said = {
        one: lock_of(Workload(name="A", task=Task.CHAT, privacy=Privacy(privacy_class=one))).says
        for one in PrivacyClass
    }
    assert said[PrivacyClass.PHI] == "your rule on health data (PHI) lets nothing leave"
    assert said[PrivacyClass.NDA] == "your rule on text under an NDA lets nothing leave"
    assert not any("_" in words for words in said.values())
