"""Locks and checks, each rule on the shortest workload that meets it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.workload.on_hosts import means, placed
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
from landfall.core.workload.privacy_check import (
    DISCLAIMER,
    Place,
    PrivacyCheck,
    Seen,
    StepCheck,
    check,
)
from landfall.core.workload.workload import (
    Candidates,
    HostedCandidate,
    Machine,
    Privacy,
    PrivacyClass,
    Step,
    StepName,
    Task,
    Today,
    Where,
    Workload,
)


def work(
    *steps: Step,
    local: tuple[str, ...] = (),
    hosts: tuple[str, ...] = (),
    provider: str = "openai",
    **privacy: Any,
) -> Workload:
    named = privacy.pop("named", PrivacyClass.NONE)
    return Workload(
        name="A",
        task=Task.CHAT,
        steps=steps,
        today=Today(provider=provider),
        candidates=Candidates(
            local=local, hosted=(HostedCandidate(provider="Together", model="m"),)
        ),
        machine=Machine(hosts=hosts),
        privacy=Privacy(privacy_class=named, **privacy),
    )


PHI, REGION = PrivacyClass.PHI, PrivacyClass.REGION


# Locks ------------------------------------------------------------------------------------------


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


# Leaks ------------------------------------------------------------------------------------------

GENERATE = Step(name=StepName.GENERATE)


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


# Checks -----------------------------------------------------------------------------------------


def seen(**changes: Any) -> Seen:
    told: dict[str, Any] = {
        "at": "9:00",
        "addresses": {
            "localhost": ("127.0.0.1",),
            "box.lan": ("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"),
        },
        "server": "http://localhost:1",
        "remote_models": {},
        "server_asked": True,
        "cloud_off": True,
    }
    return Seen(**(told | changes))


def checked(workload: Workload, *, local: bool = True, **changes: Any) -> PrivacyCheck:
    return check(workload, seen(**changes), local=local)


def test_that_a_check_says_step_by_step_what_it_saw() -> None:
    db = Step(name=StepName.VECTOR_DB, where=Where.NETWORK, host="http://box.lan:6333")
    found = checked(work(db, GENERATE, local=("a",), named=PHI))
    assert found == PrivacyCheck(
        steps=(
            StepCheck(
                step="vector_db",
                host="http://box.lan:6333",
                place=Place.NETWORK,
                why="box.lan is 10.0.0.1, 10.0.0.2, 10.0.0.3",
            ),
            StepCheck(step="generate", host="", place=Place.HERE, why="localhost is 127.0.0.1"),
        ),
        inside=True,
        here=False,
        sentence="By your settings nothing in this pipeline is sent outside your network (checked "
        "9:00: 1 of 2 steps local, cloud models disabled, no candidate is forwarded by the "
        f"server). {DISCLAIMER}",
        findings=(),
        notes=(),
    )


def test_that_what_leaves_or_is_not_known_is_found() -> None:
    gone = Step(name=StepName.OCR, where=Where.NETWORK, host="gone")
    cloud = Step(name=StepName.EMBED, where=Where.CLOUD)
    local = Step(name=StepName.CACHE, where=Where.LOCAL)
    found = checked(work(gone, cloud, local, named=PHI))
    assert found.findings == (
        "embed leads outside your network: it runs in the cloud",
        "where ocr leads is not known: gone has no address now",
    )
    assert (found.inside, found.here) == (False, False)
    assert found.sentence == (
        f"Not kept inside, as far as could be checked (9:00): ocr, embed. {DISCLAIMER}"
    )
    judge = Step(name=StepName.JUDGE, where=Where.VERDICT)
    assert checked(work(judge)).steps[0].place is Place.HERE
    assert checked(work(judge), local=False).steps[0].why == "the verdict does not keep it here"
    assert checked(work(replace(judge, where=Where.LOCAL)), local=False).steps[0].why == (
        "as stated (local)"
    )


def test_that_the_model_server_counts_and_not_the_names() -> None:
    def place(local: tuple[str, ...], **changes: Any) -> tuple[Place, str]:
        (found,) = checked(work(local=local), **changes).steps
        return found.place, found.why

    assert place(("a:cloud", "b:cloud")) == (Place.PUBLIC, "a:cloud is a cloud model by its name")
    forwarded = {"b": "https://x", "a:cloud": "https://y"}
    assert place(("a:cloud", "b"), remote_models=forwarded) == (
        Place.PUBLIC,
        "the server forwards b to https://x",
    )
    assert place(("a:cloud", "c"), remote_models=forwarded)[0] is Place.HERE
    assert place((), server="")[1] == "no model server was found"
    assert place((), server_asked=False)[0] is Place.UNKNOWN
    assert place((), server="box.lan", server_asked=False)[0] is Place.NETWORK


def test_that_notes_are_of_what_is_open() -> None:
    def notes(local: tuple[str, ...] = ("a",), **changes: Any) -> tuple[str, ...]:
        return checked(work(local=local), **changes).notes

    assert notes() == ()
    (unknown,) = notes(cloud_off=None)
    assert unknown.startswith("whether this server may use its cloud is not known")
    assert notes(cloud_off=None, server_asked=False) == ()
    assert notes(cloud_off=False) == (
        "this server may use its cloud: OLLAMA_NO_CLOUD=1 switches that off",
    )
    assert notes(("a", "b", "c:cloud"), absent_models=("b", "c:cloud")) == (
        "b is not on the server yet: check again when it is",
    )
    assert notes(("a",), absent_models=("a",), server_asked=False) == ()
    assert notes(keys=("K", "L"), telemetry=("t",)) == (
        "keys of cloud services in the environment: K, L",
        "t",
    )


def test_that_checks_that_were_not_made_are_not_claimed() -> None:
    def made(**changes: Any) -> str:
        local = changes.pop("candidates", ("a",))
        return checked(work(local=local), **changes).sentence.partition("local")[2]

    assert made().startswith(", cloud models disabled, no candidate is forwarded by the server)")
    assert made(cloud_off=False).startswith(", no candidate")
    assert made(candidates=()).startswith(", cloud models disabled)")
    assert made(server="box.lan", server_asked=False).startswith(", cloud models disabled)")


# Hosts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (" tower ", True),
        ("Tower", True),
        ("http://box.lan:11434/", True),
        ("HTTP://BOX.LAN:11434/v1", True),
        ("box.lan:11434", True),
        ("box.lan", True),
        ("box.lan:8000", False),
        ("box", False),
        ("tower2", False),
        ("other", False),
    ],
)
def test_that_a_host_is_meant_by_name_address_or_machine(text: str, meant: bool) -> None:
    host = Host(name="Tower", url="http://box.lan:11434", kind=HostKind.OLLAMA)
    assert means(text, host) is meant


def test_that_each_host_gets_the_step_that_generates() -> None:
    embed = Step(name=StepName.EMBED)
    urls = ("http://a", "http://b")
    assert placed(work(), ()) == work()
    assert [one.host for one in placed(work(), urls).steps] == list(urls)
    found = placed(work(embed, GENERATE), urls).steps
    assert [(one.name, one.host) for one in found] == [
        (StepName.EMBED, ""),
        (StepName.GENERATE, "http://a"),
        (StepName.GENERATE, "http://b"),
    ]
    kept = (replace(GENERATE, host="own"), replace(GENERATE, where=Where.CLOUD))
    assert placed(work(*kept), urls).steps == kept
