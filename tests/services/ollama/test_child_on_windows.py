"""A server of our own on Windows, where a job object ends what a process group ends elsewhere."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from landfall.core.errors import OllamaUnavailable
from landfall.services.ollama import child

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="job objects are Windows'")

ROOT = Path(__file__).parents[3]


def program(folder: Path, *lines: str) -> str:
    """An executable `ollama` of these lines; the shell that runs them is the process we start."""
    path = folder / "ollama.bat"
    path.write_text("\r\n".join(("@echo off", *lines, "")), encoding="ascii")
    return str(path)


def stand_in(folder: Path) -> str:
    """The twin, as a child of what we start, like a runner of a real server."""
    run = f'"{sys.executable}" -m tests.fakes.ollama_twin serve'
    return program(folder, f'cd /d "{ROOT}"', run)


def environment(folder: Path) -> Mapping[str, str]:
    return dict(os.environ) | {
        "OLLAMA_MODELS": str(folder / "models"),
        "PYTHONPATH": str(ROOT),
        "OPENAI_API_KEY": "sk-1",
    }


async def test_that_it_answers_and_that_nothing_of_it_is_left(tmp_path: Path) -> None:
    ours = await child.start(stand_in(tmp_path), environment=environment(tmp_path))
    runners = psutil.Process(ours.pid).children(recursive=True)
    assert ours.alive
    assert ours.url.startswith("http://127.0.0.1:")
    assert runners
    begin = time.monotonic()
    await ours.stop()
    assert time.monotonic() - begin < child.STOP_SECONDS
    assert not ours.alive
    _, alive = psutil.wait_procs(runners, timeout=5)
    assert not alive
    await ours.stop()


async def test_that_a_program_that_ends_at_once_says_why(tmp_path: Path) -> None:
    said = program(tmp_path, "echo Error: listen tcp: address already in use 1>&2", "exit /b 1")
    with pytest.raises(OllamaUnavailable, match="address already in use"):
        await child.start(said, environment=environment(tmp_path))


async def test_that_a_program_that_says_nothing_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "START_SECONDS", 1.0)
    before = {one.pid for one in psutil.Process().children(recursive=True)}
    silent = program(tmp_path, f'"{sys.executable}" -c "import time; time.sleep(60)"')
    with pytest.raises(OllamaUnavailable, match="did not answer"):
        await child.start(silent, environment=environment(tmp_path))
    left = [one for one in psutil.Process().children(recursive=True) if one.pid not in before]
    _, alive = psutil.wait_procs(left, timeout=5)
    assert not alive


async def test_that_a_program_that_cannot_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(OllamaUnavailable, match="cannot be started"):
        await child.start(str(tmp_path / "missing.exe"), environment=environment(tmp_path))


async def test_that_it_is_ended_where_the_system_refuses_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refused:
        def __init__(self, pid: int) -> None:
            self.pid = pid

        def close(self) -> None:
            """Nothing is in it."""

    monkeypatch.setattr(child, "JobObject", Refused)
    said = f'"{sys.executable}" -c "import time; time.sleep(60)"'
    monkeypatch.setattr(child, "START_SECONDS", 1.0)
    with pytest.raises(OllamaUnavailable, match="did not answer"):
        async with asyncio.timeout(30):
            await child.start(program(tmp_path, said), environment=environment(tmp_path))
    for one in psutil.Process().children(recursive=True):
        one.kill()  # what the shell started is no part of any job here


async def test_that_it_ends_when_this_program_is_killed(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import asyncio, sys\n"
        "from landfall.services.ollama import child\n"
        "async def main():\n"
        "    ours = await child.start(sys.argv[1])\n"
        "    print(ours.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())",
        stand_in(tmp_path),
        env=dict(environment(tmp_path)) | {"PYTHONPATH": f"{ROOT / 'app'}{os.pathsep}{ROOT}"},
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    pid = int(await asyncio.wait_for(parent.stdout.readline(), 60))
    server = psutil.Process(pid)
    runners = server.children(recursive=True)
    parent.kill()
    await parent.communicate()
    _, alive = psutil.wait_procs([server, *runners], timeout=10)
    assert not alive
