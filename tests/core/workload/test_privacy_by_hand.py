"""Locks and leaks, each rule on the shortest workload that meets it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.workload.privacy import (
    REMOTE,
    Destination,
    Leak,
    Lock,
    Option,
    has_insiders,
    host_name,
    hosted_inside,
    is_public_host,
    leaks,
    lock_of,
    pipeline,
    provider_inside,
)
from landfall.core.workload.workload import PrivacyClass, Step, StepName, Where
from tests.core.workload.least_pipelines import GENERATE, PHI, REGION, work


def test_that_a_lock_says_its_rule() -> None:
    region = work(named=REGION, region="eu", in_region=("rent_gpu", " TOGETHER "))
    assert lock_of(region) == Lock(
        rules=("H1r",),
        inside=frozenset({Option.RENT_GPU, Option.HOSTED_OPEN}),
        says="your rule keeps it in eu",
    )
    assert lock_of(work(named=REGION)).says == "your rule keeps it in the region"
    vendors = lock_of(work(named=PHI, approved_vendors=("openai", "x")))
    assert vendors.says == "your rule allows only openai, x"
    assert vendors.inside == frozenset({Option.CLOUD_FRONTIER})
    offline = lock_of(work(named=PHI, offline=True))
    assert offline.says.endswith("; there is no network")
    assert offline.locked
    assert not lock_of(work()).locked
    attorney = work(named=PrivacyClass.ATTORNEY_CLIENT, approved_vendors=("openai",))
    assert lock_of(attorney).rules == ("H1r",)
    assert has_insiders(attorney)
    assert not has_insiders(work(named=PrivacyClass.NDA, approved_vendors=("openai",)))
    assert not has_insiders(work(named=PHI))
    assert lock_of(work()).inside == frozenset(REMOTE)
    blank = work(named=REGION, in_region=(" ", ""), provider="")
    assert lock_of(blank).inside == frozenset(), "a blank names nobody"


def test_that_a_provider_is_inside_where_the_rule_names_it() -> None:
    region = work(named=REGION, in_region=("groq", "hosted_open"))
    assert provider_inside(region, " GROQ ")
    assert not provider_inside(region, "openai")
    assert hosted_inside(region, "openai")
    assert not hosted_inside(replace(region, privacy=replace(region.privacy, offline=True)), "x")
    assert hosted_inside(work(), "anybody")
    assert not hosted_inside(work(offline=True), "anybody")
    assert not provider_inside(work(named=PrivacyClass.NDA), "x")


@pytest.mark.parametrize(
    ("host", "name"),
    [
        (" HTTPS://User:x@Box.lan:80/v1 ", "box.lan"),
        ("[::1]:80", "::1"),
        ("fe80::1", "fe80::1"),
        ("box:80", "box"),
        ("box/v1", "box"),
        ("", ""),
    ],
)
def test_that_a_host_is_told_by_its_bare_name(host: str, name: str) -> None:
    assert host_name(host) == name


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("100.63.255.255", True),
        ("100.64.0.0", False),
        ("100.127.255.255", False),
        ("100.128.0.0", True),
        ("169.254.1.1", False),
        ("192.168.3.4", False),
        ("::ffff:10.0.0.9", False),
        ("fec0::1", False),
        ("198.18.0.1", True),  # for tests of networks: a proxy may answer with it
        ("192.0.2.5", True),  # for examples
        ("240.0.0.1", True),
        ("2001:db8::1", True),
        ("::", False),
        ("fc00::1", False),
        ("a.lan", False),
        ("a.home", False),
        ("a.internal", False),
        ("a.intranet", False),
        ("a.localhost", False),
        ("a.lane", True),
        ("a.", False),
        ("a.b.", True),
    ],
)
def test_that_networks_of_ones_own_are_told_by_their_ranges_and_ends(
    host: str, public: bool
) -> None:
    assert is_public_host(host) is public


def test_that_a_leak_says_what_leaves_to_where_and_why() -> None:
    cloud = Step(name=StepName.EMBED, where=Where.CLOUD, host="api.x.com")
    assert leaks(work(cloud, named=PHI)) == (
        Leak(step="embed", where="cloud", host="api.x.com", why="it runs in the cloud"),
    )
    away = Step(name=StepName.OCR, where=Where.NETWORK, host="x.com")
    (found,) = leaks(work(away, named=PHI))
    assert (found.where, found.why) == ("network", "its address is outside your network")
    named = work(local=("a:cloud", "b:cloud"), named=PHI)
    assert leaks(named) == (
        Leak(
            step="generate",
            where="cloud",
            host="ollama.com",
            why="a:cloud is a cloud model under a local name",
        ),
    )
    told = work(replace(GENERATE, where=Where.CLOUD), local=("a:cloud",), named=PHI)
    assert len(leaks(told)) == 1, "the step says it already"
    other = work(cloud, local=("a:cloud",), named=PHI)
    assert [one.step for one in leaks(other)] == ["embed", "generate"]
    assert leaks(work(local=("a:cloud", "b"), named=PHI)) == ()


def test_that_what_stays_on_this_machine_does_not_go_to_another_that_is_named() -> None:
    step = replace(GENERATE, where=Where.LOCAL, host="box.lan")
    hosts = ("box",)
    (found,) = leaks(work(step, hosts=hosts, named=PHI))
    assert found.why == "it is to stay on this machine"
    assert leaks(work(step, named=PHI)) == (), "the workload names no host"
    assert leaks(work(replace(step, host="localhost:1"), hosts=hosts, named=PHI)) == ()
    assert leaks(work(replace(step, where=Where.VERDICT), hosts=hosts, named=PHI)) == ()
    assert leaks(work(replace(step, host=""), hosts=hosts, named=PHI)) == ()
    assert leaks(work(replace(step, name=StepName.EMBED), hosts=hosts, named=PHI)) == ()
    (off,) = leaks(work(replace(step, where=Where.VERDICT), hosts=hosts, offline=True))
    assert off.why == "it stands on another machine, and there is no network"


def test_that_an_inside_is_named_by_any_part_of_a_host_but_its_last() -> None:
    def leaves(host: str, *inside: str, offline: bool = False) -> bool:
        step = Step(name=StepName.EMBED, where=Where.CLOUD, host=host)
        return bool(leaks(work(step, named=REGION, in_region=inside, offline=offline)))

    assert not leaves("api.openai.com", "openai")
    assert not leaves("api.openai.com", "api.openai.com")
    assert leaves("api.openai.com", "com")
    assert leaves("api.openai.com", "open")
    assert leaves("api.openai.com", "openai", offline=True)
    generate = replace(GENERATE, where=Where.CLOUD)
    assert leaks(work(generate, named=REGION, in_region=("openai",))) == ()
    assert len(leaks(work(generate, named=REGION, in_region=("y",)))) == 1


def test_that_a_pipeline_tells_where_each_step_goes() -> None:
    assert pipeline(work()) == (
        Destination(step="generate", where=Where.VERDICT, host="", leaves=None),
    )
    steps = (
        Step(name=StepName.EMBED, where=Where.NETWORK, host="box.lan"),
        replace(GENERATE, host="x.com"),
        Step(name=StepName.OCR, where=Where.CLOUD, host="box.lan"),
    )
    assert [one.leaves for one in pipeline(work(*steps))] == [False, True, True]
