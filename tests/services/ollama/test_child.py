"""A server of our own: a stand-in for the program everywhere, the real one where it is."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from landfall.core.errors import OllamaUnavailable
from landfall.services.ollama import child
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.generation import Options
from tests.fakes.tiny_models import TinyModel
from tests.services.ollama.conftest import REAL, fill

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the stand-in is a shell script")

ROOT = Path(__file__).parents[3]


def stand_in(folder: Path, *, before: str = "") -> Path:
    """An executable `ollama` that is the twin."""
    program = folder / "bin" / "ollama"
    program.parent.mkdir(exist_ok=True)
    program.write_text(
        f"""#!/bin/sh
echo "$$" > {folder}/started
env > {folder}/environment
{before}
cd {ROOT}
PYTHONPATH={ROOT} exec {sys.executable} -m tests.fakes.ollama_twin "$@"
"""
    )
    program.chmod(0o755)
    return program


def script(folder: Path, text: str) -> Path:
    program = folder / "ollama"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    return program


def environment(folder: Path) -> Mapping[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "OLLAMA_MODELS": str(folder / "models"),
        "OLLAMA_DEBUG_LOG_REQUESTS": "1",
        "OPENAI_API_KEY": "sk-1",
        "HF_TOKEN": "hf-1",
        "MY_SECRET": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "DB_PASSWORD": "z",
        "HARMLESS": "kept",
    }


async def test_that_it_answers_on_loopback_at_a_port_of_its_own(tmp_path: Path) -> None:
    ours = await child.start(str(stand_in(tmp_path)), environment=environment(tmp_path))
    try:
        assert ours.alive
        assert ours.url.startswith("http://127.0.0.1:")
        assert not ours.url.endswith(":11434")
        assert ours.version
        assert any("Listening" in line for line in ours.log)
    finally:
        await ours.stop()
    assert not ours.alive
    assert not psutil.pid_exists(ours.pid)
    await ours.stop()


async def test_that_no_secret_reaches_it(tmp_path: Path) -> None:
    async with child.running(str(stand_in(tmp_path)), environment=environment(tmp_path)):
        given = (tmp_path / "environment").read_text()
    for secret in ("sk-1", "hf-1", "MY_SECRET", "AWS_SECRET", "DB_PASSWORD", "DEBUG_LOG"):
        assert secret not in given
    assert "HARMLESS=kept" in given
    assert "OLLAMA_NOPRUNE=1" in given
    assert "OLLAMA_NO_CLOUD=1" in given
    assert "OLLAMA_HOST=127.0.0.1:0" in given


def test_that_the_users_own_word_on_the_cloud_stands() -> None:
    assert child.environment_of_child({"OLLAMA_NO_CLOUD": "0"})["OLLAMA_NO_CLOUD"] == "0"
    # The prompt cache of llama-server would take up to 8 GiB beside what a fit counts.
    assert child.environment_of_child({})["LLAMA_ARG_CACHE_RAM"] == "0"
    kept = child.environment_of_child({"LLAMA_ARG_CACHE_RAM": "512"})
    assert kept["LLAMA_ARG_CACHE_RAM"] == "512"


async def test_that_a_program_that_ends_at_once_says_why(tmp_path: Path) -> None:
    text = "Error: listen tcp 127.0.0.1:0: bind: address already in use"
    program = script(tmp_path, f'echo "{text}" >&2; exit 1')
    with pytest.raises(OllamaUnavailable, match="address already in use"):
        await child.start(str(program), environment=environment(tmp_path))


async def test_that_a_program_that_says_nothing_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "START_SECONDS", 0.3)
    program = script(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 60")
    with pytest.raises(OllamaUnavailable, match="did not answer"):
        await child.start(str(program), environment=environment(tmp_path))
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


async def test_that_a_program_that_cannot_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(OllamaUnavailable):
        await child.start(str(tmp_path / "missing"), environment=environment(tmp_path))


async def test_that_a_flood_of_output_does_not_stop_it(tmp_path: Path) -> None:
    flood = (
        "i=0; while [ $i -lt 4000 ]; do echo 'a line of a very talkative server'; i=$((i+1)); done"
    )
    program = stand_in(tmp_path, before=f"{flood}\nprintf '%0100000d' 7 | tr -d '\\n'; echo")
    async with child.running(str(program), environment=environment(tmp_path)) as ours:
        assert len(ours.log) <= child.LOG_LINES
        assert max(len(line) for line in ours.log) <= child.LOG_LINE_CHARACTERS


async def test_that_what_ignores_the_word_to_end_is_killed_with_its_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "STOP_SECONDS", 0.3)
    program = script(
        tmp_path,
        f"""trap '' TERM
sleep 300 &
echo $! > {tmp_path}/runner
cd {ROOT}
PYTHONPATH={ROOT} {sys.executable} -c '
import signal, asyncio, sys
sys.argv = ["x", "serve"]
from tests.fakes import ollama_twin
ollama_twin.signal.SIGTERM = ollama_twin.signal.SIGUSR1
signal.signal(signal.SIGTERM, signal.SIG_IGN)
ollama_twin.main()'""",
    )
    ours = await child.start(str(program), environment=environment(tmp_path))
    runner = int((tmp_path / "runner").read_text())
    await ours.stop()
    assert not _lives(ours.pid)
    await ends(runner)


async def test_that_a_crash_of_it_leaves_no_runner(tmp_path: Path) -> None:
    program = stand_in(tmp_path, before=f"sleep 300 & echo $! > {tmp_path}/runner")
    ours = await child.start(str(program), environment=environment(tmp_path))
    runner = int((tmp_path / "runner").read_text())
    os.kill(ours.pid, signal.SIGKILL)
    await ours.wait()
    assert not ours.alive
    await ours.stop()
    await ends(runner)


def test_that_it_can_be_started_from_the_loop_of_another_thread(tmp_path: Path) -> None:
    seen: list[str] = []

    async def start_and_stop() -> None:
        async with child.running(
            str(stand_in(tmp_path)), environment=environment(tmp_path)
        ) as ours:
            seen.append(ours.version)

    thread = threading.Thread(target=lambda: asyncio.run(start_and_stop()))
    thread.start()
    thread.join(30)
    assert seen


@pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("setpriv") is None,
    reason="only util-linux can tie a child to its parent",
)
async def test_that_it_ends_when_this_program_is_killed(tmp_path: Path) -> None:
    program = stand_in(tmp_path)
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
        str(program),
        env=dict(environment(tmp_path)) | {"PYTHONPATH": str(ROOT / "app")},
        stdout=asyncio.subprocess.PIPE,
    )
    assert parent.stdout is not None
    pid = int(await asyncio.wait_for(parent.stdout.readline(), 20))
    parent.kill()
    await parent.wait()
    await ends(pid)


@pytest.mark.real_ollama
async def test_that_the_real_program_starts_answers_and_leaves_nothing(
    tmp_path: Path, tiny: Mapping[str, TinyModel]
) -> None:
    if REAL is None:
        pytest.skip("no ollama executable on PATH")
    async with (
        child.running(REAL, environment=environment(tmp_path)) as ours,
        Ollama(ours.url) as client,
    ):
        await fill(client, tiny)
        await client.load("tiny-story", options=Options(num_ctx=512, num_thread=1))
        runners = psutil.Process(ours.pid).children(recursive=True)
        assert runners
    assert not any(runner.is_running() for runner in runners)


async def ends(pid: int) -> None:
    """The process is gone within five seconds."""
    for _ in range(100):
        if not _lives(pid):
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"process {pid} still runs")


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
