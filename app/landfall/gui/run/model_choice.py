"""Chooses a model of the server in use, and keeps it where the list comes anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Slot

from landfall.gui.run.targets import LocalTarget, first_choice
from landfall.gui.widgets.controls import Choice

if TYPE_CHECKING:
    from landfall.core.hosts.runtime import LoadedModel


class ModelChoice(Choice):
    """The models that write text.

    Attributes:
        targets: In the order of the list.
    """

    def __init__(self) -> None:
        super().__init__(self.tr("Model"), (), width=210)
        self.setObjectName("run-model")
        self.targets: tuple[LocalTarget, ...] = ()
        self._wanted = ""
        self.activated.connect(self._on_picked)

    @property
    def target(self) -> LocalTarget | None:
        """The one that is chosen."""
        index = self.currentIndex()
        return self.targets[index] if 0 <= index < len(self.targets) else None

    def want(self, model: str) -> None:
        """Choose this one when the list comes next, or when it holds it."""
        self._wanted = model

    @Slot()
    def _on_picked(self) -> None:
        """What the user picks is not taken back by what was asked for before."""
        self._wanted = ""

    def offer(
        self,
        targets: tuple[LocalTarget, ...],
        loaded: Sequence[LoadedModel],
    ) -> None:
        """These are there now; nothing is emitted."""
        before = self.target
        same = targets == self.targets and self.count() == len(targets)
        self.targets = targets
        wanted = self._wanted or (before.model if before else "")
        chosen = first_choice(self.targets, loaded, wanted)
        if chosen < 0 and not self._wanted:
            chosen = first_choice(self.targets, loaded, "")
        elif chosen >= 0:
            self._wanted = ""
        self.blockSignals(True)
        if not same:  # to measure ten thousand names takes its time
            self._list()
        self.setCurrentIndex(chosen)
        self.setPlaceholderText(self._wanted or self.tr("No model"))
        self.blockSignals(False)

    def _list(self) -> None:
        self.clear()
        # "Here" is said beside it already; a long name would hide its end behind that.
        here = f", {QCoreApplication.translate('run', 'this machine')}"
        self.addItems([target.label.removesuffix(here) for target in self.targets])
