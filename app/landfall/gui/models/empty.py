"""What stands in the place of a list of models: loading, no server, nothing there, nothing fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from landfall.gui.server_state import Missing
from landfall.gui.widgets.feedback import EmptyState, Skeleton
from landfall.gui.widgets.layout import Button, ButtonKind, Card, button

_LOADING_ROWS = 7


@dataclass(frozen=True, slots=True)
class Step:
    """A button of an empty place: its object name, its words, what it does."""

    name: str
    words: str
    act: Callable[[], object]
    kind: ButtonKind = "secondary"
    icon: str = ""

    def make(self) -> Button:
        """The button itself."""
        out = button(self.words, self.kind, icon=self.icon)
        out.setObjectName(self.name)
        out.clicked.connect(self.act)
        return out


def _tr(text: str) -> str:
    return QCoreApplication.translate("models", text)


def loading() -> Card:
    """Still bars where a table will be."""
    return Card().add(Skeleton(*(640, 520) * _LOADING_ROWS, bar=14)).fill()


def no_server(
    lacks: Missing, *, connect: Callable[[], object], act: Callable[[], object]
) -> QWidget:
    """No server answers: what brings one, and what works without."""
    other = Step("connect-host", _tr("Add a host\u2026"), connect, icon="server")
    works = _tr("Recommendations, fit, prices and provisional verdicts work without it.")
    state = EmptyState(
        "models",
        lacks.title,
        lacks.text,
        other.make(),
        Step("server-action", lacks.action, act, "primary").make(),
        footnote=works,
    )
    return Card().add(state)


def nothing_installed(find: Callable[[], object]) -> QWidget:
    """The server's disk holds no model."""
    text = _tr("The recommended ones fit this machine; a pull checks the disk first.")
    step = Step("nothing-installed", _tr("Find a model"), find, "primary")
    title = _tr("No model is installed yet")
    return Card().add(EmptyState("models", title, text, step.make()))


def nothing_loaded(show: Callable[[], object]) -> QWidget:
    """The server's memory holds no model."""
    text = _tr("A model is loaded when it is first asked, or from Installed.")
    step = Step("nothing-running", _tr("Show installed"), show, "primary")
    title = _tr("No model is in memory")
    return Card().add(EmptyState("models", title, text, step.make()))


def machine_unknown(error: str) -> QWidget:
    """Nothing can be ranked."""
    title = _tr("Without the machine nothing can be ranked")
    return Card().add(EmptyState("machine", title, error))


def nothing_left_out() -> QWidget:
    """Everything is recommended."""
    text = _tr("Every model of the catalogue that suits the task can be recommended.")
    return Card().add(EmptyState("models", _tr("Nothing is left out"), text))


def nothing_fits(context: str, text: str, *steps: Step) -> QWidget:
    """No model can be recommended: what is missing, and what would help."""
    title = _tr("Nothing can be recommended at {0}").format(context)
    return Card().add(EmptyState("models", title, text, *(step.make() for step in steps)))
