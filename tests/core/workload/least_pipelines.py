"""Workloads of a step or two under a rule of privacy."""

from __future__ import annotations

from typing import Any

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

GENERATE = Step(name=StepName.GENERATE)
