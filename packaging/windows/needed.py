"""Prints what a Windows Python under Wine needs: the project's packages, for pip's `-r`.

pip judges environment markers by the machine that asks, so that a download for Windows on Linux
would leave out what only Windows needs. Here they are judged as Windows would.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
ON_WINDOWS = (
    "colorama",  # of pytest
    "pefile",  # of PyInstaller
    "pywin32-ctypes",  # of keyring and PyInstaller
)
"""What dependencies of ours need on Windows alone."""
WINE_CANNOT = {"numpy": "numpy==1.26.4"}
"""numpy 2 calls `crealf` and others that Wine 8 has not."""


def needed() -> list[str]:
    """Requirements without markers: those of the program, of its tests and of the freezing."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    stated = [*project["dependencies"], *extras["test"], *extras.get("package", ["pyinstaller"])]
    wanted = [found for text in stated if (found := _for_windows(text))]
    return sorted({*wanted, *ON_WINDOWS, *WINE_CANNOT.values()})


def _for_windows(requirement: str) -> str | None:
    text, _, marker = (part.strip() for part in requirement.partition(";"))
    if re.match(r"landfall\b", text):
        return None
    other = re.search(r"(?:sys_platform|platform_system)\s*(==|!=)\s*[\"'](\w+)[\"']", marker)
    if other is not None:
        is_windows = other[2].lower() in {"win32", "windows"}
        if is_windows != (other[1] == "=="):
            return None
    return text


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in needed())
