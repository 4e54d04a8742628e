"""What an error says is to be done, and what a long wait may mean, in words of the window."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.errors import AppError, BadInput
from landfall.gui.translated import translated

if TYPE_CHECKING:
    from landfall.core.run.long_wait import LongWait

COMMAND_LINE = ("`landfall ", "(--", " --")
"""By these, advice for the command line is known: nobody types that into a window."""

KEY_COMMAND = "`landfall key"


_TICKED = re.compile(r"`([^`]+)`")


def for_command_line(hint: str) -> bool:
    """Whether it tells what to type into a command line."""
    return any(sign in hint for sign in COMMAND_LINE)


def window_hint(hint: str) -> str:
    """The hint of an error; of one for the command line what is done here instead, or ""."""
    if not for_command_line(hint):
        return hint
    if KEY_COMMAND in hint:
        return QCoreApplication.translate("hints", "Look at its key on the Cloud page.")
    return ""


def quoted(text: str) -> str:
    """Quotation marks in place of the backticks of a terminal, in what is said already."""
    return _TICKED.sub("\u201c\\1\u201d", text)


def message_words(error: AppError) -> str:
    """What happened, as the window says it."""
    return quoted(translated(error.message))


def hint_words(error: AppError) -> str:
    """What to do, as the window says it; "" where only a command line could."""
    return quoted(translated(window_hint(error.hint)))


def place_words(error: BaseException) -> str:
    """Which line of which file an error is about: "prompts.jsonl, line 6"; "" where it says so
    itself, or is about none. A command line prints it before the message."""
    if not isinstance(error, BadInput) or not error.file or not error.line:
        return ""
    if re.search(rf"line {error.line}\b", error.message):
        return ""
    words = QCoreApplication.translate("hints", "{0}, line {1}")
    return words.format(PurePath(error.file).name, error.line)


def error_words(error: AppError) -> str:
    """Both, one after the other."""
    return f"{message_words(error)} {hint_words(error)}".strip()


def waiting_words(waiting: LongWait) -> str:
    """That nothing of an answer comes, and what may be the reason."""
    return f"{translated(waiting.message)} {translated(waiting.hint)}".strip()


def failure_words(error: BaseException) -> str:
    """The same; of what is no failure of ours, what it says of itself."""
    return error_words(error) if isinstance(error, AppError) else str(error)


def file_failure_words(error: BaseException) -> str:
    """The same of a file, with the line that it is about."""
    return ": ".join(filter(None, (place_words(error), failure_words(error))))
