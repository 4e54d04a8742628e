"""An egress log in memory."""

from __future__ import annotations

from dataclasses import replace

from landfall.services.history.records import EgressEntry


class MemoryLog:
    def __init__(self) -> None:
        self.entries: list[EgressEntry] = []

    async def record_egress(self, entry: EgressEntry) -> int:
        self.entries.append(entry)
        return len(self.entries) - 1

    async def finish_egress(self, row: int, *, received_bytes: int, outcome: str) -> None:
        self.entries[row] = replace(
            self.entries[row], received_bytes=received_bytes, outcome=outcome
        )
