"""What the frozen program leaves out of what its packages bring; measured, see the sizes below.

Sizes are of Linux x86_64, PySide6 6.11.3, unpacked.
"""

from __future__ import annotations

from pathlib import PurePosixPath

MODULES = (
    "tkinter", "_tkinter", "lib2to3", "idlelib", "ensurepip", "turtledemo", "distutils",
    "setuptools", "pkg_resources", "_distutils_hack", "pip",
    "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtQuickWidgets", "PySide6.QtQuickControls2",
    "PySide6.QtSql", "PySide6.QtHelp", "PySide6.QtDesigner", "PySide6.QtUiTools",
    "pyqtgraph.opengl", "pyqtgraph.examples", "pyqtgraph.jupyter",
    "PyQt5", "PyQt6", "PySide2", "scipy", "matplotlib", "OpenGL", "IPython", "PIL", "h5py",
    "numba", "cupy", "pandas", "numpy.f2py", "numpy.testing", "numpy.distutils",
    "pytest", "_pytest", "hypothesis", "gguf", "rich", "click",
    "pygments", "docutils", "jinja2", "sqlalchemy",
    # GNU Readline is under the GPL: bundled, it would bind the whole. Only a prompt of Python asks for it.
    "readline", "curses", "_curses",
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

LIBRARIES = (
    "libQt6Pdf", "libQt6Qml", "libQt6Quick", "libQt6VirtualKeyboard", "libQt6EglFSDeviceIntegration",
    "libQt6EglFsKmsSupport", "libQt6Network", "Qt6Pdf", "Qt6Qml", "Qt6Quick",
    "Qt6VirtualKeyboard", "opengl32sw",
    "libgtk-3", "libgdk-3", "libgdk_pixbuf", "libcairo", "libpango", "libatk", "libatspi", "libreadline", "libncurses", "libtinfo",
)  # fmt: skip
"""Shared libraries that only what is left out above asks for."""

LANGUAGES = ("de", "en")
"""Of Qt's own words: `qtbase_*.qm` of the languages of our interface."""


def is_left_out(destination: str) -> bool:
    """Whether a file is left out, by its place in the bundle."""
    path = PurePosixPath(destination.replace("\\", "/"))
    if "translations" in path.parts and "PySide6" in path.parts:
        return path.name not in {f"qtbase_{one}.qm" for one in LANGUAGES}
    if "plugins" in path.parts and "PySide6" in path.parts:
        return _is_plugin_left_out(path)
    return path.name.startswith(LIBRARIES)


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
