"""A host that speaks the OpenAI protocol as the server of models in use."""

from __future__ import annotations

from landfall.core.hosts.hosts import HostReading, HostState, Standing
from landfall.core.hosts.runtime import Runtime, RuntimeState


def runtime_of(reading: HostReading) -> Runtime:
    """What a look at a host found, as what is known of the server in use.

    One that does not answer has no version; why it does not is its warning. Its own warnings are
    told where hosts are listed.
    """
    answers = reading.state is HostState.ANSWERS
    here = answers and reading.standing is Standing.THIS_MACHINE
    why = f"{reading.problem} {reading.hint}".strip()
    return Runtime(
        kind=str(reading.host.kind),
        state=RuntimeState.RUNNING if here else RuntimeState.REMOTE,
        url=reading.host.url,
        version=reading.version if answers else None,
        warnings=() if answers else (why,),
        name=reading.host.name,
        server=reading.server if answers else reading.host.name,
    )
