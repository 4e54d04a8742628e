"""SIGTERM and SIGINT close the window as its button does, without a timer that looks for them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from landfall.services.ending_signals import EndingSignals


class QuitSignals(QObject):
    """Turns the signals into a quit of the event loop; see `EndingSignals`."""

    _came = Signal()

    def __init__(
        self,
        parent: QObject,
        *,
        begin_end: Callable[[], object],
        finish_end: Callable[[], object],
    ) -> None:
        super().__init__(parent)
        self._came.connect(self.on_signal)
        self._signals = EndingSignals(
            came=self._came.emit, begin_end=begin_end, finish_end=finish_end
        )

    @Slot()
    def on_signal(self) -> None:
        """A signal came: end now. `quit` would ask the window, which may ask the user."""
        QCoreApplication.exit(0)

    def close(self) -> None:
        """Give the signals back."""
        self._signals.close()
