"""What is missing where no server of models answers, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.hosts.runtime import RuntimeState
from landfall.gui.translated import all_translated

if TYPE_CHECKING:
    from landfall.core.hosts.runtime import Runtime

DOWNLOAD_PAGE = "https://ollama.com/download"


class Remedy(Enum):
    """What brings a server."""

    INSTALL = "install"
    START = "start"
    LOOK = "look"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Why none answers.

    Attributes:
        title: What is the case. text: what it means. action: words on the button.
    """

    remedy: Remedy
    title: str
    text: str
    action: str


def answers(runtimes: tuple[Runtime, ...] | None) -> bool:
    """Whether a server answers, here or elsewhere."""
    if not runtimes:
        return False
    first = runtimes[0]
    alive = first.state in (RuntimeState.RUNNING, RuntimeState.REMOTE)
    return alive and first.version is not None


def is_here(runtimes: tuple[Runtime, ...] | None) -> bool:
    """Whether the server in use is on this machine."""
    return bool(runtimes) and runtimes is not None and runtimes[0].state is RuntimeState.RUNNING


def missing(runtimes: tuple[Runtime, ...] | None) -> Missing | None:
    """What is missing; None where a server answers or is still looked for."""
    if runtimes is None or answers(runtimes):
        return None
    first = runtimes[0] if runtimes else None
    if first is None or first.state is RuntimeState.ABSENT:
        return Missing(
            remedy=Remedy.INSTALL,
            title=_tr("Ollama is not installed"),
            text=_tr(
                "Ollama stores and runs the models. Its page has the installer for this system;"
                " one on another machine of yours can be used as well."
            ),
            action=_tr("Get Ollama"),
        )
    if first.state is RuntimeState.STOPPED:
        return Missing(
            remedy=Remedy.START,
            title=_tr("Ollama is installed and stopped"),
            text=_tr("It does not answer at {0}. It can be started from here.").format(first.url),
            action=_tr("Start Ollama"),
        )
    unsaid = _tr("See that it runs there and that the network to it works.")
    return Missing(
        remedy=Remedy.LOOK,
        title=_tr("Ollama does not answer at {0}").format(first.url)
        if first.is_ollama
        else _tr("{0} does not answer").format(first.name),
        text=unsaid if first.is_ollama else " ".join(all_translated(first.warnings)) or unsaid,
        action=_tr("Check again"),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("server", text)
