"""Lays out the archive for any Linux: `archive.py ONE_DIR FOLDER`, to be packed by tar.

The same content as the Debian package, below one folder that is a prefix: it runs where it was
unpacked (`bin/landfall`), and `install.sh` in it copies it to where desktops look.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import product  # noqa: E402
import share  # noqa: E402
from dep5 import machine_readable  # noqa: E402

LIBRARIES = Path("lib") / product.NAME
SCRIPTS = ("install.sh", "uninstall.sh")


def lay_out(one_dir: Path, folder: Path) -> None:
    """Write the whole content of the archive below `folder`, which is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(one_dir, folder / LIBRARIES, symlinks=True)
    share.lay_out(folder / "share")
    command = folder / "bin" / product.NAME
    command.parent.mkdir()
    command.symlink_to(os.path.relpath(LIBRARIES / product.NAME, "bin"))
    listed = folder / LIBRARIES / "_internal" / product.NAME / "resources" / "licences.json"
    components = json.loads(listed.read_text(encoding="utf-8"))["components"]
    copyrights = machine_readable(components, bundle=f"{LIBRARIES.as_posix()}/_internal")
    share.write(folder / "share" / "doc" / product.NAME / "copyright", copyrights)
    for name in SCRIPTS:
        share.write(folder / name, share.filled(name))
        (folder / name).chmod(0o755)
    (folder / "INSTALLED").write_text("".join(f"{line}\n" for line in installed(folder)))


def installed(folder: Path) -> list[str]:
    """What `install.sh` puts below the prefix and `uninstall.sh` takes away: files and links."""
    found = (path for part in ("bin", "lib", "share") for path in (folder / part).rglob("*"))
    return sorted(
        path.relative_to(folder).as_posix() for path in found if path.is_symlink() or path.is_file()
    )


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python packaging/linux/archive.py ONE_DIR FOLDER")
    lay_out(Path(sys.argv[1]), Path(sys.argv[2]))
