"""A key through the real process and a real keyring, and a search for it everywhere after."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.cloud_api import Reply, serving

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")

PROCESSES_ARE_FILES = Path("/proc/self/environ").exists()
ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-proj-PLANTED-9f8e7d6c5b4a-0123456789"

# Everything runs in one private session bus with one private keyring, unlocked or left locked.
SESSION = """
printf %s test-only-password | gnome-keyring-daemon {unlock} --components=secrets >/dev/null
{commands}
"""


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


def environment(home: Path) -> dict[str, str]:
    """A user without a display, whose home, bus and keyring are this test's alone."""
    runtime = home / "run"
    runtime.mkdir(mode=0o700, parents=True)
    (home / ".local/share/keyrings").mkdir(parents=True)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    return kept | {
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(runtime),
        "LANDFALL_HOME": str(home / "landfall"),
        "PYTHONPATH": str(ROOT / "app"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


async def start(*words: str, env: dict[str, str], stdin: bytes = b"") -> Result:
    process = await asyncio.create_subprocess_exec(
        *words,
        env=env,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(stdin), 60)
    return Result(process.returncode or 0, out.decode(), err.decode())


@pytest.fixture
def keyring_session() -> str:
    for tool in ("dbus-run-session", "gnome-keyring-daemon"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed: no real keyring to test with")
    return "dbus-run-session"


def in_session(commands: str, *, unlock: bool = True) -> list[str]:
    script = SESSION.format(unlock="--unlock" if unlock else "--start", commands=commands)
    return ["--", "sh", "-c", script]


def landfall(*words: str) -> str:
    return " ".join([sys.executable, "-m", "landfall", "key", *words])


def processes_that_show(text: str) -> list[str]:
    """Processes whose arguments or environment hold a text."""
    found = []
    for entry in Path("/proc").iterdir():
        for name in ("cmdline", "environ"):
            with suppress(OSError):
                if entry.name.isdigit() and text.encode() in (entry / name).read_bytes():
                    found.append(f"{entry.name} {name}")
    return found


def files_that_show(text: str, folder: Path) -> list[Path]:
    return [
        path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()
    ]


async def test_a_key_goes_through_a_real_keyring_and_is_found_nowhere_else(
    tmp_path: Path, keyring_session: str
) -> None:
    env = environment(tmp_path / "home")
    async with serving("openai", KEY) as api:
        # The answer waits, so that the processes can be looked at while the key is in use.
        slow = Reply(200, [0.5, b'{"data": []}'], {"content-type": "application/json"})
        api.script.append(slow)
        check = landfall("check", "openai", "--base-url", api.url, "--json")
        steps = (landfall("set", "openai"), check, landfall("remove", "openai"), check)
        commands = "".join(f"{step}; echo code $? >&2; " for step in steps)
        running = asyncio.create_task(
            start(keyring_session, *in_session(commands), env=env, stdin=f"{KEY}\n".encode())
        )
        await asyncio.wait_for(api.asked.wait(), 60)
        shown = await asyncio.to_thread(processes_that_show, KEY)
        result = await running
        sent = [request.headers["authorization"] for request in api.requests]
    codes = [line for line in result.err.splitlines() if line.startswith("code")]
    assert codes == ["code 0", "code 0", "code 0", "code 3"], result
    assert sent == [f"Bearer {KEY}"]
    assert shown == []
    assert KEY not in result.out + result.err
    assert files_that_show(KEY, tmp_path) == []


async def test_a_keyring_that_is_locked_with_nobody_to_ask_is_said_at_once(
    tmp_path: Path, keyring_session: str
) -> None:
    env = environment(tmp_path / "home")
    commands = in_session(landfall("set", "openai", "--json"), unlock=False)
    result = await start(keyring_session, *commands, env=env, stdin=KEY.encode())
    assert result.code == 3, result
    error = json.loads(result.out)["error"]
    assert error["kind"] == "keyring_unavailable"
    assert error["hint"]
    assert files_that_show(KEY, tmp_path) == []


async def test_a_machine_without_a_keyring_is_told_so(tmp_path: Path) -> None:
    env = environment(tmp_path / "home") | {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
    env["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    result = await start(*landfall("set", "openai").split(), env=env, stdin=KEY.encode())
    assert result.code == 3
    assert "no keyring" in result.err
    assert "Traceback" not in result.err
    assert KEY not in result.out + result.err
    assert files_that_show(KEY, tmp_path) == []


async def test_ctrl_c_at_the_prompt_ends_it(tmp_path: Path) -> None:
    env = environment(tmp_path / "home") | {
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"
    }
    inner, outer = pty.openpty()
    with os.fdopen(inner, "r+b", buffering=0) as screen:
        process = await asyncio.create_subprocess_exec(
            *landfall("set", "openai").split(),
            env=env,
            stdin=outer,
            stderr=outer,
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(outer)
        assert b"it is not shown" in await asyncio.to_thread(screen.read, 1000)
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 10) == 130


async def test_the_search_for_a_key_finds_one_that_is_shown(tmp_path: Path) -> None:
    if not PROCESSES_ARE_FILES:
        pytest.skip("this system shows no processes as files")
    planted = "sk-proj-SHOWN-0123456789"
    process = await asyncio.create_subprocess_exec("sleep", "30", env={"SEEN": planted})
    try:
        shown = await asyncio.to_thread(processes_that_show, planted)
        assert f"{process.pid} environ" in shown
    finally:
        process.kill()
        await process.wait()
    (tmp_path / "log").write_text(f"key={planted}")
    assert files_that_show(planted, tmp_path) == [tmp_path / "log"]


async def test_a_terminal_does_not_show_the_key_that_is_typed(
    tmp_path: Path, keyring_session: str
) -> None:
    env = environment(tmp_path / "home")
    inner, outer = pty.openpty()
    # The terminal is the keyboard and the screen of the command, but not of the keyring's shell.
    with os.fdopen(inner, "r+b", buffering=0) as screen:
        command = f"{landfall('set', 'openai')} <&3 >&3 2>&3"
        process = await asyncio.create_subprocess_exec(
            "setsid",
            "sh",
            "-c",
            f"exec 3<>{os.ttyname(outer)}; exec dbus-run-session -- sh -c '"
            "printf %s pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null; "
            f"{command}'",
            env=env,
            stderr=asyncio.subprocess.DEVNULL,
        )
        shown = await asyncio.to_thread(screen.read, 1000)
        assert b"it is not shown" in shown
        screen.write(f"{KEY}\n".encode())
        assert await asyncio.wait_for(process.wait(), 60) == 0
        os.close(outer)
        with suppress(OSError):
            while more := await asyncio.to_thread(screen.read, 1000):
                shown += more
    assert KEY.encode() not in shown
    assert b"sk-pro" in shown
