"""Says that a model only stands for one in a cloud, and lets the user allow it or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot

from landfall.gui.widgets.feedback import State, StateLine

if TYPE_CHECKING:
    from landfall.gui.run.targets import LocalTarget


class RemoteLine(StateLine):
    """Shown while such a model is chosen. What was allowed stays so until the program ends.

    Signals:
        changed: A model was allowed, or forbidden again.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__(State.PARTIAL, "")
        self.setObjectName("remote-model")
        self._allowed: set[str] = set()
        self._model = ""
        self.triggered.connect(self.on_allow)
        self.hide()

    def allows(self, target: LocalTarget) -> bool:
        """Whether the user allowed this model, which is in a cloud."""
        return target.in_cloud and target.model in self._allowed

    def problem(self, target: LocalTarget) -> str:
        """Why this model cannot be asked now, or ""."""
        if target.in_cloud and not self.allows(target):
            return self.tr("{0} is a model in a cloud: allow it first.").format(target.model)
        return ""

    def show_for(self, target: LocalTarget | None) -> None:
        """Show whether this model may be asked; nothing for one that runs here."""
        self.setVisible(target is not None and target.in_cloud)
        if target is None or not target.in_cloud:
            return
        self._model = target.model
        name = self.tr("{0} is a model in a cloud").format(target.model)
        if self.allows(target):
            self.show_line(
                State.PARTIAL,
                name,
                self.tr("Allowed: what you ask leaves this machine, and is listed in History."),
                action=self.tr("Forbid"),
            )
        else:
            self.show_line(
                State.FAILED,
                name,
                self.tr("Refused: what you ask would leave this machine through Ollama."),
                action=self.tr("Allow it"),
            )

    @Slot()
    def on_allow(self) -> None:
        """The user allows the model in a cloud, or forbids it again."""
        self._allowed ^= {self._model}
        self.changed.emit()
