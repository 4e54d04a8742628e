"""Which saved workloads with a privacy lock run on which host."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from landfall.core.errors import AppError, BadInput
from landfall.core.hosts.hosts import Host
from landfall.core.settings import Settings
from landfall.core.workload.privacy import host_name, lock_of
from landfall.core.workload.workload import StepName, Workload
from landfall.services.history.history import History
from landfall.services.hosts import addresses
from landfall.services.hosts.keeping import same_name
from landfall.services.ollama import address
from landfall.services.threads import in_thread
from landfall.services.verdict import workload_files


async def locked_on(settings: Settings, history: History) -> Mapping[str, tuple[str, ...]]:
    """Names of locked workloads by the name of the kept host on which they run.

    Samples that nobody changed are nobody's text and count for nothing.
    """
    if not settings.hosts:
        return {}
    saved = [one for one in await history.workloads() if not one.sample]
    return await in_thread(_of_texts, settings, tuple(one.toml for one in saved))


def _of_texts(settings: Settings, texts: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    workloads = []
    for text in texts:
        try:
            workloads.append(workload_files.from_text(text).workload)
        except AppError:
            continue  # the Workloads page says what is wrong with it
    return locked(settings, workloads)


def locked(settings: Settings, workloads: Sequence[Workload]) -> Mapping[str, tuple[str, ...]]:
    """As `locked_on`, of workloads at hand."""
    told: dict[str, tuple[str, ...]] = {}
    private = [one for one in workloads if lock_of(one).locked]
    for host in settings.hosts:
        names = tuple(one.name for one in private if _runs_on(one, host, settings))
        if names:
            told[host.name] = names
    return told


def _runs_on(workload: Workload, host: Host, settings: Settings) -> bool:
    """Whether the workload or a step names the host, or says nothing while it is in force."""
    for step in workload.steps:
        if step.host and _is(step.host, host):
            return True
    if workload.machine.named_hosts:
        return any(_is(named, host) for named in workload.machine.named_hosts)
    generates = [step for step in workload.steps if step.name is StepName.GENERATE]
    if any(step.host for step in generates):
        return False
    try:
        return address.same_server(address.chosen(settings.ollama_url, os.environ).url, host.url)
    except BadInput:
        return False


def _is(text: str, host: Host) -> bool:
    """Whether a step's host is this one; without a port any server of that machine counts."""
    if same_name(text, host.name):
        return True
    try:
        url = addresses.parsed(text, host.kind)
        if url == host.url or address.same_server(url, host.url):
            return True
    except BadInput:
        pass
    return ":" not in text and host_name(text) == addresses.host_of(host.url)
