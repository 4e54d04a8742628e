"""Proves that the frozen program takes no code from outside its folder, but for named libraries.

Usage: python packaging/frozen/inside.py PROGRAM [--root FOLDER]

PROGRAM is the executable, which may be a link; FOLDER the root of another system in which it is
installed and PROGRAM is named. Linux, with strace; with Xvfb the window is opened as well.

Every file that the program opens is looked at, by whichever thread: code of Python and shared
libraries must lie in its folder, or be one of SYSTEM. Around it lie traps: folders with modules and
plugins that PYTHONPATH, PYTHONHOME, QT_PLUGIN_PATH and others point to, and from which it is
started. What it starts itself must get the environment of the user back, not its own.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import start_ratio

SYSTEM = re.compile(
    r"""
    ld-linux-x86-64 | lib(c|m|dl|rt|pthread|util|resolv|anl)  # the C library
    | libnss_\w+ | libstdc\+\+ | libgcc_s | libz
    | lib(GL|EGL|GLX|GLdispatch|OpenGL|glapi|gbm)(_\w+)?     # OpenGL and its drivers, with
    | lib(gallium|LLVM|drm|xshmfence|sensors|elf|edit|tinfo|xml2|icu\w+|lzma|zstd|bsd|md|ffi)[-\w.]*
    | [\w-]+_dri | libvulkan\w* | libXxf86vm
    | libwayland-(client|cursor|egl|server)
    | lib(xcb|X11|Xext|Xau|Xdmcp)(-\w+)*                      # X
    | lib(fontconfig|freetype|expat|png16|brotli\w+|uuid)     # fonts
    | libcuda\w* | libnvidia-[-\w]+ | libamd_smi | librocm_smi64  # sensors, by their own drivers
    """,
    re.VERBOSE,
)
"""Names of the shared libraries that are the system's, without what follows `.so`."""

_PLACES = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")
_OPENED = re.compile(r"^open\w*\(.* = \d+<(?P<path>/[^>]*)>$")
_BECAME = re.compile(r'^execve\("(?P<path>[^"]+)".* = 0$')
_FORKED = re.compile(r"^(?:clone|clone3|fork|vfork)\(.* = (?P<pid>\d+)$")
_CODE = re.compile(r"\.(py|pyc|pth|egg|whl|so(\.\d[\w.]*)?)$")

COMMANDS = (
    ("--version",),
    ("--selftest",),
    ("detect", "--json"),
    ("fit", "llama3.2:3b"),
    ("verdict", "--sample-portfolio"),
    ("list",),  # starts the server of Ollama that is on PATH
)
WINDOW_SECONDS = 12


@dataclass(kw_only=True)
class Looked:
    """What was seen while the program ran."""

    folder: str
    root: str
    files: set[str] = field(default_factory=set)
    libraries: set[str] = field(default_factory=set)
    started: set[str] = field(default_factory=set)
    faults: set[str] = field(default_factory=set)

    def read(self, traces: Path, pid: int, program: str) -> None:
        """Take what one thread did, and those that it made; `program` is what it was born as."""
        trace = traces.with_name(f"{traces.name}.{pid}")
        if not trace.exists():
            return
        for line in trace.read_text(errors="replace").splitlines():
            if found := _BECAME.match(line):
                program = self._real(found["path"])
                self.started.add(program)
            elif found := _FORKED.match(line):
                self.read(traces, int(found["pid"]), program)
            elif (found := _OPENED.match(line)) and program.startswith(self.folder + "/"):
                self._opened(self._there(found["path"]))

    def _there(self, path: str) -> str:
        """As the program names it: the tracer names files of the other root by its own."""
        return path.removeprefix(self.root) if self.root != "/" else path

    def _real(self, path: str) -> str:
        there = os.path.join(self.root, path.lstrip("/"))
        return self._there(os.path.realpath(there)) if os.path.exists(there) else path

    def _opened(self, path: str) -> None:
        self.files.add(path)
        if path.startswith(self.folder + "/") or not _CODE.search(path):
            return
        name = path.rpartition("/")[2].partition(".so")[0]
        if ".so" in path and path.startswith(_PLACES) and SYSTEM.fullmatch(name):
            self.libraries.add(path)
        else:
            self.faults.add(f"opened {path}")


@contextlib.contextmanager
def traps(root: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder full of what must not be taken, and the environment that points to it."""
    with tempfile.TemporaryDirectory(
        prefix="landfall-traps-", dir=f"{root.rstrip('/')}/tmp"
    ) as made:
        there = Path(made)
        there.chmod(0o755)
        seen = "/" + os.path.relpath(made, root)
        for name in ("json", "sitecustomize", "usercustomize", "landfall/__init__", "httpx"):
            module = there / f"{name}.py"
            module.parent.mkdir(exist_ok=True)
            module.write_text("raise SystemExit('taken from outside')\n")
        for name in ("plugins/platforms/libqxcb.so", "plugins/platforms/libqoffscreen.so"):
            (there / name).parent.mkdir(parents=True, exist_ok=True)
            (there / name).write_bytes(b"not a library")
        (there / "home").mkdir()
        (there / "bin").mkdir()
        server = there / "bin" / "ollama"
        server.write_text(f"#!/bin/sh\nenv >>{seen}/child_environment\nexit 1\n")
        server.chmod(0o755)
        yield (
            there,
            {
                "PATH": f"{seen}/bin:/usr/bin:/bin",
                "HOME": f"{seen}/home",
                "LANDFALL_HOME": f"{seen}/home/landfall",
                "LANG": "C.UTF-8",
                "LD_LIBRARY_PATH": f"{seen}/libraries",
                "PYTHONHOME": seen,
                "PYTHONPATH": seen,
                "PYTHONSTARTUP": f"{seen}/json.py",
                "QT_PLUGIN_PATH": f"{seen}/plugins",
                "QT_QPA_PLATFORM_PLUGIN_PATH": f"{seen}/plugins/platforms",
                "QML2_IMPORT_PATH": seen,
            },
        )


def run(words: Sequence[str], environment: dict[str, str], looked: Looked, there: Path) -> int:
    """Run one command of the program under the tracer; its exit code."""
    with tempfile.TemporaryDirectory(prefix="landfall-traced-") as made:
        traces = Path(made) / "trace"
        calls = "trace=open,openat,openat2,execve,clone,clone3,fork,vfork"
        tracer = ["strace", "-ff", "-qq", "-y", "-e", calls, "-e", "signal=none", "-o", str(traces)]
        pairs = [f"{name}={value}" for name, value in environment.items()]
        seen = "/" + os.path.relpath(there, looked.root)
        inner = ["sh", "-c", f'cd {seen} && exec "$@"', "sh", "env", "-i", *pairs, *words]
        entered = inner if looked.root == "/" else ["chroot", looked.root, *inner]
        traced = subprocess.Popen([*tracer, *entered], stdout=subprocess.DEVNULL)
        code = traced.wait()
        looked.read(traces, first_of(traces), "")
    return code


def first_of(traces: Path) -> int:
    """The number of the thread that no other made."""
    born, made = set(), set()
    for trace in traces.parent.glob(f"{traces.name}.*"):
        born.add(int(trace.suffix[1:]))
        for line in trace.read_text(errors="replace").splitlines():
            if found := _FORKED.match(line):
                made.add(int(found["pid"]))
    (first,) = born - made
    return first


def child_faults(there: Path, environment: dict[str, str], folder: str) -> Iterator[str]:
    """What is wrong with the environment that the server of Ollama was started with."""
    file = there / "child_environment"
    if not file.exists():
        yield "no server of Ollama was started, so its environment was not seen; does one run here?"
        return
    given = dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
    for name, value in given.items():
        if folder in value or name.startswith("_PYI_"):
            yield f"a child is told {name}={value}"
    if given.get("LD_LIBRARY_PATH") != environment["LD_LIBRARY_PATH"]:
        yield f"a child's LD_LIBRARY_PATH is {given.get('LD_LIBRARY_PATH')}"


def main(words: list[str]) -> int:
    if shutil.which("strace") is None:
        raise SystemExit("strace is needed and was not found. Run: sudo apt-get install strace")
    program, root = words[0], os.path.realpath(words[2]) if words[1:2] == ["--root"] else "/"
    real = os.path.realpath(os.path.join(root, program.lstrip("/")) if root != "/" else program)
    inside = "/" + os.path.relpath(real, root)
    looked = Looked(folder=os.path.dirname(inside), root=root)
    with traps(root) as (there, environment):
        offscreen = environment | {"QT_QPA_PLATFORM": "offscreen"}
        for command in COMMANDS:
            code = run([inside, *command], offscreen, looked, there)
            print(f"{' '.join(command)}: exit code {code}")
            if code and command != ("list",):
                looked.faults.add(f"{' '.join(command)} ended with {code}")
        if shutil.which("Xvfb"):
            with start_ratio.screen() as shown:
                on_screen = environment | {"DISPLAY": shown.name, "QT_QPA_PLATFORM": "xcb"}
                ended = ["timeout", "--signal=TERM", str(WINDOW_SECONDS), inside]
                print(f"the window: exit code {run(ended, on_screen, looked, there)}")
            if not any(one.endswith("/libqxcb.so") for one in looked.files):
                looked.faults.add("no window was opened")
        looked.faults.update(child_faults(there, environment, looked.folder))
    print(f"{len(looked.files)} files opened; libraries of the system:")
    print("".join(f"  {one}\n" for one in sorted(looked.libraries)), end="")
    print("programs started:")
    print("".join(f"  {one}\n" for one in sorted(looked.started)), end="")
    for fault in sorted(looked.faults):
        print(f"FAULT: {fault}")
    print("all code comes from inside" if not looked.faults else "code comes from outside")
    return 1 if looked.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
