"""What differs where the program is frozen: who it is, and what its environment tells its children.

The loader of a frozen program (PyInstaller) puts the program's own folder into LD_LIBRARY_PATH and
keeps the user's value in LD_LIBRARY_PATH_ORIG. The dynamic linker has read the variable by then, so
it can be given back at once: what is started from here, whether by us, by Qt or by a library, finds
the system's libraries and not those of the bundle.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping

_SEARCHED = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH")
_KEPT = "_ORIG"
_OF_THE_LOADER = "_PYI_"
_FROM_OUTSIDE = ("QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH")
"""Where Qt would look for plugins before it looks into the bundle: built for another Qt, they are
refused in the best case. They are meant for the Qt of the system."""

_WITH_CONSOLE = {"landfallw.exe": "landfall.exe"}
"""On Windows a program without a console has no standard streams to answer through."""


def is_frozen() -> bool:
    """Whether this is the program of a package, with a Python inside that knows no options."""
    return bool(getattr(sys, "frozen", False))


def this_program(*words: str) -> tuple[str, ...]:
    """The command line that starts this program again.

    `-P`: a folder from which it was started is no place for modules. A frozen program never looks
    there, and takes no options of Python's.
    """
    if not is_frozen():
        return sys.executable, "-P", "-m", "landfall", *words
    folder, name = os.path.split(sys.executable)
    return os.path.join(folder, _WITH_CONSOLE.get(name, name)), *words


def settle(environment: MutableMapping[str, str] = os.environ) -> None:
    """Give back to the environment what the loader took, before anything else happens."""
    for name in _SEARCHED:
        before = environment.pop(name + _KEPT, None)
        if before is not None:
            environment[name] = before
        elif name in environment:
            del environment[name]
    for name in [one for one in environment if one.startswith(_OF_THE_LOADER)]:
        del environment[name]
    for name in _FROM_OUTSIDE:
        environment.pop(name, None)
