"""What Landfall.app says of itself: the values of its Info.plist, without macOS or PyInstaller.

    python packaging/macos/bundle.py          # prints the plist
    python packaging/macos/bundle.py name     # of the disk image, without suffix and state

The recipe of the frozen program gives `info_plist()` to its BUNDLE. Keys and their meaning: Apple,
"Information Property List" and "Defining file and data types for your app".
Not run on a Mac yet: the tests read the values and the files that they name.
"""

from __future__ import annotations

import platform
import plistlib
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))

import product  # noqa: E402

MINIMUM_SYSTEM = "13.0"
"""What Qt 6.11 asks for (doc.qt.io/qt-6.11/macos.html), and PySide6's wheels by their tag."""
DOCUMENT_TYPE = "app.landfall.workload"
"""Our uniform type identifier; it never changes."""
DOCUMENT_ICON = f"{product.NAME}-document.icns"
ICON_FOLDER = "build/icons"
"""Where packaging/icons/make_icons.py puts it, from the root."""
CATEGORY = "public.app-category.developer-tools"

LOCAL_NETWORK = (
    "Landfall reaches an Ollama on another machine, or a smart plug, only where you name one."
)


def info_plist() -> dict[str, Any]:
    """Every value that is ours; PyInstaller adds the name of the executable and of the icon."""
    return {
        "CFBundleIdentifier": product.APP_ID,
        "CFBundleName": product.TITLE,
        "CFBundleDisplayName": product.TITLE,
        "CFBundleShortVersionString": numbers(product.version()),
        "CFBundleVersion": numbers(product.version()),
        "CFBundleDevelopmentRegion": "en",
        # The language of the menus that the system itself brings follows the user's.
        "CFBundleLocalizations": list(product.languages()),
        "CFBundleDocumentTypes": [_own_document(), _other_documents()],
        "UTExportedTypeDeclarations": [_own_type()],
        "UTImportedTypeDeclarations": [_toml_type()],
        "LSApplicationCategoryType": CATEGORY,
        "LSMinimumSystemVersion": MINIMUM_SYSTEM,
        "NSHighResolutionCapable": True,
        "NSPrincipalClass": "NSApplication",
        # Since macOS 15 the system asks before a program reaches another machine of the network.
        "NSLocalNetworkUsageDescription": LOCAL_NETWORK,
        "NSSupportsAutomaticGraphicsSwitching": True,
        "NSRequiresAquaSystemAppearance": False,
        "NSHumanReadableCopyright": f"{product.AUTHORS}, {product.LICENCE} licence",
    }


def data_files() -> list[tuple[str, str]]:
    """What the plist names and PyInstaller does not bring: file, and folder in Resources."""
    return [(str(ROOT / ICON_FOLDER / DOCUMENT_ICON), ".")]


def numbers(version: str) -> str:
    """The part of a version that macOS reads: up to three whole numbers ("0.4.0rc1": "0.4.0").

    Raises:
        ValueError: it does not begin with a number.
    """
    found = product.numbers(version)
    if not found:
        raise ValueError(f"The version {version} does not begin with a number.")
    return ".".join(found[:3])


def _own_document() -> dict[str, Any]:
    return {
        "CFBundleTypeName": f"{product.TITLE} workload",
        "CFBundleTypeRole": "Editor",
        "CFBundleTypeIconFile": DOCUMENT_ICON,
        "LSItemContentTypes": [DOCUMENT_TYPE],
        "LSHandlerRank": "Owner",
    }


def _other_documents() -> dict[str, Any]:
    """A workload may be a plain `.toml`: offered under "Open With", never taken from an editor."""
    return {
        "CFBundleTypeName": "TOML document",
        "CFBundleTypeRole": "Viewer",
        "LSItemContentTypes": ["public.toml"],
        "LSHandlerRank": "Alternate",
    }


def _own_type() -> dict[str, Any]:
    return {
        "UTTypeIdentifier": DOCUMENT_TYPE,
        "UTTypeDescription": f"{product.TITLE} workload",
        "UTTypeIconFile": DOCUMENT_ICON,
        # It is TOML, which is text: Quick Look shows it.
        "UTTypeConformsTo": ["public.utf8-plain-text"],
        "UTTypeTagSpecification": {
            "public.filename-extension": [product.DOCUMENT_SUFFIX.removeprefix(".")],
            "public.mime-type": [product.DOCUMENT_MIME],
        },
    }


def _toml_type() -> dict[str, Any]:
    """Imported: a system that knows no TOML learns the suffix, and one that does keeps its own."""
    return {
        "UTTypeIdentifier": "public.toml",
        "UTTypeDescription": "TOML document",
        "UTTypeConformsTo": ["public.utf8-plain-text"],
        "UTTypeTagSpecification": {
            "public.filename-extension": ["toml"],
            "public.mime-type": ["application/toml"],
        },
    }


def image_name(machine: str) -> str:
    """Of the disk image, without state and `.dmg`; machine as `platform.machine()` says it."""
    return f"{product.NAME}-{product.version()}-macos-{machine}"


def main(words: list[str]) -> int:
    """Print the plist or the name."""
    match words:
        case []:
            sys.stdout.write(plistlib.dumps(info_plist()).decode())
        case ["name"]:
            print(image_name(platform.machine()))
        case _:
            print("usage: python packaging/macos/bundle.py [name]", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
