"""Prices are fetched when the user asks, once; what is not sound does not take their place."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from landfall.core.errors import Unavailable
from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import noon_utc
from landfall.core.settings import Settings
from landfall.services.cloud.transport import Transport
from landfall.services.pricing import overlay as prices_overlay
from landfall.services.pricing import refresh as price_refresh
from landfall.services.pricing import tables as price_tables
from landfall.services.pricing.bundled import PriceTable
from landfall.services.pricing.prices import Prices
from tests.fakes import price_tables as made
from tests.fakes.cloud_api import CUT, CloudApi, Reply, as_json, page, serving
from tests.fakes.egress_log import MemoryLog

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
SHAPE = CallShape(uncached_tokens=1_000_000)


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
async def transport(log: MemoryLog) -> AsyncIterator[Transport]:
    async def sleep(_seconds: float) -> None:
        return None

    async with aclosing(Transport(log, sleep=sleep)) as opened:
        yield opened


@pytest.fixture
async def host() -> AsyncIterator[CloudApi]:
    async with serving("openai") as api:
        yield api


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "prices.json"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> PriceTable:
    """The installed table is a small one, so that a small one can take its place."""
    table = made.table()
    monkeypatch.setattr(price_tables, "installed", lambda _overlay: table)
    return table


def stored(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None


def beside(file: Path) -> list[str]:
    return [path.name for path in file.parent.iterdir()]


async def ask(transport: Transport, host: CloudApi, file: Path) -> price_refresh.Refreshed:
    return await price_refresh.refresh(transport, file, url=f"{host.url}/prices/data.json", now=NOW)


async def test_that_a_fetched_table_holds_from_then_on_and_says_its_date(
    transport: Transport, host: CloudApi, file: Path, log: MemoryLog
) -> None:
    host.script.append(as_json(made.document(11, usd=3.0)))
    done = await ask(transport, host, file)
    assert done.error is None
    # Every price moved, each provider has one more model, and nobody serves fewer.
    assert (done.changed, done.added, done.gone) == (90, 9, 0)
    assert "2026-11-26 fetched: 99 models" in done.said
    (entry,) = log.entries
    assert (entry.why, entry.outcome, entry.workload) == ("price refresh", "200", None)
    assert entry.received_bytes
    (request,) = host.requests
    assert (request.method, request.body) == ("GET", b"")
    assert not {"authorization", "cookie", "x-api-key"} & set(request.headers)
    table = price_tables.current(prices_overlay.load(), file=file)
    found = Prices(Settings(), table=table).quote("openai", "m-1", SHAPE, at=noon_utc(NOW.date()))
    assert found.usd == 4.0
    assert found.as_of == date(2026, 11, 26)
    assert (found.source or "").startswith("genai-prices, fetched on 2026-11-26")
    assert table.refreshed_at == "2026-11-26T09:30:00+00:00"


async def test_that_without_a_network_it_says_failed_and_of_which_date_the_prices_are(
    transport: Transport, file: Path, small: PriceTable
) -> None:
    done = await price_refresh.refresh(transport, file, url="http://127.0.0.1:9/data.json")
    assert done.error is not None
    assert done.error.kind == "network_unavailable"
    assert done.said.startswith("Refresh failed, showing data of 2026-11-09 (90 models).")
    assert done.table is small
    assert stored(file) is None


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (as_json([]), "prices 0 models where 90 are known"),
        (as_json(made.document(8)), "prices 72 models where 90 are known"),
        (as_json(made.document(12)[1:]), "no prices of openai"),
        (as_json(made.document(since="2026-08-01")), "older than 2026-11-01 here"),
        (as_json({"error": "moved"}), "cannot be read as a price table"),
        (as_json([{"id": "openai"}]), "cannot be read as a price table"),
        (as_json([[1, 2, 3]]), "cannot be read as a price table"),
        (page(), "a web page"),
        (Reply(404, [b"404: Not Found"]), ""),
        (Reply(200, [b'[{"id": "ope', CUT]), ""),
        (Reply(302, [], {"location": "https://elsewhere.example/data.json"}), "elsewhere"),
    ],
)
async def test_that_a_broken_or_smaller_table_is_refused_and_the_old_one_stays(
    transport: Transport, host: CloudApi, file: Path, reply: Reply, why: str
) -> None:
    host.script.append(as_json(made.document(10, usd=5.0)))
    assert (await ask(transport, host, file)).error is None
    kept = stored(file)
    assert kept is not None
    host.script.extend([reply] * 3)
    done = await ask(transport, host, file)
    assert done.error is not None
    assert why in done.said
    assert done.error.hint, "a refusal has a next step"
    assert "showing data of 2026-11-26" in done.said
    assert stored(file) == kept
    assert beside(file) == ["prices.json"]


async def test_that_one_can_go_back_to_the_installed_table(
    transport: Transport, host: CloudApi, file: Path, small: PriceTable
) -> None:
    host.script.append(as_json(made.document()))
    await ask(transport, host, file)
    assert price_tables.current(prices_overlay.load(), file=file) is not small
    assert await price_refresh.go_back(file)
    assert not await price_refresh.go_back(file)
    assert price_tables.current(prices_overlay.load(), file=file) is small


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"schema": 2}', '{"schema": 1, "fetched_at": "soon", "providers": []}'],
)
def test_that_a_damaged_file_is_passed_over(file: Path, text: str, small: PriceTable) -> None:
    file.parent.mkdir()
    file.write_text(text)
    assert price_tables.current(prices_overlay.load(), file=file) is small


def test_that_a_file_is_read_once_for_as_long_as_it_stays_the_same(file: Path) -> None:
    def put(usd: float) -> None:
        raw: Any = price_tables.as_document(made.document(usd=usd), url="u", at=NOW)
        price_tables.keep(raw, file)

    put(1.0)
    first = price_tables.fetched(file)
    assert price_tables.fetched(file) is first
    put(10.0)
    second = price_tables.fetched(file)
    assert second is not None
    assert second is not first


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a folder that is closed")
def test_that_a_full_or_closed_folder_is_said(file: Path) -> None:
    file.parent.mkdir(mode=0o500)
    with pytest.raises(Unavailable):
        price_tables.keep(price_tables.as_document([], url="u", at=NOW), file)


def test_that_what_cannot_be_written_or_removed_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(Unavailable, match="could not be saved"):
        price_tables.keep(price_tables.as_document([], url="u", at=NOW), blocked / "prices.json")
    folder = tmp_path / "prices.json"
    folder.mkdir()
    with pytest.raises(Unavailable):
        price_tables.forget(folder)


def test_that_the_stored_document_names_where_and_when(file: Path) -> None:
    price_tables.keep(price_tables.as_document([], url="https://x.example", at=NOW), file)
    stored = json.loads(file.read_text())
    assert (stored["url"], stored["fetched_at"]) == (
        "https://x.example",
        "2026-11-26T09:30:00+00:00",
    )


def test_that_the_address_is_that_of_the_package() -> None:
    from genai_prices.update_prices import DEFAULT_UPDATE_URL

    assert price_refresh.URL == DEFAULT_UPDATE_URL
