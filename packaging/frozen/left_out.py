"""What the frozen program leaves out of what its packages bring; measured, see the sizes below.

Sizes are of Linux x86_64, PySide6 6.11.3, unpacked.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import product

Entry = tuple[str, str, str]

MODULES = (
    "tkinter", "_tkinter", "lib2to3", "idlelib", "ensurepip", "turtledemo",
    "setuptools", "pkg_resources", "_distutils_hack", "pip",
    "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtQuickWidgets", "PySide6.QtQuickControls2",
    "PySide6.QtNetwork", "PySide6.QtSql", "PySide6.QtHelp", "PySide6.QtDesigner",
    "PySide6.QtUiTools", "pyqtgraph.opengl", "pyqtgraph.examples", "pyqtgraph.jupyter",
    "PyQt5", "PyQt6", "PySide2", "scipy", "matplotlib", "OpenGL", "IPython", "PIL", "h5py",
    "numba", "cupy", "pandas", "numpy.f2py", "numpy.testing", "numpy.distutils",
    "pytest", "_pytest", "hypothesis", "gguf", "rich", "click",
    "pygments", "docutils", "jinja2", "sqlalchemy",
    # GNU Readline is under the GPL: bundled, it would bind the whole. Only Python's prompt asks.
    "readline", "curses", "_curses",
    # From 3.12 on it is setuptools' own, which PyInstaller refuses to find left out twice.
    *(("distutils",) if sys.version_info < (3, 12) else ()),
)  # fmt: skip
"""Of Python: what we do not import. `pydoc`, QtOpenGL, QtOpenGLWidgets, QtSvg and QtTest stay, for
pyqtgraph asks for them."""

PLUGINS = {
    "platforms": ("xcb", "wayland", "offscreen", "windows", "cocoa"),
    "imageformats": ("jpeg", "svg", "ico", "icns"),
}
"""Of Qt: of these folders only these plugins. `offscreen` is for --selftest."""

PLUGIN_FOLDERS = (
    "egldeviceintegrations", "networkinformation", "tls", "generic", "sqldrivers", "qmltooling",
    "qmllint", "designer", "help",
)  # fmt: skip
"""Of Qt: whole folders of plugins that are left out."""

PLATFORM_THEMES = ("gtk3",)
"""Drags GTK, cairo and pango in: 20 MB."""

START_HOOKS = ("pyi_rth_inspect", "pyi_rth_multiprocessing", "pyi_rth_pyside6")
"""What PyInstaller would run at each start: imports of `inspect`, `zipfile`, `multiprocessing` and
QtCore, 60 ms that a short command has no use for. Sources are not looked up here, nothing starts
workers of `multiprocessing`, and PySide's wheels tell Qt themselves where its plugins are."""

OF_THE_SYSTEM = ("libstdc++.so", "libgcc_s.so", "libfontconfig.so", "libfreetype.so")
"""Shared libraries that are the system's, on Linux.

The drivers of OpenGL come into the same process and were built with the system's libstdc++ or an
older one: an older copy of ours would keep them out. Fontconfig reads the settings and caches of
the system, whose form goes with its version; it and FreeType go together.
"""

SOFTWARE_OPENGL = ("opengl32sw",)
"""On Windows, 20 MB: Mesa, for what draws with OpenGL where there is no driver. Nothing of ours
draws with it."""

NOT_OF_A_MAC = ("keyring.backends.macOS.api",)
"""Left out everywhere else: keyring imports it on every system and does without, but not before it
has asked `ldconfig`, `gcc` and `ld` for libraries of macOS."""

OF_THE_INSTALLER = ("RECORD", "REQUESTED", "INSTALLER", "direct_url.json")
"""In `*.dist-info`: how a package came into the environment here, which two builds do not share."""

TRANSLATIONS = frozenset(f"qtbase_{one}.qm" for one in product.languages())
"""Of Qt's own words: those in the languages of our interface."""


def is_left_out(destination: str) -> bool:
    """Whether a file is left out, by its place in the bundle."""
    path = PurePosixPath(destination.replace("\\", "/"))
    if "translations" in path.parts and "PySide6" in path.parts:
        return path.name not in TRANSLATIONS
    if "plugins" in path.parts and "PySide6" in path.parts:
        return _is_plugin_left_out(path)
    if path.parent.name.endswith(".dist-info"):
        return path.name in OF_THE_INSTALLER
    return path.name.startswith((*OF_THE_SYSTEM, *SOFTWARE_OPENGL))


def _is_plugin_left_out(path: PurePosixPath) -> bool:
    folder = path.parent.name
    name = path.name.removeprefix("lib").removeprefix("q").split(".")[0]
    if folder in PLUGIN_FOLDERS:
        return True
    if folder == "platformthemes":
        return name in PLATFORM_THEMES
    if folder in PLUGINS:
        return not name.startswith(PLUGINS[folder])
    return False


def unasked(
    binaries: list[Entry], links: list[Entry], asks: Callable[[str], Iterable[str]]
) -> set[str]:
    """The places of shared libraries that only what was left out had asked for, and links to them.

    Args:
        binaries: (place in the bundle, file, kind) of all that can be loaded.
        links: (place, where it points to from there, kind): a library's second place.
        asks: The names of the libraries that a file needs to be loaded.
    """
    libraries = {PurePosixPath(place).name: (place, file) for place, file, _ in _among(binaries)}
    todo = [file for place, file, _ in binaries if not _is_library(place)]
    wanted: set[str] = set()
    while todo:
        for name in asks(todo.pop()):
            if name in libraries and name not in wanted:
                wanted.add(name)
                todo.append(libraries[name][1])
    return {
        place
        for place, _, _ in (*_among(binaries), *_among(links))
        if PurePosixPath(place).name not in wanted
    }


def _among(entries: list[Entry]) -> list[Entry]:
    return [one for one in entries if _is_library(one[0])]


def _is_library(place: str) -> bool:
    """Of the system or of Qt; neither an extension of Python nor a plugin, which are asked for by
    name, nor libpython, which the program itself asks for."""
    path = PurePosixPath(place)
    if not path.name.startswith("lib") or path.name.startswith("libpython"):
        return False
    return len(path.parts) == 1 or path.parts[-3:-1] == ("Qt", "lib")
