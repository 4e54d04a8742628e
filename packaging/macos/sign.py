"""Sign Landfall.app from the inside out, and have it looked at by Apple.

    python packaging/macos/sign.py sign dist/Landfall.app IDENTITY      # "-" signs ad hoc
    python packaging/macos/sign.py notarise FILE                        # .zip of an app, or .dmg

Notarising reads LANDFALL_NOTARY_KEY (a file), LANDFALL_NOTARY_KEY_ID and LANDFALL_NOTARY_ISSUER:
a key of App Store Connect. Nothing secret stands in an argument or is printed.

Source: Apple, "Creating distribution-signed code for macOS", "Notarizing macOS software before
distribution". Not run on a Mac yet: the tests run it against a folder like a bundle and stand-ins
of both tools.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ENTITLEMENTS = Path(__file__).with_name("entitlements.plist")
AD_HOC = "-"
AT_ONCE = 50
"""Files in one command: a command for each would ask for a time stamp for an hour."""

_MAGIC = {
    bytes.fromhex(word) for word in ("feedface", "feedfacf", "cefaedfe", "cffaedfe", "cafebabe")
}
NOTARY_VARIABLES = ("LANDFALL_NOTARY_KEY", "LANDFALL_NOTARY_KEY_ID", "LANDFALL_NOTARY_ISSUER")

Run = Callable[[Sequence[str]], str]
"""Runs a command and returns what it wrote; raises CalledProcessError."""


def run(command: Sequence[str]) -> str:
    """Errors of the command go to the terminal as they come."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def is_code(path: Path) -> bool:
    """Whether a file is a program or a library of macOS: by its first four bytes."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) in _MAGIC


def libraries(app: Path) -> list[Path]:
    """All code of a bundle but its program, which is signed with the bundle."""
    programs = app / "Contents" / "MacOS"
    found = [path for path in sorted((app / "Contents").rglob("*")) if is_code(path)]
    return [path for path in found if path.parent != programs]


def frameworks(app: Path) -> list[Path]:
    """The bundles in a bundle, the innermost first."""
    found = [path for path in app.rglob("*.framework") if path.is_dir() and not path.is_symlink()]
    return sorted(found, key=_innermost)


def _innermost(path: Path) -> tuple[int, str]:
    return -len(path.parts), str(path)


def signing(app: Path, identity: str) -> list[list[str]]:
    """The commands, in order: what lies inside is signed before what holds its checksum."""
    base = ["codesign", "--force", "--sign", identity]
    if identity != AD_HOC:
        # Ad hoc has no team, and the hardened runtime loads no library of another team.
        base += ["--options", "runtime", "--timestamp"]
    files = [str(path) for path in libraries(app)]
    batches = [files[i : i + AT_ONCE] for i in range(0, len(files), AT_ONCE)]
    whole = [*base, "--entitlements", str(ENTITLEMENTS), str(app)]
    inside = [[*base, str(path)] for path in frameworks(app)]
    return [*([*base, *batch] for batch in batches), *inside, whole]


def sign(app: Path, identity: str, run: Run = run) -> None:
    """Sign, and verify.

    Raises:
        CalledProcessError: a tool refused.
    """
    for command in signing(app, identity):
        run(command)
    run(["codesign", "--verify", "--deep", "--strict", str(app)])


def notarise(file: Path, environment: Mapping[str, str], run: Run = run) -> str | None:
    """Send a file to Apple and wait; what was wrong with it, or None.

    The tool ends with 0 also when the answer is no: only the status counts.

    Raises:
        CalledProcessError: the tool failed.
        KeyError: one of NOTARY_VARIABLES is not set.
    """
    key, key_id, issuer = (environment[name] for name in NOTARY_VARIABLES)
    who = ["--key", key, "--key-id", key_id, "--issuer", issuer]
    form = ["--output-format", "json"]
    answer = json.loads(run(["xcrun", "notarytool", "submit", str(file), *who, "--wait", *form]))
    if answer.get("status") == "Accepted":
        return None
    log = run(["xcrun", "notarytool", "log", str(answer["id"]), *who]) if "id" in answer else ""
    return f"{answer.get('status', 'no status')}: {answer.get('message', '')}\n{log}".rstrip()


def main(words: list[str]) -> int:
    """Do what the words say; 1 where Apple says no."""
    match words:
        case ["sign", app, identity] if identity and Path(app).is_dir():
            sign(Path(app), identity)
        case ["notarise", file] if Path(file).is_file():
            missing = [name for name in NOTARY_VARIABLES if not os.environ.get(name)]
            if missing:
                print(f"Landfall: {', '.join(missing)} must be set.", file=sys.stderr)
                return 2
            if (problem := notarise(Path(file), os.environ)) is not None:
                print(f"Landfall: {file} was not notarised. {problem}", file=sys.stderr)
                return 1
        case _:
            print("usage: sign.py sign APP IDENTITY | sign.py notarise FILE", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
