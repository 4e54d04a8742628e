"""One look at a host: what answers there, what it holds, what the user should know of it."""

from __future__ import annotations

from landfall.core.hosts import Host, HostReading
from landfall.services.secrets import Secret


async def looked_at(
    host: Host, *, token: Secret | None = None, private: bool = False
) -> HostReading:
    """Ask a host once; never raises for what it finds.

    Args:
        token: Its own, from the keyring.
        private: Whether a saved workload with a privacy rule runs there.
    """
    raise NotImplementedError
