"""Every page, tab and dialog by eyes, ears and keys: nothing is cut, nameless, or out of reach."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.end_to_end.test_german_window import NO_PROGRAM, NOBODY, PAGES, TABS, settled
from tests.end_to_end.window import Window, landfall_window

VIEWS = ("Break-even", "What flips it", "Hours", "Quality", "Pipeline", "Rules", "Measure next")
DIALOGS = (
    ("machine", "connect-plug"),
    ("machine", "calibrate-wall"),
    ("machine", "override"),
    ("machine", "people"),
    ("machine", "add-host"),
    ("workloads", "report"),
    ("workloads", "routing"),
)
"""Each with its page and the name of the button that opens it."""


def usual_screen(folder: Path) -> str:
    """A platform whose screen is as wide as that of a small laptop; Qt's own is a square."""
    screen = {"name": "laptop", "x": 0, "y": 0, "width": 1280, "height": 800, "dpr": 1}
    screen |= {"logicalDpi": 96, "logicalBaseDpi": 96}
    file = folder / "screen.json"
    file.write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
    return f"offscreen:configfile={file}"


async def test_that_no_page_is_cut_nameless_or_out_of_reach(filled: Path) -> None:
    async with landfall_window(filled, OLLAMA_HOST=NOBODY, **NO_PROGRAM) as window:
        found: dict[str, list[str]] = {}
        for page, tabs in PAGES:
            await window.open(page, "ready", "partial", "empty", seconds=40)
            await settled(window, page)
            found[page] = await window.do("barriers")
            for tab in tabs:
                await window.click(f"{page}-tabs", TABS[tab])
                await settled(window, page)
                found[f"{page}, {tab}"] = await window.do("barriers")
        await window.close()
    assert {place: said for place, said in found.items() if said} == {}


@pytest.mark.parametrize("language", ["en_US.UTF-8", "de_DE.UTF-8"])
async def test_that_text_of_twice_the_size_has_room_on_every_page(
    filled: Path, language: str
) -> None:
    speaks = {"LANG": language, "LC_ALL": "", "LANGUAGE": ""}
    async with landfall_window(filled, OLLAMA_HOST=NOBODY, **NO_PROGRAM, **speaks) as window:
        await window.do("enlarge", times=2)
        found: dict[str, list[str]] = {}
        for page, tabs in PAGES:
            await window.open(page, "ready", "partial", "empty", seconds=40)
            found[page] = await _cut_or_cut_unfolded(window, page)
            for tab in tabs:
                await window.click(f"{page}-tabs", TABS[tab])
                found[f"{page}, {tab}"] = await _cut_or_cut_unfolded(window, page)
        for tab, table in (("Runs|Läufe|Ausführungen", "runs"), ("Benchmarks", "benchmarks")):
            await window.click("nav-history")
            await window.click("history-tabs", tab)
            await window.do("pick", f"{table}-table", text=".")
            await settled(window, "history")
            found[f"one of {table}"] = await window.do("cut")
        await window.close()
    assert {place: said for place, said in found.items() if said} == {}


@pytest.mark.parametrize("language", ["en_US.UTF-8", "de_DE.UTF-8"])
async def test_that_text_of_twice_the_size_has_room_in_every_dialog(
    filled: Path, language: str
) -> None:
    speaks = {"LANG": language, "LC_ALL": "", "LANGUAGE": ""}
    platform = usual_screen(filled.parent)
    async with landfall_window(
        filled, platform=platform, OLLAMA_HOST=NOBODY, **NO_PROGRAM, **speaks
    ) as window:
        await window.do("enlarge", times=2)
        found: dict[str, list[str]] = {}
        for page, opener in DIALOGS:
            await window.open(page, "ready", "partial", "empty", seconds=40)
            await window.click(opener)
            await asyncio.sleep(1.0)
            found[opener] = await window.do("cut")
            await window.key("Escape")
            await asyncio.sleep(0.3)
        await window.close()
    assert {place: said for place, said in found.items() if said} == {}


async def test_that_no_view_of_a_verdict_is_cut_nameless_or_out_of_reach(filled: Path) -> None:
    async with landfall_window(filled, OLLAMA_HOST=NOBODY, **NO_PROGRAM) as window:
        await window.open("workloads", "ready", "partial", seconds=40)
        await window.click("workload-Release notes")
        await window.see("verdict-card", "Because", seconds=30)
        found = {}
        for view in VIEWS:
            await window.click("SegmentedControl", view, within="evidence")
            await settled(window, "workloads")
            found[view] = await window.do("barriers")
        await window.close()
    assert {place: said for place, said in found.items() if said} == {}


async def test_that_no_dialog_is_cut_nameless_or_a_trap(filled: Path) -> None:
    async with landfall_window(filled, OLLAMA_HOST=NOBODY, **NO_PROGRAM) as window:
        found: dict[str, list[str]] = {}
        for page, opener in DIALOGS:
            await window.open(page, "ready", "partial", "empty", seconds=40)
            await _look_at(window, opener, found)
        await window.key("F1")
        found["about"] = await _of_dialog(window)
        await window.close()
    assert {place: said for place, said in found.items() if said} == {}


async def _cut_or_cut_unfolded(window: Window, page: str) -> list[str]:
    """What has too little room, as the page opens and with all that is folded away."""
    await settled(window, page)
    said: list[str] = await window.do("cut")
    await window.do("unfold")
    await settled(window, page)
    said += await window.do("cut")
    return said


async def _look_at(window: Window, opener: str, found: dict[str, list[str]]) -> None:
    await window.click(opener)
    found[opener] = await _of_dialog(window)


async def _of_dialog(window: Window) -> list[str]:
    """What stands in the way in the dialog in front, which Escape closes."""
    await asyncio.sleep(1.0)
    said: list[str] = await window.do("barriers")
    await window.key("Escape")
    await asyncio.sleep(0.3)
    return said
