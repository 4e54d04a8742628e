"""The protocol twin on a thread of its own, for tests that run a loop or a process themselves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.fakes.ollama_twin import NEW, Twin

T = TypeVar("T")


class TwinThread:
    """`with TwinThread(folder) as server:` serves until the block ends.

    Attributes:
        twin: The twin itself; change its faults and pace from anywhere.
    """

    def __init__(self, folder: Path, version: str = NEW) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ollama-twin")
        self._folder = folder
        self._version = version
        self.twin: Twin

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run something where the twin runs."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=30)

    def __enter__(self) -> Self:
        self._thread.start()
        self.twin = self.call(self._make())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.call(self.twin.server.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _make(self) -> Twin:
        twin = Twin(self._folder, version=self._version)
        await twin.server.start()
        return twin
