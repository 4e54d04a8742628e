"""What kept usage says of the workloads that it was assigned to."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from landfall.core.usage.assigned import UsedHour, usage_summary
from landfall.core.usage.log_days import observed_by_provider
from landfall.core.usage.series import Local, SeriesSummary


def summaries(connection: sqlite3.Connection, local: Local) -> Mapping[str, SeriesSummary]:
    """Workload to what its usage says; empty, and at once, where none was assigned."""
    rows: dict[str, list[UsedHour]] = {}
    providers: dict[str, set[str]] = {}
    for workload, provider, *told in connection.execute(
        "SELECT workload, provider, at, span_seconds, requests,"
        " CASE WHEN cache_write_tokens IS NULL THEN input_tokens"
        " ELSE COALESCE(input_tokens, 0) + cache_write_tokens END,"
        " cached_input_tokens, output_tokens FROM usage_buckets WHERE workload != ''"
    ):
        at, span_seconds, calls, fresh, cached, output = told
        providers.setdefault(workload, set()).add(provider)
        rows.setdefault(workload, []).append(
            UsedHour(
                at=at,
                span_seconds=span_seconds,
                calls=calls,
                input_tokens=fresh,
                cached_input_tokens=cached,
                output_tokens=output,
            )
        )
    if not rows:
        return {}
    observed = observed_by_provider(
        (provider, day)
        for provider, day in connection.execute(
            "SELECT DISTINCT provider, substr(at, 1, 10) FROM usage_buckets"
        )
    )
    found = {}
    for workload, used in rows.items():
        days = set[str]().union(*(observed[one] for one in providers[workload]))
        told_of = usage_summary(used, days, local)
        if told_of is not None:
            found[workload] = told_of
    return found
