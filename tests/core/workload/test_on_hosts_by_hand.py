"""What a workload calls its hosts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.workload.on_hosts import means, placed
from landfall.core.workload.workload import Step, StepName, Where
from tests.core.workload.least_pipelines import GENERATE, work


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
