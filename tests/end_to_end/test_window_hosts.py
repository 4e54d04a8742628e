"""J7, its first part, in the real window: three hosts, one of which is killed while watched."""

from __future__ import annotations

import asyncio
import re
from contextlib import AsyncExitStack
from pathlib import Path

from landfall.services.settings import settings_store
from tests.end_to_end.window import Window, landfall_window
from tests.fakes.ollama_twin import NEW, OLD, Twin

NOTICED_SECONDS = 30.0
"""A host is asked every ten seconds; one that was silent after twenty, then forty."""


async def add(window: Window, name: str, url: str) -> None:
    """Through the form, which finds out by itself what kind of server that is."""
    await window.click("add-host")
    await window.type("host-name", name)
    await window.type("host-address", url)
    await window.click("host-look")
    await window.see("host-answer", "answers in")
    await window.click("host-save")


async def test_that_a_killed_host_is_gone_since_then_and_comes_back_while_the_others_go_on(
    home: Path, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        here, workstation, rack = [
            await stack.enter_async_context(Twin(tmp_path / name, version=version))
            for name, version in (("here", NEW), ("workstation", NEW), ("rack", OLD))
        ]
        window = await stack.enter_async_context(landfall_window(home, OLLAMA_HOST=here.url))
        await window.on("home", "partial", "ready")
        assert "No other host yet" in await window.open("machine", "ready", "partial", "empty")
        await add(window, "Workstation", workstation.url)
        await add(window, "Rack 1", rack.url)
        await window.on("machine", text="3 of 3 answer")
        told = await window.see("hosts", "Rack 1")
        assert told.count("Answers") >= 3
        assert f"Ollama {OLD}" in told

        port = rack.server.port
        await rack.server.stop()
        told = await window.see("hosts", r"Gone since \d", seconds=NOTICED_SECONDS)
        lines = told.split("\n")
        assert not re.search("Gone", "\n".join(line for line in lines if "Rack 1" not in line))
        await window.on("machine", text="2 of 3 answer")
        asked = len(workstation.server.requests)
        for _ in range(int(NOTICED_SECONDS)):
            if len(workstation.server.requests) > asked:
                break
            await asyncio.sleep(1.0)
        assert len(workstation.server.requests) > asked

        await rack.server.start(port=port)
        await window.on("machine", text="3 of 3 answer", seconds=2 * NOTICED_SECONDS)

        await window.open("settings", "ready")
        await asyncio.sleep(1.0)
        asked = len(workstation.server.requests)
        await asyncio.sleep(12.0)
        assert len(workstation.server.requests) == asked
        await window.close()
    hosts = settings_store.load(home / "settings.toml").hosts
    assert [host.name for host in hosts] == ["Workstation", "Rack 1"]
