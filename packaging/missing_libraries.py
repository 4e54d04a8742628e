"""Print the Debian packages whose libraries are missing here: Qt's wheels expect them.

Usage: missing_libraries.py [window]    (window: also what an X11 window and its text need)
"""

import ctypes
import shutil
import subprocess
import sys

ALWAYS = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libzstd.so.1": "libzstd1",
}
WINDOW = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}


def is_missing(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return True
    return False


def has_fonts() -> bool:
    """Without any font every letter is a box, and nothing else tells."""
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    done = subprocess.run([lister], capture_output=True, text=True, check=False)
    return bool(done.stdout.strip())


def main() -> None:
    wanted = {**ALWAYS, **(WINDOW if "window" in sys.argv[1:] else {})}
    packages = [package for library, package in wanted.items() if is_missing(library)]
    if not has_fonts():
        packages += ["fontconfig", "fonts-dejavu-core"]
    print(" ".join(packages))


if __name__ == "__main__":
    main()
