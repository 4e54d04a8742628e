"""How the desktop tells our windows from those of other programs, and which icon it gives them."""

from __future__ import annotations

import sys

from landfall.services.installation.frozen import is_frozen

APP_ID = "app.landfall.Landfall"
"""The name of our desktop file, without its suffix, of the bundle, and of the entry in the Start
menu. The packages read it here, through packaging/product.py."""


def brings_its_icon(*, platform_name: str = sys.platform, frozen: bool | None = None) -> bool:
    """Whether the system has an icon of the running program that a window's would replace.

    That of a bundle of macOS has air around, as all in the Dock have. Awaits a Mac.
    """
    return platform_name == "darwin" and (is_frozen() if frozen is None else frozen)


if sys.platform == "win32":
    import ctypes

    def claim_task_bar() -> None:
        """Let the task bar take our windows for ours, before the first of them is made.

        Started by Python they would be grouped with all of Python's, under its icon; and those of
        the console's program apart from those of the entry in the Start menu, which states the
        same identity.

        Source: Microsoft, "Application User Model IDs". Where the system refuses, only the
        grouping is lost.
        """
        shell = ctypes.WinDLL("shell32")
        shell.SetCurrentProcessExplicitAppUserModelID.argtypes = (ctypes.c_wchar_p,)
        shell.SetCurrentProcessExplicitAppUserModelID(APP_ID)

else:

    def claim_task_bar() -> None:
        """Elsewhere the desktop file and the bundle say it."""
