"""Surroundings in which a window cannot open, or nearly: it opens, or one line says what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.process import Ran, environment, landfall
from tests.end_to_end.window import landfall_window

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="surroundings of Linux")

NOBODY = "http://127.0.0.1:9"
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen", "OLLAMA_HOST": NOBODY}
NO_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>/no/such/folder</dir><cachedir>{0}</cachedir></fontconfig>
"""
POWERLESS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all")
"""Root without its powers: permissions hold for it, and its Python is still its own."""
STRANGER = (
    *("setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
)
"""A user that the system does not know, who may read what is root's."""

needs_root = pytest.mark.skipif(
    (sys.platform != "win32" and os.geteuid() != 0) or shutil.which("setpriv") is None,
    reason="another user can be played by root alone, with util-linux",
)


def refused(ran: Ran) -> str:
    """The one line of a start that opened no window."""
    assert ran.code == 3, ran
    assert ran.out == ""
    (line,) = ran.err.splitlines()
    assert line.startswith("landfall: ")
    return line


def run_by(*words: str, before: tuple[str, ...], env: dict[str, str], home: Path) -> Ran:
    """Run `landfall WORDS` through another program."""
    done = subprocess.run(
        [*before, sys.executable, "-m", "landfall", *words],
        env=env,
        cwd="/",
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


async def opens(home: Path, **more: str) -> None:
    """The window opens, works and closes, and complains of nothing."""
    async with landfall_window(home, **OFFSCREEN | more) as window:
        await window.on("home", "partial", "ready")
        await window.open("workloads")
        await window.close()


# Displays


async def test_that_a_platform_that_qt_does_not_have_is_one_line(home: Path) -> None:
    line = refused(await landfall(home=home, QT_QPA_PLATFORM="nonsense"))
    assert 'Could not find the Qt platform plugin "nonsense"' in line
    assert "Unset QT_QPA_PLATFORM" in line


async def test_that_a_platform_that_finds_no_screen_is_one_line(home: Path) -> None:
    ran = await landfall(home=home, QT_QPA_PLATFORM="linuxfb", QT_QPA_FB_DRM="", XDG_VTNR="")
    assert "Qt cannot show a window here" in refused(ran)


async def test_that_wayland_asked_for_in_vain_is_said_where_x_answers(
    home: Path, screen: str
) -> None:
    line = refused(await landfall(home=home, QT_QPA_PLATFORM="wayland", DISPLAY=screen))
    assert "asks for wayland" in line
    assert "Unset QT_QPA_PLATFORM" in line


async def test_that_a_dead_wayland_beside_a_living_x_opens_the_window(
    home: Path, screen: str
) -> None:
    dead = {"WAYLAND_DISPLAY": "nope", "XDG_RUNTIME_DIR": str(home)}
    async with landfall_window(
        home, platform="", DISPLAY=screen, OLLAMA_HOST=NOBODY, **dead
    ) as window:
        await window.on("home", "partial", "ready")
        await window.close()


@pytest.mark.parametrize(
    "more",
    [
        {"DISPLAY": ":987"},
        {"WAYLAND_DISPLAY": "nope"},
        {"QT_QPA_PLATFORM": "wayland", "XDG_RUNTIME_DIR": "/no/such/folder"},
    ],
    ids=str,
)
async def test_that_a_dead_display_is_no_display(home: Path, more: dict[str, str]) -> None:
    ran = await landfall(home=home, OLLAMA_HOST=NOBODY, **more)
    assert ran.code == 0
    assert "display" in ran.err.splitlines()[0]
    assert "Sample: " in ran.out


# Libraries and fonts


async def test_that_a_system_without_fonts_is_said(home: Path, tmp_path: Path) -> None:
    config = tmp_path / "fonts.conf"
    config.write_text(NO_FONTS.format(tmp_path / "cache"))
    ran = await landfall(home=home, FONTCONFIG_FILE=str(config), **OFFSCREEN)
    line = [line for line in ran.err.splitlines() if line.startswith("landfall: ")]
    assert ran.code == 3
    assert "There is no font" in line[0]
    assert "fonts-dejavu-core" in line[0]


def qt_that_fails(folder: Path, raises: str) -> str:
    """A PySide6 whose modules cannot be imported, to stand before the real one."""
    package = folder / "PySide6"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "QtCore.py").write_text(f"raise ImportError({raises})\n")
    return os.pathsep.join((str(folder), environment(folder)["PYTHONPATH"]))


async def test_that_a_library_that_qt_lacks_is_one_line_and_the_command_line_works(
    home: Path, tmp_path: Path
) -> None:
    raises = "'libGL.so.1: cannot open shared object file', path='/x/PySide6/QtGui.abi3.so'"
    there = qt_that_fails(tmp_path, raises)
    line = refused(await landfall(home=home, PYTHONPATH=there, **OFFSCREEN))
    assert "libGL.so.1" in line
    assert "apt-get install libgl1" in line
    ran = await landfall("detect", home=home, PYTHONPATH=there, OLLAMA_HOST=NOBODY)
    assert ran.code == 0, ran.err
    assert "Memory" in ran.out


@needs_root
@pytest.mark.parametrize("library", ["libGL.so.1", "libEGL.so.1"])
def test_that_without_opengl_the_command_line_works(home: Path, library: str) -> None:
    path = next(Path("/usr/lib").glob(f"*/{library}"), None)
    if path is None:
        pytest.skip(f"{library} is not here")
    hide = ("unshare", "-m", "sh", "-c", f'mount --bind /dev/null {path} && exec "$@"', "sh")
    if subprocess.run([*hide, "true"], capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    ran = run_by(before=hide, env=environment(home, **OFFSCREEN), home=home)
    assert library in refused(ran)
    assert run_by("fit", "qwen3:8b", before=hide, env=environment(home), home=home).code in (0, 1)


# Homes and disks


@needs_root
@pytest.mark.parametrize("made_before", [False, True], ids=["new", "old"])
def test_that_a_home_that_is_read_only_is_one_line(home: Path, made_before: bool) -> None:
    if made_before:
        (home / "logs").mkdir()
        (home / "cache").mkdir()
    home.chmod(0o555)
    ran = run_by(before=POWERLESS, env=environment(home, **OFFSCREEN), home=home)
    assert str(home) in refused(ran)
    assert "LANDFALL_HOME" in ran.err


@needs_root
@pytest.mark.parametrize("words", [(), ("detect",), ("detect", "--json")], ids=str)
def test_that_a_home_that_nobody_knows_is_said(home: Path, words: tuple[str, ...]) -> None:
    env = environment(home, **OFFSCREEN)
    del env["LANDFALL_HOME"]
    env.pop("HOME", None)
    ran = run_by(*words, before=STRANGER, env=env, home=home)
    assert ran.code == 3, ran
    assert "does not say which folder ~ is" in ran.out + ran.err
    assert "Traceback" not in ran.err
    assert run_by("--version", before=STRANGER, env=env, home=home).code == 0


@needs_root
@pytest.mark.parametrize("free_blocks", [0, 4], ids=["full", "nearly full"])
def test_that_a_full_disk_is_one_line_or_a_window_that_says_so(
    home: Path, tmp_path: Path, free_blocks: int
) -> None:
    script = (
        'mount -t tmpfs -o size=64k none "$LANDFALL_HOME" &&'
        f' dd if=/dev/zero of="$LANDFALL_HOME/x" bs=4k count={16 - free_blocks} 2>/dev/null &&'
        ' exec timeout --preserve-status 5 "$@"'
    )
    on_it = ("unshare", "-m", "sh", "-c", script, "sh")
    if subprocess.run(
        [*on_it, "true"], env=environment(home), capture_output=True, check=False
    ).returncode:
        pytest.skip("nothing can be mounted here")
    ran = run_by(before=on_it, env=environment(home, **OFFSCREEN), home=home)
    if free_blocks:
        assert ran.code == 0, ran
        assert "Traceback" not in ran.err
    else:
        assert "window.lock" in refused(ran)


async def test_that_broken_files_of_an_earlier_time_keep_no_window_shut(home: Path) -> None:
    (home / "window.ini").write_bytes(b"[window]\ngeometry=\xff\xfe\x00@@ByteArray(\n\x00scheme")
    (home / "settings.toml").write_bytes(b"\xff\xfe version = ")
    (home / "history.db").write_bytes(os.urandom(4096))
    (home / "window.lock").write_bytes(b"\xff not a number")
    async with landfall_window(home, **OFFSCREEN) as window:
        await window.on("home", "partial", "ready")
        await window.see("Banner")
        await window.open("settings")
        await window.close()
    assert (home / "settings.toml").read_bytes() == b"\xff\xfe version = "


# What else a session may lack


async def test_that_a_session_without_a_bus_opens_the_window(home: Path) -> None:
    nowhere = "unix:path=/no/such/bus"
    await opens(home, DBUS_SESSION_BUS_ADDRESS=nowhere, XDG_RUNTIME_DIR="/no/such/folder")


@pytest.mark.parametrize(
    "more",
    [
        {"LC_ALL": "xx_YY.UTF-8", "TMPDIR": "/proc"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "HOME": "", "TZ": "No/Such_Zone"},
        {"LC_ALL": "", "LANG": "xx_YY.UTF-8", "PYTHONUTF8": "0"}
        | {"HOME": "relative", "XDG_CONFIG_HOME": "relative", "XDG_CACHE_HOME": "\u00fc"},
        {"LC_ALL": "", "LANG": "C", "LANGUAGE": "nonsense", "PYTHONUTF8": "0"},
    ],
    ids=str,
)
async def test_that_nonsense_in_the_environment_opens_the_window(
    home: Path, more: dict[str, str]
) -> None:
    await opens(home, **more)


async def test_that_a_name_that_is_not_ascii_is_opened_in_the_locale_c(home: Path) -> None:
    file = home / "\u00fcber \u20ac.landfall"
    file.write_text('[workload]\nname = "Umlaut"\ntask = "chat"\n')
    c = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    async with landfall_window(home, str(file), **OFFSCREEN | c) as window:
        await window.see("workload-name", "Umlaut")
        await window.close()


@pytest.mark.parametrize("closed", ["2>&-", "<&- >&- 2>&-"])
def test_that_closed_streams_stop_neither_window_nor_command(home: Path, closed: str) -> None:
    script = f'exec timeout --preserve-status 4 "$@" {closed}'
    by = ("sh", "-c", script, "sh")
    assert run_by(before=by, env=environment(home, **OFFSCREEN), home=home).code == 0
    script = f'exec "$@" {closed}'
    by = ("sh", "-c", script, "sh")
    ran = run_by("detect", before=by, env=environment(home, OLLAMA_HOST=NOBODY), home=home)
    assert ran.code == 0, ran
