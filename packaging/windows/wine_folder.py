"""A Wine folder: what runs in it, what lies in it, and what a program has left behind."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_OF_WINE = (
    r"Software\\Wine",
    r"System\\MountedDevices",
    r"Software\\Microsoft\\Windows\\CurrentVersion\\Explorer",
    r"Software\\Microsoft\\Windows\\CurrentVersion\\Telephony",
    r"Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings",
    r"Software\\Microsoft\\SystemCertificates",
    r"Software\\Policies\\Microsoft\\SystemCertificates",
    r"System\\CurrentControlSet\\Control\\Session Manager",
    r"System\\CurrentControlSet\\Control\\Video",
    r"System\\CurrentControlSet\\Control\\Class",
    r"System\\CurrentControlSet\\Control\\DeviceClasses",
    r"System\\CurrentControlSet\\Control\\Print",
    r"System\\CurrentControlSet\\Enum",
    r"System\\CurrentControlSet\\Hardware Profiles",
    r"Hardware\\",
    r"Volatile Environment",
    r"Console",
)
"""Keys that Wine itself writes while programs run. Session Manager: what is deleted at the next
start of the system, which is how an uninstaller deletes its own copy in the temporary folder.
SystemCertificates: made when a program first reads the system's certificates."""


_ALWAYS_THERE = {r"Software\\Classes", r"Software\\Policies"}
"""Keys of every user on Windows, which a fresh Wine folder lacks, or lists only while they are
empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a program answered.

    Attributes:
        code: Its exit code, of which the shell between passes 8 bits.
        out: What it printed, both streams together, in the order in which it did.
    """

    code: int
    out: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What lies in a Wine folder: files by their path, registry values by key and name."""

    files: frozenset[str]
    values: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WineFolder:
    """One Wine folder.

    Attributes:
        tools: Where packaging/windows/under_wine.sh has put its scripts.
        path: The folder.
    """

    tools: Path
    path: Path

    def run(
        self,
        *words: str,
        typed: str | None = None,
        environment: Mapping[str, str] | None = None,
        seconds: float = 300.0,
    ) -> Ran:
        """Run a program to its end.

        Raises:
            TimeoutExpired: it does not come.
        """
        done = subprocess.run(
            [str(self.tools / "wine"), str(self.path), *words],
            input=typed,
            stdin=subprocess.DEVNULL if typed is None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=os.environ | dict(environment or {}),
            timeout=seconds,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
        return Ran(code=done.returncode, out=done.stdout.replace("\r\n", "\n"))

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a program and go on."""
        return subprocess.Popen(
            [str(self.tools / "wine"), str(self.path), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def settle(self) -> None:
        """Wait until all of its programs have ended and the registry is on the disk."""
        environment = os.environ | {"WINEPREFIX": str(self.path)}
        subprocess.run(["wineserver", "-w"], env=environment, check=True, timeout=120)

    def end(self) -> None:
        """End whatever still runs in it."""
        environment = os.environ | {"WINEPREFIX": str(self.path)}
        subprocess.run(["wineserver", "-k"], env=environment, check=False, timeout=60)

    def place(self, windows_path: str) -> Path:
        """A path such as `C:\\users` as this system has it."""
        drive, _, rest = windows_path.strip().partition(":")
        return self.path / f"drive_{drive.lower()}" / rest.replace("\\", "/").lstrip("/")

    def state(self) -> State:
        """What lies in it now; call `settle` before."""
        drive = self.path / "drive_c"
        files = {str(one.relative_to(drive)) for one in drive.rglob("*")}
        values = {
            line
            for name in ("user.reg", "system.reg")
            for line in _registry((self.path / name).read_text(encoding="utf-8", errors="replace"))
        }
        return State(files=frozenset(files), values=frozenset(values))


def _registry(text: str) -> list[str]:
    """`KEY` and `KEY: NAME=VALUE` of a registry file of Wine's, without those of Wine itself."""
    lines = []
    key = ""
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if line.startswith("["):
            key = line[1 : line.rindex("]")]
            lines.append(key)
        elif line.startswith(('"', "@")):
            lines.append(f"{key}: {line}")
    return [line for line in lines if not line.startswith(_OF_WINE)]


def remains(before: State, after: State, *, kept: str) -> list[str]:
    """What is there after that was not before, and the other way round.

    Args:
        kept: A folder below drive_c that may stay; temporary folders may change too.
    """
    lines = [f"+ {one}" for one in after.files - before.files if _counts(one, kept)]
    lines += [f"- {one}" for one in before.files - after.files if _counts(one, kept)]
    lines += [f"+ {one}" for one in after.values - before.values - _ALWAYS_THERE]
    lines += [f"- {one}" for one in before.values - after.values - _ALWAYS_THERE]
    return sorted(lines)


def _counts(file: str, kept: str) -> bool:
    parts = [part.lower() for part in Path(file).parts]
    return "temp" not in parts and file != kept and not file.startswith(f"{kept}/")
