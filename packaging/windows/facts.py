"""Writes what the installer says of the program as NSIS definitions; from `packaging/product.py`.

python packaging/windows/facts.py PAYLOAD OUTPUT >build/windows/facts.nsh
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))

import product  # noqa: E402

ICONS = Path("build") / "icons"


def definitions(payload: Path, output: str) -> dict[str, str]:
    """What `landfall.nsi` reads.

    Args:
        payload: The frozen program, a folder.
        output: The installer that is made.
    """
    version = product.version()
    return {
        "NAME": product.NAME,
        "TITLE": product.TITLE,
        "VERSION": version,
        "FOUR_NUMBERS": four_numbers(version),
        "SUMMARY": product.SUMMARY,
        "PUBLISHER": product.AUTHORS,
        "APP_ID": product.APP_ID,
        "DOCUMENT_SUFFIX": product.DOCUMENT_SUFFIX,
        "DOCUMENT_MIME": product.DOCUMENT_MIME,
        "PAYLOAD": str(payload),
        "SIZE_KIB": str(size_kib(payload)),
        "OUTPUT": output,
        "ICON": str(ICONS / "landfall.ico"),
        "DOCUMENT_ICON": str(ICONS / "landfall-document.ico"),
    }


def four_numbers(version: str) -> str:
    """As the version resource of Windows wants it: "1.2.3rc1" becomes "1.2.3.0"."""
    return ".".join((product.numbers(version) + ["0"] * 4)[:4])


def size_kib(folder: Path) -> int:
    """Of the files in it: what the list of installed programs shows."""
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file()) // 1024


def nsis(values: dict[str, str]) -> str:
    """The definitions in the installer's language, where `$` begins a variable."""
    lines = []
    for name, value in values.items():
        text = value.replace("$", "$$").replace('"', '$\\"')
        lines.append(f'!define {name} "{text}"\n')
    return "".join(lines)


def main(words: list[str]) -> int:
    """Print the definitions."""
    if len(words) != 2:
        print("usage: python packaging/windows/facts.py PAYLOAD OUTPUT", file=sys.stderr)
        return 2
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print(nsis(definitions(Path(words[0]), words[1])), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
