"""What a provider told, in memory while it is looked at: to keep it, nobody is asked again."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

from landfall.core.errors import AppError
from landfall.core.usage.rows import Read


class Gathered:
    """Asks while it is read for the first time; read again, it goes on where it was left.

    A provider adds its usage up by the hour or the day, so that a year of it is small.
    """

    def __init__(self, reads: AsyncGenerator[Read, None]) -> None:
        self._reads = reads
        self._came: list[Read] = []
        self._failure: AppError | None = None

    async def __aiter__(self) -> AsyncIterator[Read]:
        for read in self._came:
            yield read
        if self._failure is not None:
            # Half of what was asked for is not taken for the whole of it.
            raise self._failure
        try:
            async for read in self._reads:
                self._came.append(read)
                yield read
        except AppError as error:
            self._failure = error
            raise
