"""The last door before a socket: a workload's privacy rule against the host that would be asked.

Fails closed. What the rule does not name is forbidden, and a loopback address proves nothing here:
whatever listens there may pass the text on. Private work runs through the local runtime, which has
checks of its own.
"""

from __future__ import annotations

from landfall.core.errors import PrivacyBlocked
from landfall.core.workload.privacy import Option, hosted_inside, lock_of, provider_inside
from landfall.core.workload.workload import Workload
from landfall.services.cloud.address import Address


def assert_may_send(
    workload: Workload | None, provider: str, address: Address, *, model: str = ""
) -> None:
    """Return only where the workload's rule allows this provider at this address.

    Args:
        workload: Whose text it is; None where the request carries nothing of a workload.
        provider: Its id, as in resources/providers.json.
        address: Where it would be reached. A moved address is not the vendor that was approved.
        model: What would be asked; a region may name the frontier or the hosted option as inside.

    Raises:
        PrivacyBlocked: it does not. Nothing was sent.
    """
    if workload is None or not lock_of(workload).locked:
        return
    if not _inside(workload, provider, model):
        says = lock_of(workload).says or "the workload's privacy rule does not name it"
        reason = f"{says}, and {provider} is outside"
    elif address.moved:
        reason = f"{provider} is inside your rule, but {address.origin} moved its address"
    else:
        return
    raise PrivacyBlocked(
        f"Nothing was sent to {address.host} for {workload.name}: {reason}.",
        "Run it on this machine, or change the workload's privacy rule.",
    )


def _inside(workload: Workload, provider: str, model: str) -> bool:
    if provider_inside(workload, provider):
        return True
    today = workload.today
    if (today.provider, today.model) == (provider, model):
        return Option.CLOUD_FRONTIER in lock_of(workload).inside
    hosted = {(one.provider, one.model) for one in workload.candidates.hosted}
    return (provider, model) in hosted and hosted_inside(workload, provider)
