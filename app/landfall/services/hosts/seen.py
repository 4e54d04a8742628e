"""When each host last answered and since when it is silent, across restarts.

Kept by address: a host that is renamed is the same, one whose address changed is another.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from landfall.core.errors import AppError
from landfall.core.hosts.hosts import Host, HostReading, HostState
from landfall.services.history.history import History
from landfall.services.history.records import now_iso
from landfall.services.hosts.seen_kept import HostSeen

logger = logging.getLogger(__name__)

KEEP_EVERY_SECONDS = 300.0
"""That a host still answers is written so often; that it changed, at once."""


class HostsSeen:
    """The memory of a watch: tells it in readings, and writes what changed."""

    def __init__(self, history: History, kept: Iterable[HostSeen]) -> None:
        self._history = history
        self._known = {one.url: one for one in kept}
        self._written = dict(self._known)
        self._failed = False

    @classmethod
    async def opened(cls, history: History) -> HostsSeen:
        """With what the history has."""
        return cls(history, await history.hosts_seen())

    def before(self, host: Host) -> HostSeen | None:
        """What is kept of a host that was not asked yet."""
        return self._known.get(host.url)

    def was_gone(self, host: Host) -> bool:
        """Whether it was silent when it was last asked."""
        known = self.before(host)
        return known is not None and bool(known.gone_at)

    async def told(self, reading: HostReading) -> HostReading:
        """The reading with when its host last answered, and since when it is silent."""
        url = reading.host.url
        known = after(self._known.get(url), reading)
        self._known[url] = known
        if _worth_writing(self._written.get(url), known):
            await self.keep()
        return replace(reading, answered_at=known.answered_at, gone_since=known.gone_at)

    async def keep(self) -> None:
        """Write what is not written yet.

        A history that cannot be written stops no watch: what a host says now is worth more than
        what is kept of it.
        """
        fresh = [one for url, one in self._known.items() if self._written.get(url) != one]
        if not fresh:
            return
        try:
            await self._history.keep_hosts_seen(fresh)
        except AppError as error:
            if not self._failed:
                logger.warning("what hosts say is not kept: %s", error)
            self._failed = True
            return
        self._written.update({one.url: one for one in fresh})


def after(known: HostSeen | None, reading: HostReading) -> HostSeen:
    """What is kept once a reading is in."""
    host, now = reading.host, now_iso()
    old = known or HostSeen(url=host.url, kind=host.kind.value, said={})
    if reading.state is HostState.GONE:
        # A clock that was set back puts the beginning of a silence before now at the latest.
        since = min(old.gone_at or now, now)
        return replace(old, kind=host.kind.value, gone_at=since)
    if reading.state is not HostState.ANSWERS:
        # Something answers, if not as it should: it is not silent.
        return replace(old, kind=host.kind.value, gone_at="")
    said = {
        "server": reading.server,
        "version": reading.version,
        "models": [one.name for one in reading.models],
    }
    return HostSeen(
        url=host.url,
        kind=host.kind.value,
        answered_at=reading.answered_at or now,
        said=said,
    )


def _worth_writing(written: HostSeen | None, known: HostSeen) -> bool:
    if written is None or replace(written, answered_at="") != replace(known, answered_at=""):
        return True
    if not (written.answered_at and known.answered_at):
        return written.answered_at != known.answered_at
    since = datetime.fromisoformat(known.answered_at) - datetime.fromisoformat(written.answered_at)
    # A clock that was set back is no reason to write nothing until it has caught up.
    return abs(since.total_seconds()) >= KEEP_EVERY_SECONDS
