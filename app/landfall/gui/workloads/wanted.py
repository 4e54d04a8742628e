"""Which workload should be seen, and whether as a verdict or as its quality gate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from landfall.gui.workloads.next_step import GATE

if TYPE_CHECKING:
    from landfall.services.verdict.decided import Entry


class Wanted:
    """Remembers what was asked for until there is a verdict to show.

    Attributes:
        name: The workload to show, or "".
    """

    def __init__(self) -> None:
        self.name = ""
        self._stored = self._gate = ""

    @property
    def is_coming(self) -> bool:
        """Whether it was stored and is being decided."""
        return self._stored == self.name != ""

    @property
    def as_gate(self) -> bool:
        """Whether its quality gate was asked for."""
        return self._gate == self.name

    def read(self, detail: str) -> str:
        """The workload that a jump names; a jump to a gate is remembered."""
        if not detail.startswith(GATE):
            return detail
        self._gate = detail.removeprefix(GATE)
        return self._gate

    def show(self, name: str) -> None:
        """This one is asked for; a gate of another no more."""
        self.name = name
        if name != self._gate:
            self._gate = ""

    def expect(self, name: str) -> None:
        """This one was stored, and its verdict will come."""
        self.name = self._stored = name

    def arrived(self) -> None:
        """The verdict is there."""
        self._stored = ""

    def gate_opened(self) -> None:
        """The gate that was asked for is shown."""
        self._gate = ""

    def find(self, entries: Sequence[Entry]) -> Entry | None:
        """The wanted one; else the first of the user's own, else the first."""
        found = self.saved_as(entries)
        if found is None and not self.is_coming:
            own = (one for one in entries if not one.saved.sample)
            found = next(own, entries[0] if entries else None)
            self.name = found.saved.name if found is not None else ""
        return found

    def saved_as(self, entries: Sequence[Entry]) -> Entry | None:
        """The wanted one, where it is among them."""
        return next((one for one in entries if one.saved.name == self.name), None)
