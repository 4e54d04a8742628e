"""Providers' usage interfaces on loopback: spans of time in pages, as their references tell them.

They hold what was used by the hour and answer for the range, width and page that is asked for, so
that a client which asks wrongly gets wrong answers. Shapes: the references named in
`landfall.services.cloud.usage`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.cloud_api import CloudApi, Received, Reply, as_json, refuse

KEY = "sk-fake-0123456789abcdef"
"""Runs models, and reads usage where that takes no key of its own."""
USAGE_KEY = "sk-admin-fake-0123456789abcdef"

Query = Mapping[str, list[str]]
HOURS = {"1h": 1, "1d": 24}


class UsageApi(CloudApi):
    """One host. `used` holds what happened: a moment and the result of its span."""

    def __init__(self, provider: str) -> None:
        super().__init__("openai", KEY)
        self.provider = provider
        self.used: list[tuple[datetime, dict[str, Any]]] = []
        self.costs: list[tuple[datetime, dict[str, Any]]] = []
        self.other: dict[str, Any] = {}
        self.enabled = True

    def at(self, when: str, /, **result: Any) -> None:
        """Something was used in the hour that begins then."""
        self.used.append((datetime.fromisoformat(when).replace(tzinfo=UTC), result))

    def charged(self, when: str, /, **result: Any) -> None:
        """Something was charged for."""
        self.costs.append((datetime.fromisoformat(when).replace(tzinfo=UTC), result))

    def _answer(self, request: Received) -> Reply:
        sent = request.headers.get("x-api-key")
        sent = sent or request.headers.get("authorization", "").removeprefix("Bearer ")
        parts = urlsplit(request.path)
        answers: dict[str, Callable[[str, str, Query, Received], Reply]] = {
            "openai": self._openai,
            "anthropic": self._anthropic,
            "openrouter": self._openrouter,
            "together": self._together,
            "fireworks": self._fireworks,
            "deepseek": self._plain,
            "deepinfra": self._plain,
        }
        return answers[self.provider](parts.path, sent, parse_qs(parts.query), request)

    def _openai(self, path: str, sent: str, query: Query, _: Received) -> Reply:
        if sent != USAGE_KEY:
            return refuse(403, "You have insufficient permissions. Missing scopes: api.usage.read.")
        kind = path.removeprefix("/v1/organization/")
        start = datetime.fromtimestamp(int(query["start_time"][0]), UTC)
        end = datetime.fromtimestamp(int(query["end_time"][0]), UTC)
        rows = self.costs if kind == "costs" else self.used if "completions" in kind else []

        def bucket(at: datetime, until: datetime, results: list[Any]) -> dict[str, Any]:
            return {
                "object": "bucket",
                "start_time": int(at.timestamp()),
                "end_time": int(until.timestamp()),
                "results": results,
            }

        most = 180 if kind == "costs" else 168
        return _paged(query, rows, start, end, bucket, most=most)

    def _anthropic(self, path: str, sent: str, query: Query, request: Received) -> Reply:
        if sent != USAGE_KEY:
            return refuse(401, "invalid x-api-key")
        if request.headers.get("anthropic-version") != "2023-06-01":
            return refuse(400, "anthropic-version: header is required")
        if not self.enabled:
            return refuse(404, "Not found")
        rows = self.costs if path.endswith("cost_report") else self.used
        start = datetime.fromisoformat(query["starting_at"][0])
        end = datetime.fromisoformat(query["ending_at"][0])

        def bucket(at: datetime, until: datetime, results: list[Any]) -> dict[str, Any]:
            return {
                "starting_at": at.isoformat().replace("+00:00", "Z"),
                "ending_at": until.isoformat().replace("+00:00", "Z"),
                "results": results,
            }

        most = 31 if path.endswith("cost_report") else 168
        return _paged(query, rows, start, end, bucket, most=most)

    def _openrouter(self, path: str, sent: str, _query: Query, _: Received) -> Reply:
        match path:
            case "/v1/activity" if sent != USAGE_KEY:
                return refuse(403, "Only management keys can fetch activity")
            case "/v1/activity":
                return as_json({"data": [{"date": f"{at:%Y-%m-%d}"} | r for at, r in self.used]})
            case "/v1/credits":
                return as_json({"data": {"total_credits": 110.25, "total_usage": 42.5}})
            case "/v1/key":
                told = {"usage_monthly": 7.25, "limit_remaining": 3.0, "label": "laptop"}
                return as_json({"data": told})
        return refuse(404, "Not found")

    def _together(self, path: str, sent: str, query: Query, _: Received) -> Reply:
        if not self.enabled or path != "/v1/billing/usage":
            return refuse(404, "Not found")
        windows = [
            {
                "date": f"{at:%Y-%m-%d}",
                "start_time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
                "end_time": f"{at + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
                "line_items": result["line_items"],
            }
            for at, result in self.used
            if f"{at:%Y-%m}" == query["month"][0]
        ]
        first = int(query.get("after", ["0"])[0])
        following = first + self.other.get("page", 1000)
        return as_json(
            {
                "object": "billing.usage_report",
                "currency": self.other.get("currency", "USD"),
                "data": windows[first:following],
                "next_cursor": str(following) if following < len(windows) else None,
            }
        )

    def _fireworks(self, path: str, _sent: str, query: Query, request: Received) -> Reply:
        if path == "/v1/accounts":
            return as_json({"accounts": [{"name": "accounts/acme"}], "nextPageToken": ""})
        if path == "/v1/accounts/acme/billingUsage":
            start = datetime.fromisoformat(query["startTime"][0])
            end = datetime.fromisoformat(query["endTime"][0])
            found = [result for at, result in self.used if start <= at < end]
            return as_json({"serverlessCosts": found, "dedicatedCosts": []})
        if path == "/v1/accounts/acme/usageCosts:query":
            if request.json["scope"] == "ACCOUNT" and not self.enabled:
                return refuse(403, "permission denied")
            start = datetime.fromisoformat(request.json["startTime"])
            end = datetime.fromisoformat(request.json["endTime"])
            rows = [
                {"dimensions": {"startTime": at.isoformat()} | r["dimensions"]}
                | {"subtotal": r["subtotal"]}
                for at, r in self.costs
                if start <= at < end
            ]
            first = int(request.json.get("pageToken", "0"))
            last = first + 1 >= len(rows)
            return as_json(
                {"rows": rows[first : first + 1], "nextPageToken": "" if last else str(first + 1)}
            )
        return refuse(404, "Not found")

    def _plain(self, path: str, sent: str, _query: Query, _: Received) -> Reply:
        """DeepSeek and DeepInfra: a value a path."""
        if sent != KEY:
            return refuse(401, "Authentication Fails")
        return as_json(self.other[path]) if path in self.other else refuse(404, "Not found")


def _paged(
    query: Query,
    rows: list[tuple[datetime, dict[str, Any]]],
    start: datetime,
    end: datetime,
    bucket: Callable[[datetime, datetime, list[Any]], dict[str, Any]],
    *,
    most: int,
) -> Reply:
    """Every span of the range, also where nothing was used; at most `limit` of them a page."""
    limit = int(query.get("limit", ["7"])[0])
    if limit > most:
        return refuse(400, f"limit is at most {most}")
    width = timedelta(hours=HOURS[query["bucket_width"][0]])
    first = start + int(query.get("page", ["0"])[0]) * width
    spans: list[dict[str, Any]] = []
    at = first
    while at < end and len(spans) < limit:
        until = at + width
        spans.append(bucket(at, until, [r for when, r in rows if at <= when < until]))
        at = until
    following = round((at - start) / width)
    more = at < end
    return as_json({"data": spans, "has_more": more, "next_page": str(following) if more else None})


@asynccontextmanager
async def telling(provider: str) -> AsyncIterator[UsageApi]:
    """A provider that tells its usage while the block runs."""
    api = UsageApi(provider)
    server = await asyncio.start_server(api.serve, "127.0.0.1", 0)
    api.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield api
    finally:
        server.close()
        for writer in tuple(api.writers):
            writer.close()
        await server.wait_closed()
