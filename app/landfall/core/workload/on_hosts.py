"""A workload that runs on hosts: its generating step leads to their addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from landfall.core.hosts.hosts import Host
from landfall.core.workload.privacy import host_name
from landfall.core.workload.workload import Step, StepName, Where, Workload


def means(text: str, host: Host) -> bool:
    """Whether what a workload calls its host is this one: its name in any case, its address, or the
    machine alone, of which any server counts."""
    typed = text.strip().casefold()
    url = host.url.casefold()
    if typed == host.name.strip().casefold():
        return True
    bare = typed.removesuffix("/").removesuffix("/v1")
    if bare in (url, url.partition("://")[2]):
        return True
    return ":" not in typed and host_name(typed) == host_name(url)


def placed(workload: Workload, urls: Sequence[str]) -> Workload:
    """The workload with the addresses of its hosts in the pipeline.

    A step that names a host of its own, or runs in a cloud, stays as it is. Several hosts make
    several steps: each of them gets the text of some calls.

    Args:
        urls: Of hosts on other machines; what runs here needs no address.
    """
    if not urls:
        return workload
    steps: list[Step] = []
    for step in workload.steps or (Step(name=StepName.GENERATE),):
        theirs = step.name is StepName.GENERATE and not step.host and step.where is not Where.CLOUD
        steps += [replace(step, host=url) for url in urls] if theirs else [step]
    return replace(workload, steps=tuple(steps))
