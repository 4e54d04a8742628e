"""What a window has imported in which nothing happens, and that it rests."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.end_to_end.test_german_window import NO_PROGRAM, NOBODY, PAGES, TABS, settled
from tests.end_to_end.test_reached_by_everybody import DIALOGS
from tests.end_to_end.window import Window, landfall_window
from tests.fakes.ollama_twin import Twin

MEGABYTES = ("email", "html.entities", "http.client", "httpx")
"""Each is about one with what it brings."""

DECIDING = ("core.costs", "core.demand", "core.reporting", "core.verdict", "core.workload")
"""What decides and explains a verdict, which is done in a process of its own: four megabytes, and
Home imported them in the thread of the window."""


@pytest.mark.parametrize("server", ["no Ollama", "Ollama runs"])
async def test_that_a_window_at_rest_holds_no_http_client_no_parser_of_mails_and_no_verdict(
    home: Path, twin: Twin, server: str
) -> None:
    url = twin.url if server == "Ollama runs" else "http://127.0.0.1:9"
    async with landfall_window(home, OLLAMA_HOST=url) as window:
        await window.on("home", "ready", "partial")
        modules = (await window.do("process"))["modules"]
        await window.close()
    assert "landfall.services.ollama.server" in modules
    assert [name for name in MEGABYTES if name in modules] == []
    deciding = tuple(f"landfall.{package}" for package in DECIDING)
    assert [name for name in modules if name.startswith(deciding)] == []


FEW = 3
"""A line that tells a reading may ask for its room; what never rests asks all the time."""


async def laid_out(window: Window) -> dict[str, int]:
    """What asks again and again for another layout, although nothing happens."""
    await window.do("layouts")
    await asyncio.sleep(0.5)
    asked: dict[str, int] = await window.do("layouts")
    return {name: times for name, times in asked.items() if times > FEW}


async def test_that_no_page_and_no_dialog_lays_itself_out_for_ever(filled: Path) -> None:
    found: dict[str, dict[str, int]] = {}
    async with landfall_window(filled, OLLAMA_HOST=NOBODY, **NO_PROGRAM) as window:
        for page, tabs in PAGES:
            await window.open(page, "ready", "partial", "empty", seconds=40)
            await settled(window, page)
            found[page] = await laid_out(window)
            for tab in tabs:
                await window.click(f"{page}-tabs", TABS[tab])
                await settled(window, page)
                found[f"{page}, {tab}"] = await laid_out(window)
        for page, opens in DIALOGS:
            await window.open(page, "ready", "partial", "empty", seconds=40)
            await window.click(opens)
            await asyncio.sleep(0.5)
            found[opens] = await laid_out(window)
            await window.key("Escape")
        await window.close()
    assert {place: asked for place, asked in found.items() if asked} == {}
