"""A page never says for a moment that there is nothing, nor presses its words, before it looked."""

from __future__ import annotations

import re
from pathlib import Path

from tests.end_to_end.test_german_window import NO_PROGRAM, NOBODY, PAGES, TABS, settled
from tests.end_to_end.window import landfall_window


async def test_that_no_page_is_empty_or_squeezed_for_a_moment_when_its_data_come(
    filled: Path,
) -> None:
    async with landfall_window(filled, OLLAMA_HOST=NOBODY, **NO_PROGRAM) as window:
        await window.do("watch")
        found: dict[str, list[str]] = {}
        for page, tabs in PAGES:
            await window.open(page, "ready", "partial", "empty", seconds=40)
            await settled(window, page)
            found[page] = await window.do("taken_back")
            for tab in tabs:
                await window.click(f"{page}-tabs", TABS[tab])
                await settled(window, page)
                found[f"{page}, {tab}"] = await window.do("taken_back")
        squeezed = await window.do("squeezed")
        await window.close()
    assert squeezed == []
    assert {place: said for place, said in found.items() if said} == {}


async def test_that_the_number_of_accelerators_is_kept_for_the_room_of_the_next_start(
    home: Path,
) -> None:
    async with landfall_window(home, OLLAMA_HOST=NOBODY, **NO_PROGRAM) as window:
        await window.open("machine", "ready", "partial", "empty", seconds=40)
        await window.close()
    kept = (home / "window.ini").read_text(encoding="utf-8")
    assert re.search(r"^\[machine\]\naccelerators=\d+$", kept, re.MULTILINE)
