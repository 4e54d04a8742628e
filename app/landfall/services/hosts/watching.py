"""Looks at hosts again and again for as long as somebody watches."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence

from landfall.core.hosts import Host, HostReading
from landfall.services.secrets import Secret


async def watched(
    hosts: Sequence[Host], *, tokens: Mapping[str, Secret] | None = None
) -> AsyncGenerator[HostReading, None]:
    """The reading of each host as it comes, for as long as this is iterated; then nothing ticks.

    Args:
        tokens: Name of a host to its token.
    """
    raise NotImplementedError
    yield
