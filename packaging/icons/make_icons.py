"""Render the drawings of resources/icons to what the desktops want; twice the same bytes.

    python packaging/icons/make_icons.py build/icons      # all of them
    python packaging/icons/make_icons.py --resources      # those that the running window shows

The folder gets `hicolor/` (an icon theme as the desktop specification lays it out, to be copied
to /usr/share/icons), `landfall.ico` and `landfall-document.ico` for Windows, `landfall.icns` and
`landfall-document.icns` for macOS. Needs PySide6 (QtSvg) and no display.
"""

from __future__ import annotations

import shutil
import struct
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))

import product  # noqa: E402

DRAWINGS = ROOT / "resources" / "icons"
HICOLOR_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
WINDOW_SIZES = (16, 24, 32, 48, 64, 128, 256)
"""What window managers, task bars and docks ask for; kept rendered, so that no window needs SVG."""
SMALL_UNTIL = 40
"""Up to here the drawing on a grid of 16 is crisper than the large one."""
DOCUMENT_ICON = f"{product.APP_ID}-document"
"""Its name in the theme; the description of the MIME type names it."""

# Apple's grid puts a rounded square of 824 into a canvas of 1024; the large drawing fills 480 of
# 512 and the small one all of its 16.
_MAC_LARGE = (824 / 1024) / (480 / 512)
_MAC_SMALL = 14 / 16

Render = Callable[[int], QImage]


def app_icon(size: int) -> QImage:
    """The program's icon, `size` pixels wide and high."""
    return _rendered(_drawing("landfall", size), size, 1)


def document_icon(size: int) -> QImage:
    """The icon of a workload file."""
    return _rendered(_drawing("landfall-document", size), size, 1)


def mac_app_icon(size: int) -> QImage:
    """As macOS wants it: with air around."""
    small = size <= SMALL_UNTIL
    return _rendered(_drawing("landfall", size), size, _MAC_SMALL if small else _MAC_LARGE)


def _drawing(name: str, size: int) -> Path:
    return DRAWINGS / (f"{name}-small.svg" if size <= SMALL_UNTIL else f"{name}.svg")


def _rendered(drawing: Path, size: int, scale: float) -> QImage:
    renderer = QSvgRenderer(str(drawing))
    if not renderer.isValid():
        raise SystemExit(f"{drawing} is not an SVG that QtSvg reads.")
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    image.setDotsPerMeterX(3780)
    image.setDotsPerMeterY(3780)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inset = size * (1 - scale) / 2
    renderer.render(painter, QRectF(inset, inset, size - 2 * inset, size - 2 * inset))
    painter.end()
    return image.convertToFormat(QImage.Format.Format_ARGB32)


def png(image: QImage) -> bytes:
    """Without a time or a name in it."""
    kept = QByteArray()
    buffer = QBuffer(kept)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG", 0):  # 0 is best compression, as Qt counts
        raise SystemExit("Qt cannot write PNG here.")
    return kept.data()


def ico(render: Render) -> bytes:
    """An icon of Windows: bitmaps while they are small, since old readers know no PNG, then PNG.

    Source of the layout: Microsoft, "Icons" (ICONDIR, ICONDIRENTRY, BITMAPINFOHEADER).
    """
    entries, bodies = [], []
    offset = 6 + 16 * len(ICO_SIZES)
    for size in ICO_SIZES:
        image = render(size)
        body = _bitmap(image) if size < 64 else png(image)
        # 256 does not fit into a byte and is written as 0.
        entries.append(
            struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(body), offset)
        )
        bodies.append(body)
        offset += len(body)
    return struct.pack("<HHH", 0, 1, len(ICO_SIZES)) + b"".join(entries) + b"".join(bodies)


def _bitmap(image: QImage) -> bytes:
    """Blue, green, red, alpha from the bottom row up, then the mask of one bit a pixel."""
    size = image.width()
    header = struct.pack("<IiiHHIIiiII", 40, size, 2 * size, 1, 32, 0, 0, 0, 0, 0, 0)
    rows = _rows(image)
    mask_row_bytes = (size + 31) // 32 * 4
    mask = b"".join(_mask_row(row).ljust(mask_row_bytes, b"\0") for row in reversed(rows))
    return header + b"".join(reversed(rows)) + mask


def _rows(image: QImage) -> list[bytes]:
    """Little-endian ARGB32 is blue, green, red, alpha in memory."""
    pixels, stride, width = bytes(image.constBits()), image.bytesPerLine(), image.width()
    return [pixels[y * stride : y * stride + 4 * width] for y in range(image.height())]


def _mask_row(row: bytes) -> bytes:
    alphas = row[3::4]
    out = bytearray((len(alphas) + 7) // 8)
    for x, alpha in enumerate(alphas):
        if alpha == 0:
            out[x // 8] |= 0x80 >> (x % 8)
    return bytes(out)


def icns(render: Render) -> bytes:
    """An icon of macOS.

    16 and 32 pixels are colour and mask, since PNG of these sizes is shown wrong by some systems;
    the rest is PNG, with the sizes for screens of double density.
    """
    parts = [
        *_colour_and_mask(render(16), b"is32", b"s8mk"),
        *_colour_and_mask(render(32), b"il32", b"l8mk"),
    ]
    sizes = {b"ic11": 32, b"ic12": 64, b"ic07": 128, b"ic13": 256, b"ic08": 256}
    sizes |= {b"ic14": 512, b"ic09": 512, b"ic10": 1024}
    parts += [(kind, png(render(size))) for kind, size in sizes.items()]
    body = b"".join(kind + struct.pack(">I", 8 + len(data)) + data for kind, data in parts)
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def _colour_and_mask(image: QImage, colour: bytes, mask: bytes) -> list[tuple[bytes, bytes]]:
    pixels = b"".join(_rows(image))
    channels = (pixels[2::4], pixels[1::4], pixels[0::4])
    return [(colour, b"".join(map(_literal_runs, channels))), (mask, pixels[3::4])]


def _literal_runs(channel: bytes) -> bytes:
    """The run-length form of ICNS with nothing repeated: a count less one, then that many bytes."""
    cut: Iterable[bytes] = (channel[i : i + 128] for i in range(0, len(channel), 128))
    return b"".join(bytes([len(run) - 1]) + run for run in cut)


def make_all(folder: Path) -> None:
    """Everything for the packages, below `folder`."""
    theme = folder / "hicolor"
    for size in HICOLOR_SIZES:
        place = theme / f"{size}x{size}"
        _write(place / "apps" / f"{product.APP_ID}.png", png(app_icon(size)))
        _write(place / "mimetypes" / f"{DOCUMENT_ICON}.png", png(document_icon(size)))
    _copy("landfall.svg", theme / "scalable" / "apps" / f"{product.APP_ID}.svg")
    _copy("landfall-document.svg", theme / "scalable" / "mimetypes" / f"{DOCUMENT_ICON}.svg")
    _write(folder / "landfall.ico", ico(app_icon))
    _write(folder / "landfall-document.ico", ico(document_icon))
    _write(folder / "landfall.icns", icns(mac_app_icon))
    _write(folder / "landfall-document.icns", icns(document_icon))


def make_resources(folder: Path = DRAWINGS) -> None:
    """The rendered icons of the running window, which are kept beside the drawings."""
    for size in WINDOW_SIZES:
        _write(folder / f"landfall-{size}.png", png(app_icon(size)))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _copy(drawing: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(DRAWINGS / drawing, path)


def main(words: list[str]) -> int:
    if words == ["--resources"]:
        make_resources()
    elif len(words) == 1 and not words[0].startswith("-"):
        make_all(Path(words[0]))
    else:
        print("usage: python packaging/icons/make_icons.py FOLDER|--resources", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
