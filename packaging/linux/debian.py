"""Lays out the root of the Debian package: `debian.py ONE_DIR ROOT`, to be packed by dpkg-deb.

The program lies in /usr/lib/landfall and not in /opt: it belongs to the package manager, its other
parts are in /usr/share anyway, and Debian's policy (9.1.1) leaves /opt to what is not packaged.
No maintainer script is needed: the databases of the desktop, of kinds of documents, of icons and of
man pages are kept by triggers of their own packages.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import changes  # noqa: E402
import product  # noqa: E402
import share  # noqa: E402
from dep5 import machine_readable  # noqa: E402

LIBRARIES = Path("usr/lib") / product.NAME
DOCUMENTS = Path("usr/share/doc") / product.NAME
RESOURCES = LIBRARIES / "_internal" / "landfall" / "resources"
PACKAGED_BY = "deb"
"""What `resources/packaged_by` says: who updates this copy."""

DEPENDS = (
    # Of the newest symbol in the bundle: PySide6's wheels are built against glibc 2.34, and
    # the Python of Debian 12 and of Ubuntu 22.04 against theirs.
    "libc6 (>= 2.35)",
    # The drivers of OpenGL, which come into the same process, need theirs and no older copy.
    "libstdc++6",
    "libgcc-s1",
    # QtGui links both, for any window and for none.
    "libgl1",
    "libegl1",
    "libfontconfig1",
    # QtGui links it too; which goes with which fontconfig is the system's to know.
    "libfreetype6",
    # The drivers of OpenGL speak to the same X server through it: it is never bundled.
    "libxcb1",
    "libwayland-client0",
    "libwayland-cursor0",
    "libwayland-egl1",
    # Without any font every letter is a box.
    "fonts-dejavu-core | fonts-noto-core | fonts-inter",
)
"""What the bundle takes from the system; each was found by running without it."""

RECOMMENDS = ("gnome-keyring | kwalletmanager", "xdg-utils")
"""For keys of providers, and for opening pages in a browser; all else works without."""


def lay_out(one_dir: Path, root: Path) -> None:
    """Write the whole root of the package below `root`, which is made anew."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(one_dir, root / LIBRARIES, symlinks=True)
    share.write(root / RESOURCES / "packaged_by", f"{PACKAGED_BY}\n")
    share.lay_out(root / "usr/share")
    command = root / "usr/bin" / product.NAME
    command.parent.mkdir(parents=True)
    command.symlink_to(os.path.relpath(f"/{LIBRARIES}/{product.NAME}", "/usr/bin"))
    components = json.loads((root / RESOURCES / "licences.json").read_text(encoding="utf-8"))
    copyrights = machine_readable(components["components"], bundle=f"{LIBRARIES}/_internal")
    share.write(root / DOCUMENTS / "copyright", copyrights)
    share.write(root / DOCUMENTS / "changelog.gz", share.compressed(changelog()))
    overrides = (HERE / "lintian-overrides").read_text(encoding="utf-8")
    share.write(root / "usr/share/lintian/overrides" / product.NAME, overrides)
    settle_modes(root)
    share.write(root / "DEBIAN" / "md5sums", md5sums(root))
    share.write(root / "DEBIAN" / "control", control(installed_kib(root)))


def files_of(root: Path) -> Iterator[Path]:
    """What is installed, sorted; folders and links too."""
    return (path for path in sorted(root.rglob("*")) if "DEBIAN" not in path.parts)


def settle_modes(root: Path) -> None:
    """0755 for folders and what can be run, 0644 for the rest, whatever the umask was."""
    root.chmod(0o755)
    for path in files_of(root):
        if path.is_symlink():
            continue
        is_run = path.is_dir() or path == root / LIBRARIES / product.NAME
        path.chmod(0o755 if is_run else 0o644)


def installed_kib(root: Path) -> int:
    """As dpkg-gencontrol counts: every file in whole KiB, one for whatever else there is."""
    plain = [path for path in files_of(root) if path.is_file() and not path.is_symlink()]
    others = sum(1 for _ in files_of(root)) - len(plain)
    return others + sum(-(-path.stat().st_size // 1024) for path in plain)


def md5sums(root: Path) -> str:
    """For `dpkg --verify`: a line a file, with paths from the root."""
    plain = (path for path in files_of(root) if path.is_file() and not path.is_symlink())
    lines = (
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}"
        f"  {path.relative_to(root).as_posix()}"
        for path in plain
    )
    return "\n".join(lines) + "\n"


def control(size_kib: int) -> str:
    """The control file (deb-control(5))."""
    return f"""\
Package: {product.NAME}
Version: {product.version()}
Architecture: {architecture()}
Maintainer: {product.AUTHORS} <{product.CONTACT}>
Installed-Size: {size_kib}
Depends: {", ".join(DEPENDS)}
Recommends: {", ".join(RECOMMENDS)}
Section: utils
Priority: optional
Description: decide whether a workload runs here or in the cloud
 Landfall finds out which open-weight models this machine can run, pulls and
 runs them through Ollama, and measures tokens per second and watts while they
 run. It knows what the same work costs at cloud APIs and gives each workload
 a verdict: here, in the cloud, at a cheaper host, on a rented GPU, on hardware
 worth buying, or split.
 .
 Ollama is not required to look around: what fits, predicted speed, prices and
 provisional verdicts need no runtime. Python and Qt are inside; nothing else
 is taken from the system but what a desktop has.
"""


def architecture() -> str:
    """Debian's name of the machine that this one-dir was made on."""
    names = {"x86_64": "amd64", "aarch64": "arm64"}
    return names[os.uname().machine]


def changelog() -> str:
    """Of this version alone, in the words of the page of changes; its day is that of the build."""
    day = share.built_on().strftime("%a, %d %b %Y %H:%M:%S +0000")
    marks = {"initial_indent": "  * ", "subsequent_indent": "    "}
    points = (textwrap.fill(one, 78, **marks) for one in changes.points(product.version()))
    return (
        f"{product.NAME} ({product.version()}) stable; urgency=medium\n\n"
        + "\n".join(points)
        + f"\n\n -- {product.AUTHORS} <{product.CONTACT}>  {day}\n"
    )


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python packaging/linux/debian.py ONE_DIR ROOT")
    lay_out(Path(sys.argv[1]), Path(sys.argv[2]))
