"""Whether a window can be shown here, found out without Qt: Qt ends the process when it cannot."""

from __future__ import annotations

import ctypes
import os
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from landfall.core.errors import Unavailable

_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libzstd.so.1": "libzstd1",
}
_X11_LIBRARIES = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
_WAYLAND_LIBRARIES = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}
"""What `ldd` says of QtCore, QtGui, QtWidgets and of the plug-ins xcb and wayland in the wheels of
Qt 6.11, without what those libraries bring themselves; and the packages of Debian 12."""

_LIBRARY = re.compile(r"[\w.+-]+\.so[.\d]*")


class NoDisplay(Unavailable):
    """There is nothing here to show a window on: the terminal serves instead."""

    kind = "no_display"


def problem(environment: Mapping[str, str] | None = None) -> Unavailable | None:
    """Why no window can be shown, with what to do; None where nothing speaks against it.

    Returns:
        NoDisplay where there is none, another Unavailable where there is one and something lacks.
    """
    env = os.environ if environment is None else environment
    if not _is_linux():
        return None
    wanted = _wanted(env)
    if not set(wanted) <= {"wayland", "xcb"}:
        return _lacking(_LIBRARIES)  # one that needs no display, or a word that only Qt can judge
    answering = _answering(env)
    needs = [_LIBRARIES | answering[name] for name in wanted if name in answering]
    if needs:
        return None if any(not _missing(those) for those in needs) else _lacking(needs[0])
    if answering:
        return Unavailable(
            f"QT_QPA_PLATFORM asks for {' or '.join(wanted)}, which does not answer here, while"
            f" {' and '.join(answering)} does.",
            "Unset QT_QPA_PLATFORM.",
        )
    return _no_display(env)


def unloadable(error: ImportError) -> Unavailable | None:
    """Why Qt cannot be imported, with what to do; None where it is not Qt that is missing."""
    if isinstance(error, ModuleNotFoundError):
        if (error.name or "").partition(".")[0] not in ("PySide6", "shiboken6"):
            return None
        return Unavailable(
            f"The window needs {error.name}, which is not installed here.",
            "Install Landfall again, or use its command line: landfall --help.",
        )
    found = _LIBRARY.search(str(error))
    if found is None or "PySide6" not in f"{error.name} {error.path}":
        return None
    packages = _LIBRARIES | _X11_LIBRARIES | _WAYLAND_LIBRARIES
    return _said([found[0]], [packages[found[0]]] if found[0] in packages else [])


def _is_linux() -> bool:
    return sys.platform.startswith("linux")


def _wanted(env: Mapping[str, str]) -> list[str]:
    """The platforms that Qt would try, wayland-egl and the like being Wayland too."""
    stated = (one.partition(":")[0] for one in env.get("QT_QPA_PLATFORM", "").split(";"))
    named = ["wayland" if one.startswith("wayland") else one for one in stated if one]
    return named or ["wayland", "xcb"]


def _answering(env: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The displays that take a connection, each with the libraries that it needs."""
    found = {}
    if _wayland_answers(env):
        found["wayland"] = _WAYLAND_LIBRARIES
    if _x11_answers(env.get("DISPLAY", "")):
        found["xcb"] = _X11_LIBRARIES
    return found


def _no_display(env: Mapping[str, str]) -> NoDisplay:
    named = [env[name] for name in ("WAYLAND_DISPLAY", "DISPLAY") if env.get(name)]
    if not named:
        return NoDisplay("There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set).")
    return NoDisplay(f"The display {' or '.join(named)} does not answer.")


def _wayland_answers(env: Mapping[str, str]) -> bool:
    name = env.get("WAYLAND_DISPLAY", "")
    if not name and (env.get("QT_QPA_PLATFORM") or env.get("XDG_SESSION_TYPE") == "wayland"):
        name = "wayland-0"  # what libwayland takes where it is told none
    return bool(name) and _connects(str(Path(env.get("XDG_RUNTIME_DIR", "/")) / name))


def _x11_answers(shown: str) -> bool:
    host, _, rest = shown.rpartition(":")
    number = rest.split(".")[0]
    if not number.isdecimal():
        return False
    if host in ("", "unix"):
        socket_path = f"/tmp/.X11-unix/X{number}"
        return _connects(socket_path) or _connects("\0" + socket_path)
    try:
        socket.create_connection((host, 6000 + int(number)), timeout=2.0).close()
    except (OSError, ValueError, OverflowError):
        return False
    return True


def _connects(address: str) -> bool:
    family = getattr(socket, "AF_UNIX", None)
    if family is None:
        return False
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(2.0)
        try:
            probe.connect(address)
        except (OSError, ValueError):
            return False
    return True


def _lacking(libraries: Mapping[str, str]) -> Unavailable | None:
    missing = _missing(libraries)
    return _said(missing, [libraries[one] for one in missing]) if missing else None


def _said(missing: list[str], packages: list[str]) -> Unavailable:
    """One sentence on what is missing, one on what brings it."""
    instead = "The command line works without: landfall --help."
    brings = f"On Debian or Ubuntu: sudo apt-get install {' '.join(packages)}."
    return Unavailable(
        f"The window needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not"
        " on this system.",
        f"{brings} {instead}" if packages else instead,
    )


def _missing(libraries: Mapping[str, str]) -> list[str]:
    return [library for library in libraries if not _loads(library)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
