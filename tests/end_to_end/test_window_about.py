"""What program is this? From the Settings page, and by a key from any other."""

from __future__ import annotations

from pathlib import Path

from landfall import __version__
from tests.end_to_end.window import landfall_window

NOBODY = "http://127.0.0.1:9"


async def test_that_about_opens_from_the_settings_and_by_a_key_with_all_licences(
    home: Path,
) -> None:
    async with landfall_window(home, OLLAMA_HOST=NOBODY) as window:
        await window.open("history")
        await window.key("F1")
        await window.see("about-version", f"Landfall {__version__}")
        await window.click("about-close")
        await window.open("settings", "ready")
        await window.click("settings-about")
        await window.see("about-version", f"Landfall {__version__}")
        await window.see("about-facts", "Run from its source")
        assert len(await window.do("table", "about-data", least=8)) == 8
        await window.see("about-updates", "was given no address")
        await window.click("about-view", "Licences")
        parts = await window.do("table", "about-licences", least=20, seconds=20.0)
        assert "httpx" in {row[0].splitlines()[0].split(" ")[0].rstrip(",") for row in parts}
        await window.click("about-close")
        await window.close()
