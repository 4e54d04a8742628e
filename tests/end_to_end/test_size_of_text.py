"""Text of another size while the window is open: every box is as in a window begun with it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tests.end_to_end.test_german_window import NO_PROGRAM, NOBODY, PAGES, TABS, settled
from tests.end_to_end.window import Window, landfall_window

Boxes = dict[str, dict[str, Any]]


async def boxes(window: Window) -> Boxes:
    """Of each page and tab, which boxes stand where."""
    found: Boxes = {}
    for page, tabs in PAGES:
        await window.open(page, "ready", "partial", "empty", seconds=40)
        await settled(window, page)
        if not tabs:
            found[page] = await window.do("boxes")
        for tab in tabs:
            await window.click(f"{page}-tabs", TABS[tab])
            await settled(window, page)
            found[f"{page}, {tab}"] = await window.do("boxes")
    return found


def others(found: Boxes, fresh: Boxes) -> list[str]:
    """Boxes that have not the place and size which a fresh start gives them."""
    return [
        f"{page}: {name} {found[page].get(name)} in place of {there}"
        for page, names in fresh.items()
        for name, there in names.items()
        if found[page].get(name) != there
    ]


async def test_that_boxes_follow_the_size_of_text_and_come_back(filled: Path) -> None:
    surroundings = {"OLLAMA_HOST": NOBODY, **NO_PROGRAM}
    # The second one has not the window of the first, which the small screen of tests would cut.
    other = shutil.copytree(filled, filled.with_name("other"))
    async with landfall_window(filled, **surroundings) as window:
        usual = await boxes(window)
        await window.do("enlarge", times=2)
        large = await boxes(window)
        await window.do("enlarge", times=0.5)
        again = await boxes(window)
        await window.close()
    async with landfall_window(other, **surroundings) as window:
        await window.do("enlarge", times=2)
        begun_large = await boxes(window)
        await window.close()
    assert others(large, begun_large) == []
    assert others(again, usual) == []
