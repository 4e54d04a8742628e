"""Pure parts of running on hosts: the pipeline's addresses, what is known of an unknown machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.demand.forecast import Predictability
from landfall.core.demand.load import Load
from landfall.core.demand.serving import Service
from landfall.core.demand.strain import Strain
from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.machine.machines import nothing_known
from landfall.core.provenance import Measured, Stated, Unknown, middle
from landfall.core.side_by_side.side_by_side import model_typed
from landfall.core.verdict import latency
from landfall.core.verdict.ability import ability_there
from landfall.core.verdict.facts import HostFacts
from landfall.core.workload.on_hosts import means, placed
from landfall.core.workload.privacy import Option, leaks
from landfall.core.workload.workload import (
    Machine,
    Privacy,
    PrivacyClass,
    Step,
    StepName,
    Task,
    Where,
    Workload,
)
from landfall.services.models import shipped_catalogue

CARDS = shipped_catalogue.load().models
URLS = ("http://192.168.7.20:11434", "http://192.168.7.21:11434")
WORK = Workload(name="letters", task=Task.SUMMARY)
RATES = (Stated(1000.0, "x"), Measured(50.0, "2026-11-02", "x"))


def test_that_a_workload_without_steps_generates_on_each_of_its_hosts() -> None:
    assert placed(WORK, ()) is WORK
    steps = placed(WORK, URLS).steps
    assert [(step.name, step.host) for step in steps] == [(StepName.GENERATE, url) for url in URLS]


def test_that_steps_elsewhere_stay_where_they_are() -> None:
    own = Step(name=StepName.GENERATE, host="box.lan")
    away = Step(name=StepName.GENERATE, where=Where.CLOUD)
    embed = Step(name=StepName.EMBED)
    work = replace(WORK, steps=(own, away, embed))
    assert placed(work, URLS).steps == (own, away, embed)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (" BOX ", True),
        ("192.168.7.20:11434", True),
        ("HTTP://192.168.7.20:11434/", True),
        ("192.168.7.20", True),
        ("192.168.7.20:8000", False),
        ("192.168.7.2", False),
        ("attic", False),
    ],
)
def test_that_a_host_is_meant_by_name_address_or_machine(text: str, meant: bool) -> None:
    assert means(text, Host(name="box", url=URLS[0], kind=HostKind.OLLAMA)) is meant


def test_that_hosts_are_named_once_each() -> None:
    machine = Machine(host=" studio ", hosts=("studio", "attic", " "))
    assert machine.named_hosts == ("studio", "attic")
    assert Machine().named_hosts == ()


@pytest.mark.parametrize("host", ["127.0.0.1:11434", "localhost"])
def test_that_a_host_on_this_machine_is_no_leak_where_there_is_no_network(host: str) -> None:
    work = replace(
        WORK,
        privacy=Privacy(privacy_class=PrivacyClass.LOCAL_ONLY, offline=True),
        machine=Machine(host=host),
        steps=(Step(name=StepName.GENERATE, host=host), Step(name=StepName.EMBED)),
    )
    assert leaks(work) == ()
    (leak,) = leaks(replace(work, steps=(Step(name=StepName.GENERATE, host="10.0.0.9"),)))
    assert "there is no network" in leak.why


def test_that_without_a_named_host_a_step_in_the_network_is_as_before() -> None:
    work = replace(
        WORK,
        privacy=Privacy(privacy_class=PrivacyClass.LOCAL_ONLY, offline=True),
        steps=(Step(name=StepName.GENERATE, where=Where.NETWORK, host="10.0.0.9"),),
    )
    assert leaks(work) == ()


def test_that_of_an_unknown_machine_only_what_ran_there_is_known() -> None:
    def there(*names: str) -> tuple[bool | None, str]:
        one = ability_there(
            WORK,
            names,
            machine="studio",
            cards=CARDS,
            measured={"qwen3:8b": RATES},
            slots={"qwen3:8b": 3},
        )
        return one.fits, dict(one.notes)["fits"]

    assert there() == (None, "no local candidate is named (candidates.local)")
    assert there("nobody:1b") == (None, "nobody:1b is not in the catalogue")
    assert there("llama3.2:3b")[0] is None
    assert there("llama3.2:3b", "qwen3:8b")[0] is True
    assert there("glm:cloud")[0] is None


def test_that_nothing_is_predicted_for_a_machine_of_which_only_the_name_is_known() -> None:
    profile = nothing_known("studio")
    assert (profile.name, profile.ram.total_bytes, profile.accelerators) == ("studio", 0, ())
    assert isinstance(profile.ram.bandwidth_bytes_per_s, Unknown)


def test_that_the_way_is_part_of_every_wait() -> None:
    load = Load(
        calls_per_day=100.0,
        history_days=None,
        predictability=Predictability.UNKNOWN,
        hourly_calls=(),
        input=1000.0,
        cached=0.0,
        output=200.0,
        embedding=False,
    )
    near = Strain(load=load, service=Service(seconds=Stated(4.0, "x")), target_seconds=10.0)
    far = replace(near, network_seconds=2.0)
    assert (middle(far.p95()) or 0) - (middle(near.p95()) or 0) == pytest.approx(2.0)
    quoted = replace(near, peak_stated=0.2), replace(far, peak_stated=0.2)
    assert (middle(quoted[1].p95()) or 0) - (middle(quoted[0].p95()) or 0) == pytest.approx(2.0)
    assert (far.lateness() or 0) > (near.lateness() or 0)
    farthest = replace(near, network_seconds=11.0)
    assert (farthest.lateness() or 0) > 0
    host = HostFacts(option=Option.LOCAL_THIS_MACHINE, strain=far)
    assert middle(latency.of_split(host, Stated(1.0, "x"))) == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("typed", "model"),
    [("m-1@lmstudio", "m-1"), ("ollama:m-1@x", "m-1"), ("qwen/qwen3@http://h:1", "qwen/qwen3")],
)
def test_that_a_model_of_another_protocol_is_taken_as_typed(typed: str, model: str) -> None:
    assert model_typed(typed) == model
