"""Days of a whole log on which nothing was used.

A provider, and a tool that writes down its own calls, knows each of them: what it does not tell of
a day between its first and its last was not. A program that stands between may have been off, and
of its days without a row nothing is known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta

from landfall.core.usage.buckets import UsageBucket
from landfall.core.usage.rows import DAY_SECONDS


class LoggedDays:
    """The days of one source.

    Attributes:
        providers: Whose usage it tells.
    """

    def __init__(self) -> None:
        self.providers: set[str] = set()
        self._used: set[str] = set()
        self._listed: set[str] = set()

    def use_hours(self, hours: Collection[str]) -> None:
        """Hours with a row ("2026-11-26T13", UTC)."""
        self._used.update(hour[:10] for hour in hours)

    def list_days(self, moments: Iterable[str]) -> None:
        """Days that belong to the source, with a row or without."""
        self._listed.update(moment[:10] for moment in moments)

    def idle(self) -> Iterator[UsageBucket]:
        """A bucket without a row for each day without one, of each provider that has a name."""
        known = self._used | self._listed
        if not self._used:
            return
        first, last = date.fromisoformat(min(known)), date.fromisoformat(max(known))
        for step in range((last - first).days + 1):
            day = (first + timedelta(days=step)).isoformat()
            if day in self._used:
                continue
            for provider in sorted(self.providers - {""}):
                yield UsageBucket(
                    at=f"{day}T00:00:00+00:00",
                    span_seconds=DAY_SECONDS,
                    provider=provider,
                    model="",
                    rows=0,
                    requests=0.0,
                )
