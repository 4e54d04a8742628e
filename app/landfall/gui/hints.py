"""What an error says is to be done, in words of the window."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

COMMAND_LINE = ("`landfall ", "(--", " --")
"""By these, advice for the command line is known: nobody types that into a window."""

KEY_COMMAND = "`landfall key"


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
