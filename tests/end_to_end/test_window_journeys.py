"""The journeys in the real window, through its controls: J1 to J5.

Each runs against the protocol twin of both generations and against the `ollama` on PATH,
where there is one. One process a journey.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from landfall.services.ollama.client import Ollama
from tests.end_to_end.stopping import answers_end, server_is_free
from tests.end_to_end.window import files_that_show, landfall_window
from tests.fakes.cloud_api import serving as serving_cloud
from tests.fakes.model_registry import Registry
from tests.fakes.ollama_faults import Fault
from tests.fakes.ollama_twin import Twin
from tests.fakes.tiny_models import TinyModel, cut, write_speaker
from tests.services.ollama.conftest import REAL, Live
from tests.services.ollama.test_child import stand_in
from tests.services.ollama.test_server import closed_port

KEY = "sk-proj-PLANTED-9f8e7d6c5b4a-0123456789"
MEGABYTE = 1_000_000
NOBODY = "http://127.0.0.1:9"
NO_PROGRAM = {"PATH": "/usr/bin:/bin"}
STOP_SECONDS = 0.5

WITH_A_SCREEN = pytest.param(
    "xcb",
    marks=pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed"),
)


# J1: the first minute


@pytest.mark.parametrize("platform", ["offscreen", WITH_A_SCREEN])
async def test_that_the_first_minute_without_ollama_says_what_is_missing(
    home: Path, platform: str, request: pytest.FixtureRequest
) -> None:
    screen = {}
    if platform == "xcb":
        screen["DISPLAY"] = request.getfixturevalue("screen")
    async with landfall_window(
        home, platform=platform, OLLAMA_HOST=NOBODY, **screen, **NO_PROGRAM
    ) as window:
        told = await window.on("home", "partial", "ready")
        assert "RAM" in told
        assert told.count(", sample") >= 3
        assert re.search(r"Local only, not feasible|This machine", told)
        assert re.search(r"\d of 5 done", told)
        assert "Ollama is not installed" in told
        assert "estimated" in told
        await window.click("HomePage", "Get Ollama")
        await window.on("machine", text="Ollama is not installed")
        # What needs no runtime works without one.
        await window.open("models", "partial", text="fit and speed are predicted")
        assert await window.do("table", "recommended-table", least=5)
        await window.close()
    assert (home / "history.db").exists()


async def test_that_an_ollama_that_runs_is_found(live: Live, home: Path) -> None:
    async with landfall_window(home, OLLAMA_HOST=live.url) as window:
        await window.on("home", "partial", "ready", text=f"Ollama {re.escape(live.version)}")
        assert "This machine" in await window.see("host-line", live.version)
        await window.close()
    # It was found running and goes on running.
    async with Ollama(live.url) as client:
        assert await client.version() == live.version


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
@pytest.mark.parametrize(
    "program", ["stand-in", pytest.param("real", marks=pytest.mark.real_ollama)]
)
async def test_that_an_ollama_that_is_stopped_starts_with_one_click_and_ends_with_the_window(
    home: Path, tmp_path: Path, program: str
) -> None:
    if program == "real" and REAL is None:
        pytest.skip("no ollama executable on PATH")
    path = str(stand_in(tmp_path).parent if program == "stand-in" else Path(str(REAL)).parent)
    own = {"PATH": f"{path}:/usr/bin:/bin", "HOME": str(tmp_path)}
    own["OLLAMA_MODELS"] = str(tmp_path / "models")
    async with landfall_window(home, OLLAMA_HOST=f"127.0.0.1:{closed_port()}", **own) as window:
        # At an address that somebody chose nothing is started: that is said, and no more.
        await window.on("home", "partial", "ready", text="Ollama is stopped")
        await window.close()
    async with landfall_window(home, **own) as window:
        told = await window.on("home", "partial", "ready")
        if "Ollama is stopped" not in told:
            pytest.skip("an Ollama runs at the usual address of this machine")
        await window.click("HomePage", "Start Ollama")
        await window.on("home", "partial", "ready", text=r"Ollama \d", seconds=30)
        await window.close()


# J2: from recommendation to running


@pytest.fixture
def weights(tmp_path: Path) -> tuple[TinyModel, bytes]:
    """A model that no server has, with room behind it so that a pull takes its time."""
    text = f"Words of {tmp_path.parent.name} for one journey alone, and no more."
    pieces = cut(text)
    path = tmp_path / "tiny-window.gguf"
    write_speaker(path, pieces=pieces)
    return TinyModel("tiny-window", path, text, pieces), path.read_bytes() + bytes(8 * MEGABYTE)


async def test_from_a_typed_name_over_a_pull_that_is_paused_and_killed_to_an_installed_model(
    live: Live, registry: Registry, home: Path, weights: tuple[TinyModel, bytes]
) -> None:
    model, data = weights
    name = registry.add(model.name, data)
    row = f"pull-{name}"
    registry.faults.rate_bytes_per_s = 3 * MEGABYTE
    async with landfall_window(home, OLLAMA_HOST=live.url) as window:
        await window.open("models", "ready")
        before = await window.do("table", "recommended-table", least=5)
        await window.key("Right", name="context-slider", times=3)
        await window.see("context", "24k tokens")
        after = await window.do("table", "recommended-table")
        assert [texts[:2] for texts in before] != [texts[:2] for texts in after]

        await window.type("models-search", name, enter=True)
        await window.see("lookup-line", "Looked up without a download")
        told = await window.see("model-inspector", re.escape(model.name))
        assert "Fits" in told or "CPU" in told
        assert "Download" in told
        assert registry.sent_bytes < len(data) / 2

        await window.click("pull-model")
        await window.click("models-tabs", "Downloads")
        await window.see(row, r"\d.MB of 9.MB")
        await window.click("pull-pause", within=row)
        await window.see(row, r"paused \(")
        sent = registry.sent_bytes
        await asyncio.sleep(0.4)
        assert registry.sent_bytes - sent < MEGABYTE / 2
        await window.click("pull-resume", within=row)
        await window.see("pull-pause", within=row)
        await window.see(row, r"[3-9].MB of 9.MB")
        await window.kill()

    registry.faults.rate_bytes_per_s = 0
    async with landfall_window(home, OLLAMA_HOST=live.url) as window:
        await window.do("see", "MainWindow", text="ended in the middle of its work")
        await window.open("models", "ready")
        await window.click("models-tabs", "Downloads")
        await window.see(row, "cut when the program ended")
        await window.click("pull-resume", within=row)
        await window.see(row, "digest verified", seconds=30)
        await window.click("models-tabs", "Installed")
        await window.see("installed-table", re.escape(name))
        await window.close()
    async with Ollama(live.url) as client:
        assert name in {one.name for one in await client.tags()}
        await client.delete(name)


async def test_that_a_registry_that_dies_leaves_a_failed_row_with_its_remedy(
    twin: Twin, registry: Registry, home: Path, weights: tuple[TinyModel, bytes]
) -> None:
    model, data = weights
    name = registry.add(model.name, data)
    row = f"pull-{name}"
    registry.faults.cut_after_bytes = 2 * MEGABYTE
    registry.faults.rate_bytes_per_s = 20 * MEGABYTE
    async with landfall_window(home, OLLAMA_HOST=twin.url) as window:
        await window.open("models", "ready")
        await window.type("models-search", name, enter=True)
        await window.see("lookup-line", "Looked up without a download")
        registry.faults.cut_after_bytes = MEGABYTE // 2
        await window.click("pull-model")
        await window.click("models-tabs", "Downloads")
        await window.on("models", "failed", seconds=30)
        await window.see(row, "What came is kept")
        registry.faults.cut_after_bytes = None
        await window.click("pull-resume", within=row)
        await window.see(row, "digest verified", seconds=30)
        await window.close()


# J3: measure


async def test_that_an_answer_comes_is_measured_and_kept(
    live: Live, home: Path, tiny: dict[str, TinyModel]
) -> None:
    async with landfall_window(home, OLLAMA_HOST=live.url) as window:
        await window.open("run", "ready", "partial")
        await window.do("choose", "run-model", text="^tiny-story")
        await window.type("prompt", "What does the keeper count?")
        await window.key("Return", modifier="Control")
        await window.see("answer-text", "lighthouse keeper counts ships", seconds=30)
        told = await window.see("meters-here", "tok/s", seconds=20)
        assert "measured" in told
        assert "saved in History" in await window.on("run", text="saved in History")

        await window.open("history", text="One run")
        await window.do("pick", "runs-table", text="tiny-story")
        await window.see("detail-answer", re.escape(tiny["tiny-story"].text[:40]))
        await window.see("detail-prompt", "keeper count")
        await window.click("history-tabs", "What left")
        nothing = "Nothing is listed yet"
        assert nothing in await window.on("history", text=nothing)
        await window.close()


async def test_that_stop_ends_the_answer_at_the_server(
    live: Live, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = answers_end(monkeypatch)
    if live.twin is not None:
        live.twin.pace.token_seconds = 0.01
    async with landfall_window(home, OLLAMA_HOST=live.url) as window:
        await window.open("run", "ready", "partial")
        await window.do("choose", "run-model", text="^tiny-count")
        await window.type("prompt", "Count")
        await window.click("send")
        await window.see("answer-text", r"\w", seconds=30)
        clicked = time.perf_counter()
        await window.click("stop")
        await server_is_free(live, "tiny-count", ended)
        assert time.perf_counter() - clicked < STOP_SECONDS
        await window.see("send")
        await window.open("history", text="tiny-count")
        await window.close()


async def test_that_a_server_that_dies_in_an_answer_is_said_and_what_came_is_kept(
    twin: Twin, home: Path
) -> None:
    twin.pace.token_seconds = 0.02
    twin.faults.append(Fault("die", after=8))
    async with landfall_window(home, OLLAMA_HOST=twin.url) as window:
        await window.open("run", "ready", "partial")
        await window.do("choose", "run-model", text="^tiny-story")
        await window.type("prompt", "Hello")
        await window.click("send")
        await window.see("run-error", "saved")
        await window.see("answer-text", "The lighthouse")
        await window.on("run", "failed")
        await window.open("history")
        await window.do("pick", "runs-table", text="tiny-story")
        await window.see("detail-answer", "The lighthouse")
        await window.close()


# J4: cloud


async def test_from_a_key_to_a_paid_answer_beside_a_local_one_and_no_trace_of_the_key(
    live: Live, home: Path
) -> None:
    async with serving_cloud("openai", KEY) as api:
        cloud = {
            "OPENAI_BASE_URL": api.url,
            "PYTHON_KEYRING_BACKEND": "tests.fakes.keyrings.MemoryKeyring",
        }
        async with landfall_window(home, OLLAMA_HOST=live.url, **cloud) as window:
            await window.open("cloud", "empty")
            await window.do("pick", "providers", text="^OpenAI")
            await window.click("add-key")
            await window.type("key-field", KEY.replace("0123", "9999"))
            await window.click("key-store")
            await window.do("see", "MainWindow", text="refused the key")
            await window.click("MainWindow", "Enter a new key")
            await window.type("key-field", KEY)
            await window.click("key-store")
            await window.see("key-note", "takes the key")
            await window.on("cloud", "ready")

            await window.open("run", "ready", "partial")
            await window.do("choose", "run-model", text="^tiny-story")
            await window.click("run-mode", "Side by side")
            await window.click("add-target")
            await window.do("choose", "picker-place", text="OpenAI")
            await window.type("picker-search", "m-1")
            await window.click("picker-add")
            await window.click("picker-done")
            await window.type("prompt", "Hello")
            asked = len(api.requests)
            await window.click("send")
            # m-1 has no price: that is said, and nothing is sent before the user agrees.
            assert "at most" in await window.see("consent", "not known")
            assert len(api.requests) == asked
            await window.click("agree")
            await window.on("run", text="saved in History", seconds=30)
            # Columns show their end in their turn, a moment after the comparison is over.
            await window.see("column-0", "tok/s")
            await window.see("column-1", "unknown")
            await window.open("history")
            assert len(await window.do("table", "runs-table")) == 2
            await window.click("history-tabs", "What left")
            lines = await window.do("table", "egress-table", least=3)
            assert lines[0][0] == f"{urlsplit(api.url).netloc}, side by side"
            assert lines[0][-1] == "answered"
            assert lines[-1][-1] == "answered 401"
            await window.close()
        assert KEY not in window.printed
        assert KEY not in window.said
    assert files_that_show(KEY, home) == []


# J5: verdict


async def test_from_the_samples_to_a_workload_of_ones_own_and_back(home: Path) -> None:
    async with landfall_window(home, OLLAMA_HOST=NOBODY) as window:
        await window.open("workloads", "ready", "partial")
        rows = await window.do("seen", "^workload-Sample: ")
        assert len(rows) == 3
        for row in rows:
            await window.click(row)
            await window.see("verdict-card", r"\w")
        await window.open("home")
        await window.click("new-workload")
        await window.see("editor")
        await window.type("field-workload.name", "Invoices")
        await window.do("choose", "field-workload.task", text="[Ee]xtract")
        for field, value in (
            ("today.provider", "openai"),
            ("today.model", "gpt-5-mini"),
            ("volume.calls_per_day", "4000"),
            ("tokens.input", "1800"),
            ("tokens.output", "250"),
        ):
            await window.type(f"field-{field}", value)
        await window.click("save")
        await window.see("workload-name", "Invoices")
        first = await window.see("verdict-card", r"\$")
        await window.click("what-if")
        await window.see("what-if-card")
        knobs = await window.do("seen", "^what-if-.*calls_per_day")
        assert knobs
        await window.key("PageUp", name=knobs[0], times=8)
        await window.see("verdict-card", r"\$", without=re.escape(first))
        await window.click("more")
        await window.do("menu", "do-delete")
        await window.do("gone", "workload-Invoices")
        await window.click("Toast", "Undo")
        await window.see("workload-Invoices")
        await window.close()
    async with landfall_window(home, OLLAMA_HOST=NOBODY) as window:
        await window.open("workloads", "ready", "partial")
        await window.see("workload-Invoices")
        await window.close()
