"""The language of the window: which one, its words, and its way to write numbers and dates.

Words and numbers go together: "1,234" is a thousand in English and little more than one in German,
so a window never has the words of one language and the digits of another.
"""

from __future__ import annotations

import logging
from importlib import import_module
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from landfall.gui import translated

_log = logging.getLogger(__name__)

ENGLISH = "en"
NAMES = {ENGLISH: "English", "de": "Deutsch"}
"""What the window speaks, each by its own name. To add one: packaging/translations/update.py."""


def spoken_for(choice: str) -> str:
    """The language for what the user chose; "" and what we do not speak is the system's, if we
    speak that, else English."""
    if choice in NAMES:
        return choice
    for tag in QLocale.system().uiLanguages():
        language = tag.replace("_", "-").partition("-")[0].lower()
        if language in NAMES:
            return language
    return ENGLISH


def use(application: QCoreApplication, choice: str) -> str:
    """Speak it from now on; call before any widget is made. Returns the language: English where the
    words of another are missing or damaged."""
    language = spoken_for(choice)
    if language != ENGLISH and not _has_words(application, language):
        language = ENGLISH
    translated.forget()
    QLocale.setDefault(locale_of(language))
    if language != ENGLISH:
        qt = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
        _speaks(application, qt / f"qtbase_{language}.qm")
    return language


def _has_words(application: QCoreApplication, language: str) -> bool:
    """Take its words, and what reads its sentences. Imported here: English does without, and
    another language would have it in a window that shows already."""
    resources: Any = import_module("landfall.services.resources")
    import_module("landfall.gui.sentences")
    ours: Path = resources.folder() / "translations" / f"landfall_{language}.qm"
    speaks = _speaks(application, ours)
    if not speaks:
        _log.warning("%s cannot be read: the window speaks English", ours)
    return speaks


def _speaks(application: QCoreApplication, file: Path) -> bool:
    compiled: Any = import_module("landfall.gui.compiled_words")
    if not compiled.is_sound(file):
        return False  # Qt would load it, and may end the process at one of its words
    translator = QTranslator(application)
    return translator.load(str(file)) and application.installTranslator(translator)


def use_alone(choice: str) -> None:
    """The same in a process that answers for the window and has none; nothing where one is.

    Qt keeps translations in the application, so that there has to be one, without a loop of events.
    """
    if QCoreApplication.instance() is None:
        _alone.append(QCoreApplication(["landfall"]))
        use(_alone[0], choice)


_alone: list[QCoreApplication] = []
"""It lives as long as its process."""


def locale_of(language: str) -> QLocale:
    """How numbers and dates are written: as the system does where it speaks the language."""
    system = QLocale.system()
    plain = system.language() in (QLocale.Language.C, QLocale.Language.AnyLanguage)
    if not plain and system.bcp47Name().partition("-")[0] == language:
        # By its name: the system's own would write all money with cents, on Windows and macOS.
        return QLocale(system.name())
    return QLocale("en_US" if language == ENGLISH else language)
