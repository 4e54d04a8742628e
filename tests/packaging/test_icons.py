"""The icons: what is kept is what the drawings give, and the containers hold what they say."""

from __future__ import annotations

import importlib
import struct
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtGui import QImage

from landfall.gui import qt_icons

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "resources" / "icons"
PNG = b"\x89PNG\r\n\x1a\n"
DRAWINGS = sorted(path.name for path in KEPT.glob("*.svg"))
BYTES_AT_MOST = 8  # of 255: another Qt rounds edges a little otherwise


@pytest.fixture(scope="module")
def maker() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "packaging" / "icons")
        yield importlib.import_module("make_icons")


@pytest.fixture(scope="module")
def made(maker: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("icons")
    maker.make_all(folder)
    return folder


def test_that_the_window_asks_for_the_sizes_that_are_rendered(maker: ModuleType) -> None:
    assert maker.WINDOW_SIZES == qt_icons.WINDOW_ICON_SIZES


def test_that_the_kept_pictures_are_those_of_the_drawings(maker: ModuleType) -> None:
    assert {path.name for path in KEPT.glob("*.png")} == {
        f"landfall-{size}.png" for size in maker.WINDOW_SIZES
    }
    for size in maker.WINDOW_SIZES:
        kept = QImage(str(KEPT / f"landfall-{size}.png"))
        assert _furthest_bytes(kept, maker.app_icon(size)) <= BYTES_AT_MOST, size


def _furthest_bytes(a: QImage, b: QImage) -> int:
    form = QImage.Format.Format_ARGB32_Premultiplied
    a, b = a.convertToFormat(form), b.convertToFormat(form)
    assert a.size() == b.size()
    pairs = zip(bytes(a.constBits()), bytes(b.constBits()), strict=True)
    return max(abs(x - y) for x, y in pairs)


def test_that_two_runs_give_the_same_bytes(maker: ModuleType, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        maker.make_all(tmp_path / folder)
        maker.make_resources(tmp_path / folder / "resources")
    one = {p.relative_to(tmp_path / "one"): p for p in (tmp_path / "one").rglob("*.*")}
    two = {p.relative_to(tmp_path / "two"): p for p in (tmp_path / "two").rglob("*.*")}
    assert one.keys() == two.keys()
    for name, path in one.items():
        if path.is_file():
            assert path.read_bytes() == two[name].read_bytes(), name


def test_that_the_theme_has_both_icons_in_every_size_under_our_identity(
    made: Path, maker: ModuleType
) -> None:
    app_id = maker.product.APP_ID
    for size in maker.HICOLOR_SIZES:
        folder = made / "hicolor" / f"{size}x{size}"
        for place in (f"apps/{app_id}.png", f"mimetypes/{app_id}-document.png"):
            picture = QImage(str(folder / place))
            assert (picture.width(), picture.height()) == (size, size)
    assert (made / "hicolor" / "scalable" / "apps" / f"{app_id}.svg").is_file()
    assert (made / "hicolor" / "scalable" / "mimetypes" / f"{app_id}-document.svg").is_file()


@pytest.mark.parametrize("name", ["landfall.ico", "landfall-document.ico"])
def test_that_an_icon_of_windows_has_bitmaps_when_small_and_png_when_large(
    made: Path, maker: ModuleType, name: str
) -> None:
    data = (made / name).read_bytes()
    assert struct.unpack_from("<HHH", data) == (0, 1, len(maker.ICO_SIZES))
    end = 6 + 16 * len(maker.ICO_SIZES)
    for i, size in enumerate(maker.ICO_SIZES):
        width, height, _, _, _, bits, count, offset = struct.unpack_from(
            "<BBBBHHII", data, 6 + 16 * i
        )
        assert (width, height, bits, offset) == (size % 256, size % 256, 32, end)
        body = data[offset : offset + count]
        end = offset + count
        if size >= 64:
            assert QImage.fromData(body).width() == size
        else:
            assert struct.unpack_from("<Iii", body) == (40, size, 2 * size)
            assert count == 40 + 4 * size * size + (size + 31) // 32 * 4 * size
    assert end == len(data)


def test_that_the_bitmap_in_an_icon_of_windows_is_the_picture_bottom_up(
    made: Path, maker: ModuleType
) -> None:
    data = (made / "landfall.ico").read_bytes()
    offset = struct.unpack_from("<I", data, 6 + 12)[0]
    pixels = data[offset + 40 : offset + 40 + 4 * 16 * 16]
    picture = maker.app_icon(16)
    for x, y in ((0, 0), (8, 3), (8, 7), (8, 14), (15, 15)):
        at = 4 * (16 * (15 - y) + x)
        colour = picture.pixelColor(x, y)
        assert tuple(pixels[at : at + 4]) == (
            colour.blue(),
            colour.green(),
            colour.red(),
            colour.alpha(),
        )


@pytest.mark.parametrize("name", ["landfall.icns", "landfall-document.icns"])
def test_that_an_icon_of_macos_has_every_size_for_both_densities(made: Path, name: str) -> None:
    parts = _parts((made / name).read_bytes())
    sizes = {b"ic11": 32, b"ic12": 64, b"ic07": 128, b"ic13": 256, b"ic08": 256}
    sizes |= {b"ic14": 512, b"ic09": 512, b"ic10": 1024}
    assert parts.keys() == {b"is32", b"s8mk", b"il32", b"l8mk", *sizes}
    for kind, size in sizes.items():
        assert parts[kind].startswith(PNG)
        assert QImage.fromData(parts[kind]).width() == size
    assert len(_unpacked(parts[b"is32"])) == 3 * 16 * 16
    assert len(parts[b"s8mk"]) == 16 * 16
    assert len(_unpacked(parts[b"il32"])) == 3 * 32 * 32
    assert len(parts[b"l8mk"]) == 32 * 32


def _parts(data: bytes) -> dict[bytes, bytes]:
    assert data[:4] == b"icns"
    assert struct.unpack_from(">I", data, 4)[0] == len(data)
    parts, at = {}, 8
    while at < len(data):
        kind, length = struct.unpack_from(">4sI", data, at)
        parts[kind] = data[at + 8 : at + length]
        at += length
    assert at == len(data)
    return parts


def _unpacked(packed: bytes) -> bytes:
    """The run-length form as its readers read it."""
    out, at = bytearray(), 0
    while at < len(packed):
        count = packed[at]
        if count < 128:
            out += packed[at + 1 : at + 2 + count]
            at += 2 + count
        else:
            out += bytes([packed[at + 1]]) * (count - 125)
            at += 2
    return bytes(out)


def test_that_the_icon_of_the_dock_has_air_around_it(maker: ModuleType) -> None:
    picture = maker.mac_app_icon(1024)
    middle = 512
    inside = [x for x in range(1024) if picture.pixelColor(x, middle).alpha() > 0]
    assert abs(inside[0] - 100) <= 1
    assert abs(inside[-1] - 923) <= 1


@pytest.mark.parametrize("name", DRAWINGS)
def test_that_a_drawing_is_plain_svg_with_a_title_and_nothing_from_elsewhere(name: str) -> None:
    root = ET.parse(KEPT / name).getroot()
    kinds = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert kinds <= {
        *("svg", "title", "defs", "linearGradient", "stop", "rect", "path", "circle"),
    }
    assert root.find("{http://www.w3.org/2000/svg}title") is not None
    assert "href" not in (KEPT / name).read_text(encoding="utf-8")


def test_that_a_drawing_that_is_none_stops_it(maker: ModuleType, tmp_path: Path) -> None:
    broken = tmp_path / "broken.svg"
    broken.write_text("<svg", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"broken\.svg"):
        maker._rendered(broken, 16, 1)


def test_that_wrong_words_are_answered_with_the_usage(
    maker: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert maker.main([]) == 2
    assert maker.main(["--all"]) == 2
    assert "usage" in capsys.readouterr().err
