"""A question to a service from the Cloud page, and what came of it with what it is about."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from landfall.core.errors import AppError

Work = Callable[[], Coroutine[Any, Any, Any]]
"""Made where it runs: a coroutine that is cancelled before it began was never awaited."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question about a provider, or of a numbered one.

    Results reach the desk through slots of its own, which end with it; so they carry along what
    they are about.
    """

    about: Any
    value: Any = None
    error: AppError | None = None


async def answered(about: Any, work: Work) -> Answer:
    """The outcome of some work, with what it is about."""
    try:
        return Answer(about, await work())
    except AppError as error:
        return Answer(about, error=error)
