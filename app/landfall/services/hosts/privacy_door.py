"""Where an answer is made, and whether a workload's rule lets its text go there, decided by the
addresses to which a name leads at this moment."""

from __future__ import annotations

from dataclasses import replace

from landfall.core.errors import PrivacyBlocked
from landfall.core.hosts.hosts import Stand, Standing
from landfall.core.workload.privacy import leaks, lock_of
from landfall.core.workload.workload import Candidates, Step, StepName, Where, Workload
from landfall.services.hosts import addresses
from landfall.services.hosts.addresses import Resolver
from landfall.services.run.answering import Place


async def place_of(url: str, resolve: Resolver = addresses.resolved) -> Place:
    """This machine, whose sensors may measure an answer, or another one."""
    stand = await addresses.standing(url, resolve)
    return "local" if stand.standing is Standing.THIS_MACHINE else "network"


async def assert_inside_now(
    workload: Workload | None, url: str, resolve: Resolver = addresses.resolved
) -> None:
    """Return only where a workload's rule lets its text go to the server at an address.

    What its name says counts for nothing: what it resolves to now does, and a name that resolves
    to nothing is outside. Ask before each call; a name may lead elsewhere the next time.

    Raises:
        PrivacyBlocked: it does not. Nothing was sent.
    """
    if workload is None or not lock_of(workload).locked:
        return
    stand = await addresses.standing(url, resolve)
    why = _why_outside(workload, url, stand)
    if why:
        raise PrivacyBlocked(
            f"Nothing was sent to {addresses.origin(url)} for {workload.name}:"
            f" {lock_of(workload).says}, and {why}.",
            "Run it on this machine, or change the workload's privacy rule.",
        )


def _why_outside(workload: Workload, url: str, stand: Stand) -> str:
    """Why that is beyond the rule, or ""."""
    if stand.standing is Standing.THIS_MACHINE:
        return ""
    if workload.privacy.offline:
        return f"it stands elsewhere: {stand.words}"
    if stand.standing is Standing.OUR_NETWORK:
        return ""
    if stand.standing is Standing.UNKNOWN:
        return f"where it stands is {stand.words}"
    step = Step(name=StepName.GENERATE, where=Where.CLOUD, host=url)
    outside = leaks(replace(workload, steps=(step,), candidates=Candidates()))
    return f"it stands at {stand.words}" if outside else ""
