"""What a window has imported in which nothing happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.window import landfall_window
from tests.fakes.ollama_twin import Twin

MEGABYTES = ("email", "html.entities", "http.client", "httpx")
"""Each is about one with what it brings."""


@pytest.mark.parametrize("server", ["no Ollama", "Ollama runs"])
async def test_that_a_window_at_rest_holds_no_http_client_nor_a_parser_of_mails(
    home: Path, twin: Twin, server: str
) -> None:
    url = twin.url if server == "Ollama runs" else "http://127.0.0.1:9"
    async with landfall_window(home, OLLAMA_HOST=url) as window:
        await window.on("home", "ready", "partial")
        modules = (await window.do("process"))["modules"]
        await window.close()
    assert "landfall.services.ollama.server" in modules
    assert [name for name in MEGABYTES if name in modules] == []
