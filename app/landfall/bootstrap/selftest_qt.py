"""Steps of the self-test that look at what Qt brings: fonts, plug-ins, pictures, translations."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QCoreApplication,
    QIODevice,
    QLibraryInfo,
    QPluginLoader,
    QTranslator,
)
from PySide6.QtGui import QColor, QFontInfo, QImage, QPainter
from PySide6.QtWidgets import QApplication

from landfall.core.percent import percent
from landfall.gui import language
from landfall.gui.compiled_words import is_sound
from landfall.gui.letters import NONE, has_letters
from landfall.gui.sentences import CONTEXT
from landfall.services import apart, resources

_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"\
 fill="#ff0000"/></svg>'
_FORMATS = ("PNG", "JPG", "ICO")
_LEAST_SAID = 0.9
"""What is the same in both languages is left out of a compiled translation: 4 % of the German."""
_SYSTEMS = {"darwin": ("cocoa",), "win32": ("windows",)}


def _application() -> QApplication:
    """That of the window.

    Raises:
        RuntimeError: it could not be made.
    """
    found = QApplication.instance()
    if not isinstance(found, QApplication):
        raise RuntimeError("there is no application: the step of the window failed")
    return found


def fonts() -> str:
    """Letters have shapes: without any font each of them is the same box."""
    font = _application().font()
    if not has_letters(font):
        raise NONE
    pictures = {bytes(_letter(letter).constBits()) for letter in "AgW8"}
    if len(pictures) < 4:
        raise RuntimeError(f"letters of {font.family()} look the same")
    return QFontInfo(font).family()


def _letter(letter: str) -> QImage:
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    with QPainter(image) as painter:
        painter.setFont(_application().font())
        painter.drawText(image.rect(), letter)
    return image


def plugins() -> str:
    """The platforms that show a window here; on Linux one of two has to load, by its libraries."""
    _application()
    wanted = _SYSTEMS.get(sys.platform, ("wayland", "xcb"))
    loads = {name: _loads(name) for name in wanted}
    good = [name for name, why_not in loads.items() if not why_not]
    if not good:
        raise RuntimeError("; ".join(why_not for why_not in loads.values()))
    bad = [f"{name} does not load: {why_not}" for name, why_not in loads.items() if why_not]
    return ", ".join([*good, *bad])


def _loads(platform: str) -> str:
    """Why a platform's plug-in does not load, or ""."""
    folders = [Path(path) / "platforms" for path in QCoreApplication.libraryPaths()]
    for folder in folders:
        for file in folder.glob(f"*q{platform}.*"):
            loader = QPluginLoader(str(file))
            return "" if loader.load() else loader.errorString()
    return f"{platform} is in none of {', '.join(map(str, folders))}"


def pictures() -> str:
    """Write and read one picture of each format, and draw an SVG through the image reader."""
    _application()
    red = QColor("#ff0000")
    drawn = QImage.fromData(QByteArray(_SVG), "SVG")  # type: ignore[arg-type]
    if drawn.isNull() or drawn.pixelColor(4, 4) != red:
        raise RuntimeError("SVG pictures cannot be read")
    for kind in _FORMATS:
        held = QByteArray()
        buffer = QBuffer(held)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        written = drawn.save(buffer, kind)  # type: ignore[call-overload]
        if not written or QImage.fromData(held, kind).isNull():  # type: ignore[arg-type]
            raise RuntimeError(f"{kind} pictures cannot be written and read")
    return ", ".join(("SVG", *_FORMATS))


def translations() -> str:
    """Load the translation for every language that is offered, with Qt's own words for it, and ask
    ours for every sentence.

    Qt loads one that is damaged in its middle without a word, and may die of reading it: a process
    of its own does.

    Raises:
        RuntimeError: one is missing, is none, or lacks sentences.
    """
    _application()
    folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    found = []
    for spoken in language.NAMES:
        if spoken == language.ENGLISH:
            continue
        ours = resources.folder() / "translations" / f"landfall_{spoken}.qm"
        for file in (ours, folder / f"qtbase_{spoken}.qm"):
            _loaded(file)
            if not is_sound(file):
                raise RuntimeError(f"{file} is damaged")
        try:
            share = asyncio.run(apart.call(f"{__name__}:{share_said.__name__}", ours))
        except apart.Failed as error:
            raise RuntimeError(f"{ours} is damaged, to read it fails: {error}") from error
        if share < _LEAST_SAID:
            raise RuntimeError(f"{ours} is damaged: it knows {percent(share)} of the sentences")
        found.append(ours.name)
    return ", ".join(found)


def share_said(file: Path) -> float:
    """In a child: the share of the sentences that a translation knows."""
    sentences: list[str] = resources.read_json("translations/sentences.json")
    translator = _loaded(file)
    said = sum(bool(translator.translate(CONTEXT, text)) for text in sentences)
    return said / len(sentences)


def _loaded(file: Path) -> QTranslator:
    translator = QTranslator()
    if not translator.load(str(file)) or translator.isEmpty():
        raise RuntimeError(f"{file} is no translation")
    return translator
