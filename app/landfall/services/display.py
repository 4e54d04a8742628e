"""Whether a window can be shown here, found out without Qt: Qt ends the process when it cannot."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

_WINDOWLESS = frozenset({"offscreen", "minimal", "vnc", "linuxfb", "eglfs"})
_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
}
_X11_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def problem(environment: Mapping[str, str] | None = None) -> str | None:
    """Why no window can be shown, with what to do; None where one can."""
    env = os.environ if environment is None else environment
    if not _is_linux():
        return None
    platform = env.get("QT_QPA_PLATFORM", "").split(":")[0]
    if platform in _WINDOWLESS:
        return _missing(_LIBRARIES)
    if _wayland_answers(env):
        return _missing(_LIBRARIES)
    shown = env.get("DISPLAY", "")
    if not shown:
        return "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)."
    if not _x11_answers(shown):
        return f"The display {shown} does not answer."
    return _missing(_LIBRARIES | _X11_LIBRARIES)


def _is_linux() -> bool:
    return sys.platform.startswith("linux")


def _wayland_answers(env: Mapping[str, str]) -> bool:
    name = env.get("WAYLAND_DISPLAY", "")
    if not name:
        return False
    return _connects(str(Path(env.get("XDG_RUNTIME_DIR", "/")) / name))


def _x11_answers(shown: str) -> bool:
    host, _, rest = shown.rpartition(":")
    number = rest.split(".")[0]
    if not number.isdigit():
        return False
    if host in ("", "unix"):
        socket_path = f"/tmp/.X11-unix/X{number}"
        return _connects(socket_path) or _connects("\0" + socket_path)
    try:
        socket.create_connection((host, 6000 + int(number)), timeout=2.0).close()
    except OSError:
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
        except OSError:
            return False
    return True


def _missing(libraries: Mapping[str, str]) -> str | None:
    packages = [package for library, package in libraries.items() if not _loads(library)]
    if not packages:
        return None
    return (
        "Qt needs system libraries that are not here. "
        f"On Debian or Ubuntu: sudo apt-get install {' '.join(packages)}"
    )


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
